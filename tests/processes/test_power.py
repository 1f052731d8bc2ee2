"""The price of power: its season on the calendar, its deviation, its spikes."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.power import Power
from headframe.units import HOUR_S, YEAR_S

STEADY = {"half_life_s": "6h", "volatility": 0.0}
START = datetime(2026, 3, 1, tzinfo=UTC)
TS = START.timestamp()
BY_HOUR = tuple(float(3 * h - 36) for h in range(24))


def power(**changes):
    return Power(name="ercot_usd_per_mwh", **({"mean": 30.0} | STEADY | changes))


def test_hours_are_local_and_belong_to_the_step_that_ends(walk):
    process = power(by_hour=BY_HOUR, utc_offset_h=-6.0)
    ticks = walk([process], 48, step_s=HOUR_S, n_paths=2, start_ts=TS)
    next(ticks)
    for k, now in enumerate(ticks):
        local = START + timedelta(hours=k - 6)
        assert now["ercot_usd_per_mwh"] == pytest.approx(30.0 + BY_HOUR[local.hour])


def test_a_daily_step_sees_the_whole_day(end):
    now = end([power(by_hour=BY_HOUR)], 3, n_paths=1, start_ts=TS)
    assert now["ercot_usd_per_mwh"] == pytest.approx(30.0 + np.mean(BY_HOUR))


def test_weekends_are_the_calendars(walk):
    ticks = walk([power(weekend=-8.0)], 14, n_paths=1, start_ts=TS)
    next(ticks)
    for k, now in enumerate(ticks):
        weekend = (START + timedelta(days=k)).weekday() >= 5
        assert now["ercot_usd_per_mwh"] == pytest.approx(22.0 if weekend else 30.0)


def test_the_year_peaks_on_its_day(walk):
    process = power(yearly=10.0, yearly_peak_day=200.0, half_yearly=4.0, half_yearly_peak_day=30.0)
    prices = [
        now["ercot_usd_per_mwh"][0]
        for now in walk(
            [process], 365, n_paths=1, start_ts=datetime(2026, 1, 1, tzinfo=UTC).timestamp()
        )
    ]
    days = np.arange(365)
    turn = 2.0 * math.pi / 365.0
    expected = 30.0 + 10.0 * np.cos(turn * (days - 200)) + 4.0 * np.cos(2 * turn * (days - 30))
    # the calendar's leap days shift the year by less than a day either way
    assert np.abs(np.array(prices[:365]) - expected).max() < 18.0 * turn * 1.5


def test_a_book_that_starts_at_noon_opens_at_noons_price(walk):
    for hour in (1, 13):
        ticks = walk([power(by_hour=BY_HOUR)], 1, n_paths=1, start_ts=TS + hour * HOUR_S)
        assert next(ticks)["ercot_usd_per_mwh"][0] == pytest.approx(30.0 + BY_HOUR[hour - 1])


@pytest.mark.parametrize("step_s", [900.0, HOUR_S, 4 * HOUR_S])
def test_the_deviation_is_an_ornstein_uhlenbeck(end, within, step_s):
    process = power(volatility=400.0, start_deviation=20.0)
    x = end([process], round(12 * HOUR_S / step_s), step_s=step_s)["ercot_usd_per_mwh"]
    within(x, 30.0 + 20.0 * 0.25)
    k = math.log(2.0) * YEAR_S / (6 * HOUR_S)
    variance = 400.0**2 * (1.0 - 2.0**-4) / (2.0 * k)
    within((x - x.mean()) ** 2, variance)


def spiky(**changes):
    usual = {
        "spikes_per_year": 200.0,
        "spike_median": 100.0,
        "spike_sd": 0.5,
        "spike_half_life_s": "2h",
    }
    return power(**(usual | changes))


def test_spikes_have_the_rate_and_size_stated(end, within):
    # chance p a step, E|J| = median exp(sd^2 / 2), summed over a decay by half in two steps
    process = spiky()
    x = end([process], 40, step_s=HOUR_S, n_paths=60_000)["ercot_usd_per_mwh"]
    p = process.spike_chance(HOUR_S)
    assert p == pytest.approx(-math.expm1(-200.0 / 8760.0))
    size = 100.0 * math.exp(0.125)
    within(x, 30.0 + p * size / (1.0 - 2.0**-0.5))


def test_a_spike_halves_in_its_half_life(walk):
    process = spiky(spike_sd=0.0, spikes_per_year=50.0)
    rows = np.array(
        [now["ercot_usd_per_mwh"].copy() for now in walk([process], 6, step_s=HOUR_S, n_paths=4000)]
    )
    struck = np.abs(rows[1] - 130.0) < 1e-9
    quiet = struck & (np.diff(rows, axis=0)[1:] < 1e-9).all(axis=0)
    assert quiet.sum() > 5
    assert np.allclose(rows[3, quiet] - 30.0, 50.0)


def test_spikes_go_both_ways_and_prices_below_zero(end):
    x = end([spiky(spike_up_share=0.25)], 30, step_s=HOUR_S)["ercot_usd_per_mwh"]
    up, down = (x > 31.0).sum(), (x < 29.0).sum()
    n = up + down
    assert up / n == pytest.approx(0.25, abs=0.03)
    assert x.min() < 0.0


def test_the_markets_limits_hold(end):
    wild = spiky(spike_median=5000.0, spike_up_share=0.5, cap=500.0, floor=-50.0)
    x = end([wild], 30, step_s=HOUR_S)["ercot_usd_per_mwh"]
    assert (x.min(), x.max()) == (-50.0, 500.0)


def test_bad_profiles_and_limits_are_refused():
    with pytest.raises(ValidationError, match="24"):
        power(by_hour=(1.0,) * 23)
    with pytest.raises(ValidationError, match="floor must be below cap"):
        power(floor=10.0, cap=-10.0)


def test_a_slow_level_and_tails_have_the_moments_of_their_law(walk):
    """Level and deviation are one normal of spread S; stretched, its quantiles are the map's."""
    fast, slow = (
        2.0 * math.log(2.0) * YEAR_S / 6 / HOUR_S,
        2.0 * math.log(2.0) * YEAR_S / 48 / HOUR_S,
    )
    process = power(
        half_life_s="6h",
        volatility=6.0 * math.sqrt(fast),
        level_half_life_s="48h",
        level_volatility=8.0 * math.sqrt(slow),
        tail_up=1.2,
        tail_down=0.6,
    )
    assert process.spread() == pytest.approx(10.0)
    *_, now = walk([process], 30 * 24, step_s=HOUR_S, n_paths=20_000, start_ts=TS)
    prices = now["ercot_usd_per_mwh"] - 30.0
    for share, z in ((0.05, -1.6448536), (0.25, -0.6744898), (0.75, 0.6744898), (0.99, 2.3263479)):
        tail = 1.2 if z > 0.0 else 0.6
        expected = 10.0 * math.sinh(tail * z) / tail
        slope = 10.0 * math.cosh(tail * z)
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        se = slope * math.sqrt(share * (1.0 - share) / prices.size) / density
        assert abs(np.quantile(prices, share) - expected) < 4.0 * se


def test_the_level_has_a_memory_of_its_own(walk):
    process = power(volatility=0.0, level_half_life_s="48h", level_volatility=300.0)
    assert process.normals == ("ercot_usd_per_mwh", "ercot_usd_per_mwh.level")
    seen = [now["ercot_usd_per_mwh"].copy() for now in walk([process], 360, step_s=HOUR_S)]
    # after many half-lives: 48 hours apart the correlation is one half
    assert np.corrcoef(seen[-49], seen[-1])[0, 1] == pytest.approx(0.5, abs=4.0 * 0.75 / 141.0)


def test_it_opens_where_it_is_said_to(walk):
    process = power(start_deviation=3.0, start_level=4.0, volatility=100.0, tail_up=1.0)
    now = next(walk([process], 1, step_s=HOUR_S, n_paths=1, start_ts=TS))
    spread = process.spread()
    assert now["ercot_usd_per_mwh"] == pytest.approx(30.0 + spread * math.sinh(7.0 / spread))
