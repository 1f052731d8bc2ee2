"""
A vault that compounds, on chunks: profits are locked as shares and unlock in a straight line.

The vault is reckoned per share of its depositors at the opening, in units of its asset; our own
shares are too few to matter to it. Its price is what was reported over all shares, locked ones
included: assets / (supply + locked). The float twin of `exact.yearn_v3`: with shares burnt and
minted as there, and without its roundings. A report rounds the time to unlock down to a second,
which moves the price by at most locked / (supply + locked) / seconds left, relative; the test
allows that for every report, and 1e-12.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

SHARES, LEAVING, ASSETS, SUPPLY, LOCKED, LEFT_S, PENDING, CHARGED, LOST_S = range(9)
"""Rows of the state block."""


@inline
def share_price(assets: float, supply: float, locked: float) -> float:
    """Assets per share; `supply` never falls below the one share that the vault began with."""
    return assets / (supply + locked)


@kernel
def accrue(state: Floats, now: Floats, kept: Floats, books: Floats, p: Record) -> None:
    """
    The strategy earns or loses, unreported; locked shares vanish; the price of the rest rises.

        strategy' = strategy max(1 + apr dt, 0) kept,   locked' = locked (left - dt) / left
    """
    q = p[0]
    dt_s, years, management = q.dt_s, q.years, q.management
    apr, price = now[q.strategy_apr], now[q.price]
    shares, assets, supply = state[SHARES], state[ASSETS], state[SUPPLY]
    locked, left, pending, charged = state[LOCKED], state[LEFT_S], state[PENDING], state[CHARGED]
    quantity, value = books[q.interest_quantity], books[q.interest]
    for i in range(shares.size):
        before = share_price(assets[i], supply[i], locked[i])
        remains = max(left[i] - dt_s, 0.0)
        locked[i] = locked[i] * remains / max(left[i], dt_s)
        left[i] = remains
        grown = max(1.0 + apr[i] * years, 0.0) * kept[i]
        pending[i] = (assets[i] + pending[i]) * grown - assets[i]
        charged[i] += management * assets[i]
        gained = shares[i] * (share_price(assets[i], supply[i], locked[i]) - before)
        quantity[i] += gained
        value[i] += gained * price[i]


@kernel
def report(state: Floats, now: Floats, books: Floats, p: Record) -> None:
    """
    Book what the strategy has gained or lost, and the fees on it.

        burn = (loss + fees) / price,   lock = gain / price
        locked' = max(locked + lock - burn, 0)
        left' = (old locked * left + newly locked * unlock time) / locked'

    Fees are paid in new shares. Our part of them is the entry `fee`; what the price does besides
    is `interest`.
    """
    q = p[0]
    performance, unlock_s, locks = q.performance, q.unlock_s, q.locks
    price = now[q.price]
    shares, assets, supply = state[SHARES], state[ASSETS], state[SUPPLY]
    locked, left, pending, charged = state[LOCKED], state[LEFT_S], state[PENDING], state[CHARGED]
    quantity, value = books[q.interest_quantity], books[q.interest]
    fee_quantity, fee_value = books[q.fee_quantity], books[q.fee]
    for i in range(shares.size):
        # One division by each divisor: of two the compiler would make a reciprocal, here or there.
        per_share = 1.0 / (supply[i] + locked[i])
        before = assets[i] * per_share
        shares_per_unit = 1.0 / (before if before > 0.0 else 1.0)
        gain, loss = max(pending[i], 0.0), max(-pending[i], 0.0)
        reported = max(assets[i] + pending[i], 0.0)
        fees = min(performance * gain + charged[i], reported)
        net = (locks * gain - loss - fees) * shares_per_unit
        after = max(locked[i] + net, 0.0)
        new = max(net, 0.0)
        weighted = (after - new) * left[i] + new * unlock_s
        ours = shares[i] * fees * per_share
        left[i] = weighted / after if after > 0.0 else 0.0
        locked[i] = after
        assets[i] = reported
        supply[i] += fees * shares_per_unit
        pending[i] = 0.0
        charged[i] = 0.0
        change = shares[i] * (share_price(reported, supply[i], after) - before)
        quantity[i] += change + ours
        value[i] += (change + ours) * price[i]
        fee_quantity[i] -= ours
        fee_value[i] -= ours * price[i]
