"""
Keep the book's exposure to an asset near a target: through a future, the debts, or options.

Exposure is what the wallet holds, what every position holds or will produce, and the hedge itself.
Each trade costs a fee, so nothing is done within a band about the target; outside it the hedge is
changed by all that is too much. For a leveraged constant-product farm the exposure is the slope of
its equity, l / (2 sqrt(k)) - (l - 1) a, which moves with every price: the band says how much of
that one lives with. A future or a debt moves that slope and not its curvature, gamma, which is
negative for liquidity; bought options move both.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, NonNegative, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Hedge:
    """
    Change `position` where the net exposure is more than `band` from `target`, once in
    `cooldown_s`.

    Both are in whole units of `asset`. `by` says what is changed: the size of a future (`future`),
    what a leveraged farm owes of its token0 (`debt`), the size of an option for the exposure
    (`option`), or for the sum of gammas of the positions `of` and its own (`gamma`, where `target`
    and `band` are units of `asset` per unit of its price). Where a future's margin has fallen below
    `margin_floor`, a share of the value of its size, it is resized too: a future with a
    `target_margin` then fills its margin up from the wallet.

    >>> Hedge(name="neutral", position="short", asset="eth", band=0.25).needs
    (('short', ('size', 'margin_ratio'), ('resize',)),)
    >>> Hedge(name="neutral", position="farm", asset="eth", band=0.25, by="debt").needs
    (('farm', ('debt_eth', 'debt'), ('rebalance_debt',)),)
    """

    kind: ClassVar[str] = "hedge"
    name: Name
    position: Name
    asset: Name
    target: float = 0.0
    band: NonNegative
    margin_floor: NonNegative = 0.0
    by: Literal["future", "debt", "option", "gamma"] = "future"
    of: tuple[Name, ...] = ()
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("acted_s",)
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "Hedge":
        if (self.by == "gamma") != bool(self.of):
            raise ValueError(
                "of names the positions whose gamma is hedged: give it with by 'gamma'"
            )
        if self.margin_floor > 0.0 and self.by != "future":
            raise ValueError("margin_floor is a future's: it needs by 'future'")
        return self

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """What is changed, and the positions whose gamma is hedged."""
        if self.by == "future":
            return ((self.position, ("size", "margin_ratio"), ("resize",)),)
        if self.by == "debt":
            return ((self.position, (f"debt_{self.asset}", "debt"), ("rebalance_debt",)),)
        own = (self.position, ("size", "unit_delta", "unit_gamma"), ("resize",))
        return (own, *((name, ("gamma",), ()) for name in self.of))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No trade yet."""
        state["acted_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Trade off what is beyond the band, all the way to the target."""
        excess = self._excess(view)
        mask = np.abs(excess) > self.band
        wanted = self._wanted(view, np.where(mask, excess, 0.0))
        if self.by == "future":
            size = view.gauge(self.position, "size")
            mask |= (view.gauge(self.position, "margin_ratio") < self.margin_floor) & (size != 0.0)
        elif self.by == "debt":
            mask &= view.gauge(self.position, "debt") > 0.0
        if self.cooldown_s > 0.0:
            mask &= now.t_s - state["acted_s"] >= self.cooldown_s
        if not mask.any():
            return ()
        state["acted_s"][mask] = now.t_s
        verb = "rebalance_debt" if self.by == "debt" else "resize"
        return (Order(position=self.position, verb=verb, mask=mask, amount=wanted),)

    def _excess(self, view: View) -> Array:
        """What is too much: of the net exposure, or of gamma."""
        if self.by != "gamma":
            return view.net_exposure(self.asset) - self.target
        own = view.gauge(self.position, "size") * view.gauge(self.position, "unit_gamma")
        excess: Array = own - self.target
        for name in self.of:
            excess = excess + view.gauge(name, "gamma")
        return excess

    def _wanted(self, view: View, excess: Array) -> Array:
        """The size, or the debt, that takes an excess away; an option is never sold short."""
        if self.by == "debt":
            owed: Array = view.gauge(self.position, f"debt_{self.asset}") + excess
            return np.maximum(owed, 0.0)
        size = view.gauge(self.position, "size")
        if self.by == "future":
            return size - excess
        unit = view.gauge(self.position, "unit_gamma" if self.by == "gamma" else "unit_delta")
        there = np.abs(unit) > 1e-12
        return np.maximum(size - np.where(there, excess / np.where(there, unit, 1.0), 0.0), 0.0)
