"""
Two reward contracts with our stake in them, against the integer texts played beside them.

A token of 18 decimals; bound: 1e-12 of the reward, for the accumulator of twelve places.
"""

import numpy as np
import pytest
from scripted import played, scripted, seat

from headframe.exact import sushiswap_masterchef as chef
from headframe.exact import synthetix_staking_rewards as synth
from headframe.positions.farm import YieldFarm
from headframe.venues.masterchef import MasterChefPool
from headframe.venues.staking_rewards import StakingRewardsFarm

OTHERS = [300.0, 700.0, 50.0, 0.0, 900.0, 900.0, 10.0, 400.0, 400.0, 1.0]
"""What others stake from each step on."""
UNIT = 10**18
"""Smallest units of a token."""


def earned(venue, values):
    stake = YieldFarm(
        name="stake",
        asset="usdc",
        reward_asset="crv",
        held={"staked": 100.0},
        reward_per_token=f"{venue.name}_reward_per_token",
    )
    world = {"usdc_usd": 1.0, "crv_usd": 1.0, **values}
    return float(
        seat(played(scripted(stake, values=world, venues=(venue,))), "stake").state["reward"][0]
    )


def test_masterchef_pays_what_the_contract_pays():
    """A day has 7,200 blocks; the first two days are bonus."""
    blocks, per_day = 7_200, len(OTHERS) - 1
    exact = chef.MasterChef(sushi_per_block=5 * UNIT, start_block=0, bonus_end_block=2 * blocks)
    chef.add(exact, 30, "lp", False, now_height=0)
    chef.add(exact, 70, "other", False, now_height=0)
    chef.deposit(exact, 0, "us", 100 * UNIT, now_height=0)
    staked = 0
    for day in range(per_day):
        wanted = int(OTHERS[day]) * UNIT
        if wanted > staked:
            chef.deposit(exact, 0, "they", wanted - staked, now_height=day * blocks)
        else:
            chef.withdraw(exact, 0, "they", staked - wanted, now_height=day * blocks)
        staked = wanted
    expected = chef.pending_sushi(exact, 0, "us", now_height=per_day * blocks) / UNIT
    pool = MasterChefPool(
        name="sushi",
        tokens_per_block=5.0,
        alloc_share=0.3,
        staked="sushi_others_staked",
        bonus_s="2d",
    )
    assert earned(pool, {"sushi_others_staked": OTHERS}) == pytest.approx(expected, rel=1e-12)


def test_staking_rewards_pay_what_the_contract_pays():
    """A week of 1,000 tokens, 250 more notified on the fourth day, and a period that ends."""
    day_s, notified = 86_400, [0.0, 0.0, 0.0, 250.0, *[0.0] * 6]
    exact = synth.StakingRewards(rewards_duration=4 * day_s)
    synth.send_rewards(exact, 2_000 * UNIT)
    synth.notify_reward_amount(exact, 1_000 * UNIT, now_ts=0)
    synth.stake(exact, "us", 100 * UNIT, now_ts=0)
    staked = 0
    for day, others in enumerate(OTHERS[:-1]):
        if notified[day]:
            synth.notify_reward_amount(exact, int(notified[day]) * UNIT, now_ts=day * day_s)
        wanted = int(others) * UNIT
        if wanted > staked:
            synth.stake(exact, "they", wanted - staked, now_ts=day * day_s)
        elif wanted < staked:
            synth.withdraw(exact, "they", staked - wanted, now_ts=day * day_s)
        staked = wanted
    expected = synth.earned(exact, "us", now_ts=9 * day_s) / UNIT
    farm = StakingRewardsFarm(
        name="gauge",
        reward=1_000.0,
        staked="gauge_others_staked",
        notified="gauge_notified_tokens",
        duration_s="4d",
    )
    values = {"gauge_others_staked": OTHERS, "gauge_notified_tokens": notified}
    assert earned(farm, values) == pytest.approx(expected, rel=1e-12)


def test_dust_of_a_token_with_few_decimals_is_lost():
    """100 of a token with 6 decimals over a week: 165 units a second, 208,000 units left over."""
    farm = StakingRewardsFarm(name="gauge", reward=100.0, staked=50.0, decimals=6)
    chunk = played(
        scripted(
            YieldFarm(
                name="stake",
                asset="usdc",
                reward_asset="crv",
                held={"staked": 50.0},
                reward_per_token="gauge_reward_per_token",
            ),
            values={"usdc_usd": 1.0, "crv_usd": 1.0},
            venues=(farm,),
            n_steps=8,
        )
    )
    rate, dust = divmod(100 * 10**6, 604_800)
    assert chunk.now["gauge_lost"][0] == pytest.approx(dust / 1e6, rel=1e-9)
    assert seat(chunk, "stake").state["reward"][0] == pytest.approx(rate * 604_800 / 2e6, rel=1e-12)
    assert np.isfinite(chunk.books.data).all()
