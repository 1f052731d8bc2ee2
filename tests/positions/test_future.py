"""Futures: profit, funding, convergence, margin and liquidation, with the sums written out."""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.positions import future as module
from headframe.positions.future import Future
from headframe.types import NEVER_S, Block
from headframe.units import DAY_S

START = 2_000.0


def future(**changes):
    usual = {
        "name": "perp",
        "asset": "eth",
        "margin_asset": "usdc",
        "deposit": {"usdc": 2_000.0},
        "size": 2.0,
        "fee": 0.0,
        "swap_cost": 0.0,
    }
    return Future(**{k: v for k, v in (usual | changes).items() if v is not ...})


def play_future(eth, wallet=None, usdc=1.0, extra=None, watchers=(), **changes):
    values = {"eth_usd": eth, "usdc_usd": usdc} | (extra or {})
    book = scripted(
        future(**changes), values=values, wallet=wallet or {"usdc": 2_000.0}, cash="usdc"
    )
    return played(book, watchers=watchers)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("size", [2.0, -2.0])
@pytest.mark.parametrize("end", [1_500.0, 2_600.0])
def test_profit_is_size_times_the_change_of_price(size, end):
    chunk = play_future([START, 2_200.0, end], size=size)
    assert gauges(chunk, "perp")["equity"] == pytest.approx(2_000.0 + size * (end - START))
    assert chunk.books["wealth"][0] == pytest.approx(2_000.0 + size * (end - START))
    assert chunk.books["market/perp"][0] == pytest.approx(size * (end - START))


def test_profit_is_settled_in_the_margin_asset():
    chunk = play_future([START, 2_500.0], usdc=[1.0, 0.8], size=1.0)
    spot = 2_500.0 / 0.8
    assert gauges(chunk, "perp")["equity"] == pytest.approx(0.8 * (2_000.0 + spot - START))


@pytest.mark.parametrize("size", [2.0, -2.0])
def test_longs_pay_shorts_the_funding(size):
    rates = {"eth_perp_funding_apr": [0.0, 0.365, -0.73]}
    chunk = play_future(
        [START, 2_100.0, 1_900.0], extra=rates, size=size, funding_apr="eth_perp_funding_apr"
    )
    paid = size * (2_100.0 * 0.001 - 1_900.0 * 0.002)
    assert entry(chunk, "perp", "funding")[0] == pytest.approx(-paid)


def test_a_dated_future_converges_and_is_settled():
    """Bought at 2,000 (1 + 0.2 x 10/365), settled at 2,300: the basis is lost, the rise earned."""
    prices = [START, *[2_100.0] * 9, 2_300.0, 2_900.0]
    chunk = play_future(prices, basis_apr=0.2, expiry_s="10d", size=1.0)
    entered = START * (1 + 0.2 * 10 / 365)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(2_000.0 + 2_300.0 - entered)
    assert entry(chunk, "perp", "funding")[0] == pytest.approx(START - entered)
    assert seat(chunk, "perp").state["size"][0] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(chunk.books["wallet/usdc"][0])


def test_cash_and_carry_earns_the_basis_whatever_the_price():
    for end in (1_800.0, 2_300.0):
        prices = list(np.linspace(START, end, 31))
        chunk = play_future(prices, basis_apr=0.1, expiry_s="30d", size=-1.0, deposit={"usdc": 1e3})
        coin = end - START
        earned = chunk.books["wealth"][0] - 2_000.0 + coin
        assert earned == pytest.approx(START * 0.1 * 30 / 365)


def test_a_dated_futures_exposure_is_what_it_moves_by():
    values = {"eth_usd": START, "usdc_usd": 1.0}
    position = future(basis_apr=0.365, expiry_s="100d", size=-1.0)
    chunk = opened(scripted(position, values=values, wallet={"usdc": 2_000.0}))
    s = seat(chunk, "perp")
    out = Block.zeros(s.position.assets, 1)
    s.position.exposure(s.state, chunk.now, out)
    assert out["eth"][0] == pytest.approx(-1.1)


@pytest.mark.parametrize(("size", "way"), [(5.0, -1.0), (-5.0, 1.0)])
def test_liquidation_at_the_maintenance_margin(size, way):
    """2,000 of margin on 5 ETH, maintenance 4 %: E + n (p - 2,000) = 0.04 |n| p."""
    terms = {"size": size, "maintenance": 0.04, "penalty": 0.01}
    level = (size * START - 2_000.0) / (size - 0.04 * abs(size))
    chunk = play_future([START, level * (1 - way * 1e-6)], **terms)
    assert seat(chunk, "perp").state["liquidated_s"][0] == NEVER_S
    assert gauges(chunk, "perp")["liquidation_price"] == pytest.approx(level, rel=1e-9)
    chunk = play_future([START, level * (1 + way * 1e-6)], **terms)
    assert seat(chunk, "perp").state["liquidated_s"][0] == DAY_S
    left = (0.04 - 0.01) * 5.0 * level
    assert chunk.books["wallet/usdc"][0] == pytest.approx(left, rel=1e-3)
    assert gauges(chunk, "perp")["size"] == 0.0


@pytest.mark.parametrize(("size", "end"), [(5.0, 1_000.0), (-5.0, 3_000.0), (5.0, 0.0)])
def test_a_gap_beyond_the_margin_is_the_exchanges_loss(size, end):
    chunk = play_future([START, end], size=size, wallet={"usdc": 2_500.0})
    assert chunk.books["wallet/usdc"][0] == 500.0
    assert entry(chunk, "perp", "forgiven")[0] == pytest.approx(abs(size * (end - START)) - 2_000.0)
    assert chunk.books["wealth"][0] == pytest.approx(500.0)


def test_resizing_trades_at_the_price_of_now_and_pays_the_fee():
    chunk = play_future([START, 2_400.0], fee=0.001, size=1.0, initial_margin=0.2)
    before = gauges(chunk, "perp")["equity"]
    assert before == pytest.approx(2_000.0 + 400.0 - 2.0)
    told(chunk, "perp", "resize", -1.5)
    assert gauges(chunk, "perp")["size"] == -1.5
    assert gauges(chunk, "perp")["equity"] == pytest.approx(before - 0.001 * 2.5 * 2_400.0)


def test_a_size_grows_no_further_than_its_margin_allows():
    chunk = play_future([START] * 2, initial_margin=0.25, fee=0.001, size=0.0)
    told(chunk, "perp", "resize", 100.0)
    most = 2_000.0 / (START * 0.251)
    assert gauges(chunk, "perp")["size"] == pytest.approx(most)
    assert gauges(chunk, "perp")["margin_ratio"] >= 0.25
    told(chunk, "perp", "resize", 0.5 * most)
    assert gauges(chunk, "perp")["size"] == pytest.approx(0.5 * most)


def test_a_size_that_has_outgrown_its_margin_may_shrink_at_its_own_pace():
    """At 1,300 the 600 that are left carry 1.85 ETH at 25 %; 2 ETH are there, and may stay."""
    chunk = play_future([START, 1_300.0], initial_margin=0.25)
    assert gauges(chunk, "perp")["equity"] == pytest.approx(600.0)
    told(chunk, "perp", "resize", 1.95)
    assert gauges(chunk, "perp")["size"] == pytest.approx(1.95)
    told(chunk, "perp", "resize", -9.0)
    assert gauges(chunk, "perp")["size"] == pytest.approx(-600.0 / 325.0)


def test_a_target_margin_is_filled_up_and_released():
    chunk = play_future(
        [START, 2_400.0],
        wallet={"usdc": 5_000.0},
        size=-2.0,
        target_margin=0.5,
        deposit={"usdc": 2e3},
    )
    assert gauges(chunk, "perp")["margin_ratio"] == pytest.approx(1_200.0 / 4_800.0)
    told(chunk, "perp", "resize", -2.0)
    assert gauges(chunk, "perp")["margin_ratio"] == pytest.approx(0.5)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(3_000.0 - 1_200.0)
    told(chunk, "perp", "resize", -1.0)
    assert gauges(chunk, "perp")["margin_ratio"] == pytest.approx(0.5)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(3_000.0)
    told(chunk, "perp", "resize", -90.0)
    assert chunk.books["wallet/usdc"][0] == pytest.approx(0.0, abs=1e-9)
    assert chunk.books["wallet/usdc"][0] >= 0.0


def test_topping_up_takes_no_more_than_the_wallet_has():
    chunk = play_future([START] * 2, wallet={"usdc": 2_300.0})
    told(chunk, "perp", "top_up", 200.0)
    told(chunk, "perp", "top_up", 900.0)
    assert gauges(chunk, "perp")["equity"] == pytest.approx(2_300.0)
    assert chunk.books["wallet/usdc"][0] == 0.0


def test_closing_realises_the_profit():
    chunk = play_future([START, 2_300.0], fee=0.001, size=1.0)
    told(chunk, "perp", "close")
    assert chunk.books["wallet/usdc"][0] == pytest.approx(2_000.0 - 2.0 + 300.0 - 2.3)
    assert gauges(chunk, "perp")["equity"] == 0.0


def test_a_future_that_is_held_knows_its_entry():
    held = {"size": -3.0, "margin": 1_500.0, "entry_price": 2_100.0}
    chunk = play_future([START, 1_900.0], deposit=..., held=held, wallet={"usdc": 0.0})
    assert chunk.books["opening"][0] == pytest.approx(1_500.0 + 300.0)
    assert chunk.books["wealth"][0] == pytest.approx(1_500.0 + 600.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"margin_asset": "eth"}, "linear"),
        ({"basis_apr": 0.1}, "needs an expiry_s"),
        ({"funding_apr": 0.1, "expiry_s": "30d"}, "perpetual's"),
        ({"initial_margin": 0.01}, "at least maintenance"),
        ({"target_margin": 0.05}, "at least initial_margin"),
    ],
)
def test_what_no_future_can_be_is_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        future(**changes)


@pytest.mark.parametrize("eth", [[START, 0.0, 0.0, START], [START, 1e150, 1.0, 1.0]])
@pytest.mark.parametrize("size", [3.0, -3.0])
@pytest.mark.parametrize("terms", [{"funding_apr": 50.0}, {"basis_apr": -3.0, "expiry_s": "3d"}])
def test_extreme_prices_stay_finite_and_the_wallet_whole(eth, size, terms):
    def look(chunk):
        assert all(math.isfinite(v) for v in gauges(chunk, "perp").values())
        for block in (chunk.books, seat(chunk, "perp").state):
            assert np.isfinite(block.data).all()
        assert chunk.books["wallet/usdc"][0] >= 0.0

    play_future(eth, size=size, watchers=(look,), **terms)
