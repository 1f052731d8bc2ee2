"""
What a transaction costs: a gas price that returns to its median, times gas units, times the coin.

    d ln g = k (ln median - ln g) dt + sigma dW,   cost = g 10^-9 units price
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import ou as kernel
from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import PriceName, quantities
from headframe.processes.ou import wired
from headframe.types import STRICT, Block, Duration, Name, NonNegative, Positive, Rows, Signal
from headframe.units import GWEI_PER_ETH


def _plain_transaction() -> dict[str, float]:
    return {"tx": 200_000.0}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Gas:
    """
    A gas price in gwei, and what transactions cost in the currency of `price`.

    `units` gives the gas of each transaction that the book needs a cost for. Publishes `_gwei` and,
    for each of them, `_<currency>_per_<transaction>` under the process's own name.

    >>> Gas(name="mainnet_gas", start_gwei=8.0, median_gwei=10.0, half_life_s="2d", volatility=8.0,
    ...     units={"harvest": 350_000, "exit": 600_000}).publishes
    ('mainnet_gas_gwei', 'mainnet_gas_usd_per_harvest', 'mainnet_gas_usd_per_exit')
    """

    kind: ClassVar[str] = "gas"
    name: Name
    start_gwei: Positive
    median_gwei: Positive
    half_life_s: Duration
    volatility: NonNegative = 0.0
    price: PriceName = "eth_usd"
    units: dict[Name, Positive] = Field(default_factory=_plain_transaction)
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("log_gwei",)
    reads_before: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _check_names(self) -> "Gas":
        _ = self.publishes
        return self

    @property
    def publishes(self) -> Rows:
        """The gas price, and the cost of each transaction."""
        currency = self.price.split("_")[1]
        return quantities(self.name, "gwei", *(f"{currency}_per_{what}" for what in self.units))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price of the coin that gas is paid in."""
        return (self.price,)

    @property
    def normals(self) -> Rows:
        """One shock, which bears the process's name."""
        return (self.name,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Constants of one step, and rows."""
        moves = wired(
            layout,
            draw=self.name,
            row=self.publishes[0],
            mean=math.log(self.median_gwei),
            half_life_s=self.half_life_s,
            volatility=self.volatility,
            dt_s=dt_s,
        )
        return moves, layout.row(self.price), [layout.row(name) for name in self.publishes[1:]]

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start_gwei`."""
        state["log_gwei"] = math.log(self.start_gwei)
        now.world[self.publishes[0]] = self.start_gwei
        self._publish_costs(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """One exact step of the gas price, and the costs that follow."""
        kernel.exponential(state.data, now.draws.data, now.world.data, state.wire[0])
        self._publish_costs(state, now)

    def _publish_costs(self, state: Block, now: Tick) -> None:
        moves, price, rows = state.wire
        world = now.world.data
        per_unit = world[moves[0]["row"]] * world[price] / GWEI_PER_ETH
        for row, units in zip(rows, self.units.values(), strict=True):
            np.multiply(per_unit, units, out=world[row])

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: the costs depend on a price that is another's."""
        return {}
