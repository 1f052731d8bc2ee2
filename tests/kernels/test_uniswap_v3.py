"""
The float twin of Uniswap v3's amounts and liquidity against `exact.uniswap_v3`, within its bound.

With u = 2^-53, each root is one rounding from the exact one, its reciprocal one more, and each
difference and product one more. The differences cancel, so that the error is measured by their
terms and not by their result:

    |amount0 - exact| <= 4 u L (1/s + 1/b) + 2 units
    |amount1 - exact| <= 4 u L (s + a) + 1 unit
    |L - exact| <= relative: 4 u (1/s + 1/b) / (1/s - 1/b) or the like, + 2^-96 / (s b), + 1 unit

away from the bounds by 1e-9, where the contract asks for a token that the float no longer sees.
The units are what the contract rounds down: two floors for token0, one for token1.
"""

from fractions import Fraction

import numpy as np
import pytest

from headframe.exact import uniswap_v3 as exact
from headframe.kernels import uniswap_v3 as kernel
from headframe.layout import record

U = 2.0**-53
Q96 = 2**96


def cases(n=400, seed=3):
    """Ranges of one spacing to a hundred thousand ticks, prices inside and outside, liquidities."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        middle = int(rng.integers(-200_000, 200_000))
        half = int(10 ** rng.uniform(0.0, 5.0)) + 1
        lower, upper = middle - half, middle + half
        tick = int(rng.integers(lower - half, upper + half))
        root = exact.get_sqrt_ratio_at_tick(tick) + int(rng.integers(0, 1_000_000))
        ends = (exact.get_sqrt_ratio_at_tick(lower), exact.get_sqrt_ratio_at_tick(upper))
        yield root, *ends, int(10 ** rng.uniform(12.0, 26.0))


def test_amounts_are_the_contracts_within_the_bound():
    for root, lower, upper, liquidity in cases():
        r, a, b = (np.array([x / Q96]) for x in (root, lower, upper))
        found0, found1 = kernel.amounts(float(liquidity), r, a, b)
        exact0, exact1 = exact.get_amounts_for_liquidity(root, lower, upper, liquidity)
        s = float(np.clip(r, a, b)[0])
        bound0 = 4 * U * liquidity * (1 / s + 1 / b[0]) + 2.0
        bound1 = 4 * U * liquidity * (s + a[0]) + 1.0
        assert abs(Fraction(float(found0[0])) - exact0) <= bound0
        assert abs(Fraction(float(found1[0])) - exact1) <= bound1


def test_liquidity_of_amounts_is_the_contracts_within_the_bound():
    for root, lower, upper, liquidity in cases(seed=4):
        if min(abs(root - lower) / lower, abs(root - upper) / upper) < 1e-9:
            continue
        amounts = exact.get_amounts_for_liquidity(root, lower, upper, liquidity)
        expected = exact.get_liquidity_for_amounts(root, lower, upper, *amounts)
        r, a, b = (np.array([x / Q96]) for x in (root, lower, upper))
        found = kernel.liquidity_for_amounts(*(float(x) for x in amounts), r, a, b)[0]
        s = float(np.clip(r, a, b)[0])
        terms = [(s + a[0]) / (s - a[0])] if s > a[0] else []
        terms += [(1 / s + 1 / b[0]) / (1 / s - 1 / b[0])] if s < b[0] else []
        relative = 4 * U * max(terms) + 1 / (s * b[0] * Q96)
        assert abs(found - expected) <= relative * expected + 1.0


def test_ticks_stand_where_the_contract_puts_them():
    """
    Usable ticks of every tier against the contract's roots, which are whole numbers of 2^-96.

    Bound: half the tick times an error of 1 ulp of its logarithm, 44 * 2^-53 for the last tick,
    three roundings more, and the contract's own, 2 units of 2^-96.
    """
    for spacing in (1, 10, 60, 200):
        ticks = np.arange(-800_000, 800_001, 40_000) // spacing * spacing
        expected = np.array([exact.get_sqrt_ratio_at_tick(int(t)) / Q96 for t in ticks])
        state = np.zeros((20, ticks.size))
        state[kernel.ROOT] = 1.0
        low = np.exp(ticks * kernel.LOG_TICK)
        mask = np.ones(ticks.size, np.bool_)
        p = record(spacing=float(spacing), offset=0.0)
        kernel.place(state, mask, low, low * 1.0001 ** (0.5 * spacing), p)
        assert np.all(np.abs(state[kernel.ROOT_LOWER] - expected) < 50 * U * expected + 2 / Q96)
        wide = np.array([exact.get_sqrt_ratio_at_tick(int(t)) / Q96 for t in ticks + spacing])
        assert np.all(np.abs(state[kernel.ROOT_UPPER] - wide) < 50 * U * wide + 2 / Q96)


def test_value_at_an_oracles_price_is_that_of_the_amounts():
    """Published: a million over all prices against [1000, 2250] at 1500 (Uniswap's blog, F1)."""
    root, a, b = (np.sqrt(np.array([x])) for x in (1_500.0, 1_000.0, 2_250.0))
    liquidity = 500_000.0 / root
    x, y = kernel.amounts(liquidity, root, a, b)
    assert float(y[0]) == pytest.approx(91_751.71, abs=0.005)
    assert float(x[0]) == pytest.approx(61.1678, abs=5e-5)
    worth = kernel.value(liquidity, root, a, b, 1_500.0, 1.0)
    assert float(worth[0]) == pytest.approx(183_503.42, abs=0.005)
    back = kernel.liquidity_for_value(worth, root, a, b, 1_500.0, 1.0)
    assert float(back[0]) == pytest.approx(float(liquidity[0]), rel=1e-14)
    elsewhere = kernel.value(liquidity, root, a, b, 1_400.0, 1.0)
    assert float(elsewhere[0]) == pytest.approx(float(x[0] * 1_400.0 + y[0]), rel=1e-15)
