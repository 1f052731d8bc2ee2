"""
Sources of expected values: Rosenfeld's variances per share, the moments as derivatives of the log
transform, and simulations: of blocks and windows, of rounds share by share.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import pool_variance
from headframe.analytics.block_reward import BlockReward
from headframe.analytics.pool_variance import (
    Fpps,
    Geometric,
    Pplns,
    Pps,
    PpsPlus,
    Proportional,
    Solo,
    Work,
)
from headframe.errors import InputError

REWARD = BlockReward(subsidy_btc=3.125, fees_btc=0.4, fees_sd_btc=0.3)
WORK = Work(expected_blocks=0.6, pool_share=0.05)
SCHEMES = [
    Solo(fee=0.02),
    Pps(fee=0.03),
    Fpps(fee=0.04),
    PpsPlus(fee=0.02, window_rounds=5.0),
    Proportional(fee=0.01),
    Pplns(fee=0.02, window_rounds=5.0),
    Pplns(fee=0.02, window_rounds=40.0),
    Geometric(variable_fee=0.2, fee=-0.1),
]


def names(scheme):
    return type(scheme).__name__


def test_the_examples_run():
    outcome = doctest.testmod(pool_variance)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_solo_by_hand():
    work, reward = Work(expected_blocks=0.25), BlockReward(subsidy_btc=50.0)
    assert Solo().mean_btc(work, reward) == 12.5
    assert Solo().variance_btc2(work, reward) == 625.0
    assert pool_variance.relative_sd(Solo(), work, reward) == pytest.approx(2.0)


def test_means():
    lam, subsidy, both = 0.6, 3.125, 3.525
    expected = [0.98 * both, 0.97 * subsidy, 0.96 * both, 0.98 * both]
    expected += [0.99 * both, 0.98 * both, 0.98 * both, 1.1 * 0.8 * both]
    found = [scheme.mean_btc(WORK, REWARD) for scheme in SCHEMES]
    assert found == pytest.approx([lam * value for value in expected])


@pytest.mark.parametrize("scheme", SCHEMES, ids=names)
def test_mean_and_variance_are_the_transforms_derivatives(scheme):
    step = 1e-3
    low, high = (scheme.log_laplace(WORK, REWARD, theta) for theta in (step, 2.0 * step))
    # ln E[e^-tX] = -m t + v t^2/2 - k t^3/6: with two points the mean to t^2, the variance to t.
    mean = (high - 4.0 * low) / (2.0 * step)
    variance = (high - 2.0 * low) / step**2
    assert mean == pytest.approx(scheme.mean_btc(WORK, REWARD), rel=1e-4)
    true = scheme.variance_btc2(WORK, REWARD)
    assert variance == pytest.approx(true, rel=2e-2, abs=1e-9)


def test_a_pool_divides_the_variance_of_solo_mining_by_its_size():
    work, reward = Work(expected_blocks=5.0, pool_share=0.01), BlockReward(subsidy_btc=3.125)
    alone = Solo().variance_btc2(work, reward)
    assert Proportional().variance_btc2(work, reward) == pytest.approx(0.01 * alone)
    long_window = Pplns(window_rounds=2.0).variance_btc2(work, reward)
    assert long_window == pytest.approx(0.01 * alone * (1.0 - 2.0 / 3.0 / 500.0))


def test_one_share_of_pplns_is_rosenfelds():
    """A horizon of one share of a pool of one miner: p B^2 / N."""
    chance, window = 1e-6, 5e6
    work = Work(expected_blocks=chance, pool_share=1.0)
    found = Pplns(window_rounds=window * chance).variance_btc2(work, BlockReward(subsidy_btc=2.0))
    stated = pool_variance.share_variance_btc2(
        block_chance=chance, reward_btc=2.0, window_shares=window
    )
    assert stated == pytest.approx(1e-6 * 4.0 / 5e6)
    assert found == pytest.approx(stated, rel=1e-6)
    assert pool_variance.share_variance_btc2(block_chance=chance, reward_btc=2.0) == 4e-6


@pytest.mark.parametrize(("rounds", "window"), [(12.0, 3.0), (2.0, 5.0)])
def test_pplns_share_by_share(rounds, window):
    """
    Every share may be a block and then pays the window of shares before it, itself included.

    400 shares a round; mean and variance within 4 standard errors plus 2 % for the grain.
    """
    per_round, n_paths, rng = 400, 8_000, np.random.default_rng(12)
    horizon, back = int(rounds * per_round), int(window * per_round)
    counted = np.zeros(horizon + back)
    counted[:horizon] = 1.0  # the shares whose pay is asked for
    in_window = np.convolve(counted, np.ones(back))[: horizon + back] / back
    n_blocks = rng.poisson((horizon + back) / per_round, size=n_paths)
    at = rng.integers(0, horizon + back, size=(n_paths, n_blocks.max()))
    found = np.arange(n_blocks.max())[np.newaxis] < n_blocks[:, np.newaxis]
    paid = np.where(found, in_window[at], 0.0).sum(axis=1)
    scheme, work = Pplns(window_rounds=window), Work(rounds, pool_share=1.0)
    reward = BlockReward(subsidy_btc=1.0)
    assert abs(paid.mean() - scheme.mean_btc(work, reward)) < 4.0 * paid.std() / math.sqrt(n_paths)
    squares = (paid - paid.mean()) ** 2
    bound = 4.0 * squares.std() / math.sqrt(n_paths) + 0.02 * paid.var()
    assert abs(squares.mean() - scheme.variance_btc2(work, reward)) < bound


def geometric_rounds(variable_fee, chance, n_rounds, rng):
    """Shares in each round, and the part of the reward paid to them, by the scores themselves."""
    ratio = 1.0 - chance + chance / variable_fee
    shares = rng.geometric(chance, size=n_rounds)
    scores = ratio ** np.arange(1, shares.max() + 1)
    operator = 1.0 / (ratio - 1.0)
    total = np.cumsum(scores)[shares - 1]
    # The operator's starting score counts as if he had sent all shares before the first.
    return shares, total / (total + operator * ratio)


def test_geometric_method_by_its_scores():
    """Mean and long-run variance of a steady miner: 4 standard errors plus 1 % for the grain."""
    variable_fee, chance, rng = 0.3, 1.0 / 300.0, np.random.default_rng(9)
    shares, part = geometric_rounds(variable_fee, chance, 400_000, rng)
    assert part.mean() == pytest.approx(1.0 - variable_fee, rel=4e-3)
    scheme = Geometric(variable_fee=variable_fee)
    work, reward = Work(1.0, pool_share=1.0), BlockReward(subsidy_btc=1.0)
    rate = (1.0 - variable_fee) * chance
    # Pay less its mean for the work done, summed over rounds: what a fixed horizon of work sees.
    surplus = part - rate * shares
    squares = surplus**2
    bound = 4.0 * squares.std() / math.sqrt(squares.size) + 0.01 * squares.mean()
    assert abs(squares.mean() - scheme.variance_btc2(work, reward)) < bound


def test_geometric_transform_against_rounds():
    """E exp(-theta Y + x T) = 1 at the stated x, by simulated rounds: 4 standard errors + grain."""
    variable_fee, chance, theta = 0.3, 1.0 / 300.0, 1.7
    work, reward = Work(1.0, pool_share=1.0), BlockReward(subsidy_btc=1.0)
    x = -Geometric(variable_fee=variable_fee).log_laplace(work, reward, theta)
    shares, part = geometric_rounds(variable_fee, chance, 400_000, np.random.default_rng(10))
    weight = np.exp(-theta * part + x * chance * shares)
    bound = 4.0 * weight.std() / math.sqrt(weight.size) + 0.005
    assert abs(weight.mean() - 1.0) < bound
    assert 0.0 < x < 1.0 - math.exp(-theta)


def test_geometric_without_variable_fee_is_proportional_in_the_long_run():
    near = Geometric(variable_fee=1e-6)
    assert near.variance_btc2(WORK, REWARD) == pytest.approx(
        Proportional().variance_btc2(WORK, REWARD), rel=1e-4
    )
    assert near.log_laplace(WORK, REWARD, 0.5) == pytest.approx(
        Proportional().log_laplace(WORK, REWARD, 0.5), rel=1e-4
    )


def test_proportional_round_by_round():
    """A miner of 20 % in rounds of 500 shares: variance within 4 standard errors plus 3 %."""
    rng, n_paths, rounds, share = np.random.default_rng(13), 6_000, 10.0, 0.2
    n_rounds = rng.poisson(rounds, size=n_paths)
    lengths = rng.geometric(1.0 / 500.0, size=(n_paths, n_rounds.max()))
    own = rng.binomial(lengths, share) / lengths
    paid = np.where(np.arange(n_rounds.max()) < n_rounds[:, np.newaxis], own, 0.0).sum(axis=1)
    work, reward = Work(rounds * share, pool_share=share), BlockReward(subsidy_btc=1.0)
    assert Proportional().mean_btc(work, reward) == pytest.approx(
        paid.mean(), abs=4.0 * paid.std() / math.sqrt(n_paths)
    )
    squares = (paid - paid.mean()) ** 2
    bound = 4.0 * squares.std() / math.sqrt(n_paths) + 0.03 * paid.var()
    assert abs(squares.mean() - Proportional().variance_btc2(work, reward)) < bound


def test_delays():
    reward = BlockReward(subsidy_btc=3.0, fees_btc=1.0)
    found = [scheme.mean_delay_rounds(reward) for scheme in SCHEMES]
    assert found == pytest.approx([0.0, 0.0, 0.0, 2.5 / 4.0, 0.5, 2.5, 20.0, 0.2])


def test_delay_of_geometric_and_proportional_pay_by_rounds():
    """Pay-weighted wait to the end of the round, share by share, over 2,000 rounds."""
    variable_fee, chance, rng = 0.3, 1.0 / 300.0, np.random.default_rng(15)
    ratio, paid, waited, plain = 1.0 - chance + chance / variable_fee, 0.0, 0.0, 0.0
    lengths = rng.geometric(chance, size=2_000)
    for length in lengths:
        wait = np.arange(length)
        pay = (ratio - 1.0) * ratio ** -(wait + 1.0)
        paid, waited = paid + pay.sum(), waited + (pay * wait).sum()
        plain += wait.mean()
    assert waited / paid * chance == pytest.approx(variable_fee, rel=0.05)
    assert plain / lengths.size * chance == pytest.approx(0.5, rel=0.07)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="fee"):
        Pps(fee=1.0)
    with pytest.raises(InputError, match="pool_share"):
        Work(1.0, pool_share=0.0)
    with pytest.raises(InputError, match="variable_fee"):
        Geometric(variable_fee=0.0)
    with pytest.raises(InputError, match="theta_per_btc"):
        Solo().log_laplace(WORK, REWARD, -1.0)
