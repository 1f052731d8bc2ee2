"""What one machine of a batch earns and burns a day, as policies see it in a mine's gauges."""

from typing import NamedTuple

from headframe.policy import View
from headframe.process import Tick
from headframe.types import Array, Mask, Rows
from headframe.units import KWH_PER_MWH

SEEN: Rows = ("power_usd_per_mwh", "capacity_mw")
"""Gauges of the mine that the margin needs."""
SEEN_OF_BATCH: Rows = ("owned", "ordered", "price_usd", "income_usd_per_day", "kwh_per_day")
"""Gauges of a batch that there are."""


class Margin(NamedTuple):
    """
    Dollars a day of one healthy machine: income after the pool's fee, and its energy's cost.

    `known` is false where the mine has no price of power to tell, because no machine of it runs.
    """

    income: Array
    energy: Array
    kwh: Array
    known: Mask

    @property
    def usd_per_day(self) -> Array:
        """What is left."""
        return self.income - self.energy


def margin(view: View, mine: str, batch: str, now: Tick, price_row: int | None) -> Margin:
    """The margin of a batch, at the mine's marginal price of power or at the observable's."""
    kwh = view.gauge(mine, f"{batch}_kwh_per_day")
    if price_row is None:
        price = view.gauge(mine, "power_usd_per_mwh")
        known = view.gauge(mine, "capacity_mw") > 0.0
    else:
        price = now.world.data[price_row]
        known = price == price
    income = view.gauge(mine, f"{batch}_income_usd_per_day")
    return Margin(income, kwh / KWH_PER_MWH * price, kwh, known)


def gauges_of(*batches: str) -> Rows:
    """The gauges that a policy over some batches needs."""
    return (*SEEN, *(f"{batch}_{row}" for batch in batches for row in SEEN_OF_BATCH))
