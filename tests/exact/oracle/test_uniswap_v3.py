"""Uniswap v3 against the deployed pool, factory and position manager, over random sequences."""

import random

import pytest

from headframe.errors import Revert
from headframe.exact import (
    uniswap_v3,
    uniswap_v3_liquidity,
    uniswap_v3_math,
    uniswap_v3_observations,
    uniswap_v3_pool,
    uniswap_v3_swap,
)
from headframe.exact.fixed import mul_div_up

V2_CORE = "@uniswap/v2-core"
CORE = "@uniswap/v3-core"
PERIPHERY = "@uniswap/v3-periphery"


@pytest.mark.oracle(V2_CORE, CORE)
def test_random_sequences_agree_with_the_deployed_pool():
    from duels.uniswap_v3 import UniswapV3Duel
    from judge import duel

    actions = duel.actions_wanted(10_000)
    tally = duel.run(UniswapV3Duel, actions=actions, first_seed=duel.seed_wanted())
    duel.report(tally)
    assert tally.mismatches == []
    assert tally.actions == actions
    assert len(tally.kinds) == 11
    expected = "AI AS F0 F1 IIA L LO LOK LS M0 M1 NP OLD R SPL TF TLM TLU TUM"
    assert tally.refusals.keys() >= set(expected.split())


def owed_a_wei_more(position, change, inside0, inside1):
    settle(position, change, inside0, inside1)
    position.tokens_owed0 += 1


def a_wei_more_inside(pool, lower, upper):
    inside0, inside1 = growth_inside(pool, lower, upper)
    return inside0 + 1, inside1


def a_wei_further(price, liquidity, amount, zero_for_one):
    return next_price(price, liquidity, amount, zero_for_one) + (-1 if zero_for_one else 1)


def a_wei_more_between(before, after, since_s):
    tick_cumulative, seconds_per_liquidity = between(before, after, since_s)
    return tick_cumulative, seconds_per_liquidity + 1


between = uniswap_v3_observations._between
next_price = uniswap_v3_math.get_next_sqrt_price_from_output
settle = uniswap_v3_pool.settle_position
growth_inside = uniswap_v3_pool.get_fee_growth_inside
PLANTED = [
    (uniswap_v3_math, "get_amount0_delta_up", uniswap_v3_math.get_amount0_delta_down),
    (uniswap_v3_math, "get_amount1_delta_up", uniswap_v3_math.get_amount1_delta_down),
    (uniswap_v3_math, "get_amount0_delta_down", uniswap_v3_math.get_amount0_delta_up),
    (uniswap_v3_math, "mul_div_down", mul_div_up),
    (uniswap_v3_math, "get_next_sqrt_price_from_output", a_wei_further),
    (uniswap_v3_liquidity, "get_amount0_delta_up", uniswap_v3_math.get_amount0_delta_down),
    (uniswap_v3_liquidity, "get_amount1_delta_down", uniswap_v3_math.get_amount1_delta_up),
    (uniswap_v3_liquidity, "settle_position", owed_a_wei_more),
    (uniswap_v3_liquidity, "get_fee_growth_inside", a_wei_more_inside),
    (uniswap_v3_swap, "mul_div_down", mul_div_up),
    (uniswap_v3_swap, "mul_div_up", uniswap_v3_swap.mul_div_down),
    (uniswap_v3_observations, "_between", a_wei_more_between),
]


@pytest.mark.oracle(V2_CORE, CORE)
@pytest.mark.parametrize(("module", "name", "wrong"), PLANTED)
def test_a_planted_wei_is_caught(monkeypatch, module, name, wrong):
    from duels.uniswap_v3 import UniswapV3Duel
    from judge import duel

    monkeypatch.setattr(module, name, wrong)
    tally = duel.run(UniswapV3Duel, actions=5_000, first_seed=0, stop_at=1)
    assert len(tally.mismatches) == 1


@pytest.mark.oracle(V2_CORE, CORE)
def test_ticks_and_prices_agree_with_the_deployed_pool():
    from duels.uniswap_v3_prices import PriceOracle
    from judge.chain import Answer

    oracle, rng = PriceOracle(), random.Random(3)
    ticks = [rng.randint(uniswap_v3.MIN_TICK + 1, uniswap_v3.MAX_TICK - 1) for _ in range(3_000)]
    ticks += [sign * (1 << k) + d for k in range(20) for sign in (1, -1) for d in (-1, 0, 1)]
    for tick in ticks:
        price = uniswap_v3.get_sqrt_ratio_at_tick(tick)
        assert oracle.tick_at(price) == tick
        assert oracle.tick_at(price - 1) == tick - 1
        between = rng.randint(price, uniswap_v3.get_sqrt_ratio_at_tick(tick + 1))
        assert oracle.tick_at(between) == uniswap_v3.get_tick_at_sqrt_ratio(between)
    for outside in (0, 1, uniswap_v3.MIN_SQRT_RATIO - 1, uniswap_v3.MAX_SQRT_RATIO, (1 << 160) - 1):
        with pytest.raises(Revert) as refusal:
            uniswap_v3.get_tick_at_sqrt_ratio(outside)
        assert oracle.tick_at(outside) == Answer(refusal.value.data, failed=True)


@pytest.mark.oracle(V2_CORE, CORE, PERIPHERY)
def test_liquidity_from_amounts_agrees_with_the_deployed_position_manager():
    from duels.stage import log_uniform
    from duels.uniswap_v3_prices import LiquidityOracle

    rng, given = random.Random(4), 0
    for _ in range(10):
        here = rng.randint(-200_000, 200_000)
        price = uniswap_v3.get_sqrt_ratio_at_tick(here) + rng.randint(0, 1_000)
        oracle = LiquidityOracle(price)
        for _ in range(60):
            lower = (here // 60 + rng.randint(-500, 400)) * 60
            upper = lower + 60 * rng.randint(1, 600)
            amounts = log_uniform(rng, 1, 1 << 90), log_uniform(rng, 1, 1 << 90)
            low, high = map(uniswap_v3.get_sqrt_ratio_at_tick, (lower, upper))
            ours = uniswap_v3.get_liquidity_for_amounts(price, low, high, *amounts)
            theirs = oracle.liquidity(lower, upper, *amounts)
            if isinstance(theirs, int):
                given += 1
                assert theirs == ours
    assert given > 300
