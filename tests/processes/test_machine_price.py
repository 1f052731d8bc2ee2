"""Sources of expected values: the differential equation's own solution, and limits of it."""

import doctest

import numpy as np
import pytest

from headframe.book import Book
from headframe.chunk import Chunk
from headframe.loop import play
from headframe.processes import machine_price as module
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.processes.machine_price import MachinePrice
from headframe.scenario import Paths
from headframe.scenarios.model import Model
from headframe.scenarios.stress import Shock

DAY_S = 86_400.0
CHAIN = {"fees": 0.1, "subsidy": 3.125, "difficulty": 1.2e14}


def play_price(machine, *, btc=None, days=100, shocks=(), n_paths=3):
    price = btc or Constant(name="btc_usd", value=60_000.0)
    book = Book(
        name="test",
        scenario=Model(processes=(price, machine), shocks=shocks),
        wallet={"btc": 1.0},
        horizon_s=days * DAY_S,
    )
    chunk = Chunk(book, book.plan(), Paths(first=0, n_paths=n_paths, seed=1))
    play(chunk, book.n_steps)
    return chunk.now.world


def test_the_example_runs():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_halved_hashprice_halves_the_machine_with_a_lag():
    machine = MachinePrice(name="s21_usd", start=3_000.0, lag_s="20d", **CHAIN)
    halved = Shock(name="crash", observable="btc_usd", multiply=0.5, at_s="1d")
    for days in (1, 10, 100):
        found = play_price(machine, days=days, shocks=(halved,))["s21_usd"]
        expected = 3_000.0 * 0.5 ** (1.0 - np.exp(-days / 20.0))
        assert found == pytest.approx(expected, rel=1e-12)


def test_obsolescence_is_followed_at_the_distance_of_the_lag():
    machine = MachinePrice(
        name="s21_usd", start=3_000.0, elasticity=0.0, obsolescence=0.4, lag_s="20d", **CHAIN
    )
    found = play_price(machine, days=365)["s21_usd"]
    # The lagged line in continuous time, ln P = -a (t - lag); a step of a day is half a day off.
    assert np.log(found / 3_000.0) == pytest.approx(-0.4 * (365 - 20) / 365, abs=0.4 / 365)


def test_a_quick_market_follows_hashprice_to_the_elasticity():
    machine = MachinePrice(name="s21_usd", start=3_000.0, elasticity=1.3, lag_s="1h", **CHAIN)
    world = play_price(machine, btc=GBM(name="btc_usd", start=6e4, volatility=0.8), n_paths=200)
    ratio = world["btc_usd"] / 6e4
    assert np.std(ratio) > 0.2
    assert world["s21_usd"] == pytest.approx(3_000.0 * ratio**1.3, rel=1e-9)


def test_a_price_is_named_as_one():
    with pytest.raises(ValueError, match="a price is named"):
        MachinePrice(name="s21_price_usd", start=3_000.0)
