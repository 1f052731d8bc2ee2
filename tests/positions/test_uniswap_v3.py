"""
Sources of expected values: published figures (Erins 2021 for impermanent loss, Uniswap's blog for
the concentration 5.449490), `headframe.analytics` (impermanent loss, LVR of Milionis et al.),
`headframe.exact.uniswap_v3`, which deployed bytecode judges; sums written out.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, played, scripted, seat, told

from headframe.analytics import impermanent_loss, lvr
from headframe.book import Book
from headframe.exact import uniswap_v3 as exact
from headframe.positions import uniswap_v3 as module
from headframe.positions import uniswap_v3_range as range_module
from headframe.positions.uniswap_v3 import UniswapV3
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S

START = 1_500.0
WALLET = {"usdc": 10_000.0}
BOUNDS = {"lower": 1_000.0, "upper": 2_250.0, "snap": "none"}


def lp(**changes):
    usual = {
        "name": "lp",
        "token0": "eth",
        "token1": "usdc",
        "range": BOUNDS,
        "deposit": {"usdc": 10_000.0},
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return UniswapV3(**{k: v for k, v in (usual | changes).items() if v is not ...})


def world(eth, **rest):
    return {"eth_usd": eth, "usdc_usd": 1.0} | rest


def play(eth, wallet=None, n_paths=1, watchers=(), values=None, **changes):
    values = world(eth, **(values or {}))
    book = scripted(lp(**changes), values=values, wallet=WALLET if wallet is None else wallet)
    return played(book, n_paths=n_paths, watchers=watchers)


@pytest.mark.parametrize("text", [module, range_module])
def test_the_examples_run(text):
    outcome = doctest.testmod(text)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("k", "expected"), [(1.2, -0.0225652718), (2.0, -0.2584183762), (0.5, -0.2584183762)]
)
def test_impermanent_loss_is_the_published_one_in_the_range_and_out(k, expected):
    told_ = gauges(play([START, 1.4 * START, 0.9 * START, k * START]), "lp")
    assert told_["impermanent_loss"] == pytest.approx(expected, abs=1e-10)
    assert told_["equity"] / told_["hold_value"] - 1.0 == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("k", [0.3, 0.7, 1.0, 1.45, 3.0])
def test_impermanent_loss_is_that_of_the_closed_form(k):
    told_ = gauges(play([START, k * START]), "lp")
    expected = impermanent_loss.concentrated(
        k, price_entry=START, price_lower=1_000.0, price_upper=2_250.0
    )
    assert told_["impermanent_loss"] == pytest.approx(float(expected), abs=1e-12)


def test_loss_versus_rebalancing_is_l_sigma_squared_root_p_over_four():
    """
    Mean of minus `rebalancing` over a day at 80 % a year: L sigma^2 sqrt(P) / 4 per year while
    inside, 5.449490 times sigma^2 / 8 of the value. The range is never left (the bounds are nine
    deviations away), and sqrt(P) falls by a mean of sigma^2 T / 8 = 0.02 % only. 4 standard errors.
    """
    processes = (
        GBM(name="eth_usd", start=START, volatility=0.8),
        Constant(name="usdc_usd", value=1.0),
    )
    book = Book(
        name="model",
        scenario=Model(processes=processes),
        wallet=WALLET,
        positions=(lp(),),
        horizon_s=DAY_S,
        step_s=DAY_S / 24.0,
    )
    chunk = played(book, n_paths=40_000)
    loss = -entry(chunk, "lp", "rebalancing")
    years, root = 1.0 / 365.0, math.sqrt(START)
    liquidity = float(seat(chunk, "lp").state["liquidity_owned"][0])
    rate = lvr.concentrated_quote_per_year(
        0.8, liquidity=liquidity, price=START, price_lower=1_000.0, price_upper=2_250.0
    )
    assert float(rate) == pytest.approx(liquidity * 0.64 * root / 4.0, rel=1e-12)
    assert float(rate) / 10_000.0 == pytest.approx(5.449490 * 0.64 / 8.0, rel=1e-6)
    error = loss.std() / math.sqrt(loss.size)
    assert abs(loss.mean() - float(rate) * years) < 4.0 * error + 2e-4 * float(rate) * years
    assert error < 0.02 * loss.mean()


def test_outside_the_range_there_is_no_loss_and_no_fee():
    """Moves between two prices above the range: nothing but token1, nothing to arbitrage."""
    chunk = play([3_000.0, 4_000.0, 2_500.0], fee=0.003, turnover=1.0, volatility=0.01)
    assert entry(chunk, "lp", "rebalancing")[0] == 0.0
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(0.0, abs=1e-12)
    told_ = gauges(chunk, "lp")
    assert (told_["amount0"], told_["in_range"]) == (0.0, 0.0)
    assert told_["share_in_range"] == pytest.approx(0.0, abs=1e-12)
    assert told_["amount1"] == pytest.approx(10_000.0)
    assert told_["distance_upper"] == pytest.approx(2_250.0 / 2_500.0 - 1.0)
    assert told_["liquidity"] == 0.0
    assert seat(chunk, "lp").state["left_range_s"][0] == DAY_S


def test_arbitrage_pays_the_contracts_fee_for_the_part_inside():
    """
    The exact pool, all of it ours, from tick 0 to beyond the upper bound: what was paid in and what
    the contract owes. Only the part of the move inside earns.
    """
    pool, liquidity = exact.create_pool(3_000, 60), 10**24
    exact.initialize(pool, 2**96, now_ts=0)
    exact.mint(pool, "own", -600, 600, liquidity, now_ts=0)
    exact.swap(pool, False, 10**24, exact.get_sqrt_ratio_at_tick(600), now_ts=1)
    exact.burn(pool, "own", -600, 600, 0, now_ts=1)
    owed = exact.collect(pool, "own", -600, 600)
    held = {"liquidity": liquidity / 1e18}
    position = lp(range={"tick_lower": -600, "tick_upper": 600}, fee=0.003, deposit=..., held=held)
    values = {"eth_usd": [1.0, 1.2], "usdc_usd": 1.0}
    chunk = played(scripted(position, values=values))
    assert owed[0] == 0
    assert gauges(chunk, "lp")["uncollected1"] == pytest.approx(owed[1] / 1e18, rel=1e-12)
    assert gauges(chunk, "lp")["uncollected0"] == 0.0


def test_fees_come_half_in_each_token_and_do_not_compound():
    """turnover of the virtual value 2 L sqrt(P): 5.449490 times as much as over all prices."""
    chunk = play([START] * 3, fee=0.003, turnover=0.2)
    earned = 2 * 10_000.0 * 5.449490 * 0.2 * 0.003
    told_ = gauges(chunk, "lp")
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(earned, rel=1e-6)
    assert told_["uncollected1"] == pytest.approx(earned / 2.0, rel=1e-6)
    assert told_["uncollected0"] == pytest.approx(earned / 2.0 / START, rel=1e-6)
    assert told_["equity"] == pytest.approx(10_000.0 + earned, rel=1e-6)
    assert told_["share_in_range"] == pytest.approx(1.0, abs=1e-12)


def test_volume_is_shared_with_the_pools_liquidity():
    """9 parts of 10 are others': of 50,000 dollars a day a tenth is ours."""
    lone = float(seat(play([START]), "lp").state["liquidity_owned"][0])
    changes = {"fee": 0.01, "volume_usd": 50_000.0, "pool_liquidity": 9.0 * lone}
    chunk = play([START] * 2, **changes)
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(50.0, rel=1e-12)
    diluted = play([START] * 2, fee=0.01, turnover=0.5, pool_liquidity=9.0 * lone)
    alone = play([START] * 2, fee=0.01, turnover=0.5)
    ratio = entry(diluted, "lp", "fee")[0] / entry(alone, "lp", "fee")[0]
    assert ratio == pytest.approx(0.9, rel=1e-12)


def test_without_chance_the_share_of_the_move_counts():
    """From 1500 to beyond 2250: ln 1.5 of ln 2 of the way is inside."""
    chunk = play([START, 3_000.0], fee=0.003, turnover=0.2, volatility=0.0)
    share = math.log(1.5) / math.log(2.0)
    assert gauges(chunk, "lp")["share_in_range"] == pytest.approx(share, rel=1e-9)


def test_high_and_low_tell_more_than_the_ends():
    """Ends inside, but a high far above: some of the volume was traded outside."""
    signals = {"eth_usdc_high": [START, 2_600.0], "eth_usdc_low": [START, 1_450.0]}
    seen = play(
        [START, 1_510.0],
        fee=0.003,
        turnover=0.2,
        high="eth_usdc_high",
        low="eth_usdc_low",
        values=signals,
    )
    blind = play([START, 1_510.0], fee=0.003, turnover=0.2, volatility=0.0)
    assert gauges(blind, "lp")["share_in_range"] == pytest.approx(1.0)
    assert 0.7 < gauges(seen, "lp")["share_in_range"] < 0.99


def test_volatility_is_estimated_where_it_is_not_told():
    """Two moves of 10 %, up and down: their mean square a step."""
    chunk = play([START, 1.1 * START, START])
    state = seat(chunk, "lp").state
    assert state["variance"][0] == pytest.approx(math.log(1.1) ** 2, rel=1e-9)
    chunk = play([START, START], volatility=0.5)
    assert seat(chunk, "lp").state["variance"][0] == pytest.approx(0.25 / 365.0, rel=1e-12)


def test_opening_swaps_into_the_proportion_and_no_more():
    """At 1500 the range takes 91,751.71 dollars to 91,751.70 of ether: half must be swapped."""
    chunk = play([START], swap_cost=0.01)
    assert entry(chunk, "lp", "slippage")[0] == pytest.approx(-50.0, rel=1e-6)
    below = play([900.0], swap_cost=0.01)
    assert entry(below, "lp", "slippage")[0] == pytest.approx(-100.0)
    above = play([3_000.0], swap_cost=0.01)
    assert entry(above, "lp", "slippage")[0] == 0.0


def test_bounds_move_outwards_to_ticks_that_the_pool_can_use():
    """The contract's ticks of 1800 and 2400 dollars (6 decimals) an ether: -201420 and -198480."""
    bounds = {"lower": 1_800.0, "upper": 2_400.0, "decimals1": 6}
    state = seat(play([2_000.0], fee=0.003, range=bounds), "lp").state
    for row, tick in (("root_lower", -201_420), ("root_upper", -198_480)):
        expected = exact.get_sqrt_ratio_at_tick(tick) / 2**96 * 1e6
        assert state[row][0] == pytest.approx(expected, rel=1e-10)
    same = seat(play([2_000.0], fee=0.003, range={"tick_lower": -201_420, "tick_upper": -198_480,
                                                  "decimals1": 6}), "lp").state  # fmt: skip
    assert same["root_lower"][0] == pytest.approx(state["root_lower"][0], rel=1e-12)
    exactly = seat(play([2_000.0], range=bounds | {"snap": "none"}), "lp").state
    assert exactly["root_lower"][0] ** 2 == pytest.approx(1_800.0, rel=1e-12)


def test_withdraw_collect_and_close_pay_out():
    book = scripted(
        lp(fee=0.003, turnover=0.2, swap_cost=0.002, gas_usd=4.0),
        values=world([START] * 2),
        wallet=WALLET,
        cash="usdc",
    )
    chunk = played(book)
    before = gauges(chunk, "lp")
    told(chunk, "lp", "withdraw", 0.25)
    after = gauges(chunk, "lp")
    for name in ("equity", "amount0", "uncollected0", "hold_value"):
        assert after[name] == pytest.approx(0.75 * before[name], rel=1e-12)
    cash = chunk.books["wallet/usdc"][0]
    told(chunk, "lp", "collect")
    fees = after["uncollected0"] * START * 0.998 + after["uncollected1"]
    assert chunk.books["wallet/usdc"][0] - cash == pytest.approx(fees - 4.0, rel=1e-12)
    assert gauges(chunk, "lp")["reward_value"] == 0.0
    assert gauges(chunk, "lp")["amount0"] == after["amount0"]
    told(chunk, "lp", "collect")
    told(chunk, "lp", "close")
    assert gauges(chunk, "lp")["equity"] == 0.0
    assert entry(chunk, "lp", "gas")[0] == pytest.approx(-16.0)


def test_compounding_turns_fees_into_liquidity_at_a_cost_or_not_at_all():
    usual = {"fee": 0.003, "turnover": 0.2, "swap_cost": 0.002}
    chunk = play([START] * 2, gas_usd=1.0, **usual)
    before = gauges(chunk, "lp")
    owned = float(seat(chunk, "lp").state["liquidity_owned"][0])
    told(chunk, "lp", "compound")
    after = gauges(chunk, "lp")
    fees = before["reward_value"]
    assert after["reward_value"] == 0.0
    lost = before["equity"] - after["equity"]
    assert lost == pytest.approx(1.0, rel=1e-9)
    grown = float(seat(chunk, "lp").state["liquidity_owned"][0]) / owned - 1.0
    assert grown == pytest.approx((fees - lost) / before["hold_value"], rel=1e-9)
    moved = play([START, 1_800.0], gas_usd=1.0, volatility=0.1, **usual)
    worth = gauges(moved, "lp")["equity"]
    told(moved, "lp", "compound")
    assert 1.0 < worth - gauges(moved, "lp")["equity"] < 1.0 + 0.002 * fees
    dear = play([START] * 2, gas_usd=1_000.0, wallet={"usdc": 20_000.0}, **usual)
    told(dear, "lp", "compound")
    assert gauges(dear, "lp")["reward_value"] == pytest.approx(fees * 8_990 / 9_989, rel=1e-9)


def test_a_new_range_lies_around_the_price_and_costs_a_swap():
    """Above the range all is dollars: half of them is swapped, at 1 %."""
    chunk = play([START, 3_000.0], swap_cost=0.01, gas_usd=5.0)
    before = gauges(chunk, "lp")["equity"]
    told(chunk, "lp", "rerange", 0.25)
    after, state = gauges(chunk, "lp"), seat(chunk, "lp").state
    assert state["root_lower"][0] ** 2 == pytest.approx(2_400.0)
    assert state["root_upper"][0] ** 2 == pytest.approx(3_750.0)
    assert after["in_range"] == 1.0
    assert before - after["equity"] == pytest.approx(5.0 + 0.005 * before, rel=1e-6)
    assert after["hold_value"] == pytest.approx(after["equity"], rel=1e-12)
    told(chunk, "lp", "rerange", 0.0)
    assert seat(chunk, "lp").state["root_lower"][0] ** 2 == pytest.approx(2_400.0)


def test_without_a_width_a_new_range_is_as_wide_as_the_old():
    chunk = play([START, 3_000.0])
    told(chunk, "lp", "rerange", 0.0)
    state = seat(chunk, "lp").state
    assert state["root_lower"][0] ** 2 == pytest.approx(3_000.0 / 1.5)
    assert state["root_upper"][0] ** 2 == pytest.approx(3_000.0 * 1.5)


def test_held_liquidity_opens_as_it_is():
    """2 ether at 2000 in [1500, 2500] lie beside 5,076.10 dollars (Elsts' notes)."""
    bounds = {"lower": 1_500.0, "upper": 2_500.0, "snap": "none"}
    liquidity = 2.0 / (1.0 / math.sqrt(2_000.0) - 1.0 / 50.0)
    values = world([2_000.0] * 2)
    held = {"liquidity": liquidity, "uncollected0": 0.1, "uncollected1": 30.0}
    chunk = played(scripted(lp(range=bounds, deposit=..., held=held), values=values))
    told_ = gauges(chunk, "lp")
    assert told_["amount0"] == pytest.approx(2.0, rel=1e-12)
    assert told_["amount1"] == pytest.approx(5_076.10, abs=0.005)
    assert chunk.books["opening"][0] == pytest.approx(9_076.10 + 230.0, abs=0.01)
    assert told_["impermanent_loss"] == pytest.approx(0.0, abs=1e-12)
    by_amounts = {"amount0": 2.0, "amount1": told_["amount1"]}
    chunk = played(scripted(lp(range=bounds, deposit=..., held=by_amounts), values=values))
    assert seat(chunk, "lp").state["liquidity_owned"][0] == pytest.approx(liquidity, rel=1e-12)


def test_it_can_be_opened_again_around_a_new_price():
    """Closed at 3000 with all of it in dollars, and opened there: half in ether, [2500, 3600]."""
    position = lp(range={"width": 0.2, "snap": "none"})
    book = scripted(position, values=world([START, 3_000.0]), wallet=WALLET, cash="usdc")
    chunk = played(book)
    told(chunk, "lp", "close")
    cash = chunk.books["wallet/usdc"][0]
    assert gauges(chunk, "lp")["equity"] == 0.0
    told(chunk, "lp", "open", cash / 10_000.0)
    state, again = seat(chunk, "lp").state, gauges(chunk, "lp")
    assert chunk.books["wallet/usdc"][0] == pytest.approx(0.0, abs=1e-9)
    assert state["root_lower"][0] ** 2 == pytest.approx(2_500.0, rel=1e-12)
    assert state["root_upper"][0] ** 2 == pytest.approx(3_600.0, rel=1e-12)
    assert again["equity"] == pytest.approx(cash, rel=1e-12)
    assert again["amount0"] * 3_000.0 == pytest.approx(again["amount1"], rel=1e-12)
    assert again["in_range"] == 1.0
    assert again["hold_value"] == pytest.approx(cash, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"held": {"liquidity": 1.0}}, "either deposit"),
        ({"deposit": ..., "held": {"amount0": 1.0}}, "either liquidity, or amount0 and amount1"),
        ({"range": {"lower": 1.0}}, "lower and upper"),
        ({"range": {"lower": 2.0, "upper": 1.0}}, "must be below"),
        ({"range": {"width": 0.1, "tick_lower": 0, "tick_upper": 60}}, "or width"),
        ({"range": {"tick_lower": 0, "tick_upper": 900_000}}, "887,272"),
        ({"range": {"width": 0.1}, "fee": 0.002}, "tick_spacing"),
        ({"high": "eth_usdc_high"}, "both high and low"),
        ({"volume_usd": 5.0}, "pool_liquidity"),
        ({"token1": "eth"}, "must differ"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        lp(**changes)


@pytest.mark.parametrize("eth", [[START, 0.0, START], [START, 1e9, 1e-9], [START, 1e-300, 0.0]])
def test_extreme_prices_stay_finite(eth):
    def look(chunk):
        for block in (chunk.books, seat(chunk, "lp").state):
            assert np.isfinite(block.data).all()
        assert all(math.isfinite(v) for v in gauges(chunk, "lp").values())

    play(eth, fee=0.003, turnover=0.4, watchers=(look,))
