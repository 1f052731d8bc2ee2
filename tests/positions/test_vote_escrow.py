"""Votes, what they pay and what they cost, against the escrow's integers and sums by hand."""

import doctest

import pytest
from governance_stage import TOKENS, escrow, played_lock
from pydantic import ValidationError
from scripted import entry, gauges, seat

from headframe.exact.curve_voting_escrow import (
    MAX_TIME_S,
    VotingEscrow,
    balance_of,
    create_lock,
)
from headframe.positions import vote_escrow as module
from headframe.types import NEVER_S
from headframe.units import DAY_S, WEEK_S, YEAR_S


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_votes_melt_as_the_escrow_has_it():
    """A lock to a week's beginning: the float's votes are the contract's, a wei a second apart."""
    week = int(WEEK_S)
    start = 2_900 * week
    exact = VotingEscrow()
    create_lock(exact, "me", int(TOKENS) * 10**18, start + 100 * week, now_ts=start)
    for days in (0, 7, 70, 350, 699):
        chunk = played_lock(max(days, 1), lock_s=100 * WEEK_S)
        told = gauges(chunk, "lock")["votes"]
        votes = balance_of(exact, "me", now_ts=start + max(days, 1) * int(DAY_S)) / 1e18
        assert told == pytest.approx(votes, abs=MAX_TIME_S / 1e18 + 1e-9 * TOKENS)


def test_a_pot_is_shared_by_votes_at_the_beginning_of_the_period():
    """1,000 tokens for a year are 250 votes of 1,000: a quarter of 800 a week."""
    chunk = played_lock(14, others_votes=750.0, fees_usd=800.0, lock_s=YEAR_S)
    first = 250.0 / 1_000.0
    votes = 250.0 * (YEAR_S - WEEK_S) / YEAR_S
    second = votes / (votes + 750.0)
    assert entry(chunk, "lock", "fee")[0] == pytest.approx(800.0 * (first + second))


def test_a_lock_that_is_kept_long_keeps_its_votes():
    chunk = played_lock(70, relocks=True, lock_s=YEAR_S)
    assert gauges(chunk, "lock")["votes"] == pytest.approx(250.0)


def test_nobody_leaves_before_the_end():
    chunk = played_lock(10, lock_s="20d", close_at=3)
    assert gauges(chunk, "lock")["locked_value"] == pytest.approx(TOKENS * 2.0)
    chunk = played_lock(25, lock_s="20d", close_at=3)
    assert seat(chunk, "lock").state["freed_s"][0] == 20 * DAY_S
    assert chunk.books["wallet/usd"][0] == pytest.approx(TOKENS * 2.0)


def test_an_early_way_out_costs_in_proportion_to_the_time_left():
    """Half of four years ahead at a penalty of 0.5: a quarter of the tokens."""
    chunk = played_lock(5, lock_s=2 * YEAR_S + 3 * DAY_S, exit_penalty=0.5, close_at=3)
    assert entry(chunk, "lock", "penalty")[0] == pytest.approx(-0.25 * TOKENS * 2.0)
    assert seat(chunk, "lock").state["freed_s"][0] == 3 * DAY_S


def test_what_is_held_may_be_left_in_time():
    chunk = played_lock(5, deposit=..., held={"locked": 10.0, "left_s": "3d"})
    assert seat(chunk, "lock").state["freed_s"][0] == NEVER_S
    assert gauges(chunk, "lock")["locked_value"] == 0.0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lock_s": 5 * YEAR_S}, "longest_s"),
        ({"others_votes": 0.0}, "others_votes"),
        ({"exit_penalty": 1.0}, "less than 1"),
        ({"held": {"locked": 1.0, "left_s": "1d"}}, "either deposit"),
    ],
)
def test_nonsense_is_named(changes, word):
    with pytest.raises(ValidationError, match=word):
        escrow(**changes)
