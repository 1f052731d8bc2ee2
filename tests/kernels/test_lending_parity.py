"""
Float twins against the exact texts, in states drawn at random; each bound stands with its test.

A float carries 2^-53 of its value; a chain of k operations without cancellation is within k of
these. What the contracts round is added in their own smallest units.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.exact import aave_v3_0_liquidation as liquidation
from headframe.exact import aave_v3_0_rates as aave_rates
from headframe.exact import aave_v3_math as aave_exact
from headframe.exact import compound_v3_market as comet_exact
from headframe.exact import morpho_blue_math as morpho_exact
from headframe.exact import uniswap_v2 as pair
from headframe.exact.fixed import RAY, WAD
from headframe.kernels import aave_v3, compound_v3, morpho_blue, rates, uniswap_v2
from headframe.units import YEAR_S

FLOAT = 16 * 2.0**-53
"""Relative rounding of up to sixteen float operations."""
YEAR = int(YEAR_S)
APR_RAY = st.integers(0, 10 * RAY)
GAP_S = st.integers(0, YEAR)
trials = settings(max_examples=200, deadline=None, derandomize=True)


@trials
@given(rate=APR_RAY, dt_s=GAP_S)
def test_supply_grows_as_the_contracts(rate, dt_s):
    """One quotient rounded down: a ray."""
    exact = aave_exact.calculate_linear_interest(rate, dt_s) / RAY
    found = aave_v3.linear_growth(rate / RAY, float(dt_s))
    assert abs(found - exact) <= FLOAT * exact + 1 / RAY


@trials
@given(rate=APR_RAY, dt_s=GAP_S)
def test_debt_grows_as_the_contracts(rate, dt_s):
    """
    Powers of the rate per second are whole rays: n^2 / 2 rays from the square and its part of the
    cube, n^3 / 6 (1 + 2 r) from the cube; half rays of rounding leave the same orders.
    """
    exact = aave_exact.calculate_compounded_interest(rate, dt_s) / RAY
    found = aave_v3.binomial_growth(rate / RAY, float(dt_s))
    n, r = float(dt_s), rate / RAY / YEAR_S
    rays = 2.0 + n * n + n**3 / 3.0 * (1.0 + 2.0 * r)
    assert abs(found - exact) <= FLOAT * exact + rays / RAY


@trials
@given(
    cash=st.integers(0, 10**27),
    debt=st.integers(1, 10**27),
    optimal=st.integers(1, 99),
    slope1=st.integers(0, RAY),
    slope2=st.integers(0, 5 * RAY),
    factor_bps=st.integers(0, 9_999),
)
def test_aaves_curve(cash, debt, optimal, slope1, slope2, factor_bps):
    """u - opt cancels: 2^-53 over 1 - opt, of slope2, over opt, of slope1. Half a ray over opt."""
    strategy = aave_rates.InterestRateStrategy(
        optimal_usage_ratio_ray=optimal * RAY // 100,
        base_variable_borrow_rate_ray=0,
        variable_rate_slope1_ray=slope1,
        variable_rate_slope2_ray=slope2,
    )
    exact = aave_rates.calculate_interest_rates(
        strategy, available_liquidity=cash, total_variable_debt=debt, reserve_factor_bps=factor_bps
    )
    kink, whole = optimal / 100, float(debt) + float(cash)
    borrow = rates.kinked_apr(debt / whole, 0.0, slope1 / RAY, slope2 / RAY, kink)
    supply = aave_v3.supply_apr(borrow, float(debt), float(cash), 0.0, factor_bps / 1e4)
    scale = slope1 / RAY / kink + slope2 / RAY / (1.0 - kink)
    # the contract averages over one kind of debt: half a ray of debt in rays, over that debt
    bound = FLOAT * scale + (2.0 + 1.0 / kink + 2.0 * scale) / RAY
    assert abs(borrow - exact.variable_borrow_rate_ray / RAY) <= bound
    assert abs(supply - exact.liquidity_rate_ray / RAY) <= 2.0 * bound + 0.5e-9 / debt


@trials
@given(
    covered=st.integers(10**3, 10**15),
    owned=st.integers(10**6, 10**24),
    price=st.integers(10**6, 10**13),
    bonus_bps=st.integers(1, 5_000),
    fee_bps=st.integers(1, 10_000),
)
def test_aaves_liquidation_amounts(covered, owned, price, bonus_bps, fee_bps):
    """
    Collateral: floor then half up, 2 + bonus units. Debt: floor and half up, 2 units. The fee is
    half up of a difference: 2 units more. All with the rounding of the values that they come from.
    """
    exact = liquidation.calculate_available_collateral_to_liquidate(
        debt_to_cover=covered,
        user_collateral_balance=owned,
        collateral_price=price,
        debt_price=10**8,
        collateral_decimals=18,
        debt_decimals=6,
        liquidation_bonus_bps=10_000 + bonus_bps,
        liquidation_protocol_fee_bps=fee_bps,
    )
    per_unit, debt = price / 1e26, covered / 1e6  # dollars a smallest unit of collateral
    rows = [owned * per_unit, debt, debt, 0.5, bonus_bps / 1e4, fee_bps / 1e4, 1.0]
    found = aave_v3.liquidate(np.array(rows).reshape(7, 1), 30)[:, 0]
    taken = exact.collateral_amount + exact.protocol_fee
    assert abs(found[1] / per_unit - taken) <= FLOAT * taken + 4.0
    # a balance that is worth a few units of debt: one unit of collateral is part of one of debt
    assert abs(found[0] * 1e6 - exact.debt_amount) <= FLOAT * covered + 2.0
    assert abs(found[3] / per_unit - exact.protocol_fee) <= FLOAT * taken + 5.0


@pytest.mark.parametrize("health", [0.949999, 0.95, 0.950001])
def test_aaves_close_factor_turns_where_the_contracts_does(health):
    exact = liquidation.close_factor_bps(round(health * 1e6) * 10**12) / 1e4
    one = np.ones(1)
    assert aave_v3.most_repaid(one, 9 * one, one, health * one, one, 30)[0] == exact


@trials
@given(rate=st.integers(0, 100 * WAD // YEAR), dt_s=GAP_S)
def test_morphos_interest(rate, dt_s):
    """Three quotients rounded down: 3 + x wads, since the third carries the second's rounding."""
    exact = morpho_exact.w_taylor_compounded(rate, dt_s) / WAD
    found = morpho_blue.taylor_growth(rate / WAD * YEAR_S, float(dt_s)) - 1.0
    assert abs(found - exact) <= FLOAT * (1.0 + exact) + (3.0 + rate * dt_s / WAD) / WAD


@trials
@given(lltv=st.integers(0, WAD - 1))
def test_morphos_incentive(lltv):
    """Two quotients rounded down, the second by the square of the factor: 3 wads."""
    exact = morpho_exact.liquidation_incentive_factor(lltv) / WAD
    assert abs(morpho_blue.incentive_factor(lltv / WAD) - exact) <= FLOAT * exact + 3 / WAD


RESERVE = st.integers(10**12, 10**27)


@trials
@given(amount=st.integers(1, 10**27), reserve_in=RESERVE, reserve_out=RESERVE)
def test_what_a_trade_buys(amount, reserve_in, reserve_out):
    """One quotient rounded down: a unit."""
    exact = pair.get_amount_out(amount, reserve_in, reserve_out)
    found = uniswap_v2.amount_out(float(amount), float(reserve_in), float(reserve_out), 0.003)
    assert abs(found - exact) <= FLOAT * exact + 1.0


@trials
@given(amount=st.integers(1, 10**27), reserve=RESERVE)
def test_what_a_one_sided_deposit_swaps(amount, reserve):
    """A root and a quotient rounded down: 2 units."""
    exact = pair.optimal_one_sided_deposit(amount, reserve)
    found = uniswap_v2.one_sided_swap(float(amount), float(reserve), 0.003)
    assert abs(found - exact) <= FLOAT * exact + 2.0


@trials
@given(amount0=RESERVE, amount1=RESERVE, reserve0=RESERVE, reserve1=RESERVE)
def test_what_a_two_sided_deposit_swaps(amount0, amount1, reserve0, reserve1):
    """
    The surplus cancels: 2^-53 of the products, over the other side. The contract divides before it
    multiplies: a reserve of precision in c, less than a unit in the swap.
    """
    exact, second = pair.optimal_two_sided_deposit(amount0, amount1, reserve0, reserve1)
    found = uniswap_v2.two_sided_swap(
        *(float(x) for x in (amount0, amount1, reserve0, reserve1)), 0.003
    )
    one = (amount0 * reserve1 + amount1 * reserve0) / (amount1 + reserve1)
    two = (amount0 * reserve1 + amount1 * reserve0) / (amount0 + reserve0)
    if second == (found < 0.0):
        assert abs(abs(found) - exact) <= FLOAT * (exact + (two if second else one)) + 3.0
    else:  # a deposit in proportion, but for rounding: either side's swap is nothing
        assert abs(found) <= FLOAT * (two if found < 0.0 else one) + 3.0
        assert exact <= FLOAT * (two if second else one) + 3.0


@trials
@given(
    reserve0=RESERVE,
    reserve1=RESERVE,
    price0=st.integers(2**80, 2**140),
    price1=st.integers(2**80, 2**140),
)
def test_the_fair_price_of_a_share(reserve0, reserve1, price0, price1):
    """Roots rounded down: 1 / sqrt(k) and 2 / sqrt(price) of the value, and 3 units."""
    supply = 10**18
    exact = pair.fair_lp_price_x112(
        reserve0, reserve1, supply, price0_x112=price0, price1_x112=price1
    )
    found = uniswap_v2.fair_share_price(
        float(reserve0), float(reserve1), float(supply), float(price0), float(price1)
    )
    bound = FLOAT + 1e-12 + price0**-0.5 + price1**-0.5
    assert abs(found - exact) <= bound * found + 3.0 + 2.0**57


@trials
@given(
    u=st.integers(0, 3 * WAD),
    kink=st.integers(1, WAD - 1),
    base=st.integers(0, WAD),
    low=st.integers(0, 2 * WAD),
    high=st.integers(0, 20 * WAD),
)
def test_comets_curves(u, kink, base, low, high):
    """
    Four yearly numbers cut to whole wads a second, two products rounded down: 3 + 3 u wads a
    second, the base's, and the slopes' times utilisation.
    """
    curve = comet_exact.Curve(
        kink_wad=kink,
        base_per_year_wad=base,
        slope_low_per_year_wad=low,
        slope_high_per_year_wad=high,
    )
    exact = comet_exact.rate_per_s(curve, u) / WAD * YEAR_S
    found = compound_v3.curve_apr(u / WAD, base / WAD, low / WAD, high / WAD, kink / WAD)
    scale = (base + low + high * (1 + u / WAD)) / WAD
    assert abs(found - exact) <= FLOAT * scale + (3.0 + 3.0 * u / WAD) * YEAR_S / WAD


@trials
@given(
    price=st.integers(10**6, 10**13),
    held=st.integers(1, 10**24),
    factor=st.integers(0, WAD),
    debt=st.integers(1, 10**16),
)
def test_comets_absorption(price, held, factor, debt):
    """
    Value and its part round down to 1e-8 dollars, the credit to a unit of base: 2 + 1 units.
    """
    value = comet_exact.mul_price_down(held, price, 10**18)
    credit = comet_exact.div_price_down(comet_exact.mul_factor_down(value, factor), 10**8, 10**6)
    worth = np.array([[held / 1e18 * price / 1e8]])
    repaid, left, lost = compound_v3.absorb(worth, np.array([debt / 1e6]), np.array([factor / WAD]))
    bound = FLOAT * max(credit, debt) + 3.0
    assert abs(repaid[0] * 1e6 - min(credit, debt)) <= bound
    assert abs(left[0] * 1e6 - max(credit - debt, 0)) <= bound
    assert abs(lost[0] * 1e6 - max(debt - credit, 0)) <= bound
