"""Sources of expected values: SciPy's binomial and Poisson distributions; sums written out."""

import numpy as np
import pytest
from scipy import stats

from headframe.kernels import mine, power_contract
from headframe.kernels.compiled import kernel
from headframe.kernels.counts import poisson_quantile

N = 100_000
UNIFORMS = (np.arange(N) + 0.5) / N
"""Middles of equal cells: sums over them are integrals, without any chance."""


@kernel
def poisson_counts(mean, uniforms, out):
    for i in range(uniforms.size):
        out[i] = poisson_quantile(mean, uniforms[i])


@kernel
def struck_counts(machines, rate, uniforms, out):
    for i in range(uniforms.size):
        out[i] = mine.struck(machines, rate, uniforms[i])


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
    ("machines", "rate"), [(1, 0.3), (1, 7.0), (200, 1e-6), (200, 0.01), (1_000, 0.03), (40, 1.2)]
)
def test_machines_are_struck_independently(machines, rate):
    found = counts(struck_counts, float(machines), rate)
    chance = -np.expm1(-rate)
    np.testing.assert_array_equal(found, stats.binom.ppf(UNIFORMS, machines, chance))


def test_part_of_a_machine_is_spared():
    for machines, most in ((0.0, 0.0), (0.5, 0.0), (2.5, 2.0), (3.0 - 1e-12, 3.0)):
        found = counts(struck_counts, machines, 5.0)
        assert found.min() >= 0.0
        assert found.max() == most


@kernel
def costs(used, block, prices, out):
    for i in range(used.size):
        out[i] = power_contract.power_cost(used[i], block, prices[0], prices[1], prices[2])


def test_power_cost_is_continuous_and_turns_at_the_block():
    used = np.array([0.0, 1.0, 2.0, 2.0 + 1e-12, 3.0])
    out = np.empty(5)
    costs(used, 2.0, np.array([40.0, 60.0 + 5.0, 60.0 - 3.0]), out)
    np.testing.assert_allclose(out, [80 - 2 * 57, 80 - 57, 80, 80, 80 + 65], atol=1e-9)
