"""
Gearbox v3's credit accounts to the unit: opened, levered, repaid, checked, liquidated.

A borrower makes several calls at once, and only at their end must the account be healthy: what its
tokens count at their thresholds and up to their quotas against all that is owed. Below that anybody
may liquidate it: whole, for its value less a premium, or in part, by repaying some of the debt for
a token at the same premium. A liquidation that leaves the pool a loss also ends all borrowing.

Contracts: npm @gearbox-protocol/core-v3 1.52.1, CreditFacadeV3 and CreditManagerV3 (BUSL-1.1), the
compiled forms of which judge this file; written from formula notes and that behaviour. Assumptions:
tokens without a fee on transfers, whoever pays has the money and has allowed it, no bots, adapters,
forbidden tokens or expiry.
"""

from collections.abc import Hashable

from headframe.exact.fixed import MAX_UINT128, MAX_UINT256
from headframe.exact.gearbox_v3_account import (
    Call,
    CreditAccount,
    CreditManager,
    DebtData,
    Now,
    Oracle,
    Session,
    Threshold,
    atomically,
    calc_debt,
    calc_debt_and_collateral,
    check_debt_block,
    check_debt_limits,
    check_owner,
    full_collateral_check,
    threshold_of,
)
from headframe.exact.gearbox_v3_errors import refuse
from headframe.exact.gearbox_v3_math import (
    PERCENTAGE_FACTOR,
    calc_decrease,
    calc_increase,
    fitting,
)
from headframe.exact.gearbox_v3_pool import (
    base_interest_index,
    lend_credit_account,
    repay_credit_account,
)
from headframe.exact.gearbox_v3_quotas import ALL_OF_IT, accrue_quota_interest, update_quota

__all__ = [
    "Call",
    "CreditAccount",
    "CreditManager",
    "DebtData",
    "Now",
    "Oracle",
    "Session",
    "Threshold",
    "add_collateral",
    "calc_debt",
    "calc_debt_and_collateral",
    "change_quota",
    "close_credit_account",
    "decrease",
    "decrease_debt",
    "increase_debt",
    "multicall",
    "open_credit_account",
    "set_debt_limits",
    "set_min_health",
    "threshold_of",
    "withdraw_collateral",
]

QUOTA_STEP = 10_000
"""Changes of quotas are cut to whole multiples of this."""
MAX_QUOTA_MULTIPLIER = 2
"""An account's quota of a token is at most this many times the largest debt."""
NO_BLOCK_LIMIT = 255
"""The multiplier that stands for no limit of borrowing within a block."""


# ---- accounts ------------------------------------------------------------------------------


def open_credit_account(
    manager: CreditManager, account: Hashable, *, sender: Hashable, calls: list[Call], now: Now
) -> None:
    """
    Open an account, which the factory named, and make calls on it.

    Source: CreditFacadeV3.openCreditAccount. Raises `Revert` as the calls and the check do.
    """

    def action() -> None:
        manager.accounts[account] = CreditAccount(sender)
        if calls:
            _run(Session(manager, account, sender, now), calls)

    atomically(manager, action)


def multicall(
    manager: CreditManager, account: Hashable, *, sender: Hashable, calls: list[Call], now: Now
) -> None:
    """
    Make calls on one's account; then it must be healthy. Source: CreditFacadeV3.multicall.

    Raises `Revert`: no such account, not its owner, as the calls do, or not enough collateral.
    """
    check_owner(manager, account, sender)
    atomically(manager, lambda: _run(Session(manager, account, sender, now), calls))


def close_credit_account(
    manager: CreditManager, account: Hashable, *, sender: Hashable, calls: list[Call], now: Now
) -> None:
    """
    Make calls, and give back an account that then owes nothing.

    Source: CreditFacadeV3.closeCreditAccount. Raises `Revert`: not its owner, or still in debt.
    """
    check_owner(manager, account, sender)

    def action() -> None:
        session = Session(manager, account, sender, now)
        for call in calls:
            call(session)
        if manager.accounts[account].debt:
            raise refuse("CloseAccountWithNonZeroDebt")
        del manager.accounts[account]

    atomically(manager, action)


def _run(session: Session, calls: list[Call]) -> None:
    for call in calls:
        call(session)
    full_collateral_check(session)


# ---- calls within --------------------------------------------------------------------------


def add_collateral(session: Session, token: Hashable, amount: int) -> None:
    """Pay a token into the account. Source: CreditFacadeV3.addCollateral."""
    manager = session.manager
    if token not in manager.thresholds:
        raise refuse("TokenNotAllowed")
    if amount == 0:
        raise refuse("AmountCantBeZero")
    manager.move(session.sender, token, -amount)
    manager.move(session.account, token, amount)


def withdraw_collateral(session: Session, token: Hashable, amount: int, to: Hashable) -> None:
    """
    Take a token out of the account; the check then uses safe prices.

    Source: CreditFacadeV3.withdrawCollateral. The largest amount stands for all but a unit.
    """
    manager = session.manager
    held = manager.balances.get((session.account, token), 0)
    # All but a unit, so that the token's word of storage is never emptied.
    taken = max(held - 1, 0) if amount == MAX_UINT256 else amount
    if token not in manager.thresholds:
        raise refuse("TokenNotAllowed")
    if taken == 0:
        raise refuse("AmountCantBeZero")
    manager.move(session.account, token, -taken)
    manager.move(to, token, taken)
    session.safe_prices = True


def increase_debt(session: Session, amount: int) -> None:
    """Borrow more. Source: CreditFacadeV3.increaseDebt."""
    manager, own = session.manager, session.manager.accounts[session.account]
    if amount == 0:
        raise refuse("AmountCantBeZero")
    _check_block_limit(manager, amount, session.now.block)
    check_debt_block(own, session.now)
    index = base_interest_index(manager.pool, now_ts=session.now.ts)
    own.debt, own.index_lu_ray = calc_increase(amount, own.debt, index, own.index_lu_ray)
    lend_credit_account(manager.pool, manager=manager.name, amount=amount, now_ts=session.now.ts)
    manager.move(session.account, manager.underlying, amount)
    own.last_debt_block = session.now.block
    check_debt_limits(manager, own.debt, grows=True)


def decrease_debt(session: Session, amount: int) -> None:
    """Repay, in the contract's order. Source: CreditFacadeV3.decreaseDebt."""
    if amount == 0:
        raise refuse("AmountCantBeZero")
    decrease(session, amount)
    own = session.manager.accounts[session.account]
    check_debt_limits(session.manager, own.debt, grows=False)


def decrease(session: Session, amount: int) -> None:
    """Repay, without a look at the limits of a principal."""
    manager, account = session.manager, session.account
    own, pool = manager.accounts[account], manager.pool
    check_debt_block(own, session.now)
    owed = calc_debt(manager, account, now_ts=session.now.ts)
    amount = min(amount, owed.total_debt)
    manager.move(account, manager.underlying, -amount)
    pool.available_liquidity += amount
    if amount == owed.total_debt:
        left = (0, owed.index_now_ray, owed.accrued_fees, 0, 0)
    else:
        left = calc_decrease(
            amount,
            debt=own.debt,
            index_now_ray=owed.index_now_ray,
            index_then_ray=own.index_lu_ray,
            quota_interest=owed.quota_interest,
            quota_fees=own.quota_fees,
            fee_interest_bps=manager.fee_interest_bps,
        )
    debt, index, profit, quota_interest, fees = left
    if own.quoted:
        accrue_quota_interest(
            manager.keeper, account=account, tokens=own.quoted, now_ts=session.now.ts
        )
    repay_credit_account(
        pool, manager=manager.name, repaid=own.debt - debt, profit=profit, loss=0,
        now_ts=session.now.ts,
    )  # fmt: skip
    if debt == 0 and own.quoted:
        raise refuse("DebtToZeroWithActiveQuotas")
    own.debt, own.index_lu_ray = debt, index
    own.quota_interest, own.quota_fees = quota_interest, fees
    own.last_debt_block = session.now.block


def change_quota(session: Session, token: Hashable, change: int, min_quota: int) -> None:
    """
    Buy or give back a quota, in whole multiples of 10,000 units.

    Source: CreditFacadeV3.updateQuota. Raises `Revert`: no debt, an unknown token, out of bounds.
    """
    manager, account = session.manager, session.account
    own = manager.accounts[account]
    if change == 0:
        raise refuse("AmountCantBeZero")
    if change != ALL_OF_IT:
        change = (abs(change) // QUOTA_STEP * QUOTA_STEP) * (1 if change > 0 else -1)
    if own.debt == 0:
        raise refuse("UpdateQuotaOnZeroDebtAccount")
    interest, fee, begins, ceases = update_quota(
        manager.keeper,
        account=account,
        token=token,
        change=change,
        min_quota=min_quota,
        max_quota=min((1 << 96) - 1, MAX_QUOTA_MULTIPLIER * manager.max_debt),
        now_ts=session.now.ts,
    )
    own.quota_interest = fitting(own.quota_interest + interest, 128)
    own.quota_fees = fitting(own.quota_fees + fee, 128)
    known = list(manager.thresholds)
    if begins:
        own.quoted = sorted({*own.quoted, token}, key=known.index)
    elif ceases:
        own.quoted = [other for other in own.quoted if other != token]


def set_min_health(session: Session, min_health_bps: int) -> None:
    """Ask for a health at the end. Source: CreditFacadeV3.setFullCheckParams."""
    if min_health_bps < PERCENTAGE_FACTOR:
        raise refuse("CustomHealthFactorTooLow")
    session.min_health_bps = min_health_bps


def _check_block_limit(manager: CreditManager, amount: int, block: int) -> None:
    multiplier = manager.max_debt_per_block_multiplier
    if multiplier == 0:
        raise refuse("BorrowedBlockLimit")
    if multiplier == NO_BLOCK_LIMIT:
        return
    before = manager.borrowed_in_block if manager.last_block_borrowed == block else 0
    whole = before + amount
    if whole > manager.max_debt * multiplier:
        raise refuse("BorrowedBlockLimit")
    manager.borrowed_in_block, manager.last_block_borrowed = whole, block


def set_debt_limits(
    manager: CreditManager, min_debt: int, max_debt: int, multiplier: int, *, now: Now
) -> None:
    """
    Set the bounds of a principal, and how many times the largest may be borrowed in a block.

    In the block of the change nothing more can be borrowed under a block limit. Source:
    CreditFacadeV3.setDebtLimits.
    """
    manager.min_debt, manager.max_debt = min_debt, max_debt
    manager.max_debt_per_block_multiplier = multiplier
    manager.borrowed_in_block, manager.last_block_borrowed = MAX_UINT128, now.block
