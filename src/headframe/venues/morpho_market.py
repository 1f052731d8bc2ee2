"""
A market of Morpho Blue with our own size in it: the curve that adapts, indices, and bad debt.

What others supply and owe of the loan asset comes from observables, ours from the positions in the
market. Interest of a step follows the utilisation at its beginning and the mean of the rate at
target over it, as the contract has it; the lenders' share price grows by what borrowers owe, less
the fee. A debt that nobody pays leaves that price at once: ours by itself, the others' through a
signal. Cash that is lent out cannot be withdrawn.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import morpho_blue as kernel
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
from headframe.venues.aave_reserve import NO_CAP
from headframe.venues.lending_market import SMALLEST_SUPPLY, InnerShare, Steepness


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MorphoMarket:
    """
    The loan side of a Morpho Blue market.

    `supplied` and `borrowed` are the others', in whole units of the loan asset; `lost_share` is the
    share of their supply that was written off since the beginning, a number that never falls. The
    curve's parameters are the deployed contract's by default. Publishes what an `aave_reserve`
    does; `_kept_share` is what bad debt has left of the share price, `_target_apr` the rate at
    target.

    >>> MorphoMarket(name="morpho_usdc", asset="usdc", supplied=1e7, borrowed=9e6).publishes[-1]
    'morpho_usdc_target_apr'
    """

    kind: ClassVar[str] = "morpho_market"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    borrowed: NonNegativeSignal
    lost_share: ShareSignal = 0.0
    fee: Proper = 0.0
    start_target_apr: Positive = 0.04
    target: InnerShare = 0.9
    steepness: Steepness = 4.0
    speed_per_year: NonNegative = 50.0
    least_apr: Positive = 0.001
    most_apr: Positive = 2.0

    fields: ClassVar[Rows] = (
        "target_apr",
        "borrow_index",
        "supply_index",
        "kept",
        "utilisation",
        "written_off",
        "lost",
    )

    @model_validator(mode="after")
    def _sound(self) -> "MorphoMarket":
        if not self.least_apr <= self.start_target_apr <= self.most_apr:
            raise ValueError("start_target_apr must lie between least_apr and most_apr")
        if self.fee > 0.25:
            raise ValueError(f"fee {self.fee:g} is above 0.25, the most that Morpho allows")
        return self

    @property
    def publishes(self) -> Rows:
        """Rates, indices, what can be had, and what is left."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the others do, and what they lost."""
        return (self.supplied, self.borrowed, self.lost_share)

    @property
    def gathers(self) -> Rows:
        """Our debt, our supply, and what of our debt nobody paid."""
        return (f"debt_{self.asset}", f"supplied_{self.asset}", f"deficit_{self.asset}")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        names = ("utilisation", "borrow", "supply", "at", "lent_at", "cash", *PUBLISHED[6:])
        rows = {k: layout.row(row) for k, row in zip(names, self.publishes, strict=True)}
        return record(
            **rows,
            kept=rows["kept_share"],
            level=rows["target_apr"],
            whole=rows["total_supply"],
            others=layout.row(self.supplied),
            lent=layout.row(self.borrowed),
            lost=layout.row(self.lost_share),
            target=self.target,
            steepness=self.steepness,
            speed=self.speed_per_year,
            least_apr=self.least_apr,
            most_apr=self.most_apr,
            fee=self.fee,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Indices of 1, the rate at target as given."""
        world, wire = now.world.data, state.wire[0]
        for row in ("borrow_index", "supply_index", "kept"):
            state[row] = 1.0
        state["target_apr"] = self.start_target_apr
        state["lost"] = world[wire["lost"]]
        state["written_off"] = own[self.gathers[2]]
        self._gather(state, own, now)
        state["utilisation"] = world[wire["utilisation"]]
        kernel.market(state.data, world, 0.0, state.wire)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Accrue over the step, take bad debt from the lenders, set the rates of now."""
        whole, debt = self._amounts(state, own, before)
        state["utilisation"] = debt / whole
        self._gather(state, own, now)
        kernel.market(state.data, now.world.data, now.dt_s, state.wire)

    def _amounts(self, state: Block, own: dict[str, Array], tick: Tick) -> tuple[Array, Array]:
        """Supply and debt of all, in whole units."""
        wire, world = state.wire[0], tick.world.data
        ours, supply, _ = (own[name] for name in self.gathers)
        whole = np.maximum(world[wire["others"]] + supply, SMALLEST_SUPPLY)
        return whole, np.clip(world[wire["lent"]] + ours, 0.0, whole)

    def _gather(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        whole, debt = self._amounts(state, own, now)
        world[wire["total_supply"]], world[wire["total_debt"]] = whole, debt
        world[wire["utilisation"]] = debt / whole
        world[wire["cash"]] = whole - debt
        world[wire["deficit"]] = own[self.gathers[2]]
        world[wire["paused"]] = 0.0
        world[wire["supply_room"]] = world[wire["borrow_room"]] = NO_CAP


PUBLISHED: Rows = (
    "market_utilisation",
    "borrow_apr",
    "supply_apr",
    "supply_index",
    "borrow_index",
    "cash",
    "supply_room",
    "borrow_room",
    "paused",
    "kept_share",
    "total_debt",
    "deficit",
    "total_supply",
    "target_apr",
)
"""What a market publishes under its name, in the order in which `wire` names the rows."""
