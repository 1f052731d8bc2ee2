"""Sources of expected values: nameplates of machines as makers state them; sums written out."""

import doctest

import pytest

from headframe.positions import fleet as module
from headframe.positions.fleet import Fleet, Machines

YEAR_S = 31_536_000.0


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("hashrate_th_s", "efficiency_j_per_th", "watts"),
    [(13.5, 98.0, 1323.0), (110.0, 29.55, 3250.0), (200.0, 17.5, 3500.0), (580.0, 9.5, 5510.0)],
)
def test_power_at_the_plug(hashrate_th_s, efficiency_j_per_th, watts):
    machines = Machines(
        model="m",
        count=1,
        hashrate_th_s=hashrate_th_s,
        efficiency_j_per_th=efficiency_j_per_th,
    )
    assert machines.power_kw * 1e3 == pytest.approx(watts, abs=0.6)


def test_book_value_falls_on_a_straight_line_to_the_salvage_value():
    machines = Machines(
        model="m",
        count=1,
        hashrate_th_s=200,
        efficiency_j_per_th=17.5,
        price_usd=4_000.0,
        life_s="4y",
        salvage=0.25,
    )
    ages = [0.0, 1.0, 2.0, 4.0, 9.0]
    found = [machines.book_usd(age * YEAR_S) for age in ages]
    assert found == pytest.approx([4_000.0, 3_250.0, 2_500.0, 1_000.0, 1_000.0])
    assert machines.depreciation_usd_per_s * YEAR_S == pytest.approx(750.0)


def test_what_has_no_price_of_its_own_or_one_on_the_market_has_no_book_value():
    plain = {"model": "m", "count": 1, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
    for machines in (Machines(**plain), Machines(**plain, price_usd=4e3, asset="s21")):
        assert machines.book_usd(0.0) == 0.0
        assert machines.depreciation_usd_per_s == 0.0


def test_a_fleet_adds_up_its_models():
    plain = {"hashrate_th_s": 100, "efficiency_j_per_th": 30.0, "uptime": 0.5}
    one = Machines(model="one", count=100, asset="coin", price_usd=10.0, **plain)
    two = Machines(model="two", count=200, failures_per_year=1.0, losses_per_year=1.0, **plain)
    fleet = Fleet(machines=(one, two), pue=1.1)
    assert fleet.nameplate_mw == pytest.approx(0.99)  # the uptime is no part of the nameplate
    assert fleet.price_usd == 1_000.0
    assert fleet.assets == ("coin",)
    assert fleet.uniforms("mine") == (
        "mine.two.failures",
        "mine.two.repairs",
        "mine.two.losses",
    )
    assert len(set(fleet.fields)) == len(fleet.fields) == 5 + 2 * 11
