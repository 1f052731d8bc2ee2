"""
Megawatts of a site let to a tenant of compute: the contract that a mine may turn to.

Nothing happens until the contract is signed (`convert`). Then the building is paid for, for
`delay_s` nothing is earned, and for `term_s` the tenant pays by *take or pay*:

    revenue      MW x offer at the signing x max(take-or-pay share, use share)
    running      MW x running cost (power, staff), owed as it arises and payable within `grace_s`
    building     capital at cost, written off in a straight line over the term

The offer moves until it is signed, and is fixed then. What a mine gives up for it is the policy
`convert`'s affair, which sells the machines that used the power; what the right to convert is worth
is `analytics/compute_conversion`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import field_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions.machines import USD
from headframe.positions.rider import not_negative
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Block,
    Delay,
    Duration,
    Fraction,
    Name,
    NonNegative,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ComputeLease:
    """
    A contract for `mw` of compute, on offer until it is signed.

    `usd_per_mw_year` is the tenant's price for full use, `use_share` how much he uses and
    `take_or_pay_share` how much he pays for at least; `running_usd_per_mw_year` is what running
    costs, used or not. `capital_usd_per_mw` is paid at the signing, as far as the wallet goes.

    >>> lease = ComputeLease(name="tenant", mw=10.0, usd_per_mw_year=1.6e6,
    ...                      take_or_pay_share=0.8, running_usd_per_mw_year=4e5,
    ...                      capital_usd_per_mw=5e6, delay_s="1y", term_s="10y")
    >>> round(lease.least_usd_per_year)
    8800000
    """

    kind: ClassVar[str] = "compute_lease"
    name: Name
    mw: NonNegative
    usd_per_mw_year: Signal
    take_or_pay_share: Fraction = 1.0
    use_share: Signal = 1.0
    running_usd_per_mw_year: Signal = 0.0
    capital_usd_per_mw: NonNegative
    delay_s: Delay = 0.0
    term_s: Duration
    grace_s: Delay = 30.0 * DAY_S
    every_s: Duration | None = None

    venue: ClassVar[str | None] = None
    fields: ClassVar[Rows] = ("signed_mw", "signed_s", "signed_usd_per_mw_year", "building_usd")
    gauges: ClassVar[Rows] = (
        "signed_mw",
        "on_offer_mw",
        "capital_usd_per_mw",
        "net_usd_per_mw_year",
        "delay_years",
        "term_years",
    )
    assets: ClassVar[Rows] = (USD,)
    events: ClassVar[Rows] = ("signed_s",)
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close", "convert")
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()
    lines: ClassVar[tuple[Line, ...]] = (
        Line("compute", USD, cash=True),
        Line("principal", USD, cash=True),
        Line("principal", USD),
        Line("depreciation", USD),
    )

    @field_validator("usd_per_mw_year", "use_share", "running_usd_per_mw_year")
    @classmethod
    def _some_terms(cls, value: Signal) -> Signal:
        return not_negative(value)

    @property
    def dues(self) -> tuple[Due, ...]:
        """What running costs."""
        return (Due(name="running", asset=USD, kind="hosting", grace_s=self.grace_s),)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The offer, the use, and what running costs."""
        return (self.usd_per_mw_year, self.use_share, self.running_usd_per_mw_year)

    @property
    def least_usd_per_year(self) -> float:
        """What the tenant pays at least less what running costs, where both are numbers."""
        offer, running = self.usd_per_mw_year, self.running_usd_per_mw_year
        if isinstance(offer, str) or isinstance(running, str):
            return float("nan")
        return self.mw * (offer * self.take_or_pay_share - running)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of the offer, the use, and the running cost."""
        return tuple(layout.row(signal) for signal in self.reads)

    # what happens to it ----------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """The contract is on offer."""
        unsigned = order.mask & (state["signed_mw"] == 0.0)
        state["signed_s"][unsigned] = NEVER_S

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The tenant pays, running costs are owed, the building is written off."""
        signed_mw = state["signed_mw"]
        if not signed_mw.any():
            return
        _, use, running = (now.world.data[row] for row in state.wire)
        begins_s = state["signed_s"] + self.delay_s
        span_s = np.minimum(now.t_s, begins_s + self.term_s) - np.maximum(before.t_s, begins_s)
        mw_years = signed_mw * np.maximum(span_s, 0.0) / YEAR_S
        paid_for = np.maximum(np.clip(use, 0.0, 1.0), self.take_or_pay_share)
        revenue = mw_years * state["signed_usd_per_mw_year"] * paid_for
        out.post("compute", USD, revenue, cash=True)
        out.owe("running", "hosting", USD, mw_years * np.maximum(running, 0.0), self.grace_s)
        term_years = self.term_s / YEAR_S
        gone = np.minimum(mw_years * self.capital_usd_per_mw / term_years, state["building_usd"])
        state["building_usd"] -= gone
        out.post("depreciation", USD, -gone)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`convert`: sign for so many megawatts; `close`: walk away from it."""
        if order.verb == "convert":
            self._sign(state, order, now, out)
        elif order.verb == "close":
            gone = np.where(order.mask, state["building_usd"], 0.0)
            out.post("depreciation", USD, -gone)
            state["building_usd"] -= gone
            state["signed_mw"][order.mask] = 0.0

    def _sign(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        free = order.mask & (state["signed_s"] >= NEVER_S)
        capital = self.capital_usd_per_mw
        most = np.maximum(out.wallet(USD), 0.0) / capital if capital > 0.0 else np.inf
        wanted = np.clip(order.amounts(), 0.0, self.mw)
        mw = np.where(free, np.minimum(wanted, most), 0.0)
        fresh = mw > 0.0
        state["signed_mw"] += mw
        state["building_usd"] += mw * capital
        state["signed_s"][fresh] = now.t_s
        offer = now.world.data[state.wire[0]]
        state["signed_usd_per_mw_year"][fresh] = np.maximum(offer, 0.0)[fresh]
        out.post("principal", USD, -mw * capital, cash=True)
        out.post("principal", USD, mw * capital)

    # what is seen of it ----------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """What is signed, and what is on offer: the least that is paid less what running costs."""
        offer, use, running = (now.world.data[row] for row in state.wire)
        out["signed_mw"] = state["signed_mw"]
        out["on_offer_mw"] = np.where(state["signed_s"] >= NEVER_S, self.mw, 0.0)
        out["capital_usd_per_mw"] = self.capital_usd_per_mw
        paid_for = np.maximum(np.clip(use, 0.0, 1.0), self.take_or_pay_share)
        out["net_usd_per_mw_year"] = offer * paid_for - running
        out["delay_years"] = self.delay_s / YEAR_S
        out["term_years"] = self.term_s / YEAR_S

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The building at what is not yet written off."""
        out[USD] = state["building_usd"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds; the tenant's payments are no asset's price."""
        self.holdings(state, now, out)
