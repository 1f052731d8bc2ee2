"""
Sources of expected values: health factors of Aave's documentation (10,000 at 80 % against 6,000 is
1.3333) and of Blacktide's example (10 ETH at 2,000 against 10,000 is 1.6); `headframe.analytics`
(liquidation price, first passage); Aave v3.7's liquidation rule written out.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.analytics import first_passage, liquidation_price
from headframe.book import Book
from headframe.positions import loan as module
from headframe.positions.loan import Loan
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.types import NEVER_S
from headframe.units import DAY_S, YEAR_S

HELD = {"collateral": 10.0, "debt": 10_000.0}


def loan(**changes):
    usual = {
        "name": "loan",
        "collateral_asset": "eth",
        "debt_asset": "usdc",
        "held": HELD,
        "threshold": 0.8,
    }
    return Loan(**{k: v for k, v in (usual | changes).items() if v is not ...})


def play_loan(eth, wallet=None, usdc=1.0, **changes):
    values = {"eth_usd": eth, "usdc_usd": usdc}
    return played(scripted(loan(**changes), values=values, wallet=wallet))


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("collateral", "debt", "eth", "health"),
    [(5.0, 6_000.0, 2_000.0, 4 / 3), (10.0, 10_000.0, 2_000.0, 1.6)],
)
def test_published_health_factors(collateral, debt, eth, health):
    chunk = play_loan([eth] * 2, held={"collateral": collateral, "debt": debt})
    assert gauges(chunk, "loan")["health"] == pytest.approx(health, rel=1e-12)


def test_liquidation_price_of_a_long_and_of_a_short():
    long = float(
        liquidation_price.lending_long(
            collateral_quantity=10.0, debt_usd=10_000.0, liquidation_threshold=0.8
        )
    )
    assert long == 1_250.0
    assert gauges(play_loan([2_000.0] * 2), "loan")["liquidation_price"] == pytest.approx(long)
    for price, lost in ((1_250.1, False), (1_249.9, True)):
        chunk = play_loan([2_000.0, price])
        assert (seat(chunk, "loan").state["liquidated_s"][0] < NEVER_S) == lost
    short = {"collateral_asset": "usdc", "debt_asset": "eth"}
    held = {"collateral": 10_000.0, "debt": 3.0}
    for price, lost in ((2_666.6, False), (2_666.7, True)):
        chunk = play_loan([2_000.0, price], held=held, **short)
        assert (seat(chunk, "loan").state["liquidated_s"][0] < NEVER_S) == lost


def test_a_loan_opened_at_a_ratio_pays_the_money_out():
    values = {"eth_usd": [2_000.0, 1_000.1], "usdc_usd": 1.0}
    book = scripted(
        loan(held=..., deposit={"eth": 10.0}, ltv=0.4), values=values, wallet={"eth": 10.0}
    )
    chunk = opened(book)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(8_000.0)
    assert chunk.books["wallet/eth"][0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(20_000.0)
    assert gauges(chunk, "loan")["ltv"] == pytest.approx(0.4)
    assert book.positions[0].liquidation_price_ratio() == pytest.approx(0.5)
    assert seat(played(book), "loan").state["liquidated_s"][0] == NEVER_S


def test_half_of_the_debt_goes_while_health_is_above_the_full_threshold():
    """At 1,240: health 0.992, 5,000 repaid, 5,000 x 1.05 / 1,240 taken; health is then 1.14."""
    chunk = play_loan([2_000.0, 1_240.0])
    state = seat(chunk, "loan").state
    assert state["borrowed"][0] == pytest.approx(5_000.0)
    assert state["pledged"][0] == pytest.approx(10.0 - 5_250.0 / 1_240.0)
    assert entry(chunk, "loan", "penalty")[0] == pytest.approx(-250.0)
    assert state["min_health"][0] == pytest.approx(0.992)
    left = (12_400.0 - 5_250.0) * 0.8 / 5_000.0
    assert state["health"][0] == pytest.approx(left)


def test_all_of_the_debt_goes_below_it():
    """At 1,150: health 0.92; 10,000 repaid, 10,500 taken, 1,000 left."""
    chunk = play_loan([2_000.0, 1_150.0])
    state = seat(chunk, "loan").state
    assert state["borrowed"][0] == 0.0
    assert state["pledged"][0] * 1_150.0 == pytest.approx(1_000.0)
    assert entry(chunk, "loan", "penalty")[0] == pytest.approx(-500.0)


def test_a_debt_without_collateral_is_the_lenders_loss():
    """At 900: all 9,000 taken for 9,000 / 1.05; the rest of the 10,000 is written off."""
    chunk = play_loan([2_000.0, 900.0])
    state = seat(chunk, "loan").state
    assert state["borrowed"][0] == state["pledged"][0] == 0.0
    assert entry(chunk, "loan", "forgiven")[0] == pytest.approx(10_000.0 - 9_000.0 / 1.05)
    assert chunk.books["wealth"][0] == pytest.approx(0.0, abs=1e-9)


def test_liquidations_go_on_until_the_loan_is_healthy():
    """Threshold 0.95 and bonus 4 %: at health 0.99 half a liquidation makes it worse."""
    terms = {"threshold": 0.95, "bonus": 0.04, "full_below": 0.9}
    chunk = play_loan([2_000.0, 0.99 * 10_000 / 0.95 / 10], **terms)
    state = seat(chunk, "loan").state
    assert state["health"][0] >= 1.0
    half = 10_000.0 / 2
    assert state["borrowed"][0] < half


def test_the_chance_of_liquidation_watched_daily():
    """Health 1.6, 80 %, 90 days, against the quadrature: bound 4 standard errors."""
    exact = first_passage.monitored_down(
        barrier_ratio=0.625, volatility=0.8, price_drift=0.0, years=90 / 365, dates=90
    )
    processes = (
        GBM(name="eth_usd", start=2_000.0, volatility=0.8),
        Constant(name="usdc_usd", value=1.0),
    )
    book = Book(
        name="model",
        scenario=Model(processes=processes),
        positions=(loan(),),
        horizon_s=90 * DAY_S,
    )
    n = 20_000
    times = seat(played(book, n_paths=n), "loan").state["liquidated_s"]
    se = math.sqrt(exact[-1] * (1 - exact[-1]) / n)
    assert abs(np.mean(times < NEVER_S) - exact[-1]) < 4 * se
    assert 0.25 < exact[-1] < 0.2960659209  # watched without pause it is a little more


def test_both_sides_accrue():
    chunk = play_loan([2_000.0] * 4, borrow_apr=0.2, supply_apr=0.05)
    state, dt = seat(chunk, "loan").state, DAY_S / YEAR_S
    assert state["borrowed"][0] == pytest.approx(10_000 * (1 + 0.2 * dt) ** 3, rel=1e-14)
    assert state["pledged"][0] == pytest.approx(10 * (1 + 0.05 * dt) ** 3, rel=1e-14)


@pytest.mark.parametrize("target", [1.7, 2.5])
def test_delevering_reaches_the_target_after_its_costs(target):
    chunk = play_loan([2_000.0] * 2, swap_cost=0.01, gas_usd=30.0)
    before = gauges(chunk, "loan")
    told(chunk, "loan", "delever", target)
    after = gauges(chunk, "loan")
    assert after["health"] == pytest.approx(target, rel=1e-12)
    sold = before["collateral"] - after["collateral"]
    assert 0.99 * sold - 30.0 == pytest.approx(before["debt"] - after["debt"])
    told(chunk, "loan", "delever", 1.2)
    assert gauges(chunk, "loan") == after


def test_adding_and_repaying_take_no_more_than_the_wallet_has():
    chunk = play_loan([2_000.0] * 2, wallet={"eth": 3.0, "usdc": 4_000.0, "usd": 1.0})
    told(chunk, "loan", "add", 5.0)
    told(chunk, "loan", "repay", 1_000.0)
    assert gauges(chunk, "loan")["supplied_eth"] == pytest.approx(13.0)
    assert gauges(chunk, "loan")["debt_usdc"] == pytest.approx(9_000.0)
    told(chunk, "loan", "repay", 1e9)
    assert gauges(chunk, "loan")["debt_usdc"] == pytest.approx(6_000.0)
    assert chunk.books["wallet/usdc"][0] == chunk.books["wallet/eth"][0] == 0.0


def test_closing_sells_repays_and_pays_out():
    chunk = play_loan([2_000.0] * 2, swap_cost=0.01, gas_usd=5.0)
    told(chunk, "loan", "close")
    assert chunk.books["wallet/usd"][0] == pytest.approx(20_000 * 0.99 - 5 - 10_000)
    under = play_loan([2_000.0, 1_150.0], threshold=0.9, full_below=0.0)
    told(under, "loan", "close")
    assert under.books["wealth"][0] >= 0.0


def test_alternatives_hold_the_coins():
    others = loan(held=..., deposit={"eth": 3.0}, ltv=0.5).alternatives()
    assert others["simply holding"][0].asset == "eth"
    assert loan().alternatives() == {}


def test_a_loan_that_would_be_liquidated_at_once_is_refused():
    with pytest.raises(ValueError, match="not below the liquidation threshold"):
        loan(held=..., deposit={"eth": 1.0}, ltv=0.85)


@pytest.mark.parametrize("eth", [[2_000.0, 0.0, 2_000.0], [2_000.0, 1e200, 0.0], [1e-200] * 2])
@pytest.mark.parametrize("usdc", [1.0, [1.0, 0.0, 1.0]])
def test_extreme_prices_stay_finite(eth, usdc):
    chunk = play_loan(eth, usdc=usdc, borrow_apr=5.0, gas_usd=1.0, wallet={"usd": 1.0})
    for verb, amount in (("delever", 3.0), ("close", 1.0)):
        told(chunk, "loan", verb, amount)
    for block in (chunk.books, seat(chunk, "loan").state):
        assert np.isfinite(block.data).all()
