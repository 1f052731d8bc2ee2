"""
The bill of a mine's power: one contract for the energy, and riders on top of it.

A *rider* is a charge or a credit beside the price of energy: a demand charge, coincident peaks, a
reserve that is sold, heat that is used, carbon. What contract and riders cost is owed as it arises
and billed together; each rider books its own kinds of entry.

    hold      before the machines run: what there is to run with, and what must be given up
    settle    after they have run: the contract's bill, then each rider
    watch     what one more unit would cost now, riders included
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from headframe.kernels import power_contract as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.positions.machines import USD
from headframe.positions.power_contract import PowerContract, Terms
from headframe.positions.rider import Meter, Moment, Rider
from headframe.positions.rider_curtailment_credit import CurtailmentCredit
from headframe.positions.rider_heat import HeatReuse
from headframe.positions.rider_reserve import Reserve
from headframe.process import Tick
from headframe.types import Array, Mask, Rows, Signal
from headframe.units import HOUR_S

CONTRACT_ROWS: Rows = (
    "power_unbilled_usd",
    "used_mwh",
    "sold_mwh",
    "load_share",
    "rider_usd_per_mwh",
    "block_mw",
    "block_usd_per_mwh",
    "buy_usd_per_mwh",
    "sell_usd_per_mwh",
    "own_mw",
    "own_usd_per_mwh",
    "export_usd_per_mwh",
)
"""Rows of the contract, in the kernel's order: sums, the load served, and the quote."""

Riders = Mapping[str, Rider]
"""Riders by their names."""


class Wired(NamedTuple):
    """The contract's terms and constants, and each rider with its own."""

    terms: Terms
    contract: Any
    riders: tuple[tuple[Rider, Any], ...]


class PowerRows(NamedTuple):
    """The rows of the contract and of each rider, as views."""

    contract: Array
    riders: tuple[Array, ...]


def fields(riders: Riders) -> Rows:
    """Rows of the contract, then those of each rider under its name."""
    own = (f"{name}_{row}" for name, rider in riders.items() for row in rider.fields)
    return (*CONTRACT_ROWS, *own)


def lines(riders: Riders) -> tuple[Line, ...]:
    """Power as it is used, a credit that the supplier pays out, and what riders book."""
    power = (Line("power", USD), Line("power", USD, cash=True))
    return (*power, *(line for rider in riders.values() for line in rider.lines))


def reads(contract: PowerContract, riders: Riders) -> tuple[Signal, ...]:
    """Every price and quantity that moves."""
    return (*contract.terms.reads, *(s for rider in riders.values() for s in rider.reads))


def uniforms(riders: Riders, mine: str) -> Rows:
    """Chance that riders bring."""
    return tuple(f"{mine}.{name}.{u}" for name, rider in riders.items() for u in rider.uniforms)


def least_usd_per_mwh(
    contract: PowerContract, riders: Riders, least: Callable[[Signal], float | None]
) -> float | None:
    """
    The least that one more unit can cost; None where a signal's least value is not known.

    `least` gives that of a signal. Riders that pay for running, and energy of one's own, are not
    bounded here.
    """
    terms = contract.terms
    pays = any(
        isinstance(rider, Reserve | CurtailmentCredit | HeatReuse) for rider in riders.values()
    )
    spot, multiple = least(terms.spot_usd_per_mwh), least(terms.multiple)
    if pays or terms.own_mw > 0.0 or spot is None or multiple is None or min(spot, multiple) < 0.0:
        return None
    index = min(max(multiple * spot, terms.floor_usd_per_mwh), terms.cap_usd_per_mwh)
    sold = terms.sell_share * index - terms.sell_cost_usd_per_mwh
    bought = index + terms.adder_usd_per_mwh
    return min(bought, sold) if terms.block_mw > 0.0 else bought


def wire(contract: PowerContract, riders: Riders, layout: Layout, mine: str, dt_s: float) -> Wired:
    """Constants of one step."""
    terms = contract.terms
    own = record(
        hours=dt_s / HOUR_S,
        spot=layout.row(terms.spot_usd_per_mwh),
        multiple=layout.row(terms.multiple),
        floor=float(terms.floor_usd_per_mwh),
        cap=float(terms.cap_usd_per_mwh),
        adder_usd_per_mwh=float(terms.adder_usd_per_mwh),
        sell_share=float(terms.sell_share),
        sell_cost_usd_per_mwh=float(terms.sell_cost_usd_per_mwh),
        block_price=layout.row(terms.block_usd_per_mwh),
        own_mw=float(terms.own_mw),
        available=layout.row(terms.available),
        own_price=layout.row(terms.own_usd_per_mwh),
        export=layout.row(terms.export_usd_per_mwh),
        price_usd=layout.price(USD),
        power_quantity=layout.quantity(mine, "power", USD, cash=False),
        power=layout.value(mine, "power"),
    )
    return Wired(terms, own, tuple((r, r.wire(layout, mine, n, dt_s)) for n, r in riders.items()))


def rows_of(riders: Riders, data: Array) -> PowerRows:
    """Views of the rows of the power's part of a state block."""
    own, first = [], len(CONTRACT_ROWS)
    for rider in riders.values():
        own.append(data[first : first + len(rider.fields)])
        first += len(rider.fields)
    return PowerRows(data[: len(CONTRACT_ROWS)], tuple(own))


def capex_usd(riders: Riders) -> float:
    """What the riders' equipment costs."""
    return sum(rider.capex_usd for rider in riders.values())


def start(rows: PowerRows, size: Array, wired: Wired, out: Account | None) -> None:
    """Take the riders up, with equipment bought through `out`, or there already without it."""
    for (rider, _), own in zip(wired.riders, rows.riders, strict=True):
        rider.start(own, size, out)


def hold(rows: PowerRows, fleet: Meter, before: Tick, now: Tick, wired: Wired) -> Array:
    """
    The share of full load that runs in this step.

    What was ordered, held to what a site without a grid makes and to what riders call for.
    """
    terms = wired.terms
    quoted = before if terms.day_ahead else now
    _quote(rows, quoted, before.t_s, now.t_s, wired)
    load: Array = rows.contract[kernel.LOAD]
    if terms.off_grid:
        kernel.serve(rows.contract, fleet.on, fleet.capacity_kw)
    else:
        np.copyto(load, fleet.on)
    for (rider, constants), own in zip(wired.riders, rows.riders, strict=True):
        rider.hold(own, load, fleet, now, constants)
    return load


def _quote(rows: PowerRows, seen: Tick, from_s: float, until_s: float, wired: Wired) -> None:
    """The contract's prices as seen at a tick, for what it delivers in a span."""
    terms = wired.terms
    size, scale = terms.block_mw * terms.delivered(from_s, until_s), terms.block_scale(from_s)
    kernel.quote(rows.contract, seen.world.data, size, scale, wired.contract)


def settle(
    rows: PowerRows, fleet: Meter, before: Tick, now: Tick, wired: Wired, out: Account
) -> None:
    """Charge the energy of a step, then each rider."""
    world, unbilled = now.world.data, rows.contract[kernel.POWER_UNBILLED_USD]
    kernel.take(rows.contract, fleet.energy_kwh, fleet.is_open, world, out.books, wired.contract)
    for (rider, constants), own in zip(wired.riders, rows.riders, strict=True):
        rider.settle(Moment(own, unbilled, fleet, before, now, constants, out))


def watch(
    rows: PowerRows, capacity_kw: Array, now: Tick, wired: Wired, *, held: Tick | None = None
) -> None:
    """
    Quote the contract as of now, and what the riders add to one more unit.

    At the end of a step that began at `held` the quote of the step itself mostly holds.
    """
    if held is None or not _still_quoted(wired.terms, held.t_s, now.t_s):
        _quote(rows, now, now.t_s, now.t_s, wired)
    extra = rows.contract[kernel.RIDER_USD_PER_MWH]
    extra[...] = 0.0
    for (rider, constants), own in zip(wired.riders, rows.riders, strict=True):
        rider.marginal(own, extra, capacity_kw, now, constants)


def _still_quoted(terms: Terms, from_s: float, until_s: float) -> bool:
    """Whether the quote of a step holds at its end: same price seen, same block, same year."""
    same_block = terms.delivered(from_s, until_s) == terms.delivered(until_s, until_s)
    same_year = terms.block_scale(from_s) == terms.block_scale(until_s)
    return not terms.day_ahead and same_block and same_year


def obliged_usd_per_mwh(rows: PowerRows, capacity_kw: Array, now: Tick, wired: Wired) -> Array:
    """What standing ready takes off the cost of one more unit, on average over full load."""
    extra = np.zeros_like(capacity_kw)
    for (rider, constants), own in zip(wired.riders, rows.riders, strict=True):
        if isinstance(rider, Reserve):
            rider.marginal(own, extra, capacity_kw, now, constants)
    return -extra


def billed(rows: PowerRows, mask: Mask, wired: Wired) -> None:
    """A bill has been sent: peaks are measured anew."""
    for (rider, _), own in zip(wired.riders, rows.riders, strict=True):
        rider.billed(own, mask)


def ended(rows: PowerRows, mask: Mask, wired: Wired, out: Account) -> None:
    """The mine closes: what is owed for later is owed now, equipment is written off."""
    unbilled = rows.contract[kernel.POWER_UNBILLED_USD]
    for (rider, _), own in zip(wired.riders, rows.riders, strict=True):
        rider.ended(own, unbilled, mask, out)


def holdings_usd(rows: PowerRows, wired: Wired, total: Array) -> None:
    """What the contract and the riders stand for in dollars: equipment, less what is owed."""
    np.negative(rows.contract[kernel.POWER_UNBILLED_USD], out=total)
    for (rider, _), own in zip(wired.riders, rows.riders, strict=True):
        rider.holdings(own, total)
