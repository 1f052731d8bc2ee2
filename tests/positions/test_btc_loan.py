"""
A loan against bitcoin: calls, cure, liquidation, interest and repayment by date, the sums written
out.
"""

import doctest

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions import btc_loan as module
from headframe.positions.btc_loan import BtcLoan
from headframe.positions.staking import Staking
from headframe.types import NEVER_S
from headframe.units import DAY_S, YEAR_S

START = 60_000.0


def loan(**changes):
    usual = {
        "name": "loan",
        "deposit": {"btc": 1.0},
        "ltv": 0.5,
        "interest_every_s": None,
        "margin_call_ltv": 0.7,
        "cure_ltv": 0.6,
        "liquidation_ltv": 0.8,
        "cure_s": "2d",
        "swap_cost": 0.0,
    }
    return BtcLoan(**{k: v for k, v in (usual | changes).items() if v is not ...})


def play_loan(btc, wallet=None, watchers=(), rest=None, **changes):
    book = scripted(
        loan(**changes),
        values={"btc_usd": btc},
        wallet={"btc": 1.0} | (wallet or {}),
        **(rest or {}),
    )
    return played(book, watchers=watchers)


def log(chunk_log):
    def watch(chunk):
        state = seat(chunk, "loan").state
        chunk_log.append(
            {
                "btc": float(chunk.books["wallet/btc"][0]),
                "usd": float(chunk.books["wallet/usd"][0]),
                "wealth": float(chunk.books["wealth"][0]),
                "called": float(-chunk.books["owed/loan/margin_call"][0]),
                "ltv": float(state["ltv"][0]),
                "pledged": float(state["pledged"][0]),
            }
        )

    return watch


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_money_goes_to_the_wallet_less_the_fee():
    chunk = opened(scripted(loan(fee=0.02), values={"btc_usd": START}, wallet={"btc": 1.5}))
    assert chunk.books["wallet/usd"][0] == pytest.approx(30_000.0 - 600.0)
    assert chunk.books["wallet/btc"][0] == 0.5
    assert chunk.books["wealth"][0] == pytest.approx(90_000.0 - 600.0)
    assert gauges(chunk, "loan")["ltv"] == 0.5


def test_a_call_is_for_what_brings_the_loan_to_its_cure_and_is_paid_from_the_wallet():
    """At 41,000 the ratio is 0.7317: 30,000 / (0.6 x 41,000) - 1 = 0.21951 BTC are called."""
    days = []
    chunk = play_loan([START, 41_000.0, 41_000.0], wallet={"btc": 1.5}, watchers=(log(days),))
    called = 30_000.0 / (0.6 * 41_000.0) - 1.0
    assert days[1]["btc"] == pytest.approx(0.5 - called)
    assert days[1]["called"] == 0.0
    assert days[2]["ltv"] == pytest.approx(0.6)
    assert seat(chunk, "loan").state["margin_called_s"][0] == DAY_S
    assert seat(chunk, "loan").state["liquidated_s"][0] == NEVER_S


def test_a_call_alone_changes_nobodys_wealth():
    days = []
    play_loan([START, 41_000.0], watchers=(log(days),))
    assert days[1]["called"] == pytest.approx(0.219512195, abs=1e-9)
    assert days[1]["pledged"] == pytest.approx(1.219512195, abs=1e-9)
    assert days[1]["wealth"] == pytest.approx(41_000.0)


def test_a_call_unanswered_at_its_deadline_is_liquidated():
    days = []
    chunk = play_loan([START, *[41_000.0] * 4], watchers=(log(days),))
    state = seat(chunk, "loan").state
    assert state["liquidated_s"][0] == 3 * DAY_S
    assert [day["called"] > 0.0 for day in days] == [False, True, True, False, False]
    assert days[4]["usd"] == pytest.approx(30_000.0 + 41_000.0 - 30_000.0)
    assert chunk.books["defaulted_s"][0] == NEVER_S
    assert entry(chunk, "loan", "forgiven")[0] == pytest.approx(0.0, abs=1e-9)


def test_a_call_is_met_by_selling_what_the_book_names():
    days = []
    play_loan(
        [START, 41_000.0, 41_000.0],
        watchers=(log(days),),
        rest={"cash_sources": ("usd",), "trade_cost": 0.0},
    )
    called = 30_000.0 / (0.6 * 41_000.0) - 1.0
    assert days[1]["usd"] == pytest.approx(30_000.0 - called * 41_000.0)
    assert days[2]["ltv"] == pytest.approx(0.6)


def test_a_price_that_recovers_ends_the_call():
    days = []
    chunk = play_loan([START, 41_000.0, 50_000.0, 50_000.0, 50_000.0], watchers=(log(days),))
    assert days[1]["called"] > 0.0
    assert days[2]["called"] == 0.0
    assert days[4]["pledged"] == pytest.approx(1.0)
    assert seat(chunk, "loan").state["liquidated_s"][0] == NEVER_S


def test_a_fall_to_the_liquidation_ratio_is_liquidated_at_once():
    chunk = play_loan([START, 37_000.0], swap_cost=0.01)
    assert seat(chunk, "loan").state["liquidated_s"][0] == DAY_S
    assert chunk.books["wallet/usd"][0] == pytest.approx(30_000 + 37_000 * 0.99 - 30_000)


def test_without_recourse_a_gap_is_the_lenders_loss():
    chunk = play_loan([START, 20_000.0])
    assert entry(chunk, "loan", "forgiven")[0] == pytest.approx(10_000.0)
    assert chunk.books["wealth"][0] == pytest.approx(30_000.0)
    assert chunk.books["defaulted_s"][0] == NEVER_S


def test_with_recourse_the_wallet_pays_what_the_coins_do_not_cover():
    chunk = play_loan([START, 20_000.0, 20_000.0], recourse=True)
    assert entry(chunk, "loan", "forgiven")[0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(20_000.0)


def test_with_recourse_and_an_empty_wallet_the_path_defaults():
    def spend(chunk):
        if chunk.now.step == 0:
            told(chunk, "coins", "open", 30_000.0)

    coins = Staking(name="coins", asset="btc", deposit={"usd": 1.0}, exit_queue_days=300.0)
    book = scripted(
        loan(recourse=True, grace_s="1d"),
        coins,
        values={"btc_usd": [START, *[20_000.0] * 3]},
        wallet={"btc": 1.0, "usd": 1.0},
    )
    chunk = played(book, watchers=(spend,))
    assert chunk.books["defaulted_s"][0] == 2 * DAY_S
    assert entry(chunk, "loan", "forgiven")[0] == pytest.approx(10_000.0, rel=1e-3)
    assert (chunk.books["wallet/usd"] >= 0.0).all()


def test_interest_is_billed_and_paid():
    book = scripted(
        loan(apr=0.365, interest_every_s="5d"),
        values={"btc_usd": START},
        wallet={"btc": 1.0},
        n_steps=12,
    )
    days = []
    chunk = played(book, watchers=(log(days),))
    usd = [day["usd"] for day in days]
    assert usd[4] == 30_000.0
    assert usd[5] == usd[9] == pytest.approx(30_000.0 - 150.0)
    assert usd[10] == pytest.approx(30_000.0 - 300.0)
    assert entry(chunk, "loan", "interest")[0] == pytest.approx(-360.0)
    assert seat(chunk, "loan").state["accrued"][0] == pytest.approx(60.0)


def test_interest_that_is_added_compounds():
    chunk = play_loan([START] * 4, apr=0.1)
    expected = 30_000.0 * (1 + 0.1 * DAY_S / YEAR_S) ** 3
    assert seat(chunk, "loan").state["borrowed"][0] == pytest.approx(expected, rel=1e-14)


def test_unpaid_interest_without_recourse_costs_the_coins():
    def spend(chunk):
        if chunk.now.step == 0:
            chunk.ledger.trade("usd", "btc", np.array([1e9]), 0.0)
            chunk.mark()

    book = scripted(
        loan(apr=0.365, interest_every_s="2d", grace_s="1d", liquidation_ltv=0.95),
        values={"btc_usd": START},
        wallet={"btc": 1.0},
        n_steps=5,
    )
    chunk = played(book, watchers=(spend,))
    assert seat(chunk, "loan").state["liquidated_s"][0] == 3 * DAY_S
    assert chunk.books["wealth"][0] == pytest.approx(60_000.0 - 30.0 * 3)
    assert chunk.books["defaulted_s"][0] == NEVER_S


def test_a_loan_repaid_at_its_end_gives_the_coins_back():
    days = []
    chunk = play_loan(
        [START] * 6, apr=0.365, term_s="3d", wallet={"usd": 200.0}, watchers=(log(days),)
    )
    grown = 30_000.0 * 1.001**3
    assert days[3]["usd"] == pytest.approx(30_200.0 - grown)
    assert days[3]["btc"] == 0.0
    assert days[4]["btc"] == 1.0
    assert chunk.books["wealth"][0] == pytest.approx(90_200.0 - grown)


def test_a_loan_not_repaid_at_its_end_is_sold():
    days = []
    chunk = play_loan([START] * 8, apr=0.365, term_s="3d", grace_s="2d", watchers=(log(days),))
    assert seat(chunk, "loan").state["liquidated_s"][0] == 5 * DAY_S
    assert chunk.books["wealth"][0] == pytest.approx(90_000.0 - 30_000 * 1.001**3)
    assert days[4]["usd"] == 0.0


def test_repaying_and_adding_take_no_more_than_the_wallet_has():
    chunk = play_loan([START] * 2, wallet={"btc": 1.4})
    told(chunk, "loan", "add", 9.0)
    told(chunk, "loan", "repay", 1e9)
    assert seat(chunk, "loan").state["pledged"][0] == pytest.approx(1.4)
    assert seat(chunk, "loan").state["borrowed"][0] == 0.0
    assert chunk.books["wallet/btc"][0] == chunk.books["wallet/usd"][0] == 0.0


def test_a_loan_that_is_held_starts_as_it_is():
    held = {"collateral": 2.0, "debt": 50_000.0, "accrued": 500.0}
    chunk = play_loan([START] * 2, deposit=..., held=held, fee=0.05)
    assert chunk.books["opening"][0] == pytest.approx(START + 120_000.0 - 50_500.0)
    assert chunk.books["wealth"][0] == pytest.approx(START + 120_000.0 - 50_500.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ltv": 0.75}, "rise in this order"),
        ({"cure_ltv": 0.7}, "below margin_call_ltv"),
        ({"currency": "btc"}, "must differ"),
        ({"held": {"collateral": 1.0, "debt": 1.0}}, "either deposit"),
    ],
)
def test_what_no_loan_can_be_is_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        loan(**changes)


@pytest.mark.parametrize("btc", [[START, 0.0, START], [START, 1e-250, 1e200]])
@pytest.mark.parametrize("recourse", [False, True])
def test_extreme_prices_stay_finite(btc, recourse):
    chunk = play_loan(btc, recourse=recourse, apr=50.0, interest_every_s="1d")
    told(chunk, "loan", "close")
    for block in (chunk.books, seat(chunk, "loan").state):
        assert np.isfinite(block.data).all()
