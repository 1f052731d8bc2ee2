"""Curve's stableswap pool against curvesim's, over random sequences."""

import pytest

from headframe.exact import curve_stableswap as curve
from headframe.exact import curve_stableswap_math as math


@pytest.mark.oracle("curvesim")
def test_curve_stableswap_agrees_with_curvesim():
    from duels.curve_stableswap import CurveStableswapDuel
    from judge import duel

    CurveStableswapDuel.left_out.clear()
    actions = duel.actions_wanted(2_000)
    tally = duel.run(CurveStableswapDuel, actions=actions, first_seed=duel.seed_wanted())
    left_out = tally.left_out = CurveStableswapDuel.left_out
    duel.report(tally)
    assert tally.mismatches == []
    assert (tally.actions, tally.refused) == (actions, 0)
    assert len(tally.kinds) == 9
    assert left_out["a search does not settle"] < 0.02 * actions


def one_more(function):
    """The same function, a unit too high."""

    def wrong(*arguments, **named):
        return function(*arguments, **named) + 1

    return wrong


PLANTED = [
    (curve, "imbalance_fee", one_more(curve.imbalance_fee)),
    (curve, "a_precise", one_more(curve.a_precise)),
    (curve, "get_y", one_more(math.get_y)),
    (curve, "get_y_d", one_more(math.get_y_d)),
    (curve, "get_d", one_more(math.get_d)),
    (curve, "FEE_DENOMINATOR", 10**10 - 1),
]


@pytest.mark.oracle("curvesim")
@pytest.mark.parametrize(("module", "name", "wrong"), PLANTED, ids=[name for _, name, _ in PLANTED])
def test_a_planted_unit_is_caught(monkeypatch, module, name, wrong):
    from duels.curve_stableswap import CurveStableswapDuel
    from judge import duel

    monkeypatch.setattr(module, name, wrong)
    tally = duel.run(CurveStableswapDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
