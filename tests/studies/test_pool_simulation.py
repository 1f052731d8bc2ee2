"""
The closed forms about pools against logs paid out by the exact ledger.

Every bound is 4 standard errors of the simulation plus the grain: a log has 60 shares a round, the
closed forms have infinitely many, so results may differ by some 1/60 of themselves.
"""

import doctest
import math
from fractions import Fraction

import pytest
from scipy.special import exp1

from headframe.analytics import pool_hopping, pool_ruin, pool_variance
from headframe.analytics.block_reward import BlockReward
from headframe.analytics.pool_variance import Work
from headframe.errors import InputError
from headframe.exact.pool_schemes import (
    DoubleGeometric,
    Geometric,
    Pplns,
    Pps,
    Proportional,
    Solo,
)
from headframe.metric import wilson
from headframe.studies import pool_simulation
from headframe.studies.pool_simulation import hopping, income, lowest_balances

REWARD = BlockReward(subsidy_btc=1.0)
PER_ROUND = 60
GRAIN = 1.5 / PER_ROUND


def test_the_examples_run():
    outcome = doctest.testmod(pool_simulation)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def close(estimate, told, grain=0.0):
    return abs(estimate.value - told) < 4.0 * estimate.se + grain * abs(told)


@pytest.mark.parametrize(
    ("scheme", "formula", "rounds", "margin", "n_runs"),
    [
        (Solo(fee=Fraction(1, 50)), pool_variance.Solo(0.02), 4, 0, 1200),
        (Pplns(window_rounds=Fraction(3)), pool_variance.Pplns(0.0, 3.0), 6, 3, 500),
        (Proportional(fee=Fraction(1, 50)), pool_variance.Proportional(0.02), 20, 1, 300),
        (Geometric(variable_fee=Fraction(3, 10)), pool_variance.Geometric(0.3), 20, 4, 300),
        (
            DoubleGeometric(variable_fee=Fraction(3, 10), leakage=Fraction(0)),
            pool_variance.Geometric(0.3),
            20,
            4,
            300,
        ),
    ],
    ids=("solo", "pplns", "proportional", "geometric", "double without leakage"),
)
def test_mean_and_variance_of_a_horizon(scheme, formula, rounds, margin, n_runs):
    found = income(
        scheme,
        rounds=rounds,
        every=5,
        shares_per_round=PER_ROUND,
        n_runs=n_runs,
        seed=11,
        margin_rounds=margin,
    )
    work = Work(rounds / 5, pool_share=0.2)
    assert close(found.mean, formula.mean_btc(work, REWARD), GRAIN / 10)
    told = formula.variance_btc2(work, REWARD)
    assert found.variance.se < 0.12 * told
    # A horizon of rounds begins and ends within one: the formula's rounds are whole.
    assert close(found.variance, told, GRAIN + 1.0 / rounds * (margin > 0))


def test_pay_per_share_has_no_variance():
    found = income(
        Pps(fee=Fraction(1, 25)), rounds=3, every=5, shares_per_round=50, n_runs=9, seed=2
    )
    assert found.mean.value == pytest.approx(0.96 * 0.6, rel=1e-9)
    assert found.variance.value < 1e-18


def test_a_hopper_gains_at_a_proportional_pool_what_is_said():
    """
    Pay of his work in the pool is 1 + x E1(x) / (1 - e^-x) of fair; with fair pay elsewhere after
    x that is the published 1.281494, and those who stay get what `loyal_gain` says.
    """
    age = pool_hopping.hopping_age()
    found = hopping(Proportional(), age, rounds=60, shares_per_round=200, n_runs=60, seed=5)
    there = 1.0 - math.exp(-age)
    told = 1.0 + age * exp1(age) / there
    assert told * there + math.exp(-age) == pytest.approx(1.281494, abs=1e-6)
    assert close(found.hopper, told, 0.01)
    assert close(found.loyal, pool_hopping.loyal_gain(age, hoppers_per_loyal=1.0), 0.01)
    assert found.hopper.value > 1.6  # plainly more than fair


@pytest.mark.parametrize(
    ("scheme", "kept"),
    [
        (Pplns(window_rounds=Fraction(2)), 1.0),
        (Geometric(variable_fee=Fraction(3, 10)), 0.7),
        (DoubleGeometric(variable_fee=Fraction(3, 10), leakage=Fraction(1, 2)), 0.7),
    ],
    ids=("pplns", "geometric", "double"),
)
def test_a_hopper_gains_nothing_elsewhere(scheme, kept):
    age = pool_hopping.hopping_age()
    found = hopping(
        scheme, age, rounds=60, shares_per_round=PER_ROUND, n_runs=40, seed=6, margin_rounds=6
    )
    assert close(found.hopper, kept)
    assert close(found.loyal, kept)


def test_the_operators_ruin_is_what_is_said():
    """
    Fee 50 %, so that who is ever ruined is so within 15 rounds; 1,000 logs.

    Exact formula within 4 standard errors and the grain; the diffusion formula is far off.
    """
    fee, n = 0.5, 1_000
    lows = lowest_balances(
        Pps(fee=Fraction(1, 2)), rounds=15, shares_per_round=PER_ROUND, n_runs=n, seed=7
    )
    for reserve in (0.5, 1.0):
        low, high = wilson(sum(low < -reserve for low in lows) / n, n, z=4.0)
        told = pool_ruin.ruin_probability(reserve, fee=fee, reward=REWARD)
        rough = pool_ruin.ruin_probability(reserve, fee=fee, reward=REWARD, exact=False)
        assert low * (1 - GRAIN) < told < high * (1 + GRAIN)
        assert rough > high * (1 + GRAIN)


def test_the_same_seed_gives_the_same_log():
    first, again, other = (
        income(Solo(), rounds=5, every=2, shares_per_round=30, n_runs=20, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="rounds"):
        income(Solo(), rounds=0, every=2, shares_per_round=30, n_runs=20, seed=1)
    with pytest.raises(InputError, match="age"):
        hopping(Solo(), -1.0, rounds=1, shares_per_round=30, n_runs=20, seed=1)
