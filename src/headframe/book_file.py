"""
A book as TOML: the same parameter classes that Python users build, checked by the same rules.

    name = "3x ETH/USDC farm"
    [wallet]            amounts by asset
    [process.NAME]      kind = "gbm" ...       one table a process; likewise venue, position, policy
    [[correlation]]     between = ["eth_usd", "btc_usd"], value = 0.8
    [shock.NAME]        stress laid over the world
    [house]             rules of the house: largest leverage, share per protocol, where it may stand
    [scenario]          kind = "history" or "bootstrap": a table instead of processes

Whatever is wrong is one line that names file, key, value and what is allowed.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass as plain_dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from headframe.book import Book
from headframe.errors import InputError
from headframe.place import KEYS, House, Place
from headframe.registry import kinds, tenant
from headframe.scenarios.model import Model
from headframe.scenarios.stress import Shock
from headframe.types import STRICT, Amounts, Duration, Name, Proper

TENANTS = ("process", "venue", "position", "policy")
"""Nouns whose tenants stand in tables of their own."""
ABSENT = ("missing", "unexpected_keyword_argument")
"""What the validator calls a key that is not there, and one that should not be."""
PATHS_LIMIT = 1_000_000_000
"""The most paths that a book may ask for."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Correlation:
    """The correlation of two shocks."""

    between: tuple[str, str]
    value: Annotated[float, Field(ge=-1.0, le=1.0)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Header:
    """The keys of a book that are not tables of tenants."""

    name: str
    numeraire: Name = "usd"
    cash: Name | None = None
    horizon: Duration = 365.0 * 86_400.0
    step: Duration = 86_400.0
    start: date | datetime | None = None
    paths: Annotated[int, Field(ge=1, le=PATHS_LIMIT)] = 10_000
    seed: Annotated[int, Field(ge=0)] = 1
    trade_cost: Proper = 0.001
    cash_sources: tuple[Name, ...] = ()
    wallet: Amounts = Field(default_factory=dict)
    correlation: tuple[Correlation, ...] = ()


@plain_dataclass(frozen=True)
class Parts:
    """A parsed book file: header, tenants by noun, shocks, and the scenario's own table."""

    header: Header
    tenants: dict[str, tuple[Any, ...]]
    places: Mapping[str, Place]
    house: House
    shocks: tuple[Shock, ...]
    scenario: Mapping[str, Any]


ReadTable = Callable[..., Any]
"""Reads a table from a path, with keywords `time` and `utc_offset_h`."""
ReadFleet = Callable[..., Any]
"""Reads the rows of a fleet from a path, with keywords `site` and `ignore`."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FleetFile:
    """
    What a mine's `[position.NAME.fleet]` says of a file with its machines.

    `site` picks the lines of one site; columns in `ignore` are passed over.
    """

    file: str
    site: str | None = None
    ignore: tuple[str, ...] = ()


def load_book(
    path: str | Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    read_table: ReadTable | None = None,
    read_fleet: ReadFleet | None = None,
) -> Book:
    """
    Read a book from a TOML file; `overrides` maps dotted keys to values that replace the file's.

    `read_table` is asked for the tables of a history and `read_fleet` for the machines of a mine,
    which stand beside the book. Raises `InputError` naming the file and the key.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(str(path), None, "is not UTF-8 text") from None
    return book_from_toml(
        text,
        source=str(path),
        overrides=overrides,
        folder=path.parent,
        read_table=read_table,
        read_fleet=read_fleet,
    )


def book_from_toml(
    text: str,
    *,
    source: str = "book",
    overrides: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    read_table: ReadTable | None = None,
    read_fleet: ReadFleet | None = None,
) -> Book:
    """A book from TOML text; see `load_book`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(source, None, f"is not TOML: {error}") from None
    try:
        for key, value in (overrides or {}).items():
            _override(data, key, value)
        lines = read_fleets(data, folder or Path(), read_fleet)
        return assemble(_parsed(data, lines), folder or Path(), read_table)
    except InputError as error:
        raise error.within(source) from None


def read_fleets(
    data: Mapping[str, Any], folder: Path, read_fleet: ReadFleet | None
) -> dict[str, Any]:
    """
    Put the machines of fleet files behind those that the book lists itself, in place.

    Returns the file's row for each place `position.NAME.fleet.machines.NUMBER` that it fills.
    """
    lines: dict[str, Any] = {}
    positions = data.get("position", {})
    for name, table in positions.items() if isinstance(positions, Mapping) else ():
        fleet = table.get("fleet") if isinstance(table, Mapping) else None
        if not isinstance(fleet, dict) or "file" not in fleet:
            continue
        place = f"position.{name}.fleet"
        keys = [key for key in FleetFile.__dataclass_fields__ if key in fleet]
        spec = build(FleetFile, {key: fleet.pop(key) for key in keys}, place)
        if read_fleet is None:
            raise InputError(f"{place}.file", spec.file, "needs a reader: headframe.load has one")
        rows = read_fleet(folder / spec.file, site=spec.site, ignore=spec.ignore)
        listed = fleet.get("machines", [])
        listed = list(listed) if isinstance(listed, list | tuple) else [listed]
        fleet["machines"] = [*listed, *(row.values for row in rows)]
        lines |= {f"{place}.machines.{len(listed) + k}": row for k, row in enumerate(rows)}
    return lines


def _parsed(data: Mapping[str, Any], lines: Mapping[str, Any]) -> Parts:
    """`parse`, where an error in machines from a file names the file's line and column."""
    try:
        return parse(data)
    except InputError as error:
        place, column = ".".join(error.place.split(".")[:5]), error.place.split(".")[5:]
        if place not in lines:
            raise
        where = lines[place].place(".".join(column))
        raise InputError(where, error.value, error.allowed) from None


def parse(data: Mapping[str, Any]) -> Parts:
    """Check every table of a book against its parameter class."""
    rest = dict(data)
    tables = {noun: _tables(rest.pop(noun, {}), noun) for noun in TENANTS}
    shocks = _tables(rest.pop("shock", {}), "shock")
    scenario = rest.pop("scenario", {"kind": "model"})
    house = rest.pop("house", {})
    if not isinstance(house, Mapping):
        raise InputError("house", house, "a table [house]")
    known = [*Header.__dataclass_fields__, *TENANTS, "shock", "scenario", "house"]
    for key in rest:
        if key not in Header.__dataclass_fields__:
            raise InputError(key, None, _unknown(key, known))
    header = build(Header, rest, "")
    places, tables["position"] = _places(tables["position"])
    tenants = {
        noun: tuple(_tenant(noun, name, table) for name, table in tables[noun].items())
        for noun in TENANTS
    }
    made = tuple(build(Shock, {**t, "name": n}, f"shock.{n}") for n, t in shocks.items())
    if not isinstance(scenario, Mapping):
        raise InputError("scenario", scenario, "a table with a key 'kind'")
    rules = build(House, house, "house")
    return Parts(header, tenants, places, rules, made, scenario)


def _places(
    tables: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Place], dict[str, Mapping[str, Any]]]:
    """Where positions stand, and their tables without the keys that say so."""
    places: dict[str, Place] = {}
    rest: dict[str, Mapping[str, Any]] = {}
    for name, table in tables.items():
        said = {key: table[key] for key in KEYS if key in table}
        rest[name] = {key: value for key, value in table.items() if key not in KEYS}
        if said:
            places[name] = build(Place, said, f"position.{name}")
    return places, rest


def assemble(parts: Parts, folder: Path, read_table: ReadTable | None = None) -> Book:
    """A book from its checked parts; a scenario that reads a table finds it beside the book."""
    head = parts.header
    start = {} if head.start is None else {"start_ts": _unix_ts(head.start)}
    return Book(
        name=head.name,
        scenario=_scenario(parts, folder, read_table),
        wallet=head.wallet,
        positions=parts.tenants["position"],
        policies=parts.tenants["policy"],
        venues=parts.tenants["venue"],
        places=parts.places,
        house=parts.house,
        numeraire=head.numeraire,
        cash=head.cash,
        horizon_s=head.horizon,
        step_s=head.step,
        trade_cost=head.trade_cost,
        cash_sources=head.cash_sources,
        n_paths=head.paths,
        seed=head.seed,
        **start,
    )


def _scenario(parts: Parts, folder: Path, read_table: ReadTable | None) -> Any:
    kind = parts.scenario.get("kind", "model")
    pairs = {c.between: c.value for c in parts.header.correlation}
    processes = parts.tenants["process"]
    if kind == "model":
        extra = [key for key in parts.scenario if key != "kind"]
        if extra:
            raise InputError(f"scenario.{extra[0]}", None, _unknown(extra[0], ["kind"]))
        if not processes:
            raise InputError("process", None, "a model needs at least one table [process.NAME]")
        return Model(processes=processes, correlations=pairs, shocks=parts.shocks)
    if not isinstance(kind, str) or kind not in kinds("scenario"):
        allowed = f"one of model, {', '.join(sorted(kinds('scenario')))}"
        raise InputError("scenario.kind", kind, allowed)
    if read_table is None:
        raise InputError("scenario.kind", kind, "needs a reader of tables: headframe.load has one")
    cls = tenant("scenario", kind)
    values = {k: v for k, v in parts.scenario.items() if k != "kind"}
    spec = build(cls.spec, values, "scenario")
    tables = {
        name: read_table(folder / file.file, time=file.time, utc_offset_h=file.utc_offset_h)
        for name, file in spec.table.items()
    }
    return cls.from_tables(
        spec, tables, processes=processes, correlations=pairs, shocks=parts.shocks
    )


def _unix_ts(start: date | datetime) -> float:
    moment = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _tables(value: Any, noun: str) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        raise InputError(noun, value, f"tables [{noun}.NAME]")
    for name, table in value.items():
        if not isinstance(table, Mapping):
            raise InputError(f"{noun}.{name}", table, f"a table [{noun}.{name}]")
    return dict(value)


def _tenant(noun: str, name: str, table: Mapping[str, Any]) -> Any:
    place = f"{noun}.{name}"
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in kinds(noun):
        allowed = f"one of {', '.join(sorted(kinds(noun)))}"
        raise InputError(f"{place}.kind", kind if kind is not None else "nothing", allowed)
    values = {k: v for k, v in table.items() if k != "kind"} | {"name": name}
    made = build(tenant(noun, kind), values, place)
    for key in getattr(made, "debt_rates", ()):
        if not _told(table, key):
            allowed = "say what the debt costs a year: a number (0: nothing) or an observable"
            raise InputError(f"{place}.{key}", None, allowed)
    return made


def _told(table: Any, key: str) -> bool:
    """Whether a table has a key, dotted where it lies deeper."""
    for part in key.split("."):
        if isinstance(table, list | tuple):
            table = table[int(part)]
        elif not isinstance(table, Mapping) or part not in table:
            return False
        else:
            table = table[part]
    return True


def build(cls: Any, values: Mapping[str, Any], place: str) -> Any:
    """An instance of a parameter class, or `InputError` for the first thing that is wrong."""
    try:
        return TypeAdapter(cls).validate_python(dict(values))
    except ValidationError as error:
        raise _input_error(cls, error, place, values) from None


def _input_error(
    cls: Any, error: ValidationError, place: str, values: Mapping[str, Any]
) -> InputError:
    first, where = _first(error, values)
    key = ".".join(part for part in (place, *where) if part) or "book"
    message, value = str(first["msg"]), first["input"]
    if first["type"] == "unexpected_keyword_argument":
        return InputError(key, None, _unknown(where[-1], _keys(cls, where[:-1])))
    if first["type"] == "missing":
        return InputError(key, None, "is missing")
    if first["type"] == "value_error":
        said = message.removeprefix("Value error, ")
        return InputError(key, None if isinstance(value, Mapping) or not where else value, said)
    allowed = _allowed(cls, where) or message[0].lower() + message[1:]
    return InputError(key, value, allowed)


def _first(error: ValidationError, values: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """The first thing that is wrong; of the types that a value may have, that which fits best."""
    errors = error.errors()
    same = [one for one in errors if one["loc"][:1] == errors[0]["loc"][:1]]
    found = [(one, _where(one["loc"], values, absent=one["type"] in ABSENT)) for one in same]
    return max(found, key=lambda pair: len(pair[1]))


def _where(
    location: tuple[int | str, ...], values: Mapping[str, Any], *, absent: bool
) -> list[str]:
    """
    The keys that lead to an error: the validator's path without the types that it tried.

    `absent`: the last is a key that is not there, or is not one.
    """
    here: Any = values
    where: list[str] = []
    for k, part in enumerate(location):
        found = _under(here, part)
        if found is not None:
            here = found
        elif not absent or k < len(location) - 1 or not isinstance(here, Mapping):
            continue
        where.append(str(part))
    return where


def _under(here: Any, part: int | str) -> Any:
    """What stands under a key or at a place; None where nothing does."""
    if isinstance(here, Mapping):
        return here.get(part)
    if isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
        return here[part]
    return None


def _allowed(cls: Any, where: list[str]) -> str:
    """The allowed range of a field, however deep it lies, from its own schema."""
    try:
        schema = TypeAdapter(cls).json_schema(mode="validation")
    except Exception:  # a third party's type may have no schema; the plain message then serves
        return ""
    return next((text for text in map(_range, _at(schema, where)) if text), "") if where else ""


def _range(field: Mapping[str, Any]) -> str:
    if field.get("type") not in ("number", "integer"):
        return "" if "enum" not in field else f"one of {', '.join(map(str, field['enum']))}"
    what = "a whole number" if field["type"] == "integer" else "a number"
    bounds = [
        f"{word} {field[key]:g}"
        for key, word in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "below"),
        )
        if key in field
    ]
    return f"{what} {' and '.join(bounds)}".rstrip()


def _keys(cls: Any, where: list[str]) -> list[str]:
    """The keys of the table that lies at a place within a class's own."""
    if not where:
        return list(cls.__dataclass_fields__)
    tables = _at(TypeAdapter(cls).json_schema(mode="validation"), where)
    return sorted({key for table in tables for key in table.get("properties", {})})


def _at(schema: Mapping[str, Any], where: list[str]) -> list[Mapping[str, Any]]:
    """What the schema allows at a place: one, or several where a choice of types leads there."""
    here: list[Mapping[str, Any]] = [schema]
    for part in where:
        under = [
            table.get("properties", {}).get(part) or table.get("additionalProperties")
            for table in here
        ]
        under += [table["items"] for table in here if part.isdigit() and "items" in table]
        here = [
            leaf for field in under if isinstance(field, Mapping) for leaf in _leaves(field, schema)
        ]
    return here


def _leaves(field: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A field's schemas, with references and choices followed to their ends."""
    if "$ref" in field:
        return _leaves(schema["$defs"][field["$ref"].rsplit("/", 1)[-1]], schema)
    choices = [
        leaf
        for key in ("anyOf", "oneOf")
        for one in field.get(key, ())
        for leaf in _leaves(one, schema)
    ]
    return choices or [field]


def _unknown(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(sorted(known))}"
    return f"is not a key here; {hint}"


def _override(data: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; the tables on the way must exist, unless they are the book's own."""
    *path, last = key.split(".")
    here: Any = data
    for part in path:
        here = here.setdefault(part, {}) if part in ("wallet",) else here.get(part)
        if not isinstance(here, dict):
            raise InputError(f"--set {key}", None, f"the book has no table '{part}'")
    here[last] = value
