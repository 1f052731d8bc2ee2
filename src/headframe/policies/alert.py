"""
Alerts: how often would I have been called, and how long before the liquidator came?

A band is a health below which somebody rings. It rings once, and again only after health has been
`rearm` above the band: who stands at a band is not called every hour. Nothing is ordered; what was
heard on each path is told with the result, against the time of a liquidation if there was one.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Array,
    Block,
    Duration,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)

ROWS: Rows = ("low", "calls", "first_s", "last_s")
"""What is remembered of a band: whether health is below it, how often and when it rang."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Alert:
    """
    Ring when the health of `position` falls below one of `bands`.

    Calls are counted up to the first liquidation: what rings at that instant or later was no
    warning.

    >>> Alert(name="phone", position="farm", bands=(1.05, 1.5, 1.2)).in_order
    (1.5, 1.2, 1.05)
    """

    kind: ClassVar[str] = "alert"
    name: Name
    position: Name
    bands: tuple[Positive, ...]
    rearm: NonNegative = 0.02
    every_s: Duration | None = None

    lag_s: ClassVar[float] = 0.0
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()
    only_looks: ClassVar[bool] = True

    @model_validator(mode="after")
    def _some_bands(self) -> "Alert":
        if not self.bands or len(set(self.bands)) < len(self.bands):
            raise ValueError("bands must be one number or several, each once")
        return self

    @property
    def in_order(self) -> tuple[float, ...]:
        """The bands as a falling health meets them."""
        return tuple(sorted(self.bands, reverse=True))

    @property
    def fields(self) -> Rows:
        """Four rows a band, and when the position was liquidated."""
        return (*(f"{row}_{k}" for k in range(len(self.bands)) for row in ROWS), "liquidated_s")

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it watches."""
        return ((self.position, ("health",), ()),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing heard yet; a band that health is below already rings at once."""
        for k in range(len(self.bands)):
            state[f"first_s_{k}"] = state[f"last_s_{k}"] = NEVER_S
        self.decide(state, view, now)

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Listen; order nothing."""
        health = view.gauge(self.position, "health")
        state["liquidated_s"] = view.event(self.position, "liquidated_s")
        before = state["liquidated_s"] > now.t_s
        for k, band in enumerate(self.in_order):
            low, below = state[f"low_{k}"] > 0.0, health < band
            rings = below & ~low & before
            stays = below | (low & (health < band * (1.0 + self.rearm)))
            state[f"low_{k}"] = stays.astype(np.float64)
            state[f"calls_{k}"] += rings
            state[f"last_s_{k}"] = np.where(rings, now.t_s, state[f"last_s_{k}"])
            state[f"first_s_{k}"] = np.minimum(
                state[f"first_s_{k}"], np.where(rings, now.t_s, NEVER_S)
            )
        return ()

    def tell(self, state: Block) -> tuple[dict[str, Array], dict[str, Array]]:
        """
        What it heard: numbers of every path, and samples over some.

        Of each band: whether it rang, how often, and whether it rang before a liquidation; for the
        paths on which it did, how long before, from the first ring and from the last.
        """
        columns, samples = {"liquidated": (state["liquidated_s"] < NEVER_S).astype(np.float64)}, {}
        for k, band in enumerate(self.in_order):
            rang = state[f"first_s_{k}"] < NEVER_S
            warned = rang & (state["liquidated_s"] < NEVER_S)
            columns[f"{band:g}/called"] = rang.astype(np.float64)
            columns[f"{band:g}/calls"] = state[f"calls_{k}"].copy()
            columns[f"{band:g}/warned"] = warned.astype(np.float64)
            for which in ("first", "last"):
                lead = (state["liquidated_s"] - state[f"{which}_s_{k}"])[warned]
                samples[f"{band:g}/{which}_lead_s"] = lead
        return columns, samples
