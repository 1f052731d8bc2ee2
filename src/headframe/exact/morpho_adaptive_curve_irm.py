"""
Morpho's interest model to the wei: a steep curve through a target that drifts until it is met.

At 90 % utilisation the borrow rate is the "rate at target". Above it the rate climbs steeply, to
four times that at full use; below, it falls to a quarter when nothing is borrowed. As long as
utilisation stays above the target, the rate at target itself grows, exponentially in time; below,
it shrinks. Nobody sets rates; the market finds its own.

Contract: morpho-blue-irm, AdaptiveCurveIrm: written from formula notes, the source closed. Source
of the arithmetic's order: the MIT-licensed npm @morpho-org/blue-sdk 6.4.0.
Assumption: utilisation is that at the start of the period, as in the contract.
Judge: that SDK, an independent implementation, run in `tests/exact/oracle`; since its source was
read for this file, it shows that nothing was changed on the way, no more. Golden numbers besides.
"""

from headframe.exact.fixed import WAD, div_trunc
from headframe.exact.morpho_blue_market import Market
from headframe.exact.morpho_blue_math import w_div_down

YEAR_S = 31_536_000
"""Seconds in a year of 365 days."""
TARGET_UTILIZATION_WAD = 9 * 10**17
"""Utilisation at which the rate at target holds and does not move."""
CURVE_STEEPNESS_WAD = 4 * WAD
"""Rate at full use over rate at target, and rate at target over rate at no use."""
ADJUSTMENT_SPEED_WAD = 50 * WAD // YEAR_S
"""How fast the rate at target moves at full use, as a share per second."""
INITIAL_RATE_AT_TARGET_WAD = 4 * WAD // 100 // YEAR_S
"""Rate at target of a new market, per second: 4 % a year."""
MIN_RATE_AT_TARGET_WAD = WAD // 1_000 // YEAR_S
"""Lowest rate at target, per second: 0.1 % a year."""
MAX_RATE_AT_TARGET_WAD = 2 * WAD // YEAR_S
"""Highest rate at target, per second: 200 % a year."""

LN_2_WAD = 693_147_180_559_945_309
"""Natural logarithm of two, as a wad."""
LN_WEI_WAD = -41_446_531_673_892_822_312
"""Natural logarithm of 1e-18: below it the exponential is zero."""
WEXP_UPPER_BOUND_WAD = 93_859_467_695_000_404_319
"""From here the exponential is held at one value, so that what it multiplies still fits."""
WEXP_UPPER_VALUE_WAD = (
    57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568
)
"""The value at which it is held."""


def w_exp(x_wad: int) -> int:
    """
    Exponential of a signed wad, as a wad, by a power of two and a parabola.

        e^x = 2^q (1 + r + r^2 / 2),   q = x / ln 2 rounded to the nearest,   r = x - q ln 2

    Within ln(2) / 2 of zero the parabola is at most 1 % off. Source: ExpLib.wExp. A negative
    power shifts right, which rounds down.
    """
    if x_wad < LN_WEI_WAD:
        return 0
    if x_wad >= WEXP_UPPER_BOUND_WAD:
        return WEXP_UPPER_VALUE_WAD
    half = -(LN_2_WAD // 2) if x_wad < 0 else LN_2_WAD // 2
    q = div_trunc(x_wad + half, LN_2_WAD)
    r = x_wad - q * LN_2_WAD
    exp_r = WAD + r + r * r // WAD // 2
    return exp_r << q if q >= 0 else exp_r >> -q


def utilization(total_borrow_assets: int, total_supply_assets: int) -> int:
    """Share of the supply that is lent, as a wad, rounded down; zero without a supply."""
    if total_supply_assets == 0:
        return 0
    return w_div_down(total_borrow_assets, total_supply_assets)


def error_trunc(utilization_wad: int) -> int:
    """
    Distance from the target as a share of the way to its end, a signed wad rounded to zero.

        (u - 0.9) / 0.1 above the target,   (u - 0.9) / 0.9 below
    """
    above = utilization_wad > TARGET_UTILIZATION_WAD
    norm = WAD - TARGET_UTILIZATION_WAD if above else TARGET_UTILIZATION_WAD
    return div_trunc((utilization_wad - TARGET_UTILIZATION_WAD) * WAD, norm)


def curve(rate_at_target_wad: int, error_wad: int) -> int:
    """
    Rate at a distance from the target.

        ((4 - 1) err + 1) rate at target above,   ((1 - 1/4) err + 1) rate at target below

    Products are rounded to zero. Source: AdaptiveCurveIrm, curve.
    """
    below = WAD - WAD * WAD // CURVE_STEEPNESS_WAD
    coefficient = below if error_wad < 0 else CURVE_STEEPNESS_WAD - WAD
    factor = _w_mul_trunc(coefficient, error_wad) + WAD
    return _w_mul_trunc(factor, rate_at_target_wad)


def new_rate_at_target(start_rate_at_target_wad: int, linear_adaptation_wad: int) -> int:
    """Rate at target after an adaptation: start e^adaptation, between its bounds."""
    moved = _w_mul_trunc(start_rate_at_target_wad, w_exp(linear_adaptation_wad))
    return min(max(moved, MIN_RATE_AT_TARGET_WAD), MAX_RATE_AT_TARGET_WAD)


def borrow_rates(
    utilization_wad: int, start_rate_at_target_wad: int, elapsed_s: int
) -> tuple[int, int]:
    """
    Average borrow rate of a period and the rate at target at its end, both per second as wads.

        end = start e^(speed err dt),  mid = start e^(speed err dt / 2),  both between their bounds
        average = curve((start + end + 2 mid) / 4)

    The mean over the period is taken by the trapezoidal rule with two intervals. A market that the
    model has not seen yet has a zero start, and gets the initial rate.
    Source: AdaptiveCurveIrm.borrowRate.
    """
    error_wad = error_trunc(utilization_wad)
    start = start_rate_at_target_wad
    if start == 0:
        average = end = INITIAL_RATE_AT_TARGET_WAD
        return curve(average, error_wad), end
    adaptation = _w_mul_trunc(ADJUSTMENT_SPEED_WAD, error_wad) * elapsed_s
    if adaptation == 0:
        return curve(start, error_wad), start
    end = new_rate_at_target(start, adaptation)
    mid = new_rate_at_target(start, div_trunc(adaptation, 2))
    return curve((start + end + 2 * mid) // 4, error_wad), end


def borrow_rate(market: Market, rate_at_target_wad: int, now_ts: int) -> tuple[int, int]:
    """
    The model as a market asks it: its rate since the last update, and the rate at target to keep.

    Source: AdaptiveCurveIrm.borrowRate. This is what `MarketParams.irm` takes.
    """
    use_wad = utilization(market.total_borrow_assets, market.total_supply_assets)
    return borrow_rates(use_wad, rate_at_target_wad, now_ts - market.last_update)


def _w_mul_trunc(x: int, y_wad: int) -> int:
    return div_trunc(x * y_wad, WAD)
