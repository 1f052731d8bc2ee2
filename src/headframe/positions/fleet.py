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

Buying moves money into machines (`principal`), selling moves it back less `resale_cost`
(`fleet_orders`). Costs of the site and of repairs are `hosting`: all that a mine pays for other
than power.
"""

import math
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.power_steps import steps
from headframe.kernels import mine as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions import fleet_orders as orders
from headframe.positions.machines import USD, Machines
from headframe.process import UNIX_TS, Tick
from headframe.types import STRICT, Array, Block, Delay, Mask, NonNegative, Positive, Rows, Signal
from headframe.units import DAY_S, HOURS_PER_DAY, KW_PER_MW, YEAR_S

__all__ = ["USD", "Fleet", "Machines"]

MILD_C = 20.0
"""An ambient temperature at which nothing is derated, in degrees Celsius."""
FLEET_ROWS: Rows = (
    "work_th",
    "energy_kwh",
    "capacity_th_s",
    "capacity_kw",
    "costs_unbilled_usd",
)
"""Rows of the fleet as a whole, in the kernel's order."""
MODEL_ROWS: Rows = (
    "owned",
    "broken",
    "age_s",
    "book_usd",
    "ordered",
    "arrives_s",
    "order_usd",
    "left",
    "th_less",
    "kw_less",
    "set_s",
)
"""Rows of one batch, in the kernel's order: four of an order under way, three of its preset."""
TRADES = ("buy", "sell", "scrap")
"""What can be done with a batch: verbs such as `buy_antminer_s21`."""
WHOLE = 1e-9
"""A count this much short of a whole machine is one."""
BATCH_GAUGES: Rows = ("owned", "ordered", "price_usd", "income_usd_per_day", "kwh_per_day")
"""What others may read of a batch; the last three are those of one new machine."""


class FleetRows(NamedTuple):
    """The rows of the whole and of each batch, as views."""

    whole: Array
    batches: tuple[Array, ...]


class FleetWire(NamedTuple):
    """Constants of the whole and of each batch, and of each its menu as `dispatch` reads it."""

    whole: Any
    batches: tuple[Any, ...]
    ladders: tuple[Array, ...]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Fleet:
    """
    Machines of one or more models on one site.

    `pue` (power usage effectiveness) is the site's energy over the machines'; it grows by
    `pue_per_c` for each degree of `ambient_c` above `pue_from_c`, where fans and coolers work
    harder. `site_usd_per_day` is what rent, staff and maintenance cost while the mine is open,
    running or not. `site_mw` is what the site's connection carries: no more machines are bought.
    Machines are never bought with the wallet's last `cash_floor_usd`, whoever orders them and
    however many orders meet; with a floor, instalments that are still to come count as spent.
    `band_usd_per_mwh`, `min_on_s` and `min_off_s` are for batches that are dispatched preset by
    preset: the hysteresis around each strike, and how long a batch runs and rests at least.

    >>> machines = Machines(model="s21", count=1000, hashrate_th_s=200, efficiency_j_per_th=17.5)
    >>> Fleet(machines=(machines,), pue=1.05).nameplate_mw
    3.675
    """

    machines: Annotated[tuple[Machines, ...], Field(min_length=1)]
    pue: Annotated[float, Field(ge=1.0, le=10.0)] = 1.0
    pue_from_c: float = MILD_C
    pue_per_c: NonNegative = 0.0
    ambient_c: Signal = MILD_C
    site_mw: Positive | None = None
    site_usd_per_day: Signal = 0.0
    cash_floor_usd: NonNegative = 0.0
    band_usd_per_mwh: NonNegative = 0.0
    min_on_s: Delay = 0.0
    min_off_s: Delay = 0.0

    @model_validator(mode="after")
    def _one_name_each(self) -> "Fleet":
        names = [machines.label for machines in self.machines]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f"model {name} stands twice: name each batch of machines apart, by batch"
                )
        return self

    @property
    def nameplate_mw(self) -> float:
        """Power of the whole site with every machine running."""
        return sum(m.count * m.power_kw for m in self.machines) * self.pue / KW_PER_MW

    @property
    def price_usd(self) -> float:
        """What the first payment for all machines with a known price takes."""
        return sum(
            m.count * m.price_usd / m.instalments for m in self.machines if m.price_usd is not None
        )

    @property
    def fields(self) -> Rows:
        """Rows of the whole, then of each batch."""
        return (*FLEET_ROWS, *(f"{m.label}_{row}" for m in self.machines for row in MODEL_ROWS))

    @property
    def gauges(self) -> Rows:
        """Of each batch: how many, how many on order, the price of one, what one earns and uses."""
        return tuple(f"{m.label}_{row}" for m in self.machines for row in BATCH_GAUGES)

    @property
    def verbs(self) -> Rows:
        """Buying, where a price is known, selling and scrapping of each batch."""
        return tuple(
            f"{trade}_{m.label}"
            for m in self.machines
            for trade in (TRADES if m.priced else TRADES[1:])
        )

    @property
    def in_instalments(self) -> bool:
        """Whether anything is paid for in more than one payment."""
        return any(m.instalments > 1 for m in self.machines)

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
        return (*cash, *held, Line("hosting", USD), Line("forgiven", USD))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the site costs, and its weather."""
        return (self.site_usd_per_day, self.ambient_c)

    def uniforms(self, mine: str) -> Rows:
        """Breakdowns, repairs and losses of each model that has them."""
        rows = []
        for m in self.machines:
            if m.failures_per_year > 0.0:
                rows += [f"{mine}.{m.label}.failures", f"{mine}.{m.label}.repairs"]
            if m.losses_per_year > 0.0:
                rows.append(f"{mine}.{m.label}.losses")
        return tuple(rows)

    def wire(self, layout: Layout, mine: str, dt_s: float, fee: float) -> FleetWire:
        """The constants of the whole, then of each model; `fee` is the pool's."""
        whole = record(seconds=dt_s, site=layout.row(self.site_usd_per_day), days=dt_s / DAY_S)
        batches = tuple(self._wire(m, layout, mine, dt_s, fee) for m in self.machines)
        return FleetWire(whole, batches, tuple(_ladder(m) for m in self.machines))

    def _wire(self, m: Machines, layout: Layout, mine: str, dt_s: float, fee: float) -> Any:
        known = self.uniforms(mine)

        def draw(name: str) -> int:
            full = f"{mine}.{m.label}.{name}"
            return layout.draw(full) if full in known else 0

        return record(
            th_s=m.th_s * m.uptime,
            kw=m.power_kw * m.uptime,
            kept=1.0 - fee,
            band=float(self.band_usd_per_mwh),
            min_on_s=self.min_on_s,
            min_off_s=self.min_off_s,
            from_c=m.heat.from_c,
            per_c=m.heat.per_c,
            stop_c=m.heat.stop_c,
            ambient=layout.row(self.ambient_c),
            pue=self.pue,
            pue_from_c=self.pue_from_c,
            pue_per_c=float(self.pue_per_c),
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
            salvage_usd=float(m.book_usd(m.life_s)),
            price=layout.price(m.asset or USD),
            price_usd=layout.price(USD),
            written_off=layout.quantity(mine, "depreciation", m.asset or USD, cash=False),
            depreciation=layout.value(mine, "depreciation"),
            hosting_quantity=layout.quantity(mine, "hosting", USD, cash=False),
            hosting=layout.value(mine, "hosting"),
        )

    def rows_of(self, data: Array) -> FleetRows:
        """Views of the rows of the fleet's part of a state block."""
        first, size = len(FLEET_ROWS), len(MODEL_ROWS)
        starts = range(first, first + size * len(self.machines), size)
        return FleetRows(data[:first], tuple(data[k : k + size] for k in starts))

    def dispatch(
        self,
        rows: FleetRows,
        mask: Mask,
        price: Array,
        hashprice: Array,
        now_s: float,
        wire: FleetWire,
    ) -> None:
        """Set every batch to the preset that pays at a power price in USD per MWh."""
        for group, constants, ladder in zip(rows.batches, wire.batches, wire.ladders, strict=True):
            kernel.dispatch(group, mask, price, hashprice, ladder, now_s, constants)

    def cost_usd(self, out: Account) -> Array | float:
        """What buying all machines takes now: the first payments, or with a floor all of them."""
        return sum(m.count * m.paid_usd(out) / self._parts(m) for m in self.machines)

    def _parts(self, m: Machines) -> int:
        """In how many parts a price counts when machines are bought."""
        return 1 if self.cash_floor_usd > 0.0 else m.instalments

    def free_usd(self, rows: FleetRows, out: Account) -> Array:
        """What may be spent on machines: the wallet above the floor, less what is still to pay."""
        free = out.wallet(USD)
        if self.cash_floor_usd > 0.0:
            free = free - self.cash_floor_usd
            for m, group in zip(self.machines, rows.batches, strict=True):
                free -= orders.to_pay_usd(m, group)
        return np.maximum(free, 0.0)

    def take_over(self, rows: FleetRows, now: Tick) -> None:
        """Put machines that are owned already in their place, at no cost."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            age_s = np.maximum(m.aged(now[UNIX_TS]), 0.0)
            group[kernel.OWNED] = m.count
            group[kernel.AGE_S] = age_s
            group[kernel.BOOK_USD] = m.count * m.book_usd(age_s)

    def buy(self, rows: FleetRows, size: Array, now_s: float, out: Account) -> None:
        """Buy or order `size` times the fleet."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            orders.place(m, group, size * m.count, now_s, out)

    def sell(self, rows: FleetRows, mask: Mask, out: Account) -> None:
        """Sell all machines for dollars at what they stand for, and call off what is on order."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            orders.cancel(m, group, mask, out)
            orders.sell(m, group, np.where(mask, group[kernel.OWNED], 0.0), out)
            group[:, mask] = 0.0

    def strand(self, rows: FleetRows, mask: Mask, out: Account) -> None:
        """Leave all machines behind for their scrap value, and call off what is on order."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            orders.cancel(m, group, mask, out)
            orders.scrap(m, group, np.where(mask, group[kernel.OWNED], 0.0), out)
            group[:, mask] = 0.0

    def trade(self, rows: FleetRows, verb: str, amount: Array, now_s: float, out: Account) -> None:
        """Carry out `buy_`, `sell_` or `scrap_` of a batch: whole machines, as far as they go."""
        trade, _, label = verb.partition("_")
        m, group = next(
            (m, group)
            for m, group in zip(self.machines, rows.batches, strict=True)
            if m.label == label
        )
        owned, broken = group[kernel.OWNED], group[kernel.BROKEN]
        if trade == "sell":
            orders.sell(m, group, np.minimum(amount, owned - broken), out)
        elif trade == "scrap":
            orders.scrap(m, group, np.minimum(amount, owned), out)
        else:
            first = m.paid_usd(out) / self._parts(m)
            some = np.where(np.asarray(first) > 0.0, first, 1.0)
            most = np.where(first > 0.0, self.free_usd(rows, out) / some, amount)
            room = self._room(rows) / (m.power_kw * self.pue)
            count = np.floor(np.minimum(np.minimum(amount, most), room) + WHOLE)
            orders.place(m, group, np.maximum(count, 0.0), now_s, out)

    def _room(self, rows: FleetRows) -> Array:
        """Kilowatts that the site can still carry, machines on order counted."""
        taken = np.zeros(rows.whole.shape[1])
        for m, group in zip(self.machines, rows.batches, strict=True):
            taken += (group[kernel.OWNED] + group[kernel.ORDERED]) * m.power_kw * self.pue
        most = 1e18 if self.site_mw is None else self.site_mw * KW_PER_MW
        return most - taken

    def advance(self, rows: FleetRows, now_s: float, grace_s: float, out: Account) -> None:
        """Instalments and deliveries of what is on order."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            orders.advance(m, group, now_s, grace_s, out)

    def work(
        self,
        rows: FleetRows,
        on: Array,
        is_open: Array,
        now: Tick,
        wire: FleetWire,
        out: Account,
    ) -> None:
        """Work and energy of the step, and what the site costs in it."""
        kernel.run(rows.whole, on, wire.whole)
        if self.site_usd_per_day != 0.0:
            whole = wire.whole[0]
            cost = is_open * now.world.data[whole["site"]] * whole["days"]
            rows.whole[kernel.COSTS_UNBILLED_USD] += cost
            out.post("hosting", USD, -cost)

    def age(
        self, rows: FleetRows, on: Array, now: Tick, dt_s: float, wire: FleetWire, out: Account
    ) -> None:
        """A step older: breakdowns, repairs, losses, depreciation."""
        world, books = now.world.data, out.books
        for m, group, constants in zip(self.machines, rows.batches, wire.batches, strict=True):
            if m.wears:
                kernel.wear(group, rows.whole, on, now.draws.data, world, books, constants)
            if m.depreciation_usd_per_s > 0.0:
                kernel.depreciate(group, world, books, constants)
            age_s = group[kernel.AGE_S]
            age_s += dt_s

    def measure(self, rows: FleetRows, now: Tick, wire: FleetWire) -> None:
        """What the healthy machines can do in the weather of now."""
        rows.whole[kernel.CAPACITY_TH_S : kernel.CAPACITY_KW + 1] = 0.0
        for group, constants in zip(rows.batches, wire.batches, strict=True):
            kernel.add_capacity(group, rows.whole, now.world.data, constants)

    def machines_owned(self, rows: FleetRows) -> Array:
        """How many machines there are, broken ones included."""
        total: Array = np.sum([group[kernel.OWNED] for group in rows.batches], axis=0)
        return total

    def gauge(self, rows: FleetRows, per_th: Array, now: Tick, wire: FleetWire, out: Block) -> None:
        """
        What others may read of each batch; `per_th` is what a TH/s earns a day, in dollars.

        Income and energy are those of one healthy machine of the batch at its age, at the site's
        usual PUE and in mild weather.
        """
        world = now.world.data
        for m, group, constants in zip(self.machines, rows.batches, wire.batches, strict=True):
            q = constants[0]
            fresh = np.exp(-q["fading_per_s"] * group[kernel.AGE_S])
            market = world[q["price"]] / world[q["price_usd"]] if m.priced else 0.0
            out[f"{m.label}_price_usd"] = market if m.price_usd is None else m.price_usd
            out[f"{m.label}_income_usd_per_day"] = per_th * q["th_s"] * fresh
            out[f"{m.label}_kwh_per_day"] = q["kw"] * self.pue * HOURS_PER_DAY

    def holdings(self, rows: FleetRows, out: Block) -> None:
        """Add machines at market, and the book value of those at cost in dollars."""
        for m, group in zip(self.machines, rows.batches, strict=True):
            row = kernel.BOOK_USD if m.asset is None else kernel.OWNED
            held = out[m.asset or USD]
            held += group[row]
            if m.lead_s > 0.0:
                row = kernel.ORDER_USD if m.asset is None else kernel.ORDERED
                out[m.asset or USD] += group[row]
                out[USD] -= orders.to_pay_usd(m, group)


def _ladder(m: Machines) -> Array:
    """The steps of a batch's menu that are worth it: slope, then shares of its own preset."""
    worth = steps(m.settings)
    return np.array([
        [step.added_th_s / step.added_kw for step in worth],
        [step.above.th_s / m.th_s for step in worth],
        [step.above.kw / m.power_kw for step in worth],
    ])  # fmt: skip
