"""The stationary bootstrap: blocks of joint history, and what survives the cutting."""

import pickle

import numpy as np
import pytest

from headframe.errors import GapError, InputError
from headframe.processes.gas import Gas
from headframe.scenarios.bootstrap import Bootstrap
from headframe.scenarios.columns import Column, Series
from headframe.scenarios.stress import Shock
from headframe.units import DAY_S, HOUR_S

N = 400
RNG = np.random.default_rng(5)
SHOCKS = RNG.standard_normal((2, N))
RETURNS = np.array([0.05 * SHOCKS[0] + 0.001, 0.03 * (0.8 * SHOCKS[0] + 0.6 * SHOCKS[1])])
PRICES = 100.0 * np.exp(np.cumsum(RETURNS, axis=1))
LEVEL = np.arange(float(N))


@pytest.fixture(scope="module")
def joint(table):
    made = table(N, eth=PRICES[0], btc=PRICES[1], level=LEVEL)
    columns = {"eth_usd": "eth", "btc_usd": "btc", "row_of_table": "level"}
    return tuple(Series.of(name, Column(column=column), made) for name, column in columns.items())


@pytest.fixture(scope="module")
def seen(joint, watch):
    return watch(Bootstrap(series=joint, mean_block_s=10 * DAY_S), 120, n_paths=4_000)


def test_rows_follow_each_other_within_blocks_of_the_mean_length(seen):
    rows = seen["row_of_table"].astype(int)
    follows = rows[1:] == rows[:-1] % (N - 1) + 1
    # a new block begins with chance 1 / 10, and lands on the next row by chance now and then
    expected = 1.0 - 0.1 * (1.0 - 1.0 / (N - 1))
    assert follows.mean() == pytest.approx(expected, abs=4.0 * 0.3 / np.sqrt(follows.size))


def test_the_lengths_of_blocks_are_geometric(seen):
    rows = seen["row_of_table"].astype(int)
    breaks = rows[1:] != rows[:-1] % (N - 1) + 1
    after_break = breaks[1:][breaks[:-1]].mean()
    assert after_break == pytest.approx(breaks.mean(), abs=4.0 * 0.3 / np.sqrt(breaks.sum()))


def test_every_row_comes_as_often_as_any_other(seen):
    counts = np.bincount(seen["row_of_table"].astype(int).ravel(), minlength=N)
    assert counts[0] == 0  # the first row has no return before it
    # a block brings about ten rows that hang together: variance 20 times that of single draws
    expected = counts.sum() / (N - 1)
    assert np.abs(counts[1:] - expected).max() < 5.0 * np.sqrt(20.0 * expected)


def test_all_columns_come_from_the_same_row(seen):
    rows = seen["row_of_table"][1:].astype(int)
    for name, prices in (("eth_usd", PRICES[0]), ("btc_usd", PRICES[1])):
        found = np.log(seen[name][1:] / seen[name][:-1])
        assert np.abs(found - np.log(prices[rows] / prices[rows - 1])).max() < 1e-12


def test_moments_and_correlations_survive(seen):
    logs = [np.diff(np.log(seen[name]), axis=0).ravel() for name in ("eth_usd", "btc_usd")]
    originals = np.diff(np.log(PRICES), axis=1)
    for found, original in zip(logs, originals, strict=True):
        # 480,000 draws in blocks: the error of the mean is about sd / 490 times 1 (white noise)
        assert found.mean() == pytest.approx(original.mean(), abs=5.0 * original.std() / 490.0)
        assert found.std() == pytest.approx(original.std(), rel=0.01)
    asked = np.corrcoef(originals)[0, 1]
    assert asked > 0.75
    assert np.corrcoef(logs)[0, 1] == pytest.approx(asked, abs=0.01)


def test_what_follows_still_follows(table, watch):
    # a slow wave: autocorrelation r becomes r (1 - 1/L), for mean block length L
    x = np.sin(2.0 * np.pi * np.arange(1000.0) / 50.0)
    one = Series.of("wave_of_sea", Column(column="x"), table(1000, x=x))
    rows = watch(Bootstrap(series=(one,), mean_block_s=5 * DAY_S), 60, n_paths=4_000)["wave_of_sea"]
    found = np.corrcoef(rows[:-1].ravel(), rows[1:].ravel())[0, 1]
    assert found == pytest.approx(np.cos(2.0 * np.pi / 50.0) * 0.8, abs=0.01)


def test_prices_begin_where_history_ended_or_where_told(joint, watch):
    usual = watch(Bootstrap(series=joint, mean_block_s=DAY_S), 1, n_paths=3)
    assert (usual["eth_usd"][0] == PRICES[0, -1]).all()
    told = Bootstrap(series=joint, mean_block_s=DAY_S, from_level={"eth_usd": 2000.0})
    assert (watch(told, 1, n_paths=3)["eth_usd"][0] == 2000.0).all()
    with pytest.raises(InputError, match="one of the resampled returns eth_usd, btc_usd"):
        Bootstrap(series=joint, mean_block_s=DAY_S, from_level={"row_of_table": 1.0})


def test_paths_do_not_depend_on_their_chunk(joint, watch):
    gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d", volatility=9.0)
    world = Bootstrap(series=joint, mean_block_s=10 * DAY_S, processes=(gas,))
    whole = watch(world, 30, n_paths=300)
    part = watch(world, 30, first=120, n_paths=40)
    for name, rows in whole.items():
        assert (rows[:, 120:160] == part[name]).all(), name
    other = watch(world, 30, n_paths=300, seed=2)
    assert (other["row_of_table"] != whole["row_of_table"]).any()


def test_a_bootstrap_travels_to_other_workers(joint, watch):
    world = Bootstrap(series=joint, mean_block_s=10 * DAY_S)
    there = pickle.loads(pickle.dumps(world))
    for name, rows in watch(world, 9, n_paths=20).items():
        assert (rows == watch(there, 9, n_paths=20)[name]).all()


def test_a_longer_run_begins_like_a_shorter_one(joint, watch):
    world = Bootstrap(series=joint, mean_block_s=10 * DAY_S)
    short, long = watch(world, 20, n_paths=50), watch(world, 60, n_paths=50)
    for name, rows in short.items():
        assert (rows == long[name][:21]).all()


def test_blocks_keep_the_hour_of_the_day(table, watch):
    hours = np.tile(np.arange(24.0), 60)
    one = Series.of("hour_of_day", Column(column="x"), table(hours.size, HOUR_S, x=hours))
    world = Bootstrap(series=(one,), mean_block_s=6 * HOUR_S, align_s=DAY_S)
    start_ts = 1_767_225_600.0 + 5 * HOUR_S
    rows = watch(world, 72, step_s=HOUR_S, n_paths=500, start_ts=start_ts)["hour_of_day"]
    assert (rows == ((5 + np.arange(73)) % 24)[:, None]).all()
    free = Bootstrap(series=(one,), mean_block_s=6 * HOUR_S)
    rows = watch(free, 72, step_s=HOUR_S, n_paths=500)["hour_of_day"]
    assert (rows != (np.arange(73) % 24)[:, None]).mean() > 0.5


def test_a_daily_history_under_an_hourly_book(joint, watch):
    world = Bootstrap(series=joint, mean_block_s=10 * DAY_S, every_s=DAY_S)
    by_day = watch(world, 3, n_paths=50)
    by_hour = watch(world, 72, step_s=HOUR_S, n_paths=50)
    for name, rows in by_day.items():
        assert (rows == by_hour[name][::24]).all()
    assert (by_hour["eth_usd"][1:24] == by_hour["eth_usd"][0]).all()


def test_shocks_come_and_go(joint, watch):
    calm = watch(Bootstrap(series=joint, mean_block_s=10 * DAY_S), 20, n_paths=5)
    shock = Shock(name="peg", kind="depeg", observable="eth_usd", at_s="5d", recovery_s=0.0)
    world = Bootstrap(series=joint, mean_block_s=10 * DAY_S, shocks=(shock,))
    ratio = watch(world, 20, n_paths=5)["eth_usd"] / calm["eth_usd"]
    assert np.delete(ratio, 5, axis=0) == pytest.approx(1.0)
    assert ratio[5] == pytest.approx(0.88)


def test_levels_can_be_resampled_as_returns(table, watch):
    one = Series.of(
        "btc_network_eh_s", Column(column="x", resample="returns"), table(N, x=PRICES[0])
    )
    rows = watch(Bootstrap(series=(one,), mean_block_s=10 * DAY_S), 5, n_paths=4)
    assert (rows["btc_network_eh_s"][0] == PRICES[0, -1]).all()


def test_a_price_of_nothing_has_no_return(table, watch):
    one = Series.of("eth_usd", Column(column="x"), table(4, x=[1.0, 2.0, 0.0, 3.0]))
    with pytest.raises(GapError, match="no return") as refusal:
        watch(Bootstrap(series=(one,), mean_block_s=DAY_S), 1)
    assert refusal.value.timestamp.startswith("2020-01-03")


def test_too_little_history_and_too_short_blocks_are_refused(table, joint, watch):
    with pytest.raises(InputError, match="mean_block_s"):
        watch(Bootstrap(series=joint, mean_block_s=HOUR_S), 1)
    short = Series.of("eth_usd", Column(column="x"), table(2, x=[1.0, 2.0]))
    with pytest.raises(InputError, match="more than"):
        watch(Bootstrap(series=(short,), mean_block_s=DAY_S), 1)
