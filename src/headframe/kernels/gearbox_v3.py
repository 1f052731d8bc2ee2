"""
Gearbox v3 in floats: a credit account's debt, quotas and health; the pool's curve; liquidation.

The twin of `exact.gearbox_v3_math` and `exact.gearbox_v3_rates`, without their units and roundings.
An account owes principal, base interest that compounds with the pool's index, quota interest that
does not, fees of quotas, and the DAO's share of all interest on top. Each of its tokens counts its
value times a threshold that may be moving, and no further than its quota.

Source: contracts of Gearbox v3.10 by formula notes and their behaviour.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.types import NO_DEBT

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

CASH, PRINCIPAL, INTEREST, QUOTA_INTEREST, QUOTA_FEES = range(5)
"""Rows of an account in the underlying: what lies on it, and the four parts of its debt."""
HEALTH, MIN_HEALTH, LIQUIDATED_S, CALLED_S, OVERDUE_H, CALLS, DEFICIT = range(5, 12)
"""Rows of what happened to it; the deficit is what the pool lost."""
TOKENS = 12
"""The first row of the tokens: of each what is held, and its quota."""
VALUE, WEIGHTED, LATER = range(3)
"""Rows of `weigh`: value at the market's prices, and what counts at the oracle's."""
SHORTEST_RAMP_S = 1e-9
"""A ramp is never shorter than this, so that it can divide."""


# ---- the arithmetic, one path at a time ------------------------------------------------------


@inline
def threshold_at(first: float, last: float, start_s: float, ramp_s: float, t_s: float) -> float:
    """A threshold that moves in a straight line: first before the ramp, last after it."""
    passed = min(max((t_s - start_s) / max(ramp_s, SHORTEST_RAMP_S), 0.0), 1.0)
    return first + (last - first) * passed


@inline
def counted(value: float, threshold: float, quota: float) -> float:
    """What a token counts towards health: min(value * threshold, quota)."""
    return min(value * threshold, quota)


@inline
def two_kink_apr(
    utilisation: float,
    base: float,
    slope1: float,
    slope2: float,
    slope3: float,
    u1: float,
    u2: float,
) -> float:
    """
    Borrow rate of a curve with two kinks.

        base + s1 u / u1 | + s2 (u - u1) / (u2 - u1) | + s3 (u - u2) / (1 - u2)

    Needs 0 < u1 < u2 < 1.
    """
    low = min(utilisation, u1) / u1
    middle = min(max(utilisation - u1, 0.0) / (u2 - u1), 1.0)
    high = max(utilisation - u2, 0.0) / (1.0 - u2)
    return base + slope1 * low + slope2 * middle + slope3 * high


@inline
def borrowable(expected: float, available: float, u2: float, forbids: bool) -> float:
    """What may be borrowed: all that is there, or what is left to the second kink."""
    room = max(available - (expected - u2 * expected), 0.0)
    return room if forbids else available


@inline
def payments(
    owed: float, interest: float, fees: float, value: float, fee: float, discount: float
) -> tuple[float, float, float, float]:
    """
    Split a liquidated account: to the pool, to the owner, the DAO's profit, the pool's loss.

        funds = value * discount,   to pool = owed + interest + fees + value * fee, held to funds
    """
    funds = value * discount
    whole = owed + interest + fees + value * fee
    to_pool = min(whole, funds)
    with_interest = owed + interest
    remaining = max(funds - whole, 0.0)
    return to_pool, remaining, max(to_pool - with_interest, 0.0), max(with_interest - to_pool, 0.0)


@inline
def paid_part(amount: float, interest: float, fee: float) -> float:
    """What of a payment reaches the interest, the DAO's fee on it being paid along."""
    return min(amount / (1.0 + fee), interest)


@inline
def decrease(
    amount: float,
    principal: float,
    interest: float,
    quota_interest: float,
    quota_fees: float,
    fee: float,
) -> tuple[float, float, float, float]:
    """
    Repay in the contract's order: quota fees, quota interest, base interest, principal.

    Gives what is left of principal, interest, quota interest and quota fees.
    """
    fees_paid = min(amount, quota_fees)
    left = amount - fees_paid
    quota_paid = paid_part(left, quota_interest, fee)
    left = max(left - quota_paid * (1.0 + fee), 0.0)
    interest_paid = paid_part(left, interest, fee)
    left = max(left - interest_paid * (1.0 + fee), 0.0)
    return (
        max(principal - left, 0.0),
        interest - interest_paid,
        quota_interest - quota_paid,
        quota_fees - fees_paid,
    )


@inline
def partial_amount(
    short: float, spare: float, threshold: float, target: float, fee: float, discount: float
) -> float:
    """
    What a partial liquidation repays so that health becomes the target h.

        h (D - (1 - f) R) = W - T max(R / d - spare, 0)

    `short` is h D - W; `spare` the value of the seized token above its quota, which counts nothing.
    Negative where no amount reaches the target.
    """
    repaying = target * (1.0 - fee)
    free = short / repaying
    slope = repaying - threshold / discount
    beyond = (short - threshold * spare) / slope if slope > 1e-12 else -1.0
    return free if free <= spare * discount else beyond


# ---- chunks ----------------------------------------------------------------------------------


@kernel
def accrue(state: Floats, now: Floats, books: Floats, p: Record, tokens: Record) -> None:
    """Base interest compounds, quota interest adds up, tokens earn; the DAO's fee is owed too."""
    q = p[0]
    years, fee = q.years, 1.0 + q.fee_interest
    price, apr = now[q.price], now[q.borrow_apr]
    principal, interest, quoted = state[PRINCIPAL], state[INTEREST], state[QUOTA_INTEREST]
    owed_sum, owed_value = books[q.interest_quantity], books[q.interest]
    for i in range(principal.size):
        more = (principal[i] + interest[i]) * apr[i] * years
        interest[i] += more
        owed_sum[i] -= more * fee
        owed_value[i] -= more * fee * price[i]
    for k in range(tokens.size):
        t = tokens[k]
        held, quota = state[TOKENS + 2 * k], state[TOKENS + 2 * k + 1]
        token_price, rate, earned = now[t.price], now[t.quota_apr], now[t.yield_apr]
        reward_sum, reward_value = books[t.reward_quantity], books[q.reward]
        for i in range(held.size):
            cost = quota[i] * rate[i] * years
            quoted[i] += cost
            owed_sum[i] -= cost * fee
            owed_value[i] -= cost * fee * price[i]
            more = held[i] * earned[i] * years
            held[i] += more
            reward_sum[i] += more
            reward_value[i] += more * token_price[i]


@kernel
def weigh(state: Floats, now: Floats, sums: Floats, t_s: float, p: Record, tokens: Record) -> None:
    """Value at the market's prices; what counts at the oracle's, now and at its lowest to come."""
    q = p[0]
    lt = q.lt
    price, oracle, cash = now[q.price], now[q.oracle], state[CASH]
    value, weighted, later = sums[VALUE], sums[WEIGHTED], sums[LATER]
    for i in range(cash.size):
        value[i] = cash[i] * price[i]
        weighted[i] = cash[i] * price[i] * oracle[i] * lt
        later[i] = weighted[i]
    for k in range(tokens.size):
        t = tokens[k]
        held, quota = state[TOKENS + 2 * k], state[TOKENS + 2 * k + 1]
        token_price, token_oracle = now[t.price], now[t.oracle]
        threshold = threshold_at(t.lt, t.lt_final, t.ramp_start_s, t.ramp_s, t_s)
        least = min(threshold, t.lt_final)
        for i in range(held.size):
            worth = held[i] * token_price[i]
            most = quota[i] * price[i] * oracle[i]
            value[i] += worth
            weighted[i] += counted(worth * token_oracle[i], threshold, most)
            later[i] += counted(worth * token_oracle[i], least, most)


@kernel
def measure(state: Floats, now: Floats, sums: Floats, p: Record) -> None:
    """Health = what counts / total debt, and the least of it so far; `sums` from `weigh`."""
    q = p[0]
    fee = 1.0 + q.fee_interest
    price, oracle, weighted = now[q.price], now[q.oracle], sums[WEIGHTED]
    principal, interest = state[PRINCIPAL], state[INTEREST]
    quoted, fees = state[QUOTA_INTEREST], state[QUOTA_FEES]
    health, lowest = state[HEALTH], state[MIN_HEALTH]
    for i in range(health.size):
        owed = principal[i] + (interest[i] + quoted[i]) * fee + fees[i]
        debt = owed * price[i] * oracle[i]
        ratio = weighted[i] / max(max(debt, weighted[i] / NO_DEBT), 1e-300)
        ratio = ratio if debt > 0.0 else NO_DEBT
        health[i] = ratio
        lowest[i] = min(lowest[i], ratio)


@kernel
def repay(state: Floats, amount: Floats, p: Record) -> None:
    """Repay amounts of the underlying; where it is zero nothing changes."""
    fee = p[0].fee_interest
    for i in range(amount.size):
        if amount[i] > 0.0:
            left = decrease(
                amount[i],
                state[PRINCIPAL, i],
                state[INTEREST, i],
                state[QUOTA_INTEREST, i],
                state[QUOTA_FEES, i],
                fee,
            )
            state[PRINCIPAL, i] = left[0]
            state[INTEREST, i] = left[1]
            state[QUOTA_INTEREST, i] = left[2]
            state[QUOTA_FEES, i] = left[3]


@kernel
def split(parts: Floats, value: Floats, out: Floats, fee: float, discount: float) -> None:
    """`payments` on every path: `parts` are principal, interest, fees; `out` the four results."""
    for i in range(value.size):
        done = payments(parts[0, i], parts[1, i], parts[2, i], value[i], fee, discount)
        out[0, i] = done[0]
        out[1, i] = done[1]
        out[2, i] = done[2]
        out[3, i] = done[3]


@kernel
def partial(amount: Floats, terms: Floats, target: float, fee: float, discount: float) -> None:
    """`partial_amount` on every path: `terms` are what is short, spare value, and threshold."""
    for i in range(amount.size):
        amount[i] = partial_amount(terms[0, i], terms[1, i], terms[2, i], target, fee, discount)


@kernel
def pool(now: Floats, p: Record) -> None:
    """Rates of a pool at the utilisation of now, and what may still be borrowed."""
    q = p[0]
    base, slope1, slope2, slope3 = q.base_apr, q.slope1_apr, q.slope2_apr, q.slope3_apr
    u1, u2, forbids, kept = q.u1, q.u2, q.forbids != 0, 1.0 - q.withdraw_fee
    used, whole, revenue = now[q.utilisation], now[q.total_supply], now[q.quota_revenue]
    borrow, supply, room = now[q.borrow], now[q.supply], now[q.borrowable]
    for i in range(used.size):
        u = used[i]
        rate = two_kink_apr(u, base, slope1, slope2, slope3, u1, u2)
        borrow[i] = rate
        supply[i] = (rate * u + revenue[i] / whole[i]) * kept
        room[i] = borrowable(whole[i], whole[i] * (1.0 - u), u2, forbids)
