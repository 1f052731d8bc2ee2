"""
What a protocol believes a price to be: an oracle that is late, coarse, and sometimes silent.

An oracle posts a new price when the market has moved by `deviation` from what it last posted, or
when `heartbeat_s` has passed (the triggers of Chainlink's feeds). What it posts was observed
`lag_s` earlier. Between posts its price stands still: a liquidation waits for the next one, or
comes by an old one. While the observable `stopped` is at least 0.5 it posts nothing.

Source: Chainlink documentation, "Data feeds: deviation threshold and heartbeat"; mainnet ETH/USD
posts at 0.5 % or every hour.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import PriceName, quantities
from headframe.types import STRICT, Block, Delay, Duration, Name, Proper, Rows, Signal
from headframe.units import YEAR_S

SMALLEST_PRICE = 1e-120
"""Stands in for a price of 0 where a division needs one."""
LAGS_LIMIT = 10_000
"""The most observations that an oracle may be behind."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Oracle:
    """
    The price that an oracle reports of `price`, and its ratio to the market's price now.

    Positions take the ratio, which has no unit: they value at the market's price times the ratio.
    `lag_s` needs `every_s`, the clock on which the market is observed.

    >>> Oracle(name="eth_feed", price="eth_usd", deviation=0.005, heartbeat_s="1h").publishes
    ('eth_feed_reported_price', 'eth_feed_reported_ratio')
    """

    kind: ClassVar[str] = "oracle"
    name: Name
    price: PriceName
    deviation: Proper = 0.0
    heartbeat_s: Duration = YEAR_S
    lag_s: Delay = 0.0
    stopped: Signal = 0.0
    every_s: Duration | None = None

    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _clocked(self) -> "Oracle":
        if self.lag_s > 0.0 and self.every_s is None:
            raise ValueError("lag_s needs every_s: how often the market is observed")
        if self._lags > LAGS_LIMIT:
            raise ValueError(f"lag_s is more than {LAGS_LIMIT} times every_s")
        _ = self.publishes
        return self

    @property
    def _lags(self) -> int:
        return 0 if self.every_s is None else math.ceil(self.lag_s / self.every_s - 1e-9)

    @property
    def fields(self) -> Rows:
        """The last post and its time, and what was observed since the lag began."""
        return ("posted", "posted_s", *(f"seen{k}" for k in range(self._lags)))

    @property
    def publishes(self) -> Rows:
        """The price reported, and what it is of the market's."""
        return quantities(self.name, "reported_price", "reported_ratio")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The market's price, and whether the oracle is silent."""
        return (self.price, self.stopped)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of the price, the silence, and what is published."""
        reported, ratio = (layout.row(name) for name in self.publishes)
        return layout.row(self.price), layout.row(self.stopped), reported, ratio

    def open(self, state: Block, now: Tick) -> None:
        """It opens with the market's price, just posted."""
        state.data[:] = now.world.data[state.wire[0]]
        state["posted_s"] = 0.0
        self._publish(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Observe; post what was observed a lag ago where a trigger says so."""
        price, stopped, _, _ = state.wire
        world = now.world.data
        seen = self._observed(state, world[price], now.step)
        moved = np.abs(seen - state["posted"]) >= self.deviation * state["posted"]
        due = now.t_s - state["posted_s"] >= self.heartbeat_s - 1e-6
        posts = (moved | due) & (world[stopped] < 0.5)
        state["posted"] = np.where(posts, seen, state["posted"])
        state["posted_s"] = np.where(posts, now.t_s, state["posted_s"])
        self._publish(state, now)

    def _publish(self, state: Block, now: Tick) -> None:
        price, _, reported, ratio = state.wire
        world = now.world.data
        world[reported] = state["posted"]
        world[ratio] = state["posted"] / np.maximum(world[price], SMALLEST_PRICE)

    def _observed(self, state: Block, price: Any, step: int) -> Any:
        """What was seen a lag ago; the oldest observation makes room for that of now."""
        if not self._lags:
            return price
        row = state[f"seen{step % self._lags}"]
        old = row.copy()
        row[...] = price
        return old

    def expectation(self, t_s: float) -> dict[str, float]:
        """None."""
        return {}
