"""
Worlds that follow a script, and books played in them.

A `Script` gives each observable its values step by step, the opening first; the last value stays,
and a value may be one number for all paths or one for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.orders import carry_out, place
from headframe.position import Order
from headframe.scenario import Paths
from headframe.units import DAY_S


@dataclass(frozen=True)
class Script:
    """A scenario whose observables take given values."""

    values: Mapping[str, Any]

    @property
    def publishes(self):
        return tuple(self.values)

    reads = ()
    clocks = ()

    def limit(self, horizon_s):
        return None

    def wire(self, layout, dt_s):
        return None

    def open(self, wired, paths, now):
        self._write(now, 0)

    def step(self, state, before, now):
        self._write(now, now.step)

    def _write(self, now, step):
        for name, values in self.values.items():
            sequence = values if isinstance(values, list | tuple | np.ndarray) else [values]
            now.world[name] = sequence[min(step, len(sequence) - 1)]


def scripted(*positions, values, wallet=None, n_steps=None, policies=(), **rest):
    """A book in a scripted world, of as many steps as its longest script."""
    longest = max(
        len(v) if isinstance(v, list | tuple | np.ndarray) else 1 for v in values.values()
    )
    steps = max(longest - 1, 1) if n_steps is None else n_steps
    return Book(
        name="scripted",
        scenario=Script(values),
        wallet={} if wallet is None else wallet,
        positions=positions,
        policies=policies,
        horizon_s=steps * rest.get("step_s", DAY_S),
        **rest,
    )


def opened(book, *, n_paths=1, seed=1):
    """A chunk of the book at its first instant."""
    return Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=seed))


def played(book, *, n_paths=1, seed=1, watchers=()):
    """A chunk of the book, played to its horizon; the books have been checked."""
    chunk = opened(book, n_paths=n_paths, seed=seed)
    play(chunk, book.n_steps, watchers)
    return chunk


def told(chunk, position, verb, amount=1.0, mask=None, spends=None):
    """Give an order and have it carried out at once."""
    everywhere = np.ones(chunk.paths.n_paths, np.bool_)
    order = Order(
        position=position,
        verb=verb,
        mask=everywhere if mask is None else mask,
        amount=amount,
        spends=spends,
    )
    place(chunk, (order,), 0.0)
    carry_out(chunk)
    chunk.hold()
    chunk.mark()
    chunk.ledger.check()


def seat(chunk, name):
    """A position's seat."""
    return next(s for s in chunk.positions if s.position.name == name)


def gauges(chunk, name):
    """A position's gauges as of now, as numbers of the first path."""
    s = seat(chunk, name)
    s.position.gauge(s.state, chunk.now, s.gauges)
    return {row: float(s.gauges[row][0]) for row in s.gauges.rows}


def entry(chunk, name, kind):
    """The value of a position's entries of a kind, on every path."""
    return chunk.books[f"value/{name}/{kind}"]
