"""Aave 3.6 by numbers from outside, and by what its roundings promise the protocol."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import aave_v3_6 as aave
from headframe.exact import aave_v3_6_math as math
from headframe.exact import aave_v3_6_rates as rates
from headframe.exact.aave_v3_math import calculate_linear_interest
from headframe.exact.fixed import RAY, WAD

YEAR_S = 31_536_000
DAY_S = 86_400


# ---- golden numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate_ray", "dt_s", "expected"),
    [
        (5 * 10**25, YEAR_S, 1051270833333333333333333333),
        (8 * 10**25, YEAR_S, 1083285333333333333333333333),
        (10**27, YEAR_S, 2666666666666666666666666666),
        (5 * 10**25, DAY_S, 1000136995684421674802557900),
        (1_000 * RAY, 10_000 * YEAR_S, 166666716666676666667666666666666600000000000000),
    ],
)
def test_compounded_interest_is_the_published_number(rate_ray, dt_s, expected):
    """By independent computation; the last is what the compiled contract answers."""
    assert math.calculate_compounded_interest(rate_ray, dt_s) == expected


def test_linear_interest_is_the_published_number():
    assert calculate_linear_interest(5 * 10**25, DAY_S) == 1000136986301369863013698630
    assert calculate_linear_interest(8 * 10**25, 7 * YEAR_S) == 156 * 10**25


def test_a_directed_quotient_is_the_published_number():
    assert math.ray_div_up(5, 3) == 1666666666666666666666666667
    assert math.ray_div_down(5, 3) == 1666666666666666666666666666


@pytest.mark.parametrize(
    ("usage_percent", "borrow_ray", "supply_ray"),
    [
        (80, 47826086956521739130434783, 34434782608695652173913043),
        (95, 205 * 10**24, 175275 * 10**21),
        (100, 455 * 10**24, 409500 * 10**21),
    ],
)
def test_rates_are_the_published_numbers(usage_percent, borrow_ray, supply_ray):
    curve = rates.InterestRateStrategy(
        optimal_usage_ratio_bps=9_200,
        base_variable_borrow_rate_bps=0,
        variable_rate_slope1_bps=550,
        variable_rate_slope2_bps=4_000,
    )
    found = rates.calculate_interest_rates(
        curve,
        available_liquidity=(100 - usage_percent) * WAD,
        total_debt=usage_percent * WAD,
        reserve_factor_bps=1_000,
    )
    assert found.variable_borrow_rate_ray == borrow_ray
    assert found.liquidity_rate_ray == supply_ray


@pytest.mark.parametrize(
    ("optimal", "slope1", "slope2", "name"),
    [
        (99, 0, 0, "InvalidOptimalUsageRatio"),
        (9_901, 0, 0, "InvalidOptimalUsageRatio"),
        (9_000, 2, 1, "Slope2MustBeGteSlope1"),
        (9_000, 1, 100_000, "InvalidMaxRate"),
    ],
)
def test_a_curve_out_of_bounds_is_refused(optimal, slope1, slope2, name):
    with pytest.raises(Revert, match=name):
        rates.InterestRateStrategy(
            optimal_usage_ratio_bps=optimal,
            base_variable_borrow_rate_bps=0,
            variable_rate_slope1_bps=slope1,
            variable_rate_slope2_bps=slope2,
        )


# ---- rounding favours the protocol ---------------------------------------------------------

indices = st.integers(RAY, 20 * RAY)
amounts = st.integers(1, 10**30)


@given(amounts, indices)
def test_who_supplies_and_withdraws_at_once_gains_nothing(amount, index):
    credited = math.a_token_mint_scaled_down(amount, index)
    worth = math.a_token_balance_down(credited, index)
    assert worth <= amount
    assert math.a_token_burn_scaled_up(worth, index) <= credited


@given(amounts, indices)
def test_who_borrows_and_repays_at_once_gains_nothing(amount, index):
    booked = math.v_token_mint_scaled_up(amount, index)
    owed = math.v_token_balance_up(booked, index)
    assert owed >= amount
    assert math.v_token_burn_scaled_down(owed, index) >= booked
    assert booked == 0 or math.v_token_burn_scaled_down(owed - 1, index) < booked


@given(amounts, indices)
def test_no_conversion_is_off_by_a_unit(amount, index):
    exact = Fraction(amount * RAY, index)
    assert -1 < math.a_token_mint_scaled_down(amount, index) - exact <= 0
    assert 0 <= math.a_token_burn_scaled_up(amount, index) - exact < 1
    assert 0 <= math.a_token_transfer_scaled_up(amount, index) - exact < 1
    assert 0 <= math.v_token_mint_scaled_up(amount, index) - exact < 1
    assert -1 < math.v_token_burn_scaled_down(amount, index) - exact <= 0


@given(st.integers(0, 10**28), st.integers(0, 10 * YEAR_S))
def test_debt_grows_by_the_series_to_a_few_units(rate_ray, dt_s):
    """Whatever is cut or rounded moves the index by less than the interest itself plus two."""
    x = Fraction(rate_ray * dt_s, YEAR_S * RAY)
    series = 1 + x + x**2 / 2 + x**3 / 6
    found = Fraction(math.calculate_compounded_interest(rate_ray, dt_s), RAY)
    assert abs(found - series) <= (2 + 3 * x + x**2) / RAY


# ---- the market ----------------------------------------------------------------------------

T0 = 1_700_000_000
DOLLAR = 10**8


def market(*, eth: int, owed: int) -> aave.Pool:
    """Ether at 2,000 and a dollar; alice has so much ether (in 1e18) and owes so many dollars."""
    pool = aave.Pool(prices={"eth": 2_000 * DOLLAR, "usdc": DOLLAR})
    curve = aave.InterestRateStrategy(
        optimal_usage_ratio_bps=9_200,
        base_variable_borrow_rate_bps=0,
        variable_rate_slope1_bps=550,
        variable_rate_slope2_bps=4_000,
    )
    for asset, decimals in (("eth", 18), ("usdc", 6)):
        configuration = aave.ReserveConfiguration(
            decimals=decimals,
            ltv_bps=8_000,
            liquidation_threshold_bps=8_250,
            liquidation_bonus_bps=10_500,
        )
        aave.init_reserve(pool, asset, configuration, curve)
    aave.supply(pool, "whale", "usdc", 10**12, now_ts=T0)
    aave.supply(pool, "alice", "eth", eth, now_ts=T0)
    aave.borrow(pool, "alice", "usdc", owed, now_ts=T0)
    return pool


def liquidate(pool: aave.Pool, amount: int) -> aave.Liquidation:
    return aave.liquidation_call(
        pool, "bob", "eth", "usdc", "alice", amount, receive_a_token=False, now_ts=T0
    )


def test_a_large_position_near_health_is_liquidated_by_half():
    """By hand: 10 ether at 1,900 carry 15,675 of 16,000 dollars of debt, 0.9797; half is 8,000."""
    pool = market(eth=10**19, owed=16_000 * 10**6)
    pool.prices["eth"] = 1_900 * DOLLAR
    assert liquidate(pool, aave.ALL).debt_amount == 8_000 * 10**6


def test_a_small_position_is_liquidated_whole():
    """By hand: 1 ether at 1,900 is less than 2,000 dollars, so all 1,600 of debt may be repaid."""
    pool = market(eth=10**18, owed=1_600 * 10**6)
    pool.prices["eth"] = 1_900 * DOLLAR
    assert liquidate(pool, aave.ALL).debt_amount == 1_600 * 10**6


def test_dust_is_refused_and_nothing_changes():
    """601 of 1,600 repaid would leave 999 dollars; 600 leave 1,000, and 1,269 of collateral."""
    pool, untouched = (market(eth=10**18, owed=1_600 * 10**6) for _ in range(2))
    pool.prices["eth"] = untouched.prices["eth"] = 1_900 * DOLLAR
    with pytest.raises(Revert, match="MustNotLeaveDust") as refusal:
        liquidate(pool, 601 * 10**6)
    assert refusal.value.data == bytes.fromhex("b629b0e4")
    assert pool == untouched
    assert liquidate(pool, 600 * 10**6).debt_amount == 600 * 10**6


def test_bad_debt_becomes_the_reserves_deficit():
    """By hand: ether at 1,050 repays 10,000 of 16,000 dollars with 5 % bonus; 6,000 are lost."""
    pool = market(eth=10**19, owed=16_000 * 10**6)
    pool.prices["eth"] = 1_050 * DOLLAR
    done = liquidate(pool, aave.ALL)
    assert (done.collateral_amount, done.debt_amount) == (10**19, 10_000 * 10**6)
    assert pool.reserves["usdc"].deficit == 6_000 * 10**6
    assert aave.variable_debt_balance_of(pool, "usdc", "alice", now_ts=T0) == 0
    assert pool.users_config["alice"] == 0


def test_a_loan_beyond_loan_to_value_is_refused():
    pool, untouched = (market(eth=10**19, owed=1) for _ in range(2))
    with pytest.raises(Revert) as refusal:
        aave.borrow(pool, "alice", "usdc", 16_000 * 10**6, now_ts=T0 + DAY_S)
    assert refusal.value.data == bytes.fromhex("911ceb81")
    assert pool == untouched


def test_gifts_to_the_pool_lend_nobody_anything():
    """Who sends dollars to the aToken gives them away: rates know only what was supplied."""
    pool = market(eth=10**19, owed=10_000 * 10**6)
    rate = pool.reserves["usdc"].current_variable_borrow_rate
    pool.reserves["usdc"].underlying_balance += 10**15
    aave.supply(pool, "bob", "usdc", 10**6, now_ts=T0)
    assert 0 <= rate - pool.reserves["usdc"].current_variable_borrow_rate < rate // 10**5
