"""
Sources of expected values: Rosenfeld's solo example, printed Poisson and gamma tables, Garwood's
limits for a Poisson mean as tabulated in epidemiology, and a simulation of exponential waits.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import block_luck
from headframe.errors import InputError


def test_the_examples_run():
    outcome = doctest.testmod(block_luck)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_rosenfelds_solo_miner():
    expected = block_luck.expected_blocks(
        hashrate_th_s=0.001, seconds=86_400.0, difficulty=1_690_906.0
    )
    assert expected == pytest.approx(0.0118969, abs=5e-8)
    assert 50.0 * expected == pytest.approx(0.594846, abs=5e-7)


@pytest.mark.parametrize(
    ("n", "mean", "exactly", "at_least"),
    [
        (0, 1.0, 0.367879, 1.0),
        (1, 1.0, 0.367879, 0.632121),
        (3, 3.0, 0.224042, 0.576810),
        (15, 10.0, 0.034718, 0.083458),
        (6, 6.0, 0.160623, 0.554320),
        (0, 0.0, 1.0, 1.0),
        (2, 0.0, 0.0, 0.0),
    ],
)
def test_poisson_table(n, mean, exactly, at_least):
    assert block_luck.probability_of(n, expected_blocks=mean) == pytest.approx(exactly, abs=5e-7)
    tail = block_luck.probability_at_least(n, expected_blocks=mean)
    assert tail == pytest.approx(at_least, abs=5e-7)


def test_arrays_broadcast():
    n, means = np.arange(60)[:, None], np.array([0.5, 4.0, 20.0])
    pmf = block_luck.probability_of(n, expected_blocks=means)
    assert pmf.shape == (60, 3)
    assert pmf.sum(axis=0) == pytest.approx(1.0, abs=1e-9)
    tail = block_luck.probability_at_least(n, expected_blocks=means)
    assert tail == pytest.approx(1.0 - np.cumsum(pmf, axis=0) + pmf, abs=1e-12)


def test_waits():
    assert block_luck.wait_s(1, blocks_per_s=1.0) == pytest.approx(math.log(2.0))
    assert block_luck.wait_s(2, blocks_per_s=0.5) == pytest.approx(2.0 * 1.678347, abs=2e-6)
    assert block_luck.wait_s(1, blocks_per_s=1 / 600.0, probability=0.99) == pytest.approx(
        600.0 * math.log(100.0)
    )


def test_hash_rate_needed_finds_that_many_with_that_chance():
    th_s = block_luck.hashrate_needed_th_s(
        n_blocks=3, probability=0.9, difficulty=1e14, seconds=2_592_000.0
    )
    found = block_luck.expected_blocks(hashrate_th_s=th_s, seconds=2_592_000.0, difficulty=1e14)
    assert found == pytest.approx(5.32232, abs=5e-6)  # the 90 % point of gamma(3)
    assert block_luck.probability_at_least(3, expected_blocks=found) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("found", "low", "high"), [(0, 0.0, 3.6889), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)]
)
def test_garwoods_limits(found, low, high):
    interval = block_luck.expected_blocks_interval(found)
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_against_exponential_waits():
    """Chance of at least 4 blocks in the time of 2.5: bound of 4 standard errors."""
    rng, n_paths = np.random.default_rng(11), 200_000
    found = (rng.exponential(size=(n_paths, 4)).sum(axis=1) <= 2.5).mean()
    chance = block_luck.probability_at_least(4, expected_blocks=2.5)
    assert abs(found - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / n_paths)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="n_blocks"):
        block_luck.probability_of(-1, expected_blocks=1.0)
    with pytest.raises(InputError, match="n_blocks"):
        block_luck.probability_at_least(1.5, expected_blocks=1.0)
    with pytest.raises(InputError, match="expected_blocks"):
        block_luck.probability_of(1, expected_blocks=-0.1)
    with pytest.raises(InputError, match="probability"):
        block_luck.wait_s(1, blocks_per_s=1.0, probability=1.0)
