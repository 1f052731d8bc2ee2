"""
What chains have in common: users who want gas more or less, and a price that follows.

The three chains differ in their rule (`Rule`) and in what a transaction pays beside its gas; what
users want is one model. It wanders about a median, and rises when the coin's price moves by more
than usual, up or down: liquidations, arbitrage and flight all want to be in the next block.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import Field

from headframe.kernels import gas_price as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import quantities
from headframe.processes.ou import spread
from headframe.types import Array, Block, Rows
from headframe.units import GWEI_PER_ETH

FIELDS = ("fee", "demand", "noise", "move", "wanted")
"""Rows of the state, in the kernel's order."""
LEAST_GWEI = 7e-9
"""7 wei: EIP-1559 rounds its changes down, so that no lower fee ever falls."""
NO_TIPS = 1e100
"""Stands in for the room of a chain whose sequencer takes transactions as they come."""
Response = Annotated[float, Field(ge=0.0, le=10_000.0)]
"""How many times the median users pay more for each unit of a move above the calm one."""


@dataclass(frozen=True)
class Rule:
    """
    How a chain's price follows demand.

    `denominator` blocks of `block_s` each leave 1/e of the distance; `fullest` is a full block over
    the target. With `continuous` the price moves by the exponential itself (Arbitrum's backlog).
    """

    denominator: float
    fullest: float
    block_s: float
    continuous: bool = False

    @property
    def log_held(self) -> float:
        """What a block leaves of the distance to the price that users want, as a logarithm."""
        return -1.0 / self.denominator if self.continuous else math.log1p(-1.0 / self.denominator)

    @property
    def log_rise(self) -> float:
        """What a full block adds to the logarithm of the price."""
        rise = (self.fullest - 1.0) / self.denominator
        return rise if self.continuous else math.log1p(rise)

    @property
    def room(self) -> float:
        """Demand over the target at which tips decide; where nobody takes tips, never."""
        return NO_TIPS if self.continuous else self.fullest


class Market(Protocol):
    """What a process of this family has."""

    @property
    def name(self) -> str:
        """The process's name."""

    @property
    def price(self) -> str:
        """The price of the coin that gas is paid in."""

    @property
    def start_gwei(self) -> float:
        """The price of gas at the opening."""

    @property
    def median_gwei(self) -> float:
        """Its median in calm times."""

    @property
    def half_life_s(self) -> float:
        """How fast demand returns to it."""

    @property
    def volatility(self) -> float:
        """How much demand moves."""

    @property
    def response(self) -> float:
        """Medians more for each unit of a move."""

    @property
    def calm_move(self) -> float:
        """Moves up to this change nothing."""

    @property
    def move_half_life_s(self) -> float:
        """How long a move is remembered."""

    @property
    def fill_sd(self) -> float:
        """How uneven blocks are."""

    @property
    def units(self) -> dict[str, float]:
        """Gas by transaction."""

    @property
    def rule(self) -> Rule:
        """How the price follows."""

    @property
    def tip(self) -> float:
        """What is added to the base fee."""

    @property
    def floor(self) -> float:
        """The least base fee."""


def normals(market: Market) -> Rows:
    """Shocks: what users want, which bears the process's name, and how full blocks happen to be."""
    return market.name, f"{market.name}.fill"


def costs(name: str, price: str, units: Mapping[str, float]) -> Rows:
    """Observables of what transactions cost: `<name>_<currency>_per_<transaction>`."""
    currency = price.split("_")[1]
    return quantities(name, *(f"{currency}_per_{what}" for what in units))


def check_sizes(units: Mapping[str, float], sizes: Mapping[str, float]) -> None:
    """Hold the sizes of transactions to those whose gas is given."""
    for what in units:
        if what not in sizes:
            raise ValueError(f"bytes lacks {what}, whose gas stands in units")
    for what in sizes:
        if what not in units:
            raise ValueError(f"units lacks {what}, whose size stands in bytes")


def fill_spread(market: Market) -> float:
    """
    Standard deviation that uneven fills give the base fee: fill_sd / sqrt(2 d - 1).

    It is that of b' = b + (w f - b) / d with fills f of mean 1, in the long run.
    """
    return market.fill_sd / math.sqrt(2.0 * market.rule.denominator - 1.0)


def wired(market: Market, layout: Layout, dt_s: float, base: str, paid: str) -> Any:
    """The record that the kernels take, for a step of `dt_s`."""
    rule, sd = market.rule, fill_spread(market)
    blocks = dt_s / rule.block_s
    variance = spread(volatility=market.volatility, half_life_s=market.half_life_s, t_s=dt_s)
    noise_held = math.exp(blocks * rule.log_held)
    return record(
        mean=math.log(market.median_gwei),
        held=math.exp2(-dt_s / market.half_life_s),
        scale=math.sqrt(variance),
        move_held=math.exp2(-dt_s / market.move_half_life_s),
        response=float(market.response),
        calm=float(market.calm_move),
        blocks=blocks,
        fullest=float(rule.fullest),
        room=float(rule.room),
        log_rise=rule.log_rise,
        log_held=rule.log_held,
        noise_held=noise_held,
        noise_scale=sd * math.sqrt(1.0 - noise_held**2),
        noise_shift=0.5 * sd * sd,
        tip=float(market.tip),
        floor=float(market.floor),
        price=layout.row(market.price),
        base=layout.row(base),
        paid=layout.row(paid),
        z=layout.draw(market.name),
        fill=layout.draw(f"{market.name}.fill"),
    )


def opened(market: Market, state: Block, now: Tick, wire: Any) -> None:
    """Start at `start_gwei`, which users want, with calm prices behind."""
    state["fee"] = max(market.start_gwei, market.floor)
    state["demand"] = math.log(market.start_gwei / market.median_gwei)
    state["noise"] = wire["noise_shift"][0]
    state["move"] = 0.0
    state["wanted"] = market.start_gwei
    kernel.publish(state.data, now.world.data, wire)


def stepped(state: Block, before: Tick, now: Tick, wire: Any) -> None:
    """One step of demand and of the rule, and what is published of them."""
    kernel.step(state.data, now.draws.data, before.world.data, now.world.data, wire)
    kernel.publish(state.data, now.world.data, wire)


def coin_per_gwei(world: Array, price: int) -> Array:
    """The currency that a gwei of the coin is worth."""
    worth: Array = world[price] / GWEI_PER_ETH
    return worth


def charge(out: Array, gwei: Array | float, per_gwei: Array) -> None:
    """Write what so many gwei cost."""
    np.multiply(gwei, per_gwei, out=out)
