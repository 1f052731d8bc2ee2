"""Expected values: by hand; and on ERCOT's hours the figures published beside the file."""

import doctest

import pytest

from headframe.analytics import curtailment as module
from headframe.analytics.curtailment import peak_usd_per_mw_h, standing_still
from headframe.errors import InputError
from headframe.sources.tables import read_table


def test_the_example_runs():
    assert doctest.testmod(module).failed == 0


def test_a_price_at_the_strike_stands_still_and_loses_nothing():
    found = standing_still([60.0, 59.0, 61.0, 0.0], strike_usd_per_mwh=60.0)
    assert found.uptime == 0.5
    assert found.always_usd_per_mwh == pytest.approx((0 + 1 - 1 + 60) / 4)
    assert found.option_usd_per_mwh == pytest.approx((0 + 1 + 0 + 60) / 4)


def test_a_negative_strike_waits_to_be_paid():
    found = standing_still([-30.0, 10.0], strike_usd_per_mwh=-5.0)
    assert (found.uptime, found.option_usd_per_mwh) == (0.5, 12.5)


@pytest.mark.data
@pytest.mark.parametrize(
    ("strike", "uptime", "always", "option", "within"),
    [
        (30.0, 81.3, 3.18, 8.59, 0.05),
        (60.0, 96.71, 33.184, 36.304, 0.01),
        (90.0, 98.4, 63.18, 65.61, 0.05),
        (140.0, 99.2, 113.18, 115.07, 0.05),
    ],
)
def test_strikes_on_the_hours_of_ercot(data_folder, strike, uptime, always, option, within):
    table = read_table(data_folder / "ercot_rt_hub_hourly_january.csv")
    found = standing_still(table.column("HB_BUSAVG_usd_mwh"), strike_usd_per_mwh=strike)
    assert 100.0 * found.uptime == pytest.approx(uptime, abs=within)
    assert found.always_usd_per_mwh == pytest.approx(always, abs=min(within, 0.01))
    assert found.option_usd_per_mwh == pytest.approx(option, abs=min(within, 0.01))


def test_the_rule_of_thumb_for_coincident_peaks():
    hours = 4 * 4 * 2.5
    assert peak_usd_per_mw_h(charge_usd_per_mw_year=25_000.0, hours=hours) == 625.0


def test_what_is_outside_is_refused_by_name():
    with pytest.raises(InputError, match="prices"):
        standing_still([], strike_usd_per_mwh=60.0)
    with pytest.raises(InputError, match="prices_usd_per_mwh"):
        standing_still([1.0, float("nan")], strike_usd_per_mwh=60.0)
    with pytest.raises(InputError, match="hours"):
        peak_usd_per_mw_h(charge_usd_per_mw_year=1.0, hours=0.0)
