"""
Fees that a range of a Uniswap v3 pool gathers for somebody who is not in it.

A pool counts fees per unit of liquidity; a range's part of them follows from what was gathered on
the far side of its two bounds. A pool keeps that for ticks where liquidity starts or ends. To ask
what a position *would* have earned, the same is kept here for two bounds of one's own, while the
pool does what it did: each time a swap passes a bound, the fees gathered up to there are those of a
swap that stops there.

Source: "Uniswap v3 Core" (2021), section 6.3 and eq. 6.17 to 6.28; written from the paper.
Assumption: the position is so small that it changes neither prices nor anybody's share. Parity: the
deployed pool's own numbers where a bound is one of its ticks; elsewhere a step of a swap is cut in
two, and each cut may round one unit of fee growth's numerator differently.
"""

from dataclasses import dataclass

from headframe.exact.fixed import MAX_UINT256
from headframe.exact.uniswap_v3 import Pool, get_sqrt_ratio_at_tick, quote_swap
from headframe.exact.uniswap_v3_events import UNBOUNDED
from headframe.exact.uniswap_v3_pool import check_ticks


@dataclass(slots=True)
class Bound:
    """A bound of a range, and the fees per unit of liquidity gathered on its far side."""

    tick: int
    outside0_x128: int
    outside1_x128: int


@dataclass(slots=True)
class WatchedRange:
    """Two bounds; make one with `watch`."""

    lower: Bound
    upper: Bound


def watch(pool: Pool, tick_lower: int, tick_upper: int) -> WatchedRange:
    """
    Begin to watch a range: by convention all fees so far were gathered below the price of now.

    Raises `Revert` for bounds that the pool refuses: "TLU", "TLM", "TUM".
    """
    check_ticks(tick_lower, tick_upper)
    bounds = []
    for tick in (tick_lower, tick_upper):
        below = tick <= pool.tick
        growth = (pool.fee_growth_global0_x128, pool.fee_growth_global1_x128)
        bounds.append(Bound(tick, *(growth if below else (0, 0))))
    return WatchedRange(*bounds)


def pass_bounds(pool: Pool, seen: WatchedRange, zero_for_one: bool, end_tick: int) -> None:
    """
    Turn over the bounds that a swap passes on its way to a tick; call it before the swap.

        outside' = global at the bound - outside
    """
    for bound in (seen.lower, seen.upper):
        if (bound.tick <= pool.tick) != (bound.tick <= end_tick):
            growth_x128 = _growth_at(pool, zero_for_one, bound.tick)
            growth0, growth1 = growth_x128, pool.fee_growth_global1_x128
            if not zero_for_one:
                growth0, growth1 = pool.fee_growth_global0_x128, growth_x128
            bound.outside0_x128 = (growth0 - bound.outside0_x128) & MAX_UINT256
            bound.outside1_x128 = (growth1 - bound.outside1_x128) & MAX_UINT256


def _growth_at(pool: Pool, zero_for_one: bool, tick: int) -> int:
    price_x96 = get_sqrt_ratio_at_tick(tick)
    if price_x96 == pool.sqrt_price_x96:
        return pool.fee_growth_global0_x128 if zero_for_one else pool.fee_growth_global1_x128
    return quote_swap(pool, zero_for_one, UNBOUNDED, price_x96).fee_growth_x128


def growth_inside(pool: Pool, seen: WatchedRange) -> tuple[int, int]:
    """
    Fees per unit of liquidity inside the range, x128; only differences mean anything.

        inside = global - below(lower) - above(upper)
    """
    inside = []
    for growth, low, high in (
        (pool.fee_growth_global0_x128, seen.lower.outside0_x128, seen.upper.outside0_x128),
        (pool.fee_growth_global1_x128, seen.lower.outside1_x128, seen.upper.outside1_x128),
    ):
        below = low if seen.lower.tick <= pool.tick else growth - low
        above = growth - high if seen.upper.tick <= pool.tick else high
        inside.append((growth - below - above) & MAX_UINT256)
    return inside[0], inside[1]
