"""
European options on chunks: value, delta and gamma of a call or a put.

    call = S Phi(d1) - K e^(-r t) Phi(d2),   put = K e^(-r t) Phi(-d2) - S Phi(-d1)
    d1, d2 = (ln(S / K) + (r +- sigma^2 / 2) t) / (sigma sqrt(t))

Source: F. Black and M. Scholes, J. Political Economy 81 (1973), eqs. 13 and 14.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, log
from headframe.kernels.occupation import erfcx

Floats = npt.NDArray[np.float64]

SQRT_HALF = math.sqrt(0.5)
INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
FAR = 38.0
"""Deviations beyond which a normal tail is below the smallest double."""
SHORTEST = 1e-9
"""Deviations of the price until expiry below which an option is worth what it would pay now."""


@inline
def normal_cdf(x: float) -> float:
    """The standard normal distribution; relative error in both tails below 1e-13."""
    w = min(abs(x), FAR) * SQRT_HALF
    tail = 0.5 * exp(-w * w) * erfcx(w)
    return tail if x < 0.0 else 1.0 - tail


@kernel
def price(
    out: Floats,
    spot: Floats,
    strike: Floats,
    years: Floats,
    volatility: Floats,
    rate: Floats,
    sign: float,
) -> None:
    """
    Rows of `out`: value, delta and gamma per unit; `sign` is +1 for calls and -1 for puts.

    At expiry, or without volatility, the value is that of the discounted forward, and gamma is 0.
    """
    value, delta, gamma = out[0], out[1], out[2]
    for i in range(spot.size):
        s, t = spot[i], max(years[i], 0.0)
        k = strike[i] * exp(-rate[i] * t)
        spread = max(volatility[i], 0.0) * math.sqrt(t)
        random = spread > SHORTEST and s > 0.0 and k > 0.0
        ratio = s / k if random else 1.0
        safe = spread if random else 1.0
        d1 = log(min(max(ratio, 1e-300), 1e300)) / safe + 0.5 * safe
        d2 = d1 - safe
        plain = max(sign * (s - k), 0.0)
        n1 = normal_cdf(sign * d1)
        worth = sign * (s * n1 - k * normal_cdf(sign * d2))
        density = INV_SQRT_2PI * exp(-0.5 * min(d1 * d1, FAR * FAR))
        value[i] = max(worth, 0.0) if random else plain
        delta[i] = sign * n1 if random else (sign if plain > 0.0 else 0.0)
        gamma[i] = density / (s * safe) if random else 0.0
