"""
The exogenous world: what would happen whatever we do.

A scenario opens one chunk of paths and then moves it step by step. Models, history, bootstrapped
history and stress all do only this; a backtest is a scenario with one path, or with one path for
every start date.
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from headframe.process import Tick
from headframe.types import Array, Rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """
    A range of paths and all that their random numbers depend on.

    With `antithetic` paths, each odd path mirrors the even one before it.
    """

    first: int
    n_paths: int
    seed: int
    antithetic: bool = False

    def counters(self) -> npt.NDArray[np.uint64]:
        """The counter of each path: its number, shared by the two of an antithetic pair."""
        ids = np.arange(self.first, self.first + self.n_paths, dtype=np.uint64)
        return ids >> np.uint64(1) if self.antithetic else ids

    def signs(self) -> Array:
        """-1 on mirrored paths, else +1."""
        if not self.antithetic:
            return np.ones(self.n_paths)
        odd = np.arange(self.first, self.first + self.n_paths) & 1
        return np.where(odd == 1, -1.0, 1.0)


@runtime_checkable
class Scenario(Protocol):
    """
    The world, opened once for a chunk and then stepped.

    `reads` names what its members need of each other; a number there is given a row.
    """

    @property
    def publishes(self) -> Rows: ...
    @property
    def reads(self) -> tuple[float | str, ...]: ...
    @property
    def clocks(self) -> tuple[float, ...]: ...

    def limit(self, horizon_s: float) -> int | None:
        """How many paths it has over this horizon (a history has finitely many), or None."""

    def wire(self, layout: Any, dt_s: float) -> Any:
        """Resolve constants and row numbers, once a run."""

    def open(self, wired: Any, paths: Paths, now: Tick) -> Any:
        """The state of one chunk; writes the first observables."""

    def step(self, state: Any, before: Tick, now: Tick) -> None:
        """Move every observable by one step of the run's clock."""
