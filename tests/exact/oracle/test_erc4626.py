"""ERC-4626 against OpenZeppelin's contract, over random sequences."""

import pytest

from headframe.exact import erc4626
from headframe.exact.fixed import MAX_UINT256

V2_CORE, BUILD = "@uniswap/v2-core", "erc4626"


@pytest.mark.oracle(V2_CORE, BUILD)
def test_erc4626_agrees_with_the_compiled_contract():
    from duels.erc4626 import Erc4626Duel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(Erc4626Duel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len([kind for kind in tally.kinds if not kind.startswith("read.")]) == 8
    refusals = {reason[2:10] for reason in tally.refusals if reason.startswith("0x")}
    assert {"fe9cceec", "b94abeec", "ec442f05", "e450d38c", "fb8f41b2"} <= refusals


PLANTED = [
    ("preview_deposit", erc4626.to_shares_up),
    ("preview_withdraw", erc4626.to_shares_down),
    ("preview_redeem", erc4626.to_assets_up),
    ("preview_mint", erc4626.to_assets_down),
    ("MAX_UINT256", MAX_UINT256 - 1),
]


@pytest.mark.oracle(V2_CORE, BUILD)
@pytest.mark.parametrize(("name", "wrong"), PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, name, wrong):
    from duels.erc4626 import Erc4626Duel
    from judge import duel

    monkeypatch.setattr(erc4626, name, wrong)
    tally = duel.run(Erc4626Duel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
