"""
What positions with concentrated liquidity do alike, whether they owe money or not.

The rows of the state block that are named in `FIELDS` are moved by `kernels/uniswap_v3.py`; further
rows of a position follow after them. `invest` of `uniswap_v3_range` puts money into the range.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from headframe.analytics import impermanent_loss
from headframe.kernels import uniswap_v3 as kernel
from headframe.kernels.uniswap_v3 import LOG_TICK
from headframe.layout import Layout
from headframe.ledger import Account
from headframe.positions.uniswap_v2 import InPool, check_flow, pool_rows
from headframe.positions.uniswap_v3_range import TICK_LIMIT, HeldRange, InRange, V3Range, invest
from headframe.process import ONE, Tick
from headframe.types import Array, Block, Mask, Rows, Signal
from headframe.units import DAY_S, DAYS_PER_YEAR, YEAR_S

MEMORY_S = 30.0 * DAY_S
"""How long a move counts for the volatility where none is given."""
NARROWEST = 0.5 * LOG_TICK
"""Half-width, as a logarithm, of a range of one tick: a narrower one excludes every price."""
WIDEST = LOG_TICK * TICK_LIMIT
"""The same of all ticks of a pool: such a range excludes none."""
AMOUNTS_OF: Rows = ("liquidity_owned", "owed0", "owed1", "entered0", "entered1")
"""Rows that shrink together when a part of the position is taken out."""
FIELDS: Rows = (
    "liquidity_owned",
    "root",
    "root_lower",
    "root_upper",
    "log_price",
    "log_lower",
    "log_upper",
    "owed0",
    "owed1",
    "entered0",
    "entered1",
    "impermanent_loss",
    "share_of_step",
    "variance",
    "steps",
    "seconds",
    "seconds_inside",
    "share_in_range",
    "width",
    "left_range_s",
)
"""Rows of the state block that the kernels of concentrated liquidity know."""


class Concentrated(InPool, InRange, Protocol):
    """What a position with concentrated liquidity is made of."""

    @property
    def token0(self) -> str: ...
    @property
    def token1(self) -> str: ...
    @property
    def swap_cost(self) -> float: ...
    @property
    def deposit(self) -> Any: ...
    @property
    def range(self) -> V3Range: ...
    @property
    def volume_usd(self) -> Signal: ...
    @property
    def pool_liquidity(self) -> Signal | None: ...
    @property
    def volatility(self) -> Signal | None: ...
    @property
    def high(self) -> str | None: ...
    @property
    def low(self) -> str | None: ...


def check(position: Concentrated) -> None:
    """Raise `ValueError` where tokens, marks of a bar, volume or range do not fit together."""
    if position.token0 == position.token1:
        raise ValueError("token0 and token1 must differ")
    if (position.high is None) != (position.low is None):
        raise ValueError("give both high and low, or neither")
    if position.volume_usd != 0.0 and position.pool_liquidity is None:
        raise ValueError("volume_usd needs pool_liquidity, which it is shared by")
    check_flow(position)
    position.range.spacing(position.fee)
    _check_range(position.range)


def _check_range(told: V3Range) -> None:
    """Raise `ValueError` where a range is narrower than a tick, or wider than all of them."""
    half = float(np.log1p(told.half_width))
    if half < NARROWEST * (1.0 - 1e-9) and told.snap == "none":
        raise ValueError(
            f"range has a half-width of {told.half_width:g} and excludes every price: "
            f"allowed is {np.expm1(NARROWEST):.5g} (one tick) and more"
        )
    if half >= WIDEST * (1.0 - 1e-9):
        raise ValueError(
            f"range has a half-width of {told.half_width:g} and excludes no price: allowed is "
            f"below {np.expm1(WIDEST):.3g} (all {TICK_LIMIT:,} ticks to either side); over all "
            "prices use kind uniswap_v2, or levered"
        )


def signals(position: Concentrated) -> tuple[Signal, ...]:
    """Turnover, volume, the pool's liquidity and price, volatility, high and low."""
    named = (
        position.pool_price,
        position.high,
        position.low,
        position.pool_liquidity,
        position.volatility,
    )
    told = tuple(signal for signal in named if signal is not None)
    kept = position.arbitrage_kept or 0.0
    return (position.turnover, position.volume_usd, 0.0, kept, *told)


def fees_apr(
    position: Concentrated, look: Callable[[Signal], float], price: Callable[[str], float]
) -> float:
    """
    What fees pay a year on what is in the range, before our own size dilutes them.

        365 fee (turnover c + volume / (L_pool u)),   c the concentration, u the value of L = 1
    """
    first, second = price(position.token0), price(position.token1)
    now = first / second
    low, high = position.range.bounds(now)
    ends = {"price": now, "price_lower": float(low), "price_upper": float(high)}
    traded = look(position.turnover) * float(impermanent_loss.concentration(**ends))
    if position.pool_liquidity is not None and look(position.pool_liquidity) > 0.0:
        unit = float(impermanent_loss.concentrated_value(1.0, **ends)) * second
        volume = look(position.volume_usd) * (price("usd") if position.volume_usd != 0.0 else 0.0)
        traded += volume / (look(position.pool_liquidity) * unit)
    return position.fee * traded * DAYS_PER_YEAR


def range_rows(position: Concentrated, layout: Layout, dt_s: float) -> dict[str, float | int]:
    """Rows and constants of the pool's step and of the range's grid."""
    given = position.volatility
    return pool_rows(position, layout, dt_s) | {
        "volume": layout.row(position.volume_usd),
        "pool_liquidity": layout.row(position.pool_liquidity or 0.0),
        "diluted": int(position.pool_liquidity is not None),
        "volatility": layout.row(0.0 if given is None else given),
        "volatility_given": int(given is not None),
        "high": layout.row(position.high or ONE),
        "low": layout.row(position.low or ONE),
        "memory": min(dt_s / MEMORY_S, 1.0),
        "dt_s": float(dt_s),
        "years": dt_s / YEAR_S,
        "spacing": position.range.spacing(position.fee),
        "offset": position.range.offset,
    }


def place(position: Concentrated, state: Block, mask: Mask) -> None:
    """Give the range that was asked for to some paths."""
    asked = position.range.bounds(state["root"] ** 2)
    low, high = (np.broadcast_to(end, mask.shape) for end in asked)
    kernel.place(state.data, mask, low, high, state.wire)
    state["width"] = np.where(mask, position.range.half_width, state["width"])


def enter(state: Block, bought: Array) -> None:
    """Count liquidity in, and the tokens that it is made of."""
    x, y = kernel.amounts(bought, state["root"], state["root_lower"], state["root_upper"])
    state["liquidity_owned"] += bought
    state["entered0"] += x
    state["entered1"] += y


def take_over(position: Concentrated, state: Block, held: HeldRange, out: Account) -> None:
    """Begin with what is held already."""
    root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
    if held.liquidity is not None:
        liquidity = np.full_like(root, held.liquidity)
    else:
        prices = (out.price(position.token0), out.price(position.token1))
        worth = (held.amount0 or 0.0) * prices[0] + (held.amount1 or 0.0) * prices[1]
        liquidity = kernel.liquidity_for_value(worth, root, lower, upper, *prices)
    enter(state, liquidity)
    state["owed0"], state["owed1"] = held.uncollected0, held.uncollected1
    if held.entered0 is not None and held.entered1 is not None:
        state["entered0"], state["entered1"] = held.entered0, held.entered1


def move(position: Concentrated, state: Block, now: Tick, out: Account) -> None:
    """The market moves the price; fees of the time inside are laid beside; the loss is told."""
    world = now.world.data
    if position.high is None:
        kernel.bridge(state.data, world, state.wire)
    else:
        kernel.bars(state.data, world, state.wire)
    kernel.accrue(state.data, world, out.books, now.t_s, state.wire)
    kernel.compare(state.data, world, state.wire)


def compound(
    position: Concentrated,
    state: Block,
    mask: Mask,
    out: Account,
    gas: Array,
    depth: Array | float = 0.0,
) -> None:
    """Swap fees to the range's proportion and add them, where gas would not eat them."""
    mask = mask & (fees(position, state, out) > gas)
    have = [np.where(mask, state[row], 0.0) for row in ("owed0", "owed1")]
    gas = np.where(mask, gas, 0.0)
    bought = invest(position, state, (have[0], have[1]), out, gas=gas, depth=depth)
    for row, quantity in zip(("owed0", "owed1"), have, strict=True):
        state[row] -= quantity
    enter(state, bought)


def rerange(
    position: Concentrated,
    state: Block,
    mask: Mask,
    asked: Array,
    out: Account,
    gas: Array,
    depth: Array | float = 0.0,
) -> None:
    """
    Take liquidity and fees out, and put all into [P / (1 + w), P (1 + w)] around the price.

    w is what is asked, or the width it had where that is 0; nothing is done where gas would eat it.
    """
    x, y = tokens(state)
    worth = x * out.price(position.token0) + y * out.price(position.token1)
    mask = mask & (state["liquidity_owned"] > 0.0) & (worth > gas)
    asked = np.maximum(asked, 0.0)
    width = np.where(mask, np.where(asked > 0.0, asked, state["width"]), 0.0)
    price = state["root"] ** 2
    kernel.place(state.data, mask, price / (1.0 + width), price * (1.0 + width), state.wire)
    state["width"] = np.where(mask, width, state["width"])
    for row in AMOUNTS_OF:
        state[row] = np.where(mask, 0.0, state[row])
    have = (np.where(mask, x, 0.0), np.where(mask, y, 0.0))
    gas = np.where(mask, gas, 0.0)
    enter(state, invest(position, state, have, out, gas=gas, depth=depth))


def amounts(state: Block) -> tuple[Array, Array]:
    """Token0 and token1 in the range."""
    root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
    # before the opening, when venues look for the first time, there is no range yet
    upper = np.where(upper > 0.0, upper, 1.0)
    held = np.where(lower > 0.0, lower, 1.0)
    return kernel.amounts(state["liquidity_owned"], root, held, upper)


def tokens(state: Block) -> tuple[Array, Array]:
    """Token0 and token1 in the range, with the fees that lie beside it."""
    x, y = amounts(state)
    return x + state["owed0"], y + state["owed1"]


def fees(position: Concentrated, state: Block, out: Account) -> Array:
    """Worth of the fees not collected."""
    worth: Array = state["owed0"] * out.price(position.token0)
    worth += state["owed1"] * out.price(position.token1)
    return worth


GAUGES: Rows = (
    "liquidity",
    "in_range",
    "share_in_range",
    "amount0",
    "amount1",
    "uncollected0",
    "uncollected1",
    "reward_value",
    "staked_value",
    "pool_price",
    "distance_lower",
    "distance_upper",
)
"""What `show` tells."""


def show(state: Block, now: Tick, out: Block) -> tuple[Array, Array]:
    """
    Show the range and what lies in it; gives the worth of the tokens and of the fees.

    `liquidity` is what is active now; `distance_lower` and `distance_upper` are the shares by
    which the price must fall or rise to the bounds, negative beyond them.
    """
    wire, world = state.wire, now.world.data
    p0, p1 = world[wire["price0"][0]], world[wire["price1"][0]]
    x, y = amounts(state)
    root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
    inside = (root >= lower) & (root < upper) & (state["liquidity_owned"] > 0.0)
    waiting = state["owed0"] * p0 + state["owed1"] * p1
    out["liquidity"] = np.where(inside, state["liquidity_owned"], 0.0)
    out["in_range"] = np.where(inside, 1.0, 0.0)
    out["share_in_range"] = state["share_in_range"]
    out["amount0"], out["amount1"] = x, y
    out["uncollected0"], out["uncollected1"] = state["owed0"], state["owed1"]
    out["reward_value"] = waiting
    out["pool_price"] = root * root
    safe = np.where(root > 0.0, root, 1.0)
    out["distance_lower"] = 1.0 - (lower / safe) ** 2
    out["distance_upper"] = (upper / safe) ** 2 - 1.0
    out["staked_value"] = x * p0 + y * p1
    return out["staked_value"].copy(), waiting
