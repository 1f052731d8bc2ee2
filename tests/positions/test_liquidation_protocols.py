"""A protocol's way of answering a call by its name: it fills in what is not said."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from headframe.book_file import book_from_toml
from headframe.errors import InputError
from headframe.positions.liquidation import PROTOCOLS, Liquidation, ProtocolName

PAGE = Path(__file__).parents[2] / "docs/protocols/liquidation.md"


def test_names_and_fillings_are_the_same_protocols():
    assert set(get_args(ProtocolName)) == set(PROTOCOLS)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_fills_in_what_is_not_said(name):
    plain, known = Liquidation(), Liquidation(protocol=name)
    for key in Liquidation.__dataclass_fields__:
        expected = PROTOCOLS[name].get(key, getattr(plain, key))
        assert getattr(known, key) == (name if key == "protocol" else expected)


def test_what_is_said_goes_before_it():
    said = Liquidation(protocol="aave_v3", close_factor=1.0, delay_s="1h")
    assert (said.close_factor, said.full_below, said.delay_s) == (1.0, 0.95, 3_600.0)


def test_in_a_book(farm_toml):
    text = farm_toml.replace('kind = "levered"', 'kind = "levered"\nliquidation = LIQ')
    book = book_from_toml(text.replace("LIQ", '{ protocol = "alpaca", delay_s = "2min" }'))
    assert book.positions[0].liquidation.bounty_share == 0.2
    with pytest.raises(InputError, match=r"liquidation\.protocol.*alpaka.*one of.*alpaca"):
        book_from_toml(text.replace("LIQ", '{ protocol = "alpaka" }'))


def test_a_filling_that_does_not_fit_is_named():
    with pytest.raises(ValidationError, match="auction"):
        Liquidation(protocol="maker", close_factor=0.5)


def test_the_page_has_the_same_table():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE))
    for name, filled in PROTOCOLS.items():
        for key, value in filled.items():
            told = {"delay_s": '"10min"'}.get(key, repr(value).replace("'", '"'))
            assert f"`{key} = {told}`" in rows[name]
