"""
Fees from bars: the exact pool's own where nothing is unknown, sums written out, refusals.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.exact import uniswap_v3 as exact
from headframe.studies import v3_bars as module
from headframe.studies.v3_bars import Bars, fees_from_bars

OWN, OTHERS = 10**20, 10**24
FEE = 0.003


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def pool_with_position(lower, upper):
    pool = exact.create_pool(3_000, 60)
    exact.initialize(pool, exact.get_sqrt_ratio_at_tick(7), now_ts=0)
    exact.mint(pool, "others", -120_000, 120_000, OTHERS, now_ts=0)
    exact.mint(pool, "own", lower, upper, OWN, now_ts=0)
    return pool


def owed(pool, lower, upper):
    exact.burn(pool, "own", lower, upper, 0, now_ts=1)
    return exact.collect(pool, "own", lower, upper)


def log_tick(pool):
    """The pool's price in ticks, with its fraction."""
    return 2.0 * math.log(pool.sqrt_price_x96 / 2**96) / math.log(1.0001)


def bar_of(pool, swaps):
    """Play swaps (size, down?) and give them as one bar, the prices not rounded to ticks."""
    marks, paid = [log_tick(pool)], [0, 0]
    for size, down in swaps:
        limit = exact.MIN_SQRT_RATIO + 1 if down else exact.MAX_SQRT_RATIO - 1
        got = exact.swap(pool, down, size, limit, now_ts=1)
        paid = [total + max(new, 0) for total, new in zip(paid, got, strict=True)]
        marks.append(log_tick(pool))
    return Bars(
        open=[marks[0]],
        high=[max(marks)],
        low=[min(marks)],
        close=[marks[-1]],
        volume0=[float(paid[0])],
        volume1=[float(paid[1])],
        liquidity=[float(OTHERS + OWN)],
    )


def test_inside_the_range_fees_are_the_pools():
    """
    Bound: of each swap the pool's fee is within 3 units of 0.3 % of what is paid in (two amounts
    and the price are rounded), and what is credited is rounded down once a position.
    """
    rng = np.random.default_rng(2)
    lower, upper, n = -6_000, 6_000, 300
    pool = pool_with_position(lower, upper)
    swaps = [(int(rng.exponential(1e21)), bool(rng.random() < 0.5)) for _ in range(n)]
    earned = fees_from_bars(
        bar_of(pool, swaps),
        tick_lower=lower,
        tick_upper=upper,
        liquidity=OWN,
        fee=FEE,
        included=True,
    )
    truth = owed(pool, lower, upper)
    for found, due in zip((earned.total0, earned.total1), truth, strict=True):
        assert abs(found - due) <= 3 * n * OWN / OTHERS + 1 + 1e-14 * due


@pytest.mark.parametrize("way", [[3e21], [-4e21], [2e21, -5e21], [-8e21, 16e21, -1e21]])
def test_a_path_that_goes_straight_to_its_extremes_is_known(way):
    """
    Up to the three legs open, extreme, extreme, close: nothing is left to chance. The liquidity of
    the bar counts the position outside its range too: a relative error of 1e-4 of what moved.
    """
    lower, upper = -60, 60
    pool = pool_with_position(lower, upper)
    bar = bar_of(pool, [(int(abs(size)), size < 0) for size in way])
    ends = {"tick_lower": lower, "tick_upper": upper}
    earned = fees_from_bars(bar, **ends, liquidity=OWN, fee=FEE, included=True)
    truth = owed(pool, lower, upper)
    assert min(bar.high[0] - upper, lower - bar.low[0]) > 0 or len(way) < 3
    for found, due in zip((earned.total0, earned.total1), truth, strict=True):
        assert found == pytest.approx(due, rel=1e-3, abs=2.0)


def test_a_bar_outside_earns_nothing_and_own_liquidity_dilutes():
    usual = {"volume0": [1e18], "volume1": [2e18], "liquidity": [3e18]}
    bars = Bars(open=[100.5], high=[120.5], low=[90.5], close=[110.5], **usual)
    assert (
        fees_from_bars(bars, tick_lower=-60, tick_upper=60, liquidity=1e18, fee=FEE).total0 == 0.0
    )
    earned = fees_from_bars(bars, tick_lower=60, tick_upper=180, liquidity=1e18, fee=FEE)
    assert earned.total0 == pytest.approx(1e18 * FEE / 4.0)
    assert earned.total1 == pytest.approx(2e18 * FEE / 4.0)
    counted = fees_from_bars(
        bars, tick_lower=60, tick_upper=180, liquidity=1e18, fee=FEE, included=True
    )
    assert counted.total0 == pytest.approx(1e18 * FEE / 3.0)


def test_amounts_and_value_at_the_close():
    """Elsts' notes (F2), 2 ether at 2000 in [1500, 2500]: 5,076.10 dollars beside them."""
    root, b = math.sqrt(2_000.0), math.sqrt(2_500.0)
    liquidity = 2.0 / (1.0 / root - 1.0 / b)
    ticks = [math.log(x) / math.log(1.0001) for x in (1_500.0, 2_500.0, 2_000.0)]
    at = [ticks[2]]
    bars = Bars(open=at, high=at, low=at, close=at, volume0=[0], volume1=[0], liquidity=[1.0])
    held = fees_from_bars(
        bars, tick_lower=ticks[0], tick_upper=ticks[1], liquidity=liquidity, fee=FEE
    )
    assert held.amount0[0] == pytest.approx(2.0, rel=1e-9)
    assert held.amount1[0] == pytest.approx(5_076.10, abs=0.005)
    assert held.value[0] == pytest.approx(2.0 * 2_000.0 + 5_076.10, abs=0.01)


def test_whole_ticks_are_the_contracts():
    """A tick covers the prices up to the next one: half a tick is added."""
    columns = {"volume0": [1e18], "volume1": [1e18], "liquidity": [1e20]}
    whole = Bars(open=[0], high=[90], low=[-20], close=[80], **columns)
    exactly = Bars(open=[0.5], high=[90.5], low=[-19.5], close=[80.5], **columns)
    ends = {"tick_lower": -60, "tick_upper": 60, "liquidity": 1e17, "fee": FEE}
    assert fees_from_bars(whole, **ends).total0 == fees_from_bars(exactly, **ends).total0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"high": [1.0, 2.0]}, "bars.high"),
        ({"high": [-5.0]}, "high at least low"),
        ({"volume1": [-1.0]}, "bars.volume1"),
        ({"liquidity": [math.nan]}, "bars.liquidity"),
        ({"close": [1e6]}, "bars.close"),
    ],
)
def test_bars_that_do_not_fit_are_refused(changes, said):
    usual = {"open": [0.0], "high": [1.0], "low": [-1.0], "close": [0.0]}
    usual |= {"volume0": [1.0], "volume1": [1.0], "liquidity": [1.0]}
    with pytest.raises(InputError, match=said):
        fees_from_bars(Bars(**(usual | changes)), tick_lower=0, tick_upper=1, liquidity=1, fee=0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"tick_lower": 9}, "tick_lower"), ({"liquidity": -1.0}, "liquidity"), ({"fee": 1.0}, "fee")],
)
def test_a_position_that_cannot_be_is_refused(changes, said):
    bars = Bars(open=[0], high=[1], low=[0], close=[0], volume0=[1], volume1=[1], liquidity=[1])
    usual = {"tick_lower": -60, "tick_upper": 9, "liquidity": 1.0, "fee": 0.003}
    with pytest.raises(InputError, match=said):
        fees_from_bars(bars, **(usual | changes))
