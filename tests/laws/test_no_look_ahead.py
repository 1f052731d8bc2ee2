"""
Law 2: changing the future leaves everything before it bit-identical.

Two runs share their draws up to one step and have different ones afterwards; up to that step every
number of theirs agrees to the last bit: prices, states, books, and what policies did.
"""

import defi
import numpy as np
import pytest
from samples import book as usual_book
from tenants import (
    TABLES,
    assert_same_bits,
    bits,
    every,
    opened,
    sample_of,
    stormy,
    walked,
)

from headframe.position import Order
from headframe.scenario import Paths
from headframe.scenarios.draws import Draws

FORK = 10
"""The last step that the two runs share."""


class Forked:
    """Draws that are another seed's from a number of calls on."""

    def __init__(self, draws, paths, calls):
        other = Paths(first=paths.first, n_paths=paths.n_paths, seed=paths.seed + 1)
        self.streams, self.keys, self.calls = draws.streams, draws.keys, calls
        self._one, self._other = draws, Draws(draws.streams, other)

    def at(self, step):
        if step < self.calls:
            return self._one.at(step)
        if step == self.calls and step % 2:
            self._other.at(step - 1)
        return self._other.at(step)


def forked(book, *, seed_changes):
    """A chunk whose draws after `FORK` are another seed's where that is asked."""
    chunk = opened(book)
    if seed_changes:
        chunk.draws = Forked(chunk.draws, chunk.paths, FORK)
        for every_, draws in chunk.scenario.draws.items():
            chunk.scenario.draws[every_] = Forked(draws, chunk.paths, FORK // every_)
    return chunk


def histories(book):
    """All numbers after each of the shared steps, and the world at the end, of both runs."""
    for changes in (False, True):
        seen = []

        def look(chunk, seen=seen):
            if chunk.now.step <= FORK:
                seen.append(
                    bits(chunk) | {f"w/{n}": chunk.now[n].copy() for n in chunk.now.world.rows}
                )

        chunk = walked(forked(book, seed_changes=changes), book.n_steps, look)
        yield seen, chunk.now.world.data.copy()


def check(book):
    """Nothing up to the fork may differ; the end must, or the trial has tried nothing."""
    (one, end), (other, other_end) = histories(book)
    assert (end != other_end).any(), "the two futures are the same: nothing was tried"
    for step, (here, there) in enumerate(zip(one, other, strict=True)):
        assert_same_bits(here, there, why=f"step {step} knew the future")


@every()
def test_no_tenant_knows_the_future(noun, kind):
    check(stormy(sample_of(noun, kind)))


class Peeking:
    """A policy with a hand on the draws: it sells before the price falls."""

    name, kind, every_s, lag_s = "peek", "peek", None, 0.0
    fields, trades, reads = (), (), ()
    needs = (("savings", (), ("close",)),)

    def __init__(self):
        self.chunk = None

    def wire(self, layout, dt_s):
        return None

    def open(self, state, view, now):
        self.chunk = view._chunk

    def decide(self, state, view, now):
        draws = self.chunk.scenario.draws[1]
        tomorrow = draws.at(now.step)["btc_usd"].copy()
        if now.step % 2:
            draws.at(now.step - 1)
        mask = tomorrow < -1.0
        return (Order(position="savings", verb="close", mask=mask),) if mask.any() else ()


def test_a_policy_that_peeks_is_noticed():
    with pytest.raises(AssertionError, match="knew the future"):
        check(usual_book(defi.held_asset(), policies=(Peeking(),)))


def test_the_fork_is_within_every_sample():
    for table in TABLES.values():
        assert all(sample.book().n_steps > FORK for sample in table.values())
    assert np.isfinite(FORK)
