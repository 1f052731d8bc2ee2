"""
What every law needs: the registered tenants with their books, and a chunk to compare bit by bit.

The laws are tried on the sample book of each registered kind. Positions are also pushed about: the
`Storm` is a policy that gives their verbs, in turn, on ever other paths; what it does on a path
depends on that path's prices only.
"""

from importlib import import_module

import numpy as np
import pytest
import samples

from headframe.chunk import Chunk
from headframe.loop import step
from headframe.position import Order
from headframe.registry import GROUPS
from headframe.scenario import Paths
from headframe.view import SeatView

N_PATHS = 48
"""Paths of a trial: enough for rare events in a sample, few enough to be quick."""
TABLES = {
    "process": samples.PROCESSES,
    "venue": samples.VENUES,
    "position": samples.POSITIONS,
    "policy": samples.POLICIES,
}
"""The samples of each noun."""
LAST = ("close", "surrender")
"""Verbs that end a position: the storm leaves them to the end of the run."""


def every(*nouns):
    """All registered tenants of the nouns (of all nouns by default), as cases for a law."""
    return pytest.mark.parametrize(
        ("noun", "kind"),
        [
            pytest.param(noun, kind, id=f"{noun}-{kind}")
            for noun in nouns or TABLES
            for kind in import_module(f"headframe.{GROUPS[noun]}").BUILT_IN
        ],
    )


def sample_of(noun, kind):
    """The sample of a tenant; a kind without one fails the law."""
    if kind not in TABLES[noun]:
        pytest.fail(f"the {noun} kind '{kind}' has no sample: add one to tests/laws/samples.py")
    return TABLES[noun][kind]


class Storm:
    """Gives a book's positions all their verbs, the last ones at the end, here and there."""

    kind, every_s, lag_s, fields, trades, reads = "storm", None, 0.0, (), (), ()

    def __init__(self, book, amounts, name="storm"):
        self.name = name
        self.orders = [
            (p.name, verb, amounts.get(verb, 1.0), verb in LAST)
            for p in book.positions
            for verb in p.verbs
        ]
        self.needs = tuple((p.name, (), p.verbs) for p in book.positions)
        self.prices = [name for name in book.scenario.publishes if name.count("_") == 1]
        self.end = book.n_steps - 4

    def wire(self, layout, dt_s):
        return layout.world

    def open(self, state, view, now):
        return None

    def decide(self, state, view, now):
        """About one path in five, by the digits of what is seen there."""
        digits = np.zeros(now.world.n_paths)
        for name in self.prices:
            digits = digits + np.mod(np.frexp(np.abs(now[name]))[0] * 1e4, 5.0)
        orders = []
        for k, (position, verb, amount, last) in enumerate(self.orders):
            mask = np.mod(digits + now.step + k, 5.0) < 1.0
            if (now.step >= self.end or not last) and mask.any():
                orders.append(Order(position=position, verb=verb, mask=mask, amount=amount))
        return orders


def stormy(sample):
    """The sample's book with a storm over its positions."""
    book = sample.book()
    if not book.positions:
        return book
    return book.with_(policies=(*book.policies, Storm(book, sample.amounts)))


def opened(book, *, first=0, n_paths=N_PATHS, seed=1, antithetic=False):
    """A chunk of the book at its first instant, its policies opened."""
    paths = Paths(first=first, n_paths=n_paths, seed=seed, antithetic=antithetic)
    chunk = Chunk(book, book.plan(), paths)
    view = SeatView(chunk)
    for seat in chunk.policies:
        seat.policy.open(seat.state, view, chunk.now)
    return chunk


def walked(chunk, n_steps, look=None):
    """The chunk after some steps; `look` is shown it after each."""
    if look is not None:
        look(chunk)
    for _ in range(n_steps):
        step(chunk)
        if look is not None:
            look(chunk)
    return chunk


def played(book, **paths):
    """A chunk of the book, played to its horizon, its books checked."""
    chunk = walked(opened(book, **paths), book.n_steps)
    chunk.ledger.check()
    return chunk


def bits(chunk, *, policies=True):
    """Every number of a chunk by name: books, what is held, and the states of all members."""
    found = {f"books/{row}": chunk.books[row].copy() for row in chunk.books.rows}
    found |= {f"held/{row}": chunk.held[row].copy() for row in chunk.held.rows}
    seats = [("position", s.position.name, s.state) for s in chunk.positions]
    seats += [("venue", s.venue.name, s.state) for s in chunk.venues]
    if policies:
        seats += [("policy", s.policy.name, s.state) for s in chunk.policies]
    for noun, name, state in seats:
        found |= {f"{noun}/{name}/{row}": state[row].copy() for row in state.rows}
    return found


def assert_same_bits(one, other, *, why):
    """Every number that both have is the same to the last bit."""
    for name in one.keys() & other.keys():
        differs = one[name] != other[name]
        assert not differs.any(), f"{why}: {name} differs on {int(differs.sum())} paths"
