"""
Uniswap v2 without an EVM: golden numbers, refusals and their bytes, what must always hold.

The deployed pair itself judges in `oracle/test_uniswap_v2.py`.
"""

import copy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import uniswap_v2 as v2
from headframe.exact.fixed import error_data, isqrt

ETH = 10**18
PANCAKE = {"fee_numerator": 9975, "fee_denominator": 10_000}
amount = st.integers(1, 1 << 100)


def pool(amount0: int, amount1: int) -> v2.Pair:
    pair = v2.Pair()
    v2.send(pair, amount0, amount1)
    v2.mint(pair, "founder", now_ts=1)
    return pair


def add_one_sided(pair: v2.Pair, eth: int) -> int:
    """Swap the optimal part of some ether, add the rest and all tokens; returns the shares."""
    sold = v2.optimal_one_sided_deposit(eth, pair.reserve0)
    bought = v2.get_amount_out(sold, pair.reserve0, pair.reserve1)
    v2.send(pair, sold, 0)
    v2.swap(pair, 0, bought, now_ts=1)
    v2.send(pair, bought * pair.reserve0 // pair.reserve1, bought)
    return v2.mint(pair, "farmer", now_ts=1)


def test_first_deposit_and_swap_of_the_deployed_pair():
    # Numbers of the deployed pair: 1,000 ether and 1.8 million dollars, then one ether sold.
    pair = v2.Pair()
    v2.send(pair, 1_000 * ETH, 1_800_000 * ETH)
    assert v2.mint(pair, "a", now_ts=1) == 42426406871192851463050
    assert pair.balance_of == {v2.BURNT: 1_000, "a": 42426406871192851463050}
    out = v2.get_amount_out(ETH, pair.reserve0, pair.reserve1)
    v2.send(pair, ETH, 0)
    with pytest.raises(Revert) as refusal:
        v2.swap(pair, 0, out + 1, now_ts=1)
    assert refusal.value.data == error_data("UniswapV2: K")
    v2.swap(pair, 0, out, now_ts=1)
    assert (pair.reserve0, pair.reserve1) == (1_001 * ETH, 1_800_000 * ETH - out)


def test_one_sided_deposits_of_alpha_homora():
    # Alpha Homora v1, test/StrategyAddETHOnly.test.js: 1 ETH / 0.1 token, 0.1 ETH added twice.
    pair = pool(ETH, ETH // 10)
    assert add_one_sided(pair, ETH // 10) == 15411526978189516
    add_one_sided(pair, ETH // 10)
    assert pair.balance_of["farmer"] == 30136025967736232


def test_two_sided_deposit_of_alpaca_at_a_quarter_percent():
    # Alpaca, AddTwoSides test on Pancake: 1 base / 0.1 farming, 2 base added.
    sold, token1 = v2.optimal_two_sided_deposit(2 * ETH, 0, ETH, ETH // 10, **PANCAKE)
    bought = v2.get_amount_out(sold, ETH, ETH // 10, **PANCAKE)
    assert (sold, token1, bought) == (732967258967755614, False, 42234424701074812)
    reserve0, reserve1 = ETH + sold, ETH // 10 - bought
    supply = isqrt(ETH * ETH // 10)
    shares = min((2 * ETH - sold) * supply // reserve0, bought * supply // reserve1)
    assert shares == 231205137369691323


@given(amount, amount, amount, amount)
def test_two_sided_deposit_swaps_roles_with_its_sides(amount0, amount1, reserve0, reserve1):
    there = v2.optimal_two_sided_deposit(amount0, amount1, reserve0, reserve1)
    back = v2.optimal_two_sided_deposit(amount1, amount0, reserve1, reserve0)
    assert there[0] == back[0]
    if amount0 * reserve1 != amount1 * reserve0:
        assert there[1] is not back[1]


@given(st.integers(10**6, 1 << 90), st.integers(10**6, 1 << 90), st.integers(10**6, 1 << 90))
def test_one_sided_deposit_leaves_the_proportion_of_the_pool(paid, reserve_in, reserve_out):
    sold = v2.optimal_one_sided_deposit(paid, reserve_in)
    # The exact condition: sold * (1 + n/d) + n/d * sold^2 / r = paid, rounded down to a wei.
    kept = Fraction(997, 1_000)

    def needed(x: int) -> Fraction:
        return x * (1 + kept) + kept * x * x / reserve_in

    assert needed(sold) <= paid < needed(sold + 1)


def test_fair_share_price_is_that_of_equal_sides_and_ignores_a_trade():
    # 4,000 ether and 8 million dollars, one dollar = 2^112 / 1e18 a wei; then the ether doubles.
    price0, price1 = (2_000 << 112) // ETH, (1 << 112) // ETH
    supply = isqrt(4_000 * ETH * 8_000_000 * ETH)
    before = v2.fair_lp_price_x112(
        4_000 * ETH, 8_000_000 * ETH, supply, price0_x112=price0, price1_x112=price1
    )
    after = v2.fair_lp_price_x112(
        8_000 * ETH, 4_000_000 * ETH, supply, price0_x112=price0, price1_x112=price1
    )
    assert before == after
    worth = before * supply >> 112
    assert abs(worth - 16_000_000) <= 1


@given(amount, amount, amount)
def test_a_quote_is_the_most_that_k_allows(reserve0, reserve1, paid):
    pair = pool(reserve0 + 2_000, reserve1 + 2_000)
    out = v2.get_amount_out(paid, pair.reserve0, pair.reserve1)
    v2.send(pair, paid, 0)
    with pytest.raises(Revert):
        v2.swap(pair, 0, out + 1, now_ts=1)
    if out:
        product = pair.reserve0 * pair.reserve1
        v2.swap(pair, 0, out, now_ts=1)
        assert pair.reserve0 * pair.reserve1 >= product


@given(amount, amount, st.integers(1, 1 << 99))
def test_the_quoted_payment_suffices(reserve0, reserve1, wanted):
    # Up to half the reserve: the payment for nearly all of it would not fit in a word.
    wanted = wanted % (reserve1 // 2 + 999) + 1
    paid = v2.get_amount_in(wanted, reserve0 + 2_000, reserve1 + 2_000)
    assert v2.get_amount_out(paid, reserve0 + 2_000, reserve1 + 2_000) >= wanted


def test_time_weighted_price_is_the_price_times_seconds():
    pair = pool(1_000 * ETH, 2_000_000 * ETH)
    v2.sync(pair, now_ts=101)
    assert pair.price0_cumulative_last == (2_000 << 112) * 100
    assert pair.price1_cumulative_last == (1 << 112) // 2_000 * 100


def test_the_clock_wraps_at_32_bits():
    pair = v2.Pair()
    v2.send(pair, ETH, ETH)
    v2.mint(pair, "a", now_ts=(1 << 32) - 5)
    v2.sync(pair, now_ts=(1 << 32) + 5)
    assert (pair.block_timestamp_last, pair.price0_cumulative_last) == (5, 10 << 112)


def test_protocol_takes_a_sixth_of_the_growth():
    # Whitepaper section 2.4: fees make the root grow, one sixth of the growth goes to `fee_to`.
    pair = v2.Pair(fee_to="protocol")
    v2.send(pair, 100 * ETH, 100 * ETH)
    v2.mint(pair, "a", now_ts=1)
    v2.send(pair, 21 * ETH, 21 * ETH)
    v2.sync(pair, now_ts=1)
    v2.transfer(pair, "a", v2.PAIR, ETH)
    v2.burn(pair, now_ts=1)
    share = Fraction(pair.balance_of["protocol"], 100 * ETH + pair.balance_of["protocol"])
    assert abs(share - Fraction(21, 6 * 121)) < Fraction(1, 10**18)


REFUSED = [
    (lambda p: v2.swap(p, 0, 0, now_ts=2), "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT"),
    (lambda p: v2.swap(p, ETH, 0, now_ts=2), "UniswapV2: INSUFFICIENT_LIQUIDITY"),
    (lambda p: v2.swap(p, 5, 0, now_ts=2), "UniswapV2: INSUFFICIENT_INPUT_AMOUNT"),
    (lambda p: v2.swap(p, 5, 0, now_ts=2, paid1=4), "UniswapV2: K"),
    (lambda p: v2.swap(p, 5, 0, now_ts=2, paid1=1 << 112), "UniswapV2: OVERFLOW"),
    (lambda p: v2.swap(p, 5, 0, now_ts=2, paid1=1 << 250), "ds-math-mul-overflow"),
    (lambda p: v2.mint(p, "b", now_ts=2), "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED"),
    (lambda p: v2.burn(p, now_ts=2), "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED"),
    (lambda p: v2.transfer(p, "b", "c", 1), "ds-math-sub-underflow"),
]


@pytest.mark.parametrize(("action", "reason"), REFUSED)
def test_a_refusal_carries_its_bytes_and_changes_nothing(action, reason):
    pair = pool(ETH, 4 * ETH)
    before = copy.deepcopy(pair)
    with pytest.raises(Revert) as refusal:
        action(pair)
    assert refusal.value.data == error_data(reason)
    assert pair == before


def test_quotes_refuse_as_the_library_does():
    for action, reason in (
        (lambda: v2.get_amount_out(0, 1, 1), "INSUFFICIENT_INPUT_AMOUNT"),
        (lambda: v2.get_amount_in(0, 1, 1), "INSUFFICIENT_OUTPUT_AMOUNT"),
        (lambda: v2.get_amount_out(1, 0, 1), "INSUFFICIENT_LIQUIDITY"),
    ):
        with pytest.raises(Revert) as refusal:
            action()
        assert refusal.value.data == error_data(f"UniswapV2Library: {reason}")
    with pytest.raises(Revert) as refusal:
        v2.get_amount_in(10, 10, 10)
    assert refusal.value.data == b""


def test_skim_gives_back_what_sync_would_keep():
    pair = pool(ETH, 4 * ETH)
    v2.send(pair, 7, 9)
    kept = copy.deepcopy(pair)
    assert v2.skim(pair) == (7, 9)
    v2.sync(kept, now_ts=1)
    assert (pair.balance0, kept.reserve0) == (ETH, ETH + 7)
