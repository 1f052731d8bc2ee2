"""How often somebody would have been called, and how long before the liquidator came."""

import math
from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.metrics.tail import Chance, chance
from headframe.tally import Kept

LEADS = (0.05, 0.5, 0.95)
"""Quantiles that are told of the time between a call and a liquidation."""


@dataclass(frozen=True)
class Lead:
    """The time from a call to the liquidation, on the paths that had both: quantiles in seconds."""

    n_paths: int
    quantiles_s: dict[float, Estimate]


@dataclass(frozen=True)
class Band:
    """
    One health at which an alert rings.

    `called` is the probability that it rings at all, `calls` its mean number a path; `warned` is
    the share of the liquidations before which it rang, with the binomial error sqrt(p (1-p) / n)
    over the n paths that were liquidated.
    """

    alert: str
    health: float
    called: Chance
    calls: Estimate
    warned: Estimate
    first: Lead
    last: Lead


def alerts(kept: Kept) -> list[Band]:
    """Every band of every alert, as a falling health meets them."""
    found = []
    for row in kept.rows:
        if not (row.startswith("alert/") and row.endswith("/called")):
            continue
        _, name, band, _ = row.split("/")
        at = f"alert/{name}/{band}"
        found.append(
            Band(
                alert=name,
                health=float(band),
                called=chance(kept, row),
                calls=kept.moments.estimate(f"{at}/calls"),
                warned=_warned(kept, name, at),
                first=_lead(kept, f"{at}/first_lead_s"),
                last=_lead(kept, f"{at}/last_lead_s"),
            )
        )
    return found


def _warned(kept: Kept, name: str, at: str) -> Estimate:
    liquidated = kept.moments.estimate(f"alert/{name}/liquidated").value
    n = liquidated * kept.n_paths
    if n <= 0.0:
        return Estimate(0.0, 0.0)
    share = min(kept.moments.estimate(f"{at}/warned").value / liquidated, 1.0)
    return Estimate(share, math.sqrt(share * (1.0 - share) / n))


def _lead(kept: Kept, row: str) -> Lead:
    sketch = kept.sketches[row]
    return Lead(sketch.n, {p: sketch.quantile_estimate(p) for p in LEADS} if sketch.n else {})
