"""
Part with machines that no longer pay for their power.

A day of dear power is no reason to sell a machine: that is what standing still is for. A machine is
obsolete when its margin has been negative for a long time on end.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies.machine_margin import gauges_of, margin
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import NEVER_S, STRICT, Block, Delay, Duration, Name, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Retire:
    """
    Sell or scrap a batch whose margin has been below `below_usd_per_day` for `for_s` on end.

    The margin is that of one healthy machine: income after the pool's fee less its energy, at the
    mine's marginal price of power or at `power_usd_per_mwh`. Where the mine has no price to tell,
    since no machine of it runs, the clock stands still. With `how = "sell"` healthy machines are
    sold and broken ones scrapped.

    >>> Retire(name="old", position="mine", batch="antminer_s9", for_s="30d").needs[0][2]
    ('sell_antminer_s9', 'scrap_antminer_s9')
    """

    kind: ClassVar[str] = "retire"
    name: Name
    position: Name
    batch: Name
    for_s: Duration
    below_usd_per_day: float = 0.0
    how: Literal["sell", "scrap"] = "sell"
    power_usd_per_mwh: Signal | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("since_s",)
    trades: ClassVar[Rows] = ()

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price of power, where it is not the mine's own."""
        return () if self.power_usd_per_mwh is None else (self.power_usd_per_mwh,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine, with the batch."""
        verbs = ("sell", "scrap") if self.how == "sell" else ("scrap",)
        needed = tuple(f"{verb}_{self.batch}" for verb in verbs)
        return ((self.position, gauges_of(self.batch), needed),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the price of power, where it is not the mine's own."""
        return None if self.power_usd_per_mwh is None else layout.row(self.power_usd_per_mwh)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """The clock starts with the book."""
        state["since_s"] = NEVER_S

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Note since when it does not pay, and part with the batch when that is long enough."""
        seen = margin(view, self.position, self.batch, now, state.wire)
        below = seen.usd_per_day < self.below_usd_per_day
        since = np.where(below, np.minimum(state["since_s"], now.t_s), NEVER_S)
        state["since_s"] = np.where(seen.known, since, state["since_s"])
        owned = view.gauge(self.position, f"{self.batch}_owned")
        mask = seen.known & below & (now.t_s - state["since_s"] >= self.for_s) & (owned > 0.0)
        if not mask.any():
            return ()
        verbs = ("sell", "scrap") if self.how == "sell" else ("scrap",)
        amount = np.where(mask, owned, 0.0)
        return tuple(
            Order(position=self.position, verb=f"{verb}_{self.batch}", mask=mask, amount=amount)
            for verb in verbs
        )
