"""
Sources of expected values: the liquidation price 1060.26797 of [1000, 2250] at 1500 with 3 times
and a threshold of 0.85 (0.615148 of the price for liquidity over all prices); Uniswap v3 whitepaper
eqs. 6.29 and 6.30 written out in `holds`; sums written out.
"""

import doctest
import math

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import Script, entry, gauges, opened, played, scripted, seat, told

from headframe.analytics import liquidation_price
from headframe.book import Book
from headframe.positions import levered_v3 as module
from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3
from headframe.positions.uniswap_v3 import UniswapV3
from headframe.types import NEVER_S, NO_DEBT
from headframe.units import DAY_S
from headframe.venues.lending_market import KinkedMarket

START, DEPOSIT = 1_500.0, 10_000.0
LOWER, UPPER = 1_000.0, 2_250.0
BOUNDS = {"lower": LOWER, "upper": UPPER, "snap": "none"}
WALLET = {"usdc": DEPOSIT}


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "range": BOUNDS,
        "deposit": {"usdc": DEPOSIT},
        "leverage": 3.0,
        "threshold": 0.85,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return LeveredV3(**{k: v for k, v in (usual | changes).items() if v is not ...})


def book_of(eth, values=None, wallet=None, **changes):
    world = {"eth_usd": eth, "usdc_usd": 1.0} | (values or {})
    return scripted(farm(**changes), values=world, wallet=WALLET if wallet is None else wallet)


def play(eth, values=None, **changes):
    return played(book_of(eth, values, **changes))


def state(chunk, row):
    return float(seat(chunk, "farm").state[row][0])


def holds(liquidity, price):
    """Ether and dollars of a liquidity in the range."""
    root = math.sqrt(min(max(price, LOWER), UPPER))
    return liquidity * (1 / root - 1 / math.sqrt(UPPER)), liquidity * (root - math.sqrt(LOWER))


def worth(liquidity, price):
    x, y = holds(liquidity, price)
    return x * price + y


LIQUIDITY = 3 * DEPOSIT / worth(1.0, START)
"""What three times the deposit buys at the start."""


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_is_called_at_the_published_price():
    assert farm().liquidation_prices(START) == (pytest.approx(1_060.26797, abs=5e-6),)
    assert state(play([START, 1_060.268]), "liquidated_s") == NEVER_S
    assert state(play([START, 1_060.2679]), "liquidated_s") == DAY_S
    v2 = Levered(
        name="v2", token0="eth", token1="usdc", deposit=WALLET, leverage=3.0, threshold=0.85
    )
    assert v2.liquidation_price_ratios()[0] == pytest.approx(0.615148, abs=5e-7)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_health_is_one_at_both_ends(share):
    for end in farm(debt0_share=share).liquidation_prices(START):
        assert gauges(play([START, end], debt0_share=share, liquidation={"keepers": 0.0}), "farm")[
            "health"
        ] == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("k", [0.2, 0.7, 1.2, 1.49, 3.0])
def test_health_and_equity_are_the_sums(k):
    chunk = play([START, k * START], debt0_share=0.25, liquidation={"keepers": 0.0})
    seen = gauges(chunk, "farm")
    debt = 5_000.0 * k + 15_000.0
    value = worth(LIQUIDITY, k * START)
    assert seen["health"] == pytest.approx(0.85 * value / debt, rel=1e-12)
    assert seen["equity"] == pytest.approx(value - debt, rel=1e-10)
    assert seen["ltv"] == pytest.approx(debt / value, rel=1e-12)
    assert chunk.books["wealth"][0] == pytest.approx(value - debt, rel=1e-10)
    assert seen["in_range"] == float(LOWER <= k * START < UPPER)


def test_a_pushed_pool_does_not_move_the_health():
    """The pool is pushed to 1010 and 2200 while the market stands at 1500."""
    for pushed in (1_010.0, 2_200.0):
        values = {"eth_usdc_pool_price": [START, pushed]}
        chunk = play([START, START], values, pool_price="eth_usdc_pool_price")
        seen = gauges(chunk, "farm")
        assert seen["pool_price"] == pytest.approx(pushed)
        assert seen["health"] == pytest.approx(0.85 * 1.5, rel=1e-12)
        assert seen["collateral"] > 3.0 * DEPOSIT  # the push pays who provides liquidity
        assert state(chunk, "liquidated_s") == NEVER_S


def test_the_oracles_price_calls_and_the_markets_pays():
    """The oracle says 1050 while pool and market stand at 1500: 5 % of 30,000, the rest is ours."""
    chunk = play([START, START], {"feed_ratio_now": [1.0, 0.7]}, oracle0="feed_ratio_now")
    assert state(chunk, "liquidated_s") == DAY_S
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.05 * 30_000.0, rel=1e-12)
    assert chunk.books["wallet/usd"][0] == pytest.approx(8_500.0, rel=1e-12)
    calm = play([START, 1_050.0], {"feed_ratio_now": [1.0, 1.2]}, oracle0="feed_ratio_now")
    assert state(calm, "liquidated_s") == NEVER_S
    debt = 2.0 * DEPOSIT
    expected = 0.85 * worth(LIQUIDITY, 1.2 * 1_050.0) / debt
    assert gauges(calm, "farm")["health"] == pytest.approx(expected, rel=1e-12)


def test_an_oracle_of_the_other_token_counts_too():
    chunk = play([START, START], {"feed_ratio_now": [1.0, 1.25]}, oracle1="feed_ratio_now")
    x, y = holds(LIQUIDITY, START / 1.25)
    expected = 0.85 * (x * START + y * 1.25) / (20_000.0 * 1.25)
    assert gauges(chunk, "farm")["health"] == pytest.approx(expected, rel=1e-12)


def test_below_the_range_the_lenders_lose():
    """At 800 all is ether: less 5 % it does not cover 20,000."""
    chunk = play([START, 800.0])
    value = LIQUIDITY * (1 / math.sqrt(LOWER) - 1 / math.sqrt(UPPER)) * 800.0
    assert value * 0.95 < 20_000.0
    assert entry(chunk, "farm", "penalty")[0] == pytest.approx(-0.05 * value, rel=1e-12)
    assert entry(chunk, "farm", "forgiven")[0] == pytest.approx(20_000.0 - 0.95 * value, rel=1e-9)
    assert chunk.books["wealth"][0] == pytest.approx(0.0, abs=1e-8)
    assert state(chunk, "health") == NO_DEBT
    assert state(chunk, "liquidity_owned") == state(chunk, "debt1") == 0.0


def test_a_close_factor_repays_a_part():
    chunk = play([START, 1_040.0], liquidation={"close_factor": 0.5})
    value = worth(LIQUIDITY, 1_040.0)
    share = 10_000.0 / (0.95 * value)
    seen = gauges(chunk, "farm")
    assert seen["debt"] == pytest.approx(10_000.0, rel=1e-12)
    assert seen["collateral"] == pytest.approx((1 - share) * value, rel=1e-10)
    assert seen["health"] == pytest.approx(0.85 * (1 - share) * value / 10_000.0, rel=1e-10)
    assert state(chunk, "liquidations") == 1.0


def test_keepers_come_late_and_the_guard_freezes():
    late = play([START, 1_040.0, 1_030.0, 1_020.0], liquidation={"delay_s": 2 * DAY_S})
    assert state(late, "liquidated_s") == 3 * DAY_S
    assert state(late, "max_hours_overdue") == 48.0
    values = {"feed_ratio_now": [1.0, 0.7, 0.95]}
    terms = {"oracle0": "feed_ratio_now", "liquidation": {"guard": 1.1}}
    guarded = play([START, START, 1_040.0], values, **terms)
    assert state(guarded, "liquidated_s") == 2 * DAY_S


def test_interest_is_owed_in_each_token():
    rates = {"borrow0_apr": 0.365, "borrow1_apr": 0.0365}
    chunk = play([START] * 3, debt0_share=0.5, leverage=2.0, **rates)
    assert state(chunk, "debt0") == pytest.approx(5_000.0 / START * 1.001**2, rel=1e-12)
    assert state(chunk, "debt1") == pytest.approx(5_000.0 * 1.0001**2, rel=1e-12)
    owed = 5_000.0 * (1.001**2 - 1) + 5_000.0 * (1.0001**2 - 1)
    assert entry(chunk, "farm", "interest")[0] == pytest.approx(-owed, rel=1e-9)


def test_without_debt_it_is_plain_liquidity():
    """Entries and worth of `uniswap_v3` on the same prices, to the last bit but one."""
    prices = [START, 1_800.0, 2_400.0, 900.0, 1_200.0]
    terms = {"fee": 0.003, "turnover": 0.4, "swap_cost": 0.002, "gas_usd": 3.0}
    chunk = play(prices, leverage=1.0, **terms)
    plain = UniswapV3(name="lp", token0="eth", token1="usdc", range=BOUNDS, deposit=WALLET, **terms)
    values = {"eth_usd": prices, "usdc_usd": 1.0}
    other = played(scripted(plain, values=values, wallet=WALLET))
    for kind in ("fee", "rebalancing", "slippage", "gas"):
        expected = entry(other, "lp", kind)[0]
        assert entry(chunk, "farm", kind)[0] == pytest.approx(expected, rel=1e-14)
    assert gauges(chunk, "farm")["equity"] == pytest.approx(
        gauges(other, "lp")["equity"], rel=1e-14
    )


def test_opening_swaps_what_the_loans_do_not_bring():
    """Half of 30,000 must be ether; 15,000 of it is borrowed as ether: nothing is swapped."""
    neutral = opened(book_of([START], debt0_share=0.75, swap_cost=0.01))
    assert entry(neutral, "farm", "slippage")[0] == pytest.approx(0.0, abs=0.01)
    chunk = opened(book_of([START], swap_cost=0.01, gas_usd=7.0))
    assert entry(chunk, "farm", "slippage")[0] == pytest.approx(-150.0, rel=1e-6)
    assert chunk.books["wealth"][0] == pytest.approx(DEPOSIT - 157.0, abs=1e-3)


@pytest.mark.parametrize("ratio", [1.0, 0.95])
@pytest.mark.parametrize("target", [1.1, 1.4])
def test_delevering_reaches_the_target_at_the_oracles_price(target, ratio):
    terms = {"oracle0": "feed_ratio_now", "swap_cost": 0.004, "gas_usd": 7.0}
    chunk = play([START, 1_150.0], {"feed_ratio_now": ratio}, **terms)
    before = gauges(chunk, "farm")
    assert 1.0 < before["health"] < 1.1
    told(chunk, "farm", "delever", target)
    after = gauges(chunk, "farm")
    assert after["health"] == pytest.approx(target, rel=1e-9)
    sold = before["collateral"] - after["collateral"]
    assert sold * 0.996 - 7.0 == pytest.approx(before["debt"] - after["debt"], rel=1e-9)


def test_the_owner_cannot_act_while_the_guard_holds():
    terms = {"oracle0": "feed_ratio_now", "liquidation": {"guard": 1.1}, "leverage": 2.0}
    chunk = play([START, START], {"feed_ratio_now": [1.0, 0.8]}, **terms)
    before = gauges(chunk, "farm")
    for verb, amount in (("delever", 2.0), ("rerange", 0.3), ("collect", 1.0)):
        told(chunk, "farm", verb, amount)
    assert gauges(chunk, "farm") == before
    told(chunk, "farm", "close")
    assert gauges(chunk, "farm")["debt"] == 0.0


def test_a_new_range_keeps_the_debt_unless_the_lender_refuses():
    chunk = play([START, 1_300.0], swap_cost=0.01)
    before = gauges(chunk, "farm")
    told(chunk, "farm", "rerange", 0.25)
    after = gauges(chunk, "farm")
    assert state(chunk, "root_lower") ** 2 == pytest.approx(1_040.0)
    assert state(chunk, "root_upper") ** 2 == pytest.approx(1_625.0)
    assert after["debt"] == before["debt"]
    lost = -entry(chunk, "farm", "slippage")[0] - 150.0
    assert before["equity"] - after["equity"] == pytest.approx(lost, abs=0.01)
    near = play([START, 1_062.0], swap_cost=0.05, leverage=2.9)
    seen = gauges(near, "farm")
    told(near, "farm", "rerange", 0.25)
    assert gauges(near, "farm") == seen


def test_fees_are_collected_where_the_health_allows_and_compounded():
    terms = {"fee": 0.003, "turnover": 0.5, "swap_cost": 0.002}
    chunk = play([START] * 3, **terms)
    before = gauges(chunk, "farm")
    fees = 2 * 2 * LIQUIDITY * math.sqrt(START) * 0.5 * 0.003
    assert before["reward_value"] == pytest.approx(fees, rel=2e-3)
    told(chunk, "farm", "collect", 0.5)
    half = gauges(chunk, "farm")
    assert half["reward_value"] == pytest.approx(before["reward_value"] / 2.0, rel=1e-12)
    paid = before["reward_value"] / 2.0 * 0.998
    assert chunk.books["wallet/usd"][0] == pytest.approx(paid, rel=1e-12)
    told(chunk, "farm", "compound")
    after = gauges(chunk, "farm")
    assert after["reward_value"] == 0.0
    assert after["equity"] == pytest.approx(half["equity"], rel=1e-6)
    close = play([START] * 3, borrow1_apr=0.365 * 136.0, **terms)
    seen = gauges(close, "farm")
    assert 1.0 < seen["health"] < 1.0 + seen["reward_value"] / 30_000.0
    told(close, "farm", "collect")
    assert gauges(close, "farm")["reward_value"] == seen["reward_value"]


def test_closing_repays_and_pays_out():
    book = book_of([START], swap_cost=0.01, gas_usd=5.0, leverage=2.0)
    chunk = opened(book)
    seen = gauges(chunk, "farm")
    told(chunk, "farm", "close")
    paid = seen["equity"] - 0.01 * seen["collateral"] - 5.0
    assert chunk.books["wallet/usd"][0] == pytest.approx(paid, rel=1e-12)
    assert gauges(chunk, "farm")["collateral"] == 0.0


def test_what_is_held_opens_as_it_is():
    held = {"liquidity": LIQUIDITY, "uncollected1": 40.0, "debt0": 2.0, "debt1": 15_000.0}
    chunk = opened(book_of([START], wallet={}, deposit=..., held=held))
    assert chunk.books["opening"][0] == pytest.approx(30_000.0 + 40.0 - 18_000.0, rel=1e-9)
    assert gauges(chunk, "farm")["health"] == pytest.approx(0.85 * 30_040.0 / 18_000.0, rel=1e-9)


@pytest.mark.parametrize("rule", ["fixed", "health", "time"])
def test_extreme_paths_stay_finite(rule):
    """Prices of both tokens and oracles from 1e-9 to 1e9, 2,000 paths; the books are checked."""
    rng = np.random.default_rng(7)
    n_paths, n_steps = 2_000, 6

    def wild(start, reach):
        moves = 10.0 ** rng.uniform(-reach, reach, (n_steps, n_paths))
        edges = rng.choice([1e-9, 1e9, 1.0], (n_steps, n_paths), p=[0.1, 0.1, 0.8])
        return [np.full(n_paths, start), *(start * moves * edges)]

    values = {"eth_usd": wild(START, 0.3), "usdc_usd": wild(1.0, 0.1)}
    values |= {"feed_ratio_now": wild(1.0, 0.2), "other_ratio_now": wild(1.0, 0.2)}
    position = farm(
        debt0_share=0.4,
        leverage=2.5,
        fee=0.003,
        turnover=0.5,
        swap_cost=0.003,
        borrow0_apr=0.1,
        borrow1_apr=0.2,
        gas_usd=2.0,
        pool_usd=1e6,
        oracle0="feed_ratio_now",
        oracle1="other_ratio_now",
        liquidation={"close_factor": 0.5, "full_below": 0.5, "rule": rule, "ramp_s": DAY_S},
    )
    book = Book(
        name="wild",
        scenario=Script(values),
        wallet=WALLET,
        positions=(position,),
        horizon_s=n_steps * DAY_S,
    )
    chunk = played(book, n_paths=n_paths)
    for verb, amount in (("collect", 1.0), ("compound", 1.0), ("rerange", 0.2), ("delever", 1.5)):
        told(chunk, "farm", verb, amount)
    assert np.isfinite(chunk.books.data).all()
    assert np.isfinite(seat(chunk, "farm").state.data).all()
    health = seat(chunk, "farm").state["min_health"]
    assert ((health >= 0.0) & (health <= NO_DEBT)).all()
    assert 0.0 < (seat(chunk, "farm").state["liquidated_s"] < NEVER_S).mean() < 1.0
    told(chunk, "farm", "close")
    assert np.isfinite(chunk.books.data).all()
    assert (seat(chunk, "farm").state["debt1"] == 0.0).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"leverage": 7.0}, "allowed is below 6.667"),
        ({"range": {"width": 1e-6, "snap": "none"}}, "excludes every price: allowed is 4.99"),
        ({"range": {"tick_lower": -887_272, "tick_upper": 887_272, "snap": "none"}}, "excludes no"),
        ({"token1": "eth"}, "must differ"),
        ({"held": {"liquidity": 1.0}}, "either deposit"),
        ({"deposit": ..., "held": {"debt1": 1.0}}, "either liquidity, or amount0 and amount1"),
        ({"deposit": ..., "held": {"liquidity": 1.0, "debt0": -1.0}}, "debt0"),
        ({"high": "eth_usdc_high"}, "both high and low"),
        ({"fee": 0.002, "range": {"width": 0.1}}, "tick_spacing"),
        ({"threshold": 1.2}, "threshold"),
    ],
)
def test_nonsense_is_named(changes, said):
    with pytest.raises(ValidationError, match=said):
        farm(**changes)


def test_a_wide_range_is_called_where_liquidity_over_all_prices_is():
    bounds = {"lower": 1e-9, "upper": 1e15, "snap": "none"}
    (price,) = farm(range=bounds).liquidation_prices(START)
    expected = liquidation_price.stable_debt(leverage=3.0, liquidation_threshold=0.85)
    assert price / START == pytest.approx(float(expected), rel=1e-4)
    assert state(play([START, 1.001 * price], range=bounds), "liquidated_s") == NEVER_S
    assert state(play([START, 0.999 * price], range=bounds), "liquidated_s") == DAY_S


def test_a_venue_may_look_before_it_is_opened():
    """Its debt raises its own rate, a step later; no number is undefined on the way."""
    market = KinkedMarket(
        name="aave_usdc",
        asset="usdc",
        supplied=100_000.0,
        utilisation=0.5,
        slope1_apr=0.1,
        slope2_apr=0.4,
        kink=0.9,
        reserve_factor=0.1,
    )
    position = farm(venue="aave_usdc", borrow1_apr="aave_usdc_borrow_apr")
    values = {"eth_usd": [START] * 4, "usdc_usd": 1.0}
    with np.errstate(all="raise"):
        chunk = played(scripted(position, values=values, wallet=WALLET, venues=(market,)))
    lone = played(scripted(farm(borrow1_apr=0.1 * 0.5 / 0.9), values=values, wallet=WALLET))
    assert state(chunk, "debt1") > state(lone, "debt1") > 20_000.0
