"""
The laws over every way to own machines: at once or on order, at cost or at market, in instalments.

The mine's usual sample buys at once and at cost; here the same checks are made on the others.
"""

import pytest
import test_backtest
import test_books_close
import test_chunk_invariance
import test_conservation
import test_no_look_ahead
import test_nothing_from_nothing
import test_numeraire
from samples import Sample, book, grid, mine
from tenants import opened, stormy, walked

from headframe.processes.gbm import GBM

WAYS = {
    "at_market": {"asset": "m60", "price_usd": None},
    "ordered": {"lead_s": "4d"},
    "instalments": {"lead_s": "6d", "instalments": 3, "cancel_cost": 0.4},
    "instalments_at_market": {
        "asset": "m60",
        "price_usd": None,
        "lead_s": "6d",
        "instalments": 3,
        "cancel_cost": 0.4,
        "scrap_usd": 50.0,
    },
}
"""What a batch has beside the usual one's."""


def sample(way):
    def made(**changes):
        machines = WAYS[way] | changes
        return book(
            mine(machines=machines),
            processes=(grid(), GBM(name="m60_usd", start=1_500.0, volatility=3.0)),
            start_ts=1_780_272_000.0,
        )

    return Sample(
        made,
        amounts={"run": 0.5, "open": 0.3, "buy_s21": 2.0, "sell_s21": 1.0, "scrap_s21": 1.0},
        nothing=lambda: made(count=0),
    )


EVERY = pytest.mark.parametrize("way", WAYS)


@EVERY
def test_the_books_close(way):
    test_books_close.check(sample(way))


@EVERY
def test_a_path_alone_is_the_path_among_many(way):
    test_backtest.check(stormy(sample(way)))


@EVERY
def test_a_path_is_the_same_in_any_chunk(way):
    test_chunk_invariance.check(stormy(sample(way)), antithetic=False)


@EVERY
def test_an_action_creates_nothing(way):
    test_conservation.check(sample(way))


@EVERY
def test_the_future_is_unknown(way):
    test_no_look_ahead.check(stormy(sample(way)))


@EVERY
def test_wealth_scales_with_the_numeraire(way):
    test_numeraire.check(stormy(sample(way)))


@EVERY
def test_nothing_comes_of_nothing(way):
    test_nothing_from_nothing.check(sample(way))


@EVERY
def test_the_storm_has_machines_bought_sold_and_on_their_way(way):
    """The laws above say something only where all of that happens."""
    seen = {"ordered": False, "owned": set()}

    def look(chunk):
        state = chunk.positions[0].state
        seen["ordered"] |= bool(state["s21_ordered"].any())
        seen["owned"] |= set(state["s21_owned"].round(3))

    of = stormy(sample(way))
    walked(opened(of), of.n_steps, look)
    assert len(seen["owned"]) > 3
    assert seen["ordered"] == ("lead_s" in WAYS[way])
