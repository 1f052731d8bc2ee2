"""A reserve sold to the grid: paid for as capacity, called by chance, fined where it is missing."""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.positions.rider import Meter, Moment, booking, full_mw, idle
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Duration,
    Fraction,
    Mask,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import HOUR_S, KW_PER_MW, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Reserve:
    """
    An ancillary service or demand response: `mw` of load that the grid may call upon.

    It earns `capacity_usd_per_mw_h` for what stands ready, that is, runs. It is called
    `calls_per_year` times, for `call_s` on average, and then `response` of the obligation goes off
    by itself; energy given up earns `energy_usd_per_mwh`. What is missing of the obligation, when
    machines stand or do not go off, costs `penalty_usd_per_mwh`.

    >>> Reserve(mw=10.0, capacity_usd_per_mw_h=6.0, calls_per_year=12, call_s="1h").response
    1.0
    """

    kind: Literal["reserve"] = "reserve"
    mw: Positive
    capacity_usd_per_mw_h: Signal
    energy_usd_per_mwh: Signal = 0.0
    calls_per_year: NonNegative = 0.0
    call_s: Duration = HOUR_S
    response: Fraction = 1.0
    penalty_usd_per_mwh: NonNegative = 0.0

    fields: ClassVar[Rows] = ("called", "load_before", "short_mwh")
    uniforms: ClassVar[Rows] = ("calls",)
    lines: ClassVar[tuple[Line, ...]] = (Line("demand_response", USD), Line("penalty", USD))
    capex_usd: ClassVar[float] = 0.0
    start = billed = holdings = idle

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What capacity and energy earn."""
        return (self.capacity_usd_per_mw_h, self.energy_usd_per_mwh)

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Chances of a step, prices, rows."""
        return record(
            called=-math.expm1(-self.calls_per_year * dt_s / YEAR_S),
            freed=-math.expm1(-dt_s / self.call_s),
            response_kw=self.response * self.mw * KW_PER_MW,
            obliged_mw=self.mw,
            hours=dt_s / HOUR_S,
            penalty_usd_per_mwh=self.penalty_usd_per_mwh,
            capacity=layout.row(self.capacity_usd_per_mw_h),
            energy=layout.row(self.energy_usd_per_mwh),
            u=layout.draw(f"{mine}.{name}.calls"),
            **booking(layout, mine, "demand_response"),
            fined_quantity=layout.quantity(mine, "penalty", USD, cash=False),
            fined_value=layout.value(mine, "penalty"),
        )

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Called load goes off."""
        kernel.call_reserve(own, load, fleet.capacity_kw, fleet.is_open, now.draws.data, wired)

    def settle(self, at: Moment) -> None:
        """Pay for what stands ready and what was given up, fine what is missing."""
        kernel.pay_reserve(
            at.own,
            at.unbilled,
            at.fleet.on,
            at.fleet.capacity_kw,
            at.fleet.is_open,
            at.now.world.data,
            at.out.books,
            at.wired,
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to stand ready: it earns the capacity payment and spares the penalty."""
        earned = now.world.data[wired[0]["capacity"]] + self.penalty_usd_per_mwh
        extra -= earned * np.minimum(self.mw / full_mw(capacity_kw), 1.0)

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """The obligation ends with the mine."""
        own[:2, mask] = 0.0
