"""
Joint history, resampled: worlds that never were, made of pieces of the one that was.

The stationary bootstrap of D. Politis and J. Romano ("The stationary bootstrap", Journal of the
American Statistical Association 89, 1994): a path is a chain of blocks of consecutive rows, each
beginning at a row drawn anew, their lengths geometric with a chosen mean, the history bent into a
circle. All columns are taken from the same row, so what moved together still does, and within a
block what followed still follows. Prices are resampled as returns and continue from a start; other
observables are resampled as they stood.
"""

from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field as plain_field
from datetime import date, datetime
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.clock import Clock
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
from headframe.scenarios.draws import Draws, Streams
from headframe.scenarios.history import beside, unix_ts
from headframe.scenarios.model import Model, ModelState
from headframe.scenarios.stress import Shock, strike_all
from headframe.types import STRICT, Array, Duration, Name, Positive, Rows, Signal

STREAM = "bootstrap"
"""The one stream of uniforms: whether a block begins, and where."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BootstrapSpec:
    """
    A bootstrap as a book writes it: `[scenario]` with tables `[scenario.table.NAME]` and
    `[scenario.column.OBSERVABLE]`.

    `mean_block_s` is the mean length of a block, `from_level` where resampled returns begin (by
    default the last value of the history), `every_s` how often a row is taken (by default each step
    of the run). With `align_s` blocks begin at the same point of such a cycle as they are put:
    `align_s = "1d"` keeps the hours of the day of a power price.
    """

    table: dict[Name, TableFile]
    column: dict[Name, Column]
    mean_block_s: Duration
    from_level: dict[Name, Positive] = Field(default_factory=dict)
    every_s: Duration | None = None
    align_s: Duration | None = None
    start: date | datetime | None = None
    end: date | datetime | None = None


@plain_dataclass(frozen=True, eq=False)
class Pieces:
    """
    What is resampled: rows of growth factors or levels, `(n_series, n_rows)`, the time of each row,
    the chance that a block begins, and rows in a cycle that blocks are aligned to.
    """

    rows: Array
    ts: Array
    begins: float
    cycle: int
    streams: Streams
    every: int
    step_s: float
    rest: Any


@plain_dataclass(eq=False)
class BootstrapState:
    """A chunk of a bootstrap: the row that each path is at, levels, and the processes beside."""

    pieces: Pieces
    draws: Draws
    clock: Clock
    at: npt.NDArray[np.int64]
    levels: Array
    rest: ModelState


@plain_dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrap:
    """A scenario of resampled series, with processes for what they lack and shocks over all."""

    series: tuple[Series, ...]
    mean_block_s: float
    from_level: Mapping[str, float] = plain_field(default_factory=dict)
    every_s: float | None = None
    align_s: float | None = None
    start_ts: float | None = None
    end_ts: float | None = None
    processes: tuple[Process, ...] = ()
    correlations: Mapping[tuple[str, str], float] = plain_field(default_factory=dict)
    shocks: tuple[Shock, ...] = ()
    rest: Model = plain_field(init=False, repr=False)

    kind: ClassVar[str] = "bootstrap"
    spec: ClassVar[type] = BootstrapSpec

    def __post_init__(self) -> None:
        object.__setattr__(self, "rest", beside(self))
        grown = [one.name for one in self.series if one.grows]
        for name in self.from_level:
            if name not in grown:
                allowed = f"one of the resampled returns {', '.join(grown)}"
                raise InputError("scenario.from_level", name, allowed)

    @classmethod
    def from_tables(
        cls, spec: BootstrapSpec, tables: Mapping[str, TableLike], **model: Any
    ) -> "Bootstrap":
        """A bootstrap from its specification and the tables that it names, read."""
        return cls(
            series=series_of(spec.column, tables),
            mean_block_s=spec.mean_block_s,
            from_level=spec.from_level,
            every_s=spec.every_s,
            align_s=spec.align_s,
            start_ts=None if spec.start is None else unix_ts(spec.start),
            end_ts=None if spec.end is None else unix_ts(spec.end),
            **model,
        )

    @property
    def publishes(self) -> Rows:
        """The series and the processes' observables."""
        return (*(one.name for one in self.series), *self.rest.publishes)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the processes read."""
        return self.rest.reads

    @property
    def clocks(self) -> tuple[float, ...]:
        """Its own clock where it has one, and the processes'."""
        return (*(() if self.every_s is None else (self.every_s,)), *self.rest.clocks)

    def limit(self, horizon_s: float) -> int | None:
        """As many paths as one wants."""
        return None

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}

    def wire(self, layout: Layout, dt_s: float) -> Pieces:
        """The rows that are resampled; may raise `GapError`."""
        every_s = self.every_s or dt_s
        first, last = overlap(self.series)
        first = first if self.start_ts is None else max(first, self.start_ts)
        last = last if self.end_ts is None else min(last, self.end_ts)
        cycle = 1 if self.align_s is None else round(self.align_s / every_s)
        # growth needs a row before it, and the circle must close on a whole number of cycles
        n_rows = int((last - first) / every_s + 1e-9) // cycle * cycle
        if n_rows < 2:
            raise InputError("scenario", last - first, f"more than {2 * cycle * every_s:g} s")
        if self.mean_block_s < every_s:
            raise InputError("scenario.mean_block_s", self.mean_block_s, f"at least {every_s:g}")
        ts = last - every_s * np.arange(n_rows, -1, -1, dtype=np.float64)
        rows = np.array([one.pieces(ts) for one in self.series])
        return Pieces(
            rows=rows,
            ts=ts[1:],
            begins=every_s / self.mean_block_s,
            cycle=cycle,
            streams=Streams.of((), (STREAM,), {}),
            every=round(every_s / layout.step_s),
            step_s=layout.step_s,
            rest=self.rest.wire(layout, dt_s),
        )

    def open(self, wired: Pieces, paths: Paths, now: Tick) -> BootstrapState:
        """Each path at a row of its own."""
        draws = Draws(wired.streams, paths)
        uniform = draws.at(0)[STREAM]
        at = self._drawn(wired, uniform, float(now[UNIX_TS][0]))
        levels = np.empty((len(self.series), paths.n_paths))
        for k, one in enumerate(self.series):
            usual = one.values[-1]
            levels[k] = self.from_level.get(one.name, usual) if one.grows else wired.rows[k][at]
        clock = Clock(wired.every, wired.step_s)
        self._publish(levels, now)
        rest = self.rest.open(wired.rest, paths, now)
        return BootstrapState(wired, draws, clock, at, levels, rest)

    def step(self, state: BootstrapState, before: Tick, now: Tick) -> None:
        """The next row of the block, or the first of a new one; then the processes."""
        if state.clock.strikes(now.step):
            self._advance(state, now)
        self._publish(state.levels, now)
        self.rest.step(state.rest, before, now)

    def _advance(self, state: BootstrapState, now: Tick) -> None:
        pieces = state.pieces
        uniform = state.draws.at(state.clock.count(now.step) + 1)[STREAM]
        following = (state.at + 1) % pieces.ts.size
        # a uniform below the chance of a new block is, divided by it, a uniform for where
        fresh = self._drawn(pieces, uniform / pieces.begins, float(now[UNIX_TS][0]))
        state.at = np.where(uniform < pieces.begins, fresh, following)
        for k, one in enumerate(self.series):
            rows = pieces.rows[k][state.at]
            state.levels[k] = state.levels[k] * rows if one.grows else rows

    def _drawn(self, pieces: Pieces, uniform: Array, now_ts: float) -> npt.NDArray[np.int64]:
        """A row for each uniform, at this instant's point of the cycle."""
        cells = pieces.ts.size // pieces.cycle
        every_s = pieces.every * pieces.step_s
        phase = round((now_ts - float(pieces.ts[0])) / every_s) % pieces.cycle
        at = (np.minimum(uniform, 1.0) * cells).astype(np.int64)
        return np.minimum(at, cells - 1) * pieces.cycle + phase

    def _publish(self, levels: Array, now: Tick) -> None:
        for one, row in zip(self.series, levels, strict=True):
            now.world[one.name] = row
        strike_all(self.shocks, now, tuple(one.name for one in self.series))
