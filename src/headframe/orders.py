"""
The dealing desk: orders are queued for their lag, clipped to the wallet, and carried out.

What was clipped or refused (see `refusals.py`) is counted on its path: a plan that the wallet
cannot pay shows in the report, it does not run up a debt.
"""

import math
from dataclasses import replace

import numpy as np

from headframe.chunk import Chunk
from headframe.policy import Orders
from headframe.position import Order, Trade
from headframe.refusals import refuse
from headframe.types import Mask

CLIPPED = 1.0 - 1e-12
"""An order carried out for less than this share of what was wanted counts as clipped."""


def place(chunk: Chunk, orders: Orders, lag_s: float) -> None:
    """Queue orders until their lag has passed."""
    lag = math.ceil(lag_s / chunk.layout.step_s - 1e-9)
    chunk.waiting += [(chunk.now.step + lag, order) for order in orders]


def carry_out(chunk: Chunk) -> None:
    """Carry out what is due, in the order in which it was placed."""
    step = chunk.now.step
    due = [order for when, order in chunk.waiting if when <= step]
    chunk.waiting = [(when, order) for when, order in chunk.waiting if when > step]
    if not due:
        return
    alive = _alive(chunk)
    for order in due:
        if isinstance(order, Trade):
            _trade(chunk, order, alive)
        else:
            _act(chunk, order, alive)


def _trade(chunk: Chunk, order: Trade, alive: Mask) -> None:
    wanted = np.where(order.mask & alive, order.amounts(), 0.0)
    sold = chunk.ledger.trade(order.sell, order.buy, wanted, chunk.book.trade_cost)
    chunk.books["clipped"] += sold < wanted * CLIPPED


def _act(chunk: Chunk, order: Order, alive: Mask) -> None:
    seat = next(seat for seat in chunk.positions if seat.position.name == order.position)
    order = refuse(chunk, seat, replace(order, mask=order.mask & alive))
    if order.spends is not None:
        wallet = np.maximum(seat.account.wallet(order.spends), 0.0)
        amount = np.minimum(order.amounts(), wallet)
        chunk.books["clipped"] += order.mask & (amount < order.amounts() * CLIPPED)
        order = replace(order, amount=amount)
    if order.verb == "open":
        seat.position.open(seat.state, order, chunk.now, seat.account)
    else:
        seat.position.act(seat.state, order, chunk.now, seat.account)


def _alive(chunk: Chunk) -> Mask:
    """Paths that have not failed."""
    alive: Mask = chunk.books["defaulted_s"] > chunk.now.t_s
    return alive
