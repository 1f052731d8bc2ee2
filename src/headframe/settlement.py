"""
Dues: paid from the wallet, then by selling what the book names, at cost; unpaid at the deadline is
a default.

Without recourse the position alone is surrendered and the rest of the due forgiven. With recourse
the path has failed: every position is closed, the wallet is sold, what then is still owed is the
creditors' loss, and the path is flagged with its cause. Wealth never turns silently negative.
"""

import numpy as np

from headframe.chunk import Chunk, PositionSeat
from headframe.kernels import ledger as sums
from headframe.ledger import PAID
from headframe.position import Due, Order
from headframe.types import Mask


def settle(chunk: Chunk) -> None:
    """Settle every due of every position."""
    for number, (seat, due, owed) in enumerate(chunk.dues, start=1):
        if sums.owing(owed):
            _settle_one(chunk, seat, due, number)


def _settle_one(chunk: Chunk, seat: PositionSeat, due: Due, number: int) -> None:
    name, asset = seat.position.name, chunk.book.resolve(due.asset)
    chunk.ledger.pay(name, due.name, asset)
    _raise_cash(chunk, seat, due, chunk.book.cash_sources)
    owed = chunk.books.data[chunk.layout.owed(name, due.name)]
    late = chunk.books.data[chunk.layout.deadline(name, due.name)] <= chunk.now.t_s
    failed = late & (owed < -PAID)
    if not failed.any():
        return
    if due.recourse:
        _fail_path(chunk, failed, number)
        for other in chunk.positions:
            for claim in other.position.dues:
                _wind_up(chunk, other, claim, failed)
    else:
        order = Order(position=name, verb="surrender", mask=failed)
        seat.position.act(seat.state, order, chunk.now, seat.account)
        chunk.ledger.pay(name, due.name, asset, failed)
        chunk.ledger.forgive(name, due.name, asset, failed)


def _wind_up(chunk: Chunk, seat: PositionSeat, due: Due, failed: Mask) -> None:
    """A failed path pays each claim with all that it has; the rest is the creditor's loss."""
    name, asset = seat.position.name, chunk.book.resolve(due.asset)
    chunk.ledger.pay(name, due.name, asset, failed)
    _raise_cash(chunk, seat, due, chunk.layout.assets, failed)
    chunk.ledger.forgive(name, due.name, asset, failed)


def _raise_cash(
    chunk: Chunk,
    seat: PositionSeat,
    due: Due,
    sources: tuple[str, ...],
    mask: Mask | None = None,
) -> None:
    """Sell sources in order until the due can be paid, and pay it."""
    name, asset = seat.position.name, chunk.book.resolve(due.asset)
    owed = chunk.books.data[chunk.layout.owed(name, due.name)]
    world, cost = chunk.now.world.data, chunk.book.trade_cost
    for source in sources:
        if source == asset or not owed.any():
            continue
        need = -owed * world[chunk.layout.price(asset)] / (1.0 - cost)
        need = need if mask is None else np.where(mask, need, 0.0)
        chunk.ledger.trade(source, asset, need / world[chunk.layout.price(source)], cost)
        chunk.ledger.pay(name, due.name, asset, mask)


def _fail_path(chunk: Chunk, failed: Mask, number: int) -> None:
    """Flag the paths, and close every position on them."""
    books = chunk.books
    first = failed & (books["defaulted_s"] > chunk.now.t_s)
    books["default_cause"][first] = number
    for seat in chunk.positions:
        if "close" in seat.position.verbs:
            order = Order(position=seat.position.name, verb="close", mask=failed)
            seat.position.act(seat.state, order, chunk.now, seat.account)
    books["defaulted_s"][first] = chunk.now.t_s
