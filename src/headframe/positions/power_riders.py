"""
Charges and credits beside the price of energy: the riders of a mine's power contract.

    demand_charge       the month's highest power, at a price a kilowatt         demand_charge
    coincident_peak     next year's transmission, by the load in system peaks    demand_charge
    reserve             capacity sold to the grid, fined where it is missing     demand_response,
                                                                                 penalty
    curtailment_credit  pay for energy not used of a baseline                    demand_response
    heat                heat sold in the place of a boiler's                     heat, depreciation
    carbon              emissions, and a price on them                           carbon

A rider may also say what it adds to the cost of one more unit of energy (`marginal`), so that rules
which compare that cost with the mine's break-even heed it.
"""

import math
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np
from pydantic import Field, field_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.fleet import USD
from headframe.process import UNIX_TS, Tick
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
    Threshold,
)
from headframe.units import HOUR_S, KG_PER_T, KW_PER_MW, YEAR_S

PEAKS = 4
"""Months whose peaks are measured in the Texan scheme: June to September."""


class Meter(NamedTuple):
    """What the riders are shown of the fleet in a step."""

    on: Array
    is_open: Array
    capacity_kw: Array
    energy_kwh: Array


class Rider(Protocol):
    """A charge or a credit beside the price of energy."""

    fields: ClassVar[Rows]
    uniforms: ClassVar[Rows]
    lines: ClassVar[tuple[Line, ...]]

    @property
    def capex_usd(self) -> float: ...
    @property
    def reads(self) -> tuple[Signal, ...]: ...

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Constants of one step."""

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Begin, where a mine of some `size` opens; without `out` it is there already."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Take from the load of the step what must be given up."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Charge or credit the step."""

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """Add to what one more unit costs, on average over full load, in USD per MWh."""

    def billed(self, own: Array, mask: Mask) -> None:
        """A bill has been sent."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """The mine closes."""

    def holdings(self, own: Array, total: Array) -> None:
        """Add what it stands for in dollars."""


def _booking(layout: Layout, mine: str, kind: str) -> dict[str, float | int]:
    """Rows of a held entry in dollars, and of the dollar's price."""
    return {
        "quantity": layout.quantity(mine, kind, USD, cash=False),
        "value": layout.value(mine, kind),
        "price_usd": layout.price(USD),
    }


def _mw(capacity_kw: Array) -> Array:
    """Full load in MW, and 1 where there is none, to divide by."""
    return np.where(capacity_kw > 0.0, capacity_kw / KW_PER_MW, 1.0)


def _not_negative(value: Signal) -> Signal:
    if not isinstance(value, str) and value < 0.0:
        raise ValueError("a number of 0 or more, or the name of an observable")
    return value


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DemandCharge:
    """
    A charge on the highest power of each billing period.

    With `ratchet` at least that share of the highest power so far is charged in each later period.
    Power is the mean over a step: at an hour it is what most meters take, at a day it is too low.

    >>> DemandCharge(usd_per_kw_month=9.5).fields
    ('billed_kw', 'highest_kw')
    """

    kind: Literal["demand_charge"] = "demand_charge"
    usd_per_kw_month: NonNegative
    ratchet: Fraction = 0.0

    fields: ClassVar[Rows] = ("billed_kw", "highest_kw")
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (Line("demand_charge", USD),)
    capex_usd: ClassVar[float] = 0.0

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Nothing that moves."""
        return ()

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Price and hours."""
        return record(
            usd_per_kw=self.usd_per_kw_month,
            ratchet=self.ratchet,
            hours=dt_s / HOUR_S,
            **_booking(layout, mine, "demand_charge"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """No peak yet."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Nothing to give up."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Charge what the peak has risen by."""
        kernel.demand_charge(
            own, unbilled, fleet.energy_kwh, fleet.is_open, now.world.data, out.books, wired
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """Nothing: a peak is reached early in the month, and then it is sunk."""

    def billed(self, own: Array, mask: Mask) -> None:
        """The next peak is measured from nothing."""
        own[0, mask] = 0.0

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """Nothing is left."""
        own[:, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed stands in the bill."""


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
            **_booking(layout, mine, "demand_charge"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """The charge of the first year rests on last year's load."""
        own[4] = np.where(size > 0.0, self.last_year_mw, own[4])

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Nothing must be given up: whether to is a policy's affair."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Measure the load of a peak, and charge what last year's peaks cost."""
        kernel.coincident_peak(
            own,
            unbilled,
            fleet.energy_kwh,
            fleet.is_open,
            before.world.data,
            now.world.data,
            out.books,
            wired,
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """Expected charge of the interval that begins now."""
        q = wired[0]
        extra += now.world.data[q["chance"]] * (q["usd_per_mw"] / q["hours"])

    def billed(self, own: Array, mask: Mask) -> None:
        """Nothing: the charge is the year's."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """All that was measured is payable now."""
        owed = np.where(mask, own[1] + own[2], 0.0)
        unbilled += owed
        own[:, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed and not yet payable."""
        total -= own[1]
        total -= own[2]


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
            **_booking(layout, mine, "demand_response"),
            fined_quantity=layout.quantity(mine, "penalty", USD, cash=False),
            fined_value=layout.value(mine, "penalty"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Not called yet."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Called load goes off."""
        kernel.call_reserve(own, load, fleet.capacity_kw, fleet.is_open, now.draws.data, wired)

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Pay for what stands ready and what was given up, fine what is missing."""
        kernel.pay_reserve(
            own,
            unbilled,
            fleet.on,
            fleet.capacity_kw,
            fleet.is_open,
            now.world.data,
            out.books,
            wired,
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to stand ready: it earns the capacity payment and spares the penalty."""
        earned = now.world.data[wired[0]["capacity"]] + self.penalty_usd_per_mwh
        extra -= earned * np.minimum(self.mw / _mw(capacity_kw), 1.0)

    def billed(self, own: Array, mask: Mask) -> None:
        """Nothing."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """The obligation ends with the mine."""
        own[:2, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed stands in the bill."""


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
            **_booking(layout, mine, "demand_response"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Nothing credited yet."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Nothing must be given up."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Credit what was not used."""
        kernel.credit_curtailment(
            own, unbilled, fleet.energy_kwh, fleet.is_open, now.world.data, out.books, wired
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to forgo the credit."""
        world, q = now.world.data, wired[0]
        event = np.clip(world[q["event"]], 0.0, 1.0)
        extra += event * world[q["pays"]] * np.minimum(self.baseline_mw / _mw(capacity_kw), 1.0)

    def billed(self, own: Array, mask: Mask) -> None:
        """Nothing."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """Nothing is left."""

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed stands in the bill."""


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

    @field_validator("demand_mw")
    @classmethod
    def _some_demand(cls, value: Signal) -> Signal:
        return _not_negative(value)

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
            **_booking(layout, mine, "heat"),
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

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Nothing must be given up."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Credit the heat that was needed, write off the equipment."""
        kernel.use_heat(own, unbilled, fleet.energy_kwh, now.world.data, out.books, wired)
        if self.capex_usd > 0.0:
            kernel.wear_off(own, now.world.data, out.books, wired)

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """To run is to earn the heat's credit."""
        world, q = now.world.data, wired[0]
        needed = np.maximum(world[q["demand"]], 0.0) / _mw(capacity_kw)
        extra -= np.minimum(self.share, needed) * world[q["fuel"]] * q["per_efficiency"]

    def billed(self, own: Array, mask: Mask) -> None:
        """Nothing."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """Pipes stay where they are: what they stand for is written off."""
        out.post("depreciation", USD, -np.where(mask, own[1], 0.0))
        own[1:, mask] = 0.0

    def holdings(self, own: Array, total: Array) -> None:
        """The equipment at its book value."""
        total += own[1]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Carbon:
    """
    Emissions of the energy used, by where it is used, and a price on them where there is one.

    `kg_per_mwh` is the grid's location-based intensity: kilograms of CO2 per MWh.

    >>> Carbon(kg_per_mwh=390.0).usd_per_t
    0.0
    """

    kind: Literal["carbon"] = "carbon"
    kg_per_mwh: Signal
    usd_per_t: Signal = 0.0

    fields: ClassVar[Rows] = ("emitted_t",)
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (Line("carbon", USD),)
    capex_usd: ClassVar[float] = 0.0

    @field_validator("kg_per_mwh")
    @classmethod
    def _some_intensity(cls, value: Signal) -> Signal:
        return _not_negative(value)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Intensity and price."""
        return (self.kg_per_mwh, self.usd_per_t)

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Rows."""
        return record(
            t_per_kg=1.0 / KG_PER_T,
            intensity=layout.row(self.kg_per_mwh),
            per_t=layout.row(self.usd_per_t),
            **_booking(layout, mine, "carbon"),
        )

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Nothing emitted yet."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Nothing must be given up."""

    def settle(
        self,
        own: Array,
        unbilled: Array,
        fleet: Meter,
        before: Tick,
        now: Tick,
        wired: Any,
        out: Account,
    ) -> None:
        """Add up tonnes, charge what they cost."""
        kernel.emit(own, unbilled, fleet.energy_kwh, now.world.data, out.books, wired)

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """What a MWh's emissions cost."""
        world, q = now.world.data, wired[0]
        extra += world[q["intensity"]] * world[q["per_t"]] * (1.0 / KG_PER_T)

    def billed(self, own: Array, mask: Mask) -> None:
        """Nothing."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """What was emitted was emitted."""

    def holdings(self, own: Array, total: Array) -> None:
        """What is owed stands in the bill."""


PowerRider = Annotated[
    DemandCharge | CoincidentPeak | Reserve | CurtailmentCredit | HeatReuse | Carbon,
    Field(discriminator="kind"),
]
"""A rider by its kind."""
