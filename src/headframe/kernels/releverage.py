"""
Changing a leveraged position while it lives: to another leverage, or to debt in the other token.

With value V, debt D, equity E = V - D, a swap that loses a share c and gas g, a leverage l is
reached from below by borrowing B and from above by selling a share s of everything:

    B = (l (E - g) - V + g) / (1 - c + l c)
    s = (V - l (E - g)) / (V (1 - l c)),  held to what repays all

Source: V' = l (V' - D') with V' = V + B (1 - c) - g, D' = D + B, and with V' = V (1 - s),
D' = D - s V (1 - c) + g.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.liquidation import impact

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

ROUNDS = 8
"""Rounds in which a swap's cost and its size settle: each depends on the other."""


@inline
def to_borrow(value: float, debt: float, leverage: float, gas: float, cost: float) -> float:
    """What to borrow so that assets are `leverage` times equity after cost and gas."""
    return (leverage * (value - debt - gas) - value + gas) / (1.0 - cost + leverage * cost)


@inline
def to_sell(value: float, debt: float, leverage: float, gas: float, cost: float) -> float:
    """The share to sell so that assets are `leverage` times equity; no more than repays all."""
    slope = 1.0 - leverage * cost
    whole = min((debt + gas) / (value * max(1.0 - cost, 1e-12)), 1.0)
    short = value - leverage * (value - debt - gas)
    return min(short / (value * slope), whole) if slope > 1e-12 else whole


@inline
def swap_cost_of(value: float, now: Floats, i: int, p: Record) -> float:
    """Share lost when a value is swapped once: the position's cost, and its impact after it."""
    depth = 0.5 * now[p[0].pool_usd, i] * now[p[0].price_usd, i]
    return float(p[0].swap_cost + (1.0 - p[0].swap_cost) * impact(value, depth))


@kernel
def loan(
    value: float, debt: float, leverage: float, apart: float, now: Floats, i: int, p: Record
) -> tuple[float, float]:
    """
    What to borrow on one path to reach a leverage, and the share of it that swapping loses.

    `apart` is the share of the loan that comes in the wrong token and must be swapped.
    """
    q = p[0]
    gas = now[q.gas, i] * now[q.price_usd, i]
    cost = apart * q.swap_cost
    for _ in range(ROUNDS):
        borrowed = max(to_borrow(value, debt, leverage, gas, cost), 0.0)
        cost = apart * swap_cost_of(apart * borrowed, now, i, p)
    return max(to_borrow(value, debt, leverage, gas, cost), 0.0), cost


@kernel
def book_loan(
    held: tuple[float, float],
    borrowed: float,
    cost: float,
    now: Floats,
    books: Floats,
    i: int,
    p: Record,
) -> None:
    """Book a loan in the shares of opening that joins tokens `held` in their proportion."""
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = held
    value = x * p0 + y * p1
    part = borrowed / value
    books[q.principal0, i] += part * x - q.debt0_share * borrowed / p0
    books[q.principal1, i] += part * y - (1.0 - q.debt0_share) * borrowed / p1
    books[q.slippage0, i] -= cost * part * x
    books[q.slippage1, i] -= cost * part * y
    books[q.slippage, i] -= cost * borrowed
    gas = now[q.gas, i] * now[q.price_usd, i]
    books[q.gas0, i] -= gas / value * x
    books[q.gas1, i] -= gas / value * y
    books[q.gases, i] -= gas


@kernel
def shift_debt(
    debts: Floats,
    weights: tuple[float, float],
    allowed: float,
    wanted: float,
    now: Floats,
    books: Floats,
    i: int,
    p: Record,
) -> None:
    """
    Owe `wanted` of token0 on one path: what differs is borrowed in one token, repays the other.

        repaid = m (1 - c) - g,  where m is what is borrowed, c the cost of the swap, g the gas

    No more is borrowed than repays all of the other debt, and nothing is done where gas would eat
    it or where both debts times their `weights` (the oracle's prices, and borrow factors) would
    exceed `allowed`, which the lender would refuse.
    """
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    gas = now[q.gas, i] * now[q.price_usd, i]
    more = max(wanted, 0.0) > debts[0, i]
    rise = abs(max(wanted, 0.0) - debts[0, i]) * p0
    owed = debts[1, i] * p1 if more else debts[0, i] * p0
    cost, moved = q.swap_cost, 0.0
    for _ in range(ROUNDS):
        keep = max(1.0 - cost, 1e-12)
        moved = min(rise, (owed + gas) / keep) if more else (rise + gas) / keep
        cost = swap_cost_of(moved, now, i, p)
    repaid = min(moved * (1.0 - cost) - gas, owed)
    if repaid <= 0.0 or p0 <= 0.0 or p1 <= 0.0:
        return
    gas = moved * (1.0 - cost) - repaid
    sign = 1.0 if more else -1.0
    first = debts[0, i] + (moved if more else -repaid) / p0
    second = debts[1, i] + (-repaid if more else moved) / p1
    if first * weights[0] + second * weights[1] > allowed:
        return
    books[q.principal0, i] -= sign * moved / p0
    books[q.principal1, i] += sign * moved / p1
    books[q.slippage1 if more else q.slippage0, i] -= cost * moved / (p1 if more else p0)
    books[q.slippage, i] -= cost * moved
    books[q.gas1 if more else q.gas0, i] -= gas / (p1 if more else p0)
    books[q.gases, i] -= gas
    debts[0, i] = max(first, 0.0)
    debts[1, i] = max(second, 0.0)
