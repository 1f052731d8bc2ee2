"""Accounts on Comet and their market, for the laws."""

from typing import Any

from headframe.positions.compound_v3 import CompoundV3
from headframe.positions.lending import Lending
from headframe.venues.comet_market import CometMarket

AMOUNTS = {
    "open": 0.2,
    "supply": 0.5,
    "supply_btc": 0.02,
    "withdraw": 0.5,
    "withdraw_btc": 0.02,
    "borrow": 300.0,
    "repay": 500.0,
    "delever": 1.3,
}
"""What the account's verbs are tried with."""


def account(**changes: Any) -> CompoundV3:
    """Two collaterals, near enough to absorption that it comes on many paths."""
    usual: dict[str, Any] = {
        "name": "comet",
        "base_asset": "usdc",
        "collateral": (
            {"asset": "eth", "liquidation_factor": 0.93},
            {"asset": "btc", "borrow_factor": 0.7, "threshold": 0.77},
        ),
        "deposit": {"eth": 2.0, "btc": 0.05, "usd": 300.0},
        "leverage": 3.0,
        "borrow_apr": 0.08,
        "supply_apr": 0.03,
        "gas_usd": 2.0,
        "flash_fee": 0.0005,
    }
    return CompoundV3(**(usual | changes))


def supply(market: str) -> Lending:
    """A supply to the market."""
    return Lending(name="lender", asset="usdc", deposit={"usdc": 5_000.0}, market=market)


def market() -> CometMarket:
    """A market small enough to feel us."""
    return CometMarket(
        name="third",
        asset="usdc",
        supplied=60_000.0,
        borrowed=45_000.0,
        reserves=2_000.0,
        curve="contract_tests",
    )
