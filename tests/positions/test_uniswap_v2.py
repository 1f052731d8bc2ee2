"""
Sources of expected values: `headframe.analytics` (impermanent loss; loss-versus-rebalancing
1 - exp(-sigma^2 t / 8)); `headframe.exact.uniswap_v2`, which deployed bytecode judges; sums written
out.
"""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.analytics import impermanent_loss, lvr
from headframe.book import Book
from headframe.exact import uniswap_v2 as exact
from headframe.positions import uniswap_v2 as module
from headframe.positions.uniswap_v2 import UniswapV2
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S

START = 2_000.0
WALLET = {"usdc": 10_000.0}


def share(**changes):
    usual = {"name": "lp", "token0": "eth", "token1": "usdc", "deposit": {"usdc": 10_000.0}}
    return UniswapV2(**{k: v for k, v in (usual | changes).items() if v is not ...})


def world(eth, **rest):
    return {"eth_usd": eth, "usdc_usd": 1.0} | rest


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("k", [0.25, 0.5, 0.8, 1.0, 2.0, 4.0, 5.0])
def test_impermanent_loss_is_that_of_the_closed_form_on_any_way_there(k):
    way = [START, 1.3 * START, 0.6 * START, k * START]
    chunk = played(scripted(share(fee=0.0, swap_cost=0.0), values=world(way), wallet=WALLET))
    expected = float(impermanent_loss.constant_product(k))
    told_ = gauges(chunk, "lp")
    assert told_["impermanent_loss"] == pytest.approx(expected, abs=1e-12)
    assert told_["equity"] / told_["hold_value"] - 1.0 == pytest.approx(expected, abs=1e-12)
    assert told_["hold_value"] == pytest.approx(5_000.0 * (1 + k), rel=1e-12)


def test_fees_do_not_hide_the_impermanent_loss():
    values = world([START, 2 * START])
    chunk = played(scripted(share(turnover=0.5), values=values, wallet=WALLET))
    told_ = gauges(chunk, "lp")
    assert told_["impermanent_loss"] == pytest.approx(-0.0571909584, abs=1e-10)
    assert told_["equity"] / told_["hold_value"] - 1.0 > -0.056


def test_loss_versus_rebalancing_in_the_mean():
    """Mean of minus `rebalancing` per unit of value: 1 - exp(-sigma^2 t / 8), 4 standard errors."""
    processes = (
        GBM(name="eth_usd", start=START, volatility=0.8),
        Constant(name="usdc_usd", value=1.0),
    )
    book = Book(
        name="model",
        scenario=Model(processes=processes),
        wallet={"usdc": 1.0},
        positions=(share(deposit={"usdc": 1.0}, fee=0.0, swap_cost=0.0),),
        horizon_s=30 * DAY_S,
    )
    loss = -entry(played(book, n_paths=60_000), "lp", "rebalancing")
    expected = -math.expm1(-(0.8**2) * (30 / 365) / 8)
    assert expected == pytest.approx(float(lvr.expected_loss(0.8, years=30 / 365)), rel=1e-12)
    assert abs(loss.mean() - expected) < 4 * loss.std() / math.sqrt(loss.size)
    assert loss.std() / math.sqrt(loss.size) < 0.01 * expected


def test_arbitrage_pays_the_fee_that_the_contract_takes():
    """
    The pair's own swap from one price to another: what stays in the reserves beyond the curve.

    A whole pool of 1,000 ETH and 2,000,000 USDC; the market rises by a fifth, and an arbitrageur
    brings the USDC that the exact contract needs to take the pool there.
    """
    eth, usdc = 1_000 * 10**18, 2_000_000 * 10**18
    out = eth - int(eth / math.sqrt(1.2))
    paid = exact.get_amount_in(out, usdc, eth)
    fee = paid * 3 // 1_000
    deposit = {"eth": 1_000.0, "usdc": 2_000_000.0}
    chunk = played(scripted(share(deposit=deposit), values=world([START, 2_400.0]), wallet=deposit))
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(fee / 1e18, rel=1e-12)


def test_fees_from_volume_compound():
    chunk = played(
        scripted(
            share(turnover="eth_usdc_turnover", swap_cost=0.0),
            values=world([START] * 3, eth_usdc_turnover=[9.0, 0.2, 0.4]),
            wallet=WALLET,
        )
    )
    assert gauges(chunk, "lp")["equity"] == pytest.approx(10_000 * 1.0006 * 1.0012, rel=1e-12)


def test_held_liquidity_costs_nothing_and_remembers_what_was_put_in():
    held = {"amount0": 2.5, "amount1": 10_000.0}
    values = world([2 * START] * 2)
    chunk = played(scripted(share(deposit=..., held=held), values=values))
    assert chunk.books["opening"][0] == pytest.approx(20_000.0)
    assert gauges(chunk, "lp")["impermanent_loss"] == pytest.approx(0.0, abs=1e-12)
    remembered = held | {"entered0": 5.0 / math.sqrt(2), "entered1": 10_000 / math.sqrt(2)}
    chunk = played(scripted(share(deposit=..., held=remembered), values=values))
    expected = float(impermanent_loss.constant_product(2.0))
    assert gauges(chunk, "lp")["impermanent_loss"] == pytest.approx(expected, abs=1e-12)


def test_withdrawing_a_share_pays_it_out_and_leaves_the_rest():
    book = scripted(
        share(swap_cost=0.002, gas_usd=4.0), values=world(START), wallet=WALLET, cash="usdc"
    )
    chunk = opened(book)
    before = gauges(chunk, "lp")["equity"]
    told(chunk, "lp", "withdraw", 0.25)
    assert gauges(chunk, "lp")["equity"] == pytest.approx(0.75 * before, rel=1e-12)
    paid = 0.125 * before + 0.125 * before * 0.998 - 4.0
    assert chunk.books["wallet/usdc"][0] == pytest.approx(paid, rel=1e-12)
    told(chunk, "lp", "close")
    assert gauges(chunk, "lp")["equity"] == 0.0
    told(chunk, "lp", "close")
    assert entry(chunk, "lp", "gas")[0] == pytest.approx(-12.0)


def test_liquidity_added_later_counts_from_its_own_price():
    book = scripted(
        share(fee=0.0, swap_cost=0.0),
        values=world([START, 4 * START, 4 * START]),
        wallet={"usdc": 20_000.0},
    )

    def add(chunk):
        if chunk.now.step == 1:
            told(chunk, "lp", "open", 1.0)

    chunk = played(book, watchers=(add,))
    told_ = gauges(chunk, "lp")
    assert told_["equity"] == pytest.approx(20_000.0 + 10_000.0, rel=1e-12)
    assert told_["hold_value"] == pytest.approx(25_000.0 + 10_000.0, rel=1e-12)


def test_the_pool_follows_its_own_price_where_it_has_one():
    values = world([START] * 2, eth_usdc_pool_price=[START, 1.002 * START])
    position = share(pool_price="eth_usdc_pool_price", fee=0.0, swap_cost=0.0)
    chunk = played(scripted(position, values=values, wallet=WALLET))
    state = seat(chunk, "lp").state
    assert state["root"][0] ** 2 == pytest.approx(1.002 * START)
    root = math.sqrt(1.002)
    assert gauges(chunk, "lp")["equity"] == pytest.approx(5_000.0 * (1 / root + root), rel=1e-12)
    told(chunk, "lp", "withdraw", 0.5)
    assert np.isfinite(chunk.books.data).all()


def test_the_pools_price_is_one_token_in_the_other_whatever_these_are_worth():
    values = {"eth_usd": [1_600.0] * 2, "usdc_usd": 0.8, "eth_usdc_pool_price": START}
    position = share(pool_price="eth_usdc_pool_price", swap_cost=0.0)
    chunk = played(scripted(position, values=values, wallet=WALLET))
    assert seat(chunk, "lp").state["root"][0] ** 2 == pytest.approx(START)
    assert gauges(chunk, "lp")["equity"] == pytest.approx(8_000.0)


@pytest.mark.parametrize("eth", [[START, 0.0, START], [START, 1e9, 1e-9], [START, 1e-300, 0.0]])
def test_extreme_prices_stay_finite(eth):
    def look(chunk):
        for block in (chunk.books, seat(chunk, "lp").state):
            assert np.isfinite(block.data).all()
        assert all(math.isfinite(v) for v in gauges(chunk, "lp").values())

    played(scripted(share(), values=world(eth), wallet=WALLET), watchers=(look,))
