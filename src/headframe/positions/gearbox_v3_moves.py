"""
What a credit account of Gearbox v3 is worth and owes, and how it is delevered and closed.

Every move is tried on paper first and then booked where the protocol would let it through: the
principal within its limits, no more borrowed than the pool has, and a health of at least 1 after
it. How much to borrow or to sell for a target health has no closed form once quotas bind and swaps
move the price: it is found by halving.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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


# ---- delevering and closing ------------------------------------------------------------------


def delever(position: "GearboxV3", state: Block, order: Order, now: Tick, out: Account) -> None:
    """Sell and repay until the health is the target; where no sale reaches it nothing is done."""
    at, target = read(position, state, now), np.maximum(order.amounts(), HEALTHY)

    def reaches(share: Array, debt_left: Array) -> Mask:
        left = 1.0 - share
        counted = at.counted(left * at.quoted, at.quotas, left * at.cash)
        enough: Mask = counted >= target * debt_left * at.oracle
        return enough

    sell_until(position, state, order.mask & (state["health"] < target), reaches, now, out)


def sell_until(
    position: "GearboxV3",
    state: Block,
    mask: Mask,
    reaches: Callable[[Array, Array], Mask],
    now: Tick,
    out: Account,
) -> None:
    """
    Sell the same share of every token, and use the same share of the cash, to repay.

    The principal that is left is nothing, or at least `min_debt`. `reaches` says of a share sold
    and the debt that is left whether it is enough; where nothing is, nothing is done.
    """
    if not mask.any():
        return
    at, debt = read(position, state, now), owed(position, state)
    value, gas = at.values.sum(axis=0), transfers.gas_cost(state.wire.own, now)
    depth, n = depth_of(state, now), state.n_paths
    partly = np.maximum(debt - position.min_debt, 0.0)

    def proceeds(share: Array) -> tuple[Array, Array]:
        sold = share * value
        loss = transfers.swap_loss(sold, position.swap_cost, depth)
        net = np.maximum(sold - loss - gas + share * at.cash * at.price, 0.0) / at.price
        return net, np.where(net >= debt, debt, np.minimum(net, partly))

    def enough(share: Array) -> Mask:
        return reaches(share, debt - proceeds(share)[1])

    # As long as a part of the debt is repaid more is better; then only the whole is.
    _, most = boundary(lambda share: proceeds(share)[0] >= partly, n)
    _, part = boundary(lambda share: enough(share * most), n)
    _, whole = boundary(lambda share: proceeds(share)[0] >= debt, n)
    share = np.where(enough(part * most), part * most, whole)
    net, repaid = proceeds(share)
    does = mask & (debt > 0.0) & (repaid > 0.0) & enough(share) & (share * value >= gas)
    _book_sale(position, state, at, np.where(does, share, 0.0), np.where(does, gas, 0.0), now, out)
    repaid, excess = np.where(does, repaid, 0.0), np.where(does, net - repaid, 0.0)
    out.post("principal", position.underlying, repaid + excess)
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
