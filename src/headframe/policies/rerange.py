"""
Move concentrated liquidity after the price: out of its range, near a bound, or every so often.

A new range costs a swap of about half the position and gas, and makes the loss of the old one
final; a range that is left earns nothing. The policy only says when and how wide; the costs are the
position's own.
"""

from typing import ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies.realised import squared_move
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, Positive, Rows, Signal
from headframe.units import DAY_S

NEVER_YET_S = -1e18
"""Time of the last move before there was one."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rerange:
    """
    Give `position` a new range around the price where the price is out of its range, or within
    `margin` of a bound (a share of the price), or `interval_s` after the last one; at most once in
    `cooldown_s`.

    The new range is [P / (1 + w), P (1 + w)]: w is `width`; or `volatility_multiple` times the
    standard deviation of the price over `horizon_s`, from moves of which those older than
    `memory_s` fade; or, with neither, what it was.

    >>> follow = Rerange(name="follow", position="lp", margin=0.01, width=0.1, cooldown_s="1d")
    >>> follow.cooldown_s
    86400.0
    """

    kind: ClassVar[str] = "rerange"
    name: Name
    position: Name
    margin: float = 0.0
    interval_s: Duration | None = None
    width: Positive | None = None
    volatility_multiple: Positive | None = None
    horizon_s: Duration = DAY_S
    memory_s: Duration = 30 * DAY_S
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("acted_s", "price", "variance", "steps")
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _one_width(self) -> "Rerange":
        if self.width is not None and self.volatility_multiple is not None:
            raise ValueError("give width or volatility_multiple, or neither to keep the width")
        if not self.margin < 1.0:
            raise ValueError("margin must be below 1: it is a share of the price")
        return self

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it moves."""
        gauges = ("in_range", "distance_lower", "distance_upper", "pool_price", "equity")
        return ((self.position, gauges, ("rerange",)),)

    def wire(self, layout: Layout, dt_s: float) -> float:
        """The length of its step."""
        return dt_s

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No move yet; the interval counts from now."""
        state["acted_s"] = NEVER_YET_S
        state["price"] = view.gauge(self.position, "pool_price")

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Move the range where one of its occasions has come and the cool-down is over."""
        self._watch(state, view)
        at = self.position
        occasion = view.gauge(at, "in_range") == 0.0
        # A range may be narrower than the margin: at its middle it stays.
        near = np.minimum(view.gauge(at, "distance_lower"), view.gauge(at, "distance_upper"))
        occasion |= near < self.margin
        last_s = state["acted_s"]
        if self.interval_s is not None:
            occasion |= now.t_s - np.maximum(last_s, 0.0) >= self.interval_s
        mask = occasion & (view.gauge(at, "equity") > 0.0)
        mask &= now.t_s - last_s >= self.cooldown_s
        if not mask.any():
            return ()
        last_s[mask] = now.t_s
        return (Order(position=at, verb="rerange", mask=mask, amount=self._width(state)),)

    def _watch(self, state: Block, view: View) -> None:
        price = view.gauge(self.position, "pool_price")
        move = squared_move(price, state["price"])
        state["steps"] += 1.0
        fresh = np.maximum(1.0 / state["steps"], min(state.wire / self.memory_s, 1.0))
        state["variance"] += fresh * (move - state["variance"])
        state["price"] = price

    def _width(self, state: Block) -> float | Array:
        if self.volatility_multiple is None:
            return 0.0 if self.width is None else self.width
        per_horizon = np.sqrt(state["variance"] * (self.horizon_s / state.wire))
        wide: Array = self.volatility_multiple * per_horizon
        return wide
