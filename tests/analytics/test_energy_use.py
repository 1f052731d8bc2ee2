"""
Sources of expected values: arithmetic by hand, and the Cambridge index itself: 115.6 TWh a year on
25 January 2023, as quoted at the time.
"""

import csv
import datetime
import doctest
import os
from pathlib import Path

import numpy as np
import pytest

from headframe.analytics import energy_use
from headframe.analytics.hashprice import usd_per_ph_day
from headframe.errors import InputError

DATA = Path(
    os.environ.get("HEADFRAME_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)
LATER = ("S21", "S23", "M6", "A15")
"""Machines that came to market after January 2023."""


def test_the_examples_run():
    outcome = doctest.testmod(energy_use)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_breakeven_efficiency_by_hand():
    # 48 USD per PH/s and day are 2 USD an hour; at 0.05 USD 40 kW, 40 W for each of 1,000 TH/s.
    limit = energy_use.breakeven_j_per_th(hashprice_usd=48.0, power_usd_per_kwh=0.05)
    assert limit == pytest.approx(40.0)
    padded = energy_use.breakeven_j_per_th(
        hashprice_usd=48.0, power_usd_per_kwh=0.05, pue=1.25, pool_fee=0.02
    )
    assert padded == pytest.approx(40.0 * 0.98 / 1.25)


def test_bounds_by_hand():
    bounds = energy_use.energy_bounds(
        1e6, [20.0, 30.0, 35.0, 38.0, 60.0], hashprice_usd=48.0, weights=[3.0, 1.0, 1.0, 2.0, 5.0]
    )
    # Break-even 40: best guess takes 36.4 and better, the upper bound 33.3 and better.
    assert bounds.breakeven_j_per_th == pytest.approx(40.0)
    assert bounds.lower_kw == pytest.approx(20.0 * 1_000.0 * 1.01)
    assert bounds.best_kw == pytest.approx((3 * 20.0 + 30.0 + 35.0) / 5.0 * 1_000.0 * 1.10)
    assert bounds.upper_kw == pytest.approx(30.0 * 1_000.0 * 1.20)
    assert bounds.best_mwh_per_year == pytest.approx(bounds.best_kw * 8.76)


def test_where_nothing_pays_the_best_machine_runs():
    bounds = energy_use.energy_bounds(1e6, [20.0, 30.0], hashprice_usd=1.0)
    assert bounds.best_kw == pytest.approx(20.0 * 1_000.0 * 1.10)
    assert bounds.upper_kw == pytest.approx(20.0 * 1_000.0 * 1.20)


def test_models_on_the_market():
    year = 31_536_000.0
    at = energy_use.on_the_market([0.0, 4.9 * year, 5.2 * year], at_ts=5.1 * year)
    assert at.tolist() == [False, True, False]


def test_energy_and_emissions():
    assert energy_use.energy_kwh([100.0, 200.0]) == pytest.approx(7_200.0)
    intensity = energy_use.grid_intensity_t_per_mwh(
        {"us": 0.4, "norway": 0.1}, {"us": 0.4, "norway": 0.03, "china": 0.6}
    )
    assert intensity == pytest.approx((0.16 + 0.003) / 0.5)
    assert energy_use.emissions_t(1_000.0, intensity_t_per_mwh=intensity) == pytest.approx(326.0)


@pytest.mark.data
def test_the_cambridge_index_lies_within_our_bounds():
    """Our list of machines is not theirs: their figure within our bounds, ours within a fifth."""
    if not (DATA / "btc_daily.csv").exists():
        pytest.skip("research data is absent: btc_daily.csv")
    with (DATA / "btc_daily.csv").open() as daily:
        days = {row["date"]: row for row in csv.DictReader(daily)}
    with (DATA / "asic_hardware.csv").open() as hardware:
        models = [
            float(row["efficiency_j_th"])
            for row in csv.DictReader(hardware)
            if not any(name in row["model"] for name in LATER)
        ]
    week = [
        days[str(datetime.date(2023, 1, 25) - datetime.timedelta(days=back))] for back in range(7)
    ]
    hashprice = [
        usd_per_ph_day(
            difficulty=float(day["difficulty"]),
            subsidy_btc=float(day["issuance_btc"]) / float(day["block_count"]),
            fees_btc=float(day["fees_btc"]) / float(day["block_count"]),
            btc_usd=float(day["price_usd"]),
        )
        for day in week
    ]
    bounds = energy_use.energy_bounds(
        np.mean([float(day["hashrate_ths"]) for day in week]),
        models,
        hashprice_usd=float(np.mean(hashprice)),
    )
    published_mwh = 115.6e6
    assert bounds.lower_kw * 8.76 < published_mwh < bounds.upper_kw * 8.76
    assert bounds.best_mwh_per_year == pytest.approx(published_mwh, rel=0.2)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="efficiency_j_per_th"):
        energy_use.energy_bounds(1.0, [], hashprice_usd=50.0)
    with pytest.raises(InputError, match="power_usd_per_kwh"):
        energy_use.energy_bounds(1.0, [20.0], hashprice_usd=50.0, power_usd_per_kwh=0.0)
    with pytest.raises(InputError, match="intensity_t_per_mwh"):
        energy_use.grid_intensity_t_per_mwh({"mars": 1.0}, {"us": 0.4})
    with pytest.raises(InputError, match="pue"):
        energy_use.breakeven_j_per_th(hashprice_usd=50.0, power_usd_per_kwh=0.05, pue=0.5)
