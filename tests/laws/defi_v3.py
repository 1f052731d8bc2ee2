"""Concentrated liquidity of the sample books: positions and policies with it."""

from typing import Any

from headframe.policies.rerange import Rerange
from headframe.positions.levered_v3 import LeveredV3
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


def levered_v3(**changes: Any) -> LeveredV3:
    """A range with debt in both tokens, liquidated in parts at an oracle's price on many paths."""
    usual: dict[str, Any] = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "range": {"width": 0.3, "decimals1": 6},
        "deposit": {"usdc": 8_000.0, "eth": 1.0},
        "leverage": 3.0,
        "debt0_share": 0.4,
        "borrow0_apr": 0.05,
        "borrow1_apr": 0.1,
        "threshold": 5 / 6,
        "turnover": 0.4,
        "volume_usd": 3_000.0,
        "pool_liquidity": 2_000.0,
        "gas_usd": 2.0,
        "pool_usd": 1e6,
        "liquidation": {"close_factor": 0.5, "full_below": 0.9},
    }
    return LeveredV3(**(usual | changes))
