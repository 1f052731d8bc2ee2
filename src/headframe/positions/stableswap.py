"""
Liquidity in a stableswap pool of two coins that should cost the same.

The pool trades almost at one to one until a coin runs short, so it earns fees on a large turnover
and, should a coin lose its peg, ends up holding little else. Arbitrage keeps its price within the
fee of the market's; each move leaves the holder with more of the coin that fell (`rebalancing`).
Coins put in or taken out in another proportion than the pool's pay half a fee on what deviates;
other assets are swapped first. Shares may be staked in a gauge for a reward, boosted up to 2.5
times by votes:

    boost = min(s, 0.4 s + 0.6 v) / (0.4 s),   s our share of the gauge, v of all votes

We are small against the pool: it does not notice our coming and going.

Source: M. Egorov, "StableSwap" (2019); Curve's guide to gauges.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.incentives import YieldParts
from headframe.kernels import curve_stableswap as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.positions.held_asset import simply_holding
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    Fraction,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)
from headframe.units import DAY_S, DAYS_PER_YEAR, YEAR_S

TOKENLESS = 0.4
"""What a stake counts for without votes."""
SMALLEST_STAKE = 1e-12
"""The least share of a gauge: below it the boost is that of a tiny stake."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldStableswap:
    """Liquidity that exists already: what the pool holds for us, and rewards that wait."""

    amount0: NonNegative
    amount1: NonNegative
    reward: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Stableswap:
    """
    A share of a stableswap pool.

    `amplification` is the contract's A, `turnover` the volume of others a day over the pool's
    value, `admin_fee` the protocol's part of the fee. With `withdraw_as` the share is taken out in
    that coin alone. `reward_apr` is what a gauge pays a year per value without votes; `ve_share` is
    our part of all votes and `stake_share` our part of what is staked.

    >>> pool = Stableswap(name="lp", token0="usdt", token1="usdc", deposit={"usdc": 1000.0},
    ...                   reward_asset="crv", reward_apr=0.02, ve_share=2e-5, stake_share=2e-5)
    >>> pool.assets, round(float(boost(5e-6, 2e-5)), 3)
    (('usdt', 'usdc', 'crv'), 1.375)
    """

    kind: ClassVar[str] = "stableswap"
    name: Name
    token0: Name
    token1: Name
    deposit: Amounts | None = None
    held: HeldStableswap | None = None
    amplification: Annotated[float, Field(ge=1.0, le=1e6)] = 200.0
    fee: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0004
    admin_fee: Fraction = 0.5
    turnover: NonNegativeSignal = 0.0
    withdraw_as: Name | None = None
    reward_asset: Name | None = None
    reward_apr: NonNegativeSignal = 0.0
    ve_share: ShareSignal = 0.0
    stake_share: ShareSignal = 0.0
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("invariant", "x", "y", "virtual_price", "reward")
    gauges: ClassVar[Rows] = (
        "equity",
        "virtual_price",
        "shares",
        "share0",
        "reward_value",
        "boost",
        "gas",
    )
    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close", "withdraw", "harvest")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _sound(self) -> "Stableswap":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        if self.withdraw_as not in (None, *self.tokens):
            raise ValueError("withdraw_as must be token0 or token1")
        if self.reward_asset in self.tokens:
            raise ValueError("reward_asset must differ from token0 and token1")
        if self.reward_asset is None and self.reward_apr != 0.0:
            raise ValueError("reward_apr needs a reward_asset")
        return self

    @property
    def tokens(self) -> tuple[str, str]:
        """Both coins."""
        return (self.token0, self.token1)

    @property
    def assets(self) -> Rows:
        """Both coins, and the reward."""
        return self.tokens if self.reward_asset is None else (*self.tokens, self.reward_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Turnover, gas, the reward's rate, votes and stake."""
        return (self.turnover, self.gas_usd, self.reward_apr, self.ve_share, self.stake_share)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the pool and the gauge do, and what paying in and out books."""
        moved = [Line(kind, t) for kind in ("rebalancing", "fee") for t in self.tokens]
        earned = [] if self.reward_asset is None else [Line("reward", self.reward_asset)]
        return (*moved, *earned, *transfers.lines(self.assets, self.deposit))

    def advertised(
        self, look: Callable[[Signal], float], price: Callable[[str], float]
    ) -> YieldParts:
        """Fees of now, and what the gauge pays without votes."""
        fees = self.fee * (1.0 - self.admin_fee) * look(self.turnover) * DAYS_PER_YEAR
        return YieldParts(fees, look(self.reward_apr))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the coins, half and half."""
        held = () if self.held is None else (self.held.amount0, self.held.amount1)
        return simply_holding(
            self.name, self.tokens, deposit=self.deposit, quantities=held, swap_cost=self.swap_cost
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices, signals and entry lines, and the constants of one step."""
        quantities = {
            f"{kind}{k}": layout.quantity(self.name, kind, token, cash=False)
            for kind in ("rebalancing", "fee")
            for k, token in enumerate(self.tokens)
        }
        return record(
            **quantities,
            **transfers.gas_rows(layout, self.gas_usd),
            rebalancing=layout.value(self.name, "rebalancing"),
            fees=layout.value(self.name, "fee"),
            price0=layout.price(self.token0),
            price1=layout.price(self.token1),
            price_reward=layout.price(self.reward_asset or self.token1),
            turnover=layout.row(self.turnover),
            reward_apr=layout.row(self.reward_apr),
            ve_share=layout.row(self.ve_share),
            stake_share=layout.row(self.stake_share),
            a=2.0 * self.amplification,
            fee=float(self.fee),
            admin_fee=float(self.admin_fee),
            days=dt_s / DAY_S,
            years=dt_s / YEAR_S,
        )

    # ---- in and out --------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pay the deposit into the pool; or take over what is held."""
        if now.step == 0:
            state["virtual_price"] = 1.0
            kernel.settle(state.data, now.world.data, state.wire)
            if self.held is not None:
                self._take_over(state, self.held)
                return
        have, values = self._pay(order, out, state)
        # More than the market's worth of what is brought is not credited: a pool whose price lags
        # would otherwise pay for it.
        per_d, own = self._worth_of_one(state, now), self._own_price(state)
        added = np.minimum(self._credited(have, state, own), values / per_d)
        gas = np.minimum(transfers.gas_cost(state.wire, now), added * per_d)
        burnt = np.where(added > 0.0, gas, 0.0) / per_d
        for token, row, part in zip(self.tokens, ("x", "y"), have, strict=True):
            out.post("slippage", token, added * state[row] - part)
            out.post("gas", token, -burnt * state[row])
        state["invariant"] += added - burnt

    def _take_over(self, state: Block, held: HeldStableswap) -> None:
        """The pool stands where what is held says; where nothing is, at the market."""
        state["reward"] = held.reward
        pair = np.array([[held.amount0], [held.amount1]])
        if pair.min() <= 0.0:
            return
        found = np.empty(1)
        kernel.invariants(found, pair[0], pair[1], 2.0 * self.amplification)
        state["invariant"], state["x"], state["y"] = found, pair[0] / found, pair[1] / found

    def _pay(self, order: Order, out: Account, state: Block) -> tuple[list[Array], Array]:
        """Take the deposit out of the wallet, swap what is no coin of the pool; coins, value."""
        times = transfers.affordable(order, self.deposit or {}, out)
        have = [np.zeros_like(times), np.zeros_like(times)]
        foreign = np.zeros_like(times)
        for asset, quantity in (self.deposit or {}).items():
            paid = np.minimum(quantity * times, np.maximum(out.wallet(asset), 0.0))
            out.post("principal", asset, -paid, cash=True)
            if asset in self.tokens:
                out.post("principal", asset, paid)
                have[self.tokens.index(asset)] += paid
            else:
                foreign += paid * out.price(asset)
        prices = [out.price(token) for token in self.tokens]
        one = np.maximum(state["x"] * prices[0] + state["y"] * prices[1], kernel.SMALLEST_PRICE)
        for k, (token, row) in enumerate(zip(self.tokens, ("x", "y"), strict=True)):
            bought = foreign / one * state[row]
            out.post("principal", token, bought)
            out.post("slippage", token, -self.swap_cost * bought)
            have[k] += (1.0 - self.swap_cost) * bought
        return have, have[0] * prices[0] + have[1] * prices[1]

    def _credited(self, have: list[Array], state: Block, own: Array) -> Array:
        """What coins add to D at the pool's own prices, less half a fee on what deviates."""
        one = state["x"] * own + state["y"]
        whole = (have[0] * own + have[1]) / one
        off0, off1 = np.abs(whole * state["x"] - have[0]), np.abs(whole * state["y"] - have[1])
        credited: Array = whole - 0.5 * self.fee * (off0 * own + off1) / one
        return credited

    def _own_price(self, state: Block) -> Array:
        own = np.empty(state.n_paths)
        kernel.prices(own, state.data, 2.0 * self.amplification)
        return own

    def _worth_of_one(self, state: Block, now: Tick) -> Array:
        """The market value of a D of 1."""
        wire, world = state.wire[0], now.world.data
        worth = state["x"] * world[wire["price0"]] + state["y"] * world[wire["price1"]]
        one: Array = np.maximum(worth, kernel.SMALLEST_PRICE)
        return one

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`withdraw` a share of the liquidity, `harvest` the rewards, or `close`: both."""
        share = order.amounts() if order.verb == "withdraw" else np.ones(order.mask.shape)
        taken = np.where(order.mask, np.clip(share, 0.0, 1.0), 0.0)
        held: dict[str, Array] = {}
        if order.verb != "harvest":
            held |= self._taken_out(taken * state["invariant"], state, now, out)
            state["invariant"] -= taken * state["invariant"]
        if self.reward_asset is not None and order.verb != "withdraw":
            held[self.reward_asset] = np.where(order.mask, state["reward"], 0.0)
            state["reward"][order.mask] = 0.0
        if held:
            gas = transfers.gas_cost(state.wire, now)
            transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)

    def _taken_out(self, d: Array, state: Block, now: Tick, out: Account) -> dict[str, Array]:
        """Coins for a part of D: both in proportion, or one, less half a fee on what deviates."""
        both = [d * state["x"], d * state["y"]]
        if self.withdraw_as is None:
            return dict(zip(self.tokens, both, strict=True))
        k = self.tokens.index(self.withdraw_as)
        own = self._own_price(state)
        per_other = 1.0 / own if k == 0 else own
        gross = both[k] + both[1 - k] * per_other
        off = gross - both[k] + both[1 - k] * per_other
        price = np.maximum(out.price(self.withdraw_as), kernel.SMALLEST_PRICE)
        most = d * self._worth_of_one(state, now) / price
        paid = np.minimum(gross - 0.5 * self.fee * off, most)
        out.post("slippage", self.tokens[k], paid - both[k])
        out.post("slippage", self.tokens[1 - k], -both[1 - k])
        return {self.withdraw_as: paid}

    # ---- time --------------------------------------------------------------------------------

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The market moves the pool, fees compound, and rewards pile up."""
        kernel.accrue(state.data, now.world.data, out.books, state.wire)
        if self.reward_asset is not None:
            tokens = self._rewarded(state, now)
            out.post("reward", self.reward_asset, tokens)
            state["reward"] += tokens

    def _rewarded(self, state: Block, now: Tick) -> Array:
        """Reward tokens of a step: value times rate times boost, at the reward's price."""
        wire, world = state.wire[0], now.world.data
        price = world[wire["price_reward"]]
        value = state["invariant"] * self._worth_of_one(state, now)
        value = value * world[wire["reward_apr"]] * self._boost(state, now) * wire["years"]
        worthless = price <= transfers.SMALLEST_PRICE
        return np.where(worthless, 0.0, value / np.maximum(price, transfers.SMALLEST_PRICE))

    def _boost(self, state: Block, now: Tick) -> Array:
        wire, world = state.wire[0], now.world.data
        return boost(world[wire["ve_share"]], world[wire["stake_share"]])

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, virtual price, shares, the part of coin 0, rewards, boost, gas."""
        wire, world = state.wire[0], now.world.data
        one = self._worth_of_one(state, now)
        out["reward_value"] = state["reward"] * world[wire["price_reward"]]
        out["equity"] = state["invariant"] * one + out["reward_value"]
        out["virtual_price"] = state["virtual_price"]
        out["shares"] = state["invariant"] / np.maximum(state["virtual_price"], 1e-300)
        out["share0"] = state["x"] / np.maximum(state["x"] + state["y"], 1e-300)
        out["boost"] = self._boost(state, now)
        out["gas"] = transfers.gas_cost(state.wire, now)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The pool's coins and the rewards that wait."""
        kernel.holdings(state.data, out[self.token0], out[self.token1])
        if self.reward_asset is not None:
            out[self.reward_asset] = state["reward"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)


def boost(ve_share: Array | float, stake_share: Array | float) -> Array:
    """How many times more a stake earns than without votes: from 1 to 2.5."""
    stake = np.maximum(stake_share, SMALLEST_STAKE)
    counts = np.minimum(stake, TOKENLESS * stake + (1.0 - TOKENLESS) * np.asarray(ve_share))
    times: Array = counts / (TOKENLESS * stake)
    return times
