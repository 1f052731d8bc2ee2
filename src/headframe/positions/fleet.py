"""
The fleet of a mine: machines that hash, draw power, age, break down and lose their value.

A fleet hands on two numbers a step: the work done, in terahashes, and the energy used, in
kilowatt-hours. Machines that run break down by chance, each on its own, and are mended after a
random time; some are lost for good.

What a machine is worth stands in the books in one of two ways:

* *at market*: `asset` names it, an observable such as `s21_usd` prices it, and the mine holds so
  many of it. What its price does is a market result, a machine lost is written off at its price.
* *at cost*, the default without `asset`: the purchase is capitalised in dollars and depreciated on
  a straight line to its salvage value over `life_s`, as an accountant would; the mine holds the
  book value, and `depreciation` is an entry of every step. Four years is the life that public cost
  models assume; listed miners report three to five. A `life_s` of a day writes all off at once.

Buying moves money into machines (`principal`), selling moves it back less `resale_cost`. Costs of
the site and of repairs are `hosting`: all that a mine pays for other than power.
"""

import math
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import mine as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
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
    Proper,
    Rows,
    Signal,
    Threshold,
)
from headframe.units import DAY_S, KW_PER_MW, W_PER_KW, YEAR_S

USD = "usd"
"""What machines, power and work on the site are paid in."""
FLEET_ROWS: Rows = (
    "work_th",
    "energy_kwh",
    "capacity_th_s",
    "capacity_kw",
    "costs_unbilled_usd",
)
"""Rows of the fleet as a whole, in the kernel's order."""
MODEL_ROWS: Rows = ("owned", "broken", "age_s", "book_usd")
"""Rows of one model, in the kernel's order."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Machines:
    """
    Machines of one model and age.

    `hashrate_th_s` and `efficiency_j_per_th` are those of a new machine; `degradation_per_year` is
    the share of hash rate lost each year of age at the same power. `uptime` is the share of time
    that a healthy machine hashes and draws power. `failures_per_year` are breakdowns of a running
    machine, each mended in `repair_s` on average for `repair_usd`; `losses_per_year` are for good.
    `price_usd` is what one costs: without it a machine with an `asset` is bought at its price.

    >>> Machines(model="s21", count=100, hashrate_th_s=200, efficiency_j_per_th=17.5,
    ...          price_usd=2699).power_kw
    3.5
    """

    model: Name
    count: NonNegative
    hashrate_th_s: Positive
    efficiency_j_per_th: Positive
    uptime: Threshold = 1.0
    age_s: Delay = 0.0
    degradation_per_year: Proper = 0.0
    failures_per_year: NonNegative = 0.0
    repair_s: Duration = 14.0 * DAY_S
    repair_usd: NonNegative = 0.0
    losses_per_year: NonNegative = 0.0
    price_usd: NonNegative | None = None
    asset: Name | None = None
    life_s: Duration = 4.0 * YEAR_S
    salvage: Proper = 0.0
    resale_cost: Proper = 0.0

    @model_validator(mode="after")
    def _not_money(self) -> "Machines":
        if self.asset == USD:
            raise ValueError("asset must be the machine's own name, priced by <asset>_usd")
        return self

    @property
    def power_kw(self) -> float:
        """Power of one machine at its plug."""
        return self.hashrate_th_s * self.efficiency_j_per_th / W_PER_KW

    @property
    def wears(self) -> bool:
        """Whether machines break down or are lost."""
        return self.failures_per_year > 0.0 or self.losses_per_year > 0.0

    @property
    def depreciation_usd_per_s(self) -> float:
        """What one machine at cost loses a second: price less salvage, over its life."""
        if self.asset is not None or self.price_usd is None:
            return 0.0
        return self.price_usd * (1.0 - self.salvage) / self.life_s

    def book_usd(self, age_s: float) -> float:
        """Book value of one machine at an age; 0 where it is at market or has no known price."""
        if self.asset is not None or self.price_usd is None:
            return 0.0
        written_off = (1.0 - self.salvage) * min(age_s / self.life_s, 1.0)
        return self.price_usd * (1.0 - written_off)

    def paid_usd(self, out: Account) -> Array | float:
        """What one machine costs now."""
        if self.price_usd is not None:
            return self.price_usd
        return out.price(self.asset or USD) / out.price(USD)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Fleet:
    """
    Machines of one or more models on one site.

    `pue` (power usage effectiveness) is the site's energy over the machines'; `site_usd_per_day` is
    what rent, staff and maintenance cost while the mine is open, running or not.

    >>> machines = Machines(model="s21", count=1000, hashrate_th_s=200, efficiency_j_per_th=17.5)
    >>> Fleet(machines=(machines,), pue=1.05).nameplate_mw
    3.675
    """

    machines: Annotated[tuple[Machines, ...], Field(min_length=1)]
    pue: Annotated[float, Field(ge=1.0)] = 1.0
    site_usd_per_day: Signal = 0.0

    @model_validator(mode="after")
    def _one_name_each(self) -> "Fleet":
        names = [machines.model for machines in self.machines]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"model {name} stands twice: name each batch of machines apart")
        return self

    @property
    def nameplate_mw(self) -> float:
        """Power of the whole site with every machine running."""
        return sum(m.count * m.power_kw for m in self.machines) * self.pue / KW_PER_MW

    @property
    def price_usd(self) -> float:
        """What all machines with a known price cost."""
        return sum(m.count * m.price_usd for m in self.machines if m.price_usd is not None)

    @property
    def fields(self) -> Rows:
        """Rows of the whole, then of each model."""
        return (*FLEET_ROWS, *(f"{m.model}_{row}" for m in self.machines for row in MODEL_ROWS))

    @property
    def assets(self) -> Rows:
        """Machines that have a price of their own."""
        return tuple(dict.fromkeys(m.asset for m in self.machines if m.asset is not None))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Buying, selling, depreciation and costs."""
        cash = (Line("principal", USD, cash=True), Line("slippage", USD, cash=True))
        held = [
            Line(kind, a) for kind in ("principal", "depreciation") for a in (USD, *self.assets)
        ]
        return (*cash, *held, Line("hosting", USD))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the site costs."""
        return (self.site_usd_per_day,)

    def uniforms(self, mine: str) -> Rows:
        """Breakdowns, repairs and losses of each model that has them."""
        rows = []
        for m in self.machines:
            if m.failures_per_year > 0.0:
                rows += [f"{mine}.{m.model}.failures", f"{mine}.{m.model}.repairs"]
            if m.losses_per_year > 0.0:
                rows.append(f"{mine}.{m.model}.losses")
        return tuple(rows)

    def wire(self, layout: Layout, mine: str, dt_s: float) -> tuple[Any, ...]:
        """The constants of the whole, then of each model."""
        whole = record(seconds=dt_s, site=layout.row(self.site_usd_per_day), days=dt_s / DAY_S)
        return (whole, *(self._wire(m, layout, mine, dt_s) for m in self.machines))

    def _wire(self, m: Machines, layout: Layout, mine: str, dt_s: float) -> Any:
        known = self.uniforms(mine)

        def draw(name: str) -> int:
            full = f"{mine}.{m.model}.{name}"
            return layout.draw(full) if full in known else 0

        return record(
            th_s=m.hashrate_th_s * m.uptime,
            kw=m.power_kw * m.uptime * self.pue,
            fading_per_s=-math.log1p(-m.degradation_per_year) / YEAR_S,
            failures=m.failures_per_year * dt_s / YEAR_S,
            losses=m.losses_per_year * dt_s / YEAR_S,
            u_failures=draw("failures"),
            u_losses=draw("losses"),
            repairs=dt_s / m.repair_s,
            u_repairs=draw("repairs"),
            repair_usd=float(m.repair_usd),
            marked=int(m.asset is not None),
            depreciation_usd=m.depreciation_usd_per_s * dt_s,
            salvage_usd=m.book_usd(m.life_s),
            price=layout.price(m.asset or USD),
            price_usd=layout.price(USD),
            written_off=layout.quantity(mine, "depreciation", m.asset or USD, cash=False),
            depreciation=layout.value(mine, "depreciation"),
            hosting_quantity=layout.quantity(mine, "hosting", USD, cash=False),
            hosting=layout.value(mine, "hosting"),
        )

    def models(self, rows: Array) -> list[tuple[Machines, Array]]:
        """Each model with its rows, as a view."""
        first, size = len(FLEET_ROWS), len(MODEL_ROWS)
        starts = range(first, first + size * len(self.machines), size)
        return [(m, rows[k : k + size]) for m, k in zip(self.machines, starts, strict=True)]

    def cost_usd(self, out: Account) -> Array | float:
        """What all machines cost now."""
        return sum(m.count * m.paid_usd(out) for m in self.machines)

    def take_over(self, rows: Array) -> None:
        """Put machines that are owned already in their place, at no cost."""
        for m, group in self.models(rows):
            group[kernel.OWNED] = m.count
            group[kernel.AGE_S] = m.age_s
            group[kernel.BOOK_USD] = m.count * m.book_usd(m.age_s)

    def buy(self, rows: Array, size: Array, out: Account) -> None:
        """
        Buy `size` times the fleet.

        A machine at market comes in at its price; what was paid above that is slippage. The age of
        a model becomes the mean over old and new machines.
        """
        for m, group in self.models(rows):
            bought = size * m.count
            paid = m.paid_usd(out)
            worth = paid if m.asset is None else out.price(m.asset) / out.price(USD)
            out.post("principal", USD, -bought * worth, cash=True)
            out.post("slippage", USD, bought * (worth - paid), cash=True)
            out.post("principal", m.asset or USD, bought * (worth if m.asset is None else 1.0))
            owned = group[kernel.OWNED] + bought
            some = np.where(owned > 0.0, owned, 1.0)
            group[kernel.AGE_S] += (m.age_s - group[kernel.AGE_S]) * bought / some
            group[kernel.OWNED] = owned
            group[kernel.BOOK_USD] += bought * paid if m.asset is None else 0.0

    def sell(self, rows: Array, mask: Mask, out: Account) -> None:
        """Sell all machines for dollars at what they stand for, less the cost of reselling."""
        for m, group in self.models(rows):
            gone = np.where(mask, group[kernel.BOOK_USD if m.asset is None else kernel.OWNED], 0.0)
            worth = gone if m.asset is None else gone * out.price(m.asset) / out.price(USD)
            out.post("principal", m.asset or USD, -gone)
            out.post("principal", USD, worth, cash=True)
            out.post("slippage", USD, -m.resale_cost * worth, cash=True)
            group[:, mask] = 0.0

    def work(
        self, rows: Array, on: Array, is_open: Array, now: Tick, wire: Any, out: Account
    ) -> None:
        """Work and energy of the step, and what the site costs in it."""
        kernel.run(rows, on, wire[0])
        if self.site_usd_per_day != 0.0:
            whole = wire[0][0]
            cost = is_open * now.world.data[whole["site"]] * whole["days"]
            rows[kernel.COSTS_UNBILLED_USD] += cost
            out.post("hosting", USD, -cost)

    def age(self, rows: Array, on: Array, now: Tick, wire: Any, out: Account) -> None:
        """A step older: breakdowns, repairs, losses, depreciation."""
        world, books, dt_s = now.world.data, out.books, wire[0][0]["seconds"]
        for (m, group), constants in zip(self.models(rows), wire[1:], strict=True):
            if m.wears:
                kernel.wear(group, rows, on, now.draws.data, world, books, constants)
            if m.depreciation_usd_per_s > 0.0:
                kernel.depreciate(group, world, books, constants)
            group[kernel.AGE_S] += dt_s

    def measure(self, rows: Array, wire: Any) -> None:
        """What the healthy machines can do."""
        rows[kernel.CAPACITY_TH_S] = 0.0
        rows[kernel.CAPACITY_KW] = 0.0
        for (_, group), constants in zip(self.models(rows), wire[1:], strict=True):
            kernel.add_capacity(group, rows, constants)

    def machines_owned(self, rows: Array) -> Array:
        """How many machines there are, broken ones included."""
        total: Array = np.sum([group[kernel.OWNED] for _, group in self.models(rows)], axis=0)
        return total

    def holdings(self, rows: Array, out: Block) -> None:
        """Add machines at market, and the book value of those at cost in dollars."""
        for m, group in self.models(rows):
            row = kernel.BOOK_USD if m.asset is None else kernel.OWNED
            out[m.asset or USD] += group[row]
