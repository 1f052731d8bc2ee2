"""
A year of minutes of a concentrated position, bar by bar, and in demeter, in one run.

`studies.v3_bars.fees_from_bars` takes 525,600 bars of a pool: fees per bar and token, and what the
position holds at each close. Two markets are played: a random walk that is inside the range or
outside on most bars, and the worst case for the function, closes drawn about a bound, so that most
bars cross it and take the longer way (exponentials and the shares of a known path).

demeter (zelos-demeter, MIT licence) backtests the same position on the first bars of the same
market, in an environment of its own (see `benchmarks.competitors`): only its own `run()` counts. It
keeps Python decimals and a record of every bar. Its fees are held against `fee_truth.fees_by_move`,
which is its rule written anew; they must agree to rounding.

Counted is processor time; rounds are interleaved, a ratio is the median of the rounds' ratios.

    python -m benchmarks.v3_bars [--smoke]
"""

import math
import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks.competitors import COMPETITORS
from benchmarks.machine import ratio, row, tell, write
from headframe.kernels.uniswap_v3 import LOG_TICK
from headframe.studies.fee_truth import fees_by_move
from headframe.studies.v3_bars import Bars, fees_from_bars
from headframe.units import MINUTE_S, YEAR_S

DEMETER = replace(
    next(one for one in COMPETITORS if one.name == "demeter"),
    script="in_demeter_v3.py",
    what="Uniswap v3 market with one position",
)
"""Who is asked, in the environment that `benchmarks.competitors` makes."""
YEAR = round(YEAR_S / MINUTE_S)
"""Bars of a year."""
FEW = 2_880
"""Bars that demeter plays: two days; it slows down as its record grows."""
SEED, FEE = 1, 0.003
"""Of the market, and the pool's tier."""
CENTER, HALF_WIDTH = -200_040, 960
"""The range in ticks, some 10 % to either side of 2,053 dollars an ether (18 and 6 decimals)."""
VOLATILITY = 0.6
"""Of the random walk, a year."""
LIQUIDITY = 2e18
"""Mean active liquidity of the pool."""
MARKETS = ("a random walk", "bars that cross a bound")
"""What is played."""
ONE_SECOND = 1.0
"""What a year may take."""
SAME = 1e-12
"""Relative difference let pass between demeter's fees and its rule written anew."""


def market(name):
    """A year of bars in whole ticks, and what the position is."""
    rng = np.random.default_rng(SEED)
    deviation = VOLATILITY / math.sqrt(YEAR) / LOG_TICK
    normal, luck = rng.normal(size=YEAR), rng.random((2, YEAR))
    walk = CENTER + np.cumsum(deviation * normal)
    close = walk if name == MARKETS[0] else CENTER + HALF_WIDTH + deviation * normal
    start = np.concatenate(([close[0]], close[:-1]))
    # The extremes of a Brownian bridge between two closes, each by its own law.
    move = close - start
    far = np.sqrt(move * move - 2.0 * deviation**2 * np.log(1.0 - luck))
    ticks = {"open": start, "high": (start + close + far[0]) / 2.0}
    ticks |= {"low": (start + close - far[1]) / 2.0, "close": close}
    ticks = {column: np.floor(values) for column, values in ticks.items()}
    liquidity = np.floor(LIQUIDITY * np.exp(0.2 * rng.normal(size=YEAR)))
    root = np.exp(0.5 * LOG_TICK * close)
    way = (1.0 + rng.exponential(2.0, YEAR)) * 0.5 * LOG_TICK * (ticks["high"] - ticks["low"] + 1)
    return ticks | {
        "liquidity": liquidity,
        "volume0": np.floor(way / root * liquidity / (1.0 - FEE)),
        "volume1": np.floor(way * root * liquidity / (1.0 - FEE)),
        "price": np.exp(LOG_TICK * close) * 1e12,
        "tick_lower": CENTER - HALF_WIDTH,
        "tick_upper": CENTER + HALF_WIDTH,
        "fee": FEE,
        "deposit_eth": 1.0,
        "deposit_usd": 2_000.0,
    }


def bars_of(played, n_bars=YEAR):
    """The bars as our function takes them."""
    return Bars(**{name: played[name][:n_bars] for name in Bars.__dataclass_fields__})


def position(played):
    """Range, fee and a liquidity of about four thousand dollars at the middle."""
    root = math.exp(0.5 * LOG_TICK * CENTER)
    unit = root * (1.0 - math.exp(-0.5 * LOG_TICK * HALF_WIDTH))
    ends = {name: played[name] for name in ("tick_lower", "tick_upper")}
    return ends | {"liquidity": 2_000.0e6 / unit, "fee": FEE}


def our_seconds(played):
    """Processor seconds of a year of bars, and what was earned."""
    bars, terms = bars_of(played), position(played)
    start = time.process_time()
    earned = fees_from_bars(bars, **terms)
    return time.process_time() - start, earned


def crossing(played):
    """Share of bars that cross a bound."""
    low, high = played["low"], played["high"]
    ends = (played["tick_lower"], played["tick_upper"])
    return float(np.mean([(low < end) & (high > end) for end in ends], axis=1).sum())


def difference(played, answer):
    """The larger relative difference of demeter's fees from its rule written anew."""
    terms = position(played) | {"liquidity": answer["liquidity"]}
    told = fees_by_move(bars_of(played, FEW), **terms, included=False)
    return max(abs(answer[f"fee{k}"] / told[k] - 1.0) for k in range(2))


def rounds(played, n_rounds, *, beside):
    """Seconds a bar of ours and of demeter's, by market; and demeter's answers."""
    ours, theirs, answers = ({name: [] for name in played} for _ in range(3))
    for _ in range(n_rounds):
        for name, bars in played.items():
            ours[name].append(our_seconds(bars)[0] / YEAR)
            if beside:
                answer = DEMETER.play(bars, FEW)
                theirs[name].append(answer["seconds"] / FEW)
                answers[name] = answer
    return ours, theirs, answers


def results(played, ours, theirs, answers):
    """Rows and ratios."""
    rows, ratios = [], []
    for name, seconds in ours.items():
        remark = f"{100.0 * crossing(played[name]):.0f} % of bars cross a bound"
        rate = 1.0 / statistics.median(seconds)
        rows.append(row(f"headframe, {YEAR:,} bars, {name}", rate, "bars/s", remark))
        rows.append(row(f"a year of minutes, {name}", YEAR / rate, "s", "wanted below 1 s"))
    for name, answer in answers.items():
        if not answer:
            continue
        versions = ", ".join(f"{lib} {release}" for lib, release in answer["libraries"].items())
        rate = 1.0 / statistics.median(theirs[name])
        title = f"{DEMETER.title}, {FEW:,} bars, {name}"
        rows.append(row(title, rate, "bars/s", f"{DEMETER.what}; {versions}"))
        gap = difference(played[name], answer)
        assert gap < SAME, (name, gap)
        rows.append(
            row(f"its fees against its rule written anew, {name}", gap, "relative", "difference")
        )
        value = ratio(theirs[name], ours[name])
        ratios.append({"name": f"headframe of {title}", "value": value, "wanted": "100 or more"})
    return rows, ratios


def main():
    """Measure, or with --smoke only see that it works; demeter where it is or can be installed."""
    smoke = "--smoke" in sys.argv
    beside = DEMETER.is_installed()
    if not beside and smoke:
        print(f"v3_bars: {DEMETER.title} is not installed, measured alone")
    elif not beside:
        DEMETER.install()
        beside = True
    played = {name: market(name) for name in MARKETS}
    for bars in played.values():
        our_seconds(bars)
    ours, theirs, answers = rounds(played, 1 if smoke else 3, beside=beside)
    for name, seconds in ours.items():
        assert statistics.median(seconds) * YEAR < ONE_SECOND, name
    rows, ratios = results(played, ours, theirs, {name: a for name, a in answers.items() if a})
    if smoke:
        tell(rows, ratios)
    else:
        write("v3_bars", rows, ratios)


if __name__ == "__main__":
    main()
