"""
The temperature of the air on chunks: what the calendar says of it, and the weather beside that.

The year and the day are cosines, averaged over the step that begins now: a machine works through
the whole of it, and a daily step sees the day's mean and not midnight. Calendars are per path,
since the paths of a history start on different dates.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import sincos_turn
from headframe.kernels.power import SOLAR_YEAR_S
from headframe.units import DAY_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]


@inline
def mean_cosine(begin: float, end: float) -> float:
    """Mean of cos(2 pi x) between two numbers of turns: the sine's change over the angle's."""
    gone = sincos_turn(end - math.floor(end))[0] - sincos_turn(begin - math.floor(begin))[0]
    return gone / (2.0 * math.pi * (end - begin))


@kernel
def season(calendar: Floats, out: Floats, span_s: float, p: Record) -> None:
    """
    The temperature by the calendar alone, averaged over the `span_s` that begins now.

        mean + A cos(2 pi (year - warmest)) + B cos(2 pi (day - warmest)),   day in local time
    """
    q = p[0]
    mean, yearly, daily = q.mean, q.yearly, q.daily
    year_peak, day_peak, offset_s = q.year_peak, q.day_peak, q.utc_offset_s
    for i in range(out.size):
        # paths of a model share one calendar, as do those of a history that begin together
        if i > 0 and calendar[i] == calendar[i - 1]:
            out[i] = out[i - 1]
            continue
        begin_s = calendar[i] + offset_s
        end_s = begin_s + span_s
        year = mean_cosine(begin_s / SOLAR_YEAR_S - year_peak, end_s / SOLAR_YEAR_S - year_peak)
        day = mean_cosine(begin_s / DAY_S - day_peak, end_s / DAY_S - day_peak)
        out[i] = mean + yearly * year + daily * day


@kernel
def weather(state: Floats, draws: Floats, out: Floats, p: Record) -> None:
    """Add what the weather makes of it: x <- held x + scale z."""
    q = p[0]
    held, scale = q.held, q.scale
    x, normal = state[0], draws[q.z]
    for i in range(out.size):
        deviation = held * x[i] + scale * normal[i]
        x[i] = deviation
        out[i] += deviation
