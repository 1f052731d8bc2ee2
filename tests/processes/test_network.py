"""The Bitcoin network: blocks, retargets and hashprice, and what one does to the next."""

import numpy as np
import pytest

from headframe.errors import InputError
from headframe.processes.constant import Constant
from headframe.processes.network import Chain, Hashprice, HashRate
from headframe.scenarios.stress import Shock
from headframe.units import DAY_S, HOUR_S

STEADY = Constant(name="btc_network_eh_s", value=600.0)
MARKET = (
    Constant(name="btc_usd", value=60_000.0),
    Constant(name="btc_fees_btc_per_block", value=0.1),
)


def network(lag_s="60d", **changes):
    usual = {"name": "btc_network_eh_s", "start_eh_s": 600.0, "lag_s": lag_s}
    chain = Chain(name="btc_chain", start_height=846_719)
    return (*MARKET, HashRate(**(usual | changes)), chain, Hashprice(name="btc_hashprice"))


def test_at_a_constant_hash_rate_the_mean_interval_is_600_5958_s(walk):
    """
    The off-by-one: 1,209,600 / 2,014 s, not 600 s, with a standard error below 0.01 s.

    Paths begin at a boundary with the difficulty of ten minutes and forget it over twelve periods;
    the next 28 are measured, 168,000 periods in all.
    """
    chain = Chain(name="btc_chain", start_height=846_719)
    heights = {}
    for now in walk([STEADY, chain], 560, n_paths=6_000):
        if now.step in (168, 560):
            heights[now.step] = now["btc_chain_height"].copy()
    blocks = heights[560] - heights[168]
    span_s = 392 * DAY_S
    interval_s = span_s / blocks.mean()
    se_s = interval_s * blocks.std() / blocks.mean() / np.sqrt(blocks.size)
    assert se_s < 0.01
    assert abs(interval_s - 1_209_600.0 / 2_014.0) < 4.0 * se_s
    assert abs(interval_s - 600.0) > 40.0 * se_s


def test_the_count_within_a_day_has_the_spread_of_a_poisson(walk, within):
    chain = Chain(name="btc_chain", start_height=846_719)
    counts = [now["btc_chain_blocks"].copy() for now in walk([STEADY, chain], 6)][1:]
    for day in counts:
        within(day, 144.0)
        # far from the period's end blocks are Poisson: variance equal to the mean
        assert day.var() == pytest.approx(144.0, rel=4.0 * np.sqrt(2.0 / day.size))
    correlation = np.corrcoef(counts[1], counts[2])[0, 1]
    assert abs(correlation) < 4.0 / np.sqrt(20_000)


def test_hours_and_days_count_alike(end):
    chain = Chain(name="btc_chain", start_height=846_719)
    days = end([STEADY, chain], 28)["btc_chain_height"].copy()
    hours = end([STEADY, chain], 28 * 24, step_s=HOUR_S, n_paths=5_000)["btc_chain_height"]
    difference = days.mean() - hours.mean()
    se = np.hypot(days.std() / np.sqrt(days.size), hours.std() / np.sqrt(hours.size))
    assert abs(difference) < 4.0 * se
    assert hours.std() == pytest.approx(days.std(), rel=4.0 / np.sqrt(2 * 5_000))


def test_difficulty_scatters_by_the_luck_of_2015_intervals(walk, within):
    chain = Chain(name="btc_chain", start_height=846_719, start_difficulty=8e13)
    eh_s = 8e13 * 2**32 / 600.0 / 1e18
    rate = Constant(name="btc_network_eh_s", value=eh_s)
    seen = [now["btc_chain_difficulty"].copy() for now in walk([rate, chain], 20, n_paths=80_000)]
    after = seen[20][(seen[12] == 8e13) & (seen[20] != 8e13)] / 8e13
    # d' / d = 2016 / Gamma(2015): mean 2016 / 2014, deviation 1 / sqrt(2013) of it; the mean is
    # known to 8e-5 here, and 2016 or 2015 in the place of 2014 would be off by 5e-4
    within(after, 2016.0 / 2014.0)
    assert after.std() == pytest.approx(1.0 / np.sqrt(2013.0), rel=4.0 / np.sqrt(2 * after.size))


def test_coins_follow_blocks_through_a_halving(walk):
    chain = Chain(name="btc_chain", start_height=839_500)
    coins = 0.0
    for now in walk([STEADY, chain], 10, n_paths=500):
        coins = coins + now["btc_chain_issuance_btc"]
    past = now["btc_chain_height"] - 839_999
    assert past.min() > 0
    assert coins == pytest.approx(499 * 6.25 + past * 3.125)
    assert (now["btc_chain_subsidy_btc_per_block"] == 3.125).all()


def test_the_opening_difficulty_is_the_hash_rates_unless_given(walk):
    now = next(walk([STEADY, Chain(name="btc_chain", start_height=846_719)], 1, n_paths=1))
    assert now["btc_chain_difficulty"][0] == pytest.approx(600e18 * 600.0 / 2**32)
    given = Chain(name="btc_chain", start_height=846_719, start_difficulty=9e13)
    assert next(walk([STEADY, given], 1, n_paths=1))["btc_chain_difficulty"][0] == 9e13


def test_hashprice_is_the_index_of_a_known_day(end):
    # 2024-04-19: difficulty, subsidy, mean fees and price of that row of the chain's daily data
    process = Hashprice(
        name="btc_hashprice", fees=0.7745, subsidy=6.25, difficulty=86_388_558_925_171.0
    )
    price = Constant(name="btc_usd", value=63_507.69)
    now = end([price, process], 1, n_paths=1)
    assert now["btc_hashprice_usd_per_ph_day"][0] == pytest.approx(103.881, rel=1e-4)
    assert now["btc_hashprice_btc_per_ph_day"][0] == pytest.approx(103.881 / 63_507.69, rel=1e-4)


def test_at_rest_the_hash_rate_stays(end):
    now = end(network(), 60, n_paths=2_000)
    # hash rate and difficulty answer each other's luck, and nothing pulls them away
    assert now["btc_network_eh_s"].mean() == pytest.approx(600.0, rel=0.01)


@pytest.mark.parametrize("elasticity", [0.5, 1.0, 3.0])
def test_in_the_long_run_revenue_moves_hash_rate_by_e_over_1_plus_e(end, elasticity):
    doubled = Shock(name="up", observable="btc_usd", multiply=2.0, at_s="1d")
    now = end(network(lag_s="20d", elasticity=elasticity), 600, n_paths=500, shocks=(doubled,))
    grown = np.log(now["btc_network_eh_s"] / 600.0).mean()
    assert grown == pytest.approx(np.log(2.0) * elasticity / (1.0 + elasticity), abs=0.01)


def test_the_lag_is_the_time_to_close_all_but_a_third(walk):
    # elasticity e on a hashprice held by a constant difficulty: a plain exponential approach
    process = HashRate(
        name="btc_network_eh_s",
        start_eh_s=600.0,
        lag_s="30d",
        elasticity=0.5,
        subsidy=3.125,
        difficulty=8e13,
    )
    doubled = Shock(name="up", observable="btc_usd", multiply=4.0, at_s="1d")
    for now in walk([*MARKET, process], 30, n_paths=1, shocks=(doubled,)):
        moved = np.log(now["btc_network_eh_s"][0] / 600.0)
    assert moved == pytest.approx(np.log(2.0) * -np.expm1(-1.0), rel=1e-9)


def test_progress_grows_the_hash_rate_at_an_unchanged_hashprice(end):
    process = HashRate(
        name="btc_network_eh_s",
        start_eh_s=600.0,
        lag_s="2d",
        progress=0.3,
        subsidy=3.125,
        difficulty=8e13,
    )
    now = end([*MARKET, process], 365, n_paths=1)
    assert np.log(now["btc_network_eh_s"][0] / 600.0) == pytest.approx(0.3, rel=0.01)


def test_miners_with_free_power_stay(end):
    crash = Shock(name="down", observable="btc_usd", multiply=0.001, at_s="1d")
    now = end(network(lag_s="5d", floor_share=0.3), 90, n_paths=100, shocks=(crash,))
    assert now["btc_network_eh_s"] == pytest.approx(180.0)


def test_the_scatter_of_hash_rate_is_the_one_stated(end):
    process = HashRate(
        name="btc_network_eh_s",
        start_eh_s=600.0,
        lag_s="20d",
        volatility=0.5,
        subsidy=3.125,
        difficulty=8e13,
    )
    now = end([*MARKET, process], 200)
    expected = 0.5 * np.sqrt(0.5 * 20.0 / 365.0)
    found = np.log(now["btc_network_eh_s"] / 600.0).std()
    assert found == pytest.approx(expected, rel=4.0 / np.sqrt(2 * 20_000))


def test_a_halved_hash_rate_halves_the_blocks_until_the_difficulty_answers(walk):
    """A stress on the hash rate reaches blocks, difficulty and hashprice, in that order."""
    ban = Shock(name="ban", kind="hash_rate_halving", observable="btc_network_eh_s", at_s="2d")
    seen = {}
    for now in walk(network(lag_s="400d"), 45, n_paths=500, shocks=(ban,)):
        seen[now.step] = {name: now[name].mean() for name in now.world.rows}
    calm, struck, later = seen[1], seen[5], seen[45]
    assert struck["btc_chain_blocks"] == pytest.approx(0.5 * calm["btc_chain_blocks"], rel=0.02)
    assert struck["btc_chain_difficulty"] == calm["btc_chain_difficulty"]
    assert later["btc_chain_difficulty"] < 0.65 * calm["btc_chain_difficulty"]
    price = "btc_hashprice_usd_per_ph_day"
    assert later[price] > 1.5 * calm[price]


def test_paths_do_not_depend_on_their_chunk(end):
    whole = end(network(), 40, n_paths=600)
    whole = {name: whole[name].copy() for name in whole.world.rows}
    part = end(network(), 40, n_paths=200, first=300)
    for name, row in whole.items():
        assert (row[300:500] == part[name]).all(), name


def test_a_step_of_more_than_a_week_is_refused(end):
    with pytest.raises(InputError, match="a week"):
        end([STEADY, Chain(name="btc_chain", start_height=0)], 2, step_s=8 * DAY_S)
