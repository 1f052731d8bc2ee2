"""
Where a mine stands: its country's tax, and a law that may close it.

Tax is due at the end of each tax year (a `year_s` of 30 days makes it monthly), on one of three
bases: the *profit* that the books show since the last tax day (coins at the price of their day,
less fees, power, hosting, depreciation and the like), after losses of earlier years where the law
lets them be carried forward; the *revenue*, coins at the price of their day; or the *power* bill,
as an excise. It is a due of its own with the mine's grace. What was earned since the last tax day
of a run is not taxed yet.

Closure. From the moment at which the observable `closed` is 1 the site stands still. What becomes
of the machines is the country's law and the owner's choice: they wait for better times, they are
sold where they stand or abroad after `export_s` at `export_usd_per_machine`, or they are left
behind for scrap.
"""

from typing import Any, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Array,
    Delay,
    Duration,
    Mask,
    NonNegative,
    Rows,
    Signal,
)
from headframe.units import YEAR_S

CLOSED_S, TAX_USD, FIRST = range(3)
"""Rows: when the site closed, tax so far; then two for each tax, taxed up to now and carried."""
UNTAXED = frozenset({"principal", "settlement", "tax", "market", "forgiven"})
"""Kinds of entry that are no income and no cost."""
LATER_S = 1e-6
"""Times closer than this are the same."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Tax:
    """
    A tax of one kind at one rate.

    `rate` may be an observable (a law that changes). `carry_forward` lets losses of earlier years
    count against profits, as most countries do.

    >>> Tax(rate=0.21).on
    'profit'
    """

    rate: Signal
    on: Literal["profit", "revenue", "power"] = "profit"
    year_s: Duration = YEAR_S
    carry_forward: bool = True

    @model_validator(mode="after")
    def _a_share(self) -> "Tax":
        if not isinstance(self.rate, str) and not 0.0 <= self.rate < 1.0:
            raise ValueError("rate must be from 0 to below 1, or the name of an observable")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Closure:
    """
    A law that closes the site, and what its owner then does.

    `closed` is an observable, 1 from the day of the law (see the process `event`). `machines` says
    what becomes of them: `wait` (they stand until the site may open again), `sell` (at the resale
    cost of their batch, `export_s` later, for `export_usd_per_machine` each), `strand`.

    >>> Closure(closed="country_b_ban", machines="sell", export_s="90d").machines
    'sell'
    """

    closed: Signal
    machines: Literal["wait", "sell", "strand"] = "sell"
    export_s: Delay = 0.0
    export_usd_per_machine: NonNegative = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Law:
    """A country's rules for a mine: taxes, and a law that may close it."""

    country: str = ""
    taxes: tuple[Tax, ...] = ()
    closure: Closure | None = None

    @property
    def fields(self) -> Rows:
        """Rows of the mine's state block."""
        each = [(f"taxed{k}_usd", f"carried{k}_usd") for k in range(len(self.taxes))]
        return ("closed_s", "tax_usd", *(row for pair in each for row in pair))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Tax, which is owed."""
        return (Line("tax", USD),) if self.taxes else ()

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, and whether the site is closed."""
        closed = () if self.closure is None else (self.closure.closed,)
        return (*(tax.rate for tax in self.taxes), *closed)

    def wire(self, layout: Layout, mine: str, kinds: Rows) -> Any:
        """Rows of the entries that make the profit, of rates, and of the closure."""
        taxable = [layout.value(mine, kind) for kind in kinds if kind not in UNTAXED]
        owed = {"revenue": layout.value(mine, "reward"), "power": layout.value(mine, "power")}
        rates = [layout.row(tax.rate) for tax in self.taxes]
        closed = None if self.closure is None else layout.row(self.closure.closed)
        return taxable, owed, rates, closed, layout.price(USD)

    def tax(
        self, rows: Array, before: Tick, now: Tick, wire: Any, grace_s: float, out: Account
    ) -> None:
        """On a tax day: what is due on what was earned, mined or used since the last one."""
        taxable, owed, rates, _, usd = wire
        for k, (tax, rate) in enumerate(zip(self.taxes, rates, strict=True)):
            if not _ends(before.t_s, now.t_s, tax.year_s):
                continue
            taxed, carried = rows[FIRST + 2 * k], rows[FIRST + 2 * k + 1]
            if tax.on == "profit":
                so_far = out.books[taxable].sum(axis=0) / now.world.data[usd]
            else:
                so_far = np.abs(out.books[owed[tax.on]]) / now.world.data[usd]
            base = so_far - taxed - carried
            taxed[...] = so_far
            carried[...] = np.maximum(-base, 0.0) if tax.carry_forward else 0.0
            due = np.clip(now.world.data[rate], 0.0, 1.0) * np.maximum(base, 0.0)
            rows[TAX_USD] += due
            out.owe("tax", "tax", USD, due, grace_s)

    def is_closed(self, now: Tick, wire: Any) -> Mask:
        """Paths on which the site is closed now."""
        row = wire[3]
        closed: Mask = now.world.data[row] >= 0.5
        return closed

    def leaves(self, rows: Array, closed: Mask, is_open: Array, now: Tick) -> Mask:
        """Paths on which the machines go now: the site has been closed for as long as it takes."""
        closure = self.closure
        first = closed & (rows[CLOSED_S] >= NEVER_S)
        rows[CLOSED_S] = np.where(first, now.t_s, rows[CLOSED_S])
        if closure is None or closure.machines == "wait":
            return np.zeros(closed.shape, np.bool_)
        since_s = now.t_s - rows[CLOSED_S]
        gone: Mask = (is_open > 0.0) & (since_s >= closure.export_s - LATER_S)
        return gone


def _ends(before_s: float, now_s: float, year_s: float) -> bool:
    """Whether a tax year ends within a step."""
    return (now_s + LATER_S) // year_s > (before_s + LATER_S) // year_s
