"""
The forward price of power whose logarithm returns to its season.

    ln P = f(t) + Y,   dY = -k Y dt + s dW
    F(T) = exp(f(T) + Y0 e^(-kT) + s^2 / (4k) (1 - e^(-2kT)))

It is the mean of the price at T under the measure in which it is quoted: with a price of risk, f
stands for the season less the risk's part. Source: J. Lucia and E. Schwartz, "Electricity prices
and power derivatives" (Review of Derivatives Research 5, 2002), model 2. A logarithm knows no
negative price; where there are some, use the process `power`.

>>> round(float(lucia_schwartz_forward(30.0, log_deviation=0.5, reversion_per_year=50.0,
...                                    volatility=5.0, years=0.02)), 5)
40.17401
"""

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_finite,
    require_non_negative,
    require_positive,
)


def lucia_schwartz_forward(
    season_usd_per_mwh: Real,
    *,
    log_deviation: Real,
    reversion_per_year: Real,
    volatility: Real,
    years: Real,
) -> Real:
    """
    Forward price for delivery at an instant `years` from now.

        season e^(Y0 e^(-kT) + s^2 / (4k) (1 - e^(-2kT)))

    `season_usd_per_mwh` is e^f at delivery, `log_deviation` the logarithm of the price now over its
    season now. Source: Lucia and Schwartz (2002), model 2.
    """
    require_positive(season_usd_per_mwh=season_usd_per_mwh, reversion_per_year=reversion_per_year)
    require_finite(log_deviation=log_deviation)
    require_non_negative(volatility=volatility, years=years)
    k = reversion_per_year
    half_variance = volatility**2 / (4.0 * k) * -np.expm1(-2.0 * k * years)
    forward: Real = season_usd_per_mwh * np.exp(log_deviation * np.exp(-k * years) + half_variance)
    return forward
