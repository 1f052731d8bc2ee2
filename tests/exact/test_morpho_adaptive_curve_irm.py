"""The adaptive curve without a judge: golden numbers, and what must always hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.exact import morpho_adaptive_curve_irm as irm
from headframe.exact.fixed import WAD

DAY_S = 86_400
START = irm.INITIAL_RATE_AT_TARGET_WAD
utilization = st.integers(0, WAD)
rate = st.integers(irm.MIN_RATE_AT_TARGET_WAD, irm.MAX_RATE_AT_TARGET_WAD)
elapsed = st.integers(0, 10 * 365 * DAY_S)


@pytest.mark.parametrize(
    ("utilization_wad", "start", "days", "expected"),
    [
        # A new market, and two runs of five days; per second. 7338724560 is 23.143 % a year.
        (0, 0, 0, (317097919, 1268391679)),
        (9 * 10**17, 0, 0, (1268391679, 1268391679)),
        (WAD, 0, 0, (5073566716, 1268391679)),
        (WAD, START, 5, (7338724560, 2516027586)),
    ],
)
def test_rates_computed_from_the_deployed_arithmetic(utilization_wad, start, days, expected):
    assert irm.borrow_rates(utilization_wad, start, days * DAY_S) == expected


def test_rates_of_longer_spells():
    assert irm.borrow_rates(0, START, 5 * DAY_S)[0] == 232787607
    assert irm.borrow_rates(95 * 10**16, START, 45 * DAY_S)[1] == 27550077831


def test_rates_of_morphos_own_tests():
    # morpho-blue-irm, its tests: 5 days at full use 22.976 % and at none 0.724 % a year (10 %),
    # 45 days at 95 %: 87.22 % at target (0.5 %).
    def yearly(per_s: int) -> float:
        return per_s * irm.YEAR_S / WAD

    assert yearly(irm.borrow_rates(WAD, START, 5 * DAY_S)[0]) == pytest.approx(0.22976, rel=0.1)
    assert yearly(irm.borrow_rates(0, START, 5 * DAY_S)[0]) == pytest.approx(0.00724, rel=0.1)
    end = irm.borrow_rates(95 * 10**16, START, 45 * DAY_S)[1]
    assert yearly(end) == pytest.approx(0.8722, rel=0.005)


@given(st.integers(-41 * WAD, 93 * WAD))
def test_exponential_is_within_its_parabola(x_wad):
    # Taylor's remainder for |r| <= ln(2)/2: r^3/6 e^|r| / e^-|r| = 1.4 %, and a few wei.
    found, true = irm.w_exp(x_wad), math.exp(x_wad / WAD) * WAD
    assert abs(found - true) <= 0.014 * true + 2


def test_exponential_at_its_ends():
    assert irm.w_exp(0) == WAD
    assert irm.w_exp(irm.LN_WEI_WAD - 1) == 0
    assert irm.w_exp(irm.WEXP_UPPER_BOUND_WAD) == irm.WEXP_UPPER_VALUE_WAD
    assert irm.w_exp(irm.LN_2_WAD) == 2 * WAD


@given(utilization, utilization, rate, elapsed)
def test_more_use_never_costs_less(one, other, start, elapsed_s):
    low, high = sorted((one, other))
    assert all(
        a <= b
        for a, b in zip(
            irm.borrow_rates(low, start, elapsed_s),
            irm.borrow_rates(high, start, elapsed_s),
            strict=True,
        )
    )


@given(utilization, rate, elapsed)
def test_rates_stay_within_their_bounds(utilization_wad, start, elapsed_s):
    average, end = irm.borrow_rates(utilization_wad, start, elapsed_s)
    assert irm.MIN_RATE_AT_TARGET_WAD <= end <= irm.MAX_RATE_AT_TARGET_WAD
    assert irm.MIN_RATE_AT_TARGET_WAD // 4 <= average <= irm.MAX_RATE_AT_TARGET_WAD * 4


@given(rate, elapsed)
def test_nothing_moves_at_the_target(start, elapsed_s):
    assert irm.borrow_rates(irm.TARGET_UTILIZATION_WAD, start, elapsed_s) == (start, start)


def test_utilization_of_an_empty_market_is_zero():
    assert irm.utilization(0, 0) == 0
    assert irm.utilization(1, 3) == 333333333333333333
