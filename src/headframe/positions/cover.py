"""
Cover: a premium now, a payout if what is insured breaks within the period.

    payout = amount * min(1 - kept - deductible, 1), at least 0        at the first break
    premium = amount * price * period / year                           at each period's beginning

The price is a signal (a market's quote), or with `capacity` a mutual's own pricing: its base price
and the surge where the pool is nearly full (see `headframe.analytics.cover`). Claims are assessed:
the payout comes `assessed_s` after the break, and with the chance `accepted`. A cover is worth
nothing until it pays: what is held is a claim, and it is not marked.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.analytics.cover import cover_premium
from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import transfers
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Fraction,
    Mask,
    Name,
    NonNegative,
    NonNegativeSignal,
    Positive,
    Proper,
    Rows,
    Signal,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mutual:
    """The pool that sells the cover: what it can carry, what it carries, its base price a year."""

    capacity: Positive
    used: NonNegative = 0.0
    base_price: NonNegative

    def price(self, amount: float) -> float:
        """The yearly price of an amount, surge and all, as a share of it."""
        bought = cover_premium(
            amount, capacity=self.capacity, used=self.used, base_price=self.base_price
        )
        return bought / amount


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Cover:
    """
    Cover of an amount against a contract that breaks.

    `insures` is the observable that the insured position reads as its `kept`. The premium is paid
    from the wallet; where the wallet cannot pay all of it the amount is less in proportion. With
    `renews` it is bought again at each end of `period_s` for as long as nothing has broken.

    >>> cover = Cover(name="cover", asset="usdc", amount=10_000.0, insures="contracts_gmx_kept",
    ...               mutual={"capacity": 100_000.0, "used": 88_000.0, "base_price": 0.02})
    >>> round(cover.yearly_price(), 4)
    0.084
    """

    kind: ClassVar[str] = "cover"
    name: Name
    asset: Name
    amount: NonNegative
    insures: Signal
    price: NonNegativeSignal = 0.0
    mutual: Mutual | None = None
    period_s: Duration = YEAR_S
    renews: bool = True
    deductible: Proper = 0.0
    accepted: Fraction = 1.0
    assessed_s: Delay = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("insured", "ends_s", "broken_s", "claim", "paid_s", "luck")
    gauges: ClassVar[Rows] = ("insured", "claim", "equity")
    events: ClassVar[Rows] = ("paid_s",)
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_price(self) -> "Cover":
        if self.mutual is not None and self.price != 0.0:
            raise ValueError("give either price (a quote) or mutual (its own pricing)")
        if self.mutual is not None and self.amount > 0.0:
            _ = self.yearly_price()
        return self

    def yearly_price(self) -> float:
        """What the mutual asks a year, as a share of the amount."""
        if self.mutual is None or self.amount == 0.0:
            return 0.0
        return self.mutual.price(self.amount)

    @property
    def assets(self) -> Rows:
        """Nothing is held: the premium is spent."""
        return ()

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What is kept of the insured, and the price."""
        return (self.insures, self.price)

    @property
    def uniforms(self) -> Rows:
        """Whether a claim is accepted, where that is not certain."""
        return () if self.accepted in (0.0, 1.0) else (f"{self.name}.claim",)

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
        """Rows of what is kept, of the price and of the luck; and the mutual's price."""
        luck = layout.draw(f"{self.name}.claim") if self.uniforms else None
        rows = layout.row(self.insures), layout.row(self.price), layout.price(self.asset)
        return *rows, luck, self.yearly_price()

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy the cover for a period."""
        if now.step == 0:
            state["ends_s"] = -1.0
            state["broken_s"] = state["paid_s"] = NEVER_S
            state["luck"] = 1.0 if self.accepted == 0.0 else 0.0
        self._buy(state, order.mask & (state["insured"] == 0.0), order.amounts(), now, out)

    def _buy(self, state: Block, mask: Mask, times: Array, now: Tick, out: Account) -> None:
        """Pay the premium, and be insured; for as much as the wallet has."""
        _, price_row, _, _, mutual_price = state.wire
        price = np.maximum(now.world.data[price_row], 0.0) + mutual_price
        fresh = state["broken_s"] >= NEVER_S
        wanted = np.where(mask & fresh, self.amount * np.maximum(times, 0.0), 0.0)
        insured = transfers.insure(wanted, price * self.period_s / YEAR_S, self.asset, out)
        bought = wanted > 0.0
        state["insured"] = np.where(bought, insured, state["insured"])
        state["ends_s"] = np.where(bought, now.t_s + self.period_s, state["ends_s"])

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """See whether it has broken; pay what is assessed; renew or end."""
        kept_row, _, _, luck_row, _ = state.wire
        kept = np.clip(now.world.data[kept_row], 0.0, 1.0)
        breaks = (kept < 1.0) & (state["broken_s"] >= NEVER_S)
        state["broken_s"] = np.where(breaks, now.t_s, state["broken_s"])
        if luck_row is not None:
            refused = now.draws.data[luck_row] >= self.accepted
            state["luck"] = np.where(breaks, refused, state["luck"])
        covered = breaks & (now.t_s <= state["ends_s"] + 1e-6) & (state["luck"] == 0.0)
        lost = np.maximum(1.0 - kept - self.deductible, 0.0)
        state["claim"] += np.where(covered, state["insured"] * lost, 0.0)
        self._pay(state, now, out)
        ended = (state["insured"] > 0.0) & (now.t_s >= state["ends_s"] - 1e-6)
        state["insured"] = np.where(ended | breaks, 0.0, state["insured"])
        if self.renews and ended.any():
            self._buy(state, ended & ~breaks, np.ones(state.n_paths), now, out)

    def _pay(self, state: Block, now: Tick, out: Account) -> None:
        """What has been claimed and assessed is paid."""
        ready = (state["claim"] > 0.0) & (now.t_s >= state["broken_s"] + self.assessed_s - 1e-6)
        if ready.any():
            out.post("payout", self.asset, np.where(ready, state["claim"], 0.0), cash=True)
            state["claim"][ready] = 0.0
            state["paid_s"][ready] = now.t_s

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: let it lapse, without a refund; a claim goes on."""
        if order.verb == "close":
            state["insured"] = np.where(order.mask, 0.0, state["insured"])

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """What is insured, and what is claimed and not yet paid."""
        price = now.world.data[state.wire[2]]
        out["insured"] = state["insured"] * price
        out["claim"] = out["equity"] = state["claim"] * price

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Nothing: a claim is not marked until it is paid."""

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """Nothing but the insured event."""
