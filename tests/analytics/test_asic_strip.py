"""Expected values: the strip evaluated apart from its options, and what must hold of any strip."""

import doctest

import pytest

from headframe.analytics import asic_strip as module
from headframe.analytics import hashprice
from headframe.analytics.asic_strip import strip_usd
from headframe.errors import InputError

COINS = hashprice.expected_btc(
    hashrate_th_s=1_000.0,
    seconds=86_400.0,
    difficulty=1.27e14,
    subsidy_btc=3.15,
    fees_btc=0.0,
    pool_fee=0.0,
)
PETAHASH = {
    "coin_usd": 60_000.0,
    "coins_per_day": COINS,
    "energy_usd_per_day": 17.5 * 24.0 * 0.10,
    "days": 365,
    "volatility": 0.6,
    "rate": 0.04,
    "decline_per_year": 0.2,
}


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


def test_a_petahash_whose_power_costs_more_than_it_earns():
    assert COINS * 60_000.0 < 42.0
    assert strip_usd(**PETAHASH) == pytest.approx(404.053, abs=5e-4)


def test_the_value_rises_with_volatility_and_is_nothing_without():
    values = [strip_usd(**(PETAHASH | {"volatility": s})) for s in (0.0, 0.3, 0.6, 0.9)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.0, abs=1e-9)


def test_power_that_is_almost_free_leaves_the_coins():
    free = strip_usd(**(PETAHASH | {"energy_usd_per_day": 1e-9, "decline_per_year": 0.0}))
    assert free == pytest.approx(365 * COINS * 60_000.0, rel=1e-9)


def test_what_is_outside_is_refused_by_name():
    with pytest.raises(InputError, match="days"):
        strip_usd(**(PETAHASH | {"days": 0}))
