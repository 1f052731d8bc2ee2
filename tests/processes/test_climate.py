"""
Sources of expected values: the season by the calendar, written out; the mean of a cosine over a
span from SciPy's quadrature; mean and variance of an Ornstein-Uhlenbeck process at a time.
"""

import doctest
import math
from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad

from headframe.processes import climate as module
from headframe.processes.climate import Climate

HOUR_S, DAY_S = 3_600.0, 86_400.0
JULY_TS = datetime(2026, 7, 1, tzinfo=UTC).timestamp()
NAME = "texas_ambient_c"


def climate(**changes):
    return Climate(name="texas", **({"mean_c": 18.0} | changes))


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("utc_offset_h", [0.0, -6.0])
def test_the_warmest_hour_is_local_and_a_step_has_the_mean_of_its_hour(walk, utc_offset_h):
    process = climate(daily_c=7.0, warmest_hour=15.0, utc_offset_h=utc_offset_h)
    ticks = walk([process], 48, step_s=HOUR_S, n_paths=2, start_ts=JULY_TS)
    for k, now in enumerate(ticks):
        begin = k + utc_offset_h  # the hour that begins now
        wave, _ = quad(lambda h: math.cos(2 * math.pi * (h - 15.0) / 24.0), begin, begin + 1)
        assert now[NAME] == pytest.approx(18.0 + 7.0 * wave, abs=1e-9)


def test_a_daily_step_has_the_days_mean(walk):
    for now in walk([climate(daily_c=7.0)], 5, n_paths=1, start_ts=JULY_TS + 7 * HOUR_S):
        assert now[NAME] == pytest.approx(18.0, abs=1e-9)


def test_the_year_is_warmest_on_its_day(walk):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ticks = walk([climate(yearly_c=10.0)], 364, n_paths=1, start_ts=start.timestamp())
    found = np.array([now[NAME][0] for now in ticks])
    days = np.arange(365) + 0.5
    expected = 18.0 + 10.0 * np.cos(2.0 * math.pi * (days - 200.0) / 365.0)
    # the calendar's leap days shift the year by less than a day either way
    assert np.abs(found - expected).max() < 10.0 * 2.0 * math.pi / 365.0 * 1.5
    assert abs(int(found.argmax()) - 200) <= 1
    assert found.max() - found.min() == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize(("step_s", "n_steps"), [(HOUR_S, 36), (DAY_S, 3), (3 * DAY_S, 1)])
def test_the_weather_has_its_exact_mean_and_deviation(end, step_s, n_steps):
    """x(t) ~ N(x0 2^(-t/h), sd^2 (1 - 2^(-2t/h))); bounds: 4 standard errors."""
    n = 40_000
    process = climate(weather_sd_c=4.0, weather_half_life_s="2d", start_deviation_c=5.0)
    found = end([process], n_steps, step_s=step_s, n_paths=n, start_ts=JULY_TS)[NAME]
    t = step_s * n_steps / (2 * DAY_S)
    mean, sd = 18.0 + 5.0 * 2.0**-t, 4.0 * math.sqrt(1.0 - 4.0**-t)
    assert abs(found.mean() - mean) < 4.0 * sd / math.sqrt(n)
    assert abs(found.std() - sd) < 4.0 * sd / math.sqrt(2 * n)


def test_todays_weather_tells_of_tomorrows(walk):
    """Correlation over a day at a half-life of a day: 1/2; its error is (1 - r^2) / sqrt(n)."""
    n = 40_000
    process = climate(weather_sd_c=4.0, weather_half_life_s="1d")
    ticks = [now[NAME].copy() for now in walk([process], 21, n_paths=n, start_ts=JULY_TS)]
    r = np.corrcoef(ticks[20], ticks[21])[0, 1]
    assert abs(r - 0.5) < 4.0 * 0.75 / math.sqrt(n)


def test_without_weather_every_path_is_the_season(end):
    now = end([climate(yearly_c=10.0, start_deviation_c=0.0)], 9, n_paths=50, start_ts=JULY_TS)
    assert np.ptp(now[NAME]) == 0.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mean_c": 291.0}, "mean_c"),
        ({"yearly_c": -1.0}, "yearly_c"),
        ({"warmest_hour": 25.0}, "warmest_hour"),
        ({"weather_half_life_s": 0.0}, "weather_half_life_s"),
    ],
)
def test_impossible_climates_are_refused(changes, says):
    with pytest.raises(ValidationError, match=says):
        climate(**changes)
