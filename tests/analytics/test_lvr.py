"""
Sources of expected values: Milionis et al. (arXiv 2208.06046): 5 % a day costs 3.125 basis points;
Nezlobin and Tassy (arXiv 2505.05113); and Monte Carlo with the bound stated at each test.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import lvr
from headframe.errors import InputError
from headframe.units import BPS, DAY_S, DAYS_PER_YEAR

DAILY_5_PERCENT = 0.05 * np.sqrt(DAYS_PER_YEAR)
RANGE = {"price_lower": 1000.0, "price_upper": 2250.0}
BLOCK = 0.05 * np.sqrt(12.0 / DAY_S)
"""Volatility over one 12-second block at 5 % a day."""


def test_the_examples_run():
    outcome = doctest.testmod(lvr)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_constant_product_loses_3_125_basis_points_a_day_at_5_percent():
    a_day = lvr.constant_product_apr(DAILY_5_PERCENT) / DAYS_PER_YEAR
    assert a_day == pytest.approx(3.125 * BPS, rel=1e-12)


def test_weighted_pool_loses_less_off_balance():
    assert lvr.weighted_apr(0.8, weight=0.8) == pytest.approx(0.8**2 * 0.16 / 2, rel=1e-12)
    assert lvr.weighted_apr(0.8, weight=0.2) == pytest.approx(lvr.weighted_apr(0.8, weight=0.8))


def test_concentrated_multiple():
    multiple = lvr.concentrated_apr(0.8, price=1500.0, **RANGE) / lvr.constant_product_apr(0.8)
    assert multiple == pytest.approx(5.449490, abs=5e-7)


@pytest.mark.parametrize("price", [1001.0, 1500.0, 2200.0])
def test_concentrated_rate_is_half_variance_times_the_curvature_of_value(price):
    # Ito: the convexity cost is sigma^2 P^2 |V''(P)| / 2, V'' by central differences.
    def value(at):
        return 3.0 * (2 * at**0.5 - at / 2250.0**0.5 - 1000.0**0.5)

    h = 0.5
    curvature = (value(price + h) - 2 * value(price) + value(price - h)) / h**2
    expected = -0.5 * 0.8**2 * price**2 * curvature
    found = lvr.concentrated_quote_per_year(0.8, liquidity=3.0, price=price, **RANGE)
    assert found == pytest.approx(expected, rel=1e-5)
    rate = lvr.concentrated_apr(0.8, price=price, **RANGE)
    assert rate * value(price) == pytest.approx(found, rel=1e-12)


def test_out_of_range_nothing_is_lost():
    prices = np.array([900.0, 2300.0])
    assert not lvr.concentrated_apr(0.8, price=prices, **RANGE).any()
    assert not lvr.concentrated_quote_per_year(0.8, liquidity=1, price=prices, **RANGE).any()


def test_expected_loss_over_a_day():
    found = lvr.expected_loss(DAILY_5_PERCENT, years=1.0 / DAYS_PER_YEAR)
    assert found == pytest.approx(3.12451 * BPS, abs=5e-6 * BPS)


def test_expected_loss_against_simulated_rebalancing():
    # One period: the rebalancing portfolio holds half its value in the token. Within 4 standard
    # errors of 400,000 antithetic pairs, about 0.1 %.
    sigma = 0.5
    z = np.random.default_rng(7).standard_normal(400_000)
    k = np.exp(sigma * np.array([z, -z]) - sigma**2 / 2)
    loss = (0.5 + 0.5 * k - np.sqrt(k)).mean(axis=0)
    error = loss.std() / np.sqrt(loss.size)
    found = lvr.expected_loss(sigma, years=1.0)
    assert abs(loss.mean() - found) < 4 * error
    assert 4 * error < 0.01 * found


def test_arbitrage_profit_per_block():
    assert pytest.approx(5.8926e-4, abs=5e-9) == BLOCK
    # The printed 1.7164 is 1.71645 rounded: 3e-5 of the result.
    profit = lvr.arbitrage_per_block(block_volatility=BLOCK, spread=0.003)
    assert profit == pytest.approx(3.23344e-8, rel=4e-5)
    share = lvr.arbitrage_share(block_volatility=BLOCK, spread=0.003)
    assert share == pytest.approx(0.186246, rel=4e-5)
    assert lvr.arbitrage_share(block_volatility=BLOCK, spread=0.0) == 1.0


@pytest.mark.parametrize(
    ("interval", "formula"),
    [
        ("even", lvr.arbitrage_per_block),
        ("poisson", lvr.arbitrage_per_block_poisson),
    ],
)
def test_arbitrage_against_a_simulated_pool(interval, formula):
    # The mispricing walks freely between blocks; at each block an arbitrageur takes the overshoot y
    # over half the spread and earns y^2/2 per unit of liquidity. 20,000 pools, 300 blocks after 60
    # to settle; within 4 standard errors, the paper's own exp(-const spread/sigma) being far less.
    rng = np.random.default_rng(11)
    spread = 6.0 * BLOCK
    mispricing = rng.uniform(-spread / 2, spread / 2, 20_000)
    earned = np.zeros(mispricing.size)
    for block in range(360):
        length = 1.0 if interval == "even" else rng.exponential(size=mispricing.size)
        arrived = mispricing + BLOCK * np.sqrt(length) * rng.standard_normal(mispricing.size)
        mispricing = np.clip(arrived, -spread / 2, spread / 2)
        if block >= 60:
            earned += (arrived - mispricing) ** 2 / 2
    earned /= 300
    error = earned.std() / np.sqrt(earned.size)
    found = formula(block_volatility=BLOCK, spread=spread)
    assert abs(earned.mean() - found) < 4 * error
    assert 4 * error < 0.02 * found


def test_floats_in_floats_out_arrays_in_arrays_out():
    volatility = np.array([0.2, 0.8])
    for formula in (
        lvr.constant_product_apr,
        lambda s: lvr.expected_loss(s, years=1.0),
        lambda s: lvr.concentrated_apr(s, price=1500.0, **RANGE),
        lambda s: lvr.concentrated_quote_per_year(s, liquidity=1.0, price=1500.0, **RANGE),
        lambda s: lvr.arbitrage_share(block_volatility=s, spread=0.1),
        lambda s: lvr.arbitrage_per_block_poisson(block_volatility=s, spread=0.1),
    ):
        assert isinstance(formula(0.8), float)
        assert formula(volatility).shape == (2,)
        assert formula(volatility)[1] == pytest.approx(formula(0.8), rel=1e-15)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: lvr.constant_product_apr(-0.1), "volatility"),
        (lambda: lvr.weighted_apr(0.1, weight=0.0), "weight"),
        (lambda: lvr.expected_loss(0.1, years=-1.0), "years"),
        (
            lambda: lvr.concentrated_quote_per_year(0.1, liquidity=-1, price=1500, **RANGE),
            "liquidity",
        ),
        (
            lambda: lvr.concentrated_quote_per_year(0.1, liquidity=1, price=-1, **RANGE),
            "price",
        ),
        (
            lambda: lvr.concentrated_quote_per_year(
                0.1, liquidity=1, price=1, price_lower=2, price_upper=1
            ),
            "price_lower",
        ),
        (
            lambda: lvr.arbitrage_per_block_poisson(block_volatility=0.0, spread=0.1),
            "block_volatility",
        ),
        (
            lambda: lvr.arbitrage_per_block_poisson(block_volatility=0.1, spread=-0.1),
            "spread",
        ),
        (lambda: lvr.arbitrage_share(block_volatility=0.0, spread=0.1), "block_volatility"),
        (lambda: lvr.arbitrage_per_block(block_volatility=0.1, spread=-0.1), "spread"),
        (lambda: lvr.concentrated_apr(0.1, price=1, price_lower=2, price_upper=2), "price_lower"),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
