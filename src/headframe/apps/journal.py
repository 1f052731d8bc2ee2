"""The journal of a few paths as a file: CSV, or Parquet where DuckDB is installed."""

import csv
from dataclasses import astuple, fields
from pathlib import Path

from headframe.book import Book
from headframe.errors import InputError
from headframe.studies.trace import JournalEntry, trace

MOST_PATHS = 1_000
"""A journal of more paths than this is not for reading."""


def path_ids(text: str) -> list[int]:
    """
    Path numbers from text such as `0,7` or `0-9`.

    >>> path_ids("0,3-5")
    [0, 3, 4, 5]
    """
    ids: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InputError("--trace", text, "path numbers such as 0,7 or 0-9")
        span = range(int(first), int(last if dash else first) + 1)
        if len(ids) + len(span) > MOST_PATHS:
            raise InputError("--trace", text, f"at most {MOST_PATHS} paths")
        ids += span
    return ids


def journal_of(text: str, file: Path) -> list[int]:
    """The paths that are asked for, where they and the file's name are fit to be written."""
    if file.suffix not in (".csv", ".parquet"):
        raise InputError("--trace-file", str(file), "a name that ends in .csv or .parquet")
    return path_ids(text)


def write_journal(
    book: Book, ids: list[int], file: Path, *, seed: int | None = None, antithetic: bool = False
) -> int:
    """Write the journal of some paths; returns the number of entries."""
    entries = list(trace(book, ids, seed=seed, antithetic=antithetic))
    write = _write_csv if file.suffix == ".csv" else _write_parquet
    try:
        write(entries, file)
    except OSError as error:
        raise InputError("--trace-file", str(file), error.strerror or str(error)) from None
    return len(entries)


def _write_csv(entries: list[JournalEntry], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([field.name for field in fields(JournalEntry)])
        writer.writerows(astuple(entry) for entry in entries)


def _write_parquet(entries: list[JournalEntry], file: Path) -> None:
    from headframe.sources.tables import write_parquet

    names = [field.name for field in fields(JournalEntry)]
    write_parquet(file, {name: [getattr(e, name) for e in entries] for name in names})
