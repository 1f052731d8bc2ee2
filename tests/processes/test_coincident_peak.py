"""Peaks of a summer: the law of records, and chances against how often they came true."""

from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.errors import InputError
from headframe.processes.coincident_peak import CoincidentPeaks
from headframe.units import DAY_S, HOUR_S

MAY_31 = datetime(2026, 5, 31, tzinfo=UTC).timestamp()
N = 2_000


def peaks(**changes):
    return CoincidentPeaks(name="grid_system_peak", **changes)


def walked(walk, process, days, step_s=HOUR_S):
    ticks = walk([process], round(days * DAY_S / step_s), step_s=step_s, n_paths=N, start_ts=MAY_31)
    rows = [
        (now["grid_system_peak_chance"].copy(), now["grid_system_peak_record"].copy())
        for now in ticks
    ]
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows])


def test_records_of_a_month_are_as_many_as_the_law_of_records_says(walk):
    _, record = walked(walk, peaks(), 31)
    # E = 1 + 1/2 + ... + 1/30, Var = that less the sum of squares (Renyi, 1962)
    k = np.arange(1, 31)
    mean, variance = (1 / k).sum(), (1 / k).sum() - (1 / k**2).sum()
    found = (record > 0).sum(axis=0)
    assert abs(found.mean() - mean) < 4.0 * np.sqrt(variance / N)
    assert found.var() == pytest.approx(variance, rel=0.12)
    assert ((record == 2).sum(axis=0) == 1).all()


def test_a_chance_is_how_often_it_comes_true(walk):
    chance, record = walked(walk, peaks(), 31)
    last = record.shape[0] - 1 - np.argmax(record[::-1] > 0, axis=0)
    came = np.zeros_like(record, dtype=bool)
    came[last - 1, np.arange(N)] = True  # the chance stands at the beginning of the interval
    for low, high in ((0.001, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6)):
        there = (chance >= low) & (chance < high)
        expected, n = chance[there].mean(), there.sum()
        assert n > 300
        se = np.sqrt(expected * (1 - expected) / n)
        assert abs(came[there].mean() - expected) < 4.0 * se
    assert chance.sum(axis=0).mean() == pytest.approx(1.0, abs=0.1)


def test_peaks_keep_to_their_months_and_hours(walk):
    hours = tuple(float(h == 16) for h in range(24))
    chance, record = walked(walk, peaks(last_month=6, by_hour=hours, utc_offset_h=-5.0), 40)
    at = np.flatnonzero((record > 0).any(axis=1))
    # the interval that ends at 17:00 local, 22:00 UTC, from the first to the thirtieth of June
    assert set(at % 24) == {22}
    assert (at.min() // 24, at.max() // 24) == (1, 30)
    assert set(np.flatnonzero(chance.any(axis=1)) % 24) == {21}


def test_a_day_is_the_longest_step(walk):
    with pytest.raises(InputError, match="at most 86400 s"):
        walked(walk, peaks(), 4, step_s=2 * DAY_S)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first_month": 9, "last_month": 6}, "first_month"),
        ({"first_month": 1}, "first_month"),
        ({"by_hour": (0.0,) * 24}, "at least one is above 0"),
    ],
)
def test_impossible_seasons_are_refused(changes, says):
    with pytest.raises(ValidationError, match=says):
        peaks(**changes)
