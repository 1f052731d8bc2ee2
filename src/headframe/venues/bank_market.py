"""
The bank behind a leveraged farm, with our own debt in it: what we borrow makes borrowing dearer.

Lenders' money is one pot, farmers borrow from it, and the protocol's own curve asks a rate of the
share that is lent: Alpha Homora v1's triple slope (as coded, with its jump at 95 %, or as it was
documented), or one of Alpaca's. A part of the interest is the protocol's reserve; lenders have the
rest.
"""

from dataclasses import asdict
from typing import Any, ClassVar, Literal

from pydantic.dataclasses import dataclass

from headframe.kernels import bank_rates as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegativeSignal,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)
from headframe.venues.lending_market import add_own, market_rows, published

CurveName = Literal[
    "alpha_homora_v1", "alpha_homora_v1_documented", "alpaca_1", "alpaca_2", "alpaca_3",
    "alpaca_4", "alpaca_5", "alpaca_6", "alpaca_7", "alpaca_8", "alpaca_9", "alpaca_10",
    "alpaca_11", "alpaca_12", "alpaca_13", "alpaca_14", "alpaca_15", "alpaca_two_slope",
]  # fmt: skip
"""Curves that a book may name."""
RESERVES = {"alpha_homora_v1": 0.1, "alpaca": 0.19}
"""The protocol's share of the interest: Homora's own tests, Alpaca's deploy files."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BankMarket:
    """
    A bank of leveraged farming: rates by a protocol's curve at the utilisation all make together.

    `supplied` is what others have lent to the bank, in whole units of the asset, `utilisation` the
    share of it that others have borrowed. `reserve_factor` is the protocol's share of the interest:
    its own by default, 10 % for Homora and 19 % for Alpaca.

        u = (utilisation supplied + our debt) / (supplied + our supply)
        supply = borrow u (1 - reserve_factor)

    >>> bank = BankMarket(name="bank", asset="eth", supplied=10_000.0, utilisation=0.94,
    ...                   curve="alpha_homora_v1")
    >>> bank.reserve_share
    0.1
    """

    kind: ClassVar[str] = "bank_market"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    utilisation: ShareSignal
    curve: CurveName
    reserve_factor: Proper | None = None

    fields: ClassVar[Rows] = ()

    @property
    def reserve_share(self) -> float:
        """The protocol's share of the interest."""
        if self.reserve_factor is not None:
            return self.reserve_factor
        return RESERVES["alpaca" if self.curve.startswith("alpaca") else "alpha_homora_v1"]

    @property
    def publishes(self) -> Rows:
        """Utilisation, borrow rate, supply rate."""
        return published(self.name)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the others do."""
        return (self.supplied, self.utilisation)

    @property
    def gathers(self) -> Rows:
        """Our debt and our supply."""
        return (f"debt_{self.asset}", f"supplied_{self.asset}")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        return record(
            **market_rows(layout, self.name, self.supplied, self.utilisation),
            **asdict(kernel.CURVES[self.curve]),
            reserve_factor=float(self.reserve_share),
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Rates of the opening's utilisation."""
        add_own(self.gathers, state.wire, own, now)
        kernel.three_pieces(now.world.data, state.wire)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Rates of the utilisation of now."""
        self.open(state, own, now)
