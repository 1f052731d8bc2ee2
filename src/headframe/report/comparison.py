"""
What changes if I act, on a terminal: books beside each other on the same paths.

Differences are path by path, so their errors are far smaller than those of the books; one that is
within two standard errors of zero is shown dim.
"""

from collections.abc import Iterator, Sequence
from typing import IO

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from headframe.book import Book
from headframe.metric import Estimate
from headframe.report import story
from headframe.report.formats import (
    duration,
    points_with_error,
    probability,
    unit,
    with_error,
)
from headframe.report.shapes import grid, indented, numeric, section, show, signed_style
from headframe.report.strokes import QUIET
from headframe.studies.compare import Alternative

CHANCES = ("loss", "liquidated", "default")
"""Probabilities that are compared."""


def print_comparison(
    alternatives: Sequence[Alternative],
    books: Sequence[Book],
    width: int | None = None,
    file: IO[str] | None = None,
) -> None:
    """Print books beside the first of them."""
    show(comparison_parts(alternatives, books[0]), width, file)


def comparison_parts(others: Sequence[Alternative], book: Book) -> Iterator[RenderableType]:
    """Title, table and a sentence for each alternative."""
    length = duration(book.n_steps * book.clock_s)
    yield Text()
    yield section("What changes if I act", f"{unit(book.numeraire)} after {length}, same paths")
    yield from comparison_body(others, book.numeraire)
    if len(others) < 2:
        yield indented(Text(f"There is nothing to hold {book.name} against.", QUIET))
    yield Text()


def comparison_body(others: Sequence[Alternative], numeraire: str) -> Iterator[RenderableType]:
    """The table, how to read it, and what follows from it."""
    yield indented(_table(others))
    if len(others) > 1:
        legend = "differences: mean in {}, chances in points; dim: not to be told from zero"
        yield indented(Text(legend.format(unit(numeraire)), QUIET))
        yield Text()
        yield indented(Text(story.advice(others, numeraire)))


def _table(others: Sequence[Alternative]) -> Table:
    """The first book as it is, then what the others add to it or take from it."""
    chances = [f for f in CHANCES if any(o.figures[f].value > 0.0 for o in others)]
    table = grid("left", *numeric(1 + len(chances)))
    heads = ("", "mean at the end", *chances)
    table.add_row(*(Text(head, QUIET) for head in heads))
    first = others[0].figures
    table.add_row(
        Text(others[0].name, "bold"),
        with_error(first["wealth"]),
        *(probability(first[f].value) for f in chances),
    )
    for other in others[1:]:
        d = other.differences
        mean = _difference(d["wealth"], with_error(d["wealth"], signed=True), good=1.0)
        odds = [_difference(d[f], points_with_error(d[f]), good=-1.0) for f in chances]
        table.add_row(other.name, mean, *odds)
    return table


def _difference(estimate: Estimate, text: str, *, good: float) -> Text:
    """A difference in the colour of what it means: more mean is good, more liquidation is not."""
    return Text(text, signed_style(good * estimate.value) if story.told(estimate) else QUIET)
