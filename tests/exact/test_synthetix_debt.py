"""
Sources of expected values: Synthetix's litepaper (two minters of 50,000, one buys a synth that
gains half); the formula of SIP-148 for liquidations, solved by hand; SIP-184's weights written out.
What the contracts themselves say stands in `tests/exact/oracle`.
"""

import random
from copy import deepcopy
from fractions import Fraction

import pytest

from headframe.errors import Revert
from headframe.exact import synthetix_debt as snx
from headframe.exact import synthetix_debt_share as debt_share
from headframe.exact import synthetix_fee_pool as fee_pool
from headframe.exact import synthetix_liquidation as liquidation
from headframe.exact import synthetix_reward_escrow as reward_escrow
from headframe.exact.fixed import WAD
from headframe.exact.synthetix_exchange import dynamic_fee

MILLION = 1_000_000 * WAD
WEEK_S = 604_800


def a_pool(**changes):
    terms = {
        "issuance_ratio": WAD // 5,
        "liquidation_ratio": WAD // 2,
        "snx_liquidation_penalty": 3 * WAD // 10,
        "self_liquidation_penalty": WAD // 5,
        "flag_reward": 10 * WAD,
        "liquidate_reward": 20 * WAD,
        "liquidation_delay_s": 8 * 3_600,
    }
    return snx.DebtPool(
        settings=snx.Settings(**(terms | changes)),
        prices={"SNX": [WAD], "sBTC": [50_000 * WAD]},
        synths={"sUSD": snx.Synth(), "sBTC": snx.Synth()},
        snx={"medhi": MILLION, "yan": MILLION},
    )


def both_minted(pool, amount=50_000 * WAD):
    for user in ("medhi", "yan"):
        snx.issue_synths(pool, user, amount, now_ts=1)
    return pool


def test_the_litepapers_two_minters():
    """Medhi buys a bitcoin for his 50,000, Yan keeps them; it gains half: both owe 62,500."""
    pool = both_minted(a_pool())
    assert snx.exchange(pool, "medhi", "sUSD", 50_000 * WAD, "sBTC") == WAD
    pool.prices["sBTC"].append(75_000 * WAD)
    snx.take_debt_snapshot(pool, now_ts=2)
    assert snx.total_issued_synths(pool) == 125_000 * WAD
    for user in ("medhi", "yan"):
        assert snx.debt_balance_of(pool, user) == 62_500 * WAD
    holds = {"medhi": 75_000, "yan": 50_000}
    assert [holds[u] - 62_500 for u in holds] == [12_500, -12_500]


def test_a_later_minter_owes_what_he_minted():
    pool = both_minted(a_pool())
    pool.snx["late"] = MILLION
    snx.exchange(pool, "medhi", "sUSD", 50_000 * WAD, "sBTC")
    pool.prices["sBTC"].append(75_000 * WAD)
    snx.take_debt_snapshot(pool, now_ts=2)
    snx.issue_synths(pool, "late", 10_000 * WAD, now_ts=2)
    assert snx.debt_balance_of(pool, "late") == 10_000 * WAD
    assert debt_share.balance_of(pool.shares, "late") == 8_000 * WAD
    assert snx.debt_balance_of(pool, "yan") == 62_500 * WAD
    assert snx.debt_ratio(pool) == 125 * 10**25


def test_the_fee_stays_in_the_pool():
    pool = both_minted(a_pool(exchange_fee_rates={"sBTC": 3 * 10**15}))
    received = snx.exchange(pool, "medhi", "sUSD", 50_000 * WAD, "sBTC")
    assert received == 997 * 10**15
    assert pool.synths["sUSD"].balances[snx.FEE_ADDRESS] == 150 * WAD
    assert snx.total_issued_synths(pool) == 100_000 * WAD


def test_minting_stops_at_the_ratio_of_issuance():
    pool = a_pool()
    with pytest.raises(Revert, match="Amount too large"):
        snx.issue_synths(pool, "medhi", MILLION // 5 + 1, now_ts=1)
    assert snx.issue_max_synths(pool, "medhi", now_ts=1) == MILLION // 5
    assert snx.collateralisation_ratio(pool, "medhi") == WAD // 5
    with pytest.raises(Revert, match="Cannot transfer staked or escrowed SNX"):
        snx.transfer(pool, "medhi", "yan", 1)


def test_a_liquidation_restores_the_ratio_of_issuance():
    """D 200,000; V 399,970 after rewards; S = (D - V/5) / (1 - 1.3/5) = 162,170.27."""
    pool = a_pool()
    pool.snx["keeper"] = 0
    snx.issue_max_synths(pool, "medhi", now_ts=1)
    pool.prices["SNX"].append(4 * WAD // 10)
    liquidation.flag_account_for_liquidation(pool, "medhi", flagger="keeper", now_ts=10)
    assert not liquidation.is_liquidation_open(pool, "medhi", now_ts=10 + 8 * 3_600)
    taken = liquidation.liquidate_delinquent_account(
        pool, "medhi", liquidator="keeper", now_ts=11 + 8 * 3_600
    )
    worth = Fraction(4, 10) * (1_000_000 - 30)
    removed = (200_000 - worth / 5) / (1 - Fraction(13, 10) / 5)
    assert abs(taken.debt_to_remove - removed * WAD) < 2
    assert abs(taken.total_redeemed - removed * WAD * Fraction(13, 4)) < 10
    assert pool.snx["keeper"] == 30 * WAD
    ratio = snx.collateralisation_ratio(pool, "medhi")
    # the removed debt had no other minter to fall on: it is Medhi's again, by fewer shares
    assert snx.debt_balance_of(pool, "medhi") == 200_000 * WAD
    assert ratio > WAD // 5


def test_the_removed_debt_falls_on_the_others_who_get_the_collateral():
    pool = a_pool()
    pool.snx |= {"keeper": 0, "yan": 10 * MILLION}
    snx.issue_max_synths(pool, "medhi", now_ts=1)
    snx.issue_synths(pool, "yan", 200_000 * WAD, now_ts=1)
    pool.prices["SNX"].append(4 * WAD // 10)
    liquidation.flag_account_for_liquidation(pool, "medhi", flagger="keeper", now_ts=10)
    taken = liquidation.liquidate_delinquent_account(
        pool, "medhi", liquidator="keeper", now_ts=11 + 8 * 3_600
    )
    owed = {user: snx.debt_balance_of(pool, user) for user in ("medhi", "yan")}
    assert abs(sum(owed.values()) - 400_000 * WAD) <= 2
    left = 200_000 * WAD - taken.debt_to_remove
    shares = left + 200_000 * WAD  # one a dollar until then
    assert abs(owed["yan"] - 400_000 * WAD * 200_000 * WAD // shares) <= 2
    assert snx.get_reward(pool, "yan", now_ts=10**6) > taken.total_redeemed * 8 // 10


def test_the_dynamic_fee_weighs_older_rounds_less():
    """Up 2 % then 1 %, threshold 0.5 %, weight 0.9: (2 - 0.5) * 0.9 + (1 - 0.5) = 1.85 %."""
    prices = [int(1.0302 * 10**20), int(1.02 * 10**20), 10**20]
    fee = dynamic_fee(prices, threshold=5 * 10**15, weight_decay=9 * 10**17)
    assert abs(fee - 185 * 10**14) < 10
    assert dynamic_fee([10**20], threshold=0, weight_decay=WAD) == 0


def test_a_refused_action_changes_nothing():
    """The shares are burned before the sUSD, of which too few are held."""
    pool = both_minted(a_pool())
    snx.exchange(pool, "medhi", "sUSD", 49_000 * WAD, "sBTC")
    before = deepcopy(pool)
    with pytest.raises(Revert, match="subtraction overflow"):
        snx.burn_synths(pool, "medhi", 2_000 * WAD, now_ts=2)
    assert pool == before


def a_week_of_trading(rewards=0):
    """Two minters, a trade with a fee of 150, and rewards that wait in escrow."""
    pool = both_minted(a_pool(exchange_fee_rates={"sBTC": 3 * 10**15}))
    snx.exchange(pool, "medhi", "sUSD", 50_000 * WAD, "sBTC")
    pool.escrow.held = rewards
    fee_pool.set_rewards_to_distribute(pool, rewards)
    fee_pool.close_current_fee_period(pool, now_ts=WEEK_S)
    return pool


def test_fees_are_burned_for_all_who_owe():
    """150 of 100,000: each owes 75 less, and nobody is paid."""
    pool = a_week_of_trading()
    assert snx.total_issued_synths(pool) == 99_850 * WAD
    for user in ("medhi", "yan"):
        assert snx.debt_balance_of(pool, user) == 49_925 * WAD
        assert fee_pool.fees_available(pool, user) == (75 * WAD, 0)
    assert pool.synths["sUSD"].balances[snx.FEE_ADDRESS] == 0


def test_rewards_are_shared_by_debt_and_locked_for_a_year():
    pool = a_week_of_trading(rewards=1_000 * WAD)
    assert fee_pool.claim_fees(pool, "yan", now_ts=WEEK_S) == (75 * WAD, 500 * WAD)
    with pytest.raises(Revert, match="already claimed"):
        fee_pool.claim_fees(pool, "yan", now_ts=WEEK_S)
    before = pool.snx["yan"]
    assert snx.collateral(pool, "yan") == before + 500 * WAD
    assert snx.vest(pool, "yan", [1], now_ts=53 * WEEK_S - 1) == 0
    assert snx.vest(pool, "yan", [1, 1], now_ts=53 * WEEK_S) == 500 * WAD
    assert pool.snx["yan"] == before + 500 * WAD


def test_what_nobody_claims_goes_into_the_next_week():
    pool = a_week_of_trading(rewards=1_000 * WAD)
    fee_pool.claim_fees(pool, "yan", now_ts=WEEK_S)
    fee_pool.close_current_fee_period(pool, now_ts=2 * WEEK_S)
    assert pool.fee_periods[1].rewards_to_distribute == 500 * WAD
    assert fee_pool.claim_fees(pool, "medhi", now_ts=2 * WEEK_S) == (0, 250 * WAD)


def test_who_is_below_the_ratio_is_not_paid():
    pool = a_week_of_trading(rewards=1_000 * WAD)
    pool.snx["yan"] = 247_625 * WAD  # 49,925 of debt at a ratio of 0.2016
    assert fee_pool.is_fees_claimable(pool, "yan")
    pool.snx["yan"] = 247_000 * WAD  # 0.2021
    with pytest.raises(Revert, match="C-Ratio below penalty threshold"):
        fee_pool.claim_fees(pool, "yan", now_ts=WEEK_S)


def test_who_owes_nothing_claims_without_a_price():
    """He owed at the end of the week and has burned all since; the contracts do it so."""
    pool = a_week_of_trading(rewards=1_000 * WAD)
    snx.burn_synths(pool, "yan", 50_000 * WAD, now_ts=WEEK_S)
    pool.stale.add("SNX")
    with pytest.raises(Revert, match="rate is invalid"):
        fee_pool.claim_fees(pool, "medhi", now_ts=WEEK_S)
    assert fee_pool.claim_fees(pool, "yan", now_ts=WEEK_S)[1] == 500 * WAD


def test_escrow_is_taken_in_its_order_and_the_rest_keeps_its_end():
    escrow = reward_escrow.RewardEscrow(held=600)
    for amount in (100, 200, 300):
        reward_escrow.append_vesting_entry(escrow, "a", amount, amount, now_ts=1_000)
    reward_escrow.revoke_from(escrow, "a", 250)
    assert escrow.entries["a", 4] == (1_200, 50)
    assert reward_escrow.balance_of(escrow, "a") == escrow.held == 350
    assert reward_escrow.vest(escrow, "a", [1, 2, 3, 4], now_ts=1_250) == 50


def test_past_periods_are_remembered_thirty_entries_back():
    shares = debt_share.DebtShares()
    for period in range(2, 40):
        debt_share.mint_share(shares, "a", 1)
        debt_share.take_snapshot(shares, period)
    assert debt_share.balance_of_on_period(shares, "a", 20) == 20
    with pytest.raises(Revert, match="not found in recent history"):
        debt_share.balance_of_on_period(shares, "a", 5)


@pytest.mark.parametrize("seed", range(5))
def test_all_debts_together_are_the_pools(seed):
    """Rounding: each of four accounts is off by at most half a unit, and the ratio by 1e-27."""
    rng = random.Random(seed)
    pool = a_pool()
    users = [f"user{i}" for i in range(4)]
    pool.snx = dict.fromkeys(users, 10 * MILLION)
    for step in range(200):
        user = rng.choice(users)
        pool.prices["sBTC"].append(int(pool.prices["sBTC"][-1] * rng.uniform(0.97, 1.03)))
        held = {key: pool.synths[key].balances.get(user, 0) for key in ("sUSD", "sBTC")}
        try:
            if rng.random() < 0.4:
                snx.issue_synths(pool, user, rng.randint(1, 10_000 * WAD), now_ts=step)
            elif rng.random() < 0.5:
                snx.exchange(pool, user, "sUSD", rng.randint(1, held["sUSD"] + 1), "sBTC")
            else:
                snx.burn_synths(pool, user, rng.randint(1, held["sUSD"] + 1), now_ts=step)
        except Revert:
            continue
        snx.take_debt_snapshot(pool, now_ts=step)
        debts = sum(snx.debt_balance_of(pool, u) for u in users)
        supply = debt_share.total_supply(pool.shares)
        assert abs(debts - pool.cached_debt) <= 2 + supply // 10**27
