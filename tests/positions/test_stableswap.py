"""
Sources of expected values: `headframe.exact.curve_stableswap`, which an independent implementation
judges, played trade by trade; Curve's guide for the boost; sums written out.
"""

import doctest

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.exact import curve_stableswap as exact
from headframe.exact.fixed import WAD
from headframe.positions import stableswap as module
from headframe.positions.stableswap import Stableswap, boost

A, FEE, ADMIN = 100, 0.0004, 0.5
POOL = 10_000_000


def share(**changes):
    usual = {
        "name": "lp",
        "token0": "usdt",
        "token1": "usdc",
        "held": {"amount0": 1_000.0, "amount1": 1_000.0},
        "amplification": A,
        "fee": FEE,
        "admin_fee": ADMIN,
        "swap_cost": 0.0,
    }
    return Stableswap(**{k: v for k, v in (usual | changes).items() if v is not ...})


def paid_in(**deposit):
    return share(held=..., deposit=deposit)


def world(usdt, **rest):
    return {"usdt_usd": usdt, "usdc_usd": 1.0} | rest


def contract(x=POOL, y=POOL):
    pool = exact.new_pool([18, 18], a=A, fee=int(FEE * 10**10), admin_fee=int(ADMIN * 10**10))
    exact.add_liquidity(pool, [x * WAD, y * WAD], now_ts=0)
    return pool


def arbitraged(pool, market):
    """Trade in the exact pool as long as a coin more brings a profit, by halving the size."""
    for i, worth in ((0, 1.0 / market), (1, market)):
        tick = 10**12
        low, high = 0, 50 * POOL * WAD
        while high - low > tick:
            size = (low + high) // 2
            more = exact.get_dy(pool, i, 1 - i, size + tick, now_ts=0)
            gain = more - exact.get_dy(pool, i, 1 - i, size, now_ts=0)
            low, high = (size, high) if gain * worth > tick else (low, size)
        if low > tick:
            exact.exchange(pool, i, 1 - i, low, now_ts=0)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_sequence_of_prices_leaves_what_the_exact_pool_leaves():
    """
    A whole pool through a wobble, a depeg to 0.8 and back; bound 1e-6 of the pool.

    The arbitrageur in the exact pool stops within 1e-6 coins of the best trade; a price that is
    accurate to 1e-9 moves the balances of a pool with A = 100 by some 1e-7 of it.
    """
    prices = [1.0, 1.0002, 0.999, 1.001, 0.99, 0.97, 0.8, 0.9, 0.95, 1.0, 1.0003]
    pool, lp = contract(), share(held={"amount0": float(POOL), "amount1": float(POOL)})
    for length in range(2, len(prices) + 1):
        arbitraged(pool, prices[length - 1])
        chunk = played(scripted(lp, values=world(prices[:length])))
        state = seat(chunk, "lp").state
        owned = state["invariant"][0]
        for row, balance in zip(("x", "y"), pool.balances, strict=True):
            assert owned * state[row][0] == pytest.approx(balance / WAD, abs=1e-6 * POOL)
        grown = exact.get_virtual_price(pool, now_ts=0) / WAD
        assert gauges(chunk, "lp")["virtual_price"] == pytest.approx(grown, abs=1e-9)
    assert grown > 1.0001


def test_within_the_fee_nobody_trades():
    chunk = played(scripted(share(), values=world([1.0, 1.00039, 0.99961])))
    assert entry(chunk, "lp", "fee")[0] == 0.0
    assert entry(chunk, "lp", "rebalancing")[0] == 0.0


def test_a_depeg_fills_the_pool_with_the_bad_coin():
    chunk = played(scripted(share(), values=world([1.0, 0.5])))
    told_ = gauges(chunk, "lp")
    assert told_["share0"] > 0.9
    assert entry(chunk, "lp", "rebalancing")[0] < -400.0
    # Nearly all of it is worth the bad coin's price, and nothing is worth less.
    assert 1_000.0 < told_["equity"] < 1_080.0


@pytest.mark.parametrize("usdt", [1e-9, 0.0])
def test_a_worthless_coin_takes_all(usdt):
    chunk = played(scripted(share(), values=world([1.0, usdt, usdt])))
    assert 0.0 <= gauges(chunk, "lp")["equity"] < 1.0


def test_turnover_pays_its_fee_less_the_protocols_part():
    chunk = played(scripted(share(turnover=0.5), values=world([1.0, 1.0])))
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(2_000 * 0.5 * FEE * ADMIN, rel=1e-12)


@pytest.mark.parametrize(("usdt", "usdc"), [(0.0, 100.0), (100.0, 0.0), (50.0, 50.0), (90.0, 10.0)])
def test_a_deposit_is_credited_as_the_exact_pool_does(usdt, usdc):
    """In a pool of twenty million; own impact, which is left out, is 100 / 2e7 / A."""
    pool = contract()
    amounts = [int(usdt * WAD), int(usdc * WAD)]
    shares = exact.add_liquidity(pool, amounts, now_ts=0)
    lp = paid_in(usdt=usdt, usdc=usdc)
    chunk = opened(scripted(lp, values=world(1.0), wallet={"usdt": usdt, "usdc": usdc}))
    assert gauges(chunk, "lp")["shares"] == pytest.approx(shares / WAD, abs=1e-5)


@pytest.mark.parametrize(("coin", "k"), [("usdt", 0), ("usdc", 1)])
@pytest.mark.parametrize("market", [1.0, 0.98])
def test_one_coin_is_paid_out_as_the_exact_pool_does(coin, k, market):
    """200 of twenty million shares, in one coin, before and after a depeg."""
    pool = contract()
    if market != 1.0:
        arbitraged(pool, market)
    d = pool.total_supply
    held = {"amount0": POOL / 1e5, "amount1": POOL / 1e5}
    lp = share(held=held, withdraw_as=coin)
    prices = [1.0, market] if market != 1.0 else [1.0]
    chunk = (played if len(prices) > 1 else opened)(scripted(lp, values=world(prices)))
    paid = exact.remove_liquidity_one_coin(pool, d // 10**5, k, now_ts=0)[0] / WAD
    price = market if coin == "usdt" else 1.0
    before = gauges(chunk, "lp")["equity"]
    wallet = float(chunk.books["wallet/usd"][0]) if "wallet/usd" in chunk.books else 0.0
    told(chunk, "lp", "close")
    got = float(chunk.books["wallet/usd"][0]) - wallet
    # At the market's price, more than it is worth is not paid.
    assert got == pytest.approx(min(paid * price, before), rel=1e-5)
    assert gauges(chunk, "lp")["equity"] == 0.0


def test_another_asset_is_swapped_into_the_pools_proportion():
    lp = share(held=..., deposit={"eth": 1.0}, swap_cost=0.003)
    chunk = opened(scripted(lp, values=world(1.0, eth_usd=2_000.0), wallet={"eth": 1.0}))
    assert gauges(chunk, "lp")["equity"] == pytest.approx(2_000.0 * 0.997, rel=1e-12)


@pytest.mark.parametrize(("ve", "times"), [(0, 1.0), (10, 1.3), (25, 1.75), (50, 2.5), (100, 2.5)])
def test_the_guides_boosts(ve, times):
    """$10,000 of $500M in the gauge, 2.5M votes."""
    assert boost(ve / 2.5e6, 1e4 / 5e8) == pytest.approx(times, rel=1e-12)


def test_rewards_are_value_times_rate_times_boost_and_are_harvested():
    lp = share(reward_asset="crv", reward_apr=0.1, ve_share=1e-5, stake_share=2e-5)
    chunk = played(scripted(lp, values=world([1.0, 1.0], crv_usd=0.5)))
    expected = 2_000.0 * 0.1 * 1.75 / 365.0
    assert gauges(chunk, "lp")["reward_value"] == pytest.approx(expected, rel=1e-12)
    told(chunk, "lp", "harvest")
    assert chunk.books["wallet/usd"][0] == pytest.approx(expected, rel=1e-12)
    assert gauges(chunk, "lp")["reward_value"] == 0.0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"deposit": {"usdc": 1.0}}, "give either deposit"),
        ({"token1": "usdt"}, "must differ"),
        ({"withdraw_as": "eth"}, "withdraw_as must be"),
        ({"reward_asset": "usdc"}, "reward_asset must differ"),
        ({"reward_apr": 0.1}, "needs a reward_asset"),
        ({"amplification": 0.5}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        share(**wrong)


def test_paths_do_not_disturb_each_other():
    values = world([np.array([1.0, 1.0]), np.array([0.9, 1.0])])
    chunk = played(scripted(share(), values=values), n_paths=2)
    assert entry(chunk, "lp", "rebalancing")[1] == 0.0
