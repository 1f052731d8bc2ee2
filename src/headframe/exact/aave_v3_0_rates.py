"""
Aave 3.0's rates: a kinked line over how much of a reserve is lent out.

Up to an optimal usage the borrow rate climbs slowly, above it steeply, so that lenders can leave
and borrowers are pressed to repay. Suppliers get what borrowers pay, spread over all that is
supplied, less the reserve factor. A rate for stable debt is quoted beside it by the same shape; no
stable debt is modelled here, since governance has switched it off everywhere.

Contract: @aave/core-v3 1.19.3, DefaultReserveInterestRateStrategy (BUSL-1.1, MIT since its change
date of 27 January 2023). The text is ours; the bytecode judges it.
"""

from dataclasses import dataclass

from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    add,
    percent_mul_half_up,
    ray_div_half_up,
    ray_mul_half_up,
    sub,
    wad_to_ray,
)
from headframe.exact.fixed import RAY, revert_error


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRateStrategy:
    """The parameters of one reserve's curve, in rays a year; the usage ratio is a ray."""

    optimal_usage_ratio_ray: int
    base_variable_borrow_rate_ray: int
    variable_rate_slope1_ray: int
    variable_rate_slope2_ray: int
    stable_rate_slope1_ray: int = 0
    stable_rate_slope2_ray: int = 0
    base_stable_rate_offset_ray: int = 0

    def __post_init__(self) -> None:
        if self.optimal_usage_ratio_ray > RAY:
            raise revert_error("83", optimal_usage_ratio_ray=self.optimal_usage_ratio_ray)


@dataclass(frozen=True, slots=True)
class InterestRates:
    """What suppliers earn and borrowers pay, in rays a year."""

    liquidity_rate_ray: int
    stable_borrow_rate_ray: int
    variable_borrow_rate_ray: int


def calculate_interest_rates(
    strategy: InterestRateStrategy,
    *,
    available_liquidity: int,
    total_variable_debt: int,
    reserve_factor_bps: int,
    liquidity_added: int = 0,
    liquidity_taken: int = 0,
    unbacked: int = 0,
) -> InterestRates:
    """
    Rates of a reserve after an action, every step rounded half up.

        U        = debt / (available + debt)
        U <= opt:  base + slope1 * U / opt            (multiplied first)
        U > opt:   base + slope1 + slope2 * (U - opt) / (1 - opt)
        supply   = borrow * debt / (available + debt + unbacked) * (1 - reserve factor)

    Source: DefaultReserveInterestRateStrategy.calculateInterestRates. Amounts are in the asset's
    smallest unit. Raises `Revert`: panic 0x11 where more is taken than there is; no data beyond 256
    bits, and for a usage of zero where the optimal usage is zero.
    """
    usage = supply_usage = 0
    if total_variable_debt:
        available = sub(add(available_liquidity, liquidity_added), liquidity_taken)
        whole = add(available, total_variable_debt)
        usage = ray_div_half_up(total_variable_debt, whole)
        supply_usage = ray_div_half_up(total_variable_debt, add(whole, unbacked))
    stable_base = add(strategy.variable_rate_slope1_ray, strategy.base_stable_rate_offset_ray)
    stable_climb = _climb(
        strategy, usage, strategy.stable_rate_slope1_ray, strategy.stable_rate_slope2_ray
    )
    climb = _climb(
        strategy, usage, strategy.variable_rate_slope1_ray, strategy.variable_rate_slope2_ray
    )
    variable_rate = add(strategy.base_variable_borrow_rate_ray, climb)
    overall = _overall_borrow_rate(total_variable_debt, variable_rate)
    kept_bps = sub(PERCENTAGE_FACTOR, reserve_factor_bps)
    liquidity_rate = percent_mul_half_up(ray_mul_half_up(overall, supply_usage), kept_bps)
    return InterestRates(liquidity_rate, add(stable_base, stable_climb), variable_rate)


def _climb(strategy: InterestRateStrategy, usage_ray: int, slope1: int, slope2: int) -> int:
    optimal = strategy.optimal_usage_ratio_ray
    if usage_ray > optimal:
        excess = ray_div_half_up(usage_ray - optimal, RAY - optimal)
        return add(slope1, ray_mul_half_up(slope2, excess))
    return ray_div_half_up(ray_mul_half_up(slope1, usage_ray), optimal)


def _overall_borrow_rate(total_variable_debt: int, variable_rate_ray: int) -> int:
    # An average over one kind of debt: the contract's detour through rays may lose half a unit.
    if total_variable_debt == 0:
        return 0
    debt_ray = wad_to_ray(total_variable_debt)
    return ray_div_half_up(ray_mul_half_up(debt_ray, variable_rate_ray), debt_ray)
