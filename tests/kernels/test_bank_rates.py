"""
The banks' curves against the exact texts, in states drawn at random.

A float carries 2^-53 of its value; utilisation minus the start of a piece cancels, which the slope
carries on. The contracts round each quotient down in their own units: a unit of 1e-18 a second is
3.2e-11 a year, and Alpaca's utilisation is a whole part of 1e20.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.exact import alpaca_rates, alpha_homora_v1_rates
from headframe.kernels import bank_rates
from headframe.layout import record
from headframe.units import YEAR_S

trials = settings(max_examples=300, deadline=None, derandomize=True)
EXACT = {
    "alpha_homora_v1": alpha_homora_v1_rates.get_interest_rate,
    "alpha_homora_v1_documented": alpha_homora_v1_rates.get_interest_rate_as_documented,
    "alpaca_two_slope": alpaca_rates.get_interest_rate_two_slope,
} | {
    f"alpaca_{n}": lambda debt, floating, s=slope: alpaca_rates.get_interest_rate(debt, floating, s)
    for n, slope in enumerate(alpaca_rates.TRIPLE_SLOPES, 1)
}
UNIT = 1e-18 * YEAR_S


def rates_at(curve, utilisation, reserve=0.0):
    """Borrow and supply rate of the kernel at one utilisation."""
    terms = bank_rates.CURVES[curve].__dict__
    p = record(utilisation=0, borrow=1, supply=2, reserve_factor=reserve, **terms)
    now = np.array([[utilisation], [0.0], [0.0]])
    bank_rates.three_pieces(now, p)
    return now[1, 0], now[2, 0]


def test_every_curve_has_an_exact_text():
    assert EXACT.keys() == bank_rates.CURVES.keys()


@trials
@given(
    curve=st.sampled_from(sorted(EXACT)),
    debt=st.integers(0, 10**27),
    floating=st.integers(0, 10**27),
)
def test_the_curve_is_the_contracts(curve, debt, floating):
    total = debt + floating
    if total == 0 or abs(debt * 10**4 / total % 1.0 - 0.5) > 0.5 - 1e-6:
        return  # within a millionth of a basis point of a step, either side of it is right
    exact = EXACT[curve](debt, floating) * UNIT
    found, _ = rates_at(curve, debt / total)
    terms = bank_rates.CURVES[curve]
    slope = max(terms.slope1, terms.slope2, terms.slope3)
    assert abs(found - exact) <= 3 * UNIT + 2.0**-50 * (1.0 + slope) + slope * 1e-12


@pytest.mark.parametrize("curve", sorted(EXACT))
@pytest.mark.parametrize("used_bps", [0, 4_999, 5_000, 9_000, 9_499, 9_500, 9_999, 10_000])
def test_the_ends_of_the_pieces(curve, used_bps):
    exact = EXACT[curve](used_bps, 10_000 - used_bps) * UNIT
    assert rates_at(curve, used_bps / 10_000)[0] == pytest.approx(exact, abs=3 * UNIT + 1e-14)


def test_lenders_have_the_interest_less_the_reserve():
    borrow, supply = rates_at("alpaca_1", 0.75, reserve=0.19)
    assert borrow == pytest.approx(0.2)
    assert supply == pytest.approx(0.2 * 0.75 * 0.81)
