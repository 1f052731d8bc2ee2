"""
Run each batch of machines at the preset that its power pays for, hour by hour.

Machines have menus of presets, and what decides between two of them is the power that the stronger
takes more over the hash rate that it adds. At each strike of its clock the policy tells the mine
what a megawatt-hour costs it now, or would fetch where the contract sells it back; the mine sets
every batch to its highest preset whose step still pays. The fleet's `band_usd_per_mwh` is the
hysteresis. Strikes by hand: `headframe strike`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Block, Delay, Duration, Name, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Dispatch:
    """
    Set a mine's machines by the price of its power.

    `price_usd_per_mwh` is that price, the mine's own gauge where none is given.

    >>> Dispatch(name="presets", position="mine", every_s="1h").needs
    (('mine', ('dispatch_usd_per_mwh',), ('dispatch',)),)
    """

    kind: ClassVar[str] = "dispatch"
    name: Name
    position: Name
    price_usd_per_mwh: Signal | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    trades: ClassVar[Rows] = ()

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price, where it is not the mine's own."""
        return () if self.price_usd_per_mwh is None else (self.price_usd_per_mwh,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine, with what it pays for power."""
        return ((self.position, ("dispatch_usd_per_mwh",), ("dispatch",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the price."""
        return None if self.price_usd_per_mwh is None else layout.row(self.price_usd_per_mwh)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing to remember."""

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Tell the mine the price of its power."""
        if state.wire is None:
            price = view.gauge(self.position, "dispatch_usd_per_mwh")
        else:
            price = now.world.data[state.wire]
        everywhere = np.ones(price.size, np.bool_)
        return (
            Order(position=self.position, verb="dispatch", mask=everywhere, amount=price.copy()),
        )
