"""Shocks: what they do, when, and the ones with names."""

from typing import get_args

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from headframe.scenarios.stress import EFFECTS, STRESSES, Shock, Stress
from headframe.units import DAY_S


def shock(**changes):
    usual = {"name": "x", "observable": "eth_usd", "at_s": "10d"}
    return Shock(**(usual | changes))


@pytest.mark.parametrize(
    ("day", "weight"),
    [(9.99, 0.0), (10.0, 1.0), (12.99, 1.0), (13.0, 1.0), (14.0, 0.5), (15.0, 0.0), (99.0, 0.0)],
)
def test_a_shock_lasts_and_fades(day, weight):
    made = shock(multiply=0.5, lasting_s="3d", recovery_s="2d")
    assert made.weight(day * DAY_S) == pytest.approx(weight)


def test_without_a_length_it_stays():
    assert shock(multiply=0.5).weight(1e9) == 1.0


@pytest.mark.parametrize(
    ("effect", "full", "half"),
    [
        ({"multiply": 0.4}, 40.0, 70.0),
        ({"add": -30.0}, 70.0, 85.0),
        ({"replace": 20.0}, 20.0, 60.0),
    ],
)
def test_effects(effect, full, half):
    made = shock(lasting_s="1d", recovery_s="2d", **effect)
    for day, expected in ((9.0, 100.0), (10.5, full), (12.0, half), (14.0, 100.0)):
        row = np.full(3, 100.0)
        made.strike(row, day * DAY_S)
        assert row == pytest.approx(expected)


@pytest.mark.parametrize("kind", STRESSES)
def test_named_stresses_work_from_python_and_from_a_book(kind):
    from_python = shock(kind=kind)
    table = {"name": "x", "observable": "eth_usd", "at_s": "10d", "kind": kind}
    assert TypeAdapter(Shock).validate_python(table) == from_python
    assert sum(getattr(from_python, effect) is not None for effect in EFFECTS) == 1


def test_every_name_has_its_numbers():
    assert set(get_args(Stress)) == set(STRESSES)


def test_a_named_stress_can_be_changed():
    deeper = shock(kind="depeg", multiply=0.7, lasting_s="5d")
    assert (deeper.multiply, deeper.lasting_s, deeper.recovery_s) == (0.7, 5 * DAY_S, 2 * DAY_S)
    # another effect takes the place of the usual one
    flat = shock(kind="depeg", replace=0.9)
    assert (flat.multiply, flat.replace) == (None, 0.9)


@pytest.mark.parametrize(
    "bad",
    [{}, {"multiply": 0.5, "add": 1.0}, {"multiply": -0.1}, {"kind": "meteor"}, {"kind": None}],
)
def test_what_makes_no_shock_is_refused(bad):
    with pytest.raises(ValidationError):
        shock(**bad)
