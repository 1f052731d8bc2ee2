"""
Fitting a price of power whose deviation has tails: quantiles first, then memory, then spikes.

Prices of power lie far from their season much more often than a normal deviation does, and not only
in a few spikes: a filter that calls everything beyond three deviations a spike finds hundreds of
small ones a year. Here the season is that of `calibration_power`; the rest, about its median, is
matched by its quantiles to a stretched normal,

    rest = S g(y),   g(y) = sinh(tail y) / tail,   a tail for each side

so that y = g^-1(rest / S) is nearly normal; the memory of y, over hours and over weeks, gives the
deviation and the slow level; what lies beyond three deviations even of y are the spikes. Sources:
N. L. Johnson (Biometrika 36, 1949) for the stretching and its fit by quantiles; E. Schwartz and J.
Smith (Management Science 46, 2000) for the two memories.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.analytics.calibration import FEWEST, Estimate, Fit
from headframe.analytics.calibration_power import PowerFit, fit_power
from headframe.errors import InputError
from headframe.types import Array, Mask
from headframe.units import DAY_S, HOUR_S, YEAR_S

CALM_SHARES = (0.005, 0.02, 0.05, 0.1, 0.25)
"""Quantiles that the stretched normal is matched to on the side without spikes."""
Indices = npt.NDArray[np.intp]
"""Numbers of rows."""
SPIKY_SHARES = (0.02, 0.05, 0.1, 0.25)
"""The same, counted from the other end, on the side of the spikes, which are beyond."""
BEYOND = 3.0
"""Deviations of y from which on a row is part of a spike."""
HOURLY_LAGS = (1, 2, 3, 6, 12, 24, 48, 72, 96, 120, 168, 240, 336)
"""Rows apart at which the memory of hourly prices is read."""
DAILY_LAGS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 42, 60)
"""The same of daily prices."""
BLOCKS = 10
"""Parts of the sample, each left out once, from which standard errors come."""
MOST_TAIL = 3.0
"""The process allows no more."""

NAMES = (
    "half_life_s",
    "volatility",
    "level_half_life_s",
    "level_volatility",
    "tail_up",
    "tail_down",
    "spikes_per_year",
    "spike_median",
    "spike_sd",
    "spike_up_share",
    "spike_half_life_s",
)
"""What is estimated beside the season."""


def fit_power_with_tails(
    ts: Array, prices: Array, *, dt_s: float, utc_offset_h: float = 0.0
) -> PowerFit:
    """
    Season, deviation, slow level, tails and spikes of a price of power, from rows `dt_s` apart.

    Rows may have holes. Errors of the season are those of `fit_power`; the others are a jackknife's
    over ten blocks of time. The level's half-life is held between a day's rows and a year; from
    samples of separate months it is hardly known.
    """
    plain = fit_power(ts, prices, dt_s=dt_s, utc_offset_h=utc_offset_h)
    rest = prices - season(plain, ts, hourly=dt_s <= HOUR_S, utc_offset_h=utc_offset_h)
    centre = float(np.median(rest))
    rest = rest - centre
    values = _shape(ts, rest, dt_s)
    block = np.arange(ts.size) * BLOCKS // ts.size
    without = [_shape(ts[block != b], rest[block != b], dt_s) for b in range(BLOCKS)]
    spread = np.array(without) - np.mean(without, axis=0)
    errors = np.sqrt((BLOCKS - 1) / BLOCKS * np.sum(spread**2, axis=0))
    mean = plain.fit.estimates["mean"]
    estimates = {"mean": Estimate(mean.value + centre, mean.se)}
    kept = ("weekend", "yearly", "yearly_peak_day")
    estimates |= {k: v for k, v in plain.fit.estimates.items() if k in kept}
    found = zip(NAMES, values, errors, strict=True)
    estimates |= {name: Estimate(float(v), float(e)) for name, v, e in found}
    if estimates["spikes_per_year"].value == 0.0:
        estimates = {k: v for k, v in estimates.items() if not k.startswith("spike_")}
    return PowerFit(Fit(estimates, prices.size, math.nan), plain.by_hour)


def season(fitted: PowerFit, ts: Array, *, hourly: bool, utc_offset_h: float) -> Array:
    """The price that a fit expects by the calendar alone, at rows an hour or a day long."""
    told = {name: one.value for name, one in fitted.fit.estimates.items()}
    local_s = ts + utc_offset_h * HOUR_S
    level = np.full(ts.size, told["mean"])
    level += told["weekend"] * ((local_s - 4.0 * DAY_S) % (7.0 * DAY_S) >= 5.0 * DAY_S)
    if hourly:
        level += np.array(fitted.by_hour)[(local_s % DAY_S // HOUR_S).astype(int)]
    if "yearly" in told:
        turn = local_s / (365.2425 * DAY_S) - told["yearly_peak_day"] / 365.0
        level += told["yearly"] * np.cos(2.0 * math.pi * turn)
    return level


# the shape of what is left ---------------------------------------------------------------------


def _shape(ts: Array, rest: Array, dt_s: float) -> list[float]:
    """Values of `NAMES`."""
    scale, up, down = _tails(rest)
    y = _unstretched(rest / scale, up, down)
    fast, half_life_s, level_half_life_s = _memories(ts, y, dt_s)
    k, slow_k = (math.log(2.0) * YEAR_S / h for h in (half_life_s, level_half_life_s))
    volatility = scale * math.sqrt(fast * 2.0 * k)
    level_volatility = scale * math.sqrt((1.0 - fast) * 2.0 * slow_k)
    moves = [half_life_s, volatility, level_half_life_s, level_volatility, up, down]
    upward = _upward(rest)
    spiky = y > BEYOND if upward else y < -BEYOND
    tail = up if upward else down
    return moves + _spikes(ts, rest, spiky, scale * math.sinh(tail) / tail, dt_s)


def _stretched(y: Array, up: float, down: float) -> Array:
    tail = np.where(y > 0.0, up, down)
    return np.asarray(np.sinh(tail * y) / tail)


def _unstretched(v: Array, up: float, down: float) -> Array:
    tail = np.where(v > 0.0, up, down)
    return np.asarray(np.arcsinh(tail * v) / tail)


def _tails(rest: Array) -> tuple[float, float, float]:
    """S and the two tails by least squares on logarithms of quantiles."""
    from scipy.optimize import least_squares
    from scipy.special import ndtri

    low, high = (CALM_SHARES, SPIKY_SHARES) if _upward(rest) else (SPIKY_SHARES, CALM_SHARES)
    shares = np.array([*low, *(1.0 - share for share in reversed(high))])
    z = np.asarray(ndtri(shares), np.float64)
    seen = np.quantile(rest, shares)
    if not (np.sign(seen) == np.sign(z)).all():
        raise InputError("prices", float(np.median(rest)), "values that vary about their season")
    target = np.log(np.abs(seen))

    def miss(x: Array) -> Array:
        made = math.exp(x[0]) * _stretched(z, math.exp(x[1]), math.exp(x[2]))
        return np.asarray(np.log(np.abs(made)) - target)

    width = math.log((seen[len(low)] - seen[len(low) - 1]) / (2.0 * z[len(low)]))
    most = math.log(MOST_TAIL)
    bounds = ([width - 3.0, -9.0, -9.0], [width + 3.0, most, most])
    best = least_squares(miss, [width, -0.5, -0.5], bounds=bounds).x
    scale, up, down = np.exp(best)
    return float(scale), float(up), float(down)


def _upward(rest: Array) -> bool:
    """Whether the spikes are above the season: one hour in a thousand is farther above it."""
    return bool(np.quantile(rest, 0.999) >= -np.quantile(rest, 0.001))


def _memories(ts: Array, y: Array, dt_s: float) -> tuple[float, float, float]:
    """
    Share of the fast part and both half-lives, from the autocorrelation of y at many lags.

    rho(h) = a 2^(-h / fast) + (1 - a) 2^(-h / slow); rows beyond three deviations count as three.
    """
    from scipy.optimize import least_squares

    held = np.clip(y, -BEYOND, BEYOND)
    lags, seen = [], []
    for rows in HOURLY_LAGS if dt_s <= HOUR_S else DAILY_LAGS:
        early, late = pairs(ts, rows * dt_s)
        if early.size >= FEWEST:
            lags.append(float(rows))
            seen.append(float((held[early] * held[late]).mean() / (held**2).mean()))
    h, rho = np.array(lags), np.array(seen)

    def miss(x: Array) -> Array:
        fast = x[0] * np.exp2(-h / math.exp(x[1]))
        return np.asarray(fast + (1.0 - x[0]) * np.exp2(-h / math.exp(x[2])) - rho)

    middle, longest = (24.0, YEAR_S / dt_s) if dt_s <= HOUR_S else (14.0, YEAR_S / dt_s)
    bounds = ([1e-3, -1.5, math.log(middle)], [1.0 - 1e-3, math.log(middle), math.log(longest)])
    start = [0.5, math.log(middle / 5.0), math.log(middle * 8.0)]
    a, fast, slow = (float(v) for v in least_squares(miss, start, bounds=bounds).x)
    return a, math.exp(fast) * dt_s, math.exp(slow) * dt_s


def pairs(ts: Array, apart_s: float) -> tuple[Indices, Indices]:
    """Numbers of rows and of those `apart_s` later, where there are both."""
    later = np.searchsorted(ts, ts + apart_s - 0.5)
    inside = np.minimum(later, ts.size - 1)
    there = (later < ts.size) & (np.abs(ts[inside] - ts - apart_s) < 1.0)
    return np.flatnonzero(there), np.asarray(inside[there], np.intp)


def _spikes(ts: Array, rest: Array, spiky: Mask, usual: float, dt_s: float) -> list[float]:
    """
    How often, how large beyond one deviation (`usual`), which way, and how they decay.

    All go one way: what is far on the other side is that side's tail, since one law of sizes for
    both would throw prices as far down as they rise. As many as a normal y has by itself (13 in ten
    thousand rows) come from the tail and are none.
    """
    begins = spiky.copy()
    follows = np.isclose(np.diff(ts), dt_s)
    begins[1:] &= ~(spiky[:-1] & follows)
    by_itself = 0.5 * math.erfc(BEYOND / math.sqrt(2.0)) * ts.size
    n = float(begins.sum()) * max(1.0 - by_itself / max(float(spiky.sum()), 1.0), 0.0)
    if n < 5.0:
        return [0.0, 1.0, 0.0, 1.0, HOUR_S]
    sizes = np.log(np.maximum(np.abs(rest[begins]) - usual, 0.1 * usual))
    first = np.flatnonzero(spiky[:-1] & follows)
    here = np.abs(rest[first]) - usual
    later = np.maximum(np.abs(rest[first + 1]) - usual, 0.0)
    left = float(np.clip(later.sum() / here.sum(), 1e-3, 1.0 - 1e-3))
    return [
        -math.log1p(-n / ts.size) / (dt_s / YEAR_S),
        math.exp(float(sizes.mean())),
        float(sizes.std()),
        float((rest[begins] > 0.0).mean()),
        -dt_s * math.log(2.0) / math.log(left),
    ]
