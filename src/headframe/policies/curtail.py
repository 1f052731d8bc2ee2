"""
Stand still while power costs more than it earns, and do not flicker.

A mine is a strip of options on the spread between what energy earns and what it costs; this rule
exercises them. It compares the mine's break-even power price, or a strike of its own, with what one
more megawatt-hour costs the mine, or would fetch where the contract lets it sell back.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.kernels import curtail as kernel
from headframe.layout import Layout, record
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, Positive, Rows, Signal
from headframe.units import HOUR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Curtail:
    """
    Switch a mine off where its spread falls below `off_below`, and on again above `on_above`.

        spread = strike - power price in USD per MWh;  strike: the mine's break-even where none is
        given

    The gap between the two thresholds is the hysteresis. Machines rest at least `min_off_s` once
    they are off and run at least `min_on_s` once they are on. With `keep_obliged` the megawatts
    that the mine has sold as reserve run on while the rest stands still: it goes down to the share
    `obliged_mw / capacity_mw` of full load, and follows that share as machines come and go. With
    `ramp_mw_per_h` the load moves no faster than that, up or down.

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
    keep_obliged: bool = False
    ramp_mw_per_h: Positive | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("on", "since_s", "at", "keeps", "room")
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
        gauges: Rows = ("on", "break_even_usd_per_mwh", "power_usd_per_mwh")
        if self.keep_obliged:
            gauges = (*gauges, "obliged_mw", "capacity_mw", "obliged_usd_per_mwh")
        elif self.ramp_mw_per_h is not None:
            gauges = (*gauges, "capacity_mw")
        return ((self.position, gauges, ("run",)),)

    def check_prices(self, position: Any, least: Callable[[Signal], float | None]) -> None:
        """Refuse a strike below 0 where the mine's power cannot cost less than that."""
        strike, bound = self.strike_usd_per_mwh, getattr(position, "least_power_usd_per_mwh", None)
        if bound is None or strike is None or isinstance(strike, str) or strike >= 0.0:
            return
        lowest = bound(least)
        if lowest is not None and lowest >= 0.0:
            allowed = (
                f"0 or more: power of {position.name} never costs less than {lowest:g} USD/MWh"
            )
            raise InputError(f"policy.{self.name}.strike_usd_per_mwh", strike, allowed)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the strike, and the thresholds."""
        strike = self.strike_usd_per_mwh
        thresholds = record(
            off_below=self.off_below_usd_per_mwh,
            on_above=self.on_above_usd_per_mwh,
            min_on_s=self.min_on_s,
            min_off_s=self.min_off_s,
        )
        return None if strike is None else layout.row(strike), thresholds, dt_s / HOUR_S

    def open(self, state: Block, view: View, now: Tick) -> None:
        """As the mine is, since long ago."""
        state["on"] = view.gauge(self.position, "on")
        state["at"] = np.where(state["on"] > 0.0, 1.0, 0.0)
        state["since_s"] = -1e18
        state["room"] = 1.0

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Off where it does not pay, on where it does, if the last switch is long enough ago."""
        row, thresholds, hours = state.wire
        strike = (
            view.gauge(self.position, "break_even_usd_per_mwh")
            if row is None
            else now.world.data[row]
        )
        cost = view.gauge(self.position, "power_usd_per_mwh")
        if self.keep_obliged:  # the reserve runs in any case: what it earns is not in the cost
            cost = cost + view.gauge(self.position, "obliged_usd_per_mwh")
            state["keeps"] = self._share(view, view.gauge(self.position, "obliged_mw"))
        if self.ramp_mw_per_h is not None:
            state["room"] = self._share(view, self.ramp_mw_per_h * hours)
        changed, share = np.empty(cost.size, np.bool_), np.empty(cost.size)
        if not kernel.switch(state.data, strike, cost, changed, share, now.t_s, thresholds):
            return ()
        return (Order(position=self.position, verb="run", mask=changed, amount=share),)

    def _share(self, view: View, mw: Array | float) -> Array:
        """Megawatts as a share of full load, at most 1; nothing where nothing can run."""
        full = view.gauge(self.position, "capacity_mw")
        return np.asarray(np.minimum(mw / np.where(full > 0.0, full, np.inf), 1.0))
