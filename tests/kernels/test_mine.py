"""Sources of expected values: SciPy's binomial and Poisson distributions; sums written out."""

import numpy as np
import pytest
from scipy import stats

from headframe.kernels import mine
from headframe.kernels.compiled import kernel

N = 100_000
UNIFORMS = (np.arange(N) + 0.5) / N
"""Middles of equal cells: sums over them are integrals, without any chance."""


@kernel
def poisson_counts(mean, uniforms, out):
    for i in range(uniforms.size):
        out[i] = mine.poisson(mean, uniforms[i])


@kernel
def binomial_counts(n, p, uniforms, out):
    for i in range(uniforms.size):
        out[i] = mine.binomial(n, p, uniforms[i])


def counts(function, *arguments):
    out = np.empty(N)
    function(*arguments, UNIFORMS, out)
    return out


@pytest.mark.parametrize("mean", [0.0, 1e-9, 1e-4, 0.3, 1.0, 7.0, 31.9])
def test_poisson_by_inversion_is_exact(mean):
    found = counts(poisson_counts, mean)
    np.testing.assert_array_equal(found, stats.poisson.ppf(UNIFORMS, mean) if mean else 0.0)


@pytest.mark.parametrize("mean", [32.1, 50.0, 200.0, 5_000.0])
def test_poisson_by_quantile_is_off_by_one_in_a_thousand(mean):
    found = counts(poisson_counts, mean)
    off = found - stats.poisson.ppf(UNIFORMS, mean)
    assert np.abs(off).max() <= 1.0
    assert np.mean(off != 0.0) < 1e-3
    assert found.mean() == pytest.approx(mean, rel=2e-6)
    assert found.var() == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (1, 0.999), (5, 0.5), (200, 1e-6), (200, 0.01), (1000, 0.03), (40, 0.7)]
)
def test_binomial_by_inversion_is_exact(n, p):
    found = counts(binomial_counts, float(n), p)
    np.testing.assert_array_equal(found, stats.binom.ppf(UNIFORMS, n, p))


@pytest.mark.parametrize(("n", "p"), [(1_000, 0.05), (10_000, 0.01), (100, 0.5), (300, 0.9)])
def test_binomial_by_quantile_is_off_by_one_in_a_hundred(n, p):
    found = counts(binomial_counts, float(n), p)
    off = found - stats.binom.ppf(UNIFORMS, n, p)
    assert np.abs(off).max() <= 1.0
    assert np.mean(off != 0.0) < 1e-2
    assert found.mean() == pytest.approx(n * p, rel=1e-4)
    assert found.var() == pytest.approx(n * p * (1 - p), rel=2e-3)


def test_counts_stay_within_what_there_is():
    for n in (0.0, 0.5, 2.5):
        found = counts(binomial_counts, n, 0.9)
        assert found.min() >= 0.0
        assert found.max() <= n


@kernel
def costs(used, block, prices, out):
    for i in range(used.size):
        out[i] = mine.power_cost(used[i], block, prices[0], prices[1], prices[2], prices[3])


def test_power_cost_is_continuous_and_turns_at_the_block():
    used = np.array([0.0, 1.0, 2.0, 2.0 + 1e-12, 3.0])
    out = np.empty(5)
    costs(used, 2.0, np.array([40.0, 60.0, 5.0, 3.0]), out)
    np.testing.assert_allclose(out, [80 - 2 * 57, 80 - 57, 80, 80, 80 + 65], atol=1e-9)
