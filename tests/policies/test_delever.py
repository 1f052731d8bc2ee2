"""Delevering by rule: when it acts, how often, and that it saves what it is meant to save."""

import doctest

import numpy as np
import pytest
from scripted import entry, gauges, played, scripted, seat

from headframe.errors import InputError
from headframe.policies import delever as module
from headframe.policies.delever import Delever
from headframe.positions.held_asset import HeldAsset
from headframe.positions.levered import Levered
from headframe.positions.loan import Loan
from headframe.types import NEVER_S
from headframe.units import DAY_S

START = 2_000.0


def farm(**changes):
    usual = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "leverage": 3.0,
        "threshold": 5 / 6,
        "fee": 0.0,
    }
    return Levered(**(usual | changes))


def play_farm(eth, **rule):
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    guard = Delever(**({"name": "guard", "position": "farm", "trigger": 1.1, "target": 1.2} | rule))
    trades = []

    def watch(chunk):
        trades.append(float(entry(chunk, "farm", "slippage")[0]))

    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(guard,))
    chunk = played(book, watchers=(watch,))
    return chunk, [day for day in range(1, len(eth)) if trades[day] != trades[day - 1]]


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_acts_below_the_trigger_and_not_above():
    """Health is 1.25 sqrt(k): 1.1 is passed at k = 0.7744."""
    chunk, days = play_farm([START, 0.78 * START, 0.77 * START, 0.77 * START])
    assert days == [2]
    assert gauges(chunk, "farm")["health"] == pytest.approx(1.2, rel=1e-9)


def test_it_saves_a_farm_that_slides_and_not_one_that_jumps():
    slide = [START * k for k in (1.0, 0.85, 0.75, 0.66, 0.6)]
    saved, _ = play_farm(slide)
    assert seat(saved, "farm").state["liquidated_s"][0] == NEVER_S
    jumped, _ = play_farm([START, 0.6 * START])
    assert seat(jumped, "farm").state["liquidated_s"][0] == DAY_S


def test_a_cool_down_holds_it_back():
    slide = [START * k for k in (1.0, 0.77, 0.72, 0.68, 0.64)]
    _, often = play_farm(slide, target=1.12)
    _, rarely = play_farm(slide, target=1.12, cooldown_s="2d")
    assert (often, rarely) == ([1, 2, 3, 4], [1, 3])


def test_a_lag_lets_the_price_of_later_decide():
    eth = [START, 0.77 * START, 0.80 * START, 0.80 * START]
    _, at_once = play_farm(eth)
    chunk, late = play_farm(eth, lag_s="1d", target=1.25)
    assert (at_once, late) == ([1], [2])
    assert gauges(chunk, "farm")["health"] == pytest.approx(1.25, rel=1e-9)


def test_it_guards_whatever_has_a_health():
    terms = {"collateral_asset": "eth", "debt_asset": "usdc", "threshold": 0.8}
    loan = Loan(name="farm", held={"collateral": 10.0, "debt": 10_000.0}, **terms)
    guard = Delever(name="guard", position="farm", trigger=1.1, target=1.3)
    values = {"eth_usd": [START, 1_360.0, 1_300.0, 1_200.0], "usdc_usd": 1.0}
    saved = played(scripted(loan, values=values, policies=(guard,)))
    lost = played(scripted(loan, values=values))
    assert seat(saved, "farm").state["liquidated_s"][0] == NEVER_S
    assert seat(lost, "farm").state["liquidated_s"][0] == 3 * DAY_S


def test_what_it_cannot_guard_is_refused():
    coins = HeldAsset(name="coins", asset="usdc", deposit={"usdc": 1.0})
    guard = Delever(name="guard", position="coins", trigger=1.1, target=1.2)
    with pytest.raises(InputError, match="health"):
        scripted(coins, values={"usdc_usd": 1.0}, wallet={"usdc": 1.0}, policies=(guard,))
    with pytest.raises(ValueError, match="at least trigger"):
        Delever(name="guard", position="farm", trigger=1.3, target=1.2)


def test_it_acts_on_the_paths_that_need_it():
    eth = [np.full(3, START), np.array([0.7, 0.9, 1.2]) * START]
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    guard = Delever(name="guard", position="farm", trigger=1.1, target=1.2)
    book = scripted(farm(), values=values, wallet={"usdc": 1e4}, policies=(guard,))
    chunk = played(book, n_paths=3)
    cost = entry(chunk, "farm", "slippage")
    assert cost[0] < cost[1] == cost[2]


def healths(eth, **rule):
    """Health after each day under a rule, and the rule's book at the end."""
    seen = []
    guard = Delever(**({"name": "guard", "position": "farm"} | rule))
    values = {"eth_usd": [START * k for k in eth], "usdc_usd": 1.0}
    free = farm(swap_cost=0.0)
    book = scripted(free, values=values, wallet={"usdc": 1e4}, policies=(guard,))
    chunk = played(book, watchers=(lambda c: seen.append(gauges(c, "farm")["health"]),))
    return seen, chunk


def test_a_ladder_takes_the_lowest_trigger_that_is_passed():
    """Health is 1.25 sqrt(k): 1.09 on day 1, and then 4 % lower on day 3."""
    ladder = {"steps": ((1.05, 1.2), (1.1, 1.12))}
    first, deep = (1.09 / 1.25) ** 2, (1.04 / 1.25) ** 2
    seen, _ = healths([1.0, first], **ladder)
    assert seen[1] == pytest.approx(1.12)
    seen, _ = healths([1.0, deep], **ladder)
    assert seen[1] == pytest.approx(1.2)
    seen, _ = healths([1.0, first, first * (1.04 / 1.12) ** 2], **ladder)
    assert seen[1:] == pytest.approx([1.12, 1.2])


def test_parts_reach_the_target_with_pauses():
    """From 1.04 to 1.2 in four parts, every second day, though 1.08 is above the trigger."""
    deep = (1.04 / 1.25) ** 2
    parts = {"trigger": 1.05, "target": 1.2, "parts": 4, "pause_s": "2d"}
    seen, _ = healths([1.0] + [deep] * 9, **parts)
    assert seen[1:] == pytest.approx([1.08, 1.08, 1.12, 1.12, 1.16, 1.16, 1.2, 1.2, 1.2])


def test_parts_stop_where_the_market_did_the_rest():
    deep = (1.04 / 1.25) ** 2
    seen, chunk = healths([1.0, deep, 1.0, 1.0, 1.0], trigger=1.05, target=1.2, parts=4)
    assert seen[2] == pytest.approx(1.08 / 1.04 * 1.25)
    assert seen[3] == seen[4] == seen[2]
    assert chunk.policies[0].state["left"][0] == 0.0


def test_it_waits_while_gas_costs_too_much():
    """20,000 x 0.16 / (1.2 - 5/6) = 8,727 are repaid, 1 % of which is 87."""
    deep = (1.04 / 1.25) ** 2
    values = {"eth_usd": [START, deep * START], "usdc_usd": 1.0, "chain_gas_usd": [0.0, 88.0, 5.0]}
    guard = Delever(name="guard", position="farm", trigger=1.05, target=1.2, most_gas=0.01)
    book = scripted(
        farm(gas_usd="chain_gas_usd", swap_cost=0.0),
        values=values,
        wallet={"usdc": 1e4},
        policies=(guard,),
    )
    seen = []
    played(book, watchers=(lambda c: seen.append(gauges(c, "farm")["health"]),))
    assert seen[1] == pytest.approx(1.04)
    assert seen[2] == pytest.approx(1.2)


def test_steps_are_checked():
    for wrong in (
        {},
        {"trigger": 1.1},
        {"trigger": 1.1, "target": 1.2, "steps": ((1.1, 1.2),)},
        {"steps": ((1.1, 1.05),)},
        {"trigger": 1.1, "target": 1.2, "pause_s": "1d"},
    ):
        with pytest.raises(ValueError, match=r"steps|at least trigger|parts"):
            Delever(name="guard", position="farm", **wrong)
