"""A jurisdiction leaves: against an integral without luck, against 2021, and from daily blocks."""

import csv
from datetime import UTC, datetime

import numpy as np
import pytest

from headframe.errors import DataError, InputError
from headframe.exact import bitcoin
from headframe.sources.tables import read_table
from headframe.studies.chain_race import ALGORITHMS
from headframe.studies.network_shock import (
    Shock,
    bits_of_difficulty,
    daily_retargets,
    play_shock,
)

DAY_S = 86_400.0


def unix(date: str) -> float:
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


def test_the_hash_rate_goes_stays_and_comes_back():
    shock = Shock(share=0.5, leave_s=10.0, stay_s=20.0, return_s=40.0, pace=1.0)
    assert shock.level(np.array([0, 5, 10, 30, 50, 70, 99.0])).tolist() == [
        1.0,
        0.75,
        0.5,
        0.5,
        0.75,
        1.0,
        1.0,
    ]
    slow = Shock(share=0.5, leave_s=10.0, return_s=None, pace=2.0)
    assert slow.level(np.array([5.0, 10, 1e9])).tolist() == [0.875, 0.5, 0.5]
    at_once = Shock(share=0.3, leave_s=0.0, stay_s=5.0, return_s=0.0)
    assert at_once.level(np.array([0.1, 4.9, 5.1])).tolist() == [0.7, 0.7, 1.0]


def without_luck(shock: Shock, n_periods: int) -> list[float]:
    """Seconds a block takes in each period, by the integral of the hash rate alone."""
    t_s = np.arange(0, 400 * DAY_S, 600.0)
    work = np.concatenate([[0.0], np.cumsum(shock.level(t_s + 300.0)) * 600.0])
    clock = np.append(t_s, t_s[-1] + 600.0)
    done, difficulty, now_s, out = 0.0, 1.0, 0.0, []
    for _ in range(n_periods):
        done += difficulty * 2016 * 600.0
        end_s = float(np.interp(done, work, clock))
        out.append((end_s - now_s) / 2016)
        # 2,015 of the 2,016 intervals are measured.
        difficulty *= 1_209_600 / ((end_s - now_s) * 2015 / 2016)
        now_s = end_s
    return out


def test_periods_take_what_the_integral_of_the_hash_rate_says():
    shock = Shock(share=0.4, leave_s=40 * DAY_S, stay_s=30 * DAY_S, return_s=60 * DAY_S, pace=1.0)
    found = play_shock(shock, height=2016 * 100, n_chains=60)
    ideal = without_luck(shock, 10)
    mean = [period.block_s.mean for period in found.periods[:10]]
    # A period's luck is 1/sqrt(2016) = 2.2 %, that of the one before it comes on top through the
    # difficulty: 3.2 % over sqrt(60) chains is 0.41 %, four of them 1.7 %.
    assert mean == pytest.approx(ideal, rel=0.017)
    assert [p.first_height for p in found.periods[:3]] == [201_600, 203_616, 205_632]
    change = [period.change.mean for period in found.periods[:9]]
    assert change == pytest.approx([600 / s * 2016 / 2015 - 1 for s in ideal[:9]], abs=0.02)


def test_a_shock_may_come_in_the_middle_of_a_period():
    found = play_shock(Shock(share=0.2), height=2016 * 100 + 1500, n_chains=5)
    first = found.periods[0]
    assert first.first_height == 201_600
    assert first.start_s.mean == first.start_s.low == -1500 * 600.0
    assert found.periods[1].first_height == 203_616


def test_china_2021_has_a_period_of_13_9_minutes_a_block():
    found = play_shock(Shock(), height=683_424, n_chains=200)
    slowest = found.slowest
    assert slowest.first_height == 687_456  # as it was: 13.88 minutes, then -27.94 %
    # 3.2 % of luck over sqrt(200) chains: 0.2 %, four of them 0.13 minutes.
    assert slowest.block_s.mean / 60 == pytest.approx(13.9, abs=0.15)
    assert slowest.change.mean == pytest.approx(-0.2794, abs=0.01)
    assert slowest.block_s.low < slowest.block_s.mean < slowest.block_s.high
    straight = play_shock(Shock(pace=1.0), height=683_424, n_chains=100)
    assert straight.slowest.first_height == 687_456
    assert straight.slowest.block_s.mean / 60 == pytest.approx(13.6, abs=0.2)


def test_hash_rate_that_stays_earns_what_the_others_left():
    shock = Shock(share=0.5, leave_s=0.0, return_s=None)
    found = play_shock(shock, height=2016 * 100, n_chains=30)
    assert found.block_s[1] == pytest.approx(1_200, rel=0.01)
    assert found.income[1] == pytest.approx(1.0, rel=0.01)  # until the retarget
    assert found.income[-1] == pytest.approx(2.0, rel=0.02)
    assert found.difficulty[-1] == pytest.approx(0.5, rel=0.02)
    # 2,016 blocks at 1,200 s: as many missing as were found.
    assert np.interp(28 * DAY_S, found.t_s, found.behind) == pytest.approx(2016, rel=0.02)
    assert found.recovered_s == pytest.approx(28 * DAY_S, abs=3 * DAY_S)


def test_a_fast_rule_barely_notices():
    slow = play_shock(Shock(), n_chains=10)
    fast = play_shock(Shock(), algorithm=ALGORITHMS["asert"], n_chains=10)
    assert fast.periods == ()
    assert fast.slowest is None
    assert fast.block_s.max() < 700 < slow.block_s.max()
    assert fast.behind.max() < slow.behind.max()


# from daily blocks -------------------------------------------------------------------------------


@pytest.mark.data
def test_2021_from_daily_block_counts(data_folder):
    table = read_table(data_folder / "btc_daily.csv")
    with (data_folder / "btc_difficulty_epochs.csv").open() as file:
        true = {int(row["start_height"]): row for row in csv.DictReader(file)}
    days = table.ts < unix("2021-09-20")
    found = daily_retargets(
        table.ts[days],
        table.column("height_end")[days],
        table.column("difficulty")[days],
        first_ts=unix("2021-05-13"),
    )
    published = [-15.97, -5.30, -27.94, -4.81, 6.03, 7.31]
    assert [100 * one.change for one in found[:6]] == pytest.approx(published, abs=0.45)
    assert [100 * one.change for one in found[:4]] == pytest.approx(published[:4], abs=0.3)
    assert [one.height for one in found[:4]] == [685_440, 687_456, 689_472, 691_488]
    assert found[0].old_bits == int(true[683_424]["nbits_hex"], 16)
    for one in found:
        real = float(true[one.height]["change_pct"])
        assert 100 * one.change == pytest.approx(real, abs=0.6)
    # Implied by the retarget: 1,678,665 s over 2,015 intervals.
    assert found[2].block_s / 60 == pytest.approx(1_678_665 / 2015 / 60, abs=0.05)


@pytest.mark.data
def test_bits_are_read_off_every_recorded_difficulty(data_folder):
    with (data_folder / "btc_difficulty_epochs.csv").open() as file:
        rows = [(float(r["difficulty"]), int(r["nbits_hex"], 16)) for r in csv.DictReader(file)]
    assert len(rows) == 474
    for difficulty, bits in rows:
        assert bits_of_difficulty(float(f"{difficulty:.12g}")) == bits


def regular(n_days: int, per_day: int, start_height: int):
    days = unix("2024-01-01") + DAY_S * np.arange(n_days)
    return days, start_height - 1 + per_day * np.arange(1, n_days + 1), np.full(n_days, 1e12)


def test_blocks_on_time_move_the_difficulty_by_the_missing_interval_only():
    days, ends, difficulty = regular(60, 144, 2016 * 200 - 144)
    found = daily_retargets(days, ends, difficulty, first_ts=days[1])
    assert len(found) == 4
    # 2,015 intervals of 600 s are measured as two weeks: 1 / 2015 too easy.
    assert [one.change for one in found] == pytest.approx([1 / 2015] * 4, abs=2.0**-15)
    assert found[0].seconds == 2015 * 600
    assert found[0].height == 2016 * 201
    assert found[0].block_s == 600.0
    days, ends, difficulty = regular(60, 288, 2016 * 200 - 288)
    fast = daily_retargets(days, ends, difficulty, first_ts=days[1])
    assert fast[0].change == pytest.approx(1.0, abs=0.001)


def test_tables_with_holes_and_dates_outside_are_refused():
    days, ends, difficulty = regular(60, 144, 2016 * 200 - 144)
    hole = np.delete(np.arange(60), 20)
    with pytest.raises(DataError, match="days must follow each other"):
        daily_retargets(days[hole], ends[hole], difficulty[hole], first_ts=days[1])
    flat = ends.copy()
    flat[30] = flat[29]
    with pytest.raises(DataError, match="a block at least"):
        daily_retargets(days, flat, difficulty, first_ts=days[1])
    with pytest.raises(InputError, match="--since"):
        daily_retargets(days, ends, difficulty, first_ts=days[0])
    with pytest.raises(InputError, match="one whole period"):
        daily_retargets(days, ends, difficulty, first_ts=days[50])
    with pytest.raises(DataError, match="two days"):
        daily_retargets(days[:1], ends[:1], difficulty[:1], first_ts=days[0])
    with pytest.raises(InputError, match="difficulty"):
        bits_of_difficulty(0.5)
    assert bits_of_difficulty(1.0) == bitcoin.MAINNET.limit_bits


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        ({"share": 0.0}, "--share"),
        ({"share": 1.0}, "--share"),
        ({"leave_s": -1.0}, "--leave"),
        ({"stay_s": 1e10}, "--stay"),
        ({"return_s": -1.0}, "--return"),
        ({"pace": 0.0}, "--pace"),
    ],
)
def test_impossible_shocks_are_refused(bad, place):
    with pytest.raises(InputError, match=place):
        Shock(**bad)
    with pytest.raises(InputError, match="--height"):
        play_shock(Shock(), height=-1)
