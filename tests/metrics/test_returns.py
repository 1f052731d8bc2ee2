"""Rates of return: simple and compounded, and never beyond what a number can hold."""

import pytest

from headframe.metrics.returns import LARGEST_APY, compounded


@pytest.mark.parametrize(
    ("total", "years", "apy"),
    [(0.1, 1.0, 0.1), (0.21, 2.0, 0.1), (0.05, 0.5, 0.1025), (-1.0, 0.3, -1.0), (-2.0, 1.0, -1.0)],
)
def test_effective_rate(total, years, apy):
    assert compounded(total, years) == pytest.approx(apy)


def test_a_lucky_day_does_not_overflow():
    assert compounded(10.0, 1 / 365) == pytest.approx(LARGEST_APY)
