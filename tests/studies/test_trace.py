"""The journal of a path: every entry, and together they are the path's change of wealth."""

import numpy as np
import pytest

from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.scenario import Paths
from headframe.studies.trace import trace


def test_entries_sum_to_the_quantities_of_the_path(farm):
    chunk = Chunk(farm, farm.plan(), Paths(first=0, n_paths=50, seed=farm.seed))
    play(chunk, farm.n_steps)
    journal = list(trace(farm, [7, 31]))
    for path in (7, 31):
        for row in chunk.books.rows:
            if not row.startswith("quantity/"):
                continue
            _, position, kind, asset, flow = row.split("/")
            found = sum(
                e.quantity
                for e in journal
                if (e.path, e.position, e.kind, e.asset, e.flow)
                == (path, position, kind, asset, flow)
            )
            assert found == pytest.approx(chunk.books[row][path], rel=1e-9, abs=1e-12)


def test_times_rise_and_prices_are_the_worlds(farm):
    journal = list(trace(farm, [3]))
    times = [entry.t_s for entry in journal]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert {e.price for e in journal if e.asset == "usdc"} == {1.0}
    eth = {e.t_s: e.price for e in journal if e.asset == "eth"}
    assert len(set(eth.values())) == len(eth)
    assert np.all(np.array(list(eth.values())) > 0.0)


def test_a_negative_path_is_refused(farm):
    with pytest.raises(InputError, match="0 or more"):
        list(trace(farm, [-1]))
