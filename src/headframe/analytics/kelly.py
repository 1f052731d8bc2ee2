"""
How much leverage makes wealth grow fastest, and what more of it costs.

Borrowing multiplies the drift of what you hold, and the square of its volatility: growth rises with
leverage, turns, and falls. The Kelly leverage is the top of that parabola. A pool position has half
the price's volatility and pays a convexity cost, so it takes more leverage than the token itself,
until one's own borrowing raises the interest rate. Rates compound continuously and are per year;
leverage is held constant by rebalancing.

>>> round(float(asset_leverage(drift=0.3, borrow_rate=0.05, volatility=0.8)), 6)
0.390625
>>> drift = pool_drift(price_drift=0.0, fee_yield=0.4, volatility=0.8)
>>> round(float(asset_leverage(drift=drift, borrow_rate=0.1, volatility=0.4)), 6)
1.375
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_finite,
    require_non_negative,
    require_positive,
)
from headframe.errors import InputError

GRID = 512
"""Leverages tried before the best one is refined: narrower bumps of growth could be missed."""


class BestLeverage(NamedTuple):
    """The leverage that grows fastest, its growth, and the rate and utilisation it causes."""

    leverage: float
    growth_rate: float
    borrow_rate: float
    utilisation: float


def asset_leverage(*, drift: Real, borrow_rate: Real, volatility: Real) -> Real:
    """
    Leverage that maximises the growth of wealth held in one asset.

        Lev* = (mu - c) / sigma^2

    Negative means short. Source: Merton, "Lifetime portfolio selection under uncertainty" (1969),
    logarithmic utility; Thorp, "The Kelly criterion in blackjack, sports betting and the stock
    market" (2006), section 7.
    """
    require_finite(drift=drift, borrow_rate=borrow_rate)
    require_positive(volatility=volatility)
    return (drift - borrow_rate) / volatility**2


def asset_growth(*, leverage: Real, drift: Real, borrow_rate: Real, volatility: Real) -> Real:
    """
    Growth of wealth (mean of its logarithm, per year) at constant leverage.

        g = c + Lev (mu - c) - Lev^2 sigma^2 / 2

    Cash not invested (leverage below 1) earns the borrowing rate here. Source: as `asset_leverage`.
    """
    require_finite(leverage=leverage, drift=drift, borrow_rate=borrow_rate)
    require_non_negative(volatility=volatility)
    return borrow_rate + leverage * (drift - borrow_rate) - leverage**2 * volatility**2 / 2.0


def pool_drift(*, price_drift: Real, fee_yield: Real, volatility: Real) -> Real:
    """
    Drift of a constant-product position: half the price's, less LVR, plus what it earns.

        mu/2 - sigma^2/8 + y

    `volatility` is the price's. Source: Ito's formula for sqrt(P); arXiv 2208.06046 for the middle
    term.
    """
    require_finite(price_drift=price_drift, fee_yield=fee_yield)
    require_non_negative(volatility=volatility)
    return price_drift / 2.0 - volatility**2 / 8.0 + fee_yield


def pool_leverage(
    *, price_drift: Real, fee_yield: Real, borrow_rate: Real, volatility: Real
) -> Real:
    """
    Leverage that maximises the growth of a constant-product farm, debt in the stable token.

        Lev* = (mu/2 - sigma^2/8 + y - c) / (sigma/2)^2

    Source: `asset_leverage` with the drift and the volatility, sigma/2, of sqrt(P).
    """
    require_positive(volatility=volatility)
    drift = pool_drift(price_drift=price_drift, fee_yield=fee_yield, volatility=volatility)
    return asset_leverage(drift=drift, borrow_rate=borrow_rate, volatility=volatility / 2.0)


def pool_growth(
    *, leverage: Real, price_drift: Real, fee_yield: Real, borrow_rate: Real, volatility: Real
) -> Real:
    """
    Growth of a constant-product farm at constant leverage, debt in the stable token.

        g = c + Lev (mu/2 - sigma^2/8 + y - c) - Lev^2 (sigma/2)^2 / 2
    """
    drift = pool_drift(price_drift=price_drift, fee_yield=fee_yield, volatility=volatility)
    return asset_growth(
        leverage=leverage, drift=drift, borrow_rate=borrow_rate, volatility=volatility / 2.0
    )


def delta_neutral_carry(
    *, leverage: Real, fee_yield: Real, borrow_rate: Real, volatility: Real
) -> Real:
    """
    Yearly carry on equity of a farm hedged without pause: yield less LVR on assets, less interest.

        Lev (y - sigma^2/8) - (Lev - 1) c

    Hedging removes the price's direction, not LVR. Source: pool drift of arXiv 2208.06046 at zero
    exposure, less the debt's cost.
    """
    require_at_least(1.0, leverage=leverage)
    require_finite(borrow_rate=borrow_rate)
    earned = pool_drift(price_drift=0.0, fee_yield=fee_yield, volatility=volatility)
    return leverage * earned - (leverage - 1.0) * borrow_rate


def growth_with_impact(
    leverage: float,
    *,
    borrow_rate: Callable[[float], float],
    drift: float,
    volatility: float,
    equity_usd: float,
    supplied_usd: float,
    borrowed_usd: float,
) -> float:
    """
    Growth at constant leverage when our own borrowing moves the lending pool's rate.

        Lev mu - (Lev - 1) c(u) - Lev^2 sigma^2 / 2,  u = (borrowed + (Lev - 1) equity) / supplied

    `drift` and `volatility` are those of the farmed position; `borrow_rate` maps utilisation to the
    rate per year; `borrowed_usd` is what others owe the pool. Source: `asset_growth` with c = c(u).
    """
    require_finite(drift=drift)
    require_non_negative(volatility=volatility)
    most = _most_leverage(equity_usd, supplied_usd, borrowed_usd)
    if not 1.0 <= leverage <= most * (1.0 + 1e-12):
        raise InputError("leverage", leverage, f"must lie in [1, {most:.6g}], or the pool is empty")
    used = _utilisation(leverage, equity_usd, supplied_usd, borrowed_usd)
    cost = (leverage - 1.0) * borrow_rate(used)
    return leverage * drift - cost - leverage**2 * volatility**2 / 2.0


def best_leverage(
    *,
    borrow_rate: Callable[[float], float],
    drift: float,
    volatility: float,
    equity_usd: float,
    supplied_usd: float,
    borrowed_usd: float,
    max_leverage: float,
) -> BestLeverage:
    """
    Leverage that maximises `growth_with_impact`, up to `max_leverage` or until the pool is empty.

    The rate may have kinks and jumps: leverages are tried on a grid and the best is refined between
    its neighbours (golden section, to about 1e-8). At a kink the optimum often sits exactly on it:
    one loan more, and everyone's rate, ours included, jumps.
    """
    require_at_least(1.0, max_leverage=max_leverage)
    most = min(max_leverage, _most_leverage(equity_usd, supplied_usd, borrowed_usd))

    def growth(leverage: float) -> float:
        return growth_with_impact(
            leverage,
            borrow_rate=borrow_rate,
            drift=drift,
            volatility=volatility,
            equity_usd=equity_usd,
            supplied_usd=supplied_usd,
            borrowed_usd=borrowed_usd,
        )

    best = _maximise(growth, most)
    used = _utilisation(best, equity_usd, supplied_usd, borrowed_usd)
    return BestLeverage(best, growth(best), borrow_rate(used), used)


def _utilisation(
    leverage: float, equity_usd: float, supplied_usd: float, borrowed_usd: float
) -> float:
    return min((borrowed_usd + (leverage - 1.0) * equity_usd) / supplied_usd, 1.0)


def _most_leverage(equity_usd: float, supplied_usd: float, borrowed_usd: float) -> float:
    require_positive(equity_usd=equity_usd, supplied_usd=supplied_usd)
    require_non_negative(borrowed_usd=borrowed_usd)
    if borrowed_usd > supplied_usd:
        raise InputError("borrowed_usd", borrowed_usd, "must not be above supplied_usd")
    return 1.0 + (supplied_usd - borrowed_usd) / equity_usd


def _maximise(growth: Callable[[float], float], most: float) -> float:
    from scipy.optimize import minimize_scalar

    tried = np.linspace(1.0, most, GRID)
    values = [growth(float(leverage)) for leverage in tried]
    at = int(np.argmax(values))
    low, high = float(tried[max(at - 1, 0)]), float(tried[min(at + 1, GRID - 1)])
    if low == high:
        return low
    refined = minimize_scalar(
        lambda leverage: -growth(leverage),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-10},
    )
    # A jump in the rate can leave the refinement below the grid's own best point.
    return float(refined.x) if -refined.fun > values[at] else float(tried[at])
