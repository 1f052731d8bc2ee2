"""
Counts from one uniform each: how many of so many trials succeed, how many rare events happen.

Scalar functions, melted into the kernels that call them. A count is the quantile of its
distribution at the uniform, so the same draw always gives the same count and a larger draw never a
smaller one: antithetic paths and common random numbers work on counts too.
"""

import math

from headframe.kernels.compiled import inline
from headframe.kernels.elementary import exp, log, normal_quantile

EXACT_MEAN = 32.0
"""Expected successes (or failures, where these are fewer) up to which the quantile is exact."""

ROUNDING_VARIANCE = 1.0 / 12.0
"""What rounding to whole numbers adds to a variance (Sheppard)."""


@inline
def binomial_quantile(n: float, p: float, u: float) -> float:
    """
    Successes in n trials of chance p, at the uniform u in (0, 1); n is a whole number.

    Exact by summing the distribution from its shorter end while fewer than `EXACT_MEAN` are
    expected there; above, by the Cornish-Fisher expansion to third order with the continuity
    correction, whose distribution function is within 1e-4 of the true one.
    """
    turned = p > 0.5
    chance = 1.0 - p if turned else p
    draw = 1.0 - u if turned else u
    mean = n * chance
    count = _summed(n, chance, draw) if mean < EXACT_MEAN else _expanded(n, chance, draw)
    return n - count if turned else count


@inline
def _summed(n: float, p: float, u: float) -> float:
    odds = p / (1.0 - p)
    mass = exp(n * log(1.0 - p))
    count = 0.0
    left = u - mass
    while left > 0.0 and count < n:
        mass *= odds * (n - count) / (count + 1.0)
        count += 1.0
        left -= mass
        if mass < 1e-18 and count > n * p:  # the tail that rounding leaves over
            break
    return count


@inline
def _expanded(n: float, p: float, u: float) -> float:
    q = 1.0 - p
    variance = n * p * q
    sd = math.sqrt(variance - ROUNDING_VARIANCE)
    skew = (q - p) / math.sqrt(variance)
    tails = (1.0 - 6.0 * p * q) / variance
    z = normal_quantile(u)
    square = z * z
    # one product is added at a time: of two, the compiler might round either first
    x = z + skew * (square - 1.0) / 6.0
    x += tails * z * (square - 3.0) / 24.0
    x -= skew * skew * z * (2.0 * square - 5.0) / 36.0
    return min(max(math.floor(sd * x + (n * p + 0.5)), 0.0), n)


@inline
def poisson_quantile(mean: float, u: float) -> float:
    """
    A Poisson count at the uniform u in (0, 1).

        N = round(m + s z + (z^2 - 1) / 6 + (z - z^3) / (72 sqrt m)),   s^2 = m - 1/12

    Exact by summing the distribution up to a mean of `EXACT_MEAN`; above, by the Cornish-Fisher
    expansion: mean and variance are right to 1e-5, one count in a thousand or fewer off by one.
    """
    if u <= 1.0 - mean:  # below exp(-mean) for certain, and the usual case of a rare event
        return 0.0
    if mean <= EXACT_MEAN:
        mass = exp(-mean)
        count = 0.0
        left = u - mass
        while left > 0.0 and (mass > 1e-18 or count < mean):
            count += 1.0
            mass *= mean / count
            left -= mass
        return count
    z = normal_quantile(u)
    spread = math.sqrt(mean - ROUNDING_VARIANCE)
    skew = (z * z - 1.0) / 6.0 + (z - z * z * z) / (72.0 * math.sqrt(mean))
    return max(math.floor(mean + spread * z + skew + 0.5), 0.0)


@inline
def gamma_normal(shape: float, z: float) -> float:
    """
    A Gamma variate of this shape and scale 1 from a standard normal.

        shape (1 - 1/(9 shape) + z / (3 sqrt(shape)))^3

    Source: Wilson and Hilferty, "The distribution of chi-square" (PNAS 17, 1931). The mean is exact
    to 1e-3 / shape^3; at a shape of 2,015 the distribution function is within 3e-6.
    """
    ninth = 1.0 / (9.0 * shape)
    root = max(1.0 - ninth + z * math.sqrt(ninth), 1e-3)
    return shape * root * root * root
