"""
Tax and closure of a mine, worked by hand: one PH/s that earns 48 USD a day.

A block of 1 BTC at difficulty 1e14 and a price chosen so that a PH/s earns 48 USD a day; ten
machines of 100 TH/s at 2 kW use 480 kWh a day: 24 USD at 50 USD/MWh. Profit 24 a day.
"""

import math

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, played, scripted, seat

from headframe.book import Book
from headframe.positions.mine import Mine
from headframe.positions.mine_law import Closure, Tax
from headframe.processes.constant import Constant
from headframe.processes.event import Event
from headframe.scenarios.model import Model
from headframe.types import NEVER_S
from headframe.units import DAY_S

PRICE = 48.0 * 1e14 * 2**32 / (86_400 * 1e15)
RIG = {"model": "rig", "count": 10, "hashrate_th_s": 100.0, "efficiency_j_per_th": 20.0}


def play(days, *, law, values=None, rig=None, wallet=None):
    mine = Mine(
        name="mine",
        fleet={"machines": [RIG | (rig or {})]},
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": 50.0},
        difficulty=1e14,
        subsidy=1.0,
        fees=0.0,
        law=law,
    )
    world = {"btc_usd": PRICE} | (values or {})
    book = scripted(mine, values=world, wallet=wallet or {"usd": 1e4}, n_steps=days)
    return played(book)


def test_tax_on_profit_at_the_end_of_the_year():
    """Ten days of 24 are 240; a fifth of it is 48."""
    chunk = play(10, law={"taxes": [{"rate": 0.2, "year_s": "10d"}]})
    assert entry(chunk, "mine", "tax")[0] == pytest.approx(-48.0, rel=1e-9)
    assert entry(play(9, law={"taxes": [{"rate": 0.2, "year_s": "10d"}]}), "mine", "tax")[0] == 0.0


@pytest.mark.parametrize(("carry", "tax"), [(True, 0.2 * 48.0), (False, 0.2 * 120.0)])
def test_losses_are_carried_forward_where_the_law_lets_them(carry, tax):
    """
    Five days at a quarter of the price: 12 - 24 = -12 a day, a loss of 60; then five days of +24.

    The sixth day's price of four times the old moves no tax: coins count at the price of their day.
    """
    low, high = PRICE / 4, PRICE
    values = {"btc_usd": [low] * 6 + [high] * 5}
    law = {"taxes": [{"rate": 0.2, "year_s": "5d", "carry_forward": carry}]}
    chunk = play(10, law=law, values=values)
    expected = 0.2 * (120.0 - 60.0) if carry else 0.2 * 120.0
    assert entry(chunk, "mine", "tax")[0] == pytest.approx(-expected, rel=1e-9), tax


def test_tax_on_revenue_and_an_excise_on_power():
    law = {"taxes": [{"rate": 0.1, "on": "revenue", "year_s": "1d"},
                     {"rate": 0.3, "on": "power", "year_s": "5d"}]}  # fmt: skip
    chunk = play(10, law=law)
    expected = 0.1 * 480.0 + 0.3 * 240.0
    assert entry(chunk, "mine", "tax")[0] == pytest.approx(-expected, rel=1e-9)
    assert seat(chunk, "mine").state["tax_usd"][0] == pytest.approx(expected, rel=1e-9)


def test_a_rate_that_changes():
    """Five days at 0, then the law raises the rate to a half of revenue."""
    values = {"country_tax_rate": [0.0] * 6 + [0.5] * 5}
    law = {"taxes": [{"rate": "country_tax_rate", "on": "revenue", "year_s": "1d"}]}
    chunk = play(10, law=law, values=values)
    assert entry(chunk, "mine", "tax")[0] == pytest.approx(-0.5 * 48.0 * 5, rel=1e-9)


BAN = {"country_mining_ban": [0.0] * 4 + [1.0] * 7}
"""A law from the fourth day on."""


def test_a_closed_site_stands_still():
    law = {"closure": {"closed": "country_mining_ban", "machines": "wait"}}
    chunk = play(10, law=law, values=BAN)
    assert entry(chunk, "mine", "reward")[0] == pytest.approx(3 * 48.0, rel=1e-9)
    assert entry(chunk, "mine", "power")[0] == pytest.approx(-3 * 24.0, rel=1e-9)
    state = seat(chunk, "mine").state
    assert state["closed_s"][0] == 4 * DAY_S
    assert state["open"][0] == 1.0


def test_a_law_that_closes_one_site_leaves_the_other_alone_and_two_are_safer_than_one():
    """
    One law a site and year in four, by chance, in countries of their own: after a year

        P(closed) = 1 - exp(-1/4) = 0.2212 each, both 0.0489; sd of two half sites 1 / sqrt 2
    """

    def site(name, count):
        return Mine(
            name=name,
            fleet={"machines": [RIG | {"count": count}]},
            held={},
            pool={"kind": "fpps", "fee": 0.0},
            power={"kind": "fixed", "usd_per_mwh": 50.0},
            difficulty=1e14,
            subsidy=1.0,
            fees=0.0,
            law={"closure": {"closed": f"{name}_mining_ban", "machines": "wait"}},
        )

    def wealth(*mines):
        bans = [Event(name=f"{m.name}_mining_ban", per_year=0.25) for m in mines]
        book = Book(
            name="sites",
            scenario=Model(processes=(Constant(name="btc_usd", value=PRICE), *bans)),
            wallet={"usd": 1e5},
            positions=mines,
            step_s=5 * DAY_S,
            horizon_s=365 * DAY_S,
        )
        return played(book, n_paths=4_000)

    one, two = wealth(site("north", 10)), wealth(site("north", 5), site("south", 5))
    closed = [seat(two, name).state["closed_s"] < NEVER_S for name in ("north", "south")]
    chance = 1.0 - math.exp(-0.25)
    for hit in closed:
        assert abs(hit.mean() - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / 4_000)
    assert abs((closed[0] & closed[1]).mean() - chance**2) < 4.0 * math.sqrt(chance**2 / 4_000)
    # the southern site earns the same whether the northern one is closed or not
    south = entry(two, "south", "reward")
    assert np.ptp(south[~closed[1] & closed[0]]) == 0.0
    assert south[~closed[1] & closed[0]][0] == south[~closed[1] & ~closed[0]][0]
    ratio = np.std(two.books["wealth"]) / np.std(one.books["wealth"])
    assert ratio == pytest.approx(1.0 / math.sqrt(2.0), abs=0.04)


def test_a_site_that_may_open_again_runs_again():
    law = {"closure": {"closed": "country_mining_ban", "machines": "wait"}}
    values = {"country_mining_ban": [0.0] * 4 + [1.0] * 3 + [0.0] * 4}
    chunk = play(10, law=law, values=values)
    assert entry(chunk, "mine", "reward")[0] == pytest.approx(7 * 48.0, rel=1e-9)


def test_machines_are_exported_later_and_at_a_cost():
    """Ten machines at 1,000, sold three days after the ban for 40 each of freight, 10 % lost."""
    law = {"closure": {"closed": "country_mining_ban", "machines": "sell", "export_s": "3d",
                       "export_usd_per_machine": 40.0}}  # fmt: skip
    rig = {"price_usd": 1_000.0, "life_s": "1000y", "resale_cost": 0.1}
    chunk = play(10, law=law, values=BAN, rig=rig)
    state = seat(chunk, "mine").state
    assert state["open"][0] == 0.0
    assert state["rig_owned"][0] == 0.0
    assert entry(chunk, "mine", "hosting")[0] == pytest.approx(-400.0)
    assert entry(chunk, "mine", "slippage")[0] == pytest.approx(-1_000.0, rel=1e-3)
    before = play(6, law=law, values=BAN, rig=rig)
    assert seat(before, "mine").state["rig_owned"][0] == 10.0


def test_machines_that_are_left_behind():
    law = {"closure": {"closed": "country_mining_ban", "machines": "strand"}}
    rig = {"price_usd": 1_000.0, "life_s": "1000y"}
    chunk = play(10, law=law, values=BAN, rig=rig)
    assert seat(chunk, "mine").state["rig_owned"][0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(1e4 + 3 * 24.0, abs=1e-6)


def test_without_a_law_nothing_happens():
    chunk = play(10, law={})
    assert seat(chunk, "mine").state["closed_s"][0] == NEVER_S


@pytest.mark.parametrize(
    ("kind", "terms", "word"),
    [(Tax, {"rate": 1.0}, "rate"), (Tax, {"rate": -0.1}, "rate"),
     (Tax, {"rate": 0.1, "on": "wealth"}, "on"), (Tax, {"rate": 0.1, "year_s": 0.0}, "year_s"),
     (Closure, {"closed": 1.0, "machines": "give"}, "machines"),
     (Closure, {"closed": 1.0, "export_s": -1.0}, "export_s")],
)  # fmt: skip
def test_nonsense_is_named(kind, terms, word):
    with pytest.raises(ValidationError, match=word):
        kind(**terms)
