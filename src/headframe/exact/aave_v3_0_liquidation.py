"""
Liquidation in Aave 3.0: others repay an unhealthy debt and take collateral with a bonus.

Half of one debt may be repaid while the health factor is above 0.95, all of it from there down. The
collateral taken is worth what was repaid plus the bonus; where the collateral does not suffice, the
repayment is cut down to it. The protocol keeps a part of the bonus.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), LiquidationLogic (BUSL-1.1, MIT since its change date
of 27 January 2023). The text is ours; the bytecode judges it. Assumptions: those of
`aave_v3_0_pool`; no stable debt, no oracle sentinel.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from headframe.exact.aave_v3_0_account import (
    HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD,
    becomes_collateral,
    calculate_user_account_data,
)
from headframe.exact.aave_v3_0_borrow import reduce_isolated_debt
from headframe.exact.aave_v3_0_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_0_reserve import (
    a_token_balance_of,
    burn_scaled,
    get_reserve_normalized_income,
    pay_out,
    take_in,
    transfer_scaled,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_books import (
    TREASURY,
    atomic,
    is_using_as_collateral,
    set_borrowing,
    set_using_as_collateral,
)
from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    div_down,
    mul,
    percent_div_half_up,
    percent_mul_half_up,
    ray_div_half_up,
    ray_mul_half_up,
    sub,
)
from headframe.exact.fixed import revert_error

DEFAULT_LIQUIDATION_CLOSE_FACTOR_BPS = 5_000
"""Part of a debt that may be repaid while the health factor is above the threshold."""
MAX_LIQUIDATION_CLOSE_FACTOR_BPS = PERCENTAGE_FACTOR
"""Part of a debt that may be repaid from the threshold down: all."""
CLOSE_FACTOR_HF_THRESHOLD_WAD = 950_000_000_000_000_000
"""Health factor, 0.95, down from which all of a debt may be repaid."""


@dataclass(frozen=True, slots=True)
class Liquidation:
    """Collateral for the liquidator, debt that he repays, and collateral for the treasury."""

    collateral_amount: int
    debt_amount: int
    protocol_fee: int


def close_factor_bps(health_factor_wad: int) -> int:
    """Part of a debt that one liquidation may repay. Source: LiquidationLogic._calculateDebt."""
    if health_factor_wad > CLOSE_FACTOR_HF_THRESHOLD_WAD:
        return DEFAULT_LIQUIDATION_CLOSE_FACTOR_BPS
    return MAX_LIQUIDATION_CLOSE_FACTOR_BPS


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
        taken = percentMul(base, bonus), if the user has as much; else all he has, for
        debt  = percentDiv(collateral price * all * debt unit / (debt price * collateral unit),
                           bonus)                                           (down, then half up)
        fee   = percentMul(taken - percentDiv(taken, bonus), protocol fee)

    The debt is never more than asked for: all he has is at most `base * bonus - 1/2`.
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
        debt = percent_div_half_up(div_down(value, mul(debt_price, collateral_unit)), bonus)
    if not liquidation_protocol_fee_bps:
        return Liquidation(collateral, debt, 0)
    bonus_part = sub(collateral, percent_div_half_up(collateral, bonus))
    fee = percent_mul_half_up(bonus_part, liquidation_protocol_fee_bps)
    return Liquidation(sub(collateral, fee), debt, fee)


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

    Source: LiquidationLogic.executeLiquidationCall. Raises `Revert`: "27" inactive, "29" paused,
    "45" healthy, "46" not his collateral, "47" not his debt, "25" too little; panic 0x11 without
    liquidity.
    """
    debt_reserve = reserve_of(pool, debt_asset)
    with atomic(pool, user, liquidator, TREASURY):
        update_state(debt_reserve, now_ts=now_ts)
        health = calculate_user_account_data(pool, user, now_ts=now_ts).health_factor_wad
        debt = variable_debt_balance_of(pool, debt_asset, user, now_ts=now_ts)
        most = percent_mul_half_up(debt, close_factor_bps(health))
        _check_liquidation(pool, collateral_asset, debt_reserve, user, debt, health)
        reserve = pool.reserves[collateral_asset]
        owned = a_token_balance_of(pool, collateral_asset, user, now_ts=now_ts)
        amounts = _amounts(
            pool, collateral_asset, debt_asset, user, min(debt_to_cover, most), owned
        )
        if debt == amounts.debt_amount:
            set_borrowing(pool, user, debt_reserve, False)
        if amounts.collateral_amount + amounts.protocol_fee == owned:
            set_using_as_collateral(pool, user, reserve, False)
        token, index = debt_reserve.variable_debt_token, debt_reserve.variable_borrow_index
        burn_scaled(token, user, amounts.debt_amount, index)
        update_interest_rates(debt_reserve, liquidity_added=amounts.debt_amount)
        reduce_isolated_debt(pool, user, debt_reserve, amounts.debt_amount)
        if receive_a_token:
            _hand_over(
                pool, reserve, collateral_asset, user, liquidator, amounts.collateral_amount, now_ts
            )
        else:
            _take_out(reserve, user, amounts.collateral_amount, now_ts)
        _pay_fee(reserve, user, amounts.protocol_fee, now_ts)
        take_in(debt_reserve, amounts.debt_amount)
    return amounts


def _check_liquidation(
    pool: Pool,
    collateral_asset: Hashable,
    debt_reserve: Reserve,
    user: Hashable,
    debt: int,
    health_factor_wad: int,
) -> None:
    reserve = pool.reserves.get(collateral_asset)
    if reserve is None or not (reserve.configuration.active and debt_reserve.configuration.active):
        raise revert_error("27")
    if reserve.configuration.paused or debt_reserve.configuration.paused:
        raise revert_error("29")
    if health_factor_wad >= HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise revert_error("45", health_factor_wad=health_factor_wad)
    threshold = reserve.configuration.liquidation_threshold_bps
    if not threshold or not is_using_as_collateral(pool, user, reserve):
        raise revert_error("46")
    if debt == 0:
        raise revert_error("47")


def _amounts(
    pool: Pool,
    collateral_asset: Hashable,
    debt_asset: Hashable,
    user: Hashable,
    debt_to_cover: int,
    owned: int,
) -> Liquidation:
    """Amounts at the user's terms: his efficiency mode's bonus and price, where they apply."""
    collateral = pool.reserves[collateral_asset].configuration
    bonus, collateral_source, debt_source = (
        collateral.liquidation_bonus_bps,
        collateral_asset,
        debt_asset,
    )
    number = pool.users_e_mode_category.get(user, 0)
    mode = pool.e_mode_categories.get(number) if number else None
    if mode and collateral.e_mode_category == number:
        bonus = mode.liquidation_bonus_bps
        if mode.price_source is not None:
            collateral_source = mode.price_source
    if mode and mode.price_source is not None:
        debt_source = mode.price_source
    return calculate_available_collateral_to_liquidate(
        debt_to_cover=debt_to_cover,
        user_collateral_balance=owned,
        collateral_price=pool.prices.get(collateral_source, 0),
        debt_price=pool.prices.get(debt_source, 0),
        collateral_decimals=collateral.decimals,
        debt_decimals=pool.reserves[debt_asset].configuration.decimals,
        liquidation_bonus_bps=bonus,
        liquidation_protocol_fee_bps=collateral.liquidation_protocol_fee_bps,
    )


def _take_out(reserve: Reserve, user: Hashable, amount: int, now_ts: int) -> None:
    update_state(reserve, now_ts=now_ts)
    update_interest_rates(reserve, liquidity_taken=amount)
    burn_scaled(reserve.a_token, user, amount, reserve.liquidity_index)
    pay_out(reserve, amount)


def _hand_over(
    pool: Pool,
    reserve: Reserve,
    asset: Hashable,
    user: Hashable,
    liquidator: Hashable,
    amount: int,
    now_ts: int,
) -> None:
    had = a_token_balance_of(pool, asset, liquidator, now_ts=now_ts)
    index = get_reserve_normalized_income(reserve, now_ts=now_ts)
    transfer_scaled(reserve.a_token, user, liquidator, amount, index)
    if had == 0 and becomes_collateral(pool, liquidator, reserve, liquidator):
        set_using_as_collateral(pool, liquidator, reserve, True)


def _pay_fee(reserve: Reserve, user: Hashable, fee: int, now_ts: int) -> None:
    if fee == 0:
        return
    index = get_reserve_normalized_income(reserve, now_ts=now_ts)
    left = reserve.a_token.scaled_balance_of.get(user, 0)
    if ray_div_half_up(fee, index) > left:
        # What was taken before may have been rounded up at the cost of the fee.
        fee = ray_mul_half_up(left, index)
    transfer_scaled(reserve.a_token, user, TREASURY, fee, index)
