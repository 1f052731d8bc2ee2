"""
Coins staked with a validator: rewards that compound, a lock-up, a queue to get out, and slashing.

A stake earns until it has left. An order to close joins the exit queue once the lock-up is over;
while it waits, and no longer earning, it can still be slashed; when its time has come the coins are
sold and paid to the wallet. Slashing events arrive at a yearly rate on a random stream of the
stake's own and take a share of what is there.

    P(slashed in a step) = 1 - exp(-rate dt)
"""

import math
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
    STRICT,
    Amounts,
    Block,
    Delay,
    Duration,
    Fraction,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldStake:
    """Coins that are staked already, with their rewards so far."""

    staked: NonNegative
    locked_s: Delay = 0.0
    """How much longer they are locked."""
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid for them, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Staking:
    """
    A stake.

    `reward_apr` is a simple yearly rate of new coins before the validator's `commission`;
    `exit_queue_days` is the length of the queue when one joins it.

    >>> stake = Staking(name="validator", asset="eth", deposit={"eth": 32.0}, reward_apr=0.03,
    ...                 slashings_per_year=0.01, slashing_share=0.05)
    >>> stake.uniforms
    ('validator.slashing',)
    """

    kind: ClassVar[str] = "staking"
    name: Name
    asset: Name
    deposit: Amounts | None = None
    held: HeldStake | None = None
    reward_apr: Signal = 0.0
    commission: Fraction = 0.0
    lockup_s: Delay = 0.0
    exit_queue_days: NonNegativeSignal = 0.0
    slashings_per_year: NonNegative = 0.0
    slashing_share: Fraction = 0.0
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("staked", "locked_until_s", "queued_s", "free_s", "slashed_s")
    gauges: ClassVar[Rows] = ("equity", "staked", "staked_value", "locked_value")
    events: ClassVar[Rows] = ("slashed_s",)
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Staking":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        return self

    @property
    def uniforms(self) -> Rows:
        """Whether it is slashed: one draw a step, where slashing is possible at all."""
        return (f"{self.name}.slashing",) if self.slashings_per_year > 0.0 else ()

    @property
    def assets(self) -> Rows:
        """The coin."""
        return (self.asset,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Reward rate, length of the exit queue, gas."""
        return (self.reward_apr, self.exit_queue_days, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Rewards, slashing, and what paying in and out books."""
        own = (Line("reward", self.asset), Line("slashing", self.asset))
        return (*own, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the coins."""
        held = () if self.held is None else (self.held.staked,)
        return simply_holding(
            self.name,
            self.assets,
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of price, signals and draw, and the constants of one step."""
        years = dt_s / YEAR_S
        return record(
            **transfers.gas_rows(layout, self.gas_usd),
            price=layout.price(self.asset),
            reward_apr=layout.row(self.reward_apr),
            exit_queue_days=layout.row(self.exit_queue_days),
            draw=layout.draw(self.uniforms[0]) if self.uniforms else -1,
            chance=-math.expm1(-self.slashings_per_year * years),
            kept_years=(1.0 - self.commission) * years,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Stake the deposit, or take over what is staked already."""
        if now.step == 0:
            for row in ("queued_s", "free_s", "slashed_s"):
                state[row] = NEVER_S
        if self.held is not None and now.step == 0:
            state["staked"] = self.held.staked
            state["locked_until_s"] = self.held.locked_s
            return
        gas = transfers.gas_cost(state.wire, now)
        added = transfers.pay_in(
            order, self.deposit or {}, self.asset, out, swap_cost=self.swap_cost, gas=gas
        )
        state["staked"] += added
        state["locked_until_s"][added > 0.0] = now.t_s + self.lockup_s

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Earn until in the queue, perhaps be slashed, and be paid when the queue is over."""
        wire, staked = state.wire[0], state["staked"]
        apr = now.world.data[wire["reward_apr"]]
        earning = np.where(state["queued_s"] >= now.t_s, staked, 0.0)
        reward = earning * apr * wire["kept_years"]
        out.post("reward", self.asset, reward)
        staked += reward
        if wire["draw"] >= 0:
            self._slash(state, now.draws.data[wire["draw"]] < wire["chance"], now, out)
        self._pay_out(state, now, out)

    def _slash(self, state: Block, struck: Any, now: Tick, out: Account) -> None:
        lost = np.where(struck, self.slashing_share * state["staked"], 0.0)
        out.post("slashing", self.asset, -lost)
        state["staked"] -= lost
        first = (lost > 0.0) & (state["slashed_s"] == NEVER_S)
        state["slashed_s"][first] = now.t_s

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: join the exit queue, as soon as the lock-up allows."""
        if order.verb != "close":
            return
        joins = order.mask & (state["staked"] > 0.0) & (state["free_s"] == NEVER_S)
        wait = now.world.data[state.wire["exit_queue_days"][0]] * DAY_S
        queued = np.maximum(state["locked_until_s"], now.t_s)
        state["queued_s"] = np.where(joins, queued, state["queued_s"])
        state["free_s"] = np.where(joins, queued + wait, state["free_s"])
        self._pay_out(state, now, out)

    def _pay_out(self, state: Block, now: Tick, out: Account) -> None:
        free = state["free_s"] <= now.t_s
        if not free.any():
            return
        paid = np.where(free, state["staked"], 0.0)
        gas = transfers.gas_cost(state.wire, now)
        transfers.wind_up({self.asset: paid}, {}, out, swap_cost=self.swap_cost, gas=gas)
        state["staked"][free] = 0.0
        state["queued_s"][free] = state["free_s"][free] = NEVER_S

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth and quantity; the worth also as farms count it, and as far as it cannot leave."""
        out["staked"] = state["staked"]
        out["equity"] = state["staked"] * now.world.data[state.wire["price"][0]]
        out["staked_value"] = out["equity"]
        queued = (state["free_s"] < NEVER_S) & (state["free_s"] > now.t_s)
        stuck = queued | (state["locked_until_s"] > now.t_s)
        out["locked_value"] = np.where(stuck, out["equity"], 0.0)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """What is staked, in the queue or not."""
        out[self.asset] = state["staked"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
