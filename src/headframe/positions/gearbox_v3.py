"""
A credit account of Gearbox v3: one debt, several tokens as collateral, each up to its quota.

The account borrows the underlying from a pool and holds tokens: a staked coin, a share of a vault
or of a pool, anything that has a price. A token counts its value at the oracle's price times its
threshold (LT), and no more than the quota that the borrower has bought for it at a yearly rate.
Thresholds may be on a ramp that is known in advance. Health below 1 ends in a liquidation of all,
or of as much as brings health back; what the pool misses after it is its loss (kind `forgiven`).

    health = (cash LT + sum of min(value LT, quota)) / (principal + all interest (1 + fee) + fees)

Source: contracts of Gearbox v3.10 by formula notes and their behaviour; the arithmetic is that of
`kernels.gearbox_v3`, held to `exact.gearbox_v3_math`.
"""

from dataclasses import fields, replace
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import gearbox_v3 as kernel
from headframe.kernels import liquidation as calls
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import gearbox_v3_liquidation, gearbox_v3_purchase, transfers
from headframe.positions import gearbox_v3_moves as moves
from headframe.positions.held_asset import simply_holding
from headframe.positions.liquidation import Liquidation
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
    STRICT,
    Amounts,
    Block,
    Delay,
    Duration,
    Fraction,
    Leverage,
    Name,
    NonNegative,
    NonNegativeSignal,
    Positive,
    Proper,
    Rows,
    Signal,
    Threshold,
)
from headframe.units import YEAR_S

Health = Annotated[float, Field(ge=1.0, le=10.0)]
"""A health to which a liquidator or an owner brings an account back."""
NO_LIMIT = 1e30
"""The most that may be borrowed where nobody set a limit."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GearboxToken:
    """
    A token that counts as collateral.

    `lt` is its liquidation threshold; with `lt_final` it moves to that in a straight line over
    `ramp_s`, from `ramp_start_s` after the run's beginning. `share` is the part of the account that
    is bought of it, the rest stays in the underlying. `quota` is in the underlying; without one the
    account buys what the token counts when it is bought, and `quota_reserve` more. `quota_apr` is
    the quota's yearly rate, `quota_fee` what an increase of it costs once. `yield_apr` is what the
    token earns in kind, `oracle` what the protocol's oracle says over the market's price.
    """

    asset: Name
    lt: Threshold
    lt_final: Fraction | None = None
    ramp_start_s: Delay = 0.0
    ramp_s: Duration = 172_800.0
    share: Fraction = 1.0
    quota: NonNegative | None = None
    quota_apr: NonNegativeSignal = 0.0
    quota_fee: Proper = 0.0
    yield_apr: Signal = 0.0
    oracle: NonNegativeSignal = 1.0

    @property
    def last(self) -> float:
        """The threshold when its ramp is over."""
        return self.lt if self.lt_final is None else self.lt_final


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldCredit:
    """An account that exists already, in whole units; quotas in the underlying."""

    tokens: Amounts
    quotas: Amounts
    cash: NonNegative = 0.0
    principal: NonNegative = 0.0
    interest: NonNegative = 0.0
    quota_interest: NonNegative = 0.0
    quota_fees: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GearboxV3:
    """
    A credit account of Gearbox v3.

    `leverage` is assets over equity at opening. `borrow_apr` is the pool's base rate, unless
    `market` names the book's `gearbox_pool`. `fee_interest` is the DAO's fee on all interest,
    `premium` what a liquidator keeps of the account, `fee_liquidation` what the DAO takes of it.
    `min_debt` and `max_debt` bound the principal, in the underlying. `lt` is the underlying's own
    threshold, by default what premium and fee leave of it. `partial_to` is the health to which
    liquidators bring the account back where they can; without it they close it. Where `loss_policy`
    is below 0.5 no liquidation that leaves the pool a loss is let through. `pool_usd` is the value
    of the pool through which tokens are swapped: our own swaps move its price.

    >>> account = GearboxV3(name="credit", underlying="eth", deposit={"eth": 100.0}, leverage=5.0,
    ...                     tokens=({"asset": "wsteth", "lt": 0.9},))
    >>> account.assets, round(account.liquidation_price_ratio(), 6)
    (('wsteth', 'eth'), 0.888889)
    """

    kind: ClassVar[str] = "gearbox_v3"
    name: Name
    underlying: Name
    tokens: tuple[GearboxToken, ...]
    deposit: Amounts | None = None
    held: HeldCredit | None = None
    leverage: Leverage = 1.0
    borrow_apr: NonNegativeSignal = 0.0
    market: Name | None = None
    lt: Threshold | None = None
    fee_interest: Proper = 0.25
    fee_liquidation: Proper = 0.015
    premium: Proper = 0.04
    min_debt: NonNegative = 0.0
    max_debt: Positive = NO_LIMIT
    quota_reserve: NonNegative = 0.02
    partial_to: Health | None = None
    loss_policy: Signal = 1.0
    oracle: NonNegativeSignal = 1.0
    liquidation: Liquidation = Field(default_factory=Liquidation)
    swap_cost: Proper = 0.003
    pool_usd: NonNegativeSignal = 0.0
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ("liquidated_s",)
    verbs: ClassVar[Rows] = ("open", "close", "delever", "lever")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    # ---- what is refused before anything runs ------------------------------------------------

    @model_validator(mode="after")
    def _fits(self) -> "GearboxV3":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        names = [token.asset for token in self.tokens]
        if not 1 <= len(names) <= 20:
            raise ValueError(f"an account has 1 to 20 tokens, not {len(names)}")
        if len(set(names)) < len(names) or self.underlying in names:
            raise ValueError(f"each asset once, the underlying not among the tokens: {names}")
        if sum(token.share for token in self.tokens) > 1.0 + 1e-12:
            raise ValueError("the shares of the tokens must not add up to more than 1")
        if self.premium + self.fee_liquidation >= 1.0:
            raise ValueError("premium and fee_liquidation together must be below 1")
        if self.min_debt > self.max_debt:
            raise ValueError(f"min_debt {self.min_debt:g} is above max_debt {self.max_debt:g}")
        self._check_liquidation()
        self._check_held()
        self._check_leverage()
        return self

    def _check_liquidation(self) -> None:
        """Refuse what other protocols do and Gearbox does not."""
        usual, given = Liquidation(), self.liquidation
        ours = ("keepers", "delay_s", "gas_usd", "least_profit_usd")
        for key in (f.name for f in fields(Liquidation) if f.name not in ours):
            if getattr(given, key) != getattr(usual, key):
                raise ValueError(
                    f"liquidation.{key} is not Gearbox's: set premium, fee_liquidation, partial_to"
                )

    def _check_held(self) -> None:
        known = {token.asset for token in self.tokens}
        for key in ("tokens", "quotas"):
            strange = set(getattr(self.held, key, {})) - known
            if strange:
                raise ValueError(f"held.{key} names {sorted(strange)}, allowed: {sorted(known)}")

    def _check_leverage(self) -> None:
        if self.deposit is None or self.leverage == 1.0:
            return
        counted = self.mean_threshold()
        opening = 1.0 - 1.0 / self.leverage
        if opening >= counted:
            raise ValueError(
                f"leverage {self.leverage:g} opens at a debt ratio of {opening:.4f}, which is not "
                f"below the {counted:.4f} that thresholds and quotas count (LT {self._told()})"
            )
        if set(self.deposit) == {self.underlying}:
            debt = (self.leverage - 1.0) * self.deposit[self.underlying]
            if debt > 0.0 and not self.min_debt <= debt <= self.max_debt:
                raise ValueError(
                    f"leverage {self.leverage:g} borrows {debt:g} {self.underlying}, allowed is "
                    f"{self.min_debt:g} to {self.max_debt:g} (min_debt, max_debt)"
                )

    def _told(self) -> str:
        parts = [
            f"{t.asset} {t.lt:g}" + ("" if t.quota is None else f" up to {t.quota:g}")
            for t in self.tokens
        ]
        return ", ".join(parts)

    @property
    def cash_lt(self) -> float:
        """Threshold of the underlying: 1 - premium - fee_liquidation unless given, as deployed."""
        return 1.0 - self.premium - self.fee_liquidation if self.lt is None else self.lt

    def mean_threshold(self) -> float:
        """
        What a unit of the account's value counts at opening: mean threshold, held to quotas.

        Quotas are known to bind before anything runs only where the underlying alone is deposited.
        """
        alone = self.deposit is not None and set(self.deposit) == {self.underlying}
        whole = self.leverage * (self.deposit or {}).get(self.underlying, 0.0) if alone else 0.0
        counted = (1.0 - sum(token.share for token in self.tokens)) * self.cash_lt
        for token in self.tokens:
            most = NO_LIMIT
            if token.quota is not None and whole > 0.0:
                most = token.quota / whole
            counted += min(token.share * token.lt, most)
        return counted

    def liquidation_price_ratio(self) -> float:
        """Prices of all tokens over those at opening at which health is 1, before any interest."""
        cash = 1.0 - sum(token.share for token in self.tokens)
        tokens = self.mean_threshold() - cash * self.cash_lt
        wanted = 1.0 - 1.0 / self.leverage - cash * self.cash_lt
        return max(wanted, 0.0) / tokens if tokens > 0.0 else 0.0

    # ---- what it declares --------------------------------------------------------------------

    @property
    def fields(self) -> Rows:
        """The underlying and the debt's parts, what happened, then each token and its quota."""
        debt = ("cash", "principal", "interest", "quota_interest", "quota_fees")
        happened = ("health", "min_health", "liquidated_s", "called_s", "max_hours_overdue")
        rows = (*debt, *happened, "liquidations", f"deficit_{self.underlying}")
        pairs = [(f"held_{t.asset}", f"quota_{t.asset}") for t in self.tokens]
        return (*rows, *(row for pair in pairs for row in pair))

    @property
    def extremes(self) -> Rows:
        """The least health; how late a liquidation was, and how many there were, if it matters."""
        late = ("max_hours_overdue",) if self.liquidation.can_wait else ()
        parts = ("liquidations",) if self.partial_to is not None else ()
        return ("min_health", *late, *parts)

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what a pool counts."""
        watched = ("health", "ltv", "collateral", "debt", "equity", "leverage", "gas")
        ramp = ("threshold", "until_ramp_s", "later_health")
        u = self.underlying
        return (*watched, *ramp, f"debt_{u}", f"quota_cost_{u}", f"deficit_{u}")

    @property
    def debt_rates(self) -> Rows:
        """The key of the rate of what it owes, where no market makes it: a book must say it."""
        owes = self.leverage > 1.0 if self.held is None else self.held.principal > 0.0
        return ("borrow_apr",) if owes and self.market is None else ()

    @property
    def assets(self) -> Rows:
        """The tokens, and the underlying."""
        return (*(token.asset for token in self.tokens), self.underlying)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, yields, oracles, the pool, gas, and whether keepers are there."""
        rate: tuple[Signal, ...] = (self.borrow_apr,)
        if self.market is not None:
            rate = (f"{self.market}_borrow_apr", f"{self.market}_borrowable")
        own = [s for t in self.tokens for s in (t.quota_apr, t.yield_apr, t.oracle)]
        seen = (self.oracle, self.loss_policy, self.pool_usd, self.gas_usd)
        return (*rate, *own, *seen, *self.liquidation.reads)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, quota fees, rewards, the liquidation's kinds, and paying in and out."""
        names = [token.asset for token in self.tokens]
        lines = [Line(kind, name) for kind in ("reward", "penalty") for name in names]
        own = ("interest", "fee", "gas", "penalty", "principal", "forgiven", "slippage")
        lines += [Line(kind, self.underlying) for kind in own]
        lines += transfers.lines(self.assets, self.deposit, owed=(self.underlying,))
        return tuple(dict.fromkeys(lines))

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold the tokens, or the same without debt."""
        if self.deposit is None:
            return {}
        names = tuple(token.asset for token in self.tokens)
        others = simply_holding(self.name, names, deposit=self.deposit, swap_cost=self.swap_cost)
        bare = replace(self, leverage=1.0)
        return others | ({"without leverage": (bare,)} if self.leverage > 1.0 else {})

    # ---- what is resolved --------------------------------------------------------------------

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices, signals and entry lines, and a record for each token."""
        n, u, market = self.name, self.underlying, self.market
        rate = self.borrow_apr if market is None else f"{market}_borrow_apr"
        in_dollars = (self.gas_usd, self.pool_usd, self.liquidation.gas_usd)
        told = any(s != 0.0 for s in in_dollars) or self.liquidation.least_profit_usd > 0.0
        own = record(
            price=layout.price(u),
            oracle=layout.row(self.oracle),
            price_usd=layout.price("usd" if told else layout.cash),
            gas=layout.row(self.gas_usd),
            pool_usd=layout.row(self.pool_usd),
            borrow_apr=layout.row(rate),
            loss_policy=layout.row(self.loss_policy),
            interest_quantity=layout.quantity(n, "interest", u, cash=False),
            interest=layout.value(n, "interest"),
            reward=layout.value(n, "reward"),
            fee_interest=float(self.fee_interest),
            lt=float(self.cash_lt),
            years=dt_s / YEAR_S,
            **self.liquidation.rows(layout),
        )
        tokens = [self._token(layout, token) for token in self.tokens]
        room = None if market is None else layout.row(f"{market}_borrowable")
        return moves.Wire(own=own, tokens=np.concatenate(tokens), borrowable=room)

    def _token(self, layout: Layout, token: GearboxToken) -> Any:
        return record(
            price=layout.price(token.asset),
            oracle=layout.row(token.oracle),
            quota_apr=layout.row(token.quota_apr),
            yield_apr=layout.row(token.yield_apr),
            reward_quantity=layout.quantity(self.name, "reward", token.asset, cash=False),
            lt=float(token.lt),
            lt_final=float(token.last),
            ramp_start_s=float(token.ramp_start_s),
            ramp_s=float(token.ramp_s),
        )

    # ---- what happens ------------------------------------------------------------------------

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pay in, borrow, buy the tokens and their quotas; or take over what is held."""
        if now.step == 0:
            state["health"], state["min_health"] = NO_DEBT, NO_DEBT
            state["liquidated_s"] = state["called_s"] = NEVER_S
        if self.held is not None and now.step == 0:
            self._take_over(state, self.held)
        elif self.deposit is not None:
            gearbox_v3_purchase.invest(self, state, order, now, out)
        self._measure(state, now)

    def _take_over(self, state: Block, held: HeldCredit) -> None:
        for row in ("cash", "principal", "interest", "quota_interest", "quota_fees"):
            state[row] = getattr(held, row)
        for asset, quantity in held.tokens.items():
            state[f"held_{asset}"] = quantity
        for asset, quota in held.quotas.items():
            state[f"quota_{asset}"] = quota

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Owe interest, earn yields, then be liquidated where the health is below 1."""
        wire = state.wire
        kernel.accrue(state.data, now.world.data, out.books, wire.own, wire.tokens)
        self._measure(state, now)
        calls.call(state["health"], state["called_s"], state["max_hours_overdue"], now.t_s)
        if (state["health"] < 1.0).any():
            gearbox_v3_liquidation.liquidate(self, state, now, out)
            self._measure(state, now)

    def _measure(self, state: Block, now: Tick) -> Block:
        sums = Block.zeros(("value", "weighted", "later"), state.n_paths)
        wire = state.wire
        kernel.weigh(state.data, now.world.data, sums.data, now.t_s, wire.own, wire.tokens)
        kernel.measure(state.data, now.world.data, sums.data, wire.own)
        return sums

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`delever` to a target health, `lever` to a target leverage, or `close`."""
        if order.verb == "delever":
            moves.delever(self, state, order, now, out)
        elif order.verb == "lever":
            gearbox_v3_purchase.lever(self, state, order, now, out)
        elif order.verb == "close":
            moves.close(self, state, order.mask, now, out)
        self._measure(state, now)

    # ---- what is seen ------------------------------------------------------------------------

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health now and at the lowest thresholds to come, values, leverage; what a pool counts."""
        wire, world = state.wire, now.world.data
        sums = self._measure(state, now)
        value, debt = sums["value"], moves.owed(self, state) * world[wire.own["price"][0]]
        out["health"] = state["health"]
        out["collateral"], out["debt"], out["equity"] = value, debt, value - debt
        out["ltv"] = debt / np.where(value > 0.0, value, 1.0)
        equity = np.where(value > debt, value - debt, 1.0)
        out["leverage"] = np.where(value > debt, value / equity, 0.0)
        out["gas"] = transfers.gas_cost(wire.own, now)
        out["threshold"] = sums["weighted"] / np.where(value > 0.0, value, 1.0)
        out["until_ramp_s"] = self._until_ramp_s(now.t_s)
        share = sums["later"] / np.where(sums["weighted"] > 0.0, sums["weighted"], 1.0)
        after = state["health"] * share
        out["later_health"] = np.where(debt > 0.0, after, NO_DEBT)
        u = self.underlying
        out[f"debt_{u}"] = state["principal"] + state["interest"]
        out[f"quota_cost_{u}"] = moves.quota_cost(self, state, now)
        out[f"deficit_{u}"] = state[f"deficit_{u}"]

    def _until_ramp_s(self, t_s: float) -> float:
        """Seconds until the next ramp begins; 0 while one runs, `NEVER_S` where none is to come."""
        waits = [
            max(token.ramp_start_s - t_s, 0.0)
            for token in self.tokens
            if token.lt_final is not None and t_s < token.ramp_start_s + token.ramp_s
        ]
        return min(waits, default=NEVER_S)

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """The tokens; of the underlying what lies there, less all that is owed."""
        for token in self.tokens:
            out[token.asset] = state[f"held_{token.asset}"]
        out[self.underlying] = state["cash"] - moves.owed(self, state)

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
