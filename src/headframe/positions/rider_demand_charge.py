"""
Demand charge: the month's highest power, at a price a kilowatt.

It adds nothing to the cost of one more unit: a peak is reached early in the month, and then it is
sunk.
"""

from typing import Any, ClassVar, Literal

from pydantic.dataclasses import dataclass

from headframe.kernels import power_riders as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.positions.rider import Moment, booking, idle
from headframe.types import STRICT, Array, Fraction, Mask, NonNegative, Rows, Signal
from headframe.units import HOUR_S


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
    start = hold = marginal = holdings = idle

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
            **booking(layout, mine, "demand_charge"),
        )

    def settle(self, at: Moment) -> None:
        """Charge what the peak has risen by."""
        kernel.demand_charge(
            at.own,
            at.unbilled,
            at.fleet.energy_kwh,
            at.fleet.is_open,
            at.now.world.data,
            at.out.books,
            at.wired,
        )

    def billed(self, own: Array, mask: Mask) -> None:
        """The next peak is measured from nothing."""
        own[0, mask] = 0.0

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """Nothing is left."""
        own[:, mask] = 0.0
