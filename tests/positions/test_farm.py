"""A yield farm: rewards, harvest and compounding, with the sums written out."""

import doctest

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.analytics import harvest
from headframe.policies.compound import Compound
from headframe.positions import farm as module
from headframe.positions.farm import YieldFarm
from headframe.units import YEAR_S

WALLET = {"usdc": 10_000.0}


def farm(**changes):
    usual = {
        "name": "gauge",
        "asset": "usdc",
        "reward_asset": "crv",
        "deposit": {"usdc": 10_000.0},
        "reward_apr": 0.365,
    }
    return YieldFarm(**{k: v for k, v in (usual | changes).items() if v is not ...})


def book(position, crv=0.5, n_steps=1, **rest):
    values = {"usdc_usd": 1.0, "crv_usd": crv}
    return scripted(position, values=values, wallet=WALLET, n_steps=n_steps, **rest)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_tokens_are_paid_at_their_price_of_the_day():
    chunk = played(book(farm(), crv=[9.0, 0.5, 0.25], n_steps=2))
    assert seat(chunk, "gauge").state["reward"][0] == pytest.approx(10.0 / 0.5 + 10.0 / 0.25)
    assert gauges(chunk, "gauge")["reward_value"] == pytest.approx(15.0)
    assert entry(chunk, "gauge", "reward")[0] == pytest.approx(20.0)


def test_harvesting_sells_the_rewards_and_keeps_the_stake():
    chunk = played(book(farm(swap_cost=0.01, gas_usd=2.0), cash="usdc"))
    stake = gauges(chunk, "gauge")["staked"]
    reward = gauges(chunk, "gauge")["reward_value"]
    told(chunk, "gauge", "harvest")
    assert chunk.books["wallet/usdc"][0] == pytest.approx(0.99 * reward - 2.0)
    assert gauges(chunk, "gauge")["staked"] == stake
    assert gauges(chunk, "gauge")["reward_value"] == 0.0


def test_compounding_adds_to_the_stake_where_it_pays():
    for gas, does in ((2.0, True), (11.0, False)):
        chunk = played(book(farm(swap_cost=0.01, gas_usd=gas)))
        before = gauges(chunk, "gauge")
        told(chunk, "gauge", "compound")
        gained = 0.99 * before["reward_value"] - gas if does else 0.0
        after = gauges(chunk, "gauge")
        assert after["staked"] - before["staked"] == pytest.approx(gained)
        assert (after["reward_value"] == 0.0) == does


def test_a_reward_in_the_staked_token_needs_no_swap():
    values = {"crv_usd": 0.5}
    position = farm(asset="crv", deposit={"crv": 10_000.0}, swap_cost=0.5)
    chunk = played(scripted(position, values=values, wallet={"crv": 1e4}, n_steps=1))
    told(chunk, "gauge", "compound")
    assert gauges(chunk, "gauge")["staked"] == pytest.approx(10_010.0)
    assert chunk.books["wealth"][0] == pytest.approx(5_005.0)


def test_a_year_of_compounding_is_the_closed_recursion():
    """17 times a year at 5 of gas on 10,000 at 50 %: 16,260.4682."""
    often = YEAR_S / 17
    position = farm(reward_apr=0.5, swap_cost=0.0, gas_usd="harvest_gas_usd")
    year = scripted(
        position,
        values={"usdc_usd": 1.0, "crv_usd": 0.5, "harvest_gas_usd": [0.0, 5.0]},
        wallet=WALLET,
        policies=(Compound(name="rule", position="gauge", interval_s=often),),
        n_steps=17,
        step_s=often,
    )
    staked = gauges(played(year), "gauge")["staked"]
    assert staked == pytest.approx(16_260.4682, abs=5e-5)
    closed = harvest.end_value_usd(
        position_usd=10_000.0, reward_apr=0.5, gas_usd=5.0, harvests_per_year=17
    )
    assert staked == pytest.approx(float(closed), rel=1e-12)


def test_closing_pays_stake_and_rewards():
    chunk = played(book(farm(swap_cost=0.01), cash="usdc"))
    told(chunk, "gauge", "close")
    assert chunk.books["wallet/usdc"][0] == pytest.approx(10_000.0 + 9.9)
    assert gauges(chunk, "gauge")["equity"] == 0.0


def test_a_stake_that_is_held_brings_its_rewards():
    held = {"staked": 100.0, "reward": 8.0}
    chunk = opened(scripted(farm(deposit=..., held=held), values={"usdc_usd": 1.0, "crv_usd": 0.5}))
    assert chunk.books["opening"][0] == 104.0


def test_a_dead_reward_token_is_no_number_that_is_none():
    chunk = played(book(farm(gas_usd=1.0), crv=[0.5, 0.0, 1e-310, 1e-100], n_steps=4))
    for verb in ("compound", "harvest", "close"):
        told(chunk, "gauge", verb)
    assert np.isfinite(chunk.books.data).all()
    assert chunk.books["wealth"][0] > 0.0
