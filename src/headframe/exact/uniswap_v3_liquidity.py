"""
Uniswap v3's liquidity providers: mint, burn and collect.

A provider names a range of prices and an amount of liquidity; the pool answers with the tokens that
this takes at the present price. Burning turns liquidity back into tokens that are owed, collecting
pays out what is owed, fees among it.

Paper: "Uniswap v3 Core" (2021). Contract: @uniswap/v3-core 1.0.1, UniswapV3Pool (BUSL-1.1); written
from the paper, formula notes and the behaviour of the deployed bytecode, with the source closed.
"""

from collections.abc import Hashable

from headframe.exact import uniswap_v3_observations as memory
from headframe.exact.fixed import MAX_UINT128, revert_bare, revert_error, to_int, wrap_uint
from headframe.exact.uniswap_v3_math import (
    get_amount0_delta_down,
    get_amount0_delta_up,
    get_amount1_delta_down,
    get_amount1_delta_up,
    get_sqrt_ratio_at_tick,
)
from headframe.exact.uniswap_v3_pool import (
    Pool,
    PositionInfo,
    PositionKey,
    add_delta,
    check_tick_update,
    check_ticks,
    check_transfer,
    check_unlocked,
    clear_tick,
    get_fee_growth_inside,
    settle_position,
    update_tick,
)


def mint(
    pool: Pool,
    owner: Hashable,
    tick_lower: int,
    tick_upper: int,
    amount: int,
    *,
    now_ts: int,
    paid: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """
    Add liquidity to an owner's range.

        below the range:  token0 = L * (1/sqrt_lower - 1/sqrt_upper)
        inside it:        token0 = L * (1/sqrt - 1/sqrt_upper), token1 = L * (sqrt - sqrt_lower)
        above it:         token1 = L * (sqrt_upper - sqrt_lower)

    Source: whitepaper eq. 6.29 and 6.30; UniswapV3Pool.mint. Amounts are rounded up.
    Returns the amounts of token0 and token1 owed by the caller.
    Raises `Revert`: "LOK" before `initialize`, no data for an amount of zero or beyond 127 bits or
    ticks off the spacing, "TLU", "TLM", "TUM", "LO" beyond the limit per tick, "M0" and "M1" when
    less is paid than owed.
    """
    check_unlocked(pool)
    if amount <= 0:
        raise revert_bare("no liquidity to mint", amount=amount)
    change = to_int(amount, 128)
    flipped = _check_change(pool, (owner, tick_lower, tick_upper), change)
    owed0, owed1 = _amounts_of_change(pool, tick_lower, tick_upper, change)
    paid0, paid1 = (owed0, owed1) if paid is None else paid
    if paid0 < owed0:
        raise revert_error("M0", owed=owed0, paid=paid0)
    if paid1 < owed1:
        raise revert_error("M1", owed=owed1, paid=paid1)
    _book_change(pool, (owner, tick_lower, tick_upper), change, flipped, now_ts)
    pool.balance0 += paid0
    pool.balance1 += paid1
    return owed0, owed1


def burn(
    pool: Pool, owner: Hashable, tick_lower: int, tick_upper: int, amount: int, *, now_ts: int
) -> tuple[int, int]:
    """
    Take liquidity from an owner's range; tokens and fees are owed until `collect`.

    Burning nothing ("poking") credits the fees gathered so far.
    Source: UniswapV3Pool.burn. Amounts are rounded down. Returns the amounts set free.
    Raises `Revert`: "LOK", "TLU", "TLM", "TUM" and no data as `mint` does, "LS" for more than is
    there, "NP" for poking an empty position.
    """
    check_unlocked(pool)
    change = -to_int(amount, 128)
    key = (owner, tick_lower, tick_upper)
    flipped = _check_change(pool, key, change)
    owed0, owed1 = _amounts_of_change(pool, tick_lower, tick_upper, change)
    position = _book_change(pool, key, change, flipped, now_ts)
    position.tokens_owed0 = (position.tokens_owed0 + owed0) & MAX_UINT128
    position.tokens_owed1 = (position.tokens_owed1 + owed1) & MAX_UINT128
    return owed0, owed1


def collect(
    pool: Pool,
    owner: Hashable,
    tick_lower: int,
    tick_upper: int,
    amount0_requested: int = MAX_UINT128,
    amount1_requested: int = MAX_UINT128,
) -> tuple[int, int]:
    """
    Pay out what a position is owed, at most what is requested.

    Source: UniswapV3Pool.collect. Fees that no `burn` has credited yet are not included.
    Returns the amounts paid. Raises `Revert("LOK")` before `initialize`.
    """
    check_unlocked(pool)
    position = pool.positions.get((owner, tick_lower, tick_upper))
    if position is None:
        return 0, 0
    amount0 = min(amount0_requested, position.tokens_owed0)
    amount1 = min(amount1_requested, position.tokens_owed1)
    check_transfer(pool, amount0, amount1)
    position.tokens_owed0 -= amount0
    position.tokens_owed1 -= amount1
    pool.balance0 -= amount0
    pool.balance1 -= amount1
    return amount0, amount1


def _check_change(pool: Pool, key: PositionKey, change: int) -> list[int]:
    """Refuse what the contract refuses, in its order; return the ticks that turn on or off."""
    _, tick_lower, tick_upper = key
    check_ticks(tick_lower, tick_upper)
    position = pool.positions.get(key)
    liquidity = position.liquidity if position else 0
    if change == 0:
        if liquidity == 0:
            raise revert_error("NP")
        return []
    flipped = [t for t in (tick_lower, tick_upper) if check_tick_update(pool, t, change)]
    for tick in flipped:
        if tick % pool.tick_spacing:
            raise revert_bare("tick off the spacing", tick=tick, tick_spacing=pool.tick_spacing)
    add_delta(liquidity, change)
    return flipped


def _amounts_of_change(
    pool: Pool, tick_lower: int, tick_upper: int, change: int
) -> tuple[int, int]:
    lower_x96, upper_x96 = get_sqrt_ratio_at_tick(tick_lower), get_sqrt_ratio_at_tick(tick_upper)
    if pool.tick < tick_lower:
        within_x96 = lower_x96
    elif pool.tick < tick_upper:
        within_x96 = pool.sqrt_price_x96
    else:
        within_x96 = upper_x96
    if change < 0:
        amount0 = get_amount0_delta_down(within_x96, upper_x96, -change)
        return amount0, get_amount1_delta_down(lower_x96, within_x96, -change)
    amount0 = get_amount0_delta_up(within_x96, upper_x96, change)
    return amount0, get_amount1_delta_up(lower_x96, within_x96, change)


def _book_change(
    pool: Pool, key: PositionKey, change: int, flipped: list[int], now_ts: int
) -> PositionInfo:
    _, tick_lower, tick_upper = key
    if change:
        now_s = wrap_uint(now_ts, 32)
        seen = memory.observe_single(pool.observations, now_ts, 0, pool.tick, pool.liquidity)
        update_tick(pool, tick_lower, change, upper=False, seen=(*seen, now_s))
        update_tick(pool, tick_upper, change, upper=True, seen=(*seen, now_s))
    inside0_x128, inside1_x128 = get_fee_growth_inside(pool, tick_lower, tick_upper)
    position = pool.positions.setdefault(key, PositionInfo())
    settle_position(position, change, inside0_x128, inside1_x128)
    if change < 0:
        for tick in flipped:
            clear_tick(pool, tick)
    if change and tick_lower <= pool.tick < tick_upper:
        memory.write(pool.observations, now_ts, pool.tick, pool.liquidity)
        pool.liquidity += change
    return position
