"""
Sources of expected values: Monte Carlo with a Brownian bridge and an independent quadrature (the
numbers to ten digits were computed elsewhere), classical identities, and simulations below whose
bound is stated at each test.
"""

import doctest

import numpy as np
import pytest

from headframe.analytics import first_passage as fp
from headframe.errors import InputError

WORLD = {"volatility": 0.8, "price_drift": 0.0}
MONTH, QUARTER = 30 / 365, 90 / 365
FIXED_LOG = 0.8**2 / 2
"""The price drift at which the price's logarithm has none."""


def test_the_examples_run():
    outcome = doctest.testmod(fp)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("ratio", "years", "chance"),
    [
        (0.64, MONTH, 0.0642776023),
        (0.64, QUARTER, 0.3229585114),
        (0.625, QUARTER, 0.2960659209),
        (1.0, QUARTER, 1.0),
        (1.2, 0.0, 1.0),
        (0.64, 0.0, 0.0),
    ],
)
def test_down(ratio, years, chance):
    found = fp.down(barrier_ratio=ratio, years=years, **WORLD)
    assert found == pytest.approx(chance, abs=5e-11)


def test_zero_drift_of_price_is_not_zero_drift_of_its_logarithm():
    found = fp.down(barrier_ratio=0.64, volatility=0.8, price_drift=FIXED_LOG, years=MONTH)
    assert found == pytest.approx(0.0516723323, abs=5e-11)


def test_up():
    found = fp.up(barrier_ratio=1.5625, years=MONTH, **WORLD)
    assert found == pytest.approx(0.0411376655, abs=5e-11)
    # A price without drift that never stops is a martingale: it ever doubles with probability 1/2.
    assert fp.up(barrier_ratio=2.0, years=1e4, **WORLD) == pytest.approx(0.5, abs=1e-9)


def test_strong_drifts_neither_overflow_nor_lose_the_answer():
    for drift, ever in ((-900.0, 1.0), (900.0, 0.5 ** (2 * (900.0 - 0.005) / 0.01))):
        found = fp.down(barrier_ratio=0.5, volatility=0.1, price_drift=drift, years=5.0)
        assert found == pytest.approx(ever, abs=1e-300)


def test_either_side():
    found = fp.either(lower_ratio=0.6, upper_ratio=1.6, years=QUARTER, **WORLD)
    assert found == pytest.approx(0.4377581838, abs=5e-11)
    assert fp.either(lower_ratio=1.0, upper_ratio=1.6, years=QUARTER, **WORLD) == 1.0
    assert fp.either(lower_ratio=0.6, upper_ratio=0.9, years=QUARTER, **WORLD) == 1.0
    assert fp.either(lower_ratio=0.6, upper_ratio=1.6, years=0.0, **WORLD) == 0.0


@pytest.mark.parametrize("drift", [-20.0, -3.0, 0.0, 0.32, 3.0, 20.0])
def test_images_and_sines_agree_where_both_hold(drift, monkeypatch):
    band = {"lower_ratio": 0.6, "upper_ratio": 1.6, "volatility": 0.8, "price_drift": drift}
    years = np.linspace(0.3, 0.9, 13)  # 0.2 to 0.6 of width^2/sigma^2, on both sides of SPLIT
    monkeypatch.setattr(fp, "SPLIT", 1e9)
    images = fp.either(years=years, **band)
    monkeypatch.setattr(fp, "SPLIT", 1e-9)
    sines = fp.either(years=years, **band)
    np.testing.assert_allclose(images, sines, rtol=0, atol=1e-14)


def test_either_side_keeps_its_digits_at_short_times():
    # Hours to go: touching both is out of the question, and the chance is 4e-77.
    years = 1e-3
    both = fp.either(lower_ratio=0.6, upper_ratio=1.6, years=years, **WORLD)
    apart = fp.down(barrier_ratio=0.6, years=years, **WORLD)
    apart += fp.up(barrier_ratio=1.6, years=years, **WORLD)
    assert 0.0 < both < 1e-70
    assert both == pytest.approx(apart, rel=1e-12)


def test_either_side_with_one_side_far_away_is_the_other():
    far = fp.either(lower_ratio=0.64, upper_ratio=1e9, years=np.array([0.1, 10.0]), **WORLD)
    near = fp.down(barrier_ratio=0.64, years=np.array([0.1, 10.0]), **WORLD)
    np.testing.assert_allclose(far, near, rtol=1e-12)


def bridge_survival(before, after, variance):
    """Chance that a Brownian bridge between two heights above 0 stays above 0."""
    safe = (before > 0) & (after > 0)
    return np.where(safe, -np.expm1(-2 * np.maximum(before * after, 0) / variance), 0.0)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_moving_barrier_against_a_simulated_farm(share):
    # A threefold farm, its debt in the stable (0) or the volatile (1) token, interest 150 % and
    # yield 20 %, to make them matter; threshold 5/6. Its health, ln(LT assets/debt), has half of
    # sigma for its volatility either way; bridges fill in between the steps. 100,000 paths of 6
    # steps, within 4 standard errors; with a fixed barrier the answer would be 100 of them away.
    leverage, threshold, interest, farmed, years, steps = 3.0, 5 / 6, 1.5, 0.2, QUARTER, 6
    rng = np.random.default_rng(3)
    dt, n = years / steps, 100_000

    def health(k, t):
        assets = leverage * np.sqrt(k) * np.exp(farmed * t)
        return np.log(threshold * assets / ((leverage - 1) * k**share * np.exp(interest * t)))

    k, survival = np.ones(n), np.ones(n)
    for step in range(steps):
        moved = k * np.exp(0.8 * np.sqrt(dt) * rng.standard_normal(n) - 0.32 * dt)
        ends = health(k, step * dt), health(moved, (step + 1) * dt)
        survival *= bridge_survival(*ends, 0.4**2 * dt)
        k = moved
    error = survival.std() / np.sqrt(n)
    growth = fp.debt_barrier_growth(borrow_rate=interest, position_yield=farmed)
    assert growth == pytest.approx(2 * (interest - farmed))
    if share == 0.0:
        found = fp.moving_down(barrier_ratio=0.64, barrier_growth=growth, years=years, **WORLD)
        fixed = fp.down(barrier_ratio=0.64, years=years, **WORLD)
    else:
        found = fp.moving_up(barrier_ratio=1.5625, barrier_growth=-growth, years=years, **WORLD)
        fixed = fp.up(barrier_ratio=1.5625, years=years, **WORLD)
    assert abs(found - (1 - survival.mean())) < 4 * error
    assert abs(found - fixed) > 100 * error


def test_barrier_growth_of_other_positions():
    plain = fp.debt_barrier_growth(borrow_rate=0.2, position_yield=0.05, price_exponent=1.0)
    assert plain == pytest.approx(0.15)
    heavy = fp.debt_barrier_growth(borrow_rate=0.2, position_yield=0.05, price_exponent=0.8)
    assert heavy == pytest.approx(0.1875)


def test_a_barrier_that_moves_with_the_price_s_own_drift_is_a_fixed_one():
    found = fp.moving_down(
        barrier_ratio=0.64, barrier_growth=0.7, volatility=0.8, price_drift=0.7, years=MONTH
    )
    assert found == pytest.approx(fp.down(barrier_ratio=0.64, years=MONTH, **WORLD), rel=1e-14)


def test_monitored_daily():
    found = fp.monitored_down(barrier_ratio=0.64, years=MONTH, dates=30, **WORLD)
    assert found.shape == (30,)
    assert found[-1] == pytest.approx(0.051621, abs=5e-7)


def test_monitored_by_two_normals():
    # One date: a normal probability. Two: a normal probability in the plane.
    from scipy.stats import multivariate_normal, norm

    years, level = MONTH, np.log(0.64)
    step = 0.8 * np.sqrt(years / 2)
    means = -0.32 * years * np.array([0.5, 1.0])
    # Both dates above the level: mirror both, and ask for both below.
    law = multivariate_normal(mean=-means, cov=step**2 * np.array([[1.0, 1.0], [1.0, 2.0]]))
    first = norm.cdf((level - means[0]) / step)
    second = 1 - law.cdf([-level, -level])
    found = fp.monitored_down(barrier_ratio=0.64, years=years, dates=2, **WORLD)
    np.testing.assert_allclose(found, [first, second], rtol=0, atol=1e-7)
    assert found[0] == pytest.approx(first, rel=1e-14)


@pytest.mark.parametrize(
    ("watch", "ratio", "drift", "dates"),
    [
        (fp.monitored_down, 0.9, -1.0, 12),
        (fp.monitored_up, 1.3, 2.0, 12),
        (fp.monitored_down, 0.98, 9.0, 5),
    ],
)
def test_monitored_against_simulation(watch, ratio, drift, dates):
    # 200,000 plain paths; every date's probability within 4 standard errors (about 0.4 %).
    rng = np.random.default_rng(17)
    n, dt = 200_000, 0.5 / dates
    moves = 0.8 * np.sqrt(dt) * rng.standard_normal((dates, n)) + (drift - 0.32) * dt
    logs = np.cumsum(moves, axis=0)
    extreme = np.minimum.accumulate(logs) if ratio < 1 else -np.maximum.accumulate(logs)
    simulated = (extreme <= -abs(np.log(ratio))).mean(axis=1)
    error = np.sqrt(simulated * (1 - simulated) / n)
    found = watch(barrier_ratio=ratio, volatility=0.8, price_drift=drift, years=0.5, dates=dates)
    assert (np.abs(found - simulated) < 4 * error).all()


def test_monitored_far_barrier_that_the_drift_runs_into():
    # So steep that what has fallen below stays below: each date is one normal probability, but for
    # about 1e-7 that is back above by the next.
    from scipy.stats import norm

    found = fp.monitored_down(
        barrier_ratio=0.5, volatility=0.05, price_drift=-1.0, years=1.0, dates=4
    )
    t = np.array([0.25, 0.5, 0.75, 1.0])
    expected = norm.cdf((np.log(0.5) + (1.0 + 0.05**2 / 2) * t) / (0.05 * np.sqrt(t)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert 0.9 < found[2] < 0.93


@pytest.mark.parametrize("drift", [-4.0, 0.0, 40.0])
def test_quadrature_does_not_depend_on_its_grid(drift, monkeypatch):
    case = {"volatility": 0.8, "price_drift": drift, "years": QUARTER, "dates": 90}
    coarse = fp.monitored_down(barrier_ratio=0.97, **case)
    monkeypatch.setattr(fp, "PANEL", 1.0)
    monkeypatch.setattr(fp, "NODES", 16)
    monkeypatch.setattr(fp, "TAIL", 11.0)
    fine = fp.monitored_down(barrier_ratio=0.97, **case)
    np.testing.assert_allclose(coarse, fine, rtol=0, atol=5e-14)


def test_monitored_ever_more_often_comes_to_be_watched_without_pause():
    whole = fp.down(barrier_ratio=0.64, years=MONTH, **WORLD)
    often, oftener = (
        fp.monitored_down(barrier_ratio=0.64, years=MONTH, dates=n, **WORLD)[-1]
        for n in (400, 1600)
    )
    assert often < oftener < whole
    # The gap closes as the square root of the interval, up to a term in the interval itself.
    assert (whole - often) / (whole - oftener) == pytest.approx(2.0, rel=0.03)


def test_monitored_far_and_reached_barriers():
    far = fp.monitored_down(barrier_ratio=1e-6, volatility=0.01, price_drift=0, years=1, dates=12)
    assert not far.any()
    reached = fp.monitored_up(barrier_ratio=1.0, years=1.0, dates=3, **WORLD)
    assert reached.tolist() == [1.0, 1.0, 1.0]


def test_shifted_barrier_is_an_approximation():
    shifted = fp.monitored_down_by_shifted_barrier(
        barrier_ratio=np.array([0.64, 1.0]), years=MONTH, dates=30, **WORLD
    )
    assert shifted[0] == pytest.approx(0.05055, abs=5e-6)
    assert shifted[1] == 1.0
    exact = fp.monitored_down(barrier_ratio=0.64, years=MONTH, dates=3000, **WORLD)[-1]
    close = fp.monitored_down_by_shifted_barrier(
        barrier_ratio=0.64, years=MONTH, dates=3000, **WORLD
    )
    assert close == pytest.approx(exact, rel=3e-4)


def test_overshoot_is_zeta_of_one_half():
    # By the alternating series: zeta(1/2) = eta(1/2)/(1 - sqrt 2), its partial sums averaged.
    n = np.arange(1, 200_002)
    partial = np.cumsum((-1.0) ** (n - 1) / np.sqrt(n))
    means = (partial[:-1] + partial[1:]) / 2
    zeta_half = (means[-1] + means[-2]) / 2 / (1 - np.sqrt(2))
    assert zeta_half == pytest.approx(-1.4603545, abs=1e-6)
    assert -zeta_half / np.sqrt(2 * np.pi) == pytest.approx(fp.OVERSHOOT, abs=1e-8)


def test_distribution_density_mean_and_quantile_belong_together():
    world = {"barrier_ratio": 0.64, "volatility": 0.8, "price_drift": -0.5}
    years = np.linspace(0.0, 20.0, 200_001)
    chance = fp.down(years=years, **world)
    assert (np.diff(chance) >= 0).all()
    density = fp.down_density_per_year(years=years[1:], **world)
    slope = (chance[2:] - chance[:-2]) / (years[2:] - years[:-2])
    np.testing.assert_allclose(density[1000:-1], slope[1000:], rtol=1e-4)
    mean = np.trapezoid(1.0 - chance, years)
    assert fp.down_mean_years(**world) == pytest.approx(mean, rel=1e-4)
    for probability in (1e-12, 0.05, 0.5, 0.999):
        found = fp.down_quantile_years(probability=probability, **world)
        assert fp.down(years=found, **world) == pytest.approx(probability, rel=1e-9)


def test_quantile_of_the_golden_month():
    found = fp.down_quantile_years(probability=0.0642776023, barrier_ratio=0.64, **WORLD)
    assert found * 365 == pytest.approx(30.0, abs=1e-6)


def test_what_may_never_happen_takes_for_ever():
    rising = {"barrier_ratio": 0.64, "volatility": 0.8, "price_drift": 1.0}
    ever = 0.64 ** (2 * (1.0 - 0.32) / 0.8**2)
    assert fp.down(years=1e4, **rising) == pytest.approx(ever, rel=1e-9)
    assert fp.down_quantile_years(probability=ever * 1.0001, **rising) == np.inf
    assert fp.down_quantile_years(probability=ever * 0.99, **rising) < np.inf
    assert fp.down_mean_years(**rising) == np.inf
    still = {"barrier_ratio": 0.64, "volatility": 0.8, "price_drift": FIXED_LOG}
    assert fp.down_mean_years(**still) == np.inf
    assert fp.down_mean_years(barrier_ratio=0.64, **WORLD) == pytest.approx(
        -2 * np.log(0.64) / 0.64
    )


def test_floats_in_floats_out_arrays_in_arrays_out():
    years = np.array([[0.0, 0.1, 1.0]])
    for formula in (
        lambda t: fp.down(barrier_ratio=0.64, years=t, **WORLD),
        lambda t: fp.up(barrier_ratio=1.4, years=t, **WORLD),
        lambda t: fp.either(lower_ratio=0.5, upper_ratio=1.4, years=t, **WORLD),
        lambda t: fp.moving_down(barrier_ratio=0.64, barrier_growth=0.1, years=t, **WORLD),
    ):
        assert isinstance(formula(1.0), float)
        assert formula(years).shape == (1, 3)
        assert formula(years)[0, 2] == pytest.approx(formula(1.0), rel=1e-14)
    ratios = np.array([0.5, 0.9, 1.1])
    bands = fp.either(lower_ratio=ratios, upper_ratio=1.4, years=0.2, **WORLD)
    assert bands.shape == (3,)
    assert bands[2] == 1.0


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: fp.down(barrier_ratio=0.0, years=1.0, **WORLD), "barrier_ratio"),
        (lambda: fp.up(barrier_ratio=2, years=-1.0, **WORLD), "years"),
        (lambda: fp.down(barrier_ratio=0.5, years=1, volatility=0, price_drift=0), "volatility"),
        (
            lambda: fp.down(barrier_ratio=0.5, years=1, volatility=1, price_drift=np.nan),
            "price_drift",
        ),
        (lambda: fp.monitored_down(barrier_ratio=0.5, years=1, dates=0, **WORLD), "dates"),
        (lambda: fp.monitored_up(barrier_ratio=2, years=0.0, dates=3, **WORLD), "years"),
        (lambda: fp.down_mean_years(barrier_ratio=1.0, **WORLD), "barrier_ratio"),
        (
            lambda: fp.down_density_per_year(barrier_ratio=0.5, years=0.0, **WORLD),
            "years",
        ),
        (
            lambda: fp.down_quantile_years(probability=1.0, barrier_ratio=0.5, **WORLD),
            "probability",
        ),
        (
            lambda: fp.debt_barrier_growth(borrow_rate=0, position_yield=0, price_exponent=0),
            "price_exponent",
        ),
    ],
)
def test_impossible_input_is_refused_by_name(call, place):
    with pytest.raises(InputError) as refusal:
        call()
    assert refusal.value.place == place
