"""
What is done to a credit account of Gearbox v3: opened, levered, delevered, closed, liquidated.

Every move is tried on paper first and then booked where the protocol would let it through: the
principal within its limits, no more borrowed than the pool has, and a health of at least 1 after
it. How much to borrow or to sell for a target health has no closed form once quotas bind and swaps
move the price: it is found by halving.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.errors import InputError
from headframe.kernels import gearbox_v3 as kernel
from headframe.ledger import Account
from headframe.position import Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import Array, Block, Mask

if TYPE_CHECKING:
    from headframe.positions.gearbox_v3 import GearboxV3

HALVINGS = 60
"""How often a search halves its interval: to a 1e-18 part of it."""
LARGEST_STEP = 100.0
"""The most that is borrowed in one move, over the account's value."""
HEALTHY = 1.0 + 1e-12
"""The least health that a move may leave: 1, and room for rounding."""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """What an account resolved: its own rows, a record for each token, and the pool's room."""

    own: Any
    tokens: Any
    borrowable: int | None


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """An account at an instant: prices of the underlying, values of the tokens, thresholds."""

    price: Array
    """Of the underlying, at the market's price."""
    oracle: Array
    """The same at the oracle's."""
    values: Array
    """Of the tokens, a row each, at the market's prices."""
    quoted: Array
    """The same at the oracle's."""
    quotas: Array
    """In the underlying."""
    thresholds: Array
    """A column, one each."""
    cash: Array
    lt: float

    def counted(self, values: Array, quotas: Array, cash: Array) -> Array:
        """What counts towards health, at the oracle's prices."""
        tokens = np.minimum(values * self.thresholds, quotas * self.oracle)
        whole: Array = tokens.sum(axis=0) + cash * self.oracle * self.lt
        return whole


def read(position: "GearboxV3", state: Block, now: Tick) -> Ledger:
    """The account as it stands."""
    wire, world = state.wire, now.world.data
    price = np.maximum(world[wire.own["price"][0]], transfers.SMALLEST_PRICE)
    values = np.array([
        state[f"held_{token.asset}"] * world[t["price"]]
        for token, t in zip(position.tokens, wire.tokens, strict=True)
    ])  # fmt: skip
    ratios = np.array([world[t["oracle"]] for t in wire.tokens])
    return Ledger(
        price=price,
        oracle=price * world[wire.own["oracle"][0]],
        values=values,
        quoted=values * ratios,
        quotas=np.array([state[f"quota_{token.asset}"] for token in position.tokens]),
        thresholds=thresholds(state, now),
        cash=state["cash"].copy(),
        lt=position.cash_lt,
    )


def thresholds(state: Block, now: Tick) -> Array:
    """Thresholds of the tokens at this instant, as a column."""
    found = [
        kernel.threshold_at(t["lt"], t["lt_final"], t["ramp_start_s"], t["ramp_s"], now.t_s)
        for t in state.wire.tokens
    ]
    return np.array(found)[:, None]


def owed(position: "GearboxV3", state: Block) -> Array:
    """All that is owed, in the underlying: principal, interest with the DAO's fee, quota fees."""
    interest = (state["interest"] + state["quota_interest"]) * (1.0 + position.fee_interest)
    whole: Array = state["principal"] + interest + state["quota_fees"]
    return whole


def quota_cost(position: "GearboxV3", state: Block, now: Tick) -> Array:
    """What the quotas cost a year, in the underlying."""
    cost = np.zeros(state.n_paths)
    for token, t in zip(position.tokens, state.wire.tokens, strict=True):
        cost += state[f"quota_{token.asset}"] * now.world.data[t["quota_apr"]]
    return cost


def depth_of(state: Block, now: Tick) -> Array:
    """Value of one side of the pool through which tokens are swapped; 0 where it has no end."""
    own, world = state.wire.own, now.world.data
    half: Array = 0.5 * world[own["pool_usd"][0]] * world[own["price_usd"][0]]
    return half


def wanted_quotas(position: "GearboxV3", at: Ledger, values: Array) -> Array:
    """Quotas that are given, and for the others what the tokens would count, with a reserve."""
    counted = values * at.thresholds / at.oracle * (1.0 + position.quota_reserve)
    rows = [
        np.full_like(at.price, token.quota) if token.quota is not None else counted[k]
        for k, token in enumerate(position.tokens)
    ]
    return np.array(rows)


def quota_fees(position: "GearboxV3", before: Array, after: Array) -> Array:
    """One-time fees of quotas that grow, in the underlying."""
    rates = np.array([token.quota_fee for token in position.tokens])[:, None]
    fees: Array = (rates * np.maximum(after - before, 0.0)).sum(axis=0)
    return fees


def boundary(fails: Callable[[Array], Mask], n_paths: int) -> tuple[Array, Array]:
    """Where between 0 and 1 a condition turns from false to true: the last false, first true."""
    low, high = np.zeros(n_paths), np.ones(n_paths)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        true = fails(middle)
        high, low = np.where(true, middle, high), np.where(true, low, middle)
    return low, high


# ---- opening and levering up -----------------------------------------------------------------


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
    """Borrow more and buy more, until health has fallen to the target that the order names."""
    at, n = read(position, state, now), state.n_paths
    target = np.maximum(order.amounts(), HEALTHY)
    value = at.values.sum(axis=0) + at.cash * at.price
    most = np.maximum(position.max_debt - state["principal"], 0.0)
    most = np.minimum(most, LARGEST_STEP * value / at.price)
    if state.wire.borrowable is not None:
        most = np.minimum(most, np.maximum(now.world.data[state.wire.borrowable], 0.0))

    def falls_below(share: Array) -> Mask:
        done = purchase(position, state, now, at, own={}, drawn=share * most)
        below: Mask = done.counted < target * done.debt
        return below

    share, _ = boundary(falls_below, n)
    drawn = share * most
    done = purchase(position, state, now, at, own={}, drawn=drawn)
    does = order.mask & (state["health"] > target) & (value > 0.0) & done.healthy
    does &= within_limits(position, state, drawn, now)
    does &= drawn * at.price > transfers.gas_cost(state.wire.own, now)
    book_purchase(position, state, at, done, drawn, np.where(does, 1.0, 0.0), out)


# ---- delevering and closing ------------------------------------------------------------------


def delever(position: "GearboxV3", state: Block, order: Order, now: Tick, out: Account) -> None:
    """
    Sell the same share of every token, and use the same share of the cash, to repay.

    The principal that is left is nothing, or at least `min_debt`; where no share brings the health
    to the target nothing is done.
    """
    at, debt = read(position, state, now), owed(position, state)
    value, target = at.values.sum(axis=0), np.maximum(order.amounts(), HEALTHY)
    gas, depth = transfers.gas_cost(state.wire.own, now), depth_of(state, now)
    partly = np.maximum(debt - position.min_debt, 0.0)

    def proceeds(share: Array) -> tuple[Array, Array]:
        sold = share * value
        loss = transfers.swap_loss(sold, position.swap_cost, depth)
        net = np.maximum(sold - loss - gas + share * at.cash * at.price, 0.0) / at.price
        return net, np.where(net >= debt, debt, np.minimum(net, partly))

    def reaches(share: Array) -> Mask:
        _, repaid = proceeds(share)
        left = 1.0 - share
        counted = at.counted(left * at.quoted, at.quotas, left * at.cash)
        enough: Mask = counted >= target * (debt - repaid) * at.oracle
        return enough

    n = state.n_paths
    # As long as a part of the debt is repaid more is better; then only the whole is.
    _, most = boundary(lambda share: proceeds(share)[0] >= partly, n)
    _, part = boundary(lambda share: reaches(share * most), n)
    _, whole = boundary(lambda share: proceeds(share)[0] >= debt, n)
    share = np.where(reaches(part * most), part * most, whole)
    net, repaid = proceeds(share)
    does = order.mask & (state["health"] < target) & (debt > 0.0) & (repaid > 0.0) & reaches(share)
    does &= share * value >= gas
    _book_sale(position, state, at, np.where(does, share, 0.0), np.where(does, gas, 0.0), now, out)
    u = position.underlying
    repaid, excess = np.where(does, repaid, 0.0), np.where(does, net - repaid, 0.0)
    out.post("principal", u, repaid + excess)
    state["cash"] += excess
    kernel.repay(state.data, repaid, state.wire.own)
    _fit_quotas(position, state, does, now)


def _book_sale(
    position: "GearboxV3",
    state: Block,
    at: Ledger,
    share: Array,
    gas: Array,
    now: Tick,
    out: Account,
) -> None:
    """Take a share out of every token and of the cash; the gas is paid in the underlying."""
    value = at.values.sum(axis=0)
    loss = transfers.swap_loss(share * value, position.swap_cost, depth_of(state, now))
    part = loss / np.where(value > 0.0, value, 1.0)
    for token in position.tokens:
        held = state[f"held_{token.asset}"]
        out.post("slippage", token.asset, -part * held)
        out.post("principal", token.asset, -(share - part) * held)
        state[f"held_{token.asset}"] -= share * held
    cash, u = share * state["cash"], position.underlying
    out.post("gas", u, -gas / at.price)
    out.post("principal", u, gas / at.price - cash)
    state["cash"] -= cash


def _fit_quotas(position: "GearboxV3", state: Block, does: Mask, now: Tick) -> None:
    """Give back what quotas are larger than the tokens count, where their size is not given."""
    at = read(position, state, now)
    wanted = wanted_quotas(position, at, at.quoted)
    for k, token in enumerate(position.tokens):
        quota = state[f"quota_{token.asset}"]
        quota[does] = np.minimum(quota, wanted[k])[does]


def close(position: "GearboxV3", state: Block, mask: Mask, now: Tick, out: Account) -> None:
    """
    Sell all, repay all, pay out the rest: possible only where the proceeds repay the debt.

    A borrower cannot leave a debt behind; where it is not covered the order is not carried out, and
    the account ends in a liquidation.
    """
    at, debt = read(position, state, now), owed(position, state)
    value, gas = at.values.sum(axis=0), transfers.gas_cost(state.wire.own, now)
    loss = transfers.swap_loss(value, position.swap_cost, depth_of(state, now))
    net = value - loss + at.cash * at.price
    gas = np.minimum(gas, net)
    does = mask & (net - gas >= debt * at.price) & (value + at.cash > 0.0)
    taken = np.where(does, 1.0, 0.0)
    _book_sale(position, state, at, taken, taken * gas, now, out)
    out.post("principal", position.underlying, taken * debt)
    pay_out(taken * (net - gas - debt * at.price), out)
    end(position, state, does)


def pay_out(value: Array, out: Account) -> None:
    """Pay a value to the wallet, in the book's cash."""
    cash = out.ledger.layout.cash
    price = np.maximum(out.price(cash), transfers.SMALLEST_PRICE)
    out.post("principal", cash, np.maximum(value, 0.0) / price, cash=True)


def end(position: "GearboxV3", state: Block, ended: Mask) -> None:
    """Leave nothing in an account, and no quota."""
    for row in ("cash", "principal", "interest", "quota_interest", "quota_fees"):
        state[row][ended] = 0.0
    for token in position.tokens:
        state[f"held_{token.asset}"][ended] = 0.0
        state[f"quota_{token.asset}"][ended] = 0.0
