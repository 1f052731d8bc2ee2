"""
A price of power on chunks: the season of each path's own calendar, a deviation, and spikes.

Season and calendar are per path, since the paths of a history start on different dates. The hourly
profile is averaged over the step that ends now: a daily step sees the whole day, not midnight.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, normal_quantile, sincos_turn
from headframe.kernels.prices import GROUP
from headframe.units import DAY_S, HOUR_S, WEEK_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

SOLAR_YEAR_S = 365.2425 * DAY_S
"""The mean year of the calendar, in seconds."""
MONDAY_TS = 4.0 * DAY_S
"""Unix time of a Monday's midnight: 1970-01-05."""
FARTHEST = 40.0
"""Exponent at which the stretching ends: no infinity may appear."""
WEEKEND_FROM_S = 5.0 * DAY_S
"""From a Monday's midnight to Saturday's."""


@inline
def profile_mean(sums: Floats, begin_s: float, end_s: float) -> float:
    """
    Mean of a daily profile between two instants.

    `sums[h]` is the profile's sum over the first h hours of the day, for h from 0 to 24; between
    whole hours the sum is linear.
    """
    total = 0.0
    for sign, at_s in ((1.0, end_s), (-1.0, begin_s)):
        days = math.floor(at_s / DAY_S)
        hour = (at_s - days * DAY_S) / HOUR_S
        whole = min(max(int(hour), 0), 23)
        part = sums[whole] + (hour - whole) * (sums[whole + 1] - sums[whole])
        total += sign * (days * sums[24] + part)
    return total * HOUR_S / (end_s - begin_s)


@inline
def weekend_share(begin_s: float, end_s: float) -> float:
    """Share of a span that lies on a Saturday or Sunday."""
    total = 0.0
    for sign, at_s in ((1.0, end_s), (-1.0, begin_s)):
        weeks = math.floor((at_s - MONDAY_TS) / WEEK_S)
        into_s = at_s - MONDAY_TS - weeks * WEEK_S
        total += sign * (weeks * 2.0 * DAY_S + max(into_s - WEEKEND_FROM_S, 0.0))
    return total / (end_s - begin_s)


@kernel
def season(calendar: Floats, sums: Floats, out: Floats, span_s: float, p: Record) -> None:
    """
    The expected price by the calendar alone, averaged over the `span_s` that ends now.

        mean + by_hour(local hour) + weekend
             + A1 cos(2 pi (y - y1)) + A2 cos(4 pi (y - y2)),   y the share of the year gone by
    """
    q = p[0]
    mean, weekend, offset_s = q.mean, q.weekend, q.utc_offset_s
    amplitude1, peak1, amplitude2, peak2 = q.amplitude1, q.peak1, q.amplitude2, q.peak2
    for i in range(out.size):
        # paths of a model share one calendar, as do those of a history that begin together
        if i > 0 and calendar[i] == calendar[i - 1]:
            out[i] = out[i - 1]
            continue
        end_s = calendar[i] + offset_s
        begin_s = end_s - span_s
        years = (0.5 * (begin_s + end_s)) / SOLAR_YEAR_S
        once = years - peak1
        twice = 2.0 * (years - peak2)
        level = mean + profile_mean(sums, begin_s, end_s) + weekend * weekend_share(begin_s, end_s)
        level += amplitude1 * sincos_turn(once - math.floor(once))[1]
        level += amplitude2 * sincos_turn(twice - math.floor(twice))[1]
        out[i] = level


@kernel
def deviate(state: Floats, draws: Floats, p: Record) -> None:
    """
    One step of the deviation, of the spikes and of the slow level.

        x <- held x + scale z;   s <- spike_held s + size, at most one spike a step;   l as x

    One uniform decides on a spike, its sign and its lognormal size. Spikes are rare: the least of
    sixteen uniforms, which takes no branch, tells whether any of the sixteen paths has one.
    """
    q = p[0]
    held, scale, spike_held, chance, up = q.held, q.scale, q.spike_held, q.chance, q.up_share
    level_held, level_scale = q.level_held, q.level_scale
    median, sd = q.spike_median, q.spike_sd
    x, s, level = state[0], state[1], state[2]
    normal, uniform, slow = draws[q.z], draws[q.u], draws[q.level_z]
    for i in range(x.size):
        x[i] = held * x[i] + scale * normal[i]
        s[i] = spike_held * s[i]
    for i in range(x.size):
        level[i] = level_held * level[i] + level_scale * slow[i]
    for first in range(0, x.size, GROUP):
        last = min(first + GROUP, x.size)
        least = 1.0
        for i in range(first, last):
            least = min(least, uniform[i])
        if least < chance:
            for i in range(first, last):
                if uniform[i] < chance:
                    u = uniform[i] / chance
                    rises = u < up
                    v = u / up if rises else (u - up) / (1.0 - up)
                    size = median * exp(sd * normal_quantile(min(max(v, 1e-12), 1.0 - 1e-12)))
                    s[i] += size if rises else -size


@kernel
def add(state: Floats, out: Floats, p: Record) -> None:
    """
    Add deviation, level and spikes to the season in `out`, held to the market's limits.

        d = x + l;   stretched to S sinh(tail d / S) / tail, each side by a tail of its own
    """
    q = p[0]
    least, most = q.floor, q.cap
    x, s, level = state[0], state[1], state[2]
    if q.stretched > 0.5:
        spread, tail_up, tail_down = q.spread, q.tail_up, q.tail_down
        for i in range(out.size):
            d = (x[i] + level[i]) / spread
            tail = tail_up if d > 0.0 else tail_down
            e = exp(min(max(tail * d, -FARTHEST), FARTHEST))
            wide = spread * (0.5 * (e - 1.0 / e)) / tail
            out[i] = min(max(out[i] + wide + s[i], least), most)
    else:
        for i in range(out.size):
            out[i] = min(max(out[i] + (x[i] + level[i]) + s[i], least), most)
