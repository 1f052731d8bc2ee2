"""
Keep the book's exposure to an asset near a target through the size of a future.

Exposure is what the wallet holds, what every position holds or will produce, and the future itself.
Each trade costs a fee, so nothing is done within a band about the target; outside it the size is
changed by all that is too much. For a leveraged constant-product farm the exposure is the slope of
its equity, l / (2 sqrt(k)) - (l - 1) a, which moves with every price: the band says how much of
that one lives with.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, NonNegative, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Hedge:
    """
    Resize the future `position` where the net exposure is more than `band` from `target`.

    Both are in whole units of `asset`. Where the future's margin has fallen below `margin_floor`, a
    share of the value of its size, it is resized too: a future with a `target_margin` then fills
    its margin up from the wallet.

    >>> Hedge(name="neutral", position="short", asset="eth", band=0.25).needs
    (('short', ('size', 'margin_ratio'), ('resize',)),)
    """

    kind: ClassVar[str] = "hedge"
    name: Name
    position: Name
    asset: Name
    target: float = 0.0
    band: NonNegative
    margin_floor: NonNegative = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The future, with its size and margin."""
        return ((self.position, ("size", "margin_ratio"), ("resize",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No memory."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Trade off what is beyond the band, all the way to the target."""
        size = view.gauge(self.position, "size")
        excess = view.net_exposure(self.asset) - self.target
        outside = np.abs(excess) > self.band
        thin = (view.gauge(self.position, "margin_ratio") < self.margin_floor) & (size != 0.0)
        mask = outside | thin
        if not mask.any():
            return ()
        wanted = np.where(outside, size - excess, size)
        return (Order(position=self.position, verb="resize", mask=mask, amount=wanted),)
