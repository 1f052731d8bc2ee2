"""A run is the same to the last bit whatever does the work, and it agrees with the closed form."""

import pickle

import numpy as np
import pytest

from headframe.book_file import book_from_toml
from headframe.errors import InputError
from headframe.runs import _first, run
from headframe.tally import Settings, tally_chunk

N = 20_000


def same(one, other):
    assert one.rows == other.rows
    assert one.n_paths == other.n_paths
    assert np.array_equal(one.moments.mean, other.moments.mean)
    assert np.array_equal(one.moments.squares, other.moments.squares)
    for name, sketch in one.sketches.items():
        for mine, its in zip(sketch.points(), other.sketches[name].points(), strict=True):
            assert np.array_equal(mine, its), name
    for name, profile in one.profiles.items():
        assert np.array_equal(profile, other.profiles[name])


@pytest.fixture(scope="module")
def serial(farm):
    return run(farm, n_paths=N, executor="serial")


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_every_executor_gives_the_same_bits(farm, serial, executor):
    same(serial, run(farm, n_paths=N, executor=executor, workers=2))


@pytest.mark.parametrize("chunk", [1_000, 3_000, 8_000])
def test_every_chunk_size_gives_the_same_bits(farm, serial, chunk):
    same(serial, run(farm, n_paths=N, executor="serial", chunk=chunk))


def test_chunks_must_be_whole_blocks(farm):
    with pytest.raises(InputError, match="multiple of 1000"):
        run(farm, n_paths=N, chunk=1_500)


def test_books_close_on_every_path(serial):
    assert serial.worst_gap < 1e-12


def test_liquidation_probability_is_the_closed_form(farm_toml):
    """Daily watched barrier k = 0.64 over 30 days, volatility 0.8, no drift of price: 0.051621."""
    plain = {
        "position.farm.turnover": 0.0,
        "position.farm.fee": 0.0,
        "position.farm.borrow1_apr": 0.0,
        "position.farm.swap_cost": 0.0,
    }
    text = farm_toml.split("[policy.guard]")[0]
    kept = run(book_from_toml(text, overrides=plain), n_paths=200_000)
    found = kept.moments.estimate("event/farm/liquidated_s")
    assert found.se < 6e-4
    assert abs(found.value - 0.051621) < 4 * found.se


def test_control_variates_agree_and_are_sharper(serial):
    means = {f"control/{name}": mean for name, mean in serial.controls.items()}
    plain = serial.moments.estimate("wealth")
    sharp = serial.moments.controlled("wealth", means)
    assert sharp.se < 0.3 * plain.se
    assert abs(sharp.value - plain.value) < 4 * plain.se


def test_antithetic_paths_agree_and_are_sharper(farm, serial):
    mirrored = run(farm, n_paths=N, antithetic=True)
    one, other = serial.moments.estimate("wealth"), mirrored.moments.estimate("wealth")
    assert other.se < 0.9 * one.se
    assert abs(one.value - other.value) < 4 * np.hypot(one.se, other.se)


def test_another_seed_gives_other_paths(farm, serial):
    other = run(farm, n_paths=N, seed=2)
    assert other.moments.estimate("wealth") != serial.moments.estimate("wealth")


def test_an_interrupted_run_gives_what_it_has(farm):
    def stop(done, total):
        if done >= 8_000:
            raise KeyboardInterrupt

    kept = run(farm, n_paths=N, executor="serial", chunk=8_000, progress=stop)
    assert kept.n_paths == 8_000
    assert kept.settings.n_paths == N


def test_what_is_kept_does_not_grow_with_the_paths(farm):
    """Of a large run: sums over blocks, and counts in cells that are all filled in the end."""
    settings, layout, sizes = Settings(n_paths=10_000_000, seed=1), farm.plan(), []
    kept = None
    for first in range(0, 240_000, 8_000):
        part = tally_chunk(farm, layout, settings, first, 8_000)
        kept = _first(farm, settings, part) if kept is None else kept
        kept.add(part)
        for sketch in kept.sketches.values():
            sketch.points()
        sizes.append(len(pickle.dumps(kept)))
    assert sizes[29] < 1.25 * sizes[9]


@pytest.mark.parametrize(("option", "value"), [("n_paths", 0), ("workers", 0), ("executor", "gpu")])
def test_bad_options_are_named(farm, option, value):
    with pytest.raises(InputError, match=str(value)):
        run(farm, **{"n_paths": 16_000, option: value})
