"""
The answer on a terminal, at its best on 80 columns.

What is asked first stands first: what it earns, where the money comes from and goes, what can kill
it, what changes if I act, where it breaks even, and how the numbers were made. Each question is a
function from an answer to what rich can draw. Colour is never needed, and terminals without Unicode
get the same in ASCII.
"""

from collections.abc import Iterator
from typing import IO

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from headframe.report import story
from headframe.report.comparison import comparison_body
from headframe.report.comparison import print_comparison as print_comparison
from headframe.report.findings import Findings
from headframe.report.formats import duration, unit
from headframe.report.shapes import indented, section, show, signed_style
from headframe.report.strokes import QUIET
from headframe.report.terminal_money import (
    by_chain,
    what_cover_cost,
    what_it_earns,
    where_it_comes_from,
)
from headframe.report.terminal_risk import what_can_kill_it, where_it_breaks_even
from headframe.report.yields import what_is_advertised

LOUD = "bold white on red"
"""The style of what must not be missed."""


def print_findings(answer: Findings, width: int | None = None, file: IO[str] | None = None) -> None:
    """Print the report; `width` in columns is the terminal's own by default, 110 at most."""
    show(answer_parts(answer), width, file)


def answer_parts(answer: Findings) -> Iterator[RenderableType]:
    """Everything that the report prints, from the top down."""
    yield from masthead(answer)
    yield from what_it_earns(answer)
    yield from what_is_advertised(answer)
    yield from where_it_comes_from(answer)
    yield from what_cover_cost(answer)
    yield from by_chain(answer)
    yield from what_can_kill_it(answer)
    yield from what_changes(answer)
    yield from where_it_breaks_even(answer)
    yield from how_it_was_made(answer)


def masthead(answer: Findings) -> Iterator[RenderableType]:
    """Name, headline and odds; loudly, when the run was interrupted."""
    yield Text()
    yield from _partial(answer)
    body = Text(story.headline(answer), "bold")
    body.append("\n" + story.result_sentence(answer), "not bold")
    body.append("\n\n" + " ".join(story.odds_sentences(answer)), "not bold")
    if answer.bases:
        body.append("\n\n" + " ".join(story.held_sentences(answer)), "not bold")
    n, length = answer.kept.n_paths, duration(story.horizon_s(answer))
    yield Panel(
        body,
        title=Text(answer.book.name, "bold"),
        title_align="left",
        subtitle=Text(f"{n:,} path{'' if n == 1 else 's'}, {length}", QUIET),
        subtitle_align="right",
        box=box.ROUNDED,
        border_style=signed_style(story.earned(answer).result.value),
        padding=(0, 1),
    )


def _partial(answer: Findings) -> Iterator[RenderableType]:
    if answer.partial:
        yield Text(f" {story.partial_words(answer)} ", LOUD)
        yield Text()


def what_changes(answer: Findings) -> Iterator[RenderableType]:
    """The alternatives, as differences from the book on the same paths."""
    others = answer.alternatives
    if len(others) < 2:
        return
    yield Text()
    yield section("What changes if I act", f"{unit(answer.book.numeraire)}, on the same paths")
    yield from comparison_body(others, answer.book.numeraire)


def how_it_was_made(answer: Findings) -> Iterator[RenderableType]:
    """Notes and provenance."""
    yield Text()
    yield section("How it was made")
    for note in answer.notes:
        yield indented(Text(f"Note: {note}"))
    yield indented(Text(story.made_sentences(answer), QUIET))
    yield Text()
    yield from _partial(answer)
