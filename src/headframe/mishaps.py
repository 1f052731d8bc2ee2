"""
What befalls the ground that positions stand on: contracts that break, laws that force out.

A broken contract closes the position at once, and of what the position pays into the wallet from
then on only the share `kept` is left; the rest is booked as `breach`. Positions with a queue (a
stake, an illiquid vault) pay out when the queue lets them, and are cut then. Debts of a broken
position are settled by its closing, before the cut.
"""

import numpy as np

from headframe.chunk import Chunk, PositionSeat
from headframe.position import Order
from headframe.types import NEVER_S, Array, Mask


def befall(chunk: Chunk) -> None:
    """See what has happened to every position's place since the last step, and act on it."""
    for seat in chunk.positions:
        if seat.place.events:
            _befall_one(chunk, seat)


def _befall_one(chunk: Chunk, seat: PositionSeat) -> None:
    now, rows = chunk.now, seat.mishaps
    kept_row, frozen_row, forced_row = rows.wire.observables
    kept = np.clip(now.world.data[kept_row], 0.0, 1.0)
    broken = kept < 1.0
    forced = now.world.data[forced_row] >= 0.5
    first = _first(rows["breached_s"], broken, now.t_s)
    rows["kept"] = np.where(first, kept, rows["kept"])
    leaves = first | _first(rows["forced_out_s"], forced, now.t_s)
    _first(rows["frozen_s"], now.world.data[frozen_row] >= 0.5, now.t_s)
    if leaves.any():
        order = Order(position=seat.position.name, verb="close", mask=leaves)
        seat.position.act(seat.state, order, now, seat.account)
    if seat.place.breaks:
        _cut(chunk, seat)


def _first(when_s: Array, happens: Mask, now_s: float) -> Mask:
    """Paths on which it happens now for the first time; writes down when."""
    first: Mask = happens & (when_s >= NEVER_S)
    when_s[first] = now_s
    return first


def _cut(chunk: Chunk, seat: PositionSeat) -> None:
    """Of what came into the wallet since the last step, a broken contract takes its share."""
    rows = seat.mishaps
    gone = 1.0 - rows["kept"]
    for asset, cash in rows.wire.cash.items():
        so_far = chunk.books.data[cash].sum(axis=0)
        came = np.maximum(so_far - rows[f"paid/{asset}"], 0.0)
        lost = np.where(gone > 0.0, gone * came, 0.0)
        if lost.any():
            seat.account.post("breach", asset, -lost, cash=True)
        rows[f"paid/{asset}"] = so_far - lost
