"""Borrow rates against the contracts' own numbers."""

import numba
import numpy as np
import pytest

from headframe.kernels import rates as kernel
from headframe.layout import record
from headframe.units import DAY_S, YEAR_S

kinked_apr = numba.njit(lambda u, a, b, c, k: kernel.kinked_apr(u, a, b, c, k))


# DefaultReserveInterestRateStrategyV2: base 0, slopes 5.5 % and 40 %, optimal 92 %, reserve 10 %
@pytest.mark.parametrize(
    ("utilisation", "borrow_ray", "supply_ray"),
    [
        (0.80, 47826086956521739130434783, 34434782608695652173913043),
        (0.95, 205 * 10**24, 175275 * 10**21),
        (1.00, 455 * 10**24, 409500 * 10**21),
    ],
)
def test_kinked_rates_are_the_contracts(utilisation, borrow_ray, supply_ray):
    now = np.zeros((3, 1))
    now[0] = utilisation
    curve = {"base_apr": 0.0, "slope1_apr": 0.055, "slope2_apr": 0.4, "kink": 0.92}
    rows = {"utilisation": 0, "borrow": 1, "supply": 2}
    kernel.kinked(now, record(**curve, reserve_factor=0.1, **rows))
    assert now[1, 0] == pytest.approx(borrow_ray / 1e27, rel=1e-13)
    assert now[2, 0] == pytest.approx(supply_ray / 1e27, rel=1e-13)


# Comet's test curve and its mainnet one, by hand: base + slope u below the kink, steeper above
@pytest.mark.parametrize(("utilisation", "apr"), [(0.0, 0.015), (0.8, 0.043), (0.9, 0.068)])
def test_a_curve_in_compounds_terms(utilisation, apr):
    # base 0.015, 0.035 a unit of utilisation up to the kink of 0.8, 0.25 above it
    found = kinked_apr(utilisation, 0.015, 0.035 * 0.8, 0.25 * 0.2, 0.8)
    assert found == pytest.approx(apr, rel=1e-12)


def adaptive(utilisation, days, target_apr=0.04):
    state, now = np.full((1, 1), target_apr), np.zeros((4, 1))
    now[0] = utilisation
    wire = record(
        target=0.9,
        steepness=4.0,
        speed=50.0,
        least_apr=0.001,
        most_apr=2.0,
        reserve_factor=0.0,
        utilisation=0,
        borrow=1,
        supply=2,
        at_target=3,
    )
    kernel.adaptive(state, now, days * DAY_S, wire)
    return now[1, 0] / YEAR_S * 1e18, now[3, 0] / YEAR_S * 1e18


# AdaptiveCurveIrm, rates per second in wad, from the contract's arithmetic in whole numbers
@pytest.mark.parametrize(
    ("utilisation", "days", "rate"),
    [
        (0.0, 0.0, 317097919),
        (0.9, 0.0, 1268391679),
        (1.0, 0.0, 5073566716),
        (1.0, 5.0, 7338724560),
        (0.0, 5.0, 232787607),
    ],
)
def test_adaptive_rates_are_the_contracts(utilisation, days, rate):
    # the contract's constants are floored per second: 4 / 1,268,391,679 of doubt at most
    assert adaptive(utilisation, days)[0] == pytest.approx(rate, rel=4e-9, abs=2.0)


@pytest.mark.parametrize(
    ("utilisation", "days", "rate"), [(1.0, 5.0, 2516027586), (0.95, 45.0, 27550077831)]
)
def test_the_rate_at_target_moves_as_the_contracts(utilisation, days, rate):
    assert adaptive(utilisation, days)[1] == pytest.approx(rate, rel=4e-9, abs=2.0)


def test_the_rate_at_target_stays_within_its_bounds():
    assert adaptive(1.0, 3650.0)[1] == pytest.approx(2.0 / YEAR_S * 1e18)
    assert adaptive(0.0, 3650.0)[1] == pytest.approx(0.001 / YEAR_S * 1e18)
