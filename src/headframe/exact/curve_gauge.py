"""
Curve's liquidity gauge: rewards for staked pool shares, boosted up to 2.5 times by locked tokens.

A stake counts for 40 % of itself at least; the other 60 % have to be earned with votes, the
staker's part of all voting power times what is staked by everybody. Rewards are shared by what
stakes count for. One number, the reward per counted token since the beginning, makes that a
subtraction. What a stake counts for is kept as it was at its last move: votes decay meanwhile, and
the boost stays until somebody kicks it.

Source: formula notes on Curve's gauge (version 3) and its guide; the Vyper source, whose licence is
Curve's own, was not opened. Judge: the bytecode of Balancer's fork, LiquidityGaugeV5 (GPL-3.0, npm
@balancer-labs/v2-deployments 3.2.0), which keeps this arithmetic and lets votes be lent; bytecode
of Curve itself was not found. Not judged: a killed gauge, `mint`. Assumptions: who may act for
whom, and the gauge's other reward tokens, are the caller's business.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from headframe.exact.fixed import WAD, revert_bare

WEEK_S = 604_800
"""Weights of gauges change at the beginning of each week."""
TOKENLESS_PERCENT = 40
"""What a stake counts for without votes, in percent."""
MAX_WEEKS = 500
"""Weeks that one checkpoint walks through at most; it leaves the rest out."""


@dataclass(frozen=True, kw_only=True)
class Outside:
    """
    What a gauge asks of other contracts during a call.

    `rate` is the emission of all gauges a second and `future_epoch_time` when it next changes;
    `relative_weight_wad` gives the gauge's part of it in the week that begins at a time;
    `ve_balances` and `ve_total` are votes now.
    """

    now_ts: int
    rate: int
    future_epoch_time: int
    relative_weight_wad: Callable[[int], int]
    ve_balances: Mapping[Hashable, int]
    ve_total: int


@dataclass(slots=True, kw_only=True)
class Staker:
    """One stake: what it is, what it counts for, and rewards up to its last checkpoint."""

    balance: int = 0
    working_balance: int = 0
    integrate_inv_supply: int = 0
    integrate_fraction: int = 0
    checkpoint_ts: int = 0
    minted: int = 0


@dataclass(slots=True, kw_only=True)
class Gauge:
    """Everything that one gauge stores; `integrate_inv_supply` is rewards per counted token."""

    period_ts: int
    inflation_rate: int
    future_epoch_time: int
    total_supply: int = 0
    working_supply: int = 0
    integrate_inv_supply: int = 0
    is_killed: bool = False
    stakers: dict[Hashable, Staker] = field(default_factory=dict)


def new_gauge(outside: Outside) -> Gauge:
    """Make a gauge without stakes."""
    return Gauge(
        period_ts=outside.now_ts,
        inflation_rate=outside.rate,
        future_epoch_time=outside.future_epoch_time,
    )


# ---- what can be read ----------------------------------------------------------------------


def working_balance_down(balance: int, total: int, ve_balance: int, ve_total: int) -> int:
    """
    What a stake counts for, each quotient rounded down.

        min(l, 0.4 l + 0.6 L ve / ve_total)

    >>> working_balance_down(10_000, 500_000_000, 25, 2_500_000)
    7000
    """
    limit = balance * TOKENLESS_PERCENT // 100
    if ve_total > 0:
        limit += total * ve_balance // ve_total * (100 - TOKENLESS_PERCENT) // 100
    return min(balance, limit)


def boost_wad(balance: int, total: int, ve_balance: int, ve_total: int) -> int:
    """How many times more a stake counts than without votes, from 1 to 2.5; 0 without a stake."""
    alone = balance * TOKENLESS_PERCENT // 100
    return working_balance_down(balance, total, ve_balance, ve_total) * WAD // alone if alone else 0


def claimable_tokens(gauge: Gauge, user: Hashable, outside: Outside) -> int:
    """Rewards that a staker could mint now; as in the contract, asking is a checkpoint."""
    _checkpoint(gauge, user, outside)
    staker = gauge.stakers[user]
    return staker.integrate_fraction - staker.minted


# ---- what stakers do -----------------------------------------------------------------------


def deposit(gauge: Gauge, user: Hashable, amount: int, outside: Outside) -> None:
    """Stake pool shares; a stake of nothing is a checkpoint that leaves the boost."""
    if amount < 0:
        raise revert_bare("does not fit in uint256", amount=amount)
    _move(gauge, user, amount, outside)


def withdraw(gauge: Gauge, user: Hashable, amount: int, outside: Outside) -> None:
    """Take pool shares back. Raises `Revert` with no data where there are not so many."""
    held = gauge.stakers.get(user, Staker()).balance
    if not 0 <= amount <= held:
        raise revert_bare("not so many staked", amount=amount, held=held)
    _move(gauge, user, -amount, outside)


def user_checkpoint(gauge: Gauge, user: Hashable, outside: Outside) -> None:
    """Write a staker's rewards down, and what the stake counts for with the votes of now."""
    _checkpoint(gauge, user, outside)
    _update_limit(gauge, user, outside)


def kick(gauge: Gauge, user: Hashable, outside: Outside, *, lock_changed_ts: int) -> None:
    """
    Take away a boost that its votes no longer carry; anybody may.

    `lock_changed_ts` is when the staker last changed his lock. Raises `Revert`: he has votes and
    has not changed the lock since his checkpoint, or there is no boost to take away.
    """
    staker = gauge.stakers.get(user, Staker())
    if outside.ve_balances.get(user, 0) and lock_changed_ts <= staker.checkpoint_ts:
        raise revert_bare("kick not allowed", lock_changed_ts=lock_changed_ts)
    if staker.working_balance <= staker.balance * TOKENLESS_PERCENT // 100:
        raise revert_bare("kick not needed", working_balance=staker.working_balance)
    user_checkpoint(gauge, user, outside)


def mint(gauge: Gauge, user: Hashable, outside: Outside) -> int:
    """Pay out what waits for a staker, after a checkpoint of his votes too; returns it."""
    user_checkpoint(gauge, user, outside)
    paid = claimable_tokens(gauge, user, outside)
    gauge.stakers[user].minted += paid
    return paid


def set_killed(gauge: Gauge, is_killed: bool) -> None:
    """Stop rewards from the last checkpoint on, or let them begin again."""
    gauge.is_killed = is_killed


# ---- inside --------------------------------------------------------------------------------


def _move(gauge: Gauge, user: Hashable, change: int, outside: Outside) -> None:
    _checkpoint(gauge, user, outside)
    if change:
        gauge.stakers[user].balance += change
        gauge.total_supply += change
        _update_limit(gauge, user, outside)


def _checkpoint(gauge: Gauge, user: Hashable, outside: Outside) -> None:
    _integrate(gauge, outside)
    staker = gauge.stakers.setdefault(user, Staker())
    grown = gauge.integrate_inv_supply - staker.integrate_inv_supply
    staker.integrate_fraction += staker.working_balance * grown // WAD
    staker.integrate_inv_supply = gauge.integrate_inv_supply
    staker.checkpoint_ts = outside.now_ts


def _integrate(gauge: Gauge, outside: Outside) -> None:
    """
    Add the rewards per counted token since the last period, week by week.

        rate weight dt / working supply, rounded down

    A week in which the emission changes is cut in two, each part rounded down.
    """
    start, change = gauge.period_ts, gauge.future_epoch_time
    rate = new_rate = gauge.inflation_rate
    if change >= start:
        gauge.future_epoch_time, new_rate = outside.future_epoch_time, outside.rate
        gauge.inflation_rate = new_rate
    if gauge.is_killed:
        rate = new_rate = 0
    for _ in range(MAX_WEEKS):
        if start >= outside.now_ts:
            break
        end = min((start // WEEK_S + 1) * WEEK_S, outside.now_ts)
        weight = outside.relative_weight_wad(start // WEEK_S * WEEK_S)
        if start <= change < end:
            _add(gauge, rate * weight * (change - start))
            rate, start = new_rate, change
        _add(gauge, rate * weight * (end - start))
        start = end
    gauge.period_ts = outside.now_ts


def _add(gauge: Gauge, rewards: int) -> None:
    if gauge.working_supply > 0:
        gauge.integrate_inv_supply += rewards // gauge.working_supply


def _update_limit(gauge: Gauge, user: Hashable, outside: Outside) -> None:
    staker, votes = gauge.stakers[user], outside.ve_balances.get(user, 0)
    counts = working_balance_down(staker.balance, gauge.total_supply, votes, outside.ve_total)
    gauge.working_supply += counts - staker.working_balance
    staker.working_balance = counts
