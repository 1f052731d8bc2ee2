"""
Sources of expected values: Rosenfeld's worked example (arXiv 1112.4980); hashprices of single days
and years computed elsewhere from the chain's own figures; break-even prices of three machines.
"""

import csv
import doctest
import os
from pathlib import Path

import numpy as np
import pytest

from headframe.analytics import hashprice
from headframe.errors import InputError
from headframe.units import DAY_S

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
BLOCKS_FILE = Path(os.environ.get("HEADFRAME_DATA", BESIDE)) / "btc_daily.csv"
CHAIN = {"difficulty": 86.388e12, "subsidy_btc": 6.25, "fees_btc": 0.7745}
JULY_2026_USD = 30.953
"""Hashprice of 14 July 2026 in USD per PH/s and day."""


@pytest.fixture(scope="module")
def daily():
    if not BLOCKS_FILE.exists():
        pytest.skip(f"research data absent: {BLOCKS_FILE.name}; set HEADFRAME_DATA to its folder")
    with BLOCKS_FILE.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["price_usd"]]
    columns = ("price_usd", "difficulty", "issuance_btc", "fees_btc", "block_count")
    table = {name: np.array([float(row[name] or "nan") for row in rows]) for name in columns}
    dates = [row["date"] for row in rows]
    # Price of the same row, as the expected values were computed; subsidy from what was issued.
    usd = hashprice.usd_per_ph_day(
        difficulty=table["difficulty"],
        subsidy_btc=table["issuance_btc"] / table["block_count"],
        fees_btc=table["fees_btc"] / table["block_count"],
        btc_usd=table["price_usd"],
    )
    return dates, usd


def test_the_examples_run():
    outcome = doctest.testmod(hashprice)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_rosenfeld_example():
    # 1 GH/s for a day at difficulty 1,690,906 with 50 BTC a block.
    miner = {"hashrate_th_s": 1e-3, "seconds": DAY_S, "difficulty": 1_690_906.0}
    assert hashprice.expected_blocks(**miner) == pytest.approx(0.0118969, abs=5e-8)
    coins = hashprice.expected_btc(**miner, subsidy_btc=50.0, fees_btc=0.0, pool_fee=0.0)
    assert coins == pytest.approx(0.594846, abs=5e-7)
    after_fee = hashprice.expected_btc(**miner, subsidy_btc=50.0, fees_btc=0.0, pool_fee=0.02)
    assert after_fee == pytest.approx(0.98 * coins)


@pytest.mark.data
@pytest.mark.parametrize(
    ("date", "usd"),
    [
        ("2020-05-10", 153.188),
        ("2021-07-04", 322.003),
        ("2022-11-21", 57.0687),
        ("2024-04-19", 103.881),
        ("2024-04-20", 190.588),
    ],
)
def test_hashprice_of_single_days(daily, date, usd):
    dates, found = daily
    assert found[dates.index(date)] == pytest.approx(usd, rel=5e-6)


@pytest.mark.data
@pytest.mark.parametrize(
    ("year", "usd"),
    [
        ("2019", 217.0),
        ("2020", 114.0),
        ("2021", 315.0),
        ("2022", 124.0),
        ("2023", 74.8),
        ("2024", 64.5),
    ],
)
def test_yearly_means(daily, year, usd):
    dates, found = daily
    mean = np.mean([value for date, value in zip(dates, found, strict=True) if date[:4] == year])
    assert mean == pytest.approx(usd, abs=0.5 if usd > 100 else 0.05)


def test_hashprice_in_coins_and_dollars():
    # 3.125 BTC and no fees at the difficulty where 144 blocks a day are found by 600 EH/s.
    difficulty = 600e18 * 600 / 2**32
    coins = hashprice.btc_per_ph_day(difficulty=difficulty, subsidy_btc=3.125, fees_btc=0.0)
    assert coins == pytest.approx(144 * 3.125 / 600_000, rel=1e-12)
    usd = hashprice.usd_per_ph_day(
        difficulty=difficulty, subsidy_btc=3.125, fees_btc=0.0, btc_usd=100_000.0
    )
    assert usd == pytest.approx(75.0, rel=1e-12)


@pytest.mark.parametrize(
    ("efficiency", "usd_per_kwh"), [(17.5, 0.0737), (29.5, 0.0437), (98.0, 0.0132)]
)
def test_breakeven_power_price(efficiency, usd_per_kwh):
    machine = {"hashprice_usd": JULY_2026_USD, "efficiency_j_per_th": efficiency}
    found = hashprice.breakeven_usd_per_kwh(**machine, pool_fee=0.0)
    assert found == pytest.approx(usd_per_kwh, abs=5e-5)
    with_fee = hashprice.breakeven_usd_per_kwh(**machine, pool_fee=0.02)
    assert with_fee == pytest.approx(0.98 * found)
    strike = hashprice.strike_usd_per_mwh(**machine, pool_fee=0.02)
    assert strike == pytest.approx(1000.0 * with_fee)


def test_at_the_breakeven_price_a_coin_costs_what_it_brings():
    btc_usd, machine = 63_507.69, {"efficiency_j_per_th": 21.5, "pool_fee": 0.01}
    usd = hashprice.usd_per_ph_day(**CHAIN, btc_usd=btc_usd)
    breakeven = hashprice.breakeven_usd_per_kwh(hashprice_usd=usd, **machine)
    cost = hashprice.power_cost_usd_per_btc(**CHAIN, **machine, power_usd_per_kwh=breakeven)
    assert cost == pytest.approx(btc_usd, rel=1e-12)


def test_power_cost_of_a_coin_written_out():
    hashes = 86.388e12 * 2**32 / (6.25 + 0.7745) / 0.99
    expected = hashes / 1e12 * 21.5 / 3.6e6 * 0.05
    found = hashprice.power_cost_usd_per_btc(
        **CHAIN, efficiency_j_per_th=21.5, pool_fee=0.01, power_usd_per_kwh=0.05
    )
    assert found == pytest.approx(expected, rel=1e-12)


def test_when_the_subsidy_is_gone_fees_pay():
    machine = {"efficiency_j_per_th": 10.0, "pool_fee": 0.0, "power_usd_per_kwh": 0.05}
    late = hashprice.power_cost_usd_per_btc(
        difficulty=1e14, subsidy_btc=0.0, fees_btc=0.5, **machine
    )
    now = hashprice.power_cost_usd_per_btc(
        difficulty=1e14, subsidy_btc=3.125, fees_btc=0.5, **machine
    )
    assert late / now == pytest.approx(3.625 / 0.5)


def test_floats_in_floats_out_arrays_in_arrays_out():
    difficulty = np.array([1e13, 1e14])
    found = hashprice.btc_per_ph_day(difficulty=difficulty, subsidy_btc=3.125, fees_btc=0.1)
    one = hashprice.btc_per_ph_day(difficulty=1e14, subsidy_btc=3.125, fees_btc=0.1)
    assert isinstance(one, float)
    assert found[1] == one


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"difficulty": 0.0}, "difficulty"),
        ({"subsidy_btc": -1.0}, "subsidy_btc"),
        ({"subsidy_btc": 0.0, "fees_btc": 0.0}, "reward_btc"),
        ({"fees_btc": np.nan}, "fees_btc"),
        ({"pool_fee": 1.0}, "pool_fee"),
        ({"efficiency_j_per_th": 0.0}, "efficiency_j_per_th"),
        ({"power_usd_per_kwh": np.inf}, "power_usd_per_kwh"),
    ],
)
def test_impossible_input_is_refused_by_name(changes, place):
    given = {**CHAIN, "efficiency_j_per_th": 20.0, "power_usd_per_kwh": 0.05, "pool_fee": 0.01}
    with pytest.raises(InputError) as refusal:
        hashprice.power_cost_usd_per_btc(**{**given, **changes})
    assert refusal.value.place == place
