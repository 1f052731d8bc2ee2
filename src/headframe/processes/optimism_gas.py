"""
Gas on an OP Stack chain (OP Mainnet, Base and others): execution, and data on Ethereum.

Execution is EIP-1559 with the chain's own numbers and its minimum base fee. Data are charged by
Fjord's rule: what the transaction is estimated to add to a compressed batch, at Ethereum's base fee
and blob base fee, each by a scalar of the chain.

    data = max(100, 0.8365 fastlz - 42.5856) (16 s base fee + s' blob base fee)

Source: specs.optimism.io, "Fjord: L1-cost fees", "Holocene: EIP-1559 parameters", "Jovian: minimum
base fee"; `exact/optimism_l1_fee.py` holds the rule to the wei.
"""

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
from headframe.units import DAY_S, HOUR_S

INTERCEPT, SLOPE = -42.5856, 0.8365
"""Fjord's regression of batch bytes on FastLZ bytes."""
LEAST_BYTES = 100.0
"""Batch bytes that a transaction counts for at least."""
CALLDATA_GAS = 16.0
"""Calldata gas of a byte."""


def _plain_units() -> dict[str, float]:
    return {"tx": 200_000.0}


def _plain_bytes() -> dict[str, float]:
    return {"tx": 400.0}


def data_bytes(size: float, fastlz_share: float) -> float:
    """
    Batch bytes that a signed transaction of some bytes is charged for.

    >>> round(data_bytes(345.0, 202 / 345), 4)
    126.3874
    """
    return max(LEAST_BYTES, INTERCEPT + SLOPE * fastlz_share * size)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OptimismGas:
    """
    Gas of an OP Stack chain, with the data fee that it pays to Ethereum.

    `l1_base_fee_gwei` and `l1_blob_gwei` are Ethereum's, numbers or names. `bytes` is the size of
    each signed transaction in `units`, of which FastLZ leaves `fastlz_share`. Scalars are OP
    Mainnet's since Fjord; `elasticity`, `denominator` and `min_base_fee_gwei` are the chain's to
    set. The other parameters are as in `ethereum_gas`.

    >>> gas = OptimismGas(name="op_gas", l1_base_fee_gwei=2.0, l1_blob_gwei=0.125,
    ...                   units={"harvest": 350_000}, bytes={"harvest": 500})
    >>> gas.publishes[2:]
    ('op_gas_data_gwei_per_byte', 'op_gas_usd_per_harvest')
    """

    kind: ClassVar[str] = "optimism_gas"
    name: Name
    l1_base_fee_gwei: Signal
    l1_blob_gwei: Signal
    median_gwei: Positive = 0.001
    open_gwei: Positive | None = None
    half_life_s: Duration = DAY_S
    volatility: NonNegative = 8.0
    response: Response = 50.0
    calm_move: NonNegative = 0.03
    move_half_life_s: Duration = 3.0 * HOUR_S
    fill_sd: NonNegative = 0.82
    tip_gwei: NonNegative = 0.001
    min_base_fee_gwei: NonNegative = 0.0
    elasticity: float = Field(default=6.0, gt=1.0)
    denominator: float = Field(default=250.0, gt=1.0)
    block_s: Duration = 2.0
    base_fee_scalar: NonNegative = 0.005227
    blob_base_fee_scalar: NonNegative = 1.014213
    fastlz_share: Fraction = 0.55
    price: PriceName = "eth_usd"
    units: dict[Name, Positive] = Field(default_factory=_plain_units)
    bytes: dict[Name, Positive] = Field(default_factory=_plain_bytes)
    every_s: Duration | None = None

    fields: ClassVar[Rows] = fee_market.FIELDS
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_names(self) -> "OptimismGas":
        _ = self.publishes
        fee_market.check_sizes(self.units, self.bytes)
        return self

    @property
    def rule(self) -> Rule:
        """EIP-1559 with the chain's numbers."""
        return Rule(self.denominator, self.elasticity, self.block_s)

    @property
    def start_gwei(self) -> float:
        """The base fee at the opening: the median, unless told."""
        return self.median_gwei if self.open_gwei is None else self.open_gwei

    @property
    def tip(self) -> float:
        """What a transaction adds to the base fee."""
        return self.tip_gwei

    @property
    def floor(self) -> float:
        """The chain's minimum, and one wei."""
        return max(self.min_base_fee_gwei, 1e-9)

    @property
    def publishes(self) -> Rows:
        """Gas with tip, the base fee, the data fee of a batch byte, and the costs."""
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
        """What users want, and how full blocks happen to be."""
        return fee_market.normals(self)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and rows."""
        paid, base, data = self.publishes[:3]
        market = fee_market.wired(self, layout, dt_s, base, paid)
        sizes = [data_bytes(self.bytes[what], self.fastlz_share) for what in self.units]
        rows = [layout.row(name) for name in self.publishes[3:]]
        l1 = layout.row(self.l1_base_fee_gwei), layout.row(self.l1_blob_gwei)
        costs = list(zip(rows, self.units.values(), sizes, strict=True))
        return market, (layout.row(paid), layout.row(data), layout.row(self.price)), l1, costs

    def open(self, state: Block, now: Tick) -> None:
        """Start at `open_gwei`."""
        fee_market.opened(self, state, now, state.wire[0])
        self._charge(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step of demand and base fee, and what Ethereum makes of the data."""
        fee_market.stepped(state, before, now, state.wire[0])
        self._charge(state, now)

    def _charge(self, state: Block, now: Tick) -> None:
        _, (paid, data, price), (base, blob), costs = state.wire
        world = now.world.data
        calldata: Array = CALLDATA_GAS * self.base_fee_scalar * world[base]
        np.add(calldata, self.blob_base_fee_scalar * world[blob], out=world[data])
        per_gwei = fee_market.coin_per_gwei(world, price)
        for row, units, size in costs:
            fee_market.charge(world[row], units * world[paid] + size * world[data], per_gwei)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the costs depend on prices that are others'."""
        return {}
