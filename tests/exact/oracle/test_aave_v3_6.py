"""Aave 3.6 against its contracts, compiled from the official source, over random sequences."""

import pytest

from headframe.exact import (
    aave_v3_6_account,
    aave_v3_6_borrow,
    aave_v3_6_errors,
    aave_v3_6_liquidation,
    aave_v3_6_math,
    aave_v3_6_rates,
    aave_v3_6_reserve,
    aave_v3_6_supply,
    aave_v3_math,
)
from headframe.exact.fixed import RAY, div_up

BUILD = "aave-v3-6"
MODULES = (
    aave_v3_6_account,
    aave_v3_6_borrow,
    aave_v3_6_liquidation,
    aave_v3_6_rates,
    aave_v3_6_reserve,
    aave_v3_6_supply,
)
"""The parts of the text, into each of which a wrong function is planted where it is used."""


@pytest.mark.oracle(BUILD)
def test_aave_v3_6_agrees_with_the_compiled_bytecode():
    from duels.aave_v3_6 import AaveV36Duel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(AaveV36Duel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert tally.kinds.keys() >= {
        "supply", "withdraw", "borrow", "repay", "repay_with_a_tokens", "transfer",
        "use_as_collateral", "e_mode", "delegate", "liquidate", "mint_to_treasury", "configure",
    }  # fmt: skip
    assert len(tally.refusals) >= 20


@pytest.mark.oracle(BUILD)
def test_aave_v3_6_math_agrees_with_the_compiled_bytecode():
    from duels.aave_v3_6_math import FUNCTIONS, AaveV36MathDuel
    from judge import duel

    actions = duel.actions_wanted(5_000)
    tally = duel.run(AaveV36MathDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.kinds.keys() == FUNCTIONS.keys()


@pytest.mark.oracle(BUILD)
def test_aave_v3_6_rates_agree_with_the_compiled_bytecode():
    from duels.aave_v3_6_rates import AaveV36RatesDuel
    from judge import duel

    actions = duel.actions_wanted(3_000)
    tally = duel.run(AaveV36RatesDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.refusals.keys() >= {
        f"0x{aave_v3_6_errors.SELECTORS[name].hex()}"
        for name in ("InvalidOptimalUsageRatio", "Slope2MustBeGteSlope1", "InvalidMaxRate")
    }


@pytest.mark.oracle(BUILD)
def test_selectors_are_the_hashes_of_their_names():
    from judge.abi import selector

    arguments = {
        "InsufficientBorrowAllowance": "address,uint256,uint256",
        "InvalidCollateralInEmode": "address,uint256",
        "InvalidDebtInEmode": "address,uint256",
        "SafeCastOverflowedUintDowncast": "uint8,uint256",
    }
    for name, data in aave_v3_6_errors.SELECTORS.items():
        assert data == selector(f"{name}({arguments.get(name, '')})")


@pytest.mark.oracle(BUILD)
def test_thresholds_are_the_contracts():
    from judge.artifacts import creation_code
    from judge.chain import OWNER, Chain

    chain = Chain()
    contract = chain.deploy(creation_code(BUILD, "LiquidationLogic.json"))
    for signature, ours in (
        ("CLOSE_FACTOR_HF_THRESHOLD()", aave_v3_6_liquidation.CLOSE_FACTOR_HF_THRESHOLD_WAD),
        (
            "MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD()",
            aave_v3_6_liquidation.MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD,
        ),
        ("MIN_LEFTOVER_BASE()", aave_v3_6_liquidation.MIN_LEFTOVER_BASE),
    ):
        assert chain.must(OWNER, contract, signature) == [ours]


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize(("name", "wrong"), [
    ("CLOSE_FACTOR_HF_THRESHOLD_WAD", 99 * 10**16),
    ("MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD", 10**30),
    ("MIN_LEFTOVER_BASE", 500 * 10**8),
    ("DEFAULT_LIQUIDATION_CLOSE_FACTOR_BPS", 4_999),
])  # fmt: skip
def test_a_planted_threshold_is_caught(monkeypatch, name, wrong):
    from duels.aave_v3_6 import AaveV36Duel
    from judge import duel

    monkeypatch.setattr(aave_v3_6_liquidation, name, wrong)
    tally = duel.run(AaveV36Duel, actions=20_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


def off_by_one(module, name, step):
    right = getattr(module, name)
    return lambda *args: max(right(*args) + step, 0)


DIRECTED = [name for name in vars(aave_v3_6_math) if name.endswith(("_down", "_up", "_interest"))]


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize("name", [name for name in DIRECTED if "half_up" not in name])
def test_a_planted_unit_in_the_arithmetic_is_caught(monkeypatch, name):
    from duels.aave_v3_6_math import AaveV36MathDuel
    from judge import duel

    monkeypatch.setattr(aave_v3_6_math, name, off_by_one(aave_v3_6_math, name, 1))
    tally = duel.run(AaveV36MathDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize(("name", "wrong"), [
    ("ray_mul_half_up", lambda a, b: a * b // RAY),
    ("ray_div_half_up", lambda a, b: a * RAY // b),
    ("percent_mul_half_up", lambda value, bps: value * bps // 10_000),
])  # fmt: skip
def test_a_planted_rounding_in_the_rates_is_caught(monkeypatch, name, wrong):
    from duels.aave_v3_6_rates import AaveV36RatesDuel
    from judge import duel

    assert getattr(aave_v3_6_rates, name) is getattr(aave_v3_math, name)
    monkeypatch.setattr(aave_v3_6_rates, name, wrong)
    tally = duel.run(AaveV36RatesDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


math = aave_v3_6_math
linear = aave_v3_math.calculate_linear_interest
compounded = math.calculate_compounded_interest
divided = aave_v3_math.div_down
collateral, debt = aave_v3_6_account._collateral_base, aave_v3_6_account._debt_base
health = aave_v3_6_account._health_factor_wad

PLANTED = {
    "a_token_mint_scaled_down": math.ray_div_up,
    "a_token_burn_scaled_up": math.ray_div_down,
    "a_token_transfer_scaled_up": math.ray_div_down,
    "a_token_balance_down": math.ray_mul_up,
    "v_token_mint_scaled_up": math.ray_div_down,
    "v_token_burn_scaled_down": math.ray_div_up,
    "v_token_balance_up": math.ray_mul_down,
    "ray_mul_down": math.ray_mul_up,
    "ray_mul_half_up": lambda a, b: a * b // RAY,
    "ray_div_half_up": lambda a, b: a * RAY // b,
    "percent_mul_half_up": lambda value, bps: value * bps // 10_000,
    "percent_div_half_up": lambda value, bps: value * 10_000 // bps,
    "percent_mul_down": math.percent_mul_up,
    "percent_div_up": lambda value, bps: value * 10_000 // bps,
    "div_down": lambda a, b: div_up(a, b) if b else divided(a, b),
    "calculate_linear_interest": lambda rate, dt_s: linear(rate, dt_s) + 1,
    "calculate_compounded_interest": lambda rate, dt_s: compounded(rate, dt_s) + 1,
    "_health_factor_wad": lambda weighted, owed: health(weighted, owed) - 1,
    "_mean_down": lambda weighted, total: div_up(weighted, total or 1),
    "_collateral_base": lambda *args: collateral(*args) + 1,
    "_debt_base": lambda *args: max(debt(*args) - 1, 0),
}
"""A wrong rounding by one unit for every kind of rounding."""


@pytest.mark.oracle(BUILD)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, name):
    from duels.aave_v3_6 import AaveV36Duel
    from judge import duel

    for module in MODULES:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, PLANTED[name])
    tally = duel.run(AaveV36Duel, actions=6_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
