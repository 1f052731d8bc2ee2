"""Expected values: Margrabe's formula evaluated apart; a spread by integration in the plane."""

import doctest
import math

import numpy as np
import pytest
from scipy.integrate import quad

from headframe.analytics import exchange_option as module
from headframe.analytics.exchange_option import margrabe, spread_call
from headframe.errors import InputError

GOLDEN = [
    ((45.0, 21.0, 0.6, 0.8, 0.0, 0.25), 24.41655),
    ((45.0, 42.0, 0.6, 0.8, 0.0, 0.25), 10.16735),
    ((45.0, 42.0, 0.6, 0.8, 0.3, 0.25), 8.86320),
    ((1.0, 1.0, 0.2, 0.3, 0.5, 1.0), 0.1052432),
]


def terms(case):
    _, _, s_a, s_b, rho, years = case
    return {"volatility_a": s_a, "volatility_b": s_b, "correlation": rho, "years": years}


def integrated(a, b, strike, *, volatility_a, volatility_b, correlation, years):
    """The payoff itself over two normals, from where it is exercised: no formula of Black's."""
    root = math.sqrt(years)
    own = volatility_a * root * math.sqrt(1.0 - correlation**2)

    def over_b(x):
        paid = b * math.exp(volatility_b * root * x - 0.5 * volatility_b**2 * years) + strike
        middle = math.log(a) - 0.5 * volatility_a**2 * years + correlation * volatility_a * root * x
        least = (math.log(paid) - middle) / own

        def over_a(y):
            return (math.exp(middle + own * y) - paid) * math.exp(-0.5 * y * y)

        inner = quad(over_a, least, max(least, 0.0) + 12.0, epsabs=1e-11, epsrel=1e-11)[0]
        return inner * math.exp(-0.5 * x * x) / (2.0 * math.pi)

    return quad(over_b, -9.0, 9.0, epsabs=1e-10, epsrel=1e-10, limit=200)[0]


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("case", "expected"), GOLDEN)
def test_golden_exchanges(case, expected):
    assert margrabe(*case[:2], **terms(case)) == pytest.approx(expected, abs=5e-6)
    assert spread_call(*case[:2], strike=0.0, **terms(case)) == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize("case", [case for case, _ in GOLDEN])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_spreads_are_the_integral_over_the_plane(case, share):
    strike = share * case[0]
    expected = integrated(*case[:2], strike, **terms(case))
    assert spread_call(*case[:2], strike=strike, **terms(case)) == pytest.approx(expected, rel=1e-8)


def test_without_time_or_volatility_it_is_the_difference():
    still = {"volatility_a": 0.0, "volatility_b": 0.0, "correlation": 0.0, "years": 1.0}
    assert margrabe(5.0, 3.0, **still) == pytest.approx(2.0, abs=1e-9)
    assert spread_call(5.0, 3.0, strike=2.5, **still) == pytest.approx(0.0, abs=1e-9)


def test_arrays_go_in_and_come_out():
    case = (45.0, np.array([21.0, 42.0]), 0.6, 0.8, 0.0, 0.25)
    assert margrabe(*case[:2], **terms(case)) == pytest.approx([24.41655, 10.16735], abs=5e-6)


def test_a_correlation_above_one_is_refused():
    with pytest.raises(InputError, match=r"correlation.*\[-1, 1\]"):
        margrabe(1.0, 1.0, **terms((1.0, 1.0, 0.2, 0.2, 1.2, 1.0)))
