"""
A token that stands for staked coins: what it can be redeemed for, and what the market pays.

A staked token (wstETH, rETH) is a claim on so many coins, and the number grows with the rewards of
staking. That is its exchange rate. The market need not pay it: whoever wants out today and not at
the end of the exit queue sells at a discount. A lender may read either: an oracle of the exchange
rate does not see the discount, an oracle of the market's price does.

    market = rate (1 - discount),   rate' = rate (1 + reward_apr dt)

Sources: Lido's documentation of wstETH (`stEthPerToken`); stETH stood at 0.94 ETH in June 2022.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.types import STRICT, Block, Duration, Name, Positive, Rows, Signal
from headframe.units import YEAR_S

DEEPEST = 1.0 - 1e-6
"""The largest discount: a price of nothing would have no ratio to the exchange rate."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StakedToken:
    """
    The price of a staked token in its coin, its exchange rate, and the ratio of the two.

    `reward_apr` is the yearly rate of staking after the operators' share; `discount` the share by
    which the market's price lies below the exchange rate: a number, or an observable such as an
    `ou` process with a shock laid over it. Publishes the price `NAME_BASE`, `NAME_exchange_rate`,
    and `NAME_reported_ratio`, the exchange rate over the market's price: what a lender's oracle
    reports that reads the exchange rate.

    >>> token = StakedToken(name="wsteth", base="eth", start_rate=1.2, reward_apr=0.03)
    >>> token.publishes
    ('wsteth_eth', 'wsteth_exchange_rate', 'wsteth_reported_ratio')
    >>> round(token.market_price(discount=0.06), 4)
    1.128
    """

    kind: ClassVar[str] = "staked_token"
    name: Name
    base: Name
    start_rate: Positive = 1.0
    reward_apr: Signal = 0.0
    discount: Signal = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("rate",)
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _assets(self) -> "StakedToken":
        for asset in (self.name, self.base):
            if "_" in asset:
                raise ValueError(f"{asset}: an asset's name has no underscore")
        if not isinstance(self.discount, str) and self.discount > DEEPEST:
            raise ValueError(f"discount {self.discount:g} leaves nothing: it must be below 1")
        return self

    @property
    def publishes(self) -> Rows:
        """The market's price in the coin, the exchange rate, and rate over price."""
        rest = (f"{self.name}_exchange_rate", f"{self.name}_reported_ratio")
        return (f"{self.name}_{self.base}", *rest)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rewards and discount."""
        return (self.reward_apr, self.discount)

    def market_price(self, *, discount: float) -> float:
        """What the market pays at the opening, in the coin, at a discount."""
        return self.start_rate * (1.0 - discount)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of what is read and published; the step in years."""
        return tuple(layout.row(name) for name in (*self.reads, *self.publishes)), dt_s / YEAR_S

    def open(self, state: Block, now: Tick) -> None:
        """The exchange rate of the opening."""
        state["rate"] = self.start_rate
        self._publish(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Rewards of the step raise the rate; a negative one, a slashing, lowers it."""
        rows, years = state.wire
        state["rate"] *= np.maximum(1.0 + now.world.data[rows[0]] * years, 1e-9)
        self._publish(state, now)

    def _publish(self, state: Block, now: Tick) -> None:
        _, lower, price, rate, ratio = (now.world.data[row] for row in state.wire[0])
        left = 1.0 - np.minimum(lower, DEEPEST)
        price[...] = state["rate"] * left
        rate[...] = state["rate"]
        ratio[...] = 1.0 / left

    def expectation(self, t_s: float) -> dict[str, float]:
        """None: rewards are stepped, and the discount is another's."""
        return {}
