"""
Leveraged concentrated liquidity: a range bought with borrowed money, one health, liquidation.

Equity E with leverage l buys l E of liquidity in a range; the debt (l - 1) E is borrowed in the two
tokens in the proportion of `debt0_share`. A lender must not believe the pool's price, which one
trade can move: health counts the tokens that the range would hold at the *oracle's* price, with the
fees that wait beside them, over the debts at the same prices. What a liquidator gets, and what the
owner has, are the tokens that the pool really holds.

A range loses value faster than liquidity over all prices as token0 falls, and below it holds only
token0: [1000, 2250] at 1500 with 3 times and a threshold of 0.85 is called at 1060.27, where
liquidity over all prices is called at 922.72.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics import liquidation_price
from headframe.analytics.incentives import YieldParts
from headframe.kernels import levered_v3 as kernel
from headframe.kernels import uniswap_v3 as pool
from headframe.layout import Layout, record
from headframe.ledger import CASH, Account, Line
from headframe.position import Due, Order
from headframe.positions import gas_costs, transfers
from headframe.positions import uniswap_v3_moves as moves
from headframe.positions.held_asset import simply_holding
from headframe.positions.liquidation import AUCTION_FIELDS, Liquidation, require_room
from headframe.positions.threshold_change import (
    ThresholdChange,
    in_order,
    still_to_come,
    threshold_at,
)
from headframe.positions.uniswap_v2 import opening_root
from headframe.positions.uniswap_v3_range import HeldRange, V3Range, invest
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
    GasCost,
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
class HeldLeveredRange:
    """Liquidity and debt that exist already; the liquidity is told as for `uniswap_v3`."""

    liquidity: NonNegative | None = None
    amount0: NonNegative | None = None
    amount1: NonNegative | None = None
    uncollected0: NonNegative = 0.0
    uncollected1: NonNegative = 0.0
    debt0: NonNegative = 0.0
    debt1: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""

    @model_validator(mode="after")
    def _told_once(self) -> "HeldLeveredRange":
        _ = self.in_range
        return self

    @property
    def in_range(self) -> HeldRange:
        """The liquidity without its debts."""
        return HeldRange(
            liquidity=self.liquidity,
            amount0=self.amount0,
            amount1=self.amount1,
            uncollected0=self.uncollected0,
            uncollected1=self.uncollected1,
        )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LeveredV3:
    """
    Liquidity of a Uniswap v3 pool in one range, bought with debt in either or both tokens.

    Range, fees, volume and volatility are those of `uniswap_v3`; debts, oracle, liquidation,
    `threshold_changes` and `pool_usd` (the value of the pool through which own swaps go) those of
    `levered`. `oracle0` and `oracle1` are what the protocol's oracle reports, as ratios to the
    market's prices.

    >>> farm = LeveredV3(name="farm", token0="eth", token1="usdc", deposit={"usdc": 1000.0},
    ...                  range={"lower": 1000.0, "upper": 2250.0, "snap": "none"}, leverage=3.0,
    ...                  threshold=0.85)
    >>> [round(price, 5) for price in farm.liquidation_prices(1500.0)]
    [1060.26797]
    """

    kind: ClassVar[str] = "levered_v3"
    name: Name
    token0: Name
    token1: Name
    range: V3Range
    deposit: Amounts | None = None
    held: HeldLeveredRange | None = None
    leverage: Leverage = 1.0
    debt0_share: Fraction = 0.0
    borrow0_apr: NonNegativeSignal = 0.0
    borrow1_apr: NonNegativeSignal = 0.0
    threshold: Threshold = 1.0
    threshold_changes: tuple[ThresholdChange, ...] = ()
    penalty: Proper = 0.05
    fee: Proper = 0.003
    turnover: NonNegativeSignal = 0.0
    arbitrage_kept: Signal | None = None
    volume_usd: NonNegativeSignal = 0.0
    pool_liquidity: Signal | None = None
    volatility: Signal | None = None
    high: Name | None = None
    low: Name | None = None
    pool_price: Name | None = None
    swap_cost: Proper = 0.003
    gas_usd: GasCost = 0.0
    liquidation: Liquidation = Field(default_factory=Liquidation)
    oracle0: NonNegativeSignal = 1.0
    oracle1: NonNegativeSignal = 1.0
    pool_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        *moves.FIELDS,
        "debt0",
        "debt1",
        "counted",
        "health",
        "min_health",
        "liquidated_s",
        "called_s",
        "max_hours_overdue",
        "liquidations",
        *AUCTION_FIELDS,
    )
    events: ClassVar[Rows] = ("liquidated_s", "left_range_s")
    verbs: ClassVar[Rows] = (
        "open",
        "close",
        "delever",
        "lever",
        "rebalance_debt",
        "rerange",
        "collect",
        "compound",
    )
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _fits(self) -> "LeveredV3":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        moves.check(self)
        gas_costs.check(self.gas_usd, self.verbs)
        in_order(self.threshold_changes)
        opening = 1.0 - 1.0 / self.leverage
        if self.deposit is not None and self.leverage > 1.0 and opening >= self.threshold:
            most = 1.0 / (1.0 - self.threshold) if self.threshold < 1.0 else 1e3
            raise ValueError(
                f"leverage {self.leverage:g} opens at a debt ratio of {opening:.4f}, which is not "
                f"below the liquidation threshold {self.threshold:g}: allowed is below {most:.4g}"
            )
        return self

    @property
    def extremes(self) -> Rows:
        """The least health and the time inside; how late and how often it was liquidated."""
        return ("min_health", "share_in_range", *self.liquidation.told)

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what venues count: liquidity, debts by token."""
        watched = ("health", "later_health", "ltv", "gamma", "collateral", "debt", "equity")
        return (
            *watched,
            "leverage",
            *moves.GAUGES,
            "gas",
            f"debt_{self.token0}",
            f"debt_{self.token1}",
        )

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
        """Both tokens."""
        return (self.token0, self.token1)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The pool's signals, rates, gas, the oracle's ratios, and what keepers look at."""
        gas = gas_costs.signals(self.gas_usd)
        own = (self.borrow0_apr, self.borrow1_apr, *gas, self.pool_usd)
        return (*moves.signals(self), *own, self.oracle0, self.oracle1, *self.liquidation.reads)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both tokens under every kind; cash in and out."""
        kinds = ("rebalancing", "fee", "interest", "slippage", "gas", "penalty", "forgiven")
        lines = [Line(k, t) for k in (*kinds, "principal") for t in self.assets]
        lines += [Line("principal", asset, cash=True) for asset in self.deposit or {}]
        return (*lines, Line("principal", CASH, cash=True))

    def liquidation_prices(self, price: float) -> tuple[float, ...]:
        """
        Prices of token0 in token1 at which it is called, opened at `price` with no cost or fee.

        Source: `analytics.liquidation_price.concentrated`, for bounds that do not move to ticks.
        """
        lower, upper = self.range.bounds(price)
        ends = liquidation_price.concentrated(
            leverage=self.leverage,
            volatile_debt_share=self.debt0_share,
            liquidation_threshold=self.threshold,
            price_entry=price,
            price_lower=float(lower),
            price_upper=float(upper),
        )
        return tuple(float(end) for end in ends if 0.0 < float(end) < np.inf)

    def advertised(
        self, look: Callable[[Signal], float], price: Callable[[str], float]
    ) -> YieldParts | None:
        """Fees and interest of now, while the price is in the range; none told for what is held."""
        if self.deposit is None:
            return None
        share = self.debt0_share
        borrow = share * look(self.borrow0_apr) + (1.0 - share) * look(self.borrow1_apr)
        fees = moves.fees_apr(self, look, price)
        return YieldParts(fees, 0.0, borrow, self.leverage)

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold both tokens, or provide without debt."""
        if self.deposit is None:
            return {}
        others = simply_holding(
            self.name, self.assets, deposit=self.deposit, swap_cost=self.swap_cost
        )
        bare = replace(self, leverage=1.0, debt0_share=0.0)
        return others | ({"without leverage": (bare,)} if self.leverage > 1.0 else {})

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices, signals and entry lines, and the constants of one step."""
        both = {
            f"{kind}{k}": layout.quantity(self.name, kind, token, cash=False)
            for kind in ("interest", "slippage", "gas", "penalty", "forgiven", "principal")
            for k, token in enumerate(self.assets)
        }
        sums = {
            row: layout.value(self.name, kind)
            for row, kind in (("interest", "interest"), ("slippage", "slippage"), ("gases", "gas"),
                              ("penalties", "penalty"), ("forgiven", "forgiven"),
                              ("principal", "principal"))
        }  # fmt: skip
        told = (self.gas_usd, self.pool_usd, self.volume_usd, self.liquidation.gas_usd)
        dollars = any(s != 0.0 for s in told) or self.liquidation.least_profit_usd > 0.0
        return record(
            **moves.range_rows(self, layout, dt_s),
            **both,
            **sums,
            **self.liquidation.rows(layout),
            **gas_costs.rows(layout, self.gas_usd, self.verbs),
            price_usd=layout.price("usd" if dollars else layout.cash),
            principal_cash=layout.quantity(self.name, "principal", layout.cash, cash=True),
            wallet_cash=layout.wallet(layout.cash),
            price_cash=layout.price(layout.cash),
            borrow0_apr=layout.row(self.borrow0_apr),
            borrow1_apr=layout.row(self.borrow1_apr),
            oracle0=layout.row(self.oracle0),
            oracle1=layout.row(self.oracle1),
            pool_usd=layout.row(self.pool_usd),
            threshold=float(self.threshold),
            debt0_share=float(self.debt0_share),
            penalty=float(self.penalty),
            swap_cost=float(self.swap_cost),
        )

    # ---- in ---------------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Borrow, swap to the range's proportion, add liquidity; or take over what is held."""
        if now.step == 0:
            state["root"] = opening_root(state.wire, now)
            state["min_health"] = NO_DEBT
            state["liquidated_s"] = state["called_s"] = state["left_range_s"] = NEVER_S
            state["auction_s"] = NEVER_S
            moves.place(self, state, np.ones(order.mask.shape, np.bool_))
        else:
            moves.place(self, state, order.mask & (state["liquidity_owned"] == 0.0))
        if self.held is not None and now.step == 0:
            moves.take_over(self, state, self.held.in_range, out)
            state["debt0"], state["debt1"] = self.held.debt0, self.held.debt1
        elif self.deposit is not None:
            free = self.liquidation.free(state, order)
            self._invest(state, self.deposit, free, now, out)
        kernel.measure(state.data, now.world.data, state.wire)

    def _invest(
        self, state: Block, deposit: Amounts, order: Order, now: Tick, out: Account
    ) -> None:
        times = transfers.affordable(order, deposit, out)
        equity = np.zeros_like(times)
        for asset, quantity in deposit.items():
            equity += quantity * times * out.price(asset)
        debt = (self.leverage - 1.0) * equity
        first, second = (np.maximum(out.price(t), transfers.SMALLEST_PRICE) for t in self.assets)
        borrowed = (self.debt0_share * debt / first, (1.0 - self.debt0_share) * debt / second)
        gas, depth = transfers.gas_cost(state.wire, now), self._depth(state, now)
        if now.step == 0:
            require_room(self.name, equity + debt, 2.0 * depth)
        bought = invest(self, state, borrowed, out, gas=gas, times=times, depth=depth)
        moves.enter(state, bought)
        state["debt0"] += borrowed[0]
        state["debt1"] += borrowed[1]

    def _depth(self, state: Block, now: Tick) -> Array:
        """Value of one side of the pool through which own swaps go."""
        world, wire = now.world.data, state.wire
        depth: Array = 0.5 * world[wire["pool_usd"][0]] * world[wire["price_usd"][0]]
        return depth

    # ---- a step, and what we do --------------------------------------------------------------

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Move with the market, earn, owe, then be liquidated where the health is below 1."""
        if self.threshold_changes:
            at = threshold_at(self.threshold, self.threshold_changes, now.t_s)
            state.wire["threshold"][0] = at
        moves.move(self, state, now, out)
        kernel.step(state.data, now.world.data, out.books, now.t_s, state.wire)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `delever` to a target health; `lever` up or down to assets over equity; `rebalance_debt` to
        so many units of token0 owed; `collect` a share of the fees into cash; `compound` them;
        `rerange` to [P / (1 + w), P (1 + w)], w the amount or the width it had; `close`.

        What the lender would refuse is not done: collecting or moving to where the health would be
        below 1, and anything but closing while the guard holds.
        """
        world, wire = now.world.data, gas_costs.paying(state.wire, order.verb)
        order = self.liquidation.free(state, order)
        if order.verb == "close":
            kernel.close(state.data, world, out.books, order.mask, wire)
            return
        if order.verb == "delever":
            kernel.delever(state.data, world, out.books, order.mask, order.amounts(), wire)
            return
        if order.verb in ("lever", "rebalance_debt"):
            does = kernel.lever if order.verb == "lever" else kernel.rebalance_debt
            does(state.data, world, out.books, order.mask, order.amounts(), wire)
            return
        mask, gas, depth = order.mask.copy(), transfers.gas_cost(wire, now), self._depth(state, now)
        kernel.hold_back(state.data, world, mask, wire)
        if order.verb == "collect":
            self._collect(state, mask, np.clip(order.amounts(), 0.0, 1.0), now, out)
        elif order.verb == "compound":
            moves.compound(self, state, mask, out, gas, depth)
        else:
            x, y = moves.tokens(state)
            whole = x * out.price(self.token0) + y * out.price(self.token1)
            lost = gas + transfers.swap_loss(whole, self.swap_cost, depth)
            mask &= self._stands(state, now, x, y, lost)
            moves.rerange(self, state, mask, order.amounts(), out, gas, depth)
        kernel.measure(state.data, world, wire)

    def _reported(self, state: Block, now: Tick) -> tuple[Array, Array]:
        world, wire = now.world.data, state.wire
        first: Array = world[wire["price0"][0]] * world[wire["oracle0"][0]]
        second: Array = world[wire["price1"][0]] * world[wire["oracle1"][0]]
        return first, second

    def _stands(self, state: Block, now: Tick, x: Array, y: Array, lost: Array) -> Mask:
        """Whether so much of both tokens, less a loss, backs the debts at the oracle's prices."""
        p0, p1 = self._reported(state, now)
        debt = state["debt0"] * p0 + state["debt1"] * p1
        stands: Mask = self.threshold * (x * p0 + y * p1 - lost) >= debt
        return stands

    def _collect(self, state: Block, mask: Mask, share: Array, now: Tick, out: Account) -> None:
        gas = transfers.gas_cost(gas_costs.paying(state.wire, "collect"), now)
        first, second = share * state["owed0"], share * state["owed1"]
        p0, p1 = self._reported(state, now)
        kernel.measure(state.data, now.world.data, state.wire)
        left = self.threshold * (state["counted"] - first * p0 - second * p1)
        healthy = left >= state["debt0"] * p0 + state["debt1"] * p1
        pays = share * moves.fees(self, state, out) > gas
        taken = np.where(mask & healthy & pays, share, 0.0)
        held = {self.token0: taken * state["owed0"], self.token1: taken * state["owed1"]}
        transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)
        for row in ("owed0", "owed1"):
            state[row] -= taken * state[row]

    # ---- what is seen ------------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health at the oracle's prices; collateral, debt and what follows at the market's."""
        world, wire = now.world.data, state.wire
        worth, fees = moves.show(state, now, out)
        collateral = worth + fees
        debt = state["debt0"] * world[wire["price0"][0]] + state["debt1"] * world[wire["price1"][0]]
        later = still_to_come(self.threshold, self.threshold_changes, now.t_s)
        out["health"], out["later_health"] = state["health"], later * state["health"]
        # inside the range x = L (1/r - 1/b), so dx/dP = -L / (2 r^3); beyond it nothing changes
        out["gamma"] = -0.5 * out["liquidity"] / np.maximum(state["root"], 1e-8) ** 3
        out["collateral"], out["debt"] = collateral, debt
        out["equity"] = collateral - debt
        out["ltv"] = debt / np.where(collateral > 0.0, collateral, 1.0)
        equity = np.where(collateral > debt, collateral - debt, 1.0)
        out["leverage"] = np.where(collateral > debt, collateral / equity, 0.0)
        out["gas"] = transfers.gas_cost(gas_costs.paying(wire, gas_costs.WATCHED), now)
        out[f"debt_{self.token0}"], out[f"debt_{self.token1}"] = state["debt0"], state["debt1"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Tokens in the range and fees beside it, less debts."""
        pool.holdings(state.data, out.data)
        out[self.token0] -= state["debt0"]
        out[self.token1] -= state["debt1"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
