"""
The answer: what a run of a book found, and the three ways of telling it.

    hf.run(book).report()      on the terminal
    hf.run(book).html(path)    as one page that works offline
    hf.run(book).json()        as numbers
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headframe.book import Book
from headframe.chunks import ExecutorName
from headframe.report.findings import Findings, find
from headframe.runs import Progress
from headframe.runs import run as run_paths
from headframe.studies.compare import Alternative, alternatives, compare

COMPARED_PATHS = 16_000
"""Alternatives are played on at most so many paths: differences need few."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a run came to. Its findings (`wealth`, `tail`, `events`, ...) can be asked of it."""

    findings: Findings

    def __getattr__(self, name: str) -> Any:
        if name == "findings" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.findings, name)

    def report(self, width: int | None = None) -> None:
        """Print the terminal report."""
        from headframe.report.terminal import print_findings

        print_findings(self.findings, width=width)

    def html(self, path: str | Path) -> Path:
        """Write one self-contained page that works offline."""
        from headframe.report.page import write_page

        return write_page(self.findings, Path(path))

    def json(self) -> dict[str, Any]:
        """The numbers, as described by `headframe schema --result`."""
        from headframe.report.numbers import numbers

        return numbers(self.findings)


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
    return Answer(find(book, kept, others))
