"""Concentrated liquidity of the sample books: positions and policies with it."""

from typing import Any

from headframe.policies.rerange import Rerange
from headframe.positions.uniswap_v3 import UniswapV3


def uniswap_v3(**changes: Any) -> UniswapV3:
    """Liquidity in a range that the price leaves on many paths."""
    usual: dict[str, Any] = {
        "name": "lp",
        "token0": "eth",
        "token1": "usdc",
        "range": {"width": 0.1, "decimals1": 6},
        "deposit": {"usdc": 9_000.0},
        "turnover": 0.4,
        "volume_usd": 3_000.0,
        "pool_liquidity": 2_000.0,
        "gas_usd": 3.0,
    }
    return UniswapV3(**(usual | changes))


def rerange(**changes: Any) -> Rerange:
    """A range that follows the price."""
    usual: dict[str, Any] = {
        "name": "follow",
        "position": "lp",
        "margin": 0.01,
        "volatility_multiple": 2.0,
        "cooldown_s": "2d",
    }
    return Rerange(**(usual | changes))
