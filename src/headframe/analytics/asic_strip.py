"""
A mining machine as what it is: a strip of options, one for each interval of its life.

In each interval the machine gives so many coins for so much energy, or stands still. That is a call
on the coins with the energy's cost as its strike. A machine whose hashprice does not pay its power
today has a value all the same, and the value rises with the coin's volatility.

    V = sum over t of n_t (S Phi(d1) - (K / n_t) e^(-r t) Phi(d2))

n_t are the coins of the interval that ends at t, K is its energy's cost. Source: A. Yaish and A.
Zohar, "Correct cryptocurrency ASIC pricing: are miners overpaying?" (AFT 2023, arXiv 2002.11064).
Power has a fixed price and difficulty a known path; neither is hedged.
"""

import math

import numpy as np

from headframe.analytics.domain import (
    require_count,
    require_finite,
    require_non_negative,
    require_positive,
)
from headframe.analytics.exchange_option import black_call
from headframe.units import DAYS_PER_YEAR


def strip_usd(
    *,
    coin_usd: float,
    coins_per_day: float,
    energy_usd_per_day: float,
    days: int,
    volatility: float,
    rate: float,
    decline_per_year: float = 0.0,
) -> float:
    """
    Value of a machine that may stand still on any of its `days`.

        sum over days i, t = i / 365, of  n_t S e^(r t) call, discounted;  n_t = n e^(-decline t)

    `coins_per_day` are those at the beginning; they fall by `decline_per_year` (continuous), as
    difficulty grows. `rate` is the riskless one, continuous. Source: Yaish and Zohar (2023).

    >>> round(strip_usd(coin_usd=60_000, coins_per_day=4.99e-4, energy_usd_per_day=42.0, days=365,
    ...                 volatility=0.6, rate=0.04, decline_per_year=0.2), 1)
    404.2
    """
    require_positive(
        coin_usd=coin_usd, coins_per_day=coins_per_day, energy_usd_per_day=energy_usd_per_day
    )
    require_count(days=days)
    require_non_negative(volatility=volatility)
    require_finite(rate=rate, decline_per_year=decline_per_year)
    t = np.arange(1, days + 1) / DAYS_PER_YEAR
    earned = coins_per_day * np.exp(-decline_per_year * t) * coin_usd
    cost = energy_usd_per_day * np.exp(-rate * t)
    return math.fsum(np.asarray(black_call(earned, cost, deviation=volatility * np.sqrt(t))))
