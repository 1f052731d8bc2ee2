"""
The temperature of a place: a season, a day, and weather that comes and goes.

    T = mean + A cos(2 pi (year - warmest day)) + B cos(2 pi (day - warmest hour)) + x
    dx = -k x dt + sigma dW

Machines slow down and stop in the heat, and fans work harder. The form is that of the models behind
temperature derivatives: a sine for the season and an Ornstein-Uhlenbeck deviation (P. Alaton, B.
Djehiche, D. Stillberger, "On modelling and pricing weather derivatives", Applied Mathematical
Finance 9, 2002), here with a daily cosine for hourly steps.
"""

import math
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import climate as kernel
from headframe.layout import Layout, record
from headframe.process import UNIX_TS, Tick
from headframe.processes.names import quantities
from headframe.processes.power import DayOfYear, Offset
from headframe.types import STRICT, Block, Duration, Name, NonNegative, Rows
from headframe.units import DAY_S, DAYS_PER_YEAR, HOUR_S, HOURS_PER_DAY

Celsius = Annotated[float, Field(ge=-100.0, le=100.0)]
"""A temperature of the air."""
Hour = Annotated[float, Field(ge=0.0, le=24.0)]
"""An hour of the day."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Climate:
    """
    The temperature of the air at a place, in degrees Celsius.

    `yearly_c` and `daily_c` are how far the warmest day of the year and the warmest hour of a day
    lie above the mean: half of the range between July and January, and half of the usual range of a
    day. `weather_sd_c` is the standard deviation of the weather around them in the long run, half
    of which is forgotten in `weather_half_life_s`. Publishes `<name>_ambient_c`: the season's mean
    over the step that begins now, with the weather at its beginning. Hours are local
    (`utc_offset_h`; a summer time is not known).

    >>> Climate(name="texas", mean_c=18.0, yearly_c=10.0, daily_c=7.0, weather_sd_c=4.0,
    ...         utc_offset_h=-6.0).publishes
    ('texas_ambient_c',)
    """

    kind: ClassVar[str] = "climate"
    name: Name
    mean_c: Celsius
    yearly_c: NonNegative = 0.0
    warmest_day: DayOfYear = 200.0
    daily_c: NonNegative = 0.0
    warmest_hour: Hour = 15.0
    utc_offset_h: Offset = 0.0
    weather_sd_c: NonNegative = 0.0
    weather_half_life_s: Duration = 2.0 * DAY_S
    start_deviation_c: float = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("deviation_c",)
    reads: ClassVar[Rows] = (UNIX_TS,)
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_names(self) -> "Climate":
        _ = self.publishes
        return self

    @property
    def publishes(self) -> Rows:
        """The temperature."""
        return quantities(self.name, "ambient_c")

    @property
    def normals(self) -> Rows:
        """The weather's shock, which bears the temperature's name."""
        return self.publishes

    def weather_variance(self, t_s: float) -> float:
        """
        Variance of the weather a time after it is known.

            sd^2 (1 - 2^(-2 t / half-life))
        """
        forgotten = -math.expm1(-2.0 * math.log(2.0) * t_s / self.weather_half_life_s)
        return float(self.weather_sd_c) ** 2 * forgotten

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and rows."""
        (name,) = self.publishes
        constants = record(
            mean=float(self.mean_c),
            yearly=float(self.yearly_c),
            year_peak=self.warmest_day / DAYS_PER_YEAR,
            daily=float(self.daily_c),
            day_peak=self.warmest_hour / HOURS_PER_DAY,
            utc_offset_s=self.utc_offset_h * HOUR_S,
            held=math.exp2(-dt_s / self.weather_half_life_s),
            scale=math.sqrt(self.weather_variance(dt_s)),
            z=layout.draw(name),
        )
        return constants, layout.row(name), layout.row(UNIX_TS), dt_s

    def open(self, state: Block, now: Tick) -> None:
        """The season at the opening, and the deviation given."""
        state["deviation_c"] = self.start_deviation_c
        self._season(state, now)
        now.world.data[state.wire[1]] += self.start_deviation_c

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """The season of the step that begins, and one exact step of the weather."""
        constants, row, _, _ = state.wire
        self._season(state, now)
        kernel.weather(state.data, now.draws.data, now.world.data[row], constants)

    def _season(self, state: Block, now: Tick) -> None:
        constants, row, calendar, span_s = state.wire
        world = now.world.data
        kernel.season(world[calendar], world[row], span_s, constants)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the season depends on the calendar."""
        return {}
