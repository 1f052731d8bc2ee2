"""
Charts out of characters: signed bars, small histograms, and a fan of quantiles over time.

Everything is a rich `Text` of an exact width. Colour helps but is never needed: bars have a side,
bands have a shade. `PLAIN` maps every sign used here to one that any terminal has.
"""

import math
from collections.abc import Mapping, Sequence

from rich.text import Text

GAIN = "green"
"""The colour of what comes in."""
LOSS = "red"
"""The colour of what goes out."""
QUIET = "dim"
"""The style of what is read second."""
BAND = "cyan"
"""The colour of a fan's bands and of histograms."""
MIDDLE = "bold bright_cyan"
"""The style of a median."""

LEVELS = "▁▂▃▄▅▆▇█"
"""Columns from low to high."""
LINE = "▁━▔"
"""A line at the bottom, the middle and the top of a character."""
PLAIN = {
    **dict(zip(LEVELS, "_.:-=+*#", strict=True)),
    **dict(zip("▌▐░▒━┄│─┼┤┬└╌·", "==.:=-|-++++-.", strict=True)),
    **dict(zip("╭╮╰╯╔╗╚╝═║╺╸", "++++++++=|--", strict=True)),
    "▔": "-",
    "±": "+-",
    "→": ">",
    "×": "x",
    "–": "-",
    "…": ".",
}
"""ASCII for every sign that the terminal report uses."""


def bar(value: float, low: float, high: float, width: int) -> Text:
    """
    A bar from zero to `value` on an axis from `low` to `high`, half a character exact.

    >>> print(bar(-2.0, -4.0, 4.0, 9).plain.replace(" ", "."))
    ..██│....
    """
    low, high = min(low, 0.0), max(high, 0.0)
    span = high - low if high > low else 1.0
    left = min(round((width - 1) * -low / span), width - 1)
    room = left if value < 0.0 else width - 1 - left
    least = 1 if value != 0.0 else 0
    halves = min(max(round(2 * (width - 1) * abs(value) / span), least), 2 * room)
    full, half = divmod(halves, 2)
    text = Text(no_wrap=True)
    if value < 0.0:
        text.append(" " * (left - full - half))
        text.append("▐" * half + "█" * full, LOSS)
        text.append("│" + " " * (width - 1 - left), QUIET)
    else:
        text.append(" " * left + "│", QUIET)
        text.append("█" * full + "▌" * half, GAIN)
        text.append(" " * (width - 1 - left - full - half))
    return text


def columns(values: Sequence[float], style: str = BAND) -> Text:
    """
    A histogram one line high; a dot where there is nothing.

    >>> columns([0.0, 1.0, 4.0, 8.0]).plain
    '·▁▄█'
    """
    top = max(values, default=0.0)
    text = Text(no_wrap=True)
    for value in values:
        if value <= 0.0 or top <= 0.0:
            text.append("·", QUIET)
        else:
            text.append(LEVELS[min(math.ceil(8 * value / top) - 1, 7)], style)
    return text


def merged(values: Sequence[float], count: int) -> list[float]:
    """
    Neighbouring bins joined to at most `count`.

    >>> merged([1.0, 2.0, 3.0, 4.0, 5.0], 3)
    [3.0, 7.0, 5.0]
    """
    size = math.ceil(len(values) / max(count, 1)) or 1
    return [sum(values[k : k + size]) for k in range(0, len(values), size)]


def slope(values: Sequence[float], width: int) -> Text:
    """
    A line one character high, losses and gains in their colours: a result by price.

    >>> slope([-4.0, -1.0, 2.0, 4.0], 40).plain
    '▁▄▇█'
    """
    count = min(len(values), width)
    some = [values[round(k * (len(values) - 1) / max(count - 1, 1))] for k in range(count)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = high - low if high > low else 1.0
    text = Text(no_wrap=True)
    for value in some:
        level = min(int(8 * (value - low) / span), 7)
        text.append(LEVELS[level], LOSS if value < 0.0 else GAIN)
    return text


# the fan -----------------------------------------------------------------------------------------


OverTime = Mapping[float, Mapping[float, float]]
"""Quantiles by their probability, by time."""
Five = tuple[float, float, float, float, float]
"""The quantiles that a fan shows: 5, 25, 50, 75 and 95 %."""


def fan_range(over_time: OverTime, opening: float) -> tuple[float, float]:
    """The values at the middles of a fan's lowest and highest rows."""
    low = min(opening, *(q[0.05] for q in over_time.values()))
    high = max(opening, *(q[0.95] for q in over_time.values()))
    if high <= low:
        return low - 0.5 * abs(low) - 0.5, high + 0.5 * abs(high) + 0.5
    return low, high


def fan(over_time: OverTime, opening: float, width: int, height: int) -> list[Text]:
    """
    Quantiles over time as shaded bands: 5 to 95 % light, 25 to 75 % dark, the median a line.

    Rows stand from the top down. A dotted line marks the opening where nothing else is drawn.
    """
    times = sorted(over_time)
    at = [_between(times, over_time, k / max(width - 1, 1)) for k in range(width)]
    low, high = fan_range(over_time, opening)
    step = (high - low) / (height - 1)
    return [_row(at, r, high, step, opening) for r in range(height)]


def _between(times: Sequence[float], over_time: OverTime, part: float) -> Five:
    """The five quantiles at a part of the horizon, between the dates at which they were kept."""
    where = part * (len(times) - 1)
    k = min(int(where), len(times) - 2) if len(times) > 1 else 0
    here, there = over_time[times[k]], over_time[times[min(k + 1, len(times) - 1)]]
    weight = where - k
    q = [here[p] + weight * (there[p] - here[p]) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
    return q[0], q[1], q[2], q[3], q[4]


def _row(at: Sequence[Five], row: int, high: float, step: float, opening: float) -> Text:
    text = Text(no_wrap=True)
    level, half = high - row * step, 0.5 * step
    for k, (q05, q25, q50, q75, q95) in enumerate(at):
        down = (high - q50) / step
        if round(down) == row:
            text.append(LINE[min(int(3.0 * (row - down + 0.5)), 2)], MIDDLE)
        elif q25 <= level <= q75:
            text.append("▒", BAND)
        elif q05 - half <= level <= q95 + half and q95 > q05:
            text.append("░", BAND)
        elif round((high - opening) / step) == row and k % 2:
            text.append("╌", QUIET)
        else:
            text.append(" ")
    return text


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """
    Round numbers from `low` to `high`, at most so many.

    >>> ticks(2358.0, 19936.0)
    [5000.0, 10000.0, 15000.0]
    """
    span = high - low
    if span <= 0.0 or not math.isfinite(span):
        return [low]
    rough = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 50.0):
        step = rough * factor
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [k * step for k in range(first, last + 1)]
    return [low]
