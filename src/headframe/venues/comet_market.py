"""
A market of Compound III (Comet) with our own size in it: two curves, indices, reserves.

What others supply and owe of the base asset comes from observables, ours from the positions in the
market. Utilisation is debt over supply, ours included, and answers with two rates: what suppliers
earn is a curve of its own. Reserves take what lies between, pay for absorbed accounts and get what
the storefront sells. What is neither lent out nor there cannot be withdrawn.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import compound_v3 as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegative,
    NonNegativeSignal,
    Rows,
    Signal,
)
from headframe.venues.aave_reserve import NO_CAP
from headframe.venues.lending_market import InnerShare


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CometCurve:
    """Rates of both sides a year; slopes are per unit of utilisation, as the contract has them."""

    supply_base_apr: NonNegative = 0.0
    supply_slope_low_apr: NonNegative
    supply_slope_high_apr: NonNegative
    supply_kink: InnerShare = 0.8
    borrow_base_apr: NonNegative
    borrow_slope_low_apr: NonNegative
    borrow_slope_high_apr: NonNegative
    borrow_kink: InnerShare = 0.8
    source: str = ""


CURVES: dict[str, CometCurve] = {
    "contract_tests": CometCurve(
        supply_slope_low_apr=0.04,
        supply_slope_high_apr=0.4,
        borrow_base_apr=0.01,
        borrow_slope_low_apr=0.05,
        borrow_slope_high_apr=0.3,
        source="the curve of the contract's own tests: 7.2 and 8 % at 90 %, 0.4 and 1.5 % at 10 %",
    ),
}
"""Curves with where each was read. Parameters change: take your market's from its interface."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CometMarket:
    """
    The base asset of one Comet.

    `supplied` and `borrowed` are the others', in whole units; `reserves` is what the market owns at
    the opening. `paused` is a flag: 0, or 1 while withdrawals are stopped. Publishes, under its
    name, what an `aave_reserve` does, and `_reserves`; `_deficit` is what our absorbed accounts
    have cost the reserves, what the storefront got for the collateral taken off.

    >>> CometMarket(name="comet_usdc", asset="usdc", supplied=1e9, borrowed=8e8,
    ...             curve="contract_tests").terms.borrow_kink
    0.8
    """

    kind: ClassVar[str] = "comet_market"
    name: Name
    asset: Name
    supplied: NonNegativeSignal
    borrowed: NonNegativeSignal
    curve: Literal["contract_tests"] | CometCurve
    reserves: NonNegative = 0.0
    paused: Signal = 0.0

    fields: ClassVar[Rows] = (
        "supply_index",
        "borrow_index",
        "supply_apr",
        "borrow_apr",
        "reserves",
        "lost",
    )

    @model_validator(mode="after")
    def _sound(self) -> "CometMarket":
        whole, lent = self.supplied, self.borrowed
        if isinstance(whole, float) and isinstance(lent, float) and lent > whole + self.reserves:
            raise ValueError(
                f"borrowed {lent:g} is more than supplied {whole:g} and reserves {self.reserves:g}"
            )
        return self

    @property
    def terms(self) -> CometCurve:
        """The curves' numbers."""
        return CURVES[self.curve] if isinstance(self.curve, str) else self.curve

    @property
    def publishes(self) -> Rows:
        """Rates, indices, what can still be had, and reserves."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the others do, and the flag."""
        return (self.supplied, self.borrowed, self.paused)

    @property
    def gathers(self) -> Rows:
        """Our debt, our supply, and what our absorbed accounts have cost."""
        return (f"debt_{self.asset}", f"supplied_{self.asset}", f"deficit_{self.asset}")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curves, and rows."""
        names = ("utilisation", "borrow", "supply", "at", "lent_at", "cash", *PUBLISHED[6:])
        rows = {k: layout.row(row) for k, row in zip(names, self.publishes, strict=True)}
        t = self.terms
        return record(
            **rows,
            others=layout.row(self.supplied),
            lent=layout.row(self.borrowed),
            stopped=layout.row(self.paused),
            supply_base=float(t.supply_base_apr),
            supply_low=float(t.supply_slope_low_apr),
            supply_high=float(t.supply_slope_high_apr),
            supply_kink=float(t.supply_kink),
            borrow_base=float(t.borrow_base_apr),
            borrow_low=float(t.borrow_slope_low_apr),
            borrow_high=float(t.borrow_slope_high_apr),
            borrow_kink=float(t.borrow_kink),
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Indices of 1, reserves as given, rates of the opening's utilisation."""
        state["supply_index"] = state["borrow_index"] = 1.0
        state["reserves"] = self.reserves
        state["lost"] = own[self.gathers[2]]
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Accrue at the rates of what stood since the last step, then answer to what stands now."""
        amounts = self._amounts(own, before, state)
        kernel.charge(state.data, amounts, state.wire)
        kernel.accrue(state.data, amounts, now.dt_s)
        state["reserves"] -= own[self.gathers[2]] - state["lost"]
        state["lost"] = own[self.gathers[2]]
        self._publish(state, own, now)

    def _amounts(self, own: dict[str, Array], tick: Tick, state: Block) -> Array:
        """Debt and supply of all, in whole units."""
        wire, world = state.wire[0], tick.world.data
        debt = np.maximum(world[wire["lent"]] + own[self.gathers[0]], 0.0)
        supplied = np.maximum(world[wire["others"]] + own[self.gathers[1]], 0.0)
        return np.array([debt, supplied])

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        debt, supplied = amounts = self._amounts(own, now, state)
        kernel.charge(state.data, amounts, state.wire)
        world[wire["utilisation"]] = debt / np.where(supplied > 0.0, supplied, 1.0)
        world[wire["borrow"]], world[wire["supply"]] = state["borrow_apr"], state["supply_apr"]
        world[wire["at"]], world[wire["lent_at"]] = state["supply_index"], state["borrow_index"]
        going = world[wire["stopped"]] == 0.0
        cash = np.maximum(supplied + state["reserves"] - debt, 0.0)
        world[wire["cash"]] = np.where(going, cash, 0.0)
        world[wire["supply_room"]] = world[wire["borrow_room"]] = np.where(going, NO_CAP, 0.0)
        world[wire["paused"]] = np.where(going, 0.0, 1.0)
        world[wire["kept_share"]] = 1.0
        world[wire["total_debt"]], world[wire["deficit"]] = debt, own[self.gathers[2]]
        world[wire["reserves"]] = state["reserves"]


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
    "reserves",
)
"""What a market publishes under its name, in the order in which `wire` names the rows."""
