"""
An account on Compound III (Comet): collaterals that earn nothing, one signed balance of the base.

Withdrawing more base than was supplied is borrowing. Borrowing is held to the collaterals' borrow
factors, the account to their higher liquidation factors: health is the sum of collateral times
those, over debt. Below 1 the market *absorbs* the account whole. It takes all collateral and
credits its value at the oracle's price times a third factor, which is the penalty's other side:

    new balance = max(sum of value * liquidation factor - debt, 0)

What is left over stays as base that earns; what is missing is the market's loss (kind `forgiven`).
The market then sells the collateral at a discount, which its reserves keep or bear.

Source: Compound III documentation; `kernels.compound_v3`, held to `exact.compound_v3`.
"""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import compound_v3 as kernel
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
    Block,
    Duration,
    Fraction,
    Leverage,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
    Threshold,
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CometCollateral:
    """
    One collateral and its three factors, the contract's `borrowCollateralFactor`,
    `liquidateCollateralFactor` and `liquidationFactor`; `oracle` as for `aave_v3`.

    The defaults are those of WETH in mainnet's USDC market of 2022.
    """

    asset: Name
    borrow_factor: Proper = 0.825
    threshold: Threshold = 0.895
    liquidation_factor: Threshold = 0.95
    oracle: NonNegativeSignal = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> "CometCollateral":
        if self.borrow_factor >= self.threshold:
            raise ValueError(
                f"borrow_factor {self.borrow_factor:g} is not below threshold {self.threshold:g}"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldComet:
    """An account that exists already: collateral, and the base supplied or owed, in whole units."""

    collateral: Amounts
    supplied: NonNegative = 0.0
    debt: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CompoundV3:
    """
    An account on Compound III.

    `ltv` is the debt over the collateral at opening, each loop's with `loops`; `leverage` is assets
    over equity, bought at once, a flash loan's `flash_fee` included. `market` names the book's
    `comet_market`, else debt grows by `borrow_apr` and supply by `supply_apr`. Accounts are
    absorbed where `absorbers` is at least 0.5; `store_front_price_factor` is the part of the
    penalty that the storefront gives away.

    >>> account = CompoundV3(name="comet", base_asset="usdc", collateral=({"asset": "eth"},),
    ...                      deposit={"eth": 10.0}, ltv=0.6)
    >>> round(account.liquidation_price_ratio(), 6)
    0.670391
    """

    kind: ClassVar[str] = "compound_v3"
    name: Name
    base_asset: Name
    collateral: tuple[CometCollateral, ...]
    deposit: Amounts | None = None
    held: HeldComet | None = None
    ltv: Proper = 0.0
    loops: int = 0
    leverage: Leverage = 1.0
    flash_fee: Proper = 0.0
    borrow_apr: NonNegativeSignal = 0.0
    supply_apr: NonNegativeSignal = 0.0
    base_oracle: NonNegativeSignal = 1.0
    market: Name | None = None
    absorbers: Signal = 1.0
    store_front_price_factor: Fraction = 0.5
    swap_cost: Proper = 0.003
    pool_usd: NonNegativeSignal = 0.0
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ("liquidated_s", "blocked_s")
    extremes: ClassVar[Rows] = ("min_health",)
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _fits(self) -> "CompoundV3":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        names = [x.asset for x in self.collateral]
        if not names:
            raise ValueError("collateral needs at least one asset")
        if len(set(names)) < len(names) or self.base_asset in names:
            raise ValueError(f"each asset once: {', '.join((*names, self.base_asset))}")
        if not 0 <= self.loops <= 100:
            raise ValueError(f"loops {self.loops} is not between 0 and 100")
        if self.loops and self.leverage > 1.0:
            raise ValueError("give either loops (with ltv) or leverage")
        wanted, most = max(self.ltv, 1.0 - 1.0 / self.leverage), self.collateral[0].borrow_factor
        if wanted > most:
            raise ValueError(f"a loan to value of {wanted:g} is above the borrow_factor {most:g}")
        for asset in () if self.held is None else self.held.collateral:
            if asset not in names:
                raise ValueError(f"held.collateral: {asset} is not one of {', '.join(names)}")
        return self

    def liquidation_price_ratio(self) -> float:
        """Price of the first collateral in the base, over that at opening, at which health is 1."""
        return max(self.ltv, 1.0 - 1.0 / self.leverage) / self.collateral[0].threshold

    @property
    def _base_rows(self) -> Rows:
        return tuple(f"{row}_{self.base_asset}" for row in ("supplied", "debt", "deficit"))

    @property
    def fields(self) -> Rows:
        """Quantities, health, and what happened."""
        legs = tuple(f"pledged_{x.asset}" for x in self.collateral)
        rest = ("health", "min_health", "liquidated_s", "blocked_s", "penalty_usd")
        return (*legs, *self._base_rows, *rest)

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what a market counts."""
        watched = ("health", "ltv", "collateral", "debt", "equity", "leverage")
        legs = tuple(f"pledged_{x.asset}" for x in self.collateral)
        return (*watched, "liquidation_price", "gas", "penalty_usd", *legs, *self._base_rows)

    @property
    def verbs(self) -> Rows:
        """What it can be told to do; by asset where there are several collaterals."""
        more = tuple(f"{v}_{x.asset}" for v in ("supply", "withdraw") for x in self.collateral[1:])
        return ("open", "close", "supply", "withdraw", "borrow", "repay", "delever", *more)

    @property
    def debt_rates(self) -> Rows:
        """The key of the rate of what it owes, where no market makes it: a book must say it."""
        told = self.ltv > 0.0 or self.leverage > 1.0
        owes = told if self.held is None else self.held.debt > 0.0
        return ("borrow_apr",) if owes and self.market is None else ()

    @property
    def assets(self) -> Rows:
        """Collaterals and base."""
        return (*(x.asset for x in self.collateral), self.base_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, oracles, gas, who absorbs, and what the market publishes."""
        rates = (self.borrow_apr, self.supply_apr) if self.market is None else ()
        oracles = tuple(x.oracle for x in self.collateral)
        own = (self.base_oracle, self.absorbers, self.gas_usd, self.pool_usd)
        return (*rates, *oracles, *own, *pledged.market_reads(self.market))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, penalty, and what paying in and out books."""
        return pledged.entry_lines(self.assets, (self.base_asset,), self.deposit)

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold it, without borrowing on it."""
        assets = tuple(x.asset for x in self.collateral)
        return simply_holding(self.name, assets, deposit=self.deposit, swap_cost=self.swap_cost)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows and terms of every collateral, of the base as supply and as debt."""
        nothing, market = layout.row(0.0), self.market
        base = layout.price(self.base_asset)
        quoted = pledged.oracle_row(layout, self.base_oracle)
        held = [
            pledged.Leg(
                asset=x.asset,
                row=f"pledged_{x.asset}",
                price=layout.price(x.asset),
                apr=nothing,
                threshold=x.threshold,
                ltv=x.borrow_factor,
                oracle=pledged.oracle_row(layout, x.oracle),
            )
            for x in self.collateral
        ]
        rates = {
            side: layout.row(getattr(self, f"{side}_apr") if not market else f"{market}_{side}_apr")
            for side in ("supply", "borrow")
        }
        # Base that is supplied counts one to one against a debt: they are one signed balance.
        held.append(
            pledged.Leg(
                asset=self.base_asset,
                row=self._base_rows[0],
                price=base,
                apr=rates["supply"],
                threshold=1.0,
                ltv=1.0,
                oracle=quoted,
                **pledged.market_rows(layout, market, owed=False),
            )
        )
        money = pledged.Leg(
            asset=self.base_asset,
            row=self._base_rows[1],
            price=base,
            apr=rates["borrow"],
            oracle=quoted,
            **pledged.market_rows(layout, market, owed=True),
        )
        gas = pledged.gas_record(layout, self.gas_usd, self.pool_usd)
        usd = layout.price("usd" if "usd" in layout.prices.chains else layout.prices.numeraire)
        keepers = layout.row(self.absorbers)
        return pledged.Wire(gas=gas, pledged=tuple(held), owed=(money,), usd=usd, oracle=keepers)

    # ---- in ---------------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pledge the deposit, borrow, and loop; or take over what is held."""
        if now.step == 0:
            state["min_health"], state["health"] = NO_DEBT, NO_DEBT
            state["liquidated_s"] = state["blocked_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            for asset, quantity in self.held.collateral.items():
                state[f"pledged_{asset}"] = quantity
            supplied, debt, _ = self._base_rows
            state[supplied], state[debt] = self.held.supplied, self.held.debt
        elif self.deposit is not None:
            # A deposit in the base buys collateral: supplying it would only shrink the debt.
            wire = replace(state.wire, pledged=state.wire.pledged[:-1])
            paid = pledged.pay_in(
                state,
                wire,
                self.deposit,
                order,
                now,
                out,
                swap_cost=self.swap_cost,
                transactions=self.loops + 1,
            )
            terms = {name: getattr(self, name) for name in looping.LOOPED}
            looping.loop(state, state.wire, paid, now, out, **terms, flash_fee=self._flash)
        self._settle_base(state)
        self._measure(state, now)

    @property
    def _flash(self) -> float:
        """What a flash loan costs: loops do without."""
        return 0.0 if self.loops else self.flash_fee

    # ---- a step -----------------------------------------------------------------------------

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Base accrues on either side; then the market absorbs what is under water."""
        for leg, sign in ((state.wire.pledged[-1], 1.0), (state.wire.owed[0], -1.0)):
            if leg.index != pledged.NOWHERE:
                factor = pledged.by_index(leg, before, now)
            else:
                factor = np.empty(state.n_paths)
                kernel.grow(factor, now.world.data[leg.apr], now.dt_s)
            pledged.accrue(state, leg, factor, out, sign=sign)
        self._measure(state, now)
        under = (state["health"] < 1.0) & (now.world.data[state.wire.oracle] >= 0.5)
        under &= state.wire.owed[0].running(now)
        if under.any():
            self._absorb(state, under, now, out)

    def _measure(self, state: Block, now: Tick) -> None:
        debt, allowed, _ = pledged.backing(state, now, state.wire)
        kernel.measure(state["health"], allowed, debt)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    def _absorb(self, state: Block, under: Mask, now: Tick, out: Account) -> None:
        """All collateral goes to the market; its credit repays the debt, the rest stays as base."""
        legs, base, money = state.wire.pledged[:-1], state.wire.pledged[-1], state.wire.owed[0]
        factors = np.array([x.liquidation_factor for x in self.collateral])
        quoted = np.maximum(money.worth(state, now) * money.reported(now), 0.0)
        seen = np.array([leg.seen(state, now) for leg in legs])
        repaid, left, lost = kernel.absorb(seen, quoted, factors)
        usd = np.maximum(now.world.data[state.wire.usd], transfers.SMALLEST_PRICE)
        unit = np.maximum(now.world.data[base.price], transfers.SMALLEST_PRICE)
        told = np.maximum(unit * base.reported(now), transfers.SMALLEST_PRICE)
        credit, sold = np.zeros(state.n_paths), np.zeros(state.n_paths)
        for k, leg in enumerate(legs):
            front = kernel.front_price(factors[k], self.store_front_price_factor)
            sold += front * seen[k] / told
            # at the market's prices, since that is what the books count in
            worth, given = leg.worth(state, now), factors[k] * seen[k] * unit / told
            credit += given
            extra = 1.0 - given / np.where(worth > 0.0, worth, 1.0)
            extra = np.where(under & (worth > 0.0), extra, 0.0)
            state["penalty_usd"] += extra * worth / usd
            pledged.seize(state, leg, np.where(under, 1.0, 0.0), extra, out)
        quotient = repaid / np.where(quoted > 0.0, quoted, 1.0)
        share = np.where(lost > 0.0, quotient, 1.0)
        supplied, _, deficit = self._base_rows
        # the reserves pay the credit, or the debt where that is more, and sell what they got
        paid = np.maximum(credit / unit, state[money.row])
        state[deficit] += np.where(under, paid - sold, 0.0)
        pledged.settle(state, money, np.where(under, share, 0.0), out)
        written_off = np.where(under, state[money.row], 0.0)
        out.post("forgiven", money.asset, written_off)
        state[money.row] -= written_off
        kept = np.where(under, left / told, 0.0)
        out.post("principal", base.asset, kept)
        state[supplied] += kept
        state["liquidated_s"][under] = np.minimum(state["liquidated_s"][under], now.t_s)
        self._measure(state, now)

    # ---- what we do -------------------------------------------------------------------------

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`, `delever` to a target health, move a collateral, `borrow` or `repay` base."""
        wire, blocked = state.wire, np.zeros(state.n_paths, np.bool_)
        verb, _, asset = order.verb.partition("_")
        costs = {"swap_cost": self.swap_cost, "flash_fee": self._flash}
        leg = next(x for x in wire.pledged if not asset or x.asset == asset)
        if verb == "close":
            self._leave(state, order.mask, now, out)
        elif verb == "delever":
            blocked = pledged.delever(state, wire, order, now, out, **costs)
        elif verb == "supply":
            blocked = pledged.supply(state, leg, order, now, out)
        elif verb == "withdraw":
            blocked = pledged.withdraw(state, wire, leg, order, now, out)
        elif verb == "borrow":
            blocked = pledged.borrow(state, wire, wire.owed[0], order, now, out)
        elif verb == "repay":
            blocked = self._repay(state, order, now, out)
        self._settle_base(state)
        state["blocked_s"][blocked] = np.minimum(state["blocked_s"][blocked], now.t_s)
        self._measure(state, now)

    def _repay(self, state: Block, order: Order, now: Tick, out: Account) -> Mask:
        """Pay base in: the debt first, the rest is supplied, as the contract has it."""
        base = state.wire.pledged[-1]
        return pledged.supply(state, base, order, now, out)

    def _leave(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        """Wind up, where the market has the base that was supplied."""
        base = state.wire.pledged[-1]
        others = replace(state.wire, pledged=state.wire.pledged[:-1])
        supplied, cash = state[base.row], np.maximum(base.limit(now, base.cash), 0.0)
        part = np.minimum(cash / np.where(supplied > 0.0, supplied, 1.0), 1.0)
        part = np.where(supplied > 0.0, part, 1.0)
        share = np.where(mask, np.minimum(pledged.share_free(state, others, now), part), 0.0)
        stuck = mask & (share < 1.0)
        state["blocked_s"][stuck] = np.minimum(state["blocked_s"][stuck], now.t_s)
        looping.leave(
            state,
            state.wire,
            share,
            now,
            out,
            swap_cost=self.swap_cost,
            flash_fee=self._flash,
            transactions=self.loops + 1,
        )

    def _settle_base(self, state: Block) -> None:
        """A balance has one sign: what is supplied pays what is owed."""
        supplied, debt, _ = self._base_rows
        both = np.minimum(state[supplied], state[debt])
        state[supplied] -= both
        state[debt] -= both

    # ---- what is seen -----------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health, loan to value, values, leverage, liquidation price; quantities."""
        pledged.tell(state, now, out)
        out["health"] = state["health"]
        for row in out.rows[8:]:
            out[row] = state[row]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Collateral, and the base with its sign."""
        for leg in state.wire.pledged[:-1]:
            out[leg.asset] = state[leg.row]
        supplied, debt, _ = self._base_rows
        out[self.base_asset] = state[supplied] - state[debt]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
