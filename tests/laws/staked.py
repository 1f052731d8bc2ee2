"""A looped staked token that can be sold or redeemed, for the laws."""

from typing import Any

from headframe.positions.aave_v3 import AaveV3
from headframe.processes.constant import Constant
from headframe.processes.staked_token import StakedToken

AMOUNTS = {"open": 0.2, "supply": 0.5, "withdraw": 0.2, "borrow": 0.2, "repay": 0.1, "delever": 1.3}
"""What the account's verbs are tried with."""


def token() -> tuple[Any, ...]:
    """A staked token that the market pays in full: no action may create value."""
    return (
        Constant(name="wsteth_market_discount", value=0.0),
        StakedToken(
            name="wsteth",
            base="eth",
            start_rate=1.2,
            reward_apr=0.03,
            discount="wsteth_market_discount",
        ),
    )


def loop(**changes: Any) -> AaveV3:
    """Staked ether at six times, with every cost, and a way out."""
    usual: dict[str, Any] = {
        "name": "loop",
        "supply": (
            {
                "asset": "wsteth",
                "ltv": 0.93,
                "threshold": 0.95,
                "bonus": 0.01,
                "oracle": "wsteth_reported_ratio",
            },
        ),
        "borrow": ({"asset": "eth", "borrow_apr": 0.025},),
        "deposit": {"eth": 4.0},
        "leverage": 6.0,
        "flash_fee": 0.0005,
        "pool_usd": 1e7,
        "gas_usd": 2.0,
        "redemption": {"into": "eth", "ratio": "wsteth_reported_ratio", "queue_days": 2.0},
    }
    return AaveV3(**(usual | changes))
