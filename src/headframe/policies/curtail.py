"""
Stand still while power costs more than it earns, and do not flicker.

A mine is a strip of options on the spread between what energy earns and what it costs; this rule
exercises them. It compares the mine's break-even power price, or a strike of its own, with what one
more megawatt-hour costs the mine, or would fetch where the contract lets it sell back.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Curtail:
    """
    Switch a mine off where its spread falls below `off_below`, and on again above `on_above`.

        spread = strike - power price in USD per MWh;  strike: the mine's break-even where none is
        given

    The gap between the two thresholds is the hysteresis. Machines rest at least `min_off_s` once
    they are off and run at least `min_on_s` once they are on.

    >>> Curtail(name="strike", position="mine", off_below_usd_per_mwh=-5.0).needs
    (('mine', ('on', 'break_even_usd_per_mwh', 'power_usd_per_mwh'), ('run',)),)
    """

    kind: ClassVar[str] = "curtail"
    name: Name
    position: Name
    strike_usd_per_mwh: Signal | None = None
    off_below_usd_per_mwh: float = 0.0
    on_above_usd_per_mwh: float = 0.0
    min_off_s: Delay = 0.0
    min_on_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("on", "since_s")
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _on_above_off(self) -> "Curtail":
        if self.on_above_usd_per_mwh < self.off_below_usd_per_mwh:
            raise ValueError("on_above_usd_per_mwh must be at least off_below_usd_per_mwh")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The strike, where it is not the mine's own."""
        return () if self.strike_usd_per_mwh is None else (self.strike_usd_per_mwh,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine, with what it earns and what it pays for power."""
        gauges = ("on", "break_even_usd_per_mwh", "power_usd_per_mwh")
        return ((self.position, gauges, ("run",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the strike."""
        return None if self.strike_usd_per_mwh is None else layout.row(self.strike_usd_per_mwh)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """As the mine is, since long ago."""
        state["on"] = view.gauge(self.position, "on")
        state["since_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Off where it does not pay, on where it does, if the last switch is long enough ago."""
        strike = (
            view.gauge(self.position, "break_even_usd_per_mwh")
            if state.wire is None
            else now.world.data[state.wire]
        )
        spread = strike - view.gauge(self.position, "power_usd_per_mwh")
        on, held_s = state["on"] > 0.0, now.t_s - state["since_s"]
        off = on & (spread < self.off_below_usd_per_mwh) & (held_s >= self.min_on_s)
        again = ~on & (spread > self.on_above_usd_per_mwh) & (held_s >= self.min_off_s)
        switched = off | again
        if not switched.any():
            return ()
        share = np.where(again, 1.0, 0.0)
        state["on"][switched] = share[switched]
        state["since_s"][switched] = now.t_s
        return (Order(position=self.position, verb="run", mask=switched, amount=share),)
