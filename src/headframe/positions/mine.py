"""
The mine: a fleet, a pool and a power contract under one roof.

Every step the fleet hands its work to the pool and its energy to the power contract, each books its
own kinds of entry, and then the fleet is a step older:

    fleet    work (TH) and energy (kWh); `hosting`, `depreciation`
    pool     coins into the wallet: `reward` before the pool's fee, and the `fee`
    power    dollars owed: `power`

The network enters by three observables: difficulty, and the coins of a block as subsidy and fees.

    coins = hashes / (difficulty 2^32) x (subsidy + fees)

Power and hosting are owed as they arise and billed every `billing_s`; a bill is a due that is
payable within `grace_s`, with recourse: unpaid then, the path fails with the bill as its cause and
its machines are sold. Until it is billed a cost is a debt that the mine holds; from then on it
stands among the dues.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.kernels import mine as kernel
from headframe.kernels.power_contract import POWER_UNBILLED_USD
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import pool as pools
from headframe.positions import power_bill as power
from headframe.positions.fleet import USD, Fleet
from headframe.positions.fleet_orders import INSTALMENT
from headframe.positions.held_asset import HeldAsset
from headframe.positions.mine_law import Law
from headframe.positions.pool import Pool
from headframe.positions.power_bill import Wired
from headframe.positions.power_contract import PowerContract
from headframe.positions.power_riders import Carbon, Meter, PowerRider, Reserve
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    NonNegative,
    Rows,
    Signal,
)
from headframe.units import (
    DAY_S,
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    HOURS_PER_DAY,
    KW_PER_MW,
    TH_PER_PH,
)

MINE_ROWS: Rows = (
    "open",
    "on",
    "hashprice_usd_per_ph_day",
    "break_even_usd_per_mwh",
    "power_usd_per_mwh",
    "margin_usd_per_mwh",
    "min_margin_usd_per_mwh",
    "shutdown_s",
    "uneconomic_s",
)
"""Rows of the mine as a whole, in the kernel's order."""
GAUGES: Rows = (
    "on",
    "machines",
    "work_th_s",
    "power_mw",
    "hashprice_usd_per_ph_day",
    "break_even_usd_per_mwh",
    "power_usd_per_mwh",
    "margin_usd_per_mwh",
    "margin_usd_per_day",
    "mined_coins",
    "unbilled_usd",
    "capacity_mw",
    "obliged_mw",
    "dispatch_usd_per_mwh",
    "obliged_usd_per_mwh",
)
"""What others may read of the mine as a whole; each batch of machines has its own."""
VERBS: Rows = ("open", "close", "run", "dispatch")
"""What the mine as a whole can be told to do; each batch of machines has its own."""
NO_MARGIN = 1e9
"""The least margin before there was any, in USD per MWh."""
LATER_S = 1e-6
"""Times closer than this are the same: clocks are sums of doubles."""


class Parts(NamedTuple):
    """One value for each part: rows of the state block, or constants."""

    fleet: Any
    pool: Any
    power: Any
    law: Any
    mine: Any
    cuts: Any = None
    """Where the rows of each part end."""
    ladders: Any = None
    """Of each batch its menu of presets, as the kernel of dispatch reads it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldMine:
    """A mine that runs already: its machines are ours, and some power is used but not billed."""

    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid for it, in the numeraire: the report shows the result since then beside it."""
    power_unbilled_usd: NonNegative = 0.0
    costs_unbilled_usd: NonNegative = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mine:
    """
    A proof-of-work mine.

    Opened now it buys its fleet from the wallet's dollars, as far as they go; with `held` the
    machines are there already. `subsidy` and `fees` are coins a block. `mean_difficulty` is what
    the work of a step is paid by, where a process publishes it: a retarget may fall inside a step;
    else it is `difficulty`. `hedge_horizon_s` is how much of the future output, at the difficulty
    now, counts as exposure to the coin. `riders` are charges and credits beside
    the power contract, by their names: demand charges, coincident peaks, reserves, heat, carbon.

    >>> s21 = {"model": "s21", "count": 1000, "hashrate_th_s": 200, "efficiency_j_per_th": 17.5}
    >>> mine = Mine(name="mine", fleet={"machines": [s21]}, held={},
    ...             pool={"kind": "fpps", "fee": 0}, difficulty=1.2e14,
    ...             power={"kind": "fixed", "usd_per_mwh": 50})
    >>> round(mine.expected_coins_per_day(difficulty=1.2e14, reward_per_block=3.2), 6)
    0.107288
    """

    kind: ClassVar[str] = "mine"
    name: Name
    fleet: Fleet
    pool: Pool
    power: PowerContract
    riders: dict[Name, PowerRider] = Field(default_factory=dict)
    law: Law = Field(default_factory=Law)
    held: HeldMine | None = None
    coin: Name = "btc"
    difficulty: Signal = "btc_chain_difficulty"
    mean_difficulty: Signal | None = None
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    fees: Signal = "btc_fees_btc_per_block"
    billing_s: Duration = 30.0 * DAY_S
    grace_s: Delay = 15.0 * DAY_S
    hedge_horizon_s: Delay = 0.0
    every_s: Duration | None = None

    venue: ClassVar[str | None] = None
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _all_paid(self) -> "Mine":
        if self.coin == USD or self.coin in self.fleet.assets:
            raise ValueError("coin must be neither the money nor a machine")
        for machines in self.fleet.machines:
            if self.held is None and machines.price_usd is None and machines.asset is None:
                raise ValueError(
                    f"machines {machines.label} are bought at the opening: give price_usd, or an "
                    "asset with a price; or give held = {} where they are yours already"
                )
        return self

    # what it declares ------------------------------------------------------------------------

    @property
    def deposit(self) -> dict[str, float] | None:
        """What the opening takes from the wallet, as far as prices are known."""
        cost = self.fleet.price_usd + power.capex_usd(self.riders)
        return None if self.held is not None else {USD: cost}

    @property
    def fields(self) -> Rows:
        """The mine's own rows, then those of its parts."""
        parts = (*self.fleet.fields, *pools.POOL_ROWS, *self.law.fields)
        return (*MINE_ROWS, *parts, *power.fields(self.riders))

    @property
    def events(self) -> Rows:
        """When it first stood still, when it first did not pay, and when the law closed it."""
        closed = () if self.law.closure is None else ("closed_s",)
        return ("shutdown_s", "uneconomic_s", *closed)

    @property
    def gauges(self) -> Rows:
        """Those of the mine, then those of each batch, then the riders' sums."""
        riders = power.fields(self.riders)[len(power.CONTRACT_ROWS) :]
        return (*GAUGES, *self.fleet.gauges, *riders)

    @property
    def verbs(self) -> Rows:
        """Those of the mine, then buying, selling and scrapping of each batch."""
        return (*VERBS, *self.fleet.verbs)

    def check_start(self, start_ts: float) -> None:
        """Refuse machines that a book which starts then cannot have yet."""
        for m in self.fleet.machines:
            wrong = m.complaint(start_ts, held=self.held is not None)
            if wrong is not None:
                place = f"position.{self.name}.fleet.machines, {m.label}"
                raise InputError(place, None, wrong)

    def least_power_usd_per_mwh(self, least: Callable[[Signal], float | None]) -> float | None:
        """The least that one more unit of power can cost; None where that is not known."""
        return power.least_usd_per_mwh(self.power, self.riders, least)

    @property
    def assets(self) -> Rows:
        """Dollars (machines at cost, less what is not yet billed), machines, and coins to come."""
        return (USD, *self.fleet.assets, self.coin)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the parts."""
        paid = (*pools.lines(self.coin), *power.lines(self.riders))
        return (*self.fleet.lines, *paid, *self.law.lines)

    @property
    def extremes(self) -> Rows:
        """The least margin, and all that was emitted."""
        emitted = (f"{n}_emitted_t" for n, r in self.riders.items() if isinstance(r, Carbon))
        return ("min_margin_usd_per_mwh", *emitted)

    @property
    def dues(self) -> tuple[Due, ...]:
        """The bills, and instalments of machines where there are any."""
        bills = [("power", "power"), ("hosting", "hosting")]
        if self.fleet.in_instalments:
            bills.append((INSTALMENT, "principal"))
        if self.law.taxes:
            bills.append(("tax", "tax"))
        return tuple(
            Due(name=name, asset=USD, kind=kind, grace_s=self.grace_s) for name, kind in bills
        )

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The network, and the signals of the parts."""
        chain = (self.difficulty, self._worked_at, self.subsidy, self.fees)
        bought = power.reads(self.power, self.riders)
        return (*chain, self.pool.others_eh_s, *self.fleet.reads, *bought, *self.law.reads)

    @property
    def _worked_at(self) -> Signal:
        return self.difficulty if self.mean_difficulty is None else self.mean_difficulty

    @property
    def uniforms(self) -> Rows:
        """The pool's luck, and what befalls machines."""
        riders = power.uniforms(self.riders, self.name)
        return (*self.pool.uniforms(self.name), *self.fleet.uniforms(self.name), *riders)

    def expected_coins_per_day(self, *, difficulty: float, reward_per_block: float) -> float:
        """Coins a day with all machines new and running, after the pool's fee."""
        th_s = sum(m.count * m.th_s * m.uptime for m in self.fleet.machines)
        blocks = th_s * DAY_S * HASHES_PER_TH / (difficulty * HASHES_PER_DIFFICULTY)
        return blocks * reward_per_block * (1.0 - self.pool.fee)

    def alternatives(self) -> dict[str, tuple[HeldAsset, ...]]:
        """What one might do instead: buy coins for what the machines cost."""
        if not self.deposit or self.deposit[USD] <= 0.0:
            return {}
        return {
            "buying the coin": (HeldAsset(name=self.name, asset=self.coin, deposit=self.deposit),)
        }

    def wire(self, layout: Layout, dt_s: float) -> Parts:
        """The constants of each part."""
        chain = {
            "difficulty": layout.row(self.difficulty),
            "subsidy": layout.row(self.subsidy),
            "fees": layout.row(self.fees),
            "price": layout.price(self.coin),
            "price_usd": layout.price(USD),
        }
        work = chain | {"difficulty": layout.row(self._worked_at)}
        return Parts(
            fleet=self.fleet.wire(layout, self.name, dt_s, float(self.pool.fee)),
            pool=pools.wire(self.pool, layout, self.name, self.coin, work, dt_s),
            power=power.wire(self.power, self.riders, layout, self.name, dt_s),
            law=self.law.wire(
                layout, self.name, tuple(dict.fromkeys(line.kind for line in self.lines))
            ),
            mine=record(
                **chain,
                off_grid=int(self.power.terms.off_grid),
                fee=float(self.pool.fee),
            ),
            cuts=self._cuts(),
            ladders=self.fleet.ladders(),
        )

    def _cuts(self) -> tuple[int, int, int, int]:
        """Where the rows of mine, fleet, pool and law end."""
        a = len(MINE_ROWS)
        b = a + len(self.fleet.fields)
        c = b + len(pools.POOL_ROWS)
        return a, b, c, c + len(self.law.fields)

    def parts(self, state: Block) -> Parts:
        """The rows of each part, as views."""
        a, b, c, d = state.wire.cuts
        rows = state.data
        fleet, pool, law = rows[a:b], rows[b:c], rows[c:d]
        return Parts(fleet=fleet, pool=pool, power=rows[d:], law=law, mine=rows[:a])

    # what happens to it ----------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the fleet, as much of it as the wallet can pay; or take over what is held."""
        rows = self.parts(state)
        if now.step == 0:
            state["shutdown_s"] = state["uneconomic_s"] = state["closed_s"] = NEVER_S
            state["min_margin_usd_per_mwh"] = NO_MARGIN
        if self.held is not None and now.step == 0:
            self.fleet.take_over(rows.fleet, now)
            power.start(
                self.riders, rows.power, order.mask.astype(np.float64), state.wire.power, None
            )
            rows.power[POWER_UNBILLED_USD] = self.held.power_unbilled_usd
            rows.fleet[kernel.COSTS_UNBILLED_USD] = self.held.costs_unbilled_usd
            opened: Mask = order.mask
        else:
            size = self._affordable(order, out)
            self.fleet.buy(rows.fleet, size, now.t_s, out)
            power.start(self.riders, rows.power, size, state.wire.power, out)
            opened = size > 0.0
        state["open"][opened] = 1.0
        state["on"][opened] = 1.0
        self._measure(state, now)

    def _affordable(self, order: Order, out: Account) -> Array:
        """How often the fleet is bought: as ordered, held to what the wallet has in dollars."""
        size = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0)
        fleet = np.asarray(self.fleet.cost_usd(out), np.float64)
        cost = np.broadcast_to(fleet + power.capex_usd(self.riders), size.shape)
        some = np.where(cost > 0.0, cost, 1.0)
        most = np.where(cost > 0.0, np.maximum(out.wallet(USD), 0.0) / some, size)
        return np.minimum(size, most)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Work, be paid, use power, wear, and every so often send the bills."""
        rows, wire = self.parts(state), state.wire
        is_open = state["open"]
        on = self._allowed(rows, state["on"], now, wire.law)
        work_th, energy_kwh = rows.fleet[kernel.WORK_TH], rows.fleet[kernel.ENERGY_KWH]
        meter = Meter(on, is_open, rows.fleet[kernel.CAPACITY_KW], energy_kwh)
        contract, riders = self.power, self.riders
        load = power.hold(contract, riders, rows.power, meter, before, now, wire.power)
        meter = meter._replace(on=load)
        self.fleet.work(rows.fleet, load, is_open, now, wire.fleet, out)
        pools.pay(self.pool, rows.pool, work_th, now, wire.pool, out)
        power.settle(riders, rows.power, meter, before, now, wire.power, out)
        self.fleet.age(rows.fleet, load, now, wire.fleet, out)
        self.fleet.advance(rows.fleet, now.t_s, self.grace_s, out)
        if (now.t_s + LATER_S) // self.billing_s > (before.t_s + LATER_S) // self.billing_s:
            self._bill(rows, np.ones(state.n_paths, np.bool_), wire.power, out)
        if self.law.taxes:
            self.law.tax(rows.law, before, now, wire.law, self.grace_s, out)
        if self.law.closure is not None:
            self._leave(state, now, out)
        self._measure(state, now)

    def _allowed(self, rows: Parts, on: Array, now: Tick, wire: Any) -> Array:
        """The load that the law allows: none where it has closed the site."""
        if self.law.closure is None:
            return on
        return np.where(self.law.is_closed(now, wire), 0.0, on)

    def _leave(self, state: Block, now: Tick, out: Account) -> None:
        """Where the site has been closed for long enough the machines are sold or left behind."""
        rows, closure = self.parts(state), self.law.closure
        closed = self.law.is_closed(now, state.wire.law)
        gone = self.law.leaves(rows.law, closed, state["open"], now)
        if closure is None or not gone.any():
            return
        machines = np.where(gone, self.fleet.machines_owned(rows.fleet), 0.0)
        cost = machines * closure.export_usd_per_machine
        rows.fleet[kernel.COSTS_UNBILLED_USD] += cost
        out.post("hosting", USD, -cost)
        self._wind_up(state, gone, out, stranded=closure.machines == "strand")

    def _wind_up(self, state: Block, mask: Mask, out: Account, *, stranded: bool = False) -> None:
        """Sell the machines, or leave them behind; have the bills sent; close."""
        rows = self.parts(state)
        (self.fleet.strand if stranded else self.fleet.sell)(rows.fleet, mask, out)
        power.ended(self.riders, rows.power, mask, state.wire.power, out)
        self._bill(rows, mask, state.wire.power, out)
        state["open"][mask] = 0.0
        state["on"][mask] = 0.0

    def _bill(self, rows: Parts, mask: Mask, wired: Wired, out: Account) -> None:
        """What was owed as it arose becomes a due; a credit is paid out."""
        for kind, unbilled in (
            ("power", rows.power[POWER_UNBILLED_USD]),
            ("hosting", rows.fleet[kernel.COSTS_UNBILLED_USD]),
        ):
            amount = np.where(mask, unbilled, 0.0)
            credit = np.maximum(-amount, 0.0)
            out.post(kind, USD, amount)
            out.owe(kind, kind, USD, amount + credit, self.grace_s)
            if kind == "power":
                out.post(kind, USD, credit, cash=True)
            unbilled -= amount
        power.billed(self.riders, rows.power, mask, wired)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `run` at a share of full load; `dispatch` at a power price in USD/MWh: every batch to the
        preset that pays there; `buy_`, `sell_`, `scrap_` of a batch: so many machines;
        `close`: sell the machines and have the bills sent.
        """
        mask = order.mask & (state["open"] > 0.0)
        if order.verb == "run":
            share = np.clip(order.amounts(), 0.0, 1.0)
            np.copyto(state["on"], share, where=mask)
            still = mask & (share == 0.0)
            since_s = state["shutdown_s"]
            np.minimum(since_s, now.t_s, out=since_s, where=still)
        elif order.verb == "dispatch":
            rows = self.parts(state)
            price = np.ascontiguousarray(order.amounts())
            hashprice = state["hashprice_usd_per_ph_day"]
            wire = state.wire
            self.fleet.dispatch(rows.fleet, mask, price, hashprice, wire.fleet, wire.ladders)
            self._measure(state, now)
        elif order.verb in self.fleet.verbs:
            amount = np.where(mask, np.maximum(order.amounts(), 0.0), 0.0)
            self.fleet.trade(self.parts(state).fleet, order.verb, amount, now.t_s, out)
            self._measure(state, now)
        elif order.verb == "close":
            self._wind_up(state, mask, out)
            self._measure(state, now)

    def _measure(self, state: Block, now: Tick) -> None:
        """What the fleet can do, and what that is worth."""
        rows, wire = self.parts(state), state.wire
        self.fleet.measure(rows.fleet, now, wire.fleet)
        kw = rows.fleet[kernel.CAPACITY_KW]
        power.watch(self.power, self.riders, rows.power, kw, now, wire.power)
        kernel.watch(rows.mine, rows.fleet, rows.power, now.world.data, now.t_s, wire.mine)

    # what is seen of it ----------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Load, hash rate, power, hashprice, break-even, margin, coins mined, costs not billed."""
        for name in self.gauges:
            if name in state:
                out[name] = state[name]
        mw = state["capacity_kw"] / KW_PER_MW
        out["machines"] = self.fleet.machines_owned(self.parts(state).fleet)
        out["work_th_s"] = state["on"] * state["capacity_th_s"]
        out["power_mw"] = state["on"] * mw
        out["margin_usd_per_day"] = state["margin_usd_per_mwh"] * mw * HOURS_PER_DAY
        per_th = state["hashprice_usd_per_ph_day"] / TH_PER_PH * (1.0 - self.pool.fee)
        self.fleet.gauge(self.parts(state).fleet, per_th, now, state.wire.fleet, out)
        out["capacity_mw"] = mw
        rows = self.parts(state)
        kernel.marginal_price(rows.mine, rows.fleet, rows.power, out["dispatch_usd_per_mwh"])
        obliged = sum(r.mw for r in self.riders.values() if isinstance(r, Reserve))
        out["obliged_mw"] = state["open"] * obliged
        out["obliged_usd_per_mwh"] = power.obliged_usd_per_mwh(
            self.riders, self.parts(state).power, state["capacity_kw"], now, state.wire.power
        )
        out["unbilled_usd"] = state["power_unbilled_usd"] + state["costs_unbilled_usd"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Machines, at market or at book value, less what is owed and not yet billed."""
        out[self.coin] = 0.0
        for asset in self.fleet.assets:
            out[asset] = 0.0
        rows = self.parts(state)
        owed = power.holdings_usd(self.riders, rows.power, state.wire.power)
        out[USD] = owed - state["costs_unbilled_usd"]
        self.fleet.holdings(rows.fleet, out)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """Holdings, and the coins of the hedge horizon at the load and difficulty now."""
        self.holdings(state, now, out)
        wire = state.wire.mine[0]
        world = now.world.data
        work_th = state["on"] * state["capacity_th_s"] * self.hedge_horizon_s
        blocks = work_th * HASHES_PER_TH / (world[wire["difficulty"]] * HASHES_PER_DIFFICULTY)
        reward = world[wire["subsidy"]] + world[wire["fees"]]
        out[self.coin] += blocks * reward * (1.0 - self.pool.fee)
