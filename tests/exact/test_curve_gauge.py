"""
Curve's gauge and vote escrow: the guide's boosts, sums written out, and what never may happen.
"""

import contextlib
import doctest
import random
from fractions import Fraction

import pytest

from headframe.errors import Revert
from headframe.exact import curve_gauge as gauges
from headframe.exact import curve_voting_escrow as votes
from headframe.exact.fixed import WAD

WEEK = gauges.WEEK_S
START = 2_800 * WEEK
NEVER = 10**12


def outside(now_ts, *, ve=None, rate=WAD, total=None, change=NEVER, weight=lambda week: WAD):
    ve = ve or {}
    return gauges.Outside(
        now_ts=now_ts,
        rate=rate,
        future_epoch_time=change,
        relative_weight_wad=weight,
        ve_balances=ve,
        ve_total=sum(ve.values()) if total is None else total,
    )


def test_the_example_runs():
    assert doctest.testmod(gauges).attempted > 0
    assert doctest.testmod(gauges).failed == 0


@pytest.mark.parametrize(("ve", "percent"), [(0, 100), (10, 130), (25, 175), (50, 250), (100, 250)])
def test_the_guides_boosts(ve, percent):
    """$10,000 of $500M, 2.5M votes: 0, 10, 25, 50, 100 votes boost 1, 1.3, 1.75, 2.5, 2.5."""
    found = gauges.boost_wad(10_000 * WAD, 500 * 10**6 * WAD, ve * WAD, 2_500_000 * WAD)
    assert found == percent * WAD // 100


def test_one_staker_receives_the_whole_emission_rounded_down():
    gauge = gauges.new_gauge(outside(START))
    gauges.deposit(gauge, "a", 3 * WAD, outside(START))
    paid = gauges.mint(gauge, "a", outside(START + 1_000))
    assert 0 <= 1_000 * WAD - paid < 10
    assert gauges.claimable_tokens(gauge, "a", outside(START + 1_000)) == 0


def test_a_boosted_stake_earns_two_and_a_half_times_one_without_votes():
    ve = {"a": 1_000 * WAD}
    gauge = gauges.new_gauge(outside(START, ve=ve))
    for user in ("a", "b"):
        gauges.deposit(gauge, user, WAD, outside(START, ve=ve))
    gauges.user_checkpoint(gauge, "a", outside(START, ve=ve))
    earned = {u: gauges.claimable_tokens(gauge, u, outside(START + 700, ve=ve)) for u in "ab"}
    assert earned["a"] == pytest.approx(500 * WAD, rel=1e-15)
    assert earned["b"] == pytest.approx(200 * WAD, rel=1e-15)


def test_a_change_of_emission_and_of_weight_cuts_the_time():
    """A day at 1 a second and weight 1, six at 2 a second; the next week has half the weight."""
    day = 86_400
    change = START + day

    def weight(week):
        return WAD if week == START else WAD // 2

    before = outside(START, change=change, weight=weight)
    gauge = gauges.new_gauge(before)
    gauges.deposit(gauge, "a", WAD, before)
    after = outside(START + 9 * day, rate=2 * WAD, weight=weight)
    paid = gauges.mint(gauge, "a", after)
    assert paid == pytest.approx((day + 6 * day * 2 + 2 * day * 2 // 2) * WAD, rel=1e-15)


def test_a_killed_gauge_pays_nothing_more():
    gauge = gauges.new_gauge(outside(START))
    gauges.deposit(gauge, "a", WAD, outside(START))
    gauges.user_checkpoint(gauge, "a", outside(START + 10))
    gauges.set_killed(gauge, True)
    assert gauges.claimable_tokens(gauge, "a", outside(START + 99)) <= 10 * WAD


def test_a_boost_outlives_its_votes_until_it_is_kicked():
    gauge = gauges.new_gauge(outside(START))
    with_votes = outside(START, ve={"a": 1, "z": 1})
    gauges.deposit(gauge, "b", 100 * WAD, with_votes)
    gauges.deposit(gauge, "a", WAD, with_votes)
    assert gauge.stakers["a"].working_balance == WAD
    later = outside(START + 10, ve={"z": 1})
    gauges.deposit(gauge, "a", 0, later)
    assert gauge.stakers["a"].working_balance == WAD
    gauges.kick(gauge, "a", later, lock_changed_ts=0)
    assert gauge.stakers["a"].working_balance == WAD * 4 // 10
    with pytest.raises(Revert, match="not needed"):
        gauges.kick(gauge, "a", later, lock_changed_ts=0)


def test_nobody_kicks_who_has_votes_and_left_his_lock_alone():
    ve = {"a": 1}
    gauge = gauges.new_gauge(outside(START))
    gauges.deposit(gauge, "a", WAD, outside(START, ve=ve))
    with pytest.raises(Revert, match="not allowed"):
        gauges.kick(gauge, "a", outside(START + 9, ve=ve), lock_changed_ts=START)
    gauges.kick(gauge, "a", outside(START + 9, ve=ve), lock_changed_ts=START + 1)


def test_no_sequence_pays_more_than_was_emitted_or_loses_a_stake():
    rng = random.Random(4)
    for _ in range(20):
        now = START + rng.randint(0, WEEK)
        gauge = gauges.new_gauge(outside(now))
        begun = now
        for _ in range(60):
            now += rng.choice((0, 12, rng.randint(0, 3 * WEEK)))
            world = outside(now, ve={u: rng.randint(0, 10**24) for u in "abc"})
            user, held = rng.choice("abc"), 0
            held = gauge.stakers.get(user, gauges.Staker()).balance
            move = rng.choice((gauges.deposit, gauges.withdraw, gauges.mint))
            if move is gauges.mint:
                gauges.mint(gauge, user, world)
            else:
                amount = rng.randint(0, held if move is gauges.withdraw else 10**22)
                move(gauge, user, amount, world)
            stakers = gauge.stakers.values()
            assert gauge.total_supply == sum(s.balance for s in stakers)
            assert gauge.working_supply == sum(s.working_balance for s in stakers)
            for s in stakers:
                assert s.balance * 4 // 10 <= s.working_balance <= s.balance
            assert sum(s.integrate_fraction for s in stakers) <= (now - begun) * WAD


def test_a_refused_withdrawal_changes_nothing():
    gauge = gauges.new_gauge(outside(START))
    gauges.deposit(gauge, "a", 5, outside(START))
    with pytest.raises(Revert):
        gauges.withdraw(gauge, "a", 6, outside(START + 1))
    assert (gauge.period_ts, gauge.total_supply) == (START, 5)


# ---- votes ---------------------------------------------------------------------------------


def test_votes_melt_in_a_straight_line():
    escrow = votes.VotingEscrow()
    years = votes.MAX_TIME_S
    end = (START + years) // WEEK * WEEK
    votes.create_lock(escrow, "a", 1_000 * WAD, START + years, now_ts=START)
    for part in (0, 1, 2, 3, 4):
        now = START + (end - START) * part // 4
        exact = Fraction(1_000 * WAD * (end - now), years)
        found = votes.balance_of(escrow, "a", now_ts=now)
        assert 0 <= exact - found <= years
    assert votes.withdraw(escrow, "a", now_ts=end) == 1_000 * WAD


def some_lock(escrow, rng, now):
    """Try one of the four moves of a lock; refused ones are left out."""
    user, amount = rng.choice("abcd"), rng.randint(1, 10**24)
    later = now + rng.randint(1, votes.MAX_TIME_S)
    moves = {
        votes.create_lock: (amount, later),
        votes.increase_amount: (amount,),
        votes.increase_unlock_time: (later,),
        votes.withdraw: (),
    }
    move = rng.choice(list(moves))
    with contextlib.suppress(Revert):
        move(escrow, user, *moves[move], now_ts=now)


def test_the_votes_of_all_are_the_sum_of_everybodys_at_any_time():
    rng = random.Random(5)
    for _ in range(20):
        escrow, now = votes.VotingEscrow(), START + rng.randint(0, WEEK)
        for _ in range(40):
            now += rng.choice((0, 100, rng.randint(0, 20 * WEEK)))
            some_lock(escrow, rng, now)
            for then in (now, now + rng.randint(0, 300 * WEEK)):
                each = [votes.balance_of(escrow, who, now_ts=then) for who in "abcd"]
                assert votes.total_supply(escrow, now_ts=then) == sum(each)


REFUSED = [
    ("nothing", lambda e: votes.create_lock(e, "b", 0, START + WEEK, now_ts=START)),
    ("twice", lambda e: votes.create_lock(e, "a", 1, START + 9 * WEEK, now_ts=START)),
    ("past", lambda e: votes.create_lock(e, "b", 1, START + WEEK - 1, now_ts=START)),
    ("far", lambda e: votes.create_lock(e, "b", 1, START + 210 * WEEK, now_ts=START)),
    ("none", lambda e: votes.increase_amount(e, "b", 1, now_ts=START)),
    ("over", lambda e: votes.increase_amount(e, "a", 1, now_ts=START + 4 * WEEK)),
    ("earlier", lambda e: votes.increase_unlock_time(e, "a", START + 4 * WEEK, now_ts=START)),
    ("locked", lambda e: votes.withdraw(e, "a", now_ts=START + 4 * WEEK - 1)),
]


@pytest.mark.parametrize(("why", "move"), REFUSED, ids=[why for why, _ in REFUSED])
def test_a_refused_lock_changes_nothing(why, move):
    escrow = votes.VotingEscrow()
    votes.create_lock(escrow, "a", WAD, START + 4 * WEEK, now_ts=START)
    total, locks = escrow.total, dict(escrow.locks)
    with pytest.raises(Revert):
        move(escrow)
    assert (escrow.total, escrow.locks) == (total, locks)
