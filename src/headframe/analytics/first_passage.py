"""
The probability that a price touches a level: what stands behind the words "liquidation price".

The price is a geometric Brownian motion,  dS = mu S dt + sigma S dW.  Its logarithm drifts at
nu = mu - sigma^2/2, so `price_drift=0.0` is a price without drift (its mean stays) and
`price_drift=volatility**2/2` is a *logarithm* without drift (its median stays): over 30 days at
80 % the two give 6.4 % and 5.2 % for a fall to 0.64. Barriers are ratios to the price now
(`barrier_ratio`); one that is already reached has probability 1. Times are in years. The price is
watched without pause unless a function's name says `monitored`.

>>> round(float(down(barrier_ratio=0.64, volatility=0.8, price_drift=0.0, years=30 / 365)), 10)
0.0642776023
>>> watched_daily = monitored_down(
...     barrier_ratio=0.64, volatility=0.8, price_drift=0.0, years=30 / 365, dates=30
... )
>>> round(float(watched_daily[-1]), 6)
0.051621
"""

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_count,
    require_finite,
    require_inner_share,
    require_non_negative,
    require_positive,
)
from headframe.errors import InputError
from headframe.types import Array

OVERSHOOT = 0.5825971579390107
"""
Mean overshoot of a Gaussian random walk over a far barrier, in standard deviations of its steps:
-zeta(1/2)/sqrt(2 pi). Chernoff (1965); Siegmund, "Sequential Analysis" (1985), chapter X.
"""
SPLIT = 0.4
"""Time in units of width^2/sigma^2 at which the two-sided formula changes from images to sines."""
IMAGES = 10
"""Reflections kept before `SPLIT`: the next one is below exp(-10^2/(2 * 0.4)), 1e-54."""
SINES = 8
"""Sine terms kept after `SPLIT`: the next one is below exp(-(9 pi)^2 * 0.4/2), 1e-69."""
PANEL = 2.0
"""Width of a quadrature panel, in standard deviations of the move between two dates."""
NODES = 10
"""Gauss-Legendre points in a panel: the rule's error term for a Gaussian is about 1e-13."""
TAIL = 9.0
"""Standard deviations after which a Gaussian is left out: 1e-19."""


def down(*, barrier_ratio: Real, volatility: Real, price_drift: Real, years: Real) -> Real:
    """
    Probability that the price touches a level below it within `years`.

        Phi((b - nu T)/(sigma sqrt T)) + exp(2 nu b/sigma^2) Phi((b + nu T)/(sigma sqrt T)),
        b = ln(barrier_ratio) < 0

    As a function of `years` it is the distribution of the time of liquidation: give it a grid.
    Source: Harrison, "Brownian Motion and Stochastic Flow Systems" (1985), section 1.8.
    """
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, years)
    return _touch(-log_ratio, log_drift, volatility, years)


def up(*, barrier_ratio: Real, volatility: Real, price_drift: Real, years: Real) -> Real:
    """Probability that the price touches a level above it within `years`: `down`, mirrored."""
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, years)
    return _touch(log_ratio, -log_drift, volatility, years)


def either(
    *, lower_ratio: Real, upper_ratio: Real, volatility: Real, price_drift: Real, years: Real
) -> Real:
    """
    Probability that the price leaves a band, on either side, within `years`.

    With w the band's width and x the way to its lower end in logarithms, alpha = nu/sigma^2:

        1 - exp(-alpha x - nu^2 T/(2 sigma^2)) sum over n of
            2 n pi (1 - (-1)^n e^{alpha w}) / ((n pi)^2 + (alpha w)^2)
            sin(n pi x/w) exp(-(n pi sigma/w)^2 T/2)

    The series needs ever more terms as T shrinks, and 1 minus it loses all digits. So for short
    times the reflections are summed instead: P(A) + P(B) - P(A then B) - P(B then A) + ..., each a
    one-sided probability, so that even 1e-100 comes out with all its digits.
    Source: Cox and Miller, "The Theory of Stochastic Processes" (1965), section 5.7.
    """
    require_positive(lower_ratio=lower_ratio, upper_ratio=upper_ratio)
    to_lower, log_drift = _in_logs(lower_ratio, volatility, price_drift, years)
    to_upper, _ = _in_logs(upper_ratio, volatility, price_drift, years)
    below, above = np.maximum(-to_lower, 0.0), np.maximum(to_upper, 0.0)
    outside = (below == 0.0) | (above == 0.0)
    # Outside the band any width will do: the answer there is 1.
    width = np.where(outside, 1.0, below + above)
    split = SPLIT * (width / volatility) ** 2
    alpha = log_drift / np.square(volatility)
    short = _by_images(below, above, alpha, volatility, np.minimum(years, split))
    long = _by_sines(below, width, alpha, volatility, np.maximum(years, split))
    chance: Real = np.where(outside, 1.0, np.where(years < split, short, long))[()]
    return chance


def debt_barrier_growth(
    *, borrow_rate: Real, position_yield: Real, price_exponent: Real = 0.5
) -> Real:
    """
    Growth per year of the price at which an indebted position is liquidated.

    Let the position be worth V e^{yt} k^theta and owe D e^{ct} in the stable token, k being the
    price ratio. It is liquidated where D e^{ct} = LT V e^{yt} k^theta, that is at

        k(t) = (D/(LT V))^{1/theta} e^{g t},   g = (c - y)/theta

    `price_exponent` theta is 1/2 for a constant-product position (g = 2 (c - y)), w in a weighted
    pool, 1 for plain collateral. With the debt in the volatile token instead, both sides change:
    D e^{ct} k = LT V e^{yt} k^theta gives an upper barrier that comes down, with
    1 - theta in theta's place and the sign reversed: pass `-debt_barrier_growth(...,
    price_exponent=1 - theta)` to `moving_up`. Rates compound continuously.
    """
    require_finite(borrow_rate=borrow_rate, position_yield=position_yield)
    require_positive(price_exponent=price_exponent)
    return (borrow_rate - position_yield) / price_exponent


def moving_down(
    *,
    barrier_ratio: Real,
    barrier_growth: Real,
    volatility: Real,
    price_drift: Real,
    years: Real,
) -> Real:
    """
    Probability of touching, from above, a barrier that itself grows exponentially.

    S touches H e^{gt} when S e^{-gt} touches H. The process S e^{-gt} is again a geometric Brownian
    motion, d(S e^{-gt}) = (mu - g) S e^{-gt} dt + sigma S e^{-gt} dW, so the answer is `down` with
    the drift mu - g: debt that grows is a price that falls. For a leveraged constant-product farm
    without drift that is mu = -2 (c - y); see `debt_barrier_growth`.
    """
    require_finite(price_drift=price_drift, barrier_growth=barrier_growth)
    return down(
        barrier_ratio=barrier_ratio,
        volatility=volatility,
        price_drift=price_drift - barrier_growth,
        years=years,
    )


def moving_up(
    *,
    barrier_ratio: Real,
    barrier_growth: Real,
    volatility: Real,
    price_drift: Real,
    years: Real,
) -> Real:
    """Probability of touching, from below, a barrier that grows exponentially: `moving_down`."""
    require_finite(price_drift=price_drift, barrier_growth=barrier_growth)
    return up(
        barrier_ratio=barrier_ratio,
        volatility=volatility,
        price_drift=price_drift - barrier_growth,
        years=years,
    )


def monitored_down(
    *, barrier_ratio: float, volatility: float, price_drift: float, years: float, dates: int
) -> Array:
    """
    Probability of standing at or below a level on one of the first 1, 2, ... `dates` even dates.

    The last date is at `years`. Returns `(dates,)`: the distribution of the first date of breach,
    its last element the probability over the whole time. The density of those not yet breached is
    carried from date to date,

        f_{j+1}(z) = integral over z' > 0 of f_j(z') phi(z - z' - m) dz',

    z being the way to the barrier and m the drift between dates, in standard deviations of one
    move; what falls below 0 is the breach. Composite Gauss-Legendre quadrature; the kernel is as
    wide as a few panels, so a step costs a thin matrix product: 365 dates take milliseconds, 8,760
    some seconds.
    Source: recursive integration, as in Aitsahlia and Lai, "Valuation of discrete barrier and
    hindsight options" (1997).
    """
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, years)
    return _monitored(-log_ratio, log_drift, volatility, years, dates)


def monitored_up(
    *, barrier_ratio: float, volatility: float, price_drift: float, years: float, dates: int
) -> Array:
    """The same for a level above: `(dates,)` probabilities; see `monitored_down`."""
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, years)
    return _monitored(log_ratio, -log_drift, volatility, years, dates)


def monitored_down_by_shifted_barrier(
    *, barrier_ratio: Real, volatility: Real, price_drift: Real, years: Real, dates: Real
) -> Real:
    """
    Approximation to `monitored_down`: the unpaused formula with the barrier moved away.

        H exp(-0.5826 sigma sqrt(T/dates))

    Quick, and short by its o(1/sqrt(dates)): 0.05055 for a true 0.05162 in the module's example.
    Source: Broadie, Glasserman, Kou, "A continuity correction for discrete barrier options" (1997).
    """
    require_positive(barrier_ratio=barrier_ratio, volatility=volatility)
    require_positive(years=years, dates=dates)
    shift = np.exp(-OVERSHOOT * volatility * np.sqrt(np.divide(years, dates)))
    shifted = down(
        barrier_ratio=barrier_ratio * shift,
        volatility=volatility,
        price_drift=price_drift,
        years=years,
    )
    # A barrier already reached is reached, wherever it is shifted to.
    chance: Real = np.where(np.less(barrier_ratio, 1.0), shifted, 1.0)[()]
    return chance


def down_density_per_year(
    *, barrier_ratio: Real, volatility: Real, price_drift: Real, years: Real
) -> Real:
    """
    Density of the time at which the price first touches a level below it, per year.

        |b| / (sigma sqrt(2 pi T^3)) exp(-(b - nu T)^2 / (2 sigma^2 T))

    Source: the inverse Gaussian law; Cox and Miller (1965), section 5.7.
    """
    require_positive(years=years)
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, years)
    _require_below(barrier_ratio)
    spread = volatility * np.sqrt(years)
    score = (log_ratio - log_drift * years) / spread
    density: Real = -log_ratio / (years * spread * np.sqrt(2.0 * np.pi)) * np.exp(-(score**2) / 2.0)
    return density


def down_mean_years(*, barrier_ratio: Real, volatility: Real, price_drift: Real) -> Real:
    """
    Mean time until the price touches a level below it: `b/nu`, or infinite unless nu is negative.

    Mind that a price without drift has nu = -sigma^2/2: it gets there, in the mean after
    2 |b|/sigma^2 years. Source: Wald's identity.
    """
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, 0.0)
    _require_below(barrier_ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Real = np.where(log_drift < 0.0, np.divide(log_ratio, log_drift), np.inf)[()]
    return mean


def down_quantile_years(
    *, probability: float, barrier_ratio: float, volatility: float, price_drift: float
) -> float:
    """Years within which the price touches a level below it with `probability`; inf if never."""
    require_inner_share(probability=probability)
    log_ratio, log_drift = _in_logs(barrier_ratio, volatility, price_drift, 0.0)
    _require_below(barrier_ratio)
    ever = np.exp(min(2.0 * log_drift * log_ratio / volatility**2, 0.0))
    if probability >= ever:
        return np.inf
    from scipy.optimize import brentq

    unit = (log_ratio / volatility) ** 2

    def excess(log_time: float) -> float:
        years = unit * np.exp(log_time)
        return float(_touch(-log_ratio, log_drift, volatility, years)) - probability

    high = 1.0
    while excess(high) < 0.0:
        high *= 2.0
    # At exp(-7.3) of the natural time the probability is below 1e-300.
    return float(unit * np.exp(brentq(excess, -7.3, high, xtol=1e-13)))


def _in_logs(
    barrier_ratio: Real, volatility: Real, price_drift: Real, years: Real
) -> tuple[Real, Real]:
    """Logarithm of the barrier ratio, and drift of the price's logarithm."""
    require_positive(barrier_ratio=barrier_ratio, volatility=volatility)
    require_finite(price_drift=price_drift)
    require_non_negative(years=years)
    log_drift: Real = np.subtract(price_drift, np.square(volatility) / 2.0)
    log_ratio: Real = np.log(barrier_ratio)
    return log_ratio, log_drift


def _require_below(barrier_ratio: Real) -> None:
    if np.any(np.greater_equal(barrier_ratio, 1.0)):
        raise InputError("barrier_ratio", barrier_ratio, "must be below 1, the price now")


def _touch(distance: Real, away: Real, volatility: Real, years: Real) -> Real:
    """Probability of covering `distance` against the log drift `away`; 1 unless it is above 0."""
    tilt = away / np.square(volatility)
    chance = np.minimum(_weighted_touch(distance, tilt, 0.0, volatility, years), 1.0)
    touched: Real = np.where(np.greater(distance, 0.0), chance, 1.0)[()]
    return touched


def _weighted_touch(
    distance: Real, tilt: Real, log_weight: Real, volatility: Real, years: Real
) -> Real:
    # Weights and both halves in logarithms: exponentials overflow where their partners underflow.
    from scipy.special import log_ndtr

    spread = volatility * np.sqrt(years)
    drifted = tilt * np.square(spread)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        direct = log_ndtr(np.divide(-distance - drifted, spread))
        mirrored = log_ndtr(np.divide(-distance + drifted, spread)) - 2.0 * tilt * distance
        chance: Real = np.exp(log_weight + direct) + np.exp(log_weight + mirrored)
    return chance


def _by_images(below: Real, above: Real, alpha: Real, volatility: Real, years: Real) -> Real:
    # To touch A, then B, then A ... n times is, with the path reflected at each touch, to walk the
    # whole distance at once; a reflection turns the drift and leaves a weight e^{alpha ...}.
    width = below + above
    total: Real = 0.0
    for first, tilt in ((below, alpha), (above, -alpha)):
        for n in range(IMAGES):
            walked = first + n * width
            if n % 2 == 0:
                log_weight = tilt * (walked - first)
                total = total + _weighted_touch(walked, tilt, log_weight, volatility, years)
            else:
                log_weight = -tilt * (walked + first - width)
                total = total - _weighted_touch(walked, -tilt, log_weight, volatility, years)
    return total


def _by_sines(below: Real, width: Real, alpha: Real, volatility: Real, years: Real) -> Real:
    variance = np.square(volatility) * years
    tilted = alpha * width
    surviving: Real = 0.0
    for n in range(1, SINES + 1):
        wave = n * np.pi
        decay = (np.square(wave / width) + np.square(alpha)) * variance / 2.0
        # Both exponents are joined before exp: apart, a strong drift would overflow.
        ends = np.exp(-alpha * below - decay) - (-1) ** n * np.exp(tilted - alpha * below - decay)
        shape = 2.0 * wave * np.sin(wave * below / width) / (wave**2 + np.square(tilted))
        surviving = surviving + shape * ends
    chance: Real = np.clip(1.0 - surviving, 0.0, 1.0)
    return chance


def _monitored(distance: Real, away: Real, volatility: Real, years: Real, dates: int) -> Array:
    require_count(dates=dates)
    require_positive(years=years)
    if distance <= 0.0:
        return np.ones(dates)
    from scipy.special import ndtr

    # Everything in standard deviations of one move; the barrier is at 0, the price at `start`.
    move = volatility * np.sqrt(years / dates)
    start, drift = float(distance / move), float(away * years / dates / move)
    reach = TAIL * np.sqrt(dates)
    bottom = max(start + min(drift, 0.0) * dates - reach, 0.0)
    panels = int(np.ceil((start + max(drift, 0.0) * dates + reach - bottom) / PANEL))
    points, weights = _panel()
    nodes = bottom + PANEL * np.arange(panels)[:, None] + points
    leaving = ndtr(-(nodes + drift)) * weights
    transition, ahead, behind = _transition(drift)
    padded = np.zeros((ahead + panels + behind, NODES))
    density = padded[ahead : ahead + panels]
    sources = np.lib.stride_tricks.sliding_window_view(padded.ravel(), len(transition))[::NODES]
    breach = np.empty(dates)
    breach[0] = ndtr(-(start + drift))
    density[:] = _gauss(nodes - start - drift)
    for date in range(1, dates):
        breach[date] = np.vdot(density, leaving)
        density[:] = sources @ transition
    return np.minimum(np.cumsum(breach), 1.0)


def _transition(drift: float) -> tuple[Array, int, int]:
    """
    Weights from the panels around a panel, lowest first, to its nodes; panels ahead and behind.

    Equal panels have equal neighbourhoods, so one matrix serves them all.
    """
    points, weights = _panel()
    ahead = max(int(np.ceil((drift + TAIL) / PANEL)) + 1, 0)
    behind = max(int(np.ceil((TAIL - drift) / PANEL)) + 1, 0)
    climb = PANEL * np.arange(ahead, -behind - 1, -1)
    move = climb[:, None, None] + points[None, None, :] - points[None, :, None]
    kernel = _gauss(move - drift) * weights[None, :, None]
    return kernel.reshape(-1, NODES), ahead, behind


def _panel() -> tuple[Array, Array]:
    points, weights = np.polynomial.legendre.leggauss(NODES)
    return (points + 1.0) * PANEL / 2.0, weights * PANEL / 2.0


def _gauss(z: Array) -> Array:
    density: Array = np.exp(-np.square(z) / 2.0) / np.sqrt(2.0 * np.pi)
    return density
