"""Curtailment credit: pay for energy of a baseline that is not used while the grid asks for it."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Line
from headframe.positions.machines import USD
from headframe.positions.rider import Moment, booking, full_mw, idle
from headframe.process import Tick
from headframe.types import STRICT, Array, Positive, Rows, Signal
from headframe.units import HOUR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CurtailmentCredit:
    """
    A programme that pays for what is not used of a baseline while an event lasts.

    `event` is the share of the interval in which there is one: an observable.

    >>> CurtailmentCredit(event="grid_emergency_share", baseline_mw=3.5,
    ...                   usd_per_mwh=120.0).reads
    ('grid_emergency_share', 120.0)
    """

    kind: Literal["curtailment_credit"] = "curtailment_credit"
    event: Signal
    baseline_mw: Positive
    usd_per_mwh: Signal

    fields: ClassVar[Rows] = ("credited_mwh",)
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (Line("demand_response", USD),)
    capex_usd: ClassVar[float] = 0.0
    start = hold = billed = ended = holdings = idle

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The event and what it pays."""
        return (self.event, self.usd_per_mwh)

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Baseline and rows."""
        return record(
            baseline_mw=self.baseline_mw,
            hours=dt_s / HOUR_S,
            event=layout.row(self.event),
            pays=layout.row(self.usd_per_mwh),
            **booking(layout, mine, "demand_response"),
        )

    def settle(self, at: Moment) -> None:
        """Credit what was not used."""
        kernel.credit_curtailment(
            at.own,
            at.unbilled,
            at.fleet.energy_kwh,
            at.fleet.is_open,
            at.now.world.data,
            at.out.books,
            at.wired,
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to forgo the credit."""
        world, q = now.world.data, wired[0]
        event = np.clip(world[q["event"]], 0.0, 1.0)
        extra += event * world[q["pays"]] * np.minimum(self.baseline_mw / full_mw(capacity_kw), 1.0)
