"""
Synthetix's escrow: rewards that are owned at once and can be had a year later.

Each reward is an entry with its own end. What is escrowed counts as collateral; after the end of an
entry its owner vests it. A liquidation may take entries before their end, in their order; of the
last one that it touches the rest becomes a new entry with the same end.

Contract: npm synthetix 2.102.1, RewardEscrowV2 with RewardEscrowV2Storage as deployed on mainnet
(MIT; SIP-252), whose bytecode judges this file. Assumptions: nothing was brought over from an older
escrow; accounts are not merged; moving the tokens is the caller's business, `held` tells them.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import revert_error, wrap_uint
from headframe.exact.safe_math import add, sub

MAX_DURATION_S = 2 * 52 * 604_800
"""Seconds that an entry may take at most: 104 weeks."""


@dataclass(slots=True)
class RewardEscrow:
    """Entries as (end, amount) by account and number, the sums of them, and the tokens held."""

    held: int = 0
    total_escrowed: int = 0
    next_entry_id: int = 1
    entry_ids: dict[Hashable, list[int]] = field(default_factory=dict)
    entries: dict[tuple[Hashable, int], tuple[int, int]] = field(default_factory=dict)
    escrowed: dict[Hashable, int] = field(default_factory=dict)
    vested: dict[Hashable, int] = field(default_factory=dict)


def balance_of(escrow: RewardEscrow, account: Hashable) -> int:
    """What an account has in escrow."""
    return escrow.escrowed.get(account, 0)


def vesting_quantity(
    escrow: RewardEscrow, account: Hashable, entry_ids: list[int], *, now_ts: int
) -> int:
    """What of some entries can be had now; one that is named twice counts twice."""
    found = [escrow.entries.get((account, number), (0, 0)) for number in entry_ids]
    return sum(amount for end_ts, amount in found if now_ts >= end_ts)


def append_vesting_entry(
    escrow: RewardEscrow, account: Hashable, quantity: int, duration_s: int, *, now_ts: int
) -> int:
    """
    Put tokens that are there into escrow; returns the entry's number.

    Raises `Revert`: nothing, a duration of 0 or beyond the most, or tokens that are not there.
    """
    if quantity == 0:
        raise revert_error("Quantity cannot be zero")
    if not 0 < duration_s <= MAX_DURATION_S:
        raise revert_error("Cannot escrow with 0 duration OR above max_duration")
    if add(escrow.total_escrowed, quantity) > escrow.held:
        raise revert_error(
            "Must be enough balance in the contract to provide for the vesting entry"
        )
    _change(escrow, account, quantity)
    return _add(escrow, account, now_ts + duration_s, quantity)


def vest(escrow: RewardEscrow, account: Hashable, entry_ids: list[int], *, now_ts: int) -> int:
    """Take what of some entries is due out of escrow; returns how much goes to the account."""
    total = 0
    for number in entry_ids:
        end_ts, amount = escrow.entries.get((account, number), (0, 0))
        if amount and now_ts >= end_ts:
            escrow.entries[account, number] = (end_ts, 0)
            total = add(total, amount)
    if total:
        _change(escrow, account, -total)
        escrow.held = sub(escrow.held, total)
        escrow.vested[account] = escrow.vested.get(account, 0) + total
    return total


def revoke_from(escrow: RewardEscrow, account: Hashable, target: int) -> None:
    """
    Take an amount out of escrow before its time, from the first entry on.

    Raises `Revert`: no entries, or less than the amount in all of them.
    """
    numbers = list(escrow.entry_ids.get(account, ()))
    if not numbers:
        raise revert_error("no entries to iterate")
    total, end_ts = 0, 0
    for number in numbers:
        end_ts, amount = escrow.entries[account, number]
        if amount:
            total = add(total, amount)
            escrow.entries[account, number] = (end_ts, 0)
            if total >= target:
                break
    if total < target:
        raise revert_error("entries sum less than target", total=total, target=target)
    if total > target:
        _add(escrow, account, end_ts, total - target)
    _change(escrow, account, -target)
    escrow.held = sub(escrow.held, target)


def _add(escrow: RewardEscrow, account: Hashable, end_ts: int, amount: int) -> int:
    number = escrow.next_entry_id
    escrow.entries[account, number] = (wrap_uint(end_ts, 32), wrap_uint(amount, 224))
    escrow.entry_ids.setdefault(account, []).append(number)
    escrow.next_entry_id += 1
    return number


def _change(escrow: RewardEscrow, account: Hashable, by: int) -> None:
    escrow.escrowed[account] = balance_of(escrow, account) + by
    escrow.total_escrowed += by
