"""
Aave v3's fixed point and interest, to the last digit: what every version up to 3.6 builds on.

Amounts are scaled by indices in rays (27 decimals), values compared in wads (18), risk parameters
are basis points. Every product and quotient of these is rounded half up, so that either side may
gain half a unit: the exceptions to "rounding favours the protocol" that this file is about. Supply
earns simple interest from one touch to the next; debt compounds by the first three terms of the
binomial series of (1 + r/year)^seconds, which undercharges long silence a little.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), WadRayMath, PercentageMath, MathUtils (BUSL-1.1, which
became MIT on 27 January 2023 by its own change date). The text is ours; the bytecode judges it.
Assumption: a year has 365 days.
"""

from headframe.exact.fixed import MAX_UINT256, RAY, WAD, revert_bare, revert_panic

SECONDS_PER_YEAR = 31_536_000
"""A year of 365 days, to which rates refer."""
PERCENTAGE_FACTOR = 10_000
"""One in basis points."""
WAD_RAY_RATIO = 10**9
"""Rays in a wad's smallest unit."""
MAX_UINT128 = (1 << 128) - 1
"""The widest index, rate and scaled balance."""


# ---- checked words -------------------------------------------------------------------------


def add(a: int, b: int) -> int:
    """Sum. Raises `Revert` (panic 0x11) beyond 256 bits."""
    if a + b > MAX_UINT256:
        raise revert_panic(0x11, a=a, b=b)
    return a + b


def sub(a: int, b: int) -> int:
    """Difference. Raises `Revert` (panic 0x11) below zero."""
    if b > a:
        raise revert_panic(0x11, a=a, b=b)
    return a - b


def mul(*factors: int) -> int:
    """Product from left to right. Raises `Revert` (panic 0x11) beyond 256 bits on the way."""
    product = 1
    for factor in factors:
        product *= factor
        if product > MAX_UINT256:
            raise revert_panic(0x11, product=product)
    return product


def div_down(a: int, b: int) -> int:
    """Quotient, rounded down. Raises `Revert` (panic 0x12) for a zero divisor."""
    if b == 0:
        raise revert_panic(0x12, a=a)
    return a // b


# ---- rays, wads and percentages ------------------------------------------------------------


def ray_mul_half_up(a: int, b: int) -> int:
    """
    Product of two rays, rounded half up.

        (a * b + RAY / 2) / RAY

    Source: WadRayMath.rayMul. Raises `Revert` with no data beyond 256 bits.
    """
    return _mul_half_up(a, b, RAY)


def ray_div_half_up(a: int, b: int) -> int:
    """
    Quotient of two rays, rounded half up.

        (a * RAY + b / 2) / b

    Source: WadRayMath.rayDiv. Raises `Revert` with no data: division by zero, beyond 256 bits.
    """
    return _div_half_up(a, b, RAY)


def wad_mul_half_up(a: int, b: int) -> int:
    """Product of two wads, rounded half up. Source: WadRayMath.wadMul; as `ray_mul_half_up`."""
    return _mul_half_up(a, b, WAD)


def wad_div_half_up(a: int, b: int) -> int:
    """Quotient of two wads, rounded half up. Source: WadRayMath.wadDiv; as `ray_div_half_up`."""
    return _div_half_up(a, b, WAD)


def percent_mul_half_up(value: int, percentage_bps: int) -> int:
    """
    So many basis points of a value, rounded half up.

        (value * percentage + 5000) / 10000

    Source: PercentageMath.percentMul. Raises `Revert` with no data beyond 256 bits.
    """
    return _mul_half_up(value, percentage_bps, PERCENTAGE_FACTOR)


def percent_div_half_up(value: int, percentage_bps: int) -> int:
    """
    The value of which so many basis points are this one, rounded half up.

        (value * 10000 + percentage / 2) / percentage

    Source: PercentageMath.percentDiv. Raises `Revert` with no data: zero, beyond 256 bits.
    """
    return _div_half_up(value, percentage_bps, PERCENTAGE_FACTOR)


def ray_to_wad_half_up(a: int) -> int:
    """A ray as a wad, rounded half up. Source: WadRayMath.rayToWad."""
    return a // WAD_RAY_RATIO + (a % WAD_RAY_RATIO >= WAD_RAY_RATIO // 2)


def wad_to_ray(a: int) -> int:
    """A wad as a ray. Source: WadRayMath.wadToRay. Raises `Revert` with no data beyond 256 bits."""
    if a * WAD_RAY_RATIO > MAX_UINT256:
        raise revert_bare("wad does not fit as a ray", a=a)
    return a * WAD_RAY_RATIO


def _mul_half_up(a: int, b: int, one: int) -> int:
    if b and a > (MAX_UINT256 - one // 2) // b:
        raise revert_bare("product exceeds 256 bits", a=a, b=b)
    return (a * b + one // 2) // one


def _div_half_up(a: int, b: int, one: int) -> int:
    if b == 0:
        raise revert_bare("division by zero", a=a)
    if a > (MAX_UINT256 - b // 2) // one:
        raise revert_bare("scaled numerator exceeds 256 bits", a=a, b=b)
    return (a * one + b // 2) // b


# ---- interest ------------------------------------------------------------------------------


def calculate_linear_interest(rate_ray: int, dt_s: int) -> int:
    """
    Growth of the supply index: simple interest, rounded down.

        RAY + rate * dt / year

    Source: MathUtils.calculateLinearInterest. Returns a ray. Raises `Revert` (panic 0x11).
    """
    return add(RAY, mul(rate_ray, dt_s) // SECONDS_PER_YEAR)


def calculate_compounded_interest(rate_ray: int, dt_s: int) -> int:
    """
    Growth of the debt index in Aave 3.0: three terms of a binomial series, each rounded down.

        RAY + r n / Y + n (n-1) / 2 * r2 + n (n-1) (n-2) / 6 * r3
        r2 = rayMul(r, r) / Y^2,  r3 = rayMul(r2, r) / Y

    The powers of the rate per second are rounded (half up, then down) before they meet `n`: below
    about 3.15 % a year `r3` is zero, and the third term is lost entirely.
    Source: MathUtils.calculateCompoundedInterest. Returns a ray. Raises `Revert`: no data where the
    rate's square exceeds 256 bits, panic 0x11 where a term does.
    """
    if dt_s == 0:
        return RAY
    before, before_that = dt_s - 1, max(dt_s - 2, 0)
    square = ray_mul_half_up(rate_ray, rate_ray) // SECONDS_PER_YEAR**2
    cube = ray_mul_half_up(square, rate_ray) // SECONDS_PER_YEAR
    second = mul(dt_s, before, square) // 2
    third = mul(dt_s, before, before_that, cube) // 6
    first = mul(rate_ray, dt_s) // SECONDS_PER_YEAR
    return add(add(add(RAY, first), second), third)
