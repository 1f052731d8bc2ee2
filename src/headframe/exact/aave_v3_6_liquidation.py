"""
Liquidation in Aave 3.6: size thresholds, no dust, and bad debt written off.

Half of a user's whole debt may be repaid while the health factor is above 0.95 and both positions
are worth 2,000 dollars; else all of one debt. What is left on either side must be worth 1,000
dollars, or nothing. Where no collateral is left at all, the debts that remain are burnt and booked
as deficits of their reserves: the loss is the market's.

Contract: @aave-dao/aave-v3-origin 3.6.0, LiquidationLogic (BUSL-1.1 until 6 March 2027: not opened;
from notes on its behaviour). The text is ours; the contracts, compiled from the official source,
judge it. Assumptions: those of `aave_v3_6_pool`; no oracle sentinel.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from headframe.exact.aave_v3_6_account import (
    HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD,
    AccountData,
    calculate_user_account_data,
    terms_of,
)
from headframe.exact.aave_v3_6_errors import refuse
from headframe.exact.aave_v3_6_math import (
    a_token_balance_down,
    a_token_burn_scaled_up,
    a_token_transfer_scaled_up,
    percent_div_up,
    v_token_burn_scaled_down,
)
from headframe.exact.aave_v3_6_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_6_reserve import (
    a_token_balance_of,
    burn_scaled,
    pay_out,
    take_in,
    to_uint,
    transfer_scaled,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_books import (
    TREASURY,
    atomic,
    is_borrowing,
    is_using_as_collateral,
    set_borrowing,
    set_using_as_collateral,
)
from headframe.exact.aave_v3_math import (
    div_down,
    mul,
    percent_div_half_up,
    percent_mul_half_up,
    sub,
)
from headframe.exact.fixed import div_up

DEFAULT_LIQUIDATION_CLOSE_FACTOR_BPS = 5_000
"""Part of a user's whole debt that may be repaid while he is large and not far below health."""
CLOSE_FACTOR_HF_THRESHOLD_WAD = 950_000_000_000_000_000
"""Health factor, 0.95, down from which all of a debt may be repaid."""
MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD = 2_000 * 10**8
"""Worth of a position, in the base currency, below which all of it may be liquidated."""
MIN_LEFTOVER_BASE = 1_000 * 10**8
"""What a partial liquidation must leave on both sides."""


@dataclass(frozen=True, slots=True)
class Liquidation:
    """Collateral for the liquidator, debt that he repays, and collateral for the treasury."""

    collateral_amount: int
    debt_amount: int
    protocol_fee: int


def calculate_available_collateral_to_liquidate(
    *,
    debt_to_cover: int,
    user_collateral_balance: int,
    collateral_price: int,
    debt_price: int,
    collateral_decimals: int,
    debt_decimals: int,
    liquidation_bonus_bps: int,
    liquidation_protocol_fee_bps: int,
) -> Liquidation:
    """
    Amounts that change hands when so much debt is repaid.

        base  = debt price * debt * collateral unit / (collateral price * debt unit)   (down)
        taken = percentMul(base, bonus) (half up), if the user has as much; else all he has, for
        debt  = percentDiv(collateral price * all * debt unit / (debt price * collateral unit),
                           bonus)                                                      (up)
        fee   = percentMul(taken - percentDiv(taken, bonus), protocol fee)        (half up)

    Source: LiquidationLogic._calculateAvailableCollateralToLiquidate. `liquidation_bonus_bps` is
    10000 plus the bonus. Raises `Revert`: panic 0x12 for a price of zero, 0x11 beyond 256 bits; no
    data for a bonus of zero.
    """
    collateral_unit, debt_unit = 10**collateral_decimals, 10**debt_decimals
    bonus = liquidation_bonus_bps
    base = div_down(
        mul(debt_price, debt_to_cover, collateral_unit), mul(collateral_price, debt_unit)
    )
    collateral, debt = percent_mul_half_up(base, bonus), debt_to_cover
    if collateral > user_collateral_balance:
        collateral = user_collateral_balance
        value = mul(collateral_price, collateral, debt_unit)
        debt = percent_div_up(div_down(value, mul(debt_price, collateral_unit)), bonus)
    if not liquidation_protocol_fee_bps:
        return Liquidation(collateral, debt, 0)
    bonus_part = sub(collateral, percent_div_half_up(collateral, bonus))
    fee = percent_mul_half_up(bonus_part, liquidation_protocol_fee_bps)
    return Liquidation(sub(collateral, fee), debt, fee)


def max_liquidatable_debt(
    account: AccountData,
    *,
    debt: int,
    debt_price: int,
    debt_unit: int,
    collateral_position_base: int,
) -> int:
    """
    How much of one debt a single liquidation may repay.

    All of it; but half of the user's *whole* debt, if that is less, while the health factor is
    above 0.95 and both the debt's and the collateral's positions are worth 2,000 dollars.
    """
    debt_position_base = div_up(mul(debt, debt_price), debt_unit)
    large = min(debt_position_base, collateral_position_base) >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD
    if not large or account.health_factor_wad <= CLOSE_FACTOR_HF_THRESHOLD_WAD:
        return debt
    half = percent_mul_half_up(account.total_debt_base, DEFAULT_LIQUIDATION_CLOSE_FACTOR_BPS)
    if debt_position_base <= half:
        return debt
    return div_down(mul(half, debt_unit), debt_price)


def liquidation_call(
    pool: Pool,
    liquidator: Hashable,
    collateral_asset: Hashable,
    debt_asset: Hashable,
    user: Hashable,
    debt_to_cover: int,
    *,
    receive_a_token: bool,
    now_ts: int,
) -> Liquidation:
    """
    Repay a part of an unhealthy user's debt and take collateral, as the asset or as aTokens.

    Source: LiquidationLogic.executeLiquidationCall. Raises `Revert`: SelfLiquidation,
    ReserveInactive, ReservePaused, HealthFactorNotBelowThreshold, CollateralCannotBeLiquidated,
    SpecifiedCurrencyNotBorrowedByUser, MustNotLeaveDust, InvalidBurnAmount; panic 0x11 without
    liquidity.
    """
    debt_reserve, reserve = reserve_of(pool, debt_asset), reserve_of(pool, collateral_asset)
    with atomic(pool, user, liquidator, TREASURY):
        _touch(debt_reserve, reserve, now_ts=now_ts)
        account = calculate_user_account_data(pool, user, now_ts=now_ts)
        owned = a_token_balance_of(pool, collateral_asset, user, now_ts=now_ts)
        debt = variable_debt_balance_of(pool, debt_asset, user, now_ts=now_ts)
        _check_liquidation(
            pool, reserve, debt_reserve, user, liquidator, debt, account.health_factor_wad
        )
        amounts = _amounts(
            pool, user, account, collateral_asset, debt_asset, owned, debt, debt_to_cover
        )
        taken = amounts.collateral_amount + amounts.protocol_fee
        _check_dust(pool, collateral_asset, debt_asset, owned - taken, debt - amounts.debt_amount)
        none_left = account.total_collateral_base == _worth_down(pool, collateral_asset, taken)
        _repay_debt(pool, user, debt_reserve, debt, amounts.debt_amount, none_left)
        if taken == owned:
            set_using_as_collateral(pool, user, reserve, False)
        if receive_a_token:
            _hand_over(reserve, user, liquidator, amounts.collateral_amount)
        else:
            _take_out(reserve, user, amounts.collateral_amount)
        _pay_fee(reserve, user, amounts.protocol_fee)
        if none_left:
            _write_off(pool, user, now_ts=now_ts)
        take_in(debt_reserve, amounts.debt_amount)
    return amounts


def _touch(debt_reserve: Reserve, reserve: Reserve, *, now_ts: int) -> None:
    """
    Let time pass on both sides; the treasury is due its share twice where they are one reserve.

    The contract reads both sides before it updates either, so that the second update does not see
    the first: index and rates come out alike, and what is added to the treasury is added again.
    """
    due = debt_reserve.accrued_to_treasury
    update_state(debt_reserve, now_ts=now_ts)
    if reserve is debt_reserve:
        reserve.accrued_to_treasury = to_uint(2 * reserve.accrued_to_treasury - due, 128)
    else:
        update_state(reserve, now_ts=now_ts)


def _amounts(
    pool: Pool,
    user: Hashable,
    account: AccountData,
    collateral_asset: Hashable,
    debt_asset: Hashable,
    owned: int,
    debt: int,
    debt_to_cover: int,
) -> Liquidation:
    """Amounts at the user's terms, for as much as may be repaid."""
    reserve, debt_reserve = pool.reserves[collateral_asset], pool.reserves[debt_asset]
    debt_price = pool.prices.get(debt_asset, 0)
    most = max_liquidatable_debt(
        account,
        debt=debt,
        debt_price=debt_price,
        debt_unit=10**debt_reserve.configuration.decimals,
        collateral_position_base=_worth_down(pool, collateral_asset, owned),
    )
    return calculate_available_collateral_to_liquidate(
        debt_to_cover=min(debt_to_cover, most),
        user_collateral_balance=owned,
        collateral_price=pool.prices.get(collateral_asset, 0),
        debt_price=debt_price,
        collateral_decimals=reserve.configuration.decimals,
        debt_decimals=debt_reserve.configuration.decimals,
        liquidation_bonus_bps=terms_of(pool, user, reserve).liquidation_bonus_bps,
        liquidation_protocol_fee_bps=reserve.configuration.liquidation_protocol_fee_bps,
    )


def _check_dust(
    pool: Pool,
    collateral_asset: Hashable,
    debt_asset: Hashable,
    collateral_left: int,
    debt_left: int,
) -> None:
    """Refuse to leave little on either side; where one side is empty there is no dust."""
    if not (collateral_left and debt_left):
        return
    worth = _worth_down(pool, debt_asset, debt_left)
    if min(worth, _worth_down(pool, collateral_asset, collateral_left)) < MIN_LEFTOVER_BASE:
        raise refuse("MustNotLeaveDust")


def _worth_down(pool: Pool, asset: Hashable, amount: int) -> int:
    unit: int = 10 ** pool.reserves[asset].configuration.decimals
    return mul(amount, pool.prices.get(asset, 0)) // unit


def _check_liquidation(
    pool: Pool,
    reserve: Reserve,
    debt_reserve: Reserve,
    user: Hashable,
    liquidator: Hashable,
    debt: int,
    health_factor_wad: int,
) -> None:
    if user == liquidator:
        raise refuse("SelfLiquidation")
    if not (reserve.configuration.active and debt_reserve.configuration.active):
        raise refuse("ReserveInactive")
    if reserve.configuration.paused or debt_reserve.configuration.paused:
        raise refuse("ReservePaused")
    if health_factor_wad >= HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise refuse("HealthFactorNotBelowThreshold", health_factor_wad=health_factor_wad)
    if not is_using_as_collateral(pool, user, reserve):
        raise refuse("CollateralCannotBeLiquidated")
    if debt == 0:
        raise refuse("SpecifiedCurrencyNotBorrowedByUser")


def _repay_debt(
    pool: Pool, user: Hashable, reserve: Reserve, debt: int, amount: int, none_left: bool
) -> None:
    """Burn what was repaid; with no collateral left all of the debt, the rest as a deficit."""
    token, index = reserve.variable_debt_token, reserve.variable_borrow_index
    scaled = token.scaled_balance_of.get(user, 0)
    if not none_left and amount != debt:
        scaled = v_token_burn_scaled_down(amount, index)
    if burn_scaled(token, user, scaled, index):
        set_borrowing(pool, user, reserve, False)
    if none_left and amount < debt:
        reserve.deficit += to_uint(debt - amount, 128)
    update_interest_rates(reserve, liquidity_added=amount)


def _write_off(pool: Pool, user: Hashable, *, now_ts: int) -> None:
    """Burn a user's remaining debts and book them as deficits."""
    for asset, reserve in pool.reserves.items():
        if not (is_borrowing(pool, user, reserve) and reserve.configuration.active):
            continue
        update_state(reserve, now_ts=now_ts)
        debt = variable_debt_balance_of(pool, asset, user, now_ts=now_ts)
        _repay_debt(pool, user, reserve, debt, 0, True)


def _take_out(reserve: Reserve, user: Hashable, amount: int) -> None:
    update_interest_rates(reserve, liquidity_taken=amount)
    index = reserve.liquidity_index
    burn_scaled(reserve.a_token, user, a_token_burn_scaled_up(amount, index), index)
    pay_out(reserve, amount)


def _hand_over(reserve: Reserve, user: Hashable, liquidator: Hashable, amount: int) -> None:
    index = reserve.liquidity_index
    scaled = a_token_transfer_scaled_up(amount, index)
    transfer_scaled(reserve.a_token, user, liquidator, scaled, index)


def _pay_fee(reserve: Reserve, user: Hashable, fee: int) -> None:
    if fee == 0:
        return
    index = reserve.liquidity_index
    left = reserve.a_token.scaled_balance_of.get(user, 0)
    scaled = a_token_transfer_scaled_up(fee, index)
    if scaled > left:
        # What was taken before was rounded up at the cost of the fee.
        fee = a_token_balance_down(left, index)
        scaled = left
    transfer_scaled(reserve.a_token, user, TREASURY, scaled, index)
