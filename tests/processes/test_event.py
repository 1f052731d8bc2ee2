"""Something that happens once: dates, and the chance of an exponential time."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.event import Event
from headframe.units import DAY_S


def test_on_a_date(walk):
    seen = [now["a_new_law"][0] for now in walk((Event(name="a_new_law", at_s="3d"),), 5)]
    assert seen == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_for_a_while_and_between_other_values(walk):
    event = Event(name="a_new_law", at_s="2d", lasts_s="2d", before=0.2, after=0.5)
    seen = [now["a_new_law"][0] for now in walk((event,), 5)]
    assert seen == [0.2, 0.2, 0.5, 0.5, 0.2, 0.2]


def test_by_chance(walk):
    """After 100 days at 2 a year: 1 - exp(-200/365)."""
    n = 40_000
    for now in walk((Event(name="a_hack_of_it", per_year=2.0),), 100, n_paths=n):
        last = now["a_hack_of_it"]
    expected = 1.0 - math.exp(-2.0 * 100 / 365)
    assert abs(last.mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


def test_it_happens_once(walk):
    event = Event(name="a_hack_of_it", per_year=20.0, lasts_s="5d")
    ticks = [now["a_hack_of_it"].copy() for now in walk((event,), 200, n_paths=200)]
    starts = np.maximum(np.diff(np.array(ticks), axis=0), 0.0).sum(axis=0)
    assert starts.max() == 1.0


@pytest.mark.parametrize(
    ("terms", "word"),
    [({}, "at_s"), ({"per_year": -1.0}, "per_year"), ({"at_s": -DAY_S}, "at_s")],
)
def test_nonsense_is_named(terms, word):
    with pytest.raises(ValidationError, match=word):
        Event(name="a_new_law", **terms)
