"""Expected values: by hand."""

import doctest

import pytest

from headframe.analytics import heat_credit as module
from headframe.analytics.heat_credit import credit_usd_per_year, net_power_usd_per_mwh
from headframe.errors import InputError


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


def test_a_greenhouse_by_hand():
    # 4,000 MWh of heat, gas at 36 USD/MWh, a boiler of 90 %: 160,000 USD; 300,000 USD in ten years
    found = credit_usd_per_year(
        useful_mwh_per_year=4_000.0,
        fuel_usd_per_mwh=36.0,
        boiler_efficiency=0.9,
        equipment_usd=300_000.0,
        life_years=10.0,
    )
    assert found == pytest.approx(130_000.0)


def test_power_may_cost_less_than_nothing_net_of_heat():
    net = net_power_usd_per_mwh(
        30.0, useful_share=1.0, fuel_usd_per_mwh=40.0, boiler_efficiency=0.8
    )
    assert net == pytest.approx(-20.0)


def test_a_boiler_makes_no_more_than_it_burns():
    with pytest.raises(InputError, match="boiler_efficiency"):
        net_power_usd_per_mwh(30.0, useful_share=1.0, fuel_usd_per_mwh=40.0, boiler_efficiency=1.2)
