"""A progress bar on stderr, for people only: nothing is drawn where stderr is not a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from headframe.runs import Progress


@contextmanager
def bar() -> Iterator[Progress | None]:
    """A callback for runs that draws how far they are; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("paths"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("paths", total=None)

        def tell(done: int, total: int) -> None:
            drawn.update(task, completed=done, total=total)

        yield tell
