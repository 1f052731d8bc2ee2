"""Money in and out, checked against sums written out; most of it through a held asset."""

import doctest

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, told

from headframe.errors import InputError
from headframe.positions import held_asset as module
from headframe.positions.farm import YieldFarm
from headframe.positions.held_asset import HeldAsset
from headframe.positions.lending import Lending
from headframe.positions.staking import Staking
from headframe.positions.uniswap_v2 import UniswapV2
from headframe.studies.compare import alternatives

VALUES = {"btc_usd": [50_000.0, 60_000.0], "usdc_usd": 1.0, "eur_usd": 1.25}


def coins(**changes):
    usual = {"name": "savings", "asset": "btc", "deposit": {"usdc": 5_000.0, "btc": 0.1}}
    return HeldAsset(**{k: v for k, v in (usual | changes).items() if v is not ...})


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_deposit_is_swapped_at_cost_and_pays_gas():
    book = scripted(
        coins(swap_cost=0.01, gas_usd=10.0), values=VALUES, wallet={"usdc": 6_000.0, "btc": 0.3}
    )
    chunk = opened(book)
    assert gauges(chunk, "savings")["quantity"] == pytest.approx(0.1 + 0.099 - 10.0 / 50_000.0)
    assert chunk.books["wallet/usdc"][0] == 1_000.0
    assert chunk.books["wallet/btc"][0] == pytest.approx(0.2)
    assert entry(chunk, "savings", "slippage")[0] == pytest.approx(-50.0)
    assert entry(chunk, "savings", "principal")[0] == pytest.approx(0.0, abs=1e-9)


def test_the_price_alone_moves_what_is_held():
    chunk = played(scripted(coins(swap_cost=0.0), values=VALUES, wallet={"usdc": 5e3, "btc": 0.1}))
    assert chunk.books["market/savings"][0] == pytest.approx(0.2 * 10_000.0)


@pytest.mark.parametrize(("cash", "cost"), [("btc", 0.0), ("usdc", 0.02)])
def test_closing_sells_for_the_books_cash(cash, cost):
    book = scripted(
        coins(swap_cost=0.02), values=VALUES, wallet={"usdc": 5e3, "btc": 0.1}, cash=cash
    )
    chunk = opened(book)
    held = gauges(chunk, "savings")["equity"]
    told(chunk, "savings", "close")
    price = {"btc": 50_000.0, "usdc": 1.0}[cash]
    assert chunk.books[f"wallet/{cash}"][0] * price == pytest.approx(held * (1 - cost))


def test_gas_is_never_more_than_what_moves():
    chunk = opened(
        scripted(coins(gas_usd=1e6), values=VALUES, wallet={"usdc": 5_000.0, "btc": 0.1})
    )
    assert gauges(chunk, "savings")["quantity"] == 0.0
    assert entry(chunk, "savings", "gas")[0] == pytest.approx(-10_000.0 * 0.9985, rel=1e-3)


def test_an_order_is_carried_out_on_its_paths_only():
    book = scripted(coins(), values=VALUES, wallet={"usdc": 15_000.0, "btc": 0.3})
    chunk = opened(book, n_paths=3)
    mask = np.array([True, False, True])
    told(chunk, "savings", "open", np.array([0.5, 1.0, 9.0]), mask=mask)
    wallet = chunk.books["wallet/usdc"]
    assert wallet == pytest.approx([7_500.0, 10_000.0, 0.0], abs=1e-9)
    assert (wallet >= 0.0).all()
    told(chunk, "savings", "close", mask=mask)
    assert chunk.positions[0].state["quantity"][[0, 2]] == pytest.approx(0.0)
    assert chunk.positions[0].state["quantity"][1] > 0.19


def test_a_deposit_of_several_coins_keeps_its_proportions():
    """Twice 5,000 and 0.1 are asked for; of the coin there is half as much as that needs."""
    chunk = opened(scripted(coins(), values=VALUES, wallet={"usdc": 15_000.0, "btc": 0.2}))
    told(chunk, "savings", "open", 2.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(5_000.0)
    assert chunk.books["wallet/btc"][0] == pytest.approx(0.0, abs=1e-15)


def test_costs_in_dollars_are_valued_in_the_books_numeraire():
    book = scripted(
        coins(deposit={"btc": 0.1}, gas_usd=10.0),
        values=VALUES,
        wallet={"btc": 0.1},
        numeraire="eur",
    )
    assert entry(opened(book), "savings", "gas")[0] == pytest.approx(-8.0)


def test_costs_in_dollars_need_a_dollar():
    book = scripted(
        coins(deposit={"btc": 0.1}, gas_usd=10.0),
        values={"btc_eur": 40_000.0},
        wallet={"btc": 0.1},
        numeraire="eur",
    )
    with pytest.raises(InputError, match="usd_eur"):
        opened(book)


def test_what_is_held_already_costs_nothing():
    position = coins(deposit=..., held={"quantity": 0.5}, gas_usd=50.0)
    chunk = opened(scripted(position, values=VALUES))
    assert chunk.books["opening"][0] == chunk.books["wealth"][0] == 25_000.0


def test_either_bought_or_held():
    with pytest.raises(ValueError, match="either deposit"):
        coins(held={"quantity": 1.0})
    with pytest.raises(ValueError, match="either deposit"):
        coins(deposit=...)


@pytest.mark.parametrize(
    ("position", "held"),
    [
        (UniswapV2(name="p", token0="btc", token1="usdc", deposit={"usdc": 8e3}), (0.08, 4e3)),
        (
            UniswapV2(name="p", token0="btc", token1="usdc", held={"amount0": 2, "amount1": 1e5}),
            (2, 1e5),
        ),
        (Lending(name="p", asset="usdc", held={"supplied": 300.0}), (300.0,)),
        (Staking(name="p", asset="btc", deposit={"btc": 0.5}), (0.5,)),
        (YieldFarm(name="p", asset="usdc", reward_asset="btc", deposit={"usdc": 7e3}), (7e3,)),
    ],
)
def test_simply_holding_is_the_alternative(position, held):
    book = scripted(position, values=VALUES, wallet={"usdc": 1e4, "btc": 1.0})
    other = next(b for b in alternatives(book) if b.name == "simply holding")
    chunk = opened(other)
    quantities = [float(s.state["quantity"][0]) for s in chunk.positions]
    assert quantities == pytest.approx(held, rel=0.004)
    assert chunk.books["opening"][0] == pytest.approx(opened(book).books["opening"][0], rel=1e-12)
