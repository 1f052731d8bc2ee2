"""Aave 3.6 against its contracts, compiled from the official source, over random sequences."""

import pytest

from headframe.exact import aave_v3_6_errors, aave_v3_6_math, aave_v3_math
from headframe.exact.fixed import RAY

BUILD = "aave-v3-6"


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

    from headframe.exact import aave_v3_6_rates

    assert getattr(aave_v3_6_rates, name) is getattr(aave_v3_math, name)
    monkeypatch.setattr(aave_v3_6_rates, name, wrong)
    tally = duel.run(AaveV36RatesDuel, actions=2_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
