"""
Ramp down before a known change: the threshold falls on a date, and who waits for it is liquidated.

A protocol announces what it will change (`threshold_changes` of a position). The health that counts
is the one after the change; it is reached in even parts ahead of the date, so that no single sale
is large, and the market may bring some of it for nothing.
"""

from typing import Any, ClassVar

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies.delever import Parts
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RampDown:
    """
    Delever `position` in `parts`, evenly over `before_s` ahead of `at_s`, so that its health after
    the change is at least `target`.

    The last part is due at the last step before `at_s`. Each part takes an even share of the health
    that is still lacking then.

    >>> ramp = RampDown(name="notice", position="farm", at_s="60d", before_s="20d", parts=4,
    ...                 target=1.2)
    >>> [when / 86_400.0 for when in ramp.occasions_s(86_400.0)]
    [39.0, 45.666666666666664, 52.333333333333336, 59.0]
    """

    kind: ClassVar[str] = "ramp_down"
    name: Name
    position: Name
    at_s: Duration
    before_s: Duration
    parts: Parts = 1
    target: Positive
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("done",)
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _in_time(self) -> "RampDown":
        if self.before_s > self.at_s:
            raise ValueError("before_s must be at most at_s: it begins after the opening")
        if self.lag_s >= self.before_s:
            raise ValueError("lag_s must be shorter than before_s")
        return self

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position whose terms will change."""
        return ((self.position, ("health", "later_health"), ("delever",)),)

    def occasions_s(self, dt_s: float) -> tuple[float, ...]:
        """When its parts are ordered, in steps of `dt_s`: the last so that it is done in time."""
        last = self.at_s - dt_s - self.lag_s
        first = max(self.at_s - self.before_s - dt_s - self.lag_s, dt_s)
        if self.parts == 1:
            return (max(last, dt_s),)
        apart = (last - first) / (self.parts - 1)
        return tuple(first + k * apart for k in range(self.parts))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Its occasions."""
        return self.occasions_s(dt_s)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No part done."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Order the part that is due, where health after the change is lacking."""
        due = sum(when <= now.t_s + 1e-6 for when in state.wire)
        done = float(state["done"][0])
        if now.t_s >= self.at_s or due <= done:
            return ()
        share = (due - done) / (self.parts - done)
        state["done"] = float(due)
        health, later = (view.gauge(self.position, g) for g in ("health", "later_health"))
        # the health that is the target after the change, at the threshold of now
        wanted = self.target * health / (later + (later <= 0.0))
        mask = (later < self.target) & (later > 0.0)
        if not mask.any():
            return ()
        amount = health + (wanted - health) * share
        return (Order(position=self.position, verb="delever", mask=mask, amount=amount),)
