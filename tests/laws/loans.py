"""Accounts on Aave and Morpho, their markets, and the reward contracts, for the laws."""

from typing import Any

from headframe.positions.aave_v3 import AaveV3
from headframe.positions.farm import YieldFarm
from headframe.positions.lending import Lending
from headframe.positions.morpho_blue import MorphoBlue
from headframe.venues.aave_reserve import AaveReserve
from headframe.venues.masterchef import MasterChefPool
from headframe.venues.morpho_market import MorphoMarket
from headframe.venues.staking_rewards import StakingRewardsFarm

AAVE_AMOUNTS = {
    "open": 0.2,
    "supply": 0.5,
    "supply_btc": 0.02,
    "withdraw": 0.5,
    "withdraw_btc": 0.02,
    "borrow": 300.0,
    "borrow_comp": 5.0,
    "repay": 500.0,
    "repay_comp": 5.0,
    "delever": 1.3,
}
"""What the account's verbs are tried with."""
MORPHO_AMOUNTS = {
    "open": 0.2,
    "supply": 0.5,
    "withdraw": 0.5,
    "borrow": 300.0,
    "repay": 500.0,
    "delever": 1.3,
}
"""What the loan's verbs are tried with."""


def aave_v3(*, market: str | None = None, **changes: Any) -> AaveV3:
    """Two collaterals and two debts, near enough to liquidation that it comes on many paths."""
    usdc: dict[str, Any] = {"asset": "usdc", "share": 3.0}
    usdc |= {"borrow_apr": 0.08} if market is None else {"market": market}
    usual: dict[str, Any] = {
        "name": "aave",
        "supply": (
            {"asset": "eth", "ltv": 0.78, "threshold": 0.8, "supply_apr": 0.01},
            {"asset": "btc", "ltv": 0.7, "threshold": 0.75, "bonus": 0.07},
        ),
        "borrow": (usdc, {"asset": "comp", "borrow_apr": 0.1}),
        "deposit": {"eth": 4.0, "btc": 0.1, "usd": 500.0},
        "ltv": 0.7,
        "gas_usd": 2.0,
    }
    return AaveV3(**(usual | changes))


def looped(**changes: Any) -> AaveV3:
    """The version before, with four loops."""
    return aave_v3(name="loops", version="3.0", ltv=0.6, loops=4, **changes)


def morpho_blue(**changes: Any) -> MorphoBlue:
    """A loan at twice its equity and more."""
    usual: dict[str, Any] = {
        "name": "morpho",
        "collateral_asset": "eth",
        "loan_asset": "usdc",
        "lltv": 0.86,
        "deposit": {"eth": 2.0},
        "leverage": 3.0,
        "borrow_apr": 0.07,
        "gas_usd": 2.0,
    }
    return MorphoBlue(**(usual | changes))


def supply(market: str) -> Lending:
    """A supply to one of the markets."""
    return Lending(name="lender", asset="usdc", deposit={"usdc": 7_000.0}, market=market)


def staked(farm: str) -> YieldFarm:
    """A stake that a contract pays."""
    return YieldFarm(
        name="stake",
        asset="usdc",
        reward_asset="comp",
        deposit={"usdc": 6_000.0},
        reward_per_token=f"{farm}_reward_per_token",
        gas_usd=1.0,
    )


def aave_reserve(**changes: Any) -> AaveReserve:
    """A reserve small enough to feel us, with room to spare."""
    usual: dict[str, Any] = {
        "name": "reserve",
        "asset": "usdc",
        "supplied": 100_000.0,
        "borrowed": 80_000.0,
        "curve": "usdc",
        "borrow_cap": 95_000.0,
    }
    return AaveReserve(**(usual | changes))


def morpho_market() -> MorphoMarket:
    """A market small enough to feel us."""
    return MorphoMarket(
        name="blue", asset="usdc", supplied=50_000.0, borrowed=40_000.0, lost_share=0.01, fee=0.1
    )


def masterchef() -> MasterChefPool:
    """A pool that our stake dilutes."""
    return MasterChefPool(
        name="chef", tokens_per_block=1e-4, alloc_share=0.5, staked=20_000.0, bonus_s="3d"
    )


def staking_rewards() -> StakingRewardsFarm:
    """A week of rewards in a token with few decimals."""
    return StakingRewardsFarm(name="synth", reward=50.0, staked=20_000.0, decimals=6)
