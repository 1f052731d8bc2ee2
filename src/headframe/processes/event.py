"""
Something that happens once, on a date or by chance: a law, an exploit, a frozen front end.

    P(not yet by t) = exp(-rate t)         by chance, at a constant rate a year
    from `at_s` on                          on a date

The observable is `before` until then and `after` from then on, or for `lasts_s` only. A date and a
rate may both be given: whichever comes first. Several things that hang on one event (every mine of
a country) read the same observable, and so fall together.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import QuantityName
from headframe.types import (
    NEVER_S,
    STRICT,
    Block,
    Delay,
    Duration,
    Rows,
    Signal,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Event:
    """
    One event, and the observable that tells of it.

    `at_s` is its time after the start, `per_year` the rate at which it comes by chance, which may
    be an observable.

    >>> Event(name="kazakh_mining_ban", per_year=0.1, at_s="2y").publishes
    ('kazakh_mining_ban',)
    """

    kind: ClassVar[str] = "event"
    name: QuantityName
    before: float = 0.0
    after: float = 1.0
    at_s: Delay | None = None
    per_year: Signal = 0.0
    lasts_s: Duration | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("happened_s",)
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _can_happen(self) -> "Event":
        if self.at_s is None and self.per_year == 0.0:
            raise ValueError("give at_s, a time, or per_year, a rate: else it never happens")
        if not isinstance(self.per_year, str) and self.per_year < 0.0:
            raise ValueError("per_year must be 0 or more")
        return self

    @property
    def publishes(self) -> Rows:
        """The observable of the event's own name."""
        return (self.name,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The rate."""
        return (self.per_year,)

    @property
    def uniforms(self) -> Rows:
        """The luck of each step, where there is any."""
        return () if self.per_year == 0.0 else (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The rows of the rate, of what is published and of the luck; the length of a step."""
        draw = layout.draw(self.name) if self.uniforms else None
        return layout.row(self.per_year), layout.row(self.name), draw, dt_s

    def open(self, state: Block, now: Tick) -> None:
        """It has not happened, unless its time is now."""
        state["happened_s"] = 0.0 if self.at_s == 0.0 else NEVER_S
        self._tell(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Perhaps it happens."""
        rate, _, draw, dt_s = state.wire
        happens = np.zeros(state.n_paths, np.bool_)
        if draw is not None:
            per_step = np.maximum(now.world.data[rate], 0.0) * (dt_s / YEAR_S)
            happens = now.draws.data[draw] < -np.expm1(-per_step)
        if self.at_s is not None:
            happens = happens | (now.t_s >= self.at_s - 1e-6)
        waits = state["happened_s"] >= NEVER_S
        state["happened_s"] = np.where(waits & happens, now.t_s, state["happened_s"])
        self._tell(state, now)

    def _tell(self, state: Block, now: Tick) -> None:
        since_s = now.t_s - state["happened_s"]
        lasts_s = NEVER_S if self.lasts_s is None else self.lasts_s
        holds = (since_s >= 0.0) & (since_s < lasts_s)
        now.world[self.name] = np.where(holds, self.after, self.before)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: a step that is not whole would shift it."""
        return {}
