"""Aave 3.0 by numbers from outside, and by what its roundings must and must not do."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import aave_v3_0 as aave
from headframe.exact.fixed import MAX_UINT256, RAY, WAD, error_data, panic_data

YEAR_S = 31_536_000
DAY_S = 86_400


# ---- golden numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate_ray", "dt_s", "expected"),
    [
        (5 * 10**25, YEAR_S, 1051265681539063650421944000),
        (5 * 10**25, DAY_S, 1000136995684207123907444230),
        (10**27, YEAR_S, 2666663803286306996604104000),
        (25 * 10**24, YEAR_S, 1025312499989949710425544000),
        (10**27, 0, RAY),
    ],
)
def test_compounded_interest_is_the_deployed_number(rate_ray, dt_s, expected):
    """The fourth is what the deployed pool's index shows after a year of silence at 2.5 %."""
    assert aave.calculate_compounded_interest(rate_ray, dt_s) == expected


def test_the_third_term_is_lost_at_low_rates():
    """At 2.5 % the index is 1 + r + r^2 / 2 to sixteen digits: r^3 / 6 has become zero."""
    r = Fraction(25, 1000)
    found = Fraction(aave.calculate_compounded_interest(25 * 10**24, YEAR_S), RAY)
    assert abs(found - (1 + r + r**2 / 2)) < Fraction(2, 10**11)
    assert abs(found - (1 + r + r**2 / 2 + r**3 / 6)) > Fraction(2, 10**6)


def test_linear_interest_is_the_published_number():
    assert aave.calculate_linear_interest(8 * 10**25, 7 * YEAR_S) == 156 * 10**25


def test_fixed_point_gives_the_published_numbers():
    assert aave.percent_mul_half_up(142515 * 10**14, 7442) == 106059663 * 10**11
    assert aave.percent_div_half_up(142515 * 10**14, 7442) == 19150094060736361193
    assert aave.wad_div_half_up(8745 * 10**15, 67 * 10**16) == 13052238805970149254
    assert aave.ray_div_half_up(8745 * 10**24, 67 * 10**25) == 13052238805970149253731343284


CURVE = aave.InterestRateStrategy(
    optimal_usage_ratio_ray=92 * 10**25,
    base_variable_borrow_rate_ray=0,
    variable_rate_slope1_ray=55 * 10**24,
    variable_rate_slope2_ray=40 * 10**25,
)


@pytest.mark.parametrize(
    ("usage_percent", "borrow_ray", "supply_ray"),
    [
        (80, 47826086956521739130434783, 34434782608695652173913043),
        (95, 205 * 10**24, 175275 * 10**21),
        (100, 455 * 10**24, 409500 * 10**21),
    ],
)
def test_rates_are_the_published_numbers(usage_percent, borrow_ray, supply_ray):
    rates = aave.calculate_interest_rates(
        CURVE,
        available_liquidity=(100 - usage_percent) * WAD,
        total_variable_debt=usage_percent * WAD,
        reserve_factor_bps=1_000,
    )
    assert rates.variable_borrow_rate_ray == borrow_ray
    assert rates.liquidity_rate_ray == supply_ray


def test_health_factors_are_the_documented_ones():
    """Aave's documentation: 80 % of 10,000 over 6,000 is 1.3333; of 20,000 over 10,000, 1.6."""
    dollar = 10**8
    found = aave.calculate_health_factor_wad(10_000 * dollar, 8_000, 6_000 * dollar)
    assert found == 1333333333333333333
    assert aave.calculate_health_factor_wad(20_000 * dollar, 8_000, 10_000 * dollar) == 16 * 10**17
    assert aave.calculate_health_factor_wad(1, 8_000, 0) == MAX_UINT256


# ---- refusals ------------------------------------------------------------------------------

T0 = 1_700_000_000


def market() -> aave.Pool:
    """Ether and a dollar, at 2,000; whales supplied both, alice has 10 ether."""
    pool = aave.Pool(prices={"eth": 2_000 * 10**8, "usdc": 10**8})
    terms = {
        "ltv_bps": 8_000,
        "liquidation_threshold_bps": 8_250,
        "liquidation_bonus_bps": 10_500,
        "reserve_factor_bps": 1_000,
        "liquidation_protocol_fee_bps": 1_000,
    }
    for asset, decimals in (("eth", 18), ("usdc", 6)):
        configuration = aave.ReserveConfiguration(decimals=decimals, **terms)
        aave.init_reserve(pool, asset, configuration, CURVE)
    aave.supply(pool, "whale", "usdc", 10**12, now_ts=T0)
    aave.supply(pool, "alice", "eth", 10**19, now_ts=T0)
    return pool


def test_a_refusal_carries_the_contracts_bytes_and_changes_nothing():
    pool, untouched = market(), market()
    with pytest.raises(Revert) as refusal:
        aave.borrow(pool, "alice", "usdc", 16_000 * 10**6 + 1, now_ts=T0 + DAY_S)
    assert refusal.value.data == error_data("36")
    with pytest.raises(Revert) as refusal:
        aave.borrow(pool, "bob", "usdc", 1, now_ts=T0 + DAY_S, on_behalf_of="alice")
    assert refusal.value.data == panic_data(0x11)
    assert pool == untouched


def test_a_loan_at_the_limit_is_granted_and_liquidated_when_the_price_falls():
    """By hand: 10 ether at 2,000 lend 16,000; at 1,900 the health factor is 15,675 / 16,000."""
    pool = market()
    aave.borrow(pool, "alice", "usdc", 16_000 * 10**6, now_ts=T0)
    pool.prices["eth"] = 1_900 * 10**8
    account = aave.calculate_user_account_data(pool, "alice", now_ts=T0)
    assert account.health_factor_wad == 15_675 * WAD // 16_000
    done = aave.liquidation_call(
        pool, "bob", "eth", "usdc", "alice", aave.ALL, receive_a_token=False, now_ts=T0
    )
    # Half of the debt, since the health factor is above 0.95; 8,000 / 1,900 ether and 5 %, of which
    # the protocol keeps a tenth.
    taken = Fraction(8_000, 1_900) * Fraction(105, 100) * WAD
    assert done.debt_amount == 8_000 * 10**6
    assert abs(done.collateral_amount + done.protocol_fee - taken) <= 1
    assert abs(done.protocol_fee - taken * Fraction(5, 105) / 10) <= 1


@pytest.mark.parametrize(("health_wad", "factor"), [
    (95 * 10**16 + 1, 5_000), (95 * 10**16, 10_000), (10**17, 10_000),
])  # fmt: skip
def test_close_factor_changes_at_95_percent(health_wad, factor):
    assert aave.close_factor_bps(health_wad) == factor


# ---- who gains by rounding -----------------------------------------------------------------

indices = st.integers(RAY, 20 * RAY)
amounts = st.integers(1, 10**30)


def exact(scaled: int, index: int) -> Fraction:
    return Fraction(scaled * index, RAY)


@given(amounts, indices)
def test_a_credit_is_off_by_half_a_scaled_unit_at_most_either_way(amount, index):
    """The exception to the law: half up, not down, so that a supplier may gain half a unit."""
    scaled = aave.ray_div_half_up(amount, index)
    assert abs(exact(scaled, index) - amount) <= Fraction(index, 2 * RAY)


def test_the_exceptions_are_real():
    """A supply is credited more than it brought, a loan is booked smaller than it is."""
    assert exact(aave.ray_div_half_up(5, 3 * RAY // 2), 3 * RAY // 2) < 5
    assert exact(aave.ray_div_half_up(1, 3 * RAY // 2), 3 * RAY // 2) > 1


@given(st.integers(0, 3 * 10**27), st.integers(0, 10 * YEAR_S))
def test_supply_never_earns_more_than_simple_interest(rate_ray, dt_s):
    found = aave.calculate_linear_interest(rate_ray, dt_s)
    assert 0 <= RAY + Fraction(rate_ray * dt_s, YEAR_S) - found < 1


@given(st.integers(10**23, 3 * 10**27), st.integers(1, 10 * YEAR_S))
def test_debt_grows_at_least_linearly_and_at_most_by_the_series(rate_ray, dt_s):
    """Borrowers gain by the truncated series, but pay no less than simple interest."""
    found = aave.calculate_compounded_interest(rate_ray, dt_s)
    rate = Fraction(rate_ray, RAY)
    per_s = rate / YEAR_S
    series = 1 + per_s * dt_s + per_s**2 * dt_s * (dt_s - 1) / 2
    series += per_s**3 * dt_s * (dt_s - 1) * (dt_s - 2) / 6
    # Half up within the square's product may lift each of its 1/RAY units by one at most.
    slack = Fraction(dt_s * dt_s, 2 * YEAR_S**2 * RAY) + Fraction(dt_s**3, 6 * YEAR_S * RAY)
    assert RAY + rate_ray * dt_s // YEAR_S <= found
    assert Fraction(found, RAY) <= series + slack


@given(
    debt=st.integers(1, 10**13),
    owned=st.integers(1, 10**22),
    price=st.integers(10**6, 10**13),
    bonus_bps=st.integers(10_001, 12_000),
    fee_bps=st.integers(0, 10_000),
)
def test_a_liquidator_never_takes_more_than_there_is(debt, owned, price, bonus_bps, fee_bps):
    done = aave.calculate_available_collateral_to_liquidate(
        debt_to_cover=debt,
        user_collateral_balance=owned,
        collateral_price=price,
        debt_price=10**8,
        collateral_decimals=18,
        debt_decimals=6,
        liquidation_bonus_bps=bonus_bps,
        liquidation_protocol_fee_bps=fee_bps,
    )
    assert 0 <= done.collateral_amount + done.protocol_fee <= owned
    assert done.debt_amount <= debt


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10**20), st.integers(0, YEAR_S)),
                max_size=30))  # fmt: skip
def test_everybody_can_be_paid_but_for_a_few_units(actions):
    """Assets cover what suppliers and the treasury own, but for some units an action."""
    pool, now_ts = market(), T0
    reserve = pool.reserves["eth"]
    aave.supply(pool, "whale", "eth", 10**22, now_ts=now_ts)
    calls = (aave.supply, aave.withdraw, aave.borrow, aave.repay)
    for kind, amount, dt_s in actions:
        now_ts += dt_s
        try:
            calls[kind](pool, "whale" if kind != 1 else "alice", "eth", amount, now_ts=now_ts)
        except Revert:
            continue
    aave.update_state(reserve, now_ts=now_ts)
    scaled = reserve.a_token.scaled_total_supply + reserve.accrued_to_treasury
    owed = exact(scaled, reserve.liquidity_index)
    debt = exact(reserve.variable_debt_token.scaled_total_supply, reserve.variable_borrow_index)
    growth = max(reserve.liquidity_index, reserve.variable_borrow_index)
    per_touch = Fraction(growth, RAY) * 4 + Fraction(debt + owed, RAY)
    assert reserve.underlying_balance + debt >= owed - per_touch * (len(actions) + 3)
