"""
Debt against collateral on a lending protocol: the moves that Aave and Morpho have in common.

A position has *legs*: assets that it pledges and assets that it owes, each with its row of the
state, its price and, where it belongs to a market of the book, that market's index, its cash and
its room. Money moves as the protocols move it: nothing is lent beyond the collateral's loan to
value, nothing withdrawn below a health of 1 or without cash. What happens when health is lost is
the protocol's own and stands with the position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headframe.layout import Layout, record
from headframe.ledger import CASH, Account, Line
from headframe.position import Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import Array, Block, Mask, Rows, Signal

NOWHERE = -1
"""The row of what a leg has not: no market means no index, and cash and room without end."""
HEALTHY = 1.0 - 1e-9
"""Of what a protocol would still allow, the share that is used: the rest is for rounding."""
SHORT_OF_CASH = 1.0 - 1e-9
"""A withdrawal that gets less than this share of what it may have was blocked."""
READ = ("supply_index", "borrow_index", "cash", "supply_room", "borrow_room", "paused")
"""What a market publishes for those who borrow from it and supply to it."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One asset of a position, resolved: rows of its price and of its market, and its terms."""

    asset: str
    row: str
    price: int
    apr: int
    index: int = NOWHERE
    cash: int = NOWHERE
    room: int = NOWHERE
    paused: int = NOWHERE
    oracle: int = NOWHERE
    threshold: float = 0.0
    ltv: float = 0.0
    bonus: float = 0.0
    fee: float = 0.0
    share: float = 1.0

    def worth(self, state: Block, now: Tick) -> Array:
        """Its value in the numeraire."""
        value: Array = state[self.row] * now.world.data[self.price]
        return value

    def reported(self, now: Tick) -> Array | float:
        """What the lender's oracle says of its price, over the market's price."""
        return 1.0 if self.oracle == NOWHERE else now.world.data[self.oracle]

    def seen(self, state: Block, now: Tick) -> Array:
        """Its value as the lender sees it: at the oracle's price."""
        value: Array = self.worth(state, now) * self.reported(now)
        return value

    def limit(self, now: Tick, row: int) -> Array:
        """A row of its market, or as much as anybody could want where it has none."""
        if row == NOWHERE:
            return np.full(now.world.n_paths, 1e30)
        limit: Array = now.world.data[row]
        return limit

    def running(self, now: Tick) -> Mask:
        """Where its market is not paused."""
        if self.paused == NOWHERE:
            return np.ones(now.world.n_paths, np.bool_)
        going: Mask = now.world.data[self.paused] == 0.0
        return going


@dataclass(frozen=True, kw_only=True)
class Wire:
    """What a position resolved: its gas rows and its legs."""

    gas: Any
    pledged: tuple[Leg, ...]
    owed: tuple[Leg, ...]
    usd: int
    oracle: int = NOWHERE
    queue: Any = None
    """Where its first collateral can be redeemed: a `redemption.Queue`."""
    keepers: int = NOWHERE
    """Who liquidates: below 0.5 nobody does."""


def market_reads(market: str | None) -> Rows:
    """What a leg reads of its market."""
    return () if market is None else tuple(f"{market}_{name}" for name in READ)


def market_rows(layout: Layout, market: str | None, *, owed: bool) -> dict[str, int]:
    """Rows of a leg's market."""
    if market is None:
        return {}
    side = "borrow" if owed else "supply"
    return {
        "index": layout.row(f"{market}_{side}_index"),
        "cash": layout.row(f"{market}_cash"),
        "room": layout.row(f"{market}_{side}_room"),
        "paused": layout.row(f"{market}_paused"),
    }


def oracle_row(layout: Layout, oracle: Signal) -> int:
    """The row of what an oracle reports; none where it reports the market's price."""
    return NOWHERE if oracle == 1.0 else layout.row(oracle)


def gas_record(layout: Layout, gas_usd: Signal, pool_usd: Signal = 0.0) -> Any:
    """Rows of what a transaction costs, and of the value of the pool where own swaps go."""
    rows = transfers.gas_rows(layout, gas_usd)
    if pool_usd != 0.0:
        rows["price_usd"] = layout.price("usd")
    return record(**rows, pool_usd=layout.row(pool_usd))


def entry_lines(pledged: Rows, owed: Rows, deposit: Mapping[str, float] | None) -> tuple[Line, ...]:
    """Interest of both sides, the liquidator's bonus, and what paying in and out books."""
    both = tuple(dict.fromkeys((*pledged, *owed)))
    lines = [Line(kind, asset) for asset in both for kind in ("interest", "fee")]
    lines += [Line("penalty", asset) for asset in pledged]
    lines += [Line("principal", asset, cash=True) for asset in (*both, CASH)]
    lines += transfers.lines(pledged, deposit, owed=owed)
    return tuple(dict.fromkeys(lines))


def totals(state: Block, now: Tick, wire: Wire) -> tuple[Array, Array]:
    """Collateral and debt at the market's prices: what the owner has."""
    collateral, debt = np.zeros(state.n_paths), np.zeros(state.n_paths)
    for leg in wire.pledged:
        collateral += leg.worth(state, now)
    for leg in wire.owed:
        debt += leg.worth(state, now)
    return collateral, debt


def backing(state: Block, now: Tick, wire: Wire) -> tuple[Array, Array, Array]:
    """Debt, collateral times threshold, and times loan to value, at the oracle's prices."""
    debt, allowed, power = (np.zeros(state.n_paths) for _ in range(3))
    for leg in wire.pledged:
        value = leg.seen(state, now)
        allowed += leg.threshold * value
        power += leg.ltv * value
    for leg in wire.owed:
        debt += leg.seen(state, now)
    return debt, allowed, power


def accrue(state: Block, leg: Leg, factor: Array, out: Account, *, sign: float) -> None:
    """Grow a leg by a factor: interest that is earned (+1) or owed (-1)."""
    grown = state[leg.row] * (factor - 1.0)
    out.post("interest", leg.asset, sign * grown)
    state[leg.row] += grown


def by_index(leg: Leg, before: Tick, now: Tick) -> Array:
    """How much a market's index grew since."""
    ratio: Array = now.world.data[leg.index] / np.maximum(before.world.data[leg.index], 1e-300)
    return ratio


def tell(state: Block, now: Tick, out: Block) -> None:
    """Gauges that both protocols have: values, loan to value, leverage, liquidation price, gas."""
    collateral, debt = totals(state, now, state.wire)
    out["collateral"], out["debt"], out["equity"] = collateral, debt, collateral - debt
    out["ltv"] = debt / np.where(collateral > 0.0, collateral, 1.0)
    equity = np.where(collateral > debt, collateral - debt, 1.0)
    out["leverage"] = np.where(collateral > debt, collateral / equity, 0.0)
    out["liquidation_price"] = price_ratio(state, now, state.wire)
    out["gas"] = transfers.gas_cost(state.wire.gas, now)


# ---- money in ------------------------------------------------------------------------------


def pay_in(
    state: Block,
    wire: Wire,
    deposit: Mapping[str, float],
    order: Order,
    now: Tick,
    out: Account,
    *,
    swap_cost: float,
    transactions: int = 1,
) -> Array:
    """
    Supply the deposit: what is collateral as it is, the rest swapped into the first collateral.

    So many `transactions` pay gas: each turn of a loop is one. Returns the loan that the new
    collateral could carry at its loan to value, in the numeraire.
    """
    times = transfers.affordable(order, deposit, out)
    own = {leg.asset for leg in wire.pledged}
    parts = []
    for k, leg in enumerate(wire.pledged):
        part = {a: q for a, q in deposit.items() if a == leg.asset or (k == 0 and a not in own)}
        into = np.zeros_like(times)
        for asset, quantity in part.items():
            into += quantity * out.price(asset)
        price = np.maximum(out.price(leg.asset), transfers.SMALLEST_PRICE)
        room = np.maximum(leg.limit(now, leg.room), 0.0) * price
        times = np.minimum(times, room / np.where(into > 0.0, into, transfers.SMALLEST_PRICE))
        parts.append(part)
    worth, gas = np.zeros_like(times), transactions * transfers.gas_cost(wire.gas, now)
    does = Order(position=order.position, verb="open", mask=order.mask, amount=times)
    for leg, part in zip(wire.pledged, parts, strict=True):
        if part:
            added = transfers.pay_in(does, part, leg.asset, out, swap_cost=swap_cost, gas=gas)
            state[leg.row] += added
            worth += added * out.price(leg.asset)
            gas = np.where(added > 0.0, 0.0, gas)
    return worth


def lend(state: Block, leg: Leg, value: Array, now: Tick, out: Account) -> tuple[Array, Array]:
    """Owe more of a leg, by value, as far as the market has it; gives quantity and value."""
    price = np.maximum(out.price(leg.asset), transfers.SMALLEST_PRICE)
    most = np.minimum(leg.limit(now, leg.room), leg.limit(now, leg.cash))
    drawn = np.minimum(value / price, np.maximum(most, 0.0))
    out.post("principal", leg.asset, -drawn)
    state[leg.row] += drawn
    return drawn, drawn * out.price(leg.asset)


def weight(wire: Wire, now: Tick) -> Array | float:
    """What the lender counts of a value borrowed in the legs' shares."""
    counted: Array | float = 0.0
    for leg in wire.owed:
        counted = counted + leg.share * leg.reported(now)
    return counted


def draw(state: Block, wire: Wire, value: Array, now: Tick, out: Account) -> None:
    """Borrow a value in the legs' shares and pay it to the wallet, within the loan to value."""
    debt, _, power = backing(state, now, wire)
    value = np.minimum(value, np.maximum(power * HEALTHY - debt, 0.0) / weight(wire, now))
    for leg in wire.owed:
        drawn, _ = lend(state, leg, leg.share * value, now, out)
        out.post("principal", leg.asset, drawn, cash=True)


# ---- one leg at a time ---------------------------------------------------------------------


def supply(state: Block, leg: Leg, order: Order, now: Tick, out: Account) -> Mask:
    """Supply more of an asset out of the wallet; says where a cap or a pause cut it."""
    wanted = transfers.from_wallet(order, leg.asset, out)
    added = np.minimum(wanted, np.maximum(leg.limit(now, leg.room), 0.0))
    out.post("principal", leg.asset, -added, cash=True)
    out.post("principal", leg.asset, added)
    state[leg.row] += added
    return added < wanted * SHORT_OF_CASH


def repay(state: Block, leg: Leg, order: Order, now: Tick, out: Account) -> Mask:
    """Repay out of the wallet; says where the market is paused and does not take it."""
    wanted = np.minimum(transfers.from_wallet(order, leg.asset, out), state[leg.row])
    paid = np.where(leg.running(now), wanted, 0.0)
    out.post("principal", leg.asset, -paid, cash=True)
    out.post("principal", leg.asset, paid)
    state[leg.row] -= paid
    return paid < wanted * SHORT_OF_CASH


def borrow(state: Block, wire: Wire, leg: Leg, order: Order, now: Tick, out: Account) -> Mask:
    """Borrow more of an asset into the wallet, within the loan to value; says where it was cut."""
    debt, _, power = backing(state, now, wire)
    asked = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0) * out.price(leg.asset)
    free = np.maximum(power * HEALTHY - debt, 0.0) / leg.reported(now)
    value = np.minimum(asked, free)
    drawn, lent = lend(state, leg, value, now, out)
    out.post("principal", leg.asset, drawn, cash=True)
    return lent < value * SHORT_OF_CASH


def withdraw(state: Block, wire: Wire, leg: Leg, order: Order, now: Tick, out: Account) -> Mask:
    """Take collateral out as far as health and cash allow; says where cash was short."""
    debt, allowed, _ = backing(state, now, wire)
    price = np.maximum(out.price(leg.asset), transfers.SMALLEST_PRICE)
    per_unit = leg.threshold * price * leg.reported(now)
    spare = np.where(debt > 0.0, np.maximum(allowed * HEALTHY - debt, 0.0) / per_unit, 1e30)
    asked = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0)
    wanted = np.minimum(np.minimum(asked, state[leg.row]), spare)
    taken = np.minimum(wanted, np.maximum(leg.limit(now, leg.cash), 0.0))
    out.post("principal", leg.asset, -taken)
    out.post("principal", leg.asset, taken, cash=True)
    state[leg.row] -= taken
    return taken < wanted * SHORT_OF_CASH


def share_free(state: Block, wire: Wire, now: Tick) -> Array:
    """
    Share of a position that can be wound up now: what the market with the least cash has.

    Nothing where one is paused; all or nothing where the collateral no longer covers the debt.
    """
    free = np.ones(state.n_paths)
    for leg in wire.pledged:
        held = np.maximum(state[leg.row], transfers.SMALLEST_PRICE)
        free = np.minimum(free, np.maximum(leg.limit(now, leg.cash), 0.0) / held)
    for leg in (*wire.pledged, *wire.owed):
        free = np.where(leg.running(now), free, 0.0)
    collateral, debt = totals(state, now, wire)
    worth = free * (collateral - debt) > transfers.gas_cost(wire.gas, now)
    return np.where((free >= 1.0) | worth, free, 0.0)


def delever(
    state: Block,
    wire: Wire,
    order: Order,
    now: Tick,
    out: Account,
    *,
    swap_cost: float,
    flash_fee: float = 0.0,
) -> Mask:
    """
    Sell collateral pro rata for a value s and repay debts pro rata, so that health is the target h.

        s = (w h (D + g) - T C) / (w h (1 - c) - T),  held to what repays all and to markets' cash

    T is the mean threshold and w what the lender counts of a debt, at the oracle's prices; c is the
    cost of a swap and of a flash loan. Says where cash was short.
    """
    collateral, owed = totals(state, now, wire)
    seen, allowed, _ = backing(state, now, wire)
    left = 1.0 / (1.0 + flash_fee)
    gas, keep = transfers.gas_cost(wire.gas, now), (1.0 - swap_cost) * left
    some = np.where(collateral > 0.0, collateral, 1.0)
    target = order.amounts() * seen / np.where(owed > 0.0, owed, 1.0)
    mean = allowed / some
    slope, whole = target * keep - mean, (owed + gas) / keep
    short = target * (owed + gas) - allowed
    sold = np.where(slope > 1e-12, short / np.maximum(slope, 1e-12), whole)
    sold = np.minimum(sold, np.minimum(whole, collateral))
    share = sold / some
    for leg in wire.pledged:
        cash = np.maximum(leg.limit(now, leg.cash), 0.0)
        share = np.minimum(share, cash / np.maximum(state[leg.row], transfers.SMALLEST_PRICE))
    for leg in (*wire.pledged, *wire.owed):
        share = np.where(leg.running(now), share, 0.0)
    wanted = order.mask & (short > 0.0) & (owed > 0.0)
    blocked = wanted & (share < sold / some * SHORT_OF_CASH)
    sold = share * collateral
    does = wanted & (sold * keep > gas)
    share, burnt = np.where(does, share, 0.0), np.where(does, gas, 0.0)
    _sell(state, wire, share, burnt, out, swap_cost=swap_cost, left=left)
    return blocked


def _sell(
    state: Block,
    wire: Wire,
    share: Array,
    burnt: Array,
    out: Account,
    *,
    swap_cost: float,
    left: float,
) -> None:
    """Sell a share of every collateral and repay every debt by the same share."""
    collateral, debt = totals(state, out.ledger.now, wire)
    keep = (1.0 - swap_cost) * left
    gross = share * collateral * keep
    paid = np.minimum((gross - burnt) / np.where(debt > 0.0, debt, 1.0), 1.0)
    paid = np.maximum(paid, 0.0)
    gas = burnt / np.where(gross > 0.0, gross, 1.0)
    for leg in wire.pledged:
        sold = share * state[leg.row]
        out.post("slippage", leg.asset, -swap_cost * sold)
        out.post("fee", leg.asset, (left - 1.0) * (1.0 - swap_cost) * sold)
        out.post("gas", leg.asset, -gas * keep * sold)
        out.post("principal", leg.asset, -(1.0 - gas) * keep * sold)
        state[leg.row] -= sold
    for leg in wire.owed:
        repaid = paid * state[leg.row]
        out.post("principal", leg.asset, repaid)
        state[leg.row] -= repaid


# ---- when health is lost -------------------------------------------------------------------


def pick(legs: Sequence[Leg], state: Block, now: Tick) -> tuple[Array, Array]:
    """Values of the legs at the oracle's prices, a row each, and the number of the largest."""
    values = np.array([leg.seen(state, now) for leg in legs])
    return values, values.argmax(axis=0)


def seize(state: Block, leg: Leg, share: Array, extra: Array, out: Account) -> None:
    """Take a share of a leg; `extra` of the share is the liquidator's bonus."""
    out.post("penalty", leg.asset, -extra * state[leg.row])
    out.post("principal", leg.asset, -(share - extra) * state[leg.row])
    state[leg.row] = np.where(share >= 1.0, 0.0, state[leg.row] - share * state[leg.row])


def settle(state: Block, leg: Leg, share: Array, out: Account) -> None:
    """Take note that a share of a debt was repaid by a liquidator."""
    paid = share * state[leg.row]
    out.post("principal", leg.asset, paid)
    state[leg.row] = np.where(share >= 1.0, 0.0, state[leg.row] - paid)


def forgive(state: Block, leg: Leg, mask: Mask, out: Account) -> None:
    """Write off a debt that nobody pays, and remember how much: the market's deficit."""
    lost = np.where(mask, state[leg.row], 0.0)
    out.post("forgiven", leg.asset, lost)
    state[f"deficit_{leg.asset}"] += lost
    state[leg.row] -= lost


def price_ratio(state: Block, now: Tick, wire: Wire) -> Array:
    """
    Oracle's price of the first collateral in the first debt asset at which health is 1.

        (D - sum of the others' LT C) / (LT q) / price of the debt asset,  0 where nothing can
    """
    first, money = wire.pledged[0], wire.owed[0]
    debt, allowed, _ = backing(state, now, wire)
    own = first.threshold * first.seen(state, now)
    others = allowed - own
    quantity = first.threshold * state[first.row]
    price = np.maximum(now.world.data[money.price], transfers.SMALLEST_PRICE) * money.reported(now)
    at = np.maximum(debt - others, 0.0) / np.where(quantity > 0.0, quantity, 1.0) / price
    return np.where(quantity > 0.0, at, 0.0)
