"""The JSON of an answer: what the contract asks for, as its schema says, equal to the answer."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from headframe.report.findings import Findings
from headframe.report.numbers import comparison_numbers, numbers
from headframe.report.schema import (
    ComparisonNumbers,
    FigureNumbers,
    ResultNumbers,
    comparison_schema,
    result_schema,
)
from headframe.studies.compare import FIGURES


def complaints(
    value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$"
) -> list[str]:
    """What a JSON schema says against a value: the keywords that our schemas use, and no other."""
    known = {"$ref", "type", "properties", "required", "additionalProperties", "items", "minimum"}
    known |= {"maximum", "title", "description", "$schema", "$defs"}
    assert set(schema) <= known, f"{at}: keywords {set(schema) - known}"
    if "$ref" in schema:
        return complaints(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    kinds["boolean"] = bool
    kind = schema["type"]
    if not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{at}: {value!r} is no {kind}"]
    found: list[str] = []
    if kind == "object":
        own, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        found += [f"{at}.{key}: missing" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            if key in own:
                found += complaints(item, own[key], root, f"{at}.{key}")
            elif others is False:
                found.append(f"{at}.{key}: unknown")
            elif others is not True:
                found += complaints(item, others, root, f"{at}.{key}")
    elif kind == "array":
        for k, item in enumerate(value):
            found += complaints(item, schema["items"], root, f"{at}[{k}]")
    elif kind in ("integer", "number") and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        found.append(f"{at}: {value} is out of range")
    return found


def test_answers_are_as_the_schema_says(answer: Findings) -> None:
    told = json.loads(json.dumps(numbers(answer), allow_nan=False))
    schema = result_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert complaints(told, schema, schema) == []
    TypeAdapter(ResultNumbers).validate_python(told, strict=True)


def test_comparisons_are_as_the_schema_says(farm: Findings) -> None:
    told = json.loads(json.dumps(comparison_numbers(farm.alternatives, farm.book)))
    schema = comparison_schema()
    assert complaints(told, schema, schema) == []
    TypeAdapter(ComparisonNumbers).validate_python(told, strict=True)
    assert [book["name"] for book in told["books"]] == [a.name for a in farm.alternatives]


@pytest.mark.parametrize("spoil", ["drop", "add", "retype", "range"])
def test_the_schema_refuses_what_is_wrong(farm: Findings, spoil: str) -> None:
    told, schema = numbers(farm), result_schema()
    if spoil == "drop":
        del told["wealth"]["mean_se"]
    elif spoil == "add":
        told["positions"]["farm"]["luck"] = 1.0
    elif spoil == "retype":
        told["n_steps"] = "60"
    else:
        told["probability"]["loss"] = 1.5
    assert len(complaints(told, schema, schema)) == 1
    with pytest.raises(ValidationError):
        TypeAdapter(ResultNumbers).validate_python(told, strict=True)


def test_the_contract_is_kept(farm: Findings) -> None:
    told = numbers(farm)
    assert (told["name"], told["seed"], told["n_paths"]) == ("3x ETH/USDC farm", 1, 4_000)
    assert (told["n_steps"], told["numeraire"]) == (60, "usd")
    assert {"open", "mean", "mean_se", "quantiles"} <= set(told["wealth"])
    assert {"loss", "default"} <= set(told["probability"])
    position = told["positions"]["farm"]
    assert {"probability", "se"} <= set(position["liquidation"])
    assert position["liquidation"]["probability"] == farm.events[0].chance.probability


def test_entries_add_up_to_the_mean_result(answer: Findings) -> None:
    told = numbers(answer)
    result = told["wealth"]["mean"] - told["wealth"]["open"]
    entries = [v for p in told["positions"].values() for v in p["entries"].values()]
    assert sum(entries) == pytest.approx(result, abs=1e-7 * max(told["wealth"]["open"], 1.0))
    for position in told["positions"].values():
        assert sum(position["entries"].values()) == pytest.approx(position["result"])


def test_controlled_rates_belong_to_the_controlled_mean(farm: Findings) -> None:
    told = numbers(farm)
    years = told["horizon_s"] / 31_536_000
    share = told["wealth"]["mean_controlled"] / told["wealth"]["open"] - 1.0
    assert told["returns"]["apr_controlled"] == pytest.approx(share / years)
    assert told["returns"]["apy_controlled"] == pytest.approx((1.0 + share) ** (1 / years) - 1.0)


def test_the_same_figures_are_compared_and_described() -> None:
    described = set(FigureNumbers.__annotations__)
    assert described == {name for figure in FIGURES for name in (figure, f"{figure}_se")}


def test_interruption_is_told(partial: Findings, farm: Findings) -> None:
    assert (numbers(partial)["partial"], numbers(partial)["n_paths_asked"]) == (True, 9_000)
    assert numbers(farm)["partial"] is False
