"""
Liquidity farmed with borrowed money: what is left for the farmer when the price moves.

A farm with equity 1 borrows `leverage - 1`, puts `leverage` into a half-and-half constant-product
pool and owes the debt, a share of it in the token whose price moves. Its assets follow the square
root of the price, its debts a straight line: the equity is a curve that is best somewhere and falls
away on both sides. Interest and fees are left out here; `price_ratio` is the price now over the
price at opening, equity is per unit of equity at opening.

>>> round(float(equity(0.5, leverage=3.0, volatile_debt_share=0.0)), 6)
0.12132
>>> float(delta_neutral_share(3.0))  # three times the money, neutral: three quarters of the debt
0.75
"""

from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_finite,
    require_positive,
    require_share,
)
from headframe.units import DAYS_PER_YEAR


class DebtSplit(NamedTuple):
    """What a farm borrows per unit of equity, by value: in the volatile and the stable token."""

    volatile: Real
    stable: Real


def equity(price_ratio: Real, *, leverage: Real, volatile_debt_share: Real) -> Real:
    """
    Equity of a leveraged constant-product farm.

        E(k) = Lev sqrt(k) - (Lev - 1) (1 - a) - (Lev - 1) a k

    Negative below water: who bears that is the protocol's business. Source: value of x y = const
    (Pintail 2019) less debts; reproduces Francium's 3x example, 40 % of equity at -36 %.
    """
    _require_farm(price_ratio, leverage, volatile_debt_share)
    debt = leverage - 1.0
    left: Real = (
        leverage * np.sqrt(price_ratio)
        - debt * (1.0 - volatile_debt_share)
        - debt * volatile_debt_share * price_ratio
    )
    return left


def delta(price_ratio: Real, *, leverage: Real, volatile_debt_share: Real) -> Real:
    """
    Slope of equity in the price ratio: the exposure to hedge.

        dE/dk = Lev / (2 sqrt(k)) - (Lev - 1) a

    Times equity at opening over price at opening it is a number of volatile tokens: short as many.
    """
    _require_farm(price_ratio, leverage, volatile_debt_share)
    slope: Real = leverage / (2.0 * np.sqrt(price_ratio)) - (leverage - 1.0) * volatile_debt_share
    return slope


def gamma(price_ratio: Real, *, leverage: Real) -> Real:
    """
    Curvature of equity in the price ratio: how fast the hedge goes stale.

        d2E/dk2 = -Lev / (4 k^(3/2))

    Never positive, and the debt's currency does not matter.
    """
    _require_farm(price_ratio, leverage, 0.0)
    return -leverage / 4.0 * price_ratio**-1.5


def debt_ratio(price_ratio: Real, *, leverage: Real, volatile_debt_share: Real) -> Real:
    """
    Debt over assets at a price: what protocols compare with the liquidation threshold.

        (Lev - 1) (1 - a + a k) / (Lev sqrt(k))
    """
    _require_farm(price_ratio, leverage, volatile_debt_share)
    debt = (leverage - 1.0) * (1.0 - volatile_debt_share + volatile_debt_share * price_ratio)
    ratio: Real = debt / (leverage * np.sqrt(price_ratio))
    return ratio


def delta_neutral_share(leverage: Real) -> Real:
    """
    Share of the debt to take in the volatile token so that the farm opens without exposure.

        a = Lev / (2 (Lev - 1))

    Below twofold leverage no debt can do it: the pool's half is more than all that is borrowed.
    """
    require_at_least(2.0, leverage=leverage)
    return leverage / (2.0 * (leverage - 1.0))


def delta_neutral_debt(leverage: Real) -> DebtSplit:
    """
    What to borrow in each token, per unit of equity, so that the farm opens without exposure.

        volatile Lev/2, stable Lev/2 - 1

    Source: Alpaca Finance's market-neutral vaults: 3x borrows 1.5 and 0.5.
    """
    require_at_least(2.0, leverage=leverage)
    return DebtSplit(volatile=leverage / 2.0, stable=leverage / 2.0 - 1.0)


def farm_apr(
    *, farming_apr: Real, trading_fee_apr: Real, reward_apr: Real, borrow_apr: Real, leverage: Real
) -> Real:
    """
    Yield on equity of a leveraged farm while nothing moves.

        (farming + trading fees) Lev + (rewards for borrowing - interest) (Lev - 1)

    Source: Alpha Homora v2 developer guide, "Calculation". Simple rates give a simple rate; the
    guide mixes in effective ones and calls the sum an APY.
    """
    require_finite(
        farming_apr=farming_apr,
        trading_fee_apr=trading_fee_apr,
        reward_apr=reward_apr,
        borrow_apr=borrow_apr,
    )
    require_at_least(1.0, leverage=leverage)
    return (farming_apr + trading_fee_apr) * leverage + (reward_apr - borrow_apr) * (leverage - 1.0)


def compounded_apy(apr: Real, *, compounds_per_year: Real) -> Real:
    """
    Effective yield of a simple rate that is put back `compounds_per_year` times.

        (1 + apr/n)^n - 1
    """
    require_finite(apr=apr)
    require_positive(compounds_per_year=compounds_per_year)
    require_at_least(-1.0, apr_per_compound=apr / compounds_per_year)
    return (1.0 + apr / compounds_per_year) ** compounds_per_year - 1.0


def daily_compounded_apy(apr: Real) -> Real:
    """Effective yield of a simple rate that is put back every day of a 365-day year."""
    return compounded_apy(apr, compounds_per_year=DAYS_PER_YEAR)


def continuous_apy(apr: Real) -> Real:
    """Effective yield of a rate that compounds without pause: `exp(apr) - 1`."""
    require_finite(apr=apr)
    effective: Real = np.expm1(apr)
    return effective


def _require_farm(price_ratio: Real, leverage: Real, volatile_debt_share: Real) -> None:
    require_positive(price_ratio=price_ratio)
    require_at_least(1.0, leverage=leverage)
    require_share(volatile_debt_share=volatile_debt_share)
