"""
Cover against impermanent loss: at the end of a period it pays what the pool made one lose.

    loss = (1 + k) / 2 - sqrt(k)          of the amount put in, k the pair's price over its opening
    payout = amount * max(loss * protected - deductible, 0)

Protection may grow with time, as Bancor's did: nothing before `cliff_s`, then in proportion until
all is protected after `full_s`. Buying again (`renews`) starts from the price of that day.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.cover import fair_il_premium
from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

SMALLEST = 1e-300
"""Stands in for a price of 0 where a division needs one."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ImpermanentLossCover:
    """
    Cover of the impermanent loss of an amount in a constant-product pool of two tokens.

    `price` is the premium a year as a share of the amount. `amount` is in whole units of `asset`;
    the pool's tokens may be others.

    >>> cover = ImpermanentLossCover(name="cover", token0="eth", token1="usdc", asset="usdc",
    ...                              amount=10_000.0, period_s="90d", price=0.08)
    >>> round(cover.fair_price(volatility=0.8), 4)
    0.0792
    """

    kind: ClassVar[str] = "il_cover"
    name: Name
    token0: Name
    token1: Name
    asset: Name
    amount: NonNegative
    price: NonNegativeSignal = 0.0
    period_s: Duration = 90.0 * DAY_S
    renews: bool = True
    deductible: Proper = 0.0
    cliff_s: Delay = 0.0
    full_s: Delay = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("insured", "root", "began_s")
    gauges: ClassVar[Rows] = ("insured", "loss", "equity")
    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _two_tokens(self) -> "ImpermanentLossCover":
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        if self.full_s and self.full_s < self.cliff_s:
            raise ValueError("full_s must be at least cliff_s")
        return self

    def fair_price(self, volatility: float, *, drift: float = 0.0) -> float:
        """What the cover should cost a year by its expectation, deductible and vesting apart."""
        years = self.period_s / YEAR_S
        return fair_il_premium(1.0, volatility, years, drift=drift) / years

    @property
    def assets(self) -> Rows:
        """The tokens whose prices it follows; nothing of them is held."""
        return (self.token0, self.token1)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price of the cover."""
        return (self.price,)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Premium out, payout in."""
        return (
            Line("premium", self.asset, cash=True),
            Line("payout", self.asset, cash=True),
        )

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: carry the risk."""
        return {"without cover": ()}

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of both prices, of the asset's and of the premium."""
        prices = (layout.price(asset) for asset in (self.token0, self.token1, self.asset))
        return *prices, layout.row(self.price)

    def _root(self, state: Block, now: Tick) -> Array:
        """The square root of the pair's price."""
        zero, one, *_ = state.wire
        world = now.world.data
        root: Array = np.sqrt(world[zero] / np.maximum(world[one], SMALLEST))
        return root

    def _loss(self, state: Block, now: Tick) -> Array:
        """What the pool lost against holding, as a share of the amount; no more than all of it."""
        ratio = self._root(state, now) / np.maximum(state["root"], SMALLEST)
        ratio = np.minimum(ratio, 1e150)
        loss: Array = np.where(state["insured"] > 0.0, (1.0 - ratio) ** 2 / 2.0, 0.0)
        return loss

    def _protected(self, state: Block, now: Tick) -> Array:
        """The share of a loss that is protected by now."""
        since_s = now.t_s - state["began_s"]
        if self.full_s == 0.0:
            return np.where(since_s >= self.cliff_s, 1.0, 0.0)
        grown = np.clip(since_s / self.full_s, 0.0, 1.0)
        return np.where(since_s >= self.cliff_s, grown, 0.0)

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the cover for a period."""
        self._buy(state, order.mask & (state["insured"] == 0.0), order.amounts(), now, out)

    def _buy(self, state: Block, mask: Mask, times: Array, now: Tick, out: Account) -> None:
        """Pay the premium, and be insured from this price on; for as much as the wallet has."""
        price = np.maximum(now.world.data[state.wire[3]], 0.0)
        wanted = np.where(mask, self.amount * np.maximum(times, 0.0), 0.0)
        insured = transfers.insure(wanted, price * self.period_s / YEAR_S, self.asset, out)
        bought = wanted > 0.0
        state["insured"] = np.where(bought, insured, state["insured"])
        state["root"] = np.where(bought, self._root(state, now), state["root"])
        state["began_s"] = np.where(bought, now.t_s, state["began_s"])

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """At the end of the period: pay the loss, and perhaps buy again."""
        over = now.t_s >= state["began_s"] + self.period_s - 1e-6
        ended = (state["insured"] > 0.0) & over
        if not ended.any():
            return
        share = np.maximum(self._loss(state, now) * self._protected(state, now), 0.0)
        share = np.maximum(share - self.deductible, 0.0)
        out.post("payout", self.asset, np.where(ended, state["insured"] * share, 0.0), cash=True)
        state["insured"] = np.where(ended, 0.0, state["insured"])
        if self.renews:
            self._buy(state, ended, np.ones(state.n_paths), now, out)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: let it lapse, without a refund and without a payout."""
        if order.verb == "close":
            state["insured"] = np.where(order.mask, 0.0, state["insured"])

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """What is insured, and the loss so far that it would pay."""
        price = now.world.data[state.wire[2]]
        out["insured"] = state["insured"] * price
        out["loss"] = state["insured"] * self._loss(state, now) * price
        out["equity"] = 0.0

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Nothing: what may be paid is not marked."""
        out.data[...] = 0.0

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """Nothing is held."""
        out.data[...] = 0.0
