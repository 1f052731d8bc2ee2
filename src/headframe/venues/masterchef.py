"""
A pool of a MasterChef farm: so many tokens a block, shared by pools, then by stakes, ours included.

The contract keeps one number per pool, the reward per staked token since birth. Here it is the
observable that a `farm` position reads: its stake earns the rise. Whoever stakes more dilutes
everybody, from the block of his deposit on. The developers' tenth is minted on top and takes
nothing from stakers. Blocks in which nobody stakes pay nobody.
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
    Delay,
    Duration,
    Name,
    NonNegative,
    NonNegativeSignal,
    Rows,
    ShareSignal,
    Signal,
)

LEAST_STAKE = 1e-12
"""Fewer tokens than this in a pool count as none."""
DEV_SHARE = 0.1
"""What the developers receive on top of the stakers' rewards."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MasterChefPool:
    """
    One pool of a MasterChef (SushiSwap's first, and its many copies).

    `tokens_per_block` go to all pools, `alloc_share` of them, points over all points, to this one;
    `staked` is what others stake, in tokens. Until `bonus_s` after the start a block pays
    `bonus_multiplier` times as much. Publishes `_reward_per_token` since the start, `_own_share`,
    and `_dev_tokens`, what was minted for the developers.

        rise = blocks tokens_per_block alloc_share / (staked + ours)

    >>> MasterChefPool(name="sushi", tokens_per_block=100.0, alloc_share=0.02, staked=5e4,
    ...                block_s=12.0).publishes[0]
    'sushi_reward_per_token'
    """

    kind: ClassVar[str] = "masterchef"
    name: Name
    tokens_per_block: NonNegativeSignal
    alloc_share: ShareSignal = 1.0
    staked: NonNegativeSignal
    block_s: Duration = 12.0
    bonus_multiplier: NonNegative = 10.0
    bonus_s: Delay = 0.0

    fields: ClassVar[Rows] = ("reward_per_token", "dev_tokens")
    gathers: ClassVar[Rows] = ("staked",)

    @property
    def publishes(self) -> Rows:
        """The accumulator, our share, and the developers' tokens."""
        return tuple(f"{self.name}_{leaf}" for leaf in PUBLISHED)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Emission, points, and what others stake."""
        return (self.tokens_per_block, self.alloc_share, self.staked)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        rows = {k: layout.row(n) for k, n in zip(PUBLISHED, self.publishes, strict=True)}
        return record(
            **rows,
            per_block=layout.row(self.tokens_per_block),
            points=layout.row(self.alloc_share),
            others=layout.row(self.staked),
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Nothing is paid yet."""
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Pay the blocks since the last step to those who have staked since then."""
        wire, then = state.wire[0], before.world.data
        blocks = self.multiplier(now.t_s - now.dt_s, now.t_s)
        paid = blocks * then[wire["per_block"]] * then[wire["points"]]
        stakes = then[wire["others"]] + own["staked"]
        someone = stakes > LEAST_STAKE
        rise = np.where(someone, paid / np.where(someone, stakes, 1.0), 0.0)
        state["reward_per_token"] += rise
        state["dev_tokens"] += np.where(someone, paid * DEV_SHARE, 0.0)
        self._publish(state, own, now)

    def multiplier(self, from_s: float, to_s: float) -> float:
        """Whole blocks between two times since the start, those of the bonus several fold."""
        start, end, bonus = (
            np.floor(t_s / self.block_s + 1e-9) for t_s in (from_s, to_s, self.bonus_s)
        )
        extra = max(min(end, bonus) - start, 0.0)
        return float(end - start + (self.bonus_multiplier - 1.0) * extra)

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world, ours = state.wire[0], now.world.data, own["staked"]
        whole = world[wire["others"]] + ours
        world[wire["reward_per_token"]] = state["reward_per_token"]
        world[wire["own_share"]] = ours / np.maximum(whole, LEAST_STAKE)
        world[wire["dev_tokens"]] = state["dev_tokens"]


PUBLISHED: Rows = ("reward_per_token", "own_share", "dev_tokens")
"""What a pool publishes under its name."""
