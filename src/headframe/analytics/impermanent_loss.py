"""
What a liquidity provider holds after the price has moved, compared with not having joined.

A pool trades along a curve, so a provider ends with more of the token that fell and less of the one
that rose. *Impermanent loss* is the value of that mix over the value of the tokens first brought,
less 1: never positive, before fees. `price_ratio` is always the price now over the price at entry,
the price being quote per one base; values are in quote.

>>> round(float(constant_product(2.0)), 6)
-0.057191
>>> [round(float(x), 2) for x in constant_product_amounts(1.6, base=30_000.0, quote=7_500.0)]
[23717.08, 9486.83]
"""

from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_inner_share,
    require_non_negative,
    require_positive,
    require_range,
)


class Amounts(NamedTuple):
    """Tokens of a position: `base`, whose price is quoted, and `quote`, in which it is quoted."""

    base: Real
    quote: Real


def constant_product(price_ratio: Real) -> Real:
    """
    Impermanent loss of a half-and-half constant-product position.

        IL = 2 sqrt(k) / (1 + k) - 1 = -(sqrt(k) - 1)^2 / (1 + k)

    The second form is computed: near k = 1 it loses no digits.
    Source: Pintail, "Uniswap: a good deal for liquidity providers?" (2019); x y = const.
    """
    require_positive(price_ratio=price_ratio)
    loss: Real = -((np.sqrt(price_ratio) - 1.0) ** 2) / (1.0 + price_ratio)
    return loss


def weighted(price_ratio: Real, *, weight: Real) -> Real:
    """
    Impermanent loss of a weighted pool, the moving token having `weight` of the value.

        IL = k^w / (w k + 1 - w) - 1

    Source: Martinelli and Mushegian, Balancer whitepaper (2019), from V = prod B_i^{w_i}.
    """
    require_positive(price_ratio=price_ratio)
    require_inner_share(weight=weight)
    loss: Real = price_ratio**weight / (weight * price_ratio + 1.0 - weight) - 1.0
    return loss


def concentrated(
    price_ratio: Real, *, price_entry: Real, price_lower: Real, price_upper: Real
) -> Real:
    """
    Impermanent loss of a Uniswap v3 position, wherever the two prices lie, in or out of the range.

        with s0, s1 the square roots of entry and present price P1 held inside [sa, sb]:
        IL = -(s1 - s0) (P1/(s0 s1) - 1) / (P1 (1/s0 - 1/sb) + s0 - sa)

    Numerator and denominator are the values of position less holding, and of holding, per unit of
    liquidity. Inside the range this is Erins' formula (Auditless, "Impermanent loss in Uniswap V3",
    2021), IL_v2 / (1 - (sqrt(pa/P0) + k sqrt(P0/pb)) / (1 + k)), without its cancellation at k = 1;
    outside it follows from the real reserves, Uniswap v3 whitepaper eqs. 6.29 and 6.30.
    """
    require_positive(price_ratio=price_ratio, price_entry=price_entry)
    require_range(price_lower=price_lower, price_upper=price_upper)
    price = price_ratio * price_entry
    root_lower, root_upper = np.sqrt(price_lower), np.sqrt(price_upper)
    before = np.clip(np.sqrt(price_entry), root_lower, root_upper)
    after = np.clip(np.sqrt(price), root_lower, root_upper)
    held = price * (1.0 / before - 1.0 / root_upper) + before - root_lower
    loss: Real = -(after - before) * (price / (before * after) - 1.0) / held
    return loss


def constant_product_amounts(price_ratio: Real, *, base: Real, quote: Real) -> Amounts:
    """
    Tokens of a constant-product position that began with `base` and `quote`, fees aside.

        base / sqrt(k),  quote sqrt(k)

    Its value in quote is `2 quote sqrt(k)`. Source: x y = const and y/x = price.
    """
    return weighted_amounts(price_ratio, weight=0.5, base=base, quote=quote)


def weighted_amounts(price_ratio: Real, *, weight: Real, base: Real, quote: Real) -> Amounts:
    """
    Tokens of a weighted position that began with `base` (of `weight`) and `quote`, fees aside.

        base k^(w-1),  quote k^w

    Source: Balancer whitepaper, from B^w Q^(1-w) = const and price = (Q/(1-w)) / (B/w).
    """
    require_positive(price_ratio=price_ratio)
    require_inner_share(weight=weight)
    require_non_negative(base=base, quote=quote)
    return Amounts(base * price_ratio ** (weight - 1.0), quote * price_ratio**weight)


def concentrated_amounts(
    liquidity: Real, *, price: Real, price_lower: Real, price_upper: Real
) -> Amounts:
    """
    Tokens of a Uniswap v3 position at a price, inside its range or outside.

        base  = L (1/s - 1/sqrt(pb)),  quote = L (s - sqrt(pa)),  s = sqrt(P) held in the range

    Below the range all is base, above all is quote. Source: Uniswap v3 whitepaper eqs. 6.29, 6.30.
    """
    require_non_negative(liquidity=liquidity)
    require_positive(price=price)
    require_range(price_lower=price_lower, price_upper=price_upper)
    root_lower, root_upper = np.sqrt(price_lower), np.sqrt(price_upper)
    root = np.clip(np.sqrt(price), root_lower, root_upper)
    return Amounts(liquidity * (1.0 / root - 1.0 / root_upper), liquidity * (root - root_lower))


def concentrated_value(
    liquidity: Real, *, price: Real, price_lower: Real, price_upper: Real
) -> Real:
    """Value in quote of a Uniswap v3 position: `price * base + quote` of `concentrated_amounts`."""
    base, quote = concentrated_amounts(
        liquidity, price=price, price_lower=price_lower, price_upper=price_upper
    )
    return price * base + quote


def liquidity_from_value(value: Real, *, price: Real, price_lower: Real, price_upper: Real) -> Real:
    """
    Liquidity that `value` (in quote) buys in a range, both tokens brought in the range's own ratio.

        L = value / (value of one unit of liquidity)

    Source: Uniswap v3 whitepaper eqs. 6.29 and 6.30.
    """
    require_non_negative(value=value)
    return value / concentrated_value(
        1.0, price=price, price_lower=price_lower, price_upper=price_upper
    )


def liquidity_from_amounts(
    amounts: Amounts, *, price: Real, price_lower: Real, price_upper: Real
) -> Real:
    """
    Liquidity that the given tokens can back: the scarcer one decides, the rest is left over.

        L = min( base / (1/s - 1/sqrt(pb)), quote / (s - sqrt(pa)) )

    Source: Uniswap v3-periphery, LiquidityAmounts.getLiquidityForAmounts, without its rounding.
    """
    require_non_negative(base=amounts.base, quote=amounts.quote)
    unit = concentrated_amounts(1.0, price=price, price_lower=price_lower, price_upper=price_upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A token that the range does not need (0 per unit) backs any amount of liquidity.
        by_base = np.where(unit.base > 0.0, np.divide(amounts.base, unit.base), np.inf)
        by_quote = np.where(unit.quote > 0.0, np.divide(amounts.quote, unit.quote), np.inf)
    liquidity: Real = np.minimum(by_base, by_quote)[()]
    return liquidity


def concentration(*, price: Real, price_lower: Real, price_upper: Real) -> Real:
    """
    Liquidity of a range over that of the full curve bought for the same money, at a price inside.

        1 / (1 - (sqrt(pa/P) + sqrt(P/pb)) / 2)

    Outside the range none of it is active: 0. Source: "capital efficiency" in Uniswap, "Introducing
    Uniswap v3" (2021), where [1000, 2250] at 1500 saves 1,000,000 / 183,500 = 5.45.
    """
    active = (price >= price_lower) & (price <= price_upper)
    unit = concentrated_value(1.0, price=price, price_lower=price_lower, price_upper=price_upper)
    multiple: Real = np.where(active, 2.0 * np.sqrt(price) / unit, 0.0)[()]
    return multiple
