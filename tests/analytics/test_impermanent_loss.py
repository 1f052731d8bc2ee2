"""
Sources of expected values: the published tables of impermanent loss; Uniswap, "Introducing Uniswap
v3" (1,000,000 USD full range against [1000, 2250] at 1500); Elsts, "Liquidity math in Uniswap v3"
(examples 1 and 2); OpenWorld's two-token example; direct valuation of tokens.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import impermanent_loss as il
from headframe.errors import InputError

RANGE = {"price_lower": 1000.0, "price_upper": 2250.0}
RNG = np.random.default_rng(20240511)


def value_less_holding(price0, price1, lower, upper):
    """Both valued from real reserves, written out anew."""

    def tokens(price):
        root = min(max(price, lower), upper) ** 0.5
        return 1 / root - 1 / upper**0.5, root - lower**0.5

    x0, y0 = tokens(price0)
    x1, y1 = tokens(price1)
    return (x1 * price1 + y1) / (x0 * price1 + y0) - 1


def test_the_examples_run():
    outcome = doctest.testmod(il)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("price_ratio", "loss"),
    [
        (0.5, -0.0571909584),
        (1.0, 0.0),
        (2.0, -0.0571909584),
        (4.0, -0.2),
        (5.0, -0.2546440075),
    ],
)
def test_constant_product(price_ratio, loss):
    assert il.constant_product(price_ratio) == pytest.approx(loss, abs=5e-11)


def test_constant_product_keeps_its_digits_near_one():
    # Series: -(k - 1)^2/8 to leading order; the textbook form is noise here.
    assert il.constant_product(1.0 + 1e-7) == pytest.approx(-1e-14 / 8, rel=1e-6)


@pytest.mark.parametrize(
    ("price_ratio", "loss"), [(2.0, -0.0327215963), (0.5, -0.0427513708), (4.0, -0.1084020197)]
)
def test_weighted_80_20(price_ratio, loss):
    assert il.weighted(price_ratio, weight=0.8) == pytest.approx(loss, abs=5e-11)


def test_weighted_at_one_half_is_constant_product():
    ratios = np.geomspace(0.01, 100.0, 41)
    np.testing.assert_allclose(
        il.weighted(ratios, weight=0.5), il.constant_product(ratios), atol=1e-14
    )


@pytest.mark.parametrize(
    ("price_ratio", "loss"), [(1.2, -0.0225652718), (2.0, -0.2584183762), (0.5, -0.2584183762)]
)
def test_concentrated_inside_and_outside(price_ratio, loss):
    found = il.concentrated(price_ratio, price_entry=1500.0, **RANGE)
    assert found == pytest.approx(loss, abs=5e-11)


def test_concentrated_inside_is_erins_formula():
    ratios = np.linspace(0.70, 1.45, 16)
    weight = (np.sqrt(1000.0 / 1500.0) + ratios * np.sqrt(1500.0 / 2250.0)) / (1 + ratios)
    expected = (2 * np.sqrt(ratios) / (1 + ratios) - 1) / (1 - weight)
    found = il.concentrated(ratios, price_entry=1500.0, **RANGE)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_concentrated_is_value_over_holding_wherever_the_prices_lie():
    for _ in range(300):
        lower = RNG.uniform(500, 1500)
        upper = lower * RNG.uniform(1.05, 4)
        price0, price1 = RNG.uniform(0.4, 2, 2) * np.array([lower, upper])
        found = il.concentrated(
            price1 / price0, price_entry=price0, price_lower=lower, price_upper=upper
        )
        expected = value_less_holding(price0, price1, lower, upper)
        assert found == pytest.approx(expected, abs=1e-11)
        assert found <= 0.0


def test_a_very_wide_range_is_the_full_curve():
    ratios = np.array([0.25, 0.5, 2.0, 4.0])
    wide = il.concentrated(ratios, price_entry=1.0, price_lower=1e-16, price_upper=1e16)
    np.testing.assert_allclose(wide, il.constant_product(ratios), rtol=1e-6)


def test_constant_product_amounts_openworld():
    # A at 0.5 and B at 2: price of A in B goes from 0.25 to 0.6/1.5.
    base, quote = il.constant_product_amounts(0.4 / 0.25, base=30_000.0, quote=7_500.0)
    assert base == pytest.approx(23_717.08, abs=5e-3)
    assert quote == pytest.approx(9_486.83, abs=5e-3)
    assert base * 0.6 + quote * 1.5 == pytest.approx(28_460.50, abs=5e-3)


def test_constant_product_amounts_where_a_published_example_is_wrong():
    # "1 HT + 10 USDT, HT from 10 to 2" is printed elsewhere as 11.18; the curve says 2 sqrt(20).
    base, quote = il.constant_product_amounts(0.2, base=1.0, quote=10.0)
    assert base == pytest.approx(2.236, abs=5e-4)
    assert quote == pytest.approx(4.472, abs=5e-4)
    assert 2.0 * base + quote == pytest.approx(8.944, abs=5e-4)


def test_weighted_amounts_keep_the_invariant_and_follow_the_price():
    ratio, weight = 3.0, 0.8
    base, quote = il.weighted_amounts(ratio, weight=weight, base=8.0, quote=2.0)
    assert base**weight * quote ** (1 - weight) == pytest.approx(8.0**weight * 2.0 ** (1 - weight))
    assert (quote / (1 - weight)) / (base / weight) == pytest.approx(ratio)


def test_uniswap_introduction_example():
    multiple = il.concentration(price=1500.0, **RANGE)
    assert multiple == pytest.approx(5.449490, abs=5e-7)
    value = 1_000_000.0 / multiple
    assert value == pytest.approx(183_503.42, abs=5e-3)
    liquidity = il.liquidity_from_value(value, price=1500.0, **RANGE)
    base, quote = il.concentrated_amounts(liquidity, price=1500.0, **RANGE)
    assert quote == pytest.approx(91_751.71, abs=5e-3)
    assert base == pytest.approx(61.1678, abs=5e-5)
    assert il.concentration(price=999.0, **RANGE) == 0.0


def test_elsts_examples():
    span = {"price_lower": 1500.0, "price_upper": 2500.0}
    only_base = il.Amounts(2.0, 1e9)
    liquidity = il.liquidity_from_amounts(only_base, price=2000.0, **span)
    amounts = il.concentrated_amounts(liquidity, price=2000.0, **span)
    assert amounts.base == pytest.approx(2.0)
    assert amounts.quote == pytest.approx(5076.10, abs=5e-3)
    span = {"price_lower": 1333.33, "price_upper": 3000.0}  # as printed, rounded
    liquidity = il.liquidity_from_amounts(il.Amounts(2.0, 4000.0), price=2000.0, **span)
    base, quote = il.concentrated_amounts(liquidity, price=2500.0, **span)
    assert base == pytest.approx(0.85, abs=5e-3)
    assert quote == pytest.approx(6572.89, abs=0.01)


def test_out_of_range_one_token_backs_the_liquidity():
    below = il.liquidity_from_amounts(il.Amounts(1.0, 0.0), price=900.0, **RANGE)
    assert il.concentrated_amounts(below, price=900.0, **RANGE) == pytest.approx((1.0, 0.0))
    above = il.liquidity_from_amounts(il.Amounts(0.0, 70.0), price=3000.0, **RANGE)
    assert il.concentrated_amounts(above, price=3000.0, **RANGE) == pytest.approx((0.0, 70.0))
    assert il.concentrated_value(above, price=3000.0, **RANGE) == pytest.approx(70.0)


def test_floats_in_floats_out_arrays_in_arrays_out():
    ratios = np.array([[0.5, 1.0, 2.0]])
    for formula in (
        il.constant_product,
        lambda k: il.weighted(k, weight=0.3),
        lambda k: il.concentrated(k, price_entry=1500.0, **RANGE),
        lambda k: il.concentration(price=1500.0 * k, **RANGE),
        lambda k: il.liquidity_from_amounts(il.Amounts(1.0, 1.0), price=1500.0 * k, **RANGE),
    ):
        assert isinstance(formula(2.0), float)
        assert formula(ratios).shape == (1, 3)
        assert formula(ratios)[0, 2] == formula(2.0)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: il.constant_product(0.0), "price_ratio"),
        (lambda: il.weighted(1.0, weight=1.0), "weight"),
        (lambda: il.weighted(-1.0, weight=0.5), "price_ratio"),
        (lambda: il.weighted_amounts(-1.0, weight=0.5, base=1.0, quote=1.0), "price_ratio"),
        (lambda: il.weighted_amounts(1.0, weight=1.0, base=1.0, quote=1.0), "weight"),
        (lambda: il.constant_product_amounts(1.0, base=-1.0, quote=1.0), "base"),
        (
            lambda: il.concentrated(1.0, price_entry=1.0, price_lower=2.0, price_upper=1.0),
            "price_lower",
        ),
        (
            lambda: il.concentrated_amounts(1.0, price=1.0, price_lower=2.0, price_upper=1.0),
            "price_lower",
        ),
        (lambda: il.concentrated(1.0, price_entry=-1.0, **RANGE), "price_entry"),
        (lambda: il.concentrated_value(-1.0, price=1.0, **RANGE), "liquidity"),
        (lambda: il.concentration(price=np.nan, **RANGE), "price"),
        (lambda: il.liquidity_from_value(-1.0, price=1.0, **RANGE), "value"),
        (lambda: il.liquidity_from_amounts(il.Amounts(-1.0, 0), price=1.0, **RANGE), "base"),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
