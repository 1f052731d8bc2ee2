"""
Gas on an Arbitrum chain: execution above a floor, and what posting its data to Ethereum costs.

The price of gas is the floor while the chain is below its target, and e times as high for each
`window_s` that usage is twice the target: P = P_min e^(B / (A T)) with B the backlog. Data are
charged by what Brotli leaves of the transaction alone, at a price per byte that ArbOS moves so that
its takings meet what the poster of batches paid: here it returns to that cost with a half-life.

    data = brotli share * bytes * price
    price -> blob gas a byte * blob base fee + gas a byte * base fee

Source: docs.arbitrum.io, "Gas and fees"; E. Felten, "Multi-constraint pricing" (2025); `exact/
arbitrum_gas.py` has the charge to the wei. The half-life stands for ArbOS's controller and is not
calibrated, nor is what a byte costs the poster.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes import fee_market
from headframe.processes.fee_market import Response, Rule
from headframe.processes.names import PriceName, quantities
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    Fraction,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import DAY_S, HOUR_S, MINUTE_S


def _plain_units() -> dict[str, float]:
    return {"tx": 200_000.0}


def _plain_bytes() -> dict[str, float]:
    return {"tx": 400.0}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ArbitrumGas:
    """
    Gas of an Arbitrum chain, with the poster's charge for its data.

    `floor_gwei` is the least that gas costs (Arbitrum One: 0.02 gwei since January 2026);
    `median_gwei` is what users would pay for the target's gas, below the floor in calm times.
    `window_s` is the adjustment window of the target, `fullest` the most gas over it. `bytes` is
    the size of each transaction in `units`, of which Brotli leaves `brotli_share`; the price of a
    byte returns with `data_half_life_s` to `blob_gas_per_byte` of Ethereum's blob base fee and
    `gas_per_byte` of its base fee. The other parameters are as in `ethereum_gas`; tips are ignored
    by the sequencer.

    >>> gas = ArbitrumGas(name="arbitrum_gas", l1_base_fee_gwei=2.0, l1_blob_gwei=0.125,
    ...                   units={"delever": 900_000}, bytes={"delever": 500})
    >>> gas.publishes[2:]
    ('arbitrum_gas_data_gwei_per_byte', 'arbitrum_gas_usd_per_delever')
    """

    kind: ClassVar[str] = "arbitrum_gas"
    name: Name
    l1_base_fee_gwei: Signal
    l1_blob_gwei: Signal
    median_gwei: Positive = 0.01
    open_gwei: Positive | None = None
    half_life_s: Duration = DAY_S
    volatility: NonNegative = 8.0
    response: Response = 50.0
    calm_move: NonNegative = 0.03
    move_half_life_s: Duration = 3.0 * HOUR_S
    fill_sd: NonNegative = 0.82
    floor_gwei: Positive = 0.02
    window_s: Duration = 102.0
    fullest: float = Field(default=18.0, gt=1.0)
    brotli_share: Fraction = 0.6
    blob_gas_per_byte: NonNegative = 1.1
    gas_per_byte: NonNegative = 0.3
    data_half_life_s: Duration = 30.0 * MINUTE_S
    price: PriceName = "eth_usd"
    units: dict[Name, Positive] = Field(default_factory=_plain_units)
    bytes: dict[Name, Positive] = Field(default_factory=_plain_bytes)
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (*fee_market.FIELDS, "data")
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_names(self) -> "ArbitrumGas":
        _ = self.publishes
        fee_market.check_sizes(self.units, self.bytes)
        return self

    @property
    def rule(self) -> Rule:
        """A backlog of seconds: the exponential, second by second."""
        return Rule(self.window_s, self.fullest, block_s=1.0, continuous=True)

    @property
    def start_gwei(self) -> float:
        """What users pay at the opening: the median, unless told."""
        return self.median_gwei if self.open_gwei is None else self.open_gwei

    @property
    def tip(self) -> float:
        """None: the sequencer ignores it."""
        return 0.0

    @property
    def floor(self) -> float:
        """The chain's minimum."""
        return self.floor_gwei

    @property
    def publishes(self) -> Rows:
        """The price of gas, twice: there are no tips; the charge for a byte; the costs."""
        own = quantities(self.name, "gwei", "base_fee_gwei", "data_gwei_per_byte")
        return (*own, *fee_market.costs(self.name, self.price, self.units))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The coin's price, and Ethereum's fees."""
        return (self.price, self.l1_base_fee_gwei, self.l1_blob_gwei)

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """The coin's price a step ago."""
        return (self.price,)

    @property
    def normals(self) -> Rows:
        """What users want, and how uneven usage happens to be."""
        return fee_market.normals(self)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and rows."""
        paid, base, data = self.publishes[:3]
        market = fee_market.wired(self, layout, dt_s, base, paid)
        sizes = [self.brotli_share * self.bytes[what] for what in self.units]
        rows = [layout.row(name) for name in self.publishes[3:]]
        l1 = layout.row(self.l1_base_fee_gwei), layout.row(self.l1_blob_gwei)
        costs = list(zip(rows, self.units.values(), sizes, strict=True))
        held = math.exp2(-dt_s / self.data_half_life_s)
        own = layout.row(paid), layout.row(data), layout.row(self.price)
        return market, own, l1, costs, held

    def open(self, state: Block, now: Tick) -> None:
        """Start at `open_gwei`, with data at what they cost the poster."""
        fee_market.opened(self, state, now, state.wire[0])
        state["data"] = self._posting(now.world.data, state.wire)
        self._charge(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step of demand, price and data."""
        fee_market.stepped(state, before, now, state.wire[0])
        cost, held = self._posting(now.world.data, state.wire), state.wire[4]
        state["data"] = cost + (state["data"] - cost) * held
        self._charge(state, now)

    def _posting(self, world: Array, wire: Any) -> Array:
        """What a byte of a batch costs its poster on Ethereum, in gwei."""
        base, blob = wire[2]
        cost: Array = self.gas_per_byte * world[base] + self.blob_gas_per_byte * world[blob]
        return cost

    def _charge(self, state: Block, now: Tick) -> None:
        _, (paid, data, price), _, costs, _ = state.wire
        world = now.world.data
        np.copyto(world[data], state["data"])
        per_gwei = fee_market.coin_per_gwei(world, price)
        for row, units, size in costs:
            fee_market.charge(world[row], units * world[paid] + size * world[data], per_gwei)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the costs depend on prices that are others'."""
        return {}
