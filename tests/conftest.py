"""What every test may use: the research data's folder, and a small farm."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("HEADFRAME_DATA", Path(__file__).parents[2] / "shared" / "data"))

FARM = """
name = "a farm"
cash = "usdc"
horizon = "30d"

[wallet]
usdc = 1_000

[process.eth_usd]
kind = "gbm"
start = 2000.0
volatility = 0.8

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
turnover = 0.1
borrow1_apr = 0.05

[policy.guard]
kind = "delever"
position = "farm"
trigger = 1.05
target = 1.2
"""


@pytest.fixture(scope="session")
def farm_toml() -> str:
    return FARM


@pytest.fixture(scope="session")
def farm():
    from headframe.book_file import book_from_toml

    return book_from_toml(FARM)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    if not (DATA / "eth_usd_daily.csv").exists():
        pytest.skip(f"research data is not at {DATA}; set HEADFRAME_DATA to its folder")
    return DATA
