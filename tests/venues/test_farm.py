"""A farm's purse divided among all: the sums written out."""

import doctest

import numpy as np
import pytest
from scripted import entry, opened, played, scripted

from headframe.positions.farm import YieldFarm
from headframe.positions.levered import Levered
from headframe.units import DAY_S, YEAR_S
from headframe.venues import farm as module
from headframe.venues.farm import SharedFarm

VALUES = {"eth_usd": 2_000.0, "usdc_usd": 1.0, "crv_usd": 0.5}


def purse(**changes):
    usual = {"name": "gauge", "reward_asset": "crv", "tokens_per_s": 0.01, "tvl_usd": 90_000.0}
    return SharedFarm(**(usual | changes))


def stake(**changes):
    usual = {
        "name": "stake",
        "asset": "usdc",
        "reward_asset": "crv",
        "held": {"staked": 10_000.0},
        "reward_apr": "gauge_reward_apr",
    }
    return YieldFarm(**(usual | changes))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_tenth_of_the_stake_is_a_tenth_of_the_purse():
    chunk = played(scripted(stake(), values=VALUES, venues=(purse(),), n_steps=3))
    assert chunk.now["gauge_own_share"][0] == pytest.approx(0.1)
    assert chunk.now["gauge_reward_apr"][0] == pytest.approx(0.01 * YEAR_S * 0.5 / 100_000.0)
    assert entry(chunk, "stake", "reward")[0] == pytest.approx(3 * 0.1 * 0.01 * DAY_S * 0.5)


def test_whoever_stakes_in_the_farm_shares_the_purse():
    farm = Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        held={"amount0": 7.5, "amount1": 15_000.0, "debt1": 10_000.0},
        reward_asset="crv",
        reward_apr="gauge_reward_apr",
    )
    bystander = Levered(
        name="other", token0="eth", token1="usdc", held={"amount0": 5, "amount1": 1e4}
    )
    chunk = opened(scripted(stake(), farm, bystander, values=VALUES, venues=(purse(),)))
    assert chunk.now["gauge_own_share"][0] == pytest.approx(40_000.0 / 130_000.0)


def test_all_of_us_never_get_more_than_the_purse():
    chunk = played(scripted(stake(), values=VALUES, venues=(purse(tvl_usd=0.0),), n_steps=2))
    assert entry(chunk, "stake", "reward")[0] == pytest.approx(2 * 0.01 * DAY_S * 0.5)


def test_an_empty_farm_is_finite():
    book = scripted(
        stake(held={"staked": 0.0}), values=VALUES, venues=(purse(tvl_usd=0.0),), n_steps=2
    )
    chunk = played(book)
    assert np.isfinite(chunk.now.world.data).all()
    assert entry(chunk, "stake", "reward")[0] == 0.0
