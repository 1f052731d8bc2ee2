"""
Alpha Homora v1's interest: the triple slope as it was coded, and as it was documented.

The bank's rate depends on the share of its ether that is lent. Comment and announcement promise
10 % up to a utilisation of 50 %, from there 25 % at 95 %, and 100 % at the end. The code divides by
the whole scale where it should divide by the width of each piece: it stays at 16.75 % just below
95 %, jumps to 40 % there and ends at 43.74 %, until the last unit is lent and 100 % is asked.

Source: formula notes on ConfigurableInterestBankConfig.TripleSlopeModel of alpha-homora-v1 at
5017311 (no licence given; source closed to us); blog.alphafinance.io for the documented curve.
Judge: none; numbers of the notes (`tests/exact/test_alpha_homora_v1.py`).
"""

from headframe.exact import safe_math

YEAR_S = 365 * 86_400
"""The contract's year."""
_PER_CENT = 10**16


def get_interest_rate(debt: int, floating: int) -> int:
    """
    Rate per second as a wad, as coded; each quotient rounded down.

        u < 50 %    10 %
        u < 95 %    10 % + (u - 50 %) 15 %
        u < 100 %   25 % + (u - 75 %) 75 %
        else        100 %

    Source: TripleSlopeModel.getInterestRate; u is a whole number of basis points.
    """
    used_bps = _utilisation_bps_down(debt, floating)
    if used_bps < 5_000:
        return 10 * _PER_CENT // YEAR_S
    if used_bps < 9_500:
        return (10 * _PER_CENT + (used_bps - 5_000) * 15 * _PER_CENT // 10_000) // YEAR_S
    if used_bps < 10_000:
        return (25 * _PER_CENT + (used_bps - 7_500) * 75 * _PER_CENT // 10_000) // YEAR_S
    return 100 * _PER_CENT // YEAR_S


def get_interest_rate_as_documented(debt: int, floating: int) -> int:
    """
    Rate per second as a wad of the curve that comment and announcement describe.

        u < 50 %    10 %
        u < 95 %    10 % + (u - 50 %) / 45 % * 15 %
        u < 100 %   25 % + (u - 95 %) / 5 % * 75 %
        else        100 %
    """
    used_bps = _utilisation_bps_down(debt, floating)
    if used_bps < 5_000:
        return 10 * _PER_CENT // YEAR_S
    if used_bps < 9_500:
        return (10 * _PER_CENT + (used_bps - 5_000) * 15 * _PER_CENT // 4_500) // YEAR_S
    if used_bps < 10_000:
        return (25 * _PER_CENT + (used_bps - 9_500) * 75 * _PER_CENT // 500) // YEAR_S
    return 100 * _PER_CENT // YEAR_S


def _utilisation_bps_down(debt: int, floating: int) -> int:
    total = safe_math.add(debt, floating)
    return 0 if total == 0 else safe_math.mul(debt, 10_000) // total
