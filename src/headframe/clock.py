"""
One clock for all: the run steps at the finest `every_s` among its members.

A member with a slower clock is called when its own time has come, and its `before` is its own
previous call: the world as it stood then is kept for it.
"""

from collections.abc import Iterable

from headframe.errors import InputError
from headframe.process import Tick
from headframe.types import Block


def finest_s(step_s: float, every_s: Iterable[float | None]) -> float:
    """The run's step in seconds; every clock must be a whole multiple of it."""
    clocks = [step_s, *(every for every in every_s if every is not None)]
    step = min(clocks)
    for clock in clocks:
        if abs(clock / step - round(clock / step)) > 1e-9:
            raise InputError("every_s", clock, f"a whole multiple of the finest clock, {step:g} s")
    return step


class Clock:
    """A clock of `every` steps of the run, and the tick at which it last struck."""

    def __init__(self, every: int, step_s: float) -> None:
        self.every = every
        self.dt_s = every * step_s
        self._kept: Tick | None = None

    @classmethod
    def of(cls, every_s: float, step_s: float) -> "Clock":
        """A clock that strikes each `every_s`."""
        return cls(round(every_s / step_s), step_s)

    def strikes(self, step: int) -> bool:
        """Whether it strikes at this step of the run."""
        return step % self.every == 0

    def count(self, step: int) -> int:
        """How often it had struck before this step, the opening not counted."""
        return step // self.every - 1

    def before(self, before: Tick) -> Tick:
        """The tick of the previous strike: the run's own where the clock is the run's."""
        return before if self._kept is None else self._kept

    def keep(self, now: Tick) -> None:
        """Remember the world at this strike, where the run's previous step will not do."""
        if self.every == 1:
            return
        if self._kept is None:
            self._kept = Tick(Block.zeros(now.world.rows, now.world.n_paths), now.draws)
        self._kept.world.data[...] = now.world.data
        self._kept.step, self._kept.t_s, self._kept.dt_s = now.step, now.t_s, now.dt_s
