"""Aave 3.0 against the whole deployed market, over random sequences."""

import pytest

from headframe.exact import (
    aave_v3_0_account,
    aave_v3_0_borrow,
    aave_v3_0_liquidation,
    aave_v3_0_rates,
    aave_v3_0_reserve,
    aave_v3_0_supply,
    aave_v3_math,
)
from headframe.exact.fixed import RAY, WAD, div_up

CORE = "@aave/core-v3"
MODULES = (
    aave_v3_0_account,
    aave_v3_0_borrow,
    aave_v3_0_liquidation,
    aave_v3_0_rates,
    aave_v3_0_reserve,
    aave_v3_0_supply,
    aave_v3_math,
)
"""The parts of the text, into each of which a wrong function is planted where it is used."""


@pytest.mark.oracle(CORE)
def test_aave_v3_0_agrees_with_the_deployed_bytecode():
    from duels.aave_v3_0 import AaveV30Duel
    from judge import duel

    actions = duel.actions_wanted(2_000)
    tally = duel.run(AaveV30Duel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert tally.kinds.keys() >= {
        "supply", "withdraw", "borrow", "repay", "repay_with_a_tokens", "transfer",
        "use_as_collateral", "e_mode", "delegate", "liquidate", "mint_to_treasury", "configure",
    }  # fmt: skip
    assert len(tally.refusals) >= 20


@pytest.mark.oracle(CORE)
def test_wads_and_rays_agree_with_the_deployed_bytecode():
    from duels.aave_v3_math import AaveV3MathDuel
    from judge import duel

    actions = duel.actions_wanted(5_000)
    tally = duel.run(AaveV3MathDuel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert len(tally.kinds) == 6


linear = aave_v3_math.calculate_linear_interest
divided = aave_v3_math.div_down
ceiling_units = aave_v3_0_borrow._ceiling_units
borrowers_debt = aave_v3_0_account._debt_base
collateral = aave_v3_0_account._collateral_base


def third_term_kept(rate_ray: int, dt_s: int) -> int:
    """The series with its cube not cut to zero: what a float would do."""
    cube = rate_ray**3 * dt_s * max(dt_s - 1, 0) * max(dt_s - 2, 0)
    third = cube // (6 * RAY**2 * aave_v3_math.SECONDS_PER_YEAR**3)
    square = aave_v3_math.ray_mul_half_up(rate_ray, rate_ray) // aave_v3_math.SECONDS_PER_YEAR**2
    second = dt_s * max(dt_s - 1, 0) * square // 2
    return RAY + rate_ray * dt_s // aave_v3_math.SECONDS_PER_YEAR + second + third


PLANTED = {
    "ray_mul_half_up": lambda a, b: a * b // RAY,
    "ray_div_half_up": lambda a, b: a * RAY // b,
    "wad_div_half_up": lambda a, b: a * WAD // b,
    "percent_mul_half_up": lambda value, bps: value * bps // 10_000,
    "percent_div_half_up": lambda value, bps: value * 10_000 // bps,
    "calculate_linear_interest": lambda rate, dt_s: linear(rate, dt_s) + 1,
    "calculate_compounded_interest": third_term_kept,
    "div_down": lambda a, b: div_up(a, b) if b else divided(a, b),
    "_collateral_base": lambda *args: collateral(*args) + 1,
    "_debt_base": lambda *args: borrowers_debt(*args) + 1,
    "_mean_down": lambda weighted, total: div_up(weighted, total or 1),
    "_ceiling_units": lambda reserve, amount: ceiling_units(reserve, amount) + 1,
}
"""A wrong rounding by one unit for every kind of rounding."""


@pytest.mark.oracle(CORE)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, name):
    from duels.aave_v3_0 import AaveV30Duel
    from judge import duel

    for module in MODULES:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, PLANTED[name])
    tally = duel.run(AaveV30Duel, actions=4_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1
