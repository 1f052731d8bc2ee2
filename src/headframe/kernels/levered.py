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
from headframe.kernels.auction import bid
from headframe.kernels.compiled import inline, kernel
from headframe.kernels.liquidation import (
    AUCTION,
    accrue_interest,
    answered,
    anybody,
    book_claim,
    book_end,
    book_repaid,
    call,
    claim,
    cost_of,
    frozen,
    pay_swap,
)
from headframe.kernels.releverage import book_loan, loan, shift_debt, to_sell
from headframe.types import NEVER_S, NO_DEBT

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

LIQUIDITY, ROOT = pool.LIQUIDITY, pool.ROOT
"""Rows of the state block that the pool's step moves."""
DEBT0, DEBT1, REWARD, HEALTH, MIN_HEALTH, LIQUIDATED_S, CALLED_S, OVERDUE_H, CALLS = range(2, 11)
"""The other rows: debts, rewards, health, and when and how often it was called."""
AUCTION_S = 11
"""The first of the three rows of a running auction."""
SMALLEST_PRICE = pool.SMALLEST_PRICE
"""A price below this buys nothing: rewards at such a price are not counted in tokens."""

accrue_pool = pool.accrue


@kernel
def step(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """Rebalance with the market, earn fees and rewards, owe interest, and take the health."""
    accrue_pool(state, now, books, p)
    if p[0].rewarded != 0:
        accrue_rewards(state, now, books, p)
    accrue_interest(state[DEBT0 : DEBT1 + 1], now, books, p)
    measure(state, now, p)
    call(state[HEALTH], state[CALLED_S], state[OVERDUE_H], t_s)
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
    """
    Health = threshold V / sum(b D) at the oracle's prices, b the borrow factors; its least.

    A health that sells takes the pool's own price, whatever an oracle says, and what its tokens
    would bring there.
    """
    q = p[0]
    threshold, keep, sells = q.threshold, 1.0 - q.fee, q.sells
    factor0, factor1 = q.borrow0_factor, q.borrow1_factor
    price0, price1, oracle0, oracle1 = now[q.price0], now[q.price1], now[q.oracle0], now[q.oracle1]
    liquidity, debt0, debt1, own = state[LIQUIDITY], state[DEBT0], state[DEBT1], now[q.own_share]
    health, lowest, root = state[HEALTH], state[MIN_HEALTH], state[ROOT]
    for i in range(liquidity.size):
        p1 = price1[i] if sells != 0 else price1[i] * oracle1[i]
        p0 = root[i] * root[i] * p1 if sells != 0 else price0[i] * oracle0[i]
        counted = swap_counted(own[i], keep) if sells != 0 else 1.0
        allowed = threshold * 2.0 * liquidity[i] * math.sqrt(p0 * p1) * counted
        debt = debt0[i] * p0 * factor0 + debt1[i] * p1 * factor1
        # a debt too small to matter counts as one at which health is NO_DEBT: nothing overflows
        ratio = allowed / max(max(debt, allowed / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        lowest[i] = min(lowest[i], ratio)


@inline
def tokens_of(state: Floats, i: int) -> tuple[float, float]:
    """What the pool holds for the farm on one path: token0 and token1."""
    return state[LIQUIDITY, i] / state[ROOT, i], state[LIQUIDITY, i] * state[ROOT, i]


@inline
def debts_of(state: Floats, i: int) -> tuple[float, float]:
    """Both debts of one path."""
    return state[DEBT0, i], state[DEBT1, i]


@kernel
def wind_up(state: Floats, now: Floats, books: Floats, i: int, left: float, p: Record) -> None:
    """End a farm, once its costs are booked: `left` of the pool's tokens repays the lenders."""
    q = p[0]
    reward = state[REWARD, i] * now[q.price_reward, i]
    books[q.principal_reward, i] -= state[REWARD, i]
    book_end(tokens_of(state, i), debts_of(state, i), reward, left, now, books, i, p)
    for row in (LIQUIDITY, DEBT0, DEBT1, REWARD):
        state[row, i] = 0.0
    state[HEALTH, i] = NO_DEBT


@kernel
def liquidate(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """
    Where health is below 1 and somebody comes: bounty, lenders, owner, by seniority.

        owner = max(V (1 - penalty) - D, 0),   lenders lose max(D - V (1 - penalty), 0)

    with the bounty first and all of it closed; see `claim` for what a close factor leaves.
    """
    in_part, by_auction = 0, p[0].rule == AUCTION
    health, started = state[HEALTH], state[AUCTION_S]
    if not anybody(health, 1.0) and not (by_auction and anybody(started, NEVER_S)):
        return
    for i in range(health.size):
        if health[i] < 1.0 or (by_auction and started[i] < NEVER_S):
            root, called = state[ROOT, i], state[CALLED_S, i]
            if by_auction or answered(health[i], called, root, now, i, t_s, p):
                in_part += seize(state, now, books, i, t_s, p)
    if in_part > 0:
        measure(state, now, p)


@kernel
def seize(state: Floats, now: Floats, books: Floats, i: int, t_s: float, p: Record) -> int:
    """Liquidate one path, as `claim` says; gives 1 where something of the farm is left."""
    q = p[0]
    held = tokens_of(state, i)
    value = held[0] * now[q.price0, i] + held[1] * now[q.price1, i]
    debts, health, called = debts_of(state, i), state[HEALTH, i], state[CALLED_S, i]
    if q.rule == AUCTION:
        running = state[AUCTION_S : AUCTION_S + 3]
        w0, w1 = weights_of(state[ROOT, i], now, i, p)
        counted = debts[0] * w0 + debts[1] * w1
        plain = debts[0] * w0 / q.borrow0_factor + debts[1] * w1 / q.borrow1_factor
        cover = health * counted / (q.threshold * (plain if plain > 0.0 else 1.0))
        found = bid(held, debts, health, cover, called, running, state[ROOT, i], now, i, t_s, p)
    else:
        kept = swap_counted(now[q.own_share, i], 1.0 - q.fee) if q.sells != 0 else 1.0
        found = claim(held, debts, health, t_s - called, kept, now, i, p)
    share, bounty, slip = found
    if share <= 0.0:
        return 0
    book_claim(held, value, bounty, slip, books, i, p)
    left = share - (bounty + slip) / (value if value > 0.0 else 1.0)
    state[LIQUIDATED_S, i] = min(state[LIQUIDATED_S, i], t_s)
    state[CALLS, i] += 1.0
    state[AUCTION_S, i] = NEVER_S
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
    repaid = book_repaid(tokens_of(state, i), debts_of(state, i), left, now, books, i, p)
    state[LIQUIDITY, i] *= 1.0 - share
    state[DEBT0, i] *= 1.0 - repaid
    state[DEBT1, i] *= 1.0 - repaid


@kernel
def close(state: Floats, now: Floats, books: Floats, mask: Mask, p: Record) -> None:
    """
    Withdraw all, pay swap cost and gas, repay all; what is left goes to the wallet as cash.

    Whoever is up for auction pays the penalty too: it is what the auction would raise.
    """
    q = p[0]
    for i in range(state.shape[1]):
        if mask[i] and state[LIQUIDITY, i] + state[REWARD, i] > 0.0:
            x, y = tokens_of(state, i)
            value = x * now[q.price0, i] + y * now[q.price1, i]
            cost = cost_of(value, now, i, p)
            room = value * (1.0 - cost)
            gas = min(now[q.gas, i] * now[q.price_usd, i], room)
            pay_swap(books, i, cost, x, y, value, gas, p)
            fine = 0.0
            if state[AUCTION_S, i] < NEVER_S:
                debt = state[DEBT0, i] * now[q.price0, i] + state[DEBT1, i] * now[q.price1, i]
                fine = min(q.penalty * debt, room - gas)
                book_claim((x, y), value, fine, 0.0, books, i, p)
                state[AUCTION_S, i] = NEVER_S
            wind_up(state, now, books, i, (room - gas - fine) / (value if value > 0.0 else 1.0), p)


@kernel
def delever(
    state: Floats, now: Floats, books: Floats, mask: Mask, target: Floats, p: Record
) -> None:
    """
    Withdraw a share s of the liquidity and repay both debts pro rata, to reach a target health h.

        s = (h (D + g) - T V) / (V (h (1 - c) - T)),  held to what repays all,

    with swap cost c (its impact on the pool included) and gas g paid out of the proceeds. Borrow
    factors b weigh the debt in the health: then h stands for h sum(b D) / D, and T for T times what
    counts of the value where health sells. Where the guard holds nothing is done.
    """
    q = p[0]
    for i in range(state.shape[1]):
        if not mask[i] or frozen(state[ROOT, i], now, i, p):
            continue
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        x, y = tokens_of(state, i)
        value = x * p0 + y * p1
        debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
        if value > 0.0 and debt > 0.0:
            counted = state[DEBT0, i] * p0 * q.borrow0_factor
            counted += state[DEBT1, i] * p1 * q.borrow1_factor
            aim = target[i] * (counted / debt)
            gas = now[q.gas, i] * now[q.price_usd, i]
            line = q.threshold
            if q.sells != 0:
                line *= swap_counted(now[q.own_share, i], 1.0 - q.fee)
            short = aim * (debt + gas) - line * value
            share, cost = 0.0, q.swap_cost
            for _ in range(4):  # the cost depends on the share that is sold
                slope = aim * (1.0 - cost) - line
                whole = min((debt + gas) / (value * (1.0 - cost)), 1.0)
                share = min(short / (value * slope), whole) if slope > 1e-12 else whole
                cost = cost_of(share * value, now, i, p)
            if short <= 0.0 or share * value * (1.0 - cost) <= gas:
                continue
            pay_swap(books, i, share * cost, x, y, value, gas, p)
            repay(state, now, books, i, share, share * (1.0 - cost) - gas / value, p)
    measure(state, now, p)


@inline
def lenders_prices(root: float, now: Floats, i: int, p: Record) -> tuple[float, float]:
    """Prices at which the lender counts: the oracle's, or the pool's own where health sells."""
    q = p[0]
    p0 = now[q.price0, i] * now[q.oracle0, i]
    p1 = now[q.price1, i]
    if q.sells != 0:
        return root * root * p1, p1
    return p0, p1 * now[q.oracle1, i]


@inline
def allowed_of(state: Floats, now: Floats, i: int, p: Record) -> float:
    """The debt that the lender allows on one path, at his prices: T times the value."""
    q = p[0]
    p0, p1 = lenders_prices(state[ROOT, i], now, i, p)
    counted = swap_counted(now[q.own_share, i], 1.0 - q.fee) if q.sells != 0 else 1.0
    return float(q.threshold * 2.0 * state[LIQUIDITY, i] * math.sqrt(p0 * p1) * counted)


@inline
def weights_of(root: float, now: Floats, i: int, p: Record) -> tuple[float, float]:
    """What a unit of either debt counts: its price at the lender's times its borrow factor."""
    p0, p1 = lenders_prices(root, now, i, p)
    return p0 * p[0].borrow0_factor, p1 * p[0].borrow1_factor


@kernel
def lever(state: Floats, now: Floats, books: Floats, mask: Mask, target: Floats, p: Record) -> None:
    """
    Borrow or repay until assets are `target` times equity: see `kernels.releverage`.

    A loan comes in the shares of opening. Nothing is done where the guard holds, where gas would
    eat it, and where the lender would refuse: beyond the work factor, or a health below 1.
    """
    q = p[0]
    for i in range(state.shape[1]):
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        x, y = tokens_of(state, i)
        value = x * p0 + y * p1
        debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
        gas = now[q.gas, i] * now[q.price_usd, i]
        cleared = mask[i] and value > debt + gas and min(p0, p1) > SMALLEST_PRICE
        if not cleared or frozen(state[ROOT, i], now, i, p):
            continue
        if target[i] * (value - debt) > value:
            raise_debt(state, now, books, i, target[i], p)
            continue
        share, cost = 0.0, q.swap_cost
        for _ in range(4):  # the cost depends on the share that is sold
            share = to_sell(value, debt, max(target[i], 1.0), gas, cost)
            cost = cost_of(share * value, now, i, p)
        if share * value * (1.0 - cost) > gas and debt > 0.0:
            pay_swap(books, i, share * cost, x, y, value, gas, p)
            repay(state, now, books, i, share, share * (1.0 - cost) - gas / value, p)
    measure(state, now, p)


@kernel
def raise_debt(state: Floats, now: Floats, books: Floats, i: int, target: float, p: Record) -> None:
    """Borrow on one path up to a leverage and add liquidity, where the work factor allows it."""
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    x, y = tokens_of(state, i)
    value = x * p0 + y * p1
    debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
    apart = abs(q.debt0_share - x * p0 / value)
    borrowed, cost = loan(value, debt, target, apart, now, i, p)
    gas = now[q.gas, i] * now[q.price_usd, i]
    added = (borrowed * (1.0 - cost) - gas) / value
    more0 = q.debt0_share * borrowed / p0
    more1 = (1.0 - q.debt0_share) * borrowed / p1
    w0, w1 = weights_of(state[ROOT, i], now, i, p)
    owed = (state[DEBT0, i] + more0) * w0 + (state[DEBT1, i] + more1) * w1
    allowed = allowed_of(state, now, i, p) * (1.0 + added) * min(q.work_factor / q.threshold, 1.0)
    if added <= 0.0 or owed > allowed:
        return
    book_loan((x, y), borrowed, cost, now, books, i, p)
    state[LIQUIDITY, i] *= 1.0 + added
    state[DEBT0, i] += more0
    state[DEBT1, i] += more1


@kernel
def rebalance_debt(
    state: Floats, now: Floats, books: Floats, mask: Mask, wanted: Floats, p: Record
) -> None:
    """Owe `wanted` of token0 and the rest in token1; nothing is done where the guard holds."""
    for i in range(state.shape[1]):
        owes = state[DEBT0, i] + state[DEBT1, i] > 0.0
        if mask[i] and owes and not frozen(state[ROOT, i], now, i, p):
            debts, weights = state[DEBT0 : DEBT1 + 1], weights_of(state[ROOT, i], now, i, p)
            allowed = allowed_of(state, now, i, p)
            shift_debt(debts, weights, allowed, wanted[i], now, books, i, p)
    measure(state, now, p)


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
