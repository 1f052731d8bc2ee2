"""Sources of expected values: SciPy's quadrature of margins day by day; logarithms by hand."""

import doctest
import math

import numpy as np
import pytest
from scipy.integrate import quad

from headframe.analytics import machine_payback
from headframe.analytics.machine_payback import (
    FOREVER_YEARS,
    npv_usd,
    payback_s,
    years_until_obsolete,
)
from headframe.errors import InputError

DAY_S = 86_400.0


def test_the_examples_run():
    outcome = doctest.testmod(machine_payback)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_payback_of_several_machines():
    found = payback_s(price_usd=2_700.0, margin_usd_per_day=np.array([5.0, 0.0, -1.0]))
    assert found == pytest.approx([540 * DAY_S, *[FOREVER_YEARS * 365 * DAY_S] * 2])


@pytest.mark.parametrize(
    ("income", "energy", "decline", "years"),
    [
        (10.0, 5.0, math.log(2.0), 1.0),
        (8.0, 1.0, math.log(2.0), 3.0),
        (5.0, 5.0, 0.3, 0.0),
        (4.0, 5.0, 0.3, 0.0),
        (5.0, 4.0, 0.0, FOREVER_YEARS),
        (5.0, 0.0, 0.3, FOREVER_YEARS),
    ],
)
def test_obsolete_when_income_has_halved_down_to_the_energy(income, energy, decline, years):
    found = years_until_obsolete(
        income_usd_per_day=income, energy_usd_per_day=energy, decline_per_year=decline
    )
    assert found == pytest.approx(years, rel=1e-12)


@pytest.mark.parametrize("decline", [0.0, 0.2, 0.7])
@pytest.mark.parametrize("discount", [0.0, 0.1])
@pytest.mark.parametrize("energy", [0.0, 3.6, 6.0])
def test_worth_is_the_sum_of_discounted_margins_while_they_are_positive(decline, discount, energy):
    def margin(t):
        return max(5.0 * math.exp(-decline * t) - energy, 0.0) * 365 * math.exp(-discount * t)

    total, _ = quad(margin, 0.0, 4.0, limit=500)
    found = npv_usd(
        price_usd=700.0,
        income_usd_per_day=5.0,
        energy_usd_per_day=energy,
        decline_per_year=decline,
        discount_per_year=discount,
        life_years=4.0,
    )
    assert found == pytest.approx(total - 700.0, abs=1e-5)


def test_an_argument_outside_is_refused_by_name():
    with pytest.raises(InputError, match="price_usd"):
        payback_s(price_usd=-1.0, margin_usd_per_day=1.0)
    with pytest.raises(InputError, match="energy_usd_per_day"):
        years_until_obsolete(income_usd_per_day=1.0, energy_usd_per_day=-1.0, decline_per_year=0.1)
