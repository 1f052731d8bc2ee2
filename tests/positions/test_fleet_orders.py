"""Sources of expected values: the payments of an order written out by hand, day by day."""

from dataclasses import replace

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions.machines import Machines
from headframe.positions.mine import Mine

DAY_S = 86_400.0
NEVER = 1e17
BATCH = {
    "model": "own",
    "count": 0,
    "hashrate_th_s": 100,
    "power_w": 3_000,
    "price_usd": 3_000.0,
    "life_s": "100d",
    "lead_s": "30d",
    "instalments": 3,
    "cancel_cost": 0.4,
}


def make_mine(batch=None, held=True, grace_s="5d", **fleet):
    """A mine whose power is free and whose coins are next to nothing: only machines count."""
    return Mine(
        name="mine",
        fleet={"machines": [{**BATCH, **(batch or {})}], **fleet},
        pool={"kind": "fpps", "fee": 0.0},
        power={"kind": "fixed", "usd_per_mwh": 0.0},
        difficulty=1e30,
        subsidy=3.125,
        fees=0.0,
        grace_s=grace_s,
        **({"held": {}} if held else {}),
    )


def make_book(mine, days=40, usd=1e5, **values):
    return scripted(
        mine,
        values={"btc_usd": 60_000.0, **values},
        wallet={"usd": usd},
        n_steps=days,
        start_ts=1_780_272_000.0,
    )


def bought(book, orders, days):
    """Play with orders by day, `(verb, amount)`; the wallet, what is held, ordered and owned."""
    seen = []

    def watch(chunk):
        for verb, amount in orders.get(chunk.now.step, ()):
            told(chunk, "mine", verb, amount)
        found = gauges(chunk, "mine")
        held = seat(chunk, "mine").held["usd"][0]
        seen.append((chunk.books["wallet/usd"][0], held, found["own_ordered"], found["own_owned"]))

    chunk = played(book, watchers=[watch])
    return chunk, [seen[day] for day in days]


def test_an_order_is_paid_in_thirds_and_arrives_after_the_lead_time():
    book = make_book(make_mine())
    chunk, seen = bought(book, {0: [("buy_own", 10.0)]}, [0, 9, 10, 19, 20, 29, 30, 35])
    # 30,000 in all: 10,000 at once, after ten days and after twenty; nothing at the delivery.
    assert seen == [
        pytest.approx(row)
        for row in [
            (90_000.0, 10_000.0, 10.0, 0.0),
            (90_000.0, 10_000.0, 10.0, 0.0),
            (80_000.0, 20_000.0, 10.0, 0.0),
            (80_000.0, 20_000.0, 10.0, 0.0),
            (70_000.0, 30_000.0, 10.0, 0.0),
            (70_000.0, 30_000.0, 10.0, 0.0),
            (70_000.0, 30_000.0, 0.0, 10.0),
            (70_000.0, 28_500.0, 0.0, 10.0),  # 5 days of 100 written off
        ]
    ]
    assert seat(chunk, "mine").state["own_age_s"][0] == 10 * DAY_S
    assert entry(chunk, "mine", "depreciation")[0] == pytest.approx(-3_000.0)
    assert chunk.ledger.values("mine")["principal"][0] == pytest.approx(0.0, abs=1e-6)


def test_ordered_machines_hash_from_their_delivery_on():
    work = []
    mine = make_mine({"lead_s": "3d", "instalments": 1})

    def watch(chunk):
        if chunk.now.step == 0:
            told(chunk, "mine", "buy_own", 10.0)
        work.append(seat(chunk, "mine").state["work_th"][0] / DAY_S)

    played(make_book(mine, days=5), watchers=[watch])
    assert work == pytest.approx([0.0, 0.0, 0.0, 0.0, 1_000.0, 1_000.0])


def test_a_step_longer_than_an_instalment_pays_all_that_fell_due():
    book = make_book(make_mine(), days=6).with_(step_s=12 * DAY_S, horizon_s=72 * DAY_S)
    _, seen = bought(book, {0: [("buy_own", 10.0)]}, [0, 1, 2, 3])
    # day 12: the one of day 10; day 24: that of day 20; day 36: delivered on day 30
    assert seen == [
        pytest.approx(row)
        for row in [
            (90_000.0, 10_000.0, 10.0, 0.0),
            (80_000.0, 20_000.0, 10.0, 0.0),
            (70_000.0, 30_000.0, 10.0, 0.0),
            (70_000.0, 30_000.0, 0.0, 10.0),
        ]
    ]


def test_while_an_order_is_under_way_another_is_not_taken():
    orders = {0: [("buy_own", 4.0)], 5: [("buy_own", 7.0)], 31: [("buy_own", 2.0)]}
    _, seen = bought(make_book(make_mine()), orders, [5, 31])
    assert seen[0] == pytest.approx((96_000.0, 4_000.0, 4.0, 0.0))
    # the second order: 12,000 paid for the first, then 2,000; 4 machines of 3,000, one day old
    assert seen[1] == pytest.approx((86_000.0, 11_880.0 + 2_000.0, 2.0, 4.0))


def test_the_opening_orders_the_fleet_and_pays_the_first_instalment():
    mine = make_mine({"count": 10}, held=False)
    assert mine.deposit == {"usd": 10_000.0}
    _, seen = bought(make_book(mine, usd=30_000.0), {}, [0, 10, 20, 30])
    assert seen == [
        pytest.approx(row)
        for row in [
            (20_000.0, 10_000.0, 10.0, 0.0),
            (10_000.0, 20_000.0, 10.0, 0.0),
            (0.0, 30_000.0, 10.0, 0.0),
            (0.0, 30_000.0, 0.0, 10.0),
        ]
    ]


# calling it off ------------------------------------------------------------------------------


def test_a_cancelled_order_costs_a_share_of_what_was_paid():
    chunk, seen = bought(
        make_book(make_mine()), {0: [("buy_own", 10.0)], 15: [("close", 1.0)]}, [14, 15, 40]
    )
    assert seen[0] == pytest.approx((80_000.0, 20_000.0, 10.0, 0.0))
    # 20,000 were paid: 40 % of it stays with the maker
    assert seen[1] == pytest.approx((92_000.0, 0.0, 0.0, 0.0))
    assert seen[2] == pytest.approx((92_000.0, 0.0, 0.0, 0.0))
    assert entry(chunk, "mine", "slippage")[0] == pytest.approx(-8_000.0)
    assert entry(chunk, "mine", "forgiven")[0] == 0.0


def test_an_instalment_that_stays_unpaid_is_a_default_with_its_cause():
    book = make_book(make_mine(), usd=15_000.0)
    chunk, seen = bought(book, {0: [("buy_own", 10.0)]}, [9, 10, 14, 15])
    assert seen[0][0] == pytest.approx(5_000.0)
    assert seen[1][0] == pytest.approx(0.0, abs=1e-9)  # half of the second is paid
    # Day 15: cancelled. Of 20,000 due so far 12,000 come back, and the 5,000 are settled from it.
    assert seen[3] == pytest.approx((7_000.0, 0.0, 0.0, 0.0))
    assert chunk.books["defaulted_s"][0] == 15 * DAY_S
    assert chunk.books["default_cause"][0] == 3.0  # power, hosting, machines
    assert chunk.books["owed/mine/machines"][0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(15_000.0 - 8_000.0)


# at market -----------------------------------------------------------------------------------


def test_machines_at_market_on_order_move_with_the_market_at_the_price_agreed():
    price = [3_000.0] * 5 + [2_000.0] * 40
    mine = make_mine({"asset": "own"})
    book = make_book(mine, own_usd=price)
    chunk, seen = bought(book, {0: [("buy_own", 10.0)]}, [4, 5, 10, 30])
    assert [row[0] for row in seen] == pytest.approx([90_000.0, 90_000.0, 80_000.0, 70_000.0])
    assert [row[1] for row in seen] == pytest.approx([-20_000.0, -20_000.0, -10_000.0, 0.0])
    assert chunk.ledger.values("mine")["market"][0] == pytest.approx(-10_000.0)
    assert chunk.books["wealth"][0] == pytest.approx(70_000.0 + 10 * 2_000.0)
    assert seat(chunk, "mine").held["own"][0] == 10.0


def test_what_is_paid_above_the_market_is_slippage_and_below_it_a_bargain():
    for paid, slippage in ((3_300.0, -3_000.0), (2_900.0, 1_000.0)):
        mine = make_mine({"asset": "own", "price_usd": paid})
        chunk, seen = bought(make_book(mine, own_usd=3_000.0), {0: [("buy_own", 10.0)]}, [0, 30])
        assert seen[0][0] == pytest.approx(1e5 - 10 * paid / 3)
        assert seen[1][0] == pytest.approx(1e5 - 10 * paid)
        assert entry(chunk, "mine", "slippage")[0] == pytest.approx(slippage)
        assert chunk.books["wealth"][0] == pytest.approx(1e5 + slippage)


def test_walking_away_from_machines_worth_less_than_is_owed_leaves_the_rest_with_the_maker():
    price = [3_000.0] * 5 + [500.0] * 40
    mine = make_mine({"asset": "own"})
    chunk, seen = bought(
        make_book(mine, own_usd=price), {0: [("buy_own", 10.0)], 15: [("close", 1.0)]}, [14, 15]
    )
    # 20,000 paid, 10,000 still to pay, machines worth 5,000: all paid is lost, 5,000 forgiven
    assert seen[1] == pytest.approx((80_000.0, 0.0, 0.0, 0.0))
    assert entry(chunk, "mine", "forgiven")[0] == pytest.approx(5_000.0)
    assert chunk.books["wealth"][0] == pytest.approx(80_000.0)
    assert chunk.ledger.values("mine")["market"][0] == pytest.approx(-25_000.0)


# selling and scrapping -----------------------------------------------------------------------


def held_batch(**changes):
    batch = {"count": 10, "lead_s": 0.0, "instalments": 1, "resale_cost": 0.1, "scrap_usd": 40.0}
    return make_mine({**batch, **changes})


def test_sold_are_healthy_machines_at_book_value_less_the_cost_of_reselling():
    chunk = opened(make_book(held_batch()))
    told(chunk, "mine", "sell_own", 4.0)
    assert chunk.books["wallet/usd"][0] == pytest.approx(1e5 + 4 * 2_700.0)
    assert entry(chunk, "mine", "slippage")[0] == pytest.approx(-1_200.0)
    assert seat(chunk, "mine").held["usd"][0] == pytest.approx(18_000.0)
    seat(chunk, "mine").state["own_broken"][:] = 5.0
    told(chunk, "mine", "sell_own", 99.0)  # one is whole
    assert seat(chunk, "mine").state["own_owned"][0] == 5.0


def test_scrapped_are_broken_machines_first_for_their_scrap_value():
    chunk = opened(make_book(held_batch()))
    seat(chunk, "mine").state["own_broken"][:] = 3.0
    told(chunk, "mine", "scrap_own", 4.0)
    state = seat(chunk, "mine").state
    assert (state["own_owned"][0], state["own_broken"][0]) == (6.0, 0.0)
    assert chunk.books["wallet/usd"][0] == pytest.approx(1e5 + 160.0)
    assert entry(chunk, "mine", "depreciation")[0] == pytest.approx(-4 * 2_960.0)


def test_scrap_never_brings_more_than_machines_stand_for():
    chunk = opened(make_book(held_batch(age_s="100d")))  # written off
    told(chunk, "mine", "scrap_own", 10.0)
    assert chunk.books["wallet/usd"][0] == 1e5
    assert chunk.books["wealth"][0] == 1e5


def test_whole_machines_are_bought_as_far_as_the_wallet_and_the_site_go():
    mine = make_mine({"instalments": 1, "lead_s": 0.0})
    chunk = opened(make_book(mine, usd=10_000.0))
    told(chunk, "mine", "buy_own", 7.0)
    assert seat(chunk, "mine").state["own_owned"][0] == 3.0
    assert chunk.books["wallet/usd"][0] == pytest.approx(1_000.0)
    # 0.0165 MW carry five machines of 3 kW at a PUE of 1.1
    small = make_mine({"instalments": 1, "lead_s": 0.0}, pue=1.1, site_mw=0.0165)
    chunk = opened(make_book(small))
    told(chunk, "mine", "buy_own", 2.5)
    assert seat(chunk, "mine").state["own_owned"][0] == 2.0
    told(chunk, "mine", "buy_own", 9.0)
    assert seat(chunk, "mine").state["own_owned"][0] == 5.0


def test_the_opening_keeps_the_floor():
    """100,000 USD less 40,000: of thirty machines at 3,000 twenty, instalments to come counted."""
    mine = make_mine({"count": 30}, held=False, cash_floor_usd=40_000.0)
    found = gauges(opened(make_book(mine)), "mine")
    assert found["own_ordered"] == pytest.approx(20.0)


def test_machines_on_order_take_their_place_on_the_site():
    other = {**BATCH, "model": "other", "lead_s": 0.0, "instalments": 1}
    mine = make_mine(site_mw=0.015)
    mine = replace(
        mine, fleet=replace(mine.fleet, machines=(*mine.fleet.machines, Machines(**other)))
    )
    chunk = opened(make_book(mine))
    told(chunk, "mine", "buy_own", 3.0)
    told(chunk, "mine", "buy_other", 9.0)  # 15 kW carry two more of 3 kW
    state = seat(chunk, "mine").state
    assert (state["own_ordered"][0], state["other_owned"][0]) == (3.0, 2.0)


def test_new_machines_make_the_batch_younger():
    chunk = opened(make_book(make_mine({"count": 10, "lead_s": 0.0, "instalments": 1})))
    seat(chunk, "mine").state["own_age_s"][:] = 90 * DAY_S
    told(chunk, "mine", "buy_own", 20.0)
    assert seat(chunk, "mine").state["own_age_s"][0] == pytest.approx(30 * DAY_S)


@pytest.mark.parametrize("asset", [None, "own"])
def test_the_books_close_whatever_is_ordered(asset):
    price = 3_000.0 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.1, (60, 40)), axis=0))
    mine = make_mine({"asset": asset, "resale_cost": 0.2, "scrap_usd": 30.0, "count": 3})
    book = make_book(mine, days=59, usd=60_000.0, own_usd=list(price))
    verbs = ("buy_own", "sell_own", "scrap_own", "buy_own", "close")

    def watch(chunk):
        if chunk.now.step % 5 == 0:
            verb = verbs[chunk.now.step // 5 % 5 if chunk.now.step < 45 else 0]
            told(chunk, "mine", verb, 6.0, mask=np.arange(40) % 3 == chunk.now.step % 3)

    chunk = played(book, n_paths=40, watchers=[watch])
    assert chunk.ledger.check() < 1e-12
    assert np.all(chunk.books["wallet/usd"] >= 0.0)
