"""
The answer: everything that a report tells, gathered once, whatever it is then told on.

An `Answer` is what a run of a book comes to: its metrics and, where asked for, what the
alternatives on the same paths come to. `report()` prints it, `html(path)` writes the page, `json()`
gives the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headframe.book import Book
from headframe.chunks import ExecutorName
from headframe.metrics.attribution import Share, attribution
from headframe.metrics.basis import Basis, bases
from headframe.metrics.breakeven import Profile, profiles
from headframe.metrics.events import Event, Extreme, events, extremes
from headframe.metrics.returns import Rates, Wealth, rates, wealth
from headframe.metrics.tail import Tail, tail
from headframe.runs import Progress
from headframe.runs import run as run_paths
from headframe.studies.compare import Alternative, alternatives, compare
from headframe.tally import Kept

COMPARED_PATHS = 16_000
"""Alternatives are played on at most so many paths: differences need few."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a run of a book comes to."""

    book: Book
    kept: Kept
    wealth: Wealth
    rates: Rates
    tail: Tail
    events: tuple[Event, ...]
    extremes: tuple[Extreme, ...]
    shares: tuple[Share, ...]
    profiles: tuple[Profile, ...]
    bases: tuple[Basis, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def partial(self) -> bool:
        """Whether the run was interrupted before its last path."""
        return self.kept.n_paths < self.kept.settings.n_paths

    def report(self, width: int | None = None) -> None:
        """Print the terminal report."""
        from headframe.report.terminal import print_answer

        print_answer(self, width=width)

    def html(self, path: str | Path) -> Path:
        """Write one self-contained page that works offline."""
        from headframe.report.page import write_page

        return write_page(self, Path(path))

    def json(self) -> dict[str, Any]:
        """The numbers, as described by `headframe schema --result`."""
        from headframe.report.numbers import numbers

        return numbers(self)


def answer(
    book: Book, kept: Kept, others: Sequence[Alternative] = (), notes: Sequence[str] = ()
) -> Answer:
    """Gather the metrics of what was kept."""
    return Answer(
        book=book,
        kept=kept,
        wealth=wealth(kept),
        rates=rates(kept),
        tail=tail(kept),
        events=tuple(events(kept)),
        extremes=tuple(extremes(kept)),
        shares=tuple(attribution(kept)),
        profiles=tuple(profiles(kept)),
        bases=tuple(bases(kept, book)),
        alternatives=tuple(others),
        notes=(*getattr(book.scenario, "notes", ()), *notes),
    )


def run(
    book: Book,
    *,
    n_paths: int | None = None,
    seed: int | None = None,
    executor: ExecutorName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    antithetic: bool = False,
    compared: bool = True,
    progress: Progress | None = None,
) -> Answer:
    """
    Simulate a book and answer: what does it earn, what can kill it, what changes if I act.

    `compared` plays the book's alternatives too, on the same paths. For the other parameters see
    `headframe.runs.run`.
    """
    kept = run_paths(
        book,
        n_paths=n_paths,
        seed=seed,
        executor=executor,
        workers=workers,
        scheduler=scheduler,
        antithetic=antithetic,
        progress=progress,
    )
    others: list[Alternative] = []
    if compared and kept.n_paths == kept.settings.n_paths:
        offers = alternatives(book)
        if offers:
            others = compare(
                [book, *offers],
                n_paths=min(kept.n_paths, COMPARED_PATHS),
                seed=kept.settings.seed,
                executor=executor,
                workers=workers,
                scheduler=scheduler,
                antithetic=antithetic,
            )
    return answer(book, kept, others)
