"""
What is pulled back to its mean: the process of Ornstein and Uhlenbeck, and three uses of it.

    dx = k (m - x) dt + sigma dW,   k = ln 2 / half-life

`OU` publishes x, which may have either sign; `ExpOU` publishes e^x, a positive quantity such as a
pool's turnover or a block's fees (Schwartz, "The stochastic behavior of commodity prices", 1997,
model 1); `Utilisation` publishes 1 / (1 + e^-x), a share. All are stepped exactly. Source: G. E.
Uhlenbeck and L. S. Ornstein, "On the theory of the Brownian motion" (Phys. Rev. 36, 1930).
"""

import math
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.kernels import ou as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import QuantityName
from headframe.types import STRICT, Block, Duration, Name, NonNegative, Positive, Rows
from headframe.units import YEAR_S

InnerShare = Annotated[float, Field(gt=0.0, lt=1.0)]
"""A share strictly between 0 and 1."""


def pull(half_life_s: float) -> float:
    """Speed of the return to the mean, per year."""
    return math.log(2.0) / (half_life_s / YEAR_S)


def spread(*, volatility: float, half_life_s: float, t_s: float) -> float:
    """
    Variance of x at a time, given x at 0.

        sigma^2 (1 - exp(-2 k t)) / (2 k)
    """
    k = pull(half_life_s)
    return -(volatility**2) * math.expm1(-2.0 * k * t_s / YEAR_S) / (2.0 * k)


def wired(
    layout: Layout,
    *,
    draw: str,
    row: str,
    mean: float,
    half_life_s: float,
    volatility: float,
    dt_s: float,
) -> npt.NDArray[np.void]:
    """The record that the kernels take."""
    variance = spread(volatility=volatility, half_life_s=half_life_s, t_s=dt_s)
    return record(
        mean=mean,
        held=math.exp2(-dt_s / half_life_s),
        scale=math.sqrt(variance),
        z=layout.draw(draw),
        row=layout.row(row),
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OU:
    """
    A quantity that returns to its mean; `volatility` is per square root of a year, in its own unit.

    >>> OU(name="fx_basis_apr", start=0.05, mean=0.01, half_life_s="10d",
    ...    volatility=0.1).expectation(864_000.0)
    {'fx_basis_apr': 0.03}
    """

    kind: ClassVar[str] = "ou"
    name: Name
    start: float
    mean: float
    half_life_s: Duration
    volatility: NonNegative
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("x",)
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The quantity."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the quantity's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step."""
        return wired(
            layout,
            draw=self.name,
            row=self.name,
            mean=self.mean,
            half_life_s=self.half_life_s,
            volatility=self.volatility,
            dt_s=dt_s,
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["x"] = self.start
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step."""
        kernel.plain(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[x(t)] = m + (x(0) - m) exp(-k t)."""
        held = math.exp2(-t_s / self.half_life_s)
        return {self.name: self.mean + (self.start - self.mean) * held}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ExpOU:
    """
    A positive quantity whose logarithm returns to that of its median.

    In the long run it is lognormal with the given `median` and the mean
    median exp(sigma^2 / (4 k)); `volatility` is that of the logarithm.

    >>> turnover = ExpOU(name="eth_usdc_turnover", start=0.1, median=0.1, half_life_s="3d",
    ...                  volatility=5.0)
    >>> round(turnover.expectation(86_400.0)["eth_usdc_turnover"], 6)
    0.10278
    """

    kind: ClassVar[str] = "exp_ou"
    name: Name
    start: Positive
    median: Positive
    half_life_s: Duration
    volatility: NonNegative
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("x",)
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def least(self) -> float:
        """It is never below 0."""
        return 0.0

    @property
    def publishes(self) -> Rows:
        """The quantity."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the quantity's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step."""
        return wired(
            layout,
            draw=self.name,
            row=self.name,
            mean=math.log(self.median),
            half_life_s=self.half_life_s,
            volatility=self.volatility,
            dt_s=dt_s,
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["x"] = math.log(self.start)
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step."""
        kernel.exponential(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[e^x] = exp(E[x] + Var[x] / 2)."""
        held = math.exp2(-t_s / self.half_life_s)
        mean = math.log(self.median) + math.log(self.start / self.median) * held
        variance = spread(volatility=self.volatility, half_life_s=self.half_life_s, t_s=t_s)
        return {self.name: math.exp(mean + 0.5 * variance)}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Utilisation:
    """
    A share between 0 and 1 whose logit returns to that of its median: how much of a pool is lent.

    `volatility` is that of the logit ln(u / (1 - u)), per square root of a year: near a half, a
    logit moves four times as fast as the share.

    >>> Utilisation(name="usdc_pool_utilisation", start=0.8, median=0.85, half_life_s="5d",
    ...             volatility=6.0).publishes
    ('usdc_pool_utilisation',)
    """

    kind: ClassVar[str] = "utilisation"
    name: QuantityName
    start: InnerShare
    median: InnerShare
    half_life_s: Duration
    volatility: NonNegative
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("logit",)
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The share."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the share's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step."""
        return wired(
            layout,
            draw=self.name,
            row=self.name,
            mean=_logit(self.median),
            half_life_s=self.half_life_s,
            volatility=self.volatility,
            dt_s=dt_s,
        )

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`."""
        state["logit"] = _logit(self.start)
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step."""
        kernel.logistic(state.data, now.draws.data, now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form: the mean of a logit-normal share has none."""
        return {}


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
