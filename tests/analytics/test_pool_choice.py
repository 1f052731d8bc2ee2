"""
Sources of expected values: the closed form of exponential utility over Poisson blocks, simulated
expected utility, and the definition of indifference.
"""

import doctest
import math

import numpy as np
import pytest

from headframe.analytics import pool_choice
from headframe.analytics.block_reward import BlockReward
from headframe.analytics.pool_choice import Market, Miner, Offer
from headframe.analytics.pool_variance import (
    Fpps,
    Pplns,
    Pps,
    PpsPlus,
    Proportional,
    Solo,
    Work,
)
from headframe.errors import InputError

REWARD = BlockReward(subsidy_btc=3.125, fees_btc=0.1)
MARKET = Market(difficulty=127e12, reward=REWARD, btc_usd=60_000.0)
MONTH_S = 2_592_000.0
OFFERS = [
    Offer("alone", Solo(), 5e6),
    Offer("per share", Fpps(fee=0.04), 200e6),
    Offer("window", Pplns(fee=0.01, window_rounds=8.0), 2e6),
]


def miner(hashrate_th_s, aversion_per_usd):
    return Miner(hashrate_th_s, aversion_per_usd, MONTH_S, 0.05)


def test_the_examples_run():
    outcome = doctest.testmod(pool_choice)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("blocks", [1e-4, 0.3, 20.0])
def test_fee_worth_paying_to_be_rid_of_variance(blocks):
    stake = 0.12 * 3.125  # aversion times a block
    expected = 1.0 - (1.0 - math.exp(-stake)) / stake
    reward = BlockReward(subsidy_btc=3.125)
    fee = pool_choice.fee_worth_paying(Solo(), reward, Work(blocks), 0.12)
    assert fee == pytest.approx(expected, rel=1e-12)
    # At that fee of pay per share the miner is indifferent.
    assert pool_choice.certainty_equivalent_btc(
        Fpps(fee=fee), reward, Work(blocks), 0.12
    ) == pytest.approx(pool_choice.certainty_equivalent_btc(Solo(), reward, Work(blocks), 0.12))


def test_a_tiny_aversion_is_mean_less_half_the_variance():
    work, aversion = Work(0.3, pool_share=0.02), 1e-6
    for scheme in (Solo(), Proportional(fee=0.01), Pplns(window_rounds=3.0), PpsPlus(fee=0.02)):
        certain = pool_choice.certainty_equivalent_btc(scheme, REWARD, work, aversion)
        discount = scheme.mean_btc(work, REWARD) - certain
        assert discount == pytest.approx(
            aversion / 2.0 * scheme.variance_btc2(work, REWARD), rel=1e-4
        )


def test_certainty_equivalent_against_simulated_utility():
    """PPLNS whose window is longer than the horizon; bound of 4 standard errors."""
    rounds, window, share, aversion = 2.0, 5.0, 0.5, 0.4
    rng, n_paths = np.random.default_rng(41), 100_000
    n_blocks = rng.poisson(rounds + window, size=n_paths)
    at = rng.uniform(0.0, rounds + window, size=(n_paths, n_blocks.max()))
    overlap = np.minimum(at, rounds) - np.maximum(at - window, 0.0)
    paid = np.where(np.arange(n_blocks.max()) < n_blocks[:, np.newaxis], overlap, 0.0).sum(axis=1)
    utility = np.exp(-aversion * share * REWARD.mean_btc * paid / window)
    certain = pool_choice.certainty_equivalent_btc(
        Pplns(window_rounds=window), REWARD, Work(rounds * share, pool_share=share), aversion
    )
    bound = 4.0 * utility.std() / math.sqrt(n_paths)
    assert abs(utility.mean() - math.exp(-aversion * certain)) < bound


def test_small_and_averse_pays_for_calm_large_or_neutral_does_not():
    neutral = pool_choice.rank(OFFERS, miner=miner(200.0, 0.0), market=MARKET)
    assert [entry.offer.name for entry in neutral] == ["alone", "window", "per share"]
    small = pool_choice.rank(OFFERS, miner=miner(200.0, 3.0 / 5_000.0), market=MARKET)
    assert [entry.offer.name for entry in small] == ["window", "per share", "alone"]
    # Its window of 8 blocks is calm, but takes a century to fill.
    alone_in_a_tiny_pool = [Offer("tiny", Pplns(fee=0.01, window_rounds=8.0), 1e3), OFFERS[1]]
    scared = pool_choice.rank(
        alone_in_a_tiny_pool, miner=miner(200.0, 3.0 / 5_000.0), market=MARKET
    )
    assert scared[0].offer.name == "per share"


def test_assessment_by_hand():
    entry = pool_choice.assess(OFFERS[1], miner=miner(1e6, 1e-6), market=MARKET)
    blocks = 1e18 * MONTH_S / (127e12 * 2.0**32)
    assert entry.mean_usd == pytest.approx(blocks * 3.225 * 0.96 * 60_000.0)
    assert entry.sd_usd == 0.0
    assert entry.cost_of_luck_usd == pytest.approx(0.0, abs=1e-6)
    alone = pool_choice.assess(OFFERS[0], miner=miner(1e6, 1e-6), market=MARKET)
    assert alone.sd_usd == pytest.approx(math.sqrt(blocks) * 3.225 * 60_000.0)
    assert alone.cost_of_luck_usd > 0.0


def test_waiting_costs_interest():
    window, patient = OFFERS[2], miner(1e4, 0.0)
    work = pool_choice.work_of(patient, MARKET, window)
    undiscounted = window.scheme.mean_btc(work, REWARD) * 60_000.0
    # 2.01 EH/s find a block in 3.14 days; half of 8 are 12.6 days.
    wait_s = 4.0 * 127e12 * 2.0**32 / 2.01e18
    entry = pool_choice.assess(window, miner=patient, market=MARKET)
    assert entry.mean_usd == pytest.approx(undiscounted * math.exp(-0.05 * wait_s / 31_536_000.0))


def test_the_miner_joins_with_his_own_hash_rate():
    work = pool_choice.work_of(miner(5e5, 0.0), MARKET, OFFERS[2])
    assert work.pool_share == pytest.approx(0.2)
    assert pool_choice.work_of(miner(5e5, 0.0), MARKET, OFFERS[0]).pool_share == 1.0


def test_size_for_indifference():
    size = pool_choice.size_for_indifference_th_s(
        OFFERS[0],
        OFFERS[1],
        market=MARKET,
        horizon_s=MONTH_S,
        discount_apr=0.05,
        relative_aversion=3.0,
        wealth_usd_per_th=20.0,
    )
    # Alone a stake of a B costs 1 - (1 - e^-aB)/(aB) = 4 %: a B = 0.0822.
    stake = 3.0 / (20.0 * size) * 3.225 * 60_000.0
    assert 1.0 - (1.0 - math.exp(-stake)) / stake == pytest.approx(0.04, rel=1e-6)
    dear = Offer("dear", Pps(fee=0.5), 0.0)
    neutral = {
        "market": MARKET,
        "horizon_s": MONTH_S,
        "discount_apr": 0.05,
        "wealth_usd_per_th": 20.0,
    }
    assert (
        pool_choice.size_for_indifference_th_s(OFFERS[0], dear, relative_aversion=0.0, **neutral)
        == 0.0
    )
    assert (
        pool_choice.size_for_indifference_th_s(
            Offer("robbed", Solo(fee=0.5), 0.0), OFFERS[1], relative_aversion=3.0, **neutral
        )
        == math.inf
    )


def test_bad_input_is_named():
    with pytest.raises(InputError, match="offers"):
        pool_choice.rank([], miner=miner(1.0, 0.0), market=MARKET)
    with pytest.raises(InputError, match="hashrate_th_s"):
        miner(0.0, 0.0)
    with pytest.raises(InputError, match="wealth_usd"):
        pool_choice.absolute_aversion(relative_aversion=3.0, wealth_usd=0.0)
    with pytest.raises(InputError, match="aversion_per_btc"):
        pool_choice.certainty_equivalent_btc(Solo(), REWARD, Work(1.0), -1.0)
