"""
Law 3: the same bits on every path, whatever the chunk, and the same aggregates from any of them.
"""

from itertools import pairwise

import numpy as np
import pytest
from planted import in_book, with_fault
from tenants import N_PATHS, assert_same_bits, bits, every, played, sample_of, stormy

from headframe.runs import run

CUTS = (0, 2, 6, 18, N_PATHS)
"""Where the paths are cut into chunks: even numbers, so that antithetic pairs stay whole."""


def check(book, *, antithetic):
    """One chunk against four, none of them as long as the lanes of a loop."""
    whole = bits(played(book, antithetic=antithetic))
    for first, end in pairwise(CUTS):
        part = bits(played(book, first=first, n_paths=end - first, antithetic=antithetic))
        same = {name: row[first:end] for name, row in whole.items()}
        assert_same_bits(same, part, why=f"paths {first} and on")


@every()
@pytest.mark.parametrize("antithetic", [False, True], ids=["plain", "antithetic"])
def test_a_path_is_the_same_in_any_chunk(noun, kind, antithetic):
    check(stormy(sample_of(noun, kind)), antithetic=antithetic)


@every("position")
def test_a_mean_is_the_same_from_any_chunk_and_number_of_workers(noun, kind):
    book = stormy(sample_of(noun, kind))
    one = run(book, n_paths=3_000, chunk=3_000, executor="serial")
    many = run(book, n_paths=3_000, chunk=1_000, executor="threads", workers=2)
    assert one.rows == many.rows
    assert np.array_equal(one.moments.mean, many.moments.mean)
    assert np.array_equal(one.moments.squares, many.moments.squares)


def test_a_position_that_looks_at_other_paths_is_noticed():
    def step(state, before, now, out):
        lost = 1e-3 * state["quantity"].mean() * np.ones(state.n_paths)
        out.post("penalty", "btc", -lost)
        state["quantity"] -= lost

    book = stormy(in_book(with_fault(step=step)))
    with pytest.raises(AssertionError, match="differs on"):
        check(book, antithetic=False)


def test_a_position_that_draws_its_own_numbers_is_noticed():
    generator = np.random.default_rng(1)

    def step(state, before, now, out):
        gained = 1e-3 * generator.random(state.n_paths)
        out.post("reward", "btc", gained)
        state["quantity"] += gained

    with pytest.raises(AssertionError, match="differs on"):
        check(in_book(with_fault(step=step)).book(), antithetic=False)
