"""Sources of expected values: the coins of a mine by its closed formula, and sums written out."""

import doctest

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.policies import sell_mined as module
from headframe.policies.sell_mined import SellMined
from headframe.positions.mine import Mine
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenario import Paths
from headframe.scenarios.model import Model

DAY_S = 86_400.0
PRICE, COST = 60_000.0, 0.002
MACHINES = {"model": "s21", "count": 1000, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
COINS_PER_DAY = 200_000e12 * DAY_S / (1.2e14 * 2**32) * 3.2 * 0.99
BILL_PER_DAY = 3.5 * 24 * 50.0 + 1_000.0


def play_book(policy, *, days=30, wallet=None, volatility=0.0, n_paths=2, sources=()):
    mine = Mine(
        name="mine",
        fleet={"machines": [MACHINES], "site_usd_per_day": 1_000.0},
        held={},
        pool={"kind": "fpps", "fee": 0.01},
        power={"kind": "fixed", "usd_per_mwh": 50.0},
        difficulty=1.2e14,
        subsidy=3.125,
        fees=0.075,
    )
    price = (
        GBM(name="btc_usd", start=PRICE, volatility=volatility)
        if volatility
        else Constant(name="btc_usd", value=PRICE)
    )
    book = Book(
        name="test",
        scenario=Model(processes=(price,)),
        wallet=wallet or {},
        positions=(mine,),
        policies=(policy,),
        horizon_s=days * DAY_S,
        trade_cost=COST,
        cash_sources=sources,
    )
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=1))
    play(chunk, book.n_steps)
    return chunk


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_all_but_what_is_kept_is_sold_at_once():
    chunk = play_book(SellMined(name="s", position="mine", keep=0.5), days=20, wallet={"btc": 2.0})
    sold = 2.0 + 20 * COINS_PER_DAY - 0.5
    assert chunk.books["wallet/btc"] == pytest.approx(0.5, rel=1e-12)
    assert chunk.books["wallet/usd"] == pytest.approx(sold * PRICE * (1 - COST))
    assert np.all(chunk.books["clipped"] == 0.0)


def test_a_share_is_of_what_was_mined_and_not_of_what_was_there():
    rule = SellMined(name="s", position="mine", sell="share", share=0.25, every_s="5d")
    chunk = play_book(rule, days=22, wallet={"btc": 2.0})
    # The rule acts on day 5, 10, 15 and 20.
    assert chunk.books["wallet/btc"] == pytest.approx(2.0 + (22 - 0.25 * 20) * COINS_PER_DAY)
    assert chunk.books["wallet/usd"] == pytest.approx(5 * COINS_PER_DAY * PRICE * (1 - COST))


def test_a_floor_that_is_not_reached_stops_all_sales():
    chunk = play_book(SellMined(name="s", position="mine", keep=100.0), days=20)
    assert chunk.books["wallet/btc"] == pytest.approx(20 * COINS_PER_DAY)
    assert np.all(chunk.books["wallet/usd"] == 0.0)


def test_costs_are_covered_as_they_arise_and_no_more():
    rule = SellMined(name="s", position="mine", sell="costs", buffer=0.01)
    chunk = play_book(rule, days=29)
    usd = chunk.books["wallet/usd"]
    # Each day's sale brings the wallet to what is owed, times what the buffer leaves of the cost.
    assert usd == pytest.approx(29 * BILL_PER_DAY, rel=0.0081)
    assert np.all(usd >= 29 * BILL_PER_DAY)
    sold = 29 * COINS_PER_DAY - chunk.books["wallet/btc"]
    assert sold == pytest.approx(usd / PRICE / (1 - COST))


def test_a_mine_that_covers_its_costs_never_defaults_while_its_coins_last():
    wallet, market = {"btc": 20.0}, {"volatility": 0.6, "n_paths": 200}
    rule = SellMined(name="s", position="mine", sell="costs")
    covered = play_book(rule, days=120, wallet=wallet, **market)
    assert np.all(covered.books["defaulted_s"] > 1e17)
    assert np.all(covered.books["wallet/btc"] > 0.0)
    idle = SellMined(name="s", position="mine", keep=1e6)
    hoarding = play_book(idle, days=120, wallet=wallet, **market)
    assert np.all(hoarding.books["defaulted_s"] == 45 * DAY_S)


def test_money_at_hand_is_used_first():
    rule = SellMined(name="s", position="mine", sell="costs")
    chunk = play_book(rule, days=29, wallet={"usd": 29 * BILL_PER_DAY})
    assert chunk.books["wallet/btc"] == pytest.approx(29 * COINS_PER_DAY)


def test_a_rule_that_contradicts_itself_or_has_no_mine_is_refused():
    with pytest.raises(ValueError, match="give share"):
        SellMined(name="s", position="mine", sell="share")
    with pytest.raises(ValueError, match="give share"):
        SellMined(name="s", position="mine", share=0.5)
    with pytest.raises(ValueError, match="must differ"):
        SellMined(name="s", position="mine", money="btc")
    with pytest.raises(InputError, match=r"policy\.s\.position"):
        play_book(SellMined(name="s", position="farm"))
