"""
When a machine pays for itself, what it earns beyond its price, and when it is obsolete.

Income falls as the network grows, the energy's cost does not; a machine runs until the two meet.

    t* = ln(income / energy) / g                        income e^(-g t) = energy
    NPV = 365 (income a(r + g, T) - energy a(r, T)) - price,   T = min(life, t*)
    a(k, T) = (1 - e^(-k T)) / k                        an annuity of one, continuous

The arithmetic of capital budgeting (I. Fisher, "The theory of interest", 1930) with an exponential
decline. The machine's right to stand still for a while is worth more than 0: see `asic_strip`.
"""

import numpy as np

from headframe.analytics.domain import Real, require_finite, require_non_negative, require_positive
from headframe.types import Array
from headframe.units import DAY_S, DAYS_PER_YEAR

FOREVER_YEARS = 1e9
"""A time that does not come, in years."""


def payback_s(*, price_usd: Real, margin_usd_per_day: Real) -> Real:
    """
    Seconds until margins at today's rate have paid the price; `FOREVER_YEARS` where there is none.

        price / margin

    >>> payback_s(price_usd=2_700.0, margin_usd_per_day=5.0) / 86_400
    540.0
    """
    require_non_negative(price_usd=price_usd)
    require_finite(margin_usd_per_day=margin_usd_per_day)
    pays = np.asarray(margin_usd_per_day) > 0.0
    days = np.asarray(price_usd) / np.where(pays, margin_usd_per_day, 1.0)
    return _like(np.where(pays, days, FOREVER_YEARS * DAYS_PER_YEAR) * DAY_S)


def years_until_obsolete(
    *, income_usd_per_day: Real, energy_usd_per_day: Real, decline_per_year: Real
) -> Real:
    """
    Years until income has fallen to the energy's cost; `FOREVER_YEARS` where it never does.

        t* = ln(income / energy) / g

    `decline_per_year` is continuous.

    >>> round(years_until_obsolete(income_usd_per_day=10.0, energy_usd_per_day=5.0,
    ...                            decline_per_year=0.35), 3)
    1.98
    """
    require_non_negative(
        income_usd_per_day=income_usd_per_day,
        energy_usd_per_day=energy_usd_per_day,
        decline_per_year=decline_per_year,
    )
    income, energy = np.asarray(income_usd_per_day), np.asarray(energy_usd_per_day)
    pays = income > energy
    ends = pays & (energy > 0.0) & (np.asarray(decline_per_year) > 0.0)
    ratio = np.where(ends, income, 1.0) / np.where(ends, energy, 1.0)
    years = np.log(ratio) / np.where(ends, decline_per_year, 1.0)
    return _like(np.where(ends, years, np.where(pays, FOREVER_YEARS, 0.0)))


def npv_usd(
    *,
    price_usd: Real,
    income_usd_per_day: Real,
    energy_usd_per_day: Real,
    decline_per_year: Real,
    discount_per_year: Real,
    life_years: Real,
) -> Real:
    """
    What a machine earns beyond its price: margins until it is obsolete or worn out, discounted.

    Both yearly rates are continuous.

    >>> round(npv_usd(price_usd=2_700.0, income_usd_per_day=10.0, energy_usd_per_day=5.0,
    ...               decline_per_year=0.35, discount_per_year=0.1, life_years=4.0), 2)
    -1194.68
    """
    require_non_negative(price_usd=price_usd, discount_per_year=discount_per_year)
    require_positive(life_years=life_years)
    years = np.minimum(
        years_until_obsolete(
            income_usd_per_day=income_usd_per_day,
            energy_usd_per_day=energy_usd_per_day,
            decline_per_year=decline_per_year,
        ),
        life_years,
    )
    fading = np.asarray(discount_per_year) + np.asarray(decline_per_year)
    income = np.asarray(income_usd_per_day) * _annuity(fading, years)
    energy = np.asarray(energy_usd_per_day) * _annuity(np.asarray(discount_per_year), years)
    return _like(DAYS_PER_YEAR * (income - energy) - np.asarray(price_usd))


def _annuity(rate: Array, years: Array) -> Array:
    some = np.where(rate > 0.0, rate, 1.0)
    summed: Array = np.where(rate > 0.0, -np.expm1(-some * years) / some, years)
    return summed


def _like(values: Array) -> Real:
    """A float of a float, an array of an array."""
    return float(values) if values.ndim == 0 else values
