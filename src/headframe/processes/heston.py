"""
A price whose variance moves by itself, after Heston ("A closed-form solution for options with
stochastic volatility", Review of Financial Studies 6, 1993).

    dS / S = mu dt + sqrt(v) dW,   dv = k (theta - v) dt + xi sqrt(v) dW',   dW dW' = rho dt

Stepped by full-truncation Euler (R. Lord, R. Koekkoek and D. van Dijk, "A comparison of biased
simulation schemes for stochastic volatility models", Quantitative Finance 10, 2010), the least
biased of the simple schemes: the price is an exact martingale after its drift, the variance's mean
reverts by (1 - k dt) a step instead of exp(-k dt), and where 2 k theta < xi^2 truncation at zero
raises it a little. Use steps of a day or less.
"""

import math
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.kernels import heston as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import PriceName
from headframe.types import STRICT, Block, Duration, NonNegative, Positive, Rows
from headframe.units import YEAR_S

Correlation = Annotated[float, Field(ge=-1.0, le=1.0)]
"""A correlation."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Heston:
    """
    A price with stochastic variance; all rates are per year.

    `start_variance` and `long_variance` are squares of volatilities. The price's shock bears the
    price's name and can be correlated with other processes; the variance's shock is rho times it
    and otherwise its own. The variance is published as `<name>_variance`.

    >>> eth = Heston(name="eth_usd", start=2000.0, start_variance=0.36, long_variance=0.49,
    ...              reversion=4.0, variance_volatility=1.2, rho=-0.3)
    >>> eth.publishes
    ('eth_usd', 'eth_usd_variance')
    >>> round(eth.mean_variance(31_536_000.0), 6)
    0.487619
    """

    kind: ClassVar[str] = "heston"
    name: PriceName
    start: Positive
    drift: float = 0.0
    start_variance: NonNegative
    long_variance: NonNegative
    reversion: Positive
    variance_volatility: NonNegative
    rho: Correlation = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("price", "variance")
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The price and its variance per year."""
        return (self.name, f"{self.name}_variance")

    @property
    def normals(self) -> Rows:
        """The price's shock, and the variance's own part."""
        return (self.name, f"{self.name}.variance")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step."""
        dt = dt_s / YEAR_S
        if self.reversion * dt > 1.0:
            raise InputError(
                f"process.{self.name}.reversion",
                self.reversion,
                f"at most one step's, {1.0 / dt:g}",
            )
        return record(
            dt=dt,
            drift=self.drift * dt,
            pull=self.reversion * dt,
            theta=self.long_variance,
            xi=self.variance_volatility,
            rho=self.rho,
            z=layout.draw(self.name),
            y=layout.draw(f"{self.name}.variance"),
            row=layout.row(self.name),
            variance=layout.row(f"{self.name}_variance"),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start` with `start_variance`."""
        state["price"], state["variance"] = self.start, self.start_variance
        now.world[self.name] = self.start
        now.world[f"{self.name}_variance"] = self.start_variance

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step."""
        kernel.step(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[S(t)] = S(0) exp(mu t), exact for the scheme too."""
        return {self.name: self.start * math.exp(self.drift * t_s / YEAR_S)}

    def mean_variance(self, t_s: float) -> float:
        """E[v(t)] = theta + (v(0) - theta) exp(-k t) of the model; the scheme is near it."""
        held = math.exp(-self.reversion * t_s / YEAR_S)
        return self.long_variance + (self.start_variance - self.long_variance) * held
