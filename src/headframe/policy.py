"""
What we do, given only what is seen now.

A policy is called once a step with its own memory, a read-only view and the tick, and answers with
orders. It never receives the scenario: looking ahead is impossible by construction.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from headframe.position import Order, Trade
from headframe.process import Tick
from headframe.types import Array, Block, Rows, Signal

Orders = Sequence[Order | Trade]
"""What a policy answers with."""


class View(Protocol):
    """What a policy may see: all of it as of now, none of it writable."""

    def wallet(self, asset: str) -> Array:
        """Whole units of an asset in the wallet."""

    def gauge(self, position: str, name: str) -> Array:
        """One of a position's gauges."""

    def holding(self, position: str, asset: str) -> Array:
        """What a position holds of an asset; debt is negative."""

    def exposure(self, position: str, asset: str) -> Array:
        """What a position holds or will produce of an asset."""

    def event(self, position: str, name: str) -> Array:
        """When one of a position's events happened, in seconds; `NEVER_S` where it has not."""

    def net_exposure(self, asset: str) -> Array:
        """The book's exposure to an asset: the wallet and every position."""

    def owed(self, position: str, due: str) -> Array:
        """What a position owes on a due, in whole units of the due's asset."""

    def price(self, asset: str) -> Array:
        """The price of an asset in the numeraire."""


@runtime_checkable
class Policy(Protocol):
    """
    A rule of conduct.

    `needs` names the positions it watches with the gauges and verbs that they must have, so that a
    book with a policy that cannot work is refused before it runs. `lag_s` delays its orders.
    """

    @property
    def name(self) -> str: ...
    @property
    def every_s(self) -> float | None: ...
    @property
    def lag_s(self) -> float: ...
    @property
    def fields(self) -> Rows: ...
    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]: ...
    @property
    def trades(self) -> Rows: ...
    @property
    def reads(self) -> tuple[Signal, ...]: ...

    def wire(self, layout: Any, dt_s: float) -> Any:
        """Resolve constants and row numbers, once a run."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Set up the memory."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Decide, given what is seen now."""
