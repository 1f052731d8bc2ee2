"""
Law 10: the books close, per asset and path, without a plug.

The wallet changes by the cash entries, what a position holds (with what it owes) by its held
entries, and wealth by entries and prices, within 1e-9 of turnover.
"""

import numpy as np
import pytest
from planted import in_book, with_fault
from tenants import every, opened, sample_of, stormy, walked

from headframe.errors import InvariantError
from headframe.layout import WALLET

TOLERANCE = 1e-9
"""The largest gap allowed, as a share of all that moved."""


def entries(chunk, *, flow):
    """Sum and gross of the entries by (account, asset): cash or held."""
    sums = {}
    for row in chunk.books.rows:
        if row.startswith("quantity/") and row.endswith(f"/{flow}"):
            _, account, _, asset, _ = row.split("/")
            total, gross = sums.get((account, asset), (0.0, 0.0))
            values = chunk.books[row]
            sums[account, asset] = (total + values, gross + np.abs(values))
    return sums


def holdings(chunk):
    """What is held, dues included, by (position, asset)."""
    held = {}
    for seat in chunk.positions:
        name = seat.position.name
        for asset in seat.position.assets:
            held[name, asset] = seat.held[asset].copy()
        for due in seat.position.dues:
            asset = chunk.book.resolve(due.asset)
            owed = chunk.books[f"owed/{name}/{due.name}"]
            held[name, asset] = held.get((name, asset), 0.0) + owed
    return held


def check(sample):
    """Play the sample in a storm, and hold its books against what they say."""
    book = stormy(sample)
    chunk = opened(book)
    already = {seat.position.name for seat in chunk.positions if _exists(seat.position)}
    start = {key: v for key, v in holdings(chunk).items() if key[0] in already}
    most = {}

    def look(chunk):
        chunk.ledger.check()
        for key, quantity in holdings(chunk).items():
            most[key] = np.maximum(most.get(key, 0.0), np.abs(quantity))
            total, gross = entries(chunk, flow="held").get(key, (0.0, 0.0))
            gap = np.abs(quantity - start.get(key, 0.0) - total)
            assert (gap <= TOLERANCE * (gross + most[key])).all(), f"holdings of {key}"
        cash = entries(chunk, flow="cash")
        for asset in book.wallet_assets():
            change = chunk.books[f"{WALLET}/{asset}"] - book.wallet.get(asset, 0.0)
            parts = [pair for (_, name), pair in cash.items() if name == asset]
            total = sum(pair[0] for pair in parts)
            gross = sum(pair[1] for pair in parts) + book.wallet.get(asset, 0.0)
            assert (np.abs(change - total) <= TOLERANCE * gross).all(), f"wallet of {asset}"
            assert (chunk.books[f"{WALLET}/{asset}"] >= -1e-9).all(), (
                f"no {asset} that is not there"
            )
        for block in (chunk.books, chunk.held, chunk.now.world):
            assert np.isfinite(block.data).all()

    walked(chunk, book.n_steps, look)


def _exists(position):
    return getattr(position, "held", None) is not None


@every()
def test_the_books_close(noun, kind):
    check(sample_of(noun, kind))


def test_a_fee_that_was_booked_and_never_received_is_noticed():
    def step(state, before, now, out):
        out.post("fee", "btc", 0.001)

    with pytest.raises(InvariantError, match="do not close"):
        check(in_book(with_fault(step=step)))


def test_a_token_booked_as_another_is_noticed():
    """The value is right, so only the books by asset show it."""

    def step(state, before, now, out):
        out.post("reward", "usdc", 0.001 * out.price("btc") / out.price("usdc"))
        state["quantity"] += 0.001

    with pytest.raises(AssertionError, match="holdings of"):
        check(in_book(with_fault(step=step)))
