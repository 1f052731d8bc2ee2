"""
What our own size moves: a pool's reserves, a lending market's utilisation, a farm's staked total.

A venue steps after the scenario and before the positions. It reads the rest of the world's share
from observables and our own share from the gauges of the positions that name it, and publishes what
both together make: the borrow rate with our debt in it, the reward rate that we dilute.
"""

from typing import Any, Protocol, runtime_checkable

from headframe.position import Position
from headframe.process import Tick
from headframe.types import Array, Block, Rows, Signal


@runtime_checkable
class Venue(Protocol):
    """
    A place of trade whose prices depend on our size.

    `gathers` names the gauges that are summed over the positions which use this venue; their sums
    arrive in `own`, as of the end of the previous step.
    """

    @property
    def name(self) -> str: ...
    @property
    def fields(self) -> Rows: ...
    @property
    def publishes(self) -> Rows: ...
    @property
    def reads(self) -> tuple[Signal, ...]: ...
    @property
    def gathers(self) -> Rows: ...

    def wire(self, layout: Any, dt_s: float) -> Any:
        """Resolve constants and row numbers, once a run."""

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """Write the first state and observables."""

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """The world moved: publish what its share and ours make together."""


def uses(position: Position, venue: Venue) -> bool:
    """Whether a position uses a venue: it names it, or reads what it publishes."""
    return position.venue == venue.name or any(s in venue.publishes for s in position.reads)
