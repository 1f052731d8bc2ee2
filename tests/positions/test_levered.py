"""
Sources of expected values: `headframe.analytics` (leverage, liquidation price, first passage,
loss-versus-rebalancing, all checked against papers there); Francium's 3x example (40 % of equity at
-36 %); OpenWorld's example (84.327 % debt ratio); sums written out.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.analytics import first_passage, leverage, liquidation_price
from headframe.book import Book
from headframe.exact.alpha_homora_v2_oracle import (
    TokenFactors,
    as_eth_borrow,
    as_eth_collateral,
    uniswap_v2_px,
)
from headframe.exact.fixed import Q112, WAD
from headframe.positions import levered as module
from headframe.positions.levered import Levered
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.types import NEVER_S, NO_DEBT
from headframe.units import DAY_S, YEAR_S

START = 2_000.0
DEPOSIT = 10_000.0
BARE = {"fee": 0.0, "swap_cost": 0.0, "penalty": 0.0}
"""No fees, costs or bounty: what the closed forms assume."""


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": DEPOSIT},
        "leverage": 3.0,
    }
    return Levered(**{k: v for k, v in (usual | changes).items() if v is not ...})


def world(eth, **rest):
    return {"eth_usd": eth, "usdc_usd": 1.0, "comp_usd": 40.0} | rest


def play_farm(eth, n_paths=1, values=None, wallet=None, policies=(), **changes):
    book = scripted(
        farm(**changes),
        values=world(eth, **(values or {})),
        wallet={"usdc": DEPOSIT} if wallet is None else wallet,
        policies=policies,
    )
    return played(book, n_paths=n_paths)


def liquidated(chunk):
    return bool(seat(chunk, "farm").state["liquidated_s"][0] < NEVER_S)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


EQUITIES = [
    (2.0, 0.0, (0.414214, 0.788854, 1.236068, 1.828427)),
    (3.0, 0.0, (0.121320, 0.683282, 1.354102, 2.242641)),
    (3.0, 1.0, (1.121320, 1.083282, 0.854102, 0.242641)),
    (3.0, 0.75, (0.871320, 0.983282, 0.979102, 0.742641)),
    (2.0, 1.0, (0.914214, 0.988854, 0.986068, 0.828427)),
]
"""Leverage, share of the debt in the volatile token, equity at k = 0.5, 0.8, 1.25 and 2."""


@pytest.mark.parametrize(("lev", "share", "expected"), EQUITIES)
@pytest.mark.parametrize("column", range(4))
def test_equity_at_a_price_ratio_on_any_way_there(lev, share, expected, column):
    k = (0.5, 0.8, 1.25, 2.0)[column]
    way = [START, START * 1.05, START * 0.97, START * k]
    chunk = play_farm(way, leverage=lev, debt0_share=share, **BARE)
    equity = gauges(chunk, "farm")["equity"] / DEPOSIT
    assert equity == pytest.approx(expected[column], abs=5e-7)
    closed = leverage.equity(k, leverage=lev, volatile_debt_share=share)
    assert equity == pytest.approx(float(closed), rel=1e-12)
    assert chunk.books["wealth"][0] == pytest.approx(DEPOSIT * equity, rel=1e-12)


@pytest.mark.parametrize(
    ("lev", "share", "threshold", "ratios"),
    [
        (3.0, 0.0, 5 / 6, (0.64,)),
        (2.5, 0.0, 0.8, (0.5625,)),
        (10 / 3, 0.0, 0.8, (0.765625,)),
        (2.0, 0.0, 0.8333, (0.3600288,)),
        (3.0, 1.0, 5 / 6, (1.5625,)),
        (3.0, 0.5, 5 / 6, (0.25, 4.0)),
        (3.0, 0.75, 5 / 6, (0.0540135346, 2.0570975765)),
        (3.0, 0.75, 0.9, (0.0439277560, 2.5294055773)),
    ],
)
def test_liquidation_comes_at_the_closed_form_price(lev, share, threshold, ratios):
    terms = {"leverage": lev, "debt0_share": share, "threshold": threshold}
    assert farm(**terms).liquidation_price_ratios() == pytest.approx(ratios, rel=1e-6)
    band = liquidation_price.mixed_debt(
        leverage=lev, volatile_debt_share=share, liquidation_threshold=threshold
    )
    ends = [float(end) for end in band if 0.0 < end < math.inf]
    assert farm(**terms).liquidation_price_ratios() == pytest.approx(ends, rel=1e-12)
    for ratio in ends:
        inward = 1.0 + (1e-6 if ratio < 1.0 else -1e-6)
        safe = play_farm([START, START * ratio * inward], **terms, **BARE)
        lost = play_farm([START, START * ratio / inward], **terms, **BARE)
        assert not liquidated(safe)
        assert liquidated(lost)


def test_francium_three_times_is_liquidated_36_percent_down_with_40_percent_of_equity_left():
    chunk = play_farm([START, START * 0.64 * (1 - 1e-12)], threshold=5 / 6, **BARE)
    assert liquidated(chunk)
    assert chunk.books["wallet/usd"][0] / DEPOSIT == pytest.approx(0.4, abs=1e-9)


def test_openworlds_example_in_tokens_and_debt_ratio():
    """5,000 B and a loan of 40,000 A, at A 0.5 and B 2, then 0.6 and 1.5."""
    book = scripted(
        farm(token0="a", token1="b", deposit={"b": 5_000.0}, debt0_share=1.0, **BARE),
        values={"a_usd": [0.5, 0.6], "b_usd": [2.0, 1.5]},
        wallet={"b": 5_000.0},
    )
    chunk = opened(book)
    state = seat(chunk, "farm").state
    assert state["debt0"][0] == pytest.approx(40_000.0)
    assert state["liquidity"][0] / state["root"][0] == pytest.approx(30_000.0)
    assert state["liquidity"][0] * state["root"][0] == pytest.approx(7_500.0)
    chunk = played(book)
    state = seat(chunk, "farm").state
    assert state["liquidity"][0] / state["root"][0] == pytest.approx(23_717.08, abs=0.005)
    assert state["liquidity"][0] * state["root"][0] == pytest.approx(9_486.83, abs=0.005)
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(28_460.50, abs=0.005)
    assert gauges(chunk, "farm")["ltv"] == pytest.approx(0.84327, abs=5e-6)


def gbm_book(position, *, days, volatility, deposit=DEPOSIT, **rest):
    processes = (
        GBM(name="eth_usd", start=START, volatility=volatility),
        Constant(name="usdc_usd", value=1.0),
    )
    return Book(
        name="model",
        scenario=Model(processes=processes),
        wallet={"usdc": deposit},
        positions=(position,),
        horizon_s=days * DAY_S,
        **rest,
    )


def test_probability_of_liquidation_watched_daily():
    """3x, threshold 5/6, 80 % volatility, no drift, 30 days: 0.051621; bound 4 standard errors."""
    exact = first_passage.monitored_down(
        barrier_ratio=0.64, volatility=0.8, price_drift=0.0, years=30 / 365, dates=30
    )
    assert exact[-1] == pytest.approx(0.051621, abs=5e-7)
    n = 100_000
    chunk = played(gbm_book(farm(threshold=5 / 6, **BARE), days=30, volatility=0.8), n_paths=n)
    times = seat(chunk, "farm").state["liquidated_s"]
    for day in (5, 15, 30):
        probability = exact[day - 1]
        se = math.sqrt(probability * (1 - probability) / n)
        assert abs(np.mean(times <= day * DAY_S) - probability) < 4 * se


def test_interest_compounds_into_the_debts_and_fees_into_the_liquidity():
    terms = {"borrow0_apr": 0.2, "borrow1_apr": "usdc_pool_borrow_apr", "debt0_share": 0.5}
    rates = {"usdc_pool_borrow_apr": [0.0, 0.1, 0.3, 0.2]}
    chunk = play_farm([START] * 4, values=rates, swap_cost=0.0, turnover=0.5, fee=0.003, **terms)
    state, dt = seat(chunk, "farm").state, DAY_S / YEAR_S
    assert state["debt0"][0] == pytest.approx(DEPOSIT / START * (1 + 0.2 * dt) ** 3, rel=1e-12)
    grown = (1 + 0.1 * dt) * (1 + 0.3 * dt) * (1 + 0.2 * dt)
    assert state["debt1"][0] == pytest.approx(DEPOSIT * grown, rel=1e-12)
    value = 3 * DEPOSIT * (1 + 0.003 * 0.5) ** 3
    assert gauges(chunk, "farm")["collateral"] == pytest.approx(value, rel=1e-12)
    fees = value - 3 * DEPOSIT
    assert entry(chunk, "farm", "fee")[0] == pytest.approx(fees, rel=1e-9)


def test_rewards_follow_the_value_staked_and_the_tokens_price():
    prices = {"comp_usd": [40.0, 50.0, 0.0]}
    terms = {"reward_asset": "comp", "reward_apr": 0.73, "swap_cost": 0.0, "fee": 0.0}
    chunk = play_farm([START] * 3, values=prices, leverage=1.0, **terms)
    tokens = DEPOSIT * 0.73 / 365 / 50.0
    assert seat(chunk, "farm").state["reward"][0] == pytest.approx(tokens, rel=1e-12)
    assert entry(chunk, "farm", "reward")[0] == pytest.approx(tokens * 50.0, rel=1e-12)


def test_the_liquidator_is_paid_first_and_the_lenders_bear_what_is_missing():
    """At k = 0.36 the pool holds 1.8 of equity: less 10 % 1.62, against debts of 2."""
    chunk = play_farm([START, 0.36 * START], threshold=0.9, fee=0.0, swap_cost=0.0, penalty=0.1)
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.18 * DEPOSIT, rel=1e-12)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(0.38 * DEPOSIT, rel=1e-12)
    assert chunk.books["wallet/usd"][0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(0.0, abs=1e-9)


def test_a_liquidated_farm_stays_as_it_is():
    chunk = play_farm([START, 0.5 * START, 3 * START, START], threshold=0.8)
    state = seat(chunk, "farm").state
    assert state["liquidated_s"][0] == DAY_S
    assert all(state[row][0] == 0.0 for row in ("liquidity", "debt0", "debt1", "reward"))
    assert state["health"][0] == NO_DEBT


@pytest.mark.parametrize("target", [1.1, 1.3, 2.0])
def test_delevering_reaches_the_target_after_its_costs(target):
    book = scripted(
        farm(threshold=0.85, swap_cost=0.004, gas_usd=7.0, fee=0.0),
        values=world([START, 0.72 * START]),
        wallet={"usdc": DEPOSIT},
    )
    chunk = played(book)
    before = gauges(chunk, "farm")
    told(chunk, "farm", "delever", target)
    after = gauges(chunk, "farm")
    assert after["health"] == pytest.approx(target, rel=1e-9)
    sold = before["collateral"] - after["collateral"]
    repaid = before["debt"] - after["debt"]
    assert sold * (1 - 0.004) - 7.0 == pytest.approx(repaid, rel=1e-9)


def test_delevering_repays_all_where_the_target_cannot_be_reached_otherwise():
    book = scripted(farm(threshold=0.85), values=world(START), wallet={"usdc": DEPOSIT})
    chunk = played(book)
    told(chunk, "farm", "delever", 0.5)
    assert gauges(chunk, "farm")["leverage"] > 2.9  # healthier than asked: nothing is done
    told(chunk, "farm", "delever", 1e12)
    assert gauges(chunk, "farm")["debt"] == pytest.approx(0.0, abs=1e-6)
    assert gauges(chunk, "farm")["collateral"] > 0.0


def test_compounding_turns_rewards_into_liquidity_and_never_at_a_loss():
    terms = {"reward_asset": "comp", "reward_apr": 0.365, "swap_cost": 0.01, "fee": 0.0}
    book = scripted(
        farm(leverage=1.0, gas_usd=9.0, **terms), values=world(START), wallet={"usdc": DEPOSIT}
    )
    chunk = played(book)
    before = gauges(chunk, "farm")
    told(chunk, "farm", "compound")
    after = gauges(chunk, "farm")
    waiting = before["reward_value"]
    assert waiting == pytest.approx(before["collateral"] * 0.001, rel=1e-9)
    assert after["collateral"] - before["collateral"] == pytest.approx(waiting * 0.99 - 9.0)
    assert after["reward_value"] == 0.0
    dear = played(book.with_(positions=(farm(leverage=1.0, gas_usd=11.0, **terms),)))
    told(dear, "farm", "compound")
    assert gauges(dear, "farm")["reward_value"] == pytest.approx(waiting, rel=1e-2)


def test_a_farm_that_is_held_starts_without_cost():
    held = {"amount0": 7.5, "amount1": 15_000.0, "debt0": 1.0, "debt1": 18_000.0, "reward": 2.0}
    position = farm(deposit=..., held=held, reward_asset="comp", gas_usd=50.0, fee=0.0)
    book = scripted(position, values=world(START), wallet={})
    chunk = opened(book)
    assert chunk.books["opening"][0] == pytest.approx(30_000.0 - 20_000.0 + 80.0)
    chunk = played(book)
    assert chunk.books["wealth"][0] == pytest.approx(10_080.0)
    assert all(entry(chunk, "farm", kind)[0] == 0.0 for kind in ("slippage", "gas", "principal"))


def test_opening_swaps_what_is_not_in_proportion_and_pays_gas_once():
    """10,000 usdc at 3x: 15,000 must become eth; 0.3 % of it and 20 of gas go."""
    chunk = opened(scripted(farm(gas_usd=20.0), values=world(START), wallet={"usdc": DEPOSIT}))
    assert entry(chunk, "farm", "slippage")[0] == pytest.approx(-45.0)
    assert entry(chunk, "farm", "gas")[0] == pytest.approx(-20.0)
    assert chunk.books["wealth"][0] == pytest.approx(DEPOSIT - 65.0)
    neutral = opened(
        scripted(farm(debt0_share=0.75), values=world(START), wallet={"usdc": DEPOSIT})
    )
    assert entry(neutral, "farm", "slippage")[0] == pytest.approx(0.0, abs=1e-9)


def test_closing_pays_everything_out_and_leaves_nothing():
    book = scripted(
        farm(swap_cost=0.01, gas_usd=5.0, leverage=2.0, fee=0.0),
        values=world(START),
        wallet={"usdc": DEPOSIT},
        cash="usdc",
    )
    chunk = opened(book)
    worth = gauges(chunk, "farm")
    told(chunk, "farm", "close")
    paid = worth["equity"] - 0.01 * worth["collateral"] - 5.0
    assert chunk.books["wallet/usdc"][0] == pytest.approx(paid, rel=1e-12)
    assert chunk.books["wealth"][0] == pytest.approx(paid, rel=1e-12)


def test_rewards_are_paid_out_where_nothing_else_is_left():
    held = {"amount0": 0.0, "amount1": 0.0, "reward": 3.0}
    position = farm(deposit=..., held=held, reward_asset="comp", gas_usd=5.0)
    chunk = opened(scripted(position, values=world(START)))
    told(chunk, "farm", "close")
    assert chunk.books["wallet/usd"][0] == pytest.approx(120.0)
    assert chunk.books["wealth"][0] == pytest.approx(120.0)


def test_opening_again_takes_no_more_than_the_wallet_has():
    book = scripted(farm(), values=world(START), wallet={"usdc": 1.25 * DEPOSIT})
    chunk = played(book)
    told(chunk, "farm", "open", 3.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(0.0, abs=1e-9)
    assert gauges(chunk, "farm")["leverage"] == pytest.approx(3.0, rel=0.01)


def test_venues_are_told_liquidity_debts_and_stake():
    position = farm(debt0_share=0.25, reward_asset="comp", swap_cost=0.0)
    chunk = opened(scripted(position, values=world(START), wallet={"usdc": DEPOSIT}))
    told_ = gauges(chunk, "farm")
    assert told_["debt_usdc"] == pytest.approx(0.75 * 2 * DEPOSIT)
    assert told_["debt_eth"] == pytest.approx(0.25 * 2 * DEPOSIT / START)
    assert told_["liquidity"] == pytest.approx(1.5 * DEPOSIT / math.sqrt(START))
    assert told_["staked_value"] == pytest.approx(3 * DEPOSIT)


def test_alternatives_hold_the_coins_or_leave_out_the_debt():
    others = farm(deposit={"usdc": 4_000.0}).alternatives()
    assert [c.asset for c in others["simply holding"]] == ["eth", "usdc"]
    assert all(c.deposit == {"usdc": 2_000.0} for c in others["simply holding"])
    assert others["without leverage"][0].leverage == 1.0
    assert "without leverage" not in farm(leverage=1.0).alternatives()


EXTREMES = {
    "the volatile token dies": ([START, 0.0, 0.0, START], {}),
    "the stable token dies": ([START] * 4, {"usdc_usd": [1.0, 0.0, 0.0, 1.0]}),
    "both die": ([START, 0.0, 0.0, 0.0], {"usdc_usd": [1.0, 0.0, 0.0, 0.0]}),
    "a millionfold": ([START, 1e6 * START, START, 1e-6 * START], {}),
    "the reward dies": ([START] * 4, {"comp_usd": [40.0, 0.0, 1e-300, 40.0]}),
    "rates of ten thousand percent": ([START] * 4, {"usdc_pool_borrow_apr": 100.0}),
    "a trading frenzy": ([START] * 4, {"eth_usdc_turnover": 1e6}),
    "gas of a million": ([START] * 4, {"mainnet_gas_usd": [0.0, 1e6, 1e6, 1e6]}),
}
"""What may happen to the prices and signals of a farm."""


@pytest.mark.parametrize("case", EXTREMES)
@pytest.mark.parametrize("lev", [1.0, 3.0])
def test_nothing_that_happens_makes_a_number_that_is_none(case, lev):
    eth, rest = EXTREMES[case]
    signals = {"usdc_pool_borrow_apr": 0.1, "eth_usdc_turnover": 0.1, "mainnet_gas_usd": 1.0}
    position = farm(
        leverage=lev,
        debt0_share=0.3,
        reward_asset="comp",
        reward_apr=1.0,
        borrow1_apr="usdc_pool_borrow_apr",
        turnover="eth_usdc_turnover",
        gas_usd="mainnet_gas_usd",
    )
    book = scripted(
        position, values=signals | world(eth, **rest), wallet={"usdc": DEPOSIT, "usd": 1.0}
    )

    def act(chunk):
        if chunk.now.step >= 1:
            for verb, amount in (("compound", 1.0), ("delever", 1.5)):
                told(chunk, "farm", verb, amount)
        for block in (chunk.books, chunk.held, seat(chunk, "farm").state):
            assert np.isfinite(block.data).all()
        assert all(np.isfinite(value) for value in gauges(chunk, "farm").values())

    played(book, watchers=(act,))


BOB = {"leverage": 7.0, "threshold": 650 / 700, "borrow1_factor": 1.05}
"""Homora v2's documentation: $100 of ETH (0.80) and $600 of DAI (0.95, borrowed at 1.05)."""


def test_bobs_credits_are_650_against_630_at_seven_times():
    chunk = play_farm([START], **BOB, **BARE)
    assert gauges(chunk, "farm")["health"] == pytest.approx(650 / 630, rel=1e-12)
    assert farm(**BOB).greatest_leverage() == pytest.approx(1.05 / (1.05 - 650 / 700), rel=1e-12)


@pytest.mark.parametrize(
    ("share", "factors", "threshold", "most"),
    [
        (0.0, (1.0, 1.05), 0.79, 4.0385),  # b / (b - T): DAI owed on the ETH-DAI share
        (1.0, (1.30, 1.05), 0.79, 2.5490),  # ETH owed
        (0.5, (1.30, 1.05), 0.79, 3.0519),  # b = 1.175
        (0.5, (1.0, 1.0), 1.0, math.inf),
    ],
)
def test_borrow_factors_bound_the_leverage(share, factors, threshold, most):
    terms = {"debt0_share": share, "threshold": threshold}
    terms |= {"borrow0_factor": factors[0], "borrow1_factor": factors[1]}
    assert farm(leverage=1.0, **terms).greatest_leverage() == pytest.approx(most, rel=2e-5)
    if most < math.inf:
        farm(leverage=most - 0.001, **terms)
        with pytest.raises(ValueError, match=r"borrow factors, which is not below .* allowed is"):
            farm(leverage=most + 0.001, **terms)


def test_each_debt_counts_by_its_own_factor():
    """3x, half of the debt in ETH: at k = 1.21 it is 1.21 of 2.21; credits 3 * 1.1 * 0.79."""
    terms = {"leverage": 3.0, "debt0_share": 0.5, "threshold": 0.79}
    chunk = play_farm(
        [START, 1.21 * START], borrow0_factor=1.3, borrow1_factor=1.05, **terms, **BARE
    )
    expected = 3 * 1.1 * 0.79 / (1.21 * 1.3 + 1.05)
    assert liquidated(chunk)
    assert seat(chunk, "farm").state["min_health"][0] == pytest.approx(expected, rel=1e-12)
    roots = farm(borrow0_factor=1.3, borrow1_factor=1.05, **terms).liquidation_price_ratios()
    for k in roots:
        assert 3 * math.sqrt(k) * 0.79 == pytest.approx(1.3 * k + 1.05, rel=1e-12)


def test_deleveraging_reaches_its_target_with_borrow_factors():
    terms = {"leverage": 3.0, "debt0_share": 0.25, "threshold": 0.85, "borrow0_factor": 1.26}
    chunk = play_farm([START, 0.9 * START], borrow1_factor=1.05, swap_cost=0.003, fee=0.0, **terms)
    told(chunk, "farm", "delever", 1.2)
    assert gauges(chunk, "farm")["health"] == pytest.approx(1.2, rel=1e-9)


@pytest.mark.parametrize("k", [0.7, 0.9, 1.0, 1.21, 1.6])
def test_health_is_the_quotient_of_homoras_credits(k):
    """The integer text on the same farm; bound: 1e-12, for roots with 56 places and 18 decimals."""
    terms = {"leverage": 2.5, "debt0_share": 0.4, "threshold": 0.79}
    chunk = play_farm([START, k * START], borrow0_factor=1.26, borrow1_factor=1.05, **terms, **BARE)
    eth, usdc = 0.4 * 1.5 * DEPOSIT / START, 0.6 * 1.5 * DEPOSIT
    liquidity = 2.5 * DEPOSIT / 2 / math.sqrt(START)
    pxs = (Q112, int(Q112 / (k * START)))
    reserves = (int(1e9 * WAD / math.sqrt(k * START)), int(1e9 * WAD * math.sqrt(k * START)))
    share = uniswap_v2_px(*reserves, 10**9 * WAD, *pxs)
    lp, e, u = (TokenFactors(f, 7_900, 10_000) for f in (50_000, 12_600, 10_500))
    collateral = as_eth_collateral(share, lp, int(liquidity * WAD))
    owed = as_eth_borrow(pxs[0], e, int(eth * WAD)) + as_eth_borrow(pxs[1], u, int(usdc * WAD))
    found = seat(chunk, "farm").state["health" if collateral >= owed else "min_health"][0]
    assert found == pytest.approx(collateral / owed, rel=1e-12)
    assert liquidated(chunk) is (collateral < owed)
