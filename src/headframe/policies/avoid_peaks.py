"""
Stand still where an interval may be the one that next year's transmission is charged by.

One hour in a coincident peak costs what a whole year's share of a transmission grid costs; a mine
that is off in it pays nothing. Nobody knows the hour beforehand, but few hours are likely. This
rule is off in those, whatever power costs in them. The rule `curtail` does it too, by price: a
rider `coincident_peak` puts the expected charge into the mine's price of power. This one is for who
follows a threshold of chance, as alerts of the grid are followed.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Rows, Signal, Threshold


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AvoidPeaks:
    """
    Switch a mine off while the chance of a coincident peak is at least `above`.

    Afterwards it runs as it did before.

    >>> AvoidPeaks(name="peaks", position="mine", chance="ercot_system_peak_chance",
    ...            above=0.05).reads
    ('ercot_system_peak_chance',)
    """

    kind: ClassVar[str] = "avoid_peaks"
    name: Name
    position: Name
    chance: Signal
    above: Threshold
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("off", "load_before")
    trades: ClassVar[Rows] = ()

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The chance."""
        return (self.chance,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """A mine that can be told how much of it runs."""
        return ((self.position, ("on",), ("run",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the chance."""
        return layout.row(self.chance)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Not off by this rule."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Off where a peak is likely, as before where it no longer is."""
        likely = now.world.data[state.wire] >= self.above
        off, on = state["off"] > 0.0, view.gauge(self.position, "on")
        stop, again = likely & ~off & (on > 0.0), off & ~likely
        switched = stop | again
        if not switched.any():
            return ()
        state["load_before"][stop] = on[stop]
        state["off"][stop], state["off"][again] = 1.0, 0.0
        share = np.where(again, state["load_before"], 0.0)
        return (Order(position=self.position, verb="run", mask=switched, amount=share),)
