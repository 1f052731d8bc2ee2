"""
Write the reference of book files from the parameter classes: no key is ever listed by hand.

`docs/reference/kinds.md` has every kind that a book may name, with what its class says of itself
and a table of its keys: what is allowed, and the default. Third parties' kinds that happen to be
installed are left out.

    python tools/book_tables.py            write the page
    python tools/book_tables.py --check    exit 1 where it is stale
"""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from headframe.book_schema import book_schema
from headframe.place import KEYS, Place
from headframe.registry import GROUPS, tenant
from headframe.scenarios import BUILT_IN

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "kinds.md"
"""The page that is written."""
OPENING = """# Kinds and their keys

This page is written by `tools/book_tables.py` from the parameter classes themselves. How a book is
put together is on the page [book files](book.md).

A *signal* is a number, or the name of an observable that carries it. A *duration* is text such as
`"90d"`, `"12h"`, `"15min"`, or a number of seconds. An *amount table* is `{ usdc = 10_000 }`, whole
units by asset. A key without a default must be given.
"""
"""What stands above the tables."""
TITLES = {
    "process": "Processes",
    "venue": "Venues",
    "position": "Positions",
    "policy": "Policies",
}
"""Nouns whose kinds are listed, with their headings."""
SCENARIO_MODEL = """Without a table `[scenario]`, or with `kind = "model"`, the world is made of the
processes alone. The other kinds read tables, and the processes stand beside them."""
"""What is said of the scenario that has no keys."""
BOUNDS = (
    ("minimum", "at least"),
    ("ge", "at least"),
    ("exclusiveMinimum", "above"),
    ("gt", "above"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "below"),
)
"""Keys of a schema that bound a number, and how a person says them."""

Schema = Mapping[str, Any]


def prose(description: str) -> str:
    r"""
    What a class says of itself, without its doctest; formulas become blocks.

    >>> prose("Coins.\n\n    a = b\n\n>>> Coins()\n1")
    'Coins.\n\n```text\na = b\n```'
    """
    text = description.split("\n>>> ")[0].removesuffix("\n").rstrip()
    parts = []
    for part in re.split(r"\n\s*\n", text):
        lines = part.split("\n")
        if all(line.startswith("    ") for line in lines):
            part = "```text\n" + "\n".join(line[4:] for line in lines) + "\n```"
        parts.append(part)
    return "\n\n".join(parts)


def allowed(key: str, schema: Schema) -> str:
    """
    What may stand at a key, in words.

    >>> allowed("fee", {"type": "number", "minimum": 0.0, "exclusiveMaximum": 1.0})
    'a number at least 0 and below 1'
    >>> allowed("turnover", {"anyOf": [{"type": "number"}, {"type": "string"}]})
    'a signal'
    """
    if "const" in schema:
        return f"`{schema['const']!r}`".replace("'", '"')
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return f"a table: {schema['$ref'].rsplit('/', 1)[1]}"
    options = [o for o in schema.get("anyOf", schema.get("oneOf", ())) if o.get("type") != "null"]
    if options:
        if is_duration(key) and any(o.get("type") == "number" for o in options):
            return _duration(next(o for o in options if o.get("type") == "number"))
        if [o.get("type") for o in options] == ["number", "string"]:
            return "a signal"
        if [o.get("type") for o in options] == ["number", "string", "object"]:
            return "a signal, or a table of signals by action"
        return " or ".join(dict.fromkeys(allowed(key, option) for option in options))
    return _plain(key, schema)


def is_duration(key: str) -> bool:
    """
    Whether a key holds a length of time: `_s`, but neither a rate per second nor a hash rate.

    >>> [is_duration(key) for key in ("every_s", "tokens_per_s", "hashrate_th_s", "horizon")]
    [True, False, False, True]
    """
    rate = key.endswith(("_per_s", "_th_s", "_ph_s", "_eh_s"))
    return key in ("horizon", "step") or (key.endswith("_s") and not rate)


def _plain(key: str, schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "number" and is_duration(key):
        return _duration(schema)
    if kind in ("number", "integer"):
        return _bounded("a number" if kind == "number" else "a whole number", schema)
    if kind == "string" and key.endswith("_date"):
        return "a date"
    if kind == "string":
        return "a date" if schema.get("format", "").startswith("date") else "a name"
    if kind == "array":
        items = schema.get("items") or {}
        return f"a list, each {allowed(key, items)}" if items else "a list"
    if kind == "object":
        inner = schema.get("additionalProperties", {})
        if "$ref" in inner:
            return f"tables by name, each: {inner['$ref'].rsplit('/', 1)[1]}"
        return "an amount table" if key in ("deposit", "wallet") else "a table of numbers by name"
    return "true or false" if kind == "boolean" else "anything"


def _duration(schema: Schema) -> str:
    return _bounded("a duration", schema)


def _bounded(what: str, schema: Schema) -> str:
    limits = [f"{word} {schema[key]:g}" for key, word in BOUNDS if key in schema]
    return f"{what} {' and '.join(limits)}".rstrip()


def keys(schema: Schema) -> Iterator[str]:
    """Lines of the table of a schema's keys."""
    yield "| key | allowed | default |"
    yield "|---|---|---|"
    for key, field in schema["properties"].items():
        if key == "kind":
            continue
        default = "" if key in schema.get("required", ()) else _default(key, field)
        yield f"| `{key}` | {allowed(key, field)} | {default} |"


def _default(key: str, field: Schema) -> str:
    value = field.get("default")
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list) and len(value) > 4 and len(set(value)) == 1:
        return f"{len(value)} times `{value[0]:g}`"
    if isinstance(value, list):
        return f"`{value!r}`".replace("'", '"')
    if isinstance(value, int | float) and is_duration(key):
        return _span(float(value))
    return f"`{value:g}`" if isinstance(value, int | float) else "see below"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds and seconds % size == 0.0:
            return f'`"{seconds / size:g}{unit}"`'
    return f"`{seconds:g}`"


def nested(schema: Schema, definitions: Schema) -> Iterator[str]:
    """Names of the tables within a schema, and within these, each once."""
    seen: list[str] = []
    waiting = re.findall(r"'#/\$defs/(\w+)'", str(schema["properties"]))
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.append(name)
            yield name
            waiting += re.findall(r"'#/\$defs/(\w+)'", str(definitions[name].get("properties")))


def page() -> str:
    """The whole page."""
    schema = book_schema()
    definitions = schema["$defs"]
    lines = [OPENING, "## The book itself", ""]
    tables = {*TITLES, "shock", "scenario", "house"}
    header = {key: f for key, f in schema["properties"].items() if key not in tables}
    told = "\n".join(keys({"properties": header, "required": schema["required"]}))
    lines += [told.replace("| `name` | a name |", "| `name` | text |"), ""]
    lines += _section("Correlation", definitions["Correlation"], "###", definitions, set())
    shock = schema["properties"]["shock"]["additionalProperties"]
    lines += _section("`[shock.NAME]`", shock, "##", definitions, set())
    lines += _section("`[house]`", schema["properties"]["house"], "##", definitions, set())
    for noun, title in TITLES.items():
        lines += [f"## {title}", ""]
        if noun == "position":
            place = TypeAdapter(Place).json_schema(mode="validation")
            lines += _section("Where a position stands, whatever its kind", place, "###", {}, set())
        seen: set[str] = set()
        ours = import_module(f"headframe.{GROUPS[noun]}").BUILT_IN
        for option in schema["properties"][noun]["additionalProperties"]["oneOf"]:
            kind = option["properties"]["kind"]["const"]
            for key in KEYS if noun == "position" else ():
                option["properties"].pop(key)
            if kind in ours:
                lines += _section(f"`{kind}`", option, "###", definitions, seen)
    lines += ["## Scenarios", "", SCENARIO_MODEL, ""]
    seen = set()
    for kind in BUILT_IN:
        spec = TypeAdapter(tenant("scenario", kind).spec).json_schema(mode="validation")
        lines += _section(f"`{kind}`", spec, "###", spec.get("$defs", {}), seen)
    return "\n".join(lines).rstrip() + "\n"


def _section(
    title: str, schema: Schema, level: str, definitions: Schema, told: set[str]
) -> list[str]:
    lines = [f"{level} {title}", "", prose(schema.get("description", "")), "", *keys(schema), ""]
    for name in nested(schema, definitions):
        if name not in told:
            told.add(name)
            inner = definitions[name]
            said = prose(inner.get("description", ""))
            kind = inner["properties"].get("kind", {}).get("const")
            title = f'{name}, `kind = "{kind}"`' if kind else name
            lines += [f"{level}# {title}", "", said, "", *keys(inner), ""]
    return lines


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = page()
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if "--check" in arguments:
        print(f"{PAGE.name}: {'fine' if text == old else 'stale: run tools/book_tables.py'}")
        return int(text != old)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
