"""
Fitting a price of power: season, deviation and spikes, told apart by an outlier filter.

Nobody observes which part of a price is a spike. The filter is the usual one (A. Cartea and M.
Figueroa, "Pricing in electricity markets", Applied Mathematical Finance 12, 2005): whatever lies
more than so many deviations from the season is set aside, season and deviation are estimated again
from the rest, until nothing more is set aside. What was set aside are the spikes.
"""

import math
from dataclasses import dataclass

import numpy as np

from headframe.analytics.calibration import FEWEST, Estimate, Fit, fit_ou
from headframe.errors import InputError
from headframe.types import Array, Mask
from headframe.units import DAY_S, HOUR_S, WEEK_S, YEAR_S

DEVIATIONS = 3.0
"""How many standard deviations from the season make a spike."""
DIES_AWAY = 4.0
"""Half-lives after which a spike no longer disturbs the deviation's fit."""
LONGEST = 24
"""At most so many rows after a spike are left out of it."""
ROUNDS = 50
"""The filter stops after as many rounds if it has not settled before."""
MONDAY_TS = 4.0 * DAY_S
"""Unix time of a Monday's midnight: 1970-01-05."""
SOLAR_YEAR_S = 365.2425 * DAY_S
"""The mean year of the calendar, in seconds."""
WHOLE_YEARS_S = 2.0 * YEAR_S
"""A season of the year is fitted to samples of this length at least."""


@dataclass(frozen=True)
class PowerFit:
    """A `Fit`, and the profile by hour that goes with it (its mean is 0)."""

    fit: Fit
    by_hour: tuple[float, ...]


def fit_power(ts: Array, prices: Array, *, dt_s: float, utc_offset_h: float = 0.0) -> PowerFit:
    """
    Season, deviation and spikes of a price of power in USD/MWh, from rows an hour or a day apart.

    Rows may have holes. The season has 24 hours where rows are hourly, the weekend, and one cosine
    of the year where the sample spans two years. A spike begins where a set-aside row follows one
    that is not; its size is the row's distance from the season, and it decays as the sums of
    successive set-aside rows do. The deviation is fitted to pairs of rows that no spike is near.
    Errors: of least squares, widened for the autocorrelation, for mean and weekend; of `fit_ou` for
    the deviation; of counts and sample moments for spikes.
    """
    if prices.size < 10 * FEWEST:
        raise InputError("rows", int(prices.size), f"at least {10 * FEWEST}")
    local_s = ts + utc_offset_h * HOUR_S
    design, yearly = _design(local_s, hourly=dt_s <= HOUR_S, spans_s=float(ts[-1] - ts[0]))
    coefficients, spiky = _filtered(design, prices)
    residuals = prices - design @ coefficients
    follows = np.isclose(np.diff(ts), dt_s)
    spikes = _spikes(residuals, spiky, follows, dt_s)
    calm = follows & ~_near(spiky, spikes, dt_s)
    deviation = fit_ou(residuals[:-1][calm], residuals[1:][calm], dt_s=dt_s).estimates
    estimates = _levels(design, residuals[~spiky], coefficients, ~spiky, deviation, dt_s, yearly)
    estimates |= {name: deviation[name] for name in ("half_life_s", "volatility")}
    estimates |= spikes
    hours = coefficients[1:24] if dt_s <= HOUR_S else np.zeros(23)
    by_hour = np.append(-hours.sum(), hours)
    return PowerFit(Fit(estimates, prices.size, math.nan), tuple(float(x) for x in by_hour))


def _design(local_s: Array, *, hourly: bool, spans_s: float) -> tuple[Array, bool]:
    """Columns of the season: 1, hours (summing to zero), weekend, the year's cosine and sine."""
    columns: list[Array] = [np.ones(local_s.size)]
    if hourly:
        hour = (local_s % DAY_S // HOUR_S).astype(int)
        columns += [np.asarray((hour == h) - 1.0 * (hour == 0)) for h in range(1, 24)]
    columns.append(np.asarray((local_s - MONDAY_TS) % WEEK_S >= 5.0 * DAY_S, np.float64))
    if spans_s >= WHOLE_YEARS_S and _months(local_s) == 12:
        turn = 2.0 * math.pi * local_s / SOLAR_YEAR_S
        columns += [np.cos(turn), np.sin(turn)]
        return np.column_stack(columns), True
    return np.column_stack(columns), False


def _months(local_s: Array) -> int:
    return int(np.unique((local_s / SOLAR_YEAR_S % 1.0 * 12.0).astype(int)).size)


def _filtered(design: Array, prices: Array) -> tuple[Array, Mask]:
    """The season's coefficients, and which rows are spikes."""
    spiky = np.zeros(prices.size, np.bool_)
    coefficients: Array = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        rows = design[~spiky]
        found = np.linalg.solve(rows.T @ rows, rows.T @ prices[~spiky])
        coefficients = np.asarray(found, np.float64)
        residuals = prices - design @ coefficients
        wild = np.abs(residuals) > DEVIATIONS * residuals[~spiky].std()
        if (wild == spiky).all():
            break
        spiky = wild
    return coefficients, spiky


def _near(spiky: Mask, spikes: dict[str, Estimate], dt_s: float) -> Mask:
    """Pairs of rows with a spike in them, or one that has not yet died away before them."""
    near = spiky[1:] | spiky[:-1]
    if "spike_half_life_s" not in spikes:
        return near
    after = math.ceil(DIES_AWAY * spikes["spike_half_life_s"].value / dt_s)
    for back in range(1, min(after, LONGEST) + 1):
        near[back:] |= spiky[:-1][:-back]
    return near


def _levels(
    design: Array,
    residuals: Array,
    coefficients: Array,
    used: Mask,
    deviation: dict[str, Estimate],
    dt_s: float,
    yearly: bool,
) -> dict[str, Estimate]:
    """Mean, weekend and the year's wave; errors widened by what the deviation's memory costs."""
    b = math.exp2(-dt_s / deviation["half_life_s"].value)
    widened = residuals.std() * math.sqrt((1.0 + b) / (1.0 - b))
    rows = design[used]
    covariance = np.linalg.inv(rows.T @ rows) * widened**2
    errors = np.sqrt(np.diag(covariance))
    at = design.shape[1] - (3 if yearly else 1)
    found = {
        "mean": Estimate(float(coefficients[0]), float(errors[0])),
        "weekend": Estimate(float(coefficients[at]), float(errors[at])),
    }
    if yearly:
        cosine, sine = float(coefficients[-2]), float(coefficients[-1])
        size = math.hypot(cosine, sine)
        peak = math.atan2(sine, cosine) / (2.0 * math.pi) % 1.0 * 365.0
        se = float(errors[-2:].mean())
        found["yearly"] = Estimate(size, se)
        found["yearly_peak_day"] = Estimate(peak, se / size * 365.0 / (2.0 * math.pi))
    return found


def _spikes(residuals: Array, spiky: Mask, follows: Mask, dt_s: float) -> dict[str, Estimate]:
    """How often, how large, which way, and how they decay."""
    begins = spiky.copy()
    begins[1:] &= ~(spiky[:-1] & follows)
    n_rows, n = residuals.size, int(begins.sum())
    if n < 5:
        return {"spikes_per_year": Estimate(0.0, 0.0)}
    chance = n / n_rows
    rate = -math.log1p(-chance) / (dt_s / YEAR_S)
    sizes = np.log(np.abs(residuals[begins]))
    up = float((residuals[begins] > 0.0).mean())
    found = {
        "spikes_per_year": Estimate(rate, rate * math.sqrt((1.0 - chance) / n)),
        "spike_median": Estimate(math.exp(sizes.mean()), _median_se(sizes)),
        "spike_sd": Estimate(float(sizes.std()), float(sizes.std()) / math.sqrt(2.0 * n)),
        "spike_up_share": Estimate(up, math.sqrt(up * (1.0 - up) / n)),
    }
    return found | _decay(np.abs(residuals), spiky, follows, dt_s)


def _median_se(sizes: Array) -> float:
    return float(math.exp(sizes.mean()) * sizes.std() / math.sqrt(sizes.size))


def _decay(sizes: Array, spiky: Mask, follows: Mask, dt_s: float) -> dict[str, Estimate]:
    """Half-life from what is left a step later: the ratio of sums, with its linearised error."""
    first = np.flatnonzero(spiky[:-1] & follows)
    here, later = sizes[first], np.where(spiky[first + 1], sizes[first + 1], 0.0)
    left = float(np.clip(later.sum() / here.sum(), 1e-6, 1.0 - 1e-6))
    se = float(np.sqrt(np.sum((later - left * here) ** 2)) / here.sum())
    half_life_s = -dt_s * math.log(2.0) / math.log(left)
    slope = half_life_s / (left * -math.log(left))
    return {"spike_half_life_s": Estimate(half_life_s, slope * se)}
