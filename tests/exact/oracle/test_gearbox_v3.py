"""Gearbox v3 against its contracts, compiled from the official source."""

import pytest

from headframe.exact import (
    gearbox_v3,
    gearbox_v3_account,
    gearbox_v3_errors,
    gearbox_v3_liquidation,
    gearbox_v3_math,
    gearbox_v3_pool,
    gearbox_v3_quotas,
    gearbox_v3_rates,
)

BUILD = "gearbox-v3"
MODULES = (
    gearbox_v3,
    gearbox_v3_account,
    gearbox_v3_liquidation,
    gearbox_v3_math,
    gearbox_v3_pool,
    gearbox_v3_quotas,
    gearbox_v3_rates,
)
"""The parts of the text, into each of which a wrong function is planted where it is used."""


@pytest.mark.oracle(BUILD)
def test_the_libraries_agree_with_the_compiled_bytecode():
    from duels.gearbox_v3_math import GearboxV3MathDuel
    from judge import duel

    actions = duel.actions_wanted(3_000)
    tally = duel.run(GearboxV3MathDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert len(tally.kinds) == 12


@pytest.mark.oracle(BUILD)
def test_the_pool_agrees_with_the_compiled_bytecode():
    from duels.gearbox_v3_pool import GearboxV3PoolDuel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(GearboxV3PoolDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert tally.kinds.keys() >= {
        "deposit", "mint", "withdraw", "redeem", "lendCreditAccount", "repayCreditAccount",
        "updateQuota", "removeQuotas", "vote", "unvote", "updateEpoch", "setInterestRateModel",
    }  # fmt: skip
    assert len(tally.refusals) >= 10


@pytest.mark.oracle(BUILD)
def test_credit_accounts_agree_with_the_compiled_bytecode():
    from duels.gearbox_v3_credit import GearboxV3CreditDuel
    from judge import duel

    actions = duel.actions_wanted(1_000)
    tally = duel.run(GearboxV3CreditDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert tally.kinds.keys() >= {"open", "multicall", "close", "liquidate", "liquidate_in_part"}
    assert tally.refused < 0.8 * actions
    assert len(tally.refusals) >= 15


@pytest.mark.oracle(BUILD)
def test_selectors_are_the_hashes_of_their_names():
    from judge.abi import selector

    arguments = {
        "BalanceLessThanExpected": "address",
        "NoPermission": "uint256",
        "RemainingTokenBalanceIncreased": "address",
        "SeizedLessThanRequired": "uint256",
    }
    for name, data in gearbox_v3_errors.SELECTORS.items():
        assert data == selector(f"{name}Exception({arguments.get(name, '')})")


def one_more(name, module=gearbox_v3_math, step=1):
    right = getattr(module, name)
    return lambda *args, **kwargs: right(*args, **kwargs) + step


def plant(monkeypatch, name, wrong):
    found = [module for module in MODULES if hasattr(module, name)]
    assert found
    for module in found:
        monkeypatch.setattr(module, name, wrong)


def paid_last(amount, interest, fee, fee_bps):
    left, to_pool, earned = gearbox_v3_math_repaid(amount, interest, fee, fee_bps)
    return (left, to_pool - 1, earned + 1) if to_pool and earned else (left, to_pool, earned)


gearbox_v3_math_repaid = gearbox_v3_math._repaid
payments = gearbox_v3_math.calc_liquidation_payments
PLANTED_MATH = {
    "calc_linear_growth": one_more("calc_linear_growth"),
    "calc_accrued_interest": one_more("calc_accrued_interest"),
    "cumulative_index_since": one_more("cumulative_index_since"),
    "calc_accrued_quota_interest": one_more("calc_accrued_quota_interest"),
    "calc_actual_quota_change": one_more("calc_actual_quota_change"),
    "get_liquidation_threshold": one_more("get_liquidation_threshold"),
    "calc_one_token_collateral": one_more("calc_one_token_collateral"),
    "div_trunc": lambda a, b: a // b,
    "INDEX_PRECISION": 10**8,
    "_repaid": paid_last,
    "calc_liquidation_payments": lambda **terms: (
        lambda p: (p[0], p[1] + 1, p[2] - 1, p[3]) if p[2] else p
    )(payments(**terms)),
}
"""A wrong rounding by one unit for every kind of rounding."""


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize("name", PLANTED_MATH)
def test_a_planted_unit_in_the_libraries_is_caught(monkeypatch, name):
    from duels.gearbox_v3_math import GearboxV3MathDuel
    from judge import duel

    plant(monkeypatch, name, PLANTED_MATH[name])
    tally = duel.run(GearboxV3MathDuel, actions=5_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


PLANTED_POOL = {
    "full_div_down": lambda a, b, c: -(-a * b // max(c, 1)),
    "full_div_up": lambda a, b, c: a * b // max(c, 1),
    "base_interest_index": one_more("base_interest_index", gearbox_v3_pool),
    "expected_liquidity": one_more("expected_liquidity", gearbox_v3_pool),
    "supply_rate": one_more("supply_rate", gearbox_v3_pool),
    "calc_borrow_rate": one_more("calc_borrow_rate", gearbox_v3_rates),
    "available_to_borrow": one_more("available_to_borrow", gearbox_v3_rates),
    "gauge_rate": one_more("gauge_rate", gearbox_v3_rates),
    "calc_quota_revenue_change": one_more("calc_quota_revenue_change"),
    "MAX_WITHDRAW_FEE_BPS": 99,
}
"""The same for the pool and what surrounds it."""


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize("name", PLANTED_POOL)
def test_a_planted_unit_in_the_pool_is_caught(monkeypatch, name):
    from duels.gearbox_v3_pool import GearboxV3PoolDuel
    from judge import duel

    plant(monkeypatch, name, PLANTED_POOL[name])
    tally = duel.run(GearboxV3PoolDuel, actions=5_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


PLANTED_CREDIT = {
    "calc_accrued_interest": one_more("calc_accrued_interest"),
    "calc_accrued_quota_interest": one_more("calc_accrued_quota_interest"),
    "calc_partial_liquidation": lambda *args, **terms: (lambda p: (p[0], p[1], p[2] + 1))(
        partial(*args, **terms)
    ),
    "calc_liquidation_payments": lambda **terms: (
        lambda p: (p[0], p[1] + 1, *p[2:]) if p[1] else p
    )(payments(**terms)),
    "calc_increase": lambda *args: (lambda p: (p[0], p[1] + 1))(increase(*args)),
    "threshold_of": one_more("threshold_of", gearbox_v3_account),
    "QUOTA_STEP": 1,
}
"""And for credit accounts."""
partial = gearbox_v3_math.calc_partial_liquidation
increase = gearbox_v3_math.calc_increase


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize("name", PLANTED_CREDIT)
def test_a_planted_unit_in_credit_accounts_is_caught(monkeypatch, name):
    from duels.gearbox_v3_credit import GearboxV3CreditDuel
    from judge import duel

    plant(monkeypatch, name, PLANTED_CREDIT[name])
    tally = duel.run(GearboxV3CreditDuel, actions=6_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
