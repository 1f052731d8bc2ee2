"""
Energy that comes and goes: how much of a plant's capacity there is, from 0 to 1.

    share = shape(local hour) x weather x flows
    weather   a share whose logit returns to that of its median
    flows     1 or 0, by turns, each for an exponentially distributed time

The sun follows the hours of a day and the clouds, the wind has calms that last for days, a well
flows until it is shut in or the gas finds a pipe. Each of the three parts may be left out. The
logit's return is that of `utilisation`; to flow and to stop by turns is a telegraph process. It is
stepped exactly: a step later it flows with chance

    p + (now - p) exp(-(1/flows + 1/stops) dt),   p = flows / (flows + stops)
"""

import math
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import intermittent as kernel
from headframe.layout import Layout, record
from headframe.process import UNIX_TS, Tick
from headframe.processes.names import QuantityName
from headframe.processes.ou import InnerShare
from headframe.processes.power import Offset
from headframe.types import STRICT, Block, Duration, Fraction, NonNegative, Rows
from headframe.units import HOUR_S

Shape = Annotated[tuple[Fraction, ...], Field(min_length=24, max_length=24)]
"""Shares of capacity by hour of the day, from midnight on."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Intermittent:
    """
    The share of a plant's capacity that there is, for `available` of an `onsite` power contract.

    `by_hour` is what a clear day gives at each local hour. `median` is the weather's usual share of
    it, `spread` the standard deviation of its logit in the long run, half of a deviation being gone
    in `half_life_s`. `flows_s` and `stops_s` are how long it flows and stands still on average.
    Paths start with the weather at its median, flowing. Published is, as of a price of power, the
    mean of the shape over the step that ends now, with the weather and the flow of its end.

    >>> well = Intermittent(name="well_flow_share", flows_s="20d", stops_s="5d")
    >>> well.mean_flow, well.publishes
    (0.8, ('well_flow_share',))
    """

    kind: ClassVar[str] = "intermittent"
    name: QuantityName
    by_hour: Shape | None = None
    utc_offset_h: Offset = 0.0
    median: InnerShare | None = None
    spread: NonNegative = 0.0
    half_life_s: Duration = 12.0 * HOUR_S
    flows_s: Duration | None = None
    stops_s: Duration | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("logit", "flows")
    reads: ClassVar[Rows] = (UNIX_TS,)
    reads_before: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _comes_and_goes(self) -> "Intermittent":
        if (self.flows_s is None) != (self.stops_s is None):
            raise ValueError("give flows_s and stops_s, or neither")
        if self.spread > 0.0 and self.median is None:
            raise ValueError("spread needs a median between 0 and 1")
        if self.by_hour is None and self.median is None and self.flows_s is None:
            raise ValueError("give by_hour, median, or flows_s and stops_s: else nothing varies")
        return self

    @property
    def publishes(self) -> Rows:
        """The share."""
        return (self.name,)

    @property
    def normals(self) -> Rows:
        """The weather's shock, which bears the share's name, where there is weather."""
        return () if self.spread == 0.0 else (self.name,)

    @property
    def uniforms(self) -> Rows:
        """Whether the flow turns, where it does."""
        return () if self.flows_s is None else (f"{self.name}.flow",)

    @property
    def mean_flow(self) -> float:
        """Share of time in which it flows."""
        if self.flows_s is None or self.stops_s is None:
            return 1.0
        return self.flows_s / (self.flows_s + self.stops_s)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, the shape's sums, and rows."""
        held = math.exp2(-dt_s / self.half_life_s)
        turned = 0.0
        if self.flows_s is not None and self.stops_s is not None:
            turned = -math.expm1(-(1.0 / self.flows_s + 1.0 / self.stops_s) * dt_s)
        median = 0.5 if self.median is None else self.median
        constants = record(
            utc_offset_s=self.utc_offset_h * HOUR_S,
            mean=math.log(median / (1.0 - median)),
            held=held,
            scale=self.spread * math.sqrt(1.0 - held * held),
            weather=int(self.median is not None),
            stop=(1.0 - self.mean_flow) * turned,
            start=self.mean_flow * turned,
            z=layout.draw(self.name) if self.normals else 0,
            u=layout.draw(f"{self.name}.flow") if self.uniforms else 0,
        )
        sums = np.concatenate([[0.0], np.cumsum(self.by_hour or (1.0,) * 24)])
        return constants, sums, layout.row(self.name), layout.row(UNIX_TS), dt_s

    def open(self, state: Block, now: Tick) -> None:
        """The weather at its median, and it flows."""
        state["logit"] = state.wire[0][0]["mean"]
        state["flows"] = 1.0
        self._publish(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step of weather and flow."""
        constants = state.wire[0]
        if self.normals:
            kernel.weather(state.data, now.draws.data, constants)
        if self.uniforms:
            kernel.flow(state.data, now.draws.data, constants)
        self._publish(state, now)

    def _publish(self, state: Block, now: Tick) -> None:
        constants, sums, row, calendar, span_s = state.wire
        world = now.world.data
        kernel.share(state.data, world[calendar], sums, world[row], span_s, constants)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form: the mean of a logit-normal share has none."""
        return {}
