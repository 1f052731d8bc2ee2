"""Reduce leverage before the liquidator does: below a trigger, back to a target health."""

from typing import Any, ClassVar

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Delever:
    """
    Where `health` falls below `trigger`, sell and repay until it is `target`; at most once in
    `cooldown_s`.

    >>> Delever(name="guard", position="farm", trigger=1.05, target=1.2).needs
    (('farm', ('health',), ('delever',)),)
    """

    kind: ClassVar[str] = "delever"
    name: Name
    position: Name
    trigger: Positive
    target: Positive
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("acted_s",)
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _target_above(self) -> "Delever":
        if self.target < self.trigger:
            raise ValueError("target must be at least trigger")
        return self

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it guards."""
        return ((self.position, ("health",), ("delever",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing done yet."""
        state["acted_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Delever where the trigger is passed and the cool-down is over."""
        mask = view.gauge(self.position, "health") < self.trigger
        if self.cooldown_s > 0.0:
            mask &= now.t_s - state["acted_s"] >= self.cooldown_s
        if not mask.any():
            return ()
        if self.cooldown_s > 0.0:
            state["acted_s"][mask] = now.t_s
        return (Order(position=self.position, verb="delever", mask=mask, amount=self.target),)
