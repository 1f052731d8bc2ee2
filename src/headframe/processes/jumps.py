"""
Jump diffusion after Merton ("Option pricing when underlying stock returns are discontinuous",
Journal of Financial Economics 3, 1976).

    dS / S- = (mu - lambda k) dt + sigma dW + (e^J - 1) dN,   J ~ N(mean, sd),  k = E[e^J] - 1

The drift is compensated, so that E[S(t)] = S(0) exp(mu t). In one step at most one jump happens,
with probability 1 - exp(-lambda dt).
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
class Jumps:
    """
    A price that diffuses and now and then jumps; rates are per year, jump sizes logarithmic.

    >>> Jumps(name="eth_usd", start=2000.0, volatility=0.6, jumps_per_year=4.0, jump_mean=-0.08,
    ...       jump_sd=0.12).uniforms
    ('eth_usd.jump',)
    """

    kind: ClassVar[str] = "jumps"
    name: Name
    start: Positive
    drift: float = 0.0
    volatility: NonNegative
    jumps_per_year: NonNegative
    jump_mean: float = 0.0
    jump_sd: NonNegative = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("price",)
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The price."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """The diffusion's shock, which bears the price's name."""
        return (self.name,)

    @property
    def uniforms(self) -> Rows:
        """Whether, and how far, it jumps."""
        return (f"{self.name}.jump",)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step; the compensator uses the step's own chance of a jump."""
        dt = dt_s / YEAR_S
        chance = 1.0 - math.exp(-self.jumps_per_year * dt)
        growth = math.exp(self.jump_mean + 0.5 * self.jump_sd**2) - 1.0
        return record(
            drift=(self.drift - 0.5 * self.volatility**2) * dt - math.log1p(chance * growth),
            scale=self.volatility * math.sqrt(dt),
            chance=chance,
            mean=self.jump_mean,
            sd=self.jump_sd,
            z=layout.draw(self.name),
            u=layout.draw(f"{self.name}.jump"),
            row=layout.row(self.name),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["price"] = self.start
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step."""
        kernel.jumps(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[S(t)] = S(0) exp(mu t): the jumps are compensated."""
        return {self.name: self.start * math.exp(self.drift * t_s / YEAR_S)}
