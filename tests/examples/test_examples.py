"""Every example is a book that runs, closes and has something to say."""

from pathlib import Path

import pytest

import headframe as hf

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path):
    book = hf.load(path)
    answer = hf.run(book, n_paths=200, executor="serial").json()
    assert answer["n_paths"] == 200
    assert answer["wealth"]["mean"] > 0.0
    assert answer["largest_gap_in_the_books"] < 1e-9
    assert set(answer["positions"]) >= {position.name for position in book.positions}
    assert answer["alternatives"]


def test_the_five_that_were_promised_are_there():
    names = {path.stem for path in EXAMPLES}
    assert names >= {"farm_3x", "farm_neutral", "stable_pair", "mine_grid", "desk"}
