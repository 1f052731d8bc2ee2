"""
Alpaca Finance's interest models: fifteen triple slopes and a double one, per second as a wad.

A triple slope rises to a plateau, stays there until 90 % is lent, then rises steeply. Each vault
was given the variant of its asset; deployed models differ in the end of the first slope, the height
of the plateau, and the rate at 100 %.

Contract: npm @alpaca-finance/alpaca-contract 1.2.22, TripleSlopeModel (MIT), which is variant 1 and
whose bytecode judges this file; the other variants' numbers are notes on bsc-alpaca-contract at
1e98888. The double slope has no judge.
"""

from dataclasses import dataclass

from headframe.exact import safe_math

YEAR_S = 365 * 86_400
"""The contract's year."""
_POINT = 10**18
"""One per cent of utilisation in the contract's scale, where all is 100e18."""
_PER_CENT = 10**16
"""One per cent a year as a wad."""


@dataclass(frozen=True, slots=True)
class TripleSlope:
    """Where the pieces end (of 100e18), and the yearly rates there (wads)."""

    ceil_slope_1: int = 60 * _POINT
    ceil_slope_2: int = 90 * _POINT
    ceil_slope_3: int = 100 * _POINT
    max_interest_slope_1: int = 20 * _PER_CENT
    max_interest_slope_2: int = 20 * _PER_CENT
    max_interest_slope_3: int = 150 * _PER_CENT


def _variant(kink_tenths: int, plateau_tenths: int, last: int) -> TripleSlope:
    return TripleSlope(
        ceil_slope_1=kink_tenths * _POINT // 10,
        max_interest_slope_1=plateau_tenths * _PER_CENT // 10,
        max_interest_slope_2=plateau_tenths * _PER_CENT // 10,
        max_interest_slope_3=last * _PER_CENT,
    )


TRIPLE_SLOPES = (
    _variant(600, 200, 150),
    _variant(750, 200, 150),
    _variant(800, 200, 150),
    _variant(850, 200, 150),
    _variant(675, 200, 150),
    _variant(850, 175, 150),
    _variant(700, 200, 150),
    _variant(500, 100, 150),
    _variant(300, 80, 150),
    _variant(400, 80, 150),
    _variant(500, 100, 40),
    _variant(600, 200, 40),
    _variant(300, 80, 40),
    _variant(400, 80, 40),
    _variant(700, 200, 40),
)
"""Deployed models, TripleSlopeModel first, then TripleSlopeModel2 to 15."""


def get_interest_rate(debt: int, floating: int, slope: TripleSlope = TRIPLE_SLOPES[0]) -> int:
    """
    Rate per second of a triple slope, each quotient rounded down.

        u < C1        u * M1 / C1
        u < C2        M2
        u < C3        M2 + (u - C2) (M3 - M2) / (C3 - C2)
        else          M3

    Source: TripleSlopeModel.getInterestRate; u = debt * 100e18 / (debt + floating).
    Raises `Revert` where a product exceeds 256 bits.
    """
    if debt == 0 and floating == 0:
        return 0
    used = safe_math.mul(debt, 100 * _POINT) // safe_math.add(debt, floating)
    if used < slope.ceil_slope_1:
        return used * slope.max_interest_slope_1 // slope.ceil_slope_1 // YEAR_S
    if used < slope.ceil_slope_2:
        return slope.max_interest_slope_2 // YEAR_S
    if used < slope.ceil_slope_3:
        height = slope.max_interest_slope_3 - slope.max_interest_slope_2
        rise = (used - slope.ceil_slope_2) * height // (slope.ceil_slope_3 - slope.ceil_slope_2)
        return (slope.max_interest_slope_2 + rise) // YEAR_S
    return slope.max_interest_slope_3 // YEAR_S


def get_interest_rate_two_slope(debt: int, floating: int) -> int:
    """
    Rate per second of the double slope: to 50 % at a utilisation of 80 %, then to 100 % at 100 %.

    Source: notes on TwoSlopeModel. Raises `Revert` where a product exceeds 256 bits.
    """
    if debt == 0 and floating == 0:
        return 0
    used = safe_math.mul(debt, 100 * _POINT) // safe_math.add(debt, floating)
    if used < 80 * _POINT:
        return used * 50 * _PER_CENT // (80 * _POINT) // YEAR_S
    if used < 100 * _POINT:
        return (50 * _PER_CENT + (used - 80 * _POINT) * 50 * _PER_CENT // (20 * _POINT)) // YEAR_S
    return 100 * _PER_CENT // YEAR_S
