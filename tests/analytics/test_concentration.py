"""
Sources of expected values: indices computed by hand, and samples drawn from known shares.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import concentration
from headframe.errors import InputError


def test_the_examples_run():
    outcome = doctest.testmod(concentration)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_by_hand():
    measured = concentration.concentration([40, 30, 20, 10])
    assert measured.hhi == pytest.approx(0.3)
    assert measured.nakamoto == 2
    assert measured.largest == pytest.approx(0.4)
    assert measured.equivalent_count == pytest.approx(10 / 3)
    assert concentration.hhi([5.0]) == 1.0


@pytest.mark.parametrize(
    ("shares", "count"),
    [
        ([0.5, 0.5], 2),
        ([0.51, 0.49], 1),
        ([0.2] * 5, 3),
        ([0.25] * 4, 3),
        ([0.1, 0.2, 0.2, 0.5], 2),
    ],
)
def test_nakamoto_coefficient_needs_more_than_half(shares, count):
    assert concentration.nakamoto_coefficient(shares) == count


def test_shares_that_round_to_half_do_not_exceed_it():
    assert sum([0.3, 0.1, 0.1]) == 0.5
    assert concentration.nakamoto_coefficient([0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) == 4


def test_threshold_of_a_third():
    assert concentration.nakamoto_coefficient([0.4, 0.3, 0.2, 0.1], above=1 / 3) == 1


def test_grouping_by_proxy_concentrates():
    blocks = [30, 25, 15, 12, 10, 8]
    pools = ["Foundry", "AntPool", "ViaBTC", "F2Pool", "Poolin", "Braiins"]
    behind = ["Foundry", "AntPool & friends", "ViaBTC", "F2Pool"] + ["AntPool & friends"] * 2
    by_pool = concentration.grouped(blocks, pools)
    by_group = concentration.grouped(blocks, behind)
    assert list(by_group) == ["AntPool & friends", "Foundry", "ViaBTC", "F2Pool"]
    assert by_group["AntPool & friends"] == 43
    assert concentration.hhi(list(by_group.values())) == pytest.approx(0.3118)
    assert concentration.hhi(list(by_pool.values())) == pytest.approx(0.2058)


@pytest.mark.parametrize("shares", [[0.3, 0.25, 0.2, 0.1, 0.1, 0.05], [0.1] * 10])
def test_a_day_of_blocks_gives_an_unbiased_index(shares):
    """Mean within 4 standard errors; the stated error within a tenth of the sample's."""
    rng, n_days = np.random.default_rng(4), 6_000
    days = rng.multinomial(144, shares, size=n_days)
    found = np.array([concentration.hhi_from_blocks(day) for day in days])
    true = float(np.sum(np.square(shares)))
    sd = found[:, 0].std()
    assert abs(found[:, 0].mean() - true) < 4.0 * sd / math.sqrt(n_days)
    if shares[0] > shares[-1]:
        assert math.sqrt(np.mean(found[:, 1] ** 2)) == pytest.approx(sd, rel=0.1)
    naive = np.mean([concentration.hhi(day) for day in days])
    assert naive - true == pytest.approx((1.0 - true) / 144.0, rel=0.2)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="amounts"):
        concentration.hhi([1.0, -1.0])
    with pytest.raises(InputError, match="amounts"):
        concentration.hhi([0.0])
    with pytest.raises(InputError, match="labels"):
        concentration.grouped([1.0], ["a", "b"])
    with pytest.raises(InputError, match="blocks"):
        concentration.hhi_from_blocks([0.5, 0.5])
