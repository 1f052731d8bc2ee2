"""
What a mine pays for its energy: the contracts, each by its terms.

Every contract is one sentence: energy of one's own first, then a block of power at one price, taken
or not, and the market for what is used above the block or left of it.

    cost = block x price + (used - block) x (index + adder, or share x index - cost of selling back)

A *fixed* contract is a market at a constant price, an *indexed* one a market at a published price
plus an adder. A *block* is take-or-pay: what the mine does not use is sold, so that to stand still
is worth the index. A *ppa* is a block that ends. A *heat_rate* contract is indexed to gas, a
*collar* holds the index between a floor and a cap. *Onsite* energy (wind, sun, gas that would be
flared) is used as far as there is any; the rest comes from a grid contract, or the mine stands.

The index of a step is the price seen at its end, when the interval is over; with `day_ahead` it is
the one seen at its beginning: a price published before its interval, or one that a controller
follows within it. A rule that switches off above a price then meets the very price that it saw.
"""

from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from headframe.types import (
    NEVER_S,
    STRICT,
    Delay,
    Duration,
    NonNegative,
    Positive,
    Signal,
)
from headframe.units import YEAR_S

ANY_PRICE = 1e12
"""A floor or a cap that no price reaches, in USD per MWh."""
Prices = Annotated[tuple[float, ...], Field(min_length=1)]
"""A price for each year of a contract."""
Escalation = Annotated[float, Field(gt=-1.0, le=1.0)]
"""By how much a price rises from one contract year to the next, as a share."""


@plain_dataclass(frozen=True, kw_only=True)
class Terms:
    """What every contract comes to; the bill knows nothing else of it."""

    spot_usd_per_mwh: Signal = 0.0
    multiple: Signal = 1.0
    floor_usd_per_mwh: float = -ANY_PRICE
    cap_usd_per_mwh: float = ANY_PRICE
    adder_usd_per_mwh: float = 0.0
    sell_share: float = 1.0
    sell_cost_usd_per_mwh: float = 0.0
    day_ahead: bool = False
    block_mw: float = 0.0
    block_usd_per_mwh: Signal = 0.0
    yearly_usd_per_mwh: tuple[float, ...] = ()
    escalation: float = 0.0
    age_s: float = 0.0
    term_s: float = NEVER_S
    own_mw: float = 0.0
    available: Signal = 0.0
    own_usd_per_mwh: Signal = 0.0
    export_usd_per_mwh: Signal = 0.0
    off_grid: bool = False

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Everything that may move."""
        market = (self.spot_usd_per_mwh, self.multiple, self.block_usd_per_mwh)
        return (*market, self.available, self.own_usd_per_mwh, self.export_usd_per_mwh)

    def delivered(self, from_s: float, until_s: float) -> float:
        """Share of a span in which the block is delivered."""
        left_s = self.term_s - self.age_s - from_s
        if until_s <= from_s:
            return float(left_s > 0.0)
        return min(max(left_s / (until_s - from_s), 0.0), 1.0)

    def block_scale(self, t_s: float) -> float:
        """Price of the block in its contract year at a time, over `block_usd_per_mwh`."""
        year = int((self.age_s + t_s + 1e-6) // YEAR_S)
        if self.yearly_usd_per_mwh:
            return self.yearly_usd_per_mwh[min(year, len(self.yearly_usd_per_mwh) - 1)]
        return float((1.0 + self.escalation) ** year)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FixedPower:
    """
    As much energy as is used, at one price.

    >>> FixedPower(usd_per_mwh=45.0).terms.spot_usd_per_mwh
    45.0
    """

    kind: Literal["fixed"] = "fixed"
    usd_per_mwh: Signal

    @property
    def terms(self) -> Terms:
        """A market at one price."""
        return Terms(spot_usd_per_mwh=self.usd_per_mwh)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class IndexedPower:
    """
    As much energy as is used, at a published price plus an adder for delivery and the supplier.

    Where the index falls below minus the adder, the mine is paid for what it uses.

    >>> IndexedPower(spot_usd_per_mwh="ercot_usd_per_mwh", adder_usd_per_mwh=8.0).terms.block_mw
    0.0
    """

    kind: Literal["indexed"] = "indexed"
    spot_usd_per_mwh: Signal
    adder_usd_per_mwh: float = 0.0
    day_ahead: bool = False

    @property
    def terms(self) -> Terms:
        """The market itself."""
        return Terms(
            spot_usd_per_mwh=self.spot_usd_per_mwh,
            adder_usd_per_mwh=self.adder_usd_per_mwh,
            day_ahead=self.day_ahead,
        )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BlockPower:
    """
    A fixed block, taken or paid for, with sell-back of what is not used.

    `usd_per_mwh` is the block's price. Use above the block costs spot plus the adder, what is left
    of it is sold at spot less `sell_cost_usd_per_mwh`.

    >>> block = BlockPower(block_mw=20.0, usd_per_mwh=38.0, spot_usd_per_mwh="ercot_usd_per_mwh")
    >>> block.terms.delivered(0.0, 3600.0)
    1.0
    """

    kind: Literal["block"] = "block"
    block_mw: Positive
    usd_per_mwh: Signal
    spot_usd_per_mwh: Signal
    adder_usd_per_mwh: NonNegative = 0.0
    sell_cost_usd_per_mwh: NonNegative = 0.0
    day_ahead: bool = False

    @property
    def terms(self) -> Terms:
        """A block without an end."""
        return Terms(
            spot_usd_per_mwh=self.spot_usd_per_mwh,
            adder_usd_per_mwh=self.adder_usd_per_mwh,
            sell_cost_usd_per_mwh=self.sell_cost_usd_per_mwh,
            day_ahead=self.day_ahead,
            block_mw=self.block_mw,
            block_usd_per_mwh=self.usd_per_mwh,
        )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PPA:
    """
    A power purchase agreement: a block for a term, then the index.

    `usd_per_mwh` is one price that rises by `escalation` from each contract year to the next, or a
    list with one price for each year of the term. `age_s` is how long it has run at the opening.
    What the mine leaves of the block is sold at spot less `sell_cost_usd_per_mwh`, or lost where
    `sell_back` is false. From the end of the term all energy costs spot plus the adder.

    >>> ppa = PPA(block_mw=20.0, usd_per_mwh=38.0, escalation=0.02, term_s="5y", age_s="2y",
    ...           spot_usd_per_mwh="ercot_usd_per_mwh")
    >>> round(38.0 * ppa.terms.block_scale(0.0), 4)
    39.5352
    """

    kind: Literal["ppa"] = "ppa"
    block_mw: Positive
    usd_per_mwh: Signal | Prices
    term_s: Duration
    spot_usd_per_mwh: Signal
    age_s: Delay = 0.0
    escalation: Escalation = 0.0
    adder_usd_per_mwh: NonNegative = 0.0
    sell_back: bool = True
    sell_cost_usd_per_mwh: NonNegative = 0.0
    day_ahead: bool = False

    @model_validator(mode="after")
    def _whole_term(self) -> "PPA":
        if self.age_s >= self.term_s:
            raise ValueError(
                f"age_s {self.age_s:g} must be below term_s {self.term_s:g}: the agreement has "
                "ended; use an indexed contract"
            )
        if isinstance(self.usd_per_mwh, tuple):
            years = len(self.usd_per_mwh)
            if years * YEAR_S < self.term_s:
                raise ValueError(
                    f"usd_per_mwh has prices for {years} years, shorter than term_s of "
                    f"{self.term_s / YEAR_S:.4g} years: give one for each year of the term"
                )
            if self.escalation != 0.0:
                raise ValueError("escalation must be 0 where usd_per_mwh has a price for each year")
        return self

    @property
    def terms(self) -> Terms:
        """A block with an end."""
        yearly = self.usd_per_mwh if isinstance(self.usd_per_mwh, tuple) else ()
        return Terms(
            spot_usd_per_mwh=self.spot_usd_per_mwh,
            adder_usd_per_mwh=self.adder_usd_per_mwh,
            sell_share=1.0 if self.sell_back else 0.0,
            sell_cost_usd_per_mwh=self.sell_cost_usd_per_mwh if self.sell_back else 0.0,
            day_ahead=self.day_ahead,
            block_mw=self.block_mw,
            block_usd_per_mwh=1.0 if isinstance(self.usd_per_mwh, tuple) else self.usd_per_mwh,
            yearly_usd_per_mwh=yearly,
            escalation=self.escalation,
            age_s=self.age_s,
            term_s=self.term_s,
        )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeatRatePower:
    """
    Energy indexed to gas: the gas price times a heat rate, plus an adder.

    >>> HeatRatePower(gas_usd_per_mmbtu="hub_usd_per_mmbtu", heat_rate_mmbtu_per_mwh=7.5,
    ...               adder_usd_per_mwh=4.0).terms.multiple
    7.5
    """

    kind: Literal["heat_rate"] = "heat_rate"
    gas_usd_per_mmbtu: Signal
    heat_rate_mmbtu_per_mwh: Positive
    adder_usd_per_mwh: float = 0.0
    day_ahead: bool = False

    @property
    def terms(self) -> Terms:
        """A market at a multiple of the price of gas."""
        return Terms(
            spot_usd_per_mwh=self.gas_usd_per_mmbtu,
            multiple=self.heat_rate_mmbtu_per_mwh,
            adder_usd_per_mwh=self.adder_usd_per_mwh,
            day_ahead=self.day_ahead,
        )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CollarPower:
    """
    Indexed energy whose index is held between a floor and a cap; the adder is paid on top.

    >>> CollarPower(spot_usd_per_mwh="ercot_usd_per_mwh", floor_usd_per_mwh=20.0,
    ...             cap_usd_per_mwh=60.0).terms.cap_usd_per_mwh
    60.0
    """

    kind: Literal["collar"] = "collar"
    spot_usd_per_mwh: Signal
    floor_usd_per_mwh: float = -ANY_PRICE
    cap_usd_per_mwh: float = ANY_PRICE
    adder_usd_per_mwh: float = 0.0
    day_ahead: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "CollarPower":
        if self.floor_usd_per_mwh > self.cap_usd_per_mwh:
            raise ValueError(
                f"floor_usd_per_mwh {self.floor_usd_per_mwh:g} must be at most cap_usd_per_mwh "
                f"{self.cap_usd_per_mwh:g}"
            )
        return self

    @property
    def terms(self) -> Terms:
        """A market between two prices."""
        return Terms(
            spot_usd_per_mwh=self.spot_usd_per_mwh,
            floor_usd_per_mwh=self.floor_usd_per_mwh,
            cap_usd_per_mwh=self.cap_usd_per_mwh,
            adder_usd_per_mwh=self.adder_usd_per_mwh,
            day_ahead=self.day_ahead,
        )


GridContract = Annotated[
    FixedPower | IndexedPower | BlockPower | PPA | HeatRatePower | CollarPower,
    Field(discriminator="kind"),
]
"""A contract for energy from the grid."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OnsitePower:
    """
    Energy made where it is used: renewables behind the meter, gas that would be flared.

    `available` is the share of `capacity_mw` that there is (a capacity factor, or whether the well
    flows); each unit used costs `usd_per_mwh`, what is not used is exported at
    `export_usd_per_mwh`. The rest comes from `grid`; without one the mine runs as far as it goes.

    >>> OnsitePower(capacity_mw=5.0, available="well_flow_share", usd_per_mwh=18.0).terms.off_grid
    True
    """

    kind: Literal["onsite"] = "onsite"
    capacity_mw: Positive
    available: Signal
    usd_per_mwh: Signal = 0.0
    export_usd_per_mwh: Signal = 0.0
    grid: GridContract | None = None

    @field_validator("available")
    @classmethod
    def _a_share(cls, value: Signal) -> Signal:
        if not isinstance(value, str) and not 0.0 <= value <= 1.0:
            raise ValueError("a share from 0 to 1, or the name of an observable that is one")
        return value

    @property
    def terms(self) -> Terms:
        """The grid's terms, with energy of one's own before them."""
        return replace(
            Terms() if self.grid is None else self.grid.terms,
            own_mw=self.capacity_mw,
            available=self.available,
            own_usd_per_mwh=self.usd_per_mwh,
            export_usd_per_mwh=self.export_usd_per_mwh,
            off_grid=self.grid is None,
        )


PowerContract = Annotated[
    FixedPower | IndexedPower | BlockPower | PPA | HeatRatePower | CollarPower | OnsitePower,
    Field(discriminator="kind"),
]
"""A power contract by its terms."""
