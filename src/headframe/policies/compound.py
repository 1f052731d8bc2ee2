"""
Put rewards back to work: every so often, once they are worth a multiple of gas, or when it pays.

Waiting costs interest on the rewards, compounding costs gas. Per unit of time both are least where
the rewards R waiting on a stake V, with gas G, are worth

    R = sqrt(2 G V),

which is the square-root interval sqrt(2 G / (V r^2)) times V r: the rate r has dropped out, so that
the rule holds where rate, gas and stake move. Source: `analytics.harvest`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Compound:
    """
    Compound every `interval_s`, or whenever rewards are worth `gas_multiple` times the gas, or with
    `when_pays` once they are worth sqrt(2 gas stake); at most once in `cooldown_s`.

    The best interval without compounding costs other than gas G, at value V and reward rate r, is
    about sqrt(2 G / (V r^2)) years. A swap cost is due whenever rewards are sold and does not move
    it. A position never compounds at a loss.

    >>> Compound(name="weekly", position="farm", interval_s="7d").interval_s
    604800.0
    """

    kind: ClassVar[str] = "compound"
    name: Name
    position: Name
    interval_s: Duration | None = None
    gas_multiple: Positive | None = None
    when_pays: bool = False
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0

    fields: ClassVar[Rows] = ("acted_s",)
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> "Compound":
        told = (self.interval_s is not None, self.gas_multiple is not None, self.when_pays)
        if sum(told) != 1:
            raise ValueError("give one of interval_s, gas_multiple and when_pays")
        return self

    @property
    def every_s(self) -> float | None:
        """Its interval is its clock."""
        return self.interval_s

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position whose rewards it compounds."""
        gauges: Rows = () if self.interval_s is not None else ("reward_value", "gas")
        if self.when_pays:
            gauges = (*gauges, "staked_value")
        return ((self.position, gauges, ("compound",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing compounded yet."""
        state["acted_s"] = -1e18

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Compound everywhere, or where it pays its gas often enough."""
        if self.interval_s is not None:
            mask = np.ones(state.data.shape[1], np.bool_)
        else:
            mask = view.gauge(self.position, "reward_value") > self._enough(view)
        mask &= now.t_s - state["acted_s"] >= self.cooldown_s
        if not mask.any():
            return ()
        state["acted_s"][mask] = now.t_s
        return (Order(position=self.position, verb="compound", mask=mask),)

    def _enough(self, view: View) -> Array:
        """What rewards must be worth."""
        gas = view.gauge(self.position, "gas")
        if self.gas_multiple is not None:
            return self.gas_multiple * gas
        stake = np.maximum(view.gauge(self.position, "staked_value"), 0.0)
        return np.maximum(np.sqrt(2.0 * gas * stake), gas)
