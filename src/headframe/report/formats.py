"""
Numbers as people read them: amounts, percentages, errors, lengths of time.

Everything below the reports is decimals and seconds; percent exists only here. How many digits are
shown follows from the error where there is one, and from the largest number of a table where there
is none, so that columns line up and nothing pretends to be known better than it is.
"""

import math
from collections.abc import Sequence

from headframe.metric import Estimate
from headframe.metrics.tail import Chance
from headframe.types import NO_DEBT
from headframe.units import DAY_S, HOUR_S, MINUTE_S, YEAR_S

DIGITS = 5
"""Significant digits shown of the largest number of a table."""
MOST_DECIMALS = 8
"""Decimals at most: a satoshi is the smallest amount that anyone is paid."""
HUGE = 1e15
"""Amounts from here on are written with an exponent."""
SHORT = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
"""Sizes of large amounts, and their signs."""
HUGE_SHARE = 1e4
"""Shares from here on (a million percent) are only said to be beyond it."""
LEAST = 1e-12
"""A bound of an interval this close to 0 or 1 is rounding of 0 or 1."""
UNITS = (("year", YEAR_S), ("day", DAY_S), ("hour", HOUR_S), ("minute", MINUTE_S), ("second", 1.0))
"""Words for lengths of time, longest first."""


def unit(numeraire: str) -> str:
    """The numeraire as it is written beside amounts."""
    return numeraire.upper()


def decimals(*values: float, digits: int = DIGITS) -> int:
    """
    Decimals at which the largest of some numbers shows so many significant digits.

    >>> decimals(10_000.0), decimals(585.6, -3.1), decimals(0.4213)
    (0, 2, 5)
    """
    largest = max((abs(value) for value in values), default=0.0)
    if largest <= 0.0 or not math.isfinite(largest):
        return 2
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)


def amount(value: float, places: int, *, signed: bool = False) -> str:
    """
    An amount with thousands set apart.

    >>> amount(-1234.5, 0), amount(0.25, 2, signed=True), amount(-0.001, 2)
    ('-1,234', '+0.25', '0.00')
    """
    if abs(value) >= HUGE:
        return f"{value:+.4e}" if signed else f"{value:.4e}"
    if round(value, places) == 0.0:
        return f"{0.0:.{places}f}"
    return f"{value:{'+' if signed else ''},.{places}f}"


def short(*values: float) -> list[str]:
    """
    Amounts that share few columns: in millions or billions where they are that large.

    >>> short(2_544_682.0, 8_509_766.0), short(1_377.0, 25_673.0)
    (['2.545M', '8.510M'], ['1,377', '25,673'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    size, sign = next((s for s in SHORT if largest >= s[0]), (1.0, ""))
    places = decimals(largest / size, digits=4 if sign else DIGITS)
    return [f"{amount(value / size, places)}{sign}" for value in values]


def tick_labels(values: Sequence[float]) -> list[str]:
    """
    The round numbers of an axis in full, large ones in thousands or more.

    >>> tick_labels([0.5, 1.0]), tick_labels([5_000.0]), tick_labels([2_500_000.0, 5_000_000.0])
    (['0.5', '1.0'], ['5,000'], ['2.5M', '5.0M'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    size, sign = next((s for s in SHORT if largest >= s[0]), (1.0, ""))
    scaled = [value / size for value in values]
    places = range(MOST_DECIMALS)
    enough = (p for p in places if all(abs(round(v, p) - v) <= 1e-9 * abs(v) for v in scaled))
    fine = next(enough, MOST_DECIMALS)
    return [f"{amount(v, fine)}{sign}" for v in scaled]


def with_error(estimate: Estimate, *, signed: bool = False) -> str:
    """
    A number to the second digit of its standard error; without an error, to five digits.

    >>> with_error(Estimate(9455.8635, 5.4198)), with_error(Estimate(61.499, 0.104), signed=True)
    ('9,455.9 ± 5.4', '+61.50 ± 0.10')
    """
    if estimate.se <= 1e-9 * abs(estimate.value):
        return amount(estimate.value, decimals(estimate.value), signed=signed)
    places = decimals(estimate.se, digits=2)
    return f"{amount(estimate.value, places, signed=signed)} ± {amount(estimate.se, places)}"


def percent(share: float, *, signed: bool = False) -> str:
    """
    A share in percent: one decimal, none above 100 %, two digits below 1 %.

    >>> percent(-0.0544), percent(15.415), percent(0.0027), percent(0.0)
    ('-5.4%', '1,542%', '0.27%', '0%')
    """
    if abs(share) >= HUGE_SHARE:
        return f"{'below -' if share < 0.0 else 'above '}{100 * HUGE_SHARE:,.0f}%"
    return f"{amount(100.0 * share, _percent_places(abs(share)), signed=signed)}%"


def _percent_places(share: float) -> int:
    if share == 0.0 or share >= 1.0:
        return 0
    return 1 if share >= 0.01 else min(decimals(100.0 * share, digits=2), MOST_DECIMALS)


def percent_with_error(estimate: Estimate, *, signed: bool = False) -> str:
    """
    A share in percent with its standard error.

    >>> percent_with_error(Estimate(-0.2375, 0.01605))
    '-23.8% ± 1.6'
    """
    if estimate.se <= 1e-9 * abs(estimate.value) or abs(estimate.value) >= HUGE_SHARE:
        return percent(estimate.value, signed=signed)
    places = decimals(100.0 * estimate.se, digits=2)
    value = amount(100.0 * estimate.value, places, signed=signed)
    return f"{value}% ± {amount(100.0 * estimate.se, places)}"


def points_with_error(estimate: Estimate) -> str:
    """
    A difference of two probabilities in percentage points, with its standard error.

    >>> points_with_error(Estimate(-0.0153, 0.0031)), points_with_error(Estimate(0.0, 0.0))
    ('-1.5 ± 0.3', '0')
    """
    if estimate.se <= 1e-9 * abs(estimate.value):
        return percent(estimate.value, signed=True)[:-1]
    places = decimals(100.0 * estimate.se, digits=1)
    value = amount(100.0 * estimate.value, places, signed=True)
    return f"{value} ± {amount(100.0 * estimate.se, places)}"


def probability(share: float) -> str:
    """
    A probability in percent, with as many digits near 1 as near 0.

    >>> probability(0.5987), probability(0.0027), probability(0.99973), probability(1.0)
    ('59.9%', '0.27%', '99.973%', '100%')
    """
    far = min(share, 1.0 - share)
    places = 0 if far <= LEAST else 1 if far >= 0.01 else decimals(100.0 * far, digits=2)
    return f"{amount(100.0 * share, places)}%"


def chance_interval(chance: Chance) -> str:
    """
    The 95 % interval of a probability, in words.

    >>> chance_interval(Chance(0.0027, 0.0004, 0.00207, 0.00352))
    '0.21% to 0.35%'
    >>> chance_interval(Chance(0.0, 0.0, 0.0, 0.0002))
    'at most 0.020%'
    """
    if chance.low <= LEAST:
        return f"at most {probability(chance.high)}"
    if chance.high >= 1.0 - LEAST:
        return f"at least {probability(chance.low)}"
    return f"{probability(chance.low)} to {probability(chance.high)}"


def duration(length_s: float) -> str:
    """
    A length of time in the largest unit that counts it well.

    >>> duration(90 * 86_400), duration(31_536_000), duration(5_400), duration(86_400)
    ('90 days', '1 year', '90 minutes', '1 day')
    """
    for word, size_s in UNITS:
        count = length_s / size_s
        if count >= 1.0 and abs(count - round(count)) < 1e-9 * count:
            return f"{round(count):,} {word}{'' if round(count) == 1 else 's'}"
    word, size_s = next((u for u in UNITS if length_s >= 2.0 * u[1]), UNITS[-1])
    return f"{length_s / size_s:,.1f} {word}s"


def clock(horizon_s: float) -> tuple[str, float]:
    """
    The unit in which times within a horizon are told, and its length in seconds.

    >>> clock(90 * 86_400), clock(7_200), clock(10 * 31_536_000)
    (('day', 86400.0), ('minute', 60.0), ('year', 31536000.0))
    """
    for word, size_s in UNITS:
        if horizon_s >= (5.0 if word == "year" else 3.0) * size_s:
            return word, size_s
    return UNITS[-1]


def moment(t_s: float, horizon_s: float) -> str:
    """
    A time since the start.

    >>> moment(3_888_000.0, 7_776_000.0)
    'day 45'
    """
    word, size_s = clock(horizon_s)
    return f"{word} {amount(t_s / size_s, 1 if word == 'year' else 0)}"


def gauges(*values: float) -> list[str]:
    """
    Gauges such as health factors; that of a position without debt is said in words.

    >>> gauges(1.0734, 1.25), gauges(0.639, 74.4), gauges(2.365, 1e9)
    (['1.073', '1.250'], ['0.64', '74.40'], ['2.365', 'no debt'])
    """
    free = 0.1 * NO_DEBT
    places = min(decimals(*(v for v in values if v < free), digits=4), 3)
    return [amount(v, places) if v < free else "no debt" for v in values]


def words(name: str) -> str:
    """A name from a book as words: `min_health` is `min health`."""
    return name.replace("_", " ")
