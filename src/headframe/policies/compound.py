"""Put rewards back to work: every so often, or once they are worth a multiple of the gas."""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Compound:
    """
    Compound every `interval_s`, or whenever rewards are worth `gas_multiple` times the gas.

    The best interval without compounding costs other than gas G, at value V and reward rate r, is
    about sqrt(2 G / (V r^2)) years. A position never compounds at a loss.

    >>> Compound(name="weekly", position="farm", interval_s="7d").interval_s
    604800.0
    """

    kind: ClassVar[str] = "compound"
    name: Name
    position: Name
    interval_s: Duration | None = None
    gas_multiple: Positive | None = None
    lag_s: Delay = 0.0

    fields: ClassVar[Rows] = ()
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> "Compound":
        if (self.interval_s is None) == (self.gas_multiple is None):
            raise ValueError("give either interval_s or gas_multiple")
        return self

    @property
    def every_s(self) -> float | None:
        """Its interval is its clock."""
        return self.interval_s

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position whose rewards it compounds."""
        gauges: Rows = () if self.gas_multiple is None else ("reward_value", "gas")
        return ((self.position, gauges, ("compound",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No memory."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Compound everywhere, or where it pays its gas often enough."""
        if self.gas_multiple is None:
            mask = np.ones(state.data.shape[1], np.bool_)
        else:
            gas = view.gauge(self.position, "gas")
            mask = view.gauge(self.position, "reward_value") > self.gas_multiple * gas
        return (Order(position=self.position, verb="compound", mask=mask),) if mask.any() else ()
