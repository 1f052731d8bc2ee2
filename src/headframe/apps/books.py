"""Books from files, with the tables that they name: the friendly door to `book_file`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headframe.book import Book
from headframe.book_file import load_book as load_with
from headframe.sources.fleet_rows import read_fleet
from headframe.sources.tables import read_table


def load_book(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Book:
    """
    Read a book from a TOML file; tables of a history and fleets are read from beside it.

    `overrides` maps dotted keys to values that replace the file's. Raises `InputError` naming the
    file and the key, `DataError` naming a table's row.
    """
    return load_with(path, overrides, read_table=read_table, read_fleet=read_fleet)
