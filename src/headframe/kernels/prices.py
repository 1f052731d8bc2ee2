"""Price processes on chunks: geometric Brownian motion, with jumps, with stochastic variance."""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, normal_quantile

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

GROUP = 16
"""Paths that are asked together whether any of them jumps."""


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


@inline
def add_jumps(log_return: Floats, uniform: Floats, chance: float, mean: float, sd: float) -> None:
    """
    Add a normal jump where the uniform is below `chance`.

    Jumps are rare and a branch per path is dear: the least of sixteen uniforms, which takes no
    branch, tells whether any of the sixteen jumps at all.
    """
    size = uniform.size
    for first in range(0, size, GROUP):
        last = min(first + GROUP, size)
        least = 1.0
        for i in range(first, last):
            least = min(least, uniform[i])
        if least < chance:
            for i in range(first, last):
                if uniform[i] < chance:
                    log_return[i] += mean + sd * normal_quantile(uniform[i] / chance)


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
    add_jumps(published, uniform, chance, mean, sd)
    for i in range(level.size):
        price = level[i] * exp(published[i])
        level[i] = price
        published[i] = price
