"""
Liquidity in a constant-product pool: both tokens, fees that compound, and impermanent loss.

A share of the pool holds x = L / r and y = L r with r the square root of the price of token0 in
token1. Arbitrage keeps that price at the market's; each move leaves the holder with more of the
token that fell (entries of kind `rebalancing`). Fees come from the turnover of others and from the
arbitrage itself. How the tokens now compare with having held the deposit, fees aside, is the gauge
`impermanent_loss`: without fees 2 sqrt(k) / (1 + k) - 1 at price ratio k.

`turnover` is the volume of others, who trade there and back: arbitrage comes on top of it.

Source: Adams, Zinsmeister, Robinson, "Uniswap v2 Core" (2020).
"""

from typing import Any, ClassVar, Protocol

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import uniswap_v2 as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import gas_costs, transfers
from headframe.positions.held_asset import simply_holding
from headframe.process import ONE, Tick
from headframe.types import (
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    GasCost,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S


class InPool(Protocol):
    """What a position in a constant-product pool is made of."""

    @property
    def name(self) -> str: ...
    @property
    def token0(self) -> str: ...
    @property
    def token1(self) -> str: ...
    @property
    def deposit(self) -> Amounts | None: ...
    @property
    def fee(self) -> float: ...
    @property
    def swap_cost(self) -> float: ...
    @property
    def turnover(self) -> Signal: ...
    @property
    def pool_price(self) -> str | None: ...
    @property
    def arbitrage_kept(self) -> Signal | None: ...


def pool_rows(position: InPool, layout: Layout, dt_s: float) -> dict[str, float | int]:
    """Rows and constants that the pool's step reads."""
    name, tokens = position.name, (position.token0, position.token1)
    price0, price1 = layout.price(tokens[0]), layout.price(tokens[1])
    own, kept = position.pool_price, position.arbitrage_kept
    rows = {
        f"{kind}{k}": layout.quantity(name, kind, token, cash=False)
        for kind in ("rebalancing", "fee")
        for k, token in enumerate(tokens)
    }
    return rows | {
        "rebalancing": layout.value(name, "rebalancing"),
        "fees": layout.value(name, "fee"),
        "price0": price0,
        "price1": price1,
        "ratio0": price0 if own is None else layout.row(own),
        "ratio1": price1 if own is None else layout.row(ONE),
        "turnover": layout.row(position.turnover),
        "fee": float(position.fee),
        "per_input": position.fee / (1.0 - position.fee) if kept is None else 0.0,
        "arbitrage_kept": layout.row(kept or 0.0),
        "days": dt_s / DAY_S,
    }


def check_flow(position: InPool) -> None:
    """Raise `ValueError` where a pool's own price and a share of the loss are both told."""
    if position.pool_price is not None and position.arbitrage_kept is not None:
        raise ValueError(
            "give either pool_price (a pool that arbitrage moves) or arbitrage_kept (what of its "
            "loss comes back)"
        )


def opening_root(wire: Any, now: Tick) -> Array:
    """The root of the pool's price, or of the market's where the pool has not published yet."""
    world = now.world.data
    own0, own1 = world[wire["ratio0"][0]], world[wire["ratio1"][0]]
    market = world[wire["price0"][0]] / np.maximum(world[wire["price1"][0]], kernel.SMALLEST_PRICE)
    price = np.where(own0 > 0.0, own0 / np.maximum(own1, kernel.SMALLEST_PRICE), market)
    root: Array = np.clip(np.sqrt(price), 1.0 / kernel.ROOT_LIMIT, kernel.ROOT_LIMIT)
    return root


def deposit_loss(first: Array, second: Array, depth: Array | float, fee: float) -> Array:
    """
    What a two-sided deposit loses to the fee of its swap and to its own impact, at fair value.

        swap s of the richer side a over the other b so that nothing is left, r the depth, g = 1 - f
        s    = 2 c / (sqrt(h^2 + 4 g c) + h),  c = (a - b) r^2 / (b + r),  h = (1 + g) r
        loss = a + b - 2 (a - s) sqrt((r + b) / (r + a))

    The shares count at the price that arbitrage brings the pool back to. Source: Alpha Homora v1,
    StrategyAddTwoSidesOptimal (`exact.uniswap_v2.optimal_two_sided_deposit`); all by value.
    """
    rich, poor = np.maximum(first, second), np.minimum(first, second)
    r, g = np.maximum(depth, kernel.SMALLEST_PRICE), 1.0 - fee
    c, h = (rich - poor) / (poor + r) * r * r, (1.0 + g) * r
    swapped = 2.0 * c / (np.sqrt(h * h + 4.0 * g * c) + h)
    fair = 2.0 * (rich - swapped) * np.sqrt((r + poor) / (r + rich))
    loss: Array = np.maximum(rich + poor - fair, 0.0)
    return loss


def add_liquidity(
    position: InPool,
    times: Array,
    borrowed: tuple[Array, Array],
    gas: Array,
    root: Array,
    out: Account,
    depth: Array | float = 0.0,
) -> Array:
    """
    Put the deposit, `times` over, and the loans (by value) into the pool; the liquidity bought.

    What is not yet in the pool's proportion is swapped at the position's cost; where `depth`, the
    value of one side of the pool, is above 0, as the two-sided optimal deposit does it: see
    `deposit_loss`. Gas is paid out of the tokens, and no more than these.
    """
    tokens = (position.token0, position.token1)
    prices = [np.maximum(out.price(token), kernel.SMALLEST_PRICE) for token in tokens]
    per_liquidity = (prices[0] / root, prices[1] * root)
    have = {token: np.zeros_like(times) for token in tokens}
    total = borrowed[0] + borrowed[1]
    for asset, quantity in (position.deposit or {}).items():
        paid = np.minimum(quantity * times, np.maximum(out.wallet(asset), 0.0))
        out.post("principal", asset, -paid, cash=True)
        have[asset] = paid * out.price(asset)
        total = total + have[asset]
    one = per_liquidity[0] + per_liquidity[1]
    want = [total * part / one for part in per_liquidity]
    mine = [have[token] + borrowed[k] for k, token in enumerate(tokens)]
    lacking = [np.maximum(part - own, 0.0) for part, own in zip(want, mine, strict=True)]
    cost = position.swap_cost * (lacking[0] + lacking[1])
    if np.any(np.asarray(depth) > 0.0):
        # other assets are bought where they lack, at the market, before anything goes to the pool
        others = np.maximum(total - mine[0] - mine[1], 0.0)
        share = others / np.maximum(lacking[0] + lacking[1], kernel.SMALLEST_PRICE)
        kept = 1.0 - position.swap_cost
        sides = [own + kept * share * part for own, part in zip(mine, lacking, strict=True)]
        moved = deposit_loss(sides[0], sides[1], depth, position.swap_cost)
        cost = np.where(depth > 0.0, position.swap_cost * others + moved, cost)
    burnt = np.where(total > 0.0, np.minimum(gas, total - cost), 0.0)
    for k, token in enumerate(tokens):
        share = per_liquidity[k] / one / prices[k]
        out.post("principal", token, (want[k] - borrowed[k]) / prices[k])
        out.post("slippage", token, -cost * share)
        out.post("gas", token, -burnt * share)
    liquidity: Array = (total - cost - burnt) / one
    return liquidity


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldLiquidity:
    """Liquidity that exists already: what the pool holds for us, and what was put in."""

    amount0: NonNegative
    amount1: NonNegative
    entered0: NonNegative | None = None
    """Token0 put in at entry; impermanent loss counts from now where it is not told."""
    entered1: NonNegative | None = None
    """Token1 put in at entry."""
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class UniswapV2:
    """
    A share of a constant-product pool.

    `turnover` is the volume of others a day over the pool's value, `fee` the share of volume that
    liquidity earns; with `pool_price`, the observable of a pool venue, the pool's own price is
    followed, which lags the market within the fee. With `arbitrage_kept` that share of the loss
    against rebalancing comes back as the arbitrageurs' fees, as a process `informed_flow` has it.

    >>> share = UniswapV2(name="lp", token0="eth", token1="usdc", deposit={"usdc": 1000.0})
    >>> share.verbs
    ('open', 'close', 'withdraw')
    """

    kind: ClassVar[str] = "uniswap_v2"
    name: Name
    token0: Name
    token1: Name
    deposit: Amounts | None = None
    held: HeldLiquidity | None = None
    fee: Proper = 0.003
    turnover: NonNegativeSignal = 0.0
    arbitrage_kept: Signal | None = None
    pool_price: Name | None = None
    swap_cost: Proper = 0.003
    gas_usd: GasCost = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "liquidity",
        "root",
        "entered",
        "entered0",
        "entered1",
        "impermanent_loss",
    )
    gauges: ClassVar[Rows] = ("equity", "hold_value", "impermanent_loss", "liquidity", "gas")
    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ("impermanent_loss",)
    verbs: ClassVar[Rows] = ("open", "close", "withdraw")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "UniswapV2":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.token0 == self.token1:
            raise ValueError("token0 and token1 must differ")
        check_flow(self)
        gas_costs.check(self.gas_usd, self.verbs)
        return self

    @property
    def assets(self) -> Rows:
        """Both tokens."""
        return (self.token0, self.token1)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Turnover, gas, and the pool's price."""
        own = () if self.pool_price is None else (self.pool_price,)
        gas = gas_costs.signals(self.gas_usd)
        return (self.turnover, self.arbitrage_kept or 0.0, *gas, *own)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the pool does, and what paying in and out books."""
        moved = [Line(kind, t) for kind in ("rebalancing", "fee") for t in self.assets]
        return (*moved, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the tokens, half and half."""
        held = () if self.held is None else (self.held.amount0, self.held.amount1)
        return simply_holding(
            self.name,
            self.assets,
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows and constants of the pool's step, and of the gas cost."""
        gas = gas_costs.rows(layout, self.gas_usd, self.verbs)
        price_usd = layout.price("usd" if self.gas_usd != 0.0 else layout.cash)
        return record(**pool_rows(self, layout, dt_s), **gas, price_usd=price_usd)

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Swap to the pool's proportion and add liquidity; or take over what is held."""
        if now.step == 0:
            state["root"] = opening_root(state.wire, now)
        if self.held is not None and now.step == 0:
            self._take_over(state, self.held)
            return
        times = transfers.affordable(order, self.deposit or {}, out)
        nothing = np.zeros_like(times)
        gas = transfers.gas_cost(state.wire, now)
        root = state["root"]
        added = add_liquidity(self, times, (nothing, nothing), gas, root, out)
        state["liquidity"] += added
        state["entered"] += added
        state["entered0"] += added / root
        state["entered1"] += added * root

    def _take_over(self, state: Block, held: HeldLiquidity) -> None:
        root = state["root"]
        state["liquidity"] = np.sqrt(held.amount0 * held.amount1)
        first, second = state["liquidity"] / root, state["liquidity"] * root
        if held.entered0 is not None and held.entered1 is not None:
            first, second = np.full_like(root, held.entered0), np.full_like(root, held.entered1)
        state["entered0"], state["entered1"] = first, second
        state["entered"] = np.sqrt(state["entered0"] * state["entered1"])

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The market moves the pool, fees compound, and the loss against holding is taken."""
        kernel.accrue(state.data, now.world.data, out.books, state.wire)
        kernel.compare(state.data, now.world.data, state.wire)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`withdraw` a share of the liquidity, or `close` all of it."""
        share = np.ones(order.mask.shape) if order.verb == "close" else order.amounts()
        taken = np.where(order.mask, np.clip(share, 0.0, 1.0), 0.0)
        removed = taken * state["liquidity"]
        held = {self.token0: removed / state["root"], self.token1: removed * state["root"]}
        gas = transfers.gas_cost(gas_costs.paying(state.wire, order.verb), now)
        transfers.wind_up(held, {}, out, swap_cost=self.swap_cost, gas=gas)
        for row in ("liquidity", "entered", "entered0", "entered1"):
            state[row] -= taken * state[row]

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, worth of holding what was put in, their comparison, liquidity, gas."""
        wire, world = state.wire, now.world.data
        p0, p1 = world[wire["price0"][0]], world[wire["price1"][0]]
        root = np.where(state["root"] > 0.0, state["root"], 1.0)
        out["equity"] = state["liquidity"] * (p0 / root + p1 * root)
        out["hold_value"] = state["entered0"] * p0 + state["entered1"] * p1
        out["impermanent_loss"] = state["impermanent_loss"]
        out["liquidity"] = state["liquidity"]
        out["gas"] = transfers.gas_cost(wire, now)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The pool's tokens."""
        kernel.holdings(state.data, out.data)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
