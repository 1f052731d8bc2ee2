"""Farms that are called often and sold at auction, for the laws."""

from typing import Any

from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3

SALE: dict[str, Any] = {
    "rule": "auction",
    "gas_usd": 5.0,
    "delay_s": "1d",
    "auction": {
        "curve": "exponential",
        "cut": 0.999996,
        "tail_s": "3d",
        "cusp": 0.2,
        "margin": 0.02,
    },
}
"""A price that falls by some 30 % a day, and is set up again after three."""


def sold() -> Levered:
    """A farm over all prices, close to its line."""
    return Levered(
        name="sold",
        token0="eth",
        token1="usdc",
        deposit={"usdc": 900.0},
        leverage=4.0,
        debt0_share=0.3,
        borrow1_apr=0.1,
        threshold=0.8,
        penalty=0.13,
        pool_usd=1e6,
        gas_usd=2.0,
        liquidation=SALE,
    )


def sold_range() -> LeveredV3:
    """A range, close to its line."""
    return LeveredV3(
        name="sold",
        token0="eth",
        token1="usdc",
        range={"width": 0.4, "decimals1": 6},
        deposit={"usdc": 900.0},
        leverage=4.0,
        borrow1_apr=0.1,
        threshold=0.8,
        penalty=0.13,
        volume_usd=3_000.0,
        pool_liquidity=2_000.0,
        pool_usd=1e6,
        liquidation=SALE,
    )
