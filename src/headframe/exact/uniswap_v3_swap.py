"""
Uniswap v3's traders: swap, and flash, which lends for the length of one call.

A swap walks along the price from one initialised tick to the next. Between two of them the pool is
a constant-product market; at each, liquidity joins or leaves and the tick's memory turns over.

Paper: "Uniswap v3 Core" (2021). Contract: @uniswap/v3-core 1.0.1, UniswapV3Pool (BUSL-1.1); written
from the paper, formula notes and the behaviour of the deployed bytecode, with the source closed.
"""

from typing import NamedTuple

from headframe.exact import uniswap_v3_observations as memory
from headframe.exact.fixed import (
    MAX_UINT128,
    MAX_UINT256,
    Q128,
    mul_div_down,
    mul_div_up,
    revert_error,
    wrap_int,
    wrap_uint,
)
from headframe.exact.uniswap_v3_math import (
    FEE_DENOMINATOR_PIPS,
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    compute_swap_step,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from headframe.exact.uniswap_v3_pool import (
    Pool,
    check_transfer,
    check_unlocked,
    next_initialized_tick_within_one_word,
)


class SwapEnd(NamedTuple):
    """Where a swap ends; `crossed` are ticks, and the fee growth of the token in at each."""

    sqrt_price_x96: int
    tick: int
    liquidity: int
    fee_growth_x128: int
    protocol_fee: int
    amount_in: int
    amount_out: int
    crossed: list[tuple[int, int]]


def swap(
    pool: Pool,
    zero_for_one: bool,
    amount_specified: int,
    sqrt_price_limit_x96: int,
    *,
    now_ts: int,
    paid: int | None = None,
) -> tuple[int, int]:
    """
    Swap token0 for token1, or back, until an amount or a price limit is reached.

    A positive amount is paid in, a negative one wanted out. Between two initialised ticks the pool
    is a constant-product market (`compute_swap_step`); at a tick, liquidity joins or leaves.
    Source: whitepaper sections 6.2.3 and 6.3.1; UniswapV3Pool.swap.
    Returns the changes of the pool's token0 and token1: positive came in, negative went out.
    Raises `Revert`: "AS" for an amount of zero, "LOK" before `initialize`, "SPL" for a limit on the
    wrong side or out of bounds, "IIA" when less is paid than owed.
    """
    _check_swap(pool, zero_for_one, amount_specified, sqrt_price_limit_x96)
    end = _walk(pool, zero_for_one, amount_specified, sqrt_price_limit_x96)
    amount_in, amount_out = end.amount_in, end.amount_out
    check_transfer(pool, *((0, amount_out) if zero_for_one else (amount_out, 0)))
    paid = amount_in if paid is None else paid
    if paid < amount_in:
        raise revert_error("IIA", owed=amount_in, paid=paid)
    if end.crossed:
        _cross(pool, zero_for_one, end.crossed, now_ts)
    if end.tick != pool.tick:
        memory.write(pool.observations, now_ts, pool.tick, pool.liquidity)
        pool.tick = end.tick
    pool.sqrt_price_x96, pool.liquidity = end.sqrt_price_x96, end.liquidity
    if zero_for_one:
        pool.fee_growth_global0_x128 = end.fee_growth_x128
        pool.protocol_fees0 = (pool.protocol_fees0 + end.protocol_fee) & MAX_UINT128
        pool.balance0 += paid
        pool.balance1 -= amount_out
        return amount_in, -amount_out
    pool.fee_growth_global1_x128 = end.fee_growth_x128
    pool.protocol_fees1 = (pool.protocol_fees1 + end.protocol_fee) & MAX_UINT128
    pool.balance0 -= amount_out
    pool.balance1 += paid
    return -amount_out, amount_in


def quote_swap(
    pool: Pool, zero_for_one: bool, amount_specified: int, sqrt_price_limit_x96: int
) -> SwapEnd:
    """
    Where a swap would end, with the pool left as it is.

    Raises `Revert` as `swap` does, but for what depends on payments ("TF", "IIA").
    """
    _check_swap(pool, zero_for_one, amount_specified, sqrt_price_limit_x96)
    return _walk(pool, zero_for_one, amount_specified, sqrt_price_limit_x96)


def _check_swap(pool: Pool, zero_for_one: bool, amount: int, limit_x96: int) -> None:
    if amount == 0:
        raise revert_error("AS")
    check_unlocked(pool)
    if zero_for_one:
        allowed = MIN_SQRT_RATIO < limit_x96 < pool.sqrt_price_x96
    else:
        allowed = pool.sqrt_price_x96 < limit_x96 < MAX_SQRT_RATIO
    if not allowed:
        raise revert_error("SPL", limit_x96=limit_x96, sqrt_price_x96=pool.sqrt_price_x96)


def _walk(pool: Pool, zero_for_one: bool, remaining: int, limit_x96: int) -> SwapEnd:
    """Go from range to range until the amount is used up or the limit reached; change nothing."""
    price_x96, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    exact_in = remaining > 0
    fee_protocol = pool.fee_protocol0 if zero_for_one else pool.fee_protocol1
    growth_x128 = pool.fee_growth_global0_x128 if zero_for_one else pool.fee_growth_global1_x128
    protocol_fee = amount_in = amount_out = 0
    crossed: list[tuple[int, int]] = []
    while remaining and price_x96 != limit_x96:
        start_x96 = price_x96
        edge, initialized = next_initialized_tick_within_one_word(pool, tick, zero_for_one)
        edge = min(max(edge, MIN_TICK), MAX_TICK)
        edge_x96 = get_sqrt_ratio_at_tick(edge)
        target_x96 = max(edge_x96, limit_x96) if zero_for_one else min(edge_x96, limit_x96)
        price_x96, step_in, step_out, fee = compute_swap_step(
            start_x96, target_x96, liquidity, remaining, pool.fee_pips
        )
        amount_in += step_in + fee
        amount_out += step_out
        remaining += -(step_in + fee) if exact_in else step_out
        if fee_protocol:
            protocol_fee += fee // fee_protocol
            fee -= fee // fee_protocol
        if liquidity:
            growth_x128 = (growth_x128 + mul_div_down(fee, Q128, liquidity)) & MAX_UINT256
        if price_x96 == edge_x96:
            if initialized:
                crossed.append((edge, growth_x128))
                net = pool.ticks[edge].liquidity_net
                liquidity += -net if zero_for_one else net
            tick = edge - 1 if zero_for_one else edge
        elif price_x96 != start_x96:
            tick = get_tick_at_sqrt_ratio(price_x96)
    return SwapEnd(
        price_x96, tick, liquidity, growth_x128, protocol_fee, amount_in, amount_out, crossed
    )


def _cross(pool: Pool, zero_for_one: bool, crossed: list[tuple[int, int]], now_ts: int) -> None:
    """
    Turn over what the crossed ticks remember: what was outside is now inside, and back.

        outside' = global - outside

    Source: whitepaper section 6.3.1; Tick.cross.
    """
    tick_cumulative, spl_x128 = memory.observe_single(
        pool.observations, now_ts, 0, pool.tick, pool.liquidity
    )
    for tick, growth_x128 in crossed:
        growth0, growth1 = growth_x128, pool.fee_growth_global1_x128
        if not zero_for_one:
            growth0, growth1 = pool.fee_growth_global0_x128, growth_x128
        info = pool.ticks[tick]
        info.fee_growth_outside0_x128 = (growth0 - info.fee_growth_outside0_x128) & MAX_UINT256
        info.fee_growth_outside1_x128 = (growth1 - info.fee_growth_outside1_x128) & MAX_UINT256
        info.tick_cumulative_outside = wrap_int(tick_cumulative - info.tick_cumulative_outside, 56)
        info.seconds_per_liquidity_outside_x128 = wrap_uint(
            spl_x128 - info.seconds_per_liquidity_outside_x128, 160
        )
        info.seconds_outside = wrap_uint(now_ts - info.seconds_outside, 32)


def flash(
    pool: Pool,
    amount0: int,
    amount1: int,
    *,
    paid: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """
    Lend tokens for the length of one call, for the pool's fee rounded up.

    `paid` is what comes back in all, loan included; whatever exceeds the loan is shared out as
    fees to the liquidity active now.
    Source: UniswapV3Pool.flash, with the fees of whitepaper section 6.2.2. Returns the fees paid.
    Raises `Revert`: "LOK" before `initialize`, "L" without liquidity, "TF" for more than the pool
    holds, "F0" and "F1" when less comes back than loan and fee, no data where the fees per unit of
    liquidity exceed 256 bits.
    """
    check_unlocked(pool)
    if pool.liquidity <= 0:
        raise revert_error("L")
    fee0 = mul_div_up(amount0, pool.fee_pips, FEE_DENOMINATOR_PIPS)
    fee1 = mul_div_up(amount1, pool.fee_pips, FEE_DENOMINATOR_PIPS)
    check_transfer(pool, amount0, amount1)
    gain0, gain1 = (fee0, fee1) if paid is None else (paid[0] - amount0, paid[1] - amount1)
    if gain0 < fee0:
        raise revert_error("F0", fee=fee0, paid=gain0)
    if gain1 < fee1:
        raise revert_error("F1", fee=fee1, paid=gain1)
    cut0 = gain0 // pool.fee_protocol0 if pool.fee_protocol0 else 0
    cut1 = gain1 // pool.fee_protocol1 if pool.fee_protocol1 else 0
    rise0_x128 = mul_div_down(gain0 - cut0, Q128, pool.liquidity)
    rise1_x128 = mul_div_down(gain1 - cut1, Q128, pool.liquidity)
    pool.fee_growth_global0_x128 = (pool.fee_growth_global0_x128 + rise0_x128) & MAX_UINT256
    pool.fee_growth_global1_x128 = (pool.fee_growth_global1_x128 + rise1_x128) & MAX_UINT256
    pool.protocol_fees0 = (pool.protocol_fees0 + cut0) & MAX_UINT128
    pool.protocol_fees1 = (pool.protocol_fees1 + cut1) & MAX_UINT128
    pool.balance0 += gain0
    pool.balance1 += gain1
    return gain0, gain1
