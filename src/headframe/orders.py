"""
The dealing desk: orders are queued for their lag, clipped to the wallet, and carried out.

What was clipped or refused is counted on its path: a plan that the wallet cannot pay shows in the
report, it does not run up a debt.
"""

from typing import TYPE_CHECKING

import numpy as np

from headframe.position import Order, Trade
from headframe.types import Array

if TYPE_CHECKING:
    from headframe.loop import Chunk, PositionSeat


class Desk:
    """Carries out orders in one chunk."""

    def __init__(self, chunk: "Chunk") -> None:
        self._chunk = chunk
        self._seats = {seat.position.name: seat for seat in chunk.positions}
        self._waiting: list[tuple[int, Order | Trade]] = []

    def open(self, seat: "PositionSeat") -> None:
        """Open a position on every path."""
        everywhere = np.ones(self._chunk.paths.n_paths, np.bool_)
        order = Order(position=seat.position.name, verb="open", mask=everywhere)
        seat.position.open(seat.state, order, self._chunk.now, seat.account)

    def place(self, orders: "list[Order | Trade] | tuple[Order | Trade, ...]", lag_s: float) -> None:
        """Queue orders until their lag has passed."""
        lag = int(np.ceil(lag_s / self._chunk.layout.step_s - 1e-9))
        self._waiting += [(self._chunk.now.step + lag, order) for order in orders]

    def carry_out(self) -> None:
        """Carry out what is due, in the order in which it was placed."""
        step = self._chunk.now.step
        due = [order for when, order in self._waiting if when <= step]
        self._waiting = [(when, order) for when, order in self._waiting if when > step]
        for order in due:
            if isinstance(order, Trade):
                self._trade(order)
            else:
                self._act(order)

    def _trade(self, order: Trade) -> None:
        alive = self._chunk.books["defaulted_s"] > self._chunk.now.t_s
        wanted = np.where(order.mask & alive, order.amounts(), 0.0)
        sold = self._chunk.ledger.trade(
            order.sell, order.buy, wanted, self._chunk.book.trade_cost
        )
        self._count(sold < wanted * (1.0 - 1e-12))

    def _act(self, order: Order) -> None:
        seat, chunk = self._seats[order.position], self._chunk
        mask = order.mask & (chunk.books["defaulted_s"] > chunk.now.t_s)
        amount: float | Array = order.amount
        if order.spends is not None:
            wallet = np.maximum(seat.account.wallet(order.spends), 0.0)
            amount = np.minimum(order.amounts(), wallet)
            self._count(mask & (amount < order.amounts() * (1.0 - 1e-12)))
        clipped = Order(position=order.position, verb=order.verb, mask=mask, amount=amount)
        if order.verb == "open":
            seat.position.open(seat.state, clipped, chunk.now, seat.account)
        else:
            seat.position.act(seat.state, clipped, chunk.now, seat.account)

    def _count(self, clipped: "np.typing.NDArray[np.bool_]") -> None:
        self._chunk.books["clipped"] += clipped
