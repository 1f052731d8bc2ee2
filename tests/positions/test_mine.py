"""
Sources of expected values: the closed formula of a mine's income in exact fractions; the break-even
power prices of the hashprice of 14 July 2026; Poisson variances; and sums written out.
"""

import doctest
from fractions import Fraction

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.position import Order
from headframe.positions import mine as module
from headframe.positions.mine import Mine
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.studies.compare import alternatives

DAY_S, HOUR_S, YEAR_S = 86_400.0, 3_600.0, 31_536_000.0
SATOSHI = 1e-8
DIFFICULTY, SUBSIDY, FEES = 1.2e14, 3.125, 0.0625
S21 = {"model": "s21", "count": 1000, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
PRICED = {**S21, "price_usd": 2699.0}
FIXED = {"kind": "fixed", "usd_per_mwh": 50.0}
CLOSED_S = 1e17
"""Any time later than this has not come."""


def make_mine(**changes):
    usual = {
        "name": "mine",
        "fleet": {"machines": [S21]},
        "held": {},
        "pool": {"kind": "fpps", "fee": 0.015},
        "power": FIXED,
        "difficulty": DIFFICULTY,
        "subsidy": SUBSIDY,
        "fees": FEES,
    }
    return Mine(**{k: v for k, v in {**usual, **changes}.items() if v is not ...})


def make_book(mine, *, processes=(), wallet=None, days=30, volatility=0.0, **rest):
    btc = GBM(name="btc_usd", start=60_000.0, volatility=volatility)
    return Book(
        name="test",
        scenario=Model(processes=(btc, *processes)),
        wallet={"usd": 1e7} if wallet is None else wallet,
        positions=(mine,),
        horizon_s=days * DAY_S,
        **rest,
    )


def run(book, n_paths=3, watchers=(), seed=1):
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=seed))
    play(chunk, book.n_steps, watchers)
    return chunk


def act(chunk, verb, amount=1.0, mask=None):
    """Tell the mine something on the paths of a mask, between two steps."""
    seat = chunk.positions[0]
    mask = np.ones(chunk.paths.n_paths, np.bool_) if mask is None else mask
    order = Order(position="mine", verb=verb, mask=mask, amount=amount)
    seat.position.act(seat.state, order, chunk.now, seat.account)
    chunk.hold()


def at(step, do):
    """A watcher that does something at one step."""

    def watch(chunk):
        if chunk.now.step == step:
            do(chunk)

    return watch


def state(chunk, row):
    return chunk.positions[0].state[row]


def quantity(chunk, line):
    return chunk.books[f"quantity/mine/{line}"]


def exact_coins(seconds, *, th_s=200_000, fee=Fraction(15, 1000), difficulty=DIFFICULTY):
    hashes = Fraction(th_s) * 10**12 * Fraction(seconds)
    reward = Fraction(SUBSIDY) + Fraction(FEES)
    return hashes / (Fraction(difficulty) * 2**32) * reward * (1 - fee)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# coins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("every_s", [None, HOUR_S, 7 * DAY_S])
def test_to_the_satoshi_of_the_formula(every_s):
    chunk = run(make_book(make_mine(every_s=every_s), days=364))
    coins = exact_coins(364 * 86_400)
    assert coins > 30  # so that a satoshi is a sharp bound
    assert chunk.books["wallet/btc"] == pytest.approx(float(coins), abs=SATOSHI / 2)
    gross = float(coins / (1 - Fraction(15, 1000)))
    assert quantity(chunk, "reward/btc/cash") == pytest.approx(gross, abs=SATOSHI / 2)
    assert quantity(chunk, "fee/btc/cash") == pytest.approx(-0.015 * gross, abs=SATOSHI / 2)
    assert state(chunk, "mined_coins") == pytest.approx(float(coins), abs=SATOSHI / 2)


def test_an_hourly_mine_makes_a_daily_book_step_by_the_hour():
    book = make_book(make_mine(every_s="1h"), days=10)
    assert book.n_steps == 240
    chunk = run(book)
    assert chunk.books["wallet/btc"] == pytest.approx(float(exact_coins(864_000)), abs=SATOSHI / 2)
    assert state(chunk, "used_mwh") == pytest.approx(3.5 * 240)


def test_uptime_pue_age_and_several_models():
    old = {
        "model": "s9",
        "count": 50,
        "hashrate_th_s": 13.5,
        "efficiency_j_per_th": 98.0,
        "uptime": 0.9,
        "age_s": "3y",
        "degradation_per_year": 0.1,
    }
    fleet = {"machines": [S21, old], "pue": 1.25}
    chunk = run(make_book(make_mine(fleet=fleet), days=1))
    th_s = 200_000 + 50 * 13.5 * 0.9 * 0.9**3
    kw = 1.25 * (3_500 + 50 * 1.323 * 0.9)
    assert state(chunk, "work_th") == pytest.approx(th_s * DAY_S, rel=1e-12)
    assert state(chunk, "energy_kwh") == pytest.approx(kw * 24, rel=1e-12)
    faded = 200_000 + 50 * 13.5 * 0.9 * 0.9 ** (3 + 1 / 365)
    assert state(chunk, "capacity_th_s") == pytest.approx(faded, rel=1e-12)


@pytest.mark.parametrize(("j_per_th", "cents_per_kwh"), [(17.5, 7.37), (29.5, 4.37), (98.0, 1.32)])
def test_break_even_power_price_of_july_2026(j_per_th, cents_per_kwh):
    # 30.953 USD per PH/s and day at 0.00049730 BTC per PH/s and day.
    coins_per_ph_day, hashprice = 0.00049730, 30.953
    difficulty = (SUBSIDY + FEES) * 86_400e15 / (coins_per_ph_day * 2**32)
    machines = {**S21, "efficiency_j_per_th": j_per_th}
    mine = make_mine(fleet={"machines": [machines]}, difficulty=difficulty, pool={"kind": "solo"})
    btc = Constant(name="btc_usd", value=hashprice / coins_per_ph_day)
    book = Book(name="b", scenario=Model(processes=(btc,)), positions=(mine,), horizon_s=DAY_S)
    chunk = run(book)
    assert state(chunk, "hashprice_usd_per_ph_day") == pytest.approx(hashprice, rel=1e-12)
    usd_per_mwh = state(chunk, "break_even_usd_per_mwh")
    assert usd_per_mwh / 10 == pytest.approx(cents_per_kwh, abs=0.005)
    assert state(chunk, "margin_usd_per_mwh") == pytest.approx(usd_per_mwh - 50.0)
    uneconomic = usd_per_mwh[0] < 50.0
    assert (state(chunk, "uneconomic_s")[0] == 0.0) == uneconomic


def test_at_the_break_even_price_the_mine_earns_nothing():
    probe = run(make_book(make_mine(), days=1))
    strike = float(state(probe, "break_even_usd_per_mwh")[0])
    power = {"kind": "fixed", "usd_per_mwh": strike}
    chunk = run(make_book(make_mine(power=power), days=90))
    values = chunk.ledger.values("mine")
    assert values["reward"] + values["fee"] == pytest.approx(-values["power"], rel=1e-9)


# luck ----------------------------------------------------------------------------------------


def lucky_coins(pool, n_paths=8_000, days=50):
    # About 0.011 of our blocks a day: 0.56 over the horizon.
    machines = {**S21, "count": 330}
    mine = make_mine(fleet={"machines": [machines]}, pool=pool)
    chunk = run(make_book(mine, days=days), n_paths=n_paths)
    blocks = float(exact_coins(days * 86_400, th_s=66_000, fee=Fraction(0))) / (SUBSIDY + FEES)
    return chunk.books["wallet/btc"] / (SUBSIDY + FEES), blocks


def check_poisson(found, mean, share):
    """Counts times share: mean l, variance l share; within 4 standard errors of both."""
    n, rate = found.size, mean / share
    assert abs(found.mean() - mean) < 4 * np.sqrt(mean * share / n)
    fourth = rate * (1 + 3 * rate) * share**4  # E (N - l)^4 of a Poisson count
    bound = 4 * np.sqrt((fourth - (mean * share) ** 2) / n)
    assert abs(found.var() - mean * share) < bound


def test_solo_blocks_are_poisson_with_variance_l_b_squared():
    found, blocks = lucky_coins({"kind": "solo"})
    assert 0.4 < blocks < 0.7
    check_poisson(found, blocks, 1.0)
    assert np.all(found == np.round(found))  # whole blocks
    assert abs(np.mean(found == 0) - np.exp(-blocks)) < 4 * 0.5 / np.sqrt(found.size)


@pytest.mark.parametrize("others_eh_s", [0.066, 10.0])
def test_pplns_has_the_variance_of_the_pool(others_eh_s):
    found, blocks = lucky_coins({"kind": "pplns", "fee": 0.0, "others_eh_s": others_eh_s})
    share = 0.066 / (0.066 + others_eh_s)
    check_poisson(found, blocks, share)


def test_a_large_pool_is_nearly_fpps_and_a_fee_is_a_fee():
    found, blocks = lucky_coins({"kind": "pplns", "fee": 0.25, "others_eh_s": 500.0})
    assert found.std() < 0.02 * blocks
    assert found.mean() == pytest.approx(0.75 * blocks, rel=2e-3)


def test_a_mine_that_stands_still_finds_nothing():
    mine = make_mine(pool={"kind": "pplns", "fee": 0.0, "others_eh_s": 100.0})
    chunk = run(make_book(mine), watchers=[at(0, lambda c: act(c, "run", 0.0))])
    assert np.all(chunk.books["wallet/btc"] == 0.0)
    assert np.all(state(chunk, "used_mwh") == 0.0)


# energy --------------------------------------------------------------------------------------


def test_energy_is_accounted_for():
    watch = [at(10, lambda c: act(c, "run", 0.25)), at(20, lambda c: act(c, "run", 7.0))]
    chunk = run(make_book(make_mine(), days=30), watchers=watch)
    mwh = 3.5 * 24 * (10 + 0.25 * 10 + 10)
    assert state(chunk, "used_mwh") == pytest.approx(mwh, rel=1e-12)
    assert quantity(chunk, "power/usd/held") == pytest.approx(-50.0 * mwh, rel=1e-12)
    assert np.all(state(chunk, "shutdown_s") > CLOSED_S)  # never quite off


def test_the_index_is_that_of_the_end_or_with_day_ahead_of_the_beginning():
    class Ramp:
        """Power at 10 USD per MWh times the number of the step."""

        name, every_s = "ramp", None
        fields = reads = reads_before = normals = uniforms = ()
        publishes = ("grid_usd_per_mwh",)

        def wire(self, layout, dt_s):
            return None

        def open(self, state, now):
            now.world["grid_usd_per_mwh"] = 0.0

        def step(self, state, before, now):
            now.world["grid_usd_per_mwh"] = 10.0 * now.step

        def expectation(self, t_s):
            return {}

    for day_ahead, expected in ((False, 10 + 20 + 30), (True, 0 + 10 + 20)):
        power = {
            "kind": "indexed",
            "spot_usd_per_mwh": "grid_usd_per_mwh",
            "adder_usd_per_mwh": 5.0,
            "day_ahead": day_ahead,
        }
        chunk = run(make_book(make_mine(power=power), processes=(Ramp(),), days=3))
        bill = 3.5 * 24 * (expected + 3 * 5.0)
        assert quantity(chunk, "power/usd/held") == pytest.approx(-bill)
        assert state(chunk, "power_usd_per_mwh") == pytest.approx(35.0)


@pytest.mark.parametrize(
    ("load", "spot", "usd_per_hour", "marginal"),
    [
        # 5 MW block at 40, sell-back at spot - 2, above it spot + 3; the fleet takes 3.5 MW.
        (1.0, 60.0, 5 * 40 - 1.5 * 58, 58.0),
        (0.0, 60.0, 5 * 40 - 5.0 * 58, 58.0),
        (0.5, 60.0, 5 * 40 - 3.25 * 58, 58.0),
        (0.0, -20.0, 5 * 40 + 5.0 * 22, -22.0),
    ],
)
def test_a_block_is_taken_or_sold(load, spot, usd_per_hour, marginal):
    power = {
        "kind": "block",
        "block_mw": 5.0,
        "usd_per_mwh": 40.0,
        "spot_usd_per_mwh": spot,
        "adder_usd_per_mwh": 3.0,
        "sell_cost_usd_per_mwh": 2.0,
    }
    watch = [at(0, lambda c: act(c, "run", load))]
    chunk = run(make_book(make_mine(power=power), days=1), watchers=watch)
    assert quantity(chunk, "power/usd/held") == pytest.approx(-24 * usd_per_hour)
    assert state(chunk, "power_usd_per_mwh") == pytest.approx(marginal)
    assert state(chunk, "sold_mwh") == pytest.approx(24 * (5.0 - 3.5 * load))


def test_above_the_block_power_costs_spot_and_the_adder():
    power = {
        "kind": "block",
        "block_mw": 2.0,
        "usd_per_mwh": 40.0,
        "spot_usd_per_mwh": 60.0,
        "adder_usd_per_mwh": 3.0,
        "sell_cost_usd_per_mwh": 2.0,
    }
    chunk = run(make_book(make_mine(power=power), days=1))
    assert quantity(chunk, "power/usd/held") == pytest.approx(-24 * (2 * 40 + 1.5 * 63))
    # standing still saves 1.5 MW at 63 and sells 2 MW at 58
    assert state(chunk, "power_usd_per_mwh") == pytest.approx((1.5 * 63 + 2 * 58) / 3.5)


def test_a_supplier_that_owes_us_pays_in_cash():
    power = {"kind": "indexed", "spot_usd_per_mwh": -30.0, "adder_usd_per_mwh": 5.0}
    chunk = run(make_book(make_mine(power=power), wallet={}, days=45))
    assert chunk.books["wallet/usd"] == pytest.approx(3.5 * 720 * 25.0)
    assert quantity(chunk, "power/usd/cash") == pytest.approx(3.5 * 720 * 25.0)
    assert chunk.ledger.values("mine")["power"] == pytest.approx(3.5 * 1080 * 25.0)


# bills ---------------------------------------------------------------------------------------


def test_bills_come_monthly_and_are_paid_from_the_wallet():
    seen = []

    def watch(chunk):
        seen.append((chunk.books["wallet/usd"][0], chunk.positions[0].held["usd"][0]))

    fleet = {"machines": [S21], "site_usd_per_day": 800.0}
    run(make_book(make_mine(fleet=fleet), days=61), watchers=[watch])
    day = 3.5 * 24 * 50.0 + 800.0
    for step, (wallet, held) in enumerate(seen):
        billed = step // 30 * 30
        assert wallet == pytest.approx(1e7 - billed * day)
        assert held == pytest.approx(-(step - billed) * day)


def test_an_unpaid_bill_is_a_default_with_its_cause():
    fleet = {"machines": [{**PRICED, "resale_cost": 0.2}], "site_usd_per_day": 10.0}
    mine = make_mine(fleet=fleet, held=..., grace_s="10d")
    chunk = run(make_book(mine, wallet={"usd": 2_699_000.0}, days=60))
    assert np.all(chunk.books["defaulted_s"] == 40 * DAY_S)  # billed on day 30, payable in ten
    assert np.all(chunk.books["default_cause"] == 1.0)  # the first due: power
    assert np.all(state(chunk, "open") == 0.0)
    assert np.all(chunk.positions[0].held.data == 0.0)
    # The machines were sold, both bills and what was not yet billed were paid from that.
    book_value = 2_699_000.0 * (1 - 40 / 1460)
    owed = 40 * (3.5 * 24 * 50.0 + 10.0)
    coins = float(exact_coins(40 * 86_400)) * 60_000.0
    assert chunk.books["wealth"] == pytest.approx(0.8 * book_value - owed + coins, rel=1e-12)
    for due in ("power", "hosting"):
        assert np.all(chunk.books[f"owed/mine/{due}"] == 0.0)


def test_what_a_failed_mine_cannot_pay_is_the_creditors_loss():
    fleet = {"machines": [S21], "site_usd_per_day": 50_000.0}  # the machines are worth nothing
    chunk = run(make_book(make_mine(fleet=fleet), wallet={}, days=60))
    assert np.all(chunk.books["defaulted_s"] == 45 * DAY_S)
    assert chunk.books["wealth"] == pytest.approx(0.0, abs=1e-6)
    assert np.all(chunk.books["wealth"] > -1e-6)
    owed = 45 * (3.5 * 24 * 50.0 + 50_000.0)
    coins = float(exact_coins(45 * 86_400)) * 60_000.0 * (1 - 0.001)
    assert chunk.ledger.values("mine")["forgiven"] == pytest.approx(owed - coins, rel=1e-9)


def test_a_failed_path_settles_every_bill_at_once():
    # Coins pay the power bill on day 30 but not the site; closing then sends one more power bill.
    fleet = {"machines": [S21], "site_usd_per_day": 50_000.0}
    book = make_book(make_mine(fleet=fleet), wallet={}, days=45, cash_sources=("btc",))
    chunk = run(book)
    assert np.all(chunk.books["defaulted_s"] == 45 * DAY_S)
    assert np.all(chunk.books["default_cause"] == 2.0)  # the second due: hosting
    for due in ("power", "hosting"):
        assert np.all(chunk.books[f"owed/mine/{due}"] == 0.0)
    assert chunk.books["wealth"] == pytest.approx(0.0, abs=1e-6)


def test_a_paid_bill_leaves_the_next_one_its_grace():
    # Coins are sold for each day's bill, and now and then 1e-12 USD of it is left.
    mine = make_mine(billing_s="1d")
    left = np.zeros(500, np.bool_)

    def watch(chunk):
        owed = chunk.books["owed/mine/power"]
        left[:] |= (owed < 0.0) & (owed > -1e-9)

    book = make_book(mine, wallet={}, days=40, volatility=0.6, cash_sources=("btc",))
    chunk = run(book, n_paths=500, watchers=[watch])
    paid = chunk.books["owed/mine/power"] > -1e-9
    assert np.any(left & paid)
    assert np.all(chunk.books["deadline/mine/power"][paid] == (40 + 15) * DAY_S)


# machines ------------------------------------------------------------------------------------


def test_a_purchase_is_capitalised_and_depreciated_on_a_straight_line():
    machines = {**PRICED, "life_s": "100d", "salvage": 0.1}
    mine = make_mine(fleet={"machines": [machines]}, held=..., power={**FIXED, "usd_per_mwh": 0})
    seen = []
    watch = [lambda c: seen.append(c.positions[0].held["usd"][0])]
    chunk = run(make_book(mine, days=150), watchers=watch)
    paid = 2_699_000.0
    for day, book_value in enumerate(seen):
        assert book_value == pytest.approx(paid * (1 - 0.9 * min(day / 100, 1.0)), rel=1e-9)
    assert chunk.books["wallet/usd"] == pytest.approx(1e7 - paid)
    assert quantity(chunk, "depreciation/usd/held") == pytest.approx(-0.9 * paid)
    assert chunk.ledger.values("mine")["principal"] == pytest.approx(0.0, abs=1e-6)


def test_machines_at_market_are_an_asset_with_a_price():
    price = GBM(name="s21_usd", start=3_000.0, volatility=0.5)
    machines = {**S21, "asset": "s21", "price_usd": 3_300.0, "resale_cost": 0.1}
    mine = make_mine(fleet={"machines": [machines]}, held=..., power={**FIXED, "usd_per_mwh": 0})
    book = make_book(mine, processes=(price,), days=20)
    chunk = run(book, n_paths=50)
    now = chunk.now.world["s21_usd"]
    values = chunk.ledger.values("mine")
    assert np.std(now) > 100.0
    assert values["market"] == pytest.approx(1000.0 * (now - 3_000.0), rel=1e-9)
    assert values["slippage"] == pytest.approx(-300_000.0)
    assert np.all(values["depreciation"] == 0.0)
    before = chunk.books["wallet/usd"].copy()
    act(chunk, "close")
    assert chunk.books["wallet/usd"] - before == pytest.approx(900.0 * now)
    chunk.mark()
    chunk.ledger.check()


def test_without_a_price_paid_machines_at_market_cost_the_market():
    price = Constant(name="s21_usd", value=3_000.0)
    mine = make_mine(fleet={"machines": [{**S21, "asset": "s21"}]}, held=...)
    chunk = run(make_book(mine, processes=(price,), wallet={"usd": 750_000.0}, days=1))
    assert state(chunk, "s21_owned") == pytest.approx(250.0)  # as far as the wallet goes
    assert chunk.books["wallet/usd"] == pytest.approx(0.0, abs=1e-6)


def test_held_machines_cost_nothing_and_stand_at_what_is_left_of_their_price():
    machines = {**PRICED, "age_s": "1y", "salvage": 0.2}
    held = {"entry_date": "2025-06-01", "entry_value": 2.7e6, "power_unbilled_usd": 5_000.0}
    chunk = run(make_book(make_mine(fleet={"machines": [machines]}, held=held), days=1))
    worth = 2_699_000.0 * (1 - 0.8 / 4)
    assert chunk.books["opening"] == pytest.approx(1e7 + worth - 5_000.0)
    assert np.all(quantity(chunk, "principal/usd/cash") == 0.0)
    assert chunk.positions[0].position.deposit is None
    assert chunk.positions[0].position.held.entry_date == "2025-06-01"


def test_breakdowns_losses_and_repairs_have_their_means():
    machines = {
        **PRICED,
        "count": 200,
        "failures_per_year": 2.0,
        "repair_s": "20d",
        "repair_usd": 150.0,
        "losses_per_year": 0.3,
        "life_s": "4y",
    }
    mine = make_mine(fleet={"machines": [machines]}, power={**FIXED, "usd_per_mwh": 0})
    n = 2_000
    chunk = run(make_book(mine, days=365), n_paths=n)
    fails, loses, mends = (1 - np.exp(-rate) for rate in (2 / 365, 0.3 / 365, 1 / 20))
    owned, broken, failures = 200.0, 0.0, 0.0
    for _ in range(365):
        healthy = owned - broken
        failed = healthy * fails
        owned -= (healthy - failed) * loses
        broken += failed - broken * mends
        failures += failed
    # Machines are independent: owned and broken are binomial, breakdowns nearly Poisson.
    for found, mean, variance in (
        (state(chunk, "s21_owned"), owned, owned * (1 - owned / 200)),
        (state(chunk, "s21_broken"), broken, broken * (1 - broken / 200)),
        (-quantity(chunk, "hosting/usd/held") / 150.0, failures, failures),
    ):
        assert abs(found.mean() - mean) < 4 * np.sqrt(variance / n)
        assert abs(found.var() / variance - 1) < 4 * np.sqrt(2 / n)
    whole = state(chunk, "s21_owned") - state(chunk, "s21_broken")
    assert state(chunk, "capacity_th_s") == pytest.approx(200.0 * whole)
    assert state(chunk, "s21_book_usd") == pytest.approx(
        state(chunk, "s21_owned") * 2699.0 * (1 - 365 / 1460)
    )


def test_a_single_machine_is_whole_or_broken_or_gone():
    machines = {**PRICED, "count": 1, "failures_per_year": 20.0, "losses_per_year": 20.0}
    chunk = run(make_book(make_mine(fleet={"machines": [machines]}), days=60), n_paths=500)
    owned, broken = state(chunk, "s21_owned"), state(chunk, "s21_broken")
    assert set(np.unique(owned)) == {0.0, 1.0}
    assert set(np.unique(broken)) == {0.0, 1.0}
    assert np.all(broken <= owned)
    assert np.all(state(chunk, "capacity_th_s") >= 0.0)


# orders --------------------------------------------------------------------------------------


def test_closing_sells_the_machines_and_has_the_bills_sent():
    fleet = {"machines": [{**PRICED, "resale_cost": 0.1}], "site_usd_per_day": 100.0}
    half = np.array([True, False, True, False])
    watch = [at(12, lambda c: act(c, "close", mask=half))]
    chunk = run(make_book(make_mine(fleet=fleet), days=25), n_paths=4, watchers=watch)
    book_value = 2_699_000.0 * (1 - 12 / 1460)
    paid = 12 * (3.5 * 24 * 50.0 + 100.0)
    assert chunk.books["wallet/usd"][half] == pytest.approx(1e7 + 0.9 * book_value - paid)
    assert chunk.books["wallet/btc"][half] == pytest.approx(float(exact_coins(12 * 86_400)))
    assert np.all(chunk.positions[0].held.data[:, half] == 0.0)
    assert np.all(state(chunk, "capacity_th_s")[half] == 0.0)
    assert np.all(state(chunk, "used_mwh")[~half] == pytest.approx(3.5 * 24 * 25))


def test_a_closed_mine_can_be_bought_again():
    def reopen(chunk):
        seat = chunk.positions[0]
        everywhere = np.ones(chunk.paths.n_paths, np.bool_)
        order = Order(position="mine", verb="open", mask=everywhere, amount=0.5)
        seat.position.open(seat.state, order, chunk.now, seat.account)
        chunk.hold()

    mine = make_mine(fleet={"machines": [PRICED]}, held=...)
    watch = [
        at(5, lambda c: act(c, "run", 0.0)),
        at(10, lambda c: act(c, "close")),
        at(20, reopen),
    ]
    chunk = run(make_book(mine, days=30), watchers=watch)
    assert state(chunk, "used_mwh") == pytest.approx(3.5 * 24 * (5 + 0.5 * 10))
    assert np.all(state(chunk, "shutdown_s") == 5 * DAY_S)
    assert state(chunk, "s21_age_s") == pytest.approx(10 * DAY_S)


def test_nothing_from_nothing():
    fleet = {"machines": [{**PRICED, "count": 0, "failures_per_year": 1.0}]}
    for held in (..., {}):
        mine = make_mine(fleet=fleet, held=held, pool={"kind": "solo"})
        chunk = run(make_book(mine, days=40, volatility=0.5))
        for kind, value in chunk.ledger.values("mine").items():
            assert np.all(value == 0.0), kind
        assert np.all(chunk.positions[0].state["margin_usd_per_mwh"] == 0.0)


# what is seen --------------------------------------------------------------------------------


def test_gauges_of_a_mine_at_half_load():
    watch = [at(3, lambda c: act(c, "run", 0.5))]
    chunk = run(make_book(make_mine(), days=4), watchers=watch)
    seat = chunk.positions[0]
    seat.position.gauge(seat.state, chunk.now, seat.gauges)
    gauge = {name: seat.gauges[name][0] for name in seat.gauges.rows}
    assert gauge["on"] == 0.5
    assert gauge["machines"] == 1000.0
    assert gauge["work_th_s"] == 100_000.0
    assert gauge["power_mw"] == 1.75
    per_day = float(exact_coins(86_400)) * 60_000.0
    assert gauge["break_even_usd_per_mwh"] == pytest.approx(per_day / (3.5 * 24))
    assert gauge["margin_usd_per_day"] == pytest.approx(per_day - 3.5 * 24 * 50.0)
    assert gauge["mined_coins"] == pytest.approx(3.5 * per_day / 60_000.0)
    assert gauge["unbilled_usd"] == pytest.approx(3.5 * 3.5 * 24 * 50.0)


def test_exposure_counts_the_output_of_the_hedge_horizon():
    chunk = run(make_book(make_mine(hedge_horizon_s="30d"), days=2))
    seat = chunk.positions[0]
    held = seat.held.data.copy()
    seat.position.exposure(seat.state, chunk.now, seat.held)
    assert seat.held["btc"] == pytest.approx(float(exact_coins(30 * 86_400)))
    assert np.all(seat.held["usd"] == held[0])


def test_the_mean_difficulty_pays_the_work_and_the_difficulty_now_sets_the_price():
    mine = make_mine(mean_difficulty=DIFFICULTY / 2, hedge_horizon_s="1d")
    chunk = run(make_book(mine, days=1))
    plain = run(make_book(make_mine(), days=1))
    assert chunk.books["wallet/btc"] == pytest.approx(2 * plain.books["wallet/btc"])
    for row in ("hashprice_usd_per_ph_day", "break_even_usd_per_mwh"):
        assert np.all(state(chunk, row) == state(plain, row))
    seat = chunk.positions[0]
    seat.position.exposure(seat.state, chunk.now, seat.held)
    assert seat.held["btc"] == pytest.approx(float(exact_coins(86_400)))


def test_a_mine_can_be_compared_with_buying_the_coin():
    assert alternatives(make_book(make_mine())) == []
    book = make_book(make_mine(fleet={"machines": [PRICED]}, held=...), volatility=0.5)
    (other,) = alternatives(book)
    assert other.name == "buying the coin"
    chunk = run(other, n_paths=50)
    coins = 2_699_000.0 * (1 - 0.003) / 60_000.0
    growth = coins * (chunk.now.world["btc_usd"] - 60_000.0)
    cost = 0.003 * 2_699_000.0
    gained = chunk.books["wealth"] - chunk.books["opening"]
    assert gained == pytest.approx(growth - cost, abs=1e-6 * 2_699_000.0)


def test_the_numeraire_may_be_the_coin():
    usd = run(make_book(make_mine(), days=40, volatility=0.8), n_paths=20)
    btc = run(make_book(make_mine(), days=40, volatility=0.8, numeraire="btc"), n_paths=20)
    price = usd.now.world["btc_usd"]
    assert btc.books["wealth"] * price == pytest.approx(usd.books["wealth"], rel=1e-12)


@pytest.mark.parametrize("pool", ["fpps", "pplns", "solo"])
def test_the_books_close_on_every_path_whatever_happens(pool):
    pools = {
        "fpps": {"kind": "fpps", "fee": 0.02},
        "pplns": {"kind": "pplns", "fee": 0.02, "others_eh_s": 5.0},
        "solo": {"kind": "solo"},
    }
    machines = {
        **PRICED,
        "failures_per_year": 3.0,
        "losses_per_year": 0.5,
        "repair_usd": 200.0,
        "resale_cost": 0.3,
    }
    market = {**machines, "model": "m60", "asset": "m60", "count": 300}
    mine = make_mine(
        fleet={"machines": [machines, market], "site_usd_per_day": 3_000.0},
        held=...,
        pool=pools[pool],
        power={
            "kind": "block",
            "block_mw": 4.0,
            "usd_per_mwh": 45.0,
            "spot_usd_per_mwh": "grid_usd_per_mwh",
        },
    )
    grid = GBM(name="grid_usd_per_mwh", start=45.0, volatility=2.0)
    price = GBM(name="m60_usd", start=2_500.0, volatility=0.6)
    book = make_book(
        mine,
        processes=(grid, price),
        wallet={"usd": 3_700_000.0, "btc": 1.0},
        volatility=1.0,
        days=200,
        cash_sources=("btc",),
    )
    some = np.arange(400) % 7 == 0
    chunk = run(book, n_paths=400, watchers=[at(50, lambda c: act(c, "close", mask=some))])
    failed = chunk.books["defaulted_s"] < CLOSED_S
    assert 0.02 < failed.mean() < 0.98
    assert not np.any(failed[some & (chunk.books["defaulted_s"] > 50 * DAY_S)])
    assert chunk.ledger.check() < 1e-12
    assert np.all(np.isfinite(chunk.books.data))
    assert np.all(chunk.books["wallet/usd"] >= 0.0)


# refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"held": ...}, "give price_usd"),
        ({"coin": "usd"}, "coin must be neither"),
        ({"fleet": {"machines": []}}, "machines"),
        ({"fleet": {"machines": [S21, S21]}}, "s21 stands twice"),
        ({"fleet": {"machines": [{**S21, "efficiency_j_per_th": 0.0}]}}, "efficiency_j_per_th"),
        ({"fleet": {"machines": [{**S21, "uptime": 1.2}]}}, "uptime"),
        ({"fleet": {"machines": [{**S21, "asset": "usd"}]}}, "own name"),
        ({"fleet": {"machines": [S21], "pue": 0.9}}, "pue"),
        ({"pool": {"kind": "fpps", "fee": 1.0}}, "fee"),
        ({"pool": {"kind": "pplns", "fee": 0.0}}, "others_eh_s"),
        ({"pool": {"kind": "pps"}}, "pps"),
        ({"power": {"kind": "block", "block_mw": 0.0}}, "block_mw"),
        ({"power": {"usd_per_mwh": 50.0}}, "kind"),
        ({"difficulty": 0.0}, "difficulty\n.*a number above 0"),
        ({"mean_difficulty": -1.0}, "mean_difficulty\n.*a number above 0"),
        ({"subsidy": -3.125}, "subsidy\n.*0 or more"),
        ({"fees": -0.1}, "fees\n.*0 or more"),
    ],
)
def test_impossible_mines_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        make_mine(**changes)


def test_a_purchase_beyond_the_wallet_is_refused():
    mine = make_mine(fleet={"machines": [PRICED]}, held=...)
    with pytest.raises(InputError, match=r"position\.mine\.deposit\.usd"):
        make_book(mine, wallet={"usd": 2_698_999.0})


def test_a_network_that_nobody_publishes_is_refused():
    with pytest.raises(InputError, match="btc_chain_difficulty"):
        make_book(make_mine(difficulty=...))
