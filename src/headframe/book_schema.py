"""The JSON schema of a book, for editors: every table with its keys, ranges and explanations."""

from typing import Any

from pydantic import TypeAdapter

from headframe.book_file import TENANTS, FleetFile, Header
from headframe.place import House, Place
from headframe.registry import kinds, tenant
from headframe.scenarios.stress import Shock


def book_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a book file."""
    definitions: dict[str, Any] = {}
    schema = _schema(Header, definitions)
    for noun in TENANTS:
        options = [_tenant(noun, kind, definitions) for kind in sorted(kinds(noun))]
        if noun == "position":
            for option in options:
                option["properties"] |= _schema(Place, definitions)["properties"]
        schema["properties"][noun] = {"type": "object", "additionalProperties": {"oneOf": options}}
    schema["properties"]["house"] = _schema(House, definitions)
    shock = _named(_schema(Shock, definitions))
    schema["properties"]["shock"] = {"type": "object", "additionalProperties": shock}
    model = {"type": "object", "properties": {"kind": {"const": "model"}}, "required": ["kind"]}
    recorded = [_recorded(kind, definitions) for kind in sorted(kinds("scenario"))]
    schema["properties"]["scenario"] = {"oneOf": [model, *recorded]}
    _with_files(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "headframe book",
        **schema,
        "$defs": definitions,
    }


def _with_files(definitions: dict[str, Any]) -> None:
    """A mine's fleet may name a file with its machines in place of listing them."""
    fleet = definitions.get("Fleet")
    if fleet is not None:
        fleet["properties"] |= _schema(FleetFile, definitions)["properties"]
        fleet["required"] = [key for key in fleet.get("required", []) if key != "machines"]
        fleet["anyOf"] = [{"required": ["machines"]}, {"required": ["file"]}]


def _tenant(noun: str, kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _named(_schema(tenant(noun, kind), definitions))
    schema["properties"] = {"kind": {"const": kind}, **schema["properties"]}
    schema["required"] = ["kind", *schema.get("required", [])]
    return schema


def _recorded(kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(tenant("scenario", kind).spec, definitions)
    schema["properties"] = {"kind": {"const": kind}, **schema["properties"]}
    schema["required"] = ["kind", *schema["required"]]
    return schema


def _schema(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = TypeAdapter(cls).json_schema(mode="validation")
    definitions |= schema.pop("$defs", {})
    return schema


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    """A tenant's name is the name of its table."""
    schema["properties"].pop("name", None)
    schema["required"] = [key for key in schema.get("required", []) if key != "name"]
    return schema
