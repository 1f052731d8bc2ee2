"""
Looping: what is borrowed is swapped into the collateral and supplied again, and how one gets out.

There are two ways. *Turn by turn*: supply, borrow, swap, supply again; each turn is a transaction
and pays gas, and each swap is small. *At once*: a flash loan buys everything, is repaid by the loan
that the new collateral carries, and costs its fee and the impact of one large swap. Out of it the
same way round. After n turns at a loan to value of l, without costs, collateral is
(1 - l^(n+1)) / (1 - l) times the start.
"""

from collections.abc import Sequence

import numpy as np

from headframe.ledger import Account
from headframe.positions import pledged, transfers
from headframe.process import Tick
from headframe.types import Array, Block, Rows

LOOPED: Rows = ("ltv", "loops", "leverage", "swap_cost")
"""Parameters of a position that say how its loan is looped."""


def turns(ltv: float, loops: int, keep: float) -> tuple[float, ...]:
    """Shares of the loan that each turn of a loop swaps: the first the largest; 1 at once."""
    if loops < 1:
        return (1.0,)
    parts = [(keep * ltv) ** k for k in range(loops)]
    return tuple(part / sum(parts) for part in parts)


def loan_to_loop(ltv: float, loops: int, leverage: float, keep: float) -> float:
    """
    Value borrowed and supplied again, over what was paid in; `keep` is left of a swap.

        loops     l (1 - (keep l)^n) / (1 - keep l)
        leverage  (L - 1) / (L - keep (L - 1)),  so that assets are L times equity
    """
    if leverage > 1.0:
        return (leverage - 1.0) / (leverage - keep * (leverage - 1.0))
    ratio = keep * ltv
    return float(ltv * (1.0 - ratio**loops) / (1.0 - ratio))


def loop(
    state: Block,
    wire: pledged.Wire,
    paid: Array,
    now: Tick,
    out: Account,
    *,
    ltv: float,
    loops: int,
    leverage: float,
    swap_cost: float,
    flash_fee: float,
) -> None:
    """Borrow on a value that was paid in: in `loops` turns, at once by `leverage`, or to hold."""
    if not loops and leverage <= 1.0:
        if ltv > 0.0:
            pledged.draw(state, wire, ltv * paid, now, out)
        return
    first = wire.pledged[0].asset
    keep = 1.0 - swap_cost * sum(leg.share for leg in wire.owed if leg.asset != first)
    keep /= 1.0 + flash_fee
    loan = loan_to_loop(ltv, loops, leverage, keep)
    lever(
        state,
        wire,
        loan * paid,
        now,
        out,
        swap_cost=swap_cost,
        flash_fee=flash_fee,
        swaps=turns(ltv, loops, keep),
    )


def lever(
    state: Block,
    wire: pledged.Wire,
    value: Array,
    now: Tick,
    out: Account,
    *,
    swap_cost: float,
    flash_fee: float = 0.0,
    swaps: Sequence[float] = (1.0,),
) -> None:
    """
    Borrow a value, swap it into the first collateral, and supply that, within the limits.

    `swaps` are the shares of the value that are swapped at a time, each with its own impact on a
    pool that recovers between them; the flash lender is paid `flash_fee` of what he
    lent, out of the loan that repays him.
    """
    first, deep = wire.pledged[0], depth(wire, now)
    debt, _, power = pledged.backing(state, now, wire)
    keep = np.array([1.0 if leg.asset == first.asset else 1.0 - swap_cost for leg in wire.owed])
    left = 1.0 / (1.0 + flash_fee)
    kept = float(np.sum(keep * [leg.share for leg in wire.owed])) * left
    free = np.maximum(power * pledged.HEALTHY - debt, 0.0)
    slope = pledged.weight(wire, now) - kept * first.ltv * first.reported(now)
    price = np.maximum(out.price(first.asset), transfers.SMALLEST_PRICE)
    room = np.maximum(first.limit(now, first.room), 0.0) * price
    most = np.where(
        slope > 1e-12, free / np.maximum(slope, 1e-12), np.where(free > 0.0, value, 0.0)
    )
    value = np.minimum(value, np.minimum(most, room))
    for leg in wire.owed:
        _, lent = pledged.lend(state, leg, leg.share * value, now, out)
        swapped = (0.0 if leg.asset == first.asset else left) * lent
        lost = np.zeros_like(value)
        for part in swaps:
            lost += transfers.swap_loss(part * swapped, swap_cost, deep)
        out.post("principal", first.asset, lent / price)
        out.post("fee", first.asset, (left - 1.0) * lent / price)
        out.post("slippage", first.asset, -lost / price)
        state[first.row] += (left * lent - lost) / price


def leave(
    state: Block,
    wire: pledged.Wire,
    share: Array,
    now: Tick,
    out: Account,
    *,
    swap_cost: float,
    flash_fee: float = 0.0,
    transactions: int = 1,
) -> None:
    """Sell a share of collateral, repay that of debt with a flash loan's help, pay out the rest."""
    worth, debt = pledged.totals(state, now, wire)
    some = np.where(worth > 0.0, worth, 1.0)
    paid = np.minimum(flash_fee * debt / some, 1.0)
    sold = share * (1.0 - paid) * worth
    lost = transfers.swap_loss(sold, swap_cost, depth(wire, now)) / np.where(sold > 0.0, sold, 1.0)
    held: dict[str, Array] = {}
    owed: dict[str, Array] = {}
    for leg in wire.pledged:
        out.post("fee", leg.asset, -share * paid * state[leg.row])
        held[leg.asset] = share * (1.0 - paid) * state[leg.row]
    for leg in wire.owed:
        owed[leg.asset] = share * state[leg.row]
    for leg in (*wire.pledged, *wire.owed):
        state[leg.row] = np.where(share >= 1.0, 0.0, (1.0 - share) * state[leg.row])
    gas = transactions * transfers.gas_cost(wire.gas, now)
    cost = np.where(sold > 0.0, lost, swap_cost)
    transfers.wind_up(held, owed, out, swap_cost=cost, gas=gas)


def depth(wire: pledged.Wire, now: Tick) -> Array:
    """Value of one side of the pool through which own swaps go; 0 is a market without end."""
    world, rows = now.world.data, wire.gas
    value: Array = 0.5 * world[rows["pool_usd"][0]] * world[rows["price_usd"][0]]
    return value
