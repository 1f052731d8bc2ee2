"""Options: the closed form by another route, parity, the books, and what they pay on average."""

import doctest
import math

import numpy as np
import pytest
from scripted import entry, gauges, played, scripted, seat, told

from headframe.book import Book
from headframe.kernels import black_scholes as kernel
from headframe.positions import option as module
from headframe.positions.option import Option
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.scenarios.model import Model
from headframe.units import DAY_S

START = 2_000.0


def put(**changes):
    usual = {
        "name": "floor",
        "asset": "eth",
        "settle_asset": "usdc",
        "size": 2.0,
        "moneyness": 0.9,
        "tenor_s": "30d",
        "volatility": 0.6,
        "spread": 0.0,
    }
    return Option(**(usual | changes))


def phi(x):
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def closed_form(spot, strike, years, volatility, rate, sign):
    """Black and Scholes with the C library's error function."""
    spread = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2.0) * years) / spread
    d2 = d1 - spread
    value = sign * (spot * phi(sign * d1) - strike * math.exp(-rate * years) * phi(sign * d2))
    density = math.exp(-d1 * d1 / 2.0) / math.sqrt(2.0 * math.pi)
    return value, sign * phi(sign * d1), density / (spot * spread)


def priced(*numbers):
    out = np.zeros((3, 1))
    *inputs, sign = numbers
    kernel.price(out, *(np.full(1, float(x)) for x in inputs), float(sign))
    return out[:, 0]


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("spot", [20.0, 80.0, 100.0, 130.0, 500.0])
@pytest.mark.parametrize(("years", "volatility", "rate"), [(0.5, 0.3, 0.05), (0.02, 1.2, -0.01)])
def test_the_closed_form(spot, years, volatility, rate, sign):
    found = priced(spot, 100.0, years, volatility, rate, sign)
    expected = closed_form(spot, 100.0, years, volatility, rate, sign)
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-11 * spot)


def test_a_published_price():
    """Hull, Options, Futures and Other Derivatives, example 15.6: 4.76 and 0.81."""
    assert priced(42.0, 40.0, 0.5, 0.2, 0.1, 1)[0] == pytest.approx(4.76, abs=0.005)
    assert priced(42.0, 40.0, 0.5, 0.2, 0.1, -1)[0] == pytest.approx(0.81, abs=0.005)


def test_put_call_parity_and_the_ends():
    for spot in (1e-9, 1e-3, 90.0, 1e9):
        call, put_ = (priced(spot, 100.0, 0.25, 0.8, 0.03, s)[0] for s in (1, -1))
        forward = spot - 100.0 * math.exp(-0.03 * 0.25)
        assert call - put_ == pytest.approx(forward, rel=1e-12, abs=1e-10)
    assert priced(90.0, 100.0, 0.0, 0.8, 0.0, -1) == pytest.approx([10.0, -1.0, 0.0])
    assert priced(0.0, 100.0, 1.0, 0.8, 0.0, -1) == pytest.approx([100.0, -1.0, 0.0])


def test_what_is_paid_and_what_comes_back():
    """Bought at 1,800, expired at 1,500: the premium is lost, 2 x 300 come back."""
    eth = [START] + [START * 0.9] * 29 + [1_500.0]
    book = scripted(put(roll=False), values={"eth_usd": eth, "usdc_usd": 1.0}, wallet={"usdc": 1e4})
    chunk = played(book)
    paid = 2.0 * closed_form(START, 1_800.0, 30 / 365, 0.6, 0.0, -1)[0]
    assert entry(chunk, "floor", "premium")[0] == pytest.approx(-paid, rel=1e-11)
    assert entry(chunk, "floor", "payout")[0] == pytest.approx(600.0, rel=1e-12)
    assert gauges(chunk, "floor")["size"] == 0.0
    assert chunk.books["wealth"][0] == pytest.approx(1e4 - paid + 600.0, rel=1e-12)


def test_it_is_rolled_at_a_new_strike_as_far_as_the_wallet_pays():
    eth = [START] + [1_500.0] * 31
    values = {"eth_usd": eth, "usdc_usd": 1.0}
    chunk = played(scripted(put(), values=values, wallet={"usdc": 1e4}))
    assert gauges(chunk, "floor")["size"] == 2.0
    assert gauges(chunk, "floor")["strike"] == pytest.approx(1_350.0)
    poor = played(scripted(put(size=1e3), values=values, wallet={"usdc": 100.0}))
    first = closed_form(START, 1_800.0, 30 / 365, 0.6, 0.0, -1)[0]
    came_back = 100.0 / first * 300.0
    again = closed_form(1_500.0, 1_350.0, 30 / 365, 0.6, 0.0, -1)[0]
    assert gauges(poor, "floor")["size"] == pytest.approx(min(came_back / again, 100.0 / first))


def test_the_spread_is_paid_at_each_trade_and_exposure_is_delta():
    values = {"eth_usd": [START, START], "usdc_usd": 1.0}
    book = scripted(put(size=0.0, spread=0.02), values=values, wallet={"usdc": 1e4})
    chunk = played(book)
    told(chunk, "floor", "resize", 5.0)
    value, delta, gamma = closed_form(START, 1_800.0, 30 / 365, 0.6, 0.0, -1)
    told(chunk, "floor", "resize", 2.0)
    assert entry(chunk, "floor", "slippage")[0] == pytest.approx(-0.02 * 8.0 * value)
    found = gauges(chunk, "floor")
    assert (found["unit_delta"], found["unit_gamma"]) == pytest.approx((delta, gamma))
    s = seat(chunk, "floor")
    s.position.exposure(s.state, chunk.now, s.held)
    assert s.held["eth"][0] == pytest.approx(2.0 * delta)
    assert s.held["usdc"][0] == pytest.approx(2.0 * (value - delta * START))


def test_on_average_it_pays_its_premium():
    """Without drift, at the price's own volatility: 20,000 paths, 4 standard errors."""
    processes = (
        GBM(name="eth_usd", start=START, volatility=0.6),
        Constant(name="usdc_usd", value=1.0),
    )
    book = Book(
        name="insured",
        scenario=Model(processes=processes),
        wallet={"usdc": 1e4},
        positions=(put(roll=False),),
        horizon_s=30 * DAY_S,
    )
    chunk = played(book, n_paths=20_000)
    paid, back = (entry(chunk, "floor", kind) for kind in ("premium", "payout"))
    assert paid.std() < 1e-9 * abs(paid.mean())
    assert abs(back.mean() + paid.mean()) < 4.0 * back.std() / math.sqrt(20_000)
    dear = played(book.with_(positions=(put(roll=False, volatility=0.8),)), n_paths=20_000)
    lost = entry(dear, "floor", "premium") + entry(dear, "floor", "payout")
    assert lost.mean() < -10.0 * lost.std() / math.sqrt(20_000)
