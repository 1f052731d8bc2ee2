"""Contracts that break: each at its rate, two together as Marshall and Olkin have it."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from headframe.processes.contract_risk import ContractRisk

DAYS = 200
TERMS = {
    "name": "contracts",
    "protocols": {
        "one": {"per_year": 1.0, "recovery": 0.3},
        "two": {"per_year": 2.0, "recovery": 0.0},
    },
}


def broken(end, **changes):
    now = end((ContractRisk(**(TERMS | changes)),), DAYS, n_paths=60_000)
    kept = [now[f"contracts_{name}_kept"] for name in ("one", "two")]
    assert set(np.unique(kept[0])) == {0.3, 1.0}
    assert set(np.unique(kept[1])) == {0.0, 1.0}
    return [row < 1.0 for row in kept]


def close(share, expected):
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / 60_000)


@pytest.mark.parametrize("common_share", [0.0, 0.5])
def test_each_breaks_at_its_rate_whatever_is_shared(end, common_share):
    one, two = broken(end, common_share=common_share, common_per_year=1.5)
    close(one.mean(), 1 - math.exp(-1.0 * DAYS / 365))
    close(two.mean(), 1 - math.exp(-2.0 * DAYS / 365))


@pytest.mark.parametrize(("share", "per_year"), [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0)])
def test_two_survive_together_as_marshall_and_olkin_have_it(end, share, per_year):
    one, two = broken(end, common_share=share, common_per_year=per_year)
    q1, q2 = share * 1.0 / per_year, share * 2.0 / per_year
    together = math.exp(-(3.0 - per_year * q1 * q2) * DAYS / 365)
    within = per_year * (1 - q1) * (1 - q2) / 365  # two common shocks in one step, left out
    assert abs((~one & ~two).mean() - together) < 0.008 + within * 0.1


def test_the_mean_of_what_is_kept_is_known(end):
    risk = ContractRisk(**TERMS)
    now = end((risk,), DAYS, n_paths=60_000)
    for name, mean in risk.expectation(DAYS * 86_400.0).items():
        assert abs(now[name].mean() - mean) < 4 * now[name].std() / math.sqrt(60_000)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"protocols": {}}, "at least one"),
        ({"protocols": {"one": {"per_year": -1.0}}}, "greater than or equal to 0"),
        ({"protocols": {"one": {"per_year": 1.0, "recovery": 1.0}}}, "less than 1"),
        ({"common_share": 1.0, "common_per_year": 1.0}, "per_year of two"),
    ],
)
def test_nonsense_is_named(changes, word):
    with pytest.raises(ValidationError, match=word):
        ContractRisk(**(TERMS | changes))
