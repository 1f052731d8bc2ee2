"""Counts by inversion against the distributions that they are drawn from."""

import numba
import numpy as np
import pytest
from scipy import stats

from headframe.kernels import counts

N = 400_000
MIDDLES = (np.arange(N) + 0.5) / N


@numba.njit
def binomials(n, p, u, out):
    for i in range(u.size):
        out[i] = counts.binomial_quantile(n, p, u[i])


@numba.njit
def gammas(shape, z, out):
    for i in range(z.size):
        out[i] = counts.gamma_normal(shape, z[i])


@pytest.mark.parametrize("n", [1, 10, 144, 2014])
@pytest.mark.parametrize("p", [1e-4, 0.01, 0.07, 0.3, 0.5, 0.8, 0.999])
def test_binomial_distribution(n, p):
    drawn = np.empty(N)
    binomials(float(n), p, MIDDLES, drawn)
    assert (np.diff(drawn) >= 0.0).all()
    k = np.arange(n + 1)
    found = np.searchsorted(np.sort(drawn), k, side="right") / N
    # 1 / N is the grid's own width; the rest is what the docstring states
    exact = n * min(p, 1.0 - p) < counts.EXACT_MEAN
    assert np.abs(found - stats.binom.cdf(k, n, p)).max() < (0.0 if exact else 1e-4) + 1.5 / N
    assert abs(drawn.mean() / (n * p) - 1.0) < 1e-4
    assert drawn.min() >= 0.0
    assert drawn.max() <= n


def test_binomial_of_nothing_and_of_certainty():
    drawn = np.empty(3)
    u = np.array([1e-16, 0.5, 1.0 - 1e-16])
    for n, p, expected in ((0.0, 0.3, 0.0), (50.0, 0.0, 0.0), (50.0, 1.0, 50.0)):
        binomials(n, p, u, drawn)
        assert (drawn == expected).all()


@pytest.mark.parametrize(("shape", "bound"), [(2015.0, 3e-6), (100.0, 6e-5), (5.0, 2e-3)])
def test_gamma_distribution(shape, bound):
    drawn = np.empty(N)
    gammas(shape, stats.norm.ppf(MIDDLES), drawn)
    assert np.abs(stats.gamma.cdf(drawn, shape) - MIDDLES).max() < bound
    assert abs(drawn.mean() - shape) < 1e-3 * shape / shape**0.5


def test_the_mean_of_the_inverse_gamma_makes_the_off_by_one():
    drawn = np.empty(N)
    gammas(2015.0, stats.norm.ppf(MIDDLES), drawn)
    assert abs((1.0 / drawn).mean() * 2014.0 - 1.0) < 1e-6
