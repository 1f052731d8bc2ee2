"""
What can be seen, and how one thing that can be seen moves.

A `Tick` is one instant on every path of a chunk. A `Process` moves one observable or a few: it says
what it publishes, what it reads, and which random shocks it needs; the scenario puts the processes
in order, draws the shocks and hands each process its own state block.
"""

from typing import Any, Protocol, runtime_checkable

from headframe.types import Array, Block, Rows, Signal

ONE = "one"
"""The observable that is always 1: the price of the numeraire in itself."""
UNIX_TS = "unix_ts"
"""The observable that holds each path's own calendar: seconds since 1970, UTC."""


class Tick:
    """
    One instant on every path of a chunk.

    `step` counts steps of the run's clock, `t_s` is the time since the start, `dt_s` the time since
    the reader's previous call; `tick["eth_usd"]` is a row of observables.
    """

    __slots__ = ("draws", "dt_s", "step", "t_s", "world")

    def __init__(
        self, world: Block, draws: Block, step: int = 0, t_s: float = 0.0, dt_s: float = 0.0
    ) -> None:
        self.world = world
        self.draws = draws
        self.step = step
        self.t_s = t_s
        self.dt_s = dt_s

    def __getitem__(self, name: str) -> Array:
        return self.world[name]


@runtime_checkable
class Process(Protocol):
    """
    How observables move.

    `wire` is asked once when a run is opened and may resolve row numbers and constants; its answer
    is `state.wire` in every later call. `open` writes the first values; `step` writes `now` from
    the process's own state, from `before`, and from observables of `now` that it declared in
    `reads`. Shocks stand in `now.draws` under the names declared in `normals` and `uniforms`.
    """

    @property
    def name(self) -> str:
        """The process's name; usually that of its observable."""

    @property
    def every_s(self) -> float | None:
        """The process's own clock in seconds; None is the book's step."""

    @property
    def fields(self) -> Rows:
        """Rows of its state block."""

    @property
    def publishes(self) -> Rows:
        """Observables that it writes."""

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Observables whose value now it needs: they are stepped first. A number has a row too."""

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """Observables whose previous value it needs."""

    @property
    def normals(self) -> Rows:
        """Names of its standard normal shocks, one draw each a step; these can be correlated."""

    @property
    def uniforms(self) -> Rows:
        """Names of its uniform draws on (0, 1)."""

    def wire(self, layout: Any, dt_s: float) -> Any:
        """Resolve constants for a step of `dt_s` and row numbers by `layout`."""

    def open(self, state: Block, now: Tick) -> None:
        """Write the first state and the first observables."""

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Move by one step of its clock."""

    def expectation(self, t_s: float) -> dict[str, float]:
        """Means at `t_s` known in closed form, by observable: these serve as control variates."""
