"""
What a mine pays for its energy.

Every contract is one sentence: a block of power at one price, taken or not, and the market for what
is used above the block or left of it.

    cost = block x price + (used - block) x (spot + adder, or spot - cost of selling back)

A *fixed* contract is a market at a constant price, an *indexed* one a market at a published price
plus an adder, and a *block* one is take-or-pay: what the mine does not use is sold at spot, so that
to stand still is worth the spot price and power is never cheaper than what it would fetch.

The index of a step is the price seen at its end, when the interval is over; with `day_ahead` it is
the one seen at its beginning: a price published before its interval, or one that a controller
follows within it. A rule that switches off above a price then meets the very price that it saw.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.kernels import mine as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.fleet import USD
from headframe.process import Tick
from headframe.types import STRICT, Array, NonNegative, Positive, Rows, Signal
from headframe.units import HOUR_S

POWER_ROWS: Rows = ("power_unbilled_usd", "used_mwh", "sold_mwh")
"""Rows of the contract, in the kernel's order: not yet billed; used and sold back so far."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FixedPower:
    """
    As much energy as is used, at one price.

    >>> FixedPower(usd_per_mwh=45.0).spot_usd_per_mwh
    45.0
    """

    kind: Literal["fixed"] = "fixed"
    usd_per_mwh: Signal

    block_mw: ClassVar[float] = 0.0
    adder_usd_per_mwh: ClassVar[float] = 0.0
    sell_cost_usd_per_mwh: ClassVar[float] = 0.0
    day_ahead: ClassVar[bool] = False

    @property
    def spot_usd_per_mwh(self) -> Signal:
        """The price of one more unit."""
        return self.usd_per_mwh


@dataclass(frozen=True, kw_only=True, config=STRICT)
class IndexedPower:
    """
    As much energy as is used, at a published price plus an adder for delivery and the supplier.

    Where the index falls below minus the adder, the mine is paid for what it uses.

    >>> IndexedPower(spot_usd_per_mwh="ercot_usd_per_mwh", adder_usd_per_mwh=8.0).block_mw
    0.0
    """

    kind: Literal["indexed"] = "indexed"
    spot_usd_per_mwh: Signal
    adder_usd_per_mwh: float = 0.0
    day_ahead: bool = False

    block_mw: ClassVar[float] = 0.0
    sell_cost_usd_per_mwh: ClassVar[float] = 0.0
    usd_per_mwh: ClassVar[Signal] = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BlockPower:
    """
    A fixed block, taken or paid for, with sell-back of what is not used.

    `usd_per_mwh` is the block's price. Use above the block costs spot plus the adder, what is left
    of it is sold at spot less `sell_cost_usd_per_mwh`.

    >>> BlockPower(block_mw=20.0, usd_per_mwh=38.0, spot_usd_per_mwh="ercot_usd_per_mwh").day_ahead
    False
    """

    kind: Literal["block"] = "block"
    block_mw: Positive
    usd_per_mwh: Signal
    spot_usd_per_mwh: Signal
    adder_usd_per_mwh: NonNegative = 0.0
    sell_cost_usd_per_mwh: NonNegative = 0.0
    day_ahead: bool = False


PowerContract = Annotated[FixedPower | IndexedPower | BlockPower, Field(discriminator="kind")]
"""A power contract by its terms."""

LINES: tuple[Line, ...] = (Line("power", USD), Line("power", USD, cash=True))
"""Power as it is used, and a credit that the supplier pays out."""


def reads(contract: PowerContract) -> tuple[Signal, ...]:
    """The block's price and the market's."""
    return (contract.usd_per_mwh, contract.spot_usd_per_mwh)


def terms(contract: PowerContract, layout: Layout) -> dict[str, float | int]:
    """The contract as constants and rows, for the bill and for the marginal price alike."""
    return {
        "block_price": layout.row(contract.usd_per_mwh),
        "spot": layout.row(contract.spot_usd_per_mwh),
        "adder_usd_per_mwh": float(contract.adder_usd_per_mwh),
        "sell_cost_usd_per_mwh": float(contract.sell_cost_usd_per_mwh),
    }


def wire(contract: PowerContract, layout: Layout, mine: str, dt_s: float) -> Any:
    """Constants of one step."""
    return record(
        **terms(contract, layout),
        block_mwh=contract.block_mw * dt_s / HOUR_S,
        price_usd=layout.price(USD),
        power_quantity=layout.quantity(mine, "power", USD, cash=False),
        power=layout.value(mine, "power"),
    )


def take(
    contract: PowerContract,
    rows: Array,
    energy_kwh: Array,
    is_open: Array,
    before: Tick,
    now: Tick,
    wired: Any,
    out: Account,
) -> None:
    """Charge the energy of a step at the price that the contract names for it."""
    quoted = (before if contract.day_ahead else now).world.data
    kernel.take(rows, energy_kwh, is_open, quoted, now.world.data, out.books, wired)
