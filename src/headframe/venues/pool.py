"""
A constant-product pool that we share with others: its price, its turnover, and our part of both.

The others' liquidity and volume come from observables, ours from the positions in the pool. Between
two steps the arbitrageurs move the pool's price after the market's, but only as far as it pays them
after the fee f: the price stays wherever it is within m (1 - f) and m / (1 - f) of the market's m.
Fees are divided by liquidity, so that our own dilutes what we came for.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels.uniswap_v2 import SMALLEST_PRICE
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

SMALLEST_POOL = 1e-12
"""The least value of a pool in the numeraire: below it, shares and turnover mean nothing."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ConstantProductPool:
    """
    A pool of two tokens.

    `tvl_usd` is the value of the others' liquidity, `volume_usd` the volume a day that trades there
    whoever provides. Publishes `_pool_price` (token0 in token1), `_daily_turnover` (volume over all
    liquidity), `_own_share` and `_fee_apr`, what its fees pay a year, under the pool's name.

        turnover = volume / (others' value + ours),   ours = 2 L sqrt(p0 p1)
        fee_apr  = fee * turnover * 365

    >>> ConstantProductPool(name="eth_usdc", token0="eth", token1="usdc", tvl_usd=1e8,
    ...                     volume_usd=3e7).publishes
    ('eth_usdc_pool_price', 'eth_usdc_daily_turnover', 'eth_usdc_own_share', 'eth_usdc_fee_apr')
    """

    kind: ClassVar[str] = "pool"
    name: Name
    token0: Name
    token1: Name
    tvl_usd: NonNegativeSignal
    volume_usd: NonNegativeSignal
    fee: Proper = 0.003

    fields: ClassVar[Rows] = ("price",)
    gathers: ClassVar[Rows] = ("liquidity",)

    @model_validator(mode="after")
    def _two_tokens(self) -> "ConstantProductPool":
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        return self

    @property
    def publishes(self) -> Rows:
        """The pool's price, its turnover, our share, and what its fees pay."""
        leaves = ("pool_price", "daily_turnover", "own_share", "fee_apr")
        return tuple(f"{self.name}_{leaf}" for leaf in leaves)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What others bring."""
        return (self.tvl_usd, self.volume_usd)

    @property
    def priced(self) -> Rows:
        """Assets whose prices it needs, whoever holds them."""
        return (self.token0, self.token1)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        price, turnover, share, fee_apr = (layout.row(name) for name in self.publishes)
        return record(
            price0=layout.price(self.token0),
            price1=layout.price(self.token1),
            price_usd=layout.price("usd"),
            tvl=layout.row(self.tvl_usd),
            volume=layout.row(self.volume_usd),
            price=price,
            turnover=turnover,
            share=share,
            fee_apr=fee_apr,
        )

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """The pool opens at the market's price."""
        state["price"] = self._market(state, now)
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Arbitrage moves the price as far as the fee allows."""
        market = self._market(state, now)
        low, high = market * (1.0 - self.fee), market / (1.0 - self.fee)
        state["price"] = np.clip(state["price"], low, high)
        self._publish(state, own, now)

    def _market(self, state: Block, now: Tick) -> Array:
        wire, world = state.wire[0], now.world.data
        market: Array = world[wire["price0"]] / np.maximum(world[wire["price1"]], SMALLEST_PRICE)
        return market

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        others = world[wire["tvl"]] * world[wire["price_usd"]]
        ours = 2.0 * own["liquidity"] * np.sqrt(world[wire["price0"]] * world[wire["price1"]])
        whole = np.maximum(others + ours, SMALLEST_POOL)
        world[wire["price"]] = state["price"]
        world[wire["turnover"]] = world[wire["volume"]] * world[wire["price_usd"]] / whole
        world[wire["share"]] = ours / whole
        world[wire["fee_apr"]] = self.fee * world[wire["turnover"]] * YEAR_S / DAY_S
