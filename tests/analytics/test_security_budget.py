"""
Sources of expected values: Bitcoin's issuance schedule as published (20,343,750 coins when the
fifth era ends), arithmetic by hand, Budish's p = V / alpha, and a simulated Pareto tail.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import security_budget
from headframe.analytics.security_budget import AttackOpportunities
from headframe.errors import InputError

ATTACKS = AttackOpportunities(per_year=0.5, least_usd=1e6, tail=1.5, harm=3.0)
FLOW_BLOCKS = 20.0


def eras(n=range(12), **view):
    given = {"coin_usd": 60_000.0, "fees_btc": 0.1, "coins_at_risk_share": 1e-5} | view
    return security_budget.budget_by_era(n, **given)


def test_the_examples_run():
    outcome = doctest.testmod(security_budget)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_issuance():
    schedule = eras(range(34))
    assert schedule.subsidy_btc[:5].tolist() == [50.0, 25.0, 12.5, 6.25, 3.125]
    assert schedule.supply_btc[0] == 10_500_000.0
    assert schedule.supply_btc[4] == 20_343_750.0
    assert schedule.supply_btc[-1] == pytest.approx(21e6, abs=0.1)
    assert schedule.start_height[4] == 840_000


def test_budget_by_hand():
    schedule = eras([4])
    assert schedule.reward_usd[0] == pytest.approx(193_500.0)
    assert schedule.budget_usd_per_year[0] == pytest.approx(193_500.0 * 52_560.0)
    assert schedule.cost_to_holders[0] == pytest.approx(3.225 * 52_560.0 / 20_343_750.0)


def test_cover_and_the_first_unprotected_era():
    schedule = eras()
    cover = schedule.cover(FLOW_BLOCKS)
    assert cover == pytest.approx(FLOW_BLOCKS * schedule.reward_usd / schedule.value_at_risk_usd)
    first = schedule.first_unprotected(FLOW_BLOCKS)
    assert cover[first] < 1.0 <= cover[first - 1]
    # The reward that just deters is the one at which the cover is one.
    needed = security_budget.required_reward_usd(
        value_at_risk_usd=schedule.value_at_risk_usd, protection_blocks=FLOW_BLOCKS
    )
    assert schedule.reward_usd / needed == pytest.approx(cover)
    assert eras(coins_at_risk_share=1e-9).first_unprotected(FLOW_BLOCKS) is None


def test_a_price_that_doubles_each_era_keeps_the_subsidy_in_dollars():
    schedule = eras(range(4, 8), coin_usd=60_000.0 * 2.0 ** np.arange(4), fees_btc=0.0)
    assert schedule.reward_usd == pytest.approx(187_500.0)


def test_expected_damage_against_a_simulation():
    """A million Pareto draws of attacks worth carrying out; tail 2.5 has the variance it takes."""
    attacks = AttackOpportunities(per_year=2.0, least_usd=1e6, tail=2.5, harm=1.5)
    rng, cost = np.random.default_rng(6), 1.8e6
    worth = attacks.least_usd * (1.0 + rng.pareto(attacks.tail, 1_000_000))
    damage = attacks.harm * attacks.per_year * np.where(worth > cost, worth, 0.0)
    bound = 4.0 * damage.std() / math.sqrt(damage.size)
    assert abs(damage.mean() - attacks.expected_damage_usd(cost)) < bound


def test_marginal_protection_is_the_slope_of_the_damage():
    kappa = FLOW_BLOCKS * 600.0 / 31_536_000.0
    for budget in (1e10, 1e11):
        step = 1e-5 * budget
        damage = [ATTACKS.expected_damage_usd(kappa * (budget + s)) for s in (-step, step)]
        slope = (damage[0] - damage[1]) / (2.0 * step)
        marginal = security_budget.marginal_protection(
            budget, protection_blocks=FLOW_BLOCKS, opportunities=ATTACKS
        )
        assert marginal == pytest.approx(slope, rel=1e-6)


def test_efficient_budget():
    captive_blocks = 5e4  # machines without another use protect a thousand times more
    best = security_budget.efficient_budget_usd(
        protection_blocks=captive_blocks, opportunities=ATTACKS
    )

    def last_dollar(budget):
        return security_budget.marginal_protection(
            budget, protection_blocks=captive_blocks, opportunities=ATTACKS
        )

    assert last_dollar(best) == pytest.approx(1.0)
    assert last_dollar(2.0 * best) < 1.0 < last_dollar(0.9 * best)
    # Hired hash rate protects so little that no dollar above the tail's start earns its keep.
    corner = security_budget.efficient_budget_usd(
        protection_blocks=FLOW_BLOCKS, opportunities=ATTACKS
    )
    assert corner == pytest.approx(1e6 / (FLOW_BLOCKS * 600.0 / 31_536_000.0))


def test_the_turning_point_over_halvings():
    attacks = AttackOpportunities(per_year=0.5, least_usd=1e9, tail=1.5, harm=3.0)
    schedule, captive_blocks = eras(range(4, 8)), 5e4
    best = security_budget.efficient_budget_usd(
        protection_blocks=captive_blocks, opportunities=attacks
    )
    marginal = security_budget.marginal_protection(
        schedule.budget_usd_per_year, protection_blocks=captive_blocks, opportunities=attacks
    )
    # Until era 6 the last dollar protects less than itself, from era 7 on more.
    assert schedule.first_below(best) == 7
    assert np.all(marginal[:3] < 1.0)
    assert marginal[3] > 1.0
    assert schedule.first_below(1.0) is None


def test_bad_input_is_named():
    with pytest.raises(InputError, match="eras"):
        eras([])
    with pytest.raises(InputError, match="coin_usd"):
        eras([4], coin_usd=0.0)
    with pytest.raises(InputError, match="tail"):
        AttackOpportunities(per_year=1.0, least_usd=1.0, tail=1.0)
    with pytest.raises(InputError, match="attack_cost_usd"):
        ATTACKS.expected_damage_usd(1.0)
    with pytest.raises(InputError, match="protection_blocks"):
        eras([4]).cover(0.0)
