"""
Sources of expected values: arithmetic with stated units (50,000 TH/s at 30 J/TH cost 77 USD an
hour, not the 765,000 of one public table), Budish's equations, and a simulated race.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import attack_cost
from headframe.errors import InputError

NETWORK_TH_S = 800e6
REWARD_USD = 200_000.0
# The rent at which hashing just pays: a day's rewards over the network's hash rate.
FAIR_RENT = REWARD_USD * 144.0 / NETWORK_TH_S


def test_the_examples_run():
    outcome = doctest.testmod(attack_cost)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_a_majority_from_outside_and_from_inside():
    outside = attack_cost.attacker_hashrate_th_s(100.0, share=0.51)
    assert outside / (100.0 + outside) == pytest.approx(0.51)
    assert attack_cost.attacker_hashrate_th_s(100.0, share=0.51, outsider=False) == 51.0


def test_electricity_and_rent_in_their_units():
    power = attack_cost.electricity_usd(
        0.51 * 50_000.0, seconds=3_600.0, efficiency_j_per_th=30.0, usd_per_kwh=0.10
    )
    assert power == pytest.approx(76.5)
    assert attack_cost.rent_usd(
        1_000.0, seconds=43_200.0, rental_usd_per_th_day=0.06
    ) == pytest.approx(30.0)


@pytest.mark.parametrize(("ratio", "confirmations"), [(1.25, 6), (1.5, 1), (3.0, 10)])
def test_length_of_an_attack_against_a_race(ratio, confirmations):
    """Blocks one by one; time in honest intervals; bound of 4 standard errors."""
    rng, n_paths = np.random.default_rng(8), 20_000
    own, honest = np.zeros(n_paths), np.zeros(n_paths)
    time = np.zeros(n_paths)
    while np.any(running := (honest < confirmations) | (own <= honest)):
        time += running * rng.exponential(1.0 / (1.0 + ratio), n_paths)
        ours = rng.random(n_paths) < ratio / (1.0 + ratio)
        own += running & ours
        honest += running & ~ours
    expected = attack_cost.attack_intervals(power_ratio=ratio, confirmations=confirmations)
    assert abs(time.mean() - expected) < 4.0 * time.std() / math.sqrt(n_paths)


def test_a_great_majority_waits_for_its_victim_only():
    found = attack_cost.attack_intervals(power_ratio=1e6, confirmations=6)
    assert found == pytest.approx(6.0, abs=1e-4)


@pytest.mark.parametrize("exit_drop", [0.0, 0.3, 1.0])
def test_an_attack_at_the_fair_rent_costs_the_price_drop_alone(exit_drop):
    """Budish: outlay A t p, rewards A t p (1 - drop)."""
    ratio, intervals = 1.2, 20.0
    bill = attack_cost.attack_by_rent(
        network_th_s=NETWORK_TH_S,
        power_ratio=ratio,
        intervals=intervals,
        interval_s=600.0,
        rental_usd_per_th_day=FAIR_RENT,
        block_reward_usd=REWARD_USD,
        exit_drop=exit_drop,
    )
    gross = attack_cost.flow_security_usd(
        block_reward_usd=REWARD_USD, alpha_blocks=ratio * intervals
    )
    assert bill.outlay_usd == pytest.approx(gross)
    assert bill.net_usd == pytest.approx(gross * exit_drop, abs=1e-6)


def test_capital_attack_by_hand():
    bill = attack_cost.attack_by_capital(
        network_th_s=1_000.0,
        power_ratio=2.0,
        intervals=12.0,
        interval_s=600.0,
        machine_usd_per_th=15.0,
        efficiency_j_per_th=20.0,
        usd_per_kwh=0.05,
        block_reward_usd=1.0,
        exit_drop=0.5,
        machine_drop=0.8,
    )
    # 2,000 TH/s: 30,000 USD of machines, 40 kW for two hours are 80 kWh = 4 USD, 24 blocks at 0.5.
    assert bill.outlay_usd == pytest.approx(30_004.0)
    assert bill.resale_usd == pytest.approx(6_000.0)
    assert bill.rewards_usd == pytest.approx(12.0)
    assert bill.net_usd == pytest.approx(30_004.0 - 6_000.0 - 12.0)


def test_stock_beside_flow():
    """Zero profit: machines that cost 40 % a year of their price earn 60 % of the reward."""
    stock = attack_cost.stock_security_usd(
        block_reward_usd=REWARD_USD,
        interval_s=600.0,
        capital_share=0.6,
        capital_cost_per_year=0.4,
        power_ratio=1.0,
        machine_drop=1.0,
    )
    assert stock == pytest.approx(REWARD_USD * 52_560.0 * 0.6 / 0.4)
    flow = attack_cost.flow_security_usd(block_reward_usd=REWARD_USD, alpha_blocks=16.0)
    assert stock / flow == pytest.approx(4_927.5)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="power_ratio"):
        attack_cost.attack_intervals(power_ratio=1.0, confirmations=6)
    with pytest.raises(InputError, match="share"):
        attack_cost.attacker_hashrate_th_s(1.0, share=1.0)
    with pytest.raises(InputError, match="exit_drop"):
        attack_cost.attack_rewards_usd(
            intervals=1.0, power_ratio=1.1, block_reward_usd=1.0, exit_drop=1.5
        )
    with pytest.raises(InputError, match="pue"):
        attack_cost.electricity_usd(
            1.0, seconds=1.0, efficiency_j_per_th=1.0, usd_per_kwh=1.0, pue=0.9
        )
