"""
Logged prices that rest on a swap's limit alone, and what the next swap says of them.

A swap that stops at its limit ends exactly there, so a log with a wrong price explains itself: "the
limit was this". The swap's own amounts are coarser than its price and seldom object. The next swap
begins where this one ended, and its end rises with its beginning. If it is an exact input or output
from the logged price, then all prices from which it would be one lie close together: the logged one
is proven to within so many units, often to the last. If instead an exact input or output would have
ended this swap elsewhere, with everything else as logged, and the next swap is exact from there but
not from the logged price, then the logged price is suspect.

Limits: two swaps in a row that both stop at limits can look suspect by chance; a wrong price in
front of another limit, or at the end of a log, stays unproven; a next swap that passes a tick
forgets the last digits, for what it uses up to there is counted in whole units of a token.
"""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

from headframe.errors import Revert
from headframe.exact import uniswap_v3 as v3
from headframe.exact.uniswap_v3 import Pool
from headframe.exact.uniswap_v3_events import (
    PRICE_LIMIT,
    Recovered,
    Swap,
    differing,
    exact_call,
)


class Rival(NamedTuple):
    """Another explanation of a swap, with which all but its price agrees."""

    named: str
    swap: Swap


@dataclass(frozen=True)
class OpenPrice:
    """A swap that only its limit explains, and other explanations that differ in its price."""

    logged: Swap
    rivals: tuple[Rival, ...]


class Verdict(NamedTuple):
    """
    What the next swap says: how far off the price can be, or that it should have been a rival's.

    `within_x96` is zero where the price is proven to the last unit, None where nothing is proven.
    """

    within_x96: int | None
    rival: Rival | None


def open_price(found: Recovered) -> OpenPrice | None:
    """What a recovered swap leaves to be proven; None where its amounts prove its price."""
    if found.call.named != PRICE_LIMIT:
        return None
    rivals = tuple(
        Rival(one.call.named, one.swap)
        for one in found.tried
        if differing(one.swap, found.swap) == ["sqrt_price_x96"]
    )
    return OpenPrice(found.swap, rivals)


def judge(pool: Pool, unproven: OpenPrice, following: Swap) -> Verdict:
    """What the swap that follows says of a price; `pool` stands at that price."""
    if exact_call(pool, following) is not None:
        return Verdict(_leeway_x96(pool, unproven.logged.sqrt_price_x96, following), None)
    for rival in unproven.rivals:
        if _explains(pool, rival.swap.sqrt_price_x96, following):
            return Verdict(None, rival)
    return Verdict(None, None)


def _leeway_x96(pool: Pool, price_x96: int, following: Swap) -> int | None:
    """The smallest 2^n - 1 that bounds how far off the price can be, in units of 2^-96."""
    for exponent in range(price_x96.bit_length()):
        off = 1 << exponent
        if not any(_explains(pool, price_x96 + side * off, following) for side in (-1, 1)):
            return off - 1
    return None


def _explains(pool: Pool, price_x96: int, following: Swap) -> bool:
    """Whether a swap follows exactly from another price that has the same tick."""
    try:
        tick = v3.get_tick_at_sqrt_ratio(price_x96)
    except Revert:
        return False
    if tick != pool.tick:
        return False
    return exact_call(dataclasses.replace(pool, sqrt_price_x96=price_x96), following) is not None
