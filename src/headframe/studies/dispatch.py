"""
When a site runs: by rule, hour by hour, and at the optimum that knows the whole day.

The rule sees one price at a time. It goes up to a preset below the preset's strike and down above
it, with hysteresis and minimum times, within the ramp, and it keeps up what is sold as reserve. The
optimum sees the prices of a whole day and co-optimises load, starts and reserve as a mixed-integer
programme (HiGHS). The difference is what the rule loses.

    profit = sum over hours of  hashing - power - starts + capacity payment - penalty
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headframe.studies.strike import Strike, StrikeTable
from headframe.types import Array
from headframe.units import DAY_S, HOUR_S, HOURS_PER_DAY

TINY = 1e-9
"""Megawatts that do not count."""


@dataclass(frozen=True)
class Plan:
    """
    Megawatts of every step in every interval, and what they earn.

    `mw` is `(steps, intervals)` in the order of the table's strikes; `profit_usd` per interval.
    """

    table: StrikeTable
    prices: Array
    interval_s: float
    mw: Array
    profit_usd: Array
    short_mw: Array

    @property
    def load_mw(self) -> Array:
        """The site's load."""
        load: Array = self.mw.sum(axis=0)
        return load

    @property
    def uptime(self) -> float:
        """Energy used over that of running at full load all the time."""
        return float(self.load_mw.mean() / self.table.mw)

    @property
    def total_usd(self) -> float:
        """Profit of the whole time."""
        return float(self.profit_usd.sum())


def by_rule(
    table: StrikeTable, prices: Array, *, interval_s: float = HOUR_S, start_h: int = 0
) -> Plan:
    """Follow the strikes; `prices` are the market's in USD per MWh, `start_h` the first's hour."""
    mw = np.zeros((len(table.strikes), prices.size))
    machine = _Rule(table, interval_s)
    for t, price in enumerate(prices):
        hour = int(start_h + t * interval_s / HOUR_S) % 24
        mw[:, t] = machine.decide(float(price), hour)
    return _booked(table, prices, interval_s, mw, start_h)


class _Rule:
    """What the rule remembers: the level of each batch, since when, and the site's load."""

    def __init__(self, table: StrikeTable, interval_s: float) -> None:
        self.table, self.interval_s, self.site = table, interval_s, table.site
        self.level = dict.fromkeys(table.batches, 0)
        self.since_s = dict.fromkeys(table.batches, 1e18)
        self.load = 0.0
        self.mw = np.zeros(len(table.strikes))

    def decide(self, price: float, hour: int) -> Array:
        """Megawatts of every step at a price."""
        wanted = {b: self._wanted(b, price) for b in self.table.batches}
        self._keep_reserve(wanted, hour)
        for batch, level in wanted.items():
            same = (level > 0) == (self.level[batch] > 0)
            self.since_s[batch] = self.interval_s + (self.since_s[batch] if same else 0.0)
            self.level[batch] = level
        counted = dict.fromkeys(self.table.batches, 0)
        for k, strike in enumerate(self.table.strikes):
            counted[strike.batch] += 1
            self.mw[k] = strike.mw if counted[strike.batch] <= self.level[strike.batch] else 0.0
        return self._ramped()

    def _wanted(self, batch: str, price: float) -> int:
        ladder, level = self.table.of(batch), self.level[batch]
        half = 0.5 * self.site.band_usd_per_mwh
        least = self.site.min_on_s if level > 0 else self.site.min_off_s
        new = level
        while new < len(ladder) and price < ladder[new].market_usd_per_mwh - half:
            new += 1
        while new > 0 and price > ladder[new - 1].market_usd_per_mwh + half:
            new -= 1
        held = (new > 0) != (level > 0) and self.since_s[batch] < least
        return int(level > 0) if held else new

    def _keep_reserve(self, wanted: dict[str, int], hour: int) -> None:
        """Run what is sold as reserve, the best steps first."""
        reserve = self.site.reserve
        if reserve is None or hour not in reserve.hours:
            return
        done = dict.fromkeys(wanted, 0)
        load = sum(s.mw for b, level in wanted.items() for s in self.table.of(b)[:level])
        for strike in self.table.strikes:
            done[strike.batch] += 1
            if load >= reserve.mw - TINY:
                return
            if done[strike.batch] > wanted[strike.batch]:
                wanted[strike.batch] = done[strike.batch]
                load += strike.mw

    def _ramped(self) -> Array:
        """The load moves no faster than the ramp: the best steps first up, the worst first down."""
        most = self.site.ramp_mw_per_h
        target = float(self.mw.sum())
        if most is not None:
            room = most * self.interval_s / HOUR_S
            target = float(np.clip(target, self.load - room, self.load + room))
        given = self.mw.copy()
        if target < given.sum():
            left = target
            for k in range(given.size):
                given[k] = min(given[k], left)
                left -= given[k]
        elif target > given.sum() + TINY:
            left = target - given.sum()
            for k, strike in enumerate(self.table.strikes):
                more = min(strike.mw - given[k], left)
                given[k] += more
                left -= more
        self.load = float(given.sum())
        return given


def _booked(table: StrikeTable, prices: Array, interval_s: float, mw: Array, start_h: int) -> Plan:
    hours = interval_s / HOUR_S
    strikes = np.array([s.site_usd_per_mwh for s in table.strikes])
    cost = prices + table.site.delivery_usd_per_mwh
    profit = hours * (strikes @ mw - cost * mw.sum(axis=0))
    profit -= table.site.start_usd_per_mw * _started(table, mw)
    paid, short = _reserve(table, prices.size, interval_s, mw.sum(axis=0), start_h)
    return Plan(table, prices, interval_s, mw, profit + hours * paid, short)


def _started(table: StrikeTable, mw: Array) -> Array:
    """Megawatts that start from rest in each interval: what the first steps rise by."""
    began = np.zeros(mw.shape[1])
    for batch in table.batches:
        first = next(k for k, s in enumerate(table.strikes) if s.batch == batch)
        began += np.maximum(np.diff(mw[first], prepend=0.0), 0.0)
    return began


def _reserve(
    table: StrikeTable, n: int, interval_s: float, load: Array, start_h: int
) -> tuple[Array, Array]:
    """What reserve earns an hour, less penalties; and what was missing of it."""
    reserve = table.site.reserve
    if reserve is None:
        return np.zeros(n), np.zeros(n)
    hour = ((start_h + np.arange(n) * interval_s / HOUR_S) % 24).astype(int)
    due = np.isin(hour, reserve.hours)
    short = np.where(due, np.maximum(reserve.mw - load, 0.0), 0.0)
    held = np.where(due, reserve.mw - short, 0.0)
    return reserve.usd_per_mw_h * held - reserve.penalty_usd_per_mw_h * short, short


def at_optimum(
    table: StrikeTable, prices: Array, *, interval_s: float = HOUR_S, start_h: int = 0
) -> Plan:
    """The best plan for prices known a day ahead: each day from where the last one ended."""
    per_day = round(DAY_S / interval_s)
    rested = dict.fromkeys(table.batches, 1e18)
    days, load = [], np.zeros(len(table.strikes))
    for first in range(0, prices.size, per_day):
        day = prices[first : first + per_day]
        hour = int(start_h + first * interval_s / HOUR_S) % 24
        days.append(_one_day(table, day, interval_s, hour, load, rested))
        load = days[-1][:, -1]
        _rest(table, days[-1], interval_s, rested)
    return _booked(table, prices, interval_s, np.concatenate(days, axis=1), start_h)


def _rest(table: StrikeTable, mw: Array, interval_s: float, rested: dict[str, float]) -> None:
    """Since when each batch is as it is (on or off) at the end of a day."""
    for batch in table.batches:
        rows = [k for k, s in enumerate(table.strikes) if s.batch == batch]
        on = mw[rows].sum(axis=0) > TINY
        same = int(np.argmax((on != on[-1])[::-1])) if (on != on[-1]).any() else 0
        whole = same * interval_s if same else rested[batch] + on.size * interval_s
        rested[batch] = whole


def _one_day(
    table: StrikeTable,
    prices: Array,
    interval_s: float,
    start_h: int,
    before: Array,
    rested: dict[str, float],
) -> Array:
    """Solve one day as a mixed-integer programme: load of each step, starts, and reserve held."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_matrix

    programme = _Programme(table, prices, interval_s, start_h, before, rested)
    matrix = lil_matrix((len(programme.rows), programme.size))
    for r, row in enumerate(programme.rows):
        for column, value in row.items():
            matrix[r, column] = value
    done = milp(
        programme.cost,
        integrality=programme.whole,
        bounds=Bounds(programme.least, programme.most),
        constraints=LinearConstraint(matrix.tocsr(), programme.low, programme.high),
    )
    if done.x is None:
        raise RuntimeError(f"the day has no plan: {done.message}")
    n = prices.size
    found: Array = done.x[: len(table.strikes) * n].reshape(len(table.strikes), n)
    return np.where(found > TINY, found, 0.0)


class _Programme:
    """
    Variables and constraints of one day, column by column.

    Columns: load of each step (steps x n), each batch on (0 or 1), each batch's starting megawatts,
    missing reserve (n).
    """

    def __init__(
        self,
        table: StrikeTable,
        prices: Array,
        interval_s: float,
        start_h: int,
        before: Array,
        rested: dict[str, float],
    ) -> None:
        self.table, self.n, self.interval_s = table, prices.size, interval_s
        k, b, n = len(table.strikes), len(table.batches), prices.size
        self.size = k * n + 2 * b * n + n
        self.cost, self.least = np.zeros(self.size), np.zeros(self.size)
        self.most, self.whole = np.ones(self.size), np.zeros(self.size)
        self.rows: list[dict[int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        hours = interval_s / HOUR_S
        price = prices + table.site.delivery_usd_per_mwh
        for s, strike in enumerate(table.strikes):
            self.cost[s * n : (s + 1) * n] = hours * (price - strike.site_usd_per_mwh)
            self.most[s * n : (s + 1) * n] = strike.mw
        for j, batch in enumerate(table.batches):
            self._batch(j, batch, before, rested[batch])
        self._ramp(before)
        self._hold(start_h, hours)

    def load(self, step: int, t: int) -> int:
        """Column of a step's megawatts."""
        return step * self.n + t

    def on(self, batch: int, t: int) -> int:
        """Column that says whether a batch is on."""
        return (len(self.table.strikes) + batch) * self.n + t

    def begins(self, batch: int, t: int) -> int:
        """Column of the megawatts that a batch starts from rest."""
        return (len(self.table.strikes) + len(self.table.batches) + batch) * self.n + t

    def missing(self, t: int) -> int:
        """Column of the reserve that is missing."""
        return self.size - self.n + t

    def _add(self, row: dict[int, float], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def _batch(self, j: int, batch: str, before: Array, rested_s: float) -> None:
        site = self.table.site
        ladder = [s for s, strike in enumerate(self.table.strikes) if strike.batch == batch]
        first, whole = ladder[0], site.ramp_mw_per_h is None
        was = float(before[ladder].sum() > TINY)
        for t in range(self.n):
            self.whole[self.on(j, t)] = 1.0
            self.most[self.begins(j, t)] = self.table.strikes[first].mw
            self.cost[self.begins(j, t)] = site.start_usd_per_mw
            for s in ladder:
                size = self.table.strikes[s].mw
                self._add({self.load(s, t): 1.0, self.on(j, t): -size}, -np.inf, 0.0)
            if whole:  # what is on runs; where a ramp holds it may have to wait
                size = self.table.strikes[first].mw
                self._add({self.load(first, t): 1.0, self.on(j, t): -size}, 0.0, np.inf)
            row = {self.load(first, t): 1.0, self.begins(j, t): -1.0}
            if t > 0:
                row[self.load(first, t - 1)] = -1.0
            self._add(row, -np.inf, 0.0 if t > 0 else float(before[first]))
            self._stay(j, t, was, rested_s)

    def _stay(self, j: int, t: int, was: float, rested_s: float) -> None:
        """
        Minimum times: what is switched at t stays so until u.

            on[t] - on[t-1] <= on[u],   on[t-1] - on[t] <= 1 - on[u]
        """
        site = self.table.site
        for least_s, sign in ((site.min_on_s, 1.0), (site.min_off_s, -1.0)):
            span = int(np.ceil(least_s / self.interval_s - 1e-9))
            bound = 0.0 if sign > 0.0 else 1.0
            for u in range(t + 1, min(t + span, self.n)):
                row = {self.on(j, t): sign, self.on(j, u): -sign}
                if t > 0:
                    row[self.on(j, t - 1)] = -sign
                self._add(row, -np.inf, bound if t > 0 else bound + sign * was)
        held_s = site.min_on_s if was > 0.0 else site.min_off_s
        if t * self.interval_s + rested_s < held_s:
            self.least[self.on(j, t)] = self.most[self.on(j, t)] = was

    def _ramp(self, before: Array) -> None:
        most = self.table.site.ramp_mw_per_h
        if most is None:
            return
        room = most * self.interval_s / HOUR_S
        for t in range(self.n):
            row = {self.load(s, t): 1.0 for s in range(len(self.table.strikes))}
            past = float(before.sum()) if t == 0 else 0.0
            if t > 0:
                row |= {self.load(s, t - 1): -1.0 for s in range(len(self.table.strikes))}
            self._add(row, past - room, past + room)

    def _hold(self, start_h: int, hours: float) -> None:
        reserve = self.table.site.reserve
        for t in range(self.n):
            hour = int(start_h + t * self.interval_s / HOUR_S) % int(HOURS_PER_DAY)
            if reserve is None or hour not in reserve.hours:
                self.most[self.missing(t)] = 0.0
                continue
            self.most[self.missing(t)] = reserve.mw
            lost = reserve.usd_per_mw_h + reserve.penalty_usd_per_mw_h
            self.cost[self.missing(t)] = hours * lost
            row = {self.load(s, t): 1.0 for s in range(len(self.table.strikes))}
            self._add(row | {self.missing(t): 1.0}, reserve.mw, np.inf)


def presets(table: StrikeTable, mw: Sequence[float] | Array) -> dict[str, tuple[str, float]]:
    """The preset of each batch that carries so many megawatts a step, and machines at it."""
    chosen: dict[str, tuple[str, float]] = {}
    for batch in table.batches:
        name, count = "off", 0.0
        for k, strike in enumerate(table.strikes):
            if strike.batch == batch and mw[k] > TINY:
                name, count = strike.step.above.name, _machines(strike, float(mw[k]))
        chosen[batch] = (name, count)
    return chosen


def _machines(strike: Strike, mw: float) -> float:
    return strike.count * mw / strike.mw if strike.mw > 0.0 else 0.0
