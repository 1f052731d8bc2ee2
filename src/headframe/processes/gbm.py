"""
Geometric Brownian motion: the price process of Black, Scholes and Merton.

    dS / S = mu dt + sigma dW,   S(t) = S(0) exp((mu - sigma^2/2) t + sigma W(t))

Stepped exactly, so that the step's length does not matter to the distribution.
"""

import math
from typing import Any, ClassVar

from pydantic.dataclasses import dataclass

from headframe.kernels import prices as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import STRICT, Block, Duration, Name, NonNegative, Positive, Rows
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GBM:
    """
    A price that follows geometric Brownian motion; `drift` and `volatility` are per year.

    >>> eth = GBM(name="eth_usd", start=2000.0, drift=0.05, volatility=0.6)
    >>> round(eth.expectation(31_536_000.0)["eth_usd"], 6)
    2102.542193
    """

    kind: ClassVar[str] = "gbm"
    name: Name
    start: Positive
    drift: float = 0.0
    volatility: NonNegative
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("price",)
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The price."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the price's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Drift and scale of the logarithm for one step."""
        dt = dt_s / YEAR_S
        return record(
            drift=(self.drift - 0.5 * self.volatility**2) * dt,
            scale=self.volatility * math.sqrt(dt),
            z=layout.draw(self.name),
            row=layout.row(self.name),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["price"] = self.start
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step."""
        kernel.gbm(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[S(t)] = S(0) exp(mu t)."""
        return {self.name: self.start * math.exp(self.drift * t_s / YEAR_S)}
