"""
What a policy sees: the state of one chunk as of now, read-only.

Gauges, holdings and exposures are worked out when they are first asked for in a step; a gauge that
is also a field of the position's state is read from there.
"""

import numpy as np

from headframe.chunk import Chunk, PositionSeat
from headframe.layout import wallet_row
from headframe.types import NEVER_S, Array, Block


class SeatView:
    """The policies' view of a chunk at one instant."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._seats = {seat.position.name: seat for seat in chunk.positions}
        self._fresh: set[str] = set()
        self._exposures: dict[str, Block] = {}

    def wallet(self, asset: str) -> Array:
        """Whole units of an asset in the wallet; zero where none can come to lie there."""
        books = self._chunk.books
        row = wallet_row(asset)
        return _locked(books[row]) if row in books else np.zeros(books.n_paths)

    def price(self, asset: str) -> Array:
        """The price of an asset in the numeraire."""
        return _locked(self._chunk.now.world.data[self._chunk.layout.price(asset)])

    def gauge(self, position: str, name: str) -> Array:
        """One of a position's gauges."""
        seat = self._seats[position]
        if name in seat.state:
            return _locked(seat.state[name])
        if position not in self._fresh:
            seat.position.gauge(seat.state, self._chunk.now, seat.gauges)
            self._fresh.add(position)
        return _locked(seat.gauges[name])

    def event(self, position: str, name: str) -> Array:
        """When one of a position's events happened; `NEVER_S` where it has not, or cannot."""
        seat = self._seats[position]
        if name not in seat.position.events:
            return np.full(seat.state.n_paths, NEVER_S)
        return _locked(seat.state[name])

    def holding(self, position: str, asset: str) -> Array:
        """What a position holds of an asset; debt is negative."""
        seat: PositionSeat = self._seats[position]
        if asset not in seat.held:
            return np.zeros(seat.state.n_paths)
        seat.position.holdings(seat.state, self._chunk.now, seat.held)
        return _locked(seat.held[asset])

    def exposure(self, position: str, asset: str) -> Array:
        """What a position holds or will produce of an asset."""
        seat: PositionSeat = self._seats[position]
        if position not in self._exposures:
            block = Block.zeros(seat.position.assets, seat.state.n_paths)
            seat.position.exposure(seat.state, self._chunk.now, block)
            self._exposures[position] = block
        block = self._exposures[position]
        return _locked(block[asset]) if asset in block else np.zeros(seat.state.n_paths)

    def net_exposure(self, asset: str) -> Array:
        """The book's exposure to an asset: the wallet and every position."""
        net = self.wallet(asset).copy()
        for position in self._seats:
            net += self.exposure(position, asset)
        return net

    def owed(self, position: str, due: str) -> Array:
        """What a position owes on a due, in whole units of its asset."""
        owed: Array = -self._chunk.books.data[self._chunk.layout.owed(position, due)]
        return owed


def _locked(row: Array) -> Array:
    view = row.view()
    view.flags.writeable = False
    return view
