"""Answers of every shape that a report must be able to tell."""

from copy import copy
from dataclasses import replace

import pytest

from headframe.book_file import book_from_toml
from headframe.metrics.tail import Chance
from headframe.report.answer import run
from headframe.report.findings import Findings

FARM = """
name = "3x ETH/USDC farm"
numeraire = "usd"
cash = "usdc"
horizon = "60d"
[wallet]
usdc = 10_000
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
deposit = { usdc = 10_000 }
leverage = 3
threshold = 0.8333333
borrow1_apr = 0.08
turnover = 0.2
[policy.guard]
kind = "delever"
position = "farm"
trigger = 1.02
target = 1.1
"""
"""A farm with a policy: events, a health, alternatives."""
DESK = """
name = "two farms [bold]and[/bold] spare ether"
numeraire = "btc"
cash = "usdc"
horizon = "2y"
step = "10d"
[wallet]
usdc = 30_000
eth = 2
[process.eth_usd]
kind = "gbm"
start = 2000.0
volatility = 0.7
[process.btc_usd]
kind = "gbm"
start = 60_000.0
volatility = 0.5
[process.usdc_usd]
kind = "constant"
value = 1.0
[position.the_farm_on_ether_with_a_long_name]
kind = "levered"
token0 = "eth"
token1 = "usdc"
deposit = { usdc = 20_000 }
leverage = 3
threshold = 0.8333333
turnover = 0.15
borrow1_apr = 0.0
[position.btc_farm]
kind = "levered"
token0 = "btc"
token1 = "usdc"
deposit = { usdc = 10_000 }
leverage = 2
threshold = 0.85
borrow1_apr = 0.0
"""
"""Two positions and a wallet that moves, in bitcoin, over years."""
RICH = FARM.replace("10_000", "75_000_000").replace("3x ETH", "large ETH")
"""The same with amounts that need room."""
STILL = FARM.replace("volatility = 0.8", "volatility = 0.0")
"""A world in which nothing moves: every distribution is one value."""
EMPTY = """
name = "nothing but cash"
horizon = "3h"
step = "1h"
[wallet]
usd = 100
[process.eth_usd]
kind = "gbm"
start = 2000.0
volatility = 0.8
"""
"""No position, no event, no flow."""


@pytest.fixture(scope="session")
def farm() -> Findings:
    return run(book_from_toml(FARM), n_paths=4_000, seed=1).findings


@pytest.fixture(scope="session")
def desk() -> Findings:
    return run(book_from_toml(DESK), n_paths=2_000, seed=2).findings


@pytest.fixture(scope="session")
def still() -> Findings:
    return run(book_from_toml(STILL), n_paths=1_000, seed=1).findings


@pytest.fixture(scope="session")
def rich() -> Findings:
    return run(book_from_toml(RICH), n_paths=1_000, seed=3).findings


@pytest.fixture(scope="session")
def empty() -> Findings:
    return run(book_from_toml(EMPTY), n_paths=1_000, seed=1).findings


@pytest.fixture(scope="session")
def single() -> Findings:
    return run(book_from_toml(FARM), n_paths=1, seed=1).findings


@pytest.fixture(scope="session")
def partial(farm: Findings) -> Findings:
    """The farm, as if interrupted after 4,000 of 9,000 paths."""
    kept = copy(farm.kept)
    kept.settings = replace(kept.settings, n_paths=9_000)
    return replace(farm, kept=kept)


@pytest.fixture(scope="session")
def owing(farm: Findings) -> Findings:
    """The farm, as if it had defaulted over two dues; a note stands beside it."""
    causes = {
        "mine/power_bill": Chance(0.031, 0.003, 0.026, 0.037),
        "loan/margin_call": Chance(0.009, 0.001, 0.007, 0.012),
    }
    tail = replace(farm.tail, default=Chance(0.04, 0.003, 0.034, 0.047), causes=causes)
    return replace(farm, tail=tail, notes=("the history has no pool volume",))


@pytest.fixture(params=["farm", "desk", "rich", "still", "empty", "single", "partial", "owing"])
def answer(request: pytest.FixtureRequest) -> Findings:
    """Each of them in turn."""
    return request.getfixturevalue(request.param)
