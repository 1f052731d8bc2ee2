"""
A farm that divides its rewards among all who stake: our own stake dilutes the rate we came for.

The tokens that it pays per second and the value that others stake come from observables, ours from
the positions in it.

    reward_apr = tokens_per_s YEAR price / (others' value + ours)
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
    NonNegativeSignal,
    Rows,
    Signal,
)
from headframe.units import YEAR_S

SMALLEST_STAKE = 1e-12
"""The least value staked, in the numeraire: below it a rate means nothing."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SharedFarm:
    """
    A farm with a fixed purse a second.

    `tokens_per_s` may be an emission schedule's observable; `tvl_usd` is the value that others
    stake. Publishes `_reward_apr` and `_own_share` under the farm's name.

    >>> SharedFarm(name="gauge", reward_asset="crv", tokens_per_s=0.05, tvl_usd=2e7).publishes
    ('gauge_reward_apr', 'gauge_own_share')
    """

    kind: ClassVar[str] = "farm"
    name: Name
    reward_asset: Name
    tokens_per_s: NonNegativeSignal
    tvl_usd: NonNegativeSignal

    fields: ClassVar[Rows] = ()
    gathers: ClassVar[Rows] = ("staked_value",)

    @property
    def publishes(self) -> Rows:
        """The reward rate on what is staked, and our share of it."""
        return (f"{self.name}_reward_apr", f"{self.name}_own_share")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The purse, and what others stake."""
        return (self.tokens_per_s, self.tvl_usd)

    @property
    def priced(self) -> Rows:
        """Assets whose prices it needs, whoever holds them."""
        return (self.reward_asset,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        reward_apr, own_share = (layout.row(name) for name in self.publishes)
        return record(
            price=layout.price(self.reward_asset),
            price_usd=layout.price("usd"),
            tokens_per_s=layout.row(self.tokens_per_s),
            tvl=layout.row(self.tvl_usd),
            reward_apr=reward_apr,
            own_share=own_share,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """The rate before we came, or with what is staked already."""
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Divide the purse."""
        self._publish(state, own, now)

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        others = world[wire["tvl"]] * world[wire["price_usd"]]
        whole = np.maximum(others + own["staked_value"], SMALLEST_STAKE)
        yearly = world[wire["tokens_per_s"]] * YEAR_S * world[wire["price"]]
        world[wire["reward_apr"]] = yearly / whole
        world[wire["own_share"]] = own["staked_value"] / whole
