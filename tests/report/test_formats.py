"""Numbers for people: digits follow the error, and small chances keep their digits."""

import math

import pytest

from headframe.metric import Estimate
from headframe.metrics.tail import Chance
from headframe.report import formats
from headframe.units import DAY_S, HOUR_S, YEAR_S


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [
        (0.0, 2, "0.00"),
        (-0.0049, 2, "0.00"),
        (1234567.891, 0, "1,234,568"),
        (-1234.5, 1, "-1,234.5"),
        (3.2e17, 0, "3.2000e+17"),
        (0.00000001, 8, "0.00000001"),
    ],
)
def test_amount(value: float, places: int, said: str) -> None:
    assert formats.amount(value, places) == said


@pytest.mark.parametrize("value", [9.99996e3, 12.0, 0.0004321, 7.5e-7, 123456.7])
def test_decimals_show_five_significant_digits(value: float) -> None:
    shown = f"{value:.{formats.decimals(value)}f}"
    assert abs(float(shown) - value) <= 0.5 * 10.0 ** (math.floor(math.log10(value)) - 4) or (
        formats.decimals(value) == formats.MOST_DECIMALS
    )


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(1234.567, 12.3), "1,235 ± 12"),
        (Estimate(1234.567, 0.0123), "1,234.567 ± 0.012"),
        (Estimate(0.00123, 0.00031), "0.00123 ± 0.00031"),
        (Estimate(500.0, 0.0), "500.00"),
        (Estimate(0.0, 0.0), "0.00"),
        (Estimate(0.0, 3.4), "0.0 ± 3.4"),
    ],
)
def test_a_number_is_told_to_the_second_digit_of_its_error(estimate: Estimate, said: str) -> None:
    assert formats.with_error(estimate) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.5987, "59.9%"),
        (0.00004, "0.0040%"),
        (0.999996, "99.99960%"),
        (0.0, "0%"),
        (1.0, "100%"),
        (1.0 - 1e-16, "100%"),
    ],
)
def test_probabilities_near_one_keep_their_digits(share: float, said: str) -> None:
    assert formats.probability(share) == said


def test_no_certain_thing_is_rounded_into_being() -> None:
    """A probability that is not 1 is never shown as 100 %, one that is not 0 never as 0 %."""
    for far in (1e-2, 1e-3, 1e-5, 1e-7):
        assert formats.probability(far) != "0%"
        assert formats.probability(1.0 - far) != "100%"
        assert not formats.probability(1.0 - far).startswith("100")


def test_intervals_at_the_ends_are_said_as_bounds() -> None:
    assert formats.chance_interval(Chance(0.0, 0.0, 1e-19, 0.0038)) == "at most 0.38%"
    assert formats.chance_interval(Chance(1.0, 0.0, 0.9962, 1.0)) == "at least 99.62%"


@pytest.mark.parametrize(
    ("length_s", "said"),
    [
        (YEAR_S, "1 year"),
        (2 * YEAR_S, "2 years"),
        (90 * DAY_S, "90 days"),
        (HOUR_S, "1 hour"),
        (1.5 * HOUR_S, "90 minutes"),
        (1.0, "1 second"),
        (12.5, "12.5 seconds"),
    ],
)
def test_durations(length_s: float, said: str) -> None:
    assert formats.duration(length_s) == said


@pytest.mark.parametrize(
    ("t_s", "horizon_s", "said"),
    [
        (45 * DAY_S, 90 * DAY_S, "day 45"),
        (3 * HOUR_S, 12 * HOUR_S, "hour 3"),
        (2.5 * YEAR_S, 10 * YEAR_S, "year 2.5"),
        (400 * DAY_S, 2 * YEAR_S, "day 400"),
    ],
)
def test_moments(t_s: float, horizon_s: float, said: str) -> None:
    assert formats.moment(t_s, horizon_s) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(-1.4627, "-146%"), (0.0123, "1.2%"), (-0.00031, "-0.031%"), (1e9, "above 1,000,000%")],
)
def test_percent(share: float, said: str) -> None:
    assert formats.percent(share) == said
