"""A world of a few processes to walk through, step by step, without any position in it."""

import sys
from pathlib import Path

import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import move_world
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.units import DAY_S

sys.path.insert(0, str(Path(__file__).parents[1] / "stage"))


@pytest.fixture(scope="session")
def walk():
    """`walk(processes, n_steps)` gives the tick of the opening and of each step after it."""

    def steps(
        processes,
        n_steps,
        *,
        step_s=DAY_S,
        n_paths=20_000,
        seed=1,
        first=0,
        start_ts=1_767_225_600.0,
        **model,
    ):
        book = Book(
            name="a world",
            scenario=Model(processes=tuple(processes), **model),
            step_s=step_s,
            horizon_s=step_s * n_steps,
            start_ts=start_ts,
        )
        chunk = Chunk(book, book.plan(), Paths(first=first, n_paths=n_paths, seed=seed))
        yield chunk.now
        for _ in range(n_steps):
            move_world(chunk)
            yield chunk.now

    return steps


@pytest.fixture(scope="session")
def end(walk):
    """The last tick of a walk."""

    def last(*args, **kwargs):
        for now in walk(*args, **kwargs):
            tick = now
        return tick

    return last


@pytest.fixture(scope="session")
def within():
    """Assert that a sample's mean lies within 4 of its standard errors of what it should be."""

    def check(sample, expected, *, bias=0.0):
        se = sample.std() / sample.size**0.5
        assert abs(sample.mean() - expected) <= 4.0 * se + bias, (sample.mean(), expected, se)

    return check
