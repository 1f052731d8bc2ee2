"""
Shares of an auto-compounding vault (ERC-4626): what a strategy earns, less fees, unlocking in time.

The vault reports its strategy's profit every `report_every_s`, takes its fees in new shares, and
lets the rest unlock over `unlock_s`, so that nobody gains by arriving just before a report. A loss
eats what is still locked first; only then does the price of a share fall. Between a loss and its
report whoever leaves still leaves at the old price. Where `blocked` is above 0 nobody leaves: an
order to close waits.
"""

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import vault as kernel
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
    Delay,
    Duration,
    Fraction,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldVault:
    """Shares that are held already, by what they are worth now in whole units of the asset."""

    supplied: NonNegative
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Vault:
    """
    Shares of an auto-compounding vault, after its fees.

    `strategy_apr` is the simple yearly yield of the strategy before fees, stepped, and may be
    negative; `losses_per_year` strike it besides, each taking `loss_share` of all it has.
    `performance_fee` is a share of every gain reported, `management_fee` a share of the assets a
    year. `locked_share` of the depositors' assets is profit that was locked before the opening and
    has `unlock_left_s` to go. Each report harvests: it costs `harvest_gas_usd`, which all
    depositors of a vault of `vault_usd` bear together, before any fee on the gain.

    >>> vault = Vault(name="yv", asset="usdc", deposit={"usdc": 1000.0}, strategy_apr=0.08,
    ...               performance_fee=0.1)
    >>> round(vault.net_apr(0.08), 4)
    0.072
    """

    kind: ClassVar[str] = "vault"
    name: Name
    asset: Name
    deposit: Amounts | None = None
    held: HeldVault | None = None
    strategy_apr: Signal = 0.0
    performance_fee: Proper = 0.1
    management_fee: Proper = 0.0
    report_every_s: Duration = DAY_S
    unlock_s: Delay = 10.0 * DAY_S
    harvest_gas_usd: NonNegativeSignal = 0.0
    vault_usd: NonNegativeSignal = 0.0
    locked_share: Proper = 0.0
    unlock_left_s: Delay = 0.0
    losses_per_year: NonNegative = 0.0
    loss_share: Fraction = 0.0
    blocked: Signal = 0.0
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "shares",
        "leaving",
        "assets",
        "supply",
        "locked",
        "left_s",
        "pending",
        "charged",
        "lost_s",
    )
    gauges: ClassVar[Rows] = ("equity", "supplied", "share_price", "locked_value")
    events: ClassVar[Rows] = ("lost_s",)
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "Vault":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if (self.locked_share > 0.0) != (self.unlock_left_s > 0.0):
            raise ValueError("locked_share and unlock_left_s are given together or not at all")
        if self.harvest_gas_usd != 0.0 and self.vault_usd == 0.0:
            raise ValueError("harvest_gas_usd needs vault_usd, the value of the whole vault")
        return self

    @property
    def uniforms(self) -> Rows:
        """Whether the strategy is struck: one draw a step, where that is possible at all."""
        return (f"{self.name}.loss",) if self.losses_per_year > 0.0 else ()

    @property
    def assets(self) -> Rows:
        """The vault's asset."""
        return (self.asset,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Yield, whether withdrawals are blocked, gas."""
        harvest = (self.harvest_gas_usd, self.vault_usd)
        return (self.strategy_apr, self.blocked, self.gas_usd, *harvest)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Yield, fees, and what paying in and out books."""
        own = (Line("interest", self.asset), Line("fee", self.asset))
        return (*own, *transfers.lines(self.assets, self.deposit))

    def net_apr(self, strategy_apr: float) -> float:
        """What a depositor is left with of a yield, a year, after both fees and before any loss."""
        return strategy_apr - self.performance_fee * max(strategy_apr, 0.0) - self.management_fee

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
        """Rows of price, signals and entries, and the constants of one step."""
        years = dt_s / YEAR_S
        return record(
            **transfers.gas_rows(layout, self.gas_usd),
            price=layout.price(self.asset),
            strategy_apr=layout.row(self.strategy_apr),
            blocked=layout.row(self.blocked),
            harvest_gas=layout.row(self.harvest_gas_usd),
            vault=layout.row(self.vault_usd),
            draw=layout.draw(self.uniforms[0]) if self.uniforms else -1,
            chance=-math.expm1(-self.losses_per_year * years),
            interest_quantity=layout.quantity(self.name, "interest", self.asset, cash=False),
            interest=layout.value(self.name, "interest"),
            fee_quantity=layout.quantity(self.name, "fee", self.asset, cash=False),
            fee=layout.value(self.name, "fee"),
            dt_s=dt_s,
            years=years,
            management=self.management_fee * years,
            performance=float(self.performance_fee),
            unlock_s=float(self.unlock_s),
            locks=1.0 if self.unlock_s > 0.0 else 0.0,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy shares for the deposit, or take over what is held already."""
        if now.step == 0:
            state["supply"] = 1.0
            state["locked"] = self.locked_share
            state["assets"] = 1.0 + self.locked_share
            state["left_s"] = self.unlock_left_s
            state["lost_s"] = NEVER_S
            if self.held is not None:
                state["shares"] = self.held.supplied
                return
        price = self._price(state)
        worth = Order(
            position=order.position,
            verb=order.verb,
            mask=order.mask & (price > 0.0),
            amount=order.amount,
        )
        arrived = transfers.pay_in(
            worth,
            self.deposit or {},
            self.asset,
            out,
            swap_cost=self.swap_cost,
            gas=transfers.gas_cost(state.wire, now),
        )
        state["shares"] += arrived / np.where(price > 0.0, price, 1.0)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The strategy works, profits unlock, reports come; orders to close may have waited."""
        kept = self._kept(state, now)
        kernel.accrue(state.data, now.world.data, kept, out.books, state.wire)
        if self._reports(before.t_s, now.t_s):
            if self.harvest_gas_usd != 0.0:
                self._harvest(state, now, out)
            kernel.report(state.data, now.world.data, out.books, state.wire)
        self._pay_out(state, state["leaving"] > 0.0, now, out)

    def _harvest(self, state: Block, now: Tick, out: Account) -> None:
        """Take the harvest's gas, a share of the whole vault, out of what is to be reported."""
        wire, world = state.wire[0], now.world.data
        whole = np.maximum(world[wire["vault"]], transfers.SMALLEST_PRICE)
        share = np.minimum(world[wire["harvest_gas"]] / whole, 1.0)
        spent = share * np.maximum(state["assets"] + state["pending"], 0.0)
        state["pending"] -= spent
        ours = state["shares"] * spent / (state["supply"] + state["locked"])
        # what the price does comes without it: the two entries add up to nothing
        out.post("gas", self.asset, -ours)
        out.post("interest", self.asset, ours)

    def _reports(self, before_s: float, now_s: float) -> bool:
        """Say whether a report falls into a step; a millionth of it stands for rounding."""
        every = float(self.report_every_s)
        return math.floor(now_s / every + 1e-6) > math.floor(before_s / every + 1e-6)

    def _kept(self, state: Block, now: Tick) -> Array:
        """The share that a loss leaves of what the strategy has: all of it on most paths."""
        wire = state.wire[0]
        if wire["draw"] < 0:
            return np.ones(state["shares"].shape)
        struck = now.draws.data[wire["draw"]] < wire["chance"]
        first = struck & (state["lost_s"] == NEVER_S) & (state["shares"] > 0.0)
        state["lost_s"][first] = now.t_s
        return np.where(struck, 1.0 - self.loss_share, 1.0)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: redeem all shares, at once or as soon as withdrawals are possible."""
        if order.verb == "close":
            state["leaving"][order.mask & (state["shares"] > 0.0)] = 1.0
            self._pay_out(state, order.mask, now, out)

    def _pay_out(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        paid = mask & (now.world.data[state.wire["blocked"][0]] <= 0.0)
        if not paid.any():
            return
        worth = np.where(paid, state["shares"] * self._price(state), 0.0)
        gas = transfers.gas_cost(state.wire, now)
        transfers.wind_up({self.asset: worth}, {}, out, swap_cost=self.swap_cost, gas=gas)
        state["shares"][paid] = 0.0
        state["leaving"][paid] = 0.0

    def _price(self, state: Block) -> Array:
        price: Array = state["assets"] / (state["supply"] + state["locked"])
        return price

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, quantity, price of a share, and our part of the profit that is still locked."""
        price = self._price(state)
        per_unit = now.world.data[state.wire["price"][0]]
        out["share_price"] = price
        out["supplied"] = state["shares"] * price
        out["equity"] = out["supplied"] * per_unit
        out["locked_value"] = out["equity"] * state["locked"] / np.maximum(state["supply"], 1.0)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """What the shares are worth, in the vault's asset."""
        out[self.asset] = state["shares"] * self._price(state)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
