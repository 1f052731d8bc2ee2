"""Curve's vote escrow against Balancer's fork of it, over random sequences."""

from dataclasses import replace

import pytest

from headframe.exact import curve_voting_escrow as votes

V2_CORE, FORK = "@uniswap/v2-core", "@balancer-labs/v2-deployments"


@pytest.mark.oracle(V2_CORE, FORK)
def test_curve_voting_escrow_agrees_with_the_fork():
    from duels.curve_voting_escrow import CurveVotingEscrowDuel
    from judge import duel

    actions = duel.actions_wanted(1_000)
    tally = duel.run(CurveVotingEscrowDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 5
    assert "Lock expired" in tally.refusals


right = votes._line


def one_more(escrow, lock, now_ts):
    """The line of a lock, a vote too high."""
    line = right(escrow, lock, now_ts)
    return replace(line, bias=line.bias + 1)


PLANTED = [("WEEK_S", votes.WEEK_S + 1), ("_line", one_more)]


@pytest.mark.oracle(V2_CORE, FORK)
@pytest.mark.parametrize(("name", "wrong"), PLANTED, ids=["WEEK_S", "_line"])
def test_a_planted_unit_is_caught(monkeypatch, name, wrong):
    from duels.curve_voting_escrow import CurveVotingEscrowDuel
    from judge import duel

    monkeypatch.setattr(votes, name, wrong)
    tally = duel.run(CurveVotingEscrowDuel, actions=1_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
