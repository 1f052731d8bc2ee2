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
from headframe.types import NO_DEBT

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

LIQUIDITY, ROOT = pool.LIQUIDITY, pool.ROOT
"""Rows of the state block that the pool's step moves."""
DEBT0, DEBT1, REWARD, HEALTH, MIN_HEALTH, LIQUIDATED_S = range(2, 8)
"""The other rows of the state block."""
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


@kernel
def measure(state: Floats, now: Floats, p: Record) -> None:
    """Health = threshold V / D, and the least of it so far."""
    q = p[0]
    threshold = q.threshold
    price0, price1 = now[q.price0], now[q.price1]
    liquidity, debt0, debt1 = state[LIQUIDITY], state[DEBT0], state[DEBT1]
    health, lowest = state[HEALTH], state[MIN_HEALTH]
    for i in range(liquidity.size):
        allowed = threshold * 2.0 * liquidity[i] * math.sqrt(price0[i] * price1[i])
        debt = debt0[i] * price0[i] + debt1[i] * price1[i]
        # a debt too small to matter counts as one at which health is NO_DEBT: nothing overflows
        ratio = allowed / max(max(debt, allowed / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        lowest[i] = min(lowest[i], ratio)


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
    Where health is below 1: the bounty first, then the lenders, the rest to the owner in cash.

        owner = max(V (1 - penalty) - D, 0),   lenders lose max(D - V (1 - penalty), 0)
    """
    q = p[0]
    for i in range(state.shape[1]):
        if state[HEALTH, i] < 1.0:
            x, y = tokens_of(state, i)
            books[q.penalty0, i] -= q.penalty * x
            books[q.penalty1, i] -= q.penalty * y
            books[q.penalties, i] -= q.penalty * (x * now[q.price0, i] + y * now[q.price1, i])
            wind_up(state, now, books, i, 1.0 - q.penalty, p)
            state[LIQUIDATED_S, i] = min(state[LIQUIDATED_S, i], t_s)


@kernel
def close(state: Floats, now: Floats, books: Floats, mask: Mask, p: Record) -> None:
    """Withdraw all, pay swap cost and gas, repay all; what is left goes to the wallet as cash."""
    q = p[0]
    for i in range(state.shape[1]):
        if mask[i] and state[LIQUIDITY, i] + state[REWARD, i] > 0.0:
            x, y = tokens_of(state, i)
            value = x * now[q.price0, i] + y * now[q.price1, i]
            room = value * (1.0 - q.swap_cost)
            gas = min(now[q.gas, i] * now[q.price_usd, i], room)
            pay_swap(books, i, 1.0, x, y, value, gas, p)
            wind_up(state, now, books, i, (room - gas) / (value if value > 0.0 else 1.0), p)


@kernel
def delever(
    state: Floats, now: Floats, books: Floats, mask: Mask, target: Floats, p: Record
) -> None:
    """
    Withdraw a share s of the liquidity and repay both debts pro rata, to reach a target health h.

        s = (h (D + g) - T V) / (V (h (1 - c) - T)),  held to what repays all,

    with swap cost c and gas g paid out of the proceeds.
    """
    q = p[0]
    keep = 1.0 - q.swap_cost
    for i in range(state.shape[1]):
        if not mask[i]:
            continue
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        x, y = tokens_of(state, i)
        value = x * p0 + y * p1
        debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
        if value > 0.0 and debt > 0.0:
            gas = now[q.gas, i] * now[q.price_usd, i]
            short = target[i] * (debt + gas) - q.threshold * value
            slope = target[i] * keep - q.threshold
            whole = min((debt + gas) / (value * keep), 1.0)
            share = min(short / (value * slope), whole) if slope > 1e-12 else whole
            if short <= 0.0 or share * value * keep <= gas:
                continue
            repaid = min((share * value * keep - gas) / debt, 1.0)
            state[LIQUIDITY, i] *= 1.0 - share
            pay_swap(books, i, share, x, y, value, gas, p)
            left = share * keep - gas / value
            books[q.principal0, i] += repaid * state[DEBT0, i] - left * x
            books[q.principal1, i] += repaid * state[DEBT1, i] - left * y
            books[q.principal, i] += repaid * debt - left * value
            state[DEBT0, i] *= 1.0 - repaid
            state[DEBT1, i] *= 1.0 - repaid
    measure(state, now, p)


@kernel
def pay_swap(
    books: Floats, i: int, share: float, x: float, y: float, value: float, gas: float, p: Record
) -> None:
    """Book slippage on a withdrawn share and the gas, both out of the two tokens."""
    q = p[0]
    cost = share * q.swap_cost
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
