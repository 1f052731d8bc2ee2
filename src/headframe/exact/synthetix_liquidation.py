"""
Liquidation in Synthetix: flagged first, taken after a delay, shared among all who owe.

An account whose ratio reached that of liquidation may be flagged by anybody. It then has hours to
mend it; after that anybody may liquidate it, as long as it is above the ratio of issuance. So much
debt is removed, and collateral of its worth plus a penalty taken, that the ratio of issuance is met
again; flagger and liquidator get fixed rewards, all else goes to the other minters, by debt shares.
Nobody brings sUSD: the removed debt stays in the pool and the others owe it, paid by what they get.

    debt removed = (D - V r) / (1 - (1 + penalty) r)        r the ratio of issuance

Contracts: npm synthetix 2.102.1, Synthetix, Issuer, Liquidator, LiquidatorRewards as deployed on
mainnet (MIT; SIP-148, SIP-252), whose bytecode judges this file. State and assumptions:
`synthetix_debt_pool`.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from headframe.exact import synthetix_reward_escrow as reward_escrow
from headframe.exact.fixed import WAD, revert_error
from headframe.exact.safe_math import add, sub
from headframe.exact.synthetix_debt import move_snx
from headframe.exact.synthetix_debt_pool import (
    SNX,
    DebtPool,
    collateral,
    collateralisation_ratio,
    debt_balance_of,
    get_reward,
    notify_reward_amount,
    rate,
    remove_from_debt_register,
    require_rates,
    whole,
)
from headframe.exact.synthetix_decimals import (
    divide_decimal_down,
    divide_decimal_half_up,
    multiply_decimal_down,
    multiply_decimal_half_up,
)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a liquidation takes: SNX in all, debt, and the part of the SNX that is in escrow."""

    total_redeemed: int
    debt_to_remove: int
    escrow_to_liquidate: int
    debt_balance: int


# ---- what can be read ----------------------------------------------------------------------


def calculate_amount_to_fix_collateral(
    pool: DebtPool, debt: int, collateral_usd: int, penalty: int
) -> int:
    """
    Debt to be removed, with its worth and a penalty of collateral, to meet the issuance ratio.

    Rounded down. Raises `Revert` where nothing is to be mended, or the penalty makes it impossible.
    """
    ratio = pool.settings.issuance_ratio
    dividend = sub(debt, multiply_decimal_down(collateral_usd, ratio))
    divisor = sub(WAD, multiply_decimal_down(add(WAD, penalty), ratio))
    return divide_decimal_down(dividend, divisor)


def is_liquidation_open(
    pool: DebtPool, account: Hashable, *, is_self: bool = False, now_ts: int
) -> bool:
    """
    Whether an account may be liquidated: above the ratio of issuance, and its time has passed.

    One's own account needs no flag, but must still be worth its debt and the penalty.
    """
    ratio, settings = collateralisation_ratio(pool, account), pool.settings
    if ratio <= settings.issuance_ratio:
        return False
    if is_self:
        worth = divide_decimal_down(WAD, add(WAD, settings.snx_liquidation_penalty))
        return ratio <= worth
    deadline = pool.deadlines.get(account, 0)
    return 0 < deadline < now_ts and _has_enough_for_rewards(pool, account)


def liquidation_amounts(pool: DebtPool, account: Hashable, *, is_self: bool = False) -> Amounts:
    """What a liquidation would take now. Source: Issuer.liquidationAmounts."""
    debt = debt_balance_of(pool, account)
    require_rates(pool)
    return _self_amounts(pool, account, debt) if is_self else _forced_amounts(pool, account, debt)


# ---- what anybody may do -------------------------------------------------------------------


def flag_account_for_liquidation(
    pool: DebtPool, account: Hashable, *, flagger: Hashable, now_ts: int
) -> None:
    """
    Start the delay of an account whose ratio reached that of liquidation.

    Source: Liquidator.flagAccountForLiquidation. Raises `Revert`: an invalid price, nothing set,
    flagged already, not there yet, or too little collateral for the rewards.
    """
    settings = pool.settings
    _require_snx_rate(pool)
    if settings.liquidation_ratio == 0:
        raise revert_error("Liquidation ratio not set")
    if settings.liquidation_delay_s == 0:
        raise revert_error("Liquidation delay not set")
    if pool.deadlines.get(account, 0):
        raise revert_error("Account already flagged for liquidation")
    if collateralisation_ratio(pool, account) < settings.liquidation_ratio:
        raise revert_error("Account issuance ratio is less than liquidation ratio")
    if not _has_enough_for_rewards(pool, account):
        raise revert_error("not enough SNX for rewards")
    pool.deadlines[account] = now_ts + settings.liquidation_delay_s
    pool.flaggers[account] = flagger


def check_and_remove_account_in_liquidation(pool: DebtPool, account: Hashable) -> None:
    """Take the flag off an account that is back at the ratio of issuance."""
    _require_snx_rate(pool)
    if not pool.deadlines.get(account, 0):
        raise revert_error("Account has no liquidation set")
    if collateralisation_ratio(pool, account) <= pool.settings.issuance_ratio:
        del pool.deadlines[account]


def liquidate_delinquent_account(
    pool: DebtPool, account: Hashable, *, liquidator: Hashable, now_ts: int
) -> Amounts:
    """
    Liquidate a flagged account after its delay.

    Source: Synthetix.liquidateDelinquentAccount. Raises `Revert`: not open, an invalid price, or
    rewards that the account's own SNX cannot pay.
    """
    with whole(pool):
        get_reward(pool, account, now_ts=now_ts)
        if not is_liquidation_open(pool, account, now_ts=now_ts):
            raise revert_error("Not open for liquidation")
        taken = liquidation_amounts(pool, account)
        remove_from_debt_register(pool, account, taken.debt_to_remove, taken.debt_balance)
        del pool.deadlines[account]
        _revoke_escrow(pool, account, taken.escrow_to_liquidate)
        move_snx(pool, account, pool.flaggers[account], pool.settings.flag_reward)
        move_snx(pool, account, liquidator, pool.settings.liquidate_reward)
        if taken.total_redeemed > 0:
            _share_out(pool, account, taken.total_redeemed)
    return taken


def liquidate_self(pool: DebtPool, account: Hashable, *, now_ts: int) -> Amounts:
    """
    Liquidate one's own account, at its own penalty and without a delay.

    Source: Synthetix.liquidateSelf. Raises `Revert`: not open, an invalid price, nothing removed.
    """
    with whole(pool):
        get_reward(pool, account, now_ts=now_ts)
        if not is_liquidation_open(pool, account, is_self=True, now_ts=now_ts):
            raise revert_error("Not open for liquidation")
        taken = liquidation_amounts(pool, account, is_self=True)
        remove_from_debt_register(pool, account, taken.debt_to_remove, taken.debt_balance)
        if taken.debt_to_remove == 0:
            raise revert_error("cannot self liquidate")
        _share_out(pool, account, taken.total_redeemed)
    return taken


def _self_amounts(pool: DebtPool, account: Hashable, debt: int) -> Amounts:
    snx_rate, penalty = rate(pool, SNX), pool.settings.self_liquidation_penalty
    worth = multiply_decimal_half_up(collateral(pool, account), snx_rate)
    to_fix = calculate_amount_to_fix_collateral(pool, debt, worth, penalty)
    wanted = multiply_decimal_down(divide_decimal_half_up(to_fix, snx_rate), add(WAD, penalty))
    redeemed = min(wanted, pool.snx.get(account, 0))
    paid = multiply_decimal_half_up(redeemed, snx_rate)
    return Amounts(redeemed, min(divide_decimal_down(paid, add(WAD, penalty)), to_fix), 0, debt)


def _forced_amounts(pool: DebtPool, account: Hashable, debt: int) -> Amounts:
    snx_rate, penalty = rate(pool, SNX), pool.settings.snx_liquidation_penalty
    rewards, held = _rewards(pool), collateral(pool, account)
    worth = multiply_decimal_half_up(sub(held, rewards), snx_rate)
    to_fix = calculate_amount_to_fix_collateral(pool, debt, worth, penalty)
    target = multiply_decimal_down(divide_decimal_half_up(to_fix, snx_rate), add(WAD, penalty))
    needed = add(target, rewards)
    if needed >= held:
        return Amounts(
            sub(held, rewards), debt, reward_escrow.balance_of(pool.escrow, account), debt
        )
    return Amounts(target, to_fix, max(needed - pool.snx.get(account, 0), 0), debt)


def _rewards(pool: DebtPool) -> int:
    return add(pool.settings.liquidate_reward, pool.settings.flag_reward)


def _has_enough_for_rewards(pool: DebtPool, account: Hashable) -> bool:
    return collateral(pool, account) >= _rewards(pool)


def _require_snx_rate(pool: DebtPool) -> None:
    if SNX in pool.stale:
        raise revert_error("Rate invalid or not a synth")


def _revoke_escrow(pool: DebtPool, account: Hashable, amount: int) -> None:
    if amount > 0:
        reward_escrow.revoke_from(pool.escrow, account, amount)
        pool.snx[account] = add(pool.snx.get(account, 0), amount)


def _share_out(pool: DebtPool, account: Hashable, amount: int) -> None:
    pool.snx[account] = sub(pool.snx.get(account, 0), amount)
    pool.rewards.balance = add(pool.rewards.balance, amount)
    notify_reward_amount(pool, amount)
