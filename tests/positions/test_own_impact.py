"""
What own size does to the price on the way in and out, against the pair that bytecode judges.

On the way in the pair gets the deposit and the loans, swaps what Alpha Homora's two-sided formula
says, and mints; the shares count at their fair value. On the way out it burns them, and one token
is sold for the other in what is left of the pool.
"""

import math

import pytest
from scipy.optimize import brentq
from scripted import entry, gauges, opened, scripted, told

from headframe.exact import uniswap_v2 as exact
from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3

UNIT = 10**18
PRICE = 2_000.0
POOL_USD = 2e6
FEE = 0.003
VALUES = {"eth_usd": PRICE, "usdc_usd": 1.0}


def pair():
    """500 ether and a million dollars."""
    pool = exact.Pair()
    exact.send(pool, int(POOL_USD / 2.0 / PRICE) * UNIT, int(POOL_USD / 2.0) * UNIT)
    exact.mint(pool, "others", now_ts=1)
    return pool


def added(ether, dollars, fee=3):
    """Fair value of the shares that the two-sided optimal deposit mints, and what it swapped."""
    if fee == 0:  # the formula itself: without a fee it needs no pair
        half = POOL_USD / 2.0
        return 2.0 * half * (math.sqrt(1.0 + dollars / half) - 1.0), 0.0
    pool = pair()
    amounts = [int(ether * UNIT), int(dollars * UNIT)]
    terms = (*amounts, pool.reserve0, pool.reserve1)
    sold, second = exact.optimal_two_sided_deposit(*terms)
    reserves = (pool.reserve1, pool.reserve0) if second else (pool.reserve0, pool.reserve1)
    bought = exact.get_amount_out(sold, *reserves) if sold else 0
    if sold:
        exact.send(pool, 0 if second else sold, sold if second else 0)
        exact.swap(pool, bought if second else 0, 0 if second else bought, now_ts=1)
    left = [amounts[0] + bought, amounts[1] - sold] if second else None
    left = left or [amounts[0] - sold, amounts[1] + bought]
    exact.send(pool, *left)
    shares = exact.mint(pool, "us", now_ts=1)
    root = math.sqrt(pool.reserve0 * pool.reserve1) / UNIT
    fair = 2.0 * root * math.sqrt(PRICE) * shares / pool.total_supply
    return fair, sold / UNIT * (1.0 if second else PRICE)


TERMS = {
    "name": "farm",
    "token0": "eth",
    "token1": "usdc",
    "fee": FEE,
    "swap_cost": FEE,
    "pool_usd": POOL_USD,
}


@pytest.mark.parametrize("size", [0.001, 0.02, 0.1])
@pytest.mark.parametrize(("leverage", "share"), [(1.0, 0.0), (3.0, 0.0), (3.0, 0.75), (4.0, 1.0)])
def test_the_way_in_is_the_pairs(size, leverage, share):
    """All of the deposit in dollars: loans in either token make what must be swapped."""
    deposit = size * POOL_USD
    debt = (leverage - 1.0) * deposit
    ether, dollars = share * debt / PRICE, deposit + (1.0 - share) * debt
    fair, swapped = added(ether, dollars)
    farm = Levered(**TERMS, deposit={"usdc": deposit}, leverage=leverage, debt0_share=share)
    chunk = opened(scripted(farm, values=VALUES, wallet={"usdc": deposit}))
    found = gauges(chunk, "farm")["collateral"]
    assert found == pytest.approx(fair, rel=1e-12)
    # half of the farm in either token already: nothing is swapped
    assert bool(swapped > 1e-6) is ((leverage, share) != (3.0, 0.75))
    assert found <= leverage * deposit


def test_own_impact_grows_with_the_square_of_the_size():
    """Ten times the money loses a hundred times as much to its own impact, while it is small."""
    lost = []
    for deposit in (200.0, 2_000.0):
        farm = Levered(**(TERMS | {"swap_cost": 0.0}), deposit={"usdc": deposit}, leverage=3.0)
        chunk = opened(scripted(farm, values=VALUES, wallet={"usdc": deposit}))
        lost.append(-entry(chunk, "farm", "slippage")[0])
    assert lost[1] / lost[0] == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("kind", [Levered, LeveredV3])
def test_both_sorts_of_liquidity_pay_alike_on_both_ways(kind):
    """A range so wide that its two halves are a pool's: the same losses, in and out."""
    wide = {} if kind is Levered else {"range": {"width": 1e12, "snap": "none"}}
    deposit = 50_000.0
    farm = kind(**(TERMS | {"swap_cost": 0.0}), **wide, deposit={"usdc": deposit}, leverage=3.0)
    chunk = opened(scripted(farm, values=VALUES, wallet={"usdc": deposit}))
    into = -entry(chunk, "farm", "slippage")[0]
    swapped, depth = 1.5 * deposit, POOL_USD / 2.0
    assert into == pytest.approx(swapped**2 / (swapped + depth), rel=2e-3)
    assert into == pytest.approx(150_000.0 - added(0.0, 150_000.0, fee=0)[0], rel=1e-6)
    held = gauges(chunk, "farm")["collateral"]
    told(chunk, "farm", "close")
    out = -entry(chunk, "farm", "slippage")[0] - into
    half = held / 2.0
    assert out == pytest.approx(half**2 / (half + depth), rel=1e-5)


@pytest.mark.parametrize("size", [0.01, 0.1])
def test_the_way_out_is_the_pairs(size):
    """Shares are burnt, all ether is sold into what the others left."""
    pool = pair()
    half = size * POOL_USD / 2.0
    bought = exact.get_amount_out(int(half / PRICE * UNIT), pool.reserve0, pool.reserve1) / UNIT
    held = {"amount0": half / PRICE, "amount1": half}
    farm = Levered(**(TERMS | {"swap_cost": 0.0}), held=held)
    chunk = opened(scripted(farm, values=VALUES))
    told(chunk, "farm", "close")
    paid = chunk.books["wallet/usd"][0]
    free = half - half**2 / (half + POOL_USD / 2.0)  # without the pair's fee
    assert paid == pytest.approx(half + free, rel=1e-12)
    assert abs((paid - half) * (1.0 - FEE) - bought) <= FEE * half * half / (POOL_USD / 2.0)


@pytest.mark.parametrize(("lower", "upper"), [(1_800.0, 2_300.0), (1_000.0, 2_250.0)])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_way_into_a_range_leaves_nothing_over(lower, upper, share):
    """The swap after which both tokens give the same liquidity, found by bisection."""
    deposit, half = 20_000.0, POOL_USD / 2.0
    ether, dollars = share * 2.0 * deposit, deposit + (1.0 - share) * 2.0 * deposit

    def units(price):
        root = math.sqrt(min(max(price, lower), upper))
        return 1.0 / root - 1.0 / math.sqrt(upper), root - math.sqrt(lower)

    def after(sold):  # dollars sold where above 0, ether by value below
        got = (1.0 - FEE) * abs(sold) * half / (half + (1.0 - FEE) * abs(sold))
        moved = (half + abs(sold)) / (half - got)
        x, y = units(PRICE * (moved if sold > 0.0 else 1.0 / moved))
        first = ether + got if sold > 0.0 else ether - abs(sold)
        second = dollars - abs(sold) if sold > 0.0 else dollars + got
        return first / PRICE / x, second / y

    sold = brentq(lambda s: after(s)[0] - after(s)[1], -0.999 * ether - 1e-3, 0.999 * dollars)
    x, y = units(PRICE)
    farm = LeveredV3(
        **TERMS,
        range={"lower": lower, "upper": upper, "snap": "none"},
        deposit={"usdc": deposit},
        leverage=3.0,
        debt0_share=share,
    )
    chunk = opened(scripted(farm, values=VALUES, wallet={"usdc": deposit}))
    found = gauges(chunk, "farm")["collateral"]
    assert found == pytest.approx(after(sold)[0] * (x * PRICE + y), rel=1e-9)
