"""A 3x farm held 90 days from every date of eight years of ether: counted, not simulated."""

import numpy as np
import pytest

from headframe.apps.books import load_book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.scenario import Paths

BOOK = """
name = "every start date"
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
largest_age_s = "2d"        # one day is missing: filled forward
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
swap_cost = 0.0
penalty = 0.0
borrow1_apr = 0.0
"""


@pytest.mark.data
def test_786_of_2868_starts_are_liquidated_13_below_water(data_folder, tmp_path):
    (tmp_path / "eth_usd_daily.csv").symlink_to(data_folder / "eth_usd_daily.csv")
    path = tmp_path / "book.toml"
    path.write_text(BOOK)
    book = load_book(path)
    n = book.scenario.limit(book.horizon_s)
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n, seed=1))
    play(chunk, book.n_steps)
    liquidated = chunk.positions[0].state["liquidated_s"] <= book.horizon_s
    forgiven = chunk.books["value/farm/forgiven"] > 0.0
    assert n == 2_868
    assert np.count_nonzero(liquidated) == 786
    assert np.count_nonzero(forgiven) == 13
    assert not (forgiven & ~liquidated).any()
    assert any("holds eth_usd and nothing else" in note for note in book.scenario.notes)
