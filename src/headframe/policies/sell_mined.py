"""
What becomes of the coins: sell all, a share of what was mined, or as much as the costs need.

A miner's costs are in dollars and the income is in coins. To sell all is to be paid in dollars, to
sell to cover is to keep the rest as an investment; the difference is a decision about the coin and
not about mining, which is why it is a rule of its own.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Trade
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Fraction,
    Name,
    NonNegative,
    Rows,
    Signal,
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SellMined:
    """
    Sell coins of the wallet for the money in which the mine's bills are paid.

    `sell` is `all` (whatever the wallet holds), `share` (of what was mined since the last time), or
    `costs`: as much as bills and unbilled costs exceed the money at hand, and `buffer` of that more
    for the cost of the trade. At least `keep` coins stay in the wallet.

    >>> SellMined(name="cover", position="mine", sell="costs", keep=2.0).trades
    ('btc', 'usd')
    """

    kind: ClassVar[str] = "sell_mined"
    name: Name
    position: Name
    sell: Literal["all", "share", "costs"] = "all"
    share: Fraction | None = None
    keep: NonNegative = 0.0
    buffer: NonNegative = 0.01
    coin: Name = "btc"
    money: Name = "usd"
    dues: tuple[Name, ...] = ("power", "hosting")
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("seen",)
    reads: ClassVar[tuple[Signal, ...]] = ()

    @model_validator(mode="after")
    def _share_where_used(self) -> "SellMined":
        if (self.sell == "share") != (self.share is not None):
            raise ValueError("give share with sell = 'share', and only there")
        if self.coin == self.money:
            raise ValueError("coin and money must differ")
        return self

    @property
    def trades(self) -> Rows:
        """The coin and the money."""
        return (self.coin, self.money)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The mine, with what it mined and what it has not been billed for yet."""
        return ((self.position, ("mined_coins", "unbilled_usd"), ()),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """Nothing mined yet."""
        state["seen"] = view.gauge(self.position, "mined_coins")

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Sell what the rule says, as far as the coins above the floor go."""
        wanted = self._wanted(state, view)
        free = np.maximum(view.wallet(self.coin) - self.keep, 0.0)
        amount = np.minimum(wanted, free)
        mask = amount > 0.0
        if not mask.any():
            return ()
        return (Trade(sell=self.coin, buy=self.money, mask=mask, amount=amount),)

    def _wanted(self, state: Block, view: View) -> Array:
        """Coins that the rule would sell."""
        if self.sell == "all":
            return view.wallet(self.coin)
        if self.sell == "share":
            mined = view.gauge(self.position, "mined_coins")
            fresh: Array = (self.share or 0.0) * (mined - state["seen"])
            state["seen"] = mined
            return fresh
        owed = view.gauge(self.position, "unbilled_usd") * view.price("usd")
        for due in self.dues:
            owed = owed + view.owed(self.position, due) * view.price("usd")
        short = np.maximum(owed - view.wallet(self.money) * view.price(self.money), 0.0)
        return short * (1.0 + self.buffer) / view.price(self.coin)
