"""
Tables of market data: CSV or Parquet in, columns of floats over unix seconds out.

A table has one column of times and any number of others, which are read when they are asked for:
a column of names does not disturb the prices beside it. Nothing is repaired in silence. A cell that
is no number, a row of the wrong length, a time that comes twice are errors that name file, line,
column and text; an empty cell is a value that is not there (NaN), for the reader's rule to deal
with. Lines above the names that begin with # are remarks. Parquet is read by DuckDB, which comes
with the extra `parquet`.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from headframe.errors import DataError, InputError
from headframe.types import Array

TIME_NAMES = ("unix_ts", "timestamp", "time", "datetime", "date", "timestamp_local", "day")
"""Names that a column of times usually has, looked for in this order."""
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
"""What stands in a cell that has no value, in lower case."""
MILLISECONDS_FROM = 1e11
"""A number of unix time from here on counts milliseconds: in seconds it would be the year 5138."""

_NUMBER = re.compile(r"^[+-]?\d+(\.\d*)?$")


@dataclass(frozen=True, eq=False)
class Table:
    """
    Columns over unix seconds, in order of time.

    `source` is the file's name, `lines` the line of each row in it; `raw` holds arrays, or texts
    that become numbers when they are asked for.
    """

    source: str
    ts: Array
    raw: dict[str, Any]
    lines: tuple[int, ...]
    _numbers: dict[str, Array] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, times left out."""
        return tuple(self.raw)

    def column(self, name: str) -> Array:
        """A column as floats, NaN where a value is missing; an error names a cell that is none."""
        if name not in self.raw:
            known = ", ".join(self.raw)
            raise InputError(f"{self.source}: column", name, f"one of {known}")
        if name not in self._numbers:
            cells = self.raw[name]
            self._numbers[name] = (
                cells if isinstance(cells, np.ndarray) else self._parse(name, cells)
            )
        return self._numbers[name]

    def _parse(self, name: str, cells: Iterable[str]) -> Array:
        numbers = np.empty(self.ts.size)
        for row, cell in enumerate(cells):
            try:
                numbers[row] = np.nan if cell.strip().lower() in MISSING else float(cell)
            except ValueError:
                raise self._bad(row, name, f"{cell!r} is not a number") from None
            if np.isinf(numbers[row]):
                raise self._bad(row, name, "infinity is not a value")
        return numbers

    def _bad(self, row: int, name: str, what: str) -> DataError:
        return DataError(f"line {self.lines[row]}: {what}", source=self.source, key=name)


def read_table(path: str | Path, *, time: str | None = None, utc_offset_h: float = 0.0) -> Table:
    """
    Read a CSV or Parquet file.

    Parameters
    ----------
    path
        A file that ends in .csv, .parquet or .pq.
    time
        The column of times; by default the first of the usual names. Dates and times are ISO 8601,
        or unix time in seconds or milliseconds.
    utc_offset_h
        Hours that the file's clock is ahead of UTC, for times that do not say so themselves.

    Raises
    ------
    InputError
        The file cannot be read, has no such column, or needs the extra `parquet`.
    DataError
        A row or a time is bad: names file, line and text.
    """
    path = Path(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raw, lines = _read_parquet(path)
    elif path.suffix.lower() == ".csv":
        raw, lines = _read_csv(path)
    else:
        raise InputError("table", str(path), "a file that ends in .csv, .parquet or .pq")
    name = _time_column(path.name, tuple(raw), time)
    ts = _times(path.name, name, raw.pop(name), lines, utc_offset_h)
    return _in_order(Table(path.name, ts, raw, lines), name)


def write_parquet(path: str | Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """
    Write columns of equal length as a Parquet file: texts, whole numbers or floats.

    Raises `InputError` where the extra `parquet` is missing.
    """
    path = Path(path)
    duckdb = _duckdb(path)
    types = {name: _sql_type(cells) for name, cells in columns.items()}
    with TemporaryDirectory() as folder, duckdb.connect() as engine:
        text = Path(folder) / "columns.csv"
        with text.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        kinds = ", ".join(f"{_quoted(name)}: '{kind}'" for name, kind in types.items())
        engine.execute(
            f"COPY (SELECT * FROM read_csv(?, header = true, columns = {{{kinds}}})) TO "
            f"'{str(path).replace(chr(39), 2 * chr(39))}' (FORMAT parquet)",
            [str(text)],
        )


def _sql_type(cells: Sequence[Any]) -> str:
    if all(isinstance(cell, int) for cell in cells):
        return "BIGINT"
    return "DOUBLE" if all(isinstance(cell, int | float) for cell in cells) else "VARCHAR"


def _read_csv(path: Path) -> tuple[dict[str, Any], tuple[int, ...]]:
    rows, lines = [], []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            head = next((row for row in reader if row and not row[0].startswith("#")), [])
            header = [name.strip() for name in head]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    said = f"line {reader.line_num}: {len(row)} cells under {len(header)} names"
                    raise DataError(said, source=path.name)
                rows.append(row)
                lines.append(reader.line_num)
    except OSError as error:
        raise InputError("table", str(path), f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError("table", str(path), "is not UTF-8 text") from None
    if len(set(header)) != len(header):
        raise DataError("a column's name comes twice", source=path.name)
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return dict(zip(header, columns, strict=True)), tuple(lines)


def _read_parquet(path: Path) -> tuple[dict[str, Any], tuple[int, ...]]:
    duckdb = _duckdb(path)
    if not path.exists():
        raise InputError("table", str(path), "cannot be read: no such file")
    with duckdb.connect() as engine:
        try:
            engine.execute("SET TimeZone = 'UTC'")
            described = engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
            picks = [_picked(name, kind) for name, kind, *_ in described.fetchall()]
            columns = engine.execute(
                f"SELECT {', '.join(picks)} FROM read_parquet(?)", [str(path)]
            ).fetchnumpy()
        except duckdb.Error as error:
            raise DataError(str(error).splitlines()[0], source=path.name) from None
    raw = {name: _cells(values) for name, values in columns.items()}
    n_rows = len(next(iter(raw.values()), ()))
    return raw, tuple(range(1, n_rows + 1))


def _duckdb(path: Path) -> Any:
    """The library that reads and writes Parquet, or an error that says how to get it."""
    try:
        import duckdb
    except ImportError as error:
        raise InputError("table", str(path), "pip install 'headframe[parquet]' first") from error
    return duckdb


def _picked(name: str, kind: str) -> str:
    """A column in SQL: instants as unix seconds, numbers as doubles, the rest as text."""
    quoted = _quoted(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"epoch({quoted})::DOUBLE AS {quoted}"
    if kind.startswith(("DOUBLE", "FLOAT", "REAL", "DECIMAL", "HUGEINT")) or "INT" in kind:
        return f"{quoted}::DOUBLE AS {quoted}"
    return f"{quoted}::VARCHAR AS {quoted}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cells(values: Any) -> Any:
    """Doubles as an array with NaN for what is missing, texts as a list with empty text."""
    if values.dtype.kind == "f":
        return np.ma.filled(np.ma.masked_invalid(values), np.nan).astype(np.float64)
    mask = np.ma.getmaskarray(values)
    return [
        "" if gone or cell is None else str(cell) for cell, gone in zip(values, mask, strict=True)
    ]


def _time_column(source: str, names: tuple[str, ...], time: str | None) -> str:
    if time is not None:
        if time not in names:
            raise InputError(f"{source}: time", time, f"one of {', '.join(names)}")
        return time
    lower = {name.lower(): name for name in reversed(names)}
    found = next((lower[usual] for usual in TIME_NAMES if usual in lower), None)
    if found is None:
        raise InputError(f"{source}: time", None, f"name the column of times: {', '.join(names)}")
    return found


def _times(
    source: str, name: str, cells: Any, lines: tuple[int, ...], utc_offset_h: float
) -> Array:
    if isinstance(cells, np.ndarray):
        return _from_numbers(cells)
    zone = UTC if utc_offset_h == 0.0 else timezone(timedelta(hours=utc_offset_h))
    ts = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            ts[row] = _unix_ts(cell.strip(), zone)
        except ValueError:
            said = f"line {lines[row]}: {cell!r} is not a date, a time or unix seconds"
            raise DataError(said, source=source, key=name) from None
    return ts


def _unix_ts(text: str, zone: timezone) -> float:
    if _NUMBER.match(text) and len(text) > 8:
        return float(_from_numbers(np.array([float(text)]))[0])
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _from_numbers(numbers: Array) -> Array:
    return np.where(np.abs(numbers) >= MILLISECONDS_FROM, numbers / 1e3, numbers)


def _in_order(table: Table, name: str) -> Table:
    """The table with its times rising; a newest-first file is turned round."""
    if table.ts.size == 0:
        raise DataError("has no rows", source=table.source)
    if table.ts.size > 1 and table.ts[-1] < table.ts[0]:
        raw = {column: cells[::-1] for column, cells in table.raw.items()}
        table = Table(table.source, table.ts[::-1].copy(), raw, table.lines[::-1])
    bad = np.flatnonzero(~(np.diff(table.ts) > 0.0))
    if bad.size:
        row = int(bad[0]) + 1
        same = table.ts[row] == table.ts[row - 1]
        said = f"line {table.lines[row]}: the time {'comes twice' if same else 'goes back'}"
        moment = datetime.fromtimestamp(float(table.ts[row]), UTC).isoformat()
        raise DataError(said, source=table.source, key=name, timestamp=moment)
    return table
