"""The demonstration: three desks, offline, in under a minute, and one page that shows them all."""

from pathlib import Path

import typer

from headframe.apps.books import load_book
from headframe.apps.examples import example_path
from headframe.apps.progress import bar
from headframe.report.answer import Answer, run
from headframe.report.page import write_pages

DEMO = ("farm_3x", "mine_grid", "desk")
"""The examples that are shown."""


def play_demo(html: Path, *, n_paths: int | None = None, workers: int | None = None) -> None:
    """Run the examples, print their reports, and write one page."""
    answers: list[Answer] = []
    for name in DEMO:
        with bar() as progress:
            book = load_book(example_path(name))
            answers.append(run(book, n_paths=n_paths, workers=workers, progress=progress))
        answers[-1].report()
    page = write_pages([answer.findings for answer in answers], html, "headframe demo")
    typer.echo(f"The same with charts: {page}")
    typer.echo("Begin with one of them:")
    typer.echo("  headframe example farm_3x > my.toml && headframe run my.toml")
