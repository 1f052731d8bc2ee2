"""
The peaks of a power system's summer on chunks: each day is so hot, and one interval is its highest.

Only ranks matter: a day's heat is a uniform number, and the month's peak is on its hottest day.
Calendars are per path, since the paths of a history start on different dates.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, log
from headframe.units import DAY_S, HOUR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

HEAT, PEAK_S, BEST, BEST_BEFORE = range(4)
"""Rows: today's heat, when in the day its peak is, the month's best so far, as of this morning."""
NO_HEAT = -1.0
"""Less than any day's heat."""
EPOCH_DAYS = 719_468.0
"""Days from the first of March of year 0 to 1970."""


@inline
def month_of(day: float) -> float:
    """
    Month and days left after a day, as 100 x month + days left; `day` counts from 1970.

    Years are counted from March, so that the odd day of a leap year comes last: 400 years have
    146,097 days, and month m from March begins on day floor((153 m + 2) / 5) of its year.
    """
    since = day + EPOCH_DAYS
    era = math.floor(since / 146_097.0)
    in_era = since - era * 146_097.0
    leap_days = math.floor(in_era / 1_460.0) - math.floor(in_era / 36_524.0)
    year = math.floor((in_era - leap_days - math.floor(in_era / 146_096.0)) / 365.0)
    in_year = in_era - (365.0 * year + math.floor(year / 4.0) - math.floor(year / 100.0))
    m = math.floor((5.0 * in_year + 2.0) / 153.0)
    ends = math.floor((153.0 * (m + 1.0) + 2.0) / 5.0)
    # February, whose length changes, ends its year and is never asked for
    month = m + 3.0 if m < 10.0 else m - 9.0
    code: float = 100.0 * month + (ends - 1.0 - in_year)
    return code


@inline
def chance_before(sums: Floats, into_s: float) -> float:
    """Chance that a day's peak comes before a time of day; `sums` are by whole hours."""
    hour = min(max(into_s / HOUR_S, 0.0), 24.0)
    whole = min(int(hour), 23)
    chance: float = sums[whole] + (hour - whole) * (sums[whole + 1] - sums[whole])
    return chance


@inline
def peak_time(sums: Floats, u: float) -> float:
    """The time of day, in seconds, before which a peak comes with chance u."""
    hour = 0
    while hour < 23 and sums[hour + 1] <= u:
        hour += 1
    width = sums[hour + 1] - sums[hour]
    part = (u - sums[hour]) / (width if width > 0.0 else 1.0)
    at_s: float = (hour + min(max(part, 0.0), 1.0 - 1e-9)) * HOUR_S
    return at_s


@kernel
def watch(
    state: Floats,
    draws: Floats,
    ts_before: Floats,
    ts: Floats,
    sums: Floats,
    chance: Floats,
    record: Floats,
    span_s: float,
    p: Record,
) -> None:
    """
    Whether the interval that ends was its month's highest so far, and what the next one may be.

        chance = [heat > best] heat^(days left) x chance that the day's peak lies in the interval
    """
    q = p[0]
    first, last, offset_s = q.first_month, q.last_month, q.utc_offset_s
    heat, peak_s, best, best_before = (
        state[HEAT],
        state[PEAK_S],
        state[BEST],
        state[BEST_BEFORE],
    )
    hot, hour = draws[q.heat], draws[q.hour]
    for i in range(chance.size):
        begin_s, end_s = ts_before[i] + offset_s, ts[i] + offset_s
        day, next_day = math.floor(begin_s / DAY_S), math.floor(end_s / DAY_S)
        into_s = begin_s - day * DAY_S
        month = math.floor(month_of(day) / 100.0)
        found = 0.0
        in_season = first <= month <= last
        if in_season and into_s <= peak_s[i] < into_s + (end_s - begin_s) and heat[i] > best[i]:
            found = 2.0 if best[i] == NO_HEAT else 1.0
            best[i] = heat[i]
        record[i] = found
        code = month_of(next_day)
        next_month = math.floor(code / 100.0)
        if next_day > day:
            heat[i] = hot[i]
            peak_s[i] = peak_time(sums, hour[i])
            if next_month != month:
                best[i] = NO_HEAT
            best_before[i] = best[i]
        now_s = end_s - next_day * DAY_S
        ahead = chance_before(sums, now_s + span_s) - chance_before(sums, now_s)
        left = code - 100.0 * next_month
        may = first <= next_month <= last and heat[i] > best_before[i]
        chance[i] = ahead * exp(left * log(max(heat[i], 1e-300))) if may else 0.0
