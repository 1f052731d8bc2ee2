"""Ramping down: the days of its parts, and that what is announced liquidates nobody."""

import doctest

import pytest
from scripted import entry, gauges, played, scripted, seat

from headframe.errors import InputError
from headframe.policies import ramp_down as module
from headframe.policies.ramp_down import RampDown
from headframe.positions.held_asset import HeldAsset
from headframe.positions.levered import Levered
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
        "threshold": 0.85,
        "threshold_changes": ({"at_s": "12d", "to": 0.65},),
        "fee": 0.0,
    }
    return Levered(**(usual | changes))


def ramp(**changes):
    usual = {
        "name": "notice",
        "position": "farm",
        "at_s": "12d",
        "before_s": "9d",
        "parts": 4,
        "target": 1.1,
    }
    return RampDown(**(usual | changes))


def days_of(policies, **changes):
    sold = []

    def watch(chunk):
        sold.append(float(entry(chunk, "farm", "slippage")[0]))

    values = {"eth_usd": START, "usdc_usd": 1.0}
    book = scripted(
        farm(**changes), values=values, wallet={"usdc": 1e4}, policies=policies, n_steps=15
    )
    chunk = played(book, watchers=(watch,))
    return [day for day in range(1, 16) if sold[day] != sold[day - 1]], chunk


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_its_parts_are_spread_and_the_last_is_the_day_before():
    days, chunk = days_of((ramp(),))
    assert days == [2, 5, 8, 11]
    # at the new threshold the health is what was asked for
    assert gauges(chunk, "farm")["health"] == pytest.approx(1.1, rel=1e-9)
    assert seat(chunk, "farm").state["liquidated_s"][0] == NEVER_S


def test_nobody_who_waits_survives_it():
    """A debt ratio of 2/3 against 0.65."""
    _, chunk = days_of(())
    assert seat(chunk, "farm").state["liquidated_s"][0] == 12 * DAY_S


def test_one_part_and_a_lag():
    assert days_of((ramp(parts=1),))[0] == [11]
    assert days_of((ramp(parts=1, lag_s="2d"),))[0] == [11]


def test_without_a_change_or_above_its_target_it_does_nothing():
    assert days_of((ramp(),), threshold_changes=())[0] == []
    assert days_of((ramp(),), leverage=1.5)[0] == []


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="before_s must be at most at_s"):
        ramp(before_s="13d")
    with pytest.raises(ValueError, match="shorter than before_s"):
        ramp(lag_s="9d")
    coins = HeldAsset(name="farm", asset="usdc", deposit={"usdc": 1.0})
    with pytest.raises(InputError, match="health"):
        scripted(coins, values={"usdc_usd": 1.0}, wallet={"usdc": 1.0}, policies=(ramp(),))
