"""Comparisons on common random numbers: the difference is far sharper than either side."""

from dataclasses import replace

import pytest

from headframe.errors import InputError
from headframe.runs import run
from headframe.studies.compare import alternatives, compare


def test_a_book_does_not_differ_from_itself(farm):
    _, other = compare([farm, farm], n_paths=4_000)
    assert other.differences["wealth"].value == 0.0
    assert other.differences["wealth"].se == 0.0


def test_figures_are_those_of_a_run(farm):
    kept = run(farm, n_paths=9_000)
    first = compare([farm], n_paths=9_000)[0]
    assert first.figures["wealth"] == kept.moments.estimate("wealth")
    assert (
        first.figures["liquidated"].value == kept.moments.estimate("event/farm/liquidated_s").value
    )


def test_common_random_numbers_sharpen_the_difference(farm):
    farm_25 = replace(farm, positions=(replace(farm.positions[0], leverage=2.5),), name="at 2.5")
    one, other = compare([farm, farm_25], n_paths=16_000)
    difference = other.differences["wealth"]
    alone = (one.figures["wealth"].se ** 2 + other.figures["wealth"].se ** 2) ** 0.5
    assert difference.se < 0.25 * alone
    own = other.figures["wealth"].value - one.figures["wealth"].value
    assert difference.value == pytest.approx(own, rel=1e-9)


def test_doing_nothing_is_an_alternative_where_there_are_policies(farm):
    names = [book.name for book in alternatives(farm)]
    assert "without the policies" in names


def test_desks_of_different_horizon_cannot_be_compared(farm):
    with pytest.raises(InputError, match="horizon"):
        compare([farm, replace(farm, horizon_s=5 * 86_400.0)], n_paths=1_000)
