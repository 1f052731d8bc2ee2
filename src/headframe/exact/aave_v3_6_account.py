"""
What a user of Aave 3.6 owns, owes and may do: health factor and efficiency mode.

Collateral is valued rounded down, debt rounded up. In an efficiency mode the assets of its bitmap
share better terms, and only those of the other bitmap may be borrowed.

Contract: @aave-dao/aave-v3-origin 3.6.0, GenericLogic, ValidationLogic (BUSL-1.1 until 6 March
2027: not opened; from notes on its behaviour). The text is ours; the contracts, compiled from the
official source, judge it. Assumptions: those of `aave_v3_6_pool`; no oracle sentinel.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from headframe.exact.aave_v3_6_errors import refuse
from headframe.exact.aave_v3_6_math import (
    a_token_balance_down,
    percent_div_up,
    percent_mul_down,
    v_token_balance_up,
)
from headframe.exact.aave_v3_6_pool import EModeCategory, Pool, Reserve
from headframe.exact.aave_v3_6_reserve import (
    get_reserve_normalized_income,
    get_reserve_normalized_variable_debt,
)
from headframe.exact.aave_v3_books import is_borrowing, is_using_as_collateral
from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    add,
    mul,
    wad_div_half_up,
)
from headframe.exact.fixed import MAX_UINT256, WAD, div_up

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
        most = percent_mul_down(self.total_collateral_base, self.ltv_bps)
        return max(most - self.total_debt_base, 0)


NOTHING = AccountData(0, 0, 0, 0, MAX_UINT256)
"""Account of a user without collateral and debt."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Risk parameters of one collateral to one user."""

    ltv_bps: int
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int


def terms_of(pool: Pool, user: Hashable, reserve: Reserve) -> Terms:
    """An asset's terms to a user: his efficiency mode's where it lists the asset, else its own."""
    mode = e_mode_of(pool, user)
    if mode and mode.collateral_bitmap >> reserve.id & 1:
        ltv = 0 if mode.ltvzero_bitmap >> reserve.id & 1 else mode.ltv_bps
        return Terms(ltv, mode.liquidation_threshold_bps, mode.liquidation_bonus_bps)
    own = reserve.configuration
    return Terms(own.ltv_bps, own.liquidation_threshold_bps, own.liquidation_bonus_bps)


def e_mode_of(pool: Pool, user: Hashable) -> EModeCategory | None:
    """The efficiency mode that a user is in, if any."""
    number = pool.users_e_mode_category.get(user, 0)
    return pool.e_mode_categories.get(number) if number else None


def calculate_user_account_data(pool: Pool, user: Hashable, *, now_ts: int) -> AccountData:
    """
    Sum up a user's collateral, each value rounded down, and debt, each rounded up.

        health factor = wadDiv(sum(value * threshold), debt) / 10000       (half up, then down)
        ltv and threshold = sum(value * of the asset) / sum(value)         (down)

    Source: GenericLogic.calculateUserAccountData. Raises `Revert` (panic 0x11) beyond 256 bits.
    """
    if not pool.users_config.get(user, 0):
        return NOTHING
    collateral = debt = weighted_ltv = weighted_threshold = 0
    has_zero_ltv = False
    for asset, reserve in pool.reserves.items():
        price = pool.prices.get(asset, 0)
        terms = terms_of(pool, user, reserve)
        if is_using_as_collateral(pool, user, reserve):
            value = _collateral_base(reserve, user, price, now_ts)
            collateral = add(collateral, value)
            weighted_ltv = add(weighted_ltv, mul(value, terms.ltv_bps))
            has_zero_ltv = has_zero_ltv or not terms.ltv_bps
            weight = mul(value, terms.liquidation_threshold_bps)
            weighted_threshold = add(weighted_threshold, weight)
        if is_borrowing(pool, user, reserve):
            debt = add(debt, _debt_base(reserve, user, price, now_ts))
    health = _health_factor_wad(weighted_threshold, debt)
    ltv = _mean_down(weighted_ltv, collateral)
    threshold = _mean_down(weighted_threshold, collateral)
    return AccountData(collateral, debt, ltv, threshold, health, has_zero_ltv)


def _health_factor_wad(weighted_threshold: int, debt: int) -> int:
    if debt == 0:
        return MAX_UINT256
    return wad_div_half_up(weighted_threshold, debt) // PERCENTAGE_FACTOR


def _mean_down(weighted: int, total: int) -> int:
    return weighted // total if total else 0


def _collateral_base(reserve: Reserve, user: Hashable, price: int, now_ts: int) -> int:
    index = get_reserve_normalized_income(reserve, now_ts=now_ts)
    balance = a_token_balance_down(reserve.a_token.scaled_balance_of.get(user, 0), index)
    unit: int = 10**reserve.configuration.decimals
    return mul(balance, price) // unit


def _debt_base(reserve: Reserve, user: Hashable, price: int, now_ts: int) -> int:
    scaled = reserve.variable_debt_token.scaled_balance_of.get(user, 0)
    if scaled == 0:
        return 0
    index = get_reserve_normalized_variable_debt(reserve, now_ts=now_ts)
    unit: int = 10**reserve.configuration.decimals
    return div_up(mul(v_token_balance_up(scaled, index), price), unit)


# ---- what is allowed -----------------------------------------------------------------------


def check_health_factor(pool: Pool, user: Hashable, *, now_ts: int) -> AccountData:
    """Refuse a user whose health factor is below one. Returns his account."""
    account = calculate_user_account_data(pool, user, now_ts=now_ts)
    if account.health_factor_wad < HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise refuse(
            "HealthFactorLowerThanLiquidationThreshold", health_factor_wad=account.health_factor_wad
        )
    return account


def check_health_and_ltv(pool: Pool, user: Hashable, reserve: Reserve, *, now_ts: int) -> None:
    """Refuse to weaken a position below health, or while collateral that lends nothing is left."""
    account = check_health_factor(pool, user, now_ts=now_ts)
    if account.has_zero_ltv_collateral and terms_of(pool, user, reserve).ltv_bps:
        raise refuse("LtvValidationFailed")


def check_loan(pool: Pool, user: Hashable, *, now_ts: int) -> None:
    """Refuse a debt beyond the collateral's loan-to-value, or beyond health."""
    account = calculate_user_account_data(pool, user, now_ts=now_ts)
    if account.ltv_bps == 0:
        raise refuse("LtvValidationFailed")
    if account.health_factor_wad < HEALTH_FACTOR_LIQUIDATION_THRESHOLD_WAD:
        raise refuse(
            "HealthFactorLowerThanLiquidationThreshold", health_factor_wad=account.health_factor_wad
        )
    needed = percent_div_up(account.total_debt_base, account.ltv_bps)
    if needed > account.total_collateral_base:
        raise refuse("CollateralCannotCoverNewBorrow", needed=needed)


def may_use_as_collateral(pool: Pool, user: Hashable, reserve: Reserve) -> bool:
    """Say whether an asset may join a user's collateral: whether it lends him anything."""
    return terms_of(pool, user, reserve).ltv_bps > 0


def check_flags(reserve: Reserve, *, not_frozen: bool = False) -> None:
    """Refuse an inactive, a paused and, if asked to, a frozen reserve."""
    if not reserve.configuration.active:
        raise refuse("ReserveInactive")
    if reserve.configuration.paused:
        raise refuse("ReservePaused")
    if not_frozen and reserve.configuration.frozen:
        raise refuse("ReserveFrozen")
