"""
Going in again some time after a stop: what stop-loss and take-profit have in common.

A stop that may come back remembers when it closed and how much came out of it. After the wait it
puts back no more than that, at the position's own cost of entry, as far as the wallet has it.
"""

import numpy as np

from headframe.errors import InputError
from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import Array, Block, Mask, Rows

FIELDS: Rows = ("closed_s", "came_out")
"""Rows of memory: when the position was closed, and its equity then."""
NOT_CLOSED_S = -1e18
"""The time of a stop before there was one."""


def require_deposit(layout: Layout, name: str, policy: str, key: str) -> dict[str, float]:
    """The deposit by which a position can be opened again, or an `InputError`."""
    deposit = layout.deposits.get(name, {})
    if not any(quantity > 0.0 for quantity in deposit.values()):
        allowed = "a position with a deposit: what is held cannot be opened again"
        raise InputError(f"policy.{policy}.{key}", name, allowed)
    return deposit


def worth_of(deposit: dict[str, float], view: View) -> Array | float:
    """What one deposit costs now, in the numeraire."""
    return sum((quantity * view.price(asset) for asset, quantity in deposit.items()), 0.0)


def close(state: Block, name: str, mask: Mask, equity: Array, now: Tick) -> Orders:
    """Close, and remember when and how much."""
    if not mask.any():
        return ()
    state["closed_s"][mask] = now.t_s
    state["came_out"][mask] = np.maximum(equity, 0.0)[mask]
    return (Order(position=name, verb="close", mask=mask),)


def reopen(
    state: Block,
    name: str,
    equity: Array,
    view: View,
    now: Tick,
    wait_s: float,
) -> tuple[Mask, Orders]:
    """Put back what came out, once the wait is over; `state.wire` is the position's deposit."""
    waited_s = now.t_s - state["closed_s"]
    due = (state["closed_s"] >= 0.0) & (equity == 0.0) & (waited_s >= wait_s)
    due &= view.event(name, "liquidated_s") > now.t_s
    if not due.any():
        return due, ()
    times = state["came_out"] / np.maximum(worth_of(state.wire, view), 1e-300)
    state["closed_s"][due] = NOT_CLOSED_S
    return due, (Order(position=name, verb="open", mask=due, amount=times),)
