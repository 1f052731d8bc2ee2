"""
The frame of a rider: a charge or a credit beside the price of energy in a mine's power contract.

A rider has rows of its own in the mine's state and is asked at fixed moments of each step, in this
order. What a rider has no use for is `idle`.

    hold      before the machines run: take from the load what must be given up
    settle    after they have run: charge or credit the step
    billed    a bill has been sent
    marginal  what it adds to the cost of one more unit of energy, so that rules which compare that
              cost with the mine's break-even heed it

A `Meter` is what it is shown of the machines, a `Moment` all that `settle` needs.
"""

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.process import Tick
from headframe.types import Array, Mask, Rows, Signal
from headframe.units import KW_PER_MW


class Meter(NamedTuple):
    """What the riders are shown of the fleet in a step."""

    on: Array
    is_open: Array
    capacity_kw: Array
    energy_kwh: Array


class Moment(NamedTuple):
    """A step of one rider: its rows, what is owed for power, fleet, world and constants."""

    own: Array
    unbilled: Array
    fleet: Meter
    before: Tick
    now: Tick
    wired: Any
    out: Account


class Rider(Protocol):
    """A charge or a credit beside the price of energy."""

    fields: ClassVar[Rows]
    uniforms: ClassVar[Rows]
    lines: ClassVar[tuple[Line, ...]]

    @property
    def capex_usd(self) -> float: ...
    @property
    def reads(self) -> tuple[Signal, ...]: ...

    def wire(self, layout: Layout, mine: str, name: str, dt_s: float) -> Any:
        """Constants of one step."""

    def start(self, own: Array, size: Array, out: Account | None) -> None:
        """Begin, where a mine of some `size` opens; without `out` it is there already."""

    def hold(self, own: Array, load: Array, fleet: Meter, now: Tick, wired: Any) -> None:
        """Take from the load of the step what must be given up."""

    def settle(self, at: Moment) -> None:
        """Charge or credit the step."""

    def marginal(self, own: Array, extra: Array, capacity_kw: Array, now: Tick, wired: Any) -> None:
        """Add to what one more unit costs, on average over full load, in USD per MWh."""

    def billed(self, own: Array, mask: Mask) -> None:
        """A bill has been sent."""

    def ended(self, own: Array, unbilled: Array, mask: Mask, out: Account) -> None:
        """The mine closes."""

    def holdings(self, own: Array, total: Array) -> None:
        """Add what it stands for in dollars; what is owed already stands in the bill."""


def idle(*_: Any) -> None:
    """Do nothing: stands in a rider for each moment that it has no use for."""


def booking(layout: Layout, mine: str, kind: str) -> dict[str, float | int]:
    """Rows of a held entry in dollars, and of the dollar's price."""
    return {
        "quantity": layout.quantity(mine, kind, USD, cash=False),
        "value": layout.value(mine, kind),
        "price_usd": layout.price(USD),
    }


def full_mw(capacity_kw: Array) -> Array:
    """Full load in MW, and 1 where there is none, to divide by."""
    return np.where(capacity_kw > 0.0, capacity_kw / KW_PER_MW, 1.0)


def not_negative(value: Signal) -> Signal:
    """A signal that cannot be below 0, as far as that is known beforehand."""
    if not isinstance(value, str) and value < 0.0:
        raise ValueError("a number of 0 or more, or the name of an observable")
    return value
