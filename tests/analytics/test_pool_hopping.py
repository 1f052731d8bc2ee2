"""
Sources of expected values: Rosenfeld's 43.5 % and 28 % to more digits, printed tables of E1, and a
simulation of rounds.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import pool_hopping
from headframe.errors import InputError


def test_the_examples_run():
    outcome = doctest.testmod(pool_hopping)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_golden():
    age = pool_hopping.hopping_age()
    assert age == pytest.approx(0.4348182, abs=5e-8)
    assert pool_hopping.hopper_gain(age) == pytest.approx(1.281494, abs=5e-7)
    assert pool_hopping.share_value(0.1) == pytest.approx(2.014643, abs=5e-7)
    assert pool_hopping.share_value(age) == pytest.approx(1.0)


def test_share_value_table():
    """Abramowitz and Stegun table 5.1: E1(1) = 0.219383934, and x e^x E1(x) at 20 = 0.954370909."""
    assert pool_hopping.share_value(1.0) == pytest.approx(math.e * 0.219383934, rel=1e-8)
    assert 20.0 * pool_hopping.share_value(20.0) == pytest.approx(0.954370909, rel=1e-8)
    assert pool_hopping.share_value(np.array([1.0, 1e4])) == pytest.approx(
        [0.596347, 1e-4], rel=2e-4
    )


def test_shares_of_all_ages_are_paid_fairly_on_average():
    """Rounds live to age x with chance e^-x: the integral of E1 is 1."""
    x = (np.arange(400_000) + 0.5) * 1e-4
    paid = np.sum(np.exp(-x) * pool_hopping.share_value(x)) * 1e-4
    assert paid == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("fallback", [0.5, 0.9, 1.0, 1.5])
def test_the_best_age_is_the_best(fallback):
    age = pool_hopping.hopping_age(fallback=fallback)
    best = pool_hopping.hopper_gain(age, fallback=fallback)
    for other in (0.8 * age, 1.25 * age):
        assert pool_hopping.hopper_gain(other, fallback=fallback) < best


@pytest.mark.parametrize("hoppers_per_loyal", [0.25, 3.0])
def test_against_rounds(hoppers_per_loyal):
    """
    Loyal miners' and hoppers' pay per work over 200,000 rounds of continuous shares.

    Hoppers' gain is tested against a round that they enter at its start; 4 standard errors.
    """
    age, n_rounds = 0.4348182, 200_000
    length = np.random.default_rng(31).exponential(size=n_rounds)
    young = np.minimum(length, age)
    hoppers = young * hoppers_per_loyal / (1.0 + hoppers_per_loyal)
    loyal = length - hoppers
    gain = pool_hopping.loyal_gain(age, hoppers_per_loyal=hoppers_per_loyal)
    surplus = loyal / length - gain * loyal
    assert abs(surplus.mean()) < 4.0 * surplus.std() / math.sqrt(n_rounds)
    hopper_pay = young / length + (length - young)
    surplus = hopper_pay - pool_hopping.hopper_gain(age) * length
    assert abs(surplus.mean()) < 4.0 * surplus.std() / math.sqrt(n_rounds)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="age"):
        pool_hopping.share_value(0.0)
    with pytest.raises(InputError, match="fallback"):
        pool_hopping.hopping_age(fallback=0.0)
    with pytest.raises(InputError, match="hoppers_per_loyal"):
        pool_hopping.loyal_gain(0.4, hoppers_per_loyal=-1.0)
