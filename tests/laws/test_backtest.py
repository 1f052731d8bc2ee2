"""
Law 4: a backtest is a simulation with one path.

What a path of a model saw is written down and played again as the only path of a scripted world:
every number comes out the same to the last bit.
"""

import numpy as np
import pytest
from planted import in_book, with_fault
from scripted import Script
from tenants import assert_same_bits, bits, every, opened, sample_of, stormy, walked

PATHS = (0, 7, 19)
"""Paths that are played again."""


def check(book):
    """Play a few paths together, then each alone in the world that it saw."""
    names = book.scenario.publishes
    seen = {name: [] for name in names}

    def look(chunk):
        for name in names:
            seen[name].append(chunk.now[name].copy())

    together = bits(walked(opened(book), book.n_steps, look))
    for path in PATHS:
        script = Script({name: [row[path] for row in rows] for name, rows in seen.items()})
        alone = walked(opened(book.with_(scenario=script), first=path, n_paths=1), book.n_steps)
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
