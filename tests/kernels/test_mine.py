"""Sources of expected values: SciPy's binomial and Poisson distributions; sums written out."""

import numpy as np
import pytest
from scipy import stats

from headframe.kernels import mine, power_contract
from headframe.kernels.compiled import kernel
from headframe.kernels.counts import poisson_quantile
from headframe.layout import record

YEAR_S = 31_536_000.0
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


def test_a_load_is_set_where_the_mine_is_open_and_told():
    rows = np.zeros((9, 5))
    rows[mine.OPEN] = (1.0, 1.0, 1.0, 0.0, 1.0)
    rows[mine.ON] = 0.7
    rows[mine.SHUTDOWN_S] = (1e18, 1e18, 5.0, 1e18, 1e18)
    told = np.array([True, True, True, True, False])
    mine.set_load(rows, told, np.array([0.4, -1.0, 0.0, 0.0, 0.0]), 60.0)
    np.testing.assert_array_equal(rows[mine.ON], (0.4, 0.0, 0.0, 0.7, 0.7))
    np.testing.assert_array_equal(rows[mine.SHUTDOWN_S], (1e18, 60.0, 5.0, 1e18, 1e18))
    mine.set_load(rows, told, np.full(5, 3.0), 90.0)
    np.testing.assert_array_equal(rows[mine.ON], (1.0, 1.0, 1.0, 0.7, 0.7))


@pytest.mark.parametrize("per_year", [0.0, 0.05])
def test_machines_fade_by_their_share_a_year_and_slow_down_in_the_heat(per_year):
    whole, batch, weather = np.zeros((5, 4)), np.zeros((11, 4)), np.zeros((1, 4))
    weather[0] = (20.0, 45.0, 50.0, 20.0)
    batch[mine.OWNED], batch[mine.BROKEN] = 10.0, (0.0, 0.0, 0.0, 4.0)
    batch[mine.AGE_S] = 2.0 * YEAR_S
    constants = record(
        th_s=200.0, kw=3.5, fading_per_s=-np.log1p(-per_year) / YEAR_S, ambient=0,
        from_c=40.0, per_c=0.02, stop_c=47.0, pue=1.05, pue_from_c=30.0, pue_per_c=0.01,
    )  # fmt: skip
    mine.add_capacity(batch, whole, weather, constants)
    heat = np.array([1.0, 0.9, 0.0, 1.0])
    healthy, pue = np.array([10.0, 10.0, 10.0, 6.0]), np.array([1.05, 1.2, 1.25, 1.05])
    faded = (1.0 - per_year) ** 2
    np.testing.assert_allclose(whole[mine.CAPACITY_TH_S], healthy * heat * 200.0 * faded)
    np.testing.assert_allclose(whole[mine.CAPACITY_KW], healthy * heat * 3.5 * pue)
