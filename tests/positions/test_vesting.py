"""
Rewards that vest, against schedules worked out entry by entry.

The twin of these tests keeps every entry apart in a list, as a contract does, and adds up what has
vested; the positions keep a ring of epochs.
"""

import doctest
import math

import numpy as np
import pytest
from pydantic import ValidationError
from scripted import entry, gauges, opened, played, scripted, seat, told

from headframe.loop import step
from headframe.positions import vesting as module
from headframe.positions.farm import YieldFarm
from headframe.positions.levered import Levered
from headframe.positions.vesting import Vesting
from headframe.units import DAY_S, HOUR_S


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def farm(locker, **changes):
    """Ten thousand dollars that earn 20 tokens of half a dollar a day."""
    usual = {
        "name": "gauge",
        "asset": "usdc",
        "reward_asset": "crv",
        "deposit": {"usdc": 10_000.0},
        "reward_apr": 0.365,
        "vesting": locker,
    }
    return YieldFarm(**(usual | changes))


def book(position, n_steps, crv=0.5, **rest):
    values = {"usdc_usd": 1.0, "crv_usd": crv, "eth_usd": 2_000.0}
    return scripted(position, values=values, wallet={"usdc": 10_000.0}, n_steps=n_steps, **rest)


def vested_by_hand(t_s, per_step, step_s, locker):
    """Tokens vested at a time: every step's are an entry of the epoch that it ends in."""
    total = 0.0
    for k in range(1, round(t_s / step_s) + 1):
        ends = math.ceil(k * step_s / locker.epoch_s - 1e-9) * locker.epoch_s
        age = t_s - ends
        if locker.over_s > 0.0:
            part = min(max((age - locker.cliff_s) / locker.over_s, 0.0), 1.0)
        else:
            part = 1.0 if age >= locker.cliff_s - 1e-6 else 0.0
        total += per_step * part
    return total


LOCKERS = [
    Vesting(cliff_s="10d", over_s="30d", epoch_s="7d"),
    Vesting(cliff_s="10d", epoch_s="7d"),
    Vesting(over_s="28d", epoch_s="7d"),
    Vesting(cliff_s="1d", over_s="5d", epoch_s="1d"),
    Vesting(cliff_s="3d", over_s="4d", epoch_s="60h"),
]


@pytest.mark.parametrize("locker", LOCKERS)
@pytest.mark.parametrize("step_s", [DAY_S, 6 * HOUR_S, 5 * DAY_S])
def test_what_can_be_had_is_what_has_vested_entry_by_entry(locker, step_s):
    chunk = opened(book(farm(locker), 60, step_s=step_s))
    per_step = 20.0 * step_s / DAY_S
    for _ in range(60):
        step(chunk)
        state, now = seat(chunk, "gauge").state, chunk.now.t_s
        expected = vested_by_hand(now, per_step, step_s, locker)
        assert state["reward"][0] == pytest.approx(expected, abs=1e-7)
        everything = state["reward"][0] + module.unvested(locker, state)[0]
        assert everything == pytest.approx(per_step * now / step_s)
    chunk.ledger.check()


def test_what_is_earned_counts_at_its_price_from_the_first_day():
    chunk = played(book(farm(LOCKERS[0]), 5, crv=[0.5] * 5 + [0.1]))
    found = gauges(chunk, "gauge")
    assert found["reward_value"] == 0.0
    # four days of 20 tokens, and ten dollars' worth at the price of the fifth
    assert found["unvested_value"] == pytest.approx((80.0 + 100.0) * 0.1)
    assert chunk.books["wealth"][0] == pytest.approx(10_000.0 + 18.0)


def test_harvesting_leaves_what_has_not_vested_and_claiming_pays_for_it():
    locker = Vesting(over_s="10d", epoch_s="1d", forfeit=0.4)
    chunk = played(book(farm(locker, swap_cost=0.0), 6))
    state = seat(chunk, "gauge").state
    vested = sum(20.0 * age / 10.0 for age in range(6))
    assert state["reward"][0] == pytest.approx(vested)
    told(chunk, "gauge", "harvest")
    assert chunk.books["wallet/usd"][0] == pytest.approx(0.5 * vested)
    assert module.unvested(locker, state)[0] == pytest.approx(120.0 - vested)
    told(chunk, "gauge", "claim")
    kept = 0.6 * (120.0 - vested)
    assert chunk.books["wallet/usd"][0] == pytest.approx(0.5 * (vested + kept))
    assert entry(chunk, "gauge", "penalty")[0] == pytest.approx(-0.5 * 0.4 * (120.0 - vested))
    assert state["staked"][0] == pytest.approx(10_000.0)


def test_compounding_takes_only_what_has_vested_and_closing_takes_all():
    locker = Vesting(cliff_s="30d", epoch_s="1d", forfeit=1.0)
    chunk = played(book(farm(locker, swap_cost=0.0), 5))
    told(chunk, "gauge", "compound")
    assert seat(chunk, "gauge").state["staked"][0] == pytest.approx(10_000.0)
    told(chunk, "gauge", "close")
    assert chunk.books["wallet/usd"][0] == pytest.approx(10_000.0)
    assert entry(chunk, "gauge", "penalty")[0] == pytest.approx(-50.0)


def levered(locker, **changes):
    usual = {
        "name": "gauge",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 10_000.0},
        "leverage": 2.0,
        "threshold": 0.8,
        "reward_asset": "crv",
        "reward_apr": 0.365,
        "swap_cost": 0.0,
        "vesting": locker,
    }
    return Levered(**(usual | changes))


def test_a_leveraged_farm_earns_the_same_with_vesting_and_gets_it_later():
    locker = Vesting(over_s="10d", epoch_s="1d")
    plain, late = played(book(levered(None), 8)), played(book(levered(locker), 8))
    earned = entry(plain, "gauge", "reward")[0]
    assert earned == pytest.approx(8 * 20.0)
    assert entry(late, "gauge", "reward")[0] == pytest.approx(earned, rel=1e-12)
    state = seat(late, "gauge").state
    assert state["reward"][0] == pytest.approx(sum(40.0 * age / 10.0 for age in range(8)))
    told(late, "gauge", "compound")
    assert module.unvested(locker, state)[0] > 0.0


def test_a_liquidated_farm_forfeits_and_its_owner_gets_the_rest():
    locker = Vesting(cliff_s="30d", epoch_s="1d", forfeit=0.5)
    values = {"usdc_usd": 1.0, "crv_usd": 0.5, "eth_usd": [2_000.0] * 5 + [500.0]}
    position = levered(locker, penalty=0.0)
    chunk = played(scripted(position, values=values, wallet={"usdc": 10_000.0}))
    rewards = entry(chunk, "gauge", "reward")[0]
    assert rewards == pytest.approx(4 * 20.0)  # the last step's went with the farm
    assert entry(chunk, "gauge", "penalty")[0] == pytest.approx(-0.5 * rewards)
    assert chunk.books["wallet/usd"][0] >= 0.5 * rewards - 1e-9
    assert np.abs(chunk.held.data).max() == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValidationError, match="above 0"):
        Vesting()
    with pytest.raises(ValidationError, match="give a longer epoch_s"):
        Vesting(over_s="2y", epoch_s="1d")
    with pytest.raises(ValidationError, match="neither token0 nor token1"):
        levered(Vesting(over_s="10d"), reward_asset="eth")
