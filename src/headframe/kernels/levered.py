"""
A leveraged constant-product farm on chunks: liquidity, debt in both tokens, rewards, health.

The liquidity is that of `kernels.uniswap_v2`, whose step moves it; here stand the debts, the
rewards, the health and what is done when it is lost. The pool's tokens count at the fair value
V = 2 L sqrt(p0 p1), which no trade in the pool can move. Every function posts what it does to the
books, quantity by line and value by kind, at the prices of the instant.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels import uniswap_v2 as pool
from headframe.kernels.compiled import inline, kernel
from headframe.kernels.liquidation import apart, impact, penalty_share, swapped
from headframe.types import NEVER_S, NO_DEBT
from headframe.units import HOUR_S

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

LIQUIDITY, ROOT = pool.LIQUIDITY, pool.ROOT
"""Rows of the state block that the pool's step moves."""
DEBT0, DEBT1, REWARD, HEALTH, MIN_HEALTH, LIQUIDATED_S, CALLED_S, OVERDUE_H, CALLS = range(2, 11)
"""The other rows: debts, rewards, health, and when and how often it was called."""
SMALLEST_PRICE = pool.SMALLEST_PRICE
"""A price below this buys nothing: rewards at such a price are not counted in tokens."""

accrue_pool = pool.accrue


@kernel
def step(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """Rebalance with the market, earn fees and rewards, owe interest, and take the health."""
    accrue_pool(state, now, books, p)
    if p[0].rewarded != 0:
        accrue_rewards(state, now, books, p)
    accrue_interest(state, now, books, p)
    measure(state, now, p)
    call(state, t_s)
    liquidate(state, now, books, t_s, p)


@kernel
def accrue_rewards(state: Floats, now: Floats, books: Floats, p: Record) -> None:
    """Reward tokens pile up: value staked times the yearly rate, at the token's price."""
    q = p[0]
    years = q.years
    price0, price1, price = now[q.price0], now[q.price1], now[q.price_reward]
    apr, liquidity, reward = now[q.reward_apr], state[LIQUIDITY], state[REWARD]
    tokens_sum, value_sum = books[q.reward_quantity], books[q.rewards]
    for i in range(liquidity.size):
        value = 2.0 * liquidity[i] * math.sqrt(price0[i] * price1[i]) * apr[i] * years
        tokens = value / max(price[i], SMALLEST_PRICE) if price[i] > SMALLEST_PRICE else 0.0
        reward[i] += tokens
        tokens_sum[i] += tokens
        value_sum[i] += tokens * price[i]


@kernel
def accrue_interest(state: Floats, now: Floats, books: Floats, p: Record) -> None:
    """Interest compounds into both debts: debt times the yearly rate times the step."""
    q = p[0]
    years = q.years
    price0, price1 = now[q.price0], now[q.price1]
    apr0, apr1, debt0, debt1 = now[q.borrow0_apr], now[q.borrow1_apr], state[DEBT0], state[DEBT1]
    owed0, owed1, owed = books[q.interest0], books[q.interest1], books[q.interest]
    for i in range(debt0.size):
        more0 = debt0[i] * apr0[i] * years
        more1 = debt1[i] * apr1[i] * years
        debt0[i] += more0
        debt1[i] += more1
        owed0[i] -= more0
        owed1[i] -= more1
        owed[i] -= more0 * price0[i] + more1 * price1[i]


@inline
def swap_counted(share: float, keep: float) -> float:
    """
    What is left of the value of a pool share when its tokens are sold there: fee and own impact.

        (1 + f (1 - s) / (1 - (1 - f) s)) / 2        with f what the fee leaves, s the own share

    Source: Alpha Homora v1's health, which sells one token for the other in the pool itself.
    """
    return 0.5 + 0.5 * keep * (1.0 - share) / (1.0 - (1.0 - keep) * share)


@kernel
def measure(state: Floats, now: Floats, p: Record) -> None:
    """Health = threshold V / D at the oracle's prices, and the least of it so far."""
    q = p[0]
    threshold, keep, sells = q.threshold, 1.0 - q.fee, q.sells
    price0, price1, oracle0, oracle1 = now[q.price0], now[q.price1], now[q.oracle0], now[q.oracle1]
    liquidity, debt0, debt1, own = state[LIQUIDITY], state[DEBT0], state[DEBT1], now[q.own_share]
    health, lowest = state[HEALTH], state[MIN_HEALTH]
    for i in range(liquidity.size):
        p0 = price0[i] * oracle0[i]
        p1 = price1[i] * oracle1[i]
        counted = swap_counted(own[i], keep) if sells != 0 else 1.0
        allowed = threshold * 2.0 * liquidity[i] * math.sqrt(p0 * p1) * counted
        debt = debt0[i] * p0 + debt1[i] * p1
        # a debt too small to matter counts as one at which health is NO_DEBT: nothing overflows
        ratio = allowed / max(max(debt, allowed / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        lowest[i] = min(lowest[i], ratio)


@kernel
def call(state: Floats, t_s: float) -> None:
    """Since when the position may be liquidated, and the longest that it was overdue, in hours."""
    health, called, overdue = state[HEALTH], state[CALLED_S], state[OVERDUE_H]
    for i in range(health.size):
        since = min(called[i], t_s) if health[i] < 1.0 else NEVER_S
        called[i] = since
        overdue[i] = max(overdue[i], (t_s - since) / HOUR_S)


@inline
def tokens_of(state: Floats, i: int) -> tuple[float, float]:
    """What the pool holds for the farm on one path: token0 and token1."""
    return state[LIQUIDITY, i] / state[ROOT, i], state[LIQUIDITY, i] * state[ROOT, i]


@kernel
def wind_up(state: Floats, now: Floats, books: Floats, i: int, left: float, p: Record) -> None:
    """
    End a farm, once its costs are booked: `left` of the pool's tokens repays the lenders.

        owner = max(V left - D, 0) in cash, with the rewards;  forgiven = max(D - V left, 0)
    """
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = tokens_of(state, i)
    value = x * p0 + y * p1
    debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
    lost = max(debt - left * value, 0.0) / (debt if debt > 0.0 else 1.0)
    reward = state[REWARD, i] * now[q.price_reward, i]
    price_cash = max(now[q.price_cash, i], SMALLEST_PRICE)
    cash = (max(left * value - debt, 0.0) + reward) / price_cash
    books[q.forgiven0, i] += lost * state[DEBT0, i]
    books[q.forgiven1, i] += lost * state[DEBT1, i]
    books[q.forgiven, i] += lost * debt
    books[q.principal0, i] += (1.0 - lost) * state[DEBT0, i] - left * x
    books[q.principal1, i] += (1.0 - lost) * state[DEBT1, i] - left * y
    books[q.principal_reward, i] -= state[REWARD, i]
    books[q.principal_cash, i] += cash
    books[q.wallet_cash, i] += cash
    books[q.principal, i] += (1.0 - lost) * debt - left * value - reward
    books[q.principal, i] += cash * now[q.price_cash, i]
    for row in (LIQUIDITY, DEBT0, DEBT1, REWARD):
        state[row, i] = 0.0
    state[HEALTH, i] = NO_DEBT


@kernel
def liquidate(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """
    Where health is below 1 and somebody comes: bounty, lenders, owner, by seniority.

        owner = max(V (1 - penalty) - D, 0),   lenders lose max(D - V (1 - penalty), 0)

    with the bounty first and all of it closed; see `seize` for what a close factor leaves.
    """
    q = p[0]
    in_part = 0
    for i in range(state.shape[1]):
        called = state[HEALTH, i] < 1.0 and t_s - state[CALLED_S, i] >= q.delay_s
        if called and now[q.keepers, i] >= 0.5 and not frozen(state, now, i, p):
            in_part += seize(state, now, books, i, t_s, p)
    if in_part > 0:
        measure(state, now, p)


@kernel
def frozen(state: Floats, now: Floats, i: int, p: Record) -> bool:
    """Whether the guard holds: pool and oracle are too far apart for the protocol to act."""
    q = p[0]
    oracle = (
        now[q.price0, i]
        * now[q.oracle0, i]
        / max(now[q.price1, i] * now[q.oracle1, i], SMALLEST_PRICE)
    )
    return bool(apart(state[ROOT, i] * state[ROOT, i], oracle) > q.guard)


@kernel
def seize(state: Floats, now: Floats, books: Floats, i: int, t_s: float, p: Record) -> int:
    """
    Liquidate one path: a share s of the liquidity repays a part c of the debt D.

    Gives 1 where something of the farm is left.

        s V (1 - penalty) (1 - impact) = c D,  held to all;   penalty s V to the liquidator

    The bounty is paid first, or only out of what the lenders leave. A keeper whose part of it does
    not exceed his gas stays away.
    """
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = tokens_of(state, i)
    value = x * p0 + y * p1
    owed0 = state[DEBT0, i] * p0
    owed1 = state[DEBT1, i] * p1
    debt = owed0 + owed1
    waited = t_s - state[CALLED_S, i]
    taken = penalty_share(q.rule, q.penalty, state[HEALTH, i], waited, q.ramp_s)
    part = 1.0 if state[HEALTH, i] < q.full_below else q.close_factor
    depth = 0.5 * now[q.pool_usd, i] * now[q.price_usd, i]
    sold = swapped(x * p0, y * p1, part * owed0, part * owed1)
    slip = sold * impact(sold, depth)
    room = value * (1.0 - taken)
    share = min((part * debt + slip) / room, 1.0) if room > 0.0 and part < 1.0 else 1.0
    slip = min(slip, share * room)
    bounty = taken * share * value
    if q.bounty_first == 0:
        bounty = min(bounty, max(share * value - slip - part * debt, 0.0))
    gas = (now[q.keeper_gas, i] + q.least_profit_usd) * now[q.price_usd, i]
    if bounty * q.keepers_part < gas:
        return 0
    # of the withdrawn share, by value: what the liquidator takes and what the swap loses
    one = 1.0 / (value if value > 0.0 else 1.0)
    books[q.penalty0, i] -= bounty * one * x
    books[q.penalty1, i] -= bounty * one * y
    books[q.penalties, i] -= bounty
    books[q.slippage0, i] -= slip * one * x
    books[q.slippage1, i] -= slip * one * y
    books[q.slippage, i] -= slip
    left = share - (bounty + slip) * one
    state[LIQUIDATED_S, i] = min(state[LIQUIDATED_S, i], t_s)
    state[CALLS, i] += 1.0
    if share >= 1.0:
        wind_up(state, now, books, i, left, p)
        return 0
    repay(state, now, books, i, share, left, p)
    return 1


@kernel
def repay(
    state: Floats, now: Floats, books: Floats, i: int, share: float, left: float, p: Record
) -> None:
    """Withdraw a share of the liquidity; `left` of the whole repays both debts pro rata."""
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = tokens_of(state, i)
    value = x * p0 + y * p1
    debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
    repaid = min(left * value / debt, 1.0)
    books[q.principal0, i] += repaid * state[DEBT0, i] - left * x
    books[q.principal1, i] += repaid * state[DEBT1, i] - left * y
    books[q.principal, i] += repaid * debt - left * value
    state[LIQUIDITY, i] *= 1.0 - share
    state[DEBT0, i] *= 1.0 - repaid
    state[DEBT1, i] *= 1.0 - repaid


@kernel
def close(state: Floats, now: Floats, books: Floats, mask: Mask, p: Record) -> None:
    """Withdraw all, pay swap cost and gas, repay all; what is left goes to the wallet as cash."""
    q = p[0]
    for i in range(state.shape[1]):
        if mask[i] and state[LIQUIDITY, i] + state[REWARD, i] > 0.0:
            x, y = tokens_of(state, i)
            value = x * now[q.price0, i] + y * now[q.price1, i]
            cost = cost_of(value, now, i, p)
            room = value * (1.0 - cost)
            gas = min(now[q.gas, i] * now[q.price_usd, i], room)
            pay_swap(books, i, cost, x, y, value, gas, p)
            wind_up(state, now, books, i, (room - gas) / (value if value > 0.0 else 1.0), p)


@kernel
def delever(
    state: Floats, now: Floats, books: Floats, mask: Mask, target: Floats, p: Record
) -> None:
    """
    Withdraw a share s of the liquidity and repay both debts pro rata, to reach a target health h.

        s = (h (D + g) - T V) / (V (h (1 - c) - T)),  held to what repays all,

    with swap cost c (its impact on the pool included) and gas g paid out of the proceeds. Where the
    guard holds nothing is done.
    """
    q = p[0]
    for i in range(state.shape[1]):
        if not mask[i] or frozen(state, now, i, p):
            continue
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        x, y = tokens_of(state, i)
        value = x * p0 + y * p1
        debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
        if value > 0.0 and debt > 0.0:
            gas = now[q.gas, i] * now[q.price_usd, i]
            short = target[i] * (debt + gas) - q.threshold * value
            share, cost = 0.0, q.swap_cost
            for _ in range(4):  # the cost depends on the share that is sold
                slope = target[i] * (1.0 - cost) - q.threshold
                whole = min((debt + gas) / (value * (1.0 - cost)), 1.0)
                share = min(short / (value * slope), whole) if slope > 1e-12 else whole
                cost = cost_of(share * value, now, i, p)
            if short <= 0.0 or share * value * (1.0 - cost) <= gas:
                continue
            pay_swap(books, i, share * cost, x, y, value, gas, p)
            repay(state, now, books, i, share, share * (1.0 - cost) - gas / value, p)
    measure(state, now, p)


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


@kernel
def compound(state: Floats, now: Floats, books: Floats, mask: Mask, p: Record) -> None:
    """Sell the rewards into both tokens and add them to the liquidity, where that pays its gas."""
    q = p[0]
    for i in range(state.shape[1]):
        reward = state[REWARD, i]
        price = now[q.price_reward, i]
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        gas = now[q.gas, i] * now[q.price_usd, i]
        gross = reward * price
        net = gross * (1.0 - q.swap_cost) - gas
        root = state[ROOT, i]
        one = p0 / root + p1 * root
        if mask[i] and net > 0.0 and state[LIQUIDITY, i] > 0.0 and one > 0.0:
            added = net / one
            books[q.slippage_reward, i] -= q.swap_cost * reward
            books[q.slippage, i] -= q.swap_cost * gross
            books[q.gas_reward, i] -= gas / price
            books[q.gases, i] -= gas
            books[q.principal_reward, i] -= reward * (1.0 - q.swap_cost) - gas / price
            books[q.principal0, i] += added / root
            books[q.principal1, i] += added * root
            state[LIQUIDITY, i] += added
            state[REWARD, i] = 0.0
    measure(state, now, p)


@kernel
def holdings(state: Floats, out: Floats) -> None:
    """Quantities of token0 and token1 (debts count as negative), and the reward in a third row."""
    liquidity, root = state[LIQUIDITY], state[ROOT]
    debt0, debt1, reward = state[DEBT0], state[DEBT1], state[REWARD]
    held0, held1 = out[0], out[1]
    for i in range(liquidity.size):
        held0[i] = liquidity[i] / root[i] - debt0[i]
        held1[i] = liquidity[i] * root[i] - debt1[i]
    if out.shape[0] == 3:
        piled = out[2]
        for i in range(liquidity.size):
            piled[i] = reward[i]
