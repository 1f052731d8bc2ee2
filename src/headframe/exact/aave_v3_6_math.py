"""
Aave 3.6's fixed point and interest, to the last digit: rounding with a direction.

Since 3.5 each conversion between an amount and a scaled balance is rounded against the user who
makes it: supplies are credited rounded down, withdrawals debited rounded up, debts booked up and
repayments credited down. Interest on debt is the exponential series cut after its cube, computed
on the interest of the whole interval at once, so that nothing is lost at low rates. Half-up
rounding stays where nobody's balance is at stake: indices, rates, values.

Contract: @aave-dao/aave-v3-origin 3.6.0, WadRayMath, PercentageMath, MathUtils, TokenMath (BUSL-1.1
until 6 March 2027: not opened; from notes on its behaviour). The text is ours; the contracts,
compiled from the official source, judge it. Assumption: a year has 365 days.
"""

from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    SECONDS_PER_YEAR,
    ray_mul_half_up,
)
from headframe.exact.fixed import MAX_UINT256, RAY, div_up, revert_bare, wrap_uint

# ---- rays and percentages with a direction -------------------------------------------------


def ray_mul_down(a: int, b: int) -> int:
    """Product of two rays, rounded down. Raises `Revert` with no data beyond 256 bits."""
    return _product(a, b) // RAY


def ray_mul_up(a: int, b: int) -> int:
    """Product of two rays, rounded up. Raises `Revert` with no data beyond 256 bits."""
    return div_up(_product(a, b), RAY)


def ray_div_down(a: int, b: int) -> int:
    """Quotient of two rays, rounded down. Raises `Revert` with no data: zero, beyond 256 bits."""
    return _numerator(a, b, RAY) // b


def ray_div_up(a: int, b: int) -> int:
    """Quotient of two rays, rounded up. Raises `Revert` with no data: zero, beyond 256 bits."""
    return div_up(_numerator(a, b, RAY), b)


def percent_mul_down(value: int, percentage_bps: int) -> int:
    """So many basis points of a value, rounded down. Raises `Revert` with no data."""
    return _product(value, percentage_bps) // PERCENTAGE_FACTOR


def percent_mul_up(value: int, percentage_bps: int) -> int:
    """So many basis points of a value, rounded up. Raises `Revert` with no data."""
    return div_up(_product(value, percentage_bps), PERCENTAGE_FACTOR)


def percent_div_up(value: int, percentage_bps: int) -> int:
    """The value of which so many basis points are this one, rounded up. Raises `Revert` bare."""
    return div_up(_numerator(value, percentage_bps, PERCENTAGE_FACTOR), percentage_bps)


def _product(a: int, b: int) -> int:
    if a * b > MAX_UINT256:
        raise revert_bare("product exceeds 256 bits", a=a, b=b)
    return a * b


def _numerator(a: int, b: int, one: int) -> int:
    if b == 0:
        raise revert_bare("division by zero", a=a)
    if a * one > MAX_UINT256:
        raise revert_bare("scaled numerator exceeds 256 bits", a=a, b=b)
    return a * one


# ---- amounts and scaled balances -----------------------------------------------------------


def a_token_mint_scaled_down(amount: int, index: int) -> int:
    """Scaled aTokens credited for an amount. Source: TokenMath."""
    return ray_div_down(amount, index)


def a_token_burn_scaled_up(amount: int, index: int) -> int:
    """Scaled aTokens debited for an amount that leaves. Source: TokenMath."""
    return ray_div_up(amount, index)


def a_token_transfer_scaled_up(amount: int, index: int) -> int:
    """Scaled aTokens that move for an amount. Source: TokenMath."""
    return ray_div_up(amount, index)


def a_token_balance_down(scaled: int, index: int) -> int:
    """What scaled aTokens are worth in the asset. Source: TokenMath."""
    return ray_mul_down(scaled, index)


def v_token_mint_scaled_up(amount: int, index: int) -> int:
    """Scaled debt booked for a loan. Source: TokenMath."""
    return ray_div_up(amount, index)


def v_token_burn_scaled_down(amount: int, index: int) -> int:
    """Scaled debt that a repayment takes away. Source: TokenMath."""
    return ray_div_down(amount, index)


def v_token_balance_up(scaled: int, index: int) -> int:
    """What scaled debt comes to in the asset. Source: TokenMath."""
    return ray_mul_up(scaled, index)


# ---- interest ------------------------------------------------------------------------------


def calculate_compounded_interest(rate_ray: int, dt_s: int) -> int:
    """
    Growth of the debt index since 3.6: the exponential series up to its cube.

        x = rate * dt mod 2^256 / year                  (down)
        RAY + x + rayMul(x, x / 2 + rayMul(x, x / 6))   (halves and sixths down, products half up)

    At 100 % over one idle year it gives 2.6667 and not 2.71828.
    Source: MathUtils.calculateCompoundedInterest. Returns a ray. Raises `Revert` with no data where
    a product exceeds 256 bits.
    """
    x = wrap_uint(rate_ray * dt_s, 256) // SECONDS_PER_YEAR
    return RAY + x + ray_mul_half_up(x, x // 2 + ray_mul_half_up(x, x // 6))
