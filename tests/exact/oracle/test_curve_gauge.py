"""Curve's gauge against Balancer's fork of it, over random sequences."""

import pytest

from headframe.exact import curve_gauge

V2_CORE, FORK = "@uniswap/v2-core", "@balancer-labs/v2-deployments"


@pytest.mark.oracle(V2_CORE, FORK)
def test_curve_gauge_agrees_with_the_fork():
    from duels.curve_gauge import CurveGaugeDuel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(CurveGaugeDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 5
    assert tally.refused > 0


right = curve_gauge.working_balance_down


def one_less(balance, total, ve_balance, ve_total):
    """What a stake counts for, a unit too low where anything is staked."""
    return max(right(balance, total, ve_balance, ve_total) - 1, 0)


PLANTED = [
    ("WAD", curve_gauge.WAD + 1),
    ("WEEK_S", curve_gauge.WEEK_S + 1),
    ("TOKENLESS_PERCENT", 41),
    ("working_balance_down", one_less),
]


@pytest.mark.oracle(V2_CORE, FORK)
@pytest.mark.parametrize(("name", "wrong"), PLANTED)
def test_a_planted_unit_is_caught(monkeypatch, name, wrong):
    from duels.curve_gauge import CurveGaugeDuel
    from judge import duel

    monkeypatch.setattr(curve_gauge, name, wrong)
    tally = duel.run(CurveGaugeDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
