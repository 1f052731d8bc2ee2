"""
Loops, flash loans, staked tokens and their oracles.

Sources of expected values: the geometric sum of a loop; sums written out by hand; the constant
product's own formula for the impact of a swap; the definition of an exchange rate.
"""

import doctest
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.loop import step
from headframe.position import Order
from headframe.positions import redemption as module
from headframe.positions.aave_v3 import AaveV3
from headframe.positions.lending import Lending
from headframe.positions.morpho_blue import MorphoBlue
from headframe.report.answer import run
from headframe.types import NEVER_S
from headframe.venues.aave_reserve import AaveReserve
from headframe.venues.morpho_market import MorphoMarket


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def looped(**changes):
    """Staked ether against ether, in the efficiency mode that lenders have for it."""
    usual = {
        "name": "loop",
        "supply": ({"asset": "wsteth", "ltv": 0.93, "threshold": 0.95, "bonus": 0.01},),
        "borrow": ({"asset": "eth"},),
        "deposit": {"wsteth": 100.0},
        "leverage": 8.0,
        "swap_cost": 0.0,
    }
    return AaveV3(**(usual | changes))


def world(discounts, rate=1.2):
    """A staked token at discounts to its exchange rate, and what an exchange-rate oracle says."""
    prices = [rate * (1.0 - d) for d in discounts]
    return {
        "eth_usd": 2_000.0,
        "wsteth_eth": prices,
        "wsteth_reported_ratio": [1.0 / (1.0 - d) for d in discounts],
    }


def by_rate(**changes):
    """The same, its oracle reading the exchange rate."""
    supply = {"asset": "wsteth", "ltv": 0.93, "threshold": 0.95, "bonus": 0.01}
    supply["oracle"] = "wsteth_reported_ratio"
    return looped(supply=(supply,), **changes)


def play(position, discounts, **rest):
    return played(scripted(position, values=world(discounts), wallet={"wsteth": 100.0}, **rest))


def liquidated(chunk, name="loop"):
    return bool(seat(chunk, name).state["liquidated_s"][0] < NEVER_S)


def test_a_depeg_liquidates_by_the_market_and_nobody_by_the_exchange_rate():
    """8 times: a debt of 7/8 is called at a discount above 1 - 0.875/0.95 = 7.89 %."""
    for discount, called in ((0.075, False), (0.082, True)):
        assert liquidated(play(looped(), [0.0, discount])) is called
        assert not liquidated(play(by_rate(), [0.0, discount]))
    assert gauges(play(by_rate(), [0.0, 0.5]), "loop")["health"] == pytest.approx(0.95 / 0.875)


def test_leaving_during_a_depeg_costs_the_discount_times_the_leverage():
    """Equity 100 wstETH at 8 times: a discount of 5 % costs 40 % of the equity."""
    chunk = opened(scripted(by_rate(), values=world([0.0]), wallet={"wsteth": 100.0}))
    told(chunk, "loop", "close")
    assert chunk.books["wealth"][0] == pytest.approx(240_000.0)
    chunk = play(by_rate(), [0.0, 0.05])
    told(chunk, "loop", "close")
    assert chunk.books["wealth"][0] == pytest.approx(240_000.0 * (1.0 - 8.0 * 0.05))


def test_the_queue_gives_the_exchange_rate_turn_by_turn():
    """At health h each turn redeems C - h D / T; counted by hand beside it, from 800 and 700."""
    way = {"into": "eth", "ratio": "wsteth_reported_ratio", "queue_days": 3.0, "health": 1.02}
    chunk = play(by_rate(redemption=way), [0.0] + [0.05] * 1)
    told(chunk, "loop", "redeem")
    collateral, debt, turns = 800.0, 700.0, 0
    while debt > 0.0:
        taken = collateral - 1.02 * debt / 0.95
        collateral, debt, turns = collateral - taken, debt - taken, turns + 1
    state = seat(chunk, "loop").state
    first = 800.0 - 1.02 * 700.0 / 0.95
    assert state["queued"][0] == pytest.approx(first)
    assert turns > 5
    book = scripted(
        by_rate(redemption=way),
        values=world([0.0] + [0.05] * (3 * turns + 12)),
        wallet={"wsteth": 100.0},
        policies=(Redeem(),),
    )
    done = played(book)
    state = seat(done, "loop").state
    assert state["debt_eth"][0] == pytest.approx(0.0, abs=1e-9)
    assert state["supplied_wsteth"][0] == pytest.approx(0.0, abs=1e-9)
    # nothing of the discount is lost: 100 wstETH at their exchange rate
    assert done.books["wallet/eth"][0] == pytest.approx(120.0, rel=1e-9)
    assert entry(done, "loop", "payout")[0] == pytest.approx(800.0 * 1.2 * 0.05 * 2_000.0, rel=1e-9)


class Redeem:
    """Asks for the redemption on the first day, and never again."""

    kind, name, every_s, lag_s, fields, trades, reads = "redeem", "out", None, 0.0, (), (), ()
    needs = (("loop", (), ("redeem",)),)

    def wire(self, layout, dt_s):
        return None

    def open(self, state, view, now):
        return None

    def decide(self, state, view, now):
        mask = np.ones(now.world.n_paths, np.bool_)
        return (Order(position="loop", verb="redeem", mask=mask),) if now.step == 1 else ()


def test_the_coin_of_a_redemption_is_what_is_owed():
    with pytest.raises(ValidationError, match="must be the first borrowed asset, eth"):
        looped(redemption={"into": "usdc", "queue_days": 3.0})


def test_the_oracle_decides_who_is_called():
    """Below the market by a tenth it calls a sound loan; what is taken is booked as a penalty."""
    terms = {"asset": "wsteth", "ltv": 0.93, "threshold": 0.95, "bonus": 0.01}
    for ratio, called in ((0.9, True), (1.0, False), (3.0, False)):
        values = world([0.0]) | {"seen_by_aave": [1.0, ratio]}
        loop = looped(supply=(terms | {"oracle": "seen_by_aave"},))
        chunk = played(scripted(loop, values=values, wallet={"wsteth": 100.0}))
        assert liquidated(chunk) is called
        # wealth has lost what the entry says that the liquidator gained, and nothing besides
        gone = entry(chunk, "loop", "penalty")[0]
        assert bool(gone < 0.0) is called
        assert chunk.books["wealth"][0] == pytest.approx(240_000.0 + gone)


@pytest.mark.parametrize("back", [False, True])
def test_a_call_waits_for_keepers(back):
    """On 12 March 2020 nobody came: called on the first day, liquidated when somebody is there."""
    values = world([0.0, 0.1, 0.1]) | {"somebody_is_there": [1.0, 0.0, 1.0 if back else 0.0]}
    lent = MorphoBlue(
        name="lent",
        collateral_asset="wsteth",
        loan_asset="eth",
        lltv=0.945,
        deposit={"wsteth": 100.0},
        leverage=8.0,
        swap_cost=0.0,
        keepers="somebody_is_there",
    )
    for position in (looped(keepers="somebody_is_there"), lent):
        chunk = played(scripted(position, values=values, wallet={"wsteth": 100.0}))
        state = seat(chunk, position.name).state
        assert state["min_health"][0] < 1.0
        assert state["liquidated_s"][0] == (2 * 86_400.0 if back else NEVER_S)


def test_nobody_liquidates_where_the_market_pays_less_than_the_debt():
    """Interest takes the health below 1 by the exchange rate; at half price nobody buys."""
    dear = {"borrow": ({"asset": "eth", "borrow_apr": 36.5},)}
    for discount, called in ((0.0, True), (0.5, False)):
        chunk = play(by_rate(**dear), [0.0, discount])
        assert gauges(chunk, "loop")["health"] < 1.0 or called
        assert liquidated(chunk) is called


def test_a_flash_loan_costs_its_fee_and_nothing_else():
    """Loan of 7 on 1: with a fee f assets are L times equity, so the fee is f/(1+f) of the loan."""
    plain = opened(scripted(looped(), values=world([0.0]), wallet={"wsteth": 100.0}))
    dear = opened(scripted(looped(flash_fee=0.0005), values=world([0.0]), wallet={"wsteth": 100.0}))
    lent = seat(dear, "loop").state["debt_eth"][0]
    assert entry(plain, "loop", "fee")[0] == 0.0
    assert entry(dear, "loop", "fee")[0] == pytest.approx(-lent * 2_000.0 * 0.0005 / 1.0005)
    assert gauges(dear, "loop")["leverage"] == pytest.approx(8.0)
    opening = entry(dear, "loop", "fee")[0]
    owed = lent * 2_000.0
    told(dear, "loop", "close")
    assert entry(dear, "loop", "fee")[0] - opening == pytest.approx(-0.0005 * owed)
    assert dear.books["wealth"][0] == pytest.approx(240_000.0 + entry(dear, "loop", "fee")[0])


def test_a_loop_pays_gas_for_each_turn_and_a_flash_loan_once():
    values = world([0.0])
    for loops, transactions in ((0, 1), (4, 5)):
        terms = {"loops": loops, "ltv": 0.9} if loops else {"leverage": 4.0}
        terms = {"leverage": 1.0} | terms
        position = looped(gas_usd=3.0, **terms)
        chunk = opened(scripted(position, values=values, wallet={"wsteth": 100.0}))
        assert entry(chunk, "loop", "gas")[0] == pytest.approx(-3.0 * transactions)


def test_small_swaps_move_a_pool_less_than_one_large_one():
    """Each of n equal-leverage turns pays b / (b + depth) of its own part only."""
    terms = {"swap_cost": 0.0, "pool_usd": 4e6, "ltv": 0.8, "leverage": 1.0}
    turns = looped(**terms, loops=3)
    chunk = opened(scripted(turns, values=world([0.0]), wallet={"wsteth": 100.0}))
    parts = [240_000.0 * 0.8**k for k in (1, 2, 3)]
    lost = sum(b * b / (b + 2e6) for b in parts)
    assert entry(chunk, "loop", "slippage")[0] == pytest.approx(-lost, rel=1e-9)
    once = looped(**(terms | {"ltv": 0.0, "leverage": turns.multiple()}))
    other = opened(scripted(once, values=world([0.0]), wallet={"wsteth": 100.0}))
    whole = sum(parts)
    assert entry(other, "loop", "slippage")[0] == pytest.approx(
        -(whole**2) / (whole + 2e6), rel=1e-9
    )


def test_own_size_moves_the_price_on_the_way_out_too():
    position = looped(pool_usd=4e6, leverage=1.0)
    chunk = opened(scripted(position, values=world([0.0]), wallet={"wsteth": 100.0}))
    told(chunk, "loop", "close")
    assert entry(chunk, "loop", "slippage")[0] == pytest.approx(-(240_000.0**2) / (240_000.0 + 2e6))


def test_morpho_loops_with_the_same_costs():
    loan = MorphoBlue(
        name="loop",
        collateral_asset="wsteth",
        loan_asset="eth",
        lltv=0.945,
        deposit={"wsteth": 100.0},
        leverage=8.0,
        swap_cost=0.0,
        flash_fee=0.0005,
    )
    chunk = opened(scripted(loan, values=world([0.0]), wallet={"wsteth": 100.0}))
    lent = seat(chunk, "loop").state["debt_eth"][0]
    assert entry(chunk, "loop", "fee")[0] == pytest.approx(-lent * 2_000.0 * 0.0005 / 1.0005)
    turns = replace(loan, leverage=1.0, ltv=0.9, loops=2, gas_usd=3.0)
    chunk = opened(scripted(turns, values=world([0.0]), wallet={"wsteth": 100.0}))
    assert entry(chunk, "loop", "gas")[0] == pytest.approx(-9.0)
    assert entry(chunk, "loop", "fee")[0] == 0.0


RESERVE = {
    "name": "pool",
    "asset": "usdc",
    "supplied": 90_000.0,
    "curve": {"slope1_apr": 0.0, "slope2_apr": 0.0, "optimal": 0.9, "reserve_factor": 0.1},
}
"""A reserve of 90,000 of others', without interest: sums stay whole."""


def in_reserve(borrowed, **changes):
    """10,000 supplied and 4,000 of ether borrowed on them, in a reserve that others empty."""
    account = {
        "name": "loop",
        "supply": ({"asset": "usdc", "ltv": 0.8, "threshold": 0.85, "market": "pool"},),
        "borrow": ({"asset": "eth"},),
        "held": {"supplied": {"usdc": 10_000.0}, "borrowed": {"eth": 2.0}},
        "swap_cost": 0.0,
    }
    values = {"eth_usd": 2_000.0, "usdc_usd": 1.0, "usdc_others_borrowed": borrowed}
    values |= {name: [0.0] for name in ("pool_is_paused", "pool_is_frozen")}
    values |= {k: v for k, v in changes.items() if k in values}
    terms = {k: v for k, v in changes.items() if k not in values}
    reserve = AaveReserve(
        **RESERVE,
        borrowed="usdc_others_borrowed",
        paused="pool_is_paused",
        frozen="pool_is_frozen",
        **terms,
    )
    return scripted(
        AaveV3(**account), values=values, venues=(reserve,), wallet={"usdc": 5_000.0}, n_steps=6
    )


def test_full_utilisation_lets_out_what_there_is_and_the_rest_waits():
    """All lent out, then 6,000 in cash, then 50,000: nothing, six tenths, the rest."""
    chunk = opened(in_reserve([100_000.0, 100_000.0, 94_000.0, 50_000.0]))
    told(chunk, "loop", "close")
    state = seat(chunk, "loop").state
    left = []
    for _ in range(3):
        left.append(state["supplied_usdc"][0])
        step(chunk)
    assert left == pytest.approx([10_000.0, 10_000.0, 4_000.0])
    assert state["supplied_usdc"][0] == 0.0
    assert state["debt_eth"][0] == 0.0
    assert chunk.books["wallet/usd"][0] == pytest.approx(6_000.0)
    assert state["blocked_s"][0] == 0.0
    assert state["hours_blocked"][0] == pytest.approx(72.0)


def test_a_withdrawal_gets_what_cash_there_is_and_is_counted():
    chunk = opened(in_reserve([99_000.0]))
    told(chunk, "loop", "withdraw", amount=3_000.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(6_000.0)
    assert seat(chunk, "loop").state["blocked_s"][0] == 0.0


@pytest.mark.parametrize("flag", ["pool_is_paused", "pool_is_frozen"])
def test_pauses_and_freezes(flag):
    """Paused, nothing moves; frozen, no new supply, and the way out is open."""
    chunk = opened(in_reserve([50_000.0], **{flag: [1.0]}))
    told(chunk, "loop", "supply", amount=1_000.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(5_000.0)
    assert seat(chunk, "loop").state["blocked_s"][0] == 0.0
    told(chunk, "loop", "withdraw", amount=1_000.0)
    moved = 0.0 if flag == "pool_is_paused" else 1_000.0
    assert chunk.books["wallet/usdc"][0] == pytest.approx(5_000.0 + moved)


def test_caps_cut_what_is_supplied_and_borrowed():
    chunk = opened(in_reserve([50_000.0], supply_cap=100_400.0))
    told(chunk, "loop", "supply", amount=1_000.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(4_600.0)
    assert seat(chunk, "loop").state["blocked_s"][0] == 0.0
    reserve = {**RESERVE, "asset": "eth", "supplied": 100.0, "borrowed": 10.0, "borrow_cap": 10.5}
    account = AaveV3(
        name="loop",
        supply=({"asset": "usdc", "ltv": 0.8, "threshold": 0.85},),
        borrow=({"asset": "eth", "market": "pool"},),
        held={"supplied": {"usdc": 10_000.0}, "borrowed": {"eth": 0.0}},
    )
    values = {"eth_usd": 2_000.0, "usdc_usd": 1.0}
    chunk = opened(scripted(account, values=values, venues=(AaveReserve(**reserve),)))
    told(chunk, "loop", "borrow", amount=2.0)
    assert chunk.books["wallet/eth"][0] == pytest.approx(0.5)
    assert seat(chunk, "loop").state["blocked_s"][0] == 0.0


def test_morpho_lends_what_it_has_and_says_where_it_was_cut():
    loan = MorphoBlue(
        name="loop",
        collateral_asset="eth",
        loan_asset="usdc",
        lltv=0.86,
        held={"collateral": 10.0, "debt": 0.0},
        market="blue",
    )
    market = MorphoMarket(name="blue", asset="usdc", supplied=50_000.0, borrowed=47_000.0)
    values = {"eth_usd": 2_000.0, "usdc_usd": 1.0}
    chunk = opened(scripted(loan, values=values, venues=(market,)))
    told(chunk, "loop", "borrow", amount=5_000.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(3_000.0)
    assert seat(chunk, "loop").state["blocked_s"][0] == 0.0


def test_a_lender_gets_his_money_piece_by_piece():
    lender = Lending(name="loop", asset="usdc", held={"supplied": 10_000.0}, market="pool")
    values = {"usdc_usd": 1.0, "usdc_others_borrowed": [100_000.0, 97_000.0, 60_000.0]}
    reserve = AaveReserve(**RESERVE, borrowed="usdc_others_borrowed")
    book = scripted(lender, values=values, venues=(reserve,), n_steps=3, cash="usdc")
    chunk = opened(book)
    told(chunk, "loop", "close")
    paid = [chunk.books["wallet/usdc"][0]]
    for _ in range(2):
        step(chunk)
        paid.append(chunk.books["wallet/usdc"][0])
    assert paid == pytest.approx([0.0, 3_000.0, 10_000.0])
    assert seat(chunk, "loop").state["hours_blocked"][0] == pytest.approx(48.0)


def test_the_report_tells_of_it():
    book = in_reserve([100_000.0])
    answer = run(book.with_(policies=(CloseAtOnce(),)), n_paths=1, seed=1, executor="serial")
    told_of = answer.json()["positions"]["loop"]
    assert told_of["events"]["blocked"]["probability"] == 1.0
    assert told_of["extremes"]["hours_blocked"]["mean"] == pytest.approx(5 * 24.0)


class CloseAtOnce(Redeem):
    """Wants out on the first day."""

    needs = (("loop", (), ("close",)),)

    def decide(self, state, view, now):
        mask = np.ones(now.world.n_paths, np.bool_)
        return (Order(position="loop", verb="close", mask=mask),) if now.step == 1 else ()
