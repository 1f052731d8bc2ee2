"""What it earns: wealth now and over time, and the rates of return that this amounts to."""

import math
from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.tally import Kept
from headframe.units import YEAR_S

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Probabilities at which distributions are told."""


@dataclass(frozen=True)
class Wealth:
    """Wealth at the horizon, in the numeraire."""

    open: float
    mean: Estimate
    controlled: Estimate
    quantiles: dict[float, Estimate]
    over_time: dict[float, dict[float, float]]


def wealth(kept: Kept) -> Wealth:
    """
    Mean and quantiles of wealth.

    `controlled` is the mean by control variates: regression on final prices, whose means are known.
    """
    moments, last = kept.moments, len(kept.saved_s) - 1
    means = {f"control/{name}": mean for name, mean in kept.controls.items()}
    final = kept.sketches[f"wealth/{last}"]
    return Wealth(
        open=moments.estimate("opening").value,
        mean=moments.estimate("wealth"),
        controlled=moments.controlled("wealth", means),
        quantiles={p: final.quantile_estimate(p) for p in QUANTILES},
        over_time={
            t_s: {p: kept.sketches[f"wealth/{k}"].quantile(p) for p in QUANTILES}
            for k, t_s in enumerate(kept.saved_s)
        },
    )


@dataclass(frozen=True)
class Rates:
    """Realised rates: simple and compounded to a year."""

    apr: Estimate
    apy: Estimate
    apr_quantiles: dict[float, float]
    apy_quantiles: dict[float, float]


LARGEST_APY = 1e9
"""A day's luck compounded for a year leaves every scale: no yearly rate is told above this."""


def compounded(total: float, years: float) -> float:
    """Effective yearly rate of a total return: (1 + R)^(1 / years) - 1, at most `LARGEST_APY`."""
    if total <= -1.0:
        return -1.0
    return math.expm1(min(math.log1p(total) / years, math.log1p(LARGEST_APY)))


def rates(kept: Kept) -> Rates:
    """
    APR = R / years and APY = (1 + R)^(1 / years) - 1, of each path's total return R.

    Quantiles carry over, since both rise with R; the APY of the mean return is told, with its error
    by the slope there, because the mean of yearly compounded rates answers no question.
    """
    years = kept.saved_s[-1] / YEAR_S
    total = kept.moments.estimate("return")
    middle = compounded(total.value, years)
    slope = (1.0 + middle) / max(1.0 + total.value, 1e-12) / years
    sketch = kept.sketches["return"]
    at = {p: sketch.quantile(p) for p in QUANTILES}
    return Rates(
        apr=Estimate(total.value / years, total.se / years),
        apy=Estimate(middle, total.se * abs(slope)),
        apr_quantiles={p: q / years for p, q in at.items()},
        apy_quantiles={p: compounded(q, years) for p, q in at.items()},
    )
