"""
Law 9: an idle policy is the identity.

A policy that looks at everything and orders nothing changes no bit, and neither does any registered
policy whose occasion never comes: to look is not to act.
"""

import numpy as np
import pytest
from planted import in_book, with_fault
from tenants import assert_same_bits, bits, every, played, sample_of


class Onlooker:
    """Reads every gauge, holding, exposure and due of a book, and orders nothing."""

    name, kind, every_s, lag_s = "onlooker", "onlooker", None, 0.0
    fields, trades, reads, needs = (), (), (), ()

    def __init__(self, book):
        self.book = book

    def wire(self, layout, dt_s):
        return None

    def open(self, state, view, now):
        self.decide(state, view, now)

    def decide(self, state, view, now):
        for position in self.book.positions:
            for gauge in position.gauges:
                view.gauge(position.name, gauge)
            for asset in position.assets:
                view.holding(position.name, asset)
                view.exposure(position.name, asset)
                view.net_exposure(asset)
            for due in position.dues:
                view.owed(position.name, due.name)
        for asset in self.book.wallet_assets():
            view.wallet(asset)
        return ()


def check_looking(book):
    """With an onlooker and without."""
    alone = bits(played(book))
    watched = bits(played(book.with_(policies=(Onlooker(book), *book.policies))))
    assert_same_bits(alone, watched, why="looking changed it")


@every()
def test_looking_changes_nothing(noun, kind):
    check_looking(sample_of(noun, kind).book())


@every("policy")
def test_a_policy_whose_occasion_never_comes_changes_nothing(noun, kind):
    sample = sample_of(noun, kind)
    assert sample.idle is not None, f"the sample of policy '{kind}' needs its idle book"
    idle = sample.idle()
    assert kind in {policy.kind for policy in idle.policies}
    without = bits(played(idle.with_(policies=())), policies=False)
    assert_same_bits(without, bits(played(idle), policies=False), why="an idle policy acted")


@every("policy")
def test_the_samples_policy_does_act(noun, kind):
    """Else the law above would say nothing about it."""
    book = sample_of(noun, kind).book()
    if all(getattr(policy, "only_looks", False) for policy in book.policies):
        check_hearing(book)
        return
    without, acting = bits(played(book.with_(policies=())), policies=False), bits(played(book))
    assert any((without[name] != acting[name]).any() for name in without)


def check_hearing(book):
    """What only looks has something to tell in the end, and not the same on every path."""
    chunk = played(book)
    for seat in chunk.policies:
        numbers, samples = seat.policy.tell(seat.state)
        assert any(np.ptp(row) > 0.0 for row in numbers.values())
        assert any(row.size for row in samples.values())


def test_a_gauge_that_moves_what_it_measures_is_noticed():
    sound = with_fault()

    def gauge(state, now, out):
        state["quantity"] *= 1.0 + 1e-12
        sound.gauge(state, now, out)

    with pytest.raises(AssertionError, match="looking changed it"):
        check_looking(in_book(with_fault(gauge=gauge)).book())
