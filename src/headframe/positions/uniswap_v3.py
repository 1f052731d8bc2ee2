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
from headframe.positions import gas_costs, transfers
from headframe.positions import uniswap_v3_moves as moves
from headframe.positions.held_asset import simply_holding
from headframe.positions.uniswap_v2 import opening_root
from headframe.positions.uniswap_v3_range import HeldRange, V3Range, invest
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    GasCost,
    Name,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)


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
    turnover: NonNegativeSignal = 0.0
    arbitrage_kept: Signal | None = None
    volume_usd: NonNegativeSignal = 0.0
    pool_liquidity: Signal | None = None
    volatility: Signal | None = None
    """Of the price, per root of a year; None estimates it from the steps so far."""
    high: Name | None = None
    """Observable: the highest price of token0 in token1 during the step."""
    low: Name | None = None
    """Observable: the lowest."""
    pool_price: Name | None = None
    swap_cost: Proper = 0.003
    gas_usd: GasCost = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = moves.FIELDS
    gauges: ClassVar[Rows] = ("equity", "hold_value", "impermanent_loss", *moves.GAUGES, "gas")
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
        moves.check(self)
        gas_costs.check(self.gas_usd, self.verbs)
        return self

    @property
    def assets(self) -> Rows:
        """Both tokens."""
        return (self.token0, self.token1)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Turnover, volume, the pool's liquidity and price, volatility, high and low, gas."""
        return (*moves.signals(self), *gas_costs.signals(self.gas_usd))

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
        gas = gas_costs.rows(layout, self.gas_usd, self.verbs)
        return record(**moves.range_rows(self, layout, dt_s), **gas, price_usd=layout.price(usd))

    # ---- in ---------------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Swap to the range's proportion and add liquidity; or take over what is held."""
        if now.step == 0:
            root = opening_root(state.wire, now)
            state["root"] = root
            state["left_range_s"] = NEVER_S
            moves.place(self, state, np.ones(root.shape, np.bool_))
        if self.held is not None and now.step == 0:
            moves.take_over(self, state, self.held, out)
            return
        if now.step > 0:
            moves.place(self, state, order.mask & (state["liquidity_owned"] == 0.0))
        times = transfers.affordable(order, self.deposit or {}, out)
        nothing = np.zeros_like(times)
        gas = transfers.gas_cost(state.wire, now)
        bought = invest(self, state, (nothing, nothing), out, gas=gas, times=times)
        moves.enter(state, bought)

    # ---- a step, and what we do --------------------------------------------------------------

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The market moves the price; fees of the time inside are laid beside; the loss is told."""
        moves.move(self, state, now, out)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """
        `close`; `withdraw` a share of everything, `collect` a share of the fees, into cash;
        `compound` the fees; `rerange` to [P / (1 + w), P (1 + w)] around the price, w the amount,
        or the width it had where that is 0.

        Fees are never collected or compounded, nor is a range moved, where gas would eat it all.
        """
        gas = transfers.gas_cost(gas_costs.paying(state.wire, order.verb), now)
        if order.verb == "rerange":
            moves.rerange(self, state, order.mask, order.amounts(), out, gas)
        elif order.verb == "compound":
            moves.compound(self, state, order.mask, out, gas)
        else:
            share = np.ones(order.mask.shape) if order.verb == "close" else order.amounts()
            taken = np.where(order.mask, np.clip(share, 0.0, 1.0), 0.0)
            if order.verb == "collect":
                taken = np.where(taken * moves.fees(self, state, out) > gas, taken, 0.0)
            self._take_out(state, taken, out, gas, fees_only=order.verb == "collect")

    def _take_out(
        self, state: Block, taken: Array, out: Account, gas: Array, *, fees_only: bool
    ) -> None:
        """Sell a share of the fees, and of the liquidity too, into cash."""
        first, second = taken * state["owed0"], taken * state["owed1"]
        if not fees_only:
            x, y = moves.amounts(state)
            first, second = first + taken * x, second + taken * y
        held = {self.token0: first, self.token1: second}
        transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)
        for row in ("owed0", "owed1") if fees_only else moves.AMOUNTS_OF:
            state[row] -= taken * state[row]

    # ---- what is seen ------------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """
        Worth, worth of holding what was put in, where the price stands, what is not collected.

        `liquidity` is what is active now; `distance_lower` and `distance_upper` are the shares by
        which the price must fall or rise to the bounds, negative beyond them.
        """
        world, wire = now.world.data, state.wire
        worth, fees = moves.show(state, now, out)
        out["equity"] = worth + fees
        out["hold_value"] = state["entered0"] * world[wire["price0"][0]]
        out["hold_value"] += state["entered1"] * world[wire["price1"][0]]
        out["impermanent_loss"] = state["impermanent_loss"]
        out["gas"] = transfers.gas_cost(gas_costs.paying(wire, gas_costs.WATCHED), now)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Tokens in the range, and fees not yet collected."""
        kernel.holdings(state.data, out.data)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
