"""
A reserve of Aave v3 with our own size in it: rates and indices by the protocol's own steps.

What others supply and owe comes from observables, ours from the positions in the reserve. At every
step the indices grow by the rates of the last one, supply on a line, debt by the version's series;
then the curve answers to all debt over debt and cash. Cash that is not there cannot be withdrawn or
borrowed; caps leave so much room; a frozen reserve takes no new supply and lends no more, a paused
one does nothing at all.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import aave_v3 as kernel
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
    Signal,
)
from headframe.venues.lending_market import InnerShare

NO_CAP = 1e30
"""Room of a reserve without a cap, in whole units."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AaveCurve:
    """The rates of one reserve; `source` says where they were read."""

    base_apr: NonNegative = 0.0
    slope1_apr: NonNegative
    slope2_apr: NonNegative
    optimal: InnerShare
    reserve_factor: Proper
    source: str = ""


CURVES: dict[str, AaveCurve] = {
    "usdc": AaveCurve(
        slope1_apr=0.055,
        slope2_apr=0.4,
        optimal=0.92,
        reserve_factor=0.1,
        source="USDC on Ethereum's main market, 2025; the curve of this project's golden numbers",
    ),
    "usdc_2023": AaveCurve(
        slope1_apr=0.035,
        slope2_apr=0.6,
        optimal=0.9,
        reserve_factor=0.1,
        source="USDC on Ethereum: Aave governance proposal 227 (Gauntlet, April 2023)",
    ),
    "usdc_linea": AaveCurve(
        slope1_apr=0.055,
        slope2_apr=0.6,
        optimal=0.9,
        reserve_factor=0.1,
        source="USDC on Linea: activation payload of 21 January 2025, bgd-labs/aave-proposals-v3",
    ),
    "wbtc_2023": AaveCurve(
        slope1_apr=0.04,
        slope2_apr=3.0,
        optimal=0.45,
        reserve_factor=0.2,
        source="WBTC on Ethereum: Aave governance proposal 227 (Gauntlet, April 2023)",
    ),
}
"""Curves that reserves have had, with where each was read. Parameters change: check yours."""
CurveName = Literal["usdc", "usdc_2023", "usdc_linea", "wbtc_2023"]
"""Names of the curves above."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AaveReserve:
    """
    One asset of an Aave v3 market.

    `supplied` and `borrowed` are the others', in whole units; `curve` is the name of a known one
    (`CURVES`) or its numbers. `frozen` and `paused` are flags: 0, or 1 while they hold. Publishes,
    under the reserve's name, `_market_utilisation`, `_borrow_apr`, `_supply_apr`, both indices,
    `_cash`, `_supply_room`, `_borrow_room`, `_paused`, `_kept_share` (always 1: a deficit is not
    taken from suppliers), `_total_debt` and `_deficit`.

    >>> AaveReserve(name="aave_usdc", asset="usdc", supplied=1e9, borrowed=8e8,
    ...             curve="usdc").terms.optimal
    0.92
    """

    kind: ClassVar[str] = "aave_reserve"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    borrowed: NonNegativeSignal
    curve: CurveName | AaveCurve
    version: Literal["3.0", "3.6"] = "3.6"
    supply_cap: Positive | None = None
    borrow_cap: Positive | None = None
    deficit: NonNegativeSignal = 0.0
    frozen: Signal = 0.0
    paused: Signal = 0.0

    fields: ClassVar[Rows] = ("supply_index", "borrow_index", "supply_apr", "borrow_apr")

    @model_validator(mode="after")
    def _sound(self) -> "AaveReserve":
        whole, lent = self.supplied, self.borrowed
        if isinstance(whole, float) and isinstance(lent, float) and lent > whole:
            raise ValueError(f"borrowed {lent:g} is more than supplied {whole:g}")
        return self

    @property
    def terms(self) -> AaveCurve:
        """The curve's numbers."""
        return CURVES[self.curve] if isinstance(self.curve, str) else self.curve

    @property
    def publishes(self) -> Rows:
        """Rates, indices, and what can still be had."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the others do, and the flags."""
        return (self.supplied, self.borrowed, self.deficit, self.frozen, self.paused)

    @property
    def gathers(self) -> Rows:
        """Our debt, our supply, and what of our debt nobody paid."""
        return (f"debt_{self.asset}", f"supplied_{self.asset}", f"deficit_{self.asset}")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        names = ("utilisation", "borrow", "supply", "at", "lent_at", "cash", *PUBLISHED[6:])
        rows = {k: layout.row(row) for k, row in zip(names, self.publishes, strict=True)}
        terms = self.terms
        return record(
            **rows,
            others=layout.row(self.supplied),
            lent=layout.row(self.borrowed),
            missing=layout.row(self.deficit),
            frozen=layout.row(self.frozen),
            stopped=layout.row(self.paused),
            base_apr=terms.base_apr,
            slope1_apr=terms.slope1_apr,
            slope2_apr=terms.slope2_apr,
            kink=terms.optimal,
            reserve_factor=terms.reserve_factor,
            version=30 if self.version == "3.0" else 36,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Indices of 1, rates of the opening's debt."""
        state["supply_index"] = state["borrow_index"] = 1.0
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Accrue at the rates of what stood since the last step, then answer to the debt of now."""
        kernel.charge(state.data, self._amounts(state, own, before)[:3], state.wire)
        kernel.accrue(state.data, now.dt_s, state.wire)
        self._publish(state, own, now)

    def _amounts(self, state: Block, own: dict[str, Array], tick: Tick) -> Array:
        """Debt, cash, deficit and supply of all, in whole units."""
        wire, world = state.wire[0], tick.world.data
        ours, supply, lost = (own[name] for name in self.gathers)
        whole = np.maximum(world[wire["others"]] + supply, 0.0)
        debt = np.maximum(world[wire["lent"]] + ours, 0.0)
        deficit = world[wire["missing"]] + lost
        return np.array([debt, np.maximum(whole - debt - deficit, 0.0), deficit, whole])

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        amounts = self._amounts(state, own, now)
        kernel.charge(state.data, amounts[:3], state.wire)
        debt, cash, deficit, whole = amounts
        lendable = debt + cash
        world[wire["utilisation"]] = debt / np.where(lendable > 0.0, lendable, 1.0)
        world[wire["borrow"]], world[wire["supply"]] = state["borrow_apr"], state["supply_apr"]
        world[wire["at"]], world[wire["lent_at"]] = state["supply_index"], state["borrow_index"]
        world[wire["total_debt"]], world[wire["deficit"]] = debt, deficit
        world[wire["kept_share"]] = 1.0
        going = world[wire["stopped"]] == 0.0
        taking = going & (world[wire["frozen"]] == 0.0)
        world[wire["paused"]] = np.where(going, 0.0, 1.0)
        world[wire["cash"]] = np.where(going, cash, 0.0)
        caps = (("supply_room", self.supply_cap, whole), ("borrow_room", self.borrow_cap, debt))
        for row, cap, used in caps:
            left = NO_CAP if cap is None else np.maximum(cap - used, 0.0)
            world[wire[row]] = np.where(taking, left, 0.0)


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
)
"""What a reserve publishes under its name, in the order in which `wire` names the rows."""
