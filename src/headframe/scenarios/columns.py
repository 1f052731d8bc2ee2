"""
How columns of tables become observables: rules by which series of different frequency are joined.

A column is one of two things, and what it is decides how it may be used.

* A *point* is true at an instant: a price, a rate, a difficulty. It is joined backward as-of, so at
  any time the latest value that was known holds, up to a largest age. By default that is less than
  the table's own interval, so that a missing row is a hole.
* A *total* belongs to an interval: a day's fees, blocks, volume. Over a step the totals that became
  known in it are summed. Where steps are shorter than the interval a total can be `split` evenly;
  it is then spread over the interval *after* the one it belongs to, since nobody knew it before.

Either may have a publication lag. Whatever no rule covers is a `GapError`, and nothing that became
known later ever reaches an earlier step.
"""

from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import DataError, GapError, InputError
from headframe.types import STRICT, Array, Delay, Duration, Name

REGULAR = 1e-6
"""Intervals may differ by this share and still count as equal."""


class TableLike(Protocol):
    """Columns over unix seconds, in order of time."""

    @property
    def source(self) -> str:
        """What to call it in an error."""

    @property
    def ts(self) -> Array:
        """Unix seconds, rising."""

    def column(self, name: str) -> Array:
        """Values, NaN where there is none."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TableFile:
    """
    A file with a table: CSV or Parquet.

    `time` names its column of times where that is not one of the usual; `utc_offset_h` is how far
    its clock is ahead of UTC where its times do not say.
    """

    file: str
    time: str | None = None
    utc_offset_h: Annotated[float, Field(ge=-14.0, le=14.0)] = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Column:
    """
    An observable from a column of a table.

    `table` may be left out where there is only one. `per` divides a total by another of the same
    table (fees per block); `scale` brings it to the observable's unit. `lag_s` is how long after
    its time a value becomes known, `largest_age_s` how old a point may get. A total is stamped with
    the `start` or the `end` of its interval. A bootstrap resamples `returns` (changes of the
    logarithm) or `levels`; by default returns for prices and levels for all else.

    >>> Column(column="fees_btc", rule="total", per="block_count").lag_s
    0.0
    """

    column: str
    table: Name | None = None
    rule: Literal["point", "total"] = "point"
    per: str | None = None
    scale: float = 1.0
    lag_s: Delay = 0.0
    largest_age_s: Duration | None = None
    split: bool = False
    stamp: Literal["start", "end"] = "start"
    resample: Literal["returns", "levels"] | None = None

    @model_validator(mode="after")
    def _fits_its_rule(self) -> "Column":
        if self.rule == "point" and (self.per is not None or self.split or self.stamp == "end"):
            raise ValueError("per, split and stamp are for totals")
        if self.rule == "total" and self.largest_age_s is not None:
            raise ValueError("largest_age_s is for points")
        return self


@plain_dataclass(frozen=True, eq=False)
class Series:
    """
    One observable's history: values over unix seconds, with the rule by which it is used.

    `interval_s` is the table's usual time between two rows, `below` what a total is divided by, one
    for each value. Rows without a value are left out.
    """

    name: str
    source: str
    rule: Column
    interval_s: float
    ts: Array
    values: Array
    below: Array | None = None

    @classmethod
    def of(cls, name: str, rule: Column, table: TableLike) -> "Series":
        """The series of a column; raises `DataError` where it has no value at all."""
        values = table.column(rule.column) * rule.scale
        below = None if rule.per is None else table.column(rule.per)
        there = np.isfinite(values) if below is None else np.isfinite(values) & np.isfinite(below)
        if there.sum() < 2:
            raise DataError("has fewer than two values", source=table.source, key=rule.column)
        some = None if below is None else below[there]
        interval_s = float(np.median(np.diff(table.ts)))
        return cls(name, table.source, rule, interval_s, table.ts[there], values[there], some)

    @property
    def known_ts(self) -> Array:
        """When each value became known: its own time or its interval's end, and the lag."""
        late_s = self.rule.lag_s
        if self.rule.rule == "total":
            late_s += self.interval_s if self.rule.stamp == "start" else 0.0
            late_s += self.interval_s if self.rule.split else 0.0
        return self.ts + late_s

    @property
    def span_ts(self) -> tuple[float, float]:
        """The first and the last time at which it can be used."""
        known = self.known_ts
        return float(known[0]), float(known[-1])

    def on(self, grid_ts: Array, stride: int) -> Array:
        """
        Values at the times of an even grid, for steps that span `stride` of its cells.

        A total's value at a time is what became known in the step that ends there; in the first
        cells, which no step ends in, what the latest known interval's pace would have brought.
        """
        if self.rule.rule == "point":
            return self._points(grid_ts)
        self._check_regular(grid_ts)
        step_s = stride * float(grid_ts[1] - grid_ts[0])
        if step_s < self.interval_s * (1.0 - REGULAR) and not self.rule.split:
            said = f"totals of {self.interval_s:g} s, stepped by {step_s:g} s, need split = true"
            raise self._gap(said, float(self.ts[0]))
        totals = self._stepped(self.values, grid_ts, stride, step_s)
        if self.below is None:
            return totals
        below = self._stepped(self.below, grid_ts, stride, step_s)
        if not below.all():
            at_ts = float(grid_ts[np.argmin(below != 0.0)])
            raise self._gap(f"{self.rule.per} is 0, nothing can be divided by it", at_ts)
        return totals / below

    @property
    def grows(self) -> bool:
        """Whether a bootstrap resamples its returns, not its levels."""
        if self.rule.resample is not None:
            return self.rule.resample == "returns"
        return self.name.count("_") == 1

    def pieces(self, grid_ts: Array) -> Array:
        """What a bootstrap resamples: growth factors or levels, one for each step of the grid."""
        values = self.on(grid_ts, 1)
        if not self.grows:
            return values[1:]
        if values.min() <= 0.0:
            at_ts = float(grid_ts[int(np.argmin(values))])
            raise self._gap("a value of 0 or less has no return", at_ts)
        return values[1:] / values[:-1]

    def _points(self, grid_ts: Array) -> Array:
        known = self.known_ts
        at = np.searchsorted(known, grid_ts, side="right") - 1
        ages = grid_ts - known[at]
        allowed = self.rule.largest_age_s
        stale = ages >= self.interval_s if allowed is None else ages > allowed
        if stale.any():
            first = int(np.argmax(stale))
            limit = self.interval_s if allowed is None else allowed
            said = f"the latest value is {ages[first]:g} s old, its limit {limit:g} s"
            raise self._gap(f"{said}; largest_age_s sets it", float(grid_ts[first]))
        return self.values[at]

    def _check_regular(self, grid_ts: Array) -> None:
        """Totals that the grid uses must follow each other without a hole."""
        known = self.known_ts
        used = self.ts[(known > grid_ts[0] - self.interval_s) & (known <= grid_ts[-1])]
        steps = np.diff(used)
        odd = np.abs(steps / self.interval_s - 1.0) > REGULAR
        if odd.any():
            first = int(np.argmax(odd))
            said = (
                f"totals must follow each other every {self.interval_s:g} s, the next comes after"
            )
            raise self._gap(f"{said} {steps[first]:g} s", float(used[first]))

    def _stepped(self, values: Array, grid_ts: Array, stride: int, step_s: float) -> Array:
        """What became known in the step that ends at each time of the grid."""
        known = self.known_ts
        latest = np.clip(np.searchsorted(known, grid_ts, side="right") - 1, 0, None)
        stepped = values[latest] * (step_s / self.interval_s)
        sums = np.concatenate([[0.0], np.cumsum(values)])
        if self.rule.split:
            ends = np.concatenate([[known[0] - self.interval_s], known])
            sums = np.interp(grid_ts, ends, sums)
        else:
            sums = sums[latest + 1]
        stepped[stride:] = sums[stride:] - sums[:-stride]
        return stepped

    def _gap(self, what: str, ts: float) -> GapError:
        moment = datetime.fromtimestamp(ts, UTC).isoformat()
        return GapError(what, source=self.source, key=self.rule.column, timestamp=moment)


def overlap(series: tuple[Series, ...]) -> tuple[float, float]:
    """The first and last unix second at which every series can be used."""
    first = max(one.span_ts[0] for one in series)
    last = min(one.span_ts[1] for one in series)
    if first >= last:
        late = max(series, key=lambda one: one.span_ts[0])
        raise GapError(
            "the columns have no time in common", source=late.source, key=late.rule.column
        )
    return first, last


def series_of(columns: Mapping[str, Column], tables: Mapping[str, TableLike]) -> tuple[Series, ...]:
    """The series of every observable; a column names its table where there are several."""
    found = []
    for name, column in columns.items():
        place = f"scenario.column.{name}"
        if column.table is None and len(tables) != 1:
            raise InputError(f"{place}.table", None, f"name one of {', '.join(tables)}")
        table = next(iter(tables)) if column.table is None else column.table
        if table not in tables:
            raise InputError(f"{place}.table", table, f"one of {', '.join(tables)}")
        found.append(Series.of(name, column, tables[table]))
    return tuple(found)
