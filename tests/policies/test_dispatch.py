"""
Presets by the price of power, worked by hand: rigs of 60 TH/s at 1 kW, or 100 TH/s at 2 kW.

At 48 USD a PH/s and day the first kilowatt earns 60 TH/s: 120 USD/MWh; the second 40: 80 USD/MWh.
"""

import numpy as np
import pytest
from scripted import entry, played, scripted, seat

from headframe.policies.dispatch import Dispatch
from headframe.positions.mine import Mine
from headframe.units import DAY_S, HOUR_S

PRICE = 48.0 * 1e14 * 2**32 / (86_400 * 1e15)
MENU = ({"name": "low", "hashrate_th_s": 60.0, "power_w": 1_000.0},
        {"name": "high", "hashrate_th_s": 100.0, "power_w": 2_000.0})  # fmt: skip


def play(prices, *, fee=0.0, power=None, **fleet):
    rigs = {"model": "rig", "count": 10, "presets": MENU, "preset": "high"}
    mine = Mine(
        name="mine",
        fleet={"machines": [rigs]} | fleet,
        held={},
        pool={"kind": "fpps", "fee": fee},
        power=power or {"kind": "indexed", "spot_usd_per_mwh": "grid_usd_per_mwh"},
        difficulty=1e14,
        subsidy=1.0,
        fees=0.0,
    )
    loads = []

    def look(chunk):
        if chunk.now.step > 0:
            loads.append(float(seat(chunk, "mine").state["energy_kwh"][0]) / 10.0)

    book = scripted(
        mine,
        values={"btc_usd": PRICE, "grid_usd_per_mwh": [float(p) for p in prices]},
        wallet={"usd": 1e4},
        policies=(Dispatch(name="presets", position="mine"),),
        step_s=HOUR_S,
    )
    return played(book, watchers=(look,)), loads


def test_each_hour_runs_at_the_preset_of_the_price_before_it():
    """The hour after 100 runs low, after 130 not at all, after 50 high."""
    _, loads = play([50, 50, 100, 130, 50, 50])
    assert loads == pytest.approx([2.0, 2.0, 1.0, 0.0, 2.0])


def test_a_mine_that_stands_still_still_knows_its_price():
    _, loads = play([130, 130, 130, 130, 70, 70])
    assert loads == pytest.approx([2.0, 0.0, 0.0, 0.0, 2.0])


def test_a_fee_and_an_overhead_lower_the_strikes():
    """80 x 0.9 / 1.25 = 57.6: the second kilowatt stops above it."""
    _, loads = play([57, 57, 58, 58], fee=0.1, pue=1.25)
    assert loads == pytest.approx([2.5, 2.5, 1.25])


def test_hysteresis_keeps_what_is_near_a_strike():
    _, loads = play([50, 83, 83, 86, 77, 77, 74, 74], band_usd_per_mwh=10.0)
    assert loads == pytest.approx([2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 2.0])


def test_a_batch_rests_and_runs_for_its_least_times():
    """Off at 130 in the first hour, and for three hours; then on for four, low where it must."""
    prices = [130, 50, 50, 50, 50, 130, 130, 130, 130, 130]
    _, loads = play(prices, min_off_s="3h", min_on_s="4h")
    assert loads == pytest.approx([2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    prices = [50, 130, 50, 50, 50, 130, 130, 130, 130, 130]
    _, loads = play(prices, min_off_s="3h", min_on_s="4h")
    assert loads == pytest.approx([2.0, 0.0, 0.0, 0.0, 2.0, 1.0, 1.0, 1.0, 0.0])


def test_a_block_is_sold_back_where_that_fetches_more():
    """A block at 30: running costs what it could be sold for."""
    block = {"kind": "block", "block_mw": 0.02, "usd_per_mwh": 30.0,
             "spot_usd_per_mwh": "grid_usd_per_mwh"}  # fmt: skip
    _, loads = play([50, 50, 100, 130, 130], power=block)
    assert loads == pytest.approx([2.0, 2.0, 1.0, 0.0])


def test_two_hundred_hours_against_the_plan_worked_out_here():
    rng = np.random.default_rng(1)
    prices = rng.normal(90.0, 30.0, 200)
    chunk, _ = play(prices)
    earned = entry(chunk, "mine", "reward")[0] + entry(chunk, "mine", "power")[0]
    expected = 0.0
    before = None
    for k in range(1, prices.size):
        level = 2 if before is None else int(before < 120) + int(before < 80)
        mw = 0.01 * level
        th = {0: 0.0, 1: 600.0, 2: 1_000.0}[level]
        expected += th / 1_000.0 * 2.0 - mw * prices[k]
        before = prices[k]
    assert earned == pytest.approx(expected, rel=1e-9)
    assert chunk.now.t_s < 10 * DAY_S
