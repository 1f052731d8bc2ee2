"""
Ornstein-Uhlenbeck on chunks: what is pulled back to its mean, plain, as an exponential, as a logit.

All three step the same x <- mean + held (x - mean) + scale z exactly, with held = exp(-k dt) and
scale = sigma sqrt((1 - held^2) / (2 k)); they differ in what they publish. Each kernel's record has
the fields `mean`, `held`, `scale`, the draw's row `z` and the observable's `row`.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import exp, log

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@kernel
def plain(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """Publish x itself."""
    q = p[0]
    mean, held, scale = q.mean, q.held, q.scale
    level, normal, published = state[0], draws[q.z], now[q.row]
    for i in range(level.size):
        x = mean + held * (level[i] - mean) + scale * normal[i]
        level[i] = x
        published[i] = x


@kernel
def exponential(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """Publish exp(x): always positive."""
    q = p[0]
    mean, held, scale = q.mean, q.held, q.scale
    level, normal, published = state[0], draws[q.z], now[q.row]
    for i in range(level.size):
        x = mean + held * (level[i] - mean) + scale * normal[i]
        level[i] = x
        published[i] = exp(x)


@kernel
def logistic(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """Publish 1 / (1 + exp(-x)): always between 0 and 1."""
    q = p[0]
    mean, held, scale = q.mean, q.held, q.scale
    level, normal, published = state[0], draws[q.z], now[q.row]
    for i in range(level.size):
        x = mean + held * (level[i] - mean) + scale * normal[i]
        level[i] = x
        published[i] = 1.0 / (1.0 + exp(-x))


@kernel
def chased(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """
    Publish exp(x), with the mean where the observable's own yield would be the required one.

        mean = x + ln(yield before / required),   not below `least`

    The yield stands in the second row of the state. Capital may leave at another pace than it comes
    (`leave`).

    A yield that is divided among all who come is required / yield times too large or too small, so
    this is where capital would stop moving.
    """
    q = p[0]
    come, leave, scale, required, least = q.come, q.leave, q.scale, q.required, q.least
    level, pays, normal, published = state[0], state[1], draws[q.z], now[q.row]
    for i in range(level.size):
        ratio = min(max(pays[i] / required, 1e-6), 1e6)
        pull = come if ratio > 1.0 else leave
        x = max(level[i] + pull * log(ratio) + scale * normal[i], least)
        level[i] = x
        published[i] = exp(x)
