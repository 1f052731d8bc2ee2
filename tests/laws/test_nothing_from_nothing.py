"""Law 8: zero size gives zero entries, fixed costs apart."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import samples
from planted import Planted, in_book, with_fault
from samples import Sample
from tenants import every, played, sample_of


def emptied(position):
    """The same position with zeros in its deposit, in what is held, and in its size."""
    changes = {}
    if getattr(position, "deposit", None) is not None:
        changes["deposit"] = dict.fromkeys(position.deposit, 0.0)
    held = getattr(position, "held", None)
    if is_dataclass(held):
        numbers = [f.name for f in fields(held) if isinstance(getattr(held, f.name), float)]
        changes["held"] = replace(held, **dict.fromkeys(numbers, 0.0))
    if isinstance(getattr(position, "size", None), float):
        changes["size"] = 0.0
    return replace(position, **changes)


def book_of_nothing(sample):
    """The sample's book with its positions at zero size."""
    if sample.nothing is not None:
        return sample.nothing()
    book = sample.book()
    return book.with_(positions=tuple(emptied(position) for position in book.positions))


def check(sample):
    """Play it: the only entries are fixed costs, and wealth is the wallet's."""
    book = book_of_nothing(sample).with_(policies=())
    chunk = played(book)
    for row in chunk.books.rows:
        noun, _, rest = row.partition("/")
        if noun in ("market", "value", "quantity") and not rest.startswith("wallet"):
            kind = rest.split("/")[1] if noun != "market" else "market"
            if kind not in sample.fixed:
                assert (chunk.books[row] == 0.0).all(), f"{row} of nothing"
    assert (chunk.held.data == 0.0).all(), "nothing holds something"
    assert np.isfinite(chunk.books.data).all()


@every("position", "venue")
def test_nothing_comes_from_nothing(noun, kind):
    check(sample_of(noun, kind))


def test_a_fee_on_nothing_is_noticed():
    def step(state, before, now, out):
        out.post("penalty", "btc", np.full(state.n_paths, -1e-6))
        state["quantity"] -= 1e-6

    nothing = Planted(emptied(with_fault()._sound), lines=with_fault().lines, step=step)
    sample = in_book(nothing)
    planted = Sample(sample.book, nothing=lambda: samples.book(nothing))
    with pytest.raises(AssertionError, match="of nothing"):
        check(planted)
