"""The stableswap kernel against the integers that curvesim judges, within the bounds it states."""

import numpy as np
import pytest

from headframe.exact import curve_stableswap as exact
from headframe.exact.curve_stableswap_math import get_d, get_y_d
from headframe.exact.fixed import WAD
from headframe.kernels import curve_stableswap as kernel

A_S = (1, 10, 100, 2_000, 5_000)
SCALE = 10**30
"""Units of the integers for a float of 1: their own rounding stays far below the floats'."""


def drawn(n=400, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.5, 2.0, n) * 10.0 ** rng.uniform(-1, 1, (2, n))


@pytest.mark.parametrize("a", A_S)
def test_d_is_the_integers_to_1e_14(a):
    x, y = drawn()
    found = np.empty_like(x)
    kernel.invariants(found, x, y, 2.0 * a)
    for k in range(x.size):
        pair = [int(x[k] * 2**60) * SCALE // 2**60, int(y[k] * 2**60) * SCALE // 2**60]
        assert found[k] == pytest.approx(get_d(pair, a, 1) / SCALE, rel=1e-14)


@pytest.mark.parametrize("a", A_S)
def test_the_other_balance_is_the_integers(a):
    x = 10.0 ** np.random.default_rng(2).uniform(-2, 0.5, 400)
    found = np.empty_like(x)
    kernel.other_balances(found, x, 2.0 * a)
    bound = 2.0**-53 * (20.0 + 4.0 * np.sqrt(2.0 * a))
    for k in range(x.size):
        other = int(x[k] * 2**60) * SCALE // 2**60
        assert found[k] == pytest.approx(get_y_d(a, 1, [other, 0], SCALE, 1) / SCALE, rel=bound)


@pytest.mark.parametrize("a", A_S)
@pytest.mark.parametrize("ratio", [1.0, 1.0001, 1 / 1.0001, 0.99, 0.8, 3.0, 0.02, 1e-6, 1e8])
def test_the_pool_settles_where_its_price_is_the_markets(a, ratio):
    from headframe.layout import record

    state, world = np.zeros((5, 3)), np.array([[ratio] * 3, [1.0] * 3])
    kernel.settle(state, world, record(price0=0, price1=1, a=2.0 * a))
    x, y = state[kernel.X, 0], state[kernel.Y, 0]
    found = np.empty(3)
    kernel.prices(found, state, 2.0 * a)
    # Where a pool is nearly balanced its price says little about its balances, and the other way.
    assert found == pytest.approx(ratio, rel=1e-10)
    assert 4.0 * x * y * (2.0 * a * (x + y - 1.0) + 1.0) == pytest.approx(1.0, abs=1e-9 * a)


def test_the_price_is_that_of_a_small_exact_trade():
    pool = exact.new_pool([18, 18], a=100, fee=0, admin_fee=0)
    exact.add_liquidity(pool, [1_500_000 * WAD, 500_000 * WAD], now_ts=0)
    d = exact.invariant(pool, now_ts=0)
    state = np.zeros((5, 1))
    state[kernel.X], state[kernel.Y] = 1_500_000 * WAD / d, 500_000 * WAD / d
    found = np.empty(1)
    kernel.prices(found, state, 200.0)
    small = exact.get_dy(pool, 0, 1, WAD // 100, now_ts=0) / (WAD // 100)
    assert found[0] == pytest.approx(small, rel=1e-7)
