"""
Expected time inside a range: scipy's functions, quadrature, finite differences, simulated paths.
"""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from headframe.kernels.occupation import bar_share, bridge_share, erfcx


def test_erfcx_is_scipys():
    w = np.concatenate([np.linspace(0.0, 20.0, 4_001), np.logspace(1.3, 12.0, 500)])
    found = np.array([erfcx(float(x)) for x in w])
    assert np.max(np.abs(found / special.erfcx(w) - 1.0)) < 1e-14


@pytest.mark.parametrize("ends", [(0.0, 0.3), (0.0, 0.0), (0.2, -0.4)])
@pytest.mark.parametrize(
    "bounds", [(-0.1, 0.2), (0.35, 0.5), (-2.0, 2.0), (-0.6, -0.1), (0.1, 9.0)]
)
@pytest.mark.parametrize("variance", [0.01, 0.1, 1.0])
def test_a_bridge_by_quadrature(ends, bounds, variance):
    """Mean over time of the chance that a bridge at time t, normal, is inside."""
    start, end = ends

    def inside(t):
        law = stats.norm(start + (end - start) * t, math.sqrt(variance * t * (1.0 - t)))
        return law.cdf(bounds[1]) - law.cdf(bounds[0])

    expected = integrate.quad(inside, 0.0, 1.0, limit=400, epsabs=1e-11)[0]
    assert bridge_share(start, end, variance, *bounds) == pytest.approx(expected, abs=1e-8)


def test_a_bridge_without_chance_is_the_share_of_the_move():
    assert bridge_share(0.0, 1.0, 0.0, 0.25, 0.75) == pytest.approx(0.5, abs=1e-9)
    assert bridge_share(1.0, -1.0, 1e-18, 0.0, 5.0) == pytest.approx(0.5, abs=1e-9)
    assert bridge_share(0.1, 0.1, 0.0, 0.0, 1.0) == pytest.approx(1.0)
    assert bridge_share(-0.1, -0.1, 0.0, 0.0, 1.0) == pytest.approx(0.0)


def green(x, y, low, high):
    return 2.0 * (min(x, y) - low) * (high - max(x, y)) / (high - low)


def by_differences(start, high, low, end, lower, upper, h=1e-3):
    """The two derivatives of the time inside by central differences of an integral."""

    def time(ll, hh, a, b):
        a, b = max(a, ll), min(b, hh)
        if b <= a:
            return 0.0
        cuts = sorted({min(max(p, a), b) for p in (start, end)})
        return integrate.quad(
            lambda y: green(start, y, ll, hh) * green(y, end, ll, hh), a, b, points=cuts, limit=200
        )[0]

    def both(a, b):
        return -(
            time(low + h, high + h, a, b)
            - time(low + h, high - h, a, b)
            - time(low - h, high + h, a, b)
            + time(low - h, high - h, a, b)
        ) / (4.0 * h * h)

    return both(lower, upper) / both(low - 1.0, high + 1.0)


@pytest.mark.parametrize(
    "bar",
    [(0.3, 1.0, 0.0, 0.7), (0.7, 1.0, 0.0, 0.3), (0.5, 1.2, -0.4, 0.5), (0.2, 1.0, 0.0, 0.25)],
)
@pytest.mark.parametrize("bounds", [(0.1, 0.6), (0.4, 0.5), (0.65, 3.0)])
def test_a_bar_by_finite_differences(bar, bounds):
    """Central differences err by some h^2 = 1e-6 times the fourth derivatives."""
    assert bar_share(*bar, *bounds) == pytest.approx(by_differences(*bar, *bounds), abs=2e-4)


def test_a_bar_inside_outside_and_at_rest():
    assert bar_share(0.1, 0.9, 0.0, 0.5, -0.01, 0.95) == 1.0
    assert bar_share(0.1, 0.9, 0.0, 0.5, 0.95, 2.0) == 0.0
    assert bar_share(0.5, 0.5, 0.5, 0.5, 0.5, 0.6) == 1.0
    assert bar_share(0.5, 0.5, 0.5, 0.5, 0.6, 0.7) == 0.0
    for ends in ((0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0)):
        parts = [bar_share(ends[0], 1.0, 0.0, ends[1], k / 8, (k + 1) / 8) for k in range(8)]
        assert sum(parts) == pytest.approx(1.0, abs=1e-9)
        assert min(parts) > 0.0


def test_a_bar_is_right_on_average_over_simulated_paths():
    """
    4,000 Brownian paths of 1,500 steps and ranges that most of them cross: the mean error is within
    4 standard errors and half a percent (the paths see their extremes at steps only), the error of
    a path is below that of the share of the move.
    """
    rng = np.random.default_rng(5)
    errors, naive = [], []
    for _ in range(4_000):
        path = np.concatenate(([0.0], np.cumsum(rng.normal(0.0, 1.0, 1_500)))) / math.sqrt(1_500)
        lower = rng.uniform(-1.0, 0.5)
        upper = lower + rng.uniform(0.2, 1.0)
        true = np.mean((path >= lower) & (path < upper))
        told = bar_share(0.0, path.max(), path.min(), path[-1], lower, upper)
        way = max(min(max(0.0, path[-1]), upper) - max(min(0.0, path[-1]), lower), 0.0)
        errors.append(told - true)
        naive.append(way / abs(path[-1]) - true)
    errors = np.array(errors)
    assert abs(errors.mean()) < 0.005 + 4.0 * errors.std() / math.sqrt(errors.size)
    assert np.abs(errors).mean() < 0.6 * np.abs(naive).mean()
