"""
Turn a mine's megawatts into contracted compute when the contract is worth more than mining on.

Compared are a megawatt under the contract on offer (a position `compute_lease`) and the same
megawatt mining on at today's margin, over the building and the term together:

    compute   net payments from the delay on, discounted
    mine      margin now, growing by `growth_apr` a year, discounted

The contract is signed where compute - mine - capital is at least `hurdle_usd_per_mw`: what the
right to wait is worth belongs there (`analytics/compute_conversion`). The machines that used the
power are sold at once.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.analytics.compute_conversion import annuities
from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, NonNegative, Rows, Signal
from headframe.units import DAYS_PER_YEAR, HOURS_PER_DAY, KW_PER_MW

OFFER: Rows = (
    "on_offer_mw",
    "capital_usd_per_mw",
    "net_usd_per_mw_year",
    "delay_years",
    "term_years",
)
"""Gauges of the lease that the rule needs."""
WHOLE = 1e-9
"""A count this much above a whole machine is one more."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Convert:
    """
    Sign the `lease` when it is worth more than mining on, and sell machines of `batch` for it.

    Rates are continuous and yearly. The capital must lie in the wallet above `cash_floor_usd`, and
    the mine must have the megawatts.

    >>> Convert(name="turn", position="mine", lease="tenant", batch="antminer_s19").needs[0][2]
    ('sell_antminer_s19',)
    """

    kind: ClassVar[str] = "convert"
    name: Name
    position: Name
    lease: Name
    batch: Name
    discount_apr: NonNegative = 0.1
    growth_apr: float = 0.0
    hurdle_usd_per_mw: float = 0.0
    cash_floor_usd: NonNegative = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    trades: ClassVar[Rows] = ()
    reads: ClassVar[tuple[Signal, ...]] = ()

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine with its margin and the batch, and the lease on offer."""
        seen = ("margin_usd_per_day", "capacity_mw", f"{self.batch}_kwh_per_day")
        mine = (self.position, seen, (f"sell_{self.batch}",))
        return (mine, (self.lease, OFFER, ("convert",)))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing of the world is needed."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing to remember."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Sign where it is worth it, and part with the machines."""
        offer = {row: view.gauge(self.lease, row) for row in OFFER}
        mw, capital = offer["on_offer_mw"], offer["capital_usd_per_mw"]
        full = view.gauge(self.position, "capacity_mw")
        free = view.wallet("usd") - self.cash_floor_usd
        possible = (mw > 0.0) & (full >= mw) & (free >= mw * capital)
        signs = possible & (self._gain(view, offer, full) >= self.hurdle_usd_per_mw)
        if not signs.any():
            return ()
        kw = view.gauge(self.position, f"{self.batch}_kwh_per_day") / HOURS_PER_DAY
        count = np.ceil(mw * KW_PER_MW / np.where(kw > 0.0, kw, np.inf) - WHOLE)
        return (
            Order(position=self.lease, verb="convert", mask=signs, amount=mw),
            Order(position=self.position, verb=f"sell_{self.batch}", mask=signs, amount=count),
        )

    def _gain(self, view: View, offer: dict[str, Array], full: Array) -> Array:
        """Compute less mining on less capital, for a megawatt, in USD."""
        per_mw = view.gauge(self.position, "margin_usd_per_day") / np.where(full > 0.0, full, 1.0)
        delay, end = offer["delay_years"], offer["delay_years"] + offer["term_years"]
        paid = annuities(self.discount_apr, end) - annuities(self.discount_apr, delay)
        mining = DAYS_PER_YEAR * per_mw * annuities(self.discount_apr - self.growth_apr, end)
        gain: Array = offer["net_usd_per_mw_year"] * paid - mining - offer["capital_usd_per_mw"]
        return gain
