"""
What every terminal report is drawn with: section titles, tables without lines, colours of a sign.

`show` prints them, no wider than is easy to read, and in ASCII where a terminal has nothing better.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Literal

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from headframe.report import strokes
from headframe.report.strokes import GAIN, LOSS, QUIET

WIDEST = 110
"""Lines longer than this are hard to read, however wide the terminal is."""
SPARE = 4
"""Columns kept free where signs are replaced by ASCII, some of which are longer."""
Side = Literal["left", "right"]
"""Which side of its column a cell stands on."""


def show(parts: Iterable[RenderableType], width: int | None, file: IO[str] | None) -> None:
    """Print renderables, at most `WIDEST` columns wide."""
    console = Console(file=file, width=width)
    console.width = min(console.width, WIDEST)
    draw(console, parts)


def draw(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print renderables on a console: text as it is, with no markup found in names."""
    console.print(Simplified(Group(*parts)), markup=False, highlight=False, emoji=False)


@dataclass(frozen=True)
class Simplified:
    """Something drawn with the signs that the terminal has."""

    body: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not options.ascii_only:
            yield self.body
            return
        signs = str.maketrans(strokes.PLAIN)
        narrower = options.update(width=max(options.max_width - SPARE, 1))
        for segment in console.render(self.body, narrower):
            plain = segment.text.translate(signs).encode("ascii", "replace").decode("ascii")
            yield Segment(plain, segment.style, segment.control)


def section(title: str, right: str = "") -> Table:
    """A section's title, a line, and at the right what its numbers are."""
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True)
    head.add_column(ratio=1)
    cells: list[RenderableType] = [Text(f"{title} ", "bold"), Rule(style=QUIET)]
    if right:
        head.add_column(justify="right")
        cells.append(Text(f" {right}", QUIET))
    head.add_row(*cells)
    return head


def grid(*sides: Side) -> Table:
    """A table without lines; cells that stand left may wrap."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for side in sides:
        table.add_column(justify=side, no_wrap=side == "right", overflow="fold")
    return table


def numeric(count: int) -> list[Side]:
    """So many columns of numbers."""
    return ["right"] * count


def indented(body: RenderableType) -> Padding:
    """Two columns in."""
    return Padding(body, (0, 0, 0, 2))


def signed_style(value: float) -> str:
    """The colour of a gain or a loss."""
    return GAIN if value > 0.0 else LOSS if value < 0.0 else ""


def signed_text(text: str, value: float) -> Text:
    """Text in the colour of a gain or a loss."""
    return Text(text, signed_style(value))
