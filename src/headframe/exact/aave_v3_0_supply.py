"""
Suppliers of Aave 3.0: supply, withdraw, hand over, choose what backs one's debts; the treasury.

Each function is one transaction. It touches the reserve (interest until now), checks, sets the new
rates, moves tokens, and checks what the user is left with, in the contract's order, so that the
first refusal is the contract's; a `Revert` leaves the pool as it was. What the contract learns from
the chain is an argument: who calls, and `now_ts`, the block's time.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), SupplyLogic, PoolLogic, AToken (BUSL-1.1, MIT since its
change date of 27 January 2023). The text is ours; the bytecode judges it. Assumptions: those of
`aave_v3_0_pool`.
"""

from collections.abc import Hashable, Sequence

from headframe.exact.aave_v3_0_account import (
    becomes_collateral,
    check_flags,
    check_health_and_ltv,
    may_use_as_collateral,
)
from headframe.exact.aave_v3_0_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_0_reserve import (
    a_token_balance_of,
    burn_scaled,
    get_reserve_normalized_income,
    mint_scaled,
    pay_out,
    take_in,
    to_uint128,
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
from headframe.exact.aave_v3_math import add, mul, ray_mul_half_up
from headframe.exact.fixed import revert_error


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
    Hand an asset to the pool for aTokens; a first supply becomes collateral if it may.

    Source: SupplyLogic.executeSupply. Raises `Revert`: "26" nothing, "27" inactive, "29" paused,
    "28" frozen, "51" above the supply cap, "24" too little to be credited.
    """
    user = caller if on_behalf_of is None else on_behalf_of
    reserve = reserve_of(pool, asset)
    with atomic(pool, user):
        update_state(reserve, now_ts=now_ts)
        _check_supply(reserve, amount)
        update_interest_rates(reserve, liquidity_added=amount)
        take_in(reserve, amount)
        first = mint_scaled(reserve.a_token, user, amount, reserve.liquidity_index)
        if first and becomes_collateral(pool, user, reserve, caller):
            set_using_as_collateral(pool, user, reserve, True)


def _check_supply(reserve: Reserve, amount: int) -> None:
    if amount == 0:
        raise revert_error("26")
    check_flags(reserve, not_frozen=True)
    cap = reserve.configuration.supply_cap
    if cap == 0:
        return
    scaled = add(reserve.a_token.scaled_total_supply, reserve.accrued_to_treasury)
    supplied = add(ray_mul_half_up(scaled, reserve.liquidity_index), amount)
    if supplied > mul(cap, 10**reserve.configuration.decimals):
        raise revert_error("51", supplied=supplied)


def withdraw(pool: Pool, user: Hashable, asset: Hashable, amount: int, *, now_ts: int) -> int:
    """
    Take an asset out for aTokens, `ALL` for everything; debts must stay healthy.

    Source: SupplyLogic.executeWithdraw. Returns the amount. Raises `Revert`: "26" nothing, "32"
    more than one has, "27", "29", "25", "35" unhealthy, "57" worthless collateral goes first; panic
    0x11 (with debt) or the token's own refusal (without) for more than the reserve holds.
    """
    reserve = reserve_of(pool, asset)
    with atomic(pool, user):
        update_state(reserve, now_ts=now_ts)
        scaled = reserve.a_token.scaled_balance_of.get(user, 0)
        balance = ray_mul_half_up(scaled, reserve.liquidity_index)
        amount = balance if amount == ALL else amount
        _check_withdraw(reserve, amount, balance)
        update_interest_rates(reserve, liquidity_taken=amount)
        was_collateral = is_using_as_collateral(pool, user, reserve)
        if was_collateral and amount == balance:
            set_using_as_collateral(pool, user, reserve, False)
        burn_scaled(reserve.a_token, user, amount, reserve.liquidity_index)
        pay_out(reserve, amount)
        if was_collateral and pool.users_config.get(user, 0) & BORROWING_MASK:
            check_health_and_ltv(pool, user, reserve, now_ts=now_ts)
    return amount


def _check_withdraw(reserve: Reserve, amount: int, balance: int) -> None:
    if amount == 0:
        raise revert_error("26")
    if amount > balance:
        raise revert_error("32", amount=amount, balance=balance)
    check_flags(reserve)


def transfer(
    pool: Pool, sender: Hashable, asset: Hashable, recipient: Hashable, amount: int, *, now_ts: int
) -> None:
    """
    Move aTokens to somebody else; the sender's debts must stay healthy.

    Source: AToken.transfer, SupplyLogic.executeFinalizeTransfer. Raises `Revert`: "29" paused, "35"
    unhealthy, "57", panic 0x11 for more than one has.
    """
    reserve = reserve_of(pool, asset)
    to_uint128(amount)
    with atomic(pool, sender, recipient):
        had = a_token_balance_of(pool, asset, sender, now_ts=now_ts)
        recipient_had = a_token_balance_of(pool, asset, recipient, now_ts=now_ts)
        index = get_reserve_normalized_income(reserve, now_ts=now_ts)
        transfer_scaled(reserve.a_token, sender, recipient, amount, index)
        if reserve.configuration.paused:
            raise revert_error("29")
        if sender == recipient or amount == 0:
            return
        if is_using_as_collateral(pool, sender, reserve):
            if pool.users_config.get(sender, 0) & BORROWING_MASK:
                check_health_and_ltv(pool, sender, reserve, now_ts=now_ts)
            if had == amount:
                set_using_as_collateral(pool, sender, reserve, False)
        if recipient_had == 0 and becomes_collateral(pool, recipient, reserve, None):
            set_using_as_collateral(pool, recipient, reserve, True)


def set_user_use_reserve_as_collateral(
    pool: Pool, user: Hashable, asset: Hashable, use_as_collateral: bool, *, now_ts: int
) -> None:
    """
    Let a supply back one's debts, or no longer.

    Source: SupplyLogic.executeUseReserveAsCollateral. Raises `Revert`: "43" nothing supplied, "27",
    "29", "62" isolated or without loan-to-value, "35", "57".
    """
    reserve = reserve_of(pool, asset)
    if a_token_balance_of(pool, asset, user, now_ts=now_ts) == 0:
        raise revert_error("43")
    check_flags(reserve)
    if use_as_collateral == is_using_as_collateral(pool, user, reserve):
        return
    with atomic(pool, user):
        if use_as_collateral:
            if not may_use_as_collateral(pool, user, reserve):
                raise revert_error("62")
            set_using_as_collateral(pool, user, reserve, True)
            return
        set_using_as_collateral(pool, user, reserve, False)
        check_health_and_ltv(pool, user, reserve, now_ts=now_ts)


def mint_to_treasury(pool: Pool, assets: Sequence[Hashable], *, now_ts: int) -> None:
    """
    Credit the treasury with aTokens for what it is due; reserves not active are passed over.

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
                amount = ray_mul_half_up(due, index)
                mint_scaled(reserve.a_token, TREASURY, amount, index)
