"""Correlated streams: what is asked for is what is drawn, and what cannot be is named."""

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.scenario import Paths
from headframe.scenarios.draws import Draws, Streams, cholesky_root

N = 100_000
NAMES = ("eth_usd", "btc_usd", "gas", "power")
PAIRS = {("eth_usd", "btc_usd"): 0.8, ("eth_usd", "gas"): 0.3, ("btc_usd", "power"): -0.2}


def drawn(names=NAMES, pairs=PAIRS, *, uniforms=(), first=0, n=N, step=0, seed=1, **paths):
    streams = Streams.of(names, uniforms, pairs)
    draws = Draws(streams, Paths(first=first, n_paths=n, seed=seed, **paths))
    for k in range(step + 1):
        block = draws.at(k)
    return {name: block[name].copy() for name in streams.rows}


def test_correlations_are_the_ones_asked_for():
    rows = drawn()
    found = np.corrcoef([rows[name] for name in NAMES])
    for i, one in enumerate(NAMES):
        assert rows[one].std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2 * N))
        for j, other in enumerate(NAMES[:i]):
            asked = PAIRS.get((one, other), PAIRS.get((other, one), 0.0))
            assert found[i, j] == pytest.approx(asked, abs=4.0 * (1 - asked**2) / np.sqrt(N))


def test_the_root_makes_the_matrix():
    names = ("a", "b", "c")
    pairs = {("a", "b"): 0.5, ("a", "c"): -0.4, ("b", "c"): 0.3}
    root = cholesky_root(names, pairs)
    expected = [[1.0, 0.5, -0.4], [0.5, 1.0, 0.3], [-0.4, 0.3, 1.0]]
    assert np.abs(root @ root.T - expected).max() < 1e-15
    assert (np.triu(root, 1) == 0.0).all()


def test_perfect_correlation_is_allowed():
    rows = drawn(("a", "b", "c"), {("a", "b"): 1.0, ("a", "c"): -1.0, ("b", "c"): -1.0}, n=1000)
    assert np.abs(rows["a"] - rows["b"]).max() < 1e-9
    assert np.abs(rows["a"] + rows["c"]).max() < 1e-9


def test_contradicting_pairs_are_named():
    pairs = {
        ("eth_usd", "btc_usd"): 0.9,
        ("btc_usd", "gas"): 0.9,
        ("eth_usd", "gas"): -0.9,
        ("power", "gas"): 0.1,
    }
    with pytest.raises(InputError, match="positive semi-definite") as refusal:
        Streams.of(NAMES, (), pairs)
    said = str(refusal.value)
    for one, other in (("eth_usd", "btc_usd"), ("btc_usd", "gas"), ("eth_usd", "gas")):
        assert f"{one} with {other}" in said
    assert "power" not in said


def test_a_contradiction_of_two_hidden_among_many_is_named():
    names = tuple(f"x{k}" for k in range(12))
    pairs = {(names[k], names[k + 1]): 0.2 for k in range(11)}
    pairs |= {("x3", "x9"): 0.95, ("x3", "x4"): 0.95, ("x4", "x9"): -0.5}
    with pytest.raises(InputError) as refusal:
        Streams.of(names, (), pairs)
    for pair in ("x3 with x9", "x3 with x4", "x4 with x9"):
        assert pair in str(refusal.value)


def test_an_unknown_shock_is_named():
    with pytest.raises(InputError, match=r"'doge_usd'.*eth_usd"):
        Streams.of(NAMES, (), {("eth_usd", "doge_usd"): 0.1})


def test_a_new_stream_renumbers_nobody():
    few = drawn(("eth_usd", "btc_usd"), {}, n=1000)
    many = drawn(("sol_usd", "btc_usd", "eth_usd"), {}, uniforms=("luck",), n=1000)
    for name in few:
        assert (few[name] == many[name]).all()


def test_a_pair_appended_to_the_matrix_leaves_the_earlier_streams():
    before = drawn(("a", "b", "c"), {("a", "b"): 0.5}, n=1000)
    after = drawn(("a", "b", "c"), {("a", "b"): 0.5, ("a", "c"): 0.7}, n=1000)
    assert (before["a"] == after["a"]).all()
    assert (before["b"] == after["b"]).all()
    assert (before["c"] != after["c"]).any()


@pytest.mark.parametrize("step", [0, 1, 2, 5])
def test_a_path_has_the_same_draws_in_any_chunk(step):
    whole = drawn(uniforms=("luck",), n=1000, step=step)
    part = drawn(uniforms=("luck",), first=700, n=100, step=step)
    for name, row in whole.items():
        assert (row[700:800] == part[name]).all()


def test_antithetic_paths_mirror_in_pairs():
    rows = drawn(uniforms=("luck",), n=1000, antithetic=True)
    for name in NAMES:
        assert np.abs(rows[name][0::2] + rows[name][1::2]).max() < 1e-12
    assert np.abs(rows["luck"][0::2] + rows["luck"][1::2] - 1.0).max() < 1e-12
