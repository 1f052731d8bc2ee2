"""
Sources of expected values: figures computed elsewhere from Merton's formula, Alpaca Finance's
three-slope rate model, first-order conditions solved by hand, and a simulation with its bound.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import kelly
from headframe.errors import InputError

POOL = {"equity_usd": 1e6, "supplied_usd": 10e6, "borrowed_usd": 7e6}
FARM = {"price_drift": 0.0, "fee_yield": 0.4, "borrow_rate": 0.1, "volatility": 0.8}


def alpaca_rate(utilisation):
    """20 % a year at 60 % utilisation, flat to 90 %, then steeply to 150 %."""
    if utilisation < 0.6:
        return utilisation / 0.6 * 0.2
    if utilisation < 0.9:
        return 0.2
    return 0.2 + (utilisation - 0.9) / 0.1 * 1.3


def test_the_examples_run():
    outcome = doctest.testmod(kelly)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_asset():
    market = {"drift": 0.3, "borrow_rate": 0.05, "volatility": 0.8}
    best = kelly.asset_leverage(**market)
    assert best == pytest.approx(0.390625, abs=1e-15)
    assert kelly.asset_growth(leverage=best, **market) == pytest.approx(0.098828, abs=5e-7)


def test_pool():
    best = kelly.pool_leverage(**FARM)
    assert best == pytest.approx(1.375, abs=1e-12)
    leverages = np.array([1.0, 1.375, 2.0, 3.0])
    growth = kelly.pool_growth(leverage=leverages, **FARM)
    np.testing.assert_allclose(growth, [0.24, 0.25125, 0.22, 0.04], atol=1e-12)


def test_pool_growth_against_simulation():
    # Wealth rebalanced to twofold leverage 2,000 times a year, in the pool's own value sqrt(P); the
    # mean logarithm of 20,000 paths within 4 standard errors plus the 1/2000 of the rebalancing.
    rng = np.random.default_rng(31)
    steps, n = 2_000, 20_000
    dt = 1.0 / steps
    wealth = np.zeros(n)
    for _ in range(steps):
        z = rng.standard_normal(n)
        ratio = np.exp(0.8 * np.sqrt(dt) * z + (0.2 - 0.32) * dt)
        wealth += np.log1p(2.0 * (np.sqrt(ratio) * np.exp(0.4 * dt) - 1.0) - np.expm1(0.1 * dt))
    error = wealth.std() / np.sqrt(n)
    found = kelly.pool_growth(
        leverage=2.0, price_drift=0.2, fee_yield=0.4, borrow_rate=0.1, volatility=0.8
    )
    assert abs(wealth.mean() - found) < 4 * error + dt
    assert 4 * error < 0.03


def test_the_best_leverage_is_best():
    leverages = np.linspace(-1, 4, 501)
    growth = kelly.pool_growth(leverage=leverages, **FARM)
    assert leverages[np.argmax(growth)] == pytest.approx(1.375, abs=0.006)


def test_delta_neutral_carry():
    found = kelly.delta_neutral_carry(leverage=3.0, fee_yield=0.4, borrow_rate=0.1, volatility=0.8)
    assert found == pytest.approx(0.76, abs=1e-12)
    own = kelly.delta_neutral_carry(leverage=1.0, fee_yield=0.4, borrow_rate=9.0, volatility=0.8)
    assert own == pytest.approx(0.32, abs=1e-12)


def test_own_borrowing_stops_at_the_kink():
    best = kelly.best_leverage(
        borrow_rate=alpaca_rate, drift=0.3, volatility=0.0, max_leverage=6.0, **POOL
    )
    assert best.leverage == pytest.approx(3.0, abs=1e-7)
    assert best.growth_rate == pytest.approx(0.50, abs=1e-6)
    assert best.utilisation == pytest.approx(0.9, abs=1e-8)
    assert best.borrow_rate == pytest.approx(0.2, abs=1e-6)


def test_half_a_turn_more_flips_the_sign():
    def growth(leverage):
        return kelly.growth_with_impact(
            leverage, borrow_rate=alpaca_rate, drift=0.3, volatility=0.0, **POOL
        )

    assert growth(3.0) == pytest.approx(0.50)
    assert growth(3.5) == pytest.approx(-1.075)
    # Volatility costs half its square, times the leverage squared.
    with_risk = kelly.growth_with_impact(
        3.0, borrow_rate=alpaca_rate, drift=0.3, volatility=0.2, **POOL
    )
    assert with_risk == pytest.approx(0.50 - 9 * 0.04 / 2)


def test_linear_rate_against_the_first_order_condition():
    # c(u) = c0 + s u: Lev = (mu - c0 - s u0 + 2 s e) / (2 s e + sigma^2), e = equity/supplied.
    base, slope, drift, volatility = 0.02, 0.5, 1.0, 0.5
    e, u0 = 0.1, 0.7
    expected = (drift - base - slope * u0 + 2 * slope * e) / (2 * slope * e + volatility**2)
    best = kelly.best_leverage(
        borrow_rate=lambda u: base + slope * u,
        drift=drift,
        volatility=volatility,
        max_leverage=10.0,
        **POOL,
    )
    assert 1.0 < expected < 4.0
    assert best.leverage == pytest.approx(expected, abs=1e-6)


def test_without_impact_it_is_the_pool_s_kelly_leverage():
    vast = {"equity_usd": 1.0, "supplied_usd": 1e12, "borrowed_usd": 5e11}
    best = kelly.best_leverage(
        borrow_rate=lambda u: 0.1, drift=0.32, volatility=0.4, max_leverage=9.0, **vast
    )
    assert best.leverage == pytest.approx(kelly.pool_leverage(**FARM), abs=1e-6)


def test_a_jump_in_the_rate_is_not_jumped():
    # Alpha Homora's rate jumps at 95 %: just below is best, and what is returned is consistent.
    best = kelly.best_leverage(
        borrow_rate=lambda u: 0.1 if u < 0.95 else 0.4,
        drift=0.3,
        volatility=0.0,
        max_leverage=4.0,
        **POOL,
    )
    assert best.leverage == pytest.approx(3.5, abs=1e-6)
    assert best.leverage < 3.5
    assert best.borrow_rate == 0.1
    assert best.growth_rate == pytest.approx(3.5 * 0.3 - 2.5 * 0.1, abs=1e-6)


def test_an_empty_pool_or_a_bad_deal_bounds_the_leverage():
    rich = kelly.best_leverage(
        borrow_rate=lambda u: 0.0, drift=0.3, volatility=0.0, max_leverage=99.0, **POOL
    )
    assert rich.leverage == pytest.approx(4.0, abs=1e-6)
    assert rich.utilisation == pytest.approx(1.0, abs=1e-6)
    poor = kelly.best_leverage(
        borrow_rate=lambda u: 0.5, drift=0.3, volatility=0.0, max_leverage=9.0, **POOL
    )
    assert poor.leverage == pytest.approx(1.0)
    empty = kelly.best_leverage(
        borrow_rate=alpaca_rate,
        drift=0.3,
        volatility=0.0,
        max_leverage=9.0,
        **{**POOL, "borrowed_usd": 10e6},
    )
    assert empty.leverage == 1.0
    barred = kelly.best_leverage(
        borrow_rate=alpaca_rate, drift=0.3, volatility=0.0, max_leverage=1.0, **POOL
    )
    assert barred == (1.0, 0.3, alpaca_rate(0.7), 0.7)


def test_floats_in_floats_out_arrays_in_arrays_out():
    volatility = np.array([0.4, 0.8])
    farm = {**FARM, "volatility": volatility}
    assert isinstance(kelly.pool_leverage(**FARM), float)
    assert kelly.pool_leverage(**farm)[1] == kelly.pool_leverage(**FARM)
    assert kelly.pool_growth(leverage=2.0, **farm).shape == (2,)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: kelly.asset_leverage(drift=1, borrow_rate=0, volatility=0.0), "volatility"),
        (lambda: kelly.asset_leverage(drift=np.inf, borrow_rate=0, volatility=1), "drift"),
        (lambda: kelly.pool_leverage(**{**FARM, "volatility": -1.0}), "volatility"),
        (
            lambda: kelly.delta_neutral_carry(
                leverage=0.5, fee_yield=0.1, borrow_rate=0.1, volatility=0.5
            ),
            "leverage",
        ),
        (
            lambda: kelly.best_leverage(
                borrow_rate=alpaca_rate,
                drift=0.3,
                volatility=0.0,
                max_leverage=2.0,
                **{**POOL, "borrowed_usd": 11e6},
            ),
            "borrowed_usd",
        ),
        (
            lambda: kelly.best_leverage(
                borrow_rate=alpaca_rate, drift=0.3, volatility=0.0, max_leverage=0.5, **POOL
            ),
            "max_leverage",
        ),
        (
            lambda: kelly.growth_with_impact(
                4.1, borrow_rate=alpaca_rate, drift=0.3, volatility=0.0, **POOL
            ),
            "leverage",
        ),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
