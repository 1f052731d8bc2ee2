"""
An asset put aside or simply held: no yield, no debt, only its price.

It is what every other position is measured against, and the simplest example of one: a deposit is
swapped into the asset and stays; closing sells it.
"""

from typing import Any, ClassVar

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Amounts,
    Block,
    Duration,
    Name,
    NonNegative,
    Proper,
    Rows,
    Signal,
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldQuantity:
    """Coins that are held already, in whole units."""

    quantity: NonNegative
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid for them, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldAsset:
    """
    Coins that are held.

    `deposit` is swapped into `asset` at `swap_cost` where it is another; `close` sells them.

    >>> coins = HeldAsset(name="savings", asset="btc", held=HeldQuantity(quantity=0.5))
    >>> coins.assets
    ('btc',)
    """

    kind: ClassVar[str] = "held_asset"
    name: Name
    asset: Name
    deposit: Amounts | None = None
    held: HeldQuantity | None = None
    swap_cost: Proper = 0.003
    gas_usd: Signal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("quantity",)
    gauges: ClassVar[Rows] = ("equity", "quantity")
    events: ClassVar[Rows] = ()
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "HeldAsset":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (bought now) or held (it exists already)")
        return self

    @property
    def assets(self) -> Rows:
        """The asset."""
        return (self.asset,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Gas."""
        return (self.gas_usd,)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What paying in and selling book."""
        return transfers.lines(self.assets, self.deposit)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of the price and of the gas cost."""
        return record(price=layout.price(self.asset), **transfers.gas_rows(layout, self.gas_usd))

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the asset with the deposit, or take over what is held."""
        if self.held is not None and now.step == 0:
            state["quantity"] = self.held.quantity
            return
        gas = transfers.gas_cost(state.wire, now)
        state["quantity"] += transfers.pay_in(
            order, self.deposit or {}, self.asset, out, swap_cost=self.swap_cost, gas=gas
        )

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Nothing happens to it: its price moves, and that is the market's doing."""

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: sell all."""
        if order.verb == "close":
            sold = state["quantity"] * order.mask
            gas = transfers.gas_cost(state.wire, now)
            transfers.wind_up({self.asset: sold}, {}, out, swap_cost=self.swap_cost, gas=gas)
            state["quantity"] -= sold

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth and quantity."""
        out["quantity"] = state["quantity"]
        out["equity"] = state["quantity"] * now.world.data[state.wire["price"][0]]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The coins."""
        out[self.asset] = state["quantity"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)


def simply_holding(
    name: str,
    assets: Rows,
    *,
    deposit: Amounts | None,
    quantities: tuple[float, ...] = (),
    swap_cost: float,
) -> dict[str, tuple[Any, ...]]:
    """
    The alternative to any position: its coins held, nothing more.

    A deposit is divided evenly over the assets; what is held already stays in the `quantities`
    given, and without either there is nothing to hold.
    """
    if deposit is None and not quantities:
        return {}
    part = {asset: quantity / len(assets) for asset, quantity in (deposit or {}).items()}
    coins = tuple(
        HeldAsset(
            name=f"{name}_{asset}",
            asset=asset,
            deposit=None if deposit is None else part,
            held=None if deposit is not None else HeldQuantity(quantity=quantities[k]),
            swap_cost=swap_cost,
        )
        for k, asset in enumerate(assets)
    )
    return {"simply holding": coins}
