"""
The mining race played over history, and fitted to it.

Price, fees and subsidy of each day are given; hash rate and difficulty are the model's own, from
one opening to the end: nothing pulls it back to what really was. What cannot follow from a price is
given too: the share of machines that a government let run (China, 2021). Fitted are three numbers
that nobody publishes: what a unit of new hash rate costs, how much factories build a year, and how
fast that grows. Compared is the logarithm of the hash rate with the 14-day mean of the real one.

Fit to bitcoin, 2018-01-01 to 2024-12-23 (`opening_2018` holds the numbers): the root mean square of
ln(model / real) is 0.131; that of the exponential that fits the same days best is 0.181. Fitted to
2018 to 2021 only, the race is off by 0.133 there and by 0.16 over 2022 to 2024, which it has not
seen; the exponential by 0.22 and 0.19.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headframe.errors import DataError
from headframe.layout import Layout, Prices, signal_row
from headframe.process import Tick
from headframe.processes.mining_race import MiningRace
from headframe.sources.tables import Table
from headframe.studies.network_shock import Shock
from headframe.types import Array, Block
from headframe.units import DAY_S, HASHES_PER_DIFFICULTY, HASHES_PER_TH, TH_PER_EH, YEAR_S

FREE = ("machine_usd_per_th", "capacity_eh_s", "capacity_growth")
"""The parameters that are fitted. Costs fall with J/TH: seven years cannot tell the two apart."""
SMOOTH_DAYS = 14
"""The real hash rate is told by so many days' blocks; a day alone scatters by 8 %."""
FEE_DAYS = 7
"""Miners look at the mean fees of so many days."""
CHINA_TS = 1_620_864_000.0
"""The first day of China's exit, 2021-05-13."""
PERIOD_S, PERIOD_BLOCKS, CLAMP = 14 * DAY_S, 2016.0, 4.0
"""The retarget that the replay makes, without luck."""


@dataclass(frozen=True, eq=False)
class MiningDays:
    """
    What is given of each day, from unix time `first_ts` on, and the hash rate that came of it.

    `btc_usd` is the price at the day's beginning; `fees_btc` and `subsidy_btc` are of one block.
    """

    first_ts: float
    btc_usd: Array
    fees_btc: Array
    subsidy_btc: Array
    online: Array
    eh_s: Array

    def until(self, n_days: int) -> "MiningDays":
        """The first days only."""
        cut = {k: v[:n_days] for k, v in vars(self).items() if k != "first_ts"}
        return MiningDays(self.first_ts, **cut)


def mining_days(table: Table, *, since_ts: float, until_ts: float) -> MiningDays:
    """
    Days from a daily table (price_usd, issuance_btc, fees_btc, block_count, hashrate_ths).

    Raises `DataError` where a value is missing or the table does not reach far enough around.
    """
    first = int(np.searchsorted(table.ts, since_ts))
    last = int(np.searchsorted(table.ts, until_ts))
    half = SMOOTH_DAYS // 2
    if (
        first < max(half, FEE_DAYS)
        or last + half > table.ts.size
        or last - first < PERIOD_S / DAY_S
    ):
        raise DataError("reaches not far enough around the days asked for", source=table.source)
    count = table.column("block_count")
    fees = _mean(table.column("fees_btc") / count, FEE_DAYS, FEE_DAYS - 1)
    eh_s = _mean(table.column("hashrate_ths") / TH_PER_EH, SMOOTH_DAYS, half)
    days = slice(first, last)
    since_s = table.ts[days] - CHINA_TS
    found = MiningDays(
        first_ts=float(table.ts[first]),
        btc_usd=table.column("price_usd")[days],
        fees_btc=fees[days],
        subsidy_btc=(table.column("issuance_btc") / count)[days],
        online=Shock(return_s=0.5 * YEAR_S).level(since_s),
        eh_s=eh_s[days],
    )
    for key, values in vars(found).items():
        if not np.all(np.isfinite(values)):
            raise DataError("has a day without a value", source=table.source, key=key)
    return found


def _mean(values: Array, n: int, before: int) -> Array:
    """Mean of `n` days, of which `before` lie before; NaN where they are not all there."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    out = np.full(values.size, np.nan)
    out[before : before + values.size - n + 1] = (sums[n:] - sums[:-n]) / n
    return out


def opening_2018(**changes: float) -> MiningRace:
    """The race as it stood on 2018-01-01, with the fitted numbers, and others in their place."""
    fitted = {"machine_usd_per_th": 63.7, "capacity_eh_s": 42.0, "capacity_growth": 0.374}
    return MiningRace(
        name="btc_network_eh_s",
        start_eh_s=14.7,
        start_j_per_th=105.0,
        start_spread=0.2,
        ordered_eh_s=14.5,
        frontier_j_per_th=80.0,
        classes=20,
        online="network_online_share",
        **{**fitted, **changes},
    )


def replay(race: MiningRace, days: MiningDays) -> Array:
    """Hash rate of each day in EH/s, from the opening and what is given alone."""
    world, layout = _world(race)
    state = Block.zeros(race.fields, 1, race.wire(layout, DAY_S))
    now, before = Tick(world, Block.zeros((), 1)), Tick(_copy(world), Block.zeros((), 1))
    per_day = TH_PER_EH * HASHES_PER_TH * DAY_S / HASHES_PER_DIFFICULTY
    difficulty = race.start_eh_s * per_day * PERIOD_S / PERIOD_BLOCKS / DAY_S
    out, found, spent_days = np.empty(days.eh_s.size), 0.0, 0.0
    for day in range(out.size):
        now.t_s = day * DAY_S
        world[str(race.price)] = days.btc_usd[day]
        world[str(race.fees)] = days.fees_btc[day]
        world[str(race.online)] = days.online[day]
        before.world[str(race.subsidy)] = days.subsidy_btc[day]
        before.world[str(race.difficulty)] = difficulty
        if day == 0:
            race.open(state, now)
        race.step(state, before, now)
        out[day] = world[race.name][0]
        blocks = out[day] * per_day / difficulty
        found, spent_days = found + blocks, spent_days + 1.0
        if found >= PERIOD_BLOCKS:
            late = (found - PERIOD_BLOCKS) / blocks
            took_s = (spent_days - late) * DAY_S
            difficulty *= PERIOD_S / min(max(took_s, PERIOD_S / CLAMP), PERIOD_S * CLAMP)
            found, spent_days = found - PERIOD_BLOCKS, late
    return out


def _world(race: MiningRace) -> tuple[Block, Layout]:
    """A world of one path with the rows that the race needs, numbers written in."""
    signals = (*race.reads, *race.reads_before, *race.publishes)
    rows = tuple(dict.fromkeys(signal_row(signal) for signal in signals))
    world = Block.zeros(rows, 1)
    for signal in signals:
        if not isinstance(signal, str):
            world[signal_row(signal)] = signal
    prices = Prices((), (), "usd")
    layout = Layout(world=rows, books=(), assets=(), cash="usd", prices=prices, step_s=DAY_S)
    return world, layout


def _copy(block: Block) -> Block:
    return Block(block.rows, block.data.copy())


def errors(race: MiningRace, days: MiningDays) -> Array:
    """Logarithm of the model's hash rate over the real one, each day."""
    return np.asarray(np.log(replay(race, days) / days.eh_s), np.float64)


def root_mean_square(values: Array) -> float:
    """Square root of the mean square."""
    return float(np.sqrt(np.mean(values * values)))


def exponential_error(days: MiningDays) -> float:
    """The same error of the best exponential, fitted to the days themselves: what to beat."""
    t = np.arange(days.eh_s.size) / days.eh_s.size
    logs = np.log(days.eh_s)
    return root_mean_square(logs - np.polyval(np.polyfit(t, logs, 1), t))


def fit(race: MiningRace, days: MiningDays, free: Sequence[str] = FREE) -> MiningRace:
    """
    The race with the free parameters that make the mean square of the errors least.

    Local, from where the race stands, by trust-region least squares on the parameters' logarithms.
    """
    from scipy.optimize import least_squares

    start = np.log([getattr(race, name) for name in free])

    def of(x: Array) -> MiningRace:
        values: Any = {name: math.exp(log) for name, log in zip(free, x, strict=True)}
        return replace(race, **values)

    found = least_squares(lambda x: errors(of(x), days), start, diff_step=1e-3, xtol=1e-4)
    return of(found.x)
