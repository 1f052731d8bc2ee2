"""
Borrow rates from utilisation on chunks: the kinked curve, and the curve that adapts.

The scalar functions are melted into the kernels and can be used by others that need a rate within a
loop, such as a lending market with our own debt in it. Rates are decimals a year; utilisation is
the share of what was supplied that is lent out.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.units import YEAR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

LN_2 = 0.6931471805599453
"""ln 2."""


@inline
def kinked_apr(
    utilisation: float, base_apr: float, slope1_apr: float, slope2_apr: float, kink: float
) -> float:
    """
    Borrow rate of a curve with one kink, as in Compound and Aave.

        base + slope1 u / kink                              u <= kink
        base + slope1 + slope2 (u - kink) / (1 - kink)      above

    Source: Aave v3 DefaultReserveInterestRateStrategyV2; needs 0 < kink < 1.
    """
    below = min(utilisation, kink) / kink
    above = max(utilisation - kink, 0.0) / (1.0 - kink)
    return base_apr + slope1_apr * below + slope2_apr * above


@inline
def steered_apr(utilisation: float, target_apr: float, target: float, steepness: float) -> float:
    """
    Borrow rate of Morpho's curve, given the rate at its target.

        ((steepness - 1) err + 1) target_apr, below the target with 1 - 1 / steepness,
        err = (u - target) / (1 - target), below the target (u - target) / target

    Source: Morpho AdaptiveCurveIrm, `_curve`.
    """
    over = utilisation > target
    error = (utilisation - target) / (1.0 - target if over else target)
    slope = steepness - 1.0 if over else 1.0 - 1.0 / steepness
    return (slope * error + 1.0) * target_apr


@inline
def contract_exp(x: float) -> float:
    """
    The exponential as Morpho's contract has it: 2^q (1 + r + r^2 / 2), q = round(x / ln 2).

    Up to 0.7 % from the true one; the contract's rates are what borrowers pay.
    """
    q = math.floor(x / LN_2 + 0.5)
    r = x - q * LN_2
    return math.ldexp(1.0 + r + 0.5 * r * r, int(q))


@kernel
def kinked(now: Floats, p: Record) -> None:
    """Borrow and supply rate of the kinked curve at the utilisation of now."""
    q = p[0]
    base, slope1, slope2, kink = q.base_apr, q.slope1_apr, q.slope2_apr, q.kink
    kept = 1.0 - q.reserve_factor
    used, borrow, supply = now[q.utilisation], now[q.borrow], now[q.supply]
    for i in range(used.size):
        rate = kinked_apr(used[i], base, slope1, slope2, kink)
        borrow[i] = rate
        supply[i] = rate * used[i] * kept


@kernel
def adaptive(state: Floats, now: Floats, dt_s: float, p: Record) -> None:
    """
    Move the rate at target by the step's error, and publish the mean rate of the step.

        end = clamp(start exp(speed err dt)),   mean = (start + 2 mid + end) / 4

    With `dt_s` 0 the rate stays and is published. The mean is the contract's own, the trapezoid
    over two halves.
    """
    q = p[0]
    target, steepness, least, most = q.target, q.steepness, q.least_apr, q.most_apr
    half, kept = 0.5 * q.speed * dt_s / YEAR_S, 1.0 - q.reserve_factor
    level, used = state[0], now[q.utilisation]
    borrow, supply, at_target = now[q.borrow], now[q.supply], now[q.at_target]
    for i in range(level.size):
        u = used[i]
        error = (u - target) / (1.0 - target if u > target else target)
        start = level[i]
        mid = min(max(start * contract_exp(half * error), least), most)
        end = min(max(start * contract_exp(2.0 * half * error), least), most)
        rate = steered_apr(u, 0.25 * (start + end + 2.0 * mid), target, steepness)
        level[i] = end
        at_target[i] = end
        borrow[i] = rate
        supply[i] = rate * u * kept
