"""
Gas on Ethereum: a base fee that follows how full blocks are, tips, and the price of blobs.

Users spend an amount that wanders about a median and rises when the coin's price moves by more than
usual; EIP-1559 raises the base fee while blocks are above their target and lowers it below, solved
exactly for the blocks of a step (`kernels/gas_price.py`). Where blocks are full the tip clears the
market. Blobs cost what their own demand says, but no less than a sixteenth of the base fee.

Source: EIP-1559, EIP-4844, EIP-7918; `exact/eip1559.py` holds the rules to the wei. What is
calibrated and what is not stands in the documentation, "Chains and their gas".
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import gas_price as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes import fee_market
from headframe.processes.fee_market import LEAST_GWEI, Response, Rule
from headframe.processes.names import PriceName, quantities
from headframe.processes.ou import spread
from headframe.types import (
    STRICT,
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

RULE = Rule(denominator=8.0, fullest=2.0, block_s=12.0)
"""EIP-1559 on mainnet: a block a slot, twice the target at most, an eighth at most."""
WEI = 1e-9
"""The least blob base fee, in gwei."""


def _plain_transaction() -> dict[str, float]:
    return {"tx": 200_000.0}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EthereumGas:
    """
    Mainnet's gas: what a transaction pays for its gas, the base fee, the blob base fee.

    `median_gwei` is the median base fee in calm times, `volatility` that of its logarithm per
    square root of a year, returning with `half_life_s`. Prices that move (either way) by more than
    `calm_move` within about `move_half_life_s` make users pay `response` medians more for each unit
    of it. `fill_sd` is how uneven blocks are. `keepers_bid_gwei` is the most that liquidators' bots
    bid: `_keepers` is 1 while they get into blocks, for a `liquidation`'s `keepers`. `units` gives
    the gas of each transaction that the book needs a cost for.

    >>> gas = EthereumGas(name="mainnet_gas", median_gwei=2.0, units={"harvest": 350_000})
    >>> gas.publishes[:3]
    ('mainnet_gas_gwei', 'mainnet_gas_base_fee_gwei', 'mainnet_gas_blob_gwei')
    >>> gas.publishes[3:]
    ('mainnet_gas_keepers', 'mainnet_gas_usd_per_harvest')
    """

    kind: ClassVar[str] = "ethereum_gas"
    name: Name
    median_gwei: Positive
    open_gwei: Positive | None = None
    half_life_s: Duration = 4.0 * DAY_S
    volatility: NonNegative = 8.0
    response: Response = 50.0
    calm_move: NonNegative = 0.03
    move_half_life_s: Duration = 3.0 * HOUR_S
    fill_sd: NonNegative = 0.82
    tip_gwei: NonNegative = 0.05
    blob_median_gwei: Positive = WEI
    blob_half_life_s: Duration = DAY_S
    blob_volatility: NonNegative = 0.0
    blob_floor_share: Fraction = 0.0625
    """Share of the base fee that blob gas costs at least; 0 before EIP-7918."""
    keepers_bid_gwei: Positive | None = None
    price: PriceName = "eth_usd"
    units: dict[Name, Positive] = Field(default_factory=_plain_transaction)
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (*fee_market.FIELDS, "blob")
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_names(self) -> "EthereumGas":
        _ = self.publishes
        return self

    @property
    def rule(self) -> Rule:
        """EIP-1559."""
        return RULE

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
        """7 wei."""
        return LEAST_GWEI

    @property
    def publishes(self) -> Rows:
        """Gas with tip, base fee, blob base fee, whether keepers are there, and the costs."""
        own = quantities(self.name, "gwei", "base_fee_gwei", "blob_gwei", "keepers")
        return (*own, *fee_market.costs(self.name, self.price, self.units))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price of the coin that gas is paid in."""
        return (self.price,)

    @property
    def reads_before(self) -> tuple[Signal, ...]:
        """The same a step ago: by how much it moved."""
        return (self.price,)

    @property
    def normals(self) -> Rows:
        """What users want, how full blocks happen to be, what blobs are worth."""
        return (*fee_market.normals(self), f"{self.name}.blob")

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and rows."""
        paid, base, blob, keepers = (layout.row(name) for name in self.publishes[:4])
        market = fee_market.wired(self, layout, dt_s, self.publishes[1], self.publishes[0])
        variance = spread(
            volatility=self.blob_volatility, half_life_s=self.blob_half_life_s, t_s=dt_s
        )
        blobs = record(
            mean=math.log(self.blob_median_gwei),
            held=math.exp2(-dt_s / self.blob_half_life_s),
            scale=math.sqrt(variance),
            share=float(self.blob_floor_share),
            least=WEI,
            base=base,
            row=blob,
            z=layout.draw(f"{self.name}.blob"),
        )
        costs = [layout.row(name) for name in self.publishes[4:]]
        return market, blobs, (paid, keepers, layout.row(self.price)), costs

    def open(self, state: Block, now: Tick) -> None:
        """Start at `open_gwei` and at the blobs' median."""
        market, blobs, _, _ = state.wire
        fee_market.opened(self, state, now, market)
        state["blob"] = blobs["mean"][0]
        world = now.world.data
        floor = np.maximum(self.blob_floor_share * world[blobs["base"][0]], WEI)
        np.maximum(floor, self.blob_median_gwei, out=world[blobs["row"][0]])
        self._charge(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One step of demand, base fee, tip and blobs, and the costs that follow."""
        market, blobs, _, _ = state.wire
        fee_market.stepped(state, before, now, market)
        kernel.blob(state.data, now.draws.data, now.world.data, blobs)
        self._charge(state, now)

    def _charge(self, state: Block, now: Tick) -> None:
        _, _, (paid, keepers, price), rows = state.wire
        world = now.world.data
        most = math.inf if self.keepers_bid_gwei is None else self.keepers_bid_gwei
        world[keepers] = world[paid] <= most
        per_gas = world[paid] * fee_market.coin_per_gwei(world, price)
        for row, units in zip(rows, self.units.values(), strict=True):
            fee_market.charge(world[row], units, per_gas)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the costs depend on a price that is another's."""
        return {}
