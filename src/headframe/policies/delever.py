"""
Reduce leverage before the liquidator does: below a trigger, back to a target health.

What it costs is the position's own: the swap with its impact, and gas. One step sells much at once;
a ladder sells little first and more where health falls on; parts spread a step over time, which
saves impact and loses the race where the fall goes on.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    Positive,
    Rows,
    Signal,
)

Parts = Annotated[int, Field(ge=1, le=1000)]
"""In how many orders a target is reached."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Delever:
    """
    Where `health` falls below `trigger`, sell and repay until it is `target`; at most once in
    `cooldown_s`.

    `steps` in place of the two is a ladder of (trigger, target): the lowest trigger that is passed
    counts. With `parts` each target is reached in so many orders, `pause_s` apart, each of which
    takes an even part of the health that is lacking then. `most_gas`, a share of what would be
    repaid, holds an order back while the position's gauge `gas` tells of more than that.

    >>> Delever(name="guard", position="farm", trigger=1.05, target=1.2).needs
    (('farm', ('health',), ('delever',)),)
    >>> ladder = Delever(name="guard", position="farm", steps=((1.1, 1.15), (1.05, 1.2)))
    >>> ladder.ladder
    ((1.05, 1.2), (1.1, 1.15))
    """

    kind: ClassVar[str] = "delever"
    name: Name
    position: Name
    trigger: Positive | None = None
    target: Positive | None = None
    steps: tuple[tuple[Positive, Positive], ...] = ()
    parts: Parts = 1
    pause_s: Delay = 0.0
    most_gas: Positive | None = None
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("acted_s", "to", "left")
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _target_above(self) -> "Delever":
        told = self.trigger is not None and self.target is not None
        if told == bool(self.steps) or (self.trigger is None) != (self.target is None):
            raise ValueError("give either trigger and target, or steps of both")
        for trigger, target in self.ladder:
            if target < trigger:
                raise ValueError(f"target {target:g} is not allowed; at least trigger, {trigger:g}")
        if self.pause_s > 0.0 and self.parts == 1:
            raise ValueError("pause_s is between parts: give parts of 2 or more")
        return self

    @property
    def ladder(self) -> tuple[tuple[float, float], ...]:
        """Triggers with their targets, the lowest trigger first."""
        if self.trigger is not None and self.target is not None:
            return ((self.trigger, self.target),)
        return tuple(sorted(self.steps))

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it guards."""
        costs: Rows = () if self.most_gas is None else ("gas", "debt", "ltv")
        return ((self.position, ("health", *costs), ("delever",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing done yet."""
        state["acted_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Delever where a trigger is passed and the cool-down is over, or a part is due."""
        health = view.gauge(self.position, "health")
        called = health < self.ladder[-1][0]
        if self.parts > 1:
            return self._in_parts(state, view, now, health, called)
        if self.cooldown_s > 0.0:
            called &= now.t_s - state["acted_s"] >= self.cooldown_s
        if not called.any():
            return ()
        to = self._aim(health)
        if self.most_gas is not None:
            called &= self._worth_its_gas(view, health, to)
        if self.cooldown_s > 0.0:
            state["acted_s"][called] = now.t_s
        return (Order(position=self.position, verb="delever", mask=called, amount=to),)

    def _aim(self, health: Array) -> Array | float:
        """The target of the lowest trigger that is passed."""
        if len(self.ladder) == 1:
            return self.ladder[0][1]
        passed = [health < trigger for trigger, _ in self.ladder]
        return np.select(passed, [target for _, target in self.ladder], 0.0)

    def _in_parts(self, state: Block, view: View, now: Tick, health: Array, called: Mask) -> Orders:
        """Begin where the cool-down is over, go on where a pause is."""
        fresh = called & (state["left"] == 0.0)
        fresh &= now.t_s - state["acted_s"] >= self.cooldown_s
        # while a part is still to come, a deeper fall may raise its target, not lower it
        to = np.where(called, self._aim(health), 0.0)
        to = np.maximum(to, np.where(state["left"] > 0.0, state["to"], 0.0))
        left = np.where(fresh, float(self.parts), state["left"])
        paused = (state["left"] > 0.0) & (now.t_s - state["acted_s"] < self.pause_s)
        mask = (left > 0.0) & ~paused & self._worth_its_gas(view, health, to)
        state["to"] = np.where(mask, to, state["to"])
        state["left"] = np.where(mask, np.where(health < to, left - 1.0, 0.0), state["left"])
        if not mask.any():
            return ()
        state["acted_s"][mask] = now.t_s
        amount = health + (to - health) / np.maximum(left, 1.0)
        return (Order(position=self.position, verb="delever", mask=mask, amount=amount),)

    def _worth_its_gas(self, view: View, health: Array, to: Array | float) -> Mask:
        """
        Where gas is no more than its allowed share of what would be repaid.

            repaid = D (h' - h) / (h' - T),   T = h D / V, the threshold
        """
        if self.most_gas is None:
            return np.ones(health.shape, np.bool_)
        debt, ltv = view.gauge(self.position, "debt"), view.gauge(self.position, "ltv")
        slope = to - health * ltv
        repaid = np.where(slope > 0.0, debt * (to - health) / np.where(slope > 0.0, slope, 1.0), 0)
        worth: Mask = view.gauge(self.position, "gas") <= self.most_gas * np.minimum(repaid, debt)
        return worth
