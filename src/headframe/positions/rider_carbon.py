"""Carbon: emissions of the energy used, by where it is used, and the price on them."""

from typing import Any, ClassVar, Literal

from pydantic import field_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Line
from headframe.positions.machines import USD
from headframe.positions.rider import Moment, booking, idle, not_negative
from headframe.process import Tick
from headframe.types import STRICT, Array, Rows, Signal
from headframe.units import KG_PER_T


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
    start = hold = billed = ended = holdings = idle

    @field_validator("kg_per_mwh")
    @classmethod
    def _some_intensity(cls, value: Signal) -> Signal:
        return not_negative(value)

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
            **booking(layout, mine, "carbon"),
        )

    def settle(self, at: Moment) -> None:
        """Add up tonnes, charge what they cost."""
        kernel.emit(
            at.own, at.unbilled, at.fleet.energy_kwh, at.now.world.data, at.out.books, at.wired
        )

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """What a MWh's emissions cost."""
        world, q = now.world.data, wired[0]
        extra += world[q["intensity"]] * world[q["per_t"]] * (1.0 / KG_PER_T)
