"""
Rotate: move capital to the best farm, where the gain over an expected stay pays for the move.

A yield that is advertised lasts for a while, and a move costs the exit of one farm and the entry of
another, whatever the yield does then. Capital V moves from a yield y to a better one z where

    (z - y) V horizon  >  (1 + margin) (cost V + gas)

It is closed at one step and opened at the next: what comes out is known before it goes in. What the
desk refuses (a house rule, a frozen place) stays in the wallet, and the next best is tried.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.policies import reentry
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

GONE = 0.5
"""Of what came out, the share that must be back in a farm for the move to have worked."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rotate:
    """
    Keep one capital in the best of several positions.

    `yields` names them with the net yearly yield that each advertises, numbers or observables; the
    capital stands in that which is worth most. The others are in the book too, with a deposit of
    little, such as `{ usdc = 1 }`: it is the measure in which they are bought. `entry_cost` and
    `exit_cost` are shares of the capital, `gas_usd` the gas of both moves.

    >>> rule = Rotate(name="chase", yields={"steady": 0.05, "degen": "degen_reward_apr"},
    ...               horizon_s="30d", entry_cost=0.003, exit_cost=0.003)
    >>> round(rule.least_gain_apr(), 4)
    0.073
    """

    kind: ClassVar[str] = "rotate"
    name: Name
    yields: dict[Name, Signal]
    horizon_s: Duration = 30 * DAY_S
    margin: NonNegative = 0.0
    entry_cost: Proper = 0.003
    exit_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _several(self) -> "Rotate":
        if len(self.yields) < 2:
            raise ValueError("yields must name two positions or more")
        return self

    @property
    def fields(self) -> Rows:
        """When it moved, to which (from 1 on; 0: it stays), with how much, what is shut."""
        shut = tuple(f"shut_s_{k}" for k in range(len(self.yields)))
        return ("moved_s", "closed_s", "to", "tried", "came_out", *shut)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What is advertised, and gas."""
        return (*self.yields.values(), self.gas_usd)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """All that it may move to."""
        return tuple((name, ("equity",), ("open", "close")) for name in self.yields)

    def least_gain_apr(self) -> float:
        """The difference of yearly yields that pays for a move, gas apart."""
        return (1.0 + self.margin) * (self.entry_cost + self.exit_cost) * YEAR_S / self.horizon_s

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Deposits by which the positions are opened; rows of yields and gas."""
        unit = [reentry.require_deposit(layout, n, self.name, "yields") for n in self.yields]
        rows = [layout.row(signal) for signal in self.yields.values()]
        return unit, rows, record(**transfers.gas_rows(layout, self.gas_usd))

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing moved yet."""
        state["moved_s"] = state["closed_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Open where the last step closed; else close where a move pays."""
        equity = np.array([view.gauge(name, "equity") for name in self.yields])
        advertised = np.array([now.world.data[row] for row in state.wire[1]])
        for k in range(len(self.yields)):
            advertised[k] = np.where(state[f"shut_s_{k}"] > now.t_s, -np.inf, advertised[k])
        out = (state["to"] > 0.0) & (equity.sum(axis=0) < GONE * state["came_out"])
        waiting = state["closed_s"] + self.lag_s >= now.t_s
        state["to"] = np.where(out | waiting, state["to"], 0.0)
        state["tried"] = np.where(out, state["tried"], 0.0)
        return (
            *self._go_in(state, view, now, advertised, out & ~waiting),
            *self._leave(state, now, advertised, equity, (state["to"] == 0.0)),
        )

    def _go_in(
        self, state: Block, view: View, now: Tick, advertised: Array, out: Mask
    ) -> list[Order]:
        """Open the best that is not shut with what came out; shut what did not open."""
        if not out.any():
            return []
        failed = out & (state["tried"] > 0.0)
        for k in range(len(self.yields)):
            refused = failed & (state["tried"] == k + 1.0)
            until = now.t_s + max(self.cooldown_s, self.horizon_s)
            state[f"shut_s_{k}"] = np.where(refused, until, state[f"shut_s_{k}"])
            advertised[k] = np.where(refused, -np.inf, advertised[k])
        best, orders = advertised.argmax(axis=0), []
        state["closed_s"] = np.where(out, now.t_s, state["closed_s"])
        for k, name in enumerate(self.yields):
            mask = out & (best == k) & np.isfinite(advertised[k])
            if mask.any():
                unit = reentry.worth_of(state.wire[0][k], view)
                times = state["came_out"] * (1.0 - self.exit_cost) / np.maximum(unit, 1e-300)
                state["tried"] = np.where(mask, k + 1.0, state["tried"])
                orders.append(Order(position=name, verb="open", mask=mask, amount=times))
        return orders

    def _leave(
        self, state: Block, now: Tick, advertised: Array, equity: Array, settled: Mask
    ) -> list[Order]:
        """Close what is not the best, where the gain over the stay pays for the move."""
        paths = np.arange(equity.shape[1])
        here, best = equity.argmax(axis=0), advertised.argmax(axis=0)
        capital = equity[here, paths]
        gas = transfers.gas_cost(state.wire[2], now)
        with np.errstate(invalid="ignore"):
            more = advertised[best, paths] - advertised[here, paths]
        gain = np.where(np.isfinite(more), more, 0.0) * capital * (self.horizon_s / YEAR_S)
        cost = (self.entry_cost + self.exit_cost) * capital + gas
        moves = settled & (capital > 0.0) & (best != here) & (gain > (1.0 + self.margin) * cost)
        moves &= now.t_s - state["moved_s"] >= self.cooldown_s
        if not moves.any():
            return []
        for row, value in (("moved_s", now.t_s), ("closed_s", now.t_s), ("came_out", capital)):
            state[row] = np.where(moves, value, state[row])
        state["to"] = np.where(moves, best + 1.0, state["to"])
        orders = []
        for k, name in enumerate(self.yields):
            mask = moves & (here == k)
            if mask.any():
                orders.append(Order(position=name, verb="close", mask=mask))
        return orders
