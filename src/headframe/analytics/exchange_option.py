"""
The right to give one risky thing for another, with or without cash on top.

A mine is a strip of such rights: power is given for coins, or not. Both values are lognormal;
forwards stand for today's values, and results are not discounted.

    exchange  E[(A - B)^+]      = a Phi(d1) - b Phi(d2)
    spread    E[(A - B - K)^+]  the same given B, integrated over B

Sources: W. Margrabe, "The value of an option to exchange one asset for another" (Journal of Finance
33, 1978); F. Black, "The pricing of commodity contracts" (Journal of Financial Economics 3, 1976),
for the forward given B. The integral over B has no closed form; it is one of a smooth function.

>>> round(float(margrabe(45.0, 21.0, volatility_a=0.6, volatility_b=0.8, correlation=0.0,
...                      years=0.25)), 5)
24.41655
"""

import math

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_finite,
    require_non_negative,
    require_positive,
)
from headframe.errors import InputError

NODES = 1_201
"""Points of the integral over B."""
REACH = 10.0
"""Standard deviations of B to which it goes."""


def margrabe(
    forward_a: Real,
    forward_b: Real,
    *,
    volatility_a: float,
    volatility_b: float,
    correlation: float,
    years: Real,
) -> Real:
    """
    Mean of (A - B)^+ at `years`, undiscounted.

        d1, d2 = ln(a / b) / (sigma sqrt T) +- sigma sqrt T / 2
        sigma^2 = s_a^2 + s_b^2 - 2 rho s_a s_b

    Source: Margrabe (1978).
    """
    _check(volatility_a, volatility_b, correlation)
    require_positive(forward_a=forward_a, forward_b=forward_b)
    require_non_negative(years=years)
    variance = volatility_a**2 + volatility_b**2 - 2.0 * correlation * volatility_a * volatility_b
    return black_call(forward_a, forward_b, deviation=np.sqrt(max(variance, 0.0) * years))


def spread_call(
    forward_a: float,
    forward_b: float,
    *,
    strike: float,
    volatility_a: float,
    volatility_b: float,
    correlation: float,
    years: float,
) -> float:
    """
    Mean of (A - B - K)^+ at `years`, undiscounted; `strike` K is at least 0.

        integral of phi(z) Call(a(z), b(z) + K; s_a sqrt((1 - rho^2) T)) over z
        a(z) = a exp(rho s_a sqrt(T) z - rho^2 s_a^2 T / 2),   b(z) likewise with s_b

    By the trapezium rule, which for such an integrand converges faster than any power.
    """
    _check(volatility_a, volatility_b, correlation)
    require_positive(forward_a=forward_a, forward_b=forward_b)
    require_non_negative(strike=strike, years=years)
    z = np.linspace(-REACH, REACH, NODES)
    sd_a, sd_b = volatility_a * math.sqrt(years), volatility_b * math.sqrt(years)
    shared = correlation * sd_a
    a = forward_a * np.exp(shared * z - 0.5 * shared**2)
    b = forward_b * np.exp(sd_b * z - 0.5 * sd_b**2)
    own = sd_a * math.sqrt(1.0 - correlation**2)
    weight = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * (z[1] - z[0])
    return float(np.sum(weight * black_call(a, b + strike, deviation=own)))


def black_call(forward: Real, strike: Real, *, deviation: Real) -> Real:
    """
    Mean of (X - K)^+ for a lognormal X of a given mean and deviation of its logarithm.

        F Phi(d1) - K Phi(d2),   d1, d2 = ln(F / K) / s +- s / 2;   (F - K)^+ where s is 0

    Source: Black (1976).
    """
    from scipy.special import ndtr

    require_positive(forward=forward, strike=strike)
    require_non_negative(deviation=deviation)
    s = np.maximum(deviation, 1e-12)
    middle = np.log(np.divide(forward, strike)) / s
    value: Real = forward * ndtr(middle + 0.5 * s) - strike * ndtr(middle - 0.5 * s)
    return value


def _check(volatility_a: float, volatility_b: float, correlation: float) -> None:
    require_non_negative(volatility_a=volatility_a, volatility_b=volatility_b)
    require_finite(correlation=correlation)
    if not -1.0 <= correlation <= 1.0:
        raise InputError("correlation", correlation, "must lie in [-1, 1]")
