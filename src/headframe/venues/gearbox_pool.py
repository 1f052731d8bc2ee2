"""
A pool of Gearbox v3 with our own debt, supply and quotas in it.

What others own and owe of the underlying comes from observables, ours from the positions in the
pool. The base rate follows the curve with two kinks at the utilisation that all make together;
lenders earn it on what is lent, and the revenue of quotas, less the fee on withdrawals. Where
borrowing above the second kink is forbidden, what is left to it can be borrowed and no more. A loss
burns the treasury's shares first; what they do not cover is the lenders' and never comes back.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import gearbox_v3 as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Fraction,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)
from headframe.venues.lending_market import SMALLEST_SUPPLY, InnerShare

PUBLISHED: Rows = (
    "market_utilisation",
    "borrow_apr",
    "supply_apr",
    "borrowable",
    "total_supply",
    "quota_revenue",
    "lost_share",
)
"""What a pool publishes under its name."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GearboxPool:
    """
    A pool of Gearbox v3.

    `supplied` is what the others own, in whole units of the underlying, `utilisation` the share of
    it that they have borrowed, `quota_apr` the yearly revenue of their quotas over what they own.
    `treasury` is what the treasury's shares are worth, which losses burn first. The curve's
    defaults are those with which Gearbox deployed its USDC pool on mainnet (dUSDCV3).

    >>> GearboxPool(name="gear", asset="usdc", supplied=1e7, utilisation=0.8).publishes[:3]
    ('gear_market_utilisation', 'gear_borrow_apr', 'gear_supply_apr')
    """

    kind: ClassVar[str] = "gearbox_pool"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    utilisation: ShareSignal
    quota_apr: NonNegativeSignal = 0.0
    treasury: NonNegative = 0.0
    base_apr: Fraction = 0.0
    slope1_apr: Fraction = 0.01
    slope2_apr: Fraction = 0.1
    slope3_apr: NonNegative = 1.0
    u1: InnerShare = 0.8
    u2: InnerShare = 0.9
    forbids_above_u2: bool = True
    withdraw_fee: Proper = 0.0

    fields: ClassVar[Rows] = ("lost",)

    @model_validator(mode="after")
    def _in_order(self) -> "GearboxPool":
        if self.u1 >= self.u2:
            raise ValueError(f"u1 {self.u1:g} must be below u2 {self.u2:g}")
        if not self.slope1_apr <= self.slope2_apr <= self.slope3_apr:
            raise ValueError("slopes must not fall: slope1_apr <= slope2_apr <= slope3_apr")
        if self.withdraw_fee > 0.01:
            raise ValueError(f"withdraw_fee {self.withdraw_fee:g} is above 0.01, the most allowed")
        return self

    @property
    def publishes(self) -> Rows:
        """Utilisation, rates, what may be borrowed, what is owned, what was lost."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the others do."""
        return (self.supplied, self.utilisation, self.quota_apr)

    @property
    def gathers(self) -> Rows:
        """Our principal, our supply, what our quotas cost a year, and what we never paid."""
        a = self.asset
        return (f"debt_{a}", f"supplied_{a}", f"quota_cost_{a}", f"deficit_{a}")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        names = ("utilisation", "borrow", "supply", *PUBLISHED[3:])
        rows = {k: layout.row(row) for k, row in zip(names, self.publishes, strict=True)}
        return record(
            **rows,
            others=layout.row(self.supplied),
            lent=layout.row(self.utilisation),
            revenue=layout.row(self.quota_apr),
            base_apr=self.base_apr,
            slope1_apr=self.slope1_apr,
            slope2_apr=self.slope2_apr,
            slope3_apr=self.slope3_apr,
            u1=self.u1,
            u2=self.u2,
            forbids=int(self.forbids_above_u2),
            withdraw_fee=self.withdraw_fee,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Rates of the opening's utilisation."""
        self.step(state, own, now, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Rates of the utilisation of now, and what bad debt has cost so far."""
        wire, world = state.wire[0], now.world.data
        debt, supply, cost, deficit = (own[name] for name in self.gathers)
        others = world[wire["others"]]
        whole = np.maximum(others + supply, SMALLEST_SUPPLY)
        lent = world[wire["lent"]] * others + debt
        world[wire["utilisation"]] = np.clip(lent / whole, 0.0, 1.0)
        world[wire["total_supply"]] = whole
        world[wire["quota_revenue"]] = world[wire["revenue"]] * others + cost
        lost = np.clip(np.maximum(deficit - self.treasury, 0.0) / whole, 0.0, 1.0)
        state["lost"] = np.maximum(state["lost"], lost)
        world[wire["lost_share"]] = state["lost"]
        kernel.pool(world, state.wire)
