"""How much of the wealth at the end cannot be spent: locks, queues, votes."""

from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.metrics.returns import QUANTILES
from headframe.tally import Kept


@dataclass(frozen=True)
class Liquidity:
    """What is locked at the end on average, and the distribution of the rest, in the numeraire."""

    locked: Estimate
    liquid: Estimate
    liquid_quantiles: dict[float, float]


def liquidity(kept: Kept) -> Liquidity:
    """Where no position knows of a lock, all of the wealth is liquid."""
    if "locked" not in kept.rows:
        last = kept.sketches[f"wealth/{len(kept.saved_s) - 1}"]
        spent = {p: last.quantile(p) for p in QUANTILES}
        return Liquidity(Estimate(0.0, 0.0), kept.moments.estimate("wealth"), spent)
    sketch = kept.sketches["liquid"]
    return Liquidity(
        locked=kept.moments.estimate("locked"),
        liquid=kept.moments.estimate("liquid"),
        liquid_quantiles={p: sketch.quantile(p) for p in QUANTILES},
    )
