"""
How money gets into a position and out of it: the two moves that all positions have in common.

Into it: a deposit leaves the wallet, is swapped into what the position wants at a cost, and pays
gas. Out of it: what is held is sold at a cost, pays gas, repays what is owed, and the rest goes to
the wallet as the book's cash; what the proceeds do not cover is the lender's loss. Nothing is ever
paid that the wallet does not hold.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from headframe.kernels import uniswap_v2
from headframe.layout import Layout
from headframe.ledger import CASH, Account, Line
from headframe.position import Order
from headframe.process import Tick
from headframe.types import Array, Rows, Signal

SMALLEST_PRICE = uniswap_v2.SMALLEST_PRICE
"""Stands in for a price of 0 where a division needs one: the same as in the kernels."""


def lines(assets: Rows, deposit: Mapping[str, float] | None, owed: Rows = ()) -> tuple[Line, ...]:
    """The entry lines that paying in and winding up need."""
    held = [Line(kind, asset) for asset in assets for kind in ("principal", "slippage", "gas")]
    held += [Line(kind, asset) for asset in owed for kind in ("principal", "forgiven")]
    cash = [Line("principal", asset, cash=True) for asset in (*(deposit or {}), CASH)]
    return (*held, *cash)


def gas_rows(layout: Layout, gas_usd: Signal) -> dict[str, int]:
    """Rows of a gas cost in dollars: the number and the dollar's price in the numeraire."""
    priced = "usd" if gas_usd != 0.0 else layout.cash
    return {"gas": layout.row(gas_usd), "price_usd": layout.price(priced)}


def gas_cost(wire: Any, now: Tick) -> Array:
    """What a transaction costs in the numeraire, by the rows of `gas_rows`."""
    world = now.world.data
    cost: Array = world[wire["gas"][0]] * world[wire["price_usd"][0]]
    return cost


def swap_loss(bought: Array, swap_cost: float, depth: Array | float) -> Array:
    """
    What swapping a value costs: the share `swap_cost`, and the own impact b / (b + depth) after it.

    `depth` is the value of one side of the pool; 0 stands for a market without end.
    """
    lost = np.where(np.asarray(depth) > 0.0, bought / np.maximum(bought + depth, 1e-300), 0.0)
    loss: Array = bought * (swap_cost + (1.0 - swap_cost) * lost)
    return loss


def kept(asset: str, out: Account, swap_cost: Array | float) -> Array | float:
    """The share left when an asset is sold for the book's cash; cash itself is not sold."""
    return 1.0 if asset == out.ledger.layout.cash else 1.0 - swap_cost


def affordable(order: Order, deposit: Mapping[str, float], out: Account) -> Array:
    """How many times the deposit is paid in: what is ordered, held to what the wallet has."""
    times = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0)
    for asset, quantity in deposit.items():
        if quantity > 0.0:
            times = np.minimum(times, np.maximum(out.wallet(asset), 0.0) / quantity)
    return times


def pay_in(
    order: Order,
    deposit: Mapping[str, float],
    into: str,
    out: Account,
    *,
    swap_cost: float,
    gas: Array | float = 0.0,
) -> Array:
    """
    Pay the deposit from the wallet, all of it into one asset; gives the quantity that arrives.

    Only what is not yet that asset is swapped; gas is due where anything is paid in.
    """
    times = affordable(order, deposit, out)
    price = np.maximum(out.price(into), SMALLEST_PRICE)
    arrived = np.zeros_like(times)
    for asset, quantity in deposit.items():
        paid = np.minimum(quantity * times, np.maximum(out.wallet(asset), 0.0))
        bought = paid if asset == into else paid * out.price(asset) / price
        cost = 0.0 if asset == into else swap_cost
        out.post("principal", asset, -paid, cash=True)
        out.post("principal", into, bought)
        out.post("slippage", into, -cost * bought)
        arrived += bought * (1.0 - cost)
    burnt = np.where(arrived > 0.0, np.minimum(gas / price, arrived), 0.0)
    out.post("gas", into, -burnt)
    return arrived - burnt


def insure(wanted: Array, price: Array, asset: str, out: Account) -> Array:
    """
    Pay the premium of cover for amounts at a price each; gives the amounts that are insured.

    Where the wallet cannot pay all of it, less is insured in proportion.
    """
    due = wanted * price
    paid = np.minimum(due, np.maximum(out.wallet(asset), 0.0))
    share = np.where(due > 0.0, paid / np.where(due > 0.0, due, 1.0), 1.0)
    out.post("premium", asset, -paid, cash=True)
    insured: Array = wanted * share
    return insured


def wind_up(
    held: Mapping[str, Array],
    owed: Mapping[str, Array],
    out: Account,
    *,
    swap_cost: Array | float,
    gas: Array | float = 0.0,
) -> None:
    """
    Sell quantities, repay debts, pay the rest to the wallet as cash; the missing part is forgiven.

        owner = max(proceeds - debts, 0),   lenders lose max(debts - proceeds, 0)

    Quantities are zero on paths where nothing is wound up. Gas is due where anything is sold, out
    of the proceeds and no more than these.
    """
    cash = out.ledger.layout.cash
    keep = {asset: kept(asset, out, swap_cost) for asset in held}
    gross = {asset: keep[asset] * held[asset] * out.price(asset) for asset in held}
    proceeds = np.sum(list(gross.values()), axis=0)
    debts = np.zeros_like(proceeds)
    for asset, quantity in owed.items():
        debts = debts + quantity * out.price(asset)
    burnt = np.minimum(np.where(proceeds > 0.0, gas, 0.0), proceeds)
    share = burnt / np.where(proceeds > 0.0, proceeds, 1.0)
    left = proceeds - burnt
    lost = np.maximum(debts - left, 0.0) / np.where(debts > 0.0, debts, 1.0)
    for asset, quantity in held.items():
        sold = keep[asset] * quantity
        out.post("slippage", asset, sold - quantity)
        out.post("gas", asset, -share * sold)
        out.post("principal", asset, -(1.0 - share) * sold)
    for asset, quantity in owed.items():
        out.post("forgiven", asset, lost * quantity)
        out.post("principal", asset, (1.0 - lost) * quantity)
    price_cash = np.maximum(out.price(cash), SMALLEST_PRICE)
    out.post("principal", cash, np.maximum(left - debts, 0.0) / price_cash, cash=True)


def from_wallet(order: Order, asset: str, out: Account) -> Array:
    """What an order takes of an asset out of the wallet: what is asked, held to what is there."""
    asked = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0)
    return np.minimum(asked, np.maximum(out.wallet(asset), 0.0))
