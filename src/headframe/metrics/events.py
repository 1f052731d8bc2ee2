"""What can kill a position, how likely, and when: liquidation and whatever else it records."""

from dataclasses import dataclass

import numpy as np

from headframe.metric import Estimate
from headframe.metrics.returns import QUANTILES
from headframe.metrics.tail import Chance, chance
from headframe.tally import Kept

BINS = 24
"""Intervals of the horizon in which the time of an event is told."""


@dataclass(frozen=True)
class Event:
    """Something that happens to a position at most once a path: how likely, and when."""

    position: str
    name: str
    chance: Chance
    when_s: dict[float, float]
    bins_s: tuple[float, ...]
    per_bin: tuple[float, ...]


def events(kept: Kept) -> list[Event]:
    """Every event of every position; `per_bin` are shares of all paths."""
    found = []
    edges = np.linspace(0.0, kept.saved_s[-1], BINS + 1)
    for row in kept.rows:
        if not row.startswith("event/"):
            continue
        _, position, name = row.split("/")
        sketch = kept.sketches[row]
        shares = sketch.histogram(edges) / kept.n_paths
        found.append(
            Event(
                position=position,
                name=name.removesuffix("_s"),
                chance=chance(kept, row),
                when_s={p: sketch.quantile(p) for p in QUANTILES} if sketch.n else {},
                bins_s=tuple(edges.tolist()),
                per_bin=tuple(shares.tolist()),
            )
        )
    return found


@dataclass(frozen=True)
class Extreme:
    """The worst that a gauge came to on a path: its mean and its distribution."""

    position: str
    name: str
    mean: Estimate
    quantiles: dict[float, float]


def extremes(kept: Kept) -> list[Extreme]:
    """Every extreme that positions record (least health, highest loan to value)."""
    found = []
    for row in kept.rows:
        if row.startswith("extreme/"):
            _, position, name = row.split("/")
            sketch = kept.sketches[row]
            at = {p: sketch.quantile(p) for p in QUANTILES}
            found.append(Extreme(position, name, kept.moments.estimate(row), at))
    return found
