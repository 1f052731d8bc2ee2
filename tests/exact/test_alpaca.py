"""
Alpaca against numbers of its own tests.

Sources of expected values: TripleSlopeModel's test (10, 16.67, 20, 85, 117.5, 137 and 150 % a year)
with the integers per second worked out from them; AddTwoSidesOptimal's test (swap, proceeds and
shares of 2 BTOKEN in a pool of 1 and 0.1). The bytecode judges the rest: `oracle/test_alpaca.py`.
"""

import pytest

from headframe.errors import Revert
from headframe.exact import alpaca, lp_worker, uniswap_v2
from headframe.exact import alpaca_rates as rates
from headframe.exact.lp_strategies import Job
from headframe.exact.synthetix_staking_rewards import StakingRewards
from headframe.exact.uniswap_v2_router import PANCAKE, Pool, Purse, amount_out, give

ETH = 10**18
YEAR_S = 365 * 86_400
SLOPE = {
    (30, 70): 3_170_979_198,
    (50, 50): 5_284_965_330,
    (89, 11): 6_341_958_396,
    (95, 5): 26_953_323_186,
    (975, 25): 37_259_005_580,
    (99, 1): 43_442_415_017,
    (100, 0): 47_564_687_975,
}


@pytest.mark.parametrize(("lent", "per_s"), SLOPE.items())
def test_the_triple_slope_of_alpacas_own_test(lent, per_s):
    assert rates.get_interest_rate(*lent) == per_s


def test_no_debt_and_no_money_pay_nothing():
    assert rates.get_interest_rate(0, 0) == 0
    assert rates.get_interest_rate_two_slope(0, 0) == 0


@pytest.mark.parametrize("number", range(1, 16))
def test_each_variant_meets_its_plateau_and_its_last_rate(number):
    """Plateau from the end of the first slope to 90 %, then up to the rate of 100 %."""
    kink = (60, 75, 80, 85, 67.5, 85, 70, 50, 30, 40, 50, 60, 30, 40, 70)[number - 1]
    plateau = (20, 20, 20, 20, 20, 17.5, 20, 10, 8, 8, 10, 20, 8, 8, 20)[number - 1]
    last = 150 if number <= 10 else 40
    slope = rates.TRIPLE_SLOPES[number - 1]
    lent = int(kink * 10)
    for used, apr in ((lent // 2, plateau * (lent // 2) / lent), (lent, plateau), (899, plateau),
                      (950, (plateau + last) / 2), (1_000, last)):  # fmt: skip
        found = rates.get_interest_rate(used, 1_000 - used, slope)
        assert found == pytest.approx(apr / 100 * 1e18 / YEAR_S, abs=1.0)


@pytest.mark.parametrize(("used", "apr"), [(40, 0.25), (80, 0.5), (90, 0.75), (100, 1.0)])
def test_the_two_slopes(used, apr):
    found = rates.get_interest_rate_two_slope(used, 100 - used)
    assert found == int(apr * 100) * 10**16 // YEAR_S


def test_two_sides_of_base_tokens_are_those_of_alpacas_own_test():
    pair, purse = uniswap_v2.Pair(), Purse()
    uniswap_v2.send(pair, ETH, ETH // 10)
    uniswap_v2.mint(pair, "provider", now_ts=1)
    pool = Pool(pair, "base", "farm", PANCAKE)
    plan = alpaca.restricted_strategies()["AddTwoSidesOptimal"]
    give(purse, "base", plan.name, 2 * ETH)
    swapped, is_farm = uniswap_v2.optimal_two_sided_deposit(
        2 * ETH, 0, ETH, ETH // 10, fee_numerator=9_975, fee_denominator=10_000
    )
    assert (swapped, is_farm) == (732_967_258_967_755_614, False)
    assert amount_out(pool, "base", swapped) == 42_234_424_701_074_812
    job = Job(pool, "base", "farm", "worker", "alice", "alice", 0, (0, 0), 1)
    plan.execute(plan, purse, job)
    assert pair.balance_of["worker"] == 231_205_137_369_691_323


def test_a_reward_that_buys_nothing_stops_every_call_of_the_worker():
    """Three units of a reward of which eight cost one: the sale brings none, the pair says so."""
    purse, plans = Purse(), alpaca.restricted_strategies()
    pools = []
    for first, second, amounts in (("base", "farm", (ETH, ETH)), ("cake", "base", (8 * ETH, ETH))):
        pair = uniswap_v2.Pair()
        uniswap_v2.send(pair, *amounts)
        uniswap_v2.mint(pair, "provider", now_ts=1)
        pools.append(Pool(pair, first, second, PANCAKE))
    worker = lp_worker.Worker(
        name="w", pool=pools[0], base="base", farm="farm", reward="cake", stake=StakingRewards(),
        add_strategy=plans["AddBaseTokenOnly"], liquidate_strategy=plans["Liquidate"],
        ok_strategies=plans, reinvest_path=(pools[1],), treasury="t", treasury_bounty_bps=300,
    )  # fmt: skip
    give(purse, "cake", "w", 3)
    give(purse, "base", "w", ETH)
    terms = {"owner": "a", "user": "a", "bank": "v", "debt": 0, "strategy": "AddBaseTokenOnly"}
    with pytest.raises(Revert, match="Pancake: INSUFFICIENT_OUTPUT_AMOUNT"):
        lp_worker.work(worker, purse, 1, said=(0,), now_ts=1, now_height=1, **terms)
    worker.reinvest_threshold = 3
    lp_worker.work(worker, purse, 1, said=(0,), now_ts=1, now_height=1, **terms)
    assert worker.total_share > 0
