"""
What loops and flash loans cost.

Sources of expected values: the reference's loop at 0.8 (1.8, 2.44, 2.952, limit 5); the positions'
own bookkeeping, which was written apart; the definition of a flash loan's swap.
"""

import doctest

import pytest
from scipy.optimize import brentq

from headframe.analytics import looping as module
from headframe.analytics.looping import cost_at_once, cost_of_turns, multiple
from headframe.errors import InputError


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("turns", "expected"), [(1, 1.8), (2, 2.44), (3, 2.952), (200, 5.0)])
def test_a_loop_is_a_geometric_sum(turns, expected):
    assert multiple(0.8, turns) == pytest.approx(expected, rel=1e-12)


def test_without_gas_and_impact_turns_cost_their_swaps():
    """Each turn swaps what the last one added, less its cost: summed by hand."""
    loan = 8_000.0 + 0.8 * 8_000.0 * 0.999 + 0.8 * 0.8 * 8_000.0 * 0.999**2
    spent = cost_of_turns(10_000.0, ltv=0.8, turns=3, swap_cost=0.001)
    assert spent == pytest.approx(0.001 * loan, rel=1e-12)


@pytest.mark.parametrize("depth", [0.0, 1e6, 5e4])
def test_at_once_swaps_what_gives_the_collateral_wanted(depth):
    def bought(lent):
        kept = lent * 0.997
        return kept * (depth / (depth + lent) if depth else 1.0)

    lent = brentq(lambda b: bought(b) - 20_000.0, 1.0, 1e9)
    spent = cost_at_once(
        10_000.0, leverage=3.0, swap_cost=0.003, flash_fee=0.0005, gas_usd=7.0, depth_usd=depth
    )
    assert spent == pytest.approx(7.0 + 0.0005 * lent + lent - 20_000.0, rel=1e-9)


def test_gas_speaks_for_the_flash_loan_and_a_small_pool_against_it():
    """Ten turns at 20 dollars cost more than a fee of 0.05 %; a shallow pool wants small swaps."""
    terms = {"swap_cost": 0.0005, "gas_usd": 20.0}
    leverage = multiple(0.8, 10)
    turns = cost_of_turns(10_000.0, ltv=0.8, turns=10, **terms)
    assert cost_at_once(10_000.0, leverage=leverage, flash_fee=0.0005, **terms) < turns
    shallow = {"swap_cost": 0.0005, "gas_usd": 0.1, "depth_usd": 1e6}
    turns = cost_of_turns(10_000.0, ltv=0.8, turns=10, **shallow)
    assert cost_at_once(10_000.0, leverage=leverage, **shallow) > turns


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InputError, match="a pool cannot give more than it has"):
        cost_at_once(10_000.0, leverage=3.0, depth_usd=20_000.0)
    with pytest.raises(InputError):
        cost_of_turns(10_000.0, ltv=1.0, turns=2)
    with pytest.raises(InputError):
        cost_of_turns(10_000.0, ltv=0.5, turns=-1)
