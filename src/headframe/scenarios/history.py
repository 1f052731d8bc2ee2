"""
The world as it was: columns of tables as observables, from one start date or from every one.

A backtest is a scenario with one path, or with one path for every start date. Each path has its own
calendar, published as `unix_ts`, so what depends on the hour or the season sees the real one. What
the tables do not hold (a pool's turnover, a rate) can be added as processes, which may read the
columns; and shocks act on both. Past rows only: changing the future changes nothing before it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field as plain_field
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.layout import Layout
from headframe.process import UNIX_TS, Process, Tick
from headframe.scenario import Paths
from headframe.scenarios.columns import (
    Column,
    Series,
    TableFile,
    TableLike,
    overlap,
    series_of,
)
from headframe.scenarios.model import Model, ModelState
from headframe.scenarios.stress import Shock, check_shocks, strike_all
from headframe.types import STRICT, Array, Duration, Name, Rows, Signal

Count = Annotated[int, Field(ge=1)]
"""A whole number of 1 or more."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HistorySpec:
    """
    A history as a book writes it: `[scenario]` with tables `[scenario.table.NAME]` and
    `[scenario.column.OBSERVABLE]`.

    With `starts_every_s` there is a path from each start date that has the whole horizon before it,
    without it one path from the first. `repeats` gives each start several paths: of use where
    processes or positions bring chance of their own. `start` and `end` narrow the time used.
    """

    table: dict[Name, TableFile]
    column: dict[Name, Column]
    start: date | datetime | None = None
    end: date | datetime | None = None
    starts_every_s: Duration | None = None
    repeats: Count = 1


@plain_dataclass(frozen=True, eq=False)
class Grid:
    """Every observable at every time that a run can ask for, and how paths walk over them."""

    ts: Array
    values: Array
    stride: int
    start_stride: int
    rest: Any


@plain_dataclass(eq=False)
class HistoryState:
    """A chunk of a history: where on the grid each path began, and the processes beside it."""

    grid: Grid
    begin: npt.NDArray[np.int64]
    rest: ModelState


@plain_dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """
    A scenario of recorded series, with processes for what they lack and shocks over all.

    `start_ts` and `end_ts` narrow the time that all series have in common.
    """

    series: tuple[Series, ...]
    starts_every_s: float | None = None
    repeats: int = 1
    start_ts: float | None = None
    end_ts: float | None = None
    processes: tuple[Process, ...] = ()
    correlations: Mapping[tuple[str, str], float] = plain_field(default_factory=dict)
    shocks: tuple[Shock, ...] = ()
    rest: Model = plain_field(init=False, repr=False)

    kind: ClassVar[str] = "history"
    spec: ClassVar[type] = HistorySpec

    def __post_init__(self) -> None:
        object.__setattr__(self, "rest", beside(self))

    @classmethod
    def from_tables(
        cls, spec: HistorySpec, tables: Mapping[str, TableLike], **model: Any
    ) -> "History":
        """A history from its specification and the tables that it names, read."""
        return cls(
            series=series_of(spec.column, tables),
            starts_every_s=spec.starts_every_s,
            repeats=spec.repeats,
            start_ts=None if spec.start is None else unix_ts(spec.start),
            end_ts=None if spec.end is None else unix_ts(spec.end),
            **model,
        )

    @property
    def publishes(self) -> Rows:
        """The calendar, the series and the processes' observables."""
        return (UNIX_TS, *(one.name for one in self.series), *self.rest.publishes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a backtest must know: what was recorded, and what was not."""
        first, last = (datetime.fromtimestamp(ts, UTC).date() for ts in self.span_ts)
        recorded = ", ".join(one.name for one in self.series)
        made = ", ".join(self.rest.publishes) or "nothing"
        lines = [
            f"History from {first} to {last} holds {recorded} and nothing else. From processes "
            f"come {made}; every other rate, turnover, reward or cost is a constant of the book "
            "and not what it was at the time."
        ]
        if self.starts_every_s is not None:
            lines.append("Start dates overlap: paths are not independent, true errors are larger.")
        return tuple(lines)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the processes read."""
        return self.rest.reads

    @property
    def clocks(self) -> tuple[float, ...]:
        """The processes' clocks; a series is seen at every step of the run."""
        return self.rest.clocks

    @property
    def span_ts(self) -> tuple[float, float]:
        """The first start and the last instant, in unix seconds."""
        first, last = overlap(self.series)
        first = first if self.start_ts is None else max(first, self.start_ts)
        last = last if self.end_ts is None else min(last, self.end_ts)
        return first, last

    def limit(self, horizon_s: float) -> int | None:
        """Start dates with the whole horizon before them, times `repeats`."""
        first, last = self.span_ts
        room = last - first - horizon_s
        if room < 0.0:
            return 0
        if self.starts_every_s is None:
            return self.repeats
        return (math.floor(room / self.starts_every_s + 1e-9) + 1) * self.repeats

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: history happened once."""
        return {}

    def wire(self, layout: Layout, dt_s: float) -> Grid:
        """Lay every series on the grid of the instants that paths visit; may raise `GapError`."""
        starts_s = dt_s if self.starts_every_s is None else self.starts_every_s
        step_s = layout.step_s
        cell_s = common_s(step_s, starts_s)
        first, last = self.span_ts
        n_cells = math.floor((last - first) / cell_s + 1e-9)
        ts = first + cell_s * np.arange(n_cells + 1, dtype=np.float64)
        if ts.size < 2:
            raise InputError("step", step_s, f"shorter than the history, {last - first:g} s")
        stride = round(step_s / cell_s)
        values = np.array([one.on(ts, stride) for one in self.series])
        rest = self.rest.wire(layout, dt_s)
        return Grid(ts, values, stride, round(starts_s / cell_s), rest)

    def open(self, wired: Grid, paths: Paths, now: Tick) -> HistoryState:
        """Each path at its own start date."""
        numbers = np.arange(paths.first, paths.first + paths.n_paths) // self.repeats
        begin = numbers * (0 if self.starts_every_s is None else wired.start_stride)
        if begin[-1] >= wired.ts.size:
            raise InputError("paths", paths.first + paths.n_paths, "as many as there are starts")
        self._publish(wired, begin, now)
        return HistoryState(wired, begin, self.rest.open(wired.rest, paths, now))

    def step(self, state: HistoryState, before: Tick, now: Tick) -> None:
        """The next row of every path, then the processes."""
        at = state.begin + now.step * state.grid.stride
        if at[-1] >= state.grid.ts.size:
            raise InputError("horizon", now.t_s, "within the history, from every start")
        self._publish(state.grid, at, now)
        self.rest.step(state.rest, before, now)

    def _publish(self, grid: Grid, at: npt.NDArray[np.int64], now: Tick) -> None:
        now.world[UNIX_TS] = grid.ts[at]
        for one, values in zip(self.series, grid.values, strict=True):
            now.world[one.name] = values[at]
        strike_all(self.shocks, now, tuple(one.name for one in self.series))


def beside(scenario: Any) -> Model:
    """The model of the processes beside recorded series; checks names and shocks of both."""
    recorded = tuple(one.name for one in scenario.series)
    if not recorded:
        raise InputError("scenario.column", None, "at least one [scenario.column.OBSERVABLE]")
    for process in scenario.processes:
        for name in process.publishes:
            if name in recorded:
                raise InputError(f"process.{process.name}", name, "the history has this column")
    model = Model(processes=scenario.processes, correlations=scenario.correlations)
    check_shocks(scenario.shocks, (*recorded, *model.publishes))
    ours = tuple(shock for shock in scenario.shocks if shock.observable in model.publishes)
    return Model(processes=model.processes, correlations=scenario.correlations, shocks=ours)


def common_s(one_s: float, other_s: float) -> float:
    """The longest time that goes into both without rest, to the millisecond."""
    return math.gcd(round(one_s * 1e3), round(other_s * 1e3)) / 1e3


def unix_ts(moment: date | datetime) -> float:
    """Unix seconds of a date or time; UTC where it does not say."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
