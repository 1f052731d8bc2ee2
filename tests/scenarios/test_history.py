"""The world as it was: one path or every start, and nothing of tomorrow."""

import pickle

import numpy as np
import pytest

from headframe.book import Book
from headframe.book_file import book_from_toml
from headframe.chunk import Chunk
from headframe.errors import GapError, InputError
from headframe.loop import play
from headframe.process import UNIX_TS
from headframe.processes.constant import Constant
from headframe.processes.gas import Gas
from headframe.processes.power import Power
from headframe.runs import settings_of
from headframe.scenario import Paths
from headframe.scenarios.columns import Column, Series
from headframe.scenarios.history import History
from headframe.scenarios.stress import Shock
from headframe.sources.tables import read_table
from headframe.units import DAY_S, HOUR_S

MIDNIGHT = 1_577_836_800.0
PRICES = 100.0 + np.arange(40.0) ** 1.5


def price_series(table, values=PRICES, **rule):
    return Series.of("eth_usd", Column(column="price", **rule), table(len(values), price=values))


def test_one_path_is_the_table(table, watch):
    seen = watch(History(series=(price_series(table),)), 39)
    assert (seen["eth_usd"][:, 0] == PRICES).all()
    assert (seen[UNIX_TS][:, 0] == MIDNIGHT + DAY_S * np.arange(40)).all()


def test_every_start_is_a_path_with_a_calendar_of_its_own(table, watch):
    history = History(series=(price_series(table),), starts_every_s=DAY_S)
    assert history.limit(9 * DAY_S) == 31
    seen = watch(history, 9)
    for path in range(31):
        assert (seen["eth_usd"][:, path] == PRICES[path : path + 10]).all()
        assert seen[UNIX_TS][0, path] == MIDNIGHT + path * DAY_S


def test_the_limit_counts_whole_horizons(table):
    history = History(series=(price_series(table),), starts_every_s=7 * DAY_S)
    # 39 days of room: starts on days 0, 7, 14, 21, 28 leave 11 or more
    assert history.limit(11 * DAY_S) == 5
    assert history.limit(39 * DAY_S) == 1
    assert history.limit(40 * DAY_S) == 0
    assert History(series=(price_series(table),)).limit(11 * DAY_S) == 1
    with pytest.raises(InputError, match="no longer than the history"):
        settings_of(Book(name="x", scenario=history, horizon_s=40 * DAY_S), 10, 1)


def test_a_range_narrows_the_starts(table):
    history = History(
        series=(price_series(table),),
        starts_every_s=DAY_S,
        start_ts=MIDNIGHT + 10 * DAY_S,
        end_ts=MIDNIGHT + 20 * DAY_S,
    )
    assert history.limit(5 * DAY_S) == 6


def test_repeats_give_each_start_several_paths(table, watch):
    gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d", volatility=9.0)
    history = History(
        series=(price_series(table),), starts_every_s=DAY_S, repeats=3, processes=(gas,)
    )
    assert history.limit(35 * DAY_S) == 15
    seen = watch(history, 35)
    assert (seen["eth_usd"][:, 0] == seen["eth_usd"][:, 2]).all()
    assert (seen["eth_usd"][:, 2] != seen["eth_usd"][:, 3]).all()
    assert (seen["main_gas_gwei"][1:, 0] != seen["main_gas_gwei"][1:, 2]).all()


def test_processes_read_columns_and_the_calendar(table, watch):
    by_hour = tuple(float(h) for h in range(24))
    power = Power(
        name="grid_usd_per_mwh", mean=0.0, by_hour=by_hour, half_life_s="1d", volatility=0.0
    )
    gas = Gas(
        name="main_gas", start_gwei=10.0, median_gwei=10.0, half_life_s="1d", units={"tx": 1e8}
    )
    history = History(
        series=(price_series(table, largest_age_s="1d"),),
        starts_every_s=5 * HOUR_S,
        processes=(gas, power),
    )
    seen = watch(history, 10, step_s=HOUR_S, n_paths=8)
    assert seen["main_gas_usd_per_tx"] == pytest.approx(seen["eth_usd"])
    hour = (seen[UNIX_TS][1:] - 1.0) % DAY_S // HOUR_S
    assert seen["grid_usd_per_mwh"][1:] == pytest.approx(hour)


def test_a_daily_table_under_an_hourly_book(table, watch):
    seen = watch(History(series=(price_series(table),)), 48, step_s=HOUR_S)
    assert (seen["eth_usd"][:, 0] == np.repeat(PRICES[:3], 24)[:49]).all()


def test_a_gap_stops_the_run_before_it_starts(table, watch):
    holed = PRICES.copy()
    holed[20] = np.nan
    with pytest.raises(GapError, match="largest_age_s"):
        watch(History(series=(price_series(table, holed),)), 5)
    filled = price_series(table, holed, largest_age_s="1d")
    seen = watch(History(series=(filled,)), 39)["eth_usd"][:, 0]
    assert seen[20] == PRICES[19]
    assert seen[21] == PRICES[21]


def test_changing_the_future_changes_nothing_before_it(table, watch):
    """The second law, on prices, totals and what processes make of them."""

    def world(values):
        made = table(40, price=values, volume=values * 10.0)
        columns = {
            "eth_usd": Column(column="price"),
            "eth_day_volume": Column(column="volume", rule="total"),
        }
        gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d")
        one = tuple(Series.of(name, rule, made) for name, rule in columns.items())
        return watch(History(series=one, processes=(gas,)), 38)

    other = PRICES.copy()
    other[25:] *= 3.0
    before, after = world(PRICES), world(other)
    for name, rows in before.items():
        # totals start the clock a day late: step k stands at day k + 1
        assert (rows[:24] == after[name][:24]).all(), name
    assert (before["eth_usd"][24:] != after["eth_usd"][24:]).all()


def test_paths_do_not_depend_on_their_chunk(table, watch):
    gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d", volatility=9.0)
    history = History(series=(price_series(table),), starts_every_s=DAY_S, processes=(gas,))
    whole = watch(history, 9)
    part = watch(history, 9, first=12, n_paths=5)
    for name, rows in whole.items():
        assert (rows[:, 12:17] == part[name]).all(), name


def test_shocks_act_on_columns_and_on_processes(table, watch):
    usdc = Constant(name="usdc_usd", value=1.0)
    shocks = (
        Shock(name="gap", kind="price_gap", observable="eth_usd", at_s="10d"),
        Shock(name="peg", kind="depeg", observable="usdc_usd", at_s="5d"),
    )
    seen = watch(History(series=(price_series(table),), processes=(usdc,), shocks=shocks), 20)
    ratio = seen["eth_usd"][:, 0] / PRICES[:21]
    assert ratio == pytest.approx([1.0] * 10 + [0.57] * 11)
    assert seen["usdc_usd"][5, 0] == 0.88


def test_names_and_shocks_are_checked(table):
    with pytest.raises(InputError, match="history has this column"):
        History(series=(price_series(table),), processes=(Constant(name="eth_usd", value=1.0),))
    shock = Shock(name="gap", kind="price_gap", observable="btc_usd", at_s="10d")
    with pytest.raises(InputError, match=r"shock\.gap"):
        History(series=(price_series(table),), shocks=(shock,))
    with pytest.raises(InputError, match="at least one"):
        History(series=())


def test_a_history_travels_to_other_workers(table, watch):
    gas = Gas(name="main_gas", start_gwei=9.0, median_gwei=9.0, half_life_s="1d", volatility=9.0)
    history = History(series=(price_series(table),), starts_every_s=DAY_S, processes=(gas,))
    there = pickle.loads(pickle.dumps(history))
    for name, rows in watch(history, 9).items():
        assert (rows == watch(there, 9)[name]).all()


def test_more_paths_than_starts_are_refused(table, watch):
    history = History(series=(price_series(table),), starts_every_s=DAY_S)
    with pytest.raises(InputError, match="as many as there are starts"):
        watch(history, 2, n_paths=50)
    with pytest.raises(InputError, match="within the history"):
        watch(history, 20, n_paths=30)


HISTORY = """
name = "held from every date"
cash = "usdc"
horizon = "90d"

[wallet]
usdc = 1_000

[scenario]
kind = "history"
starts_every_s = "1d"

[scenario.table.eth]
file = "eth_usd_daily.csv"

[scenario.column.eth_usd]
column = "price_usd"
largest_age_s = "1d"

[process.usdc_usd]
kind = "constant"
value = 1.0

[position.farm]
kind = "levered"
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 1_000 }
leverage = 3.0
threshold = 0.8333333333333334
fee = 0.0
penalty = 0.0
swap_cost = 0.0
borrow1_apr = 0.0
"""


@pytest.mark.data
def test_a_3x_farm_held_from_every_date_is_liquidated_on_786_of_2868(data_folder):
    """Stable debt, no fees and no interest: the barrier is k < 0.64 at daily closes."""
    book = book_from_toml(HISTORY, folder=data_folder, read_table=read_table)
    assert book.scenario.limit(book.horizon_s) == 2868
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=2868, seed=1))
    play(chunk, book.n_steps)
    liquidated = chunk.positions[0].state["liquidated_s"] < 1e17
    assert liquidated.sum() == 786
    # at the first breach the lenders lost on 13 of them
    assert (chunk.books["value/farm/forgiven"] > 0.0).sum() == 13


CHAIN = """
name = "the network as it was"
horizon = "60d"

[wallet]
btc = 1

[scenario]
kind = "history"
start = 2021-05-30
end = 2021-08-01

[scenario.table.btc]
file = "btc_daily.csv"

[scenario.column.btc_usd]
column = "price_usd"
lag_s = "1d"

[scenario.column.btc_network_eh_s]
column = "hashrate_ths"
scale = 1e-6
lag_s = "1d"

[scenario.column.btc_day_blocks]
column = "block_count"
rule = "total"

[scenario.column.btc_fees_btc_per_block]
column = "fees_btc"
rule = "total"
per = "block_count"

[scenario.column.btc_subsidy_btc_per_block]
column = "issuance_btc"
rule = "total"
per = "block_count"

[scenario.column.btc_day_difficulty]
column = "difficulty"
lag_s = "1d"

[process.btc_hashprice]
kind = "hashprice"
subsidy = "btc_subsidy_btc_per_block"
difficulty = "btc_day_difficulty"
"""


@pytest.mark.data
@pytest.mark.parametrize(
    ("day", "usd_per_ph_day"),
    [
        ("2020-05-10", 153.188),
        ("2021-07-04", 322.003),
        ("2022-11-21", 57.0687),
        ("2024-04-19", 103.881),
        ("2024-04-20", 190.588),
    ],
)
def test_hashprice_of_known_days(data_folder, watch, day, usd_per_ph_day):
    """A row's price, difficulty, issuance and fees are all known at the midnight after it."""
    text = CHAIN.replace("start = 2021-05-30", f"start = {day}").replace("end = 2021-08-01\n", "")
    book = book_from_toml(text, folder=data_folder, read_table=read_table)
    seen = watch(book.scenario, 1)
    found = seen["btc_hashprice_usd_per_ph_day"][1, 0]
    assert found == pytest.approx(usd_per_ph_day, rel=1e-4)


@pytest.mark.data
def test_the_hash_rate_of_summer_2021_retargets_as_the_chain_did(data_folder, watch):
    """
    China's ban: the chain process on the real hash rate gives the real retargets.

    -15.97, -5.30, -27.94 and -4.81 % at heights 685,440 to 691,488 (nBits of those headers), within
    0.3 points; luck is that of 4,000 paths, whose means are known to 0.04 points. It starts seven
    blocks before the first of these, which gives the age of the period under way: its timespan is
    1,209,600 s / (1 - 0.15965) at the boundary.
    """
    process = """
[process.btc_chain]
kind = "chain"
start_height = 685_433
start_difficulty = 25_046_487_590_083.273
period_age_s = 1_434_360
"""
    text = CHAIN.replace("[scenario]\n", "[scenario]\nrepeats = 4000\n") + process
    book = book_from_toml(text, folder=data_folder, read_table=read_table)
    seen = watch(book.scenario, 55)
    difficulty = seen["btc_chain_difficulty"]
    changes = difficulty[1:] / difficulty[:-1] - 1.0
    found = []
    for nth in range(4):
        values = [path[path != 0.0][nth] for path in changes.T]
        found.append(100.0 * np.mean(values))
    assert found == pytest.approx([-15.965, -5.297, -27.943, -4.807], abs=0.3)
    blocks = seen["btc_chain_height"][-1] - 685_433
    assert blocks.mean() == pytest.approx(seen["btc_day_blocks"][1:, 0].sum(), rel=0.002)
