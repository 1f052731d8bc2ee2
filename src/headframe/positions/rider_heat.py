"""Heat reuse: what machines give off takes the place of a boiler's fuel, as far as it is needed."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import field_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.positions.rider import Moment, booking, full_mw, idle, not_negative
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Duration,
    Fraction,
    Mask,
    NonNegative,
    Rows,
    Signal,
    Threshold,
)
from headframe.units import HOUR_S, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeatReuse:
    """
    Heat of the machines that takes the place of a boiler's.

    `share` of the energy becomes useful heat, as far as `demand_mw` needs it; a unit is worth
    `fuel_usd_per_mwh` (per MWh of fuel) over `boiler_efficiency`. `capex_usd` is paid at the
    opening and written off in a straight line over `life_s`.

    >>> HeatReuse(share=0.9, demand_mw=2.0, fuel_usd_per_mwh=45.0, boiler_efficiency=0.9).fields
    ('heat_mwh', 'equipment_usd', 'bought_usd')
    """

    kind: Literal["heat"] = "heat"
    share: Fraction
    demand_mw: Signal
    fuel_usd_per_mwh: Signal
    boiler_efficiency: Threshold = 0.9
    capex_usd: NonNegative = 0.0
    life_s: Duration = 10.0 * YEAR_S

    fields: ClassVar[Rows] = ("heat_mwh", "equipment_usd", "bought_usd")
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (
        Line("heat", USD),
        Line("depreciation", USD),
        Line("principal", USD),
        Line("principal", USD, cash=True),
    )
    hold = billed = idle

    @field_validator("demand_mw")
    @classmethod
    def _some_demand(cls, value: Signal) -> Signal:
        return not_negative(value)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Demand, and the price of the fuel that is displaced."""
        return (self.demand_mw, self.fuel_usd_per_mwh)

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Shares, prices, rows."""
        return record(
            share=self.share,
            hours=dt_s / HOUR_S,
            per_efficiency=1.0 / self.boiler_efficiency,
            demand=layout.row(self.demand_mw),
            fuel=layout.row(self.fuel_usd_per_mwh),
            written_off=dt_s / self.life_s,
            **booking(layout, mine, "heat"),
            depreciation_quantity=layout.quantity(mine, "depreciation", USD, cash=False),
            depreciation_value=layout.value(mine, "depreciation"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Buy the equipment."""
        cost = self.capex_usd * size
        if out is not None:
            out.post("principal", USD, -cost, cash=True)
            out.post("principal", USD, cost)
        own[1] += cost
        own[2] += cost

    def settle(self, at: Moment) -> None:
        """Credit the heat that was needed, write off the equipment."""
        kernel.use_heat(
            at.own, at.unbilled, at.fleet.energy_kwh, at.now.world.data, at.out.books, at.wired
        )
        if self.capex_usd > 0.0:
            kernel.wear_off(at.own, at.now.world.data, at.out.books, at.wired)

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to earn the heat's credit."""
        world, q = now.world.data, wired[0]
        needed = np.maximum(world[q["demand"]], 0.0) / full_mw(capacity_kw)
        extra -= np.minimum(self.share, needed) * world[q["fuel"]] * q["per_efficiency"]

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """Pipes stay where they are: what they stand for is written off."""
        out.post("depreciation", USD, -np.where(mask, own[1], 0.0))
        own[1:, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """The equipment at its book value."""
        total += own[1]
