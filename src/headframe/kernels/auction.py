"""
A Dutch auction as the answer to a call: a price that falls until somebody finds it low enough.

The float twin of the sale in `exact.maker_clip`. Prices are told in units of the debt, as Maker
tells them in its stablecoin, so that they mean the same whatever a book counts in. A buyer comes
when the price leaves him what his gas and his margin ask for, after what he loses in unwinding.
Among rivals he comes as soon as that is so; alone he waits until the auction would end.

Source: Maker Protocol technical documentation, "Liquidation 2.0 Module"; MIP45.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, log
from headframe.kernels.liquidation import answered, impact, swapped
from headframe.types import NEVER_S
from headframe.units import YEAR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

LINEAR, STAIRS, EXPONENTIAL = 0, 1, 2
"""Curves of the price."""
STARTED_S, TOP, RESETS = range(3)
"""Rows of a running auction: since when, first price over the debt, how often it was reset."""
NO_LESS = -690.0
"""The logarithm of the smallest share of its first price that a price falls to."""


@inline
def fallen(curve: int, elapsed_s: float, tau_s: float, step_s: float, log_cut: float) -> float:
    """
    Share of its first price that an auction has come to.

        1 - t / tau,   cut^floor(t / step),   cut^t
    """
    line = max(1.0 - elapsed_s / tau_s, 0.0)
    steps = math.floor(elapsed_s / step_s) if curve == STAIRS else elapsed_s
    return line if curve == LINEAR else exp(max(log_cut * steps, NO_LESS))


@inline
def offered(curve: int, share: float, log_cut: float) -> float:
    """The first share at or below this one that the curve offers: on stairs the next step."""
    if curve != STAIRS or share <= 0.0 or share >= 1.0:
        return min(share, 1.0)
    return exp(max(log_cut * math.ceil(log(share) / log_cut - 1e-9), NO_LESS))


@kernel
def unwound(
    price: float, held: tuple[float, float], owed: tuple[float, float], tab: float, depth: float
) -> float:
    """What a buyer loses in a pool of some depth, who pays the debts and gets both tokens."""
    debt = owed[0] + owed[1]
    part = min(tab / price, 1.0) if price > 0.0 else 1.0
    paid = part * price / (debt if debt > 0.0 else 1.0)
    sold = swapped(part * held[0], part * held[1], paid * owed[0], paid * owed[1])
    return float(sold * impact(sold, depth))


@kernel
def reservation(
    held: tuple[float, float],
    owed: tuple[float, float],
    tab: float,
    depth: float,
    gas: float,
    margin: float,
) -> float:
    """
    The most that a buyer would pay for all of it, all by value; below 0 nobody comes.

        (V - slip - gas) / (1 + margin)              where all of it is sold
        tab V / (tab (1 + margin) + gas + slip)      where a part raises what is wanted
    """
    value = held[0] + held[1]
    price = value
    for _ in range(4):  # what he loses depends on how much he buys
        slip = unwound(price, held, owed, tab, depth)
        price = (value - slip - gas) / (1.0 + margin)
        if price > tab:
            price = tab * value / (tab * (1.0 + margin) + gas + slip)
    return float(price)


@kernel
def start(auction: Floats, cover: float, i: int, t_s: float, p: Record) -> None:
    """Begin, or begin again: `cover` is the oracle's value of the collateral over the debt."""
    auction[STARTED_S, i] = t_s
    auction[TOP, i] = p[0].buf * cover


@kernel
def bid(
    held: tuple[float, float],
    debts: tuple[float, float],
    health: float,
    cover: float,
    called_s: float,
    auction: Floats,
    root: float,
    now: Floats,
    i: int,
    t_s: float,
    p: Record,
) -> tuple[float, float, float]:
    """
    What the auction of one path comes to in this step: share sold, what its buyer and the protocol
    keep, and what unwinding loses; nothing while nobody buys.

    It starts when the call is answered. Over the step the price fell from `high` to `low`; it sells
    at the first price that a buyer takes. What ran to its end unsold begins anew at the oracle's
    price. Without keepers nothing happens, and the price goes on falling.
    """
    q = p[0]
    elapsed, before = 0.0, 0.0
    if auction[STARTED_S, i] >= NEVER_S:
        if not answered(health, called_s, root, now, i, t_s, p):
            return 0.0, 0.0, 0.0
        start(auction, cover, i, t_s, p)
    else:
        if now[q.keepers, i] < 0.5:
            return 0.0, 0.0, 0.0
        elapsed = t_s - auction[STARTED_S, i]
        before = max(elapsed - q.years * YEAR_S, 0.0)
        if over(before, p):
            auction[RESETS, i] += 1.0
            start(auction, cover, i, t_s, p)
            elapsed = before = 0.0
    ended = over(elapsed, p)
    low = q.least if ended else fallen(q.curve, elapsed, q.tau_s, q.step_s, q.log_cut)
    high = fallen(q.curve, before, q.tau_s, q.step_s, q.log_cut)
    share, bounty, slip = sale(held, debts, auction[TOP, i], high, low, ended, now, i, p)
    if share <= 0.0 and ended:
        auction[RESETS, i] += 1.0
        start(auction, cover, i, t_s, p)
    return share, bounty, slip


@kernel
def over(elapsed_s: float, p: Record) -> bool:
    """Whether an auction ran too long or fell too deep."""
    q = p[0]
    share = fallen(q.curve, elapsed_s, q.tau_s, q.step_s, q.log_cut)
    return bool(elapsed_s > q.tail_s or share < q.cusp)


@kernel
def sale(
    held: tuple[float, float],
    debts: tuple[float, float],
    top: float,
    high: float,
    low: float,
    ended: bool,
    now: Floats,
    i: int,
    p: Record,
) -> tuple[float, float, float]:
    """
    Who buys while the price falls from `high` to `low` (shares of `top`), and what all get.

        price = the first on the curve that is at most the reservation;   alone: the last
        sold  = min(1, tab / price),   tab = D (1 + penalty),   lenders get min(price, D) first
    """
    q = p[0]
    worth = held[0] * now[q.price0, i], held[1] * now[q.price1, i]
    owed = debts[0] * now[q.price0, i], debts[1] * now[q.price1, i]
    value, debt = worth[0] + worth[1], owed[0] + owed[1]
    tab = debt * (1.0 + q.penalty)
    depth = 0.5 * now[q.pool_usd, i] * now[q.price_usd, i]
    gas = (now[q.keeper_gas, i] + q.least_profit_usd) * now[q.price_usd, i]
    most = reservation(worth, owed, tab, depth, gas, q.margin)
    first = top * debt
    if most < 0.0 or value <= 0.0:
        return 0.0, 0.0, 0.0
    at = most / first if first > 0.0 else 1.0
    if now[q.rivals, i] >= 0.5:
        at = offered(q.curve, min(at, high), q.log_cut)
        if at < low * (1.0 - 1e-12):
            return 0.0, 0.0, 0.0
    elif not ended or low > at:
        return 0.0, 0.0, 0.0
    else:
        at = low
    price = at * first
    part = min(tab / price, 1.0) if price > 0.0 else 1.0
    slip = unwound(price, worth, owed, tab, depth)
    lenders = min(part * price, debt)
    return part, max(part * value - lenders - slip, 0.0), slip
