"""What a bad outcome costs: value at risk, expected shortfall, drawdown, the chance of a loss."""

from dataclasses import dataclass

from headframe.metric import Estimate, wilson
from headframe.metrics.returns import QUANTILES
from headframe.tally import Kept

LEVELS = (0.95, 0.99)
"""Confidence levels of VaR and CVaR."""


@dataclass(frozen=True)
class Chance:
    """A probability, its standard error and a 95 % confidence interval."""

    probability: float
    se: float
    low: float
    high: float


def chance(kept: Kept, row: str) -> Chance:
    """The probability that a row of zeros and ones holds."""
    estimate = kept.moments.estimate(row)
    low, high = wilson(estimate.value, kept.n_paths)
    return Chance(estimate.value, estimate.se, low, high)


@dataclass(frozen=True)
class Tail:
    """Losses against the opening, as positive amounts in the numeraire; drawdowns as shares."""

    var: dict[float, Estimate]
    cvar: dict[float, Estimate]
    drawdown: Estimate
    drawdown_quantiles: dict[float, float]
    loss: Chance
    default: Chance
    causes: dict[str, Chance]


def tail(kept: Kept) -> Tail:
    """VaR is the loss not exceeded with a probability, CVaR the mean loss beyond it."""
    pnl, drawdown = kept.sketches["pnl"], kept.sketches["drawdown"]
    var = {level: _negated(pnl.quantile_estimate(1.0 - level)) for level in LEVELS}
    cvar = {level: _negated(pnl.tail_mean(1.0 - level)) for level in LEVELS}
    causes = [row for row in kept.rows if row.startswith("default/")]
    return Tail(
        var=var,
        cvar=cvar,
        drawdown=kept.moments.estimate("drawdown"),
        drawdown_quantiles={p: drawdown.quantile(p) for p in QUANTILES},
        loss=chance(kept, "loss"),
        default=chance(kept, "default"),
        causes={row.removeprefix("default/"): chance(kept, row) for row in causes},
    )


def _negated(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, estimate.se)
