"""Walk through a scenario without any position in it, and tables made on the spot."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import move_world
from headframe.scenario import Paths
from headframe.units import DAY_S

MIDNIGHT = 1_577_836_800.0
"""2020-01-01 00:00 UTC."""


@dataclass
class Made:
    """A table made of arrays."""

    ts: np.ndarray
    columns: dict = field(default_factory=dict)
    source: str = "made.csv"

    def column(self, name):
        return self.columns[name]


@pytest.fixture(scope="session")
def table():
    """`table(n, every_s, price=[...])` is a regular table from 2020 on."""

    def make(n, every_s=DAY_S, first_ts=MIDNIGHT, **columns):
        ts = first_ts + every_s * np.arange(n)
        return Made(ts, {name: np.asarray(v, np.float64) for name, v in columns.items()})

    return make


@pytest.fixture(scope="session")
def watch():
    """Every observable at the opening and after each step: name -> (n_steps + 1, n_paths)."""

    def seen(scenario, n_steps, *, step_s=DAY_S, n_paths=None, first=0, seed=1, **book):
        made = Book(
            name="a world", scenario=scenario, step_s=step_s, horizon_s=n_steps * step_s, **book
        )
        n = n_paths or scenario.limit(made.horizon_s) or 1
        chunk = Chunk(made, made.plan(), Paths(first=first, n_paths=n, seed=seed))
        ticks = [chunk.now.world.data.copy()]
        for _ in range(n_steps):
            move_world(chunk)
            ticks.append(chunk.now.world.data.copy())
        rows = {name: k for k, name in enumerate(chunk.now.world.rows)}
        return {name: np.array([tick[k] for tick in ticks]) for name, k in rows.items()}

    return seen
