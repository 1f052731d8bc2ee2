"""
Rows of a table as text, exactly as they were written, with a name for each.

A payment depends on every digit, so the cells of a pool's logs are never turned into floats on the
way in: CSV is read as text, and a Parquet file's columns are cast to text by DuckDB. That, and that
many shares have the same time, sets this reader apart from `tables`. Columns are found by name,
whatever their case and order, and others are left alone. Rows are read as they are needed, so that
a log may be longer than memory. Lines before a CSV's header may be comments, with a `#`.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from headframe.errors import InputError

BATCH_ROWS = 20_000
"""Rows of a Parquet file that are fetched at a time."""

T = TypeVar("T")
"""What a cell means."""
Columns = Mapping[str, tuple[str, ...]]
"""What each column may be called, the house's own name first."""


@dataclass(frozen=True)
class Rows:
    """A table that has been opened: where its columns are, and a way to walk through it."""

    name: str
    """The file's name, for messages."""
    unit: str
    """What its rows are counted in: `line` of a text file, `row` of a Parquet file."""
    at: Mapping[str, int]
    """Position in a row of each column that was found, by the house's name."""
    rows: Iterator[tuple[int, Sequence[str]]]
    """Rows with their numbers; an empty cell is an empty text."""

    def place(self, number: int, column: str = "") -> str:
        """Where something stands, as an error says it."""
        where = f"{self.name} {self.unit} {number}"
        return f"{where}, {column}" if column else where

    def cell(self, number: int, column: str, text: str, read: Callable[[str], T]) -> T:
        """What a cell's text means; `InputError` with its place where it means nothing."""
        try:
            return read(text)
        except ValueError as error:
            raise InputError(self.place(number, column), text, str(error)) from None


def open_rows(path: Path, columns: Columns) -> Rows:
    """
    Open a CSV or Parquet table (by its suffix) of which some columns may be wanted.

    Raises `InputError`, then or while rows are read: no such file, another suffix, no text, a
    column twice, a row that is longer or shorter than the header.
    """
    if not path.is_file():
        raise InputError(str(path), None, "no such file")
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet(path, columns)
    if path.suffix.lower() == ".csv":
        return _csv(path, columns)
    raise InputError(str(path), path.suffix, "a name that ends in .csv, .parquet or .pq")


def _csv(path: Path, columns: Columns) -> Rows:
    rows = _csv_rows(path)
    try:
        _, header = next(rows)
    except StopIteration:
        raise InputError(path.name, None, "is empty; the first line names the columns") from None
    return Rows(path.name, "line", _found(path.name, header, columns), rows)


def _csv_rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    width = 0
    with path.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.reader(text, strict=True)
        try:
            for row in reader:
                if len(row) != width:
                    if not row or (not width and row[0].startswith("#")):
                        continue
                    if width:
                        place = f"{path.name} line {reader.line_num}"
                        raise InputError(place, len(row), f"must have {width} cells")
                    width = len(row)
                yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"{path.name} line {reader.line_num}", None, str(error)) from None
        except UnicodeDecodeError:
            raise InputError(f"{path.name} line {reader.line_num + 1}", None, "no UTF-8") from None


def _parquet(path: Path, columns: Columns) -> Rows:
    try:
        import duckdb
    except ImportError:
        raise InputError(
            path.name, None, "Parquet needs DuckDB: pip install 'headframe[parquet]'"
        ) from None
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
        header = [column for column, *_ in described.fetchall()]
        at = _found(path.name, header, columns)
        picked = ", ".join(_as_text(header[position]) for position in at.values()) or "''"
        found = connection.execute(f"SELECT {picked} FROM read_parquet(?)", [str(path)])
    except duckdb.Error as error:
        raise InputError(path.name, None, f"cannot be read: {_first_line(error)}") from None
    numbered = dict(zip(at, range(len(at)), strict=True))
    return Rows(path.name, "row", numbered, _parquet_rows(found, path.name))


def _parquet_rows(found: Any, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    import duckdb

    done = 0
    while True:
        try:
            batch = found.fetchmany(BATCH_ROWS)
        except duckdb.Error as error:
            raise InputError(name, None, f"cannot be read: {_first_line(error)}") from None
        if not batch:
            return
        yield from enumerate(batch, done + 1)
        done += len(batch)


def _as_text(column: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    return f"coalesce(CAST({quoted} AS VARCHAR), '')"


def _found(name: str, header: Sequence[str], columns: Columns) -> dict[str, int]:
    at: dict[str, int] = {}
    cells = [cell.strip().lower() for cell in header]
    for column, names in columns.items():
        positions = [position for position, cell in enumerate(cells) if cell in names]
        if len(positions) > 1:
            both = " and ".join(header[position] for position in positions)
            raise InputError(f"{name}, columns {both}", None, f"one column for {column}")
        if positions:
            at[column] = positions[0]
    return at


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
