"""
From a table to a process: fit, and write it down as a book would have it.

    calibrate("eth.csv", column="price_usd", process="jumps").toml()

Each kind that can be fitted is one function here, from the table's columns to the parameters of the
process that bears its name. The fitting itself is `analytics.calibration`; what is added here is
which rows were used, the last value as a start, and the text.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headframe.analytics import calibration as fits
from headframe.analytics.calibration import Estimate, Fit
from headframe.analytics.calibration_power_tails import fit_power_with_tails
from headframe.errors import DataError, InputError
from headframe.registry import tenant
from headframe.sources.tables import Table, read_table
from headframe.types import Array
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    HOUR_S,
    TH_PER_EH,
)

WINDOW_S = 28.0 * DAY_S
"""Window of the means from which a hash rate is fitted."""
CHAIN_COLUMNS = ("block_count", "issuance_btc", "fees_btc", "price_usd")
"""Daily columns that a hash rate's fit needs beside the difficulty."""


@dataclass(frozen=True)
class Rows:
    """Rows of a column between two dates, without those that have no value."""

    table: Table
    ts: Array
    values: Array
    utc_offset_h: float

    @property
    def dt_s(self) -> float:
        """The usual time between two rows."""
        return float(np.median(np.diff(self.ts)))

    def pairs(self, values: Array) -> tuple[Array, Array]:
        """Values one interval apart, the pairs across a hole left out."""
        next_to = np.isclose(np.diff(self.ts), self.dt_s)
        return values[:-1][next_to], values[1:][next_to]

    def logs(self) -> Array:
        """Logarithms; raises `DataError` for a value that has none."""
        if self.values.min() <= 0.0:
            at = datetime.fromtimestamp(float(self.ts[np.argmin(self.values)]), UTC)
            raise DataError(
                "a value of 0 or less has no logarithm",
                source=self.table.source,
                timestamp=at.isoformat(),
            )
        return np.log(self.values)


@dataclass(frozen=True)
class Calibration:
    """
    A fitted process, standard errors by parameter, and where the numbers come from.

    `comparison` holds the log-likelihoods of the fit and, where there is one, of a simpler process.
    """

    process: Any
    standard_errors: dict[str, float]
    source: str
    column: str
    first: date
    last: date
    n: int
    log_likelihood: float | None

    def toml(self) -> str:
        """A fragment for a book, each fitted number with its standard error."""
        lines = [
            f"# fitted to {self.source}, column {self.column}",
            f"# {self.first} to {self.last}, {self.n} observations",
        ]
        if self.log_likelihood is not None:
            lines.append(f"# log-likelihood {self.log_likelihood:.1f}")
        lines += [f"[process.{self.process.name}]", f'kind = "{self.process.kind}"']
        for name, field in self.process.__dataclass_fields__.items():
            value = getattr(self.process, name)
            if name == "name" or (name not in self.standard_errors and value == field.default):
                continue
            lines.append(_line(name, value, self.standard_errors.get(name)))
        return "\n".join(lines) + "\n"


def calibrate(
    path: str | Path,
    *,
    column: str,
    process: str = "gbm",
    name: str | None = None,
    time: str | None = None,
    since: str | None = None,
    until: str | None = None,
    utc_offset_h: float = 0.0,
) -> Calibration:
    """
    Fit a process to a column of a table.

    Parameters
    ----------
    path, time, utc_offset_h
        The table, as `sources.tables.read_table` takes it.
    column
        What to fit: a price, a rate, a power price, or the ratio of two columns, such as
        `fees_btc/block_count`. For `hash_rate` the column of difficulty, with daily `block_count`,
        `issuance_btc`, `fees_btc` and `price_usd` beside it.
    process
        A kind: gbm, jumps, ou, exp_ou, utilisation, power, hash_rate.
    name
        What the process is called; by default as its kind suggests.
    since, until
        First and last date used, ISO 8601.

    Raises
    ------
    InputError, DataError
        What is wrong with the file, the column or the sample.
    """
    if process not in FITTED:
        raise InputError("process", process, f"one of {', '.join(FITTED)}")
    table = read_table(path, time=time, utc_offset_h=utc_offset_h)
    rows = rows_between(table, column, since, until, utc_offset_h)
    usual, fitted = FITTED[process]
    fit, fixed = fitted(rows)
    values = {key: one.value for key, one in fit.estimates.items()} | fixed
    made = tenant("process", process)(name=name or usual, **values)
    return Calibration(
        process=made,
        standard_errors={key: one.se for key, one in fit.estimates.items()},
        source=table.source,
        column=column,
        first=datetime.fromtimestamp(float(rows.ts[0]), UTC).date(),
        last=datetime.fromtimestamp(float(rows.ts[-1]), UTC).date(),
        n=fit.n,
        log_likelihood=fit.log_likelihood if math.isfinite(fit.log_likelihood) else None,
    )


def rows_between(
    table: Table, column: str, since: str | None, until: str | None, utc_offset_h: float
) -> Rows:
    """Rows of a column between two dates, those with a value."""
    values = _values(table, column)
    used = np.isfinite(values)
    for text, key, keep in ((since, "since", np.greater_equal), (until, "until", np.less_equal)):
        if text is not None:
            used &= keep(table.ts, _moment(text, key))
    if used.sum() < fits.FEWEST:
        said = f"at least {fits.FEWEST} rows with a value"
        raise InputError(f"{table.source}: {column}", int(used.sum()), said)
    return Rows(table, table.ts[used], values[used], utc_offset_h)


def _values(table: Table, column: str) -> Array:
    """A column, or the ratio of two; nothing divided by zero has no value."""
    above, slash, below = column.partition("/")
    if not slash or column in table.names:
        return table.column(column)
    divisor = table.column(below)
    return table.column(above) / np.where(divisor == 0.0, np.nan, divisor)


def _moment(text: str, key: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(key, text, "a date such as 2021-01-31") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


# one function a kind: the fit, and parameters that are not estimated ----------------------------

Fitted = tuple[Fit, dict[str, Any]]
"""A fit, and the parameters that come with it without an error."""


def _gbm(rows: Rows) -> Fitted:
    before, after = rows.pairs(rows.logs())
    return fits.fit_gbm(after - before, dt_s=rows.dt_s), {"start": float(rows.values[-1])}


def _jumps(rows: Rows) -> Fitted:
    before, after = rows.pairs(rows.logs())
    return fits.fit_jumps(after - before, dt_s=rows.dt_s), {"start": float(rows.values[-1])}


def _ou(rows: Rows) -> Fitted:
    before, after = rows.pairs(rows.values)
    return fits.fit_ou(before, after, dt_s=rows.dt_s), {"start": float(rows.values[-1])}


def _exp_ou(rows: Rows) -> Fitted:
    before, after = rows.pairs(rows.logs())
    fit = fits.fit_ou(before, after, dt_s=rows.dt_s)
    return _with_median(fit, math.exp), {"start": float(rows.values[-1])}


def _utilisation(rows: Rows) -> Fitted:
    inside = (rows.values > 0.0) & (rows.values < 1.0)
    if not inside.all():
        odd = float(rows.values[np.argmin(inside)])
        raise DataError(f"{odd:g} is not a share between 0 and 1", source=rows.table.source)
    before, after = rows.pairs(np.log(rows.values / (1.0 - rows.values)))
    fit = fits.fit_ou(before, after, dt_s=rows.dt_s)
    return _with_median(fit, _share), {"start": float(rows.values[-1])}


def _power(rows: Rows) -> Fitted:
    found = fit_power_with_tails(
        rows.ts, rows.values, dt_s=rows.dt_s, utc_offset_h=rows.utc_offset_h
    )
    fixed: dict[str, Any] = {"utc_offset_h": rows.utc_offset_h}
    if rows.dt_s <= HOUR_S:
        fixed["by_hour"] = tuple(round(x, 2) for x in found.by_hour)
    return found.fit, fixed


def _hash_rate(rows: Rows) -> Fitted:
    blocks, issued, fees, price = (_beside(rows, name) for name in CHAIN_COLUMNS)
    days = round(WINDOW_S / rows.dt_s)
    n = rows.ts.size // days

    def windows(values: Array) -> Array:
        return np.asarray(values[: n * days].reshape(n, days).mean(axis=1), np.float64)

    eh_s = rows.values * blocks * HASHES_PER_DIFFICULTY / (rows.dt_s * HASHES_PER_TH * TH_PER_EH)
    level = windows(eh_s)
    reward = windows(issued + fees) / windows(blocks)
    pays = windows(price) * reward / windows(rows.values)
    fit = fits.fit_hash_rate(np.log(level), np.log(pays), dt_s=days * rows.dt_s)
    return fit, {"start_eh_s": float(level[-1])}


def _beside(rows: Rows, name: str) -> Array:
    """Another column at the same rows, all of which must have a value."""
    values: Array = rows.table.column(name)[np.isin(rows.table.ts, rows.ts)]
    if not np.isfinite(values).all():
        at = datetime.fromtimestamp(float(rows.ts[np.argmin(np.isfinite(values))]), UTC)
        raise DataError(
            "has no value", source=rows.table.source, key=name, timestamp=at.isoformat()
        )
    return values


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))


def _with_median(fit: Fit, back: Callable[[float], float]) -> Fit:
    """The mean of a transformed value is its median; the error by the delta method."""
    estimates = dict(fit.estimates)
    mean = estimates.pop("mean")
    slope = (back(mean.value + 1e-6) - back(mean.value - 1e-6)) / 2e-6
    median = {"median": Estimate(back(mean.value), abs(slope) * mean.se)}
    return Fit(median | estimates, fit.n, fit.log_likelihood)


FITTED: dict[str, tuple[str, Callable[[Rows], Fitted]]] = {
    "gbm": ("asset_usd", _gbm),
    "jumps": ("asset_usd", _jumps),
    "ou": ("fitted_observable_rate", _ou),
    "exp_ou": ("fitted_observable_level", _exp_ou),
    "utilisation": ("fitted_pool_utilisation", _utilisation),
    "power": ("fitted_usd_per_mwh", _power),
    "hash_rate": ("btc_network_eh_s", _hash_rate),
}
"""Kinds that can be fitted, with the usual name of the process."""


def _line(name: str, value: Any, se: float | None) -> str:
    if isinstance(value, tuple):
        text = f"[{', '.join(f'{x:g}' for x in value)}]"
    elif name.endswith("_s") and not name.endswith("_eh_s"):
        return _duration_line(name, float(value), se)
    else:
        text = f"{value:.6g}" if isinstance(value, int | float) else f'"{value}"'
    return f"{name} = {text}" + ("" if se is None else f"  # se {se:.2g}")


def _duration_line(name: str, value_s: float, se_s: float | None) -> str:
    unit, length_s = ("d", DAY_S) if value_s >= 2.0 * DAY_S else ("h", HOUR_S)
    error = "" if se_s is None else f"  # se {se_s / length_s:.2g} {unit}"
    return f'{name} = "{value_s / length_s:.4g}{unit}"{error}'
