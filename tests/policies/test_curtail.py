"""
Sources of expected values: the rule by hand on short series; and, on the ERCOT file, what mining
would have earned there at a strike of 60 USD per MWh, standing still above it or never.
"""

import csv
import doctest
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.policies import curtail as module
from headframe.policies.curtail import Curtail
from headframe.positions.mine import Mine
from headframe.positions.power_riders import HeatReuse, Reserve
from headframe.processes.constant import Constant
from headframe.processes.power import Power
from headframe.scenario import Paths
from headframe.scenarios.model import Model

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
ERCOT_FILE = Path(os.environ.get("HEADFRAME_DATA", BESIDE)) / "ercot_rt_hub_hourly_january.csv"
HOUR_S = 3_600.0
MACHINES = {"model": "s21", "count": 1, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
DIFFICULTY = 1.2e14
STRIKE = 60.0


@dataclass(frozen=True)
class Series:
    """A power price that takes given values one after the other, the same on every path."""

    values: tuple[float, ...]
    name: str = "grid_usd_per_mwh"

    every_s: ClassVar[None] = None
    fields: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    reads_before: ClassVar[tuple[str, ...]] = ()
    normals: ClassVar[tuple[str, ...]] = ()
    uniforms: ClassVar[tuple[str, ...]] = ()

    @property
    def publishes(self) -> tuple[str, ...]:
        return (self.name,)

    def wire(self, layout: Any, dt_s: float) -> None:
        return None

    def open(self, state: Any, now: Any) -> None:
        now.world[self.name] = self.values[0]

    def step(self, state: Any, before: Any, now: Any) -> None:
        now.world[self.name] = self.values[now.step]

    def expectation(self, t_s: float) -> dict[str, float]:
        return {}


def coin_price() -> float:
    """The coin's price at which the machines above break even at the strike."""
    coins_per_mwh = 200e12 * HOUR_S / 0.0035 / (DIFFICULTY * 2**32) * 3.125
    return STRIKE / coins_per_mwh


def make_book(prices, *policies, day_ahead=True):
    mine = Mine(
        name="mine",
        fleet={"machines": [MACHINES]},
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={
            "kind": "indexed",
            "spot_usd_per_mwh": "grid_usd_per_mwh",
            "day_ahead": day_ahead,
        },
        difficulty=DIFFICULTY,
        subsidy=3.125,
        fees=0.0,
        billing_s="52w",
    )
    # One hour more at the end, in which the last price is paid.
    series = Series((*prices, 0.0))
    return Book(
        name="test",
        scenario=Model(processes=(Constant(name="btc_usd", value=coin_price()), series)),
        wallet={"usd": 1e6},
        positions=(mine,),
        policies=policies,
        horizon_s=len(prices) * HOUR_S,
        step_s=HOUR_S,
    )


def run(book):
    """Play, and note the mine's load after each step."""
    loads = []
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=2, seed=1))
    play(chunk, book.n_steps, [lambda c: loads.append(c.positions[0].state["on"][0])])
    return chunk, loads


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_off_below_the_break_even_and_on_again_above():
    prices = [50, 59, 61, 100, 60, 59, 40]
    _, loads = run(make_book(prices, Curtail(name="c", position="mine")))
    # The first price is met before the rule can act; at a spread of 0 it stays as it is.
    assert loads == [1, 1, 0, 0, 0, 1, 1, 1]


def test_a_strike_of_its_own_and_hysteresis():
    prices = [40, 52, 48, 56, 48, 44, 52, 50]
    rule = Curtail(
        name="c",
        position="mine",
        strike_usd_per_mwh=50.0,
        off_below_usd_per_mwh=-5.0,
        on_above_usd_per_mwh=5.0,
    )
    _, loads = run(make_book(prices, rule))
    assert loads == [1, 1, 1, 0, 0, 1, 1, 1, 1]


def test_least_times_off_and_on():
    prices = [40, 70, 40, 40, 40, 70, 70, 40]
    rule = Curtail(name="c", position="mine", min_off_s="3h")
    assert run(make_book(prices, rule))[1] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    rule = Curtail(name="c", position="mine", min_on_s="3h")
    assert run(make_book(prices, rule))[1] == [1, 0, 1, 1, 1, 0, 0, 1, 1]


def test_a_ramp_takes_its_hours():
    """0.875 kW an hour are a quarter of the machine's 3.5 kW."""
    prices = [40, 70, 70, 70, 40, 40, 40, 40]
    rule = Curtail(name="c", position="mine", ramp_mw_per_h=0.000875)
    _, loads = run(make_book(prices, rule))
    assert loads == pytest.approx([1, 0.75, 0.5, 0.25, 0.5, 0.75, 1, 1, 1])


def test_a_ramp_ends_at_what_is_sold_as_reserve():
    rule = Curtail(name="c", position="mine", keep_obliged=True, ramp_mw_per_h=0.00175)
    _, loads = run(reserved([40, 100, 100, 100, 40, 40], rule))
    assert loads == pytest.approx([1, 0.5, 0.3, 0.3, 0.8, 1, 1])


def test_a_lag_delays_the_switch():
    prices = [40, 70, 70, 70, 40, 40, 40]
    _, loads = run(make_book(prices, Curtail(name="c", position="mine", lag_s="2h")))
    assert loads == [1, 1, 1, 0, 0, 0, 1, 1]


def test_the_price_that_the_rule_saw_is_paid_only_if_it_was_published_before():
    prices = [40, 100, 40, 40]
    rule = Curtail(name="c", position="mine")
    for day_ahead, paid in ((True, 40 + 0 + 40 + 40), (False, 100 + 0 + 40 + 0)):
        chunk, _ = run(make_book(prices, rule, day_ahead=day_ahead))
        bill = chunk.books["quantity/mine/power/usd/held"]
        assert bill == pytest.approx(-0.0035 * paid)


def test_a_rule_that_contradicts_itself_or_has_no_mine_is_refused():
    with pytest.raises(ValueError, match="on_above_usd_per_mwh must be at least"):
        Curtail(name="c", position="mine", off_below_usd_per_mwh=1.0)
    with pytest.raises(InputError, match=r"policy\.c\.position"):
        make_book([1.0], Curtail(name="c", position="farm"))


# a reserve that is kept up ---------------------------------------------------------------------

RESERVE = {"mw": 0.00105, "capacity_usd_per_mw_h": 6.0}
"""3/10 of the 3.5 kW of the machine above."""


def reserved(prices, *policies, **terms):
    book = make_book(prices, *policies)
    mine = replace(book.positions[0], riders={"ready": Reserve(**(RESERVE | terms))})
    return book.with_(positions=(mine,))


def test_what_is_sold_as_reserve_runs_on_while_the_rest_stands_still():
    prices = [50, 59, 61, 100, 60, 59, 40]
    rule = Curtail(name="c", position="mine", keep_obliged=True)
    chunk, loads = run(reserved(prices, rule))
    assert loads == pytest.approx([1, 1, 0.3, 0.3, 0.3, 1, 1, 1])
    # 8 hours of 1.05 kW at 6 USD/MW, never short
    values = chunk.ledger.values("mine")
    assert values["demand_response"][0] == pytest.approx(7 * 0.00105 * 6.0)
    assert values["penalty"][0] == 0.0


def test_without_the_key_the_obligation_is_broken():
    # capacity payment and penalty make running cheaper, 0.3 x 16 USD/MWh, but not enough at 100
    prices = [50, 59, 61, 100, 66, 59, 40]
    rule = Curtail(name="c", position="mine")
    chunk, loads = run(reserved(prices, rule, penalty_usd_per_mwh=10.0))
    assert loads == [1, 1, 1, 0, 0, 1, 1, 1]
    assert chunk.ledger.values("mine")["penalty"][0] == pytest.approx(-2 * 0.00105 * 10.0)


def test_the_rest_is_judged_without_what_the_reserve_earns():
    # 63 less 0.3 x 16 would be below the strike of 60: the rest must stand still all the same
    rule = Curtail(name="c", position="mine", keep_obliged=True)
    _, loads = run(reserved([50, 63, 50], rule, penalty_usd_per_mwh=10.0))
    assert loads == pytest.approx([1, 0.3, 1, 1])


def test_a_mine_that_has_sold_more_than_it_has_runs_all_of_it():
    rule = Curtail(name="c", position="mine", keep_obliged=True)
    _, loads = run(reserved([50, 100, 100], rule, mw=0.02))
    assert loads == [1, 1, 1, 1]


# bad input -------------------------------------------------------------------------------------

GRID = "grid_usd_per_mwh"


def priced(process, strike, **changes):
    book = make_book([50.0], Curtail(name="c", position="mine", strike_usd_per_mwh=strike))
    coin = book.scenario.processes[0]
    mine = replace(book.positions[0], **changes)
    return book.with_(scenario=Model(processes=(coin, process)), positions=(mine,))


def grid_power(**terms):
    return Power(name=GRID, mean=30.0, half_life_s="6h", volatility=100.0, **terms)


@pytest.mark.parametrize(
    "process", [grid_power(floor=0.0), grid_power(floor=5.0), Constant(name=GRID, value=40.0)]
)
def test_a_strike_below_what_power_can_cost_is_refused(process):
    with pytest.raises(InputError, match=r"policy\.c\.strike_usd_per_mwh.*-5.*0 or more"):
        priced(process, -5.0)


@pytest.mark.parametrize("process", [grid_power(), grid_power(floor=-200.0)])
def test_a_negative_strike_is_meant_where_prices_may_be_negative(process):
    assert priced(process, -5.0).policies[0].strike_usd_per_mwh == -5.0


def test_a_negative_strike_is_meant_where_running_is_paid_for():
    heat = HeatReuse(share=1.0, demand_mw=1.0, fuel_usd_per_mwh=40.0)
    assert priced(grid_power(floor=0.0), -5.0, riders={"greenhouse": heat}).positions


# On the grid of Texas -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ercot():
    if not ERCOT_FILE.exists():
        pytest.skip(f"research data absent: {ERCOT_FILE.name}; set HEADFRAME_DATA to its folder")
    with ERCOT_FILE.open(newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("HB_BUSAVG_usd_mwh")
    return [float(row[column]) for row in rows[1:] if row[column]]


def earned_usd_per_mwh(chunk, hours):
    """Result per megawatt-hour of full load: the spark spread that was kept."""
    values = chunk.ledger.values("mine")
    return (values["reward"] + values["power"])[0] / (0.0035 * hours)


@pytest.mark.data
def test_a_strike_of_60_on_the_hours_of_ercot(ercot):
    hours = len(ercot)
    always, _ = run(make_book(ercot))
    assert earned_usd_per_mwh(always, hours) == pytest.approx(33.184, abs=0.005)
    # The rule first acts after an hour: one more at the strike, in which nothing is earned.
    chunk, loads = run(make_book([STRIKE, *ercot], Curtail(name="c", position="mine")))
    assert earned_usd_per_mwh(chunk, hours) == pytest.approx(36.304, abs=0.005)
    assert 100 * np.mean(loads[1:-1]) == pytest.approx(96.71, abs=0.01)
