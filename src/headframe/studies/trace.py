"""
The full journal of a few paths: every entry, with its time, quantity and price.

A path's bits do not depend on its chunk, so each is played again on its own; what changed in the
books between two steps is what was booked in that step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.scenario import Paths
from headframe.types import Array


@dataclass(frozen=True)
class JournalEntry:
    """One entry of one path; `price` is that of the asset in the numeraire at that time."""

    path: int
    t_s: float
    unix_ts: float
    position: str
    kind: str
    asset: str
    flow: str
    quantity: float
    price: float


def trace(
    book: Book, path_ids: Sequence[int], *, seed: int | None = None, antithetic: bool = False
) -> Iterator[JournalEntry]:
    """The journal of the given paths, path by path, in order of time."""
    limit = book.scenario.limit(book.horizon_s)
    for path in path_ids:
        if path < 0 or (limit is not None and path >= limit):
            allowed = "0 or more" if limit is None else f"from 0 to {limit - 1}"
            raise InputError("trace", path, f"path numbers {allowed}")
        yield from _trace_one(book, path, book.seed if seed is None else seed, antithetic)


def _trace_one(book: Book, path: int, seed: int, antithetic: bool) -> list[JournalEntry]:
    journal: list[JournalEntry] = []
    last: dict[str, float] = {}

    def watch(chunk: Chunk) -> None:
        for row in chunk.books.rows:
            if row.startswith("quantity/"):
                value = float(chunk.books[row][0])
                if value != last.get(row, 0.0):
                    journal.append(_entry(chunk, path, row, value - last.get(row, 0.0)))
                    last[row] = value

    paths = Paths(first=path, n_paths=1, seed=seed, antithetic=antithetic)
    play(Chunk(book, book.plan(), paths), book.n_steps, (watch,))
    return journal


def _entry(chunk: Chunk, path: int, row: str, quantity: float) -> JournalEntry:
    _, position, kind, asset, flow = row.split("/")
    price: Array = chunk.now.world.data[chunk.layout.price(asset)]
    return JournalEntry(
        path=path,
        t_s=chunk.now.t_s,
        unix_ts=float(chunk.now["unix_ts"][0]),
        position=position,
        kind=kind,
        asset=asset,
        flow=flow,
        quantity=quantity,
        price=float(price[0]),
    )
