"""
How a credit account of Gearbox v3 is opened and levered: money in, tokens and quotas bought.

A purchase is worked out on paper first: gas, swaps with their cost and impact, quotas and their
fees, and what the account then counts and owes. It is booked where the protocol's check at the end
of the move would pass, the principal is within its limits and the pool has the money.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headframe.errors import InputError
from headframe.ledger import Account
from headframe.position import Order
from headframe.positions import transfers
from headframe.positions.gearbox_v3_moves import (
    HEALTHY,
    Ledger,
    boundary,
    depth_of,
    owed,
    quota_fees,
    read,
    sell_until,
    wanted_quotas,
)
from headframe.process import Tick
from headframe.types import Array, Block, Mask

if TYPE_CHECKING:
    from headframe.positions.gearbox_v3 import GearboxV3

LARGEST_STEP = 100.0
"""The most that is borrowed in one move, over the account's value."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What a sum of money becomes in the account: values of tokens, cash, gas; and quotas."""

    bought: Array
    lost: Array
    cash: Array
    gas: Array
    quotas: Array
    fees: Array
    counted: Array
    """What the account counts after it, at the oracle's prices."""
    debt: Array
    """What it owes after it, at the oracle's price."""

    @property
    def healthy(self) -> Mask:
        """Whether the protocol's check at the end of a move would pass."""
        passes: Mask = (self.debt <= 0.0) | (self.counted >= HEALTHY * self.debt)
        return passes


def purchase(
    position: "GearboxV3",
    state: Block,
    now: Tick,
    at: Ledger,
    *,
    own: dict[str, Array],
    drawn: Array,
) -> Purchase:
    """Spend what is paid in (values by asset) and what is borrowed, gas first, by shares."""
    whole = drawn * at.price
    for value in own.values():
        whole = whole + value
    gas = np.minimum(transfers.gas_cost(state.wire.own, now), whole)
    spent, depth = whole - gas, depth_of(state, now)
    bought = np.array([token.share * spent for token in position.tokens])
    kept = np.array([
        np.minimum(own.get(token.asset, 0.0 * spent), bought[k])
        for k, token in enumerate(position.tokens)
    ])  # fmt: skip
    lost = transfers.swap_loss(bought - kept, position.swap_cost, depth)
    quoted = at.quoted + (bought - lost) * oracles(state, now)
    cash = np.maximum(spent - bought.sum(axis=0), 0.0)
    quotas = wanted_quotas(position, at, quoted)
    fees = quota_fees(position, at.quotas, quotas)
    return Purchase(
        bought=bought,
        lost=lost,
        cash=cash,
        gas=gas,
        quotas=quotas,
        fees=fees,
        counted=at.counted(quoted, quotas, at.cash + cash / at.price),
        debt=(owed(position, state) + drawn + fees) * at.oracle,
    )


def oracles(state: Block, now: Tick) -> Array:
    """What the oracle says of each token over the market's price."""
    return np.array([now.world.data[t["oracle"]] for t in state.wire.tokens])


def book_purchase(
    position: "GearboxV3",
    state: Block,
    at: Ledger,
    done: Purchase,
    drawn: Array,
    does: Array,
    out: Account,
) -> None:
    """Write a purchase into the books and the account, where `does` is 1."""
    underlying = position.underlying
    for k, token in enumerate(position.tokens):
        price = np.maximum(out.price(token.asset), transfers.SMALLEST_PRICE)
        bought, lost = does * done.bought[k] / price, does * done.lost[k] / price
        out.post("principal", token.asset, bought)
        out.post("slippage", token.asset, -lost)
        state[f"held_{token.asset}"] += bought - lost
        change = does * (done.quotas[k] - state[f"quota_{token.asset}"])
        state[f"quota_{token.asset}"] += change
    cash, gas = does * done.cash / at.price, does * done.gas / at.price
    out.post("principal", underlying, cash + gas - does * drawn)
    out.post("gas", underlying, -gas)
    out.post("fee", underlying, -does * done.fees)
    state["cash"] += cash
    state["principal"] += does * drawn
    state["quota_fees"] += does * done.fees


def within_limits(position: "GearboxV3", state: Block, drawn: Array, now: Tick) -> Mask:
    """Whether a loan fits the account's limits and what the pool may still lend."""
    principal = state["principal"] + drawn
    fits = (principal >= position.min_debt) & (principal <= position.max_debt)
    if state.wire.borrowable is not None:
        fits &= drawn <= now.world.data[state.wire.borrowable]
    allowed: Mask = fits | (drawn <= 0.0)
    return allowed


def invest(position: "GearboxV3", state: Block, order: Order, now: Tick, out: Account) -> None:
    """Pay in, borrow (leverage - 1) times that, and buy tokens and quotas, if that is allowed."""
    deposit = position.deposit or {}
    times = transfers.affordable(order, deposit, out)
    at = read(position, state, now)
    own = {asset: quantity * times * out.price(asset) for asset, quantity in deposit.items()}
    equity = np.zeros_like(times)
    for value in own.values():
        equity = equity + value
    drawn = (position.leverage - 1.0) * equity / at.price
    done = purchase(position, state, now, at, own=own, drawn=drawn)
    asked = equity > 0.0
    allowed = within_limits(position, state, drawn, now) & done.healthy
    if now.step == 0:
        _refuse(position, asked & ~allowed, drawn, done)
    does = np.where(asked & allowed, 1.0, 0.0)
    for asset, quantity in deposit.items():
        out.post("principal", asset, -quantity * times * does, cash=True)
    book_purchase(position, state, at, done, drawn, does, out)


def _refuse(position: "GearboxV3", refused: Mask, drawn: Array, done: Purchase) -> None:
    """Say in one line why the account cannot be opened as it is given."""
    if not refused.any():
        return
    k = int(refused.argmax())
    debt = float(done.debt[k])
    health = float(done.counted[k]) / debt if debt > 0.0 else 1.0
    raise InputError(
        f"position.{position.name}.leverage",
        f"{position.leverage:g} (borrows {drawn[k]:g} {position.underlying}, health {health:.4f})",
        f"a principal of {position.min_debt:g} to {position.max_debt:g} that the pool has, and a "
        "health of at least 1 by thresholds and quotas",
    )


def lever(position: "GearboxV3", state: Block, order: Order, now: Tick, out: Account) -> None:
    """
    Borrow and buy where the leverage is below the target, sell and repay where it is above.

    Up it goes as far as health, limits and the pool let it.
    """
    at, debt = read(position, state, now), owed(position, state)
    value = at.values.sum(axis=0) + at.cash * at.price
    target, equity = np.maximum(order.amounts(), 1.0), value - debt * at.price
    _lever_up(position, state, order.mask & (value < target * equity), target, now, out)

    def reaches(share: Array, debt_left: Array) -> Mask:
        left = (1.0 - share) * value
        enough: Mask = left <= target * (left - debt_left * at.price)
        return enough

    sell_until(position, state, order.mask & (value > target * equity), reaches, now, out)


def _lever_up(
    position: "GearboxV3", state: Block, mask: Mask, target: Array, now: Tick, out: Account
) -> None:
    if not mask.any():
        return
    at, debt = read(position, state, now), owed(position, state)
    value = at.values.sum(axis=0) + at.cash * at.price
    most = np.maximum(position.max_debt - state["principal"], 0.0)
    most = np.minimum(most, LARGEST_STEP * value / at.price)
    if state.wire.borrowable is not None:
        most = np.minimum(most, np.maximum(now.world.data[state.wire.borrowable], 0.0))

    def is_there(share: Array) -> Mask:
        done = purchase(position, state, now, at, own={}, drawn=share * most)
        whole = value + (done.bought - done.lost).sum(axis=0) + done.cash
        equity = whole - (debt + share * most + done.fees) * at.price
        there: Mask = (whole >= target * equity) | ~done.healthy
        return there

    share, _ = boundary(is_there, state.n_paths)
    drawn = share * most
    done = purchase(position, state, now, at, own={}, drawn=drawn)
    does = mask & (value > 0.0) & done.healthy & within_limits(position, state, drawn, now)
    does &= drawn * at.price > transfers.gas_cost(state.wire.own, now)
    book_purchase(position, state, at, done, drawn, np.where(does, 1.0, 0.0), out)
