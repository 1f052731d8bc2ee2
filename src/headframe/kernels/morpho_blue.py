"""
Morpho Blue in floats: interest, the lenders' share price, health, and what a liquidation takes.

The twin of `exact.morpho_blue` and `exact.morpho_adaptive_curve_irm`, without their units and
roundings. A market is one collateral and one loan asset at one liquidation threshold (LLTV). The
bonus follows from that threshold; there is no close factor, and a debt without collateral is taken
from the lenders at once.

Source: Morpho Blue whitepaper (2023) and formula notes. The curve is that of `rates`.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.rates import contract_exp, steered_apr
from headframe.types import NO_DEBT
from headframe.units import YEAR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

TARGET_APR, BORROW_INDEX, SUPPLY_INDEX, KEPT, UTILISATION, WRITTEN_OFF, LOST = range(7)
"""Rows of a market's state: the rate at target, indices, and what stood at the last update."""
CURSOR = 0.3
"""How steeply the bonus falls with the threshold."""
MOST_INCENTIVE = 1.15
"""The largest bonus factor, below a threshold of 56.5 %."""


@inline
def taylor_growth(apr: float, dt_s: float) -> float:
    """Factor of debts: 1 + x + x^2 / 2 + x^3 / 6, x = apr dt."""
    x = apr * dt_s / YEAR_S
    return 1.0 + x * (1.0 + x * (0.5 + x / 6.0))


@inline
def incentive_factor(lltv: float) -> float:
    """What a liquidator takes per value repaid: min(1.15, 1 / (1 - 0.3 (1 - lltv)))."""
    return min(MOST_INCENTIVE, 1.0 / (1.0 - CURSOR * (1.0 - lltv)))


@inline
def health(collateral: float, debt: float, lltv: float) -> float:
    """Collateral at the oracle's price times the threshold over debt, at most `NO_DEBT`."""
    allowed = collateral * lltv
    safe = max(max(debt, allowed / NO_DEBT), 1e-300)
    return allowed / safe if debt > 0.0 else NO_DEBT


@inline
def mean_apr(
    utilisation: float,
    start_apr: float,
    end_apr: float,
    mid_apr: float,
    target: float,
    steep: float,
) -> float:
    """Rate charged over a gap: the curve at the trapezoid of the rate at target."""
    return steered_apr(utilisation, 0.25 * (start_apr + end_apr + 2.0 * mid_apr), target, steep)


@kernel
def grow(factor: Floats, apr: Floats, dt_s: float) -> None:
    """Factors of debts over one step on every path."""
    for i in range(factor.size):
        factor[i] = taylor_growth(apr[i], dt_s)


@kernel
def measure(factor: Floats, collateral: Floats, debt: Floats, lltv: float) -> None:
    """Health on every path."""
    for i in range(factor.size):
        factor[i] = health(collateral[i], debt[i], lltv)


@kernel
def liquidate(out: Floats, values: Floats, lltv: float) -> None:
    """
    One liquidation on every path: all of the debt, or all of the collateral.

    Rows of `values`: collateral at the oracle's price, debt. Rows of `out`: debt repaid, collateral
    taken, debt that nobody pays.
    """
    factor = incentive_factor(lltv)
    collateral, debt = values[0], values[1]
    paid, seized, lost = out[0], out[1], out[2]
    for i in range(paid.size):
        short = debt[i] * factor >= collateral[i]
        paid[i] = min(collateral[i] / factor, debt[i]) if short else debt[i]
        seized[i] = collateral[i] if short else debt[i] * factor
        lost[i] = debt[i] - paid[i]


@kernel
def market(state: Floats, now: Floats, dt_s: float, p: Record) -> None:
    """
    Bring a market up to date, and set the rates that a reader would see now.

    Interest of the gap follows the utilisation of the last update; the rate at target moves by it.
    What was written off since leaves the lenders' share price at once: `lost` is the others' share
    of it since the beginning, `written_off` ours in whole units.
    """
    q = p[0]
    target, steep, least, most = q.target, q.steepness, q.least_apr, q.most_apr
    half, fee = 0.5 * q.speed * dt_s / YEAR_S, q.fee
    used, borrow, supply, at_target = now[q.utilisation], now[q.borrow], now[q.supply], now[q.level]
    lent_at, supplied_at, kept_at = now[q.lent_at], now[q.at], now[q.kept]
    whole, deficit, lost = now[q.whole], now[q.deficit], now[q.lost]
    level, borrow_index, supply_index = state[TARGET_APR], state[BORROW_INDEX], state[SUPPLY_INDEX]
    kept, last, ours, others = state[KEPT], state[UTILISATION], state[WRITTEN_OFF], state[LOST]
    for i in range(used.size):
        u = last[i]
        error = (u - target) / (1.0 - target if u > target else target)
        start = level[i]
        mid = min(max(start * contract_exp(half * error), least), most)
        end = min(max(start * contract_exp(2.0 * half * error), least), most)
        interest = taylor_growth(mean_apr(u, start, end, mid, target, steep), dt_s) - 1.0
        gone = (deficit[i] - ours[i]) / max(whole[i], 1e-300)
        theirs = (1.0 - lost[i]) / max(1.0 - others[i], 1e-300)
        left = max(1.0 - gone, 0.0) * min(max(theirs, 0.0), 1.0)
        level[i], last[i] = end, used[i]
        borrow_index[i] *= 1.0 + interest
        supply_index[i] *= (1.0 + u * interest * (1.0 - fee)) * left
        kept[i] *= left
        ours[i], others[i] = deficit[i], max(lost[i], others[i])
        rate = steered_apr(used[i], end, target, steep)
        borrow[i], supply[i], at_target[i] = rate, rate * used[i] * (1.0 - fee), end
        lent_at[i], supplied_at[i], kept_at[i] = borrow_index[i], supply_index[i], kept[i]
