"""Stableswap liquidity of the sample books."""

from typing import Any

from headframe.positions.stableswap import Stableswap
from headframe.processes.gbm import GBM


def stableswap(**changes: Any) -> Stableswap:
    """Two coins, one without a firm peg, paid for in the other and in a third."""
    usual: dict[str, Any] = {
        "name": "lp",
        "token0": "usdt",
        "token1": "usdc",
        "amplification": 50.0,
        "fee": 0.004,
        "deposit": {"usdc": 9_000.0, "btc": 0.05},
        "turnover": 0.4,
        "withdraw_as": "usdt",
        "reward_asset": "comp",
        "reward_apr": 0.1,
        "ve_share": 1e-5,
        "stake_share": 2e-5,
        "gas_usd": 3.0,
    }
    return Stableswap(**(usual | changes))


def peg() -> tuple[Any, ...]:
    """A coin that leaves its peg."""
    return (GBM(name="usdt_usd", start=1.0, volatility=0.8),)
