"""Discounts for a lock-up, against published tables and by simulation."""

import math

import numpy as np
import pytest

from headframe.analytics.lockup import average_price_discount, perfect_timing_discount
from headframe.errors import InputError


@pytest.mark.parametrize(
    ("volatility", "years", "published"),
    [(0.1, 1, 0.08232), (0.3, 1, 0.26276), (0.3, 2, 0.38605)],
)
def test_longstaffs_table(volatility, years, published):
    """Three cells of Table I of Longstaff (1995), in per cent with three digits."""
    assert perfect_timing_discount(volatility, years) == pytest.approx(published, abs=1e-5)


def test_the_bound_is_the_mean_of_the_maximum():
    """E[max S] / S0 - 1 of a martingale, by simulation with the maximum between steps."""
    rng = np.random.default_rng(1)
    n, steps, sigma = 40_000, 250, 0.5
    dt = 1.0 / steps
    x, top = np.zeros(n), np.zeros(n)
    for _ in range(steps):
        step = -0.5 * sigma**2 * dt + sigma * math.sqrt(dt) * rng.standard_normal(n)
        spread = np.sqrt(step**2 - 2 * sigma**2 * dt * np.log(rng.random(n)))
        top = np.maximum(top, x + (step + spread) / 2)
        x = x + step
    values = np.exp(top) - 1.0
    error = values.std() / math.sqrt(n)
    assert abs(values.mean() - perfect_timing_discount(0.5, 1.0)) < 4 * error


def test_the_average_is_bounded_and_grows():
    found = [average_price_discount(s, 1.0) for s in (0.0, 1e-3, 0.1, 0.5, 1.0, 3.0, 30.0)]
    assert found == sorted(found)
    assert found[0] == 0.0
    assert found[-1] == pytest.approx(0.3228, abs=1e-4)
    for volatility in (0.1, 0.5, 1.0):
        assert average_price_discount(volatility, 1.0) < perfect_timing_discount(volatility, 1.0)


def test_small_variances_meet_the_formula():
    """v^2 -> s / 3: both sides of the switch agree."""
    low, high = average_price_discount(1.0, 0.999e-3), average_price_discount(1.0, 1.001e-3)
    assert high / low == pytest.approx(math.sqrt(1.001 / 0.999), rel=1e-3)


def test_what_it_pays_while_locked_shrinks_the_discount():
    ratio = average_price_discount(0.8, 2.0, yield_apr=0.1) / average_price_discount(0.8, 2.0)
    assert ratio == pytest.approx(math.exp(-0.2))


def test_nonsense_is_named():
    with pytest.raises(InputError, match="volatility"):
        average_price_discount(-1.0, 1.0)
    with pytest.raises(InputError, match="years"):
        perfect_timing_discount(1.0, -1.0)
