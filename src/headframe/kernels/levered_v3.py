"""
Concentrated liquidity bought with borrowed money, on chunks: interest, health, liquidation.

The liquidity is that of `kernels.uniswap_v3`, whose step moves it; the entries of a liquidation are
those of `kernels.liquidation`. Here stands what a lender sees: the tokens that the liquidity would
hold at the *oracle's* price, never at the pool's, which a trade could move within a block, and the
fees that wait beside it. What a liquidator gets is the tokens that the pool really holds.

Source: "Uniswap v3 Core" (2021), eqs. 6.29 and 6.30, for what a range holds at a price.
"""

import numpy as np
import numpy.typing as npt

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
from headframe.kernels.uniswap_v2 import SMALLEST_PRICE, root_of
from headframe.kernels.uniswap_v3 import (
    ENTERED0,
    ENTERED1,
    LIQUIDITY,
    OWED0,
    OWED1,
    ROOT,
    ROOT_LOWER,
    ROOT_UPPER,
)
from headframe.types import NEVER_S, NO_DEBT

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Record = npt.NDArray[np.void]

DEBT0, DEBT1, COUNTED, HEALTH, MIN_HEALTH, LIQUIDATED_S, CALLED_S, OVERDUE_H, CALLS = range(20, 29)
"""Rows after those of `kernels.uniswap_v3`: debts, what the lender counts, health, its calls."""
AUCTION_S = 29
"""The first of the three rows of a running auction."""


@kernel
def step(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """Owe interest, take the health at the oracle's price, be liquidated where somebody comes."""
    accrue_interest(state[DEBT0 : DEBT1 + 1], now, books, p)
    measure(state, now, p)
    call(state[HEALTH], state[CALLED_S], state[OVERDUE_H], t_s)
    liquidate(state, now, books, t_s, p)


@kernel
def measure(state: Floats, now: Floats, p: Record) -> None:
    """
    Health = threshold * counted / debt, all at the oracle's prices, and the least of it so far.

        counted = x(P_o) p0_o + y(P_o) p1_o + fees,  P_o = p0_o / p1_o
    """
    q = p[0]
    threshold = q.threshold
    price0, price1, oracle0, oracle1 = now[q.price0], now[q.price1], now[q.oracle0], now[q.oracle1]
    liquidity, lower, upper = state[LIQUIDITY], state[ROOT_LOWER], state[ROOT_UPPER]
    owed0, owed1, debt0, debt1 = state[OWED0], state[OWED1], state[DEBT0], state[DEBT1]
    counted, health, lowest = state[COUNTED], state[HEALTH], state[MIN_HEALTH]
    for i in range(liquidity.size):
        p0 = price0[i] * oracle0[i]
        p1 = price1[i] * oracle1[i]
        root = root_of(p0, p1)
        held = min(max(root, lower[i]), upper[i])
        x = liquidity[i] * (1.0 / held - 1.0 / upper[i]) + owed0[i]
        y = liquidity[i] * (held - lower[i]) + owed1[i]
        value = x * p0 + y * p1
        counted[i] = value
        allowed = threshold * value
        debt = debt0[i] * p0 + debt1[i] * p1
        # a debt too small to matter counts as one at which health is NO_DEBT: nothing overflows
        ratio = allowed / max(max(debt, allowed / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        lowest[i] = min(lowest[i], ratio)


@inline
def tokens_of(state: Floats, i: int) -> tuple[float, float]:
    """What can be withdrawn on one path: token0 and token1, at the pool's price, with the fees."""
    lower, upper = state[ROOT_LOWER, i], state[ROOT_UPPER, i]
    held = min(max(state[ROOT, i], lower), upper)
    x = state[LIQUIDITY, i] * (1.0 / held - 1.0 / upper) + state[OWED0, i]
    return x, state[LIQUIDITY, i] * (held - lower) + state[OWED1, i]


@inline
def debts_of(state: Floats, i: int) -> tuple[float, float]:
    """Both debts of one path."""
    return state[DEBT0, i], state[DEBT1, i]


@kernel
def liquidate(state: Floats, now: Floats, books: Floats, t_s: float, p: Record) -> None:
    """Where health is below 1 and somebody comes: bounty, lenders, owner, by seniority."""
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
    """Liquidate one path, as `liquidation.claim` says; gives 1 where something of it is left."""
    q = p[0]
    held = tokens_of(state, i)
    value = held[0] * now[q.price0, i] + held[1] * now[q.price1, i]
    debts, health, called = debts_of(state, i), state[HEALTH, i], state[CALLED_S, i]
    if q.rule == AUCTION:
        running = state[AUCTION_S : AUCTION_S + 3]
        cover = health / q.threshold
        found = bid(held, debts, health, cover, called, running, state[ROOT, i], now, i, t_s, p)
    else:
        found = claim(held, debts, health, t_s - called, 1.0, now, i, p)
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
def wind_up(state: Floats, now: Floats, books: Floats, i: int, left: float, p: Record) -> None:
    """End it, once its costs are booked: `left` of its tokens repays lenders, then the owner."""
    book_end(tokens_of(state, i), debts_of(state, i), 0.0, left, now, books, i, p)
    for row in (LIQUIDITY, OWED0, OWED1, ENTERED0, ENTERED1, DEBT0, DEBT1, COUNTED):
        state[row, i] = 0.0
    state[HEALTH, i] = NO_DEBT


@kernel
def repay(
    state: Floats, now: Floats, books: Floats, i: int, share: float, left: float, p: Record
) -> None:
    """Withdraw a share of liquidity and fees; `left` of the whole repays both debts pro rata."""
    repaid = book_repaid(tokens_of(state, i), debts_of(state, i), left, now, books, i, p)
    for row in (LIQUIDITY, OWED0, OWED1, ENTERED0, ENTERED1):
        state[row, i] *= 1.0 - share
    state[DEBT0, i] *= 1.0 - repaid
    state[DEBT1, i] *= 1.0 - repaid


@kernel
def hold_back(state: Floats, now: Floats, mask: Masks, p: Record) -> None:
    """Take out of a mask the paths on which the guard holds: there the protocol does not act."""
    for i in range(mask.size):
        mask[i] = mask[i] and not frozen(state[ROOT, i], now, i, p)


@kernel
def close(state: Floats, now: Floats, books: Floats, mask: Masks, p: Record) -> None:
    """
    Withdraw all, pay swap cost and gas, repay all; what is left goes to the wallet as cash.

    Whoever is up for auction pays the penalty too: it is what the auction would raise.
    """
    q = p[0]
    for i in range(state.shape[1]):
        x, y = tokens_of(state, i)
        value = x * now[q.price0, i] + y * now[q.price1, i]
        if mask[i] and x + y + state[DEBT0, i] + state[DEBT1, i] > 0.0:
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
    state: Floats, now: Floats, books: Floats, mask: Masks, target: Floats, p: Record
) -> None:
    """
    Withdraw a share s of liquidity and fees and repay both debts pro rata, to a target health h.

        s = (h D_o (1 + g / D) - T V_o) / (h D_o V (1 - c) / D - T V_o),  held to what repays all,

    with V, D at the market's prices and V_o, D_o at the oracle's, swap cost c (impact included) and
    gas g out of the proceeds. Where the guard holds nothing is done.
    """
    q = p[0]
    measure(state, now, p)
    for i in range(state.shape[1]):
        if not mask[i] or frozen(state[ROOT, i], now, i, p):
            continue
        p0 = now[q.price0, i]
        p1 = now[q.price1, i]
        x, y = tokens_of(state, i)
        value = x * p0 + y * p1
        debt = state[DEBT0, i] * p0 + state[DEBT1, i] * p1
        if value > 0.0 and debt > 0.0:
            seen = state[DEBT0, i] * p0 * now[q.oracle0, i]
            seen += state[DEBT1, i] * p1 * now[q.oracle1, i]
            gas = now[q.gas, i] * now[q.price_usd, i]
            counted = q.threshold * state[COUNTED, i]
            wanted = target[i] * seen / debt
            short = wanted * (debt + gas) - counted
            share, cost = 0.0, q.swap_cost
            for _ in range(4):  # the cost depends on the share that is sold
                slope = wanted * value * (1.0 - cost) - counted
                whole = min((debt + gas) / (value * (1.0 - cost)), 1.0)
                share = min(short / slope, whole) if slope > 1e-12 * value else whole
                cost = cost_of(share * value, now, i, p)
            if short <= 0.0 or share * value * (1.0 - cost) <= gas:
                continue
            pay_swap(books, i, share * cost, x, y, value, gas, p)
            repay(state, now, books, i, share, share * (1.0 - cost) - gas / value, p)
    measure(state, now, p)


@kernel
def lever(
    state: Floats, now: Floats, books: Floats, mask: Masks, target: Floats, p: Record
) -> None:
    """
    Borrow or repay until assets are `target` times equity: see `kernels.releverage`.

    A loan comes in the shares of opening and joins the range in its proportion. Nothing is done
    where the guard holds, where gas would eat it, and where the health would be below 1.
    """
    q = p[0]
    measure(state, now, p)
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
            raise_debt(state, now, books, i, value, debt, target[i], p)
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
def raise_debt(
    state: Floats,
    now: Floats,
    books: Floats,
    i: int,
    value: float,
    debt: float,
    target: float,
    p: Record,
) -> None:
    """Borrow on one path up to a leverage and add to the range, where the health stays above 1."""
    q = p[0]
    p0 = now[q.price0, i]
    p1 = now[q.price1, i]
    whole = tokens_of(state, i)
    x, y = whole[0] - state[OWED0, i], whole[1] - state[OWED1, i]
    worth = x * p0 + y * p1
    if worth <= 0.0:
        return
    apart = abs(q.debt0_share - x * p0 / worth)
    borrowed, cost = loan(value, debt, target, apart, now, i, p)
    gas = now[q.gas, i] * now[q.price_usd, i]
    added = (borrowed * (1.0 - cost) - gas) / worth
    p0_o, p1_o = p0 * now[q.oracle0, i], p1 * now[q.oracle1, i]
    waiting = state[OWED0, i] * p0_o + state[OWED1, i] * p1_o
    counted = waiting + (state[COUNTED, i] - waiting) * (1.0 + added)
    more0 = q.debt0_share * borrowed / p0
    more1 = (1.0 - q.debt0_share) * borrowed / p1
    owed = (state[DEBT0, i] + more0) * p0_o + (state[DEBT1, i] + more1) * p1_o
    if added <= 0.0 or owed > q.threshold * counted:
        return
    book_loan((x, y), borrowed, cost, now, books, i, p)
    state[LIQUIDITY, i] *= 1.0 + added
    state[ENTERED0, i] += added * x
    state[ENTERED1, i] += added * y
    state[DEBT0, i] += more0
    state[DEBT1, i] += more1


@kernel
def rebalance_debt(
    state: Floats, now: Floats, books: Floats, mask: Masks, wanted: Floats, p: Record
) -> None:
    """Owe `wanted` of token0 and the rest in token1; nothing is done where the guard holds."""
    measure(state, now, p)
    for i in range(state.shape[1]):
        owes = state[DEBT0, i] + state[DEBT1, i] > 0.0
        if mask[i] and owes and not frozen(state[ROOT, i], now, i, p):
            q = p[0]
            first = now[q.price0, i] * now[q.oracle0, i]
            weights = (first, now[q.price1, i] * now[q.oracle1, i])
            allowed, debts = q.threshold * state[COUNTED, i], state[DEBT0 : DEBT1 + 1]
            shift_debt(debts, weights, allowed, wanted[i], now, books, i, p)
    measure(state, now, p)
