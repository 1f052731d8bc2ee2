"""
Orders that do not get through: to a frozen or broken position, or against the rules of the house.

What is refused is counted on its path, like what the wallet could not pay.
"""

from dataclasses import replace

import numpy as np

from headframe.chunk import Chunk, PositionSeat
from headframe.errors import InputError
from headframe.position import Order
from headframe.types import NEVER_S, Array, Mask

GROWING = frozenset({"open", "lever", "supply", "borrow", "mint"})
"""First words of verbs that put more into a position or borrow more against it."""
SLACK = 1.0 + 1e-9
"""How far over a limit rounding may stand."""


def refuse(chunk: Chunk, seat: PositionSeat, order: Order) -> Order:
    """The order without the paths on which it is refused, which are counted."""
    grows = order.verb.split("_")[0] in GROWING
    if not grows and not seat.place.events:
        return order  # nothing can stand in its way
    allowed = order.mask & _reachable(chunk, seat)
    if grows:
        order, within = _within_rules(chunk, seat, order)
        allowed &= within
    chunk.books["clipped"] += order.mask & ~allowed
    return replace(order, mask=allowed)


def check_opening(chunk: Chunk) -> None:
    """Raise `InputError` where the desk as opened has more in a protocol than the house allows."""
    most = chunk.book.house.share_per_protocol
    if most is None:
        return
    for seat in chunk.positions:
        share = float(np.max(_in_protocol(chunk, seat) / np.maximum(_wealth(chunk), 1e-300)))
        if seat.place.protocol is not None and share > most * SLACK:
            place = f"position.{seat.position.name}.protocol"
            said = f"at most {most:g} of the desk in one protocol: house.share_per_protocol"
            raise InputError(place, f"{seat.place.protocol} with {share:.4f}", said)


def _reachable(chunk: Chunk, seat: PositionSeat) -> Mask:
    """Paths on which orders reach the position at all."""
    reachable = np.ones(chunk.paths.n_paths, np.bool_)
    if not seat.place.events:
        return reachable
    reachable &= chunk.now.world.data[seat.mishaps.wire.observables[1]] < 0.5
    for row in ("breached_s", "forced_out_s"):
        reachable &= seat.mishaps[row] >= NEVER_S
    return reachable


def _within_rules(chunk: Chunk, seat: PositionSeat, order: Order) -> tuple[Order, Mask]:
    """The order, clipped to the largest leverage, and the paths on which it keeps the rules."""
    house = chunk.book.house
    within = np.ones(chunk.paths.n_paths, np.bool_)
    most = house.largest_leverage
    if most is not None and order.verb == "lever":
        order = replace(order, amount=np.minimum(order.amounts(), most))
    elif most is not None and "leverage" in seat.gauges and order.verb != "open":
        seat.position.gauge(seat.state, chunk.now, seat.gauges)
        within &= seat.gauges["leverage"] < most
    if house.share_per_protocol is not None and seat.place.protocol is not None:
        more = _put_in(seat, order) if order.verb == "open" else 0.0
        limit = house.share_per_protocol * _wealth(chunk) * SLACK
        within &= (_in_protocol(chunk, seat) + more <= limit) | _shrinks(chunk, seat, order)
    return order, within


def _shrinks(chunk: Chunk, seat: PositionSeat, order: Order) -> Mask:
    """Paths on which an order to lever goes down: less of a position breaks no rule."""
    if order.verb != "lever" or "leverage" not in seat.gauges:
        return np.zeros(chunk.paths.n_paths, np.bool_)
    seat.position.gauge(seat.state, chunk.now, seat.gauges)
    down: Mask = order.amounts() <= seat.gauges["leverage"]
    return down


def _put_in(seat: PositionSeat, order: Order) -> Array:
    """What opening takes from the wallet, in the numeraire."""
    worth = np.zeros(order.mask.shape)
    for asset, quantity in (getattr(seat.position, "deposit", None) or {}).items():
        worth += quantity * order.amounts() * seat.account.price(asset)
    return worth


def _in_protocol(chunk: Chunk, seat: PositionSeat) -> Array:
    """What the desk has in a position's protocol now, in the numeraire."""
    worth = np.zeros(chunk.paths.n_paths)
    for other in chunk.positions:
        if other.place.protocol is not None and other.place.protocol == seat.place.protocol:
            other.position.holdings(other.state, chunk.now, other.held)
            worth += other.value(chunk.layout, chunk.now)
    return worth


def _wealth(chunk: Chunk) -> Array:
    """What the desk is worth, as last marked."""
    return chunk.books["wealth"]
