"""
The way out of a looped staked token that needs no market: its own queue, turn by turn.

Whoever sells a staked token pays the market's discount at once. Whoever redeems it gets its
exchange rate, later. A looped position cannot redeem everything: its lender holds the collateral.
So it takes out what the health allows, waits in the queue, repays with the coins that come out, and
begins again, each time with more room, until nothing is owed; the last coins are the owner's.

    taken = C - h D / T,   D' = D - taken * rate      one turn, by value, at the oracle's prices

What redeeming pays above the market's price is an entry of kind `payout`.
"""

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.ledger import Account, Line
from headframe.positions import pledged, transfers
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Block,
    Mask,
    Name,
    NonNegativeSignal,
    Rows,
    Signal,
)
from headframe.units import DAY_S

Safe = Annotated[float, Field(ge=1.0)]
"""A health of 1 or more."""
FIELDS: Rows = ("redeeming", "queued", "claimed", "free_s")
"""Rows of the state: whether it is on its way out, what waits, for how many coins, until when."""
DUST = 1e-9
"""Collateral or debt below this share of a dollar is nothing."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Redemption:
    """
    How the first collateral is redeemed.

    `into` is its coin, which must be a borrowed asset; `ratio` the exchange rate over the market's
    price (`<token>_reported_ratio`), fixed when one joins the queue, of `queue_days`. While it
    waits, the health is kept at `health`.

    >>> Redemption(into="eth", ratio="wsteth_reported_ratio", queue_days=5.0).health
    1.05
    """

    into: Name
    ratio: Signal = 1.0
    queue_days: NonNegativeSignal
    health: Safe = 1.05

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The ratio, and the length of the queue."""
        return (self.ratio, self.queue_days)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What redeeming pays above the market's price."""
        return (Line("payout", self.into),)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A redemption, resolved: rows of its ratio and of its queue's length, and the health kept."""

    ratio: int
    days: int
    health: float


def begin(state: Block) -> None:
    """Nobody waits."""
    state["free_s"] = NEVER_S


def step(state: Block, wire: pledged.Wire, queue: Queue, now: Tick, out: Account) -> None:
    """Take what has come out of the queue and repay with it; then join it again."""
    done = (state["free_s"] <= now.t_s) & (state["queued"] > 0.0)
    if done.any():
        _receive(state, wire, done, out)
    going = (state["redeeming"] > 0.0) & (state["queued"] <= 0.0)
    if going.any():
        _join(state, wire, queue, going, now, out)


def _receive(state: Block, wire: pledged.Wire, done: Mask, out: Account) -> None:
    first, money = wire.pledged[0], _money(wire)
    price = np.maximum(out.price(money.asset), transfers.SMALLEST_PRICE)
    queued, coins = (np.where(done, state[row], 0.0) for row in ("queued", "claimed"))
    worth = queued * out.price(first.asset) / price
    repaid = np.where(money.running(out.ledger.now), np.minimum(coins, state[money.row]), 0.0)
    out.post("principal", first.asset, -queued)
    out.post("principal", money.asset, worth - (coins - repaid))
    out.post("payout", money.asset, coins - worth)
    out.post("principal", money.asset, coins - repaid, cash=True)
    state[money.row] -= repaid
    for row in ("queued", "claimed"):
        state[row][done] = 0.0
    state["free_s"][done] = NEVER_S


def _join(
    state: Block, wire: pledged.Wire, queue: Queue, going: Mask, now: Tick, out: Account
) -> None:
    first, money = wire.pledged[0], _money(wire)
    debt, allowed, _ = pledged.backing(state, now, wire)
    price = np.maximum(out.price(first.asset), transfers.SMALLEST_PRICE)
    per_unit = np.maximum(first.threshold * price * first.reported(now), transfers.SMALLEST_PRICE)
    spare = np.where(debt > 0.0, np.maximum(allowed - queue.health * debt, 0.0) / per_unit, 1e30)
    most = np.minimum(state[first.row], np.maximum(first.limit(now, first.cash), 0.0))
    taken = np.where(going & first.running(now), np.minimum(most, spare), 0.0)
    burnt = np.minimum(transfers.gas_cost(wire.gas, now) / price, taken)
    left = np.where(taken > 2.0 * burnt, taken - burnt, 0.0)
    out.post("gas", first.asset, np.where(left > 0.0, -burnt, 0.0))
    state[first.row] -= np.where(left > 0.0, taken, 0.0)
    state["queued"] += left
    into = np.maximum(out.price(money.asset), transfers.SMALLEST_PRICE)
    state["claimed"] += left * price * now.world.data[queue.ratio] / into
    wait = now.world.data[queue.days] * DAY_S
    state["free_s"] = np.where(left > 0.0, now.t_s + wait, state["free_s"])
    over = going & (state[first.row] * price < DUST) & (state["queued"] <= 0.0)
    state["redeeming"][over] = 0.0


def _money(wire: pledged.Wire) -> pledged.Leg:
    """The debt that is repaid: the first one, which `AaveV3` makes sure is the coin's."""
    return wire.owed[0]
