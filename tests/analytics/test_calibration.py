"""
Fits against samples whose parameters are known.

A fit is tried on many samples drawn from its own process: its mean must lie within 4 standard
errors of the truth, and its own standard error must be the scatter of the estimates.
"""

import math

import numpy as np
import pytest

from headframe.analytics import calibration as fits
from headframe.errors import InputError
from headframe.units import DAY_S, YEAR_S

DT = DAY_S / YEAR_S


def tried(draw, fit, truth, *, n_samples, bias=None):
    """Fit many samples: means are near the truth, stated errors near the scatter."""
    found = [fit(draw(np.random.default_rng(seed))).estimates for seed in range(n_samples)]
    for name, true in truth.items():
        values = np.array([one[name].value for one in found])
        errors = np.array([one[name].se for one in found])
        scatter = values.std(ddof=1)
        allowed = 4.0 * scatter / math.sqrt(n_samples) + (bias or {}).get(name, 0.0)
        assert abs(values.mean() - true) < allowed, (name, values.mean(), true)
        # the scatter itself is known to 1 / sqrt(2 n); the median error stands for the errors
        assert 0.6 < np.median(errors) / scatter < 1.7, (name, np.median(errors), scatter)


def test_gbm():
    def draw(rng):
        return (0.4 - 0.32) * DT + 0.8 * math.sqrt(DT) * rng.standard_normal(2_000)

    truth = {"drift": 0.4, "volatility": 0.8}
    tried(draw, lambda r: fits.fit_gbm(r, dt_s=DAY_S), truth, n_samples=200)


def test_gbms_volatility_error_knows_fat_tails():
    def draw(rng):
        return 0.05 * rng.standard_t(5, 2_000)

    sd = 0.05 * math.sqrt(5.0 / 3.0)
    truth = {"volatility": sd / math.sqrt(DT)}
    tried(draw, lambda r: fits.fit_gbm(r, dt_s=DAY_S), truth, n_samples=200)


def test_gbm_of_four_numbers_by_hand():
    returns = np.tile([0.02, -0.01], 20)
    fit = fits.fit_gbm(returns, dt_s=DAY_S)
    sd = 0.015
    assert fit.estimates["volatility"].value == pytest.approx(sd * math.sqrt(365.0))
    assert fit.estimates["drift"].value == pytest.approx(0.005 * 365 + 0.5 * sd**2 * 365)
    # a two-point distribution has a kurtosis of 1: its deviation is known without error
    assert fit.estimates["volatility"].se == pytest.approx(0.0, abs=1e-6)
    assert fit.n == 40


def jumpy(rng, n=3_000):
    p = -math.expm1(-30.0 * DT)
    growth = math.expm1(-0.04 + 0.5 * 0.1**2)
    drift = (0.3 - 0.5 * 0.6**2) * DT - math.log1p(p * growth)
    calm = drift + 0.6 * math.sqrt(DT) * rng.standard_normal(n)
    return calm + (rng.random(n) < p) * (-0.04 + 0.1 * rng.standard_normal(n))


def test_jumps():
    truth = {
        "drift": 0.3,
        "volatility": 0.6,
        "jumps_per_year": 30.0,
        "jump_mean": -0.04,
        "jump_sd": 0.1,
    }
    tried(jumpy, lambda r: fits.fit_jumps(r, dt_s=DAY_S), truth, n_samples=12)


def test_jumps_beat_no_jumps_where_there_are_some():
    returns = jumpy(np.random.default_rng(1))
    better = fits.fit_jumps(returns, dt_s=DAY_S).log_likelihood
    assert better - fits.fit_gbm(returns, dt_s=DAY_S).log_likelihood > 100.0


def test_ou():
    b, k = 2.0**-0.2, math.log(2.0) / 5.0 * 365.0
    sd = 0.7 * math.sqrt((1.0 - b * b) / (2.0 * k))

    def draw(rng):
        x = np.empty(3_000)
        x[0] = 0.2
        for i, z in enumerate(rng.standard_normal(2_999)):
            x[i + 1] = 0.2 + b * (x[i] - 0.2) + sd * z
        return x

    truth = {"mean": 0.2, "half_life_s": 5 * DAY_S, "volatility": 0.7}
    # b is biased by -(1 + 3 b) / n (Kendall, 1954), the half-life by as much times its slope
    bias = {"half_life_s": (1 + 3 * b) / 3_000 * 5 * DAY_S / (b * -math.log(b))}
    tried(draw, lambda x: fits.fit_ou(x[:-1], x[1:], dt_s=DAY_S), truth, n_samples=80, bias=bias)


def test_what_does_not_return_is_refused():
    walk = np.cumsum(np.random.default_rng(3).standard_normal(500)) + np.arange(500.0)
    with pytest.raises(InputError, match=r"autocorrelation in \(0, 1\)"):
        fits.fit_ou(walk[:-1], walk[1:], dt_s=DAY_S)


def test_hash_rate():
    pull, elasticity, progress, c = 1.0 - math.exp(-0.2), 0.8, 0.3, 2.0
    dt_s = 28 * DAY_S
    sd = 0.4 * math.sqrt(0.5 * (140 / 365.0) * (1.0 - math.exp(-0.4)))

    def draw(rng):
        price = np.cumsum(0.15 * rng.standard_normal(400))
        level, pays = np.empty(400), np.empty(400)
        level[0] = 3.0
        for i in range(400):
            # the difficulty is the hash rate, so hashprice is revenue over hash rate
            pays[i] = price[i] - level[i] + 3.0
            wanted = c + progress * i * dt_s / YEAR_S + elasticity * pays[i]
            if i < 399:
                level[i + 1] = level[i] + pull * (wanted - level[i]) + sd * rng.standard_normal()
        return level, pays

    truth = {"elasticity": 0.8, "lag_s": 140 * DAY_S, "progress": 0.3, "volatility": 0.4}
    fit = lambda drawn: fits.fit_hash_rate(*drawn, dt_s=dt_s)  # noqa: E731
    bias = {"lag_s": 10 * DAY_S, "volatility": 0.02}
    tried(draw, fit, truth, n_samples=60, bias=bias)


@pytest.mark.parametrize(
    "fit",
    [
        lambda: fits.fit_gbm(np.zeros(10), dt_s=DAY_S),
        lambda: fits.fit_gbm(np.zeros(100), dt_s=DAY_S),
        lambda: fits.fit_gbm(np.arange(100.0), dt_s=0.0),
        lambda: fits.fit_jumps(np.zeros(3), dt_s=DAY_S),
        lambda: fits.fit_ou(np.zeros(3), np.zeros(3), dt_s=DAY_S),
        lambda: fits.fit_hash_rate(np.zeros(3), np.zeros(3), dt_s=DAY_S),
    ],
)
def test_samples_that_tell_nothing_are_refused(fit):
    with pytest.raises(InputError):
        fit()
