"""
The price of power: a season by hour, weekday and day of the year, a deviation that returns to it,
and spikes that decay by themselves. It may be negative, as it is in most markets with much wind.

    P = season(calendar) + x + s
    dx = -k x dt + sigma dW,   ds = -k' s dt + J dN,   |J| lognormal

After J. Lucia and E. Schwartz, "Electricity prices and power derivatives" (Review of Derivatives
Research 5, 2002), model 1, for the price and not its logarithm, with the spikes of A. Cartea and M.
Figueroa, "Pricing in electricity markets" (Applied Mathematical Finance 12, 2005).
"""

import math
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import power as kernel
from headframe.layout import Layout, record
from headframe.process import UNIX_TS, Tick
from headframe.processes.names import PowerName
from headframe.processes.ou import spread
from headframe.types import STRICT, Block, Duration, Fraction, NonNegative, Positive, Rows
from headframe.units import DAYS_PER_YEAR, HOUR_S, YEAR_S

Profile = Annotated[tuple[float, ...], Field(min_length=24, max_length=24)]
"""One number for each hour of the day, the first for midnight to one."""
DayOfYear = Annotated[float, Field(ge=0.0, le=366.0)]
"""Days since New Year."""
Offset = Annotated[float, Field(ge=-14.0, le=14.0)]
"""Hours that the local clock is ahead of UTC."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Power:
    """
    A price of power per megawatt-hour; every amount is in the unit that its name says.

    `by_hour` and `weekend` are added to `mean`, in local time (`utc_offset_h`; a summer time is not
    known). The year has two cosines, `yearly` peaking on day `yearly_peak_day` and `half_yearly`
    likewise. `volatility` is the deviation's per square root of a year; each of the
    `spikes_per_year` has a size of median `spike_median` and logarithmic deviation `spike_sd`, is
    upward with chance `spike_up_share` and halves in `spike_half_life_s`. `floor` and `cap` are the
    market's own limits. The price is the mean over the step that ends now as far as hours and days
    go; deviation and spikes are those of its end, so fit them at the step you run.

    >>> Power(name="ercot_usd_per_mwh", mean=27.0, half_life_s="6h", volatility=900.0,
    ...       spikes_per_year=60.0, spike_median=80.0, spike_half_life_s="2h").normals
    ('ercot_usd_per_mwh',)
    """

    kind: ClassVar[str] = "power"
    name: PowerName
    mean: float
    by_hour: Profile = (0.0,) * 24
    weekend: float = 0.0
    yearly: NonNegative = 0.0
    yearly_peak_day: DayOfYear = 0.0
    half_yearly: NonNegative = 0.0
    half_yearly_peak_day: DayOfYear = 0.0
    utc_offset_h: Offset = 0.0
    start_deviation: float = 0.0
    half_life_s: Duration
    volatility: NonNegative
    spikes_per_year: NonNegative = 0.0
    spike_median: Positive = 1.0
    spike_sd: NonNegative = 0.0
    spike_up_share: Fraction = 1.0
    spike_half_life_s: Duration = HOUR_S
    floor: float | None = None
    cap: float | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("deviation", "spike")
    reads: ClassVar[Rows] = (UNIX_TS,)
    reads_before: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _limits_in_order(self) -> "Power":
        if self.floor is not None and self.cap is not None and self.floor >= self.cap:
            raise ValueError("floor must be below cap")
        return self

    @property
    def publishes(self) -> Rows:
        """The price."""
        return (self.name,)

    @property
    def least(self) -> float | None:
        """The least that the price can be: the market's floor."""
        return self.floor

    @property
    def normals(self) -> Rows:
        """The deviation's shock, which bears the price's name."""
        return (self.name,)

    @property
    def uniforms(self) -> Rows:
        """Whether a spike comes, its sign and its size."""
        return (f"{self.name}.spike",)

    def spike_chance(self, dt_s: float) -> float:
        """Chance of a spike in a step; two in one step count as one."""
        return -math.expm1(-self.spikes_per_year * dt_s / YEAR_S)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and the profile's sums."""
        variance = spread(volatility=self.volatility, half_life_s=self.half_life_s, t_s=dt_s)
        constants = record(
            mean=self.mean,
            weekend=self.weekend,
            utc_offset_s=self.utc_offset_h * HOUR_S,
            amplitude1=self.yearly,
            peak1=self.yearly_peak_day / DAYS_PER_YEAR,
            amplitude2=self.half_yearly,
            peak2=self.half_yearly_peak_day / DAYS_PER_YEAR,
            held=math.exp2(-dt_s / self.half_life_s),
            scale=math.sqrt(variance),
            spike_held=math.exp2(-dt_s / self.spike_half_life_s),
            chance=self.spike_chance(dt_s),
            up_share=self.spike_up_share,
            spike_median=self.spike_median,
            spike_sd=self.spike_sd,
            floor=-1e12 if self.floor is None else self.floor,
            cap=1e12 if self.cap is None else self.cap,
            z=layout.draw(self.name),
            u=layout.draw(f"{self.name}.spike"),
        )
        sums = np.concatenate([[0.0], np.cumsum(self.by_hour)])
        return constants, sums, layout.row(self.name), layout.row(UNIX_TS)

    def open(self, state: Block, now: Tick) -> None:
        """The season at the opening, and the deviation given."""
        constants, _, row, _ = state.wire
        state["deviation"] = self.start_deviation
        self._season(state, now, HOUR_S)
        price = now.world.data[row]
        price += self.start_deviation
        np.clip(price, constants[0]["floor"], constants[0]["cap"], out=price)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """The season over the step, and one step of deviation and spikes."""
        constants, _, row, _ = state.wire
        self._season(state, now, now.dt_s)
        kernel.deviate(state.data, now.draws.data, now.world.data[row], constants)

    def _season(self, state: Block, now: Tick, span_s: float) -> None:
        constants, sums, row, calendar = state.wire
        world = now.world.data
        kernel.season(world[calendar], sums, world[row], span_s, constants)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the season depends on the calendar."""
        return {}
