"""MasterChef, MasterChefV2 and StakingRewards against their compiled contracts."""

import importlib

import pytest

from headframe.exact import sushiswap_masterchef, sushiswap_masterchef_v2, synthetix_staking_rewards
from headframe.exact.fixed import div_up

V2_CORE = "@uniswap/v2-core"
SUSHI = "web3-ethereum-defi"


def duel_of(module: str, name: str) -> type:
    return getattr(importlib.import_module(f"duels.{module}"), name)


def plays(module: str, name: str, default: int):
    from judge import duel

    actions = duel.actions_wanted(default)
    tally = duel.run(duel_of(module, name), actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    return tally


@pytest.mark.oracle(V2_CORE, SUSHI)
def test_masterchef_agrees_with_the_compiled_contract():
    tally = plays("sushiswap_masterchef", "SushiswapMasterchefDuel", 5_000)
    assert len(tally.kinds) == 9
    assert {"withdraw: not good", "SafeMath: division by zero"} <= tally.refusals.keys()


@pytest.mark.oracle(V2_CORE, SUSHI)
def test_masterchef_v2_agrees_with_the_compiled_contract():
    tally = plays("sushiswap_masterchef_v2", "SushiswapMasterchefV2Duel", 5_000)
    assert len([kind for kind in tally.kinds if not kind.startswith("first.")]) == 12
    expected = {"BoringERC20: Transfer failed", "BoringMath: Underflow", "no data"}
    assert expected <= tally.refusals.keys()


@pytest.mark.oracle(V2_CORE, "synthetix")
def test_staking_rewards_agrees_with_the_deployed_contract():
    tally = plays("synthetix_staking_rewards", "SynthetixStakingRewardsDuel", 5_000)
    assert len(tally.kinds) == 12
    assert {"Provided reward too high", "Cannot stake 0"} <= tally.refusals.keys()


def debt_rounded_up(amount: int, accumulator: int) -> int:
    return div_up(amount * accumulator, 10**12)


PLANTED = [
    ("sushiswap_masterchef", "SushiswapMasterchefDuel", sushiswap_masterchef, "_debt",
     debt_rounded_up),
    ("sushiswap_masterchef_v2", "SushiswapMasterchefV2Duel", sushiswap_masterchef_v2, "_worth",
     debt_rounded_up),
    ("synthetix_staking_rewards", "SynthetixStakingRewardsDuel", synthetix_staking_rewards,
     "div_down", lambda a, b: div_up(a, b or 1)),
]  # fmt: skip


@pytest.mark.oracle(V2_CORE, SUSHI, "synthetix")
@pytest.mark.parametrize(("folder", "name", "module", "function", "wrong"), PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, folder, name, module, function, wrong):
    from judge import duel

    monkeypatch.setattr(module, function, wrong)
    tally = duel.run(duel_of(folder, name), actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
