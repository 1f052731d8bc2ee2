"""
Law 1: an action never creates value; what it destroys is an entry of a named kind.

Each verb of each position is given on all paths at one instant, where nothing but the action can
change anything: wealth changes by the entries booked, kinds that only move value sum to nothing,
and only a lender's loss (`forgiven`) may leave more than there was.
"""

import numpy as np
import pytest
from planted import everywhere, in_book, with_fault
from tenants import every, opened, sample_of, walked

from headframe.ledger import KINDS
from headframe.orders import carry_out, place
from headframe.position import Trade

MOVES = ("principal", "trade", "settlement", "rebalancing")
"""Kinds that move value and must sum to nothing."""
LOSSES = ("slippage", "gas", "penalty", "fee", "slashing", "interest", "depreciation")
"""Kinds of what an action may destroy."""
TOLERANCE = 1e-12
"""Rounding of an action, as a share of what it moves."""


def kinds_of(chunk):
    """The value of all entries by kind, over all accounts."""
    sums = {}
    for row in chunk.books.rows:
        if row.startswith("value/"):
            kind = row.split("/")[2]
            sums[kind] = sums.get(kind, 0.0) + chunk.books[row]
    return sums


def check_action(chunk, order):
    """Carry out an order and compare everything with the instant before."""
    chunk.mark()
    wealth, before = chunk.books["wealth"].copy(), kinds_of(chunk)
    scale = np.abs(wealth) + sum(np.abs(v) for v in before.values()) + chunk.ledger.turnover()
    place(chunk, (order,), 0.0)
    carry_out(chunk)
    chunk.hold()
    chunk.mark()
    change = chunk.books["wealth"] - wealth
    booked = {kind: value - before[kind] for kind, value in kinds_of(chunk).items()}
    slack = TOLERANCE * scale
    for kind, value in booked.items():
        assert kind in KINDS, f"{kind} is no kind of entry"
        if kind in MOVES:
            assert (np.abs(value) <= slack).all(), f"{kind} does not sum to nothing"
        elif kind in LOSSES:
            assert (value <= slack).all(), f"{kind} of an action is a gain"
    assert (np.abs(change - sum(booked.values())) <= slack).all(), "wealth by entries"
    forgiven = booked.get("forgiven", 0.0)
    assert (change - forgiven <= slack).all(), "the action created value"


def check(sample):
    """Every verb of every position of the sample, each at an instant of its own."""
    book = sample.book()
    for position in book.positions:
        for verb in position.verbs:
            for n_steps in (1, 7):
                chunk = walked(opened(book), n_steps)
                amount = sample.amounts.get(verb, 1.0)
                check_action(chunk, everywhere(chunk, position.name, verb, amount))


@every("position")
def test_an_action_creates_nothing(noun, kind):
    check(sample_of(noun, kind))


def test_a_trade_of_the_wallet_creates_nothing():
    chunk = walked(opened(sample_of("position", "held_asset").book()), 3)
    mask = np.ones(chunk.paths.n_paths, np.bool_)
    check_action(chunk, Trade(sell="eth", buy="usdc", mask=mask, amount=3.0))
    check_action(chunk, Trade(sell="usdc", buy="btc", mask=mask, amount=1e9))


def test_an_action_that_pays_a_bonus_is_noticed():
    sound = with_fault()

    def act(state, order, now, out):
        out.post("reward", "btc", 0.01 * order.mask)
        state["quantity"] += 0.01 * order.mask
        sound.act(state, order, now, out)

    with pytest.raises(AssertionError, match="created value"):
        check(in_book(with_fault(act=act)))


def test_a_loss_hidden_in_the_principal_is_noticed():
    sound = with_fault()

    def act(state, order, now, out):
        out.post("principal", "btc", -0.01 * order.mask)
        state["quantity"] -= 0.01 * order.mask
        sound.act(state, order, now, out)

    with pytest.raises(AssertionError, match="principal does not sum to nothing"):
        check(in_book(with_fault(act=act)))
