"""Close a position once it, or a price, has fallen far enough: the loss one is willing to take."""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
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
    Name,
    Positive,
    Proper,
    Rows,
    Signal,
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StopLoss:
    """
    Close where the position's equity, or the observable `price`, stands below a level.

    The level is `below`, or a share `loss` under the value at the opening, or with `trailing` under
    the highest value so far. What is paid out on closing is decided by the position; a gap is not
    protected against: the stop is carried out at the price that follows it.

    >>> StopLoss(name="stop", position="farm", loss=0.3).needs
    (('farm', ('equity',), ('close',)),)
    """

    kind: ClassVar[str] = "stop_loss"
    name: Name
    position: Name
    price: Name | None = None
    loss: Proper | None = None
    below: Positive | None = None
    trailing: bool = False
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("reference",)
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_level(self) -> "StopLoss":
        if (self.loss is None) == (self.below is None):
            raise ValueError("give either loss (a share) or below (a level)")
        if self.trailing and self.loss is None:
            raise ValueError("trailing needs loss: a level does not move")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price, where one is watched."""
        return () if self.price is None else (self.price,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it closes."""
        return ((self.position, ("equity",), ("close",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """The value at the opening."""
        state["reference"] = self._watched(view, now)

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Close what is open and below its level."""
        value = self._watched(view, now)
        if self.trailing:
            state["reference"] = np.maximum(state["reference"], value)
        level: float | Array = self.below or 0.0
        if self.loss is not None:
            level = (1.0 - self.loss) * state["reference"]
        mask = (value < level) & (view.gauge(self.position, "equity") != 0.0)
        return (Order(position=self.position, verb="close", mask=mask),) if mask.any() else ()

    def _watched(self, view: View, now: Tick) -> Array:
        return view.gauge(self.position, "equity") if self.price is None else now[self.price]
