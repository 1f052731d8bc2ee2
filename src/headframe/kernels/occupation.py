"""
What share of an interval a price spent inside a range, when only a few marks of its path are known.

Between two marks the logarithm of the price is taken to be a Brownian motion. With nothing known
but the two ends and the volatility, that is a Brownian bridge, whose expected time at each level
has a closed form (`bridge_share`). Where the highest and the lowest price are known too, the
volatility is not needed (`bar_share`): the path stayed between the two and touched both, and how
often it went to and fro between them is left open. A bridge without chance gives the share of the
move, a bar wholly inside the range exactly 1. Levels are logarithms of the price, in any unit.

Source: P. Levy's local time; occupation densities by Chapman-Kolmogorov, as each function says.
Judged by simulated paths and by scipy's special functions (tests/kernels/test_occupation.py).
"""

import math

from headframe.kernels.compiled import inline
from headframe.kernels.elementary import exp

INV_SQRT_PI = 0.5641895835477563
"""One over the square root of pi."""
SQRT_PI = 1.7724538509055159
"""The square root of pi."""
STILL = 1e-12
"""Moves below this, in units of the levels, count as none."""
EDGE = 1e-9
"""Ends of a bar are held this far from its extremes, where the density is 0 over 0."""


@inline
def erfcx(w: float) -> float:
    """
    The scaled complementary error function exp(w^2) erfc(w) for w >= 0; relative error below 1e-14.

        (1 + 2 w) erfcx(w) = polynomial in t = (w - 3.75) / (w + 3.75)

    The variable is that of M. M. Shepherd and J. G. Laframboise (Mathematics of Computation 36,
    1981), the coefficients a Chebyshev fit of our own.
    """
    t = (w - 3.75) / (w + 3.75)
    p = 1.7312209083118933e-08
    p = p * t + 8.512559451761331e-09
    p = p * t - 2.1321360409864602e-07
    p = p * t - 2.7685663849700945e-08
    p = p * t + 1.6939254478276176e-06
    p = p * t - 1.0084713725546233e-06
    p = p * t - 1.1397625287921655e-05
    p = p * t + 2.241015775977701e-05
    p = p * t + 5.162479200942778e-05
    p = p * t - 0.00029016639136143893
    p = p * t + 0.0002937218341919264
    p = p * t + 0.0017556295487634313
    p = p * t - 0.009746581262494456
    p = p * t + 0.02836227674782648
    p = p * t - 0.05869339838397541
    p = p * t + 0.09230432122771155
    p = p * t - 0.10880393015433062
    p = p * t + 0.08227673848704045
    p = p * t + 0.0035854154857627857
    p = p * t - 0.14024059858550575
    p = p * t + 1.2375126308378264
    return p / (1.0 + 2.0 * w)


@inline
def _beyond(w: float, m: float) -> float:
    # exp(m^2 - w^2) (1/sqrt(pi) - w erfcx(w)): the integral of erfc from w on, times exp(m^2).
    return exp((m - w) * (m + w)) * (INV_SQRT_PI - w * erfcx(w))


@inline
def bridge_share(start: float, end: float, variance: float, lower: float, upper: float) -> float:
    """
    Expected share of time that a Brownian bridge from `start` to `end` is inside [lower, upper].

        E[time at y] / T = sqrt(pi) / s exp(m^2) erfc(m + 2 d(y) / s)

    with s^2 = 2 `variance` (of the whole interval), m = |end - start| / s, and d(y) the distance of
    y from the stretch between the two ends. Without variance it is the share of the move. Source:
    the integral over time of p(t, y - start) p(T - t, end - y) / p(T, end - start), p normal.
    """
    low, high = min(start, end), max(start, end)
    scale = max(math.sqrt(2.0 * variance), STILL)
    m = (high - low) / scale
    within = max(min(high, upper) - max(low, lower), 0.0) / scale
    near_up, far_up = max(lower - high, 0.0), max(upper - high, 0.0)
    near_down, far_down = max(low - upper, 0.0), max(low - lower, 0.0)
    per = 2.0 / scale
    above = _beyond(m + per * near_up, m) - _beyond(m + per * far_up, m)
    below = _beyond(m + per * near_down, m) - _beyond(m + per * far_down, m)
    share = SQRT_PI * (within * erfcx(m) + 0.5 * (above + below))
    return min(max(share, 0.0), 1.0)


@inline
def _occupied(y: float, x: float, z: float) -> float:
    # Time spent below y, up to a factor, for a path from x to z (x <= z) with extremes 0 and 1.
    side, both = 2.0 - x - z, (1.0 - x) * (1.0 - z)
    u = min(y, x)
    time = u * u * (side - 2.0 * both) - u * u * u * (2.0 * side - 6.0 * both) / 3.0
    a, c = x, 1.0 - z
    first = a * (1.0 - c)
    second = (1.0 - c) - a * (1.0 - 2.0 * c) - a * (2.0 - 4.0 * c)
    third = a * (2.0 - 6.0 * c) - (1.0 - 2.0 * c)
    u = min(max(y, x), z)
    time += first * (u - x) + second * (u * u - x * x) / 2.0
    time += third * (u * u * u - x * x * x) / 3.0
    side, both = x + z, x * z
    slope, bend = side - 2.0 * both, (2.0 * side - 6.0 * both) / 3.0
    v = 1.0 - max(y, z)
    top = 1.0 - z
    return time + (top * top - v * v) * slope - (top * top * top - v * v * v) * bend


@inline
def bar_share(
    start: float, high: float, low: float, end: float, lower: float, upper: float
) -> float:
    """
    Expected share of time inside [lower, upper] of a path from `start` to `end` whose extremes are
    exactly `high` and `low`, whatever its clock.

        E[time at y]  ~  - d^2 / (d low d high) of G(start, y) G(y, end)
        G(x, y) = 2 (min(x, y) - low) (high - max(x, y)) / (high - low)

    G is Green's function of Brownian motion killed at the extremes; the two derivatives leave the
    paths that touch both. All lengths of time are weighted alike, so that the volatility drops out:
    a bar's own range tells it. A bar that never moved is inside or it is not.
    """
    width = high - low
    moved = width > STILL
    size = width if moved else 1.0
    first = min(max((start - low) / size, EDGE), 1.0 - EDGE)
    last = min(max((end - low) / size, EDGE), 1.0 - EDGE)
    x, z = min(first, last), max(first, last)
    y_lower = min(max((lower - low) / size, 0.0), 1.0)
    y_upper = min(max((upper - low) / size, 0.0), 1.0)
    whole = _occupied(1.0, x, z)
    share = (_occupied(y_upper, x, z) - _occupied(y_lower, x, z)) / whole
    at_rest = 1.0 if lower <= start < upper else 0.0
    return min(max(share, 0.0), 1.0) if moved else at_rest
