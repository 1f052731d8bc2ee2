"""
The leveraged farm: liquidity in a constant-product pool, debt in either or both of its tokens,
rewards, one health, and liquidation.

Equity E with leverage l buys V = l E of liquidity; the debt (l - 1) E is borrowed in the two tokens
in the proportion of `debt0_share`. Health is threshold * V / D, each debt times its borrow factor;
below 1 the liquidator takes `penalty` of the gross proceeds first, then the lenders are repaid, the
rest is the owner's and what is missing is the lenders' loss (kind `forgiven`). Every action pays
its swap cost and gas out of what it moves.

Without fees, interest or costs and with debt in token1 the equity at price ratio k is
l sqrt(k) - (l - 1), and liquidation comes at k = ((l - 1) / (l * threshold))^2.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.incentives import YieldParts
from headframe.kernels import levered as kernel
from headframe.layout import Layout, record
from headframe.ledger import CASH, Account, Line
from headframe.position import Due, Order
from headframe.positions import gas_costs, transfers, vesting
from headframe.positions.held_asset import simply_holding
from headframe.positions.leverage_allowed import check_leverage, greatest_leverage
from headframe.positions.liquidation import AUCTION_FIELDS, Liquidation, require_room
from headframe.positions.threshold_change import (
    ThresholdChange,
    in_order,
    still_to_come,
    threshold_at,
)
from headframe.positions.uniswap_v2 import add_liquidity, check_flow, opening_root, pool_rows
from headframe.positions.vesting import Vesting
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
    STRICT,
    Amounts,
    Array,
    Block,
    BorrowFactor,
    Duration,
    Fraction,
    GasCost,
    Leverage,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    ShareSignal,
    Signal,
    Threshold,
)
from headframe.units import DAYS_PER_YEAR, YEAR_S

FIELDS: Rows = (
    "liquidity",
    "root",
    "debt0",
    "debt1",
    "reward",
    "health",
    "min_health",
    "liquidated_s",
    "called_s",
    "max_hours_overdue",
    "liquidations",
    *AUCTION_FIELDS,
)
"""Rows of the state block, in the order in which the kernels know them."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldFarm:
    """A farm that exists already: what the pool holds for us, what we owe, what has piled up."""

    amount0: NonNegative
    amount1: NonNegative
    debt0: NonNegative = 0.0
    debt1: NonNegative = 0.0
    reward: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire: the report shows the result since then beside it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Levered:
    """
    A leveraged farm on a constant-product pool.

    `turnover` is the pool's daily volume over its value, `fee` the share of volume that the pool
    pays to liquidity; `reward_apr` is the value of rewards a year per value staked; borrow rates
    are simple yearly rates, stepped. Any of these may be a number or the name of an observable,
    among them those of venues, which then count this farm's own size; with `pool_price` a pool
    venue's price is followed in place of the market's.

    `borrow0_factor` and `borrow1_factor` are what a dollar of either debt counts against the
    health, as in Alpha Homora v2, whose collateral factor of the pool's share is `threshold`.

    `oracle0` and `oracle1` are what the protocol's oracle reports, as ratios to the market's prices
    (`<oracle>_reported_ratio`): health is taken there, and nowhere else. With `health_sells` the
    health counts what selling one token in the pool would cost a holder of `own_share` of it, as
    Alpha Homora v1 and Alpaca do, and a liquidator sells it there: his bounty is a part of what
    that brings. `work_factor` is the most debt over collateral at the opening. `pool_usd` is the
    value of the pool through which own swaps go: they move its price. `liquidation` says how a call
    is answered. `threshold_changes` are dated: what governance has announced.

    >>> farm = Levered(name="farm", token0="eth", token1="usdc", deposit={"usdc": 1000.0},
    ...                leverage=3.0, threshold=5 / 6)
    >>> round(farm.liquidation_price_ratios()[0], 6)
    0.64
    """

    kind: ClassVar[str] = "levered"
    name: Name
    token0: Name
    token1: Name
    deposit: Amounts | None = None
    held: HeldFarm | None = None
    leverage: Leverage = 1.0
    debt0_share: Fraction = 0.0
    borrow0_apr: NonNegativeSignal = 0.0
    borrow1_apr: NonNegativeSignal = 0.0
    threshold: Threshold = 1.0
    work_factor: Threshold | None = None
    borrow0_factor: BorrowFactor = 1.0
    borrow1_factor: BorrowFactor = 1.0
    threshold_changes: tuple[ThresholdChange, ...] = ()
    penalty: Proper = 0.05
    fee: Proper = 0.003
    turnover: NonNegativeSignal = 0.0
    arbitrage_kept: Signal | None = None
    pool_price: Name | None = None
    reward_asset: Name | None = None
    reward_apr: NonNegativeSignal = 0.0
    vesting: Vesting | None = None
    swap_cost: Proper = 0.003
    gas_usd: GasCost = 0.0
    liquidation: Liquidation = Field(default_factory=Liquidation)
    oracle0: NonNegativeSignal = 1.0
    oracle1: NonNegativeSignal = 1.0
    pool_usd: NonNegativeSignal = 0.0
    own_share: ShareSignal = 0.0
    health_sells: bool = False
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ("liquidated_s",)
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Levered":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        in_order(self.threshold_changes)
        if self.reward_asset is None and self.reward_apr != 0.0:
            raise ValueError("reward_apr needs a reward_asset")
        if self.vesting is not None and self.reward_asset in (None, self.token0, self.token1):
            raise ValueError("vesting needs a reward_asset that is neither token0 nor token1")
        if self.deposit is not None and self.leverage > 1.0:
            self._check_opening()
        check_flow(self)
        gas_costs.check(self.gas_usd, self.verbs)
        return self

    def _check_opening(self) -> None:
        check_leverage(
            self.leverage,
            threshold=self.threshold,
            work_factor=self.work_factor,
            borrow_factor=self._borrow_factor,
            counted=self._counted,
        )

    @property
    def _counted(self) -> float:
        """What counts of the value: of an own share that only paths know, none is known here."""
        share = self.own_share if isinstance(self.own_share, float) else 0.0
        counted = kernel.swap_counted(share, 1.0 - self.fee) if self.health_sells else 1.0
        return float(counted)

    @property
    def _borrow_factor(self) -> float:
        return self.debt0_share * self.borrow0_factor + (
            (1.0 - self.debt0_share) * self.borrow1_factor
        )

    def greatest_leverage(self) -> float:
        """
        The leverage at which health would be 1 when opened: b / (b - T); the debt's mean factor b.

        Source: Alpha Homora v2's documentation, with T times the largest debt ratio it opens at.
        """
        return greatest_leverage(self.threshold * self._counted, borrow_factor=self._borrow_factor)

    @property
    def fields(self) -> Rows:
        """The kernels' rows, and rewards that vest."""
        return (*FIELDS, *vesting.rows(self.vesting))

    @property
    def extremes(self) -> Rows:
        """The least health; how late a liquidation was, and how many there were, if it matters."""
        return ("min_health", *self.liquidation.told)

    @property
    def verbs(self) -> Rows:
        """What it can be told to do; `claim` where rewards vest."""
        more = () if self.vesting is None else ("claim",)
        return ("open", "close", "delever", "lever", "rebalance_debt", "compound", *more)

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what venues count: liquidity, debts by token, value staked."""
        watched = (
            "health",
            "later_health",
            "ltv",
            "gamma",
            "collateral",
            "debt",
            "equity",
            "leverage",
            "reward_value",
            "gas",
        )
        counted = ("liquidity", f"debt_{self.token0}", f"debt_{self.token1}", "staked_value")
        waiting = () if self.vesting is None else ("unvested_value",)
        return (*watched, *counted, *waiting)

    @property
    def debt_rates(self) -> Rows:
        """Keys of the rates of what it owes: a book must say them."""
        if self.held is not None:
            owed = (self.held.debt0 > 0.0, self.held.debt1 > 0.0)
        else:
            borrows = self.leverage > 1.0
            owed = (borrows and self.debt0_share > 0.0, borrows and self.debt0_share < 1.0)
        return tuple(f"borrow{k}_apr" for k in range(2) if owed[k])

    @property
    def assets(self) -> Rows:
        """Both tokens and the reward."""
        extra = () if self.reward_asset is None else (self.reward_asset,)
        return tuple(dict.fromkeys((self.token0, self.token1, *extra)))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, turnover, rewards, gas, and the pool's price."""
        own = () if self.pool_price is None else (self.pool_price,)
        rates = (self.borrow0_apr, self.borrow1_apr, self.reward_apr)
        seen = (self.oracle0, self.oracle1, self.pool_usd, self.own_share)
        flow = (self.turnover, self.arbitrage_kept or 0.0)
        return (
            *rates,
            *flow,
            *gas_costs.signals(self.gas_usd),
            *own,
            *seen,
            *self.liquidation.reads,
        )

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both tokens under every kind; the reward where there is one; cash in and out."""
        kinds = ("rebalancing", "fee", "interest", "slippage", "gas", "penalty", "forgiven")
        lines = [Line(k, t) for k in (*kinds, "principal") for t in (self.token0, self.token1)]
        if self.reward_asset is not None:
            lines += [
                Line(k, self.reward_asset) for k in ("reward", "slippage", "gas", "principal")
            ]
            lines += [] if self.vesting is None else vesting.lines(self.reward_asset)
        lines += [Line("principal", asset, cash=True) for asset in self.deposit or {}]
        return (*lines, Line("principal", CASH, cash=True))

    def liquidation_price_ratios(self) -> tuple[float, ...]:
        """
        Price ratios k = p / p(open) of token0 in token1 at which the farm as opened is liquidated.

        Roots of b0 a (l-1) k - T l sqrt(k) + b1 (1-a)(l-1) = 0 with a = `debt0_share`,
        T = `threshold`, times what counts where health sells, and the borrow factors b.
        """
        a, lev = self.debt0_share, self.leverage
        up, down = a * (lev - 1.0), (1.0 - a) * (lev - 1.0)
        up, down = up * self.borrow0_factor, down * self.borrow1_factor
        side = self.threshold * self._counted * lev
        if up == 0.0:
            return ((down / side) ** 2,) if down > 0.0 else ()
        spread = side * side - 4.0 * up * down
        if spread < 0.0:
            return ()
        roots = ((side - spread**0.5) / (2 * up), (side + spread**0.5) / (2 * up))
        return tuple(root**2 for root in roots if root > 0.0)

    def advertised(
        self, look: Callable[[Signal], float], price: Callable[[str], float]
    ) -> YieldParts:
        """Fees, emissions and interest of now, by what signals and prices are."""
        share, leverage = self.debt0_share, self.leverage
        if self.held is not None:
            first, second = price(self.token0), price(self.token1)
            owed = (self.held.debt0 * first, self.held.debt1 * second)
            assets = self.held.amount0 * first + self.held.amount1 * second
            equity = assets - owed[0] - owed[1]
            leverage = max(assets / equity, 1.0) if equity > 0.0 else 1.0
            share = owed[0] / sum(owed) if sum(owed) > 0.0 else 0.0
        borrow = share * look(self.borrow0_apr) + (1.0 - share) * look(self.borrow1_apr)
        fees = self.fee * look(self.turnover) * DAYS_PER_YEAR
        return YieldParts(fees, look(self.reward_apr), borrow, leverage)

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold both tokens, or farm without debt."""
        if self.deposit is None:
            return {}
        tokens = (self.token0, self.token1)
        others = simply_holding(self.name, tokens, deposit=self.deposit, swap_cost=self.swap_cost)
        bare = replace(self, leverage=1.0, debt0_share=0.0)
        return others | ({"without leverage": (bare,)} if self.leverage > 1.0 else {})

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices, signals and entry lines, and the constants of one step."""
        n, r = self.name, self.reward_asset

        def line(kind: str, asset: str | None) -> int:
            if asset is None:
                return layout.sink
            return layout.quantity(n, kind, asset, cash=False)

        both = {
            f"{kind}{k}": line(kind, token)
            for kind in ("interest", "slippage", "gas", "penalty", "forgiven", "principal")
            for k, token in enumerate((self.token0, self.token1))
        }
        return record(
            **pool_rows(self, layout, dt_s),
            **both,
            **self._dollars(layout),
            reward_quantity=line("reward", r),
            slippage_reward=line("slippage", r),
            gas_reward=line("gas", r),
            principal_reward=line("principal", r),
            principal_cash=layout.quantity(n, "principal", layout.cash, cash=True),
            wallet_cash=layout.wallet(layout.cash),
            interest=layout.value(n, "interest"),
            rewards=layout.sink if r is None else layout.value(n, "reward"),
            slippage=layout.value(n, "slippage"),
            gases=layout.value(n, "gas"),
            penalties=layout.value(n, "penalty"),
            forgiven=layout.value(n, "forgiven"),
            principal=layout.value(n, "principal"),
            price_reward=layout.price(r or layout.prices.numeraire),
            price_cash=layout.price(layout.cash),
            borrow0_apr=layout.row(self.borrow0_apr),
            borrow1_apr=layout.row(self.borrow1_apr),
            reward_apr=layout.row(self.reward_apr),
            rewarded=int(r is not None and self.vesting is None),
            oracle0=layout.row(self.oracle0),
            oracle1=layout.row(self.oracle1),
            pool_usd=layout.row(self.pool_usd),
            own_share=layout.row(self.own_share),
            sells=int(self.health_sells),
            **self.liquidation.rows(layout),
            threshold=float(self.threshold),
            work_factor=1.0 if self.work_factor is None else float(self.work_factor),
            borrow0_factor=float(self.borrow0_factor),
            borrow1_factor=float(self.borrow1_factor),
            debt0_share=float(self.debt0_share),
            penalty=float(self.penalty),
            swap_cost=float(self.swap_cost),
            years=dt_s / YEAR_S,
        )

    def _dollars(self, layout: Layout) -> dict[str, int]:
        """The row of the gas cost, and the dollar's price where anything is told in dollars."""
        told = (self.gas_usd, self.pool_usd, self.liquidation.gas_usd)
        used = any(s != 0.0 for s in told) or self.liquidation.least_profit_usd > 0.0
        priced = layout.price("usd" if used else layout.cash)
        return gas_costs.rows(layout, self.gas_usd, self.verbs) | {"price_usd": priced}

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Borrow, swap to the pool's proportion, add liquidity; or take over what is held."""
        if now.step == 0:
            state["root"] = opening_root(state.wire, now)
            state["min_health"] = NO_DEBT
            state["liquidated_s"] = state["called_s"] = state["auction_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            held = self.held
            state["liquidity"] = np.sqrt(held.amount0 * held.amount1)
            state["debt0"], state["debt1"], state["reward"] = held.debt0, held.debt1, held.reward
        elif self.deposit is not None:
            self._invest(state, self.liquidation.free(state, order), now, out)
        kernel.measure(state.data, now.world.data, state.wire)

    def _invest(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        deposit = self.deposit or {}
        times = transfers.affordable(order, deposit, out)
        equity = np.zeros_like(times)
        for asset, quantity in deposit.items():
            equity += quantity * times * out.price(asset)
        debt = (self.leverage - 1.0) * equity
        debts = (self.debt0_share * debt, (1.0 - self.debt0_share) * debt)
        gas = transfers.gas_cost(state.wire, now)
        world, wire = now.world.data, state.wire
        depth = 0.5 * world[wire["pool_usd"][0]] * world[wire["price_usd"][0]]
        if now.step == 0:
            require_room(self.name, equity + debt, 2.0 * depth)
        state["liquidity"] += add_liquidity(self, times, debts, gas, state["root"], out, depth)
        for row, token, owed in zip(("debt0", "debt1"), self.assets, debts, strict=False):
            state[row] += owed / np.maximum(out.price(token), kernel.SMALLEST_PRICE)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Accrue over the step, then be liquidated where the health is below 1."""
        if self.threshold_changes:
            at = threshold_at(self.threshold, self.threshold_changes, now.t_s)
            state.wire["threshold"][0] = at
        kernel.step(state.data, now.world.data, out.books, now.t_s, state.wire)
        if self.vesting is not None and self.reward_asset is not None:
            self._vest(state, self.vesting, self.reward_asset, now, out)

    def _vest(self, state: Block, locker: Vesting, reward: str, now: Tick, out: Account) -> None:
        """Rewards of the step join those that vest; of a farm that has ended, all are claimed."""
        world, wire = now.world.data, state.wire[0]
        price = world[wire["price_reward"]]
        value = 2.0 * state["liquidity"] * np.sqrt(world[wire["price0"]] * world[wire["price1"]])
        earned = value * world[wire["reward_apr"]] * wire["years"]
        safe = np.maximum(price, transfers.SMALLEST_PRICE)
        tokens = np.where(price > transfers.SMALLEST_PRICE, earned / safe, 0.0)
        out.post("reward", reward, tokens)
        state["reward"] += vesting.earn(locker, state, tokens, now)
        self._claim(state, state["liquidity"] <= 0.0, out)
        self._pay_rewards(state, state["liquidity"] <= 0.0, out)

    def _claim(self, state: Block, mask: Mask, out: Account) -> None:
        """Take rewards that have not vested, at their penalty."""
        if self.vesting is not None and self.reward_asset is not None:
            early = vesting.claim(self.vesting, state, mask, self.reward_asset, out)
            state["reward"] += early

    def _pay_rewards(self, state: Block, mask: Mask, out: Account) -> None:
        """Hand the owner of a farm that was liquidated what is left of its rewards, as cash."""
        tokens = np.where(mask, state["reward"], 0.0)
        if self.reward_asset is not None and tokens.any():
            transfers.wind_up({self.reward_asset: tokens}, {}, out, swap_cost=0.0)
            state["reward"][mask] = 0.0

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `delever` to a target health, `lever` up or down to assets over equity, `rebalance_debt` to
        so many units of token0 owed, `compound` the rewards, `claim` them early, or `close`.
        """
        world, books = now.world.data, out.books
        wire = gas_costs.paying(state.wire, order.verb)
        if self.vesting is not None and order.verb in ("claim", "close"):
            self._claim(state, order.mask, out)
        order = self.liquidation.free(state, order)
        if order.verb == "delever":
            kernel.delever(state.data, world, books, order.mask, order.amounts(), wire)
        elif order.verb == "lever":
            kernel.lever(state.data, world, books, order.mask, order.amounts(), wire)
        elif order.verb == "rebalance_debt":
            kernel.rebalance_debt(state.data, world, books, order.mask, order.amounts(), wire)
        elif order.verb == "compound":
            kernel.compound(state.data, world, books, order.mask, wire)
        elif order.verb == "close":
            kernel.close(state.data, world, books, order.mask, wire)

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """
        Health, now and at the lowest threshold to come, loan to value, gamma (what a rise of the
        price by 1 adds to the token0 held), values, leverage; and what venues count.
        """
        world, wire = now.world.data, state.wire
        p0, p1 = world[wire["price0"][0]], world[wire["price1"][0]]
        collateral: Array = 2.0 * state["liquidity"] * np.sqrt(p0 * p1)
        debt = state["debt0"] * p0 + state["debt1"] * p1
        later = still_to_come(self.threshold, self.threshold_changes, now.t_s)
        out["health"], out["later_health"] = state["health"], later * state["health"]
        out["gamma"] = -0.5 * state["liquidity"] / np.maximum(state["root"], 1e-8) ** 3
        out["collateral"], out["debt"] = collateral, debt
        out["equity"] = collateral - debt
        out["ltv"] = debt / np.where(collateral > 0.0, collateral, 1.0)
        equity = np.where(collateral > debt, collateral - debt, 1.0)
        out["leverage"] = np.where(collateral > debt, collateral / equity, 0.0)
        out["reward_value"] = state["reward"] * world[wire["price_reward"][0]]
        out["gas"] = transfers.gas_cost(gas_costs.paying(wire, gas_costs.WATCHED), now)
        out["liquidity"] = state["liquidity"]
        out[f"debt_{self.token0}"], out[f"debt_{self.token1}"] = state["debt0"], state["debt1"]
        out["staked_value"] = collateral if self.reward_asset is not None else 0.0
        if self.vesting is not None:
            waiting = vesting.unvested(self.vesting, state)
            out["unvested_value"] = waiting * world[wire["price_reward"][0]]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Tokens in the pool less debts, and the rewards."""
        kernel.holdings(state.data, out.data)
        if self.reward_asset in (self.token0, self.token1):
            out[self.reward_asset] += state["reward"]
        if self.vesting is not None and self.reward_asset is not None:
            out[self.reward_asset] += vesting.unvested(self.vesting, state)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
