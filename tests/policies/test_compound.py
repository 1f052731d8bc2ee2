"""Compounding by the clock or by what it pays: the days on which it acts."""

import doctest

import pytest
from scripted import entry, gauges, played, scripted

from headframe.policies import compound as module
from headframe.policies.compound import Compound
from headframe.positions.farm import YieldFarm


def farm(**changes):
    usual = {
        "name": "gauge",
        "asset": "usdc",
        "reward_asset": "crv",
        "deposit": {"usdc": 10_000.0},
        "reward_apr": 0.365,
        "swap_cost": 0.0,
        "gas_usd": "harvest_gas_usd",
    }
    return YieldFarm(**(usual | changes))


def days_of(rule, n_steps=9):
    """The days on which rewards were put to work."""
    values = {"usdc_usd": 1.0, "crv_usd": 0.5, "harvest_gas_usd": [0.0, 6.0]}
    days, stakes = [], [10_000.0]

    def watch(chunk):
        stake = gauges(chunk, "gauge")["staked"]
        if stake > stakes[-1]:
            days.append(chunk.now.step)
        stakes.append(stake)

    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(rule,), n_steps=n_steps)
    return days, played(book, watchers=(watch,))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_by_the_clock():
    days, chunk = days_of(Compound(name="rule", position="gauge", interval_s="4d"))
    assert days == [4, 8]
    assert entry(chunk, "gauge", "gas")[0] == pytest.approx(-12.0)


def test_by_what_it_pays():
    """10 a day against 6 of gas: 3.4 times the gas is passed on every third day."""
    days, _ = days_of(Compound(name="rule", position="gauge", gas_multiple=3.4))
    assert days == [3, 6, 9]


def test_a_lag_delays_it():
    days, _ = days_of(Compound(name="rule", position="gauge", interval_s="4d", lag_s="1d"))
    assert days == [5, 9]


def test_one_rule_and_only_one():
    for rules in ({}, {"interval_s": "7d", "gas_multiple": 2.0}):
        with pytest.raises(ValueError, match="one of interval_s, gas_multiple and when_pays"):
            Compound(name="rule", position="gauge", **rules)
