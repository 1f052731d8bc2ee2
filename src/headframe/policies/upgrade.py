"""
Buy the next generation of machines when it pays, and no sooner than the money is there.

A machine is bought when today's margin pays its price back fast enough, or when what it will earn
until it is obsolete is worth more than its price. Where it takes the place of older machines, only
what it earns beyond those counts: k = kWh new / kWh old of them use as much power as a new one.

    payback   price <= payback (margin - k max(margin old, 0))
    npv       NPV of the new - k NPV of keeping the old >= 0

What the older ones are sold for is left out: it is nobody's promise. The rule buys as many as money
above `cash_floor_usd` can pay in full, instalments still to come included.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics import machine_payback
from headframe.layout import Layout
from headframe.policies.machine_margin import Margin, gauges_of, margin
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

LONG_AGO_S = -1e18
"""Before any purchase."""
WHOLE = 1e-9
"""A count this much short of a whole machine is one."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Upgrade:
    """
    Buy machines of `batch`, up to `count` at a time, while they pay.

    With `rule = "payback"` the price must come back within `payback_s`; with `"npv"` the machine
    must be worth its price at `discount_apr`, if its income falls by `decline_apr` a year over
    `life_s`. `replaces` names the batch whose power it takes: those are sold `at` the `delivery` of
    the new ones, or at the `order`, which makes room on a full site. After a purchase the rule
    rests for `cooldown_s`, and as long as an order is under way. `power_usd_per_mwh` is taken in
    place of the mine's own marginal price; a mine without running machines has none, and buys
    nothing.

    >>> Upgrade(name="next", position="mine", batch="antminer_s23", count=100,
    ...         payback_s="500d", cash_floor_usd=1e6).needs[0][2]
    ('buy_antminer_s23',)
    """

    kind: ClassVar[str] = "upgrade"
    name: Name
    position: Name
    batch: Name
    count: Positive
    rule: Literal["payback", "npv"] = "payback"
    payback_s: Duration | None = None
    discount_apr: NonNegative = 0.1
    decline_apr: NonNegative = 0.0
    life_s: Duration = 4.0 * YEAR_S
    replaces: Name | None = None
    at: Literal["delivery", "order"] = "delivery"
    cash_floor_usd: NonNegative = 0.0
    cooldown_s: Delay = 30.0 * DAY_S
    power_usd_per_mwh: Signal | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("bought_s", "owned_before")
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> "Upgrade":
        if (self.rule == "payback") != (self.payback_s is not None):
            raise ValueError("give payback_s with rule = 'payback', and only there")
        if self.replaces == self.batch:
            raise ValueError("replaces must name another batch")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price of power, where it is not the mine's own."""
        return () if self.power_usd_per_mwh is None else (self.power_usd_per_mwh,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine, with both batches."""
        batches = (self.batch,) if self.replaces is None else (self.batch, self.replaces)
        sells = () if self.replaces is None else (f"sell_{self.replaces}",)
        return ((self.position, gauges_of(*batches), (f"buy_{self.batch}", *sells)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The row of the price of power, where it is not the mine's own."""
        return None if self.power_usd_per_mwh is None else layout.row(self.power_usd_per_mwh)

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing bought yet."""
        state["bought_s"] = LONG_AGO_S
        state["owned_before"] = view.gauge(self.position, f"{self.batch}_owned")

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Buy where it pays and the money is there; sell what has been replaced."""
        new = margin(view, self.position, self.batch, now, state.wire)
        price = view.gauge(self.position, f"{self.batch}_price_usd")
        free = np.maximum(view.wallet("usd") - self.cash_floor_usd, 0.0)
        afford = np.floor(free / np.where(price > 0.0, price, 1.0) + WHOLE)
        count = np.where(price > 0.0, np.minimum(self.count, afford), self.count)
        ready = (
            new.known
            & (now.t_s - state["bought_s"] >= self.cooldown_s)
            & (view.gauge(self.position, f"{self.batch}_ordered") == 0.0)
        )
        orders: list[Order] = []
        if self.replaces is None:
            ready &= self._pays(new, price)
        else:
            old = margin(view, self.position, self.replaces, now, state.wire)
            per_new = new.kwh / old.kwh
            there = view.gauge(self.position, f"{self.replaces}_owned")
            ready &= self._pays(new, price, old, per_new)
            count = np.minimum(count, np.floor(there / per_new + WHOLE))
            gone = self._replaced(state, view, np.where(ready, count, 0.0)) * per_new
            gone = np.minimum(np.ceil(gone - WHOLE), there)
            orders += self._order("sell", self.replaces, gone)
        count = np.where(ready, count, 0.0)
        state["bought_s"] = np.where(count > 0.0, now.t_s, state["bought_s"])
        return (*orders, *self._order("buy", self.batch, count))

    def _pays(
        self, new: Margin, price: Array, old: Margin | None = None, per_new: Array | float = 0.0
    ) -> Mask:
        """Whether one more machine pays, beyond what it takes the place of."""
        if self.rule == "payback":
            lost = 0.0 if old is None else per_new * np.maximum(old.usd_per_day, 0.0)
            days = (self.payback_s or 0.0) / DAY_S
            return price <= days * (new.usd_per_day - lost)
        worth = self._npv(new, price)
        if old is not None:
            worth = worth - per_new * self._npv(old, np.zeros_like(price))
        return worth >= 0.0

    def _npv(self, of: Margin, price: Array) -> Array:
        worth: Array = machine_payback.npv_usd(  # type: ignore[assignment]
            price_usd=price,
            income_usd_per_day=of.income,
            energy_usd_per_day=np.maximum(of.energy, 0.0),
            decline_per_year=self.decline_apr,
            discount_per_year=self.discount_apr,
            life_years=self.life_s / YEAR_S,
        )
        return worth

    def _replaced(self, state: Block, view: View, ordered: Array) -> Array:
        """New machines whose predecessors go now: those that came, or those ordered."""
        owned = view.gauge(self.position, f"{self.batch}_owned")
        came = np.maximum(owned - state["owned_before"], 0.0)
        state["owned_before"] = owned
        return came if self.at == "delivery" else ordered

    def _order(self, verb: str, batch: str, amount: Array) -> list[Order]:
        mask = amount > 0.0
        if not mask.any():
            return []
        return [Order(position=self.position, verb=f"{verb}_{batch}", mask=mask, amount=amount)]
