"""
Synthetic dollars minted against collateral, owed as a share of a common debt.

Collateral is locked, sUSD is minted against it, and from then on the position owes a share of all
synths that anybody holds (`venues/debt_pool.py`): when the others' ether rises, so does its debt.
The minted sUSD is kept, traded for another synth at the oracle's price, or sold. Holding what the
pool is made of hedges the debt; holding sUSD is being short what the others hold.

    D = shares x debt per share          c-ratio = collateral / D      health = c-ratio / the least

Fees of the pool come by share of the debt while the c-ratio is that of issuance; reward tokens come
likewise, locked, and count as collateral. Liquidation is flagged first and comes after a delay: so
much debt is removed, for collateral of its worth and a penalty, that the c-ratio of issuance is met
again. Source: Synthetix (SIP-148, SIP-185); the integers stand in `exact/synthetix_debt.py`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import synthetic_debt_moves as moves
from headframe.positions import transfers
from headframe.positions.held_asset import simply_holding
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
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
from headframe.units import YEAR_S

COMPOSED = 1e-6
"""How far a pool's composition by its named synths may miss the whole."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldDebt:
    """A position that exists already: its collateral, its debt in dollars, and what it holds."""

    collateral: NonNegative
    debt: NonNegative
    usd_synth: NonNegative = 0.0
    into: NonNegative = 0.0
    escrow: NonNegative = 0.0
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was paid in, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SyntheticDebt:
    """
    A minter's position in the debt pool `pool`.

    `deposit` buys `collateral`; sUSD is minted to `c_ratio`. It becomes `into`: kept where that is
    `usd_synth`; with `as_synth` traded in the pool for `exchange_fee`, and part of the pool from
    then on; otherwise sold on the market at `swap_cost`. `synths` are the pool's other synths: the
    exposure is told by them. Ratios are collateral over debt: `issuance_c_ratio` is asked for to
    mint and to be paid fees, `liquidation_c_ratio` is where the position may be flagged; `delay_s`
    after that `penalty` and `keeper_reward` (in collateral) are taken.

    >>> minter = SyntheticDebt(name="minter", pool="snx_pool", synths=["eth"],
    ...                        deposit={"snx": 10_000.0}, c_ratio=6.0)
    >>> round(minter.liquidation_fall(), 4)
    0.75
    """

    kind: ClassVar[str] = "synthetic_debt"
    name: Name
    pool: Name
    synths: tuple[Name, ...] = ()
    collateral: Name = "snx"
    usd_synth: Name = "susd"
    deposit: Amounts | None = None
    held: HeldDebt | None = None
    c_ratio: Positive = 5.0
    into: Name = "susd"
    as_synth: bool = False
    issuance_c_ratio: Positive = 5.0
    liquidation_c_ratio: Positive = 1.5
    penalty: NonNegative = 0.3
    keeper_reward: NonNegative = 30.0
    delay_s: Delay = 43_200.0
    oracle: NonNegativeSignal = 1.0
    claim_slack: Proper = 0.01
    reward_lock_s: Delay = YEAR_S
    exchange_fee: Proper = 0.003
    swap_cost: Proper = 0.003
    gas_usd: NonNegativeSignal = 0.0
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = moves.FIELDS
    events: ClassVar[Rows] = ("liquidated_s",)
    extremes: ClassVar[Rows] = ("min_health", "liquidations")
    verbs: ClassVar[Rows] = ("open", "close", "delever", "mint")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _sound(self) -> "SyntheticDebt":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.liquidation_c_ratio > self.issuance_c_ratio:
            raise ValueError(
                f"liquidation_c_ratio {self.liquidation_c_ratio:g} is above issuance_c_ratio "
                f"{self.issuance_c_ratio:g}: every position would open liquidated"
            )
        if self.deposit is not None and self.c_ratio < self.issuance_c_ratio:
            raise ValueError(
                f"c_ratio {self.c_ratio:g} is below issuance_c_ratio {self.issuance_c_ratio:g}, "
                "the least at which sUSD is minted"
            )
        if 1.0 + self.penalty >= self.issuance_c_ratio:
            raise ValueError(
                f"penalty {self.penalty:g} must be below issuance_c_ratio - 1 = "
                f"{self.issuance_c_ratio - 1.0:g}: taking it could not mend the c-ratio"
            )
        return self._named()

    def _named(self) -> "SyntheticDebt":
        if self.collateral in (self.usd_synth, self.into, *self.synths):
            raise ValueError(f"collateral {self.collateral} cannot be one of the synths or into")
        if self.usd_synth in self.synths:
            raise ValueError(f"synths are those beside {self.usd_synth}: leave it out")
        if self.as_synth and self.into not in self.synths:
            raise ValueError(f"as_synth: into {self.into} must be one of synths {self.synths}")
        return self

    @property
    def assets(self) -> Rows:
        """Collateral, sUSD, what it became, and what the debt follows."""
        return tuple(dict.fromkeys((self.collateral, self.usd_synth, self.into, *self.synths)))

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what the pool counts."""
        watched = ("health", "c_ratio", "ltv", "collateral", "debt", "equity", "leverage", "gas")
        minted = (f"minted_{asset}" for asset in (self.usd_synth, *self.synths))
        return (*watched, "escrow_value", "debt_shares", *minted)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """What the pool publishes, the oracle, gas."""
        leaves = (*moves.OF_POOL, *(f"{a}_per_debt" for a in (self.usd_synth, *self.synths)))
        return (*(f"{self.pool}_{leaf}" for leaf in leaves), self.oracle, self.gas_usd)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the pool passes on and pays, liquidation, and what paying in and out books."""
        dollar, snx = self.usd_synth, self.collateral
        own = [Line(kind, dollar) for kind in ("funding", "fee", "forgiven")]
        own += [Line("reward", snx), Line("penalty", snx), Line("fee", self.into)]
        held = tuple(dict.fromkeys((snx, dollar, self.into)))
        moved = transfers.lines(held, self.deposit, (dollar,))
        return tuple(dict.fromkeys((*own, *moved, Line("principal", snx, cash=True))))

    def liquidation_fall(self) -> float:
        """How far the collateral may fall, the debt unmoved, before the position is flagged."""
        return 1.0 - self.liquidation_c_ratio / self.c_ratio

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do instead: hold the collateral."""
        held = () if self.held is None else (self.held.collateral,)
        return simply_holding(
            self.name,
            (self.collateral,),
            deposit=self.deposit,
            quantities=held,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and of what the pool publishes, and the constants."""
        rows = {leaf: layout.row(f"{self.pool}_{leaf}") for leaf in moves.OF_POOL}
        for k, asset in enumerate((self.usd_synth, *self.synths)):
            rows[f"per_debt{k}"] = layout.row(f"{self.pool}_{asset}_per_debt")
            rows[f"price{k}"] = layout.price(asset)
        return record(
            **rows,
            gas=layout.row(self.gas_usd),
            price_usd=layout.price("usd"),
            price_snx=layout.price(self.collateral),
            price_dollar=layout.price(self.usd_synth),
            price_into=layout.price(self.into),
            oracle=layout.row(self.oracle),
            years=dt_s / YEAR_S,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Buy collateral and mint, or take over what is held."""
        if now.step == 0:
            state["min_health"] = NO_DEBT
            for row in ("liquidated_s", "called_s", "released_s"):
                state[row] = NEVER_S
        if self.held is not None and now.step == 0:
            held = self.held
            state["collateral"], state["dollars"] = held.collateral, held.usd_synth
            state["into"], state["escrow"] = held.into, held.escrow
            # a pool opens at a dollar a share, after what is held already
            state["debt"] = state["shares"] = state["minted_dollars"] = held.debt
            if self.as_synth:
                state["minted_into"] = held.into
                state["minted_dollars"] -= held.into * moves.into_usd(state, now)
        elif self.deposit is not None:
            if now.step == 0:
                self._check_composition(state, now)
            gas = transfers.gas_cost(state.wire, now)
            bought = transfers.pay_in(
                order, self.deposit, self.collateral, out, swap_cost=self.swap_cost, gas=gas
            )
            state["collateral"] += bought
            moves.mint(self, state, bought * moves.snx_usd(state, now) / self.c_ratio, now, out)
        moves.measure(self, state, now)

    def _check_composition(self, state: Block, now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        whole = world[wire["per_debt0"]].copy()
        for k in range(1, 1 + len(self.synths)):
            whole += world[wire[f"per_debt{k}"]] * moves.in_usd(state, f"price{k}", now)
        if np.abs(whole - 1.0).max() > COMPOSED:
            raise InputError(
                f"position.{self.name}.synths",
                list(self.synths),
                f"name all synths of {self.pool} beside {self.usd_synth}; these and it make up "
                f"{whole.min():.4f} of its debt",
            )

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """The pool's debt moves, fees and rewards come, and a call may be answered."""
        if self.held is not None and before.step == 0:
            self._check_composition(state, now)
        moves.accrue(self, state, now, out)
        moves.measure(self, state, now)
        moves.liquidate(self, state, now, out)
        moves.release(self, state, now, out)
        moves.measure(self, state, now)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`delever` by burning, `mint` up to a target health, or `close`."""
        target = np.maximum(order.amounts(), 1e-12)
        if order.verb == "delever":
            short = state["debt"] - moves.debt_at(self, state, target, now)
            moves.burn(self, state, np.where(order.mask, short, 0.0), now, out)
        elif order.verb == "mint":
            least = np.maximum(target, self.issuance_c_ratio / self.liquidation_c_ratio)
            room = moves.debt_at(self, state, least, now) - state["debt"]
            moves.mint(self, state, np.where(order.mask, np.maximum(room, 0.0), 0.0), now, out)
        elif order.verb == "close":
            moves.close(self, state, order.mask, now, out)
        moves.measure(self, state, now)

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health and c-ratio, what is locked, owed and owned, in the numeraire; what counts."""
        world, wire = now.world.data, state.wire[0]
        snx = world[wire["price_snx"]]
        locked = (state["collateral"] + state["escrow"]) * snx
        owed = state["debt"] * world[wire["price_dollar"]]
        held = state["dollars"] * world[wire["price_dollar"]]
        held = held + state["into"] * world[wire["price_into"]]
        out["health"] = state["health"]
        out["c_ratio"] = np.minimum(state["health"] * self.liquidation_c_ratio, NO_DEBT)
        out["collateral"], out["debt"] = locked, owed
        out["equity"] = equity = locked + held - owed
        out["ltv"] = owed / np.where(locked > 0.0, locked, 1.0)
        some = equity > 0.0
        out["leverage"] = np.where(some, (locked + held) / np.where(some, equity, 1.0), 0.0)
        out["gas"] = transfers.gas_cost(state.wire, now)
        out["escrow_value"] = state["escrow"] * snx
        out["debt_shares"] = state["shares"]
        for asset in (self.usd_synth, *self.synths):
            out[f"minted_{asset}"] = 0.0
        out[f"minted_{self.usd_synth}"] = state["minted_dollars"]
        if self.as_synth:
            out[f"minted_{self.into}"] = state["minted_into"]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Collateral with what is in escrow, what was minted or bought, and the debt in sUSD."""
        for asset in self.assets:
            out[asset] = 0.0
        out[self.collateral] += state["collateral"] + state["escrow"]
        out[self.usd_synth] += state["dollars"] - state["debt"]
        out[self.into] += state["into"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """The debt counts as short the pool's composition, at what a dollar of sUSD costs."""
        self.holdings(state, now, out)
        wire, world = state.wire[0], now.world.data
        owed: Array = state["debt"]
        peg = world[wire["price_dollar"]] / world[wire["price_usd"]]
        out[self.usd_synth] += owed * (1.0 - world[wire["per_debt0"]])
        for k, asset in enumerate(self.synths, start=1):
            out[asset] -= owed * world[wire[f"per_debt{k}"]] * peg
