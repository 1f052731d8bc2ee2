"""
Sources of expected values: the hours of a day written out; the telegraph process's stationary share
and autocorrelation (exp(-(a + b) dt) for turning rates a and b); the logit-normal's quantiles; and
a mine on flared gas, hour by hour.
"""

import doctest
import math

import numpy as np
import pytest
from scipy import stats
from scripted import played, seat

from headframe.book import Book
from headframe.positions.mine import Mine
from headframe.processes import intermittent as module
from headframe.processes.constant import Constant
from headframe.processes.intermittent import Intermittent
from headframe.scenarios.model import Model

HOUR_S, DAY_S = 3_600.0, 86_400.0
MIDNIGHT_TS = 1_780_272_000.0
"""The first of June 2026."""
SUN = tuple(math.sin(math.pi * (h - 6) / 12) if 6 <= h < 18 else 0.0 for h in range(24))
RIG = {"model": "rig", "count": 1_000, "hashrate_th_s": 100.0, "power_w": 2_000.0}
"""2 MW."""


def seen(process, *, n_paths=1, hours=24, step_s=HOUR_S, power=None):
    """The share after each step, one row a step; and the load of a mine that lives on it."""
    mine = Mine(
        name="mine",
        fleet={"machines": [RIG]},
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "onsite", "capacity_mw": 4.0, "available": process.name} | (power or {}),
        difficulty=1e14,
        subsidy=3.125,
        fees=0.0,
    )
    book = Book(
        name="site",
        scenario=Model(processes=(Constant(name="btc_usd", value=60_000.0), process)),
        wallet={"usd": 1e6},
        positions=(mine,),
        step_s=step_s,
        horizon_s=hours * HOUR_S,
        start_ts=MIDNIGHT_TS,
    )
    shares, loads = [], []

    def watch(chunk):
        if chunk.now.step:
            shares.append(chunk.now.world[process.name].copy())
            loads.append(seat(chunk, "mine").state["energy_kwh"] / (step_s / HOUR_S) / 2_000.0)

    played(book, n_paths=n_paths, watchers=[watch])
    return np.array(shares), np.array(loads)


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_sun_follows_the_hours_of_the_place():
    here, _ = seen(Intermittent(name="sun_power_share", by_hour=SUN))
    np.testing.assert_allclose(here[:, 0], SUN, atol=1e-12)
    there, _ = seen(Intermittent(name="sun_power_share", by_hour=SUN, utc_offset_h=-6.0))
    np.testing.assert_allclose(there[:, 0], np.roll(SUN, 6), atol=1e-12)


def test_a_daily_step_has_the_days_mean():
    shares, _ = seen(Intermittent(name="sun_power_share", by_hour=SUN), hours=48, step_s=DAY_S)
    np.testing.assert_allclose(shares[:, 0], np.mean(SUN))


def test_a_mine_on_the_sun_runs_as_far_as_it_shines():
    """4 MW of panels, 2 MW of machines: full load above half of the sun."""
    _, loads = seen(Intermittent(name="sun_power_share", by_hour=SUN))
    np.testing.assert_allclose(loads[:, 0], np.minimum(2.0 * np.array(SUN), 1.0), atol=1e-12)


def test_a_well_flows_and_stops_in_turn():
    """Turning rates of 1/30 and 1/10 an hour: it flows 3/4 of the time."""
    well = Intermittent(name="well_flow_share", flows_s="30h", stops_s="10h")
    shares, loads = seen(well, n_paths=4_000, hours=120)
    assert set(np.unique(shares)) == {0.0, 1.0}
    np.testing.assert_array_equal(loads, shares)  # the mine stands when the well does
    forgotten = math.exp(-(1 / 30 + 1 / 10) * 120)
    expected = 0.75 + 0.25 * forgotten
    assert abs(shares[-1].mean() - expected) < 4.0 * math.sqrt(0.75 * 0.25 / 4_000)
    late = shares[60:]
    together = np.mean((late[:-6] - 0.75) * (late[6:] - 0.75)) / (0.75 * 0.25)
    assert together == pytest.approx(math.exp(-6 * (1 / 30 + 1 / 10)), abs=0.02)


def test_with_a_grid_the_rest_is_bought():
    well = Intermittent(name="well_flow_share", flows_s="30h", stops_s="10h")
    grid = {"kind": "fixed", "usd_per_mwh": 60.0}
    _, loads = seen(well, n_paths=50, hours=60, power={"grid": grid})
    np.testing.assert_array_equal(loads, 1.0)


def test_the_weather_has_its_quantiles_and_its_memory():
    wind = Intermittent(name="wind_power_share", median=0.3, spread=1.2, half_life_s="6h")
    shares, _ = seen(wind, n_paths=4_000, hours=72)
    for q in (0.1, 0.5, 0.9):
        logit = math.log(0.3 / 0.7) + 1.2 * stats.norm.ppf(q)
        expected = 1.0 / (1.0 + math.exp(-logit))
        assert np.mean(shares[-1] < expected) == pytest.approx(q, abs=4.0 * math.sqrt(q / 4_000))
    logits = np.log(shares / (1.0 - shares))
    assert np.corrcoef(logits[-1], logits[-7])[0, 1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "nothing varies"),
        ({"by_hour": SUN[:23]}, "by_hour"),
        ({"by_hour": (1.2, *SUN[1:])}, "less than or equal to 1"),
        ({"median": 1.0}, "less than 1"),
        ({"spread": 1.0, "by_hour": SUN}, "needs a median"),
        ({"flows_s": "3d"}, "flows_s and stops_s"),
        ({"flows_s": "0d", "stops_s": "1d"}, "greater than 0"),
    ],
)
def test_nonsense_is_named(changes, says):
    with pytest.raises(ValueError, match=says):
        Intermittent(name="well_flow_share", **changes)
