"""
A range of paths of a book, seated and opened: everything that the loop moves.

Each member has a *seat*: its own state block, its clock, and for a position what it holds, its
gauges and its account. Opening puts what is already held in its place, values the desk, and then
lets the other positions be bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headframe.book import Book
from headframe.clock import Clock
from headframe.kernels import ledger as sums
from headframe.layout import WALLET, Layout
from headframe.ledger import Account, Ledger
from headframe.place import Place
from headframe.position import Order, Trade
from headframe.process import ONE, UNIX_TS, Tick
from headframe.scenario import Paths
from headframe.scenarios.draws import Draws, Streams
from headframe.types import NEVER_S, Array, Block
from headframe.venue import uses


@dataclass(frozen=True)
class PlaceWire:
    """What a place resolved: rows of its three observables, and rows of cash by asset."""

    observables: tuple[int, int, int]
    cash: dict[str, list[int]]


@dataclass(eq=False)
class PositionSeat:
    """A position at work in one chunk."""

    position: Any
    state: Block
    held: Block
    gauges: Block
    account: Account
    clock: Clock
    place: Place
    mishaps: Block

    def value(self, layout: Layout, now: Tick) -> Array:
        """What it holds at the prices of now, in the numeraire."""
        worth = np.zeros(self.state.n_paths)
        for asset in self.position.assets:
            worth += self.held[asset] * now.world.data[layout.price(asset)]
        return worth


@dataclass(eq=False)
class PolicySeat:
    """A policy at work in one chunk."""

    policy: Any
    state: Block
    clock: Clock


@dataclass(eq=False)
class VenueSeat:
    """A venue at work in one chunk, and the positions that use it."""

    venue: Any
    state: Block
    users: Sequence[PositionSeat]

    def own(self, now: Tick) -> dict[str, Array]:
        """Our own size: the gauges it gathers, summed over its users."""
        sums_: dict[str, Array] = {}
        for name in self.venue.gathers:
            sums_[name] = np.zeros(self.state.n_paths)
            for seat in self.users:
                if name in seat.gauges:
                    seat.position.gauge(seat.state, now, seat.gauges)
                    sums_[name] += seat.gauges[name]
        return sums_


class Chunk:
    """A range of paths of a book, opened at the first instant and stepped to the horizon."""

    def __init__(self, book: Book, layout: Layout, paths: Paths) -> None:
        self.book, self.layout, self.paths = book, layout, paths
        n = paths.n_paths
        empty = Block.zeros((), n)
        self.now = Tick(Block.zeros(layout.world, n), empty)
        self.before = Tick(Block.zeros(layout.world, n), empty)
        self.books = Block.zeros(layout.books, n)
        names = [f"{m.name}/{asset}" for m in book.positions for asset in m.assets]
        self.held = Block.zeros(names, n)
        self.ledger = Ledger(layout, self.books, self.held, self.now)
        self._seat_positions()
        self.table = self._table()
        self.moving = self.table[self.table[:, 2] != 0]
        self.waiting: list[tuple[int, Order | Trade]] = []
        self._open()

    # seats -----------------------------------------------------------------------------------

    def _seat_positions(self) -> None:
        book, n, step_s = self.book, self.paths.n_paths, self.layout.step_s
        members = book.positions
        every = [round((m.every_s or book.step_s) / step_s) for m in members]
        streams = Streams.of(
            tuple(name for m in members for name in m.normals),
            tuple(name for m in members for name in m.uniforms),
            {},
        )
        self.draws = Draws(streams, self.paths)
        drawing = self.layout.drawing(streams.rows)
        self.positions: list[PositionSeat] = []
        first = 0
        for member, e in zip(members, every, strict=True):
            state = Block.zeros(member.fields, n, member.wire(drawing, e * step_s))
            held = Block(member.assets, self.held.data[first : first + len(member.assets)])
            first += len(member.assets)
            gauges = Block.zeros(member.gauges, n)
            account = Account(self.ledger, member.name)
            clock = Clock(e, step_s)
            place, mishaps = book.place(member.name), self._mishaps(member)
            seat = PositionSeat(member, state, held, gauges, account, clock, place, mishaps)
            self.positions.append(seat)
        self.dues = [
            (seat, due, self.books.data[self.layout.owed(seat.position.name, due.name)])
            for seat in self.positions
            for due in seat.position.dues
        ]
        """Every due with its position and what is owed on it."""

    def _mishaps(self, member: Any) -> Block:
        """What has befallen a position's place: nothing yet."""
        place = self.book.place(member.name)
        paid = [f"paid/{asset}" for asset in self.book.breach_assets(member)]
        times = ("breached_s", "forced_out_s", "frozen_s")
        rows = (*times, "kept", *paid) if place.events else ()
        wire = PlaceWire(place.wire(self.layout), self._cash_rows(member)) if rows else None
        block = Block.zeros(rows, self.paths.n_paths, wire)
        for row in times if rows else ():
            block[row] = NEVER_S
        if rows:
            block["kept"] = 1.0
        return block

    def _cash_rows(self, member: Any) -> dict[str, list[int]]:
        """By asset that a broken contract may cut: the rows of all that was paid in cash."""
        lines = dict.fromkeys(self.book.lines(member))
        return {
            asset: [
                self.layout.quantity(member.name, line.kind, asset, cash=True)
                for line in lines
                if line.cash and line.asset == asset
            ]
            for asset in self.book.breach_assets(member)
        }

    def _table(self) -> npt.NDArray[np.int64]:
        """What is marked: (source, row, price row, market row) of every holding."""
        at = self.layout
        market = at.market(WALLET)
        rows = [(0, at.wallet(a), at.price(a), market) for a in self.book.wallet_assets()]
        first = 0
        for seat in self.positions:
            name = seat.position.name
            for k, asset in enumerate(seat.position.assets):
                rows.append((1, first + k, at.price(asset), at.market(name)))
            first += len(seat.position.assets)
            for due in seat.position.dues:
                price = at.price(self.book.resolve(due.asset))
                rows.append((0, at.owed(name, due.name), price, at.market(name)))
        return np.array(rows, np.int64).reshape(-1, 4)

    # opening ---------------------------------------------------------------------------------

    def _open(self) -> None:
        book, at, now, books = self.book, self.layout, self.now, self.books
        for world in (now.world, self.before.world):
            world[ONE] = 1.0
            world[UNIX_TS] = book.start_ts
            for name in at.world:
                if name.startswith("="):
                    world[name] = float(name[1:])
        wired = book.scenario.wire(at, book.step_s)
        self.scenario = book.scenario.open(wired, self.paths, now)
        self.dated = UNIX_TS in book.scenario.publishes
        self.cross()
        for asset, amount in book.wallet.items():
            books[f"{WALLET}/{asset}"] = amount
        books["defaulted_s"] = NEVER_S
        self._open_positions(already=True)
        self._seat_venues()
        self.cross()
        self.mark()
        books["opening"] = books["wealth"]
        books["drawdown"] = 0.0
        books["peak"] = books["wealth"]
        self._open_positions(already=False)
        self.hold()
        self.mark()
        self._seat_policies()
        for seat in self.positions:
            seat.clock.keep(now)

    def _open_positions(self, *, already: bool) -> None:
        everywhere = np.ones(self.paths.n_paths, np.bool_)
        for seat in self.positions:
            if (getattr(seat.position, "held", None) is not None) == already:
                order = Order(position=seat.position.name, verb="open", mask=everywhere)
                seat.position.open(seat.state, order, self.now, seat.account)
                seat.position.holdings(seat.state, self.now, seat.held)

    def _seat_venues(self) -> None:
        self.venues = []
        for venue in self.book.venues:
            users = [seat for seat in self.positions if uses(seat.position, venue)]
            wire = venue.wire(self.layout, self.layout.step_s)
            state = Block.zeros(venue.fields, self.paths.n_paths, wire)
            seat = VenueSeat(venue, state, users)
            venue.open(state, seat.own(self.now), self.now)
            self.venues.append(seat)

    def _seat_policies(self) -> None:
        at = self.layout
        self.policies = []
        for policy in self.book.policies:
            clock = Clock.of(policy.every_s or self.book.step_s, at.step_s)
            state = Block.zeros(policy.fields, self.paths.n_paths, policy.wire(at, clock.dt_s))
            self.policies.append(PolicySeat(policy, state, clock))

    # what every step needs -------------------------------------------------------------------

    def cross(self) -> None:
        """Work out the prices that are made from other prices."""
        world = self.now.world
        for name, chain in self.layout.prices.crosses.items():
            row = world[name]
            row[...] = 1.0
            for observable, power in chain:
                if power == 1:
                    row *= world[observable]
                else:
                    row /= world[observable]

    def hold(self) -> None:
        """Ask every position what it holds now."""
        for seat in self.positions:
            seat.position.holdings(seat.state, self.now, seat.held)

    def mark(self) -> None:
        """Take wealth, its peak and its deepest fall."""
        books = self.books
        sums.mark(
            books.data,
            self.held.data,
            self.now.world.data,
            self.table,
            books.row("wealth"),
            books.row("peak"),
            books.row("drawdown"),
        )
