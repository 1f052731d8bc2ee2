"""
How true fees from bars are: against the pool's own arithmetic, to the wei.

A small position stands in an exact pool (`exact.uniswap_v3`, which deployed bytecode judges) among
random swaps: as many up as down, of exponential size, on liquidity that differs from range to
range. What the pool then owes it is the truth. The same flow is cut into bars, and
`studies.v3_bars` and the usual rule (`share_of_move`) are asked what the position earned. The
errors are relative, per token, one for each seed.

The usual rule is demeter's (zelos-demeter 1.3.0, MIT licence, V3CoreLib.update_fee): a bar counts
by the share of the way from close to close that lies inside the range, wholly where both are
inside, not at all where both are outside on one side. `benchmarks.v3_bars` plays the library itself
beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headframe.exact import uniswap_v3 as exact
from headframe.studies.v3_bars import Bars, fees_from_bars
from headframe.types import Array
from headframe.units import DAY_S, HOUR_S, MINUTE_S, PIPS

FEE_PIPS, SPACING = 3_000, 60
"""The pool: 30 basis points, a usable tick every 60."""
BASE_LIQUIDITY = 10**24
"""Liquidity of the provider who spans all that the price visits."""
OWN_LIQUIDITY = 10**21
"""Liquidity of the position: a thousandth."""
BASE_HALF_WIDTH = 200
"""Spacings that the base reaches to either side."""
OTHERS = 6
"""Providers with ranges of their own."""
HALF_WIDTHS = (1, 3, 10)
"""Half-widths of the position's range, in spacings."""
VOLATILITIES = (0.03, 0.06)
"""Standard deviation of the logarithm of the price in a day."""
BAR_LENGTHS_S: dict[str, float] = {
    "1 minute": MINUTE_S,
    "10 minutes": 10 * MINUTE_S,
    "1 hour": HOUR_S,
    "4 hours": 4 * HOUR_S,
    "1 day": DAY_S,
}
"""Lengths of the bars by name."""
RULES = ("headframe", "share of the move")
"""Who is asked."""
RESAMPLES = 2_000
"""Bootstrap samples for the interval of a median."""


@dataclass(frozen=True, eq=False)
class Flow:
    """What a pool saw, swap by swap, and what it owes to the position of each half-width."""

    at_s: Array
    tick: Array
    liquidity: Array
    paid0: Array
    paid1: Array
    first_tick: float
    days: int
    owed: Mapping[int, tuple[int, int]]


def play(seed: int, volatility: float, *, days: int, swaps_per_day: int) -> Flow:
    """Play random swaps through an exact pool that holds the position in every half-width."""
    rng = np.random.default_rng([seed, round(volatility * 1e6)])
    pool = _pool(rng)
    n = days * swaps_per_day
    mean = volatility / (2.0 * np.sqrt(2.0 * swaps_per_day))
    sizes = rng.exponential(mean, n) * pool.liquidity / (1.0 - FEE_PIPS * PIPS)
    down = rng.random(n) < 0.5
    at_s = np.sort(rng.random(n)) * days * DAY_S
    first_tick, seen = pool.tick, np.empty((4, n))
    for k in range(n):
        root = pool.sqrt_price_x96 / 2.0**96
        if down[k]:
            limit, amount = exact.MIN_SQRT_RATIO + 1, int(sizes[k] / root)
        else:
            limit, amount = exact.MAX_SQRT_RATIO - 1, int(sizes[k] * root)
        got0, got1 = exact.swap(pool, bool(down[k]), max(amount, 1), limit, now_ts=int(at_s[k]))
        seen[:, k] = pool.tick, pool.liquidity, max(got0, 0), max(got1, 0)
    tick, liquidity, paid0, paid1 = seen
    owed = _owed(pool, int(days * DAY_S))
    return Flow(at_s, tick, liquidity, paid0, paid1, first_tick, days, owed)


def _pool(rng: np.random.Generator) -> exact.Pool:
    pool = exact.create_pool(FEE_PIPS, SPACING)
    start = int(rng.integers(-SPACING // 2, SPACING // 2 + 1))
    exact.initialize(pool, exact.get_sqrt_ratio_at_tick(start), now_ts=0)
    reach = BASE_HALF_WIDTH * SPACING
    exact.mint(pool, "base", -reach, reach, BASE_LIQUIDITY, now_ts=0)
    for k in range(OTHERS):
        center, half = int(rng.integers(-10, 11)), int(rng.integers(3, 26))
        amount = int(rng.uniform(0.05, 0.2) * BASE_LIQUIDITY)
        ends = ((center - half) * SPACING, (center + half) * SPACING)
        exact.mint(pool, f"other {k}", *ends, amount, now_ts=0)
    for half in HALF_WIDTHS:
        exact.mint(pool, half, -half * SPACING, half * SPACING, OWN_LIQUIDITY, now_ts=0)
    return pool


def _owed(pool: exact.Pool, now_ts: int) -> dict[int, tuple[int, int]]:
    owed = {}
    for half in HALF_WIDTHS:
        ends = (-half * SPACING, half * SPACING)
        exact.burn(pool, half, *ends, 0, now_ts=now_ts)
        owed[half] = exact.collect(pool, half, *ends)
    return owed


def cut(flow: Flow, bar_s: float) -> Bars:
    """
    The flow in bars: ticks at open, high, low, close, volumes paid in, mean active liquidity.

    Ticks are those of the swap events, the opening that of the close before; liquidity is the
    plain mean of what the events report. A bar without a swap stands still.
    """
    n_bars = round(flow.days * DAY_S / bar_s)
    bar = np.minimum((flow.at_s / bar_s).astype(np.int64), n_bars - 1)
    ends = np.searchsorted(bar, np.arange(n_bars), side="right")
    counts = np.diff(ends, prepend=0)
    last = np.maximum(ends - 1, 0)
    close = np.where(ends > 0, flow.tick[last], flow.first_tick)
    opening = np.concatenate(([flow.first_tick], close[:-1]))
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    np.maximum.at(high, bar, flow.tick)
    np.minimum.at(low, bar, flow.tick)
    total = np.bincount(bar, flow.liquidity, n_bars)
    mean = np.where(counts > 0, total / np.maximum(counts, 1), flow.liquidity[last])
    return Bars(
        open=opening,
        high=high,
        low=low,
        close=close,
        volume0=np.bincount(bar, flow.paid0, n_bars).astype(np.float64),
        volume1=np.bincount(bar, flow.paid1, n_bars).astype(np.float64),
        liquidity=mean,
    )


def share_of_move(bars: Bars, tick_lower: float, tick_upper: float) -> Array:
    """
    The usual weight of a bar: the share of the way from close to close inside the range.

    Source: zelos-demeter 1.3.0, V3CoreLib.update_fee.
    """
    close = np.asarray(bars.close, np.float64)
    before = np.concatenate(([np.asarray(bars.open, np.float64)[0]], close[:-1]))
    low, high = np.minimum(before, close), np.maximum(before, close)
    way = np.maximum(np.minimum(high, tick_upper) - np.maximum(low, tick_lower), 0.0)
    side = np.where(close >= tick_upper, 1, np.where(close < tick_lower, -1, 0))
    side_before = np.where(before >= tick_upper, 1, np.where(before < tick_lower, -1, 0))
    share: Array = np.where(
        side == side_before, (side == 0) * 1.0, way / np.maximum(high - low, 1.0)
    )
    return share


def fees_by_move(
    bars: Bars,
    *,
    tick_lower: float,
    tick_upper: float,
    liquidity: float,
    fee: float,
    included: bool = True,
) -> tuple[float, float]:
    """
    Fees of all bars by the usual rule; `included` says that the bars' liquidity counts the position
    already (the library itself takes it that it does not, and adds it).
    """
    share = share_of_move(bars, tick_lower, tick_upper)
    active = np.asarray(bars.liquidity) + (0.0 if included else liquidity)
    part = fee * liquidity / active * share
    return float(np.sum(part * bars.volume0)), float(np.sum(part * bars.volume1))


Errors = dict[tuple[float, int, str, str], npt.NDArray[np.float64]]
"""Relative errors, one a seed and token, by volatility, half-width, bar and rule."""


def errors(
    seeds: Iterable[int],
    *,
    volatilities: Sequence[float] = VOLATILITIES,
    bars: Mapping[str, float] = BAR_LENGTHS_S,
    days: int = 5,
    swaps_per_day: int = 4_000,
) -> Errors:
    """Errors of both rules in every cell; a seed without fees in both tokens is left out."""
    found: dict[tuple[float, int, str, str], list[float]] = {}
    numbers = list(seeds)
    for volatility in volatilities:
        for seed in numbers:
            flow = play(seed, volatility, days=days, swaps_per_day=swaps_per_day)
            for name, length_s in bars.items():
                _add(found, volatility, name, cut(flow, length_s), flow.owed)
    return {cell: np.array(values) for cell, values in found.items()}


def _add(
    found: dict[tuple[float, int, str, str], list[float]],
    volatility: float,
    name: str,
    bars: Bars,
    owed: Mapping[int, tuple[int, int]],
) -> None:
    fee = FEE_PIPS * PIPS
    for half, truth in owed.items():
        ends: dict[str, Any] = {"tick_lower": -half * SPACING, "tick_upper": half * SPACING}
        own = fees_from_bars(bars, **ends, liquidity=OWN_LIQUIDITY, fee=fee, included=True)
        usual = fees_by_move(bars, **ends, liquidity=OWN_LIQUIDITY, fee=fee)
        for rule, told in zip(RULES, ((own.total0, own.total1), usual), strict=True):
            wrong = [a / max(b, 1) - 1.0 for a, b in zip(told, truth, strict=True)]
            if min(truth) > 0:
                found.setdefault((volatility, half, name, rule), []).extend(wrong)


@dataclass(frozen=True)
class Cell:
    """Errors of one rule in one cell: the median size with its interval, the mean, the largest."""

    volatility: float
    half_width: int
    bar: str
    rule: str
    n: int
    median: float
    """Median of the absolute relative error."""
    low: float
    """Lower end of the 95 % bootstrap interval of the median."""
    high: float
    """Upper end."""
    bias: float
    """Mean of the signed relative error."""
    largest: float


def cells(found: Errors, *, seed: int = 1) -> list[Cell]:
    """The errors summed up, cell by cell; the bootstrap draws whole seeds (both tokens at once)."""
    summed = []
    for (volatility, half, name, rule), wrong in found.items():
        size = np.abs(wrong)
        rng = np.random.default_rng(seed)
        pairs = size.reshape(-1, 2)
        drawn = rng.integers(0, len(pairs), (RESAMPLES, len(pairs)))
        medians = np.median(pairs[drawn].reshape(RESAMPLES, -1), axis=1)
        low, high = np.quantile(medians, (0.025, 0.975))
        summed.append(
            Cell(
                volatility,
                half,
                name,
                rule,
                int(size.size),
                float(np.median(size)),
                float(low),
                float(high),
                float(wrong.mean()),
                float(size.max()),
            )
        )
    return summed
