"""
What happened: wallet, entries, dues, and the proof that the books close.

An entry is `(kind, asset, quantity)`. A *cash* entry crossed the wallet (positive came in); a
*held* entry changed what a position holds (fees that compound, interest that accrues, collateral
seized). Per account and kind the ledger keeps the value at the price of the moment, per line the
quantity:

    wallet change        = sum of cash entries                                 (per asset)
    wealth - opening     = sum(quantity x price then) + sum(held before x change of price)

Nothing else moves wealth, and nothing is plugged: `gap` is what is left over, and it is checked on
every path of every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headframe.errors import InvariantError
from headframe.layout import WALLET, Layout, quantity_row, wallet_row
from headframe.process import Tick
from headframe.types import Array, Block, Mask, Rows

KINDS: Rows = (
    "principal",
    "fee",
    "reward",
    "interest",
    "rebalancing",
    "power",
    "demand_charge",
    "demand_response",
    "heat",
    "compute",
    "carbon",
    "gas",
    "slippage",
    "penalty",
    "forgiven",
    "slashing",
    "funding",
    "hosting",
    "depreciation",
    "premium",
    "payout",
    "breach",
    "tax",
    "trade",
    "settlement",
)
"""The closed list of entry kinds; `principal`, `trade` and `settlement` only move value."""

CASH = "$cash"
"""Stands in a line or a due for the book's cash asset, whichever that is."""
CLOSE_TOLERANCE = 1e-9
"""The largest gap allowed in the books of a path, as a share of its turnover."""
PAID = 1e-9
"""A due of no more than this, in whole units of its asset, is paid: what is left is rounding."""


@dataclass(frozen=True)
class Line:
    """A kind of entry in one asset; `cash` when it crosses the wallet."""

    kind: str
    asset: str
    cash: bool = False


def book_rows(
    assets: Rows,
    accounts: dict[str, tuple[Line, ...]],
    dues: dict[str, tuple[tuple[str, str], ...]],
) -> Rows:
    """Names of the books' rows: wallet, dues (name, asset), then each account, then the marks."""
    rows = [wallet_row(asset) for asset in assets]
    for account, owed in dues.items():
        rows += [f"owed/{account}/{name}" for name, _ in owed]
        rows += [f"deadline/{account}/{name}" for name, _ in owed]
    for account, lines in accounts.items():
        rows.append(f"market/{account}")
        kinds = dict.fromkeys(line.kind for line in lines)
        rows += [f"value/{account}/{kind}" for kind in kinds]
        rows += [
            quantity_row(account, li.kind, li.asset, cash=li.cash) for li in dict.fromkeys(lines)
        ]
    return (*rows, *MARKS)


MARKS: Rows = (
    "wealth",
    "peak",
    "drawdown",
    "opening",
    "defaulted_s",
    "default_cause",
    "clipped",
    "sink",
)
"""Rows of the books that belong to the path as a whole; `sink` takes what nobody keeps."""


class Account:
    """
    One position's side of the ledger: what its methods are handed as `out`.

    `books` is the array that kernels post into, at rows resolved in `wire`; `post` does the same
    for whoever writes plain NumPy.
    """

    def __init__(self, ledger: "Ledger", name: str) -> None:
        self.ledger = ledger
        self.name = name
        self.books = ledger.books.data

    def post(self, kind: str, asset: str, quantity: Array | float, *, cash: bool = False) -> None:
        """Book an entry on every path; zero where nothing happened."""
        layout, books = self.ledger.layout, self.books
        books[layout.quantity(self.name, kind, asset, cash=cash)] += quantity
        price = self.ledger.now.world.data[layout.price(asset)]
        books[layout.value(self.name, kind)] += quantity * price
        if cash:
            books[layout.wallet(asset)] += quantity

    def wallet(self, asset: str) -> Array:
        """What the wallet holds of an asset."""
        row: Array = self.books[self.ledger.layout.wallet(asset)]
        return row

    def price(self, asset: str) -> Array:
        """The price of an asset in the numeraire, now."""
        row: Array = self.ledger.now.world.data[self.ledger.layout.price(asset)]
        return row

    def owed(self, due: str) -> Array:
        """What is still owed on a due, in whole units of its asset."""
        row: Array = -self.books[self.ledger.layout.owed(self.name, due)]
        return row

    def owe(self, due: str, kind: str, asset: str, quantity: Array, grace_s: float) -> None:
        """Accrue a due: an entry of `kind` against the position, payable in `grace_s`."""
        layout = self.ledger.layout
        owed = self.books[layout.owed(self.name, due)]
        deadline = self.books[layout.deadline(self.name, due)]
        fresh = (owed >= -PAID) & (quantity > 0.0)
        deadline[fresh] = self.ledger.now.t_s + grace_s
        owed -= quantity
        self.post(kind, asset, -quantity)


class Ledger:
    """The books of one chunk of paths."""

    def __init__(self, layout: Layout, books: Block, held: Block, now: Tick) -> None:
        self.layout = layout
        self.books = books
        self.held = held
        self.now = now

    def accounts(self) -> Iterator[str]:
        """Names of the accounts."""
        return (name.split("/")[1] for name in self.books.rows if name.startswith("market/"))

    def values(self, account: str) -> dict[str, Array]:
        """Value of an account's entries by kind, with what prices did as kind `market`."""
        prefix = f"value/{account}/"
        out = {"market": self.books[f"market/{account}"]}
        out |= {n[len(prefix) :]: self.books[n] for n in self.books.rows if n.startswith(prefix)}
        return out

    def trade(self, sell: str, buy: str, quantity: Array, cost: float) -> Array:
        """
        Sell up to `quantity` of the wallet for another asset at this instant's prices.

        The bought amount is less by `cost`, a share, which is booked as slippage. Returns what was
        sold, never more than the wallet holds.
        """
        layout, world = self.layout, self.now.world.data
        sold = np.clip(quantity, 0.0, np.maximum(self.books.data[layout.wallet(sell)], 0.0))
        worth = sold * world[layout.price(sell)]
        bought = worth / world[layout.price(buy)]
        account = Account(self, WALLET)
        account.post("trade", sell, -sold, cash=True)
        account.post("trade", buy, bought, cash=True)
        account.post("slippage", buy, -bought * cost, cash=True)
        return sold

    def pay(self, account: str, due: str, asset: str, mask: Mask | None = None) -> None:
        """Pay a due from the wallet as far as it goes."""
        layout = self.layout
        owed = self.books.data[layout.owed(account, due)]
        have = np.maximum(self.books.data[layout.wallet(asset)], 0.0)
        paid = np.minimum(-owed, have)
        if mask is not None:
            paid = np.where(mask, paid, 0.0)
        party = Account(self, account)
        party.post("settlement", asset, -paid, cash=True)
        party.post("settlement", asset, paid)
        owed += paid

    def forgive(self, account: str, due: str, asset: str, mask: Mask) -> None:
        """Write off what is still owed on a due: the creditor's loss."""
        owed = self.books.data[self.layout.owed(account, due)]
        written_off = np.where(mask, -owed, 0.0)
        Account(self, account).post("forgiven", asset, written_off)
        owed += written_off

    def gap(self) -> Array:
        """What the entries and the prices do not explain of the change of wealth, per path."""
        explained = np.zeros(self.books.n_paths)
        for account in self.accounts():
            for value in self.values(account).values():
                explained += value
        return np.abs(self.books["wealth"] - self.books["opening"] - explained)

    def turnover(self) -> Array:
        """A scale for the gap: opening, peak and the gross of all results of a path."""
        gross = np.abs(self.books["opening"]) + np.abs(self.books["peak"])
        for account in self.accounts():
            for value in self.values(account).values():
                gross += np.abs(value)
        return gross

    def check(self) -> float:
        """The largest gap as a share of turnover; raises where the books do not close."""
        worst = float(np.max(self.gap() / np.maximum(self.turnover(), 1e-300), initial=0.0))
        if not worst <= CLOSE_TOLERANCE:
            raise InvariantError(f"the books do not close: gap of {worst:.3g} of turnover")
        return worst
