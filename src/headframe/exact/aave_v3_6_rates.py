"""
Aave 3.6's rates: one strategy for all reserves, a kinked line for each, parameters in basis points.

Up to an optimal usage the borrow rate climbs slowly, above it steeply. Suppliers get what borrowers
pay, spread over all that they are owed, bad debt (the reserve's deficit) included, less the reserve
factor.

Contract: @aave-dao/aave-v3-origin 3.6.0, DefaultReserveInterestRateStrategyV2 (BUSL-1.1 until 6
March 2027: not opened; from notes on its behaviour). The text is ours; the contract, compiled from
the official source, judges it.
"""

from dataclasses import dataclass

from headframe.exact.aave_v3_6_errors import refuse
from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    add,
    percent_mul_half_up,
    ray_div_half_up,
    ray_mul_half_up,
    sub,
)
from headframe.exact.fixed import RAY

MIN_OPTIMAL_POINT_BPS, MAX_OPTIMAL_POINT_BPS = 100, 9_900
"""The kink lies from 1 % to 99 % of usage."""
MAX_BORROW_RATE_BPS = 100_000
"""The rate at full usage is 1000 % at most."""
RAY_PER_BPS = 10**23
"""A basis point as a ray."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRateStrategy:
    """
    The parameters of one reserve's curve, in basis points a year; the usage ratio too.

    Source: DefaultReserveInterestRateStrategyV2.setInterestRateParams. Raises `Revert`:
    InvalidOptimalUsageRatio, Slope2MustBeGteSlope1, InvalidMaxRate.
    """

    optimal_usage_ratio_bps: int
    base_variable_borrow_rate_bps: int
    variable_rate_slope1_bps: int
    variable_rate_slope2_bps: int

    def __post_init__(self) -> None:
        optimal, slope2 = self.optimal_usage_ratio_bps, self.variable_rate_slope2_bps
        if not MIN_OPTIMAL_POINT_BPS <= optimal <= MAX_OPTIMAL_POINT_BPS:
            raise refuse("InvalidOptimalUsageRatio", optimal_usage_ratio_bps=optimal)
        if self.variable_rate_slope1_bps > slope2:
            raise refuse("Slope2MustBeGteSlope1", slope2_bps=slope2)
        most = self.base_variable_borrow_rate_bps + self.variable_rate_slope1_bps + slope2
        if most > MAX_BORROW_RATE_BPS:
            raise refuse("InvalidMaxRate", max_rate_bps=most)


@dataclass(frozen=True, slots=True)
class InterestRates:
    """What suppliers earn and borrowers pay, in rays a year."""

    liquidity_rate_ray: int
    variable_borrow_rate_ray: int


def calculate_interest_rates(
    strategy: InterestRateStrategy,
    *,
    available_liquidity: int,
    total_debt: int,
    reserve_factor_bps: int,
    deficit: int = 0,
    liquidity_added: int = 0,
    liquidity_taken: int = 0,
) -> InterestRates:
    """
    Rates of a reserve after an action, every step rounded half up.

        U        = debt / (available + debt)
        U <= opt:  base + slope1 * U / opt            (multiplied first)
        U > opt:   base + slope1 + slope2 * (U - opt) / (1 - opt)
        supply   = borrow * debt / (available + debt + deficit) * (1 - reserve factor)

    Without debt suppliers earn nothing and borrowers would pay the base rate; nothing else is
    looked at. Source: DefaultReserveInterestRateStrategyV2.calculateInterestRates. Amounts are in
    the asset's smallest unit. Raises `Revert`: panic 0x11 where more is taken than there is, no
    data beyond 256 bits.
    """
    base = strategy.base_variable_borrow_rate_bps * RAY_PER_BPS
    if total_debt == 0:
        return InterestRates(0, base)
    available = sub(add(available_liquidity, liquidity_added), liquidity_taken)
    whole = add(available, total_debt)
    usage = ray_div_half_up(total_debt, whole)
    supply_usage = ray_div_half_up(total_debt, add(whole, deficit))
    borrow_rate = add(base, _climb(strategy, usage))
    kept_bps = sub(PERCENTAGE_FACTOR, reserve_factor_bps)
    liquidity_rate = percent_mul_half_up(ray_mul_half_up(borrow_rate, supply_usage), kept_bps)
    return InterestRates(liquidity_rate, borrow_rate)


def _climb(strategy: InterestRateStrategy, usage_ray: int) -> int:
    optimal = strategy.optimal_usage_ratio_bps * RAY_PER_BPS
    slope1 = strategy.variable_rate_slope1_bps * RAY_PER_BPS
    slope2 = strategy.variable_rate_slope2_bps * RAY_PER_BPS
    if usage_ray > optimal:
        excess = ray_div_half_up(usage_ray - optimal, RAY - optimal)
        return slope1 + ray_mul_half_up(slope2, excess)
    return ray_div_half_up(ray_mul_half_up(slope1, usage_ray), optimal)
