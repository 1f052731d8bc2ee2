"""
A fleet as operators keep it: one line of a CSV file for each purchase of machines.

    model,count,preset,site,bought,price_usd
    Antminer S21,120,,texas,2024-03-15,3150
    Antminer S19j Pro 96T,400,underclocked,texas,2022-01-20,5900

`model` and `count` are needed, every other column may be left out, and so may a cell. The columns
are those of the mine's batches, and two more: `site`, by which the lines of one site are picked,
and `note`, which nobody reads. A model is written as on its label, or as the catalogue has it:
`Antminer S21+` is `antminer_s21_plus`. Lines of one model are batches of their own, named
`antminer_s21`, `antminer_s21_2` and so on where `batch` does not name them. A line that begins with
# is a remark. Nothing is repaired in silence: a column that is not known, a cell that is no number,
a row of the wrong length are errors that name line and column.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from headframe.errors import InputError
from headframe.types import duration_s

NEEDED = ("model", "count")
"""Columns that a fleet has."""
NAMES = ("model", "batch", "preset", "asset", "cooling")
"""Columns of names."""
NUMBERS = (
    "count",
    "price_usd",
    "hashrate_th_s",
    "efficiency_j_per_th",
    "power_w",
    "meter_error",
    "uptime",
    "degradation_per_year",
    "failures_per_year",
    "repair_usd",
    "losses_per_year",
    "salvage",
    "resale_cost",
    "scrap_usd",
)
"""Columns of numbers, with a point and without separators of thousands."""
DURATIONS = ("age_s", "repair_s", "life_s")
"""Columns of lengths of time: seconds, or text such as `4y`."""
DATES = ("bought",)
"""Columns of days: `2024-03-15`."""
OWN = ("site", "note")
"""Columns that are no figures of machines."""
COLUMNS = (*dict.fromkeys((*NEEDED, *NAMES, *NUMBERS, *DURATIONS, *DATES, *OWN)),)
"""Every column that a fleet may have."""
LINES_LIMIT = 1_000
"""Lines of a fleet at most: each is a batch of its own in a book."""

_PLUS = re.compile(r"\+")
_OTHER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class FleetRow:
    """One line: the file and the line where it stands, and what it says of a batch, by column."""

    source: str
    line: int
    values: dict[str, Any]

    def place(self, column: str = "") -> str:
        """Where a column of the line stands, for errors."""
        return f"{self.source} line {self.line}" + (f", {column}" if column else "")


def spelt(label: str) -> str:
    """
    A machine's label as a name: lower case, underscores, `plus` for each +.

    >>> spelt("WhatsMiner M30S++")
    'whatsminer_m30s_plus_plus'
    """
    return _OTHER.sub("_", _PLUS.sub("_plus_", label.lower())).strip("_")


def read_fleet(
    path: str | Path, *, site: str | None = None, ignore: Sequence[str] = ()
) -> list[FleetRow]:
    """
    Read the lines of a fleet, of one `site` where it is named; columns in `ignore` are passed over.

    Raises `InputError` that names the file, or its line and column, what stands there and what may.
    """
    path = Path(path)
    lines = _lines(path)
    line, names = next(lines, (1, []))
    header = [name.strip().lower() for name in names]
    _check_header(f"{path.name} line {line}", header, ignore)
    rows = [_row(path.name, line, header, cells, ignore) for line, cells in lines]
    if not rows:
        raise InputError(path.name, None, "has no machines")
    return _batches(_of_site(path.name, rows, site))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of cells, empty ones left out."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for count, cells in enumerate(reader):
                if count > LINES_LIMIT:
                    raise InputError(path.name, None, f"has more than {LINES_LIMIT} lines")
                if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                    yield reader.line_num, cells
    except OSError as error:
        raise InputError(str(path), None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(str(path), None, "is not UTF-8 text") from None
    except csv.Error as error:
        raise InputError(f"{path.name} line {reader.line_num}", None, f"no CSV: {error}") from None


def _check_header(place: str, header: list[str], ignore: Sequence[str]) -> None:
    for name in header:
        if name not in COLUMNS and name not in ignore:
            close = get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(COLUMNS)}"
            raise InputError(place, name, f"{hint} Name it under ignore to pass over it")
        if header.count(name) > 1:
            raise InputError(place, name, "a column's name stands once")
    for name in NEEDED:
        if name not in header:
            raise InputError(place, None, f"column {name} is missing; there is {_list(header)}")


def _list(names: Iterable[str]) -> str:
    """Names in one line that is not too long."""
    text = ", ".join(" ".join(name.split()) for name in names if name.strip())
    return (text if len(text) <= 160 else text[:157] + "...") or "nothing"


def _row(
    source: str, line: int, header: list[str], cells: list[str], ignore: Sequence[str]
) -> FleetRow:
    row = FleetRow(source, line, {})
    if len(cells) != len(header):
        raise InputError(row.place(), None, f"{len(cells)} cells under {len(header)} names")
    for column, cell in zip(header, cells, strict=True):
        text = cell.strip()
        if column in ignore or column == "note":
            continue
        if text:
            try:
                row.values[column] = _value(column, text)
            except ValueError as error:
                raise InputError(row.place(column), text, str(error)) from None
        elif column in NEEDED:
            raise InputError(row.place(column), None, "is empty")
    return row


def _value(column: str, text: str) -> Any:
    """What a cell means; `ValueError` says what may stand there."""
    if column in DATES:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("a day such as 2024-03-15") from None
    if column in DURATIONS:
        return duration_s(float(text) if text.replace(".", "", 1).isdecimal() else text)
    if column == "site":
        return text
    if column in NAMES:
        name = spelt(text)
        if not name[:1].isalpha():
            raise ValueError("a name that begins with a letter")
        return name
    return _number(column, text)


def _number(column: str, text: str) -> float:
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("a number such as 3150 or 0.97, without separators or units")
    if column == "count" and not (value.is_integer() and 0.0 <= value < 1e9):
        raise ValueError("a whole number of machines, such as 120")
    return value


def _of_site(source: str, rows: list[FleetRow], site: str | None) -> list[FleetRow]:
    """The lines of a site; all of them where none is named."""
    if site is not None:
        wanted = site.strip().casefold()
        known = dict.fromkeys(str(r.values["site"]) for r in rows if "site" in r.values)
        if wanted not in {name.casefold() for name in known}:
            raise InputError(f"{source}: site", site, f"there is {_list(known)}")
        rows = [r for r in rows if str(r.values.get("site", "")).casefold() == wanted]
    for row in rows:
        row.values.pop("site", None)
    return rows


def _batches(rows: list[FleetRow]) -> list[FleetRow]:
    """The same lines, each with a batch's name of its own."""
    taken: dict[str, FleetRow] = {}
    for row in rows:
        if "batch" in row.values:
            name = row.values["batch"]
            if name in taken:
                other = taken[name].line
                raise InputError(row.place("batch"), name, f"stands on line {other} already")
            taken[name] = row
    for row in rows:
        if "batch" in row.values:
            continue
        name, k = row.values["model"], 1
        while name in taken:
            k += 1
            name = f"{row.values['model']}_{k}"
        taken[name] = row
        row.values["batch"] = name
    return rows
