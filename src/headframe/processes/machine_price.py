"""
What a mining machine sells for: it follows what hashing pays, and better machines outdate it.

A machine is a claim on future hashprice, so its price moves with it, and slowly, because machines
are quoted, ordered and shipped over weeks. And it loses value while nothing else changes, because
the network's machines become more efficient.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import PriceName
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import WEEK_S, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MachinePrice:
    """
    The price of a machine that follows hashprice with a lag.

        d ln P = (ln P* - ln P) dt / lag
        ln P* = ln P0 + elasticity ln(h / h0) - obsolescence t
        h = price (subsidy + fees) / difficulty

    `start` is the price at the opening, when the hashprice is h0; `elasticity` is how many percent
    more the machine costs at one percent more hashprice, `obsolescence` the rate a year at which it
    loses value at an unchanged one. An elasticity of 0 leaves a plain exponential decline. A
    reduced form: that machines are claims on hashprice is the point of A. Yaish and A. Zohar,
    "Correct cryptocurrency ASIC pricing" (AFT 2023), who value them as options.

    >>> MachinePrice(name="s21_usd", start=2699.0, elasticity=1.0, obsolescence=0.3).publishes
    ('s21_usd',)
    """

    kind: ClassVar[str] = "machine_price"
    name: PriceName
    start: Positive
    elasticity: NonNegative = 1.0
    obsolescence: NonNegative = 0.0
    lag_s: Duration = 6.0 * WEEK_S
    price: Signal = "btc_usd"
    fees: Signal = "btc_fees_btc_per_block"
    subsidy: Signal = "btc_chain_subsidy_btc_per_block"
    difficulty: Signal = "btc_chain_difficulty"
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("log_price", "log_content")
    reads_before: ClassVar[tuple[Signal, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The price."""
        return (self.name,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What hashing pays now."""
        return (self.price, self.fees, self.subsidy, self.difficulty)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The pull of one step, and rows."""
        return -math.expm1(-dt_s / self.lag_s), tuple(layout.row(s) for s in self.reads)

    def open(self, state: Block, now: Tick) -> None:
        """Start at `start`; the hashprice now is the one that it belongs to."""
        state["log_price"] = math.log(self.start)
        state["log_content"] = self._log_hashprice(state, now)
        now.world[self.name] = self.start

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Towards the price that the hashprice now calls for."""
        pull, _ = state.wire
        better = self._log_hashprice(state, now) - state["log_content"]
        aim = math.log(self.start) - self.obsolescence * now.t_s / YEAR_S + self.elasticity * better
        state["log_price"] += pull * (aim - state["log_price"])
        np.exp(state["log_price"], out=now.world[self.name])

    def _log_hashprice(self, state: Block, now: Tick) -> Array:
        _, rows = state.wire
        price, fees, subsidy, difficulty = (now.world.data[row] for row in rows)
        logarithm: Array = np.log(price * (subsidy + fees) / difficulty)
        return logarithm

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}
