"""
Sources of expected values: reserves computed elsewhere from both exponents, Rosenfeld's arrears
figure, and simulations of an operator's reserve and of a buffer in arrears.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import pool_ruin
from headframe.analytics.block_reward import BlockReward
from headframe.errors import InputError

ONE = BlockReward(subsidy_btc=1.0)


def test_the_examples_run():
    outcome = doctest.testmod(pool_ruin)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("fee", "approximate", "exact"),
    [(0.05, 69.078, 66.755), (0.025, 138.155, 135.843), (0.02, 172.694, 170.384)],
)
def test_reserve_for_one_ruin_in_a_thousand(fee, approximate, exact):
    assert pool_ruin.reserve_btc(1e-3, fee=fee, reward=ONE) == pytest.approx(exact, abs=5e-4)
    found = pool_ruin.reserve_btc(1e-3, fee=fee, reward=ONE, exact=False)
    assert found == pytest.approx(approximate, abs=5e-4)


def test_exact_exponent_solves_its_equation():
    for fee in (1e-4, 0.03, 0.5, 0.95):
        x = pool_ruin.ruin_exponent_per_btc(fee=fee, reward=ONE)
        assert math.exp(-x) == pytest.approx(1.0 - (1.0 - fee) * x, abs=1e-12)
        assert x > pool_ruin.ruin_exponent_per_btc(fee=fee, reward=ONE, exact=False)


def test_reserve_and_probability_are_inverse_and_scale_with_the_reward():
    reward = BlockReward(subsidy_btc=3.125)
    reserve = pool_ruin.reserve_btc(0.01, fee=0.03, reward=reward)
    assert pool_ruin.ruin_probability(reserve, fee=0.03, reward=reward) == pytest.approx(0.01)
    assert reserve == pytest.approx(3.125 * pool_ruin.reserve_btc(0.01, fee=0.03, reward=ONE))
    assert pool_ruin.ruin_probability(100.0, fee=0.0, reward=ONE) == 1.0


def ruined(reserve, fee, reward, *, n_paths, n_blocks, seed):
    """Which operators' reserves are used up: steady pay of (1-f) E[B], jumps of B."""
    rng = np.random.default_rng(seed)
    left, dead = np.full(n_paths, reserve), np.zeros(n_paths, dtype=bool)
    for _ in range(n_blocks):
        left = left - (1.0 - fee) * reward.mean_btc * rng.exponential(size=n_paths)
        dead |= left <= 0.0
        gains = np.full(n_paths, reward.subsidy_btc)
        if reward.fees_sd_btc > 0.0:
            shape = (reward.fees_btc / reward.fees_sd_btc) ** 2
            gains += rng.gamma(shape, reward.fees_btc / shape, n_paths)
        left += gains
    return dead.mean()


@pytest.mark.parametrize(
    ("reserve", "fee", "reward"),
    [(5.0, 0.1, ONE), (3.0, 0.3, ONE), (4.0, 0.15, BlockReward(0.5, 0.5, 0.7))],
)
def test_exact_ruin_against_a_simulation(reserve, fee, reward):
    """4 standard errors; after 1,200 blocks a reserve that lived is past all danger (< 1e-5)."""
    n_paths = 10_000
    chance = pool_ruin.ruin_probability(reserve, fee=fee, reward=reward)
    found = ruined(reserve, fee, reward, n_paths=n_paths, n_blocks=1_200, seed=21)
    error = math.sqrt(chance * (1.0 - chance) / n_paths)
    assert abs(found - chance) < 4.0 * error
    # The approximation is off by more than that where the fee is large.
    if fee == 0.3:
        rough = pool_ruin.ruin_probability(reserve, fee=fee, reward=reward, exact=False)
        assert abs(rough - found) > 4.0 * error


def test_arrears():
    assert pool_ruin.arrears_persistence(10.0, rounds=1_000) == pytest.approx(0.252, abs=5e-4)
    assert pool_ruin.arrears_persistence(100.0, rounds=10) == 1.0
    near = pool_ruin.arrears_persistence(10.0, rounds=1_000, reflected=True)
    assert near == pytest.approx(math.erf(10.0 / math.sqrt(2_000.0)))


def test_arrears_against_a_simulation():
    """
    Buffer of one block a round less exponential pay, 10 in arrears, 1,000 rounds.

    4 standard errors plus 0.02: a round's pay passes the mark by up to a block.
    """
    rng, n_paths = np.random.default_rng(22), 10_000
    level, still = np.full(n_paths, -10.0), np.ones(n_paths, dtype=bool)
    for _ in range(1_000):
        level += 1.0 - rng.exponential(size=n_paths)
        still &= level < 0.0
    expected = pool_ruin.arrears_persistence(10.0, rounds=1_000, reflected=True)
    bound = 4.0 * math.sqrt(expected * (1.0 - expected) / n_paths) + 0.02
    assert abs(still.mean() - expected) < bound


def test_bad_input_is_named():
    with pytest.raises(InputError, match="fee"):
        pool_ruin.ruin_exponent_per_btc(fee=0.0, reward=ONE)
    with pytest.raises(InputError, match="probability"):
        pool_ruin.reserve_btc(0.0, fee=0.05, reward=ONE)
    with pytest.raises(InputError, match="reserve_btc"):
        pool_ruin.ruin_probability(-1.0, fee=0.05, reward=ONE)
    with pytest.raises(InputError, match="rounds"):
        pool_ruin.arrears_persistence(1.0, rounds=0)
