"""The OP Stack's data fee against its own contract, and the blob base fee against an EVM."""

import pytest

from headframe.exact import eip1559, fastlz
from headframe.exact import optimism_l1_fee as fees

PACKAGE = "@eth-optimism/contracts-bedrock"
KINDS = {"bound", *(f"{what}_{fork}" for what in ("fee", "gas") for fork in ("bedrock", "ecotone"))}


@pytest.mark.oracle(PACKAGE)
def test_optimism_l1_fee_agrees_with_the_contract():
    from duels.optimism_l1_fee import OptimismL1FeeDuel
    from judge import duel

    actions = duel.actions_wanted(3_000)
    tally = duel.run(OptimismL1FeeDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert set(tally.kinds) == KINDS | {"fee_fjord", "gas_fjord"}


PLANTED = [
    (fees, "COST_INTERCEPT", fees.COST_INTERCEPT + 1_000_000),
    (fees, "SIGNATURE_BYTES", 67),
    (fastlz, "FARTHEST", 8_192),
    (fastlz, "LONGEST_MATCH", 263),
    (fastlz, "LONGEST_RUN", 33),
    (fastlz, "TAIL", 13),
    (fastlz, "UNTOUCHED", 3),
]


@pytest.mark.oracle(PACKAGE)
@pytest.mark.parametrize(("where", "name", "wrong"), PLANTED, ids=[p[1] for p in PLANTED])
def test_a_planted_unit_is_caught(monkeypatch, where, name, wrong):
    from duels.optimism_l1_fee import OptimismL1FeeDuel
    from judge import duel

    monkeypatch.setattr(where, name, wrong)
    tally = duel.run(OptimismL1FeeDuel, actions=20_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


@pytest.mark.oracle
def test_blob_base_fee_agrees_with_the_evm():
    from duels.eip1559 import BlobBaseFeeDuel
    from judge import duel

    actions = duel.actions_wanted(500)
    tally = duel.run(BlobBaseFeeDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions


@pytest.mark.oracle
def test_a_planted_fraction_is_caught(monkeypatch):
    from duels.eip1559 import BlobBaseFeeDuel
    from judge import duel

    wrong = eip1559.BlobRule(target=3, most=6, update_fraction=3_338_478)
    monkeypatch.setattr(eip1559, "CANCUN", wrong)
    tally = duel.run(BlobBaseFeeDuel, actions=500, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
