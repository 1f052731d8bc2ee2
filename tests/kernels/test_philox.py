"""Philox against its published answers, and what is drawn from it against its distributions."""

import numpy as np
import pytest
from scipy import stats

from headframe.kernels import philox

# Random123 1.09, tests/kat_vectors, philox4x32 with 10 rounds: counter, key, output
KNOWN_ANSWERS = [
    (
        (0x00000000, 0x00000000, 0x00000000, 0x00000000),
        (0x00000000, 0x00000000),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
N = 200_000


def filled(fill, *, n=N, first=0, seed=1, name="x", pair=0, sign=1.0):
    even, odd = np.empty((1, n)), np.empty((1, n))
    ids = np.arange(first, first + n, dtype=np.uint64)
    fill(even, odd, 0, ids, np.full(n, sign), philox.stream_key(seed, name), pair)
    return even[0], odd[0]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_known_answers(counter, key, answer):
    block = philox.block_of(np.array(counter, np.uint64), np.array(key, np.uint64))
    assert tuple(int(word) for word in block) == answer


def test_a_stream_takes_words_zero_and_one_as_its_first_uniform():
    key = philox.stream_key(7, "eth_usd")
    words = philox.block_of(
        np.array([3, 0, 5, 0], np.uint64),
        np.array([int(key) & 0xFFFFFFFF, int(key) >> 32], np.uint64),
    )
    bits = (int(words[1]) << 32 | int(words[0])) >> 12
    expected = (bits + 0.5) / 2**52
    even, _ = filled(philox.fill_uniforms, n=1, first=3, seed=7, name="eth_usd", pair=5)
    assert even[0] == expected


def test_uniforms_are_uniform_and_inside_the_open_interval():
    for row in filled(philox.fill_uniforms):
        assert row.min() > 0.0
        assert row.max() < 1.0
        assert stats.kstest(row, "uniform").pvalue > 1e-4


def test_normals_are_normal():
    for row in filled(philox.fill_normals):
        assert stats.kstest(row, "norm").pvalue > 1e-4
        assert abs(stats.kurtosis(row)) < 4.0 * np.sqrt(24.0 / N)


@pytest.mark.parametrize("fill", [philox.fill_uniforms, philox.fill_normals])
def test_draws_of_other_steps_paths_streams_and_seeds_are_independent(fill):
    base, odd = filled(fill)
    others = {
        "the next step": odd,
        "the next pair": filled(fill, pair=1)[0],
        "the next path": filled(fill, first=1)[0],
        "another stream": filled(fill, name="y")[0],
        "another seed": filled(fill, seed=2)[0],
    }
    for what, other in others.items():
        assert abs(np.corrcoef(base, other)[0, 1]) < 4.0 / np.sqrt(N), what


@pytest.mark.parametrize("fill", [philox.fill_uniforms, philox.fill_normals])
def test_a_path_has_the_same_draw_in_any_chunk(fill):
    whole = filled(fill, n=1000)
    for k in range(2):
        parts = [filled(fill, n=250, first=first)[k] for first in range(0, 1000, 250)]
        assert (np.concatenate(parts) == whole[k]).all()


def test_paths_beyond_the_first_word_are_drawn_too():
    far = filled(philox.fill_uniforms, n=2, first=2**32)[0]
    near = filled(philox.fill_uniforms, n=2, first=0)[0]
    assert (far != near).all()


def test_mirrored_paths_mirror():
    for fill, centre in ((philox.fill_uniforms, 1.0), (philox.fill_normals, 0.0)):
        plain, mirrored = filled(fill, n=1000), filled(fill, n=1000, sign=-1.0)
        assert np.abs(plain[0] + mirrored[0] - centre).max() < 1e-15


def test_correlate_is_the_product_with_the_root():
    rng = np.random.default_rng(1)
    block = rng.standard_normal((5, 100))
    root = np.tril(rng.standard_normal((3, 3)))
    rows = np.array([4, 0, 2])
    expected = block.copy()
    expected[rows] = root @ block[rows]
    philox.correlate(block, rows, root)
    assert np.abs(block - expected).max() < 1e-12
