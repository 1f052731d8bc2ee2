"""
Comet (Compound III) in floats: both curves, indices, reserves, and what an absorption leaves.

The twin of `exact.compound_v3`, without its units and roundings: amounts are whole units or values,
rates decimals a year. Suppliers and borrowers have curves of their own; what lies between them is
the reserves' income. Both indices grow on a line between two accruals.

Source: Compound III documentation and formula notes; the contract (BUSL-1.1) stayed closed.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.types import NO_DEBT
from headframe.units import YEAR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

SUPPLY_INDEX, BORROW_INDEX, SUPPLY_APR, BORROW_APR, RESERVES = range(5)
"""Rows of a market's state: indices, the rates that run since its last update, reserves."""


@inline
def curve_apr(utilisation: float, base: float, low: float, high: float, kink: float) -> float:
    """
    Rate of one side at a utilisation, which may exceed one.

        base + low min(u, kink) + high max(u - kink, 0)
    """
    return base + low * min(utilisation, kink) + high * max(utilisation - kink, 0.0)


@inline
def growth(apr: float, dt_s: float) -> float:
    """Factor of an index: 1 + apr dt."""
    return 1.0 + apr * dt_s / YEAR_S


@inline
def utilisation_of(debt: float, supplied: float) -> float:
    """Debt over supply; 0 where nobody supplies."""
    return debt / supplied if supplied > 0.0 else 0.0


@inline
def health(allowed: float, debt: float) -> float:
    """Sum of collateral times liquidation factor over debt, at most `NO_DEBT`."""
    safe = max(max(debt, allowed / NO_DEBT), 1e-300)
    return allowed / safe if debt > 0.0 else NO_DEBT


@kernel
def grow(factor: Floats, apr: Floats, dt_s: float) -> None:
    """Factors of one step on every path."""
    for i in range(factor.size):
        factor[i] = growth(apr[i], dt_s)


@kernel
def measure(factor: Floats, allowed: Floats, debt: Floats) -> None:
    """Health on every path."""
    for i in range(factor.size):
        factor[i] = health(allowed[i], debt[i])


def absorb(worth: Floats, debt: Floats, factors: Floats) -> tuple[Floats, Floats, Floats]:
    """
    One absorption on every path: debt repaid, base left to the account, debt that nobody pays.

    Rows of `worth` are the values of the collaterals at the oracle's prices, `factors` their
    liquidation factors.

        credit = sum of value * factor;   repaid = min(credit, debt),  left = max(credit - debt, 0)

    Rare, and so plain NumPy.
    """
    credit = (worth * factors[:, None]).sum(axis=0)
    repaid = np.minimum(credit, debt)
    return repaid, np.maximum(credit - debt, 0.0), np.maximum(debt - credit, 0.0)


def front_price(liquidation_factor: float, store_front_price_factor: float) -> float:
    """What the storefront asks of a collateral's price: 1 - front (1 - liquidation factor)."""
    return 1.0 - store_front_price_factor * (1.0 - liquidation_factor)


@kernel
def charge(state: Floats, amounts: Floats, p: Record) -> None:
    """Set both rates by their curves; rows of `amounts`: debt, supply."""
    q = p[0]
    s_base, s_low, s_high, s_kink = q.supply_base, q.supply_low, q.supply_high, q.supply_kink
    b_base, b_low, b_high, b_kink = q.borrow_base, q.borrow_low, q.borrow_high, q.borrow_kink
    debt, supplied = amounts[0], amounts[1]
    earned, charged = state[SUPPLY_APR], state[BORROW_APR]
    for i in range(debt.size):
        u = utilisation_of(debt[i], supplied[i])
        earned[i] = curve_apr(u, s_base, s_low, s_high, s_kink)
        charged[i] = curve_apr(u, b_base, b_low, b_high, b_kink)


@kernel
def accrue(state: Floats, amounts: Floats, dt_s: float) -> None:
    """Grow both indices by the rates since the last update; reserves get what lies between."""
    debt, supplied = amounts[0], amounts[1]
    supply_index, borrow_index, reserves = state[SUPPLY_INDEX], state[BORROW_INDEX], state[RESERVES]
    earned, charged = state[SUPPLY_APR], state[BORROW_APR]
    for i in range(debt.size):
        more = growth(charged[i], dt_s) - 1.0
        less = growth(earned[i], dt_s) - 1.0
        reserves[i] += debt[i] * more - supplied[i] * less
        borrow_index[i] *= 1.0 + more
        supply_index[i] *= 1.0 + less
