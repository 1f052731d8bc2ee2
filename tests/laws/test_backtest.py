"""
Law 4: a backtest is a simulation with one path.

What a path of a model saw is written into a table and played again as history: every number comes
out the same to the last bit.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from planted import in_book, with_fault
from tenants import assert_same_bits, bits, every, opened, sample_of, stormy, walked

from headframe.scenarios.columns import Column, Series
from headframe.scenarios.history import History

PATHS = (0, 7, 19)
"""Paths that are played again."""


@dataclass(frozen=True)
class Seen:
    """A table of what one path saw, step by step."""

    ts: np.ndarray
    columns: dict
    source = "a path of the model"

    def column(self, name):
        return self.columns[name]


def check(book):
    """Play a few paths together, then each alone in the history that it saw."""
    names = book.scenario.publishes
    seen = {name: [] for name in names}

    def look(chunk):
        for name in names:
            seen[name].append(chunk.now[name].copy())

    together = bits(walked(opened(book), book.n_steps, look))
    ts = book.start_ts + book.clock_s * np.arange(book.n_steps + 1)
    for path in PATHS:
        table = Seen(
            ts, {name: np.array([row[path] for row in rows]) for name, rows in seen.items()}
        )
        series = tuple(Series.of(name, Column(column=name), table) for name in names)
        history = book.with_(scenario=History(series=series, repeats=path + 1))
        assert history.scenario.limit(history.horizon_s) == path + 1
        alone = walked(opened(history, first=path, n_paths=1), history.n_steps)
        one = {name: row[path : path + 1] for name, row in together.items()}
        assert_same_bits(one, bits(alone), why=f"path {path} alone")


@every()
def test_a_path_alone_is_the_path_among_many(noun, kind):
    check(stormy(sample_of(noun, kind)))


def test_a_position_that_counts_the_paths_is_noticed():
    def step(state, before, now, out):
        gained = np.full(state.n_paths, 1e-3 / state.n_paths)
        out.post("reward", "btc", gained)
        state["quantity"] += gained

    with pytest.raises(AssertionError, match="alone"):
        check(in_book(with_fault(step=step)).book())
