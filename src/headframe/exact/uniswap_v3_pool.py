"""
A Uniswap v3 pool's state, and the book-keeping of its ticks and positions.

A pool need not know who provides liquidity where: it keeps one price, the liquidity active at it,
and fees per unit of liquidity since birth. Each initialised tick remembers how much of those fees
(and of time, and of the price memory) was gathered on its other side; what was gathered inside a
range is then a subtraction, done modulo 2^256 because only differences mean anything.

Paper: "Uniswap v3 Core" (2021), section 6.3. Contract: @uniswap/v3-core 1.0.1 (BUSL-1.1), libraries
Tick, TickBitmap, Position; written from the paper and the behaviour of the deployed bytecode, with
the source closed.
Assumption: an owner is anything hashable; the contract's is an address.
"""

from bisect import bisect_right, insort
from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import (
    MAX_UINT128,
    MAX_UINT256,
    div_trunc,
    revert_bare,
    revert_error,
)
from headframe.exact.uniswap_v3_math import FEE_DENOMINATOR_PIPS, MAX_TICK, MIN_TICK
from headframe.exact.uniswap_v3_observations import Ring

TICKS_PER_WORD = 256
"""Ticks whose initialisation bits share a storage word; one step of a swap never leaves a word."""
MAX_TICK_SPACING = 16384
"""Tick spacings stay below this, so that a word of the bitmap spans less than the tick range."""


@dataclass(slots=True)
class TickInfo:
    """
    What a pool keeps at an initialised tick: liquidity that starts or ends there, and the far side.

    `liquidity_net` is added to the active liquidity when the tick is crossed upwards. What is
    `outside` was gathered on the side of the tick where the price is not.
    """

    liquidity_gross: int = 0
    liquidity_net: int = 0
    fee_growth_outside0_x128: int = 0
    fee_growth_outside1_x128: int = 0
    tick_cumulative_outside: int = 0
    seconds_per_liquidity_outside_x128: int = 0
    seconds_outside: int = 0


@dataclass(slots=True)
class PositionInfo:
    """One owner's liquidity in one range: fees inside at the last touch, and what is owed."""

    liquidity: int = 0
    fee_growth_inside0_last_x128: int = 0
    fee_growth_inside1_last_x128: int = 0
    tokens_owed0: int = 0
    tokens_owed1: int = 0


PositionKey = tuple[Hashable, int, int]
"""Owner, lower tick, upper tick."""


@dataclass(slots=True)
class Pool:
    """
    Everything that one pool contract stores, and the tokens it holds.

    Make one with `create_pool`. `fee_protocol0` and `fee_protocol1` are the protocol's share of
    the fees, one part in so many; zero is none. `initialized_ticks` are the keys of `ticks` in
    rising order.
    """

    fee_pips: int
    tick_spacing: int
    max_liquidity_per_tick: int
    sqrt_price_x96: int = 0
    tick: int = 0
    liquidity: int = 0
    fee_growth_global0_x128: int = 0
    fee_growth_global1_x128: int = 0
    fee_protocol0: int = 0
    fee_protocol1: int = 0
    protocol_fees0: int = 0
    protocol_fees1: int = 0
    balance0: int = 0
    balance1: int = 0
    observations: Ring = field(default_factory=Ring)
    ticks: dict[int, TickInfo] = field(default_factory=dict)
    initialized_ticks: list[int] = field(default_factory=list)
    positions: dict[PositionKey, PositionInfo] = field(default_factory=dict)


FeeTiers = dict[int, int]
"""Tick spacing by fee in pips, as a factory keeps it."""


def factory_fee_tiers() -> FeeTiers:
    """Fee tiers that a factory is born with: 5, 30 and 100 basis points."""
    return {500: 10, 3_000: 60, 10_000: 200}


def enable_fee_amount(fee_tiers: FeeTiers, fee_pips: int, tick_spacing: int) -> None:
    """
    Add a fee tier to a factory's; the 1 basis point of today is `enable_fee_amount(tiers, 100, 1)`.

    Source: UniswapV3Factory.enableFeeAmount. Raises `Revert` with no data for a fee of a whole or
    more, a spacing outside 1..16383, or a fee that is there already.
    """
    if fee_pips >= FEE_DENOMINATOR_PIPS or not 0 < tick_spacing < MAX_TICK_SPACING:
        raise revert_bare("no such fee tier", fee_pips=fee_pips, tick_spacing=tick_spacing)
    if fee_pips in fee_tiers:
        raise revert_bare("the fee tier exists", fee_pips=fee_pips)
    fee_tiers[fee_pips] = tick_spacing


def create_pool(fee_pips: int, tick_spacing: int) -> Pool:
    """
    Make a pool without a price: `initialize` gives it one.

    Source: UniswapV3Factory.createPool; the liquidity limit keeps the sum over all ticks in 128
    bits (Tick.tickSpacingToMaxLiquidityPerTick).
    """
    lowest, highest = div_trunc(MIN_TICK, tick_spacing), div_trunc(MAX_TICK, tick_spacing)
    return Pool(fee_pips, tick_spacing, MAX_UINT128 // (highest - lowest + 1))


def check_unlocked(pool: Pool) -> None:
    """Refuse a call before `initialize`: the contract's lock opens with the first price ("LOK")."""
    if pool.sqrt_price_x96 == 0:
        raise revert_error("LOK")


def check_transfer(pool: Pool, amount0: int, amount1: int) -> None:
    """Refuse to pay out more than the pool holds; the token refuses and the pool says "TF"."""
    if amount0 > pool.balance0 or amount1 > pool.balance1:
        raise revert_error("TF", amount0=amount0, amount1=amount1)


# ---- ticks ---------------------------------------------------------------------------------


def next_initialized_tick_within_one_word(pool: Pool, tick: int, lte: bool) -> tuple[int, bool]:
    """
    Next initialised tick at or below (`lte`) or above a tick, as far as the bitmap's word goes.

    Source: whitepaper section 6.2.4; TickBitmap.nextInitializedTickWithinOneWord.
    Returns the tick, or the last one of the word, and whether it is initialised.
    """
    spacing, ticks = pool.tick_spacing, pool.initialized_ticks
    place = bisect_right(ticks, tick)
    if lte:
        edge = tick // (spacing * TICKS_PER_WORD) * TICKS_PER_WORD * spacing
        if place and ticks[place - 1] >= edge:
            return ticks[place - 1], True
        return edge, False
    word = (tick // spacing + 1) // TICKS_PER_WORD
    edge = (word * TICKS_PER_WORD + TICKS_PER_WORD - 1) * spacing
    if place < len(ticks) and ticks[place] <= edge:
        return ticks[place], True
    return edge, False


def check_ticks(tick_lower: int, tick_upper: int) -> None:
    """
    Refuse a range that is empty or leaves the tick range.

    Source: whitepaper section 6.1; UniswapV3Pool. Raises `Revert`: "TLU", "TLM", "TUM".
    """
    if tick_lower >= tick_upper:
        raise revert_error("TLU", tick_lower=tick_lower, tick_upper=tick_upper)
    if tick_lower < MIN_TICK:
        raise revert_error("TLM", tick_lower=tick_lower)
    if tick_upper > MAX_TICK:
        raise revert_error("TUM", tick_upper=tick_upper)


def add_delta(liquidity: int, liquidity_delta: int) -> int:
    """
    Add a signed change to a liquidity of 128 bits.

    Source: LiquidityMath.addDelta. Raises `Revert`: "LS" below zero, "LA" above 128 bits.
    """
    result = liquidity + liquidity_delta
    if result < 0:
        raise revert_error("LS", liquidity=liquidity, liquidity_delta=liquidity_delta)
    if result > MAX_UINT128:
        raise revert_error("LA", liquidity=liquidity, liquidity_delta=liquidity_delta)
    return result


def check_tick_update(pool: Pool, tick: int, liquidity_delta: int) -> bool:
    """
    Say whether a change of liquidity turns a tick on or off, and refuse one that it cannot bear.

    Source: whitepaper section 6.3; Tick.update. The net liquidity needs no check: it is never
    larger than the gross, which the limit keeps far below 127 bits.
    Raises `Revert`: "LS" for more than is there, "LO" beyond the limit per tick.
    """
    info = pool.ticks.get(tick)
    before = info.liquidity_gross if info else 0
    after = add_delta(before, liquidity_delta)
    if after > pool.max_liquidity_per_tick:
        raise revert_error("LO", liquidity_gross=after, limit=pool.max_liquidity_per_tick)
    return (after == 0) != (before == 0)


def update_tick(
    pool: Pool, tick: int, liquidity_delta: int, upper: bool, seen: tuple[int, int, int]
) -> None:
    """
    Add liquidity that starts (or, for an upper tick, ends) at a tick, after `check_tick_update`.

    `seen` are the tick accumulator, seconds per liquidity and the time now. By convention all that
    was gathered before a tick is born happened below it (whitepaper eq. 6.21 and 6.25).
    """
    info = pool.ticks.get(tick)
    if info is None:
        info = pool.ticks[tick] = TickInfo()
        insort(pool.initialized_ticks, tick)
        if tick <= pool.tick:
            info.fee_growth_outside0_x128 = pool.fee_growth_global0_x128
            info.fee_growth_outside1_x128 = pool.fee_growth_global1_x128
            info.tick_cumulative_outside, info.seconds_per_liquidity_outside_x128 = seen[:2]
            info.seconds_outside = seen[2]
    info.liquidity_gross += liquidity_delta
    info.liquidity_net += -liquidity_delta if upper else liquidity_delta


def clear_tick(pool: Pool, tick: int) -> None:
    """Forget a tick at which no liquidity starts or ends any more."""
    del pool.ticks[tick]
    pool.initialized_ticks.pop(bisect_right(pool.initialized_ticks, tick) - 1)


# ---- fees inside a range, and what a position is owed --------------------------------------


def get_fee_growth_inside(pool: Pool, tick_lower: int, tick_upper: int) -> tuple[int, int]:
    """
    Fees per unit of liquidity gathered inside a range since birth, modulo 2^256.

        inside = global - below(lower) - above(upper)

    Source: whitepaper eq. 6.17 to 6.19; Tick.getFeeGrowthInside. A tick that is not initialised
    counts as having nothing outside. Returns both tokens' growth, x128.
    """
    nothing = TickInfo()
    lower, upper = pool.ticks.get(tick_lower, nothing), pool.ticks.get(tick_upper, nothing)
    global0, global1 = pool.fee_growth_global0_x128, pool.fee_growth_global1_x128
    below0, below1 = lower.fee_growth_outside0_x128, lower.fee_growth_outside1_x128
    if pool.tick < tick_lower:
        below0, below1 = global0 - below0, global1 - below1
    above0, above1 = upper.fee_growth_outside0_x128, upper.fee_growth_outside1_x128
    if pool.tick >= tick_upper:
        above0, above1 = global0 - above0, global1 - above1
    return (global0 - below0 - above0) & MAX_UINT256, (global1 - below1 - above1) & MAX_UINT256


def settle_position(
    position: PositionInfo, liquidity_delta: int, inside0_x128: int, inside1_x128: int
) -> None:
    """
    Credit a position's fees since it was last touched, then change its liquidity.

        owed += liquidity * (inside - inside_last) / 2^128, rounded down and wrapped at 128 bits

    Source: whitepaper eq. 6.28; Position.update.
    """
    rise0 = (inside0_x128 - position.fee_growth_inside0_last_x128) & MAX_UINT256
    rise1 = (inside1_x128 - position.fee_growth_inside1_last_x128) & MAX_UINT256
    owed0 = position.tokens_owed0 + (rise0 * position.liquidity >> 128)
    owed1 = position.tokens_owed1 + (rise1 * position.liquidity >> 128)
    position.tokens_owed0, position.tokens_owed1 = owed0 & MAX_UINT128, owed1 & MAX_UINT128
    position.fee_growth_inside0_last_x128 = inside0_x128
    position.fee_growth_inside1_last_x128 = inside1_x128
    position.liquidity += liquidity_delta
