"""
Synthetix's staking contract: a sum of rewards spread evenly over a period, shared by stake.

A distributor hands over rewards; from then on a fixed number of tokens a second accrues to all
stakes together, until the period ends. A new sum starts a new period with what is left of the old
one. The rate is a whole number of the reward's smallest units: the remainder is lost, and for a
reward with few decimals that is real money. What falls while nobody stakes is lost too.

The accumulator, rewards per staked token since the start, is the observable that a `farm` position
reads.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Rows,
    Signal,
)
from headframe.units import WEEK_S
from headframe.venues.masterchef import LEAST_STAKE

Decimals = Annotated[int, Field(ge=0, le=36)]
"""Decimals of a token."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StakingRewardsFarm:
    """
    One StakingRewards contract, as copied by most farms.

    `reward` tokens are notified at the opening, or what is left of a running period if
    `first_period_s` is shorter than `duration_s`; `notified` are tokens notified at a step, 0 where
    none are. `staked` is what others stake, in tokens; `decimals` are the reward token's. Publishes
    `_reward_per_token`, `_own_share`, `_tokens_per_s`, `_period_finish_s` and `_lost`, the tokens
    that nobody gets: dust, and what fell while nobody staked.

        rate = floor((notified + left of the running period) / duration)

    >>> StakingRewardsFarm(name="gauge", reward=1_000.0, staked=5e4).publishes[0]
    'gauge_reward_per_token'
    """

    kind: ClassVar[str] = "staking_rewards"
    name: Name
    reward: NonNegative
    staked: NonNegativeSignal
    notified: NonNegativeSignal = 0.0
    duration_s: Duration = WEEK_S
    first_period_s: Duration | None = None
    decimals: Decimals = 18

    fields: ClassVar[Rows] = ("reward_per_token", "tokens_per_s", "finish_s", "lost")
    gathers: ClassVar[Rows] = ("staked",)

    @property
    def publishes(self) -> Rows:
        """The accumulator, our share, the rate, the period's end, and what is lost."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What others stake, and new rewards."""
        return (self.staked, self.notified)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        rows = {k: layout.row(n) for k, n in zip(PUBLISHED, self.publishes, strict=True)}
        return record(
            **rows, others=layout.row(self.staked), notified_row=layout.row(self.notified)
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """The first period runs."""
        period = self.duration_s if self.first_period_s is None else self.first_period_s
        everywhere = np.ones(state.n_paths, np.bool_)
        self._notify(state, np.full(state.n_paths, self.reward), everywhere, now.t_s, period)
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Pay the seconds since the last step; then start a period where rewards are notified."""
        since = now.t_s - now.dt_s
        seconds = np.clip(state["finish_s"] - since, 0.0, now.dt_s)
        wire, paid = state.wire[0], seconds * state["tokens_per_s"]
        stakes = before.world.data[wire["others"]] + own["staked"]
        someone = stakes > LEAST_STAKE
        rise = paid / np.where(someone, stakes, 1.0)
        state["reward_per_token"] += np.where(someone, rise, 0.0)
        state["lost"] += np.where(someone, 0.0, paid)
        notified = now.world.data[wire["notified_row"]]
        fresh = notified > 0.0
        if fresh.any():
            self._notify(state, notified, fresh, now.t_s, self.duration_s)
        self._publish(state, own, now)

    def _notify(self, state: Block, reward: Array, mask: Mask, t_s: float, period_s: float) -> None:
        """Spread rewards, and what is left of the running period, in whole smallest units."""
        left = np.maximum(state["finish_s"] - t_s, 0.0) * state["tokens_per_s"]
        unit = 10.0**self.decimals
        # what lies within rounding below a whole number of units is that number
        rate = np.floor((reward + left) * unit / period_s * (1.0 + 1e-15)) / unit
        state["lost"] += np.where(mask, np.maximum(reward + left - rate * period_s, 0.0), 0.0)
        state["tokens_per_s"] = np.where(mask, rate, state["tokens_per_s"])
        state["finish_s"] = np.where(mask, t_s + period_s, state["finish_s"])

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world, ours = state.wire[0], now.world.data, own["staked"]
        whole = world[wire["others"]] + ours
        world[wire["reward_per_token"]] = state["reward_per_token"]
        world[wire["own_share"]] = ours / np.maximum(whole, LEAST_STAKE)
        world[wire["tokens_per_s"]] = np.where(
            state["finish_s"] > now.t_s, state["tokens_per_s"], 0.0
        )
        world[wire["period_finish_s"]] = state["finish_s"]
        world[wire["lost"]] = state["lost"]


PUBLISHED: Rows = ("reward_per_token", "own_share", "tokens_per_s", "period_finish_s", "lost")
"""What a farm publishes under its name."""
