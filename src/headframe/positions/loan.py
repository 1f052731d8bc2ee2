"""
A debt against collateral on a lending market: one health, liquidation by close factor and bonus.

The borrowed asset goes to the wallet, the collateral may earn the supply rate, the debt owes the
borrow rate; both compound. Health is threshold * C / D. Below 1 anybody may repay `close_factor` of
the debt, or all of it below `full_below`, and take collateral worth that much and `bonus` more;
again and again until the loan is healthy or its collateral gone. A debt without collateral is
the lenders' loss (kind `forgiven`).

    repaid = f D,   seized = repaid (1 + bonus), at most C

Source: Aave v3.7, LiquidationLogic and GenericLogic (close factor 0.5, all below a health of 0.95);
its dust rules in dollars are left out.
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

ROUNDS = 4
"""Liquidations of one loan at one instant before the next takes all of its debt."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldLoan:
    """A loan that exists already: collateral and debt in whole units, with interest so far."""

    collateral: NonNegative
    debt: NonNegative
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Loan:
    """
    A loan on a lending market.

    `ltv` is the debt over the collateral's value at opening, `threshold` that at which the loan may
    be liquidated; rates are simple yearly rates, stepped, as numbers or observables.

    >>> loan = Loan(name="aave", collateral_asset="eth", debt_asset="usdc", deposit={"eth": 10.0},
    ...             ltv=0.5, threshold=0.8)
    >>> loan.liquidation_price_ratio()
    0.625
    """

    kind: ClassVar[str] = "loan"
    name: Name
    collateral_asset: Name
    debt_asset: Name
    deposit: Amounts | None = None
    held: HeldLoan | None = None
    ltv: Proper = 0.0
    threshold: Threshold
    close_factor: Threshold = 0.5
    full_below: Fraction = 0.95
    bonus: NonNegative = 0.05
    borrow_apr: NonNegativeSignal = 0.0
    supply_apr: NonNegativeSignal = 0.0
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("pledged", "borrowed", "health", "min_health", "liquidated_s")
    events: ClassVar[Rows] = ("liquidated_s",)
    extremes: ClassVar[Rows] = ("min_health",)
    verbs: ClassVar[Rows] = ("open", "close", "add", "repay", "delever")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Loan":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.collateral_asset == self.debt_asset:
            raise ValueError("collateral_asset and debt_asset must differ")
        if self.ltv >= self.threshold:
            raise ValueError(
                f"ltv {self.ltv:g} is not below the liquidation threshold {self.threshold:g}"
            )
        return self

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what a lending market counts."""
        watched = ("health", "ltv", "collateral", "debt", "equity", "liquidation_price", "gas")
        return (*watched, f"supplied_{self.collateral_asset}", f"debt_{self.debt_asset}")

    @property
    def debt_rates(self) -> Rows:
        """The key of the rate of what it owes: a book must say it."""
        owes = self.ltv > 0.0 if self.held is None else self.held.debt > 0.0
        return ("borrow_apr",) if owes else ()

    @property
    def assets(self) -> Rows:
        """Collateral and debt."""
        return (self.collateral_asset, self.debt_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates and gas."""
        return (self.borrow_apr, self.supply_apr, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest of both sides, the liquidator's bonus, and what paying in and out books."""
        pledged, owed = self.collateral_asset, self.debt_asset
        return (
            Line("interest", pledged),
            Line("interest", owed),
            Line("penalty", pledged),
            Line("principal", owed, cash=True),
            Line("principal", pledged, cash=True),
            *transfers.lines((pledged,), self.deposit, owed=(owed,)),
        )

    def liquidation_price_ratio(self) -> float:
        """Price of the collateral in the debt asset, over that at opening, at which health is 1."""
        return self.ltv / self.threshold

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold it, without borrowing on it."""
        return simply_holding(
            self.name,
            (self.collateral_asset,),
            deposit=self.deposit,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals, and the step in years."""
        return record(
            **transfers.gas_rows(layout, self.gas_usd),
            price_collateral=layout.price(self.collateral_asset),
            price_debt=layout.price(self.debt_asset),
            borrow_apr=layout.row(self.borrow_apr),
            supply_apr=layout.row(self.supply_apr),
            years=dt_s / YEAR_S,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pledge the deposit and borrow against it; or take over what is held."""
        if now.step == 0:
            state["min_health"] = NO_DEBT
            state["liquidated_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            state["pledged"], state["borrowed"] = self.held.collateral, self.held.debt
        elif self.deposit is not None:
            gas = transfers.gas_cost(state.wire, now)
            added = transfers.pay_in(
                order, self.deposit, self.collateral_asset, out, swap_cost=self.swap_cost, gas=gas
            )
            worth = added * out.price(self.collateral_asset)
            lent = (
                self.ltv * worth / np.maximum(out.price(self.debt_asset), transfers.SMALLEST_PRICE)
            )
            out.post("principal", self.debt_asset, -lent)
            out.post("principal", self.debt_asset, lent, cash=True)
            state["pledged"] += added
            state["borrowed"] += lent
        self._measure(state, now)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Both sides accrue; then the loan is liquidated where its health is below 1."""
        wire, world = state.wire[0], now.world.data
        earned = state["pledged"] * world[wire["supply_apr"]] * wire["years"]
        charged = state["borrowed"] * world[wire["borrow_apr"]] * wire["years"]
        out.post("interest", self.collateral_asset, earned)
        out.post("interest", self.debt_asset, -charged)
        state["pledged"] += earned
        state["borrowed"] += charged
        self._measure(state, now)
        for count in range(1, ROUNDS + 1):
            under = state["health"] < 1.0
            if not under.any():
                return
            self._liquidate(state, under, now, out, last=count == ROUNDS)

    def _values(self, state: Block, now: Tick) -> tuple[Array, Array]:
        wire, world = state.wire[0], now.world.data
        collateral = state["pledged"] * world[wire["price_collateral"]]
        return collateral, state["borrowed"] * world[wire["price_debt"]]

    def _measure(self, state: Block, now: Tick) -> None:
        collateral, debt = self._values(state, now)
        allowed = self.threshold * collateral
        safe = np.maximum(np.maximum(debt, allowed / NO_DEBT), 1e-300)
        state["health"] = np.where(debt > 0.0, allowed / safe, NO_DEBT)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    def _liquidate(self, state: Block, under: Mask, now: Tick, out: Account, *, last: bool) -> None:
        """One liquidation: repay a part of the debt, seize collateral, bonus included."""
        collateral, debt = self._values(state, now)
        whole = (state["health"] < self.full_below) | last
        wanted = np.where(whole, 1.0, self.close_factor) * debt * (1.0 + self.bonus)
        emptied = under & (wanted >= collateral)
        seized = np.where(emptied, 1.0, wanted / np.where(collateral > 0.0, collateral, 1.0))
        seized = np.where(under, seized, 0.0) * state["pledged"]
        repaid = np.where(under, np.minimum(wanted, collateral), 0.0) / (1.0 + self.bonus)
        paid = np.minimum(repaid / np.where(debt > 0.0, debt, 1.0), 1.0) * state["borrowed"]
        kept = self.bonus / (1.0 + self.bonus)
        out.post("penalty", self.collateral_asset, -kept * seized)
        out.post("principal", self.collateral_asset, (kept - 1.0) * seized)
        out.post("principal", self.debt_asset, paid)
        state["pledged"] = np.where(emptied, 0.0, state["pledged"] - seized)
        state["borrowed"] = state["borrowed"] - paid
        lost = np.where(emptied, state["borrowed"], 0.0)
        out.post("forgiven", self.debt_asset, lost)
        state["borrowed"] = state["borrowed"] - lost
        state["liquidated_s"][under] = np.minimum(state["liquidated_s"][under], now.t_s)
        self._measure(state, now)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`add` collateral, `repay`, `delever` to a target health, or `close`."""
        if order.verb == "add":
            self._add(state, order, out)
        elif order.verb == "repay":
            self._repay(state, order, out)
        elif order.verb == "delever":
            self._delever(state, order, now, out)
        elif order.verb == "close":
            held = np.where(order.mask, state["pledged"], 0.0)
            owed = np.where(order.mask, state["borrowed"], 0.0)
            gas = transfers.gas_cost(state.wire, now)
            pledged, debts = {self.collateral_asset: held}, {self.debt_asset: owed}
            transfers.wind_up(pledged, debts, out, swap_cost=self.swap_cost, gas=gas)
            state["pledged"][order.mask] = state["borrowed"][order.mask] = 0.0
        self._measure(state, now)

    def _add(self, state: Block, order: Order, out: Account) -> None:
        added = transfers.from_wallet(order, self.collateral_asset, out)
        out.post("principal", self.collateral_asset, -added, cash=True)
        out.post("principal", self.collateral_asset, added)
        state["pledged"] += added

    def _repay(self, state: Block, order: Order, out: Account) -> None:
        paid = np.minimum(transfers.from_wallet(order, self.debt_asset, out), state["borrowed"])
        out.post("principal", self.debt_asset, -paid, cash=True)
        out.post("principal", self.debt_asset, paid)
        state["borrowed"] -= paid

    def _delever(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        Sell a value s of collateral and repay with it, so that health is the target h.

            s = (h (D + g) - T C) / (h (1 - c) - T),  held to what repays all
        """
        collateral, debt = self._values(state, now)
        gas, keep = transfers.gas_cost(state.wire, now), 1.0 - self.swap_cost
        target = order.amounts()
        slope = target * keep - self.threshold
        whole = (debt + gas) / keep
        short = target * (debt + gas) - self.threshold * collateral
        sold = np.where(slope > 1e-12, short / np.maximum(slope, 1e-12), whole)
        sold = np.minimum(sold, np.minimum(whole, collateral))
        does = order.mask & (short > 0.0) & (sold * keep > gas) & (debt > 0.0)
        sold, burnt = np.where(does, sold, 0.0), np.where(does, gas, 0.0)
        some = np.where(collateral > 0.0, collateral, 1.0)
        paid = np.minimum((sold * keep - burnt) / np.where(debt > 0.0, debt, 1.0), 1.0)
        per_value = state["pledged"] / some
        out.post("slippage", self.collateral_asset, -(1.0 - keep) * sold * per_value)
        out.post("gas", self.collateral_asset, -burnt * per_value)
        out.post("principal", self.collateral_asset, -(keep * sold - burnt) * per_value)
        out.post("principal", self.debt_asset, paid * state["borrowed"])
        state["pledged"] -= sold * per_value
        state["borrowed"] -= paid * state["borrowed"]

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health, loan to value, values of both sides, liquidation price; quantities."""
        collateral, debt = self._values(state, now)
        out["health"] = state["health"]
        out["ltv"] = debt / np.where(collateral > 0.0, collateral, 1.0)
        out["collateral"], out["debt"], out["equity"] = collateral, debt, collateral - debt
        allowed = self.threshold * state["pledged"]
        out["liquidation_price"] = state["borrowed"] / np.where(allowed > 0.0, allowed, 1.0)
        out["gas"] = transfers.gas_cost(state.wire, now)
        out[f"supplied_{self.collateral_asset}"] = state["pledged"]
        out[f"debt_{self.debt_asset}"] = state["borrowed"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Collateral, and the debt as a negative quantity."""
        out[self.collateral_asset] = state["pledged"]
        out[self.debt_asset] = -state["borrowed"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
