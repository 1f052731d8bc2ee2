"""Morpho Blue against its compiled contract, over random sequences."""

import pytest

from headframe.exact import morpho_blue, morpho_blue_liquidation, morpho_blue_market
from headframe.exact import morpho_blue_math as math

V2_CORE = "@uniswap/v2-core"
BUILD = "morpho-blue"


@pytest.mark.oracle(V2_CORE, BUILD)
def test_morpho_blue_agrees_with_the_compiled_contract():
    from duels.morpho_blue import MorphoBlueDuel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(MorphoBlueDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 17
    assert len(tally.refusals) >= 18


PLANTED = [
    (morpho_blue, "to_shares_down", math.to_shares_up),
    (morpho_blue, "to_assets_up", math.to_assets_down),
    (morpho_blue_market, "to_shares_down", math.to_shares_up),
    (morpho_blue_market, "w_mul_down", lambda x, y: math.mul_div_up(x, y, math.WAD)),
    (morpho_blue_liquidation, "to_assets_up", math.to_assets_down),
    (math, "w_div_up", math.w_div_down),
    (morpho_blue_market, "w_taylor_compounded", lambda x, n: x * n),
]


@pytest.mark.oracle(V2_CORE, BUILD)
@pytest.mark.parametrize(("module", "name", "wrong"), PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, module, name, wrong):
    from duels.morpho_blue import MorphoBlueDuel
    from judge import duel

    monkeypatch.setattr(module, name, wrong)
    tally = duel.run(MorphoBlueDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
