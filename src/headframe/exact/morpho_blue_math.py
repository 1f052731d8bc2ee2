"""
Morpho Blue's arithmetic: wads, shares of a pot, interest compounded by a short series, incentives.

Both sides of a market are pots: what is supplied, and what is owed. Users own shares of a pot, and
interest makes a pot grow while the shares stay as they are. An empty pot is taken to hold one unit
of asset against a million shares, so that the first user cannot make a share dear for the second.

Contract: npm @morpho-org/morpho-blue 1.0.0 (BUSL-1.1): written from formula notes and from the
behaviour of the compiled contract, which judges this file; the source stayed closed. Paper: "Morpho
Blue Whitepaper" (Morpho Labs, 2023). Judge: `tests/exact/oracle/test_morpho_blue.py`, through the
contract's actions. Assumption: none beyond words of 256 bits.
"""

from headframe.exact.checked_math import add, div_down, mul, sub
from headframe.exact.fixed import MAX_UINT128, WAD, revert_error

VIRTUAL_SHARES = 10**6
"""Shares that an empty pot is taken to have."""
VIRTUAL_ASSETS = 1
"""Assets that an empty pot is taken to hold, in the smallest unit."""
ORACLE_PRICE_SCALE = 10**36
"""One in an oracle's price: loan tokens per collateral token, both in their smallest units."""
LIQUIDATION_CURSOR_WAD = 3 * 10**17
"""How fast the incentive grows as the limit of a market falls."""
MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD = 115 * 10**16
"""The most collateral that a liquidator takes per debt repaid, as a wad."""
MAX_FEE_WAD = 25 * 10**16
"""The most of the interest that the protocol may take, as a wad."""


# ---- products and quotients ----------------------------------------------------------------


def mul_div_down(x: int, y: int, d: int) -> int:
    """
    Product over a divisor, rounded down; the product itself must fit in 256 bits.

    Raises `Revert`: panic 0x11 for a product that does not fit, 0x12 for a zero divisor.
    """
    return div_down(mul(x, y), d)


def mul_div_up(x: int, y: int, d: int) -> int:
    """
    Product over a divisor, rounded up; the product plus the divisor less one must fit.

    Raises `Revert`: panic 0x11 for what does not fit, and for a zero divisor.
    """
    return div_down(add(mul(x, y), sub(d, 1)), d)


def w_mul_down(x: int, y_wad: int) -> int:
    """Share of an amount, rounded down."""
    return mul_div_down(x, y_wad, WAD)


def w_div_down(x: int, y_wad: int) -> int:
    """Quotient as a wad, rounded down."""
    return mul_div_down(x, WAD, y_wad)


def w_div_up(x: int, y_wad: int) -> int:
    """Quotient as a wad, rounded up."""
    return mul_div_up(x, WAD, y_wad)


def w_taylor_compounded(x_wad: int, n: int) -> int:
    """
    Growth over n seconds at a rate of x a second, by three terms of e^(x n) - 1.

        x n + (x n)^2 / 2 + (x n)^3 / 6,   each quotient rounded down

    Always below the true growth: borrowers gain what the series leaves out. Returns a wad.
    Source: MathLib.wTaylorCompounded. Raises `Revert` (panic 0x11) where a product does not fit.
    """
    first = mul(x_wad, n)
    second = mul_div_down(first, first, 2 * WAD)
    third = mul_div_down(second, first, 3 * WAD)
    return add(add(first, second), third)


def to_uint128(x: int) -> int:
    """Return the value itself if 128 bits hold it. Raises `Revert("max uint128 exceeded")`."""
    if x > MAX_UINT128:
        raise revert_error("max uint128 exceeded", x=x)
    return x


def zero_floor_sub(x: int, y: int) -> int:
    """Difference, or zero where it would be negative."""
    return max(x - y, 0)


# ---- shares of a pot -----------------------------------------------------------------------


def to_shares_down(assets: int, total_assets: int, total_shares: int) -> int:
    """Shares that assets are worth, rounded down: what a supply gets, a repayment cancels."""
    return mul_div_down(
        assets, add(total_shares, VIRTUAL_SHARES), add(total_assets, VIRTUAL_ASSETS)
    )


def to_assets_down(shares: int, total_assets: int, total_shares: int) -> int:
    """Assets that shares are worth, rounded down: what a supplier takes out, what is lent."""
    return mul_div_down(
        shares, add(total_assets, VIRTUAL_ASSETS), add(total_shares, VIRTUAL_SHARES)
    )


def to_shares_up(assets: int, total_assets: int, total_shares: int) -> int:
    """Shares that assets are worth, rounded up: what a withdrawal costs, what a borrower owes."""
    return mul_div_up(assets, add(total_shares, VIRTUAL_SHARES), add(total_assets, VIRTUAL_ASSETS))


def to_assets_up(shares: int, total_assets: int, total_shares: int) -> int:
    """Assets that shares are worth, rounded up: what a supplier pays in, what a debt comes to."""
    return mul_div_up(shares, add(total_assets, VIRTUAL_ASSETS), add(total_shares, VIRTUAL_SHARES))


# ---- limits --------------------------------------------------------------------------------


def liquidation_incentive_factor(lltv_wad: int) -> int:
    """
    Collateral taken per debt repaid in a liquidation, in value, as a wad.

        min(1.15, 1 / (1 - 0.3 (1 - lltv)))

    The share of the cursor and the quotient round down. Source: whitepaper, "liquidation
    incentive factor"; Morpho.liquidate. A debt beyond 1 / factor of its collateral is under water.
    """
    discount_wad = w_mul_down(LIQUIDATION_CURSOR_WAD, sub(WAD, lltv_wad))
    return min(MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD, w_div_down(WAD, sub(WAD, discount_wad)))


def max_borrow(collateral: int, price_e36: int, lltv_wad: int) -> int:
    """
    Most that may be owed against collateral, in the smallest unit of the loan token.

        floor(floor(collateral * price / 1e36) * lltv / 1e18)

    Source: Morpho._isHealthy. Raises `Revert` (panic 0x11) where a product does not fit.
    """
    return w_mul_down(mul_div_down(collateral, price_e36, ORACLE_PRICE_SCALE), lltv_wad)


def is_healthy(
    collateral: int,
    borrow_shares: int,
    *,
    price_e36: int,
    lltv_wad: int,
    total_borrow_assets: int,
    total_borrow_shares: int,
) -> bool:
    """
    Say whether a debt, rounded up, is within its limit, rounded down; no debt is always healthy.

    Source: Morpho._isHealthy.
    """
    if borrow_shares == 0:
        return True
    owed = to_assets_up(borrow_shares, total_borrow_assets, total_borrow_shares)
    return max_borrow(collateral, price_e36, lltv_wad) >= owed


def repaid_for_seized(
    seized_assets: int,
    *,
    price_e36: int,
    lltv_wad: int,
    total_borrow_assets: int,
    total_borrow_shares: int,
) -> int:
    """
    Shares of debt that a liquidator repays for collateral, each quotient rounded up.

        to_shares_up(ceil(ceil(seized * price / 1e36) / factor))

    Source: Morpho.liquidate, the mode that names the collateral.
    """
    quoted = mul_div_up(seized_assets, price_e36, ORACLE_PRICE_SCALE)
    repaid = w_div_up(quoted, liquidation_incentive_factor(lltv_wad))
    return to_shares_up(repaid, total_borrow_assets, total_borrow_shares)


def seized_for_repaid(
    repaid_shares: int,
    *,
    price_e36: int,
    lltv_wad: int,
    total_borrow_assets: int,
    total_borrow_shares: int,
) -> int:
    """
    Collateral that a liquidator takes for shares of debt, each quotient rounded down.

        floor(floor(to_assets_down(shares) * factor / 1e18) * 1e36 / price)

    Source: Morpho.liquidate, the mode that names the debt.
    """
    repaid = to_assets_down(repaid_shares, total_borrow_assets, total_borrow_shares)
    worth = w_mul_down(repaid, liquidation_incentive_factor(lltv_wad))
    return mul_div_down(worth, ORACLE_PRICE_SCALE, price_e36)
