"""
Dispatch of small sites worked by hand, and by trying every plan.

One PH/s earns 48 USD a day, 2 an hour. A site of ten machines of 100 TH/s at 2 kW is 20 kW for 1
PH/s: its strike is 2 USD / 20 kWh = 100 USD/MWh.
"""

import itertools

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.studies.dispatch import at_optimum, by_rule, presets
from headframe.studies.strike import Network, Site, strike_table

HASHPRICE = 48.0
NETWORK = Network(
    btc_usd=HASHPRICE * 1e14 * 2**32 / (86_400 * 1e15), difficulty=1e14, subsidy_btc=1.0
)
TWO = ({"name": "low", "hashrate_th_s": 60.0, "power_w": 1_000.0},
       {"name": "high", "hashrate_th_s": 100.0, "power_w": 2_000.0})  # fmt: skip
"""Steps of 1 kW for 60 TH/s (120 USD/MWh) and of 1 kW for 40 (80 USD/MWh)."""


def site(**changes):
    machines = {"model": "rig", "count": 10, "presets": TWO, "preset": "high"}
    return Site(**({"name": "yard", "machines": (machines,)} | changes))


def table(**changes):
    return strike_table(site(**changes), NETWORK)


def rule(prices, **changes):
    return by_rule(table(**changes), np.array(prices, float))


def best(prices, **changes):
    return at_optimum(table(**changes), np.array(prices, float))


def test_the_strikes_of_the_menu():
    found = table()
    assert NETWORK.usd_per_ph_day == pytest.approx(HASHPRICE, rel=1e-12)
    assert [s.market_usd_per_mwh for s in found.strikes] == pytest.approx([120.0, 80.0])
    assert found.mw == pytest.approx(0.02)


def test_an_adder_a_fee_and_an_overhead_lower_them():
    found = table(adder_usd_per_mwh=5.0, pool_fee=0.1, pue=1.25)
    assert [s.site_usd_per_mwh for s in found.strikes] == pytest.approx([86.4, 57.6])
    assert [s.market_usd_per_mwh for s in found.strikes] == pytest.approx([81.4, 52.6])


def test_power_that_can_be_sold_back_costs_what_it_would_fetch():
    """A block at whatever price: running costs spot less the cost of selling."""
    found = table(sell_back_cost_usd_per_mwh=3.0, adder_usd_per_mwh=50.0)
    assert [s.market_usd_per_mwh for s in found.strikes] == pytest.approx([123.0, 83.0])


def test_the_rule_follows_the_price_from_preset_to_preset():
    plan = rule([50.0, 100.0, 130.0, 100.0, 79.0])
    assert plan.load_mw == pytest.approx([0.02, 0.01, 0.0, 0.01, 0.02])
    # 2 USD - 1.0; 1.2 - 1.0; 0; 0.2; 2 - 1.58
    assert plan.profit_usd == pytest.approx([1.0, 0.2, 0.0, 0.2, 0.42])
    assert presets(plan.table, plan.mw[:, 1]) == {"rig": ("low", 10.0)}
    assert presets(plan.table, plan.mw[:, 2]) == {"rig": ("off", 0.0)}


def test_hysteresis_keeps_what_is_near_the_strike():
    plan = rule([50.0, 82.0, 85.1, 82.0, 78.0, 74.9], band_usd_per_mwh=10.0)
    assert plan.load_mw == pytest.approx([0.02, 0.02, 0.01, 0.01, 0.01, 0.02])


def test_minimum_times():
    plan = rule([50.0, 130.0, 50.0, 50.0, 50.0], min_off_s="3h")
    assert plan.load_mw == pytest.approx([0.02, 0.0, 0.0, 0.0, 0.02])
    plan = rule([130.0, 50.0, 130.0, 130.0, 130.0], min_on_s="3h")
    assert plan.load_mw == pytest.approx([0.0, 0.02, 0.01, 0.01, 0.0])


def test_a_ramp_gives_the_best_step_first():
    plan = rule([50.0, 50.0, 50.0, 150.0], ramp_mw_per_h=0.008)
    assert plan.load_mw == pytest.approx([0.008, 0.016, 0.02, 0.012])
    assert plan.mw[0] == pytest.approx([0.008, 0.01, 0.01, 0.01])


def test_reserve_is_kept_up_and_paid():
    terms = {"mw": 0.01, "usd_per_mw_h": 30.0, "penalty_usd_per_mw_h": 10.0, "hours": (0, 1)}
    plan = rule([130.0, 50.0, 130.0], reserve=terms)
    assert plan.load_mw == pytest.approx([0.01, 0.02, 0.0])
    # -0.1 + 0.3; 1.0 + 0.3; nothing due
    assert plan.profit_usd == pytest.approx([0.2, 1.3, 0.0])


def every_plan(prices, **changes):
    """The best profit among all plans of three levels an hour, by trying them all."""
    found = table(**changes)
    start = found.site.start_usd_per_mw
    profits = []
    for levels in itertools.product(range(3), repeat=len(prices)):
        money, last = 0.0, 0
        for level, price in zip(levels, prices, strict=True):
            money += 0.01 * ((level >= 1) * (120.0 - price) + (level >= 2) * (80.0 - price))
            money -= start * 0.01 * (level >= 1 and last == 0)
            last = level
        profits.append(money)
    return max(profits)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("start", [0.0, 60.0])
def test_the_optimum_is_the_best_of_all_plans(seed, start):
    prices = np.random.default_rng(seed).uniform(40.0, 200.0, 7)
    plan = best(prices, start_usd_per_mw=start)
    assert plan.total_usd == pytest.approx(every_plan(prices, start_usd_per_mw=start), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_never_beats_the_optimum(seed):
    prices = np.random.default_rng(seed).normal(90.0, 40.0, 24)
    for terms in ({}, {"start_usd_per_mw": 30.0}, {"min_off_s": "4h", "min_on_s": "3h"},
                  {"reserve": {"mw": 0.01, "usd_per_mw_h": 8.0, "penalty_usd_per_mw_h": 50.0}},
                  {"ramp_mw_per_h": 0.006}):  # fmt: skip
        assert rule(prices, **terms).total_usd <= best(prices, **terms).total_usd + 1e-9


def test_without_frictions_the_rule_is_the_optimum():
    prices = np.random.default_rng(3).normal(90.0, 40.0, 72)
    assert rule(prices).total_usd == pytest.approx(best(prices).total_usd, rel=1e-9)


def test_minimum_times_bind_the_optimum_too():
    """Off for an hour of 130 would mean off for three: it stays on at a loss of 0.1."""
    plan = best([50.0, 130.0, 50.0, 50.0], min_off_s="3h")
    assert plan.load_mw == pytest.approx([0.02, 0.01, 0.02, 0.02])


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"pool_fee": 1.0}, "pool_fee"), ({"pue": 0.5}, "pue"), ({"machines": ()}, "machines"),
     ({"reserve": {"mw": -1.0, "usd_per_mw_h": 1.0}}, "mw"), ({"min_on_s": -1.0}, "min_on_s")],
)  # fmt: skip
def test_nonsense_is_named(changes, word):
    from headframe.studies.strike import checked

    usual = {"name": "yard", "machines": [{"model": "rig", "count": 1, "presets": list(TWO),
             "preset": "high"}]}  # fmt: skip
    with pytest.raises(InputError, match=word):
        checked(Site, usual | changes, "site.toml")
