"""
Governance tokens locked for votes: what the votes pay, and money that cannot leave.

    votes = tokens * (time left / longest lock)        melting to none in a straight line
    paid  = pot of the period * votes / all votes      the protocol's fees, incentives to voters

A lock that is kept long (`relocks`) is extended to its full length at the end of each period, so
its votes stay what they were, and it never comes free. Votes count at the beginning of the period
that pays for them, as gauges and fee distributors do. The tokens are marked at the market's price
though nobody can sell them before the lock ends: the report tells how much of the wealth is locked.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout, record
from headframe.ledger import CASH, Account, Line
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
    Name,
    NonNegative,
    NonNegativeSignal,
    Positive,
    Proper,
    Rows,
    Signal,
)
from headframe.units import WEEK_S, YEAR_S

SOON_S = 1e-6
"""Times closer than this are the same."""
LEAST_VOTES = 1e-300
"""Stands in for no votes at all where a division needs some."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldLock:
    """A lock that exists already: its tokens, and how much longer they are locked."""

    locked: NonNegative
    left_s: Delay
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid for them, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class VoteEscrow:
    """
    Tokens in a vote escrow.

    `others_votes` are the votes of everybody else; `fees_usd` is what the protocol pays all votes a
    period, `incentives_usd` what those who vote for one gauge are paid together a period, among
    them `incentives_votes` of others. `lock_s` runs from the opening, without rounding to weeks.
    `exit_penalty` is the share lost by leaving with the longest lock ahead, less in proportion to
    the time left; without one (Curve, Balancer) there is no early way out.

    >>> lock = VoteEscrow(name="lock", asset="crv", deposit={"crv": 1000.0}, lock_s="1y",
    ...                   others_votes=6e8)
    >>> lock.votes(1000.0, 365 * 86_400.0)
    250.0
    """

    kind: ClassVar[str] = "vote_escrow"
    name: Name
    asset: Name
    deposit: Amounts | None = None
    held: HeldLock | None = None
    lock_s: Duration = 4.0 * YEAR_S
    longest_s: Duration = 4.0 * YEAR_S
    relocks: bool = False
    others_votes: NonNegativeSignal
    fees_usd: NonNegativeSignal = 0.0
    incentives_usd: NonNegativeSignal = 0.0
    incentives_votes: NonNegativeSignal = 0.0
    period_s: Duration = WEEK_S
    exit_penalty: Proper | None = None
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("locked", "ends_s", "voting", "leaving", "freed_s")
    gauges: ClassVar[Rows] = ("equity", "locked", "votes", "vote_share", "locked_value")
    events: ClassVar[Rows] = ("freed_s",)
    extremes: ClassVar[Rows] = ()
    verbs: ClassVar[Rows] = ("open", "close", "relock")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _a_lock(self) -> "VoteEscrow":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (locked now) or held (it exists already)")
        longest = max(self.lock_s, 0.0 if self.held is None else self.held.left_s)
        if longest > self.longest_s:
            raise ValueError(f"a lock must be at most longest_s, {self.longest_s:g} s")
        if not isinstance(self.others_votes, str) and self.others_votes <= 0.0:
            raise ValueError("others_votes must be above 0: votes are a share of all")
        return self

    def votes(self, tokens: Positive, left_s: float) -> float:
        """Votes of tokens that are locked for some time yet."""
        return tokens * min(max(left_s, 0.0), self.longest_s) / self.longest_s

    @property
    def assets(self) -> Rows:
        """The token."""
        return (self.asset,)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Others' votes, what votes are paid, gas."""
        paid = (self.fees_usd, self.incentives_usd, self.incentives_votes)
        return (self.others_votes, *paid, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Fees and incentives in cash, and what locking and leaving book."""
        own = (Line("fee", CASH, cash=True), Line("reward", CASH, cash=True))
        penalty = () if self.exit_penalty is None else (Line("penalty", self.asset),)
        return (*own, *penalty, *transfers.lines(self.assets, self.deposit))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the tokens."""
        held = () if self.held is None else (self.held.locked,)
        return simply_holding(
            self.name,
            self.assets,
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and signals."""
        pays = self.fees_usd != 0.0 or self.incentives_usd != 0.0
        return record(
            **(transfers.gas_rows(layout, self.gas_usd)),
            price=layout.price(self.asset),
            price_cash=layout.price(layout.cash),
            dollar=layout.price("usd" if pays else layout.cash),
            others_votes=layout.row(self.others_votes),
            fees_usd=layout.row(self.fees_usd),
            incentives_usd=layout.row(self.incentives_usd),
            incentives_votes=layout.row(self.incentives_votes),
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Lock the deposit, or take over what is locked."""
        if now.step == 0:
            state["freed_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            state["locked"] = self.held.locked
            state["ends_s"] = self.held.left_s
            state["voting"] = self._votes(state, now)
            return
        gas = transfers.gas_cost(state.wire, now)
        added = transfers.pay_in(
            order, self.deposit or {}, self.asset, out, swap_cost=self.swap_cost, gas=gas
        )
        later = np.maximum(state["ends_s"], now.t_s + self.lock_s)
        state["ends_s"] = np.where(added > 0.0, later, state["ends_s"])
        state["locked"] += added
        state["voting"] = np.where(added > 0.0, self._votes(state, now), state["voting"])

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """At the end of a period: pay its votes, relock, count votes anew; let go what is free."""
        if (now.t_s + SOON_S) // self.period_s > (before.t_s + SOON_S) // self.period_s:
            self._pay(state, before, now, out)
            if self.relocks:
                stays = (state["locked"] > 0.0) & (state["leaving"] == 0.0)
                fresh = np.maximum(state["ends_s"], now.t_s + self.lock_s)
                state["ends_s"] = np.where(stays, fresh, state["ends_s"])
            state["voting"] = self._votes(state, now)
        self._release(state, now, out)

    def _pay(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Fees by the share of all votes, incentives by the share of those that took part."""
        wire, world, ours = state.wire[0], now.world.data, state["voting"]
        to_cash = world[wire["dollar"]] / np.maximum(world[wire["price_cash"]], 1e-300)
        periods = max(round((now.t_s - before.t_s) / self.period_s), 1)
        for kind, pot, others in (
            ("fee", "fees_usd", "others_votes"),
            ("reward", "incentives_usd", "incentives_votes"),
        ):
            share = ours / np.maximum(ours + np.maximum(world[wire[others]], 0.0), LEAST_VOTES)
            paid = periods * np.maximum(world[wire[pot]], 0.0) * share
            out.post(kind, out.ledger.layout.cash, paid * to_cash, cash=True)

    def _votes(self, state: Block, now: Tick) -> Array:
        left_s = np.clip(state["ends_s"] - now.t_s, 0.0, self.longest_s)
        votes: Array = state["locked"] * left_s / self.longest_s
        return votes

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`: leave when the lock ends, or at once for the penalty; `relock`: for `lock_s`."""
        if order.verb == "relock":
            locked = order.mask & (state["locked"] > 0.0)
            later = np.maximum(state["ends_s"], now.t_s + self.lock_s)
            state["ends_s"] = np.where(locked, later, state["ends_s"])
            state["leaving"] = np.where(locked, 0.0, state["leaving"])
        elif order.verb == "close":
            state["leaving"] = np.where(order.mask & (state["locked"] > 0.0), 1.0, state["leaving"])
            self._release(state, now, out)

    def _release(self, state: Block, now: Tick, out: Account) -> None:
        """Pay out what wants to leave and may."""
        wants = (state["leaving"] > 0.0) & (state["locked"] > 0.0)
        free = wants & (state["ends_s"] <= now.t_s + SOON_S)
        if self.exit_penalty is not None:
            left = np.clip((state["ends_s"] - now.t_s) / self.longest_s, 0.0, 1.0)
            lost = np.where(wants, state["locked"] * self.exit_penalty * left, 0.0)
            out.post("penalty", self.asset, -lost)
            state["locked"] -= lost
            free = wants
        if not free.any():
            return
        paid = np.where(free, state["locked"], 0.0)
        gas = transfers.gas_cost(state.wire, now)
        transfers.wind_up({self.asset: paid}, {}, out, swap_cost=self.swap_cost, gas=gas)
        state["freed_s"] = np.where(free, np.minimum(state["freed_s"], now.t_s), state["freed_s"])
        for row in ("locked", "leaving", "voting"):
            state[row][free] = 0.0

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Worth, tokens, votes now, their share of all, and what cannot be sold yet."""
        wire, world = state.wire[0], now.world.data
        votes = self._votes(state, now)
        every = votes + np.maximum(world[wire["others_votes"]], 0.0)
        out["locked"], out["votes"] = state["locked"], votes
        out["vote_share"] = votes / np.maximum(every, LEAST_VOTES)
        out["equity"] = state["locked"] * world[wire["price"]]
        out["locked_value"] = np.where(state["ends_s"] > now.t_s, out["equity"], 0.0)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The tokens."""
        out[self.asset] = state["locked"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
