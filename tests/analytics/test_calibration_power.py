"""A price of power made of known parts, taken apart again."""

import math

import numpy as np
import pytest

from headframe.analytics.calibration_power import fit_power
from headframe.errors import InputError
from headframe.units import DAY_S, HOUR_S, YEAR_S

TS = 1_577_836_800.0
BY_HOUR = 6.0 * np.sin(2.0 * np.pi * np.arange(24) / 24.0)


def made(n, dt_s, *, seed=1, spikes_per_year=100.0, yearly=0.0):
    """Season, a deviation of half-life 6 h and volatility 300, spikes of 150 that halve in 2 h."""
    rng = np.random.default_rng(seed)
    ts = TS + dt_s * np.arange(n)
    b, k = 2.0 ** (-dt_s / (6 * HOUR_S)), math.log(2.0) * YEAR_S / (6 * HOUR_S)
    x, s = np.zeros(n), np.zeros(n)
    sd = 300.0 * math.sqrt((1.0 - b * b) / (2.0 * k))
    chance = -math.expm1(-spikes_per_year * dt_s / YEAR_S)
    for i in range(1, n):
        x[i] = b * x[i - 1] + sd * rng.standard_normal()
        s[i] = 2.0 ** (-dt_s / (2 * HOUR_S)) * s[i - 1]
        if rng.random() < chance:
            s[i] += (
                150.0 * math.exp(0.3 * rng.standard_normal()) * (1 if rng.random() < 0.8 else -1)
            )
    season = 30.0 + BY_HOUR[(ts % DAY_S // HOUR_S).astype(int)] if dt_s <= HOUR_S else 30.0
    weekend = -4.0 * ((ts - 4 * DAY_S) % (7 * DAY_S) >= 5 * DAY_S)
    year = yearly * np.cos(2.0 * np.pi * (ts / (365.2425 * DAY_S) - 200.0 / 365.0))
    return ts, season + weekend + year + x + s


@pytest.fixture(scope="module")
def hourly():
    return fit_power(*made(5 * 8_760, HOUR_S), dt_s=HOUR_S)


@pytest.mark.parametrize(
    ("name", "true", "filter_s"),
    [
        # what the filter mistakes is allowed beside 4 standard errors: tails of the deviation that
        # are called spikes (1 in 370 of a normal), tails of spikes that are not
        ("mean", 30.0, 0.2),
        ("weekend", -4.0, 0.2),
        ("half_life_s", 6 * HOUR_S, 0.0),
        ("volatility", 300.0, 1.0),
        ("spikes_per_year", 100.0, 0.0),
        ("spike_half_life_s", 2 * HOUR_S, 600.0),
    ],
)
def test_the_parts_are_found_again(hourly, name, true, filter_s):
    one = hourly.fit.estimates[name]
    assert abs(one.value - true) < 4.0 * one.se + filter_s, one


def test_spikes_are_found_with_their_size_and_direction(hourly):
    found = hourly.fit.estimates
    # the tails of the deviation join the spikes: some of them are small, and either way
    assert 115.0 < found["spike_median"].value < 155.0
    assert 0.72 < found["spike_up_share"].value < 0.82


def test_the_hours_are_found_and_sum_to_nothing(hourly):
    assert np.abs(np.array(hourly.by_hour) - BY_HOUR).max() < 1.5
    assert sum(hourly.by_hour) == pytest.approx(0.0, abs=1e-9)


def test_a_clock_six_hours_behind_moves_the_hours():
    ts, prices = made(8_760, HOUR_S, spikes_per_year=0.0)
    shifted = fit_power(ts, prices, dt_s=HOUR_S, utc_offset_h=-6.0).by_hour
    assert np.abs(np.array(shifted) - np.roll(BY_HOUR, -6)).max() < 3.0


def test_the_year_is_fitted_where_there_are_two():
    two = fit_power(*made(4 * 365, DAY_S, yearly=12.0), dt_s=DAY_S).fit.estimates
    one = fit_power(*made(365, DAY_S, yearly=12.0), dt_s=DAY_S).fit.estimates
    assert "yearly" not in one
    assert abs(two["yearly"].value - 12.0) < 4.0 * two["yearly"].se
    # days of the year to days of the calendar: the leap years move them by a day
    assert abs(two["yearly_peak_day"].value - 200.0) < 4.0 * two["yearly_peak_day"].se + 1.0


def test_months_without_the_rest_of_the_year_give_no_year():
    ts, prices = made(6 * 8_760, HOUR_S, spikes_per_year=0.0)
    january = ts % (365.2425 * DAY_S) < 31 * DAY_S
    found = fit_power(ts[january], prices[january], dt_s=HOUR_S).fit.estimates
    assert "yearly" not in found


def test_a_price_without_spikes_has_few():
    found = fit_power(*made(8_760, HOUR_S, spikes_per_year=0.0), dt_s=HOUR_S).fit.estimates
    # 1 in 370 normal hours lies beyond three deviations, and they come in runs
    assert found["spikes_per_year"].value < 8_760 / 370


def test_too_few_rows_are_refused():
    with pytest.raises(InputError, match="at least 300"):
        fit_power(*made(100, HOUR_S), dt_s=HOUR_S)
