"""
The laws over every power contract and every rider.

They are parts of the mine, which is one kind of position; so that each of them meets each law, the
same checks are made here on a mine for each.
"""

import pytest
import test_backtest
import test_books_close
import test_chunk_invariance
import test_conservation
import test_no_look_ahead
import test_nothing_from_nothing
import test_numeraire
from samples import Sample, book, grid, mine
from tenants import played, stormy

from headframe.positions.power_contract import PowerContract
from headframe.positions.power_riders import PowerRider
from headframe.processes.coincident_peak import CoincidentPeaks
from headframe.processes.ou import OU, Utilisation

JUNE_TS = 1_780_272_000.0
"""The first of June 2026."""
BLOCK = {"block_mw": 0.005, "usd_per_mwh": 40.0, "spot_usd_per_mwh": "grid_usd_per_mwh"}
PEAKS = {"chance": "ercot_system_peak_chance", "record": "ercot_system_peak_record"}

CONTRACTS = {
    "fixed": {"usd_per_mwh": 60.0},
    "indexed": {"spot_usd_per_mwh": "grid_usd_per_mwh", "adder_usd_per_mwh": 4.0},
    "block": BLOCK | {"adder_usd_per_mwh": 5.0, "sell_cost_usd_per_mwh": 2.0},
    "ppa": BLOCK | {"term_s": "300d", "age_s": "289.5d", "escalation": 0.1, "day_ahead": True},
    "heat_rate": {"gas_usd_per_mmbtu": "hub_usd_per_mmbtu", "heat_rate_mmbtu_per_mwh": 8.0},
    "collar": {
        "spot_usd_per_mwh": "grid_usd_per_mwh",
        "floor_usd_per_mwh": 60.0,
        "cap_usd_per_mwh": 80.0,
    },
    "onsite": {
        "capacity_mw": 0.01,
        "available": "well_flow_share",
        "usd_per_mwh": 20.0,
        "export_usd_per_mwh": 8.0,
    },
}
RIDERS = {
    "demand_charge": {"usd_per_kw_month": 9.0, "ratchet": 0.5},
    "coincident_peak": PEAKS | {"usd_per_mw_year": 60_000.0, "last_year_mw": 0.004},
    "reserve": {
        "mw": 0.005,
        "capacity_usd_per_mw_h": 6.0,
        "energy_usd_per_mwh": "grid_usd_per_mwh",
        "calls_per_year": 100.0,
        "call_s": "2d",
        "response": 0.8,
        "penalty_usd_per_mwh": 30.0,
    },
    "curtailment_credit": {
        "event": "well_flow_share",
        "baseline_mw": 0.01,
        "usd_per_mwh": "grid_usd_per_mwh",
    },
    "heat": {
        "share": 0.8,
        "demand_mw": 0.006,
        "fuel_usd_per_mwh": 45.0,
        "boiler_efficiency": 0.9,
        "capex_usd": 500.0,
        "life_s": "200d",
    },
    "carbon": {"kg_per_mwh": 390.0, "usd_per_t": 50.0},
}
FIXED = {
    "block": ("power",),
    "ppa": ("power",),
    "onsite": ("power",),
    "coincident_peak": ("demand_charge",),
    "reserve": ("penalty",),
    "curtailment_credit": ("demand_response",),
    "heat": ("depreciation", "principal"),
}
"""What a mine without machines books all the same: what is not bound to their running."""


def world():
    return (
        grid(),
        OU(name="hub_usd_per_mmbtu", start=4.0, mean=4.0, half_life_s="5d", volatility=20.0),
        Utilisation(
            name="well_flow_share", start=0.6, median=0.6, half_life_s="2d", volatility=15.0
        ),
        CoincidentPeaks(name="ercot_system_peak"),
    )


def sample(noun, kind):
    def made(**changes):
        if noun == "power":
            parts = {"power": {"kind": kind} | CONTRACTS[kind]}
        else:
            parts = {"riders": {"it": {"kind": kind} | RIDERS[kind]}}
        return book(mine(**parts, **changes), processes=world(), start_ts=JUNE_TS)

    return Sample(
        made,
        amounts={"run": 0.5, "open": 0.3},
        nothing=lambda: made(machines={"count": 0}),
        fixed=("gas", *FIXED.get(kind, ())),
    )


def kinds(union):
    return [one.__dataclass_fields__["kind"].default for one in union.__args__[0].__args__]


EVERY = pytest.mark.parametrize(
    ("noun", "kind"),
    [("power", k) for k in kinds(PowerContract)] + [("rider", k) for k in kinds(PowerRider)],
)


@EVERY
def test_the_books_close(noun, kind):
    test_books_close.check(sample(noun, kind))


@EVERY
def test_a_path_alone_is_the_path_among_many(noun, kind):
    test_backtest.check(stormy(sample(noun, kind)))


@EVERY
def test_a_path_is_the_same_in_any_chunk(noun, kind):
    test_chunk_invariance.check(stormy(sample(noun, kind)), antithetic=False)


@EVERY
def test_an_action_creates_nothing(noun, kind):
    test_conservation.check(sample(noun, kind))


@EVERY
def test_the_future_is_unknown(noun, kind):
    test_no_look_ahead.check(stormy(sample(noun, kind)))


@EVERY
def test_wealth_scales_with_the_numeraire(noun, kind):
    test_numeraire.check(stormy(sample(noun, kind)))


@EVERY
def test_nothing_comes_of_nothing(noun, kind):
    if kind not in FIXED:
        test_nothing_from_nothing.check(sample(noun, kind))
        return
    chunk = played(sample(noun, kind).nothing())
    booked = {
        row.split("/")[2]
        for row in chunk.books.rows
        if row.startswith("value/mine") and chunk.books[row].any()
    }
    assert booked <= {*FIXED[kind], "settlement"}
