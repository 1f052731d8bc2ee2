"""
What cover costs and what it should cost: a mutual's pricing, and fair premiums.

A mutual's premium (Nexus Mutual's staking products): a base price that falls back to its target and
is bumped by each purchase, and a surge where the pool is nearly full:

    base(t)  = max(target, bumped - change_per_day t)
    bump     = bump_ratio * cover / capacity
    premium  = cover * base                                   a year, up to `surge_from` of capacity
             + (used above it)^2 * surge / capacity / 2       beyond

Fair premiums are expectations of what is paid: for a contract that breaks at rate h and keeps a
share k, sum * (1 - k) * (1 - exp(-h T)); for impermanent loss under geometric Brownian motion,
E[(1 + K) / 2 - sqrt(K)] = (1 + exp(mu T)) / 2 - exp((mu / 2 - sigma^2 / 8) T) of the amount put in.
"""

import numpy as np

from headframe.errors import InputError

SURGE_FROM = 0.9
"""Share of the capacity beyond which the surge is due, as the contract has it."""
SURGE = 2.0
"""Price a year that the surge reaches at full capacity, as the contract has it."""


def cover_premium(
    cover: float, *, capacity: float, used: float, base_price: float, years: float = 1.0
) -> float:
    """
    The premium of a mutual for cover of an amount, in the unit of the amounts.

    >>> round(cover_premium(100.0, capacity=1000.0, used=880.0, base_price=0.02), 12)
    8.4
    """
    if cover < 0.0:
        raise InputError("cover", cover, "0 or more")
    if not 0.0 <= used <= capacity:
        raise InputError("used", used, f"from 0 to the capacity, {capacity:g}")
    if used + cover > capacity * (1.0 + 1e-12):
        raise InputError("cover", cover, f"at most what is free, {capacity - used:g}")
    limit = SURGE_FROM * capacity
    after, before = max(used + cover - limit, 0.0), max(used - limit, 0.0)
    surge = (after**2 - before**2) * SURGE / capacity / 2.0
    return (cover * base_price + surge) * years


def base_price(
    target: float, bumped: float, days: float, *, change_per_day: float = 0.005
) -> float:
    """
    The price a year after a bump has decayed for some days, never below its target.

    >>> base_price(0.02, 0.04, 1.0), base_price(0.02, 0.04, 10.0)
    (0.035, 0.02)
    """
    return max(target, bumped - change_per_day * days)


def bumped_price(base: float, cover: float, capacity: float, *, bump_ratio: float) -> float:
    """
    The price that a purchase leaves behind.

    >>> bumped_price(0.02, 100.0, 1000.0, bump_ratio=0.2)
    0.04
    """
    return base + bump_ratio * cover / capacity


def fair_breach_premium(
    insured: float, per_year: float, years: float, *, kept: float = 0.0, deductible: float = 0.0
) -> float:
    """
    The expected payout of cover against a contract that breaks.

    >>> round(fair_breach_premium(10_000.0, 0.02, 1.0, kept=0.25), 4)
    148.51
    """
    paid = max(1.0 - kept - deductible, 0.0)
    return insured * paid * -float(np.expm1(-per_year * years))


def fair_il_premium(amount: float, volatility: float, years: float, *, drift: float = 0.0) -> float:
    """
    The expected impermanent loss, against holding, of an amount in a constant-product pool.

    >>> round(fair_il_premium(10_000.0, 0.8, 0.25), 4)
    198.0133
    """
    held = (1.0 + np.exp(drift * years)) / 2.0
    pooled = np.exp((drift / 2.0 - volatility**2 / 8.0) * years)
    return amount * float(held - pooled)
