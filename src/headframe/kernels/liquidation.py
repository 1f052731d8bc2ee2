"""
How a liquidation comes about: who may call it, what he takes, and what unwinding costs.

Pieces that the kernels of leveraged positions share: scalars that they melt into themselves, and
below these the entries of one path, whatever its collateral is made of. Sources: the documented
behaviour of Alpha Homora and Alpaca Finance (bounty first, guard between pool and oracle), Aave
(close factor), Euler (discount that grows as health falls), Maker (price that falls with time).
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.uniswap_v2 import SMALLEST_PRICE
from headframe.types import NEVER_S
from headframe.units import HOUR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

FIXED, BY_HEALTH, BY_TIME, AUCTION = 0, 1, 2, 3
"""Rules: one penalty; growing as health falls; growing as time passes; sold at auction."""


@inline
def impact(value: float, depth: float) -> float:
    """
    Share lost to the price's own move when `value` is sold into a constant-product pool.

        out = depth value / (depth + value),   lost = value / (depth + value)

    `depth` is the value of the side that is bought; zero stands for a market without end.
    """
    sold = max(value, 0.0)
    return sold / (sold + depth) if depth > 0.0 else 0.0


@inline
def swapped(x: float, y: float, debt0: float, debt1: float) -> float:
    """
    Value that must change tokens so that `x` and `y` (by value) repay two debts (by value).

    Where both together fall short all of the richer side goes; what is left over is not sold.
    """
    short0, short1 = max(debt0 - x, 0.0), max(debt1 - y, 0.0)
    spare0, spare1 = max(x - debt0, 0.0), max(y - debt1, 0.0)
    return max(min(short0, spare1), min(short1, spare0))


@inline
def penalty_share(rule: int, most: float, health: float, waited_s: float, ramp_s: float) -> float:
    """
    Share of the proceeds that the liquidator takes.

        fixed       most
        by health   min(1 - health, most)                    (Euler: the worse, the dearer)
        by time     most * min(waited / ramp, 1)
    """
    grown = min(max(1.0 - health, 0.0), most)
    passed = most * min(waited_s / ramp_s, 1.0) if ramp_s > 0.0 else most
    return most if rule == FIXED else (grown if rule == BY_HEALTH else passed)


@inline
def apart(one: float, other: float) -> float:
    """How far two prices stand apart: the greater over the smaller; 1 where one is missing."""
    high, low = max(one, other), min(one, other)
    return high / low if low > 0.0 else 1.0


# ---- what leveraged positions share, whatever their collateral -------------------------------


@kernel
def accrue_interest(debts: Floats, now: Floats, books: Floats, p: Record) -> None:
    """Interest compounds into both debts (two rows): debt times the yearly rate times the step."""
    q = p[0]
    years = q.years
    price0, price1 = now[q.price0], now[q.price1]
    apr0, apr1, debt0, debt1 = now[q.borrow0_apr], now[q.borrow1_apr], debts[0], debts[1]
    owed0, owed1, owed = books[q.interest0], books[q.interest1], books[q.interest]
    for i in range(debt0.size):
        more0 = debt0[i] * apr0[i] * years
        more1 = debt1[i] * apr1[i] * years
        debt0[i] += more0
        debt1[i] += more1
        owed0[i] -= more0
        owed1[i] -= more1
        owed[i] -= more0 * price0[i] + more1 * price1[i]


@kernel
def call(health: Floats, called: Floats, overdue: Floats, t_s: float) -> None:
    """Since when the position may be liquidated, and the longest that it was overdue, in hours."""
    for i in range(health.size):
        since = min(called[i], t_s) if health[i] < 1.0 else NEVER_S
        called[i] = since
        overdue[i] = max(overdue[i], (t_s - since) / HOUR_S)


@kernel
def anybody(row: Floats, limit: float) -> bool:
    """Whether any path stands below a limit; quick where, as mostly, none does."""
    below = 0
    for i in range(row.size):
        below += row[i] < limit
    return below > 0


@kernel
def frozen(root: float, now: Floats, i: int, p: Record) -> bool:
    """Whether the guard holds: pool and oracle are too far apart for the protocol to act."""
    q = p[0]
    oracle = (
        now[q.price0, i]
        * now[q.oracle0, i]
        / max(now[q.price1, i] * now[q.oracle1, i], SMALLEST_PRICE)
    )
    return bool(apart(root * root, oracle) > q.guard)


@kernel
def answered(
    health: float, called_s: float, root: float, now: Floats, i: int, t_s: float, p: Record
) -> bool:
    """Whether a keeper comes to one path: it is called, he is there, and the guard lets him."""
    q = p[0]
    called = health < 1.0 and t_s - called_s >= q.delay_s
    return bool(called and now[q.keepers, i] >= 0.5 and not frozen(root, now, i, p))


@kernel
def claim(
    held: tuple[float, float],
    debts: tuple[float, float],
    health: float,
    waited_s: float,
    kept: float,
    now: Floats,
    i: int,
    p: Record,
) -> tuple[float, float, float]:
    """
    What a liquidator does to one path: share s of the tokens, bounty, and what the swap loses.

        s V (1 - penalty) (1 - impact) = c D,  held to all;   penalty s V to the liquidator

    c is the part of the debt D that is repaid at a time; where it is all of it, s is 1 or what the
    debt needs, as the protocol has it. The bounty is paid first, or only out of what the lenders
    leave. Where `kept` is below 1 one token is sold whole, in the pool, and so much is left of the
    value: impact is s V (1 - kept), and the bounty a part of the proceeds. The share is 0 where the
    keeper's part of the bounty does not cover his gas and what he wants to earn: he stays away.
    """
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = held
    value = x * p0 + y * p1
    owed0 = debts[0] * p0
    owed1 = debts[1] * p1
    debt = owed0 + owed1
    taken = penalty_share(q.rule, q.penalty, health, waited_s, q.ramp_s)
    part = 1.0 if health < q.full_below else q.close_factor
    depth = 0.5 * now[q.pool_usd, i] * now[q.price_usd, i]
    sold = swapped(x * p0, y * p1, part * owed0, part * owed1)
    slip = sold * impact(sold, depth) if kept >= 1.0 else 0.0
    room = kept * value * (1.0 - taken)
    in_part = room > 0.0 and (part < 1.0 or q.takes_all == 0)
    share = min((part * debt + slip) / room, 1.0) if in_part else 1.0
    slip = min(slip, share * room) + share * value * (1.0 - kept)
    bounty = taken * share * value * kept
    if q.bounty_first == 0:
        bounty = min(bounty, max(share * value - slip - part * debt, 0.0))
    gas = (now[q.keeper_gas, i] + q.least_profit_usd) * now[q.price_usd, i]
    if bounty * q.keepers_part < gas:
        return 0.0, 0.0, 0.0
    return share, bounty, slip


@kernel
def book_claim(
    held: tuple[float, float],
    value: float,
    bounty: float,
    slip: float,
    books: Floats,
    i: int,
    p: Record,
) -> None:
    """Book what the liquidator takes and what the swap loses, out of both tokens by value."""
    q = p[0]
    x, y = held
    one = 1.0 / (value if value > 0.0 else 1.0)
    books[q.penalty0, i] -= bounty * one * x
    books[q.penalty1, i] -= bounty * one * y
    books[q.penalties, i] -= bounty
    books[q.slippage0, i] -= slip * one * x
    books[q.slippage1, i] -= slip * one * y
    books[q.slippage, i] -= slip


@kernel
def book_repaid(
    held: tuple[float, float],
    debts: tuple[float, float],
    left: float,
    now: Floats,
    books: Floats,
    i: int,
    p: Record,
) -> float:
    """Repay both debts pro rata with a share `left` of the tokens; the share of debt repaid."""
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = held
    value = x * p0 + y * p1
    debt = debts[0] * p0 + debts[1] * p1
    repaid = float(min(left * value / debt, 1.0))
    books[q.principal0, i] += repaid * debts[0] - left * x
    books[q.principal1, i] += repaid * debts[1] - left * y
    books[q.principal, i] += repaid * debt - left * value
    return repaid


@kernel
def book_end(
    held: tuple[float, float],
    debts: tuple[float, float],
    reward: float,
    left: float,
    now: Floats,
    books: Floats,
    i: int,
    p: Record,
) -> None:
    """
    End a position, once its costs are booked: `left` of its tokens repays the lenders.

        owner = max(V left - D, 0) in cash, with the rewards;  forgiven = max(D - V left, 0)

    `reward` is the value of the rewards.
    """
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = held
    value = x * p0 + y * p1
    debt = debts[0] * p0 + debts[1] * p1
    lost = max(debt - left * value, 0.0) / (debt if debt > 0.0 else 1.0)
    price_cash = max(now[q.price_cash, i], SMALLEST_PRICE)
    cash = (max(left * value - debt, 0.0) + reward) / price_cash
    books[q.forgiven0, i] += lost * debts[0]
    books[q.forgiven1, i] += lost * debts[1]
    books[q.forgiven, i] += lost * debt
    books[q.principal0, i] += (1.0 - lost) * debts[0] - left * x
    books[q.principal1, i] += (1.0 - lost) * debts[1] - left * y
    books[q.principal_cash, i] += cash
    books[q.wallet_cash, i] += cash
    books[q.principal, i] += (1.0 - lost) * debt - left * value - reward
    books[q.principal, i] += cash * now[q.price_cash, i]


@inline
def cost_of(value: float, now: Floats, i: int, p: Record) -> float:
    """Share lost when `value` leaves the pool and half of it is sold there: cost and impact."""
    depth = 0.5 * now[p[0].pool_usd, i] * now[p[0].price_usd, i]
    return float(min(p[0].swap_cost + 0.5 * impact(0.5 * value, depth), 1.0))


@kernel
def pay_swap(
    books: Floats, i: int, cost: float, x: float, y: float, value: float, gas: float, p: Record
) -> None:
    """Book slippage, a share of all tokens, and the gas, both out of the two tokens."""
    q = p[0]
    burnt = gas / (value if value > 0.0 else 1.0)
    books[q.slippage0, i] -= cost * x
    books[q.slippage1, i] -= cost * y
    books[q.slippage, i] -= cost * value
    books[q.gas0, i] -= burnt * x
    books[q.gas1, i] -= burnt * y
    books[q.gases, i] -= gas
