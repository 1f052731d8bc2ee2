"""
Law 7: scale every price and amount in the numeraire by a power of two, and wealth scales by it.

The sample is valued in a currency of which a dollar is worth four: every value is four times as
much and every quantity the same, to the last bit.
"""

import pytest
from planted import in_book, with_fault
from tenants import every, opened, sample_of, stormy, walked

from headframe.processes.constant import Constant
from headframe.scenarios.model import Model

FACTOR = 4.0
"""What the sample's numeraire is worth in the other."""
OTHER = "crown"
"""The other numeraire."""
VALUED = ("wealth", "peak", "opening", "market/", "value/")
"""Rows of the books that are in the numeraire."""


def in_crowns(book):
    """The same book, valued in another currency; cash stays what it was."""
    rate = Constant(name=f"{book.numeraire}_{OTHER}", value=FACTOR)
    world = book.scenario
    scenario = Model(
        processes=(*world.processes, rate), correlations=world.correlations, shocks=world.shocks
    )
    return book.with_(numeraire=OTHER, cash=book.cash_asset, scenario=scenario)


def check(book):
    """Compare values and quantities after every step."""
    plain, other = opened(book), opened(in_crowns(book))
    for _ in range(book.n_steps):
        walked(plain, 1)
        walked(other, 1)
        for row in plain.books.rows:
            factor = FACTOR if row.startswith(VALUED) else 1.0
            assert (plain.books[row] * factor == other.books[row]).all(), f"{row} does not scale"
        assert (plain.held.data == other.held.data).all(), "holdings depend on the numeraire"


@every()
def test_wealth_scales_with_the_numeraire(noun, kind):
    check(stormy(sample_of(noun, kind)))


def test_a_cost_in_unnamed_money_is_noticed():
    """Five of whatever the book is valued in, in place of five dollars."""

    def step(state, before, now, out):
        cost = 5.0 / out.price("btc")
        out.post("fee", "btc", -cost)
        state["quantity"] -= cost

    with pytest.raises(AssertionError, match=r"scale|depend"):
        check(in_book(with_fault(step=step)).book())
