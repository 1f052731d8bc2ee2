"""Price processes on chunks: geometric Brownian motion, with jumps, with stochastic variance."""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import exp, normal_quantile

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@kernel
def gbm(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """S <- S exp(drift + scale z), with drift = (mu - sigma^2/2) dt and scale = sigma sqrt(dt)."""
    q = p[0]
    drift, scale = q.drift, q.scale
    level, normal, published = state[0], draws[q.z], now[q.row]
    for i in range(level.size):
        price = level[i] * exp(drift + scale * normal[i])
        level[i] = price
        published[i] = price


@kernel
def jumps(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """
    S <- S exp(drift + scale z + J): J is normal (mean, sd) with probability `chance`, else 0.

    One uniform u decides: below `chance` there is a jump, and u / chance is its own uniform.
    """
    q = p[0]
    drift, scale, chance, mean, sd = q.drift, q.scale, q.chance, q.mean, q.sd
    level, normal, uniform, published = state[0], draws[q.z], draws[q.u], now[q.row]
    for i in range(level.size):
        published[i] = drift + scale * normal[i]
    for i in range(level.size):
        if uniform[i] < chance:
            published[i] += mean + sd * normal_quantile(uniform[i] / chance)
    for i in range(level.size):
        price = level[i] * exp(published[i])
        level[i] = price
        published[i] = price
