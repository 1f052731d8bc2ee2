"""Expected values: the closed form evaluated apart, and the mean of an exactly stepped process."""

import doctest

import numpy as np
import pytest

from headframe.analytics import power_forward as module
from headframe.analytics.power_forward import lucia_schwartz_forward
from headframe.errors import InputError


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("y0", "k", "s", "years", "expected"),
    [
        (0.0, 50.0, 5.0, 0.1, 33.99426),
        (0.5, 50.0, 5.0, 0.02, 40.17401),
        (0.0, 12.0, 2.0, 0.5, 32.60710),
    ],
)
def test_golden_forwards(y0, k, s, years, expected):
    found = lucia_schwartz_forward(
        30.0, log_deviation=y0, reversion_per_year=k, volatility=s, years=years
    )
    assert found == pytest.approx(expected, abs=5e-6)


def test_the_forward_is_the_mean_of_many_small_steps():
    rng = np.random.default_rng(7)
    y, steps, years = np.full(200_000, 0.4), 20, 0.1
    held = np.exp(-12.0 * years / steps)
    sd = 2.0 * np.sqrt((1.0 - held**2) / 24.0)
    for _ in range(steps):
        y = held * y + sd * rng.standard_normal(y.size)
    price = 30.0 * np.exp(y)
    forward = lucia_schwartz_forward(
        30.0, log_deviation=0.4, reversion_per_year=12.0, volatility=2.0, years=years
    )
    assert abs(price.mean() - forward) < 4.0 * price.std() / np.sqrt(y.size)


def test_what_is_outside_is_refused_by_name():
    with pytest.raises(InputError, match="reversion_per_year"):
        lucia_schwartz_forward(
            30.0, log_deviation=0.0, reversion_per_year=0.0, volatility=1.0, years=1.0
        )
