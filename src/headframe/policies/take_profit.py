"""Close a position once it, or a price, has risen far enough: the gain that one is content with."""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies import reentry
from headframe.policy import Orders, View
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TakeProfit:
    """
    Close where the position's equity, or the observable `price`, stands above a level.

    The level is `above`, or a share `gain` over the value at the opening. With `reopen_after_s`
    what came out is put back so long after it was taken, and the value then is the new reference.

    >>> TakeProfit(name="target", position="lp", price="eth_usd", above=5_000.0).reads
    ('eth_usd',)
    """

    kind: ClassVar[str] = "take_profit"
    name: Name
    position: Name
    price: Name | None = None
    gain: Positive | None = None
    above: Positive | None = None
    reopen_after_s: Duration | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("reference", *reentry.FIELDS)
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_level(self) -> "TakeProfit":
        if (self.gain is None) == (self.above is None):
            raise ValueError("give either gain (a share) or above (a level)")
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
        """Close what is open and above its level; open again what has waited long enough."""
        value, equity = self._watched(view, now), view.gauge(self.position, "equity")
        level: float | Array = self.above or 0.0
        if self.gain is not None:
            level = (1.0 + self.gain) * state["reference"]
        taken = (value > level) & (equity != 0.0)
        if self.reopen_after_s is None:
            return reentry.close(state, self.position, taken, equity, now)
        back, again = reentry.reopen(state, self.position, equity, view, now, self.reopen_after_s)
        fresh = value if self.price is not None else state["came_out"]
        state["reference"] = np.where(back, fresh, state["reference"])
        taken &= (now.t_s - state["closed_s"] > self.lag_s) & ~back
        return (*reentry.close(state, self.position, taken, equity, now), *again)

    def _watched(self, view: View, now: Tick) -> Array:
        return view.gauge(self.position, "equity") if self.price is None else now[self.price]
