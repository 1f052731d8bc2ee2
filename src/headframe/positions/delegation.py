"""
Credit delegation: collateral of ours that somebody else borrows against.

The delegator supplies collateral and lets a delegatee draw debt on it, without collateral of the
delegatee's own. The debt stands in the delegator's name; the delegatee pays its interest and a fee
for the line. There are two ways to lose:

    default        the delegatee stops paying: the debt is ours, `recovery` comes back by law
    liquidation    collateral * threshold < debt: the keeper repays the debt out of our collateral
                   and takes the penalty; a delegatee who performs owes us what was repaid, not
                   the penalty

While the delegatee performs, debt and claim on him are equal: the position holds its collateral.
On default the claim falls to its recovery (kind `forgiven`, negative: a lender's loss), and the
debt is repaid out of the collateral.

Source: Aave's documentation of credit delegation (the debt token of the delegator grows, the
allowance shrinks by what is drawn); the loss is the delegator's by construction.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.positions.held_asset import simply_holding
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    Fraction,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
    Threshold,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Delegation:
    """
    Collateral with a line of credit that somebody else draws.

    `drawn` is what the delegatee owes at the opening, in whole units of `debt_asset`; interest at
    `borrow_apr` is added to it and paid by him. `fee_apr` is what he pays us for the line, of what
    is drawn. He defaults at `defaults_per_year` (a signal: a business cycle may drive it), and then
    `recovery` of the debt is paid. `ltv` is the most that may be drawn at the opening, `threshold`
    where the collateral is liquidated.

    >>> line = Delegation(name="line", collateral="eth", debt_asset="usdc", deposit={"eth": 10.0},
    ...                   drawn=10_000.0, ltv=0.8, threshold=0.825, fee_apr=0.03)
    >>> line.uniforms
    ('line.default',)
    """

    kind: ClassVar[str] = "delegation"
    name: Name
    collateral: Name
    debt_asset: Name
    deposit: Amounts
    drawn: NonNegative
    supply_apr: NonNegativeSignal = 0.0
    borrow_apr: NonNegativeSignal = 0.0
    fee_apr: NonNegativeSignal = 0.0
    defaults_per_year: NonNegativeSignal = 0.02
    recovery: Fraction = 0.3
    ltv: Threshold = 0.8
    threshold: Threshold = 0.825
    penalty: Proper = 0.05
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "collateral",
        "debt",
        "health",
        "min_health",
        "liquidated_s",
        "defaulted_s",
    )
    gauges: ClassVar[Rows] = ("equity", "health", "ltv", "debt", "collateral")
    events: ClassVar[Rows] = ("liquidated_s", "defaulted_s")
    extremes: ClassVar[Rows] = ("min_health",)
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _possible(self) -> "Delegation":
        if self.collateral == self.debt_asset:
            raise ValueError("collateral and debt_asset must differ")
        if self.threshold < self.ltv:
            raise ValueError("threshold must be at least ltv")
        return self

    @property
    def uniforms(self) -> Rows:
        """Whether the delegatee defaults."""
        return () if self.defaults_per_year == 0.0 else (f"{self.name}.default",)

    @property
    def assets(self) -> Rows:
        """The collateral, and the debt with the claim on the delegatee against it."""
        return (self.collateral, self.debt_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, the chance of default, gas."""
        rates = (self.supply_apr, self.borrow_apr, self.fee_apr)
        return (*rates, self.defaults_per_year, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest on the collateral, the fee, and what a default and a liquidation take."""
        debt = (Line("forgiven", self.debt_asset), Line("principal", self.debt_asset))
        own = (Line("interest", self.collateral), Line("penalty", self.collateral))
        fee = Line("fee", self.debt_asset, cash=True)
        paid = Line("principal", self.debt_asset, cash=True)
        return (*own, *debt, fee, paid, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the collateral."""
        return simply_holding(
            self.name, (self.collateral,), deposit=self.deposit, swap_cost=self.swap_cost
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals, and the step in years."""
        return record(
            **transfers.gas_rows(layout, self.gas_usd),
            price=layout.price(self.collateral),
            price_debt=layout.price(self.debt_asset),
            supply_apr=layout.row(self.supply_apr),
            borrow_apr=layout.row(self.borrow_apr),
            fee_apr=layout.row(self.fee_apr),
            defaults=layout.row(self.defaults_per_year),
            draw=layout.draw(self.uniforms[0]) if self.uniforms else -1,
            years=dt_s / YEAR_S,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Supply the collateral; the delegatee draws, as far as the loan to value allows."""
        if now.step == 0:
            state["min_health"] = NO_DEBT
            state["liquidated_s"] = state["defaulted_s"] = NEVER_S
        gas = transfers.gas_cost(state.wire, now)
        added = transfers.pay_in(
            order, self.deposit, self.collateral, out, swap_cost=self.swap_cost, gas=gas
        )
        state["collateral"] += added
        price, price_debt = self._prices(state, now)
        room = self.ltv * state["collateral"] * price / np.maximum(price_debt, 1e-300)
        draws = np.minimum(self.drawn * np.maximum(order.amounts(), 0.0), room)
        state["debt"] = np.where(added > 0.0, draws, state["debt"])
        self._measure(state, now)

    def _prices(self, state: Block, now: Tick) -> tuple[Array, Array]:
        wire, world = state.wire[0], now.world.data
        return world[wire["price"]], world[wire["price_debt"]]

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Earn, be paid for the line, and perhaps lose it: by default, or by liquidation."""
        wire, world = state.wire[0], now.world.data
        earned = state["collateral"] * world[wire["supply_apr"]] * wire["years"]
        out.post("interest", self.collateral, earned)
        state["collateral"] += earned
        fee = state["debt"] * np.maximum(world[wire["fee_apr"]], 0.0) * wire["years"]
        out.post("fee", self.debt_asset, fee, cash=True)
        state["debt"] *= 1.0 + np.maximum(world[wire["borrow_apr"]], 0.0) * wire["years"]
        if wire["draw"] >= 0:
            hazard = np.maximum(world[wire["defaults"]], 0.0) * wire["years"]
            chance = -np.expm1(-hazard)
            self._default(state, now.draws.data[wire["draw"]] < chance, now, out)
        self._measure(state, now)
        self._liquidate(state, now, out)

    def _default(self, state: Block, struck: Mask, now: Tick, out: Account) -> None:
        """The claim falls to what is recovered, in cash; our collateral pays the debt."""
        struck = struck & (state["debt"] > 0.0)
        if not struck.any():
            return
        debt = np.where(struck, state["debt"], 0.0)
        out.post("forgiven", self.debt_asset, -(1.0 - self.recovery) * debt)
        out.post("principal", self.debt_asset, -self.recovery * debt)
        out.post("principal", self.debt_asset, self.recovery * debt, cash=True)
        state["defaulted_s"][struck] = now.t_s
        self._repay(state, debt, 0.0, struck, now, out)

    def _liquidate(self, state: Block, now: Tick, out: Account) -> None:
        """The keeper repays and seizes; a delegatee who performs makes good what was repaid."""
        under = (state["health"] < 1.0) & (state["debt"] > 0.0)
        if not under.any():
            return
        debt = np.where(under, state["debt"], 0.0)
        state["liquidated_s"][under] = np.minimum(state["liquidated_s"][under], now.t_s)
        out.post("principal", self.debt_asset, -debt)
        out.post("principal", self.debt_asset, debt, cash=True)
        self._repay(state, debt, self.penalty, under, now, out)

    def _repay(
        self, state: Block, debt: Array, penalty: float, mask: Mask, now: Tick, out: Account
    ) -> None:
        """Pay debt out of the collateral, at a cost; what is missing is the lenders' loss."""
        price, price_debt = self._prices(state, now)
        needed = debt * price_debt / np.maximum(price, 1e-300)
        cost = 1.0 + penalty if penalty > 0.0 else 1.0 / (1.0 - self.swap_cost)
        seized = np.where(mask, np.minimum(needed * cost, state["collateral"]), 0.0)
        used = seized / cost
        kind = "penalty" if penalty > 0.0 else "slippage"
        out.post(kind, self.collateral, -(seized - used))
        out.post("principal", self.collateral, -used)
        paid = used * price / np.maximum(price_debt, 1e-300)
        out.post("principal", self.debt_asset, paid)
        out.post("forgiven", self.debt_asset, debt - paid)
        state["collateral"] -= seized
        state["debt"] = np.where(mask, 0.0, state["debt"])
        self._measure(state, now)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: the delegatee repays what he owes, and the collateral is sold."""
        if order.verb != "close":
            return
        sold = np.where(order.mask, state["collateral"], 0.0)
        gas = transfers.gas_cost(state.wire, now)
        transfers.wind_up({self.collateral: sold}, {}, out, swap_cost=self.swap_cost, gas=gas)
        state["collateral"] -= sold
        state["debt"] = np.where(order.mask, 0.0, state["debt"])
        self._measure(state, now)

    def _measure(self, state: Block, now: Tick) -> None:
        price, price_debt = self._prices(state, now)
        debt = state["debt"] * price_debt
        backed = self.threshold * state["collateral"] * price
        health = np.minimum(backed / np.maximum(debt, backed / NO_DEBT + 1e-300), NO_DEBT)
        state["health"] = np.where(debt > 0.0, health, NO_DEBT)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, health, loan to value, debt and collateral, in the numeraire."""
        price, price_debt = self._prices(state, now)
        out["collateral"] = out["equity"] = state["collateral"] * price
        out["debt"] = state["debt"] * price_debt
        backed = np.where(out["collateral"] > 0.0, out["collateral"], 1.0)
        out["ltv"] = out["debt"] / np.maximum(backed, 1e-290)
        out["health"] = state["health"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The collateral; the debt and the claim on the delegatee cancel."""
        out[self.collateral] = state["collateral"]
        out[self.debt_asset] = 0.0

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to while the delegatee performs."""
        self.holdings(state, now, out)
