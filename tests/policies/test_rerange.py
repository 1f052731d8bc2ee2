"""Moving a range by rule: when, how often, how wide, and what it costs."""

import doctest
import math

import pytest
from scripted import entry, gauges, played, scripted, seat

from headframe.errors import InputError
from headframe.policies import rerange as module
from headframe.policies.rerange import Rerange
from headframe.positions.held_asset import HeldAsset
from headframe.positions.uniswap_v3 import UniswapV3

START = 2_000.0


def play(eth, gas_usd=1.0, **rule):
    """Play a range of 10 % to either side; also the days on which it was moved."""
    position = UniswapV3(
        name="lp",
        token0="eth",
        token1="usdc",
        range={"width": 0.1, "snap": "none"},
        deposit={"usdc": 10_000.0},
        gas_usd=gas_usd,
    )
    policy = Rerange(**({"name": "follow", "position": "lp"} | rule))
    gas = []

    def watch(chunk):
        gas.append(float(entry(chunk, "lp", "gas")[0]))

    values = {"eth_usd": eth, "usdc_usd": 1.0}
    book = scripted(position, values=values, wallet={"usdc": 1e4}, policies=(policy,))
    chunk = played(book, watchers=(watch,))
    return chunk, [day for day in range(1, len(eth)) if gas[day] != gas[day - 1]]


def bounds(chunk):
    state = seat(chunk, "lp").state
    return float(state["root_lower"][0]) ** 2, float(state["root_upper"][0]) ** 2


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_acts_when_the_price_has_left_and_not_before():
    chunk, days = play([START, 2_190.0, 2_210.0, 2_220.0])
    assert days == [2]
    assert bounds(chunk) == pytest.approx((2_210.0 / 1.1, 2_210.0 * 1.1))
    assert gauges(chunk, "lp")["in_range"] == 1.0


def test_a_margin_makes_it_act_earlier():
    """2200 is 2.3 % above 2150 and 1.4 % above 2170."""
    _, days = play([START, 2_150.0, 2_170.0, 2_170.0], margin=0.02)
    assert days == [2]


def test_every_so_often():
    _, days = play([START] * 8, interval_s="3d")
    assert days == [3, 6]


def test_a_cool_down_holds_it_back():
    eth = [START, 2_300.0, 2_600.0, 2_900.0, 3_200.0]
    assert play(eth)[1] == [1, 2, 3, 4]
    assert play(eth, cooldown_s="2d")[1] == [1, 3]


def test_a_width_of_its_own():
    chunk, _ = play([START, 3_000.0], width=0.5)
    assert bounds(chunk) == pytest.approx((2_000.0, 4_500.0))


def test_a_width_by_volatility():
    """
    Moves of 10 % up, down and up: the daily deviation is ln 1.1 up to a part in 1,300 (the moves
    are taken as (p - q)^2 / (p q)); twice that over four days is four times it.
    """
    eth = [START, 1.1 * START, START, 1.1 * START, 1.1 * START * 1.1]
    chunk, days = play(eth, volatility_multiple=2.0, horizon_s="4d", margin=-1.0)
    assert days[-1] == 4
    low, high = bounds(chunk)
    assert math.sqrt(high / low) - 1.0 == pytest.approx(4.0 * math.log(1.1), rel=1e-3)


def test_the_costs_are_those_of_a_swap_and_gas():
    """All ether below the range: half is sold for dollars at 0.3 %."""
    chunk, days = play([START, 1_000.0], gas_usd=7.0)
    assert days == [1]
    worth = gauges(chunk, "lp")["equity"]
    opening = 10_000.0 * 0.003 * 0.5
    assert -entry(chunk, "lp", "gas")[0] == pytest.approx(14.0)
    paid = -entry(chunk, "lp", "slippage")[0] - opening
    assert paid == pytest.approx(0.0015 * (worth + 7.0), rel=5e-3)


def test_what_is_closed_stays_closed():
    chunk, days = play([START, 3_000.0, 4_000.0], gas_usd=20_000.0)
    assert days == []
    assert gauges(chunk, "lp")["equity"] == 0.0


def test_what_it_cannot_move_is_refused():
    coins = HeldAsset(name="lp", asset="usdc", deposit={"usdc": 1.0})
    policy = Rerange(name="follow", position="lp")
    with pytest.raises(InputError, match="in_range"):
        scripted(coins, values={"usdc_usd": 1.0}, wallet={"usdc": 1.0}, policies=(policy,))
    with pytest.raises(ValueError, match="width or volatility_multiple"):
        Rerange(name="follow", position="lp", width=0.1, volatility_multiple=2.0)
    with pytest.raises(ValueError, match="below 1"):
        Rerange(name="follow", position="lp", margin=1.0)
