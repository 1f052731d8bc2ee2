"""Compounding every hour pays on a layer 2 and not on mainnet, as the how-to says."""

from dataclasses import replace
from pathlib import Path

import pytest

import headframe as hf
from headframe.studies.compare import compare
from headframe.units import HOUR_S, WEEK_S

EXAMPLES = Path(__file__).parents[2] / "examples"


def hourly_less_weekly(name):
    """What compounding every hour instead of every week changes, in dollars over 90 days."""
    book = hf.load(EXAMPLES / f"{name}.toml")
    books = [
        book.with_(
            name=str(every_s),
            policies=tuple(
                replace(p, interval_s=every_s) if p.name == "harvest" else p for p in book.policies
            ),
        )
        for every_s in (WEEK_S, HOUR_S)
    ]
    return compare(books, n_paths=600, antithetic=True)[1].differences["wealth"]


def test_every_hour_costs_on_mainnet():
    found = hourly_less_weekly("farm_mainnet")
    assert found.value == pytest.approx(-979.0, abs=4.0 * found.se)
    assert found.value < -10.0 * found.se


def test_every_hour_pays_on_a_layer_2():
    found = hourly_less_weekly("farm_layer2")
    assert found.value == pytest.approx(132.0, abs=4.0 * found.se)
    assert found.value > 2.0 * found.se


def test_the_two_examples_differ_in_their_chain_only():
    one, other = (hf.load(EXAMPLES / f"farm_{name}.toml") for name in ("mainnet", "layer2"))
    farms = [replace(book.positions[0], gas_usd=0.0) for book in (one, other)]
    assert farms[0] == farms[1]
    assert one.policies == other.policies
    assert [book.place("farm").chain for book in (one, other)] == ["ethereum", "arbitrum"]
