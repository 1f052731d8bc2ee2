"""
What it costs that something cannot be sold for a while: discounts for a lock-up.

Two bounds of a discount on a price that would move by geometric Brownian motion:

    average    a put that sells at the average price of the lock-up (Finnerty, Business Valuation
               Review 31 (2012), 3): the holder has no special skill in timing
    perfect    the right to sell at the maximum (Longstaff, Journal of Finance 50 (1995), 1767): an
               upper bound, for somebody who would have sold at the top

    average    D = e^(-q T) (N(v / 2) - N(-v / 2)),  v^2 = s + ln(2 (e^s - s - 1)) - 2 ln(e^s - 1)
    perfect    D = (2 + s / 2) N(sqrt(s) / 2) + sqrt(s / (2 pi)) e^(-s / 8) - 1,       s = sigma^2 T
"""

import math

from scipy import special

from headframe.errors import InputError

SMALL = 1e-3
"""Below this variance the logarithms cancel, and v^2 is s / 3 to better than 1e-4 of itself."""


def average_price_discount(volatility: float, years: float, *, yield_apr: float = 0.0) -> float:
    """
    The discount of somebody who would have sold at an average price; at most 32.3 %.

    `yield_apr` is what the asset pays while it is locked.

    >>> round(average_price_discount(0.8, 1.0), 4), round(average_price_discount(0.8, 4.0), 4)
    (0.173, 0.2847)
    """
    s = _variance(volatility, years)
    if s < SMALL:
        square = s / 3.0
    elif s > 600.0:  # e^s is beyond a float; all but ln 2 has cancelled
        square = math.log(2.0)
    else:
        square = s + math.log(2.0 * (math.exp(s) - s - 1.0)) - 2.0 * math.log(math.expm1(s))
    half = math.sqrt(max(square, 0.0)) / 2.0
    return math.exp(-yield_apr * years) * float(special.ndtr(half) - special.ndtr(-half))


def perfect_timing_discount(volatility: float, years: float) -> float:
    """
    The upper bound: the discount of somebody who would have sold at the top. May exceed 1.

    >>> round(perfect_timing_discount(0.3, 2.0), 5)
    0.38605
    """
    s = _variance(volatility, years)
    normal = float(special.ndtr(math.sqrt(s) / 2.0))
    return (2.0 + s / 2.0) * normal + math.sqrt(s / (2.0 * math.pi)) * math.exp(-s / 8.0) - 1.0


def _variance(volatility: float, years: float) -> float:
    if volatility < 0.0:
        raise InputError("volatility", volatility, "0 or more")
    if years < 0.0:
        raise InputError("years", years, "0 or more")
    return volatility**2 * years
