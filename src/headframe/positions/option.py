"""
Bought European options on an asset: a put that insures it, a call that follows it, rolled at will.

An option is paid in advance, so it cannot be liquidated, and it gains from moves of either sign:
its gamma is positive where that of liquidity is negative. Value, delta and gamma are those of Black
and Scholes at the *implied* volatility, a signal of its own, which usually stands above what is
realised: that difference is what insurance costs.

The premium leaves the wallet and is held as the option's value, which moves until expiry; both
stand under the kind `premium`, so that over an option's life it comes to what was paid. What it
pays at expiry is the kind `payout`.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from headframe.kernels import black_scholes as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    Mask,
    Name,
    NonNegative,
    Positive,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

SIDES = {"call": 1.0, "put": -1.0}
"""The sign of what an option pays: with the asset or against it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Option:
    """
    `size` European options on `asset`, priced, paid and settled in `settle_asset`.

    The strike is `moneyness` times the asset's price when they are bought, expiry `tenor_s` later;
    with `roll` as many are bought again at each expiry, as far as the wallet pays for them.
    `volatility` is the yearly implied volatility, `rate_apr` a continuous yearly rate; `spread` is
    the share of the premium that a trade loses to the dealer.

    >>> put = Option(name="floor", asset="eth", settle_asset="usdc", right="put", size=5.0,
    ...              moneyness=0.8, tenor_s="30d", volatility=0.7)
    >>> put.verbs
    ('open', 'close', 'resize')
    """

    kind: ClassVar[str] = "option"
    name: Name
    asset: Name
    settle_asset: Name
    right: Literal["call", "put"] = "put"
    size: NonNegative = 0.0
    moneyness: Positive = 1.0
    tenor_s: Duration = 30 * DAY_S
    roll: bool = True
    volatility: Signal
    rate_apr: Signal = 0.0
    spread: Proper = 0.02
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("size", "strike", "expiry_s", "value", "delta", "gamma")
    gauges: ClassVar[Rows] = ("equity", "size", "strike", "unit_value", "unit_delta", "unit_gamma")
    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close", "resize")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def assets(self) -> Rows:
        """What it is on, and what it is worth in."""
        return tuple(dict.fromkeys((self.asset, self.settle_asset)))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Implied volatility and rate."""
        return (self.volatility, self.rate_apr)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Premium paid and held, the dealer's spread, and what is paid out."""
        paid = self.settle_asset
        cash = tuple(Line(kind, paid, cash=True) for kind in ("premium", "slippage", "payout"))
        return (Line("premium", paid), *cash)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals."""
        return record(
            price=layout.price(self.asset),
            price_settle=layout.price(self.settle_asset),
            volatility=layout.row(self.volatility),
            rate=layout.row(self.rate_apr),
        )

    def _spot(self, state: Block, now: Tick) -> Array:
        wire, world = state.wire[0], now.world.data
        settle = np.maximum(world[wire["price_settle"]], transfers.SMALLEST_PRICE)
        spot: Array = world[wire["price"]] / settle
        return spot

    def _price(self, state: Block, now: Tick) -> None:
        """Value, delta and gamma per unit, at the strike and time to expiry of now."""
        wire, world = state.wire[0], now.world.data
        years = np.maximum(state["expiry_s"] - now.t_s, 0.0) / YEAR_S
        kernel.price(
            state.data[3:6],
            self._spot(state, now),
            state["strike"],
            years,
            world[wire["volatility"]],
            world[wire["rate"]],
            SIDES[self.right],
        )

    def _strike(self, state: Block, mask: Mask, now: Tick) -> None:
        """A new strike and expiry, as of now."""
        state["strike"] = np.where(mask, self.moneyness * self._spot(state, now), state["strike"])
        state["expiry_s"] = np.where(mask, now.t_s + self.tenor_s, state["expiry_s"])
        self._price(state, now)

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the size, so many times over, as far as the wallet pays for it."""
        more = np.where(order.mask, np.maximum(order.amounts(), 0.0) * self.size, 0.0)
        if now.step == 0:
            self._strike(state, np.ones(order.mask.shape, np.bool_), now)
        self._trade(state, state["size"] + more, now, out)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """
        The value moves; what has expired pays, and is bought again. Where none is held the strike
        follows the price: it is that of the option that would be bought now.
        """
        was = state["value"].copy()
        self._price(state, now)
        out.post("premium", self.settle_asset, state["size"] * (state["value"] - was))
        expired = state["expiry_s"] <= now.t_s
        if expired.any():
            size = np.where(expired, state["size"], 0.0)
            out.post("premium", self.settle_asset, -size * state["value"])
            out.post("payout", self.settle_asset, size * state["value"], cash=True)
            state["size"] = np.where(expired, 0.0, state["size"])
            self._strike(state, expired, now)
            if self.roll:
                self._trade(state, state["size"] + size, now, out)
        none = state["size"] == 0.0
        if none.any():
            self._strike(state, none, now)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`resize` to a number of options, or `close`: what is sold is sold at its value."""
        asked = 0.0 if order.verb == "close" else np.maximum(order.amounts(), 0.0)
        self._trade(state, np.where(order.mask, asked, state["size"]), now, out)

    def _trade(self, state: Block, wanted: Array, now: Tick, out: Account) -> None:
        """Buy or sell to a size at the value, less the spread; never more than the wallet pays."""
        paid, value = self.settle_asset, state["value"]
        cost = value * (1.0 + self.spread)
        have = np.maximum(out.wallet(paid), 0.0)
        most = np.where(cost > 0.0, have / np.where(cost > 0.0, cost, 1.0), wanted)
        traded = np.minimum(wanted - state["size"], most)
        out.post("premium", paid, -traded * value, cash=True)
        out.post("premium", paid, traded * value)
        out.post("slippage", paid, -self.spread * np.abs(traded) * value, cash=True)
        state["size"] += traded

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, size, strike, and value, delta and gamma of one option."""
        settle = now.world.data[state.wire["price_settle"][0]]
        out["size"], out["strike"] = state["size"], state["strike"]
        out["equity"] = state["size"] * state["value"] * settle
        out["unit_value"] = state["value"]
        out["unit_delta"], out["unit_gamma"] = state["delta"], state["gamma"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Its value, in the asset that it settles in."""
        out[self.asset] = 0.0
        out[self.settle_asset] = state["size"] * state["value"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """It moves as delta of the asset does: that much is owned, the rest is money."""
        delta = state["size"] * state["delta"]
        out[self.asset] = delta
        out[self.settle_asset] = state["size"] * state["value"] - delta * self._spot(state, now)
