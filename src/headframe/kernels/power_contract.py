"""
A mine's power on chunks: quotes of the contract, the bill of a step, and what one more unit costs.

Every contract comes to the same numbers: a block that is paid for, a price for what is used above
it, a price for what is left of it, and, before all that, energy made on the site. `quote` writes
them into rows of the contract's state; the bill and the marginal price read them from there.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.units import KW_PER_MW, KWH_PER_MWH

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

POWER_UNBILLED_USD, USED_MWH, SOLD_MWH, LOAD, RIDER_USD_PER_MWH = range(5)
"""Rows of the power as a whole: owed, energy used and sold so far, load served, riders' share."""
BLOCK_MW, BLOCK_PRICE, BUY, SELL, OWN_MW, OWN_PRICE, EXPORT = range(5, 12)
"""Rows of the quote."""


@inline
def power_cost(used: float, block: float, block_price: float, buy: float, sell: float) -> float:
    """
    Cost of energy from the grid: a block that is paid for, more at one price, the rest at another.

        block x block price + (used - block) x (buy above the block, sell below it)
    """
    over = used - block
    return block * block_price + over * (buy if over > 0.0 else sell)


@inline
def site_cost(
    used: float,
    own: float,
    own_price: float,
    export: float,
    block: float,
    block_price: float,
    buy: float,
    sell: float,
) -> float:
    """
    Cost of a site's energy: its own output first, what is left of it exported, the rest bought.

        min(used, own) x own price - (own - used)+ x export + power_cost((used - own)+)
    """
    taken = min(used, own)
    grid = power_cost(used - taken, block, block_price, buy, sell)
    return taken * own_price - (own - taken) * export + grid


@kernel
def quote(power: Floats, world: Floats, size_mw: float, block_scale: float, p: Record) -> None:
    """
    The contract's prices at one instant, for a block of `size_mw` at `block_scale` its price.

        index = min(max(multiple x spot, floor), cap),   buy = index + adder
        sell  = share x index - cost of selling back
    """
    q = p[0]
    floor, cap, adder = q.floor, q.cap, q.adder_usd_per_mwh
    share, cost, capacity = q.sell_share, q.sell_cost_usd_per_mwh, q.own_mw
    fixed, spot, multiple = world[q.block_price], world[q.spot], world[q.multiple]
    available, own_price, export = world[q.available], world[q.own_price], world[q.export]
    block, block_price, buy, sell = power[BLOCK_MW], power[BLOCK_PRICE], power[BUY], power[SELL]
    own_mw, own_cost, exported = power[OWN_MW], power[OWN_PRICE], power[EXPORT]
    for i in range(buy.size):
        index = min(max(multiple[i] * spot[i], floor), cap)
        block[i] = size_mw
        block_price[i] = block_scale * fixed[i]
        buy[i] = index + adder
        sell[i] = share * index - cost
        own_mw[i] = capacity * min(max(available[i], 0.0), 1.0)
        own_cost[i] = own_price[i]
        exported[i] = export[i]


@kernel
def serve(power: Floats, on: Floats, capacity_kw: Floats) -> None:
    """Without a grid a site runs with what it makes: load = min(on, own output / full load)."""
    load, own = power[LOAD], power[OWN_MW]
    for i in range(on.size):
        kw = capacity_kw[i]
        some = kw if kw > 0.0 else 1.0
        load[i] = min(on[i], own[i] * KW_PER_MW / some)


@kernel
def take(
    power: Floats, energy_kwh: Floats, is_open: Floats, now: Floats, books: Floats, p: Record
) -> None:
    """The bill of a step for the energy used, at the prices quoted."""
    q = p[0]
    hours, price = q.hours, now[q.price_usd]
    unbilled, used_sum, sold_sum = power[POWER_UNBILLED_USD], power[USED_MWH], power[SOLD_MWH]
    block_mw, block_price, buy, sell = power[BLOCK_MW], power[BLOCK_PRICE], power[BUY], power[SELL]
    own_mw, own_price, export = power[OWN_MW], power[OWN_PRICE], power[EXPORT]
    quantity, value = books[q.power_quantity], books[q.power]
    for i in range(energy_kwh.size):
        used = energy_kwh[i] / KWH_PER_MWH
        step = hours * is_open[i]
        block, own = block_mw[i] * step, own_mw[i] * step
        cost = site_cost(used, own, own_price[i], export[i], block, block_price[i], buy[i], sell[i])
        unbilled[i] += cost
        used_sum[i] += used
        sold_sum[i] += max(block - max(used - own, 0.0), 0.0)
        quantity[i] -= cost
        value[i] -= cost * price[i]
