"""Marginal efficiency and strikes of a menu, worked by hand; break-evens as published."""

import doctest

import pytest

from headframe.analytics import power_steps
from headframe.analytics.power_steps import Setting, steps
from headframe.errors import InputError


def test_the_examples_run():
    assert doctest.testmod(power_steps).failed == 0


@pytest.mark.parametrize(("j_per_th", "cents"), [(17.5, 7.37), (29.5, 4.37), (98.0, 1.32)])
def test_break_evens_of_july_2026(j_per_th, cents):
    """0.00049730 BTC, or 30.953 USD, a PH/s and day (14 July 2026)."""
    (step,) = steps([Setting("nameplate", 100.0, 100.0 * j_per_th)])
    strike = step.strike_usd_per_mwh(hashprice_usd=30.953, pool_fee=0.0)
    assert strike / 10.0 == pytest.approx(cents, abs=0.005)


def test_the_upper_step_is_judged_by_what_it_adds():
    """3,600 W for 200 TH/s, 2,000 W for 140: the step takes 1,600 W for 60, 26.67 J/TH, not 18."""
    low, high = steps([Setting("high", 200.0, 3_600.0), Setting("low", 140.0, 2_000.0)])
    assert (low.above.name, high.above.name) == ("low", "high")
    assert high.marginal_j_per_th == pytest.approx(1_600.0 / 60.0)
    assert high.average_j_per_th == pytest.approx(18.0)
    # 48 USD a PH/s and day: 2 USD an hour; 1 PH/s at 26.67 J/TH draws 26.67 kW
    strike = high.strike_usd_per_mwh(hashprice_usd=48.0, pool_fee=0.02, pue=1.1)
    assert strike == pytest.approx(2.0 * 0.98 / (26.6667 * 1.1) * 1_000.0, rel=1e-4)


def test_a_preset_below_the_line_between_two_others_is_never_set():
    menu = [
        Setting("a", 100.0, 1_500.0),
        Setting("b", 110.0, 2_400.0),
        Setting("c", 150.0, 3_000.0),
    ]
    assert [s.above.name for s in steps(menu)] == ["a", "c"]


def test_a_setting_that_takes_more_for_no_more_is_left_out():
    menu = [Setting("a", 100.0, 1_500.0), Setting("hot", 100.0, 1_800.0)]
    assert [s.above.name for s in steps(menu)] == ["a"]


def test_strikes_fall_along_the_menu():
    menu = [Setting(str(k), 40.0 * k**0.7, 400.0 * k) for k in range(1, 9)]
    found = [s.strike_usd_per_mwh(hashprice_usd=50.0, pool_fee=0.0) for s in steps(menu)]
    assert found == sorted(found, reverse=True)
    assert len(found) == 8


def test_nonsense_is_named():
    (step,) = steps([Setting("a", 100.0, 1_500.0)])
    with pytest.raises(InputError, match="pool_fee"):
        step.strike_usd_per_mwh(hashprice_usd=50.0, pool_fee=1.0)
