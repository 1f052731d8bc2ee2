"""
Sources of expected values: Francium's and OpenWorld's published examples; Alpha Homora v1's factors
and its test of a goblin's health (1997459271062521105 wei); Aave's two-line loan; and, at every
solution, the position valued anew.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import liquidation_price as lp
from headframe.errors import InputError

RANGE = {"price_lower": 1000.0, "price_upper": 2250.0}


def test_the_examples_run():
    outcome = doctest.testmod(lp)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("leverage", "threshold", "price_ratio"),
    [
        (3.0, 5 / 6, 0.64),
        (2.5, 0.8, 0.5625),
        (10 / 3, 0.8, 0.765625),
        (2.0, 0.8333, 0.3600288),
        (1.0, 0.8, 0.0),
    ],
)
def test_stable_debt(leverage, threshold, price_ratio):
    found = lp.stable_debt(leverage=leverage, liquidation_threshold=threshold)
    assert found == pytest.approx(price_ratio, abs=5e-8)


@pytest.mark.parametrize(
    ("leverage", "threshold", "price_ratio"),
    [(3.0, 5 / 6, 1.5625), (2.0, 0.8333, 2.7775556), (1.0, 0.8, np.inf)],
)
def test_volatile_debt(leverage, threshold, price_ratio):
    found = lp.volatile_debt(leverage=leverage, liquidation_threshold=threshold)
    assert found == pytest.approx(price_ratio, abs=5e-8)


@pytest.mark.parametrize(
    ("share", "threshold", "lower", "upper"),
    [
        (0.5, 5 / 6, 0.25, 4.0),
        (0.75, 5 / 6, 0.0540135346, 2.0570975765),
        (0.75, 0.9, 0.0439277560, 2.5294055773),
        (0.0, 5 / 6, 0.64, np.inf),
        (1.0, 5 / 6, 0.0, 1.5625),
    ],
)
def test_mixed_debt(share, threshold, lower, upper):
    band = lp.mixed_debt(leverage=3.0, volatile_debt_share=share, liquidation_threshold=threshold)
    assert band == pytest.approx((lower, upper), abs=5e-11)


@pytest.mark.parametrize(
    ("work_factor", "kill_factor", "fall"),
    [(0.70, 0.80, -0.2344), (0.78, 0.90, -0.2489), (0.624, 0.80, -0.3916)],
)
def test_homora_and_alpaca_farms_opened_at_the_limit(work_factor, kill_factor, fall):
    leverage = 1.0 / (1.0 - work_factor)
    found = lp.stable_debt(leverage=leverage, liquidation_threshold=kill_factor)
    assert found - 1.0 == pytest.approx(fall, abs=5e-5)
    assert found == pytest.approx((work_factor / kill_factor) ** 2)
    rise = lp.volatile_debt(leverage=leverage, liquidation_threshold=kill_factor)
    assert rise == pytest.approx((kill_factor / work_factor) ** 2)


def test_a_farm_may_open_at_its_very_threshold():
    for threshold in np.linspace(0.05, 0.95, 19):
        leverage = 1.0 / (1.0 - threshold)
        found = lp.stable_debt(leverage=leverage, liquidation_threshold=threshold)
        assert found == pytest.approx(1.0)


def test_concentrated_against_the_full_curve():
    farm = {"leverage": 3.0, "volatile_debt_share": 0.0, "liquidation_threshold": 0.85}
    band = lp.concentrated(**farm, price_entry=1500.0, **RANGE)
    assert band.lower == pytest.approx(1060.26797, abs=5e-6)
    assert band.lower / 1500.0 == pytest.approx(0.706845, abs=5e-7)
    assert band.upper == np.inf
    full = lp.stable_debt(leverage=3.0, liquidation_threshold=0.85)
    assert full == pytest.approx(0.615148, abs=5e-7)


def test_a_very_wide_range_is_the_full_curve():
    farm = {"leverage": 3.0, "volatile_debt_share": 0.75, "liquidation_threshold": 0.9}
    wide = lp.concentrated(**farm, price_entry=1.0, price_lower=1e-14, price_upper=1e14)
    assert wide == pytest.approx(lp.mixed_debt(**farm), rel=1e-5)


def test_concentrated_ends_solve_the_health_equation_and_enclose_all_healthy_prices():
    rng = np.random.default_rng(5)
    regions = set()
    for _ in range(400):
        lower = rng.uniform(500, 1500)
        upper = lower * rng.uniform(1.1, 4)
        entry = rng.uniform(0.8 * lower, 1.2 * upper)
        threshold, share = rng.uniform(0.5, 0.95), rng.choice([0.0, 0.3, 0.7, 1.0])
        leverage = rng.uniform(1.0, 1.0 / (1.0 - threshold))

        def unit(price, lower=lower, upper=upper):
            root = np.sqrt(np.clip(price, lower, upper))
            return price * (1 / root - 1 / np.sqrt(upper)) + root - np.sqrt(lower)

        def health(price, unit=unit, entry=entry, share=share, lev=leverage, lt=threshold):
            debt = (lev - 1) * ((1 - share) + share * price / entry)
            return lt * lev * unit(price) / unit(entry) - debt

        band = lp.concentrated(
            leverage=leverage,
            volatile_debt_share=share,
            liquidation_threshold=threshold,
            price_entry=entry,
            price_lower=lower,
            price_upper=upper,
        )
        assert band.lower <= entry * (1 + 1e-9)
        assert band.upper >= entry * (1 - 1e-9)
        for end in band:
            if 0.0 < end < np.inf:
                assert health(end) == pytest.approx(0.0, abs=1e-9 * leverage)
                regions.add((end < lower, end > upper))
        prices = entry * np.geomspace(1e-3, 1e3, 601)
        inside = (prices > band.lower * (1 + 1e-9)) & (prices < band.upper * (1 - 1e-9))
        outside = (prices < band.lower * (1 - 1e-9)) | (prices > band.upper * (1 + 1e-9))
        assert (health(prices[inside]) > 0).all()
        assert (health(prices[outside]) < 0).all()
    assert len(regions) == 3  # ends below, within and above the range were all met


def test_plain_lending():
    long = lp.lending_long(collateral_quantity=10.0, debt_usd=10_000.0, liquidation_threshold=0.8)
    assert long == 1250.0
    short = lp.lending_short(collateral_usd=10_000.0, debt_quantity=3.0, liquidation_threshold=0.8)
    assert short == pytest.approx(2666.67, abs=5e-3)


def test_loop_leverage():
    found = lp.loop_leverage(ltv=0.8, loops=np.array([0, 1, 2, 3, 1000]))
    np.testing.assert_allclose(found, [1.0, 1.8, 2.44, 2.952, 5.0], rtol=1e-14)


def test_years_by_interest():
    def years(**changes):
        return lp.years_by_interest(
            **{
                "debt_ratio": 2 / 3,
                "liquidation_threshold": 5 / 6,
                "borrow_rate": 0.2,
                "position_yield": 0.0,
                **changes,
            }
        )

    assert years() == pytest.approx(1.1157178, abs=5e-8)
    assert years(position_yield=0.2) == np.inf
    assert years(position_yield=0.3) == np.inf
    assert years(debt_ratio=5 / 6) == 0.0
    drained = 2 / 3 * np.exp((0.2 - 0.05) * years(position_yield=0.05))
    assert drained == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("share", "ratio"),
    [
        (0.0, 0.99850),
        (0.01, 0.99353),
        (0.05, 0.97365),
        (0.1, 0.94878),
        (0.25, 0.87416),
        (0.5, 0.74962),
    ],
)
def test_homora_health_ratio(share, ratio):
    assert lp.homora_health_ratio(pool_share=share, swap_fee=0.003) == pytest.approx(
        ratio, abs=5e-6
    )


def test_homora_health_of_the_bank_test():
    # Pool of 1 ETH; 2 ETH put in one-sided leave the goblin 42.2283 % of 3 ETH.
    share, pool_eth = 0.422283, 3.0
    health = lp.homora_health_ratio(pool_share=share, swap_fee=0.003) * 2 * share * pool_eth
    assert health == pytest.approx(1.997459271062521105, rel=2e-6)


@pytest.mark.parametrize(("pool_share", "price_ratio"), [(0.0, 0.696532), (0.1, 0.771440)])
def test_homora_health_moves_the_liquidation_price(pool_share, price_ratio):
    ratio = lp.homora_health_ratio(pool_share=pool_share, swap_fee=0.003)
    found = lp.stable_debt(leverage=3.0, liquidation_threshold=0.8 * ratio)
    assert found == pytest.approx(price_ratio, abs=5e-7)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.9])
def test_homora_liquidation_price_against_the_withdrawal_and_sale_themselves(share):
    # A pool of 1,000 ETH and 500,000 tokens at opening; the farm owns `share` of it and owes a
    # third of that in ETH. At the price found, what it takes out and sells is worth debt over 0.8.
    ratio = lp.homora_health_ratio(pool_share=share, swap_fee=0.003)
    fall = lp.stable_debt(leverage=1.5, liquidation_threshold=0.8 * ratio)
    eth, token = 1_000.0 * np.sqrt(fall), 500_000.0 / np.sqrt(fall)
    sold = 0.997 * share * token
    received = sold * (1 - share) * eth / ((1 - share) * token + sold)
    debt = 2_000.0 * share / 3.0
    assert 0.8 * (share * eth + received) == pytest.approx(debt)


def test_floats_in_floats_out_arrays_in_arrays_out():
    leverages = np.array([2.0, 3.0])
    assert isinstance(lp.stable_debt(leverage=3.0, liquidation_threshold=0.8), float)
    many = lp.mixed_debt(
        leverage=leverages[:, None],
        volatile_debt_share=np.array([0.0, 0.5, 1.0]),
        liquidation_threshold=0.8,
    )
    assert many.lower.shape == many.upper.shape == (2, 3)
    one = lp.mixed_debt(leverage=3.0, volatile_debt_share=0.5, liquidation_threshold=0.8)
    assert (many.lower[1, 1], many.upper[1, 1]) == one
    ranges = lp.concentrated(
        leverage=leverages,
        volatile_debt_share=0.5,
        liquidation_threshold=0.8,
        price_entry=1500.0,
        **RANGE,
    )
    assert ranges.lower.shape == (2,)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: lp.stable_debt(leverage=5.1, liquidation_threshold=0.8), "leverage"),
        (lambda: lp.stable_debt(leverage=0.9, liquidation_threshold=0.8), "leverage"),
        (lambda: lp.volatile_debt(leverage=2, liquidation_threshold=1.1), "liquidation_threshold"),
        (
            lambda: lp.mixed_debt(leverage=2, volatile_debt_share=-1, liquidation_threshold=0.8),
            "volatile_debt_share",
        ),
        (
            lambda: lp.lending_long(collateral_quantity=0, debt_usd=1, liquidation_threshold=0.8),
            "collateral_quantity",
        ),
        (
            lambda: lp.lending_short(collateral_usd=1, debt_quantity=0, liquidation_threshold=0.8),
            "debt_quantity",
        ),
        (lambda: lp.loop_leverage(ltv=1.0, loops=3), "ltv"),
        (
            lambda: lp.years_by_interest(
                debt_ratio=0.9, liquidation_threshold=0.8, borrow_rate=0.1, position_yield=0.0
            ),
            "debt_ratio",
        ),
        (lambda: lp.homora_health_ratio(pool_share=1.1, swap_fee=0.003), "pool_share"),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
