"""Votes and lines of credit of the sample books."""

from typing import Any

from headframe.book import Book
from headframe.positions.delegation import Delegation
from headframe.positions.farm import YieldFarm
from headframe.positions.vote_escrow import VoteEscrow
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S
from headframe.venues.gauge import Gauge


def lock(**changes: Any) -> VoteEscrow:
    """A lock that ends within a sample, or may be left early for a penalty."""
    usual: dict[str, Any] = {
        "name": "lock",
        "asset": "eth",
        "deposit": {"eth": 2.0, "usdc": 500.0},
        "lock_s": "15d",
        "longest_s": "60d",
        "others_votes": 100.0,
        "fees_usd": 500.0,
        "incentives_usd": 100.0,
        "incentives_votes": 10.0,
        "period_s": "4d",
        "exit_penalty": 0.5,
        "gas_usd": 1.0,
    }
    return VoteEscrow(**(usual | changes))


def voting() -> Book:
    """Votes that boost a farm of the same desk, in a gauge that both name."""
    gauge = Gauge(
        name="gauge",
        reward_asset="crv",
        tokens_per_week=1_000.0,
        weight=0.1,
        staked_asset="eth",
        others_staked=25.0,
        others_votes=5_000.0,
    )
    votes = VoteEscrow(
        name="votes",
        asset="crv",
        deposit={"crv": 1_000.0},
        lock_s="200d",
        others_votes=5_000.0,
        venue="gauge",
    )
    farm = YieldFarm(
        name="farm",
        asset="eth",
        deposit={"eth": 2.0},
        reward_asset="crv",
        reward_apr="gauge_reward_apr",
        venue="gauge",
    )
    prices = (
        GBM(name="eth_usd", start=2_000.0, volatility=1.0),
        GBM(name="crv_usd", start=0.5, volatility=1.5),
        Constant(name="usdc_usd", value=1.0),
    )
    return Book(
        name="sample",
        scenario=Model(processes=prices),
        wallet={"usd": 1_000.0, "crv": 1_000.0, "eth": 2.0},
        positions=(votes, farm),
        venues=(gauge,),
        horizon_s=20 * DAY_S,
    )


def line(**changes: Any) -> Delegation:
    """A line of credit whose holder often defaults, on collateral that is often liquidated."""
    usual: dict[str, Any] = {
        "name": "line",
        "collateral": "eth",
        "debt_asset": "usdc",
        "deposit": {"eth": 5.0},
        "drawn": 7_000.0,
        "supply_apr": 0.02,
        "borrow_apr": 0.05,
        "fee_apr": 0.04,
        "defaults_per_year": 5.0,
        "gas_usd": 1.0,
    }
    return Delegation(**(usual | changes))
