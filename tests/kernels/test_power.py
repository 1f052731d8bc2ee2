"""The calendar of the power kernel against Python's own, and the spikes against their law."""

from datetime import UTC, datetime, timedelta

import numba
import numpy as np
import pytest

from headframe.kernels import power as kernel

profile_mean = numba.njit(lambda sums, a, b: kernel.profile_mean(sums, a, b))
weekend_share = numba.njit(lambda a, b: kernel.weekend_share(a, b))
BY_HOUR = np.array([3.0, -2.0, 7.5, *range(21)], np.float64)
SUMS = np.concatenate([[0.0], np.cumsum(BY_HOUR)])


@pytest.mark.parametrize("seed", range(20))
def test_the_profile_is_averaged_over_the_step(seed):
    rng = np.random.default_rng(seed)
    begin = float(rng.integers(0, 60 * 24 * 400)) * 60.0 * (1 if seed % 3 else -1)
    minutes = int(rng.choice([15, 60, 90, 1440, 2000]))
    times = begin + 60.0 * np.arange(minutes)
    expected = BY_HOUR[(times % 86_400 // 3_600).astype(int)].mean()
    assert profile_mean(SUMS, begin, begin + 60.0 * minutes) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("day", range(10))
@pytest.mark.parametrize("hours", [1, 24, 60])
def test_the_weekend_is_the_calendars(day, hours):
    begin = datetime(2026, 1, 1, 7, tzinfo=UTC) + timedelta(days=day)
    marks = [begin + timedelta(minutes=m) for m in range(60 * hours)]
    expected = np.mean([mark.weekday() >= 5 for mark in marks])
    end = begin + timedelta(hours=hours)
    assert weekend_share(begin.timestamp(), end.timestamp()) == pytest.approx(expected, abs=1e-9)
