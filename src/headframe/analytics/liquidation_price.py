"""
At which price a position is liquidated, and how long until interest alone does it.

A lender takes a position over once debt over assets passes a threshold. For plain collateral that
is one price. A pool position follows the square root of the price, so the answer is a squared
ratio; with debts in both tokens there is a price below *and* one above. Farms are described by
leverage (assets over equity at opening), by the share of the debt taken in the volatile token, and
by `liquidation_threshold`, the largest allowed debt over assets. Answers are ratios of the price to
that at opening unless a price is named. A farm that would be liquidated as it opens is refused.

>>> round(float(stable_debt(leverage=3.0, liquidation_threshold=5 / 6)), 6)
0.64
>>> [round(float(k), 6) for k in
...  mixed_debt(leverage=3.0, volatile_debt_share=0.5, liquidation_threshold=5 / 6)]
[0.25, 4.0]
"""

from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_finite,
    require_positive,
    require_proper_share,
    require_range,
    require_share,
    require_threshold,
)
from headframe.analytics.impermanent_loss import liquidity_from_value
from headframe.errors import InputError


class Band(NamedTuple):
    """The safe band: liquidated below `lower` (0: never) or above `upper` (infinity: never)."""

    lower: Real
    upper: Real


def stable_debt(*, leverage: Real, liquidation_threshold: Real) -> Real:
    """
    Price ratio below which a constant-product farm is liquidated, all debt in the stable token.

        k = ((Lev - 1) / (Lev LT))^2

    Source: debt ratio (Lev - 1)/(Lev sqrt(k)) = LT. A farm that Alpha Homora opens at its work
    factor WF and kills at its kill factor KF may see the price fall to (WF/KF)^2.
    """
    return mixed_debt(
        leverage=leverage, volatile_debt_share=0.0, liquidation_threshold=liquidation_threshold
    ).lower


def volatile_debt(*, leverage: Real, liquidation_threshold: Real) -> Real:
    """
    Price ratio above which a constant-product farm is liquidated, all debt in the volatile token.

        k = (Lev LT / (Lev - 1))^2

    Source: debt ratio (Lev - 1) sqrt(k)/Lev = LT.
    """
    return mixed_debt(
        leverage=leverage, volatile_debt_share=1.0, liquidation_threshold=liquidation_threshold
    ).upper


def mixed_debt(*, leverage: Real, volatile_debt_share: Real, liquidation_threshold: Real) -> Band:
    """
    Price ratios between which a constant-product farm with debts in both tokens stays healthy.

        roots in s = sqrt(k) of  A s^2 - LT Lev s + C = 0,
        A = (Lev - 1) a,  C = (Lev - 1) (1 - a)

    Source: debt = LT assets, with assets Lev sqrt(k) and debt C + A k. The roots are taken as C/q
    and q/A, so that neither A = 0 nor C = 0 needs a case of its own.
    """
    require_share(volatile_debt_share=volatile_debt_share)
    _require_healthy(leverage, liquidation_threshold)
    debt = np.subtract(leverage, 1.0)
    linear, constant = debt * volatile_debt_share, debt * (1.0 - volatile_debt_share)
    lower, upper = _roots(linear, liquidation_threshold * leverage / 2.0, constant)
    return Band(lower**2, upper**2)


def concentrated(
    *,
    leverage: Real,
    volatile_debt_share: Real,
    liquidation_threshold: Real,
    price_entry: Real,
    price_lower: Real,
    price_upper: Real,
) -> Band:
    """
    Prices between which a leveraged Uniswap v3 range stays healthy, both in closed form.

        LT V(P) = D_stable + D_volatile P,  V from Uniswap v3 whitepaper eqs. 6.29 and 6.30

    V is concave in the price, so there is one end on either side of entry. Within the range it
    solves a quadratic in sqrt(P), below it V is linear in P, above it constant.
    """
    require_share(volatile_debt_share=volatile_debt_share)
    require_positive(price_entry=price_entry)
    require_range(price_lower=price_lower, price_upper=price_upper)
    _require_healthy(leverage, liquidation_threshold)
    span = {"price_lower": price_lower, "price_upper": price_upper}
    # Liquidity already scaled by the threshold: what the lender counts.
    counted = liquidation_threshold * liquidity_from_value(leverage, price=price_entry, **span)
    volatile = np.subtract(leverage, 1.0) * volatile_debt_share / price_entry
    stable = np.subtract(leverage, 1.0) * (1.0 - volatile_debt_share)
    low, high = np.sqrt(price_lower), np.sqrt(price_upper)
    inner_lower, inner_upper = _roots(volatile + counted / high, counted, stable + counted * low)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.divide(stable, counted * (1.0 / low - 1.0 / high) - volatile)
        above = np.divide(counted * (high - low) - stable, volatile)
    healthy_low = counted * low**2 * (1.0 / low - 1.0 / high) >= stable + volatile * low**2
    healthy_high = counted * (high - low) >= stable + volatile * high**2
    return Band(
        np.where(healthy_low, np.where(stable > 0.0, below, 0.0), inner_lower**2)[()],
        np.where(healthy_high, above, inner_upper**2)[()],
    )


def lending_long(*, collateral_quantity: Real, debt_usd: Real, liquidation_threshold: Real) -> Real:
    """
    Price in USD at which a loan of stable money against volatile collateral is liquidated.

        P = debt / (quantity LT)

    Source: Aave, health factor = collateral value times threshold over debt, at 1.
    """
    require_positive(collateral_quantity=collateral_quantity)
    require_at_least(0.0, debt_usd=debt_usd)
    require_threshold(liquidation_threshold=liquidation_threshold)
    return debt_usd / (collateral_quantity * liquidation_threshold)


def lending_short(
    *, collateral_usd: Real, debt_quantity: Real, liquidation_threshold: Real
) -> Real:
    """
    Price in USD at which a loan of a volatile token against stable collateral is liquidated.

        P = collateral LT / quantity

    Source: as `lending_long`.
    """
    require_at_least(0.0, collateral_usd=collateral_usd)
    require_positive(debt_quantity=debt_quantity)
    require_threshold(liquidation_threshold=liquidation_threshold)
    return collateral_usd * liquidation_threshold / debt_quantity


def loop_leverage(*, ltv: Real, loops: Real) -> Real:
    """
    Leverage after pledging, borrowing and pledging again `loops` times.

        (1 - ltv^(n+1)) / (1 - ltv)

    Its limit for many loops is `1 / (1 - ltv)`. Source: the geometric series 1 + ltv + ltv^2 ...
    """
    require_proper_share(ltv=ltv)
    require_at_least(0.0, loops=loops)
    return (1.0 - ltv ** (loops + 1.0)) / (1.0 - ltv)


def years_by_interest(
    *, debt_ratio: Real, liquidation_threshold: Real, borrow_rate: Real, position_yield: Real
) -> Real:
    """
    Years until interest alone liquidates at an unmoved price; infinite if the yield covers it.

        t = ln(LT / DR) / (c - y)

    `debt_ratio` is debt over assets now; both rates compound continuously (ln(1 + apy)).
    Source: DR e^{(c - y) t} = LT.
    """
    require_positive(debt_ratio=debt_ratio)
    require_threshold(liquidation_threshold=liquidation_threshold)
    require_finite(borrow_rate=borrow_rate, position_yield=position_yield)
    room = np.log(np.divide(liquidation_threshold, debt_ratio))
    if np.any(room < 0.0):
        raise InputError("debt_ratio", debt_ratio, "must not be above liquidation_threshold")
    drain = np.subtract(borrow_rate, position_yield)
    with np.errstate(divide="ignore", invalid="ignore"):
        years: Real = np.where(drain > 0.0, room / drain, np.inf)[()]
    return years


def homora_health_ratio(*, pool_share: Real, swap_fee: Real) -> Real:
    """
    Value that Alpha Homora v1 grants a pool position, over that without swap fee and impact.

        h(s) = (1 + f (1 - s) / (1 - (1 - f) s)) / 2,  f = 1 - fee

    The bank does not ask an oracle: it withdraws on paper the position's share `s` of the pool and
    sells the token half into what remains. A whale is nearer to its end than its oracle value says:
    use `liquidation_threshold * h` in `stable_debt`. As s does not change with the price, neither
    does h. Source: closed form of UniswapGoblin.health (alpha-homora-v1 5017311) without flooring.
    """
    require_share(pool_share=pool_share)
    require_proper_share(swap_fee=swap_fee)
    kept = 1.0 - swap_fee
    return (1.0 + kept * (1.0 - pool_share) / (1.0 - swap_fee * pool_share)) / 2.0


def _roots(square: Real, half: Real, constant: Real) -> tuple[Real, Real]:
    """Both roots of `square s^2 - 2 half s + constant = 0`; a vanished end is 0 or infinity."""
    room = np.maximum(np.square(half) - square * constant, 0.0)
    total = half + np.sqrt(room)
    with np.errstate(divide="ignore"):
        lower: Real = np.divide(constant, total)
        upper: Real = np.divide(total, square)
    return lower, upper


def _require_healthy(leverage: Real, liquidation_threshold: Real) -> None:
    require_at_least(1.0, leverage=leverage)
    require_threshold(liquidation_threshold=liquidation_threshold)
    leverages, thresholds = np.broadcast_arrays(leverage, liquidation_threshold)
    # At the limit itself a farm may open; a rounding error beyond it is still the limit.
    refused = leverages - 1.0 > thresholds * leverages * (1.0 + 1e-12)
    if refused.any():
        most = 1.0 / (1.0 - thresholds[refused][0])
        raise InputError(
            "leverage",
            float(leverages[refused][0]),
            f"must be at most 1/(1 - liquidation_threshold) = {most:.6g} to open healthy",
        )
