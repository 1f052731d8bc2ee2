"""
Suppliers of Aave 3.6: supply, withdraw, hand over, choose what backs one's debts; the treasury.

Each function is one transaction, in the contract's order, so that the first refusal is the
contract's; a `Revert` leaves the pool as it was. What the contract learns from the chain is an
argument: who calls, and `now_ts`, the block's time.

Contract: @aave-dao/aave-v3-origin 3.6.0, SupplyLogic, PoolLogic, AToken (BUSL-1.1 until 6 March
2027: not opened; from notes on its behaviour). The text is ours; the contracts, compiled from the
official source, judge it. Assumptions: those of `aave_v3_6_pool`.
"""

from collections.abc import Hashable, Sequence

from headframe.exact.aave_v3_6_account import (
    check_flags,
    check_health_and_ltv,
    may_use_as_collateral,
)
from headframe.exact.aave_v3_6_errors import refuse
from headframe.exact.aave_v3_6_math import (
    a_token_balance_down,
    a_token_burn_scaled_up,
    a_token_mint_scaled_down,
    a_token_transfer_scaled_up,
)
from headframe.exact.aave_v3_6_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_6_reserve import (
    BALANCE_BITS,
    a_token_balance_of,
    burn_scaled,
    get_reserve_normalized_income,
    mint_scaled,
    pay_out,
    take_in,
    to_uint,
    transfer_scaled,
    update_interest_rates,
    update_state,
)
from headframe.exact.aave_v3_books import (
    ALL,
    BORROWING_MASK,
    TREASURY,
    atomic,
    is_using_as_collateral,
    set_using_as_collateral,
)
from headframe.exact.aave_v3_math import add, mul


def supply(
    pool: Pool,
    caller: Hashable,
    asset: Hashable,
    amount: int,
    *,
    now_ts: int,
    on_behalf_of: Hashable | None = None,
) -> None:
    """
    Hand an asset to the pool for aTokens, rounded down; a first supply becomes collateral.

    Source: SupplyLogic.executeSupply. Raises `Revert`: InvalidAmount, ReserveInactive,
    ReservePaused, ReserveFrozen, SupplyCapExceeded.
    """
    user = caller if on_behalf_of is None else on_behalf_of
    reserve = reserve_of(pool, asset)
    with atomic(pool, user):
        update_state(reserve, now_ts=now_ts)
        scaled = a_token_mint_scaled_down(amount, reserve.liquidity_index)
        _check_supply(reserve, scaled)
        update_interest_rates(reserve, liquidity_added=amount)
        take_in(reserve, amount)
        first = mint_scaled(reserve.a_token, user, scaled, reserve.liquidity_index)
        if first and may_use_as_collateral(pool, user, reserve):
            set_using_as_collateral(pool, user, reserve, True)


def _check_supply(reserve: Reserve, scaled: int) -> None:
    if scaled == 0:
        raise refuse("InvalidAmount")
    check_flags(reserve, not_frozen=True)
    cap = reserve.configuration.supply_cap
    if cap == 0:
        return
    whole = add(reserve.a_token.scaled_total_supply, reserve.accrued_to_treasury)
    supplied = a_token_balance_down(add(whole, scaled), reserve.liquidity_index)
    if supplied > mul(cap, 10**reserve.configuration.decimals):
        raise refuse("SupplyCapExceeded", supplied=supplied)


def withdraw(pool: Pool, user: Hashable, asset: Hashable, amount: int, *, now_ts: int) -> int:
    """
    Take an asset out for aTokens, rounded up; `ALL` for everything; debts must stay healthy.

    Source: SupplyLogic.executeWithdraw. Returns the amount. Raises `Revert`: InvalidAmount,
    NotEnoughAvailableUserBalance, ReserveInactive, ReservePaused, InvalidBurnAmount,
    HealthFactorLowerThanLiquidationThreshold, LtvValidationFailed; panic 0x11 for more than the
    reserve holds.
    """
    reserve = reserve_of(pool, asset)
    with atomic(pool, user):
        update_state(reserve, now_ts=now_ts)
        index = reserve.liquidity_index
        scaled_balance = reserve.a_token.scaled_balance_of.get(user, 0)
        balance = a_token_balance_down(scaled_balance, index)
        amount = balance if amount == ALL else amount
        _check_withdraw(reserve, amount, balance)
        update_interest_rates(reserve, liquidity_taken=amount)
        was_collateral = is_using_as_collateral(pool, user, reserve)
        scaled = a_token_burn_scaled_up(amount, index)
        emptied = burn_scaled(reserve.a_token, user, scaled, index)
        pay_out(reserve, amount)
        if was_collateral:
            if emptied:
                set_using_as_collateral(pool, user, reserve, False)
            if pool.users_config.get(user, 0) & BORROWING_MASK:
                check_health_and_ltv(pool, user, reserve, now_ts=now_ts)
    return amount


def _check_withdraw(reserve: Reserve, amount: int, balance: int) -> None:
    if amount == 0:
        raise refuse("InvalidAmount")
    if amount > balance:
        raise refuse("NotEnoughAvailableUserBalance", amount=amount, balance=balance)
    check_flags(reserve)


def transfer(
    pool: Pool, sender: Hashable, asset: Hashable, recipient: Hashable, amount: int, *, now_ts: int
) -> None:
    """
    Move aTokens, rounded up, to somebody else; the sender's debts must stay healthy.

    Since 3.6 what is received does not become collateral by itself.

    Source: AToken.transfer, SupplyLogic.executeFinalizeTransfer. Raises `Revert`: ReservePaused,
    HealthFactorLowerThanLiquidationThreshold, LtvValidationFailed, panic 0x11 for more than one
    has.
    """
    reserve = reserve_of(pool, asset)
    to_uint(amount, BALANCE_BITS)
    with atomic(pool, sender, recipient):
        index = get_reserve_normalized_income(reserve, now_ts=now_ts)
        balances = reserve.a_token.scaled_balance_of
        scaled = a_token_transfer_scaled_up(amount, index)
        transfer_scaled(reserve.a_token, sender, recipient, scaled, index)
        if reserve.configuration.paused:
            raise refuse("ReservePaused")
        if sender == recipient or scaled == 0:
            return
        if is_using_as_collateral(pool, sender, reserve):
            if balances.get(sender, 0) == 0:
                set_using_as_collateral(pool, sender, reserve, False)
            if pool.users_config.get(sender, 0) & BORROWING_MASK:
                check_health_and_ltv(pool, sender, reserve, now_ts=now_ts)


def set_user_use_reserve_as_collateral(
    pool: Pool, user: Hashable, asset: Hashable, use_as_collateral: bool, *, now_ts: int
) -> None:
    """
    Let a supply back one's debts, or no longer.

    Source: SupplyLogic.executeUseReserveAsCollateral. Raises `Revert`: UnderlyingBalanceZero,
    ReserveInactive, ReservePaused, UserInIsolationModeOrLtvZero,
    HealthFactorLowerThanLiquidationThreshold, LtvValidationFailed.
    """
    if asset not in pool.reserves:
        raise refuse("ReserveInactive")
    reserve = pool.reserves[asset]
    check_flags(reserve)
    if use_as_collateral == is_using_as_collateral(pool, user, reserve):
        return
    with atomic(pool, user):
        if use_as_collateral:
            if a_token_balance_of(pool, asset, user, now_ts=now_ts) == 0:
                raise refuse("UnderlyingBalanceZero")
            if not may_use_as_collateral(pool, user, reserve):
                raise refuse("UserInIsolationModeOrLtvZero")
            set_using_as_collateral(pool, user, reserve, True)
            return
        set_using_as_collateral(pool, user, reserve, False)
        check_health_and_ltv(pool, user, reserve, now_ts=now_ts)


def mint_to_treasury(pool: Pool, assets: Sequence[Hashable], *, now_ts: int) -> None:
    """
    Credit the treasury with the aTokens it is due, whole; reserves not active are passed over.

    Source: PoolLogic.executeMintToTreasury.
    """
    with atomic(pool, TREASURY):
        for asset in assets:
            reserve = pool.reserves.get(asset)
            if reserve is None or not reserve.configuration.active:
                continue
            due, reserve.accrued_to_treasury = reserve.accrued_to_treasury, 0
            if due:
                index = get_reserve_normalized_income(reserve, now_ts=now_ts)
                mint_scaled(reserve.a_token, TREASURY, due, index)
