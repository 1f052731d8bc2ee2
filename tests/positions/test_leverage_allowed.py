"""
Sources of expected values: Alpha Homora's documentation (a work factor of 70 % is 3.33 times), the
opening condition of its contract (health times work factor against debt) written out.
"""

import doctest

import pytest

from headframe.positions import leverage_allowed as module
from headframe.positions.levered import Levered

FARM = {"name": "farm", "token0": "eth", "token1": "usdc", "deposit": {"usdc": 1_000.0}}


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_work_factor_of_70_per_cent_allows_three_and_a_third():
    Levered(**FARM, leverage=10 / 3, threshold=0.8, work_factor=0.7)
    with pytest.raises(ValueError, match=r"leverage 3.4 .* at most 3.33333"):
        Levered(**FARM, leverage=3.4, threshold=0.8, work_factor=0.7)


def test_a_health_that_sells_allows_less():
    """(1 - 1 / l) <= 0.7 * 0.94878: the value of 10 % of the pool counts 0.94878 of itself."""
    large = {"health_sells": True, "own_share": 0.1, "fee": 0.003}
    most = 1.0 / (1.0 - 0.7 * 0.948783)
    Levered(**FARM, leverage=most - 0.001, threshold=0.8, work_factor=0.7, **large)
    with pytest.raises(ValueError, match=r"at most 2\.977"):
        Levered(**FARM, leverage=most + 0.001, threshold=0.8, work_factor=0.7, **large)


def test_a_work_factor_above_the_threshold_is_refused():
    with pytest.raises(ValueError, match=r"work_factor 0\.9 must be at most the threshold 0\.8"):
        Levered(**FARM, leverage=2.0, threshold=0.8, work_factor=0.9)


def test_the_threshold_still_bounds_the_leverage():
    with pytest.raises(ValueError, match=r"not below the liquidation threshold 0\.8"):
        Levered(**FARM, leverage=5.0, threshold=0.8, work_factor=0.7)
