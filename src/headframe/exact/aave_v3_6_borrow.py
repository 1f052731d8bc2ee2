"""
Borrowers of Aave 3.6: borrow, lend one's credit, repay, choose an efficiency mode.

Each function is one transaction, made as those of `aave_v3_6_supply`. Debts are booked rounded up
and credited rounded down; whether a loan is allowed is asked of the account with the loan in it.

Contract: @aave-dao/aave-v3-origin 3.6.0, BorrowLogic, SupplyLogic, VariableDebtToken (BUSL-1.1
until 6 March 2027: not opened; from notes on its behaviour). The text is ours; the contracts,
compiled from the official source, judge it. Assumptions: those of `aave_v3_6_pool`.
"""

from collections.abc import Hashable

from headframe.exact.aave_v3_6_account import (
    check_flags,
    check_health_factor,
    check_loan,
    e_mode_of,
    terms_of,
)
from headframe.exact.aave_v3_6_errors import address_word, refuse, refuse_with
from headframe.exact.aave_v3_6_math import (
    a_token_balance_down,
    a_token_burn_scaled_up,
    v_token_balance_up,
    v_token_burn_scaled_down,
    v_token_mint_scaled_up,
)
from headframe.exact.aave_v3_6_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_6_reserve import (
    a_token_balance_of,
    burn_scaled,
    mint_scaled,
    pay_out,
    take_in,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_books import (
    ALL,
    BORROWING_MASK,
    atomic,
    is_borrowing,
    is_using_as_collateral,
    set_borrowing,
    set_using_as_collateral,
)
from headframe.exact.aave_v3_math import add
from headframe.exact.fixed import revert_panic

NONE, DEPRECATED, VARIABLE = 0, 1, 2
"""Interest rate modes; only the last one is left."""


def borrow(
    pool: Pool,
    caller: Hashable,
    asset: Hashable,
    amount: int,
    *,
    now_ts: int,
    on_behalf_of: Hashable | None = None,
    interest_rate_mode: int = VARIABLE,
) -> None:
    """
    Take a loan against one's collateral, or against that of somebody who lent his credit.

    Source: BorrowLogic.executeBorrow. Raises `Revert`: InvalidAmount (nothing, or more than there
    is), ReserveInactive, ReservePaused, ReserveFrozen, BorrowingNotEnabled, BorrowCapExceeded,
    InvalidInterestRateModeSelected, NotBorrowableInEMode, InsufficientBorrowAllowance,
    LtvValidationFailed, HealthFactorLowerThanLiquidationThreshold, CollateralCannotCoverNewBorrow.
    """
    user = caller if on_behalf_of is None else on_behalf_of
    if not 0 <= interest_rate_mode <= VARIABLE:
        raise revert_panic(0x21, interest_rate_mode=interest_rate_mode)
    reserve = reserve_of(pool, asset)
    with atomic(pool, user, caller):
        update_state(reserve, now_ts=now_ts)
        index = reserve.variable_borrow_index
        scaled = v_token_mint_scaled_up(amount, index)
        _check_borrow(pool, user, reserve, amount, scaled, interest_rate_mode)
        _use_credit(reserve, user, caller, amount, scaled)
        if mint_scaled(reserve.variable_debt_token, user, scaled, index):
            set_borrowing(pool, user, reserve, True)
        update_interest_rates(reserve, liquidity_taken=amount)
        pay_out(reserve, amount)
        check_loan(pool, user, now_ts=now_ts)


def _check_borrow(
    pool: Pool, user: Hashable, reserve: Reserve, amount: int, scaled: int, mode: int
) -> None:
    configuration = reserve.configuration
    if amount == 0:
        raise refuse("InvalidAmount")
    check_flags(reserve, not_frozen=True)
    if not _lends(pool, user, reserve):
        raise refuse("NotBorrowableInEMode" if e_mode_of(pool, user) else "BorrowingNotEnabled")
    # What is compared is the debt, which may be a unit larger than the loan.
    supplied = a_token_balance_down(reserve.a_token.scaled_total_supply, reserve.liquidity_index)
    if v_token_balance_up(scaled, reserve.variable_borrow_index) > supplied:
        raise refuse("InvalidAmount", amount=amount)
    if mode != VARIABLE:
        raise refuse("InvalidInterestRateModeSelected")
    if configuration.borrow_cap:
        whole = add(reserve.variable_debt_token.scaled_total_supply, scaled)
        debt = v_token_balance_up(whole, reserve.variable_borrow_index)
        if debt > configuration.borrow_cap * 10**configuration.decimals:
            raise refuse("BorrowCapExceeded", debt=debt)


def approve_delegation(
    pool: Pool, delegator: Hashable, asset: Hashable, delegatee: Hashable, amount: int
) -> None:
    """Let somebody borrow so much at one's own risk. Source: DebtTokenBase.approveDelegation."""
    reserve_of(pool, asset).borrow_allowance[delegator, delegatee] = amount


def _use_credit(
    reserve: Reserve, delegator: Hashable, delegatee: Hashable, amount: int, scaled: int
) -> None:
    """Take the debt's growth, rounding included, off the credit, but no more than there is."""
    if delegator == delegatee:
        return
    pair, index = (delegator, delegatee), reserve.variable_borrow_index
    allowed = reserve.borrow_allowance.get(pair, 0)
    if allowed < amount:
        raise refuse_with("InsufficientBorrowAllowance", address_word(delegatee), allowed, amount)
    before = reserve.variable_debt_token.scaled_balance_of.get(delegator, 0)
    grown = v_token_balance_up(before + scaled, index) - v_token_balance_up(before, index)
    reserve.borrow_allowance[pair] = allowed - min(allowed, grown)


def repay(
    pool: Pool,
    caller: Hashable,
    asset: Hashable,
    amount: int,
    *,
    now_ts: int,
    on_behalf_of: Hashable | None = None,
    interest_rate_mode: int = VARIABLE,
) -> int:
    """
    Pay debt back, one's own or somebody's, `ALL` for everything of one's own. Returns the amount.

    Source: BorrowLogic.executeRepay. Raises `Revert`: InvalidAmount,
    InvalidInterestRateModeSelected, NoExplicitAmountToRepayOnBehalf, ReserveInactive,
    ReservePaused, NoDebtOfSelectedType, InvalidBurnAmount.
    """
    user = caller if on_behalf_of is None else on_behalf_of
    return _repay(pool, caller, user, asset, amount, interest_rate_mode, False, now_ts)


def repay_with_a_tokens(
    pool: Pool,
    user: Hashable,
    asset: Hashable,
    amount: int,
    *,
    now_ts: int,
    interest_rate_mode: int = VARIABLE,
) -> int:
    """
    Pay one's debt back with one's supply of the same asset. Returns the amount.

    Source: BorrowLogic.executeRepay. Raises `Revert` as `repay`; panic 0x11 for more than one has.
    """
    return _repay(pool, user, user, asset, amount, interest_rate_mode, True, now_ts)


def _repay(
    pool: Pool,
    caller: Hashable,
    user: Hashable,
    asset: Hashable,
    amount: int,
    interest_rate_mode: int,
    with_a_tokens: bool,
    now_ts: int,
) -> int:
    if not 0 <= interest_rate_mode <= VARIABLE:
        raise revert_panic(0x21, interest_rate_mode=interest_rate_mode)
    reserve = reserve_of(pool, asset)
    with atomic(pool, user, caller):
        update_state(reserve, now_ts=now_ts)
        debt = variable_debt_balance_of(pool, asset, user, now_ts=now_ts)
        _check_repay(reserve, amount, debt, interest_rate_mode, caller == user)
        if with_a_tokens and amount == ALL:
            amount = a_token_balance_of(pool, asset, caller, now_ts=now_ts)
        amount = min(amount, debt)
        index = reserve.variable_borrow_index
        scaled = v_token_burn_scaled_down(amount, index)
        if burn_scaled(reserve.variable_debt_token, user, scaled, index):
            set_borrowing(pool, user, reserve, False)
        update_interest_rates(reserve, liquidity_added=0 if with_a_tokens else amount)
        if with_a_tokens:
            _pay_with_a_tokens(pool, caller, reserve, amount, now_ts)
        else:
            take_in(reserve, amount)
    return amount


def _pay_with_a_tokens(
    pool: Pool, user: Hashable, reserve: Reserve, amount: int, now_ts: int
) -> None:
    index = reserve.liquidity_index
    scaled = a_token_burn_scaled_up(amount, index)
    emptied = burn_scaled(reserve.a_token, user, scaled, index)
    if is_using_as_collateral(pool, user, reserve):
        if emptied:
            set_using_as_collateral(pool, user, reserve, False)
        if pool.users_config.get(user, 0) & BORROWING_MASK:
            check_health_factor(pool, user, now_ts=now_ts)


def _check_repay(reserve: Reserve, amount: int, debt: int, mode: int, own: bool) -> None:
    if amount == 0:
        raise refuse("InvalidAmount")
    if mode != VARIABLE:
        raise refuse("InvalidInterestRateModeSelected")
    if amount == ALL and not own:
        raise refuse("NoExplicitAmountToRepayOnBehalf")
    check_flags(reserve)
    if debt == 0:
        raise refuse("NoDebtOfSelectedType")


def set_user_e_mode(pool: Pool, user: Hashable, category: int, *, now_ts: int) -> None:
    """
    Enter an efficiency mode, or leave it with 0; one's debts must be among those that it lends.

    Source: SupplyLogic.executeSetUserEMode. Raises `Revert`: InconsistentEModeCategory,
    InvalidDebtInEmode, InvalidCollateralInEmode, HealthFactorLowerThanLiquidationThreshold.
    """
    if pool.users_e_mode_category.get(user, 0) == category:
        return
    mode = pool.e_mode_categories.get(category)
    if category and (mode is None or not mode.liquidation_threshold_bps):
        raise refuse("InconsistentEModeCategory", category=category)
    with atomic(pool, user):
        pool.users_e_mode_category[user] = category
        for asset, reserve in pool.reserves.items():
            _check_mode(pool, user, asset, reserve, category)
        check_health_factor(pool, user, now_ts=now_ts)


def _check_mode(
    pool: Pool, user: Hashable, asset: Hashable, reserve: Reserve, category: int
) -> None:
    """Refuse a mode that would not lend one of the user's debts, or nothing for a collateral."""
    if is_borrowing(pool, user, reserve) and not _lends(pool, user, reserve):
        raise refuse_with("InvalidDebtInEmode", address_word(asset), category)
    if is_using_as_collateral(pool, user, reserve) and not terms_of(pool, user, reserve).ltv_bps:
        raise refuse_with("InvalidCollateralInEmode", address_word(asset), category)


def _lends(pool: Pool, user: Hashable, reserve: Reserve) -> bool:
    """Whether a reserve may be borrowed from: in a mode its bitmap says it, and nothing else."""
    mode = e_mode_of(pool, user)
    if mode is None:
        return reserve.configuration.borrowing_enabled
    return bool(mode.borrowable_bitmap >> reserve.id & 1)
