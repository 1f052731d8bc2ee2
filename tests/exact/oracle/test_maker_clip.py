"""Maker's vaults and Dutch auctions against the contracts of its own test chain."""

import pytest

from headframe.exact import maker_clip, maker_math, maker_vat

PACKAGE = "@makerdao/testchain"


@pytest.mark.oracle(PACKAGE)
def test_maker_clip_agrees_with_the_contracts():
    from duels.maker_clip import MakerClipDuel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(MakerClipDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 7
    assert tally.refused > 0


right = {name: getattr(maker_clip, name) for name in ("wmul_down", "rmul_down", "rdiv_down")}
PLANTED = [
    (maker_math, "RAY", maker_math.RAY + 1),
    (maker_clip, "WAD", maker_clip.WAD + 1),
    (maker_vat, "rpow_half_up", lambda x, n: maker_math.rpow_half_up(x, n) + (n > 1)),
    (maker_clip, "rmul_down", lambda a, b: right["rmul_down"](a, b) + 1),
    (maker_clip, "wmul_down", lambda a, b: right["wmul_down"](a, b) + 1),
    (maker_vat, "BLN", maker_vat.BLN + 1),
]


@pytest.mark.oracle(PACKAGE)
@pytest.mark.parametrize(("module", "name", "wrong"), PLANTED)
def test_a_planted_unit_is_caught(monkeypatch, module, name, wrong):
    from duels.maker_clip import MakerClipDuel
    from judge import duel

    monkeypatch.setattr(module, name, wrong)
    tally = duel.run(MakerClipDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
