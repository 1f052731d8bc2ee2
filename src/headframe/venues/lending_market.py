"""
A lending market with our own debt and supply in it: what we borrow makes borrowing dearer.

How much the others have supplied and how much of it is lent comes from observables, ours from the
positions in the market. The rates are those of the processes `kinked_rate` and `adaptive_rate`,
taken at the utilisation that all make together:

    u = (u_others S + our debt) / (S + our supply),  at most 1

Both markets publish it as `_market_utilisation`, with `_borrow_apr` and `_supply_apr`, under their
own name.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import rates as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegative,
    NonNegativeSignal,
    Positive,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)

SMALLEST_SUPPLY = 1e-12
"""A market with less than this, in whole units, counts as one that has so much."""
InnerShare = Annotated[float, Field(gt=0.0, lt=1.0)]
"""A share strictly between 0 and 1."""
Steepness = Annotated[float, Field(gt=1.0)]
"""How many times the rate at target is asked at full utilisation."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KinkedMarket:
    """
    A market whose rates follow a curve with one kink (Compound, Aave).

    `supplied` is what the others have supplied, in whole units of the asset, `utilisation` the
    share of it that they have lent out.

        borrow = base + slope1 u / kink                              up to the kink
        borrow = base + slope1 + slope2 (u - kink) / (1 - kink)      above
        supply = borrow u (1 - reserve_factor)

    >>> KinkedMarket(name="aave_usdc", asset="usdc", supplied=1e9, utilisation=0.8,
    ...              slope1_apr=0.055, slope2_apr=0.4, kink=0.92, reserve_factor=0.1).gathers
    ('debt_usdc', 'supplied_usdc')
    """

    kind: ClassVar[str] = "kinked_market"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    utilisation: ShareSignal
    base_apr: NonNegative = 0.0
    slope1_apr: NonNegative
    slope2_apr: NonNegative
    kink: InnerShare
    reserve_factor: Proper = 0.0

    fields: ClassVar[Rows] = ()

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
            base_apr=self.base_apr,
            slope1_apr=self.slope1_apr,
            slope2_apr=self.slope2_apr,
            kink=self.kink,
            reserve_factor=self.reserve_factor,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Rates of the opening's utilisation."""
        add_own(self.gathers, state.wire, own, now)
        kernel.kinked(now.world.data, state.wire)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Rates of the utilisation of now."""
        self.open(state, own, now)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AdaptiveMarket:
    """
    A market whose curve adapts until the target is lent (Morpho).

    `supplied` and `utilisation` are the others', as in `KinkedMarket`; the curve's parameters are
    those of the process `adaptive_rate`, the deployed contract's by default. Also publishes
    `_target_apr`, the rate at target.

    >>> AdaptiveMarket(name="morpho_usdc", asset="usdc", supplied=1e7, utilisation=0.9).publishes[3]
    'morpho_usdc_target_apr'
    """

    kind: ClassVar[str] = "adaptive_market"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    utilisation: ShareSignal
    start_target_apr: Positive = 0.04
    target: InnerShare = 0.9
    steepness: Steepness = 4.0
    speed_per_year: NonNegative = 50.0
    least_apr: Positive = 0.001
    most_apr: Positive = 2.0
    reserve_factor: Proper = 0.0

    fields: ClassVar[Rows] = ("target_apr",)

    @model_validator(mode="after")
    def _in_order(self) -> "AdaptiveMarket":
        if not self.least_apr <= self.start_target_apr <= self.most_apr:
            raise ValueError("start_target_apr must lie between least_apr and most_apr")
        return self

    @property
    def publishes(self) -> Rows:
        """Utilisation, borrow rate, supply rate, rate at target."""
        return (*published(self.name), f"{self.name}_target_apr")

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
            at_target=layout.row(self.publishes[3]),
            target=self.target,
            steepness=self.steepness,
            speed=self.speed_per_year,
            least_apr=self.least_apr,
            most_apr=self.most_apr,
            reserve_factor=self.reserve_factor,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Rates before any time has passed."""
        state["target_apr"] = self.start_target_apr
        add_own(self.gathers, state.wire, own, now)
        kernel.adaptive(state.data, now.world.data, 0.0, state.wire)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """The curve moves by one step of the utilisation of now."""
        add_own(self.gathers, state.wire, own, now)
        kernel.adaptive(state.data, now.world.data, now.dt_s, state.wire)


def published(name: str) -> Rows:
    """Utilisation, borrow rate and supply rate of a market."""
    return (f"{name}_market_utilisation", f"{name}_borrow_apr", f"{name}_supply_apr")


def market_rows(
    layout: Layout, name: str, supplied: Signal, utilisation: Signal
) -> dict[str, float | int]:
    """Rows of what a market reads and publishes."""
    together, borrow, supply = (layout.row(row) for row in published(name))
    return {
        "supplied": layout.row(supplied),
        "lent": layout.row(utilisation),
        "utilisation": together,
        "borrow": borrow,
        "supply": supply,
    }


def add_own(gathers: Rows, wire: Any, own: dict[str, Array], now: Tick) -> None:
    """Publish the utilisation that the others and we make together."""
    rows, world = wire[0], now.world.data
    debt, supply = (own[name] for name in gathers)
    others = world[rows["supplied"]]
    whole = np.maximum(others + supply, SMALLEST_SUPPLY)
    lent = world[rows["lent"]] * others + debt
    world[rows["utilisation"]] = np.clip(lent / whole, 0.0, 1.0)
