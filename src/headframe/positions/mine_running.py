"""
A mine at work: what happens to it step by step, and what is seen of it.

`positions/mine.py` says what a mine is; this is the order in which its parts take their turns, how
its bills are sent, and how it ends. Each part has rows of its own in the mine's state block; views
of them are made once, when the mine is opened, and stand in `state.wire`.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from headframe.kernels import mine as kernel
from headframe.kernels.power_contract import POWER_UNBILLED_USD
from headframe.ledger import Account
from headframe.position import Order
from headframe.positions import pool as pools
from headframe.positions import power_bill as power
from headframe.positions.fleet import FleetRows, FleetWire
from headframe.positions.machines import USD
from headframe.positions.power_bill import PowerRows
from headframe.positions.rider import Meter
from headframe.positions.rider_reserve import Reserve
from headframe.process import Tick
from headframe.types import NEVER_S, Array, Block, Mask, Rows
from headframe.units import (
    HASHES_PER_DIFFICULTY,
    HASHES_PER_TH,
    HOURS_PER_DAY,
    KW_PER_MW,
    TH_PER_PH,
)

if TYPE_CHECKING:
    from headframe.positions.mine import Mine

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
NO_MARGIN = 1e9
"""The least margin before there was any, in USD per MWh."""
LATER_S = 1e-6
"""Times closer than this are the same: clocks are sums of doubles."""


class MineRows(NamedTuple):
    """The rows of each part, as views of the state block."""

    mine: Array
    fleet: FleetRows
    pool: Array
    law: Array
    power: PowerRows


class Wire(NamedTuple):
    """The constants of each part, and from the opening on the rows of each."""

    dt_s: float
    fleet: FleetWire
    pool: Any
    power: power.Wired
    law: Any
    mine: Any
    rows: MineRows | None = None


def rows_of(mine: "Mine", data: Array) -> MineRows:
    """Views of the rows of each part, which stand one after the other in the state block."""
    a = len(MINE_ROWS)
    b = a + len(mine.fleet.fields)
    c = b + len(pools.POOL_ROWS)
    d = c + len(mine.law.fields)
    return MineRows(
        mine=data[:a],
        fleet=mine.fleet.rows_of(data[a:b]),
        pool=data[b:c],
        law=data[c:d],
        power=power.rows_of(mine.riders, data[d:]),
    )


# what happens to it ------------------------------------------------------------------------------


def open_mine(mine: "Mine", state: Block, order: Order, now: Tick, out: Account) -> None:
    """Buy the fleet, as much of it as the wallet can pay; or take over what is held."""
    if state.wire.rows is None:
        state.wire = state.wire._replace(rows=rows_of(mine, state.data))
        state["shutdown_s"] = state["uneconomic_s"] = state["closed_s"] = NEVER_S
        state["min_margin_usd_per_mwh"] = NO_MARGIN
        for group in state.wire.rows.fleet.batches:
            group[kernel.SET_S] = -NEVER_S
    wire, rows = state.wire, state.wire.rows
    if mine.held is not None and now.step == 0:
        mine.fleet.take_over(rows.fleet, now)
        power.start(rows.power, order.mask.astype(np.float64), wire.power, None)
        rows.power.contract[POWER_UNBILLED_USD] = mine.held.power_unbilled_usd
        rows.fleet.whole[kernel.COSTS_UNBILLED_USD] = mine.held.costs_unbilled_usd
        opened: Mask = order.mask
    else:
        size = _affordable(mine, order, rows.fleet, out)
        mine.fleet.buy(rows.fleet, size, now.t_s, out)
        power.start(rows.power, size, wire.power, out)
        opened = size > 0.0
    state["open"][opened] = 1.0
    state["on"][opened] = 1.0
    _measure(mine, wire, now)


def _affordable(mine: "Mine", order: Order, rows: FleetRows, out: Account) -> Array:
    """How often the fleet is bought: as ordered, held to what the wallet has in dollars."""
    size = np.where(order.mask, np.maximum(order.amounts(), 0.0), 0.0)
    fleet = np.asarray(mine.fleet.cost_usd(out), np.float64)
    cost = np.broadcast_to(fleet + power.capex_usd(mine.riders), size.shape)
    some = np.where(cost > 0.0, cost, 1.0)
    most = np.where(cost > 0.0, mine.fleet.free_usd(rows, out) / some, size)
    return np.minimum(size, most)


def step(mine: "Mine", state: Block, before: Tick, now: Tick, out: Account) -> None:
    """Work, be paid, use power, wear, and every so often send the bills."""
    wire = state.wire
    rows: MineRows = wire.rows
    fleet, whole, is_open = mine.fleet, rows.fleet.whole, rows.mine[kernel.OPEN]
    on = _allowed(mine, rows.mine[kernel.ON], now, wire)
    work_th, energy_kwh = whole[kernel.WORK_TH], whole[kernel.ENERGY_KWH]
    meter = Meter(on, is_open, whole[kernel.CAPACITY_KW], energy_kwh)
    load = power.hold(rows.power, meter, before, now, wire.power)
    fleet.work(rows.fleet, load, is_open, now, wire.fleet, out)
    pools.pay(mine.pool, rows.pool, work_th, now, wire.pool, out)
    power.settle(rows.power, meter._replace(on=load), before, now, wire.power, out)
    fleet.age(rows.fleet, load, now, wire.dt_s, wire.fleet, out)
    fleet.advance(rows.fleet, now.t_s, mine.grace_s, out)
    if (now.t_s + LATER_S) // mine.billing_s > (before.t_s + LATER_S) // mine.billing_s:
        _bill(mine, wire, np.ones(state.n_paths, np.bool_), out)
    if mine.law.taxes:
        mine.law.tax(rows.law, before, now, wire.law, mine.grace_s, out)
    if mine.law.closure is not None:
        _leave(mine, state, now, out)
    _measure(mine, wire, now, held=before)


def _allowed(mine: "Mine", on: Array, now: Tick, wire: Wire) -> Array:
    """The load that the law allows: none where it has closed the site."""
    if mine.law.closure is None:
        return on
    return np.where(mine.law.is_closed(now, wire.law), 0.0, on)


def _leave(mine: "Mine", state: Block, now: Tick, out: Account) -> None:
    """Where the site has been closed for long enough the machines are sold or left behind."""
    wire, closure = state.wire, mine.law.closure
    rows: MineRows = wire.rows
    closed = mine.law.is_closed(now, wire.law)
    gone = mine.law.leaves(rows.law, closed, state["open"], now)
    if closure is None or not gone.any():
        return
    machines = np.where(gone, mine.fleet.machines_owned(rows.fleet), 0.0)
    cost = machines * closure.export_usd_per_machine
    rows.fleet.whole[kernel.COSTS_UNBILLED_USD] += cost
    out.post("hosting", USD, -cost)
    _wind_up(mine, state, gone, out, stranded=closure.machines == "strand")


def _wind_up(
    mine: "Mine", state: Block, mask: Mask, out: Account, *, stranded: bool = False
) -> None:
    """Sell the machines, or leave them behind; have the bills sent; close."""
    wire = state.wire
    (mine.fleet.strand if stranded else mine.fleet.sell)(wire.rows.fleet, mask, out)
    power.ended(wire.rows.power, mask, wire.power, out)
    _bill(mine, wire, mask, out)
    state["open"][mask] = 0.0
    state["on"][mask] = 0.0


def _bill(mine: "Mine", wire: Wire, mask: Mask, out: Account) -> None:
    """What was owed as it arose becomes a due; a credit is paid out."""
    rows: Any = wire.rows
    for kind, unbilled in (
        ("power", rows.power.contract[POWER_UNBILLED_USD]),
        ("hosting", rows.fleet.whole[kernel.COSTS_UNBILLED_USD]),
    ):
        amount = np.where(mask, unbilled, 0.0)
        credit = np.maximum(-amount, 0.0)
        out.post(kind, USD, amount)
        out.owe(kind, kind, USD, amount + credit, mine.grace_s)
        if kind == "power":
            out.post(kind, USD, credit, cash=True)
        unbilled -= amount
    power.billed(rows.power, mask, wire.power)


def act(mine: "Mine", state: Block, order: Order, now: Tick, out: Account) -> None:
    """Carry out a verb where the mine is open."""
    wire = state.wire
    rows: MineRows = wire.rows
    if order.verb == "run":
        kernel.set_load(rows.mine, order.mask, _each_path(order), now.t_s)
        return
    mask = order.mask & (state["open"] > 0.0)
    if order.verb == "dispatch":
        hashprice = state["hashprice_usd_per_ph_day"]
        mine.fleet.dispatch(rows.fleet, mask, _each_path(order), hashprice, now.t_s, wire.fleet)
    elif order.verb in mine.fleet.verbs:
        amount = np.where(mask, np.maximum(order.amounts(), 0.0), 0.0)
        mine.fleet.trade(rows.fleet, order.verb, amount, now.t_s, out)
    elif order.verb == "close":
        _wind_up(mine, state, mask, out)
    _measure(mine, wire, now)


def _each_path(order: Order) -> Array:
    """An order's amount on every path, as kernels read it."""
    return np.ascontiguousarray(order.amounts())


def _measure(mine: "Mine", wire: Wire, now: Tick, *, held: Tick | None = None) -> None:
    """What the fleet can do, and what that is worth; at the end of a step that began at `held`."""
    rows: Any = wire.rows
    mine.fleet.measure(rows.fleet, now, wire.fleet)
    whole = rows.fleet.whole
    power.watch(rows.power, whole[kernel.CAPACITY_KW], now, wire.power, held=held)
    kernel.watch(rows.mine, whole, rows.power.contract, now.world.data, now.t_s, wire.mine)


# what is seen of it ------------------------------------------------------------------------------


def gauge(mine: "Mine", state: Block, now: Tick, out: Block) -> None:
    """Write what others may read."""
    wire, rows = state.wire, state.wire.rows
    for name in mine.gauges:
        if name in state:
            out[name] = state[name]
    mw = state["capacity_kw"] / KW_PER_MW
    out["machines"] = mine.fleet.machines_owned(rows.fleet)
    out["work_th_s"] = state["on"] * state["capacity_th_s"]
    out["power_mw"] = state["on"] * mw
    out["margin_usd_per_day"] = state["margin_usd_per_mwh"] * mw * HOURS_PER_DAY
    per_th = state["hashprice_usd_per_ph_day"] / TH_PER_PH * (1.0 - mine.pool.fee)
    mine.fleet.gauge(rows.fleet, per_th, now, wire.fleet, out)
    out["capacity_mw"] = mw
    first = out["dispatch_usd_per_mwh"]
    kernel.marginal_price(rows.mine, rows.fleet.whole, rows.power.contract, first)
    obliged = sum(r.mw for r in mine.riders.values() if isinstance(r, Reserve))
    out["obliged_mw"] = state["open"] * obliged
    out["obliged_usd_per_mwh"] = power.obliged_usd_per_mwh(
        rows.power, state["capacity_kw"], now, wire.power
    )
    out["unbilled_usd"] = state["power_unbilled_usd"] + state["costs_unbilled_usd"]


def holdings(mine: "Mine", state: Block, out: Block) -> None:
    """Machines, at market or at book value, less what is owed and not yet billed."""
    out[mine.coin] = 0.0
    for asset in mine.fleet.assets:
        out[asset] = 0.0
    wire, usd = state.wire, out[USD]
    power.holdings_usd(wire.rows.power, wire.power, usd)
    usd -= wire.rows.fleet.whole[kernel.COSTS_UNBILLED_USD]
    mine.fleet.holdings(wire.rows.fleet, out)


def exposure(mine: "Mine", state: Block, now: Tick, out: Block) -> None:
    """Holdings, and the coins of the hedge horizon at the load and difficulty now."""
    holdings(mine, state, out)
    wire, world = state.wire.mine[0], now.world.data
    work_th = state["on"] * state["capacity_th_s"] * mine.hedge_horizon_s
    blocks = work_th * HASHES_PER_TH / (world[wire["difficulty"]] * HASHES_PER_DIFFICULTY)
    reward = world[wire["subsidy"]] + world[wire["fees"]]
    out[mine.coin] += blocks * reward * (1.0 - mine.pool.fee)
