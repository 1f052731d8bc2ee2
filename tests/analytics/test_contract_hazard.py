"""Rates from counts, against quantiles and likelihoods worked out independently."""

import math

import numpy as np
import pytest
from scipy import stats

from headframe.analytics import contract_hazard, incidents
from headframe.analytics.contract_hazard import (
    cohort_rate,
    counts,
    gamma_prior,
    gamma_rate,
    protocol_hazard,
    returned_share,
)
from headframe.errors import InputError


def test_the_interval_is_that_of_the_chi_square():
    """Gamma(n + 1/2, T) is a chi square with 2 n + 1 degrees of freedom over 2 T."""
    rate = gamma_rate(5, 80.0)
    assert rate.low == pytest.approx(stats.chi2.ppf(0.025, 11) / 160.0)
    assert rate.high == pytest.approx(stats.chi2.ppf(0.975, 11) / 160.0)


def test_the_prior_is_found_again():
    """Counts drawn from Gamma(2, 10) rates: shape and rate come back, within their errors."""
    rng = np.random.default_rng(4)
    years = np.full(20_000, 5.0)
    found = rng.poisson(rng.gamma(2.0, 1 / 10.0, years.size) * years)
    a, b = gamma_prior(zip(found, years, strict=True))
    assert a == pytest.approx(2.0, rel=0.1)
    assert a / b == pytest.approx(0.2, rel=0.03)


def test_equal_protocols_have_no_spread():
    a, b = gamma_prior([(1, 5.0)] * 50)
    assert a / b == pytest.approx(0.2, rel=0.01)
    assert a > 20.0


def test_the_cohort_is_counted_from_the_table():
    of_yearn = [i for i in incidents.INCIDENTS if i.protocol == "yearn"]
    n, years = counts()["yearn"]
    assert n == len(of_yearn) == 4
    assert years == pytest.approx((incidents.AS_OF - incidents.COHORT["yearn"]).days / 365.25)
    assert cohort_rate(20e6).incidents == sum(n for n, _ in counts(20e6).values())


def test_shrinkage_orders_protocols_and_stays_between():
    assert protocol_hazard("aave_v2") < protocol_hazard("curve") < protocol_hazard("yearn")
    n, years = counts()["yearn"]
    a, b = contract_hazard.cohort_prior()
    assert a / b < protocol_hazard("yearn") < n / years
    assert protocol_hazard("a_new_one") == pytest.approx(a / b)


def test_what_came_back():
    euler = [i for i in incidents.INCIDENTS if i.protocol == "euler_v1"]
    assert returned_share(euler) == 1.0
    assert 0.0 < returned_share() < 0.2


def test_the_table_is_in_order_and_sourced():
    days = [i.day for i in incidents.INCIDENTS]
    assert days == sorted(days)
    assert all(i.source.startswith("https://") for i in incidents.INCIDENTS)
    assert all(i.lost_usd >= 1e5 and math.isfinite(i.lost_usd) for i in incidents.INCIDENTS)


def test_nonsense_is_named():
    with pytest.raises(InputError, match="protocol_years"):
        gamma_rate(1, 0.0)
    with pytest.raises(InputError, match="incidents"):
        gamma_rate(-1, 1.0)
