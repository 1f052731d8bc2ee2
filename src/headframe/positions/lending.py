"""
Money supplied to a lending market: it earns the supply rate, and comes back while there is any.

The supply grows by the market's rate; interest compounds into it. Whoever wants out while
everything is lent out has to wait: an order to close then stands until utilisation falls below 1,
or, in a market of the book, takes what cash the market has and stands for the rest. Where lenders
bear bad debt, as on Morpho Blue, a share of the supply is written off (kind `forgiven`).
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.positions.held_asset import simply_holding
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)
from headframe.units import HOUR_S, YEAR_S

OF_MARKET: Rows = ("supply_index", "kept_share", "cash")
"""What a supply reads of its market."""
OF_SIGNALS: Rows = ("supply_apr", "utilisation", "lost_share")
"""What it reads without one."""
LEAST = 1e-300
"""Stands in for a share or an index of 0 where a division needs one."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldSupply:
    """Money that is supplied already, in whole units with its interest so far."""

    supplied: NonNegative
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Lending:
    """
    A supply to a lending market.

    `supply_apr` is a simple yearly rate, stepped: a number, an observable, or what a lending-market
    venue publishes. `utilisation`, the share of the market that is lent out, decides whether a
    withdrawal is possible. `market` names an `aave_reserve` or `morpho_market` of the book and
    stands for all three: its index, its cash, its bad debt. Without one, `lost_share` is the share
    of the supply that was written off since the beginning.

    >>> Lending(name="aave", asset="usdc", deposit={"usdc": 1000.0}, supply_apr=0.04).gauges
    ('equity', 'supplied', 'supplied_usdc')
    """

    kind: ClassVar[str] = "lending"
    name: Name
    asset: Name
    deposit: Amounts | None = None
    held: HeldSupply | None = None
    supply_apr: NonNegativeSignal = 0.0
    utilisation: ShareSignal = 0.0
    lost_share: ShareSignal = 0.0
    market: Name | None = None
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("supplied", "leaving", "blocked_s", "hours_blocked")
    events: ClassVar[Rows] = ("blocked_s",)
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Lending":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        return self

    @property
    def extremes(self) -> Rows:
        """How long an order to leave has waited, where it may have to."""
        waits = self.market is not None or isinstance(self.utilisation, str)
        return ("hours_blocked",) if waits else ()

    @property
    def gauges(self) -> Rows:
        """Worth and quantity, the quantity also under the name that a lending market counts."""
        return ("equity", "supplied", f"supplied_{self.asset}")

    @property
    def assets(self) -> Rows:
        """The asset supplied."""
        return (self.asset,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rate, utilisation, losses and gas; or what the market publishes."""
        if self.market is not None:
            return (*(f"{self.market}_{leaf}" for leaf in OF_MARKET), self.gas_usd)
        return (self.supply_apr, self.utilisation, self.lost_share, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, losses, and what paying in and out books."""
        own = (Line("interest", self.asset), Line("forgiven", self.asset))
        return (*own, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the asset."""
        held = () if self.held is None else (self.held.supplied,)
        return simply_holding(
            self.name,
            self.assets,
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of the price and the signals, and the step in years."""
        market = self.market
        rows = (
            {name: layout.row(getattr(self, name)) for name in OF_SIGNALS}
            if market is None
            else {name: layout.row(f"{market}_{name}") for name in OF_MARKET}
        )
        gas = transfers.gas_rows(layout, self.gas_usd)
        return record(**gas, **rows, price=layout.price(self.asset), years=dt_s / YEAR_S)

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Supply the deposit, or take over what is supplied already."""
        if now.step == 0:
            state["blocked_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            state["supplied"] = self.held.supplied
            return
        gas = transfers.gas_cost(state.wire, now)
        state["supplied"] += transfers.pay_in(
            order, self.deposit or {}, self.asset, out, swap_cost=self.swap_cost, gas=gas
        )

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Earn interest, bear losses; pay out where an order to close has waited for money."""
        growth, kept = self._growth(state, before, now)
        interest = state["supplied"] * growth
        out.post("interest", self.asset, interest)
        state["supplied"] += interest
        lost = state["supplied"] * (1.0 - kept)
        out.post("forgiven", self.asset, -lost)
        state["supplied"] -= lost
        state["hours_blocked"] += state["leaving"] * (now.dt_s / HOUR_S)
        self._pay_out(state, state["leaving"] > 0.0, now, out)

    def _growth(self, state: Block, before: Tick, now: Tick) -> tuple[Array, Array]:
        """Interest of the step as a share, and what bad debt has left of the supply."""
        wire, old, new = state.wire[0], before.world.data, now.world.data
        if self.market is None:
            left = 1.0 - new[wire["lost_share"]]
            kept = np.clip(left / np.maximum(1.0 - old[wire["lost_share"]], LEAST), 0.0, 1.0)
            return new[wire["supply_apr"]] * wire["years"], kept
        kept = new[wire["kept_share"]] / np.maximum(old[wire["kept_share"]], LEAST)
        share_price = new[wire["supply_index"]] / np.maximum(old[wire["supply_index"]], LEAST)
        growth = share_price / np.maximum(kept, LEAST) - 1.0
        return np.where(kept > 0.0, growth, 0.0), kept

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: withdraw all, at once or piece by piece as the market has it."""
        if order.verb == "close":
            state["leaving"][order.mask & (state["supplied"] > 0.0)] = 1.0
            self._pay_out(state, order.mask, now, out)

    def _pay_out(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        wire, world = state.wire[0], now.world.data
        if self.market is None:
            most = np.where(world[wire["utilisation"]] < 1.0, state["supplied"], 0.0)
        else:
            most = np.minimum(np.maximum(world[wire["cash"]], 0.0), state["supplied"])
        gas = transfers.gas_cost(state.wire, now)
        whole = most >= state["supplied"]
        worth = whole | (most * world[wire["price"]] > gas)
        paid = np.where(mask & worth, most, 0.0)
        stuck = mask & ~whole & (state["supplied"] > 0.0)
        state["blocked_s"][stuck] = np.minimum(state["blocked_s"][stuck], now.t_s)
        if paid.any():
            transfers.wind_up({self.asset: paid}, {}, out, swap_cost=self.swap_cost, gas=gas)
            state["supplied"] = np.where(mask & whole, 0.0, state["supplied"] - paid)
        state["leaving"][mask & whole] = 0.0

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth and quantity."""
        out["supplied"] = out[f"supplied_{self.asset}"] = state["supplied"]
        out["equity"] = state["supplied"] * now.world.data[state.wire["price"][0]]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """What is supplied."""
        out[self.asset] = state["supplied"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
