"""
The command line: one command a question.

Results go to stdout and nothing else does; progress and errors go to stderr, an error as one line
that says what to change. Exit codes: 0 fine, 1 failure or interruption, 2 bad usage or input.
Heavy libraries are imported inside the commands, so that help is instant.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from headframe.apps.network import app as network_app
from headframe.apps.pool import app as pool_app
from headframe.apps.replay import replay
from headframe.apps.strike import strike

app = typer.Typer(
    name="headframe",
    help="The quant desk for crypto mining: what does it earn, and what can kill it?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.add_typer(network_app, name="network")
app.add_typer(pool_app, name="pool")
app.command()(replay)
app.command()(strike)


class Listed(StrEnum):
    """What can be listed by itself."""

    gas = "gas"
    machines = "machines"
    incidents = "incidents"


class ExecutorChoice(StrEnum):
    """Who does the work."""

    serial = "serial"
    threads = "threads"
    processes = "processes"
    dask = "dask"


BookArgument = Annotated[Path, typer.Argument(metavar="BOOK", help="A book in TOML.")]
Paths = Annotated[int | None, typer.Option("--paths", min=1, help="Paths; the book's by default.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed; the book's by default.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Workers; one a processor.")]
ExecutorOption = Annotated[ExecutorChoice, typer.Option("--executor", help="Who does the work.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler to use.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Replace a value: position.farm.leverage=2."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a web page too.")]
Antithetic = Annotated[bool, typer.Option("--antithetic", help="Mirror each path in the next.")]


@app.command()
def run(
    book: BookArgument,
    paths: Paths = None,
    seed: Seed = None,
    workers: Workers = None,
    executor: ExecutorOption = ExecutorChoice.threads,
    scheduler: Scheduler = None,
    set_: Set = None,
    html: Html = None,
    json: Json = False,
    antithetic: Antithetic = False,
    alternatives: Annotated[bool, typer.Option(help="Also play what one might do instead.")] = True,
    trace: Annotated[
        str | None, typer.Option(metavar="PATHS", help="Keep the journal of paths: 0,7 or 0-9.")
    ] = None,
    trace_file: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the journal goes: .csv or .parquet.")
    ] = Path("trace.csv"),
) -> None:
    """What does it earn, and what can kill it?"""
    from headframe.apps.journal import journal_of, write_journal
    from headframe.apps.progress import bar
    from headframe.report.answer import run as run_book

    loaded = _load(book, set_)
    traced = journal_of(trace, trace_file) if trace is not None else []
    with bar() as progress:
        answer = run_book(
            loaded,
            n_paths=paths,
            seed=seed,
            executor=executor.value,
            workers=workers,
            scheduler=scheduler,
            antithetic=antithetic,
            compared=alternatives,
            progress=progress,
        )
    _tell(answer, json)
    if traced:
        written = write_journal(loaded, traced, trace_file, seed=seed, antithetic=antithetic)
        _say(f"journal of {written} entries in {trace_file}")
    if html is not None:
        _say(f"page in {answer.html(html)}")
    if answer.partial:
        raise typer.Exit(1)


@app.command()
def compare(
    books: Annotated[list[Path], typer.Argument(metavar="BOOK...", help="Books in TOML.")],
    paths: Paths = None,
    seed: Seed = None,
    workers: Workers = None,
    executor: ExecutorOption = ExecutorChoice.threads,
    scheduler: Scheduler = None,
    set_: Set = None,
    json: Json = False,
    antithetic: Antithetic = False,
) -> None:
    """
    What changes if I act? Differences on the same paths, with their standard errors.

    With one book: against simply holding, against the same without leverage, and for a mine
    against buying the coin. With several: each against the first.
    """
    from headframe.apps.progress import bar
    from headframe.studies.compare import alternatives
    from headframe.studies.compare import compare as compare_books

    loaded = [_load(path, set_) for path in books]
    offers = loaded if len(loaded) > 1 else [loaded[0], *alternatives(loaded[0])]
    with bar() as progress:
        found = compare_books(
            offers,
            n_paths=paths,
            seed=seed,
            executor=executor.value,
            workers=workers,
            scheduler=scheduler,
            antithetic=antithetic,
            progress=progress,
        )
    if json:
        from headframe.report.numbers import comparison_numbers

        _print_json(comparison_numbers(found, offers[0]))
    else:
        from headframe.report.terminal import print_comparison

        print_comparison(found, offers)


@app.command()
def check(book: BookArgument, set_: Set = None) -> None:
    """Read a book and say what it holds; exit code 2 where something is wrong."""
    from headframe.errors import InputError
    from headframe.runs import check as check_opening

    loaded = _load(book, set_)
    try:
        check_opening(loaded)
    except InputError as error:
        raise error.within(book.name) from None
    typer.echo(
        f"{book}: fine. {loaded.name}: {_count(loaded.positions, 'position')}, "
        f"{_count(loaded.policies, 'policy', 'policies')}, {_count(loaded.venues, 'venue')}; "
        f"{loaded.n_steps} steps of {loaded.clock_s:g} s in {loaded.numeraire}"
    )


@app.command()
def schema(
    result: Annotated[bool, typer.Option("--result", help="The schema of --json instead.")] = False,
) -> None:
    """Print the JSON schema of a book, for editors that complete and check TOML."""
    if result:
        from headframe.report.schema import result_schema

        _print_json(result_schema())
    else:
        from headframe.book_schema import book_schema

        _print_json(book_schema())


@app.command("list")
def list_(
    what: Annotated[
        Listed | None,
        typer.Argument(help="Machines of mines, gas of transactions, contracts that broke."),
    ] = None,
    json: Json = False,
) -> None:
    """List kinds of process, venue, position, policy, scenario; or one table."""
    from headframe.apps import listing

    if what is None and json:
        _print_json(listing.listing())
    elif what is None:
        listing.print_listing()
    elif json:
        _print_json(listing.LISTINGS[what]())
    else:
        typer.echo("\n".join(listing.LINES[what]()))


@app.command()
def example(
    name: Annotated[str | None, typer.Argument(help="Which one; without, their names.")] = None,
) -> None:
    """Print an example book: a place to start (headframe example farm > my.toml)."""
    from headframe.apps.examples import example_names, example_text

    if name is None:
        typer.echo("\n".join(example_names()))
    else:
        typer.echo(example_text(name), nl=False)


@app.command()
def demo(
    html: Annotated[
        Path, typer.Option("--html", metavar="FILE", help="Where the page goes.")
    ] = Path("headframe-demo.html"),
    paths: Paths = None,
    workers: Workers = None,
) -> None:
    """Three desks in under a minute: a leveraged farm, a bitcoin mine, and both with hedges."""
    from headframe.apps.demo import play_demo

    play_demo(html, n_paths=paths, workers=workers)


@app.command()
def calibrate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A table, CSV or Parquet.")],
    column: Annotated[str, typer.Option("--column", help="The column to fit.")],
    process: Annotated[
        str, typer.Option("--process", help="What to fit: gbm, jumps, power ...")
    ] = "gbm",
    name: Annotated[str | None, typer.Option("--name", help="What the process is called.")] = None,
    time: Annotated[str | None, typer.Option("--time", help="The column of dates.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="First date used.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last date used.")] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Power: fit the earlier rows, compare with the later.")
    ] = False,
    split: Annotated[
        str | None, typer.Option("--split", help="Report: first date that is not fitted.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Report: the numbers as JSON.")] = False,
) -> None:
    """Fit a process to a table and print it as TOML, with standard errors."""
    from headframe.apps.calibration import calibrated_toml, power_report
    from headframe.errors import InputError

    if not (report or split is not None or json):
        fragment = calibrated_toml(
            table, column=column, process=process, name=name, time=time, since=since, until=until
        )
        typer.echo(fragment, nl=False)
        return
    if process != "power":
        raise InputError("process", process, "power: there is no report of other fits")
    told = power_report(
        table, column=column, split=split, name=name, time=time, since=since, until=until
    )
    if json:
        _print_json(told.json())
    else:
        from headframe.report.power_fit import power_fit_text

        typer.echo(power_fit_text(told), nl=False)


@app.command()
def version() -> None:
    """Print the version."""
    import headframe

    typer.echo(headframe.__version__)


def _load(path: Path, set_: list[str] | None) -> Any:
    from headframe.apps.books import load_book
    from headframe.apps.overrides import overrides

    return load_book(path, overrides(set_ or []))


def _tell(answer: Any, json: bool) -> None:
    if json:
        _print_json(answer.json())
    else:
        answer.report()


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, allow_nan=False))


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _count(items: tuple[object, ...], one: str, many: str | None = None) -> str:
    return f"{len(items)} {one if len(items) == 1 else many or one + 's'}"


def main() -> None:
    """Start the command line; turn every error that is the user's into one line."""
    try:
        app()
    except KeyboardInterrupt:
        _say("interrupted before the first result")
        sys.exit(1)
    except Exception as error:
        from headframe.errors import DataError, HeadframeError, InputError

        if not isinstance(error, HeadframeError):
            raise
        _say(f"headframe: {error}")
        sys.exit(2 if isinstance(error, InputError | DataError) else 1)
