"""Sources of expected values: a few hours written out. The mine draws 3.5 MW at full load."""

import doctest
from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import TypeAdapter
from test_mine import act, make_book, make_mine, quantity, run, state

from headframe.positions import (
    power_bill,
    power_contract,
    rider_carbon,
    rider_coincident_peak,
    rider_curtailment_credit,
    rider_demand_charge,
    rider_heat,
    rider_reserve,
)
from headframe.positions.power_contract import PowerContract
from headframe.positions.power_riders import PowerRider
from headframe.processes.constant import Constant

HOURS = {"step_s": 3_600.0}
MW = 3.5


class Steps:
    """An observable with given values, hour by hour; the last one stays."""

    kind, every_s = "steps", None
    fields, reads, reads_before, normals, uniforms = (), (), (), (), ()

    def __init__(self, name, *values):
        self.name, self.publishes, self.values = name, (name,), values

    def wire(self, layout, dt_s):
        return None

    def open(self, state, now):
        now.world[self.name] = self.values[0]

    def step(self, state, before, now):
        now.world[self.name] = self.values[min(now.step, len(self.values) - 1)]

    def expectation(self, t_s):
        return {}


def hourly(*processes, hours=4, watchers=(), start=(2026, 6, 1), **parts):
    """The mine over some hours."""
    ts = datetime(*start, tzinfo=UTC).timestamp()
    book = make_book(make_mine(**parts), processes=processes, days=hours / 24, start_ts=ts, **HOURS)
    return run(book, watchers=watchers)


def booked(chunk, kind):
    return quantity(chunk, f"{kind}/usd/held")


def riders(**terms):
    return {"riders": {"it": terms}}


RIDERS = (
    rider_carbon,
    rider_coincident_peak,
    rider_curtailment_credit,
    rider_demand_charge,
    rider_heat,
    rider_reserve,
)


@pytest.mark.parametrize("module", [power_bill, power_contract, *RIDERS])
def test_the_examples_run(module):
    assert doctest.testmod(module).failed == 0


# contracts ---------------------------------------------------------------------------------------

PPA = {
    "kind": "ppa",
    "block_mw": 5.0,
    "usd_per_mwh": 40.0,
    "term_s": "2.5h",
    "spot_usd_per_mwh": 60.0,
    "adder_usd_per_mwh": 3.0,
    "sell_cost_usd_per_mwh": 2.0,
}


def test_a_ppa_sells_back_and_falls_to_the_index_at_its_end():
    chunk = hourly(power=PPA)
    within = 5.0 * 40 - 1.5 * 58  # an hour under the agreement
    broken = 2.5 * 40 + 1.0 * 63  # half an hour of it: 2.5 MWh, 1 MWh more bought
    after = 3.5 * 63
    assert booked(chunk, "power") == pytest.approx(-(2 * within + broken + after))
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(63.0)


def test_what_cannot_be_sold_back_is_lost_and_costs_nothing_more():
    chunk = hourly(power=PPA | {"sell_back": False, "term_s": "1y"}, hours=2)
    assert booked(chunk, "power") == pytest.approx(-2 * 5 * 40)
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(0.0)


def test_a_ppa_has_a_price_for_each_year():
    yearly = PPA | {"usd_per_mwh": [40.0, 50.0], "term_s": "2y", "age_s": 31_536_000.0 - 7_200}
    chunk = hourly(power=yearly, hours=3)
    assert booked(chunk, "power") == pytest.approx(-(5 * (40 + 40 + 50) - 3 * 1.5 * 58))


def test_a_heat_rate_is_a_multiple_of_gas():
    gas = {
        "kind": "heat_rate",
        "gas_usd_per_mmbtu": "hub_usd_per_mmbtu",
        "heat_rate_mmbtu_per_mwh": 7.5,
        "adder_usd_per_mwh": 4.0,
    }
    chunk = hourly(Steps("hub_usd_per_mmbtu", 0.0, 3.0, 5.0), power=gas, hours=2)
    assert booked(chunk, "power") == pytest.approx(-3.5 * (22.5 + 4 + 37.5 + 4))


def test_a_collar_holds_the_index():
    collar = {
        "kind": "collar",
        "spot_usd_per_mwh": "grid_usd_per_mwh",
        "floor_usd_per_mwh": 20.0,
        "cap_usd_per_mwh": 60.0,
        "adder_usd_per_mwh": 1.0,
    }
    chunk = hourly(Steps("grid_usd_per_mwh", 0.0, -30.0, 45.0, 900.0), power=collar, hours=3)
    assert booked(chunk, "power") == pytest.approx(-3.5 * (21 + 46 + 61))


ONSITE = {
    "kind": "onsite",
    "capacity_mw": 5.0,
    "available": "well_flow_share",
    "usd_per_mwh": 18.0,
    "export_usd_per_mwh": 6.0,
}
FLOW = Steps("well_flow_share", 0.0, 1.0, 0.4, 0.0)


def test_without_a_grid_the_mine_runs_as_far_as_its_energy_goes():
    chunk = hourly(FLOW, power=ONSITE, hours=3)
    assert state(chunk, "used_mwh") == pytest.approx(3.5 + 2.0 + 0.0)
    assert booked(chunk, "power") == pytest.approx(-(3.5 * 18 - 1.5 * 6 + 2.0 * 18))


def test_the_grid_gives_the_rest():
    chunk = hourly(FLOW, power=ONSITE | {"grid": {"kind": "fixed", "usd_per_mwh": 50}}, hours=3)
    assert state(chunk, "used_mwh") == pytest.approx(3 * 3.5)
    bill = (3.5 * 18 - 1.5 * 6) + (2.0 * 18 + 1.5 * 50) + 3.5 * 50
    assert booked(chunk, "power") == pytest.approx(-bill)


# riders ------------------------------------------------------------------------------------------


def play_load(shares, *processes, **parts):
    def look(chunk):
        if chunk.now.step < len(shares):
            act(chunk, "run", shares[chunk.now.step])

    return hourly(*processes, hours=len(shares), watchers=(look,), **parts)


def test_a_demand_charge_is_the_months_highest_power():
    shares = (0.2, 0.8, 0.4, 0.4)
    terms = riders(kind="demand_charge", usd_per_kw_month=10.0, ratchet=0.75)
    assert booked(play_load(shares, **terms), "demand_charge") == pytest.approx(-2800 * 10.0)
    # billed every two hours: 2,800 kW, then 0.75 of it since 1,400 is less
    twice = play_load(shares, billing_s="2h", **terms)
    assert booked(twice, "demand_charge") == pytest.approx(-(2800 + 2100) * 10.0)


PEAKS = {
    "kind": "coincident_peak",
    "usd_per_mw_year": 60_000.0,
    "chance": "peak_chance_now",
    "record": "peak_record_now",
}


def test_the_load_of_the_last_record_of_a_month_counts():
    record = Steps("peak_record_now", 0, 2, 1, 0, 2)
    chance = Constant(name="peak_chance_now", value=0.02)
    chunk = play_load((1.0, 0.5, 1.0, 1.0), record, chance, **riders(**PEAKS))
    # first month: full load, then half load takes its place; second month: full load
    owed = (0.5 + 1.0) * MW * 15_000
    assert booked(chunk, "demand_charge") == pytest.approx(-owed)
    assert state(chunk, "it_measured_usd") == pytest.approx(owed)
    assert chunk.held["mine/usd"] == pytest.approx(-owed - state(chunk, "power_unbilled_usd"))
    # 2 % of 15,000 USD a MW, in an hour
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(50.0 + 300.0)


def test_last_years_load_is_charged_until_new_year_and_then_this_years():
    record = Steps("peak_record_now", 0, 2, 0)
    chance = Constant(name="peak_chance_now", value=0.0)
    terms = riders(**PEAKS | {"last_year_mw": 2.0})
    chunk = hourly(record, chance, start=(2026, 12, 31), hours=96, **terms)
    owed, a_year = MW * 15_000, 365 * 24
    due = state(chunk, "it_due_usd")
    # the calendar's mean year turns within a day of New Year
    paid_hours = (owed - due) / (owed / a_year)
    assert np.all((paid_hours > 40) & (paid_hours < 97))
    charged = (96 - np.round(paid_hours)) * 2.0 * 60_000 / a_year
    assert booked(chunk, "demand_charge") == pytest.approx(-(owed + charged))


RESERVE = {
    "kind": "reserve",
    "mw": 2.0,
    "capacity_usd_per_mw_h": 6.0,
    "energy_usd_per_mwh": 100.0,
    "penalty_usd_per_mwh": 40.0,
}


def test_what_stands_ready_is_paid_and_what_is_missing_fined():
    chunk = play_load((1.0, 0.4, 0.0), **riders(**RESERVE))
    assert booked(chunk, "demand_response") == pytest.approx(6.0 * (2.0 + 1.4 + 0.0))
    assert booked(chunk, "penalty") == pytest.approx(-40.0 * (0.0 + 0.6 + 2.0))
    assert state(chunk, "it_short_mwh") == pytest.approx(2.6)


def test_a_called_reserve_goes_off_by_itself():
    called = RESERVE | {"calls_per_year": 1e9, "call_s": "1000y", "response": 0.75}
    chunk = hourly(hours=2, **riders(**called))
    assert state(chunk, "used_mwh") == pytest.approx(2 * (3.5 - 1.5))
    assert booked(chunk, "demand_response") == pytest.approx(2 * (2.0 * 6 + 1.5 * 100))
    assert booked(chunk, "penalty") == pytest.approx(-2 * 0.5 * 40)


def test_to_stand_ready_makes_running_worth_more():
    chunk = hourly(hours=1, **riders(**RESERVE))
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(50.0 - (6 + 40) * 2 / 3.5)


def test_a_curtailment_credit_pays_for_the_baseline_not_used():
    terms = riders(
        kind="curtailment_credit", event="emergency_on_now", baseline_mw=3.0, usd_per_mwh=120.0
    )
    event = Steps("emergency_on_now", 0, 1, 0.5, 0)
    chunk = play_load((0.4, 0.0, 0.0), event, **terms)
    assert booked(chunk, "demand_response") == pytest.approx(120.0 * (1.6 + 0.5 * 3.0))


HEAT = {"kind": "heat", "share": 0.8, "fuel_usd_per_mwh": 45.0, "boiler_efficiency": 0.9}


@pytest.mark.parametrize(("demand_mw", "useful_mw"), [(10.0, 2.8), (1.0, 1.0), (0.0, 0.0)])
def test_heat_is_worth_the_fuel_of_a_boiler_as_far_as_it_is_needed(demand_mw, useful_mw):
    chunk = hourly(hours=2, **riders(**HEAT, demand_mw=demand_mw))
    assert booked(chunk, "heat") == pytest.approx(2 * useful_mw * 50.0)
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(50 - useful_mw * 50 / 3.5)


def test_pipes_are_paid_for_and_written_off():
    priced = {"machines": [{"model": "s21", "count": 1000, "hashrate_th_s": 200,
                            "efficiency_j_per_th": 17.5, "price_usd": 1.0}]}  # fmt: skip
    terms = riders(**HEAT, demand_mw=1.0, capex_usd=8_000.0, life_s="8h")
    chunk = hourly(hours=2, fleet=priced, held=..., **terms)
    assert quantity(chunk, "principal/usd/cash") == pytest.approx(-8_000 - 1_000)
    assert state(chunk, "it_equipment_usd") == pytest.approx(6_000)


def test_emissions_are_counted_and_priced():
    chunk = hourly(hours=2, **riders(kind="carbon", kg_per_mwh=400.0, usd_per_t=50.0))
    assert state(chunk, "it_emitted_t") == pytest.approx(2 * 3.5 * 0.4)
    assert booked(chunk, "carbon") == pytest.approx(-2 * 3.5 * 20)
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(70.0)


# what is refused ---------------------------------------------------------------------------------

COLLAR = {"kind": "collar", "spot_usd_per_mwh": 30.0}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (PPA | {"usd_per_mwh": [40.0, 41.0], "term_s": "3y"}, r"2 years, shorter than term_s of 3"),
        (PPA | {"age_s": "3h"}, "age_s 10800 must be below term_s 9000"),
        (PPA | {"escalation": -1.0}, "escalation"),
        (COLLAR | {"floor_usd_per_mwh": 50, "cap_usd_per_mwh": 40}, "50 must be at most cap"),
        ({"kind": "heat_rate", "gas_usd_per_mmbtu": 3, "heat_rate_mmbtu_per_mwh": 0}, "heat_rate"),
        (ONSITE | {"available": 1.2}, "a share from 0 to 1"),
        (ONSITE | {"grid": ONSITE}, "grid"),
    ],
)
def test_impossible_contracts_are_refused(table, says):
    with pytest.raises(ValueError, match=says):
        TypeAdapter(PowerContract).validate_python(table)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (HEAT | {"demand_mw": -1.0}, "demand_mw"),
        (HEAT | {"demand_mw": 1.0, "boiler_efficiency": 0.0}, "boiler_efficiency"),
        (RESERVE | {"response": 1.2}, "response"),
        (RESERVE | {"mw": 0.0}, "mw"),
        (PEAKS | {"peaks": 0}, "peaks"),
        ({"kind": "demand_charge", "usd_per_kw_month": -1}, "usd_per_kw_month"),
        ({"kind": "carbon", "kg_per_mwh": -1}, "kg_per_mwh"),
        ({"kind": "magic"}, "magic"),
    ],
)
def test_impossible_riders_are_refused(table, says):
    with pytest.raises(ValueError, match=says):
        TypeAdapter(PowerRider).validate_python(table)
