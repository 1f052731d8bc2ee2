"""
What it is worth to stand still while power is dear: a strike held against a series of prices.

A megawatt that mines has earned its strike and paid the price of power. One that must always run
earns `strike - price` in each hour; one that may stand still earns that or nothing. The difference
is the worth of the option, and no model is in it but the series.

    always = mean(strike - price),   option = mean(max(strike - price, 0))

Coincident peaks (4CP) are told by a rule of thumb: a year's charge for transmission, spread over
the hours in which one stands still to avoid it, against what those hours would have earned.

>>> standing_still([20.0, 90.0, 40.0, -10.0], strike_usd_per_mwh=60.0)
Standing(uptime=0.75, always_usd_per_mwh=25.0, option_usd_per_mwh=32.5)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import (
    Real,
    require_count,
    require_finite,
    require_non_negative,
    require_positive,
)


@dataclass(frozen=True)
class Standing:
    """
    Share of intervals that run, and what each megawatt of full load earns an hour.

    `always_usd_per_mwh` if it always runs, `option_usd_per_mwh` if it stands still above the
    strike; both per megawatt-hour that the machines *could* use.
    """

    uptime: float
    always_usd_per_mwh: float
    option_usd_per_mwh: float


def standing_still(prices_usd_per_mwh: npt.ArrayLike, *, strike_usd_per_mwh: float) -> Standing:
    """
    A strike against prices of equal intervals: runs in those whose price is below it.

        uptime = share of prices < strike

    Each interval's price is known when it begins, and machines switch at once and for nothing:
    an upper bound for rules that look back, have minimum times or a ramp.
    """
    prices = np.asarray(prices_usd_per_mwh, np.float64)
    require_count(prices=int(prices.size))
    require_finite(prices_usd_per_mwh=prices, strike_usd_per_mwh=strike_usd_per_mwh)
    spread = strike_usd_per_mwh - prices
    return Standing(
        uptime=float(np.mean(spread > 0.0)),
        always_usd_per_mwh=float(spread.mean()),
        option_usd_per_mwh=float(np.maximum(spread, 0.0).mean()),
    )


def peak_usd_per_mw_h(*, charge_usd_per_mw_year: Real, hours: Real) -> Real:
    """
    What an hour of standing still saves, on average, where so many hours a year avoid the charge.

        charge / hours

    Stand still if the hour's margin is below it. Four months with four evenings of two and a half
    hours are 40 hours: 25,000 USD/MW a year then are 625 USD/MW an hour. It takes for granted that
    the peaks fall into those hours.
    """
    require_non_negative(charge_usd_per_mw_year=charge_usd_per_mw_year)
    require_positive(hours=hours)
    return charge_usd_per_mw_year / hours
