"""The race fitted to bitcoin: the errors that its docstring states, and that they are the least."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from headframe.errors import DataError
from headframe.sources.tables import read_table
from headframe.studies.mining_race_fit import (
    FREE,
    MiningDays,
    errors,
    exponential_error,
    fit,
    mining_days,
    opening_2018,
    replay,
    root_mean_square,
)

N_TO_2021 = 1_461


def unix(date: str) -> float:
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def days(data_folder) -> MiningDays:
    table = read_table(data_folder / "btc_daily.csv")
    return mining_days(table, since_ts=unix("2018-01-01"), until_ts=unix("2024-12-24"))


@pytest.mark.data
def test_seven_years_of_bitcoin_from_price_and_fees_alone(days):
    assert days.eh_s.size == 2_549
    race = opening_2018()
    off = errors(race, days)
    assert root_mean_square(off) == pytest.approx(0.131, abs=0.0005)
    assert exponential_error(days) == pytest.approx(0.181, abs=0.0005)
    assert abs(off.mean()) < 0.02
    # Off by more than 0.3 on seven days only, the crash and the halving of spring 2020: real miners
    # take longer than a day to switch off.
    assert (np.abs(off) > 0.3).sum() == 7
    worst = datetime.fromtimestamp(days.first_ts + 86_400 * int(np.argmin(off)), UTC).date()
    assert worst.isoformat() == "2020-05-12"


@pytest.mark.data
def test_the_numbers_are_those_that_fit_best(days):
    race = opening_2018()
    best = root_mean_square(errors(race, days))
    for name in FREE:
        for factor in (0.93, 1.07):
            moved = replace(race, **{name: factor * getattr(race, name)})
            assert root_mean_square(errors(moved, days)) > best


@pytest.mark.data
def test_fitted_to_four_years_it_tells_the_next_three_better_than_an_exponential(days):
    race = fit(opening_2018(), days.until(N_TO_2021))
    off = errors(race, days)
    assert root_mean_square(off[:N_TO_2021]) == pytest.approx(0.133, abs=0.002)
    assert root_mean_square(off[N_TO_2021:]) == pytest.approx(0.16, abs=0.01)
    t = np.arange(days.eh_s.size)
    line = np.polyfit(t[:N_TO_2021], np.log(days.eh_s[:N_TO_2021]), 1)
    unseen = (np.log(days.eh_s) - np.polyval(line, t))[N_TO_2021:]
    assert root_mean_square(unseen) == pytest.approx(0.19, abs=0.01)


def made_up(n_days: int) -> MiningDays:
    t = np.arange(n_days) / 365
    return MiningDays(
        first_ts=0.0,
        btc_usd=10_000 * np.exp(0.8 * np.sin(3 * t)),
        fees_btc=np.full(n_days, 0.5),
        subsidy_btc=np.full(n_days, 12.5),
        online=np.ones(n_days),
        eh_s=np.ones(n_days),
    )


def test_a_fit_finds_the_numbers_that_made_the_data():
    given = made_up(700)
    true = opening_2018(machine_usd_per_th=90.0, capacity_eh_s=50.0)
    days = replace(given, eh_s=replay(true, given))
    found = fit(opening_2018(), days, ("machine_usd_per_th", "capacity_eh_s"))
    assert found.machine_usd_per_th == pytest.approx(90.0, rel=0.01)
    assert found.capacity_eh_s == pytest.approx(50.0, rel=0.01)
    assert root_mean_square(errors(found, days)) < 0.001


def test_the_same_days_give_the_same_path_and_the_future_is_not_seen():
    given = made_up(200)
    path = replay(opening_2018(), given)
    assert path[0] == pytest.approx(14.7, rel=1e-9)
    assert replay(opening_2018(), given).tolist() == path.tolist()
    later = replace(given, btc_usd=np.where(np.arange(200) < 120, given.btc_usd, 1.0))
    assert replay(opening_2018(), later)[:120].tolist() == path[:120].tolist()
    assert replay(opening_2018(), later)[120] < 0.5 * path[120]


def test_half_of_the_machines_away_is_half_the_hash_rate():
    given = made_up(30)
    half = replace(given, online=np.full(30, 0.5))
    assert replay(opening_2018(), half)[0] == pytest.approx(0.5 * 14.7, rel=1e-9)


def table_of(tmp_path, n_days=60, hole=False):
    rows = ["date,price_usd,hashrate_ths,issuance_btc,fees_btc,block_count"]
    for day in range(n_days):
        date = datetime.fromtimestamp(unix("2020-01-01") + 86_400 * day, UTC).date()
        price = "" if hole and day == 30 else "9000"
        rows.append(f"{date},{price},1e8,1800,14.4,144")
    path = tmp_path / "days.csv"
    path.write_text("\n".join(rows) + "\n")
    return read_table(path)


def test_days_are_read_with_trailing_fees_and_a_centred_hash_rate(tmp_path):
    table = table_of(tmp_path)
    found = mining_days(table, since_ts=unix("2020-01-10"), until_ts=unix("2020-02-10"))
    assert found.eh_s.size == 31
    assert found.eh_s.tolist() == pytest.approx([100.0] * 31)
    assert found.fees_btc.tolist() == pytest.approx([0.1] * 31)
    assert found.subsidy_btc.tolist() == [12.5] * 31
    assert found.online.tolist() == [1.0] * 31
    assert found.first_ts == unix("2020-01-10")


def test_days_that_are_missing_are_named(tmp_path):
    with pytest.raises(DataError, match="not far enough"):
        mining_days(table_of(tmp_path), since_ts=unix("2020-01-01"), until_ts=unix("2020-02-10"))
    with pytest.raises(DataError, match=r"btc_usd.*without a value"):
        mining_days(
            table_of(tmp_path, hole=True),
            since_ts=unix("2020-01-10"),
            until_ts=unix("2020-02-10"),
        )
