"""A credit account of Gearbox v3, and its pool, for the laws."""

from typing import Any

from headframe.positions.gearbox_v3 import GearboxV3
from headframe.positions.lending import Lending
from headframe.venues.gearbox_pool import GearboxPool

AMOUNTS = {"open": 0.2, "delever": 1.3, "lever": 3.4}
"""What the account's verbs are tried with."""


def account(**changes: Any) -> GearboxV3:
    """Two tokens, one on a ramp and one with a quota that binds, and some cash."""
    usual: dict[str, Any] = {
        "name": "credit",
        "underlying": "usdc",
        "tokens": (
            {
                "asset": "eth",
                "lt": 0.88,
                "lt_final": 0.8,
                "ramp_start_s": "5d",
                "ramp_s": "5d",
                "share": 0.6,
                "quota_apr": 0.02,
                "quota_fee": 0.001,
                "yield_apr": 0.03,
                "oracle": "eth_feed_reported_ratio",
            },
            {"asset": "btc", "lt": 0.85, "share": 0.3, "quota": 6_000.0, "quota_apr": 0.01},
        ),
        "deposit": {"usdc": 4_000.0, "eth": 1.0},
        "leverage": 3.0,
        "borrow_apr": 0.08,
        "min_debt": 500.0,
        "gas_usd": 2.0,
        "pool_usd": 1e6,
    }
    return GearboxV3(**(usual | changes))


def account_in_part(**changes: Any) -> GearboxV3:
    """Another, liquidated in parts by keepers who are late and must be paid."""
    late: dict[str, Any] = {
        "name": "slow",
        "partial_to": 1.02,
        "liquidation": {"delay_s": "2d", "gas_usd": 5.0, "least_profit_usd": 1.0},
    }
    return account(**(late | changes))


def pool() -> GearboxPool:
    """A pool small enough to feel us, with a treasury that covers little."""
    return GearboxPool(
        name="gear",
        asset="usdc",
        supplied=200_000.0,
        utilisation=0.75,
        quota_apr=0.005,
        treasury=50.0,
        withdraw_fee=0.001,
    )


def lender() -> Lending:
    """Who lends to it, and bears its losses."""
    return Lending(
        name="lender",
        asset="usdc",
        deposit={"usdc": 5_000.0},
        supply_apr="gear_supply_apr",
        utilisation="gear_market_utilisation",
        lost_share="gear_lost_share",
    )
