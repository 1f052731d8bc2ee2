"""
Constant-product liquidity on chunks: the one text of the pool's step, for all who hold a share.

With liquidity L = sqrt(x y) and root r, the square root of the pool's price of token0 in token1, a
share of the pool holds x = L / r and y = L r. Arbitrage moves r after the market; fees stay in the
pool and raise L. Whoever uses these kernels keeps `LIQUIDITY` and `ROOT` as the first rows of its
state block and gives its record the rows and constants that are read here.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

LIQUIDITY, ROOT = 0, 1
"""The first two rows of a state block that holds constant-product liquidity."""
ENTERED, ENTERED0, ENTERED1, LOSS = 2, 3, 4, 5
"""Rows of a plain position: liquidity and tokens as they were put in, and impermanent loss."""
ROOT_LIMIT = 1e8
"""A pool's price stays within 1e-16 and 1e16: of a worthless token nobody brings more."""
SMALLEST_PRICE = 1e-120
"""Stands in for a price of 0 where a division needs one."""


@inline
def root_of(price0: float, price1: float) -> float:
    """The square root of the price of token0 in token1, held within `ROOT_LIMIT`."""
    root = math.sqrt(price0 / max(price1, SMALLEST_PRICE))
    return min(max(root, 1.0 / ROOT_LIMIT), ROOT_LIMIT)


@kernel
def accrue(state: Floats, now: Floats, books: Floats, p: Record) -> None:
    """
    The market rebalances the pool; fees compound into the liquidity.

        fees = V fee turnover dt + value of the arbitrage's net input fee / (1 - fee)
                                 + kept (loss of this step against rebalancing)

    The second is what one trade between two steps pays; where `kept` says what share of the loss
    comes back as fees it stands for the many trades in between, and the second is none (`per_input`
    is 0).
    The price is that of row `ratio0` over that of row `ratio1`: the market's, or a pool's own. What
    arbitrage brings, net of its fee, is what the reserves gain along the curve (Uniswap v2
    whitepaper, section 3.2.1).
    """
    q = p[0]
    per_day, per_input = q.fee * q.days, q.per_input
    price0, price1, turnover = now[q.price0], now[q.price1], now[q.turnover]
    ratio0, ratio1, kept = now[q.ratio0], now[q.ratio1], now[q.arbitrage_kept]
    liquidity, root = state[LIQUIDITY], state[ROOT]
    moved0, moved1, moved = books[q.rebalancing0], books[q.rebalancing1], books[q.rebalancing]
    fee0, fee1, fees = books[q.fee0], books[q.fee1], books[q.fees]
    for i in range(liquidity.size):
        new_root = root_of(ratio0[i], ratio1[i])
        x = liquidity[i] / new_root
        y = liquidity[i] * new_root
        dx = x - liquidity[i] / root[i]
        dy = y - liquidity[i] * root[i]
        root[i] = new_root
        moved0[i] += dx
        moved1[i] += dy
        gained = dx * price0[i] + dy * price1[i]
        moved[i] += gained
        value = x * price0[i] + y * price1[i]
        arbitrage = per_input * (max(dx, 0.0) * price0[i] + max(dy, 0.0) * price1[i])
        earned = value * per_day * turnover[i] + arbitrage + kept[i] * max(-gained, 0.0)
        grown = earned / (value if value > 0.0 else 1.0)
        fee0[i] += x * grown
        fee1[i] += y * grown
        fees[i] += earned
        liquidity[i] *= 1.0 + grown


@kernel
def compare(state: Floats, now: Floats, p: Record) -> None:
    """
    Impermanent loss: what was put in, moved along the curve without fees, against holding it.

        loss = (L_in / r p0 + L_in r p1) / (x_in p0 + y_in p1) - 1
    """
    q = p[0]
    price0, price1, root = now[q.price0], now[q.price1], state[ROOT]
    entered, entered0, entered1 = state[ENTERED], state[ENTERED0], state[ENTERED1]
    loss = state[LOSS]
    for i in range(root.size):
        in_pool = entered[i] / root[i] * price0[i] + entered[i] * root[i] * price1[i]
        outside = entered0[i] * price0[i] + entered1[i] * price1[i]
        less = in_pool / (outside if outside > 0.0 else 1.0) - 1.0
        loss[i] = less if outside > 0.0 else loss[i]


@kernel
def holdings(state: Floats, out: Floats) -> None:
    """Quantities of token0 and token1."""
    liquidity, root = state[LIQUIDITY], state[ROOT]
    held0, held1 = out[0], out[1]
    for i in range(liquidity.size):
        held0[i] = liquidity[i] / root[i]
        held1[i] = liquidity[i] * root[i]


# ---- one trade, one deposit: the float twins of `exact.uniswap_v2` -------------------------


@inline
def amount_out(amount_in: float, reserve_in: float, reserve_out: float, fee: float) -> float:
    """Most that an amount in buys: in (1 - fee) out / (reserve_in + in (1 - fee))."""
    kept = amount_in * (1.0 - fee)
    return kept * reserve_out / (reserve_in + kept)


@inline
def one_sided_swap(amount: float, reserve: float, fee: float) -> float:
    """
    How much of a one-sided deposit to swap first, so that nothing is left over.

        swap = 2 a r / (sqrt(r (4 g a + (1 + g)^2 r)) + (1 + g) r),  g = 1 - fee

    The root of the contract's formula, turned so that small deposits do not cancel.
    """
    g = 1.0 - fee
    root = math.sqrt(reserve * (4.0 * g * amount + (1.0 + g) * (1.0 + g) * reserve))
    return 2.0 * amount * reserve / (root + (1.0 + g) * reserve)


@inline
def two_sided_swap(
    amount0: float, amount1: float, reserve0: float, reserve1: float, fee: float
) -> float:
    """
    How much to swap of a deposit in the wrong proportion: of token0, of token1 where negative.

        c = (a0 r1 - a1 r0) / (a1 + r1) r0,  swap = 2 c / (sqrt(b^2 + 4 g c) + b),  b = (1 + g) r0
    """
    g, surplus = 1.0 - fee, amount0 * reserve1 - amount1 * reserve0
    first = surplus >= 0.0
    other = amount1 + reserve1 if first else amount0 + reserve0
    reserve = reserve0 if first else reserve1
    c, b = abs(surplus) / other * reserve, (1.0 + g) * reserve
    swap = 2.0 * c / (math.sqrt(b * b + 4.0 * g * c) + b)
    return swap if first else -swap


@inline
def fair_share_price(
    reserve0: float, reserve1: float, supply: float, price0: float, price1: float
) -> float:
    """Worth of one share at outside prices: 2 sqrt(r0 r1) / supply sqrt(p0 p1)."""
    return 2.0 * math.sqrt(reserve0 * reserve1) / supply * math.sqrt(price0 * price1)
