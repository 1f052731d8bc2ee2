"""
Fees of a concentrated position from bars of its pool, bar after bar, in one compiled loop.

In a Uniswap v3 pool the fees say how far the price went: at liquidity L each amount of token1 that
is paid in, less the fee, raises the root r of the price by amount / L, and token0 raises 1 / r. So
volume per token, opening, high, low and close pin the path down: it went by way of both extremes,
and what volume remains went to and fro between them. The first part falls inside the range exactly
(`shares`); the rest is shared out by the expected time of a Brownian path between
the extremes (`occupation.bar_share`). Bars wholly inside or outside the range carry no error.

Source: Uniswap v3 whitepaper (2021), eqs. 6.13 to 6.16 (fees and moves of one swap).
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp
from headframe.kernels.occupation import bar_share
from headframe.kernels.uniswap_v3 import LOG_TICK

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

OPEN, HIGH, LOW, CLOSE, VOLUME0, VOLUME1, ACTIVE = range(7)
"""Rows of the bars: four ticks, two volumes paid in, the mean active liquidity."""
FEE0, FEE1, AMOUNT0, AMOUNT1, SHARE0, SHARE1 = range(6)
"""Rows of the answer: fees of the bar, amounts at its close, share of the volume inside."""
TINY = 1e-300
"""Stands in for nothing where a division needs something."""


@inline
def within(start: float, end: float, lower: float, upper: float) -> float:
    """Length of the part of [start, end] inside [lower, upper]."""
    return max(min(end, upper) - max(start, lower), 0.0)


@inline
def shared(inside: float, whole: float, gone: float, occupied: float) -> float:
    """Share of a variation inside: of a known stretch, and of what went beyond it."""
    rest = max(gone - whole, 0.0)
    total = max(whole + rest, TINY)
    return (inside + rest * occupied) / total


@inline
def shares(
    marks: tuple[float, float, float, float],
    roots: tuple[float, float],
    occupied: float,
    rises: tuple[float, float],
) -> tuple[float, float]:
    """
    Shares of the volume of token0 and token1 inside the range of a bar that crosses a bound.

    `marks` are the bar's ticks, `roots` those of the bounds, `rises` how far the volumes moved
    1 / r and r in all. A bar that closed higher went to its low first, then to its high.
    """
    start, high, low, end = marks
    lower, upper = roots
    a, b = exp(0.5 * LOG_TICK * start), exp(0.5 * LOG_TICK * high)
    c, d = exp(0.5 * LOG_TICK * low), exp(0.5 * LOG_TICK * end)
    rose = end >= start
    up = b - c if rose else (b - a) + (d - c)
    twice = within(a, b, lower, upper) + within(c, d, lower, upper)
    inside = within(c, b, lower, upper) if rose else twice
    share1 = shared(inside, up, rises[1], occupied)
    a, b, c, d = 1.0 / a, 1.0 / b, 1.0 / c, 1.0 / d
    lower, upper = 1.0 / upper, 1.0 / lower
    down = (c - a) + (d - b) if rose else c - b
    twice = within(a, c, lower, upper) + within(b, d, lower, upper)
    inside = twice if rose else within(b, c, lower, upper)
    return shared(inside, down, rises[0], occupied), share1


@kernel
def fees(bars: Floats, out: Floats, p: Record) -> None:
    """
    Fees per bar and token, amounts at its close, and the shares of volume they rest on.

        fee = fee rate * volume * L / (L_active + L_added) * share inside
    """
    q = p[0]
    lower, upper, liquidity, fee, added = q.lower, q.upper, q.liquidity, q.fee, q.added
    root_lower, root_upper = q.root_lower, q.root_upper
    for i in range(bars.shape[1]):
        start, high, low, end = bars[OPEN, i], bars[HIGH, i], bars[LOW, i], bars[CLOSE, i]
        volume0, volume1, active = bars[VOLUME0, i], bars[VOLUME1, i], bars[ACTIVE, i]
        high, low = max(high, max(start, end)), min(low, min(start, end))
        occupied = bar_share(start, high, low, end, lower, upper)
        share0, share1 = occupied, occupied
        crosses = (low < lower and high > lower) or (low < upper and high > upper)
        if crosses and active > 0.0:
            paid = (1.0 - fee) / active
            share0, share1 = shares(
                (start, high, low, end),
                (root_lower, root_upper),
                occupied,
                (paid * volume0, paid * volume1),
            )
        part = liquidity / max(active + added, TINY) * fee
        out[FEE0, i], out[FEE1, i] = part * volume0 * share0, part * volume1 * share1
        root = min(max(exp(0.5 * LOG_TICK * end), root_lower), root_upper)
        out[AMOUNT0, i] = liquidity * (1.0 / root - 1.0 / root_upper)
        out[AMOUNT1, i] = liquidity * (root - root_lower)
        out[SHARE0, i], out[SHARE1, i] = share0, share1
