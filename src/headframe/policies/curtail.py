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
from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Mask, Name, Rows, Signal

SAME_SHARE = 1e-9
"""Shares of load closer than this are the same."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Curtail:
    """
    Switch a mine off where its spread falls below `off_below`, and on again above `on_above`.

        spread = strike - power price in USD per MWh;  strike: the mine's break-even where none is
        given

    The gap between the two thresholds is the hysteresis. Machines rest at least `min_off_s` once
    they are off and run at least `min_on_s` once they are on. With `keep_obliged` the megawatts
    that the mine has sold as reserve run on while the rest stands still: it goes down to the share
    `obliged_mw / capacity_mw` of full load, and follows that share as machines come and go.

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
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("on", "since_s", "kept")
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
        """The row of the strike."""
        return None if self.strike_usd_per_mwh is None else layout.row(self.strike_usd_per_mwh)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """As the mine is, since long ago."""
        state["on"] = view.gauge(self.position, "on")
        state["kept"] = np.where(state["on"] > 0.0, 0.0, state["on"])
        state["since_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Off where it does not pay, on where it does, if the last switch is long enough ago."""
        strike = (
            view.gauge(self.position, "break_even_usd_per_mwh")
            if state.wire is None
            else now.world.data[state.wire]
        )
        spread = strike - self._power_usd_per_mwh(view)
        on = state["on"] > 0.0
        again = spread > self.on_above_usd_per_mwh
        switched = np.where(on, spread < self.off_below_usd_per_mwh, again)
        if self.min_on_s > 0.0 or self.min_off_s > 0.0:
            least_s = np.where(on, self.min_on_s, self.min_off_s)
            switched &= now.t_s - state["since_s"] >= least_s
        if not self.keep_obliged:
            return self._run(state, switched, ~on, now)
        kept = self._kept(view)
        moved = ~on & ~switched & (np.abs(kept - state["kept"]) > SAME_SHARE)
        off = switched & on
        state["kept"][off | moved] = kept[off | moved]
        return self._run(state, switched, ~on, now, kept, moved)

    def _run(
        self,
        state: Block,
        switched: Mask,
        to_on: Mask,
        now: Tick,
        kept: Array | float = 0.0,
        moved: Mask | None = None,
    ) -> Orders:
        """Full load where it is switched on, else what is kept; nothing where nothing changes."""
        changed = switched if moved is None else switched | moved
        if not changed.any():
            return ()
        np.copyto(state["on"], np.where(to_on, 1.0, 0.0), where=switched)
        np.copyto(state["since_s"], now.t_s, where=switched)
        share = np.where(switched & to_on, 1.0, kept)
        return (Order(position=self.position, verb="run", mask=changed, amount=share),)

    def _power_usd_per_mwh(self, view: View) -> Array:
        """Cost of one more unit; where the reserve runs in any case, what it earns is not in it."""
        cost = view.gauge(self.position, "power_usd_per_mwh")
        if self.keep_obliged:
            cost = cost + view.gauge(self.position, "obliged_usd_per_mwh")
        return cost

    def _kept(self, view: View) -> Array:
        """Share of full load that runs in any case."""
        if not self.keep_obliged:
            return np.zeros_like(view.gauge(self.position, "on"))
        full = view.gauge(self.position, "capacity_mw")
        obliged = view.gauge(self.position, "obliged_mw")
        return np.asarray(np.minimum(obliged / np.where(full > 0.0, full, np.inf), 1.0))
