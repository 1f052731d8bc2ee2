"""
A pool's volume, taken apart: what arbitrage makes, and what all others trade there and back.

The volume that a page shows holds both. Arbitrage follows the market's price, and what it takes is
loss-versus-rebalancing; a pool with a fee g on either side gets a part of it back as fees. With
sigma_b the volatility of one block, of the loss sigma^2 / 8 a year

    lost to arbitrage    1 / (1 + x),   x = g / (0.5826 sigma_b)
    back as fees         x / (1 + x)
    arbitrage's volume   sigma^2 / 8 / (g + 0.5826 sigma_b)     a year, over the pool's value

What is left of the volume is noise: its fees alone are income that costs nothing.

Source: Nezlobin and Tassy (arXiv 2505.05113); Milionis, Moallemi, Roughgarden, Zhang (2208.06046).
`analytics.lvr.arbitrage_share` is the first line, there told by the spread 2 g.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.analytics.first_passage import OVERSHOOT
from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import quantities
from headframe.types import STRICT, Array, Block, Duration, Name, Proper, Rows, Signal
from headframe.units import DAY_S, YEAR_S

STILL = 1e-12
"""A daily turnover, or a fee with the wobble of a block, below this is none."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class InformedFlow:
    """
    Noise and arbitrage of a pool that keeps x y constant, or of a range by its virtual reserves.

    `turnover` is all volume a day over the pool's value, `volatility` that of the price a year,
    `fee` the pool's, `block_s` the time between blocks. Publishes `_noise_turnover`,
    `_informed_share` of the volume, and `_arbitrage_kept`, the share of loss-versus-rebalancing
    that comes back as fees: give the first to a pool position as `turnover`, the last as
    `arbitrage_kept`.

    >>> flow = InformedFlow(name="flow", turnover=0.1, volatility=0.8, fee=0.003)
    >>> [round(float(part), 4) for part in flow.parts(0.1, 0.8)]
    [0.0333, 0.6667, 0.9125]
    """

    kind: ClassVar[str] = "informed_flow"
    name: Name
    turnover: Signal
    volatility: Signal
    fee: Proper = 0.003
    block_s: Duration = 12.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """Turnover of others, the arbitrageurs' share of all, and what of their take comes back."""
        return quantities(self.name, "noise_turnover", "informed_share", "arbitrage_kept")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """All volume, and how much the price moves."""
        return (self.turnover, self.volatility)

    def parts(
        self, turnover: Array | float, volatility: Array | float
    ) -> tuple[Array, Array, Array]:
        """Noise turnover a day, share of the volume that is arbitrage, share kept as fees."""
        turnover, sigma = np.maximum(turnover, 0.0), np.maximum(volatility, 0.0)
        wobble = OVERSHOOT * sigma * np.sqrt(self.block_s / YEAR_S)
        band = np.maximum(self.fee + wobble, STILL)
        informed = np.minimum(sigma * sigma / 8.0 / band * (DAY_S / YEAR_S), turnover)
        share = informed / np.maximum(turnover, STILL)
        kept = np.where(self.fee + wobble > STILL, self.fee / band, 1.0)
        return turnover - informed, share, kept

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows."""
        return tuple(layout.row(name) for name in (*self.reads, *self.publishes))

    def open(self, state: Block, now: Tick) -> None:
        """Take the opening's volume apart."""
        turnover, volatility, *told = (now.world.data[row] for row in state.wire)
        for row, part in zip(told, self.parts(turnover, volatility), strict=True):
            row[...] = part

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Take the volume of now apart."""
        self.open(state, now)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}
