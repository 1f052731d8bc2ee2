"""Compounding by the clock or by what it pays: the days on which it acts."""

import doctest

import pytest
from scripted import entry, gauges, played, scripted

from headframe.policies import compound as module
from headframe.policies.compound import Compound
from headframe.positions.farm import YieldFarm
from headframe.units import HOUR_S, YEAR_S


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


def year_of(rule, *, reward_apr, gas, stake, step_s):
    """Stake and rewards after a year at steady prices."""
    coins = farm(reward_apr=reward_apr, gas_usd=gas, deposit={"usdc": stake})
    book = scripted(
        coins,
        values={"usdc_usd": 1.0, "crv_usd": 0.5},
        wallet={"usdc": stake},
        policies=(rule,),
        n_steps=round(YEAR_S / step_s),
        step_s=step_s,
    )
    chunk = played(book)
    return float(gauges(chunk, "gauge")["equity"]), chunk


@pytest.mark.parametrize(
    ("stake", "reward_apr", "gas", "published"),
    [(10_000.0, 0.5, 5.0, 16_260.4682), (1_000.0, 0.2, 0.5, 1_214.168)],
)
def test_when_it_pays_is_as_good_as_the_best_even_plan(stake, reward_apr, gas, published):
    """
    The best number of even harvests in a year, by trying all: 17 and 7.

    That plan knows its last day, the rule does not: they are less than one harvest's gas apart.
    """
    terms = {"reward_apr": reward_apr, "gas": gas, "stake": stake, "step_s": 12 * HOUR_S}
    found, _ = year_of(Compound(name="rule", position="gauge", when_pays=True), **terms)
    assert abs(found - published) < gas


def test_compounding_more_or_less_often_than_pays_is_worse():
    terms = {"reward_apr": 0.5, "gas": 5.0, "stake": 10_000.0, "step_s": 12 * HOUR_S}
    best, _ = year_of(Compound(name="rule", position="gauge", when_pays=True), **terms)
    for days in (6, 80):
        rule = Compound(name="rule", position="gauge", interval_s=f"{days}d")
        assert year_of(rule, **terms)[0] < best - 5.0


def test_when_it_pays_goes_by_the_gas_of_the_day():
    """10 a day on 10,000: at 6 dollars the rewards must be worth sqrt(2 x 6 x 10,000) = 346."""
    days, _ = days_of(Compound(name="rule", position="gauge", when_pays=True), n_steps=40)
    assert days == [35]


def test_a_cool_down():
    rule = Compound(name="rule", position="gauge", gas_multiple=1.1, cooldown_s="3d")
    assert days_of(rule)[0] == [1, 4, 7]
