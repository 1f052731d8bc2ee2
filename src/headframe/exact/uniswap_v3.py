"""
Uniswap v3's pool to the wei: concentrated liquidity, swaps over any number of ticks, fees, memory.

Liquidity is given for a range of prices and earns fees only while the price is inside it. Each
function below is one call of the pool contract. It checks, computes, books and returns, in this
order, so that a `Revert` leaves the pool untouched. What the contract learns from the chain is an
argument: `now_ts`, the block's time, and `paid`, what the caller handed over in the callback
(exactly what is owed unless said otherwise).

Paper: "Uniswap v3 Core" (Adams, Zinsmeister, Salem, Keefer, Robinson, March 2021). Contract:
@uniswap/v3-core 1.0.1, UniswapV3Pool (BUSL-1.1), the bytecode of which judges this file; written
from the paper, formula notes and that bytecode's behaviour, with the source closed.
Assumptions: both tokens are plain ERC-20 (what is sent arrives), callers may do what they ask (the
owner's calls are not authorised here), and nobody re-enters.
"""

from collections.abc import Sequence

from headframe.exact import uniswap_v3_observations as memory
from headframe.exact.fixed import MAX_UINT128, revert_bare, revert_error, wrap_int, wrap_uint
from headframe.exact.uniswap_v3_liquidity import burn, collect, mint
from headframe.exact.uniswap_v3_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    compute_swap_step,
    get_amount0_delta_down,
    get_amount0_delta_up,
    get_amount1_delta_down,
    get_amount1_delta_up,
    get_amounts_for_liquidity,
    get_liquidity_for_amount0,
    get_liquidity_for_amount1,
    get_liquidity_for_amounts,
    get_next_sqrt_price_from_input,
    get_next_sqrt_price_from_output,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from headframe.exact.uniswap_v3_observations import Observation
from headframe.exact.uniswap_v3_pool import (
    Pool,
    PositionInfo,
    TickInfo,
    check_ticks,
    check_transfer,
    check_unlocked,
    create_pool,
    enable_fee_amount,
    factory_fee_tiers,
    get_fee_growth_inside,
    next_initialized_tick_within_one_word,
)
from headframe.exact.uniswap_v3_swap import SwapEnd, flash, quote_swap, swap

__all__ = [
    "MAX_SQRT_RATIO",
    "MAX_TICK",
    "MIN_SQRT_RATIO",
    "MIN_TICK",
    "Observation",
    "Pool",
    "PositionInfo",
    "SwapEnd",
    "TickInfo",
    "burn",
    "collect",
    "collect_protocol",
    "compute_swap_step",
    "create_pool",
    "enable_fee_amount",
    "factory_fee_tiers",
    "flash",
    "get_amount0_delta_down",
    "get_amount0_delta_up",
    "get_amount1_delta_down",
    "get_amount1_delta_up",
    "get_amounts_for_liquidity",
    "get_fee_growth_inside",
    "get_liquidity_for_amount0",
    "get_liquidity_for_amount1",
    "get_liquidity_for_amounts",
    "get_next_sqrt_price_from_input",
    "get_next_sqrt_price_from_output",
    "get_sqrt_ratio_at_tick",
    "get_tick_at_sqrt_ratio",
    "increase_observation_cardinality_next",
    "initialize",
    "mint",
    "next_initialized_tick_within_one_word",
    "observe",
    "quote_swap",
    "set_fee_protocol",
    "snapshot_cumulatives_inside",
    "swap",
]


def initialize(pool: Pool, sqrt_price_x96: int, *, now_ts: int) -> None:
    """
    Give a pool its first price; liquidity starts at zero and the memory with one note.

    Source: UniswapV3Pool.initialize. Raises `Revert`: "AI" the second time, "R" for a price out of
    bounds.
    """
    if pool.sqrt_price_x96 != 0:
        raise revert_error("AI", sqrt_price_x96=pool.sqrt_price_x96)
    pool.tick = get_tick_at_sqrt_ratio(sqrt_price_x96)
    pool.sqrt_price_x96 = sqrt_price_x96
    memory.start(pool.observations, now_ts)


# ---- the price memory ----------------------------------------------------------------------


def observe(pool: Pool, seconds_agos: Sequence[int], *, now_ts: int) -> tuple[list[int], list[int]]:
    """
    Accumulated ticks and seconds per liquidity as of several times ago.

        mean tick between a and b seconds ago = (cumulative(b) - cumulative(a)) / (a - b)

    Source: whitepaper sections 5.1 to 5.3; UniswapV3Pool.observe.
    Raises `Revert`: "I" before `initialize`, "OLD" for a time before the oldest note.
    """
    return memory.observe(pool.observations, now_ts, seconds_agos, pool.tick, pool.liquidity)


def increase_observation_cardinality_next(pool: Pool, observation_cardinality_next: int) -> None:
    """
    Pay for more slots of the price memory.

    Source: UniswapV3Pool.increaseObservationCardinalityNext. Raises `Revert("LOK")` before
    `initialize`.
    """
    check_unlocked(pool)
    memory.grow(pool.observations, observation_cardinality_next)


def snapshot_cumulatives_inside(
    pool: Pool, tick_lower: int, tick_upper: int, *, now_ts: int
) -> tuple[int, int, int]:
    """
    Accumulated tick, seconds per liquidity (x128) and seconds inside a range.

    Only differences between two snapshots mean anything, and only while a position exists.
    Source: whitepaper eq. 6.22 to 6.24; UniswapV3Pool.snapshotCumulativesInside.
    Raises `Revert`: "TLU", "TLM", "TUM", no data where a tick is not initialised.
    """
    check_ticks(tick_lower, tick_upper)
    lower, upper = pool.ticks.get(tick_lower), pool.ticks.get(tick_upper)
    if lower is None or upper is None:
        raise revert_bare("a tick is not initialised", tick_lower=tick_lower, tick_upper=tick_upper)
    low, high = _outside(lower), _outside(upper)
    if pool.tick < tick_lower:
        inside = [a - b for a, b in zip(low, high, strict=True)]
    elif pool.tick < tick_upper:
        seen = memory.observe_single(pool.observations, now_ts, 0, pool.tick, pool.liquidity)
        total = (*seen, wrap_uint(now_ts, 32))
        inside = [t - a - b for t, a, b in zip(total, low, high, strict=True)]
    else:
        inside = [b - a for a, b in zip(low, high, strict=True)]
    return wrap_int(inside[0], 56), wrap_uint(inside[1], 160), wrap_uint(inside[2], 32)


def _outside(info: TickInfo) -> tuple[int, int, int]:
    return (
        info.tick_cumulative_outside,
        info.seconds_per_liquidity_outside_x128,
        info.seconds_outside,
    )


# ---- the protocol's share ------------------------------------------------------------------


def set_fee_protocol(pool: Pool, fee_protocol0: int, fee_protocol1: int) -> None:
    """
    Set the protocol's share of the fees: one part in 4 to 10, or none with zero, per token.

    Source: whitepaper section 6.2.2; UniswapV3Pool.setFeeProtocol.
    Raises `Revert`: "LOK" before `initialize`, no data for another share.
    """
    check_unlocked(pool)
    for share in (fee_protocol0, fee_protocol1):
        if share != 0 and not 4 <= share <= 10:
            raise revert_bare("a share of 1/4 to 1/10, or 0", fee_protocol=share)
    pool.fee_protocol0, pool.fee_protocol1 = fee_protocol0, fee_protocol1


def collect_protocol(
    pool: Pool, amount0_requested: int = MAX_UINT128, amount1_requested: int = MAX_UINT128
) -> tuple[int, int]:
    """
    Pay out the protocol's fees, at most what is requested; the last wei stays in its slot.

    Source: UniswapV3Pool.collectProtocol. Returns the amounts paid.
    Raises `Revert("LOK")` before `initialize`.
    """
    check_unlocked(pool)
    amount0 = min(amount0_requested, max(pool.protocol_fees0 - 1, 0))
    amount1 = min(amount1_requested, max(pool.protocol_fees1 - 1, 0))
    check_transfer(pool, amount0, amount1)
    pool.protocol_fees0 -= amount0
    pool.protocol_fees1 -= amount1
    pool.balance0 -= amount0
    pool.balance1 -= amount1
    return amount0, amount1
