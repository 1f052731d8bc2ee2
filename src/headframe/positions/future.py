"""
A future, long or short: a perpetual that pays funding, or a dated one whose basis runs off.

The contract is linear: `size` units of the asset (negative is short), margined and settled in
another asset. Its margin is isolated: what stands on this contract is all that it can lose, and the
wallet is never called upon. With S the asset's price in the margin asset, b the basis and tau the
years to expiry,

    F = S (1 + b tau)
    equity = margin + size (F - entry)
    health = equity / (maintenance |size| F)

A perpetual has F = S and pays size S times the funding rate. Below a health of 1 the position is
closed at F, pays `penalty` of its size, and what is left goes to the wallet; a loss beyond the
margin is the exchange's (kind `forgiven`). So the position holds `size` of the asset and, of the
margin asset, its balance less what the size cost.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
    STRICT,
    Amounts,
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
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldFuture:
    """A future that exists already: its size, its margin, and the price that it was entered at."""

    size: float
    margin: NonNegative
    entry_price: Positive
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Future:
    """
    A perpetual, or with `expiry_s` a dated future.

    `funding_apr` is what longs pay shorts a year on the value of the size, `basis_apr` the yearly
    rate at which a dated future stands above the asset; `fee` is of the value traded. With
    `target_margin`, a share of the value of the size, each `resize` also moves margin between the
    contract and the wallet, as far as the wallet has it.

    >>> short = Future(name="hedge", asset="eth", margin_asset="usdc", deposit={"usdc": 2000.0},
    ...                size=-2.0)
    >>> short.verbs
    ('open', 'close', 'resize', 'top_up')
    """

    kind: ClassVar[str] = "future"
    name: Name
    asset: Name
    margin_asset: Name
    deposit: Amounts | None = None
    held: HeldFuture | None = None
    size: float = 0.0
    initial_margin: Proper = 0.1
    maintenance: Proper = 0.03
    target_margin: Positive | None = None
    penalty: Proper = 0.005
    fee: Proper = 0.0005
    funding_apr: Signal = 0.0
    basis_apr: Signal = 0.0
    expiry_s: Duration | None = None
    swap_cost: Proper = 0.003
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("size", "balance", "basis", "health", "min_health", "liquidated_s")
    gauges: ClassVar[Rows] = (
        "health",
        "equity",
        "size",
        "notional",
        "margin_ratio",
        "liquidation_price",
    )
    events: ClassVar[Rows] = ("liquidated_s",)
    extremes: ClassVar[Rows] = ("min_health",)
    verbs: ClassVar[Rows] = ("open", "close", "resize", "top_up")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Future":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.asset == self.margin_asset:
            raise ValueError("asset and margin_asset must differ: the contract is linear")
        if self.initial_margin < self.maintenance:
            raise ValueError("initial_margin must be at least maintenance")
        if self.target_margin is not None and self.target_margin < self.initial_margin:
            raise ValueError("target_margin must be at least initial_margin")
        if self.expiry_s is None and self.basis_apr != 0.0:
            raise ValueError("basis_apr needs an expiry_s: a perpetual has no basis")
        if self.expiry_s is not None and self.funding_apr != 0.0:
            raise ValueError("funding_apr is a perpetual's: a dated future has a basis")
        return self

    @property
    def assets(self) -> Rows:
        """The asset and the margin."""
        return (self.asset, self.margin_asset)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Funding and basis."""
        return (self.funding_apr, self.basis_apr)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What trading, funding and liquidation book, and what paying in and out does."""
        margin = self.margin_asset
        own = [Line(kind, margin) for kind in ("fee", "funding", "penalty", "forgiven")]
        moved = (Line("principal", self.asset), Line("principal", margin, cash=True))
        return (*own, *moved, *transfers.lines((margin,), self.deposit))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals, and the step in years."""
        return record(
            price=layout.price(self.asset),
            price_margin=layout.price(self.margin_asset),
            funding_apr=layout.row(self.funding_apr),
            basis_apr=layout.row(self.basis_apr),
            years=dt_s / YEAR_S,
        )

    # prices ----------------------------------------------------------------------------------

    def _spot(self, state: Block, now: Tick) -> Array:
        """The asset's price in the margin asset."""
        wire, world = state.wire[0], now.world.data
        margin = np.maximum(world[wire["price_margin"]], transfers.SMALLEST_PRICE)
        spot: Array = world[wire["price"]] / margin
        return spot

    def _basis(self, state: Block, now: Tick) -> Array:
        """What a dated future stands above the asset, per unit, in the margin asset."""
        if self.expiry_s is None:
            return np.zeros(state.n_paths)
        years = max(self.expiry_s - now.t_s, 0.0) / YEAR_S
        rate = now.world.data[state.wire["basis_apr"][0]]
        basis: Array = self._spot(state, now) * rate * years
        return basis

    def _equity(self, state: Block, now: Tick) -> Array:
        return state["balance"] + state["size"] * self._spot(state, now)

    def _notional(self, state: Block, now: Tick) -> Array:
        return np.abs(state["size"]) * np.maximum(self._spot(state, now) + state["basis"], 0.0)

    def _measure(self, state: Block, now: Tick) -> None:
        equity = self._equity(state, now)
        needed = self.maintenance * self._notional(state, now)
        safe = np.maximum(np.maximum(needed, np.abs(equity) / NO_DEBT), 1e-300)
        state["health"] = np.where(state["size"] != 0.0, equity / safe, NO_DEBT)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    # life ------------------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pay in margin and take the size; or take over what is held."""
        if now.step == 0:
            state["basis"] = self._basis(state, now)
            state["min_health"] = NO_DEBT
            state["liquidated_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            held = self.held
            state["size"] = held.size
            state["balance"] = held.margin + held.size * (state["basis"] - held.entry_price)
        elif self.deposit is not None:
            times = transfers.affordable(order, self.deposit, out)
            state["balance"] += transfers.pay_in(
                order, self.deposit, self.margin_asset, out, swap_cost=self.swap_cost
            )
            self._trade(state, state["size"] + self.size * times, now, out)
        self._measure(state, now)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Funding or basis, then liquidation, then expiry."""
        size, wire = state["size"], state.wire[0]
        basis = self._basis(state, now)
        carry = size * (basis - state["basis"])
        rate = now.world.data[wire["funding_apr"]]
        carry = carry - size * self._spot(state, now) * rate * wire["years"]
        out.post("funding", self.margin_asset, carry)
        state["balance"] += carry
        state["basis"] = basis
        self._measure(state, now)
        self._liquidate(state, now, out)
        if self.expiry_s is not None and now.t_s >= self.expiry_s:
            self._settle(state, np.ones(state.n_paths, np.bool_), now, out)

    def _liquidate(self, state: Block, now: Tick, out: Account) -> None:
        """Where health is below 1: the penalty out of what margin is left, and the end."""
        under = state["health"] < 1.0
        if not under.any():
            return
        equity = self._equity(state, now)
        wanted = self.penalty * self._notional(state, now)
        penalty = np.where(under, np.minimum(wanted, np.maximum(equity, 0.0)), 0.0)
        out.post("penalty", self.margin_asset, -penalty)
        state["balance"] -= penalty
        state["liquidated_s"][under] = np.minimum(state["liquidated_s"][under], now.t_s)
        self._settle(state, under, now, out)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`resize` to a number of units, `top_up` the margin, or `close`."""
        if order.verb == "resize":
            self._resize(state, order, now, out)
        elif order.verb == "top_up":
            self._move_margin(state, transfers.from_wallet(order, self.margin_asset, out), out)
        elif order.verb == "close":
            self._trade(state, np.where(order.mask, 0.0, state["size"]), now, out)
            self._settle(state, order.mask, now, out)
        self._measure(state, now)

    def _resize(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        wanted = np.where(order.mask, order.amounts(), state["size"])
        if self.target_margin is None:
            self._trade(state, wanted, now, out)
            return
        price = np.maximum(self._spot(state, now) + state["basis"], 0.0)
        fees = self.fee * np.abs(wanted - state["size"]) * price
        lacking = self.target_margin * np.abs(wanted) * price + fees - self._equity(state, now)
        have = np.maximum(out.wallet(self.margin_asset), 0.0)
        added = np.where(order.mask, np.clip(lacking, 0.0, have), 0.0)
        self._move_margin(state, added, out)
        self._trade(state, wanted, now, out)
        spare = self._equity(state, now) - self.target_margin * self._notional(state, now)
        self._move_margin(state, np.where(order.mask, -np.maximum(spare, 0.0), 0.0), out)

    def _move_margin(self, state: Block, added: Array, out: Account) -> None:
        """Move margin from the wallet to the contract, or back where it is negative."""
        out.post("principal", self.margin_asset, -added, cash=True)
        out.post("principal", self.margin_asset, added)
        state["balance"] += added

    def _trade(self, state: Block, wanted: Array, now: Tick, out: Account) -> None:
        """
        Trade at F to the wanted size, as far as the initial margin allows, and pay the fee.

        A size may always shrink; it grows to no more than equity / (F (initial margin + fee)).
        """
        spot = self._spot(state, now)
        price = np.maximum(spot + state["basis"], 0.0)
        equity = np.maximum(self._equity(state, now), 0.0)
        needed = price * (self.initial_margin + self.fee)
        most = equity / np.where(needed > 0.0, needed, 1.0)
        same = np.sign(wanted) == np.sign(state["size"])
        most = np.maximum(most, np.where(same, np.abs(state["size"]), 0.0))
        traded = np.clip(wanted, -most, most) - state["size"]
        fee = np.minimum(self.fee * np.abs(traded) * price, equity)
        out.post("principal", self.asset, traded)
        out.post("principal", self.margin_asset, -traded * spot)
        out.post("fee", self.margin_asset, -fee)
        state["size"] += traded
        state["balance"] -= traded * spot + fee

    def _settle(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        """
        Turn what size is left into margin at the price of now, and pay all to the wallet.

        A loss beyond the margin is the exchange's.
        """
        size = np.where(mask, state["size"], 0.0)
        worth = size * self._spot(state, now)
        rest = np.where(mask, state["balance"] + worth, 0.0)
        out.post("principal", self.asset, -size)
        out.post("principal", self.margin_asset, worth)
        out.post("forgiven", self.margin_asset, np.maximum(-rest, 0.0))
        paid = {self.margin_asset: np.maximum(rest, 0.0)}
        transfers.wind_up(paid, {}, out, swap_cost=self.swap_cost)
        state["size"][mask] = state["balance"][mask] = 0.0
        self._measure(state, now)

    # what others read ------------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health, worth, size and its value, margin over that value, liquidation price."""
        world, wire = now.world.data, state.wire[0]
        equity, notional = self._equity(state, now), self._notional(state, now)
        out["health"], out["size"] = state["health"], state["size"]
        out["equity"] = equity * world[wire["price_margin"]]
        out["notional"] = notional * world[wire["price_margin"]]
        out["margin_ratio"] = equity / np.where(notional > 0.0, notional, 1.0)
        held = state["size"] - self.maintenance * np.abs(state["size"])
        out["liquidation_price"] = np.maximum(
            -state["balance"] / np.where(held != 0.0, held, 1.0), 0.0
        )

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The size, and the margin's balance less what the size cost."""
        out[self.asset] = state["size"]
        out[self.margin_asset] = state["balance"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """The size counts as much as the future moves when the asset does: F / S."""
        self.holdings(state, now, out)
        if self.expiry_s is not None:
            spot = self._spot(state, now)
            out[self.asset] *= 1.0 + state["basis"] / np.where(spot > 0.0, spot, 1.0)
