"""
How a credit account of Gearbox v3 is liquidated: all of it, or as much as brings health back.

Of the whole account the liquidator pays its value at the oracle's prices less his premium, and
takes the tokens. The pool and the DAO are paid out of that, the fees last; what is left is the
owner's, what the pool misses is its loss. In part, he repays some of the debt and takes the largest
token for it at the same premium. He comes where that pays him: the tokens at the market's prices,
less what selling them costs and his gas, must be worth more than what he pays.
"""

from typing import TYPE_CHECKING

import numpy as np

from headframe.kernels import gearbox_v3 as kernel
from headframe.ledger import Account
from headframe.positions import gearbox_v3_moves as moves
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import Array, Block, Mask

if TYPE_CHECKING:
    from headframe.positions.gearbox_v3 import GearboxV3


def liquidate(position: "GearboxV3", state: Block, now: Tick, out: Account) -> None:
    """Liquidate where the health is below 1 and somebody comes."""
    own, world = state.wire.own, now.world.data
    waited = now.t_s - state["called_s"] >= own["delay_s"][0]
    called = (state["health"] < 1.0) & waited & (world[own["keepers"][0]] >= 0.5)
    if position.partial_to is not None and called.any():
        called &= ~_in_part(position, state, called, now, out)
    if called.any():
        _whole(position, state, called, now, out)


def _costs(position: "GearboxV3", state: Block, value: Array, now: Tick) -> Array:
    """What a liquidator loses when he sells so much, with his gas and what he wants to earn."""
    own, world = state.wire.own, now.world.data
    usd = world[own["price_usd"][0]]
    gas = (world[own["keeper_gas"][0]] + own["least_profit_usd"][0]) * usd
    depth = moves.depth_of(state, now)
    cost: Array = transfers.swap_loss(value, position.swap_cost, depth) + gas
    return cost


def _whole(position: "GearboxV3", state: Block, called: Mask, now: Tick, out: Account) -> None:
    """The whole account, as the contract splits it."""
    at, debt = moves.read(position, state, now), moves.owed(position, state)
    with_interest = state["principal"] + state["interest"] + state["quota_interest"]
    parts = np.array([
        state["principal"], state["interest"] + state["quota_interest"], debt - with_interest,
    ])  # fmt: skip
    quoted = at.quoted.sum(axis=0) / np.maximum(at.oracle, transfers.SMALLEST_PRICE) + at.cash
    split = np.zeros((4, state.n_paths))
    discount = 1.0 - position.premium
    kernel.split(parts, quoted, split, position.fee_liquidation, discount)
    to_pool, remaining, _, loss = split
    repaid = np.minimum(to_pool, debt)
    value = at.values.sum(axis=0)
    pays = (to_pool + remaining - at.cash) * at.price
    going = called & (value - _costs(position, state, value, now) * (value > 0.0) >= pays)
    going &= (loss <= 0.0) | (now.world.data[state.wire.own["loss_policy"][0]] >= 0.5)
    does = np.where(going, 1.0, 0.0)
    taken = (value + (at.cash - repaid - remaining) * at.price) * does
    _book_end(position, state, at, taken, does, out)
    u = position.underlying
    out.post("principal", u, does * repaid)
    out.post("forgiven", u, does * (debt - repaid))
    moves.pay_out(does * remaining * at.price, out)
    state[f"deficit_{u}"] += does * loss
    _note(state, going, now)
    moves.end(position, state, going)


def _book_end(
    position: "GearboxV3", state: Block, at: moves.Ledger, taken: Array, does: Array, out: Account
) -> None:
    """All tokens and the cash leave; `taken` of their value is what liquidator and DAO keep."""
    value = at.values.sum(axis=0)
    whole = value + at.cash * at.price
    share = taken / np.where(whole > 0.0, whole, 1.0)
    for token in position.tokens:
        held = does * state[f"held_{token.asset}"]
        out.post("penalty", token.asset, -share * held)
        out.post("principal", token.asset, -(1.0 - share) * held)
    cash = does * at.cash
    out.post("penalty", position.underlying, -share * cash)
    out.post("principal", position.underlying, -(1.0 - share) * cash)


def _in_part(position: "GearboxV3", state: Block, called: Mask, now: Tick, out: Account) -> Mask:
    """As much of the debt as brings health back to the target; gives where that was done."""
    at, debt = moves.read(position, state, now), moves.owed(position, state)
    fee, discount = position.fee_liquidation, 1.0 - position.premium
    largest = at.quoted.argmax(axis=0)
    k = (largest, np.arange(state.n_paths))
    quoted, value = at.quoted[k], at.values[k]
    threshold = at.thresholds[largest, 0]
    spare = np.maximum(quoted - at.quotas[k] * at.oracle / threshold_of(threshold), 0.0)
    counted = at.counted(at.quoted, at.quotas, at.cash)
    target = float(position.partial_to or 1.0)
    amount = np.zeros(state.n_paths)
    short = target * debt * at.oracle - counted
    kernel.partial(amount, np.array([short, spare, threshold]), target, fee, discount)
    price = np.maximum(at.oracle, transfers.SMALLEST_PRICE)
    repaid = amount * (1.0 - fee) / price
    seized = amount / discount
    share = seized / np.where(quoted > 0.0, quoted, 1.0)
    given = amount / price * at.price
    going = called & (amount > 0.0) & (share < 1.0)
    going &= (repaid <= debt - position.min_debt) & (repaid < debt)
    going &= share * value - _costs(position, state, share * value, now) >= given
    done = np.where(going, share, 0.0)
    repaid = np.where(going, repaid, 0.0)
    for row, token in enumerate(position.tokens):
        part = np.where(largest == row, done, 0.0)
        held = state[f"held_{token.asset}"]
        back = np.where(largest == row, repaid * at.price, 0.0)
        kept = back / np.where(value > 0.0, value, 1.0)
        out.post("penalty", token.asset, -(part - kept) * held)
        out.post("principal", token.asset, -kept * held)
        state[f"held_{token.asset}"] -= part * held
    out.post("principal", position.underlying, repaid)
    kernel.repay(state.data, repaid, state.wire.own)
    _note(state, going, now)
    return going


def threshold_of(threshold: Array) -> Array:
    """A threshold that can divide: where it is 0 a token counts nothing, and all of it is spare."""
    safe: Array = np.maximum(threshold, 1e-12)
    return safe


def _note(state: Block, going: Mask, now: Tick) -> None:
    state["liquidated_s"][going] = np.minimum(state["liquidated_s"][going], now.t_s)
    state["liquidations"] += going
