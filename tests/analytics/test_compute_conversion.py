"""Expected values: annuities summed month by month, and the option by integration in the plane."""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import compute_conversion as module
from headframe.analytics.compute_conversion import convert
from headframe.analytics.exchange_option import margrabe
from headframe.errors import InputError

SITE = {
    "revenue_usd_per_mw_year": 1.6e6,
    "take_or_pay_share": 0.9,
    "use_share": 0.7,
    "running_usd_per_mw_year": 0.5e6,
    "capital_usd_per_mw": 2.5e6,
    "delay_years": 1.5,
    "term_years": 12.0,
    "mining_usd_per_mw_year": 0.25e6,
    "mining_growth": -0.1,
    "discount": 0.09,
    "wait_years": 1.0,
    "volatility_compute": 0.25,
    "volatility_mine": 0.7,
    "correlation": 0.2,
}
MOVES = {"volatility_a": 0.25, "volatility_b": 0.7, "correlation": 0.2, "years": 1.0}


def summed(per_year, rate, begin, end, n=200_000):
    """A payment without pause by the midpoint rule."""
    t = begin + (np.arange(n) + 0.5) * (end - begin) / n
    return per_year * np.exp(-rate * t).sum() * (end - begin) / n


def integrated(a, b, strike, *, volatility_a, volatility_b, correlation, years, n=3_000):
    """The payoff over the plane of two normals, by the midpoint rule: right to 1e-6 here."""
    z = (np.arange(n) + 0.5) * (18.0 / n) - 9.0
    weight = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * (18.0 / n)
    x, y = z[:, None], z[None, :]
    root = math.sqrt(years)
    shock = correlation * x + math.sqrt(1.0 - correlation**2) * y
    later_a = a * np.exp(volatility_a * root * shock - 0.5 * volatility_a**2 * years)
    later_b = b * np.exp(volatility_b * root * x - 0.5 * volatility_b**2 * years)
    return weight @ np.maximum(later_a - later_b - strike, 0.0) @ weight


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


def test_now_is_what_the_payments_come_to():
    found = convert(**SITE)
    compute = summed(1.6e6 * 0.9 - 0.5e6, 0.09, 1.5, 13.5)
    mine = summed(0.25e6, 0.19, 0.0, 13.5)
    assert found.compute_usd_per_mw == pytest.approx(compute, rel=1e-8)
    assert found.mine_usd_per_mw == pytest.approx(mine, rel=1e-8)
    assert found.now_usd_per_mw == pytest.approx(compute - mine - 2.5e6, rel=1e-7)


def test_waiting_is_the_integral_over_both_values():
    found = convert(**SITE)
    later = integrated(found.compute_usd_per_mw, found.mine_usd_per_mw, 2.5e6, **MOVES)
    assert found.option_usd_per_mw == pytest.approx(math.exp(-0.09) * later, rel=2e-6)
    # adaptive quadrature from the line of exercise (SciPy), evaluated apart
    assert found.option_usd_per_mw == pytest.approx(2_163_100.65, abs=0.5)


def test_without_capital_it_is_margrabes():
    found = convert(**(SITE | {"capital_usd_per_mw": 0.0}))
    later = margrabe(found.compute_usd_per_mw, found.mine_usd_per_mw, **MOVES)
    assert found.option_usd_per_mw == pytest.approx(math.exp(-0.09) * later, rel=1e-8)


def test_a_tenant_that_uses_more_than_he_must_pays_for_it():
    paid = [convert(**(SITE | {"use_share": u})).compute_usd_per_mw for u in (0.5, 0.9, 1.0)]
    assert paid[0] == paid[1] < paid[2]


def test_a_later_connection_is_worth_less():
    slow = convert(**(SITE | {"delay_years": 3.0}))
    assert slow.now_usd_per_mw < convert(**SITE).now_usd_per_mw


def test_a_rate_of_nothing_sums_the_years():
    found = convert(**(SITE | {"discount": 0.0, "mining_growth": 0.0}))
    assert found.compute_usd_per_mw == pytest.approx(0.94e6 * 12.0)
    assert found.mine_usd_per_mw == pytest.approx(0.25e6 * 13.5)


def test_a_contract_below_its_running_cost_is_refused():
    with pytest.raises(InputError, match="running_usd_per_mw_year"):
        convert(**(SITE | {"running_usd_per_mw_year": 1.5e6}))
