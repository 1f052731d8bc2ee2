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

from headframe.positions import redemption as module
from headframe.positions.aave_v3 import AaveV3
from headframe.positions.morpho_blue import MorphoBlue
from headframe.types import NEVER_S


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
        from headframe.position import Order

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
