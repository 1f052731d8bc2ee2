"""Gas by action: each verb pays its own, in every position that takes a table."""

import numpy as np
import pytest

import headframe as hf
from headframe.book import Book
from headframe.book_file import book_from_toml
from headframe.policies.compound import Compound
from headframe.policies.delever import Delever
from headframe.positions.levered import Levered
from headframe.positions.uniswap_v3 import UniswapV3
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.runs import run
from headframe.scenarios.model import Model
from headframe.units import DAY_S

TABLE = {"open": 3.0, "delever": 7.0, "compound": 11.0, "other": 19.0}


def farm(gas_usd, **changes):
    usual = {"leverage": 2.0, "threshold": 0.9, "reward_asset": "comp", "reward_apr": 0.5}
    return Levered(
        name="farm",
        token0="eth",
        token1="usdc",
        deposit={"usdc": 10_000.0},
        gas_usd=gas_usd,
        **(usual | changes),
    )


def gas_of(gas_usd, *policies, volatility=0.0, position=None, days=10):
    """Mean gas in dollars."""
    world = (
        GBM(name="eth_usd", start=2_000.0, volatility=volatility),
        Constant(name="usdc_usd", value=1.0),
        Constant(name="comp_usd", value=40.0),
    )
    book = Book(
        name="x",
        scenario=Model(processes=world),
        wallet={"usdc": 10_000.0},
        positions=(position or farm(gas_usd),),
        policies=policies,
        horizon_s=days * DAY_S,
    )
    return run(book, n_paths=50).moments.estimate("value/farm/gas").value


def test_opening_and_compounding_pay_their_own():
    daily = Compound(name="daily", position="farm", interval_s="1d")
    assert gas_of(TABLE) == pytest.approx(-3.0)
    assert gas_of(TABLE, daily) == pytest.approx(-3.0 - 10 * 11.0)
    assert gas_of(5.0, daily) == pytest.approx(-5.0 - 10 * 5.0)


def test_delevering_pays_its_own():
    always = Delever(name="guard", position="farm", trigger=1.9, target=1.9)
    # health opens at 0.9 / 0.5 = 1.8: one delevering, and none after it in a still world
    assert gas_of(TABLE, always) == pytest.approx(-3.0 - 7.0)


def test_the_rest_is_other():
    close = hf.StopLoss(name="out", position="farm", below=1e9)
    assert gas_of(TABLE, close) == pytest.approx(-3.0 - 19.0, rel=1e-6)


def test_a_range_pays_by_action():
    lp = UniswapV3(
        name="farm",
        token0="eth",
        token1="usdc",
        range={"width": 0.1, "decimals1": 6},
        deposit={"usdc": 10_000.0},
        turnover=3.0,
        gas_usd={"compound": 2.0, "other": 1.0},
    )
    daily = Compound(name="daily", position="farm", interval_s="1d")
    assert gas_of(None, daily, position=lp) == pytest.approx(-1.0 - 10 * 2.0)


def test_the_gauge_is_the_cost_of_compounding():
    """Rewards of 20,000 at 50 % are 27.4 a day: worth twice 11 on the first day, not twice 14."""
    rich = Compound(name="rich", position="farm", gas_multiple=2.0)
    often = gas_of(TABLE | {"compound": 11.0}, rich)
    seldom = gas_of(TABLE | {"compound": 14.0}, rich)
    assert often == pytest.approx(-3.0 - 10 * 11.0)
    assert seldom == pytest.approx(-3.0 - 5 * 14.0)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"opne": 1.0, "other": 1.0}, "gas_usd.opne: no such action; one of open, close"),
        ({"open": 1.0, "close": 1.0}, "gas_usd lacks delever, and other"),
    ],
)
def test_a_table_is_held_to_the_verbs(table, told):
    with pytest.raises(ValueError, match=told):
        farm(table)


def test_a_book_may_say_it_in_toml():
    text = """
    name = "x"
    cash = "usdc"
    horizon = "5d"
    [wallet]
    usdc = 1_000
    [process.eth_usd]
    kind = "gbm"
    start = 2000.0
    volatility = 0.5
    [process.usdc_usd]
    kind = "constant"
    value = 1.0
    [process.main_gas]
    kind = "ethereum_gas"
    median_gwei = 1.0
    units = { open = 483_000, rest = 300_000 }
    [position.farm]
    kind = "levered"
    token0 = "eth"
    token1 = "usdc"
    deposit = { usdc = 1_000 }
    gas_usd = { open = "main_gas_usd_per_open", other = "main_gas_usd_per_rest" }
    """
    found = run(book_from_toml(text), n_paths=20).moments.estimate("value/farm/gas").value
    # 483,000 gas at a base fee of 1 gwei and a tip of 0.05, at 2,000 USD
    assert found == pytest.approx(-483_000 * 1.05e-9 * 2_000.0)
    assert np.isfinite(found)
