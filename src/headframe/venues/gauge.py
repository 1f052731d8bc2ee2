"""
A gauge: emissions that votes direct, and the boost that one's own votes give to one's own stake.

    working = min(l, 0.4 l + 0.6 L v)                l our stake, L all stakes, v our share of votes
    boost   = working / (0.4 l)                      from 1 to 2.5
    reward  = emission * weight * working / (all workings)

Others are taken together as one staker with the mean boost `others_boost`; what a gauge gets of the
emission is its `weight`, the share of votes that are cast for it, a signal. Our own votes are those
of the `vote_escrow` positions that name this venue, our own stake the value of farms that do. The
boost is that of the moment: Curve's is stale until somebody pokes the gauge.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegative,
    NonNegativeSignal,
    Rows,
    ShareSignal,
    Signal,
)
from headframe.units import WEEK_S, YEAR_S

UNBOOSTED = 0.4
"""The share of a stake that works without any votes."""
LEAST = 1e-300
"""Stands in for 0 where a division needs a number."""
PUBLISHED: Rows = ("reward_apr", "boost", "stake_share", "ve_share")
"""What a gauge publishes under its name."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Gauge:
    """
    One gauge.

    `tokens_per_week` is the emission to all gauges in tokens of `reward_asset`; `others_staked`
    what others stake here, in whole units of `staked_asset`; `others_votes` all votes but ours.
    Publishes `_reward_apr`, the yearly value of our rewards over our stake, boost and own size in
    it; `_boost`; `_stake_share` and `_ve_share`, our shares of stakes and of votes.

    >>> Gauge(name="gauge", reward_asset="crv", tokens_per_week=1e6, weight=0.01,
    ...       staked_asset="usdc", others_staked=5e8, others_votes=2.5e6).publishes[0]
    'gauge_reward_apr'
    """

    kind: ClassVar[str] = "gauge"
    name: Name
    reward_asset: Name
    tokens_per_week: NonNegativeSignal
    weight: ShareSignal
    staked_asset: Name
    others_staked: NonNegativeSignal
    others_votes: NonNegativeSignal
    others_boost: NonNegative = 1.5

    fields: ClassVar[Rows] = ()
    gathers: ClassVar[Rows] = ("votes", "staked_value")

    @property
    def publishes(self) -> Rows:
        """The rate, the boost and our shares."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Emission, weight, and what others have."""
        return (self.tokens_per_week, self.weight, self.others_staked, self.others_votes)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        rows = {k: layout.row(n) for k, n in zip(PUBLISHED, self.publishes, strict=True)}
        return record(
            **rows,
            price=layout.price(self.reward_asset),
            tokens=layout.row(self.tokens_per_week),
            weight=layout.row(self.weight),
            others_staked=layout.row(self.others_staked),
            price_staked=layout.price(self.staked_asset),
            others_votes=layout.row(self.others_votes),
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Publish the first rates."""
        self.step(state, own, now, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Rates with our stake and our votes in them; to nobody's stake, those of a tiny one."""
        wire, world = state.wire[0], now.world.data
        others = np.maximum(world[wire["others_staked"]], 0.0) * world[wire["price_staked"]]
        votes, ours = own["votes"], np.maximum(own["staked_value"], 0.0)
        ve_share = votes / np.maximum(votes + np.maximum(world[wire["others_votes"]], 0.0), LEAST)
        stake = np.where(ours > 0.0, ours, others * 1e-9)
        lifted = UNBOOSTED * stake + (1.0 - UNBOOSTED) * (others + ours) * ve_share
        working = np.minimum(stake, lifted)
        every = working + np.minimum(UNBOOSTED * self.others_boost, 1.0) * others
        emission = world[wire["tokens"]] * np.clip(world[wire["weight"]], 0.0, 1.0)
        yearly = emission * world[wire["price"]] * (YEAR_S / WEEK_S)
        paid = yearly * working / np.maximum(every, LEAST)
        world[wire["reward_apr"]] = paid / np.maximum(stake, LEAST)
        boost = working / np.maximum(UNBOOSTED * stake, LEAST)
        world[wire["boost"]] = np.where(stake > 0.0, boost, 1.0)
        world[wire["stake_share"]] = ours / np.maximum(others + ours, LEAST)
        world[wire["ve_share"]] = ve_share
