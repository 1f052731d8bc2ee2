"""
An account on Aave v3: several assets supplied as collateral, several borrowed, one health.

Health is the sum of collateral times its liquidation threshold over debt. Below 1 liquidators repay
a part and take collateral with a bonus, as the version has it: in 3.0 half of a debt above a health
of 0.95, all below; in 3.6 half of all debts, all of positions below 2,000 dollars, and never
leaving less than 1,000 dollars on either side. They take the largest collateral for the largest
debt, again and again until the account is healthy or exhausted; what is then still owed nobody pays
(kind `forgiven`), and it is the reserve's deficit.

With `loops` or `leverage` the loan is swapped into the first collateral and supplied again. After n
loops at a loan to value of l, without costs, collateral is (1 - l^(n+1)) / (1 - l) times the start.

Source: Aave v3 technical paper and documentation; `kernels.aave_v3`,
whose rates, growth and amounts of version 3.0 are held to `exact.aave_v3_0`.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import aave_v3 as kernel
from headframe.layout import Layout
from headframe.ledger import Account, Line
from headframe.position import Due, Order
from headframe.positions import looping, pledged, redemption, transfers
from headframe.positions.aave_v3_terms import AaveCollateral, AaveDebt, EMode, HeldAccount
from headframe.positions.held_asset import simply_holding
from headframe.positions.redemption import Queue, Redemption
from headframe.process import Tick
from headframe.types import (
    NEVER_S,
    NO_DEBT,
    STRICT,
    Amounts,
    Array,
    Block,
    Duration,
    Leverage,
    Mask,
    Name,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import HOUR_S

ROUNDS = 16
"""Liquidations of one account at one instant; what is left is liquidated at the next."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AaveV3:
    """
    An account on Aave v3.

    `ltv` is the debt over the collateral at opening, each loop's with `loops`; `leverage` is assets
    over equity, bought at once with a flash loan. That costs `flash_fee` of what it lends, at the
    opening, closing and delevering: 0.0005 at Aave, nothing at Balancer and Morpho; a loop pays gas
    for every turn instead. Own swaps move a pool of `pool_usd`, 0 being a market without end. Verbs
    `supply`, `withdraw`, `borrow`, `repay` move the first collateral or debt; with several,
    `supply_eth` and so on move the one named. With `redemption`, `redeem` leaves by the queue of a
    staked token. Where `keepers` is below 0.5 nobody liquidates.

    >>> account = AaveV3(name="aave", deposit={"eth": 10.0}, ltv=0.5,
    ...                  supply=({"asset": "eth", "ltv": 0.805, "threshold": 0.83},),
    ...                  borrow=({"asset": "usdc", "borrow_apr": 0.05},))
    >>> account.assets, account.multiple()
    (('eth', 'usdc'), 1.0)
    >>> from dataclasses import replace
    >>> round(replace(account, ltv=0.8, loops=3, swap_cost=0.0).multiple(), 3)
    2.952
    """

    kind: ClassVar[str] = "aave_v3"
    name: Name
    supply: tuple[AaveCollateral, ...]
    borrow: tuple[AaveDebt, ...]
    deposit: Amounts | None = None
    held: HeldAccount | None = None
    version: Literal["3.0", "3.6"] = "3.6"
    ltv: Proper = 0.0
    loops: int = 0
    leverage: Leverage = 1.0
    emode: EMode | None = None
    flash_fee: Proper = 0.0
    redemption: Redemption | None = None
    swap_cost: Proper = 0.003
    pool_usd: NonNegativeSignal = 0.0
    gas_usd: NonNegativeSignal = 0.0
    keepers: Signal = 1.0
    venue: Name | None = None
    every_s: Duration | None = None

    events: ClassVar[Rows] = ("liquidated_s", "blocked_s")
    dues: ClassVar[tuple[Due, ...]] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _fits(self) -> "AaveV3":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if not self.supply or not self.borrow:
            raise ValueError("supply and borrow need an asset each")
        for side in (self.supply, self.borrow):
            names = [leg.asset for leg in side]
            if len(set(names)) < len(names):
                raise ValueError(f"each asset once: {', '.join(names)}")
        if not 0 <= self.loops <= 100:
            raise ValueError(f"loops {self.loops} is not between 0 and 100")
        if self.loops and self.leverage > 1.0:
            raise ValueError("give either loops (with ltv) or leverage")
        most = self.terms(self.supply[0])[0]
        wanted = max(self.ltv, 1.0 - 1.0 / self.leverage)
        if wanted > most:
            raise ValueError(
                f"a loan to value of {wanted:g} is above the {most:g} that "
                f"{self.supply[0].asset} allows: leverage is at most {1.0 / (1.0 - most):.4g}"
            )
        if self.redemption is not None and self.redemption.into != self.borrow[0].asset:
            raise ValueError(
                f"redemption.into {self.redemption.into} must be the first borrowed asset, "
                f"{self.borrow[0].asset}: it repays it"
            )
        self._check_held()
        return self

    def _check_held(self) -> None:
        if self.held is None:
            return
        known = ({x.asset for x in self.supply}, {x.asset for x in self.borrow})
        for amounts, names, key in (
            (self.held.supplied, known[0], "supplied"),
            (self.held.borrowed, known[1], "borrowed"),
        ):
            for asset in amounts:
                if asset not in names:
                    raise ValueError(f"held.{key}: {asset} is not one of {', '.join(names)}")

    def terms(self, leg: AaveCollateral) -> tuple[float, float, float]:
        """Loan to value, threshold and bonus of a collateral, by its efficiency mode."""
        mode = self.emode
        if mode is not None and leg.asset in mode.assets:
            return mode.ltv, mode.threshold, mode.bonus
        return leg.ltv, leg.threshold, leg.bonus

    def multiple(self) -> float:
        """Collateral after opening over what was paid in, after the costs of swapping."""
        shares = sum(x.share for x in self.borrow)
        other = sum(x.share for x in self.borrow if x.asset != self.supply[0].asset)
        keep = (1.0 - self.swap_cost * other / shares) / (1.0 + self._flash)
        return 1.0 + keep * looping.loan_to_loop(self.ltv, self.loops, self.leverage, keep)

    @property
    def _flash(self) -> float:
        """What a flash loan costs: loops do without."""
        return 0.0 if self.loops else self.flash_fee

    @property
    def extremes(self) -> Rows:
        """The least health; where there are markets, how long an order to leave has waited."""
        markets = [*(x.market for x in self.supply), *(y.market for y in self.borrow)]
        waits = any(name is not None for name in markets)
        return ("min_health", *(("hours_blocked",) if waits else ()))

    @property
    def fields(self) -> Rows:
        """Quantities of both sides, health, and what happened."""
        legs = [f"supplied_{x.asset}" for x in self.supply]
        legs += [f"{row}_{x.asset}" for row in ("debt", "deficit") for x in self.borrow]
        rest = ("health", "min_health", "liquidated_s", "blocked_s", "leaving", "hours_blocked")
        waiting = () if self.redemption is None else redemption.FIELDS
        return (*legs, *rest, "penalty_usd", "protocol_fee_usd", *waiting)

    @property
    def gauges(self) -> Rows:
        """What policies watch, and what reserves count."""
        watched = ("health", "ltv", "collateral", "debt", "equity", "leverage")
        told = ("liquidation_price", "gas", "penalty_usd", "protocol_fee_usd")
        legs = [f"supplied_{x.asset}" for x in self.supply]
        legs += [f"{row}_{x.asset}" for row in ("debt", "deficit") for x in self.borrow]
        return (*watched, *told, *legs)

    @property
    def verbs(self) -> Rows:
        """What it can be told to do; by asset where there are several."""
        more = [f"{v}_{x.asset}" for v in ("supply", "withdraw") for x in self.supply[1:]]
        more += [f"{v}_{x.asset}" for v in ("borrow", "repay") for x in self.borrow[1:]]
        more += [] if self.redemption is None else ["redeem"]
        return ("open", "close", "supply", "withdraw", "borrow", "repay", "delever", *more)

    @property
    def debt_rates(self) -> Rows:
        """Keys of the rates of what it borrows where no market makes them: a book must say them."""
        return tuple(
            f"borrow.{k}.borrow_apr" for k, leg in enumerate(self.borrow) if leg.market is None
        )

    @property
    def assets(self) -> Rows:
        """Collateral and debt."""
        return tuple(dict.fromkeys([x.asset for x in self.supply] + [y.asset for y in self.borrow]))

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Rates, gas, and what its markets publish."""
        rates = [x.supply_apr for x in self.supply if x.market is None]
        rates += [x.borrow_apr for x in self.borrow if x.market is None]
        names = [*(x.market for x in self.supply), *(y.market for y in self.borrow)]
        markets = [row for name in names for row in pledged.market_reads(name)]
        waits = () if self.redemption is None else self.redemption.reads
        oracles = [*(x.oracle for x in self.supply), *(y.oracle for y in self.borrow)]
        own = (self.gas_usd, self.pool_usd, self.keepers)
        return (*rates, *own, *oracles, *markets, *waits)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, penalty, and what paying in and out books."""
        sides = (tuple(x.asset for x in self.supply), tuple(x.asset for x in self.borrow))
        more = () if self.redemption is None else self.redemption.lines
        return (*pledged.entry_lines(*sides, self.deposit), *more)

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same deposit: hold it, without borrowing on it."""
        assets = tuple(x.asset for x in self.supply)
        return simply_holding(self.name, assets, deposit=self.deposit, swap_cost=self.swap_cost)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows and terms of every leg."""
        shares = sum(x.share for x in self.borrow)
        held = []
        for x in self.supply:
            ltv, threshold, bonus = self.terms(x)
            rows = pledged.market_rows(layout, x.market, owed=False)
            apr = layout.row(x.supply_apr if x.market is None else f"{x.market}_supply_apr")
            held.append(
                pledged.Leg(
                    asset=x.asset,
                    row=f"supplied_{x.asset}",
                    price=layout.price(x.asset),
                    apr=apr,
                    ltv=ltv,
                    threshold=threshold,
                    bonus=bonus,
                    fee=x.protocol_fee,
                    oracle=pledged.oracle_row(layout, x.oracle),
                    **rows,
                )
            )
        owed = []
        for y in self.borrow:
            rows = pledged.market_rows(layout, y.market, owed=True)
            apr = layout.row(y.borrow_apr if y.market is None else f"{y.market}_borrow_apr")
            owed.append(
                pledged.Leg(
                    asset=y.asset,
                    row=f"debt_{y.asset}",
                    price=layout.price(y.asset),
                    apr=apr,
                    share=y.share / shares,
                    oracle=pledged.oracle_row(layout, y.oracle),
                    **rows,
                )
            )
        gas = pledged.gas_record(layout, self.gas_usd, self.pool_usd)
        usd = layout.price("usd" if "usd" in layout.prices.chains else layout.prices.numeraire)
        way = self.redemption
        queue = None
        if way is not None:
            ratio, days = (layout.row(signal) for signal in way.reads)
            queue = Queue(ratio=ratio, days=days, health=float(way.health))
        return pledged.Wire(
            gas=gas,
            pledged=tuple(held),
            owed=tuple(owed),
            usd=usd,
            queue=queue,
            keepers=layout.row(self.keepers),
        )

    @property
    def _version(self) -> int:
        return 30 if self.version == "3.0" else 36

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Supply the deposit, borrow, and loop; or take over what is held."""
        if now.step == 0:
            state["min_health"], state["health"] = NO_DEBT, NO_DEBT
            state["liquidated_s"] = state["blocked_s"] = NEVER_S
            if self.redemption is not None:
                redemption.begin(state)
        if self.held is not None and now.step == 0:
            for asset, quantity in self.held.supplied.items():
                state[f"supplied_{asset}"] = quantity
            for asset, quantity in self.held.borrowed.items():
                state[f"debt_{asset}"] = quantity
        elif self.deposit is not None:
            self._invest(state, order, now, out)
        self._measure(state, now)

    def _invest(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        wire, cost, turns = state.wire, self.swap_cost, self.loops + 1
        paid = pledged.pay_in(
            state, wire, self.deposit or {}, order, now, out, swap_cost=cost, transactions=turns
        )
        terms = {name: getattr(self, name) for name in looping.LOOPED}
        looping.loop(state, wire, paid, now, out, **terms, flash_fee=self._flash)

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Both sides accrue; whoever waits leaves; then liquidators come."""
        for leg in state.wire.pledged:
            pledged.accrue(state, leg, self._factor(leg, 0, before, now), out, sign=1.0)
        for leg in state.wire.owed:
            factor = self._factor(leg, self._version, before, now)
            pledged.accrue(state, leg, factor, out, sign=-1.0)
        if state.wire.queue is not None:
            redemption.step(state, state.wire, state.wire.queue, now, out)
        self._measure(state, now)
        state["hours_blocked"] += state["leaving"] * (now.dt_s / HOUR_S)
        self._leave(state, state["leaving"] > 0.0, now, out)
        there = now.world.data[state.wire.keepers] >= 0.5
        for _ in range(ROUNDS):
            under = (state["health"] < 1.0) & there
            if not under.any() or not self._liquidate(state, under, now, out):
                return

    def _factor(self, leg: pledged.Leg, version: int, before: Tick, now: Tick) -> Array:
        if leg.index != pledged.NOWHERE:
            return pledged.by_index(leg, before, now)
        factor = np.empty(now.world.n_paths)
        kernel.grow(factor, now.world.data[leg.apr], now.dt_s, version)
        return factor

    def _measure(self, state: Block, now: Tick) -> None:
        debt, allowed, _ = pledged.backing(state, now, state.wire)
        kernel.measure(state["health"], allowed, debt)
        state["min_health"] = np.minimum(state["min_health"], state["health"])

    def _liquidate(self, state: Block, under: Mask, now: Tick, out: Account) -> bool:
        """One liquidation on every path: the largest collateral for the largest debt."""
        wire: pledged.Wire = state.wire
        collateral, c = pledged.pick(wire.pledged, state, now)
        debt, d = pledged.pick(wire.owed, state, now)
        n = np.arange(state.n_paths)
        values = np.array(
            [
                collateral[c, n],
                debt[d, n],
                debt.sum(axis=0),
                state["health"],
                np.array([leg.bonus for leg in wire.pledged])[c],
                np.array([leg.fee for leg in wire.pledged])[c],
                now.world.data[wire.usd],
            ]
        )
        paid, seized, extra, protocol = kernel.liquidate(values, self._version)
        going = under & (np.maximum(seized, paid) > 0.0)
        share = np.minimum(paid / np.where(debt[d, n] > 0.0, debt[d, n], 1.0), 1.0)
        some = np.where(collateral[c, n] > 0.0, collateral[c, n], 1.0)
        whole = seized >= collateral[c, n]
        taken = np.where(whole, 1.0, seized / some)
        extra, protocol = self._at_market(state, now, (c, taken), (d, share), extra, protocol)
        going &= extra >= 0.0
        for k, leg in enumerate(wire.pledged):
            going &= (c != k) | leg.running(now)
        for k, leg in enumerate(wire.owed):
            going &= (d != k) | leg.running(now)
        for k, leg in enumerate(wire.pledged):
            hit = going & (c == k)
            worth = leg.worth(state, now)
            bonus = extra / np.where(worth > 0.0, worth, 1.0)
            pledged.seize(state, leg, np.where(hit, taken, 0.0), np.where(hit, bonus, 0.0), out)
        for k, leg in enumerate(wire.owed):
            pledged.settle(state, leg, np.where(going & (d == k), share, 0.0), out)
        self._remember(state, under, going, extra, protocol, now, out)
        return bool(going.any())

    def _at_market(
        self,
        state: Block,
        now: Tick,
        seized: tuple[Array, Array],
        paid: tuple[Array, Array],
        extra: Array,
        protocol: Array,
    ) -> tuple[Array, Array]:
        """
        What the liquidator gains at the market's prices, and the protocol's part of it.

        Amounts are reckoned at the oracle's prices. Where these are the market's the gain is the
        bonus; below the oracle's price it is less, and where it would be a loss nobody comes.
        """
        wire: pledged.Wire = state.wire
        (c, taken), (d, share) = seized, paid
        n = np.arange(state.n_paths)
        got = taken * np.array([leg.worth(state, now) for leg in wire.pledged])[c, n]
        spent = share * np.array([leg.worth(state, now) for leg in wire.owed])[d, n]
        if all(leg.oracle == pledged.NOWHERE for leg in (*wire.pledged, *wire.owed)):
            return extra, protocol
        part = protocol / np.where(extra > 0.0, extra, 1.0)
        return got - spent, part * np.maximum(got - spent, 0.0)

    def _remember(
        self,
        state: Block,
        under: Mask,
        going: Mask,
        extra: Array,
        protocol: Array,
        now: Tick,
        out: Account,
    ) -> None:
        """Note what was taken; write off what an exhausted account still owes."""
        wire: pledged.Wire = state.wire
        usd = np.maximum(now.world.data[wire.usd], transfers.SMALLEST_PRICE)
        state["penalty_usd"] += np.where(going, extra, 0.0) / usd
        state["protocol_fee_usd"] += np.where(going, protocol, 0.0) / usd
        state["liquidated_s"][going] = np.minimum(state["liquidated_s"][going], now.t_s)
        collateral, debt = pledged.totals(state, now, wire)
        exhausted = under & (collateral <= 0.0) & (debt > 0.0)
        if exhausted.any():
            state["liquidated_s"][exhausted] = np.minimum(state["liquidated_s"][exhausted], now.t_s)
            for leg in wire.owed:
                pledged.forgive(state, leg, exhausted, out)
        self._measure(state, now)

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`close`, `redeem`, `delever` to a target health, or move one leg."""
        wire, blocked = state.wire, np.zeros(state.n_paths, np.bool_)
        verb, _, asset = order.verb.partition("_")
        if verb == "close":
            self._leave(state, order.mask, now, out)
        elif verb == "redeem":
            state["redeeming"][order.mask] = 1.0
            redemption.step(state, wire, wire.queue, now, out)
        elif verb == "delever":
            costs = {"swap_cost": self.swap_cost, "flash_fee": self._flash}
            blocked = pledged.delever(state, wire, order, now, out, **costs)
        elif verb in ("supply", "withdraw"):
            leg = next(x for x in wire.pledged if not asset or x.asset == asset)
            if verb == "supply":
                blocked = pledged.supply(state, leg, order, now, out)
            else:
                blocked = pledged.withdraw(state, wire, leg, order, now, out)
        elif verb in ("borrow", "repay"):
            leg = next(x for x in wire.owed if not asset or x.asset == asset)
            if verb == "borrow":
                blocked = pledged.borrow(state, wire, leg, order, now, out)
            else:
                blocked = pledged.repay(state, leg, order, now, out)
        state["blocked_s"][blocked] = np.minimum(state["blocked_s"][blocked], now.t_s)
        self._measure(state, now)

    def _leave(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        """Wind up as much as the markets have the cash for; the rest waits for it."""
        if not mask.any():
            return
        share = np.where(mask, pledged.share_free(state, state.wire, now), 0.0)
        stuck = mask & (share < 1.0)
        state["blocked_s"][stuck] = np.minimum(state["blocked_s"][stuck], now.t_s)
        state["leaving"][stuck] = 1.0
        if (share > 0.0).any():
            looping.leave(
                state,
                state.wire,
                share,
                now,
                out,
                swap_cost=self.swap_cost,
                flash_fee=self._flash,
                transactions=self.loops + 1,
            )
            state["leaving"][share >= 1.0] = 0.0
            self._measure(state, now)

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Health, loan to value, values, leverage, liquidation price; quantities."""
        pledged.tell(state, now, out)
        if self.redemption is not None:
            out["equity"] += state["queued"] * now.world.data[state.wire.pledged[0].price]
        out["health"] = state["health"]
        for row in out.rows[8:]:
            out[row] = state[row]

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Collateral, and debts as negative quantities."""
        for asset in self.assets:
            out[asset] = 0.0
        for leg in state.wire.pledged:
            out[leg.asset] += state[leg.row]
        for leg in state.wire.owed:
            out[leg.asset] -= state[leg.row]
        if self.redemption is not None:
            out[state.wire.pledged[0].asset] += state["queued"]

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
