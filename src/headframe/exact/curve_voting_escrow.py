"""
Curve's vote escrow: tokens locked for up to four years, whose votes melt away in a straight line.

A lock of a tokens that ends in s seconds has a s / four years votes: all of them on the first day
of the longest lock, none on the last. Ends fall on the beginning of a week, so all locks together
are one line a week, and the sum of all votes needs no list of locks: each end stores by how much
the line flattens there.

Source: formula notes and the public guide; the Vyper source, whose licence is Curve's own, was not
opened. Judge: the bytecode of Balancer's fork (npm @balancer-labs/v2-deployments 3.2.0), whose
longest lock is a year; bytecode of Curve itself was not found. Assumptions: who may lock is the
caller's business; votes at past blocks are not kept, nor is a wait of more than 255 weeks without
a checkpoint cut off.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import revert_bare, revert_error

WEEK_S = 604_800
"""Locks end at the beginning of a week."""
YEAR_S = 365 * 86_400
"""A year of the contract."""
MAX_TIME_S = 4 * YEAR_S
"""The longest lock."""


@dataclass(frozen=True, slots=True)
class Point:
    """A line: `bias` votes at a time, and `slope` fewer each second."""

    bias: int = 0
    slope: int = 0
    ts: int = 0

    def at(self, now_ts: int) -> int:
        """Votes later on that line, not below zero."""
        return max(self.bias - self.slope * (now_ts - self.ts), 0)


@dataclass(frozen=True, slots=True)
class Lock:
    """Locked tokens and the end of the lock."""

    amount: int = 0
    end: int = 0


@dataclass(slots=True, kw_only=True)
class VotingEscrow:
    """Everything that is stored: locks, each one's line, and the line of all."""

    locks: dict[Hashable, Lock] = field(default_factory=dict)
    points: dict[Hashable, Point] = field(default_factory=dict)
    total: Point = Point()
    slope_changes: dict[int, int] = field(default_factory=dict)
    max_time_s: int = MAX_TIME_S


def balance_of(escrow: VotingEscrow, user: Hashable, *, now_ts: int) -> int:
    """Votes of a user."""
    return escrow.points.get(user, Point()).at(now_ts)


def total_supply(escrow: VotingEscrow, *, now_ts: int) -> int:
    """Votes of all."""
    return _walked(escrow, now_ts).bias


def create_lock(
    escrow: VotingEscrow, user: Hashable, amount: int, unlock_ts: int, *, now_ts: int
) -> None:
    """
    Lock tokens until a time, rounded down to a week.

    Raises `Revert`: nothing, an old lock is there, an end in the past or too far.
    """
    end = unlock_ts // WEEK_S * WEEK_S
    if amount <= 0:
        raise revert_bare("nothing to lock", amount=amount)
    if escrow.locks.get(user, Lock()).amount:
        raise revert_error("Withdraw old tokens first")
    if end <= now_ts:
        raise revert_error("Can only lock until time in the future", end=end)
    _check_longest(escrow, end, now_ts)
    _change(escrow, user, Lock(amount, end), now_ts)


def increase_amount(escrow: VotingEscrow, user: Hashable, amount: int, *, now_ts: int) -> None:
    """Add tokens to a lock that has not ended. Raises `Revert` otherwise."""
    lock = escrow.locks.get(user, Lock())
    if amount <= 0:
        raise revert_bare("nothing to lock", amount=amount)
    _check_lock(lock, now_ts)
    _change(escrow, user, Lock(lock.amount + amount, lock.end), now_ts)


def increase_unlock_time(
    escrow: VotingEscrow, user: Hashable, unlock_ts: int, *, now_ts: int
) -> None:
    """Let a lock end later. Raises `Revert`: no lock, it has ended, not later, too far."""
    lock, end = escrow.locks.get(user, Lock()), unlock_ts // WEEK_S * WEEK_S
    if lock.end <= now_ts:
        raise revert_error("Lock expired", end=lock.end)
    if end <= lock.end:
        raise revert_error("Can only increase lock duration", end=end)
    _check_longest(escrow, end, now_ts)
    _change(escrow, user, Lock(lock.amount, end), now_ts)


def withdraw(escrow: VotingEscrow, user: Hashable, *, now_ts: int) -> int:
    """Take tokens out of a lock that has ended; returns them. Raises `Revert` before that."""
    lock = escrow.locks.get(user, Lock())
    if now_ts < lock.end:
        raise revert_error("The lock didn't expire", end=lock.end)
    _change(escrow, user, Lock(), now_ts)
    return lock.amount


def _change(escrow: VotingEscrow, user: Hashable, lock: Lock, now_ts: int) -> None:
    """Replace a lock: take its old line out of the line of all, and put the new one in."""
    old, total = escrow.locks.get(user, Lock()), _walked(escrow, now_ts)
    before, after = _line(escrow, old, now_ts), _line(escrow, lock, now_ts)
    escrow.total = Point(
        max(total.bias + after.bias - before.bias, 0),
        max(total.slope + after.slope - before.slope, 0),
        now_ts,
    )
    for end, slope in ((old.end, -before.slope), (lock.end, after.slope)):
        if slope:
            escrow.slope_changes[end] = escrow.slope_changes.get(end, 0) + slope
    escrow.locks[user], escrow.points[user] = lock, after


def _line(escrow: VotingEscrow, lock: Lock, now_ts: int) -> Point:
    """The line of a lock from now on; both its numbers rest on a slope rounded down."""
    if lock.end <= now_ts or lock.amount <= 0:
        return Point(ts=now_ts)
    slope = lock.amount // escrow.max_time_s
    return Point(slope * (lock.end - now_ts), slope, now_ts)


def _walked(escrow: VotingEscrow, now_ts: int) -> Point:
    """The line of all at a time: from week to week, flatter where locks end."""
    point = escrow.total
    week = point.ts // WEEK_S * WEEK_S
    while point.ts < now_ts and (point.bias or point.slope):
        week += WEEK_S
        until = min(week, now_ts)
        ends = escrow.slope_changes.get(week, 0) if until == week else 0
        point = Point(point.at(until), max(point.slope - ends, 0), until)
    return Point(point.bias, point.slope, max(point.ts, now_ts))


def _check_lock(lock: Lock, now_ts: int) -> None:
    if lock.amount <= 0:
        raise revert_error("No existing lock found")
    if lock.end <= now_ts:
        raise revert_error("Cannot add to expired lock. Withdraw", end=lock.end)


def _check_longest(escrow: VotingEscrow, end: int, now_ts: int) -> None:
    if end > now_ts + escrow.max_time_s:
        years = escrow.max_time_s // YEAR_S
        longest = "1 year" if years == 1 else f"{years} years"
        raise revert_error(f"Voting lock can be {longest} max", end=end)
