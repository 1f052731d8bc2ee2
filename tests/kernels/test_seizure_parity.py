"""
Who may take how much: the liquidations of Morpho and of Aave 3.6, kernels beside the integer texts.

Amounts are drawn in smallest units and compared in them; each test says which roundings its bound
counts.
"""

from types import SimpleNamespace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headframe.exact import aave_v3_6_liquidation as aave_exact
from headframe.exact import aave_v3_6_math as aave_math
from headframe.exact import morpho_blue_math as morpho_exact
from headframe.exact.fixed import RAY, WAD
from headframe.kernels import aave_v3, morpho_blue
from headframe.units import YEAR_S

FLOAT = 1e-12
"""What a few operations on float64 may lose, relatively."""
VIRTUAL_SHARES = 10**6
trials = settings(max_examples=200, deadline=None, derandomize=True)


@trials
@given(
    collateral=st.integers(10**15, 10**22),
    debt=st.integers(10**6, 10**13),
    price=st.integers(10**6, 10**13),
    lltv=st.integers(WAD // 10, 98 * WAD // 100),
)
def test_morpho_takes_what_the_contract_takes(collateral, debt, price, lltv):
    """
    Debt of 6 decimals, collateral of 18: what a unit of debt is worth is 1e36 / price e36 units.

    Either all debt is repaid and its collateral taken, rounded down thrice, or all collateral is
    taken and its debt repaid, rounded up thrice: three units of debt, and what they are worth.
    """
    price_e36 = price * 10**16  # of a smallest unit in smallest units: from 1e-14 to 1e-7
    pot = {"total_borrow_assets": debt, "total_borrow_shares": debt * VIRTUAL_SHARES}
    terms = {"price_e36": price_e36, "lltv_wad": lltv, **pot}
    values = np.array([[collateral * price_e36 / 1e36], [float(debt)]])
    out = np.zeros((3, 1))
    morpho_blue.liquidate(out, values, lltv / WAD)
    paid, seized, lost = out[:, 0]
    taken = morpho_exact.seized_for_repaid(debt * VIRTUAL_SHARES, **terms)
    unit = 3.0 * max(1e36 / price_e36, 1.0)
    if taken <= collateral:
        assert abs(paid - debt) <= FLOAT * debt + 3.0
        assert abs(seized * 1e36 / price_e36 - taken) <= FLOAT * taken + 2.0 * unit
    else:
        shares = morpho_exact.repaid_for_seized(collateral, **terms)
        repaid = morpho_exact.to_assets_up(shares, debt, debt * VIRTUAL_SHARES)
        assert abs(paid - min(repaid, debt)) <= FLOAT * debt + 4.0
        assert abs(lost - (debt - min(repaid, debt))) <= FLOAT * debt + 4.0


@trials
@given(
    collateral=st.integers(10**15, 10**22),
    debt=st.integers(1, 10**13),
    price=st.integers(10**6, 10**13),
    lltv=st.integers(WAD // 10, 98 * WAD // 100),
)
def test_morphos_health_is_below_1_where_the_contract_says_so(collateral, debt, price, lltv):
    """Two quotients down, one up: they agree but within three units of debt of the limit."""
    price_e36 = price * 10**16
    worth = collateral * price_e36 / 1e36
    assume(abs(worth * lltv / WAD - debt) > 3.0 + FLOAT * debt)
    found = morpho_blue.health(worth, float(debt), lltv / WAD) >= 1.0
    assert found == morpho_exact.is_healthy(
        collateral,
        debt * VIRTUAL_SHARES,
        price_e36=price_e36,
        lltv_wad=lltv,
        total_borrow_assets=debt,
        total_borrow_shares=debt * VIRTUAL_SHARES,
    )


@trials
@given(rate=st.integers(0, 10 * RAY), dt_s=st.integers(0, int(YEAR_S)))
def test_debt_grows_as_aave_3_6_has_it(rate, dt_s):
    """Three quotients of rays, the inner ones times x and x / 2: 2 + 2 x rays."""
    exact = aave_math.calculate_compounded_interest(rate, dt_s) / RAY
    found = aave_v3.series_growth(rate / RAY, float(dt_s))
    x = rate / RAY * dt_s / YEAR_S
    assert abs(found - exact) <= FLOAT * exact + (2.0 + 2.0 * x + x * x) / RAY


@trials
@given(
    debt=st.integers(10**9, 10**11),
    other=st.integers(0, 10**11),
    collateral_usd=st.integers(1_500, 5_000),
    health_bps=st.integers(9_400, 9_999),
)
def test_how_much_aave_3_6_lets_repay(debt, other, collateral_usd, health_bps):
    """Half of all debts is half up, and turns into units rounded down: two units."""
    base = debt * 100  # 6 decimals at one dollar, in the base currency's 8
    whole = base + other * 100
    account = SimpleNamespace(total_debt_base=whole, health_factor_wad=health_bps * 10**14)
    exact = aave_exact.max_liquidatable_debt(
        account,
        debt=debt,
        debt_price=10**8,
        debt_unit=10**6,
        collateral_position_base=collateral_usd * 10**8,
    )
    one = np.ones(1)
    rows = (debt / 1e6, float(collateral_usd), whole / 1e8, health_bps / 1e4)
    found = aave_v3.most_repaid(*(one * value for value in rows), one, 36)[0]
    assert abs(found * 1e6 - exact) <= FLOAT * debt + 2.0


@trials
@given(
    covered=st.integers(10**3, 10**15),
    owned=st.integers(10**6, 10**24),
    price=st.integers(10**6, 10**13),
    bonus_bps=st.integers(1, 5_000),
    fee_bps=st.integers(1, 10_000),
)
def test_aave_3_6_liquidation_amounts(covered, owned, price, bonus_bps, fee_bps):
    """The same quotients as in 3.0 with other directions: the same bounds, a unit of debt more."""
    exact = aave_exact.calculate_available_collateral_to_liquidate(
        debt_to_cover=covered,
        user_collateral_balance=owned,
        collateral_price=price,
        debt_price=10**8,
        collateral_decimals=18,
        debt_decimals=6,
        liquidation_bonus_bps=10_000 + bonus_bps,
        liquidation_protocol_fee_bps=fee_bps,
    )
    per_unit, debt = price / 1e26, covered / 1e6
    bonus, fee = np.array([bonus_bps / 1e4]), fee_bps / 1e4
    one, worth = np.ones(1), np.array([owned * per_unit])
    # all of the debt wanted, on a side too small for the rule of 1,000 dollars to bind
    paid = aave_v3.repaid(debt * one, debt * one, worth, bonus, 0.0 * one, 36)[0]
    seized = min(paid * (1.0 + bonus[0]), worth[0])
    taken = exact.collateral_amount + exact.protocol_fee
    assert abs(seized / per_unit - taken) <= FLOAT * taken + 4.0
    assert abs(paid * 1e6 - exact.debt_amount) <= FLOAT * covered + 3.0
    extra = seized - seized / (1.0 + bonus[0])
    assert abs(extra * fee / per_unit - exact.protocol_fee) <= FLOAT * taken + 5.0
