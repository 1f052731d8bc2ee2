"""
Draw a book's terminal report as an SVG picture, for the README.

    python tools/draw_report.py examples/farm_3x.toml docs/images/report.svg --paths 20000

The same book, paths and seed give the same file to the byte. The picture asks for nothing from
elsewhere: its font is whatever monospaced one the reader has.
"""

import argparse
import io
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from headframe.book_file import load_book
from headframe.errors import InputError
from headframe.report.answer import run as run_book
from headframe.report.findings import Findings
from headframe.report.shapes import draw
from headframe.report.terminal import answer_parts

WIDTH = 80
"""Columns of the picture."""
THEME = TerminalTheme(
    (23, 25, 30),
    (216, 218, 222),
    [
        (40, 44, 52),
        (232, 112, 96),
        (120, 200, 130),
        (224, 176, 96),
        (110, 160, 230),
        (190, 140, 220),
        (84, 176, 188),
        (216, 218, 222),
    ],
    [
        (110, 116, 128),
        (244, 134, 118),
        (146, 220, 154),
        (240, 200, 130),
        (140, 184, 244),
        (208, 166, 236),
        (240, 205, 130),
        (245, 246, 248),
    ],
)
"""Colours on a dark ground, as many terminals have them."""
FRAME = """<svg class="report" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
<rect fill="#17191e" x="0" y="0" width="{width}" height="{height}" rx="10"/>
<g transform="translate({terminal_x}, 20)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""The picture around the text: rich's own would fetch a font from elsewhere."""


def picture(answer: Findings, width: int = WIDTH) -> str:
    """The terminal report of an answer as SVG."""
    console = Console(
        record=True,
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    draw(console, answer_parts(answer))
    return console.export_svg(code_format=FRAME, theme=THEME, unique_id="report")


def main() -> int:
    """Run the book and write its picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("book", type=Path)
    parser.add_argument("svg", type=Path)
    parser.add_argument("--paths", type=int, default=None)
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    try:
        answer = run_book(load_book(args.book), n_paths=args.paths, seed=args.seed).findings
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    args.svg.parent.mkdir(parents=True, exist_ok=True)
    args.svg.write_text(picture(answer), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
