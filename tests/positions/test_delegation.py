"""A line of credit on our collateral: what it pays, and the two ways to lose it, by hand."""

import doctest
import math

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, gauges, played, scripted, seat

from headframe.positions import delegation as module
from headframe.positions.delegation import Delegation
from headframe.units import DAY_S

ETH = 2_000.0


def line(**changes):
    usual = {
        "name": "line",
        "collateral": "eth",
        "debt_asset": "usd",
        "deposit": {"eth": 10.0},
        "drawn": 10_000.0,
        "defaults_per_year": 0.0,
    }
    return Delegation(**(usual | changes))


def play_line(n_steps, price=ETH, n_paths=1, **changes):
    values = {"eth_usd": price} | changes.pop("values", {})
    book = scripted(line(**changes), values=values, wallet={"eth": 10.0}, n_steps=n_steps)
    return played(book, n_paths=n_paths)


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_fee_is_paid_on_what_is_drawn():
    chunk = play_line(73, fee_apr=0.05)
    assert entry(chunk, "line", "fee")[0] == pytest.approx(10_000 * 0.05 * 73 / 365)
    assert chunk.books["wealth"][0] == pytest.approx(20_000 + 100.0)


def test_a_default_costs_the_debt_less_what_is_recovered():
    """A certain default: 10,000 owed, 30 % come back; 5 eth less repay, at a cost of 0.3 %."""
    chunk = play_line(5, defaults_per_year=1e6, recovery=0.3)
    assert seat(chunk, "line").state["defaulted_s"][0] == DAY_S
    slippage = 10_000 * 0.003 / 0.997
    assert chunk.books["wealth"][0] == pytest.approx(20_000 - 7_000 - slippage)
    assert entry(chunk, "line", "slippage")[0] == pytest.approx(-slippage)


def test_defaults_come_at_their_rate():
    chunk = play_line(50, defaults_per_year=3.0, n_paths=40_000)
    happened = seat(chunk, "line").state["defaulted_s"] < 1e17
    expected = 1 - math.exp(-3.0 * 50 / 365)
    assert abs(happened.mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / 40_000)


def test_a_liquidation_costs_the_penalty_where_the_delegatee_performs():
    """Liquidated below 10,000 / (10 x 0.825) = 1,212.12; the keeper takes 5 % of 10,000."""
    chunk = play_line(4, price=[2_000.0, 1_300.0, 1_213.0, 1_212.0, 1_212.0])
    assert seat(chunk, "line").state["liquidated_s"][0] == 3 * DAY_S
    assert entry(chunk, "line", "penalty")[0] == pytest.approx(-500.0)
    assert chunk.books["wealth"][0] == pytest.approx(10 * 1_212.0 - 500.0)


def test_interest_of_the_delegatee_eats_the_health():
    calm, dear = (play_line(365, borrow_apr=r) for r in (0.0, 0.5))
    assert gauges(calm, "line")["health"] == pytest.approx(0.825 * 20_000 / 10_000)
    assert gauges(dear, "line")["health"] < 0.825 * 20_000 / 16_000


def test_no_more_is_drawn_than_the_collateral_allows():
    assert gauges(play_line(1, drawn=1e9), "line")["debt"] == pytest.approx(16_000.0)


@pytest.mark.parametrize("price", [1e-9, 1e9])
def test_extreme_prices_stay_finite(price):
    chunk = play_line(3, price=[ETH, price, price, ETH], defaults_per_year=100.0, n_paths=50)
    assert np.all(np.isfinite(chunk.books.data))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"debt_asset": "eth"}, "must differ"),
        ({"ltv": 0.9, "threshold": 0.8}, "at least ltv"),
        ({"recovery": 1.5}, "less than or equal to 1"),
        ({"drawn": -1.0}, "greater than or equal to 0"),
    ],
)
def test_nonsense_is_named(changes, word):
    with pytest.raises(ValidationError, match=word):
        line(**changes)
