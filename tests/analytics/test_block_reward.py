"""
Sources of expected values: moments by hand and a sample of gamma fees.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import block_reward
from headframe.analytics.block_reward import BlockReward
from headframe.errors import InputError

REWARD = BlockReward(subsidy_btc=3.125, fees_btc=0.4, fees_sd_btc=0.3)


def test_the_examples_run():
    outcome = doctest.testmod(block_reward)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_transform_is_that_of_gamma_fees():
    """Bound of 4 standard errors."""
    rng, theta = np.random.default_rng(14), 0.8
    shape = (REWARD.fees_btc / REWARD.fees_sd_btc) ** 2
    fees = rng.gamma(shape, REWARD.fees_btc / shape, size=400_000)
    sample = np.exp(-theta * (REWARD.subsidy_btc + fees)) - 1.0
    bound = 4.0 * sample.std() / math.sqrt(sample.size)
    assert abs(sample.mean() - REWARD.laplace_less_one(theta)) < bound
    assert REWARD.square_btc2 == pytest.approx(3.525**2 + 0.09)


def test_fixed_fees_are_the_limit_of_little_spread():
    fixed, spread = BlockReward(1.0, 0.5), BlockReward(1.0, 0.5, 1e-4)
    theta = np.array([1e-9, 0.1, 3.0])
    assert spread.laplace_less_one(theta) == pytest.approx(fixed.laplace_less_one(theta), rel=1e-6)
    assert fixed.laplace_less_one(1e-12) == pytest.approx(-1.5e-12, rel=1e-9)
    assert BlockReward(1.0, 0.5, 0.1).fees_alone == BlockReward(0.0, 0.5, 0.1)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="fees_btc"):
        BlockReward(1.0, 0.0, 0.1)
    with pytest.raises(InputError, match="subsidy_btc"):
        BlockReward(-1.0)
