"""Stochastic variance on chunks, after Heston, by the full-truncation Euler scheme."""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import exp

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@kernel
def step(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """
    One step of price and variance.

        S <- S exp((mu - v+ / 2) dt + sqrt(v+ dt) z)
        v <- v + k (theta - v+) dt + xi sqrt(v+ dt) (rho z + sqrt(1 - rho^2) y),   v+ = max(v, 0)
    """
    q = p[0]
    dt, drift, pull, theta, xi = q.dt, q.drift, q.pull, q.theta, q.xi
    rho, rest = q.rho, math.sqrt(1.0 - q.rho * q.rho)
    price, variance, z, y = state[0], state[1], draws[q.z], draws[q.y]
    published, published_variance = now[q.row], now[q.variance]
    for i in range(price.size):
        v = max(variance[i], 0.0)
        root = math.sqrt(v * dt)
        s = price[i] * exp(drift - 0.5 * v * dt + root * z[i])
        w = variance[i] + pull * (theta - v) + xi * root * (rho * z[i] + rest * y[i])
        price[i] = s
        variance[i] = w
        published[i] = s
        published_variance[i] = max(w, 0.0)
