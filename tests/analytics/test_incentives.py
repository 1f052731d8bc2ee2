"""
What remains when incentives end.

Sources of expected values: supply and demand solved by bisection; the limits worked out by hand;
the everyday saying of 1,000 at five times; the process `tvl`, whose capital asks a fixed yield.
"""

import doctest

import numpy as np
import pytest
from scipy.optimize import brentq

from headframe.analytics import incentives as module
from headframe.analytics.incentives import after_incentives, on_equity
from headframe.errors import InputError


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("s", [0.2, 1.0, 5.0])
@pytest.mark.parametrize("v", [0.0, 0.5, 1.0])
def test_supply_meets_what_the_pool_pays(s, v):
    fees, emissions = 0.08, 0.4

    def gap(log_capital):
        capital = np.exp(log_capital)
        paid = fees * capital**v / capital
        return log_capital - s * np.log(paid / (fees + emissions))

    capital = np.exp(brentq(gap, -50.0, 50.0))
    found = after_incentives(
        fees_apr=fees, emissions_apr=emissions, capital_elasticity=s, volume_elasticity=v
    )
    assert found.capital == pytest.approx(capital, rel=1e-9)
    assert found.fees_apr == pytest.approx(fees * capital ** (v - 1.0), rel=1e-9)


def test_nobody_leaves_or_all_who_can():
    stays = after_incentives(fees_apr=0.1, emissions_apr=0.3, capital_elasticity=0.0)
    assert stays == pytest.approx((1.0, 0.1))
    leaves = after_incentives(fees_apr=0.1, emissions_apr=0.3, capital_elasticity=1e9)
    assert leaves == pytest.approx((0.25, 0.4), rel=1e-6)
    trade = after_incentives(
        fees_apr=0.1, emissions_apr=0.3, capital_elasticity=2.0, volume_elasticity=1.0
    )
    assert trade == pytest.approx((0.25**2, 0.1))  # trade goes with the capital: nothing is gained


def test_a_farm_without_fees_leaves_nothing_and_one_without_emissions_all():
    assert after_incentives(fees_apr=0.0, emissions_apr=0.3) == pytest.approx((0.0, 0.0))
    assert after_incentives(fees_apr=0.2, emissions_apr=0.0) == pytest.approx((1.0, 0.2))
    assert after_incentives(fees_apr=0.0, emissions_apr=0.0) == pytest.approx((1.0, 0.0))


def test_a_thousand_at_five_times_in_a_farm_of_twenty_per_cent():
    """1,000 gross a year and, with 4,000 borrowed at 10 %, 600 net."""
    assert 1_000.0 * on_equity(yield_apr=0.2, borrow_apr=0.0, leverage=5.0) == pytest.approx(1_000)
    assert 1_000.0 * on_equity(yield_apr=0.2, borrow_apr=0.1, leverage=5.0) == pytest.approx(600.0)


def test_what_makes_no_sense_is_refused():
    for bad in ({"fees_apr": -0.1}, {"volume_elasticity": 1.5}, {"capital_elasticity": -1.0}):
        with pytest.raises(InputError):
            after_incentives(**({"fees_apr": 0.1, "emissions_apr": 0.1} | bad))
    with pytest.raises(InputError):
        on_equity(yield_apr=0.1, borrow_apr=0.1, leverage=0.5)
