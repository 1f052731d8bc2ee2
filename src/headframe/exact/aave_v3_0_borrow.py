"""
Borrowers of Aave 3.0: borrow, lend one's credit, repay, choose an efficiency mode.

Each function is one transaction, made as those of `aave_v3_0_supply`: touch, check, set rates, move
tokens, in the contract's order, all or nothing.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), BorrowLogic, EModeLogic, IsolationModeLogic,
DebtTokenBase (BUSL-1.1, MIT since its change date of 27 January 2023). The text is ours; the
bytecode judges it. Assumptions: those of `aave_v3_0_pool`; stable rates are disabled everywhere.
"""

from collections.abc import Hashable

from headframe.exact.aave_v3_0_account import (
    HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD,
    calculate_user_account_data,
    check_flags,
    check_health_factor,
    check_silo,
    isolation_collateral,
)
from headframe.exact.aave_v3_0_pool import DEBT_CEILING_DECIMALS, Pool, Reserve, reserve_of
from headframe.exact.aave_v3_0_reserve import (
    a_token_balance_of,
    add_uint128,
    burn_scaled,
    mint_scaled,
    pay_out,
    take_in,
    to_uint128,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_books import ALL, atomic, is_borrowing, set_borrowing
from headframe.exact.aave_v3_math import add, mul, percent_div_half_up, ray_mul_half_up, sub
from headframe.exact.fixed import revert_error, revert_panic

STABLE, VARIABLE = 1, 2
"""Interest rate modes."""


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

    Source: BorrowLogic.executeBorrow. Raises `Revert`: "26" nothing, "27" to "30" for the reserve's
    state, "33" and "31" for other rates than the variable one, "50" borrow cap, "60" and "53"
    isolation, "58" efficiency mode, "34" no collateral, "57" none that counts, "35" health factor
    not above one, "36" too little collateral, "89" silo, "24"; panic 0x11 without enough credit
    lent, or liquidity.
    """
    user = caller if on_behalf_of is None else on_behalf_of
    if not 0 <= interest_rate_mode <= VARIABLE:
        raise revert_panic(0x21, interest_rate_mode=interest_rate_mode)
    reserve = reserve_of(pool, asset)
    with atomic(pool, user, caller):
        update_state(reserve, now_ts=now_ts)
        isolated = isolation_collateral(pool, user)
        _check_reserve_lends(reserve, amount, interest_rate_mode)
        if isolated:
            _check_isolation(reserve, isolated, amount)
        _check_collateral(pool, user, asset, amount, now_ts)
        if interest_rate_mode == STABLE:
            raise revert_error("31")
        check_silo(pool, user, reserve)
        _use_credit(reserve, user, caller, amount)
        token = reserve.variable_debt_token
        if mint_scaled(token, user, amount, reserve.variable_borrow_index):
            set_borrowing(pool, user, reserve, True)
        if isolated:
            debt = add_uint128(isolated.isolation_mode_total_debt, _ceiling_units(reserve, amount))
            isolated.isolation_mode_total_debt = debt
        update_interest_rates(reserve, liquidity_taken=amount)
        pay_out(reserve, amount)


def _check_reserve_lends(reserve: Reserve, amount: int, interest_rate_mode: int) -> None:
    configuration = reserve.configuration
    if amount == 0:
        raise revert_error("26")
    check_flags(reserve, not_frozen=True)
    if not configuration.borrowing_enabled:
        raise revert_error("30")
    if interest_rate_mode not in (STABLE, VARIABLE):
        raise revert_error("33")
    if configuration.borrow_cap:
        scaled_debt = reserve.variable_debt_token.scaled_total_supply
        debt = add(ray_mul_half_up(scaled_debt, reserve.variable_borrow_index), amount)
        if debt > configuration.borrow_cap * 10**configuration.decimals:
            raise revert_error("50", debt=debt)


def _check_isolation(reserve: Reserve, isolated: Reserve, amount: int) -> None:
    if not reserve.configuration.borrowable_in_isolation:
        raise revert_error("60")
    debt = add_uint128(isolated.isolation_mode_total_debt, _ceiling_units(reserve, amount))
    if debt > isolated.configuration.debt_ceiling:
        raise revert_error("53", debt=debt)


def _ceiling_units(reserve: Reserve, amount: int) -> int:
    # Rounded down to hundredths: smaller loans do not count against the ceiling at all.
    return to_uint128(amount // 10 ** sub(reserve.configuration.decimals, DEBT_CEILING_DECIMALS))


def _check_collateral(
    pool: Pool, user: Hashable, asset: Hashable, amount: int, now_ts: int
) -> None:
    """Check that the collateral covers the debt with this loan, at the mean loan-to-value."""
    reserve, source = pool.reserves[asset], asset
    number = pool.users_e_mode_category.get(user, 0)
    if number:
        if reserve.configuration.e_mode_category != number:
            raise revert_error("58")
        mode = pool.e_mode_categories.get(number)
        source = asset if mode is None or mode.price_source is None else mode.price_source
    account = calculate_user_account_data(pool, user, now_ts=now_ts)
    if account.total_collateral_base == 0:
        raise revert_error("34")
    if account.ltv_bps == 0:
        raise revert_error("57")
    if account.health_factor_wad <= HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise revert_error("35", health_factor_wad=account.health_factor_wad)
    value = mul(pool.prices.get(source, 0), amount) // 10**reserve.configuration.decimals
    needed = percent_div_half_up(add(account.total_debt_base, value), account.ltv_bps)
    if needed > account.total_collateral_base:
        raise revert_error("36", needed=needed, collateral=account.total_collateral_base)


def approve_delegation(
    pool: Pool, delegator: Hashable, asset: Hashable, delegatee: Hashable, amount: int
) -> None:
    """Let somebody borrow so much at one's own risk. Source: DebtTokenBase.approveDelegation."""
    reserve_of(pool, asset).borrow_allowance[delegator, delegatee] = amount


def _use_credit(reserve: Reserve, delegator: Hashable, delegatee: Hashable, amount: int) -> None:
    if delegator == delegatee:
        return
    pair = (delegator, delegatee)
    reserve.borrow_allowance[pair] = sub(reserve.borrow_allowance.get(pair, 0), amount)


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

    Source: BorrowLogic.executeRepay. Raises `Revert`: "26" nothing, "40" everything of somebody
    else's, "27", "29", "39" no such debt, "25" too little to be debited.
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

    The supply stays marked as collateral even when nothing is left of it, and no health is checked.
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
        burn_scaled(reserve.variable_debt_token, user, amount, reserve.variable_borrow_index)
        update_interest_rates(reserve, liquidity_added=0 if with_a_tokens else amount)
        if amount == debt:
            set_borrowing(pool, user, reserve, False)
        reduce_isolated_debt(pool, user, reserve, amount)
        if with_a_tokens:
            burn_scaled(reserve.a_token, caller, amount, reserve.liquidity_index)
        else:
            take_in(reserve, amount)
    return amount


def _check_repay(reserve: Reserve, amount: int, debt: int, mode: int, own: bool) -> None:
    if amount == 0:
        raise revert_error("26")
    if amount == ALL and not own:
        raise revert_error("40")
    check_flags(reserve)
    if debt == 0 or mode != VARIABLE:
        raise revert_error("39")


def reduce_isolated_debt(pool: Pool, user: Hashable, reserve: Reserve, amount: int) -> None:
    """
    Take a repayment off what counts against the ceiling; interest does not count, so never below 0.

    Source: IsolationModeLogic.updateIsolatedDebtIfIsolated.
    """
    isolated = isolation_collateral(pool, user)
    if isolated:
        left = isolated.isolation_mode_total_debt - _ceiling_units(reserve, amount)
        isolated.isolation_mode_total_debt = max(left, 0)


def set_user_e_mode(pool: Pool, user: Hashable, category: int, *, now_ts: int) -> None:
    """
    Enter an efficiency mode, or leave it with 0; all of one's debts must be of the category.

    Source: EModeLogic.executeSetUserEMode. Raises `Revert`: "58" no such category or other debts,
    "35" unhealthy by the new terms (checked when another mode is left).
    """
    mode = pool.e_mode_categories.get(category)
    if category and (mode is None or not mode.liquidation_threshold_bps):
        raise revert_error("58", category=category)
    if category and pool.users_config.get(user, 0):
        for reserve in pool.reserves.values():
            other = reserve.configuration.e_mode_category != category
            if other and is_borrowing(pool, user, reserve):
                raise revert_error("58", category=category)
    with atomic(pool, user):
        before = pool.users_e_mode_category.get(user, 0)
        pool.users_e_mode_category[user] = category
        if before:
            check_health_factor(pool, user, now_ts=now_ts)
