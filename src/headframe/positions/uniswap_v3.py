"""
Concentrated liquidity: a range of prices, fees while the price is inside it, kept beside it.

Liquidity L in a range holds both tokens inside it, only token0 below and only token1 above. It
earns many times what the same money spread over all prices would, and loses to arbitrage by the
same multiple; outside it earns nothing. Fees do not compound: they wait, per token, to be
collected, put back (`compound`) or taken along to a new range (`rerange`).

Between two steps the path of the price is not seen. Of a step's volume counts the expected share of
time inside the range: with `high` and `low`, from the bar's four prices; without, from its two ends
and the volatility (a Brownian bridge). See `kernels/occupation.py`.

Source: Adams, Zinsmeister, Salem, Keefer, Robinson, "Uniswap v3 Core" (2021).
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import uniswap_v3 as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.positions.held_asset import simply_holding
from headframe.positions.uniswap_v2 import opening_root, pool_rows
from headframe.positions.uniswap_v3_range import HeldRange, V3Range, invest
from headframe.process import ONE, Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    Mask,
    Name,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

MEMORY_S = 30.0 * DAY_S
"""How long a move counts for the volatility where none is given."""
AMOUNTS_OF = ("liquidity_owned", "owed0", "owed1", "entered0", "entered1")
"""Rows that shrink together when a part of the position is taken out."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class UniswapV3:
    """
    Liquidity of a Uniswap v3 pool in one range.

    The range is `[range]`: prices of token0 in token1 (`lower`, `upper`), ticks, or a `width`
    around the price at the opening. `turnover` is the volume of others a day over the *virtual*
    value 2 L sqrt(p0 p1) of the pool's active liquidity; `volume_usd` a day may be told instead,
    with `pool_liquidity`, the others' active liquidity in sqrt(token0 token1) of whole units. Where
    `pool_liquidity` is told, our own dilutes the turnover.

    >>> lp = UniswapV3(name="lp", token0="eth", token1="usdc", deposit={"usdc": 10_000.0},
    ...                range={"lower": 1_800.0, "upper": 2_400.0})
    >>> lp.range.ticks(lp.fee)
    (74940, 77880)
    """

    kind: ClassVar[str] = "uniswap_v3"
    name: Name
    token0: Name
    token1: Name
    range: V3Range
    deposit: Amounts | None = None
    held: HeldRange | None = None
    fee: Proper = 0.003
    turnover: Signal = 0.0
    volume_usd: Signal = 0.0
    pool_liquidity: Signal | None = None
    volatility: Signal | None = None
    """Of the price, per root of a year; None estimates it from the steps so far."""
    high: Name | None = None
    """Observable: the highest price of token0 in token1 during the step."""
    low: Name | None = None
    """Observable: the lowest."""
    pool_price: Name | None = None
    swap_cost: Proper = 0.003
    gas_usd: Signal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "liquidity_owned",
        "root",
        "root_lower",
        "root_upper",
        "log_price",
        "log_lower",
        "log_upper",
        "owed0",
        "owed1",
        "entered0",
        "entered1",
        "impermanent_loss",
        "share_of_step",
        "variance",
        "steps",
        "seconds",
        "seconds_inside",
        "share_in_range",
        "width",
        "left_range_s",
    )
    gauges: ClassVar[Rows] = (
        "equity",
        "hold_value",
        "impermanent_loss",
        "liquidity",
        "in_range",
        "share_in_range",
        "amount0",
        "amount1",
        "uncollected0",
        "uncollected1",
        "reward_value",
        "pool_price",
        "distance_lower",
        "distance_upper",
        "gas",
    )
    events: ClassVar[Rows] = ("left_range_s",)
    extremes: ClassVar[Rows] = ("impermanent_loss", "share_in_range")
    verbs: ClassVar[Rows] = ("open", "close", "withdraw", "collect", "rerange", "compound")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _fits(self) -> "UniswapV3":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        if (self.high is None) != (self.low is None):
            raise ValueError("give both high and low, or neither")
        if self.volume_usd != 0.0 and self.pool_liquidity is None:
            raise ValueError("volume_usd needs pool_liquidity, which it is shared by")
        self.range.spacing(self.fee)
        return self

    @property
    def assets(self) -> Rows:
        """Both tokens."""
        return (self.token0, self.token1)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Turnover, volume, the pool's liquidity and price, volatility, high and low, gas."""
        named = (self.pool_price, self.high, self.low, self.pool_liquidity, self.volatility)
        told = tuple(signal for signal in named if signal is not None)
        return (self.turnover, self.volume_usd, self.gas_usd, 0.0, *told)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the pool does, and what paying in and out books."""
        moved = [Line(kind, t) for kind in ("rebalancing", "fee") for t in self.assets]
        return (*moved, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the tokens, half and half."""
        held: tuple[float, ...] = ()
        if self.held is not None and self.held.amount0 is not None:
            held = (self.held.amount0, self.held.amount1 or 0.0)
        return simply_holding(
            self.name,
            self.assets,
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows and constants of the pool's step, of the range's grid, and of the gas cost."""
        usd = "usd" if self.volume_usd != 0.0 or self.gas_usd != 0.0 else layout.cash
        gas = {"gas": layout.row(self.gas_usd), "price_usd": layout.price(usd)}
        given = self.volatility
        return record(
            **pool_rows(self, layout, dt_s),
            **gas,
            volume=layout.row(self.volume_usd),
            pool_liquidity=layout.row(self.pool_liquidity or 0.0),
            diluted=int(self.pool_liquidity is not None),
            volatility=layout.row(0.0 if given is None else given),
            volatility_given=int(given is not None),
            high=layout.row(self.high or ONE),
            low=layout.row(self.low or ONE),
            memory=min(dt_s / MEMORY_S, 1.0),
            dt_s=float(dt_s),
            years=dt_s / YEAR_S,
            spacing=self.range.spacing(self.fee),
            offset=self.range.offset,
        )

    # ---- in ---------------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Swap to the range's proportion and add liquidity; or take over what is held."""
        if now.step == 0:
            root = opening_root(state.wire, now)
            state["root"] = root
            state["left_range_s"] = NEVER_S
            self._place(state, np.ones(root.shape, np.bool_))
        if self.held is not None and now.step == 0:
            self._take_over(state, self.held, out)
            return
        if now.step > 0:
            self._place(state, order.mask & (state["liquidity_owned"] == 0.0))
        times = transfers.affordable(order, self.deposit or {}, out)
        nothing = np.zeros_like(times)
        gas = transfers.gas_cost(state.wire, now)
        bought = invest(self, state, (nothing, nothing), out, gas=gas, times=times)
        self._enter(state, bought)

    def _place(self, state: Block, mask: Mask) -> None:
        """Give the range that was asked for to some paths."""
        low, high = (
            np.broadcast_to(end, mask.shape) for end in self.range.bounds(state["root"] ** 2)
        )
        kernel.place(state.data, mask, low, high, state.wire)
        state["width"] = np.where(mask, self.range.half_width, state["width"])

    def _enter(self, state: Block, bought: Array) -> None:
        """Count liquidity in, and the tokens that it is made of."""
        x, y = kernel.amounts(bought, state["root"], state["root_lower"], state["root_upper"])
        state["liquidity_owned"] += bought
        state["entered0"] += x
        state["entered1"] += y

    def _take_over(self, state: Block, held: HeldRange, out: Account) -> None:
        root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
        if held.liquidity is not None:
            liquidity = np.full_like(root, held.liquidity)
        else:
            prices = (out.price(self.token0), out.price(self.token1))
            worth = (held.amount0 or 0.0) * prices[0] + (held.amount1 or 0.0) * prices[1]
            liquidity = kernel.liquidity_for_value(worth, root, lower, upper, *prices)
        self._enter(state, liquidity)
        state["owed0"], state["owed1"] = held.uncollected0, held.uncollected1
        if held.entered0 is not None and held.entered1 is not None:
            state["entered0"], state["entered1"] = held.entered0, held.entered1

    # ---- a step, and what we do --------------------------------------------------------------

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The market moves the price; fees of the time inside are laid beside; the loss is told."""
        world = now.world.data
        if self.high is None:
            kernel.bridge(state.data, world, state.wire)
        else:
            kernel.bars(state.data, world, state.wire)
        kernel.accrue(state.data, world, out.books, now.t_s, state.wire)
        kernel.compare(state.data, world, state.wire)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `close`; `withdraw` a share of everything, `collect` a share of the fees, into cash;
        `compound` the fees; `rerange` to [P / (1 + w), P (1 + w)] around the price, w the amount,
        or the width it had where that is 0.

        Fees are never collected or compounded, nor is a range moved, where gas would eat it all.
        """
        gas = transfers.gas_cost(state.wire, now)
        if order.verb == "rerange":
            self._rerange(state, order, out, gas)
        elif order.verb == "compound":
            self._compound(state, order.mask & (self._fees(state, out) > gas), out, gas)
        else:
            share = np.ones(order.mask.shape) if order.verb == "close" else order.amounts()
            taken = np.where(order.mask, np.clip(share, 0.0, 1.0), 0.0)
            if order.verb == "collect":
                taken = np.where(taken * self._fees(state, out) > gas, taken, 0.0)
            self._take_out(state, taken, out, gas, fees_only=order.verb == "collect")

    def _take_out(
        self, state: Block, taken: Array, out: Account, gas: Array, *, fees_only: bool
    ) -> None:
        """Sell a share of the fees, and of the liquidity too, into cash."""
        first, second = taken * state["owed0"], taken * state["owed1"]
        if not fees_only:
            x, y = self._amounts(state)
            first, second = first + taken * x, second + taken * y
        held = {self.token0: first, self.token1: second}
        transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)
        for row in ("owed0", "owed1") if fees_only else AMOUNTS_OF:
            state[row] -= taken * state[row]

    def _compound(self, state: Block, mask: Mask, out: Account, gas: Array) -> None:
        """Swap fees to the range's proportion and add them to the liquidity."""
        have = [np.where(mask, state[row], 0.0) for row in ("owed0", "owed1")]
        bought = invest(self, state, (have[0], have[1]), out, gas=np.where(mask, gas, 0.0))
        for row, quantity in zip(("owed0", "owed1"), have, strict=True):
            state[row] -= quantity
        self._enter(state, bought)

    def _rerange(self, state: Block, order: Order, out: Account, gas: Array) -> None:
        """Take liquidity and fees out, and put all into a range around the present price."""
        x, y = self._amounts(state)
        x, y = x + state["owed0"], y + state["owed1"]
        worth = x * out.price(self.token0) + y * out.price(self.token1)
        mask = order.mask & (state["liquidity_owned"] > 0.0) & (worth > gas)
        asked = np.maximum(order.amounts(), 0.0)
        width = np.where(mask, np.where(asked > 0.0, asked, state["width"]), 0.0)
        price = state["root"] ** 2
        kernel.place(state.data, mask, price / (1.0 + width), price * (1.0 + width), state.wire)
        state["width"] = np.where(mask, width, state["width"])
        for row in AMOUNTS_OF:
            state[row] = np.where(mask, 0.0, state[row])
        have = (np.where(mask, x, 0.0), np.where(mask, y, 0.0))
        self._enter(state, invest(self, state, have, out, gas=np.where(mask, gas, 0.0)))

    # ---- what is seen ------------------------------------------------------------------------

    def _amounts(self, state: Block) -> tuple[Array, Array]:
        root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
        return kernel.amounts(state["liquidity_owned"], root, lower, upper)

    def _fees(self, state: Block, out: Account) -> Array:
        worth: Array = state["owed0"] * out.price(self.token0)
        worth += state["owed1"] * out.price(self.token1)
        return worth

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """
        Worth, worth of holding what was put in, where the price stands, what is not collected.

        `liquidity` is what is active now; `distance_lower` and `distance_upper` are the shares by
        which the price must fall or rise to the bounds, negative beyond them.
        """
        wire, world = state.wire, now.world.data
        p0, p1 = world[wire["price0"][0]], world[wire["price1"][0]]
        x, y = self._amounts(state)
        root, lower, upper = state["root"], state["root_lower"], state["root_upper"]
        inside = (root >= lower) & (root < upper) & (state["liquidity_owned"] > 0.0)
        fees = state["owed0"] * p0 + state["owed1"] * p1
        out["equity"] = x * p0 + y * p1 + fees
        out["hold_value"] = state["entered0"] * p0 + state["entered1"] * p1
        out["impermanent_loss"] = state["impermanent_loss"]
        out["liquidity"] = np.where(inside, state["liquidity_owned"], 0.0)
        out["in_range"] = np.where(inside, 1.0, 0.0)
        out["share_in_range"] = state["share_in_range"]
        out["amount0"], out["amount1"] = x, y
        out["uncollected0"], out["uncollected1"] = state["owed0"], state["owed1"]
        out["reward_value"] = fees
        out["pool_price"] = root * root
        safe = np.where(root > 0.0, root, 1.0)
        out["distance_lower"] = 1.0 - (lower / safe) ** 2
        out["distance_upper"] = (upper / safe) ** 2 - 1.0
        out["gas"] = transfers.gas_cost(wire, now)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Tokens in the range, and fees not yet collected."""
        kernel.holdings(state.data, out.data)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
