"""
Aave v3 in floats: indices, rates, health, and what a liquidation takes.

The twin of `exact.aave_v3_*`, without its units and roundings: amounts are whole units or values,
rates decimals a year. Supply grows on a line between two updates, debt by the series of the
version: 3.0 takes the first terms of (1 + r)^n with n in seconds, 3.6 those of exp(r n). Both
charge less than they say over long gaps: 100 % over an idle year is a factor of 2.6667.

Source: Aave v3 technical paper and documentation (formula notes; the sources are under the Business
Source Licence and stayed closed). The curve is `rates.kinked_apr`.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.rates import kinked_apr
from headframe.types import NO_DEBT
from headframe.units import YEAR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

SUPPLY_INDEX, BORROW_INDEX, SUPPLY_APR, BORROW_APR = range(4)
"""Rows of a reserve's state: indices as of its last update, and the rates that run since."""
PARTIAL_ABOVE = 0.95
"""Above this health a liquidator may repay a part only."""
CLOSE_FACTOR = 0.5
"""That part: of one debt in 3.0, of all debts together in 3.6."""
WHOLE_BELOW_USD = 2_000.0
"""From 3.3 on, a collateral or a debt worth less may be taken whole at any health."""
LEFT_AT_LEAST_USD = 1_000.0
"""From 3.3 on, a liquidation that leaves collateral and debt must leave so much of either."""


@inline
def linear_growth(apr: float, dt_s: float) -> float:
    """Factor of the supply index: 1 + apr dt."""
    return 1.0 + apr * dt_s / YEAR_S


@inline
def series_growth(apr: float, dt_s: float) -> float:
    """Factor of the borrow index in 3.6: 1 + x + x^2 / 2 + x^3 / 6, x = apr dt."""
    x = apr * dt_s / YEAR_S
    return 1.0 + x * (1.0 + x * (0.5 + x / 6.0))


@inline
def binomial_growth(apr: float, dt_s: float) -> float:
    """Factor of it in 3.0: 1 + n r + n (n-1) r^2 / 2 + n (n-1) (n-2) r^3 / 6, n in seconds."""
    r = apr / YEAR_S
    two, three = max(dt_s - 1.0, 0.0), max(dt_s - 2.0, 0.0)
    return 1.0 + dt_s * r * (1.0 + two * r * (0.5 + three * r / 6.0))


@inline
def borrow_growth(apr: float, dt_s: float, version: int) -> float:
    """Factor of the borrow index, by the version: 30 or 36."""
    return binomial_growth(apr, dt_s) if version < 33 else series_growth(apr, dt_s)


@inline
def supply_apr(
    borrow_apr: float, debt: float, cash: float, deficit: float, reserve_factor: float
) -> float:
    """
    What suppliers earn: the borrow rate on the part that is lent, less the reserve's share.

        borrow debt / (cash + debt + deficit) (1 - reserve_factor)
    """
    whole = cash + debt + deficit
    lent = debt / (whole if whole > 0.0 else 1.0)
    return borrow_apr * lent * (1.0 - reserve_factor)


@inline
def health(allowed: float, debt: float) -> float:
    """Sum of collateral times threshold over debt, at most `NO_DEBT`."""
    safe = max(max(debt, allowed / NO_DEBT), 1e-300)
    return allowed / safe if debt > 0.0 else NO_DEBT


def most_repaid(
    debt: Floats, collateral: Floats, all_debt: Floats, factor: Floats, usd: Floats, version: int
) -> Floats:
    """
    The most that a liquidator may repay of one debt, in value; `factor` is the health.

    3.0: half of it above a health of 0.95, else all. 3.6: half of *all* debts, and only where the
    collateral and the debt taken are worth 2,000 dollars or more; else all of it.
    """
    partial = factor > PARTIAL_ABOVE
    if version < 33:
        return np.where(partial, CLOSE_FACTOR * debt, debt)
    large = np.minimum(debt, collateral) >= WHOLE_BELOW_USD * usd
    return np.where(partial & large, np.minimum(debt, CLOSE_FACTOR * all_debt), debt)


def repaid(
    wanted: Floats, debt: Floats, collateral: Floats, bonus: Floats, usd: Floats, version: int
) -> Floats:
    """
    What is repaid of what is wanted: as much as the collateral pays for, bonus included.

    From 3.3 on a liquidation that leaves both sides must leave 1,000 dollars on each: the
    liquidator takes that much less.
    """
    paid: Floats = np.minimum(wanted, collateral / (1.0 + bonus))
    if version < 33:
        return paid
    both = (paid < debt) & (wanted * (1.0 + bonus) < collateral)
    left = LEFT_AT_LEAST_USD * usd
    less = np.minimum(debt - left, (collateral - left) / (1.0 + bonus))
    return np.where(both, np.maximum(np.minimum(paid, less), 0.0), paid)


@kernel
def grow(factor: Floats, apr: Floats, dt_s: float, version: int) -> None:
    """Factors of one step on every path: of debt by the version, of supply for version 0."""
    for i in range(factor.size):
        if version == 0:
            factor[i] = linear_growth(apr[i], dt_s)
        else:
            factor[i] = borrow_growth(apr[i], dt_s, version)


@kernel
def measure(factor: Floats, allowed: Floats, debt: Floats) -> None:
    """Health on every path."""
    for i in range(factor.size):
        factor[i] = health(allowed[i], debt[i])


def liquidate(values: Floats, version: int) -> Floats:
    """
    One liquidation on every path, in values of one unit of account.

    Rows of `values`: collateral, debt, all debt, health, bonus, protocol fee, a dollar. Returns
    rows: debt repaid, collateral taken, of this the bonus, of that the protocol's fee. The fee is a
    share of the bonus: the borrower loses the same with it and without. Liquidations are rare and
    this is plain NumPy: a compiled loop may round a path differently in its remainder.
    """
    collateral, debt, all_debt, factor, bonus, fee, usd = values
    wanted = most_repaid(debt, collateral, all_debt, factor, usd, version)
    paid = repaid(wanted, debt, collateral, bonus, usd, version)
    seized = np.minimum(paid * (1.0 + bonus), collateral)
    extra = seized - seized / (1.0 + bonus)
    return np.array([paid, seized, extra, extra * fee])


@kernel
def charge(state: Floats, amounts: Floats, p: Record) -> None:
    """Set a reserve's rates by the curve; rows of `amounts`: debt, cash, deficit."""
    q = p[0]
    base, slope1, slope2, kink = q.base_apr, q.slope1_apr, q.slope2_apr, q.kink
    factor, debt, cash, deficit = q.reserve_factor, amounts[0], amounts[1], amounts[2]
    earned, charged = state[SUPPLY_APR], state[BORROW_APR]
    for i in range(debt.size):
        whole = debt[i] + cash[i]
        u = debt[i] / (whole if whole > 0.0 else 1.0)
        rate = kinked_apr(u, base, slope1, slope2, kink)
        charged[i] = rate
        earned[i] = supply_apr(rate, debt[i], cash[i], deficit[i], factor)


@kernel
def accrue(state: Floats, dt_s: float, p: Record) -> None:
    """Grow a reserve's indices by the rates that its last update set."""
    version = p[0].version
    supply_index, borrow_index = state[SUPPLY_INDEX], state[BORROW_INDEX]
    earned, charged = state[SUPPLY_APR], state[BORROW_APR]
    for i in range(earned.size):
        supply_index[i] *= linear_growth(earned[i], dt_s)
        borrow_index[i] *= borrow_growth(charged[i], dt_s, version)
