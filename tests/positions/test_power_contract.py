"""Sources of expected values: the terms of each contract written out."""

import doctest

import pytest
from pydantic import TypeAdapter

from headframe.positions import power_contract as module
from headframe.positions.power_contract import BlockPower, FixedPower, IndexedPower, PowerContract


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("table", "cls"),
    [
        ({"kind": "fixed", "usd_per_mwh": 45}, FixedPower),
        ({"kind": "indexed", "spot_usd_per_mwh": "grid_usd_per_mwh"}, IndexedPower),
        (
            {"kind": "block", "block_mw": 2, "usd_per_mwh": 45, "spot_usd_per_mwh": 30},
            BlockPower,
        ),
    ],
)
def test_a_table_becomes_the_contract_of_its_kind(table, cls):
    assert type(TypeAdapter(PowerContract).validate_python(table)) is cls


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"kind": "heat"}, "heat"),
        ({"kind": "fixed"}, "usd_per_mwh"),
        ({"kind": "fixed", "usd_per_mwh": 45, "adder_usd_per_mwh": 3}, "adder_usd_per_mwh"),
        ({"kind": "indexed", "spot_usd_per_mwh": float("nan")}, "spot_usd_per_mwh"),
        (
            {"kind": "block", "block_mw": -1, "usd_per_mwh": 45, "spot_usd_per_mwh": 30},
            "greater than 0",
        ),
    ],
)
def test_impossible_contracts_are_refused(table, says):
    with pytest.raises(ValueError, match=says):
        TypeAdapter(PowerContract).validate_python(table)


def test_a_contract_reads_its_prices():
    indexed = IndexedPower(spot_usd_per_mwh="grid_usd_per_mwh")
    assert "grid_usd_per_mwh" in indexed.terms.reads
    block = BlockPower(block_mw=2, usd_per_mwh="ppa_usd_per_mwh", spot_usd_per_mwh=30.0)
    assert {"ppa_usd_per_mwh", 30.0} <= set(block.terms.reads)
