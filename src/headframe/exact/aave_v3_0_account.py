"""
What a user of Aave 3.0 owns, owes and may do: health factor, efficiency mode, isolation, silos.

Collateral is valued at the oracle's prices, weighted with each asset's liquidation threshold and
set against the debt: below a health factor of one, others may repay and take collateral. In an
efficiency mode the assets of one category share better parameters, and may share one price. A user
whose only collateral has a debt ceiling is isolated: he may borrow little, of listed assets only.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), GenericLogic, EModeLogic, UserConfiguration,
ValidationLogic (BUSL-1.1, MIT since its change date of 27 January 2023). The text is ours; the
bytecode judges it. Assumptions: those of `aave_v3_0_pool`; no oracle sentinel.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from headframe.exact.aave_v3_0_pool import EModeCategory, Pool, Reserve, the_only_reserve
from headframe.exact.aave_v3_0_reserve import (
    get_reserve_normalized_income,
    get_reserve_normalized_variable_debt,
)
from headframe.exact.aave_v3_books import (
    BORROWING_MASK,
    COLLATERAL_MASK,
    is_borrowing,
    is_using_as_collateral,
)
from headframe.exact.aave_v3_math import (
    add,
    mul,
    percent_mul_half_up,
    ray_mul_half_up,
    wad_div_half_up,
)
from headframe.exact.fixed import MAX_UINT256, WAD, revert_error

HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD = WAD
"""Health factor below which a user may be liquidated, and must not bring himself."""


@dataclass(frozen=True, slots=True)
class AccountData:
    """Values in the base currency's smallest unit; the health factor without debt is 2^256 - 1."""

    total_collateral_base: int
    total_debt_base: int
    ltv_bps: int
    liquidation_threshold_bps: int
    health_factor_wad: int
    has_zero_ltv_collateral: bool = False

    @property
    def available_borrows_base(self) -> int:
        """What may still be borrowed: the loan-to-value share of the collateral less the debt."""
        most = percent_mul_half_up(self.total_collateral_base, self.ltv_bps)
        return max(most - self.total_debt_base, 0)


NOTHING = AccountData(0, 0, 0, 0, MAX_UINT256)
"""Account of a user without collateral and debt."""


def calculate_health_factor_wad(
    total_collateral_base: int, liquidation_threshold_bps: int, total_debt_base: int
) -> int:
    """
    Collateral at its liquidation threshold over debt, both steps rounded half up.

        wadDiv(percentMul(collateral, threshold), debt)

    Source: GenericLogic.calculateUserAccountData. 2^256 - 1 without debt.
    """
    if total_debt_base == 0:
        return MAX_UINT256
    covered = percent_mul_half_up(total_collateral_base, liquidation_threshold_bps)
    return wad_div_half_up(covered, total_debt_base)


def calculate_user_account_data(pool: Pool, user: Hashable, *, now_ts: int) -> AccountData:
    """
    Sum up a user's collateral and debt over all reserves, each value rounded down.

        value = balance * price / unit
        ltv and threshold = sum(value * of the asset) / sum(value), rounded down

    Source: GenericLogic.calculateUserAccountData. Raises `Revert` (panic 0x11) beyond 256 bits.
    """
    if not pool.users_config.get(user, 0):
        return NOTHING
    number = pool.users_e_mode_category.get(user, 0)
    mode = pool.e_mode_categories.get(number)
    collateral = debt = weighted_ltv = weighted_threshold = 0
    has_zero_ltv = False
    for asset, reserve in pool.reserves.items():
        configuration = reserve.configuration
        price = price_of(pool, asset, reserve, mode, number)
        if configuration.liquidation_threshold_bps and is_using_as_collateral(pool, user, reserve):
            value = _collateral_base(reserve, user, price, now_ts)
            collateral = add(collateral, value)
            in_mode = mode if number and configuration.e_mode_category == number else None
            terms = in_mode or configuration
            if configuration.ltv_bps:
                weighted_ltv = add(weighted_ltv, mul(value, terms.ltv_bps))
            has_zero_ltv = has_zero_ltv or not configuration.ltv_bps
            weight = mul(value, terms.liquidation_threshold_bps)
            weighted_threshold = add(weighted_threshold, weight)
        if is_borrowing(pool, user, reserve):
            debt = add(debt, _debt_base(reserve, user, price, now_ts))
    ltv = _mean_down(weighted_ltv, collateral)
    threshold = _mean_down(weighted_threshold, collateral)
    health = calculate_health_factor_wad(collateral, threshold, debt)
    return AccountData(collateral, debt, ltv, threshold, health, has_zero_ltv)


def price_of(
    pool: Pool, asset: Hashable, reserve: Reserve, mode: EModeCategory | None, number: int
) -> int:
    """Price of an asset to a user: his category's common price, if it has one, within it."""
    if mode and mode.price_source is not None and reserve.configuration.e_mode_category == number:
        common = pool.prices.get(mode.price_source, 0)
        if common:
            return common
    return pool.prices.get(asset, 0)


def _mean_down(weighted: int, total: int) -> int:
    return weighted // total if total else 0


def _collateral_base(reserve: Reserve, user: Hashable, price: int, now_ts: int) -> int:
    index = get_reserve_normalized_income(reserve, now_ts=now_ts)
    balance = ray_mul_half_up(reserve.a_token.scaled_balance_of.get(user, 0), index)
    unit: int = 10**reserve.configuration.decimals
    return mul(balance, price) // unit


def _debt_base(reserve: Reserve, user: Hashable, price: int, now_ts: int) -> int:
    debt = reserve.variable_debt_token.scaled_balance_of.get(user, 0)
    if debt:
        debt = ray_mul_half_up(debt, get_reserve_normalized_variable_debt(reserve, now_ts=now_ts))
    unit: int = 10**reserve.configuration.decimals
    return mul(price, debt) // unit


# ---- what is allowed -----------------------------------------------------------------------


def isolation_collateral(pool: Pool, user: Hashable) -> Reserve | None:
    """
    The isolated collateral of a user who has no other, else None.

    Source: UserConfiguration.getIsolationModeState.
    """
    reserve = the_only_reserve(pool, user, COLLATERAL_MASK)
    return reserve if reserve and reserve.configuration.debt_ceiling else None


def may_use_as_collateral(pool: Pool, user: Hashable, reserve: Reserve) -> bool:
    """
    Say whether an asset may join a user's collateral: the only one, or none of them isolated.

    Source: ValidationLogic.validateUseAsCollateral.
    """
    if not reserve.configuration.ltv_bps:
        return False
    if not pool.users_config.get(user, 0) & COLLATERAL_MASK:
        return True
    return isolation_collateral(pool, user) is None and not reserve.configuration.debt_ceiling


def becomes_collateral(
    pool: Pool, user: Hashable, reserve: Reserve, caller: Hashable | None
) -> bool:
    """
    Say whether a first supply becomes collateral by itself; an isolated asset only for callers
    with a role of their own.

    Source: ValidationLogic.validateAutomaticUseAsCollateral.
    """
    isolated = reserve.configuration.debt_ceiling
    if isolated and caller not in pool.isolated_collateral_suppliers:
        return False
    return may_use_as_collateral(pool, user, reserve)


def check_health_factor(pool: Pool, user: Hashable, *, now_ts: int) -> AccountData:
    """Refuse with "35" a user whose health factor is below one. Returns his account."""
    account = calculate_user_account_data(pool, user, now_ts=now_ts)
    if account.health_factor_wad < HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise revert_error("35", health_factor_wad=account.health_factor_wad)
    return account


def check_health_and_ltv(pool: Pool, user: Hashable, reserve: Reserve, *, now_ts: int) -> None:
    """
    Refuse to weaken a position: "35" below health, "57" if worthless collateral should go first.

    Source: ValidationLogic.validateHFAndLtv.
    """
    account = check_health_factor(pool, user, now_ts=now_ts)
    if account.has_zero_ltv_collateral and reserve.configuration.ltv_bps:
        raise revert_error("57")


def check_silo(pool: Pool, user: Hashable, reserve: Reserve) -> None:
    """Refuse with "89" any other debt beside a siloed one. Source: validateBorrow."""
    if not pool.users_config.get(user, 0) & BORROWING_MASK:
        return
    only = the_only_reserve(pool, user, BORROWING_MASK)
    if only and only.configuration.siloed_borrowing:
        if only is not reserve:
            raise revert_error("89")
    elif reserve.configuration.siloed_borrowing:
        raise revert_error("89")


def check_flags(reserve: Reserve, *, not_frozen: bool = False) -> None:
    """Refuse an inactive ("27"), a paused ("29") and, if asked to, a frozen reserve ("28")."""
    if not reserve.configuration.active:
        raise revert_error("27")
    if reserve.configuration.paused:
        raise revert_error("29")
    if not_frozen and reserve.configuration.frozen:
        raise revert_error("28")
