"""
Something owned or owed.

A position is frozen parameters and one state block. Between two instants the world moved: `step`
accrues, pays and is liquidated; then we do something: `act`. What happened to it goes to its
account as entries and dues, what others may read are its gauges, and what it holds are quantities
of assets, never dollars: value is quantity times price, and the exposure to hedge can be read off.
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from headframe.ledger import Account, Line
from headframe.process import Tick
from headframe.types import Array, Block, Mask, Rows, Signal


@dataclass(frozen=True, kw_only=True)
class Due:
    """
    An amount that must be paid by a deadline: a power bill, interest, a margin call.

    A due that is unpaid after `grace_s` is a default. With recourse the whole path fails: all is
    sold and the rest forgiven; without, the position alone is surrendered to its lender.
    """

    name: str
    asset: str
    kind: str
    grace_s: float = 0.0
    recourse: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Order:
    """
    What a policy wants of a position, on the paths of `mask`.

    `verb` is one of the position's verbs (`open` and `close` among them), `amount` its argument,
    one per path or one for all. Where `spends` names an asset, the amount is clipped to what the
    wallet holds of it when the order is carried out, and what was clipped is counted.
    """

    position: str
    verb: str
    mask: Mask
    amount: float | Array = 1.0
    spends: str | None = None

    def amounts(self) -> Array:
        """The amount on every path."""
        amount = np.asarray(self.amount, np.float64)
        if amount.shape == self.mask.shape:
            return amount
        return np.broadcast_to(amount, self.mask.shape)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trade:
    """Sell `amount` of one asset of the wallet for another, at this tick's prices less a cost."""

    sell: str
    buy: str
    mask: Mask
    amount: float | Array

    def amounts(self) -> Array:
        """The amount on every path."""
        return np.broadcast_to(np.asarray(self.amount, np.float64), self.mask.shape)


@runtime_checkable
class Position(Protocol):
    """
    Something owned or owed; the methods write in place and return nothing.

    `gauges` are what others may read (health, ltv, ...), `assets` what it may hold, `lines` the
    entries that it may book, `dues` what it may owe with a deadline, `events` those of its fields
    that hold the time at which something first happened (`NEVER_S` until then), `extremes` those
    whose last value the report shows as a distribution, `verbs` what it can be told to do.
    """

    @property
    def name(self) -> str: ...
    @property
    def every_s(self) -> float | None: ...
    @property
    def venue(self) -> str | None: ...
    @property
    def fields(self) -> Rows: ...
    @property
    def gauges(self) -> Rows: ...
    @property
    def assets(self) -> Rows: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...
    @property
    def dues(self) -> tuple[Due, ...]: ...
    @property
    def events(self) -> Rows: ...
    @property
    def extremes(self) -> Rows: ...
    @property
    def verbs(self) -> Rows: ...
    @property
    def reads(self) -> tuple[Signal, ...]: ...
    @property
    def normals(self) -> Rows: ...
    @property
    def uniforms(self) -> Rows: ...

    def wire(self, layout: Any, dt_s: float) -> Any:
        """Resolve constants for a step of `dt_s` and row numbers by `layout`, once a run."""

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Open on the paths of the order, from the wallet or from what is already held."""

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The world moved: accrue, pay, be liquidated."""

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Carry out one of `verbs` on the paths of the order."""

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Write what others may read."""

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Write quantities by asset if marked now; debt is negative; exit costs excluded."""

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """Holdings, plus what is owned but not held (a miner's future output)."""
