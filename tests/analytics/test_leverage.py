"""
Sources of expected values: Francium's 3x example (40 % of equity left at -36 %); Alpaca Finance's
market-neutral vault (3x borrows 1.5 and 0.5) and daily compounding; the developer guide of Homora
v2; a table of equities computed separately.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import leverage as lev
from headframe.errors import InputError

TABLE = [
    # leverage, share of debt in the volatile token, equity at k = .5, .8, 1.25, 2, delta, gamma
    (2.0, 0.0, (0.414214, 0.788854, 1.236068, 1.828427), 1.0, -0.5),
    (3.0, 0.0, (0.121320, 0.683282, 1.354102, 2.242641), 1.5, -0.75),
    (3.0, 1.0, (1.121320, 1.083282, 0.854102, 0.242641), -0.5, -0.75),
    (3.0, 0.75, (0.871320, 0.983282, 0.979102, 0.742641), 0.0, -0.75),
    (2.0, 1.0, (0.914214, 0.988854, 0.986068, 0.828427), 0.0, -0.5),
]


def test_the_examples_run():
    outcome = doctest.testmod(lev)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("leverage", "share", "equities", "delta", "gamma"), TABLE)
def test_equity_delta_gamma_table(leverage, share, equities, delta, gamma):
    farm = {"leverage": leverage, "volatile_debt_share": share}
    ratios = np.array([0.5, 0.8, 1.25, 2.0])
    np.testing.assert_allclose(lev.equity(ratios, **farm), equities, atol=5e-7)
    assert lev.equity(1.0, **farm) == 1.0
    assert lev.delta(1.0, **farm) == pytest.approx(delta, abs=1e-15)
    assert lev.gamma(1.0, leverage=leverage) == gamma


@pytest.mark.parametrize("price_ratio", [0.3, 1.0, 2.7])
def test_delta_and_gamma_are_the_derivatives_of_equity_anywhere(price_ratio):
    farm = {"leverage": 4.0, "volatile_debt_share": 0.6}
    h = 1e-4
    below, here, above = (lev.equity(price_ratio + d, **farm) for d in (-h, 0.0, h))
    slope, curvature = (above - below) / (2 * h), (above - 2 * here + below) / h**2
    assert lev.delta(price_ratio, **farm) == pytest.approx(slope, abs=1e-6)
    assert lev.gamma(price_ratio, leverage=4.0) == pytest.approx(curvature, abs=1e-5)


def test_without_debt_a_farm_is_the_pool():
    bare = {"leverage": 1.0, "volatile_debt_share": 0.7}
    assert lev.equity(4.0, **bare) == 2.0
    assert lev.delta(4.0, **bare) == 0.25
    assert lev.gamma(4.0, leverage=1.0) == -1 / 32
    assert lev.debt_ratio(4.0, **bare) == 0.0
    rates = {"farming_apr": 0.4, "trading_fee_apr": 0.1, "reward_apr": 9.0, "borrow_apr": 9.0}
    assert lev.farm_apr(**rates, leverage=1.0) == 0.5


def test_francium_example():
    farm = {"leverage": 3.0, "volatile_debt_share": 0.0}
    assert lev.equity(0.64, **farm) == pytest.approx(0.4, abs=1e-12)
    assert lev.debt_ratio(0.64, **farm) == pytest.approx(5 / 6, abs=1e-12)


def test_openworld_debt_ratio():
    # 20,000 own, 40,000 A borrowed at 0.5: 20,000 of 30,000; A to 0.6, B from 2 to 1.5. In B, the
    # price of A goes to 1.6 times, all debt in A: 84.327 %.
    found = lev.debt_ratio(1.6, leverage=3.0, volatile_debt_share=1.0)
    assert found == pytest.approx(0.84327, abs=5e-6)


def test_debt_split_for_no_exposure():
    assert lev.delta_neutral_share(2.0) == 1.0
    assert lev.delta_neutral_share(3.0) == 0.75
    assert lev.delta_neutral_debt(3.0) == (1.5, 0.5)
    for leverage in (2.0, 2.5, 6.0):
        share = lev.delta_neutral_share(leverage)
        opened = lev.delta(1.0, leverage=leverage, volatile_debt_share=share)
        assert opened == pytest.approx(0.0, abs=1e-15)
        split = lev.delta_neutral_debt(leverage)
        assert split.volatile == pytest.approx(share * (leverage - 1.0))
        assert split.stable == pytest.approx((1.0 - share) * (leverage - 1.0))


def test_farm_apr():
    found = lev.farm_apr(
        farming_apr=0.4, trading_fee_apr=0.1, reward_apr=0.0, borrow_apr=0.15, leverage=3.0
    )
    assert found == pytest.approx(1.20, abs=1e-15)
    paid_to_borrow = lev.farm_apr(
        farming_apr=0.4, trading_fee_apr=0.1, reward_apr=0.05, borrow_apr=0.15, leverage=3.0
    )
    assert paid_to_borrow == pytest.approx(1.30, abs=1e-15)


def test_compounding():
    assert lev.daily_compounded_apy(1.20) == pytest.approx(2.3136, abs=5e-5)
    assert lev.continuous_apy(0.1) == pytest.approx(0.10517, abs=5e-6)
    assert lev.compounded_apy(0.1, compounds_per_year=1.0) == pytest.approx(0.1)
    assert lev.compounded_apy(-3.0, compounds_per_year=4.0) == 0.25**4 - 1
    often = lev.compounded_apy(0.1, compounds_per_year=1e7)
    assert often == pytest.approx(lev.continuous_apy(0.1), rel=1e-7)


def test_floats_in_floats_out_arrays_in_arrays_out():
    ratios = np.array([0.5, 2.0])
    farm = {"leverage": 3.0, "volatile_debt_share": 0.5}
    for formula in (lev.equity, lev.delta, lev.debt_ratio):
        assert isinstance(formula(2.0, **farm), float)
        assert formula(ratios, **farm)[1] == formula(2.0, **farm)
    assert lev.equity(2.0, leverage=np.array([2.0, 3.0]), volatile_debt_share=0.0).shape == (2,)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: lev.equity(-1.0, leverage=2.0, volatile_debt_share=0.0), "price_ratio"),
        (lambda: lev.delta(1.0, leverage=0.5, volatile_debt_share=0.0), "leverage"),
        (lambda: lev.debt_ratio(1.0, leverage=2.0, volatile_debt_share=1.1), "volatile_debt_share"),
        (lambda: lev.delta_neutral_share(1.9), "leverage"),
        (lambda: lev.delta_neutral_debt(1.9), "leverage"),
        (lambda: lev.compounded_apy(0.1, compounds_per_year=0.0), "compounds_per_year"),
        (lambda: lev.compounded_apy(-3.0, compounds_per_year=2.0), "apr_per_compound"),
        (lambda: lev.gamma(-1.0, leverage=2.0), "price_ratio"),
        (lambda: lev.gamma(1.0, leverage=0.9), "leverage"),
        (
            lambda: lev.farm_apr(
                farming_apr=0, trading_fee_apr=0, reward_apr=0, borrow_apr=0, leverage=0.9
            ),
            "leverage",
        ),
        (lambda: lev.continuous_apy(np.nan), "apr"),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
