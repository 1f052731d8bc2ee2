"""
Leverage that follows volatility: much where the market is calm, little where it is not.

Keeping leverage times volatility constant keeps the risk of a position constant (volatility
targeting; Kelly's leverage falls even with the square). It sells after falls and buys back after
rises, and each change costs a swap and gas, so a band is left about the target.
"""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policies.realised import squared_move
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Leverage,
    Name,
    NonNegative,
    Positive,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

Budget = Annotated[float, Field(gt=0.0)]
"""Leverage times yearly volatility."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FollowVolatility:
    """
    Lever `position` to `budget` over the realised yearly volatility of `price`, between `least` and
    `most`, where its leverage is off that by more than the share `band`; once in `cooldown_s`.

    The volatility starts at `start_volatility`; a move counts for `memory_s`, fading exponentially.

    >>> rule = FollowVolatility(name="calm", position="farm", price="eth_usd", budget=1.5,
    ...                         start_volatility=0.6, most=3.0)
    >>> rule.wanted(0.75)
    2.0
    """

    kind: ClassVar[str] = "follow_volatility"
    name: Name
    position: Name
    price: Name
    budget: Budget
    start_volatility: Positive
    most: Leverage
    least: Leverage = 1.0
    band: NonNegative = 0.1
    memory_s: Duration = 30 * DAY_S
    cooldown_s: Delay = 0.0
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("acted_s", "price", "variance")
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "FollowVolatility":
        if self.least > self.most:
            raise ValueError(f"least {self.least:g} is above most {self.most:g}")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price."""
        return (self.price,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it levers."""
        return ((self.position, ("leverage", "equity"), ("lever",)),)

    def wanted(self, volatility: Array | float) -> Array | float:
        """The leverage for a volatility: budget over it, between the least and the most."""
        wanted = np.clip(self.budget / np.maximum(volatility, 1e-9), self.least, self.most)
        return wanted if np.ndim(wanted) else float(wanted)

    def wire(self, layout: Layout, dt_s: float) -> float:
        """The length of its step."""
        return dt_s

    def open(self, state: Block, view: View, now: Tick) -> None:
        """No move yet."""
        state["acted_s"] = -1e18
        state["price"] = now[self.price]
        state["variance"] = self.start_volatility**2

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Lever where leverage is out of its band and the cool-down is over."""
        per_year = squared_move(now[self.price], state["price"]) * (YEAR_S / state.wire)
        state["variance"] += min(state.wire / self.memory_s, 1.0) * (per_year - state["variance"])
        state["price"] = now[self.price]
        wanted = np.asarray(self.wanted(np.sqrt(state["variance"])))
        leverage = view.gauge(self.position, "leverage")
        mask = (np.abs(leverage - wanted) > self.band * wanted) & (leverage > 0.0)
        mask &= now.t_s - state["acted_s"] >= self.cooldown_s
        if not mask.any():
            return ()
        state["acted_s"][mask] = now.t_s
        return (Order(position=self.position, verb="lever", mask=mask, amount=wanted),)
