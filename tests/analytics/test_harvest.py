"""
Sources of expected values: brute force done elsewhere, and three published rules of thumb that are
wrong, with what is right in their place.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import harvest
from headframe.errors import InputError
from headframe.units import DAYS_PER_YEAR

FARMS = [
    # value, simple rate, gas, square-root rule in days, best number of harvests, stake at the end
    (10_000.0, 0.5, 5.0, 23.08, 17, 16_260.4682),
    (100_000.0, 1.0, 20.0, 7.3, 62, None),
    (1_000.0, 0.2, 0.5, 57.7, 7, 1_214.168),
    (10_000.0, 0.15, 25.0, 172.0, 2, None),
]


def recursion(value, rate, gas, harvests):
    for _ in range(harvests):
        value = value * (1 + rate / harvests) - gas
    return value


def farm(value, rate, gas):
    return {"position_usd": value, "reward_apr": rate, "gas_usd": gas}


def test_the_examples_run():
    outcome = doctest.testmod(harvest)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("value", "rate", "gas", "days", "harvests", "end"), FARMS)
def test_rule_of_thumb_and_best_plan(value, rate, gas, days, harvests, end):
    rule = harvest.square_root_interval_years(**farm(value, rate, gas))
    assert rule * DAYS_PER_YEAR == pytest.approx(days, rel=2e-3)
    plan = harvest.best_plan(**farm(value, rate, gas))
    assert plan.harvests_per_year == harvests
    assert plan.interval_years == 1.0 / harvests
    if end is not None:
        assert plan.end_value_usd == pytest.approx(end, abs=5e-4 if value < 5_000 else 5e-5)


def test_best_plan_against_the_recursion_itself():
    rng = np.random.default_rng(23)
    for _ in range(25):
        value, rate, gas = rng.uniform(500, 1e5), rng.uniform(0.05, 1.5), rng.uniform(5.0, 60.0)
        ends = [recursion(value, rate, gas, n) for n in range(1, 500)]
        best = int(np.argmax(ends)) + 1
        plan = harvest.best_plan(**farm(value, rate, gas))
        if max(ends) > 0.0:
            assert plan.harvests_per_year == best
            assert plan.end_value_usd == pytest.approx(max(ends), rel=1e-12)


def test_gas_taken_from_the_stake_no_longer_earns():
    # A forum's P (1 + r/n)^n - n gas says 979.39.
    found = harvest.end_value_usd(**farm(1_000.0, 0.2, 20.0), harvests_per_year=12)
    assert found == pytest.approx(956.12, abs=5e-3)
    forum = 1_000 * (1 + 0.2 / 12) ** 12 - 12 * 20
    assert forum == pytest.approx(979.39, abs=5e-3)


def test_a_published_interval_is_not_the_best():
    # "53 days" and "65 days" for 1,000 USD at 20 % and 0.50 gas: it is 52, and worth 1,214.17.
    plan = harvest.best_plan(**farm(1_000.0, 0.2, 0.5))
    assert round(plan.interval_years * DAYS_PER_YEAR) == 52
    assert plan.end_value_usd == pytest.approx(1_214.17, abs=5e-3)


def test_small_stakes_are_eaten_up_not_owed():
    gone = harvest.end_value_usd(**farm(10.0, 0.1, 5.0), harvests_per_year=np.array([1.0, 50.0]))
    assert gone.tolist() == [pytest.approx(6.0), 0.0]
    plan = harvest.best_plan(**farm(10.0, 0.1, 50.0))
    assert plan == (1, 1.0, 0.0)


def test_nearly_free_harvests_are_made_up_to_the_bound():
    plan = harvest.best_plan(**farm(1e9, 3.0, 1e-6))
    assert plan.harvests_per_year == harvest.MAX_HARVESTS_PER_YEAR
    assert plan.end_value_usd == pytest.approx(1e9 * np.exp(3.0), rel=1e-4)


def test_floats_in_floats_out_arrays_in_arrays_out():
    gas = np.array([1.0, 5.0])
    rule = harvest.square_root_interval_years(position_usd=10_000.0, reward_apr=0.5, gas_usd=gas)
    assert rule.shape == (2,)
    one = harvest.square_root_interval_years(**farm(10_000.0, 0.5, 5.0))
    assert isinstance(one, float)
    assert rule[1] == one
    end = harvest.end_value_usd(**farm(10_000.0, 0.5, 5.0), harvests_per_year=17)
    assert isinstance(end, float)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: harvest.best_plan(**farm(0.0, 0.5, 5.0)), "position_usd"),
        (lambda: harvest.best_plan(**farm(1.0, 0.0, 5.0)), "reward_apr"),
        (lambda: harvest.best_plan(**farm(1.0, 0.5, 0.0)), "gas_usd"),
        (lambda: harvest.square_root_interval_years(**farm(1.0, -0.5, 1.0)), "reward_apr"),
        (lambda: harvest.square_root_interval_years(**farm(1.0, 0.5, -1.0)), "gas_usd"),
        (
            lambda: harvest.end_value_usd(**farm(-1.0, 0.5, 1.0), harvests_per_year=1),
            "position_usd",
        ),
        (
            lambda: harvest.end_value_usd(**farm(1.0, 0.5, -1.0), harvests_per_year=1),
            "gas_usd",
        ),
        (
            lambda: harvest.end_value_usd(**farm(1.0, 0.5, 1.0), harvests_per_year=0),
            "harvests_per_year",
        ),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
