"""
A stableswap pool of two coins on chunks: the float text of the curve, and a pool's step.

A pool is a point (x, y) on the curve of invariant 1, and what we own of it is a number of coins D
that it would be worth if it were balanced. With a = 2 A (the contract's A) the curve is

    4 x y (a (x + y - 1) + 1) = 1

and the price of x in y is (a + c / x) / (a + c / y), c = 1 / (4 x y). Arbitrage moves the pool
along the curve until its price is within the fee of the market's; the fee of that trade stays in
the coin that went out, and D grows by it.

Against `exact.curve_stableswap_math`, within a hundred to one of balance: each of the some twenty
roundings that reach D is at most 2^-53 and is not enlarged beyond threefold, so D agrees to 1e-14;
the other balance solves a quadratic whose linear term can cancel, and agrees to
2^-53 (20 + 4 sqrt(a)).

Source: M. Egorov, "StableSwap" (2019).
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

INVARIANT, X, Y, VIRTUAL_PRICE, REWARD = range(5)
"""Rows of a position's state: our part of D, the pool's point, its growth, rewards that wait."""
D_STEPS = 24
"""Newton steps for D: it falls towards the solution, and from a hundred to one needs about ten."""
HALVINGS, POLISHES = 16, 4
"""Steps of the search for a price: halvings of the logarithm, then Newton's."""
SMALLEST_BALANCE = 1e-9
"""The least that the pool holds of a coin, of D."""
LARGEST_RATIO = 1e8
"""Prices further apart are held to this: of a worthless coin nobody brings more."""
SMALLEST_PRICE = 1e-120
"""Stands in for a price of 0 where a division needs one."""


@inline
def invariant(x: float, y: float, a: float) -> float:
    """
    D of two balances above 0, by a fixed number of Newton steps from their sum.

        D' = (a S + 2 P) D / ((a - 1) D + 3 P),   P = D^3 / (4 x y)
    """
    total = x + y
    d = total
    for _ in range(D_STEPS):
        part = d / (x + x) * (d / (y + y)) * d
        above = a * total + (part + part)
        below = (a - 1.0) * d + (part + part + part)
        d = d * (above / below)
    return d


@inline
def other_balance(x: float, a: float) -> float:
    """
    The balance beside x > 0 on the curve of invariant 1.

        y^2 + b y = 1 / (4 a x),   b = x - 1 + 1 / a
    """
    b = x - 1.0 + 1.0 / a
    four_k = 1.0 / (a * x)
    q = abs(b) + math.sqrt(b * b + four_k)
    return 0.5 * q if b <= 0.0 else 0.5 * four_k / q


@inline
def price_of(x: float, y: float, a: float) -> float:
    """The price of x in y at a point of the curve of invariant 1, before the fee."""
    c = 0.25 / (x * y)
    return (a + c / x) / (a + c / y)


@inline
def scarce_at(ratio: float, a: float) -> float:
    """
    The balance, of invariant 1, of the coin that costs `ratio` >= 1 of the other: from 1/2 down.

    The logarithm of the balance is halved, then Newton's steps on the price finish: along the curve
    the other balance changes by -price.
    """
    low, high = SMALLEST_BALANCE, 0.5
    for _ in range(HALVINGS):
        z = math.sqrt(low * high)
        above = price_of(z, other_balance(z, a), a) > ratio
        low = z if above else low
        high = high if above else z
    z = math.sqrt(low * high)
    for _ in range(POLISHES):
        w = other_balance(z, a)
        c = 0.25 / (z * w)
        below = a + c / w
        price = (a + c / z) / below
        dc = -c * (1.0 / z - price / w)
        rise = (dc - c / z) / z
        rise_below = (dc + c * price / w) / w
        slope = (rise - price * rise_below) / below
        z = min(max(z - (price - ratio) / slope, low), high)
    return z


@inline
def ratio_of(price0: float, price1: float) -> float:
    """The market's price of coin 0 in coin 1, held within `LARGEST_RATIO`."""
    ratio = price0 / max(price1, SMALLEST_PRICE)
    return min(max(ratio, 1.0 / LARGEST_RATIO), LARGEST_RATIO)


@inline
def x_at(ratio: float, a: float) -> float:
    """Balance of coin 0 where its price in coin 1 is `ratio`."""
    z = scarce_at(max(ratio, 1.0 / ratio), a)
    return z if ratio >= 1.0 else other_balance(z, a)


@kernel
def settle(state: Floats, now: Floats, p: Record) -> None:
    """Put the pool where its price is the market's."""
    q = p[0]
    a = q.a
    price0, price1 = now[q.price0], now[q.price1]
    x, y = state[X], state[Y]
    for i in range(x.size):
        x[i] = x_at(ratio_of(price0[i], price1[i]), a)
        y[i] = other_balance(x[i], a)


@kernel
def accrue(state: Floats, now: Floats, books: Floats, p: Record) -> None:
    """
    Arbitrage brings the pool within the fee of the market; its fee and those of turnover compound.

        fees = (1 - admin) (fee coins out of the arbitrage  +  V fee turnover dt)

    The arbitrage's fee stays in the coin that went out, that of turnover (there and back) in both.
    """
    q = p[0]
    a, kept = q.a, q.fee * (1.0 - q.admin_fee)
    below, per_turnover = 1.0 - q.fee, kept * q.days
    price0, price1, turnover = now[q.price0], now[q.price1], now[q.turnover]
    owned, x, y, growth = state[INVARIANT], state[X], state[Y], state[VIRTUAL_PRICE]
    moved0, moved1, moved = books[q.rebalancing0], books[q.rebalancing1], books[q.rebalancing]
    fee0, fee1, fees = books[q.fee0], books[q.fee1], books[q.fees]
    for i in range(owned.size):
        d = owned[i]
        market = ratio_of(price0[i], price1[i])
        own = price_of(x[i], y[i], a)
        goal = min(max(own, market * below), market / below)
        new_x = x_at(goal, a)
        new_x = new_x if goal != own else x[i]
        new_y = other_balance(new_x, a) if goal != own else y[i]
        dx = new_x - x[i]
        dy = new_y - y[i]
        left_x = kept * max(-dx, 0.0)
        left_y = kept * max(-dy, 0.0)
        moved0[i] += d * dx
        moved1[i] += d * dy
        moved[i] += d * (dx * price0[i] + dy * price1[i])
        full_x = new_x + left_x
        full_y = new_y + left_y
        grown = per_turnover * turnover[i]
        paid_x = left_x + full_x * grown
        paid_y = left_y + full_y * grown
        fee0[i] += d * paid_x
        fee1[i] += d * paid_y
        fees[i] += d * (paid_x * price0[i] + paid_y * price1[i])
        whole = invariant(full_x, full_y, a)
        x[i] = full_x / whole
        y[i] = full_y / whole
        owned[i] = d * (whole * (1.0 + grown))
        growth[i] *= whole * (1.0 + grown)


@kernel
def holdings(state: Floats, out0: Floats, out1: Floats) -> None:
    """What we own of both coins."""
    owned, x, y = state[INVARIANT], state[X], state[Y]
    for i in range(owned.size):
        out0[i] = owned[i] * x[i]
        out1[i] = owned[i] * y[i]


@kernel
def prices(out: Floats, state: Floats, a: float) -> None:
    """The pool's own price of coin 0 in coin 1."""
    x, y = state[X], state[Y]
    for i in range(out.size):
        out[i] = price_of(x[i], y[i], a)


@kernel
def invariants(out: Floats, x: Floats, y: Floats, a: float) -> None:
    """D of many pairs of balances."""
    for i in range(out.size):
        out[i] = invariant(x[i], y[i], a)


@kernel
def other_balances(out: Floats, x: Floats, a: float) -> None:
    """Balances beside many others, of invariant 1."""
    for i in range(out.size):
        out[i] = other_balance(x[i], a)
