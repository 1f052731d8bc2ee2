"""
Coincident peaks: next year's transmission, by the load in the system's peaks of this year.

Whether to stand still in an hour that may be one is a policy's affair; what it would cost on
average is part of what one more unit costs.
"""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.positions.rider import Moment, booking, idle
from headframe.process import UNIX_TS, Tick
from headframe.types import STRICT, Array, Mask, NonNegative, Rows, Signal
from headframe.units import HOUR_S, YEAR_S

PEAKS = 4
"""Months whose peaks are measured in the Texan scheme: June to September."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CoincidentPeak:
    """
    Transmission charged by the load in the system's monthly peaks: 4CP where there are four.

        charge of the next year = mean load in the `peaks` peak intervals x rate

    `chance` and `record` are what a process `coincident_peak` publishes. What a peak costs is owed
    from the moment that it is measured and payable over the year that follows; `last_year_mw` is
    the load that this year's charge rests on. The expected charge of the interval that begins,
    chance x rate / peaks over its hours, is part of what one more unit costs.

    >>> CoincidentPeak(usd_per_mw_year=60_000.0, chance="ercot_system_peak_chance",
    ...                record="ercot_system_peak_record").peaks
    4
    """

    kind: Literal["coincident_peak"] = "coincident_peak"
    usd_per_mw_year: NonNegative
    chance: Signal
    record: Signal
    peaks: Annotated[int, Field(ge=1, le=12)] = PEAKS
    last_year_mw: NonNegative = 0.0

    fields: ClassVar[Rows] = ("month_mw", "measured_usd", "due_usd", "due_usd_per_s", "last_mw")
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (Line("demand_charge", USD),)
    capex_usd: ClassVar[float] = 0.0
    hold = billed = idle

    @property
    def reads(self) -> tuple[Signal, ...]:
        """How likely a peak is, and whether it was one."""
        return (self.chance, self.record)

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Rates, rows and the calendar."""
        return record(
            usd_per_mw=self.usd_per_mw_year / self.peaks,
            usd_per_mw_s=self.usd_per_mw_year / YEAR_S,
            per_year_s=1.0 / YEAR_S,
            hours=dt_s / HOUR_S,
            seconds=dt_s,
            record=layout.row(self.record),
            chance=layout.row(self.chance),
            calendar=layout.row(UNIX_TS),
            **booking(layout, mine, "demand_charge"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """The charge of the first year rests on last year's load."""
        own[4] = np.where(size > 0.0, self.last_year_mw, own[4])

    def settle(self, at: Moment) -> None:
        """Measure the load of a peak, and charge what last year's peaks cost."""
        kernel.coincident_peak(
            at.own,
            at.unbilled,
            at.fleet.energy_kwh,
            at.fleet.is_open,
            at.before.world.data,
            at.now.world.data,
            at.out.books,
            at.wired,
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """Expected charge of the interval that begins now."""
        q = wired[0]
        extra += now.world.data[q["chance"]] * (q["usd_per_mw"] / q["hours"])

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """All that was measured is payable now."""
        owed = np.where(mask, own[1] + own[2], 0.0)
        unbilled += owed
        own[:, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed and not yet payable."""
        total -= own[1]
        total -= own[2]
