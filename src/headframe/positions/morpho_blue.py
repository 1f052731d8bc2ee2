"""
A loan on Morpho Blue: one collateral, one loan asset, one threshold (LLTV), an oracle.

Health is collateral at the oracle's price times the LLTV over debt. Below 1 a liquidator repays all
of the debt, or as much as the collateral pays for, and takes `incentive` times that in collateral;
what is then still owed is the lenders' loss at once (kind `forgiven`). Nobody liquidates at a loss:
where the market's price lies below the oracle's, the debt stands until the oracle has noticed.
Collateral earns nothing. Whoever lends here has the kind `lending` with this market.

    incentive = min(1.15, 1 / (1 - 0.3 (1 - LLTV)))

Source: Morpho Blue whitepaper (2023); `kernels.morpho_blue`, held to `exact.morpho_blue_math`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import morpho_blue as kernel
from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import looping, pledged, transfers
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
    Leverage,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.venues.lending_market import InnerShare


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldMorphoLoan:
    """A loan that exists already: collateral and debt in whole units, with interest so far."""

    collateral: NonNegative
    debt: NonNegative
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MorphoBlue:
    """
    A loan on Morpho Blue.

    `ltv` is the debt over the collateral at opening, each loop's with `loops`; `leverage` is assets
    over equity, bought at once with a flash loan that costs `flash_fee` of what it lends (nothing
    at Morpho itself). Each loop pays gas; own swaps move a pool of `pool_usd`, 0 being a market
    without end. `market` names the book's `morpho_market`, else debt grows by `borrow_apr`.
    `oracle` is the oracle's price of the collateral in the loan asset where it is not the market's:
    a number or an observable. Where `keepers` is below 0.5 nobody liquidates.

    >>> loan = MorphoBlue(name="morpho", collateral_asset="eth", loan_asset="usdc", lltv=0.86,
    ...                   deposit={"eth": 10.0}, ltv=0.5)
    >>> round(loan.liquidation_price_ratio(), 6), round(loan.incentive(), 6)
    (0.581395, 1.043841)
    """

    kind: ClassVar[str] = "morpho_blue"
    name: Name
    collateral_asset: Name
    loan_asset: Name
    lltv: InnerShare
    deposit: Amounts | None = None
    held: HeldMorphoLoan | None = None
    ltv: Proper = 0.0
    loops: int = 0
    leverage: Leverage = 1.0
    borrow_apr: NonNegativeSignal = 0.0
    market: Name | None = None
    oracle: Signal | None = None
    flash_fee: Proper = 0.0
    swap_cost: Proper = 0.003
    pool_usd: NonNegativeSignal = 0.0
    gas_usd: NonNegativeSignal = 0.0
    keepers: Signal = 1.0
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ("liquidated_s", "blocked_s")
    extremes: ClassVar[Rows] = ("min_health",)
    verbs: ClassVar[Rows] = (
        "open",
        "close",
        "supply",
        "withdraw",
        "borrow",
        "repay",
        "delever",
    )
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _fits(self) -> "MorphoBlue":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.collateral_asset == self.loan_asset:
            raise ValueError("collateral_asset and loan_asset must differ")
        if not 0 <= self.loops <= 100:
            raise ValueError(f"loops {self.loops} is not between 0 and 100")
        if self.loops and self.leverage > 1.0:
            raise ValueError("give either loops (with ltv) or leverage")
        wanted = max(self.ltv, 1.0 - 1.0 / self.leverage)
        if wanted >= self.lltv:
            raise ValueError(f"a loan to value of {wanted:g} is not below the LLTV {self.lltv:g}")
        return self

    def incentive(self) -> float:
        """Collateral that a liquidator takes per value repaid."""
        return float(kernel.incentive_factor(self.lltv))

    def liquidation_price_ratio(self) -> float:
        """Price of the collateral in the loan asset, over that at opening, at which health is 1."""
        return max(self.ltv, 1.0 - 1.0 / self.leverage) / self.lltv

    @property
    def fields(self) -> Rows:
        """Quantities, health, and what happened."""
        rows = ("pledged", f"debt_{self.loan_asset}", f"deficit_{self.loan_asset}")
        return (*rows, "health", "min_health", "liquidated_s", "blocked_s", "penalty_usd")

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what a market counts."""
        watched = ("health", "ltv", "collateral", "debt", "equity", "leverage")
        told = ("liquidation_price", "gas", "penalty_usd", "pledged")
        return (*watched, *told, f"debt_{self.loan_asset}", f"deficit_{self.loan_asset}")

    @property
    def debt_rates(self) -> Rows:
        """The key of the rate of what it owes, where no market makes it: a book must say it."""
        return ("borrow_apr",) if self.market is None else ()

    @property
    def assets(self) -> Rows:
        """Collateral and debt."""
        return (self.collateral_asset, self.loan_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rate, oracle, gas, and what the market publishes."""
        rate = (self.borrow_apr,) if self.market is None else ()
        oracle = () if self.oracle is None else (self.oracle,)
        own = (self.gas_usd, self.pool_usd, self.keepers)
        return (*rate, *oracle, *own, *pledged.market_reads(self.market))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, penalty, and what paying in and out books."""
        return pledged.entry_lines((self.collateral_asset,), (self.loan_asset,), self.deposit)

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold it, without borrowing on it."""
        return simply_holding(
            self.name, (self.collateral_asset,), deposit=self.deposit, swap_cost=self.swap_cost
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows and terms of both legs, and of the oracle."""
        rate = self.borrow_apr if self.market is None else f"{self.market}_borrow_apr"
        first = pledged.Leg(
            asset=self.collateral_asset,
            row="pledged",
            price=layout.price(self.collateral_asset),
            apr=layout.row(rate),
            threshold=self.lltv,
            ltv=self.lltv,
        )
        money = pledged.Leg(
            asset=self.loan_asset,
            row=f"debt_{self.loan_asset}",
            price=layout.price(self.loan_asset),
            apr=layout.row(rate),
            **pledged.market_rows(layout, self.market, owed=True),
        )
        gas = pledged.gas_record(layout, self.gas_usd, self.pool_usd)
        usd = layout.price("usd" if "usd" in layout.prices.chains else layout.prices.numeraire)
        oracle = pledged.NOWHERE if self.oracle is None else layout.row(self.oracle)
        return pledged.Wire(
            gas=gas,
            pledged=(first,),
            owed=(money,),
            usd=usd,
            oracle=oracle,
            keepers=layout.row(self.keepers),
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pledge the deposit, borrow, and loop; or take over what is held."""
        if now.step == 0:
            state["min_health"], state["health"] = NO_DEBT, NO_DEBT
            state["liquidated_s"] = state["blocked_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            state["pledged"] = self.held.collateral
            state[f"debt_{self.loan_asset}"] = self.held.debt
        elif self.deposit is not None:
            paid = pledged.pay_in(
                state,
                state.wire,
                self.deposit,
                order,
                now,
                out,
                swap_cost=self.swap_cost,
                transactions=self.loops + 1,
            )
            terms = {name: getattr(self, name) for name in looping.LOOPED}
            looping.loop(state, state.wire, paid, now, out, **terms, flash_fee=self._flash)
        self._measure(state, now)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The debt accrues; then a liquidator comes where the health is below 1."""
        money = state.wire.owed[0]
        if money.index != pledged.NOWHERE:
            factor = pledged.by_index(money, before, now)
        else:
            factor = np.empty(state.n_paths)
            kernel.grow(factor, now.world.data[money.apr], now.dt_s)
        pledged.accrue(state, money, factor, out, sign=-1.0)
        self._measure(state, now)
        under = (state["health"] < 1.0) & (now.world.data[state.wire.keepers] >= 0.5)
        if under.any():
            self._liquidate(state, under, now, out)

    def _quoted(self, state: Block, now: Tick) -> Array:
        """Collateral at the oracle's price, in the numeraire."""
        wire = state.wire
        if wire.oracle == pledged.NOWHERE:
            value: Array = wire.pledged[0].worth(state, now)
            return value
        world = now.world.data
        quoted: Array = state["pledged"] * world[wire.oracle] * world[wire.owed[0].price]
        return quoted

    def _measure(self, state: Block, now: Tick) -> None:
        debt = state.wire.owed[0].worth(state, now)
        kernel.measure(state["health"], self._quoted(state, now), debt, self.lltv)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    def _liquidate(self, state: Block, under: Mask, now: Tick, out: Account) -> None:
        """All of the debt or all of the collateral, where that pays the liquidator."""
        first, money = state.wire.pledged[0], state.wire.owed[0]
        quoted, debt = self._quoted(state, now), money.worth(state, now)
        done = np.zeros((3, state.n_paths))
        kernel.liquidate(done, np.array([quoted, debt]), self.lltv)
        paid, seized, lost = done
        whole = seized >= quoted
        share = np.where(whole, 1.0, seized / np.where(quoted > 0.0, quoted, 1.0))
        market = share * first.worth(state, now)
        going = under & (market >= paid)
        cost = np.minimum(paid / np.where(market > 0.0, market, 1.0), 1.0)
        extra = share * np.where(market > 0.0, 1.0 - cost, 1.0)
        repaid = np.where(lost > 0.0, paid / np.where(debt > 0.0, debt, 1.0), 1.0)
        usd = np.maximum(now.world.data[state.wire.usd], transfers.SMALLEST_PRICE)
        taken = np.where(going, extra, 0.0)
        state["penalty_usd"] += taken * first.worth(state, now) / usd
        pledged.seize(state, first, np.where(going, share, 0.0), taken, out)
        pledged.settle(state, money, np.where(going, repaid, 0.0), out)
        pledged.forgive(state, money, going & whole, out)
        state["liquidated_s"][going] = np.minimum(state["liquidated_s"][going], now.t_s)
        self._measure(state, now)

    @property
    def _flash(self) -> float:
        """What a flash loan costs: loops do without."""
        return 0.0 if self.loops else self.flash_fee

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`, `delever` to a target health, or move one side."""
        wire, verb = state.wire, order.verb
        first, money = wire.pledged[0], wire.owed[0]
        cost, flash, blocked = self.swap_cost, self._flash, np.zeros(state.n_paths, np.bool_)
        if verb == "close":
            looping.leave(
                state,
                wire,
                order.mask.astype(np.float64),
                now,
                out,
                swap_cost=cost,
                flash_fee=flash,
                transactions=self.loops + 1,
            )
        elif verb == "delever":
            pledged.delever(state, wire, order, now, out, swap_cost=cost, flash_fee=flash)
        elif verb == "supply":
            pledged.supply(state, first, order, now, out)
        elif verb == "withdraw":
            pledged.withdraw(state, wire, first, order, now, out)
        elif verb == "borrow":
            blocked = pledged.borrow(state, wire, money, order, now, out)
        elif verb == "repay":
            pledged.repay(state, money, order, now, out)
        state["blocked_s"][blocked] = np.minimum(state["blocked_s"][blocked], now.t_s)
        self._measure(state, now)

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health, loan to value, values, leverage, liquidation price; quantities."""
        pledged.tell(state, now, out)
        out["health"] = state["health"]
        for row in out.rows[8:]:
            out[row] = state[row]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Collateral, and the debt as a negative quantity."""
        out[self.collateral_asset] = state["pledged"]
        out[self.loan_asset] = -state[f"debt_{self.loan_asset}"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
