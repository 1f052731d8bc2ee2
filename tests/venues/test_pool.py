"""
Sources of expected values: the sums of a shared pool; arbitrage against a fee by Nezlobin and
Tassy's formula as `headframe.analytics.lvr` has it.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted

from headframe.analytics import lvr
from headframe.book import Book
from headframe.positions.levered import Levered
from headframe.positions.uniswap_v2 import UniswapV2
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S, YEAR_S
from headframe.venues import pool as module
from headframe.venues.pool import ConstantProductPool

START = 2_000.0


def pool(**changes):
    usual = {
        "name": "eth_usdc",
        "token0": "eth",
        "token1": "usdc",
        "tvl_usd": 90_000.0,
        "volume_usd": 20_000.0,
    }
    return ConstantProductPool(**(usual | changes))


def share(**changes):
    usual = {
        "name": "lp",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "turnover": "eth_usdc_daily_turnover",
        "pool_price": "eth_usdc_pool_price",
        "swap_cost": 0.0,
    }
    return UniswapV2(**(usual | changes))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_our_own_liquidity_dilutes_the_fees():
    """10,000 of ours beside 90,000: a volume of 20,000 is a turnover of a fifth, not of 2/9."""
    values = {"eth_usd": [START] * 2, "usdc_usd": 1.0}
    chunk = played(scripted(share(), values=values, wallet={"usdc": 1e4}, venues=(pool(),)))
    assert chunk.now["eth_usdc_daily_turnover"][0] == pytest.approx(0.2, rel=1e-12)
    assert chunk.now["eth_usdc_own_share"][0] == pytest.approx(0.1, rel=1e-12)
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(0.003 * 20_000.0 * 0.1, rel=1e-12)


def test_positions_that_read_the_pool_share_it():
    farm = Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        deposit={"usdc": 10_000.0},
        leverage=3.0,
        turnover="eth_usdc_daily_turnover",
        swap_cost=0.0,
    )
    values = {"eth_usd": [START] * 2, "usdc_usd": 1.0}
    chunk = played(scripted(share(), farm, values=values, wallet={"usdc": 2e4}, venues=(pool(),)))
    assert chunk.now["eth_usdc_own_share"][0] == pytest.approx(40_000 / 130_000, rel=1e-9)


def test_the_pools_price_follows_as_far_as_it_pays():
    prices = [START, 1.002 * START, 1.01 * START, 1.008 * START, 0.9 * START]
    book = scripted(
        share(), values={"eth_usd": prices, "usdc_usd": 1.0}, wallet={"usdc": 1e4}, venues=(pool(),)
    )
    seen = []
    played(book, watchers=(lambda chunk: seen.append(chunk.now["eth_usdc_pool_price"][0] / START),))
    assert seen == pytest.approx([1.0, 1.0, 1.01 * 0.997, 1.01 * 0.997, 0.9 / 0.997], rel=1e-12)


def test_a_share_that_is_held_opens_at_the_pools_price():
    values = {"eth_usd": [START] * 2, "usdc_usd": 1.0}
    held = share(deposit=None, held={"amount0": 2.5, "amount1": 5_000.0})
    chunk = opened(scripted(held, values=values, venues=(pool(),)))
    assert chunk.books["opening"][0] == pytest.approx(10_000.0)
    assert chunk.now["eth_usdc_own_share"][0] == pytest.approx(0.1)


def test_arbitrage_against_the_fee():
    """
    Blocks of 12 s, 5 % a day, 0.3 % on either side: a quarter of the formula's loss a block.

    Bound: 4 standard errors of the simulation.
    """
    block_s, daily = 12.0, 0.05
    sigma = daily * math.sqrt(block_s / DAY_S)
    processes = (
        GBM(name="eth_usd", start=START, volatility=daily * math.sqrt(YEAR_S / DAY_S)),
        Constant(name="usdc_usd", value=1.0),
    )
    n_steps, n_paths = 400, 6_000
    book = Book(
        name="blocks",
        scenario=Model(processes=processes),
        wallet={"usdc": 1.0},
        positions=(share(deposit={"usdc": 1.0}, turnover=0.0),),
        venues=(pool(volume_usd=0.0),),
        step_s=block_s,
        horizon_s=n_steps * block_s,
    )
    started = {}

    def watch(chunk):
        if chunk.now.step == 100:
            started["lost"] = -entry(chunk, "lp", "rebalancing") - entry(chunk, "lp", "fee")

    chunk = played(book, n_paths=n_paths, watchers=(watch,))
    lost = -entry(chunk, "lp", "rebalancing") - entry(chunk, "lp", "fee") - started["lost"]
    per_block = lost / (n_steps - 100)
    expected = float(lvr.arbitrage_per_block(block_volatility=sigma, spread=0.006)) / 4
    se = per_block.std() / math.sqrt(n_paths)
    assert abs(per_block.mean() - expected) < 4 * se
    assert se < 0.01 * expected


@pytest.mark.parametrize("tvl", [0.0, 1e12])
def test_an_empty_pool_is_finite(tvl):
    values = {"eth_usd": [START, 0.0, START], "usdc_usd": [1.0, 1.0, 0.0]}
    book = scripted(share(), values=values, wallet={"usdc": 1e4}, venues=(pool(tvl_usd=tvl),))
    chunk = played(book)
    assert np.isfinite(chunk.books.data).all()
    assert np.isfinite(chunk.now.world.data).all()
    assert all(math.isfinite(v) for v in gauges(chunk, "lp").values())
