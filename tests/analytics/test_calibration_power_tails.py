"""A price of power made of known parts, tails and a slow level among them, taken apart again."""

import math

import numpy as np
import pytest

from headframe.analytics.calibration_power_tails import NAMES, fit_power_with_tails, pairs
from headframe.units import HOUR_S, YEAR_S

TS = 1_577_836_800.0
SPREAD, UP, DOWN = 6.0, 0.8, 0.5


def made(n, *, seed=3, spikes_per_year=20.0):
    """Half-lives of 5 h (7/10 of the variance) and 20 d, tails 0.8 and 0.5, spikes of 300 USD."""
    rng = np.random.default_rng(seed)
    ts = TS + HOUR_S * np.arange(n)
    fast, slow = 2.0 ** (-1 / 5.0), 2.0 ** (-1 / 480.0)
    x, level, s, price = 0.0, 0.0, 0.0, np.empty(n)
    shocks = rng.standard_normal((n, 3))
    comes = rng.random(n) < spikes_per_year / 8_760.0
    for i in range(n):
        x = fast * x + math.sqrt(0.7 * (1.0 - fast**2)) * shocks[i, 0]
        level = slow * level + math.sqrt(0.3 * (1.0 - slow**2)) * shocks[i, 1]
        s = 0.5 * s + (300.0 * math.exp(0.5 * shocks[i, 2]) if comes[i] else 0.0)
        y = x + level
        tail = UP if y > 0.0 else DOWN
        price[i] = 25.0 + SPREAD * math.sinh(tail * y) / tail + s
    return ts, price


@pytest.fixture(scope="module")
def found():
    return fit_power_with_tails(*made(6 * 8_760), dt_s=HOUR_S).fit.estimates


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("half_life_s", 5 * HOUR_S),
        ("volatility", SPREAD * math.sqrt(0.7 * 2.0 * math.log(2.0) * YEAR_S / (5 * HOUR_S))),
        ("level_half_life_s", 480 * HOUR_S),
        ("tail_up", UP),
        ("tail_down", DOWN),
        ("spikes_per_year", 20.0),
        ("spike_median", 300.0),
        ("spike_half_life_s", HOUR_S),
    ],
)
def test_the_parts_are_found_again(found, name, true):
    # within a third: what the tails take of the spikes; the slow level within two of its errors
    one = found[name]
    assert abs(one.value - true) < max(0.34 * true, 2.0 * one.se)


def test_every_estimate_has_an_error(found):
    assert set(NAMES) <= set(found)
    assert all(one.se >= 0.0 for one in found.values())
    assert 0.0 < found["tail_up"].se < 0.5


def test_a_price_without_spikes_has_hardly_any():
    calm = fit_power_with_tails(*made(3 * 8_760, spikes_per_year=0.0), dt_s=HOUR_S).fit.estimates
    assert calm["spikes_per_year"].value < 15.0


def test_pairs_stand_apart_by_time_and_not_by_row():
    early, late = pairs(np.array([0.0, 1.0, 2.0, 5.0, 6.0]) * HOUR_S, HOUR_S)
    assert list(zip(early, late, strict=True)) == [(0, 1), (1, 2), (3, 4)]
