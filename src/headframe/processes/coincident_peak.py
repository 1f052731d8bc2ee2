"""
When a power system peaks: how likely each interval is to be its month's highest, and which one was.

A transmission system bills large users by their load in the intervals in which the whole system's
load was highest: in Texas one in each of June to September (4CP). Nobody knows the interval before
the month is over. What can be known in the morning is how hot the day will be, and whether it is
hotter than any day of the month so far.

    chance today = heat^(days left) if heat > the best so far, else 0     (heat: a rank, 0 to 1)

which is the chance that none of the days left is hotter, days being independent. Within the day it
falls on hours by `by_hour`. Source: records of independent draws (A. Renyi, 1962); 4CP by the rules
of the Texan system operator.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.kernels import coincident_peak as kernel
from headframe.layout import Layout, record
from headframe.process import UNIX_TS, Tick
from headframe.processes.names import QuantityName, quantities
from headframe.processes.power import Offset
from headframe.types import STRICT, Block, Duration, NonNegative, Rows
from headframe.units import DAY_S, HOUR_S

Hours = Annotated[tuple[NonNegative, ...], Field(min_length=24, max_length=24)]
"""A weight for each hour of the day, the first for midnight to one."""
Month = Annotated[int, Field(ge=3, le=12)]
"""A month from March to December."""
AFTERNOON = (0.0,) * 14 + (0.05, 0.25, 0.55, 0.15) + (0.0,) * 6
"""
Hours of the peaks by default: two to six in the afternoon, most of all four to five. An assumption
after the peaks of the 2010s; later ones with much sun on the grid come later in the day.
"""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CoincidentPeaks:
    """
    The peaks of a power system in the months of a season.

    Publishes `<name>_chance`, that of the interval that begins now being its month's peak, and
    `<name>_record`: 1 where the interval that ended is the highest of its month so far, 2 where it
    is also the first, else 0. Hours are local (`utc_offset_h`). Runs at steps of a day or less.

    >>> CoincidentPeaks(name="ercot_system_peak", utc_offset_h=-5.0).publishes
    ('ercot_system_peak_chance', 'ercot_system_peak_record')
    """

    kind: ClassVar[str] = "coincident_peak"
    name: QuantityName
    first_month: Month = 6
    last_month: Month = 9
    by_hour: Hours = AFTERNOON
    utc_offset_h: Offset = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("heat", "peak_s", "best", "best_before")
    reads: ClassVar[Rows] = (UNIX_TS,)
    reads_before: ClassVar[Rows] = (UNIX_TS,)
    normals: ClassVar[Rows] = ()

    @field_validator("by_hour")
    @classmethod
    def _some_hour(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if sum(value) <= 0.0:
            raise ValueError("24 weights of which at least one is above 0")
        return value

    @model_validator(mode="after")
    def _months_in_order(self) -> "CoincidentPeaks":
        if self.first_month > self.last_month:
            raise ValueError("first_month must not come after last_month")
        return self

    @property
    def publishes(self) -> Rows:
        """The chance of the next interval, and whether the last one was a record."""
        return quantities(self.name, "chance", "record")

    @property
    def uniforms(self) -> Rows:
        """How hot a day is, and when its peak comes."""
        return (f"{self.name}.heat", f"{self.name}.hour")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Months, the hours' sums, rows."""
        if dt_s > DAY_S:
            raise InputError(f"process.{self.name}", dt_s, f"a step of at most {DAY_S:g} s")
        constants = record(
            first_month=float(self.first_month),
            last_month=float(self.last_month),
            utc_offset_s=self.utc_offset_h * HOUR_S,
            heat=layout.draw(f"{self.name}.heat"),
            hour=layout.draw(f"{self.name}.hour"),
        )
        sums = np.concatenate([[0.0], np.cumsum(self.by_hour)]) / sum(self.by_hour)
        rows = [layout.row(name) for name in (*self.publishes, UNIX_TS)]
        return constants, sums, rows, dt_s

    def open(self, state: Block, now: Tick) -> None:
        """No day has begun: the first one known is that of tomorrow's morning."""
        state["heat"] = state["best"] = state["best_before"] = kernel.NO_HEAT
        for name in self.publishes:
            now.world[name] = 0.0

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """The interval that ends now, and the chance of the one that begins."""
        constants, sums, (chance, hit, calendar), span_s = state.wire
        world = now.world.data
        kernel.watch(
            state.data,
            now.draws.data,
            before.world.data[calendar],
            world[calendar],
            sums,
            world[chance],
            world[hit],
            span_s,
            constants,
        )

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: it depends on the calendar."""
        return {}
