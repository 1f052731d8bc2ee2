"""Close a position once it, or a price, has fallen far enough: the loss one is willing to take."""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies import reentry
from headframe.policy import Orders, View
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
    protected against: the stop is carried out at the price that follows it. With `reopen_after_s`
    what came out is put back so long after a stop, and the value then is the new reference; a
    position that was liquidated stays closed.

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
    reopen_after_s: Duration | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("reference", *reentry.FIELDS)
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_level(self) -> "StopLoss":
        if (self.loss is None) == (self.below is None):
            raise ValueError("give either loss (a share) or below (a level)")
        if self.trailing and self.loss is None:
            raise ValueError("trailing needs loss: a level does not move")
        if self.reopen_after_s is not None and self.reopen_after_s <= self.lag_s:
            raise ValueError("reopen_after_s must be longer than lag_s")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price, where one is watched."""
        return () if self.price is None else (self.price,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it closes."""
        again: Rows = () if self.reopen_after_s is None else ("open",)
        return ((self.position, ("equity",), ("close", *again)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """What opens the position again, where that is asked for."""
        if self.reopen_after_s is None:
            return None
        return reentry.require_deposit(layout, self.position, self.name, "reopen_after_s")

    def open(self, state: Block, view: View, now: Tick) -> None:
        """The value at the opening."""
        state["reference"] = self._watched(view, now)
        state["closed_s"] = reentry.NOT_CLOSED_S

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Close what is open and below its level; open again what has waited long enough."""
        value, equity = self._watched(view, now), view.gauge(self.position, "equity")
        if self.trailing:
            state["reference"] = np.maximum(state["reference"], value)
        level: float | Array = self.below or 0.0
        if self.loss is not None:
            level = (1.0 - self.loss) * state["reference"]
        stopped = (value < level) & (equity != 0.0)
        if self.reopen_after_s is None:
            return reentry.close(state, self.position, stopped, equity, now)
        back, again = reentry.reopen(state, self.position, equity, view, now, self.reopen_after_s)
        # the reference of a new start: the price now, or the equity that goes in
        fresh = value if self.price is not None else state["came_out"]
        state["reference"] = np.where(back, fresh, state["reference"])
        stopped &= (now.t_s - state["closed_s"] > self.lag_s) & ~back
        return (*reentry.close(state, self.position, stopped, equity, now), *again)

    def _watched(self, view: View, now: Tick) -> Array:
        return view.gauge(self.position, "equity") if self.price is None else now[self.price]
