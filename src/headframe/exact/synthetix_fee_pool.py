"""
Synthetix's fee pool: fees and rewards of a week, shared by the debt shares at its end.

Fees of trades gather in a period. When it is closed they are burned, which lowers the debt of all
who owe by what they would have been paid (SIP-255). Reward tokens gather likewise and wait for one
period to be claimed, by whoever keeps the ratio of issuance (and a little more); claimed ones go
into escrow for 52 weeks, unclaimed ones into the next period.

    rewards of one = rewards of the period * his part of the debt shares at its end    (down)

Contract: npm synthetix 2.102.1, FeePool as deployed on mainnet (MIT), whose bytecode judges this
file. Assumptions: those of `synthetix_debt_pool`; nothing of wrappers, nobody claims for others.
"""

from collections.abc import Hashable

from headframe.exact import synthetix_debt_share as debt_share
from headframe.exact import synthetix_reward_escrow as reward_escrow
from headframe.exact.fixed import WAD, revert_error
from headframe.exact.safe_math import add, sub
from headframe.exact.synthetix_debt_pool import (
    FEE_ADDRESS,
    SUSD,
    DebtPool,
    FeePeriod,
    burn_synth,
    collateralisation_ratio,
    debt_ratio,
    rate,
    require_rates,
    total_issued_synths,
    update_cached_susd_debt,
    whole,
)
from headframe.exact.synthetix_decimals import (
    divide_decimal_precise_half_up,
    multiply_decimal_down,
)

ESCROW_DURATION_S = 52 * 604_800
"""Seconds for which rewards are locked: 52 weeks."""
Shared = tuple[int, int]
"""Fees (burned) and rewards of an account."""


# ---- what can be read ----------------------------------------------------------------------


def is_fees_claimable(pool: DebtPool, account: Hashable) -> bool:
    """Whether the account's ratio is that of issuance, or above it by no more than allowed."""
    settings, ratio = pool.settings, collateralisation_ratio(pool, account)
    allowed = multiply_decimal_down(settings.issuance_ratio, WAD + settings.target_threshold)
    return ratio < settings.issuance_ratio or ratio <= allowed


def fees_by_period(pool: DebtPool, account: Hashable) -> tuple[Shared, Shared]:
    """An account's part of the running period so far, and of the last one if not yet claimed."""
    running, last = pool.fee_periods
    now = _part(running, debt_share.share_percent(pool.shares, account))
    if pool.last_fee_withdrawal.get(account, 0) >= last.fee_period_id:
        return now, (0, 0)
    percent = debt_share.share_percent_on_period(pool.shares, account, last.fee_period_id)
    return now, _part(last, percent)


def fees_available(pool: DebtPool, account: Hashable) -> Shared:
    """An account's part of the last period."""
    return fees_by_period(pool, account)[1]


# ---- what anybody may do -------------------------------------------------------------------


def set_rewards_to_distribute(pool: DebtPool, amount: int) -> None:
    """Add rewards to the running period; who may is the caller's business."""
    running = pool.fee_periods[0]
    running.rewards_to_distribute = add(running.rewards_to_distribute, amount)


def close_current_fee_period(pool: DebtPool, *, now_ts: int) -> None:
    """
    End the running period: burn its fees, carry over what nobody claimed, begin the next.

    Source: FeePool.closeCurrentFeePeriod. Raises `Revert`: no length set, or too early.
    """
    length = pool.settings.fee_period_duration_s
    running, last = pool.fee_periods
    if length == 0:
        raise revert_error("Fee Period Duration not set")
    if running.start_time > now_ts - length:
        raise revert_error("Too early to close fee period")
    with whole(pool):
        running, last = pool.fee_periods
        ratio, debt = debt_ratio(pool), total_issued_synths(pool)
        running.debt = debt
        running.shares = divide_decimal_precise_half_up(debt, ratio) if ratio else 0
        left = sub(last.fees_to_distribute, last.fees_claimed)
        running.fees_to_distribute = add(left, running.fees_to_distribute)
        left = sub(last.rewards_to_distribute, last.rewards_claimed)
        running.rewards_to_distribute = add(left, running.rewards_to_distribute)
        if running.fees_to_distribute > 0:
            burn_synth(pool, SUSD, FEE_ADDRESS, running.fees_to_distribute)
            worth = multiply_decimal_down(running.fees_to_distribute, rate(pool, SUSD))
            update_cached_susd_debt(pool, -worth)
            running.fees_claimed = running.fees_to_distribute
        pool.fee_periods = [FeePeriod(now_ts, now_ts), running]
        if pool.shares.current_period_id < now_ts:
            debt_share.take_snapshot(pool.shares, now_ts)


def claim_fees(pool: DebtPool, account: Hashable, *, now_ts: int) -> Shared:
    """
    Claim the last period's rewards into escrow; the fees have been burned. Returns both.

    Source: FeePool.claimFees. Raises `Revert`: a ratio beyond what is allowed, an invalid price,
    or nothing to claim.
    """
    if not is_fees_claimable(pool, account):
        raise revert_error("C-Ratio below penalty threshold")
    if debt_share.balance_of(pool.shares, account):  # who owes nothing needs no price
        require_rates(pool)
    fees, rewards = fees_available(pool, account)
    if fees == 0 and rewards == 0:
        raise revert_error("No fees or rewards available for period, or fees already claimed")
    with whole(pool):
        pool.last_fee_withdrawal[account] = pool.fee_periods[1].fee_period_id
        if rewards > 0:
            paid = _record_reward_payment(pool, rewards)
            reward_escrow.append_vesting_entry(
                pool.escrow, account, paid, ESCROW_DURATION_S, now_ts=now_ts
            )
    return fees, rewards


def _part(period: FeePeriod, percent: int) -> Shared:
    fees = multiply_decimal_down(period.fees_to_distribute, percent)
    return fees, multiply_decimal_down(period.rewards_to_distribute, percent)


def _record_reward_payment(pool: DebtPool, amount: int) -> int:
    # the oldest period pays first, as far as it goes
    left = amount
    for period in reversed(pool.fee_periods):
        there = min(sub(period.rewards_to_distribute, period.rewards_claimed), left)
        period.rewards_claimed += there
        left -= there
        if left == 0:
            break
    return amount - left
