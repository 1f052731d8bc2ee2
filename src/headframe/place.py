"""
Where a position stands, and the house rules about it.

A position is on a chain, in a protocol, under a jurisdiction; a contract may break, a front end be
withdrawn, a law force everybody out. None of this is the position's own mechanics, so it stands
beside the position and the engine acts on it (`mishaps.py`); the house rules say where the desk may
stand and how much of it (`refusals.py`).
"""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.layout import Layout
from headframe.types import STRICT, Fraction, Name, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Place:
    """
    The ground that a position stands on; in a book these are keys of the position's own table.

    `kept` is an observable: 1 until the contract is broken, then the share of what lies in it that
    comes back (see the process `contract_risk`). From that moment the position is closed, and of
    all that it pays into the wallet the rest is booked as `breach`. `frozen` is 1 while no order
    reaches the position (a withdrawn front end, frozen assets, a pause): the owner can do nothing,
    the liquidator can. `forced_out` turns 1 when law or governance ends it: the position is closed
    at that instant's prices and costs, and stays closed.

    >>> Place(chain="arbitrum", protocol="gmx", kept="gmx_kept").events
    ('breached_s',)
    """

    chain: Name | None = None
    protocol: Name | None = None
    jurisdiction: Name | None = None
    kept: Signal = 1.0
    frozen: Signal = 0.0
    forced_out: Signal = 0.0

    @property
    def breaks(self) -> bool:
        """Whether its contract can be broken."""
        return self.kept != 1.0

    @property
    def events(self) -> Rows:
        """What can happen to it once, by the row that holds the time."""
        forced = ("forced_out_s",) if self.forced_out != 0.0 else ()
        frozen = ("frozen_s",) if self.frozen != 0.0 else ()
        return (*(("breached_s",) if self.breaks else ()), *forced, *frozen)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Its three observables."""
        return (self.kept, self.frozen, self.forced_out)

    def wire(self, layout: Layout) -> tuple[int, int, int]:
        """Rows of the three observables."""
        return layout.row(self.kept), layout.row(self.frozen), layout.row(self.forced_out)


NOWHERE = Place()
"""Where a position stands of which nothing is said."""
KEYS: Rows = tuple(Place.__dataclass_fields__)
"""The keys of a position's table that belong to its place."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class House:
    """
    The rules of the house: the table `[house]` of a book.

    What is lent against is capped by `largest_leverage`, what lies in one protocol by
    `share_per_protocol` of the desk's wealth; `chains`, `protocols` and `jurisdictions` list where
    the desk may stand, and then every position must say where it does. A book that breaks a rule
    is refused when it is made or opened; during a run orders that would break one are refused and
    counted.

    >>> House(largest_leverage=3.0, chains=("ethereum", "arbitrum")).largest_leverage
    3.0
    """

    largest_leverage: Annotated[float, Field(ge=1.0)] | None = None
    share_per_protocol: Fraction | None = None
    chains: tuple[Name, ...] | None = None
    protocols: tuple[Name, ...] | None = None
    jurisdictions: tuple[Name, ...] | None = None

    def check(self, name: str, place: Place, leverage: float | None) -> None:
        """Raise `InputError` where a position, as it is set up, breaks a rule."""
        most = self.largest_leverage
        if most is not None and leverage is not None and leverage > most:
            said = f"at most {most:g}: house.largest_leverage"
            raise InputError(f"position.{name}.leverage", leverage, said)
        for key in ("chain", "protocol", "jurisdiction"):
            allowed = getattr(self, f"{key}s")
            value = getattr(place, key)
            if allowed is None or value in allowed:
                continue
            said = f"one of {', '.join(allowed) or 'none'}: house.{key}s"
            raise InputError(f"position.{name}.{key}", value or "nothing", said)
