"""Synthetix's debt pool against nineteen kinds of mainnet's contracts, over random sequences."""

import pytest

from headframe.exact import synthetix_debt, synthetix_debt_pool, synthetix_exchange
from headframe.exact import synthetix_decimals as decimals
from headframe.exact import synthetix_fee_pool as fee_pool
from headframe.exact import synthetix_liquidation as liquidation

PACKAGES = ("synthetix", "synthetix-world")


@pytest.mark.oracle(*PACKAGES)
def test_the_debt_pool_agrees_with_the_deployed_contracts():
    from duels.synthetix_debt import SynthetixDebtDuel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(SynthetixDebtDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 31
    assert len(tally.refusals) >= 18


def half_up_to_down(whole):
    return lambda x, y: x * y // whole


PLANTED = [
    (synthetix_debt_pool, "multiply_decimal_precise_half_up", half_up_to_down(decimals.RAY)),
    (synthetix_debt_pool, "divide_decimal_precise_half_up",
     lambda x, y: x * decimals.RAY // y),
    (synthetix_debt_pool, "multiply_decimal_half_up", half_up_to_down(decimals.WAD)),
    (synthetix_debt_pool, "multiply_decimal_down", decimals.multiply_decimal_half_up),
    (synthetix_exchange, "multiply_decimal_down", decimals.multiply_decimal_half_up),
    (liquidation, "divide_decimal_down", decimals.divide_decimal_half_up),
    (liquidation, "multiply_decimal_down", decimals.multiply_decimal_half_up),
    (synthetix_debt, "update_cached_synth_debts", lambda pool, keys: None),
    (fee_pool, "multiply_decimal_down", decimals.multiply_decimal_half_up),
    (fee_pool, "divide_decimal_precise_half_up", lambda x, y: x * decimals.RAY // y),
]  # fmt: skip


@pytest.mark.oracle(*PACKAGES)
@pytest.mark.parametrize(("module", "name", "wrong"), PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, module, name, wrong):
    from duels.synthetix_debt import SynthetixDebtDuel
    from judge import duel

    monkeypatch.setattr(module, name, wrong)
    tally = duel.run(SynthetixDebtDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
