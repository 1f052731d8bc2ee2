"""
Synthetix's decimals: products and quotients of wads and rays, rounded down or to the nearest.

A decimal has 18 places (a wad) or, where it says precise, 27 (a ray). Rounding to the nearest goes
through one place more: the tenth decides, and half goes up, which is the same as half up of the
whole fraction, but overflows ten times sooner on division.

Contract: npm synthetix 2.102.1, SafeDecimalMath as deployed on mainnet (MIT), whose bytecode stands
behind the contracts that judge `synthetix_debt`. Assumption: words of 256 bits, none negative.
"""

from headframe.exact.fixed import RAY, WAD
from headframe.exact.safe_math import div_down, mul


def multiply_decimal_down(x: int, y_wad: int) -> int:
    """Product of a number and a wad, rounded down. Raises `Revert` beyond 256 bits."""
    return mul(x, y_wad) // WAD


def multiply_decimal_half_up(x: int, y_wad: int) -> int:
    """Product of a number and a wad, half up. Source: multiplyDecimalRound."""
    return _tenths_half_up(mul(x, y_wad) // (WAD // 10))


def multiply_decimal_precise_half_up(x: int, y_ray: int) -> int:
    """Product of a number and a ray, half up. Source: multiplyDecimalRoundPrecise."""
    return _tenths_half_up(mul(x, y_ray) // (RAY // 10))


def divide_decimal_down(x: int, y_wad: int) -> int:
    """Quotient of a number and a wad, rounded down. Raises `Revert` for a zero divisor."""
    return div_down(mul(x, WAD), y_wad)


def divide_decimal_half_up(x: int, y_wad: int) -> int:
    """Quotient of a number and a wad, half up. Source: divideDecimalRound."""
    return _tenths_half_up(div_down(mul(x, WAD * 10), y_wad))


def divide_decimal_precise_half_up(x: int, y_ray: int) -> int:
    """Quotient of a number and a ray, half up. Source: divideDecimalRoundPrecise."""
    return _tenths_half_up(div_down(mul(x, RAY * 10), y_ray))


def _tenths_half_up(tenths: int) -> int:
    return (tenths + 10) // 10 if tenths % 10 >= 5 else tenths // 10
