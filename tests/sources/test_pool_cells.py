"""Cells of a pool's logs: exact where they mean something, refused where they do not."""

import doctest
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.sources import pool_cells

NUMBERS = [pool_cells.time_ns, pool_cells.positive, pool_cells.whole, pool_cells.coins_sat]


def test_the_examples_run():
    outcome = doctest.testmod(pool_cells)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_plain_refusal(text):
    for read in NUMBERS:
        try:
            value = read(text)
        except ValueError as error:
            assert str(error)
        else:
            assert isinstance(value, int | Fraction)
            assert value >= 0


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(4000, 1, 1)))
def test_a_time_is_the_same_in_both_forms(moment):
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    whole_us = since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds
    seconds = f"{whole_us // 10**6}.{whole_us % 10**6:06d}"
    assert pool_cells.time_ns(moment.isoformat()) == whole_us * 1_000
    assert pool_cells.time_ns(moment.isoformat(" ") + "+00") == whole_us * 1_000
    assert pool_cells.time_ns(seconds) == whole_us * 1_000


def test_zones_are_heeded():
    there = pool_cells.time_ns("2024-05-01T12:00:00+02:00")
    assert there == pool_cells.time_ns("2024-05-01T10:00:00Z")


@given(st.floats(min_value=1e-9, max_value=1e20))
def test_a_float_is_read_as_it_is_written(value):
    assert pool_cells.positive(repr(value)) == Fraction(repr(value))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e999999999", "0x10", "", "1,5", "٣"])
def test_what_is_no_positive_number(text):
    with pytest.raises(ValueError, match="above 0"):
        pool_cells.positive(text)


@pytest.mark.parametrize("text", ["1700000000000", "yesterday", "-5", "1969-12-31", "1e9"])
def test_what_is_no_time(text):
    """Milliseconds are refused: in seconds they would be the year 55,000."""
    with pytest.raises(ValueError, match="a time such as"):
        pool_cells.time_ns(text)


@pytest.mark.parametrize("text", ["3.123456789", "-1", "x", ""])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match="amount"):
        pool_cells.coins_sat(text)


@pytest.mark.parametrize("text", ["", " a", "a\n", "\x1b[31mred", "a" * 201])
def test_what_is_no_name(text):
    with pytest.raises(ValueError, match="printable"):
        pool_cells.name(text)


def test_truth():
    assert pool_cells.truth("T")
    assert not pool_cells.truth("false")
    with pytest.raises(ValueError, match="true or false"):
        pool_cells.truth("maybe")
