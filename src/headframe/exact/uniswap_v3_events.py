"""
Uniswap v3's events: what a pool writes into the chain's log, and how to play it again.

A log tells what came of each call. To play it on a pool again, the call must be known: of all
events but `Swap` it can be read off. A swap's amounts do not say whether the trader had named what
he pays, what he wants, or a price at which to stop, so each is tried on the pool as it stands until
the amounts, price, liquidity and tick of the log come out. A limit is tried last and only where it
must be: whatever the price, a swap that stops there ends there, and amounts are coarser than
prices. Whoever needs a proof of the price asks the next swap (`exact_call`). Where an exact input
and an exact output have the same amounts, they may end a few units of the price apart; the one that
agrees is taken.

Source: events of UniswapV3Pool, @uniswap/v3-core 1.0.1, as its ABI declares them; written with the
source closed. Judge: logs of the deployed bytecode.
Assumption: tokens that a pool was sent without a call leave no event, so that its balances here
are the least that it can hold.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from headframe.errors import Revert
from headframe.exact import uniswap_v3 as v3
from headframe.exact.uniswap_v3 import Pool, SwapEnd

EXACT_INPUT, EXACT_OUTPUT, PRICE_LIMIT = "exact input", "exact output", "price limit"
"""What a trader may have named, in the order in which it is tried."""
UNBOUNDED = (1 << 255) - 1
"""An amount that no swap uses up: the price limit ends it."""


@dataclass(frozen=True, slots=True)
class Initialize:
    """A pool got its first price."""

    sqrt_price_x96: int
    tick: int


@dataclass(frozen=True, slots=True)
class Mint:
    """Liquidity was added to an owner's range."""

    owner: Hashable
    tick_lower: int
    tick_upper: int
    amount: int
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True)
class Burn:
    """Liquidity was taken from an owner's range; an amount of zero only credits fees."""

    owner: Hashable
    tick_lower: int
    tick_upper: int
    amount: int
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True)
class Collect:
    """What a position was owed was paid out."""

    owner: Hashable
    tick_lower: int
    tick_upper: int
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap: changes of the pool's tokens, and its price, liquidity and tick afterwards."""

    amount0: int
    amount1: int
    sqrt_price_x96: int
    liquidity: int
    tick: int


@dataclass(frozen=True, slots=True)
class Flash:
    """A loan within one call, and what was paid for it."""

    amount0: int
    amount1: int
    paid0: int
    paid1: int


@dataclass(frozen=True, slots=True)
class SetFeeProtocol:
    """The protocol's share of the fees changed."""

    fee_protocol0_new: int
    fee_protocol1_new: int


@dataclass(frozen=True, slots=True)
class CollectProtocol:
    """The protocol's fees were paid out."""

    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True)
class IncreaseObservationCardinalityNext:
    """Somebody paid for more slots of the price memory."""

    observation_cardinality_next_new: int


Event = (
    Initialize
    | Mint
    | Burn
    | Collect
    | Swap
    | Flash
    | SetFeeProtocol
    | CollectProtocol
    | IncreaseObservationCardinalityNext
)
"""Anything that a pool logs."""
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Initialize, Mint, Burn, Collect, Swap, Flash, SetFeeProtocol, CollectProtocol,
        IncreaseObservationCardinalityNext,
    )
}  # fmt: skip
"""Events by their names."""


class SwapCall(NamedTuple):
    """A swap as it may have been called; `named` is what the trader named."""

    named: str
    zero_for_one: bool
    amount_specified: int
    sqrt_price_limit_x96: int


class Tried(NamedTuple):
    """What a call would have logged."""

    call: SwapCall
    swap: Swap


class Recovered(NamedTuple):
    """
    The call behind a logged swap, the closest where none agrees, and where it leads.

    `end` is None where none agrees. `tried` are the calls that do not agree, the closest first.
    """

    call: SwapCall
    swap: Swap
    end: SwapEnd | None
    tried: tuple[Tried, ...]


def play(pool: Pool, event: Event, *, now_ts: int) -> Event:
    """
    Make a pool do what an event tells, and return what it logs itself.

    The two are equal where the log agrees with the pool. A swap that no call explains is returned
    as the best explanation would have it, and leaves the pool untouched.
    Raises `Revert` where the pool would have refused: the log is not of this pool, or not complete.
    """
    return _PLAYS[type(event)](pool, event, now_ts)


def recover_swap(pool: Pool, logged: Swap) -> Recovered:
    """
    Find the call behind a logged swap on the pool as it stands; `end` is None if none explains it.

    Then the swap of the call that differs in the fewest of its five numbers is told.
    Raises `Revert` where the pool refuses all of them.
    """
    tried: list[Tried] = []
    refused = None
    for call in swap_calls(pool, logged):
        try:
            end = v3.quote_swap(pool, *call[1:])
        except Revert as refusal:
            refused = refused or refusal
            continue
        found = _as_logged(call, end)
        if found == logged:
            return Recovered(call, found, end, _closest_first(tried, logged))
        tried.append(Tried(call, found))
    if not tried:
        raise refused or Revert("no call explains this swap")
    closest = _closest_first(tried, logged)
    return Recovered(*closest[0], None, closest)


def exact_call(pool: Pool, logged: Swap) -> SwapCall | None:
    """The exact input or output behind a logged swap, or None: then at best a limit explains it."""
    for call in swap_calls(pool, logged):
        if call.named != PRICE_LIMIT:
            try:
                end = v3.quote_swap(pool, *call[1:])
            except Revert:
                continue
            if _as_logged(call, end) == logged:
                return call
    return None


def swap_calls(pool: Pool, logged: Swap) -> list[SwapCall]:
    """
    Calls that may have led to a logged swap.

    The direction is that of the payment; where nothing was paid, that of the price.
    """
    price_x96 = logged.sqrt_price_x96
    zero_for_one = logged.amount0 > 0
    if logged.amount0 <= 0 and logged.amount1 <= 0:
        zero_for_one = price_x96 < pool.sqrt_price_x96
    paid, got = logged.amount0, -logged.amount1
    furthest_x96 = v3.MIN_SQRT_RATIO + 1
    if not zero_for_one:
        paid, got = logged.amount1, -logged.amount0
        furthest_x96 = v3.MAX_SQRT_RATIO - 1
    calls = []
    if paid > 0:
        calls.append(SwapCall(EXACT_INPUT, zero_for_one, paid, furthest_x96))
    if got > 0:
        calls.append(SwapCall(EXACT_OUTPUT, zero_for_one, -got, furthest_x96))
    if price_x96 != pool.sqrt_price_x96 or not calls:
        calls.append(SwapCall(PRICE_LIMIT, zero_for_one, UNBOUNDED, price_x96))
    return calls


def _as_logged(call: SwapCall, end: SwapEnd) -> Swap:
    amounts = (end.amount_in, -end.amount_out)
    amount0, amount1 = amounts if call.zero_for_one else amounts[::-1]
    return Swap(amount0, amount1, end.sqrt_price_x96, end.liquidity, end.tick)


def _closest_first(tried: list[Tried], logged: Swap) -> tuple[Tried, ...]:
    return tuple(sorted(tried, key=lambda one: len(differing(one.swap, logged))))


def differing(one: Swap, other: Swap) -> list[str]:
    """Names of the numbers in which two swaps differ."""
    return [name for name in Swap.__slots__ if getattr(one, name) != getattr(other, name)]


# ---- how each event is played --------------------------------------------------------------


def _play_initialize(pool: Pool, event: Initialize, now_ts: int) -> Event:
    v3.initialize(pool, event.sqrt_price_x96, now_ts=now_ts)
    return Initialize(pool.sqrt_price_x96, pool.tick)


def _play_mint(pool: Pool, event: Mint, now_ts: int) -> Event:
    key = (event.owner, event.tick_lower, event.tick_upper)
    return Mint(*key, event.amount, *v3.mint(pool, *key, event.amount, now_ts=now_ts))


def _play_burn(pool: Pool, event: Burn, now_ts: int) -> Event:
    key = (event.owner, event.tick_lower, event.tick_upper)
    return Burn(*key, event.amount, *v3.burn(pool, *key, event.amount, now_ts=now_ts))


def _play_collect(pool: Pool, event: Collect, _now_ts: int) -> Event:
    key = (event.owner, event.tick_lower, event.tick_upper)
    return Collect(*key, *v3.collect(pool, *key, event.amount0, event.amount1))


def _play_swap(pool: Pool, event: Swap, now_ts: int) -> Event:
    found = recover_swap(pool, event)
    if found.end is not None:
        v3.swap(pool, *found.call[1:], now_ts=now_ts)
    return found.swap


def _play_flash(pool: Pool, event: Flash, _now_ts: int) -> Event:
    # Tokens that came without a call are not in the log, and may be lent like all others.
    pool.balance0 = max(pool.balance0, event.amount0)
    pool.balance1 = max(pool.balance1, event.amount1)
    back = (event.amount0 + event.paid0, event.amount1 + event.paid1)
    return Flash(
        event.amount0, event.amount1, *v3.flash(pool, event.amount0, event.amount1, paid=back)
    )


def _play_shares(pool: Pool, event: SetFeeProtocol, _now_ts: int) -> Event:
    v3.set_fee_protocol(pool, event.fee_protocol0_new, event.fee_protocol1_new)
    return SetFeeProtocol(pool.fee_protocol0, pool.fee_protocol1)


def _play_collect_protocol(pool: Pool, event: CollectProtocol, _now_ts: int) -> Event:
    return CollectProtocol(*v3.collect_protocol(pool, event.amount0, event.amount1))


def _play_grow(pool: Pool, event: IncreaseObservationCardinalityNext, _now_ts: int) -> Event:
    v3.increase_observation_cardinality_next(pool, event.observation_cardinality_next_new)
    return IncreaseObservationCardinalityNext(pool.observations.cardinality_next)


_PLAYS: dict[type, Callable[[Pool, Any, int], Event]] = {
    Initialize: _play_initialize,
    Mint: _play_mint,
    Burn: _play_burn,
    Collect: _play_collect,
    Swap: _play_swap,
    Flash: _play_flash,
    SetFeeProtocol: _play_shares,
    CollectProtocol: _play_collect_protocol,
    IncreaseObservationCardinalityNext: _play_grow,
}
