"""
Who has which row: the one place where names become row numbers.

A layout is made once a run from what the members of a book declare. Every observable, every price,
every account's market result, entry values and quantities has a row in one of two blocks, the
*world* and the *books*; members resolve the rows that they need in `wire` and never look up a name
in a hot loop again.
"""

from collections.abc import Iterable, Mapping
from copy import copy

import numpy as np
import numpy.typing as npt

from headframe.errors import InputError
from headframe.process import ONE, UNIX_TS
from headframe.types import Rows

WALLET = "wallet"
"""The account of what lies in the wallet and of what is traded there."""


def signal_row(signal: float | str) -> str:
    """The observable that carries a signal: its name, or a row of its own for a constant."""
    return signal if isinstance(signal, str) else f"={float(signal)!r}"


class Prices:
    """
    How each asset is priced in the numeraire: along a shortest chain of observables `base_quote`.

    An asset with a direct observable uses that row as it is; any other gets a row of its own, made
    by multiplying or dividing along the chain.
    """

    def __init__(self, observables: Iterable[str], assets: Rows, numeraire: str) -> None:
        self.numeraire = numeraire
        known = set(assets) | {numeraire}
        edges: dict[str, dict[str, tuple[str, int]]] = {}
        for name in observables:
            base, _, quote = name.partition("_")
            if base and quote and "_" not in quote:
                edges.setdefault(base, {}).setdefault(quote, (name, 1))
                edges.setdefault(quote, {}).setdefault(base, (name, -1))
        self.chains = {asset: self._chain(asset, edges) for asset in sorted(known)}
        self.crosses = {
            self.row(asset): chain
            for asset, chain in self.chains.items()
            if chain and (len(chain) > 1 or chain[0][1] == -1)
        }
        """Rows that are made from others, with the chain that makes each."""

    def _chain(
        self, asset: str, edges: dict[str, dict[str, tuple[str, int]]]
    ) -> tuple[tuple[str, int], ...]:
        frontier: list[tuple[str, tuple[tuple[str, int], ...]]] = [(asset, ())]
        seen = {asset}
        while frontier:
            here, chain = frontier.pop(0)
            if here == self.numeraire:
                return chain
            for there, edge in edges.get(here, {}).items():
                if there not in seen:
                    seen.add(there)
                    frontier.append((there, (*chain, edge)))
        raise self._unpriced(asset)

    def _unpriced(self, asset: str) -> InputError:
        allowed = f"give it a price: an observable such as {asset}_{self.numeraire}"
        return InputError(f"asset {asset}", asset, allowed)

    def row(self, asset: str) -> str:
        """The observable that prices an asset."""
        if asset not in self.chains:
            raise self._unpriced(asset)
        chain = self.chains[asset]
        if not chain:
            return ONE
        if len(chain) == 1 and chain[0][1] == 1:
            return chain[0][0]
        return f"{asset}_{self.numeraire}"


class Layout:
    """Row numbers of the world and of the books."""

    def __init__(
        self,
        *,
        world: Rows,
        books: Rows,
        assets: Rows,
        cash: str,
        prices: Prices,
        step_s: float,
        deposits: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self.step_s = step_s
        self.deposits = {name: dict(paid) for name, paid in (deposits or {}).items()}
        """What opening each position once takes out of the wallet, by asset."""
        self.draws: Rows = ()
        self.world = world
        self.books = books
        self.assets = assets
        self.cash = cash
        self.prices = prices
        self._world = {name: row for row, name in enumerate(world)}
        self._books = {name: row for row, name in enumerate(books)}

    def row(self, signal: float | str, place: str = "observable") -> int:
        """The world row of an observable or of a constant; `place` is who reads it."""
        name = signal_row(signal)
        if name not in self._world:
            known = ", ".join(sorted(n for n in self.world if not n.startswith("=")))
            raise InputError(place, signal, f"known observables are {known}")
        return self._world[name]

    def drawing(self, draws: Rows) -> "Layout":
        """The same layout, for a member whose shocks stand in these rows of its draws."""
        other = copy(self)
        other.draws = draws
        return other

    def draw(self, name: str) -> int:
        """The row of a shock among the draws of the member's clock."""
        return self.draws.index(name)

    def price(self, asset: str) -> int:
        """The world row of an asset's price in the numeraire."""
        return self._world[self.prices.row(asset)]

    def book(self, name: str) -> int:
        """A row of the books by its full name."""
        return self._books[name]

    def wallet(self, asset: str) -> int:
        """The books row of what the wallet holds of an asset."""
        return self._books[wallet_row(asset)]

    @property
    def sink(self) -> int:
        """The books row for entries that a position has no line for: always zero."""
        return self._books["sink"]

    def market(self, account: str) -> int:
        """The books row of what an account gained by prices alone."""
        return self._books[f"market/{account}"]

    def value(self, account: str, kind: str) -> int:
        """The books row of the value of an account's entries of a kind, in the numeraire."""
        return self._books[f"value/{account}/{kind}"]

    def quantity(self, account: str, kind: str, asset: str, *, cash: bool) -> int:
        """The books row of the summed quantity of an entry line."""
        return self._books[quantity_row(account, kind, asset, cash=cash)]

    def owed(self, account: str, due: str) -> int:
        """The books row of what is owed on a due, as a negative holding."""
        return self._books[f"owed/{account}/{due}"]

    def deadline(self, account: str, due: str) -> int:
        """The books row of a due's deadline in seconds."""
        return self._books[f"deadline/{account}/{due}"]


def wallet_row(asset: str) -> str:
    """The name of the wallet's row for an asset."""
    return f"{WALLET}/{asset}"


def quantity_row(account: str, kind: str, asset: str, *, cash: bool) -> str:
    """The name of an entry line's row."""
    return f"quantity/{account}/{kind}/{asset}/{'cash' if cash else 'held'}"


def record(**constants: float | int) -> npt.NDArray[np.void]:
    """
    Named constants for a kernel, as an array of one record: floats and row numbers by their names.

    The fields stand in the order given; a kernel takes the array and reads `p[0].name`.
    """
    dtype = np.dtype(
        [(name, "i8" if isinstance(value, int) else "f8") for name, value in constants.items()]
    )
    return np.array([tuple(constants.values())], dtype=dtype)


WORLD_ALWAYS: Rows = (ONE, UNIX_TS)
"""Rows that every world has."""
