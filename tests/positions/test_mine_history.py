"""
A mine through 2020 to 2024 with the network as it was: hashprices and retargets of the time.

`btc_daily.csv` has a row a day. The price of a row is that of the day's first instant, difficulty,
issuance and fees are the whole day's; the reference's hashprices take all of one row, so the price
is given a lag of a day here, and the tick that ends a day sees that day's row. What this history
lacks: prices of power and of machines, the pool's luck, and when within a day something happened.

The file has no block times. A boundary between two difficulty periods is passed at the time that
lies as far into its day as its height lies among the day's blocks; on these times the exact rule of
retargeting is used. Over the 137 periods from 2019 to 2024 that is off by 0.35 points on average.
"""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.exact import bitcoin
from headframe.loop import play
from headframe.positions.mine import Mine
from headframe.scenario import Paths
from headframe.scenarios.columns import Column, series_of
from headframe.scenarios.history import History

pytestmark = pytest.mark.data

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("HEADFRAME_DATA", BESIDE))
DAY_S = 86_400.0
PERIOD = 2016
COLUMNS = {
    "btc_usd": Column(column="price_usd", lag_s="1d"),
    "btc_chain_difficulty": Column(column="difficulty", lag_s="1d"),
    "btc_chain_subsidy_btc_per_block": Column(
        column="issuance_btc", rule="total", per="block_count"
    ),
    "btc_fees_btc_per_block": Column(column="fees_btc", rule="total", per="block_count"),
}


def ts(date):
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


class Table:
    """A CSV file, whose first column is a date."""

    def __init__(self, name, time="date"):
        path = DATA / name
        if not path.exists():
            pytest.skip(f"research data absent: {name}; set HEADFRAME_DATA to its folder")
        with path.open(newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.source = name
        self.ts = np.array([ts(row[time]) for row in self.rows]) if time else np.zeros(0)

    def column(self, name):
        return np.array([float(row[name] or "nan") for row in self.rows])


@pytest.fixture(scope="module")
def daily():
    return Table("btc_daily.csv")


@pytest.fixture(scope="module")
def played(daily):
    """The mine's books at the end, and what it saw on every day."""
    start = ts("2020-01-01") + DAY_S
    history = History(series=series_of(COLUMNS, {"btc": daily}), start_ts=start)
    machines = {
        "model": "s17",
        "count": 1000,
        "hashrate_th_s": 56.0,
        "efficiency_j_per_th": 45.0,
    }
    mine = Mine(
        name="mine",
        fleet={"machines": [machines]},
        held={},
        pool={"kind": "fpps", "fee": 0.02},
        power={"kind": "fixed", "usd_per_mwh": 45.0},
    )
    book = Book(
        name="history",
        scenario=history,
        wallet={"usd": 1e7},
        positions=(mine,),
        horizon_s=ts("2024-12-31") - start + DAY_S,
    )
    seen = {}

    def watch(chunk):
        # The tick at the end of a day carries that day's row.
        day = datetime.fromtimestamp(chunk.now.world["unix_ts"][0] - DAY_S, UTC)
        hashprice = chunk.positions[0].state["hashprice_usd_per_ph_day"][0]
        seen[day.date().isoformat()] = hashprice

    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=1, seed=1))
    play(chunk, book.n_steps, [watch])
    return chunk, seen


@pytest.mark.parametrize(
    ("date", "usd"),
    [
        ("2020-05-10", 153.188),
        ("2021-07-04", 322.003),
        ("2022-11-21", 57.0687),
        ("2024-04-19", 103.881),
        ("2024-04-20", 190.588),
    ],
)
def test_hashprice_days(played, date, usd):
    assert played[1][date] == pytest.approx(usd, rel=1e-4)


def test_five_years_of_coins_to_the_satoshi(daily, played):
    chunk, seen = played
    days = (daily.ts > ts("2020-01-01")) & (daily.ts <= ts("2024-12-31"))
    assert len(seen) == days.sum() + 1  # the opening shows the first day's row too
    rewards = (daily.column("issuance_btc") + daily.column("fees_btc")) / daily.column(
        "block_count"
    )
    blocks = 56e15 * DAY_S / (daily.column("difficulty") * 2**32)
    coins = float(np.sum((blocks * rewards)[days]) * 0.98)
    assert chunk.books["wallet/btc"] == pytest.approx(coins, abs=0.5e-8)
    mwh = 56_000 * 45.0 / 1e6 * 24 * days.sum()
    assert chunk.books["quantity/mine/power/usd/held"] == pytest.approx(-45.0 * mwh)


def test_a_miner_with_old_machines_stopped_paying_its_power(played):
    # At 45 J/TH and 45 USD per MWh power costs 48.6 USD per PH/s and day, before the pool's fee.
    chunk, seen = played
    strike = 45.0 * 24 * 45.0 / 1e3 / 0.98
    first = next(date for date, usd in seen.items() if usd < strike)
    found = chunk.positions[0].state["uneconomic_s"][0]
    assert found == ts(first) - ts("2020-01-01")
    assert "2020-03" <= first[:7] <= "2024-08"


@pytest.mark.parametrize(
    ("height", "percent"), [(687_456, -5.30), (689_472, -27.94), (691_488, -4.81)]
)
def test_retargets_of_summer_2021_from_daily_blocks(daily, height, percent):
    heights = daily.column("height_end")
    known = np.isfinite(heights)

    def passed_ts(block):
        return round(np.interp(block, heights[known], daily.ts[known] + DAY_S))

    epochs = Table("btc_difficulty_epochs.csv", time=None).rows
    bits = {int(row["start_height"]): int(row["nbits_hex"], 16) for row in epochs}
    before = bits[height - PERIOD]
    after = bitcoin.next_bits(before, passed_ts(height - PERIOD), passed_ts(height - 1))
    change = bitcoin.difficulty_for_display(after) / bitcoin.difficulty_for_display(before) - 1.0
    assert 100.0 * change == pytest.approx(percent, abs=0.3)
