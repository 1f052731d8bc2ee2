"""
Sources of expected values: margins, paybacks and purchases by hand. A TH/s finds a millionth of a
coin a day; at 50,000 USD a coin that is 0.05 USD:

    new   100 TH/s, 3.0 kW: 5.00 - 3.60 = 1.40 USD a day at 50 USD per MWh; 700 USD: 500 days
    old    20 TH/s, 1.5 kW: 1.00 - 1.80 = -0.80; two of them use what a new one does
"""

import doctest
import math
from dataclasses import replace

import pytest
from scipy.integrate import quad
from scripted import played, scripted, seat

from headframe.errors import InputError
from headframe.policies import upgrade as module
from headframe.policies.upgrade import Upgrade
from headframe.positions.fleet import Fleet
from headframe.positions.mine import Mine

DAY_S = 86_400.0
DIFFICULTY = 86_400e12 * 3.125 * 1e6 / 2**32
NEW = {"model": "new", "count": 0, "hashrate_th_s": 100, "power_w": 3_000, "price_usd": 700.0}
OLD = {"model": "old", "count": 10, "hashrate_th_s": 20, "power_w": 1_500, "price_usd": 100.0}


def make_mine(new=None, old=None, power=50.0, **fleet):
    return Mine(
        name="mine",
        fleet={"machines": [{**NEW, **(new or {})}, {**OLD, **(old or {})}], **fleet},
        held={},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": power},
        difficulty=DIFFICULTY,
        subsidy=3.125,
        fees=0.0,
        billing_s="52w",
    )


def bought(rule, coin=50_000.0, mine=None, usd=1e6, days=8):
    """New and old machines and the wallet after each day."""
    seen = []

    def watch(chunk):
        state = seat(chunk, "mine").state
        seen.append(
            (
                state["new_owned"][0] + state["new_ordered"][0],
                state["old_owned"][0],
                chunk.books["wallet/usd"][0],
            )
        )

    book = scripted(
        make_mine() if mine is None else mine,
        values={"btc_usd": coin},
        wallet={"usd": usd},
        n_steps=days,
        policies=(rule,),
        start_ts=1_780_272_000.0,
    )
    played(book, watchers=[watch])
    return seen


def rule(**changes):
    usual = {"name": "next", "position": "mine", "batch": "new", "count": 2.0, "cooldown_s": "99d"}
    if changes.get("rule") != "npv":
        usual["payback_s"] = "501d"
    return Upgrade(**(usual | changes))


def news(seen):
    return [row[0] for row in seen]


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# when it pays --------------------------------------------------------------------------------


@pytest.mark.parametrize(("payback", "count"), [("499d", 0.0), ("501d", 2.0)])
def test_a_machine_that_pays_back_in_500_days(payback, count):
    assert news(bought(rule(payback_s=payback)))[-1] == count


def test_it_is_bought_on_the_day_on_which_the_coin_makes_it_pay():
    # At 60,000 the margin is 2.40: 292 days.
    coin = [50_000.0] * 4 + [60_000.0] * 5
    assert news(bought(rule(payback_s="300d"), coin)) == [0, 0, 0, 0, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(("payback", "count"), [("116d", 0.0), ("117d", 2.0)])
def test_what_the_old_ones_earn_is_lost(payback, count):
    # At 100,000: 6.40 for the new one, 0.20 for each of the two old ones: 700 / 6.00 = 116.7 days.
    found = bought(rule(payback_s=payback, replaces="old"), 100_000.0)
    assert news(found)[-1] == count
    assert news(bought(rule(payback_s="110d"), 100_000.0))[-1] == 2.0  # 109.4 without


def test_old_machines_at_a_loss_are_no_reason_to_buy():
    # The old ones lose 0.80 a day; standing still costs nothing, so they count as 0.
    assert news(bought(rule(payback_s="499d", replaces="old")))[-1] == 0.0
    assert news(bought(rule(payback_s="501d", replaces="old")))[-1] == 2.0


@pytest.mark.parametrize("off", [-1.0, 1.0])
@pytest.mark.parametrize("replaces", [None, "old"])
def test_the_net_present_value_decides(replaces, off):
    def worth(income, energy):
        def margin(t):
            return max(income * math.exp(-0.2 * t) - energy, 0.0) * 365 * math.exp(-0.1 * t)

        return quad(margin, 0.0, 2.0, limit=500)[0]

    # at 100,000: 10.00 against 3.60 for the new one, 2.00 against 1.80 for each of two old ones
    price = worth(10.0, 3.6) - (2.0 * worth(2.0, 1.8) if replaces else 0.0) + off
    npv = rule(rule="npv", decline_apr=0.2, discount_apr=0.1, life_s="2y", replaces=replaces)
    found = bought(npv, 100_000.0, make_mine({"price_usd": price}))
    assert news(found)[-1] == (2.0 if off < 0.0 else 0.0)


def test_a_price_of_power_of_its_own():
    # At 30 USD per MWh a new one earns 2.84 a day: 246.5 days.
    assert news(bought(rule(payback_s="247d", power_usd_per_mwh=30.0)))[-1] == 2.0
    assert news(bought(rule(payback_s="246d", power_usd_per_mwh=30.0)))[-1] == 0.0


def test_a_mine_that_knows_no_price_of_power_buys_nothing():
    empty = make_mine(old={"count": 0})
    assert news(bought(rule(), mine=empty))[-1] == 0.0
    assert news(bought(rule(power_usd_per_mwh=50.0), mine=empty))[-1] == 2.0


# how many, and how often ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("floor", "machines"), [(8_601.0, 1.0), (8_600.0, 2.0), (9_301.0, 0.0), (0.0, 14.0)]
)
@pytest.mark.parametrize("new", [{}, {"lead_s": "4d", "instalments": 2}])
def test_money_never_falls_below_the_floor(floor, machines, new):
    # 10,000 USD at 700 a machine; what is still to be paid counts as spent
    found = bought(rule(count=99, cash_floor_usd=floor), mine=make_mine(new), usd=10_000.0)
    assert news(found)[-1] == machines
    assert found[-1][2] == pytest.approx(10_000.0 - 700.0 * machines)
    assert min(row[2] for row in found) >= floor


@pytest.mark.parametrize("lead", [{}, {"lead_s": "4d", "instalments": 3}])
def test_two_rules_and_a_lag_do_not_break_the_floor_of_the_fleet(lead):
    """
    10,000 USD, 6,000 of them the floor: five machines at 700 in all, whoever orders them.

    Each rule for itself sees money for five; the first to be carried out gets them.
    """
    other = NEW | {"model": "other"} | lead
    mine = make_mine(lead)
    for floor, most in ((0.0, 10), (6_000.0, 5)):
        fleet = {"machines": [NEW | lead, other, OLD], "cash_floor_usd": floor}
        both = replace(mine, fleet=Fleet(**fleet))
        rules = (
            rule(name="one", count=5, cash_floor_usd=6_000.0, lag_s="1d"),
            rule(name="two", batch="other", count=5, cash_floor_usd=6_000.0),
        )
        least, machines = [], []

        def watch(chunk, least=least, machines=machines):
            state = seat(chunk, "mine").state
            rows = [f"{model}_{row}" for model in ("new", "other") for row in ("owned", "ordered")]
            machines.append(sum(state[row][0] for row in rows))
            least.append(chunk.books["wallet/usd"][0])

        values, start = {"btc_usd": 50_000.0}, 1_780_272_000.0
        book = scripted(
            both,
            values=values,
            wallet={"usd": 10_000.0},
            n_steps=8,
            policies=rules,
            start_ts=start,
        )
        played(book, watchers=[watch])
        assert machines[-1] == most
        assert min(least) == pytest.approx(10_000.0 - 700.0 * most)


def test_what_has_no_price_cannot_be_bought():
    unpriced = {"model": "new", "count": 0, "hashrate_th_s": 100, "power_w": 3_000}
    mine = replace(make_mine(), fleet=Fleet(machines=[unpriced, OLD]))
    with pytest.raises(InputError, match="buy_new"):
        bought(rule(), mine=mine)


def test_a_rest_between_purchases():
    found = news(bought(rule(count=1, cooldown_s="3d")))
    assert found == [0, 1, 1, 1, 2, 2, 2, 3, 3]


def test_no_purchase_while_an_order_is_under_way():
    # its rest is over on day 4, the order under way arrives on day 5
    found = news(bought(rule(count=1, cooldown_s="3d"), mine=make_mine({"lead_s": "4d"})))
    assert found == [0, 1, 1, 1, 1, 2, 2, 2, 2]


# in place of the old -------------------------------------------------------------------------


def test_the_old_ones_go_when_the_new_ones_come():
    found = bought(rule(replaces="old"), mine=make_mine({"lead_s": "3d"}))
    assert [row[:2] for row in found] == [
        (0, 10), (2, 10), (2, 10), (2, 10), (2, 6), (2, 6), (2, 6), (2, 6), (2, 6)
    ]  # fmt: skip


def test_no_more_come_than_there_are_old_ones_to_replace():
    found = bought(rule(count=99, replaces="old"), mine=make_mine(old={"count": 7}))
    assert found[-1][:2] == (3, 1)  # a seventh would leave with half a new one


def test_a_full_site_makes_room_at_the_order():
    full = make_mine({"lead_s": "3d"}, site_mw=0.015)  # ten old ones at 1.5 kW
    assert bought(rule(replaces="old"), mine=full)[-1][:2] == (0, 10)
    found = bought(rule(replaces="old", at="order"), mine=full)
    assert [row[:2] for row in found[:3]] == [(0, 10), (2, 6), (2, 6)]
    assert found[-1][:2] == (2, 6)


# refusals ------------------------------------------------------------------------------------


def test_rules_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="give payback_s with"):
        rule(rule="npv", payback_s="1d")
    with pytest.raises(ValueError, match="give payback_s with"):
        Upgrade(name="next", position="mine", batch="new", count=1)
    with pytest.raises(ValueError, match="another batch"):
        rule(replaces="new")
    with pytest.raises(InputError, match=r"policy\.next"):
        bought(rule(batch="newer"))
