"""
Tokens staked for a reward in another token: the yield farm without debt.

The reward token piles up until it is harvested (sold, and paid to the wallet) or compounded (sold
for more of the staked token); until then its price is a risk of its own. With a farm venue the
reward rate falls with everybody's stake, ours included: `farm` divides a value, `masterchef` and
`staking_rewards` are the contracts' own accumulators of tokens per staked token.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.incentives import YieldParts
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import gas_costs, transfers, vesting
from headframe.positions.held_asset import simply_holding
from headframe.positions.vesting import Vesting
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    GasCost,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldYieldFarm:
    """Tokens that are staked already, and the rewards that wait."""

    staked: NonNegative
    reward: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class YieldFarm:
    """
    A stake that earns another token.

    `reward_apr` is the value of rewards a year per value staked: a number, an observable, or what a
    farm venue publishes. `reward_per_token` in its place is an accumulator, tokens of reward per
    token staked since the beginning, such as a `masterchef` or `staking_rewards` venue publishes;
    the stake earns its rise. With `vesting` a reward is one's own only in time; the verb `claim`
    takes it early.

    >>> YieldFarm(name="gauge", asset="usdc", deposit={"usdc": 1000.0}, reward_asset="crv",
    ...           reward_apr=0.12).assets
    ('usdc', 'crv')
    """

    kind: ClassVar[str] = "farm"
    name: Name
    asset: Name
    reward_asset: Name
    deposit: Amounts | None = None
    held: HeldYieldFarm | None = None
    reward_apr: NonNegativeSignal = 0.0
    reward_per_token: Name | None = None
    vesting: Vesting | None = None
    swap_cost: Proper = 0.003
    gas_usd: GasCost = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ()
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "YieldFarm":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.reward_per_token is not None and self.reward_apr != 0.0:
            raise ValueError("give either reward_apr or reward_per_token")
        gas_costs.check(self.gas_usd, self.verbs)
        return self

    @property
    def fields(self) -> Rows:
        """Stake, rewards that can be had, and those that vest."""
        return ("staked", "reward", *vesting.rows(self.vesting))

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what farms count."""
        more = () if self.vesting is None else ("unvested_value",)
        return ("equity", "staked", "staked_value", "reward_value", "gas", *more)

    @property
    def verbs(self) -> Rows:
        """What it can be told to do."""
        more = () if self.vesting is None else ("claim",)
        return ("open", "close", "harvest", "compound", *more)

    @property
    def assets(self) -> Rows:
        """The staked token and the reward."""
        return tuple(dict.fromkeys((self.asset, self.reward_asset)))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Reward rate or accumulator, and gas."""
        rewards = self.reward_apr if self.reward_per_token is None else self.reward_per_token
        return (rewards, *gas_costs.signals(self.gas_usd))

    @property
    def _by_rate(self) -> bool:
        return self.reward_per_token is None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Rewards, and what paying in and out books."""
        early = () if self.vesting is None else vesting.lines(self.reward_asset)
        return (
            Line("reward", self.reward_asset),
            *early,
            *transfers.lines(self.assets, self.deposit),
        )

    def advertised(
        self, look: Callable[[Signal], float], price: Callable[[str], float]
    ) -> YieldParts | None:
        """Emissions of now; an accumulator does not tell its rate at one instant."""
        return YieldParts(0.0, look(self.reward_apr)) if self._by_rate else None

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the token that would be staked."""
        held = () if self.held is None else (self.held.staked,)
        return simply_holding(
            self.name,
            (self.asset,),
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals, and the step in years."""
        return record(
            **gas_costs.rows(layout, self.gas_usd, self.verbs),
            price_usd=layout.price("usd" if self.gas_usd != 0.0 else layout.cash),
            price=layout.price(self.asset),
            price_reward=layout.price(self.reward_asset),
            rate=layout.row(self.reads[0]),
            years=dt_s / YEAR_S,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Stake the deposit, or take over what is staked already."""
        if self.held is not None and now.step == 0:
            state["staked"], state["reward"] = self.held.staked, self.held.reward
            return
        gas = transfers.gas_cost(state.wire, now)
        state["staked"] += transfers.pay_in(
            order, self.deposit or {}, self.asset, out, swap_cost=self.swap_cost, gas=gas
        )

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Reward tokens pile up: by the accumulator's rise, or by the yearly rate on value."""
        wire, world = state.wire[0], now.world.data
        if self._by_rate:
            tokens = self._tokens_by_rate(state, now)
        else:
            rise = world[wire["rate"]] - before.world.data[wire["rate"]]
            tokens = state["staked"] * np.maximum(rise, 0.0)
        out.post("reward", self.reward_asset, tokens)
        if self.vesting is not None:
            tokens = vesting.earn(self.vesting, state, tokens, now)
        state["reward"] += tokens

    def _tokens_by_rate(self, state: Block, now: Tick) -> Array:
        """Value staked times the yearly rate, at the token's price."""
        wire, world = state.wire[0], now.world.data
        price = world[wire["price_reward"]]
        value = state["staked"] * world[wire["price"]] * world[wire["rate"]] * wire["years"]
        worthless = price <= transfers.SMALLEST_PRICE
        return np.where(worthless, 0.0, value / np.maximum(price, transfers.SMALLEST_PRICE))

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `harvest` the rewards as cash, `compound` them into the stake, or `close`.

        Closing, and `claim` beside `harvest`, take what has not vested too, at its penalty.
        """
        if self.vesting is not None and order.verb in ("close", "claim"):
            early = vesting.claim(self.vesting, state, order.mask, self.reward_asset, out)
            state["reward"] += early
        if order.verb == "compound":
            self._compound(state, order, now, out)
            return
        rows = ("staked", "reward") if order.verb == "close" else ("reward",)
        held = {asset: np.zeros(order.mask.shape) for asset in self.assets}
        for row in rows:
            token = self.asset if row == "staked" else self.reward_asset
            held[token] += np.where(order.mask, state[row], 0.0)
            state[row][order.mask] = 0.0
        gas = transfers.gas_cost(gas_costs.paying(state.wire, order.verb), now)
        transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)

    def _compound(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Sell the rewards for the staked token, where that pays its gas."""
        reward, asset = self.reward_asset, self.asset
        cost = 0.0 if reward == asset else self.swap_cost
        price = np.maximum(out.price(reward), transfers.SMALLEST_PRICE)
        burnt = transfers.gas_cost(gas_costs.paying(state.wire, order.verb), now) / price
        sold = state["reward"] * (1.0 - cost)
        does = order.mask & (sold > burnt) & (out.price(asset) > transfers.SMALLEST_PRICE)
        moved = np.where(does, sold - burnt, 0.0)
        bought = moved * price / np.maximum(out.price(asset), transfers.SMALLEST_PRICE)
        out.post("slippage", reward, np.where(does, sold - state["reward"], 0.0))
        out.post("gas", reward, np.where(does, -burnt, 0.0))
        out.post("principal", reward, -moved)
        out.post("principal", asset, bought)
        state["staked"] += bought
        state["reward"][does] = 0.0

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, stake, waiting rewards, gas."""
        wire, world = state.wire[0], now.world.data
        out["staked"] = state["staked"]
        out["staked_value"] = state["staked"] * world[wire["price"]]
        out["reward_value"] = state["reward"] * world[wire["price_reward"]]
        out["equity"] = out["staked_value"] + out["reward_value"]
        if self.vesting is not None:
            waiting = vesting.unvested(self.vesting, state)
            out["unvested_value"] = waiting * world[wire["price_reward"]]
            out["equity"] += out["unvested_value"]
        out["gas"] = transfers.gas_cost(gas_costs.paying(state.wire, gas_costs.WATCHED), now)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The stake and the rewards."""
        out[self.asset] = state["staked"]
        if self.reward_asset == self.asset:
            out[self.asset] += state["reward"]
        else:
            out[self.reward_asset] = state["reward"]
        if self.vesting is not None:
            out[self.reward_asset] += vesting.unvested(self.vesting, state)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
