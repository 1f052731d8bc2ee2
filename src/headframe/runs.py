"""
Run a book: many paths in chunks, reduced as they come.

    run(book) -> Kept

The answer is the same to the last bit for any chunk size, number of workers and executor. An
interrupted run gives what it has, marked as partial.
"""

from collections.abc import Callable
from functools import partial

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.chunks import CHUNK, ExecutorName, ranges, results
from headframe.errors import InputError
from headframe.metric import BLOCK
from headframe.refusals import check_opening
from headframe.tally import Kept, Part, Settings, controls_of, save_steps, tally_chunk

Progress = Callable[[int, int], None]
"""Told how many paths are done, and of how many."""


def settings_of(
    book: Book, n_paths: int | None, seed: int | None, *, antithetic: bool = False
) -> Settings:
    """The book's own numbers where none are given, held to what its world has."""
    wanted = book.n_paths if n_paths is None else n_paths
    if wanted < 1:
        raise InputError("paths", wanted, "1 or more")
    limit = book.scenario.limit(book.horizon_s)
    if limit is not None and limit < 1:
        raise InputError("horizon", book.horizon_s, "no longer than the history")
    wanted = wanted if limit is None else min(wanted, limit)
    if antithetic and wanted % 2:
        raise InputError("paths", wanted, "an even number, where paths are antithetic")
    return Settings(n_paths=wanted, seed=book.seed if seed is None else seed, antithetic=antithetic)


def check(book: Book) -> None:
    """Open one path of a book: raises `InputError` where the desk breaks its house's rules."""
    settings = settings_of(book, 1, None)
    check_opening(Chunk(book, book.plan(), settings.paths(0, 1)))


def run(
    book: Book,
    *,
    n_paths: int | None = None,
    seed: int | None = None,
    executor: ExecutorName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    antithetic: bool = False,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Kept:
    """
    Simulate a book.

    Parameters
    ----------
    n_paths, seed
        The book's own by default; a history has no more paths than it has start dates.
    executor, workers, scheduler
        `serial`, `threads`, `processes` or `dask`, how many, and a Dask scheduler's address.
    antithetic
        Mirror each even path in the odd one after it.
    chunk
        Paths in a chunk, a multiple of the block of 1,000.
    progress
        Called after each chunk with paths done and paths in all.

    Returns
    -------
    Kept
        Moments, sketches and profiles; `n_paths` is less than asked where the run was interrupted.
    """
    if chunk % BLOCK:
        raise InputError("chunk", chunk, f"a multiple of {BLOCK}")
    settings = settings_of(book, n_paths, seed, antithetic=antithetic)
    work = partial(tally_chunk, book, book.plan(), settings)
    tasks = ranges(settings.n_paths, chunk)
    kept: Kept | None = None
    try:
        for part in results(work, tasks, executor=executor, workers=workers, scheduler=scheduler):
            kept = _first(book, settings, part) if kept is None else kept
            kept.add(part)
            if progress is not None:
                progress(kept.n_paths, settings.n_paths)
    except KeyboardInterrupt:
        if kept is None:
            raise
    assert kept is not None
    return kept


def _first(book: Book, settings: Settings, part: Part) -> Kept:
    return Kept(
        settings=settings,
        saved_s=tuple(step * book.clock_s for step in save_steps(book.n_steps)),
        controls=controls_of(book),
        rows=part.rows,
        joint=part.joint,
    )
