"""
Concentrated liquidity on chunks: amounts of a range, a step of the market, fees inside the range.

With r the square root of the price of token0 in token1 and s = r held within [a, b], the roots of
the bounds, liquidity L holds x = L (1/s - 1/b) of token0 and y = L (s - a) of token1. `amounts`,
`value` and `liquidity_for_value` take whatever price they are given, an oracle's as well as the
pool's, and serve any position that holds or lends against such liquidity. Fees do not join the
liquidity: they lie beside it, per token, until they are collected.

Source: "Uniswap v3 Core" (2021), eqs. 6.29 and 6.30. Twin of `exact/uniswap_v3`; the bound is in
docs/protocols/uniswap_v3.md and tests/kernels/test_uniswap_v3.py.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, log
from headframe.kernels.occupation import bar_share, bridge_share
from headframe.kernels.uniswap_v2 import SMALLEST_PRICE, root_of

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Record = npt.NDArray[np.void]

LOG_TICK = 9.999500033330834e-05
"""The logarithm of 1.0001, the price ratio of two neighbouring ticks."""
ON_TICK = 1e-9
"""A bound this near to a usable tick, in spacings, is that tick: the rest is rounding."""
SMALLEST_LIQUIDITY = 1e-120
"""Stands in for a pool's liquidity of 0 where a division needs one."""

LARGEST = 1.7976931348623157e308
"""The largest double."""

(
    LIQUIDITY,
    ROOT,
    ROOT_LOWER,
    ROOT_UPPER,
    LOG_PRICE,
    LOG_LOWER,
    LOG_UPPER,
    OWED0,
    OWED1,
    ENTERED0,
    ENTERED1,
    LOSS,
    SHARE,
    VARIANCE,
    STEPS,
    SECONDS,
    SECONDS_INSIDE,
    SHARE_IN_RANGE,
    WIDTH,
    LEFT_S,
) = range(20)
"""Rows of the state block, as the position names them."""


# ---- amounts and value of a range at any price -----------------------------------------------


def amounts(
    liquidity: Floats, root: Floats, root_lower: Floats, root_upper: Floats
) -> tuple[Floats, Floats]:
    """
    Token0 and token1 of a liquidity at a root of the price, inside its range or outside.

        x = L (1/s - 1/b),  y = L (s - a),  s = root held within [a, b]

    Source: whitepaper eqs. 6.29 and 6.30; twin of `exact.uniswap_v3.get_amounts_for_liquidity`.
    """
    held = np.minimum(np.maximum(root, root_lower), root_upper)
    return liquidity * (1.0 / held - 1.0 / root_upper), liquidity * (held - root_lower)


def value(
    liquidity: Floats,
    root: Floats,
    root_lower: Floats,
    root_upper: Floats,
    price0: Floats,
    price1: Floats,
) -> Floats:
    """Value of a liquidity: its amounts at one root, valued at two prices that may be others'."""
    x, y = amounts(liquidity, root, root_lower, root_upper)
    return x * price0 + y * price1


def liquidity_for_amounts(
    amount0: Floats, amount1: Floats, root: Floats, root_lower: Floats, root_upper: Floats
) -> Floats:
    """
    Most liquidity that two amounts give in a range: the scarcer of the two decides.

    Source: LiquidityAmounts.getLiquidityForAmounts; twin of
    `exact.uniswap_v3.get_liquidity_for_amounts`.
    """
    held = np.minimum(np.maximum(root, root_lower), root_upper)
    unit0, unit1 = 1.0 / held - 1.0 / root_upper, held - root_lower
    # A token that the range does not need backs any amount of liquidity.
    by0 = np.where(unit0 > 0.0, amount0 / np.where(unit0 > 0.0, unit0, 1.0), LARGEST)
    by1 = np.where(unit1 > 0.0, amount1 / np.where(unit1 > 0.0, unit1, 1.0), LARGEST)
    least: Floats = np.minimum(by0, by1)
    return least


def liquidity_for_value(
    worth: Floats,
    root: Floats,
    root_lower: Floats,
    root_upper: Floats,
    price0: Floats,
    price1: Floats,
) -> Floats:
    """Liquidity that a value buys in a range, both tokens brought in the range's proportion."""
    one = value(np.ones_like(root), root, root_lower, root_upper, price0, price1)
    bought: Floats = worth / np.maximum(one, SMALLEST_PRICE)
    return bought


@kernel
def place(state: Floats, mask: Masks, low: Floats, high: Floats, p: Record) -> None:
    """
    Give the range [low, high], prices of token0 in token1, to the paths of a mask.

    Where there is a tick spacing, the bounds move outwards to usable ticks: the contract's tick is
    that of the price in smallest units, ln(price) + `offset` over ln(1.0001).
    """
    q = p[0]
    spacing, offset = q.spacing, q.offset
    per = LOG_TICK * max(spacing, 1.0)
    for i in range(mask.size):
        if mask[i]:
            below, above = log(low[i]), log(high[i])
            if spacing > 0.0:
                first = math.floor((below + offset) / per + ON_TICK)
                last = max(math.ceil((above + offset) / per - ON_TICK), first + 1.0)
                below, above = first * per - offset, last * per - offset
            state[LOG_LOWER, i], state[LOG_UPPER, i] = below, above
            state[ROOT_LOWER, i], state[ROOT_UPPER, i] = exp(0.5 * below), exp(0.5 * above)
            state[LOG_PRICE, i] = 2.0 * log(state[ROOT, i])


# ---- one step of the market --------------------------------------------------------------------


@inline
def _log_price(price0: float, price1: float) -> float:
    # The logarithm of the ratio, held where `root_of` holds the root.
    root = root_of(price0, price1)
    return 2.0 * log(root)


@kernel
def bridge(state: Floats, now: Floats, p: Record) -> None:
    """
    Share of the step inside the range, by the two ends and the volatility (a Brownian bridge).

    Where no volatility is given, the variance of a step is the mean of the squared moves seen so
    far, the present one included, of which later ones fade out older ones.
    """
    q = p[0]
    given, per_step, memory = q.volatility_given, q.years, q.memory
    ratio0, ratio1, volatility = now[q.ratio0], now[q.ratio1], now[q.volatility]
    at, lower, upper = state[LOG_PRICE], state[LOG_LOWER], state[LOG_UPPER]
    share, variance, steps = state[SHARE], state[VARIANCE], state[STEPS]
    for i in range(at.size):
        new = _log_price(ratio0[i], ratio1[i])
        move = new - at[i]
        steps[i] += 1.0
        fresh = max(1.0 / steps[i], memory)
        seen = variance[i] + fresh * (move * move - variance[i])
        variance[i] = volatility[i] * volatility[i] * per_step if given else seen
        share[i] = bridge_share(at[i], new, variance[i], lower[i], upper[i])
        at[i] = new


@kernel
def bars(state: Floats, now: Floats, p: Record) -> None:
    """Share of the step inside the range, by its ends and its highest and lowest price."""
    q = p[0]
    ratio0, ratio1, high, low = now[q.ratio0], now[q.ratio1], now[q.high], now[q.low]
    at, lower, upper = state[LOG_PRICE], state[LOG_LOWER], state[LOG_UPPER]
    share = state[SHARE]
    for i in range(at.size):
        new = _log_price(ratio0[i], ratio1[i])
        top = max(_log_price(high[i], 1.0), max(at[i], new))
        bottom = min(_log_price(low[i], 1.0), min(at[i], new))
        share[i] = bar_share(at[i], top, bottom, new, lower[i], upper[i])
        at[i] = new


@kernel
def accrue(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """
    The market moves the price through the range; fees of the time inside are laid beside it.

        fees = share * fee * dt (turnover * 2 L sqrt(p0 p1) D + volume * L / (L_pool + L))
             + fee / (1 - fee) * what arbitrage brought, in the token it brought
             + kept (loss of this step against rebalancing), in the same token

    Those of the first line come half in each token, by value: others trade there and back. D is
    L_pool / (L_pool + L) where the pool's liquidity is told, else 1.
    """
    q = p[0]
    per_day, per_input = q.fee * q.days, q.per_input
    diluted, dt_s = q.diluted, q.dt_s
    price0, price1, price_usd = now[q.price0], now[q.price1], now[q.price_usd]
    ratio0, ratio1, back = now[q.ratio0], now[q.ratio1], now[q.arbitrage_kept]
    turnover, volume, others = now[q.turnover], now[q.volume], now[q.pool_liquidity]
    liquidity, root, share = state[LIQUIDITY], state[ROOT], state[SHARE]
    lower, upper = state[ROOT_LOWER], state[ROOT_UPPER]
    owed0, owed1 = state[OWED0], state[OWED1]
    seconds, inside, shares = state[SECONDS], state[SECONDS_INSIDE], state[SHARE_IN_RANGE]
    left_s = state[LEFT_S]
    moved0, moved1, moved = books[q.rebalancing0], books[q.rebalancing1], books[q.rebalancing]
    fee0, fee1, fees = books[q.fee0], books[q.fee1], books[q.fees]
    for i in range(liquidity.size):
        new = root_of(ratio0[i], ratio1[i])
        before = min(max(root[i], lower[i]), upper[i])
        after = min(max(new, lower[i]), upper[i])
        root[i] = new
        dx = liquidity[i] * (1.0 / after - 1.0 / upper[i]) - liquidity[i] * (
            1.0 / before - 1.0 / upper[i]
        )
        dy = liquidity[i] * (after - lower[i]) - liquidity[i] * (before - lower[i])
        moved0[i] += dx
        moved1[i] += dy
        gained = dx * price0[i] + dy * price1[i]
        moved[i] += gained
        own = liquidity[i]
        whole = max(others[i] + own, SMALLEST_LIQUIDITY)
        kept = others[i] / whole if diluted else 1.0
        traded = turnover[i] * 2.0 * own * math.sqrt(price0[i] * price1[i]) * kept
        traded += volume[i] * price_usd[i] * (own / whole if diluted else 0.0)
        half = 0.5 * per_day * share[i] * traded
        first = half / max(price0[i], SMALLEST_PRICE) if price0[i] > 0.0 else 0.0
        second = half / max(price1[i], SMALLEST_PRICE) if price1[i] > 0.0 else 0.0
        first += per_input * max(dx, 0.0)
        second += per_input * max(dy, 0.0)
        regained = back[i] * max(-gained, 0.0)
        first += regained / max(price0[i], SMALLEST_PRICE) if dx > 0.0 else 0.0
        second += regained / max(price1[i], SMALLEST_PRICE) if dx <= 0.0 else 0.0
        owed0[i] += first
        owed1[i] += second
        fee0[i] += first
        fee1[i] += second
        fees[i] += first * price0[i] + second * price1[i]
        lived = dt_s if own > 0.0 else 0.0
        seconds[i] += lived
        inside[i] += lived * share[i]
        shares[i] = inside[i] / max(seconds[i], 1.0)
        out = own > 0.0 and (new < lower[i] or new >= upper[i])
        left_s[i] = min(left_s[i], t_s) if out else left_s[i]


@kernel
def compare(state: Floats, now: Floats, p: Record) -> None:
    """
    Impermanent loss: what was put into the range, fees aside, against having held it.

        loss = (x p0 + y p1) / (x_in p0 + y_in p1) - 1
    """
    q = p[0]
    price0, price1 = now[q.price0], now[q.price1]
    liquidity, root, lower, upper = (
        state[LIQUIDITY],
        state[ROOT],
        state[ROOT_LOWER],
        state[ROOT_UPPER],
    )
    entered0, entered1, loss = state[ENTERED0], state[ENTERED1], state[LOSS]
    for i in range(root.size):
        held = min(max(root[i], lower[i]), upper[i])
        within = liquidity[i] * (1.0 / held - 1.0 / upper[i]) * price0[i]
        within += liquidity[i] * (held - lower[i]) * price1[i]
        outside = entered0[i] * price0[i] + entered1[i] * price1[i]
        less = within / (outside if outside > 0.0 else 1.0) - 1.0
        loss[i] = less if outside > 0.0 else loss[i]


@kernel
def holdings(state: Floats, out: Floats) -> None:
    """Quantities of token0 and token1: in the range, and fees not yet collected."""
    liquidity, root, lower, upper = (
        state[LIQUIDITY],
        state[ROOT],
        state[ROOT_LOWER],
        state[ROOT_UPPER],
    )
    owed0, owed1 = state[OWED0], state[OWED1]
    held0, held1 = out[0], out[1]
    for i in range(liquidity.size):
        held = min(max(root[i], lower[i]), upper[i])
        held0[i] = liquidity[i] * (1.0 / held - 1.0 / upper[i]) + owed0[i]
        held1[i] = liquidity[i] * (held - lower[i]) + owed1[i]
