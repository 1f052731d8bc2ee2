"""
Fitting processes to what was observed: estimates, each with its standard error.

Every fit takes plain arrays and gives an `Estimate` for each parameter of the process that bears
its name, in the process's own units (rates per year). Standard errors are those of the method
stated; they measure sampling alone and not whether the process is the right one, and a drift's is
as wide as the sample is short: with volatility 0.8 ten years leave 0.25 of doubt about a drift.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from headframe.analytics.domain import require_positive
from headframe.errors import InputError
from headframe.types import Array
from headframe.units import YEAR_S

FEWEST = 30
"""Fewer observations than this are not fitted."""


@dataclass(frozen=True)
class Estimate:
    """A number and its standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Fit:
    """Estimates by parameter, how many observations they rest on, and the likelihood reached."""

    estimates: dict[str, Estimate]
    n: int
    log_likelihood: float


def fit_gbm(log_returns: Array, *, dt_s: float) -> Fit:
    """
    Drift and volatility of geometric Brownian motion from log returns over steps of `dt_s`.

        sigma^2 = Var(r) / dt,   mu = mean(r) / dt + sigma^2 / 2

    The volatility's error allows for fat tails: sigma / 2 sqrt((kurtosis - 1) / n), which is
    sigma / sqrt(2 n) for normal returns. The drift's is sigma / sqrt(T).
    """
    returns, dt = _returns(log_returns, dt_s)
    n, mean, sd = returns.size, float(returns.mean()), float(returns.std())
    if sd == 0.0:
        raise InputError("log_returns", 0.0, "returns that vary")
    kurtosis = float(np.mean(((returns - mean) / sd) ** 4))
    volatility = sd / math.sqrt(dt)
    volatility_se = 0.5 * volatility * math.sqrt((kurtosis - 1.0) / n)
    drift_se = math.hypot(volatility / math.sqrt(n * dt), volatility * volatility_se)
    drift = mean / dt + 0.5 * volatility**2
    fit = {
        "drift": Estimate(drift, drift_se),
        "volatility": Estimate(volatility, volatility_se),
    }
    return Fit(fit, n, float(np.sum(_log_normal(returns, mean, sd))))


def fit_jumps(log_returns: Array, *, dt_s: float) -> Fit:
    """
    Jump diffusion after Merton by maximum likelihood.

    A step's return is a mixture: with chance p = 1 - exp(-lambda dt) a normal (a + m, s^2 + d^2),
    else a normal (a, s^2). The drift is that of the price, jumps included:
    mu = (a + s^2 / 2 + ln(1 + p (exp(m + d^2 / 2) - 1))) / dt. Errors from the inverse of the
    observed information, carried over by the delta method. The jumps' deviation is held above a
    tenth of s: without a bound the likelihood of a mixture has no maximum (N. M. Kiefer, 1978).
    """
    from scipy.optimize import minimize

    returns, dt = _returns(log_returns, dt_s)
    centre, sd = float(returns.mean()), float(returns.std())
    bounds = [(-3.0, 3.0), (-4.0, 1.0), (-9.0, 0.0), (-8.0, 8.0), (-2.3, 4.0)]
    starts = [(0.0, -0.4, math.log(p), m, 0.7) for p, m in ((0.03, -0.5), (0.2, 0.0))]

    def loss(x: Array) -> float:
        return -float(np.sum(_log_mixture(returns, _natural(x, centre, sd))))

    runs = [minimize(loss, start, bounds=bounds, method="L-BFGS-B") for start in starts]
    best = min(runs, key=lambda run: float(run.fun))
    covariance = np.asarray(np.linalg.pinv(_hessian(loss, best.x)), np.float64)

    def told(x: Array) -> Array:
        return _jump_parameters(_natural(x, centre, sd), dt)

    values, errors = told(best.x), _delta(told, best.x, covariance)
    names = ("drift", "volatility", "jumps_per_year", "jump_mean", "jump_sd")
    fit = {k: Estimate(float(v), float(e)) for k, v, e in zip(names, values, errors, strict=True)}
    return Fit(fit, returns.size, -float(best.fun))


def fit_ou(before: Array, after: Array, *, dt_s: float) -> Fit:
    """
    Mean, half-life and volatility of an Ornstein-Uhlenbeck process from pairs `dt_s` apart.

        after = mean + b (before - mean) + e,   b = 2^(-dt / half-life),
        sigma^2 = Var(e) 2 k / (1 - b^2),  k = ln 2 / half-life

    Least squares, which is maximum likelihood given the first value; errors by the delta method.
    Pairs, and not a series, so that a hole in the data costs one pair. Small samples overstate the
    speed of the return. Refused where b is not between 0 and 1: nothing returns.
    """
    require_positive(dt_s=dt_s)
    if before.size < FEWEST:
        raise InputError("pairs", int(before.size), f"at least {FEWEST}")
    design = np.column_stack([np.ones(before.size), before])
    (a, b), residuals, covariance = _least_squares(design, after)
    if not 0.0 < b < 1.0:
        raise InputError("return to the mean", round(float(b), 4), "an autocorrelation in (0, 1)")
    n, dt = before.size, dt_s / YEAR_S
    sd = float(residuals.std())

    def told(x: Array) -> Array:
        half_life_s = -dt_s * math.log(2.0) / math.log(x[1])
        k = -math.log(x[1]) / dt
        volatility = x[2] * math.sqrt(2.0 * k / (1.0 - x[1] ** 2))
        return np.array([x[0] / (1.0 - x[1]), half_life_s, volatility])

    at = np.array([a, b, sd])
    spread = np.zeros((3, 3))
    spread[:2, :2] = covariance
    spread[2, 2] = sd**2 / (2.0 * n)
    errors = _delta(told, at, spread)
    names = ("mean", "half_life_s", "volatility")
    fit = {k: Estimate(float(v), float(e)) for k, v, e in zip(names, told(at), errors, strict=True)}
    return Fit(fit, n, float(np.sum(_log_normal(residuals, 0.0, sd))))


def fit_hash_rate(log_hash_rate: Array, log_hashprice: Array, *, dt_s: float) -> Fit:
    """
    How a network's hash rate follows hashprice: elasticity, lag, progress and volatility.

        ln H' - ln H = pull (c + progress t + elasticity ln h - ln H) + e
        pull = 1 - exp(-dt / lag)

    Least squares on means over windows of `dt_s`, which should be a few weeks: daily hash rates are
    block counts, with 8 % of noise. Errors by the delta method; they are wide, since hash rate and
    hashprice share one long trend.
    """
    require_positive(dt_s=dt_s)
    n = log_hash_rate.size - 1
    if n < FEWEST:
        raise InputError("windows", n + 1, f"at least {FEWEST + 1}")
    dt = dt_s / YEAR_S
    years = dt * np.arange(n)
    now = log_hash_rate[:-1]
    design = np.column_stack([np.ones(n), years, log_hashprice[:-1], now])
    at, residuals, covariance = _least_squares(design, np.diff(log_hash_rate))
    if not -1.0 < at[3] < 0.0:
        raise InputError("return to what pays", round(float(-at[3]), 4), "a pull in (0, 1)")
    sd = float(residuals.std())

    def told(x: Array) -> Array:
        lag_s = -dt_s / math.log1p(x[3])
        lag = lag_s / YEAR_S
        held = 1.0 + x[3]
        volatility = x[4] / math.sqrt(0.5 * lag * (1.0 - held * held))
        return np.array([-x[2] / x[3], lag_s, -x[1] / x[3], volatility])

    point = np.append(at, sd)
    spread = np.zeros((5, 5))
    spread[:4, :4] = covariance
    spread[4, 4] = sd**2 / (2.0 * n)
    errors = _delta(told, point, spread)
    names = ("elasticity", "lag_s", "progress", "volatility")
    values = zip(names, told(point), errors, strict=True)
    fit = {k: Estimate(float(v), float(e)) for k, v, e in values}
    return Fit(fit, n, float(np.sum(_log_normal(residuals, 0.0, sd))))


# the mixture of the jump diffusion -------------------------------------------------------------


def _natural(x: Array, centre: float, sd: float) -> tuple[float, float, float, float, float]:
    """a, s, p, m, d from what the search moves: everything in units of the sample's deviation."""
    a, log_s, log_p, m, log_d = (float(v) for v in x)
    s = sd * math.exp(log_s)
    return centre + a * sd, s, math.exp(log_p), m * sd, s * math.exp(log_d)


def _log_mixture(returns: Array, natural: tuple[float, float, float, float, float]) -> Array:
    a, s, p, m, d = natural
    calm = math.log1p(-min(p, 0.999)) + _log_normal(returns, a, s)
    jump = math.log(p) + _log_normal(returns, a + m, math.hypot(s, d))
    return np.logaddexp(calm, jump)


def _jump_parameters(natural: tuple[float, float, float, float, float], dt: float) -> Array:
    a, s, p, m, d = natural
    drift = (a + 0.5 * s * s + math.log1p(p * math.expm1(m + 0.5 * d * d))) / dt
    return np.array([drift, s / math.sqrt(dt), -math.log1p(-p) / dt, m, d])


# what every fit needs --------------------------------------------------------------------------


def _returns(log_returns: Array, dt_s: float) -> tuple[Array, float]:
    require_positive(dt_s=dt_s)
    if log_returns.size < FEWEST:
        raise InputError("log_returns", int(log_returns.size), f"at least {FEWEST}")
    return np.asarray(log_returns, np.float64), dt_s / YEAR_S


def _log_normal(x: Array, mean: float, sd: float) -> Array:
    return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2.0 * math.pi)


def _least_squares(design: Array, target: Array) -> tuple[Array, Array, Array]:
    """Coefficients, residuals, and the coefficients' covariance for errors of unequal variance."""
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ design.T @ target
    residuals = target - design @ coefficients
    freedom = target.size / (target.size - design.shape[1])
    meat = (design * residuals[:, None] ** 2).T @ design
    return coefficients, residuals, freedom * bread @ meat @ bread


def _hessian(loss: Callable[[Array], float], at: Array, step: float = 1e-3) -> Array:
    """Second derivatives by central differences."""
    size = at.size
    shifts = step * np.eye(size)
    out = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            up, down = shifts[i] + shifts[j], shifts[i] - shifts[j]
            sum_ = loss(at + up) + loss(at - up) - loss(at + down) - loss(at - down)
            out[i, j] = out[j, i] = sum_ / (4.0 * step * step)
    return out


def _delta(told: Callable[[Array], Array], at: Array, covariance: Array) -> Array:
    """Standard errors of a function of estimates: sqrt(diag(J C J')), J by central differences."""
    columns = []
    for k in range(at.size):
        shift = np.zeros(at.size)
        shift[k] = 1e-5 * max(abs(float(at[k])), 1e-3)
        columns.append((told(at + shift) - told(at - shift)) / (2.0 * shift[k]))
    slope = np.column_stack(columns)
    variances: Array = np.einsum("ij,jk,ik->i", slope, covariance, slope)
    return np.sqrt(np.maximum(variances, 0.0))
