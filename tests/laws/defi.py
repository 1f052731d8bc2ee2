"""The DeFi positions of the sample books, each with as much of what it can do as one book holds."""

from typing import Any

from headframe.policies.hedge import Hedge
from headframe.positions.btc_loan import BtcLoan
from headframe.positions.farm import YieldFarm
from headframe.positions.future import Future
from headframe.positions.held_asset import HeldAsset
from headframe.positions.lending import Lending
from headframe.positions.levered import Levered
from headframe.positions.loan import Loan
from headframe.positions.staking import Staking
from headframe.positions.uniswap_v2 import UniswapV2
from headframe.venues.farm import SharedFarm
from headframe.venues.lending_market import AdaptiveMarket, KinkedMarket
from headframe.venues.pool import ConstantProductPool


def levered(**changes: Any) -> Levered:
    """A leveraged farm with debt in both tokens and rewards."""
    usual: dict[str, Any] = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 8_000.0, "eth": 1.0},
        "leverage": 3.0,
        "debt0_share": 0.4,
        "borrow0_apr": 0.05,
        "borrow1_apr": 0.1,
        "threshold": 5 / 6,
        "turnover": 0.4,
        "reward_asset": "comp",
        "reward_apr": 0.5,
        "gas_usd": {"delever": 4.0, "compound": 1.0, "other": 2.0},
    }
    return Levered(**(usual | changes))


def levered_late(**changes: Any) -> Levered:
    """The same farm, liquidated in parts by keepers who are late, at an oracle's price."""
    late: dict[str, Any] = {
        "oracle0": "eth_feed_reported_ratio",
        "pool_usd": 1e6,
        "own_share": 0.02,
        "health_sells": True,
        "liquidation": {
            "close_factor": 0.5,
            "full_below": 0.8,
            "delay_s": "2d",
            "guard": 1.3,
            "rule": "time",
            "ramp_s": "4d",
            "gas_usd": 5.0,
        },
    }
    return levered(**(late | changes))


def held_asset(**changes: Any) -> HeldAsset:
    """Coins bought with two others."""
    usual: dict[str, Any] = {
        "name": "savings",
        "asset": "btc",
        "deposit": {"usdc": 5_000.0, "btc": 0.1},
        "gas_usd": 1.0,
    }
    return HeldAsset(**(usual | changes))


def uniswap_v2(**changes: Any) -> UniswapV2:
    """Liquidity paid for in one token."""
    usual: dict[str, Any] = {
        "name": "lp",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 9_000.0},
        "turnover": 0.4,
        "gas_usd": 3.0,
    }
    return UniswapV2(**(usual | changes))


def lending(**changes: Any) -> Lending:
    """A supply that can be had back at any time."""
    usual: dict[str, Any] = {
        "name": "supply",
        "asset": "usdc",
        "deposit": {"usdc": 7_000.0, "eth": 0.5},
        "supply_apr": 0.06,
        "utilisation": 0.8,
        "gas_usd": 1.0,
    }
    return Lending(**(usual | changes))


def loan(**changes: Any) -> Loan:
    """A loan near enough to its threshold to be liquidated on many paths."""
    usual: dict[str, Any] = {
        "name": "loan",
        "collateral_asset": "eth",
        "debt_asset": "usdc",
        "deposit": {"eth": 4.0},
        "ltv": 0.7,
        "threshold": 0.8,
        "borrow_apr": 0.08,
        "supply_apr": 0.01,
        "gas_usd": 2.0,
    }
    return Loan(**(usual | changes))


def staking(**changes: Any) -> Staking:
    """A stake that is slashed on many paths."""
    usual: dict[str, Any] = {
        "name": "stake",
        "asset": "eth",
        "deposit": {"eth": 3.0, "usdc": 500.0},
        "reward_apr": 0.04,
        "commission": 0.1,
        "lockup_s": "4d",
        "exit_queue_days": 2.0,
        "slashings_per_year": 12.0,
        "slashing_share": 0.1,
        "gas_usd": 1.0,
    }
    return Staking(**(usual | changes))


def farm(**changes: Any) -> YieldFarm:
    """A stake of stable money that earns a falling token."""
    usual: dict[str, Any] = {
        "name": "gauge",
        "asset": "usdc",
        "reward_asset": "comp",
        "deposit": {"usdc": 6_000.0},
        "reward_apr": 0.6,
        "gas_usd": 1.0,
    }
    return YieldFarm(**(usual | changes))


def btc_loan(**changes: Any) -> BtcLoan:
    """A loan that is called for margin on many paths, billed every five days, and ends."""
    usual: dict[str, Any] = {
        "name": "treasury",
        "deposit": {"btc": 0.6},
        "ltv": 0.6,
        "apr": 0.12,
        "fee": 0.01,
        "margin_call_ltv": 0.65,
        "cure_ltv": 0.6,
        "liquidation_ltv": 0.8,
        "cure_s": "2d",
        "interest_every_s": "5d",
        "grace_s": "3d",
        "term_s": "15d",
    }
    return BtcLoan(**(usual | changes))


def future(**changes: Any) -> Future:
    """A short perpetual with little margin, filled up from the wallet when it is resized."""
    usual: dict[str, Any] = {
        "name": "short",
        "asset": "eth",
        "margin_asset": "usdc",
        "deposit": {"usdc": 2_000.0},
        "size": -4.0,
        "target_margin": 0.3,
        "funding_apr": 0.1,
    }
    return Future(**(usual | changes))


def vesting() -> dict[str, Any]:
    """A locker whose tokens come free within a sample."""
    return {"cliff_s": "2d", "over_s": "6d", "epoch_s": "2d", "forfeit": 0.5}


def hedge(**changes: Any) -> Hedge:
    """A hedge of all the ether of a book."""
    usual: dict[str, Any] = {
        "name": "neutral",
        "position": "short",
        "asset": "eth",
        "band": 0.2,
        "margin_floor": 0.2,
    }
    return Hedge(**(usual | changes))


def pool() -> ConstantProductPool:
    """A pool of which the samples own a good part."""
    return ConstantProductPool(
        name="eth_usdc", token0="eth", token1="usdc", tvl_usd=50_000.0, volume_usd=20_000.0
    )


def kinked_market() -> KinkedMarket:
    """A market that feels our debt."""
    return KinkedMarket(
        name="aave_usdc",
        asset="usdc",
        supplied=100_000.0,
        utilisation=0.8,
        slope1_apr=0.055,
        slope2_apr=0.4,
        kink=0.92,
        reserve_factor=0.1,
    )


def adaptive_market() -> AdaptiveMarket:
    """Morpho's curve, with our debt in it."""
    return AdaptiveMarket(name="morpho_usdc", asset="usdc", supplied=50_000.0, utilisation=0.8)


def shared_farm() -> SharedFarm:
    """A farm that our stake dilutes."""
    return SharedFarm(name="rewards", reward_asset="comp", tokens_per_s=1e-5, tvl_usd=20_000.0)
