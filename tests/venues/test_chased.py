"""
Capital that chases what a pool and a farm pay together, our own size in it.

Expected values: a purse divided by what is asked of it. Fees of 20,000 a day at 0.3 % and rewards
of 0.02 tokens a second at half a dollar.
"""

import numpy as np
import pytest
from scripted import seat

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import step
from headframe.positions.levered import Levered
from headframe.processes.constant import Constant
from headframe.processes.emissions import Emissions, Tvl
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.units import DAY_S, YEAR_S
from headframe.venues.farm import SharedFarm
from headframe.venues.pool import ConstantProductPool

FEES = 20_000.0 * 0.003 * 365.0
REWARDS = 0.02 * YEAR_S * 0.5


def book(own, days=400):
    """A farm of our own in a pool whose rewards end on day 200."""
    world = (
        Constant(name="eth_usd", value=2_000.0),
        Constant(name="usdc_usd", value=1.0),
        Constant(name="crv_usd", value=0.5),
        Emissions(name="purse", price="crv_usd", tokens_per_s=0.02, tvl=1e6, ends_s="200d"),
        Tvl(
            name="pool_tvl_usd",
            start=1e5,
            yields=("gauge_reward_apr", "eth_usdc_fee_apr"),
            required_apr=0.25,
            lag_s="10d",
            leave_lag_s="5d",
        ),
    )
    venues = (
        ConstantProductPool(
            name="eth_usdc",
            token0="eth",
            token1="usdc",
            tvl_usd="pool_tvl_usd",
            volume_usd=20_000.0,
        ),
        SharedFarm(
            name="gauge",
            reward_asset="crv",
            tokens_per_s="purse_tokens_per_s",
            tvl_usd="pool_tvl_usd",
        ),
    )
    farm = Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        deposit={"usdc": own},
        turnover="eth_usdc_daily_turnover",
        reward_asset="crv",
        reward_apr="gauge_reward_apr",
        swap_cost=0.0,
    )
    return Book(
        name="chased",
        scenario=Model(processes=world),
        wallet={"usdc": own},
        positions=(farm,),
        venues=venues,
        horizon_s=days * DAY_S,
    )


def walked(own, days):
    plan = book(own)
    chunk = Chunk(plan, plan.plan(), Paths(first=0, n_paths=1, seed=1))
    for _ in range(days):
        step(chunk)
    return chunk


def test_capital_comes_for_rewards_and_leaves_when_they_end():
    """Fees and rewards a year over a quarter; then the fees alone over it."""
    with_rewards, without = (walked(1.0, day).now for day in (199, 399))
    assert with_rewards["pool_tvl_usd"][0] == pytest.approx((FEES + REWARDS) / 0.25, rel=1e-3)
    assert without["pool_tvl_usd"][0] == pytest.approx(FEES / 0.25, rel=1e-3)
    assert without["gauge_reward_apr"][0] == 0.0
    for now in (with_rewards, without):
        paid = now["gauge_reward_apr"][0] + now["eth_usdc_fee_apr"][0]
        assert paid == pytest.approx(0.25, rel=1e-3)


def test_between_the_two_the_fees_pay_less_than_what_is_asked():
    """The day after the last reward the same capital shares the fees alone."""
    chunk = walked(1.0, 201)
    share = FEES / (FEES + REWARDS)
    assert chunk.now["eth_usdc_fee_apr"][0] == pytest.approx(0.25 * share, rel=0.3)
    assert chunk.now["eth_usdc_fee_apr"][0] < 0.25 * 2.0 * share


def test_our_own_size_keeps_others_out():
    """With 100,000 of ours and its growth, others hold what is left of the purse over a quarter."""
    chunk = walked(1e5, 199)
    farm = seat(chunk, "farm")
    ours = 2.0 * farm.state["liquidity"][0] * np.sqrt(2_000.0)
    both = chunk.now["pool_tvl_usd"][0] + ours
    assert both == pytest.approx((FEES + REWARDS) / 0.25, rel=2e-2)
    assert chunk.now["gauge_own_share"][0] == pytest.approx(ours / both, rel=1e-2)
