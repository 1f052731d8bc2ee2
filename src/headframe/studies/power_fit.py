"""
How well a fitted price of power is like the prices: fit on the earlier part, compare on the later.

    power_fit("ercot.csv", column="HB_BUSAVG_usd_mwh", split="2019-01-01")

The model is simulated from the calendar of the later part, many paths through the hours that the
file has there, after a run long enough to forget its start. A statistic of the data is one draw;
beside the model's mean of it stands the band that nine paths in ten are in.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headframe.analytics.calibration_power_tails import pairs
from headframe.book import Book
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import move_world
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.sources.tables import read_table
from headframe.studies.calibrate import Calibration, calibrate, rows_between
from headframe.types import Array
from headframe.units import DAY_S, HOUR_S

QUANTILES = (1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0, 99.9)
"""Per cent."""
WARM_UP_S = 120.0 * DAY_S
"""So long a path runs before it is looked at."""
N_PATHS = 40
"""Paths of the model."""
EARLIER = 0.6
"""Share of the rows that are fitted where no date is given."""
MONTHS = 12
"""Of a year."""


@dataclass(frozen=True)
class PowerFitReport:
    """
    A fit on the earlier part, and statistics of both parts and of the model.

    `statistics` has, by name, values of: earlier data, later data, the model's mean, and the 5 %
    and 95 % quantiles over its paths. `remarks` say what the file cannot tell.
    """

    fitted: Calibration
    split: str
    statistics: dict[str, tuple[float, float, float, float, float]]
    remarks: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """All numbers, by name."""
        names = ("earlier", "later", "model", "model_5", "model_95")
        told = self.fitted.process
        errors = self.fitted.standard_errors
        return {
            "source": self.fitted.source,
            "column": self.fitted.column,
            "split": self.split,
            "parameters": {k: getattr(told, k) for k in (*errors, "by_hour")},
            "standard_errors": errors,
            "statistics": {k: dict(zip(names, v, strict=True)) for k, v in self.statistics.items()},
            "remarks": list(self.remarks),
        }


def power_fit(
    path: str | Path,
    *,
    column: str,
    split: str | None = None,
    name: str | None = None,
    time: str | None = None,
    since: str | None = None,
    until: str | None = None,
    utc_offset_h: float = 0.0,
    n_paths: int = N_PATHS,
    seed: int = 1,
) -> PowerFitReport:
    """
    Fit the earlier rows, simulate the later ones, and compare.

    `split` is the first date that is not fitted; by default six rows in ten are.
    """
    table = read_table(path, time=time, utc_offset_h=utc_offset_h)
    rows = rows_between(table, column, since, until, utc_offset_h)
    at = _split(rows.ts, split)
    fitted = calibrate(
        path,
        column=column,
        process="power",
        name=name,
        time=time,
        since=since,
        until=datetime.fromtimestamp(float(rows.ts[at - 1]), UTC).isoformat(),
        utc_offset_h=utc_offset_h,
    )
    early, late = rows.ts[:at], rows.ts[at:]
    made = simulated(fitted.process, late, dt_s=rows.dt_s, n_paths=n_paths, seed=seed)
    model = [statistics(late, prices, rows.dt_s) for prices in made]
    first = statistics(early, rows.values[:at], rows.dt_s)
    later = statistics(late, rows.values[at:], rows.dt_s)
    table_of = {}
    for key in first:
        all_paths = np.array([one[key] for one in model])
        low, high = np.quantile(all_paths, (0.05, 0.95))
        mean = float(all_paths.mean())
        table_of[key] = (first[key], later[key], mean, float(low), float(high))
    day = datetime.fromtimestamp(float(late[0]), UTC).date().isoformat()
    return PowerFitReport(fitted, day, table_of, remarks(rows.ts, rows.dt_s))


def _split(ts: Array, split: str | None) -> int:
    if split is None:
        return int(EARLIER * ts.size)
    try:
        moment = datetime.fromisoformat(split).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise InputError("split", split, "a date such as 2021-01-31") from None
    at = int(np.searchsorted(ts, moment))
    if not 300 <= at <= ts.size - 300:
        raise InputError("split", split, "a date with at least 300 rows before it and after it")
    return at


def simulated(process: Any, ts: Array, *, dt_s: float, n_paths: int, seed: int) -> Array:
    """Prices of the process at the given times, `(n_paths, n)`, in one run through all holes."""
    start_ts = float(ts[0]) - WARM_UP_S
    steps = np.rint((ts - start_ts) / dt_s).astype(int)
    book = Book(
        name="a price of power",
        scenario=Model(processes=(process,)),
        step_s=dt_s,
        horizon_s=dt_s * (int(steps[-1]) + 1),
        # a row of the table is the interval that begins; a step of the engine is one that ends
        start_ts=start_ts + dt_s,
    )
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=seed))
    wanted, out, column = set(steps.tolist()), np.empty((n_paths, ts.size)), 0
    for step in range(1, int(steps[-1]) + 1):
        move_world(chunk)
        if step in wanted:
            out[:, column] = chunk.now[process.name]
            column += 1
    return out


def statistics(ts: Array, prices: Array, dt_s: float) -> dict[str, float]:
    """Moments, quantiles, share below 0, and autocorrelations of values and of ranks."""
    told = {"mean": float(prices.mean()), "sd": float(prices.std())}
    for share, value in zip(QUANTILES, np.percentile(prices, QUANTILES), strict=True):
        told[f"quantile_{share:g}"] = float(value)
    told["negative_share"] = float(np.mean(prices < 0.0))
    ranks = np.argsort(np.argsort(prices)).astype(np.float64)
    unit, lags = ("h", (1, 24)) if dt_s <= HOUR_S else ("d", (1, 7))
    for word, values in (("autocorrelation", prices), ("rank_autocorrelation", ranks)):
        for lag in lags:
            early, late = pairs(ts, lag * (HOUR_S if unit == "h" else DAY_S))
            told[f"{word}_{lag}{unit}"] = float(np.corrcoef(values[early], values[late])[0, 1])
    return told


def remarks(ts: Array, dt_s: float) -> tuple[str, ...]:
    """What these rows cannot tell about a year of hours."""
    said = []
    dates = [datetime.fromtimestamp(float(t), UTC) for t in ts[:: max(int(DAY_S / dt_s), 1)]]
    months = sorted({date.month for date in dates})
    if len(months) < MONTHS:
        seen = ", ".join(str(m) for m in months)
        said.append(f"only months {seen}: the rest of the year is not in the file")
    if dt_s > HOUR_S:
        said.append("daily means: nothing of hours, their shape, spikes, signs")
    holes = int(np.sum(np.diff(ts) > 1.5 * dt_s))
    if holes:
        said.append(f"{holes} holes: memories longer than the parts between them are hardly known")
    return tuple(said)
