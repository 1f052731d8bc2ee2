"""
What changes if I act: the same paths through several books, and their differences path by path.

Shocks belong to names and paths and not to books, so two books with the same processes see the same
world; the difference of two results then varies far less than either, and so does its error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.chunks import CHUNK, ExecutorName, ranges, results
from headframe.errors import InputError
from headframe.layout import Layout
from headframe.loop import play
from headframe.metric import BlockMoments, Estimate, Moments
from headframe.place import Place
from headframe.policy import Policy
from headframe.position import Position
from headframe.runs import Progress, settings_of
from headframe.tally import Settings, outcome_columns
from headframe.types import Array

FIGURES = ("wealth", "return", "drawdown", "loss", "liquidated", "default")
"""What is compared."""


@dataclass(frozen=True)
class Alternative:
    """A book beside the first: its own figures, and their differences from the first's."""

    name: str
    figures: dict[str, Estimate]
    differences: dict[str, Estimate]


def alternatives(book: Book) -> list[Book]:
    """
    What one might do instead.

    Each position may name its own (simply holding, without leverage, buying the coin); where the
    book has policies, doing nothing is one more.
    """
    out: list[Book] = []
    names = dict.fromkeys(n for p in book.positions for n in _others(p))
    for name in names:
        positions = tuple(o for p in book.positions for o in _others(p).get(name, (p,)))
        policies = tuple(policy for policy in book.policies if _can_serve(policy, positions))
        places = _places(book, name)
        out.append(replace(book, name=name, positions=positions, policies=policies, places=places))
    if any(not getattr(policy, "only_looks", False) for policy in book.policies):
        out.append(replace(book, name="without the policies", policies=()))
    return out


def _places(book: Book, name: str) -> dict[str, Place]:
    """
    Where the alternatives stand: where the position itself does.

    Under another name they are coins that are held, which no contract can lose or freeze.
    """
    found = dict(book.places)
    for position in book.positions:
        others, place = _others(position).get(name), book.places.get(position.name)
        if others is None or place is None:
            continue
        del found[position.name]
        calm = replace(place, kept=1.0, frozen=0.0, forced_out=0.0)
        found |= {o.name: place if o.name == position.name else calm for o in others}
    return found


def _others(position: Position) -> dict[str, tuple[Position, ...]]:
    """What a position offers instead of itself; most offer nothing."""
    offer: Callable[[], dict[str, tuple[Position, ...]]] | None
    offer = getattr(position, "alternatives", None)
    return {} if offer is None else offer()


def _can_serve(policy: Policy, positions: tuple[Position, ...]) -> bool:
    """Whether every position that a policy needs is there and can do what it asks."""
    by_name = {position.name: position for position in positions}
    return all(
        name in by_name
        and set(gauges) <= set(by_name[name].gauges)
        and set(verbs) <= set(by_name[name].verbs)
        for name, gauges, verbs in policy.needs
    )


def compare(
    books: Sequence[Book],
    *,
    n_paths: int | None = None,
    seed: int | None = None,
    executor: ExecutorName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    antithetic: bool = False,
    progress: Progress | None = None,
) -> list[Alternative]:
    """Play every book on the same paths; the first is the one that the others are held against."""
    first = books[0]
    for book in books[1:]:
        _check_alike(first, book)
    settings = min(
        (
            settings_of(
                book,
                n_paths or first.n_paths,
                first.seed if seed is None else seed,
                antithetic=antithetic,
            )
            for book in books
        ),
        key=lambda s: s.n_paths,
    )
    work = partial(_figures, tuple(books), tuple(book.plan() for book in books), settings)
    sides = ("own", "less")
    rows = [f"{k}/{side}/{f}" for k in range(len(books)) for side in sides for f in FIGURES]
    moments, done = Moments(rows), 0
    for n, part in results(
        work,
        ranges(settings.n_paths, CHUNK),
        executor=executor,
        workers=workers,
        scheduler=scheduler,
    ):
        moments.add(part)
        done += n
        if progress is not None:
            progress(done, settings.n_paths)
    return [
        Alternative(
            book.name,
            {f: moments.estimate(f"{k}/own/{f}") for f in FIGURES},
            {f: moments.estimate(f"{k}/less/{f}") for f in FIGURES},
        )
        for k, book in enumerate(books)
    ]


def _check_alike(first: Book, other: Book) -> None:
    """Only desks of one numeraire and one horizon can be held against each other."""
    like = f"as in {first.name}"
    if other.numeraire != first.numeraire:
        place = f"{other.name}: numeraire"
        raise InputError(place, other.numeraire, f"{first.numeraire}, {like}")
    if other.n_steps * other.clock_s != first.n_steps * first.clock_s:
        raise InputError(
            f"{other.name}: horizon", other.horizon_s, f"{first.horizon_s:g} s, {like}"
        )


def _figures(
    books: tuple[Book, ...], layouts: tuple[Layout, ...], settings: Settings, first: int, n: int
) -> tuple[int, BlockMoments]:
    base: Array | None = None
    rows = []
    for book, layout in zip(books, layouts, strict=True):
        chunk = Chunk(book, layout, settings.paths(first, n))
        play(chunk, book.n_steps)
        own = _of(chunk)
        base = own if base is None else base
        rows += [own, own - base]
    paired = settings.antithetic and n % 2 == 0
    return n, BlockMoments.of(np.concatenate(rows), np.zeros(0, np.int64), paired=paired)


def _of(chunk: Chunk) -> Array:
    """The figures of each path, in the order of `FIGURES`."""
    liquidated = np.zeros(chunk.books.n_paths)
    for seat in chunk.positions:
        if "liquidated_s" in seat.position.events:
            happened = seat.state["liquidated_s"] <= chunk.now.t_s
            liquidated = np.maximum(liquidated, happened)
    columns = outcome_columns(chunk) | {"liquidated": liquidated}
    return np.stack([columns[figure] for figure in FIGURES])
