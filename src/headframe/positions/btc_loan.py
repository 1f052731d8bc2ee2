"""
A loan against bitcoin from one lender: margin calls with a deadline, cure, and liquidation.

Coins are pledged at `ltv`, the money goes to the wallet. When loan to value reaches
`margin_call_ltv` the lender calls for as many coins as bring it back to `cure_ltv`: a due, payable
from the wallet within `cure_s`. A price that recovers ends the call. A call not met in time, or a
loan to value of `liquidation_ltv` at any time, and the lender sells the coins, repays himself and
hands over the rest. Interest accrues at a simple rate and is either paid every `interest_every_s`
or added to the debt; at the end of the term the debt falls due.

    called = debt / (cure_ltv price) - pledged

A call pledges coins that are still in the wallet: until they are paid they stand as a holding here
and as a due against it, so the call alone changes nobody's wealth. Interest and repayment that stay
unpaid are a default, with recourse to the whole desk or, without, to these coins only.
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
    NO_DEBT,
    STRICT,
    Amounts,
    Array,
    Block,
    Delay,
    Duration,
    Mask,
    Name,
    NonNegative,
    Proper,
    Rows,
    Signal,
    Threshold,
)
from headframe.units import DAY_S, YEAR_S

MARGIN_CALL, INTEREST, REPAYMENT = "margin_call", "interest", "repayment"
"""What may fall due."""
LATER_S = 1e-6
"""Times closer than this are the same: clocks are sums of doubles."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HeldBtcLoan:
    """A loan that exists already; its term and its next interest count from now."""

    collateral: NonNegative
    debt: NonNegative
    accrued: NonNegative = 0.0
    """Interest that has accrued and is not yet due, in the loan's currency."""
    entry_date: str | None = None
    entry_value: NonNegative | None = None
    """What was pledged less what was lent at entry, in the numeraire."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BtcLoan:
    """
    A bilateral loan against bitcoin.

    `apr` is a simple yearly rate, `fee` the lender's share of what he pays out, `swap_cost` what
    selling coins costs. Without `interest_every_s` interest is added to the debt; without `term_s`
    the loan is open-ended.

    >>> loan = BtcLoan(name="treasury", currency="usd", deposit={"btc": 10.0}, ltv=0.5, apr=0.1)
    >>> [due.name for due in loan.dues]
    ['margin_call', 'interest', 'repayment']
    """

    kind: ClassVar[str] = "btc_loan"
    name: Name
    collateral_asset: Name = "btc"
    currency: Name = "usd"
    deposit: Amounts | None = None
    held: HeldBtcLoan | None = None
    ltv: Proper = 0.5
    apr: Signal = 0.0
    fee: Proper = 0.0
    margin_call_ltv: Threshold = 0.7
    cure_ltv: Threshold = 0.6
    liquidation_ltv: Threshold = 0.8
    cure_s: Delay = 3.0 * DAY_S
    interest_every_s: Duration | None = 30.0 * DAY_S
    term_s: Duration | None = None
    grace_s: Delay = 5.0 * DAY_S
    recourse: bool = False
    swap_cost: Proper = 0.003
    venue: Name | None = None
    every_s: Duration | None = None

    fields: ClassVar[Rows] = (
        "pledged",
        "borrowed",
        "accrued",
        "interest_due_s",
        "matures_s",
        "ltv",
        "max_ltv",
        "margin_called_s",
        "liquidated_s",
        "called",
    )
    gauges: ClassVar[Rows] = ("ltv", "health", "equity", "collateral", "debt", "called")
    events: ClassVar[Rows] = ("margin_called_s", "liquidated_s")
    extremes: ClassVar[Rows] = ("max_ltv",)
    verbs: ClassVar[Rows] = ("open", "close", "surrender", "add", "repay")
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_start(self) -> "BtcLoan":
        if (self.deposit is None) == (self.held is None):
            raise ValueError("give either deposit (opened now) or held (it exists already)")
        if self.collateral_asset == self.currency:
            raise ValueError("collateral_asset and currency must differ")
        if not self.ltv < self.margin_call_ltv < self.liquidation_ltv:
            raise ValueError("ltv, margin_call_ltv and liquidation_ltv must rise in this order")
        if not 0.0 < self.cure_ltv < self.margin_call_ltv:
            raise ValueError("cure_ltv must be below margin_call_ltv")
        return self

    @property
    def assets(self) -> Rows:
        """The coins and the currency of the loan."""
        return (self.collateral_asset, self.currency)

    @property
    def dues(self) -> tuple[Due, ...]:
        """Coins called, interest, and the debt at the end of the term."""
        coin, money = self.collateral_asset, self.currency
        terms: dict[str, Any] = {"grace_s": self.grace_s, "recourse": self.recourse}
        return (
            Due(
                name=MARGIN_CALL, asset=coin, kind="principal", grace_s=self.cure_s, recourse=False
            ),
            Due(name=INTEREST, asset=money, kind="interest", **terms),
            Due(name=REPAYMENT, asset=money, kind="principal", **terms),
        )

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The interest rate."""
        return (self.apr,)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Interest, the lender's fee, and what paying in and out books."""
        coin, money = self.collateral_asset, self.currency
        return (
            Line("interest", money),
            Line("fee", money, cash=True),
            Line("principal", money, cash=True),
            Line("principal", coin, cash=True),
            *transfers.lines((coin,), self.deposit, owed=(money,)),
        )

    def alternatives(self) -> dict[str, tuple[Any, ...]]:
        """What one might do with the same coins: hold them, without borrowing."""
        return simply_holding(
            self.name,
            (self.collateral_asset,),
            deposit=self.deposit,
            swap_cost=self.swap_cost,
        )

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of prices and rate, and the step in years."""
        return record(
            price_coin=layout.price(self.collateral_asset),
            price_money=layout.price(self.currency),
            apr=layout.row(self.apr),
            years=dt_s / YEAR_S,
        )

    def open(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """Pledge the deposit, take the money less the lender's fee; or take over what is held."""
        if now.step == 0:
            for row in ("interest_due_s", "matures_s", "margin_called_s", "liquidated_s"):
                state[row] = NEVER_S
        if self.held is not None and now.step == 0:
            held = self.held
            state["pledged"], state["borrowed"] = held.collateral, held.debt
            state["accrued"] = held.accrued
            self._date(state, np.ones(state.n_paths, np.bool_), now)
        elif self.deposit is not None:
            coin, money = self.collateral_asset, self.currency
            added = transfers.pay_in(order, self.deposit, coin, out, swap_cost=self.swap_cost)
            price = np.maximum(out.price(money), transfers.SMALLEST_PRICE)
            lent = self.ltv * added * out.price(coin) / price
            out.post("principal", money, -lent)
            out.post("principal", money, lent, cash=True)
            out.post("fee", money, -self.fee * lent, cash=True)
            self._date(state, (added > 0.0) & (state["borrowed"] == 0.0), now)
            state["pledged"] += added
            state["borrowed"] += lent
        self._measure(state, now, out)

    def _date(self, state: Block, mask: Mask, now: Tick) -> None:
        if self.interest_every_s is not None:
            state["interest_due_s"][mask] = now.t_s + self.interest_every_s
        if self.term_s is not None:
            state["matures_s"][mask] = now.t_s + self.term_s

    def _measure(self, state: Block, now: Tick, out: Account) -> None:
        """Loan to value: all that is owed over the coins that the lender has."""
        world, wire = now.world.data, state.wire[0]
        state["called"] = out.owed(MARGIN_CALL)
        owed = state["borrowed"] + state["accrued"] + out.owed(INTEREST) + out.owed(REPAYMENT)
        debt = owed * world[wire["price_money"]]
        pledged = np.maximum(state["pledged"] - state["called"], 0.0)
        coins = pledged * world[wire["price_coin"]]
        # a loan without coins stands at a ratio of a thousand million: finite, and past every limit
        ratio = debt / np.maximum(coins, np.maximum(debt / NO_DEBT, 1e-300))
        state["ltv"] = np.where(state["pledged"] > 0.0, ratio, 0.0)
        state["max_ltv"] = np.maximum(state["max_ltv"], state["ltv"])

    def step(self, state: Block, before: Tick, now: Tick, out: Account) -> None:
        """Interest accrues and falls due; a paid loan ends; the lender looks at his coins."""
        wire = state.wire[0]
        charged = state["borrowed"] * now.world.data[wire["apr"]] * wire["years"]
        out.post("interest", self.currency, -charged)
        state["accrued"] += charged
        self._bill(state, now, out)
        self._return(state, out)
        self._watch(state, now, out)

    def _bill(self, state: Block, now: Tick, out: Account) -> None:
        """Turn accrued interest into a due, or into debt; at the end of the term, the debt too."""
        money, end = self.currency, state["matures_s"] <= now.t_s + LATER_S
        if self.interest_every_s is None:
            state["borrowed"] += state["accrued"]
            state["accrued"] = 0.0
        billed = (state["interest_due_s"] <= now.t_s + LATER_S) | end
        interest = np.where(billed, state["accrued"], 0.0)
        if interest.any():
            out.post("interest", money, interest)
            out.owe(INTEREST, "interest", money, interest, self.grace_s)
            state["accrued"] -= interest
        if self.interest_every_s is not None:
            state["interest_due_s"][billed] += self.interest_every_s
        if end.any():
            debt = np.where(end, state["borrowed"], 0.0)
            out.post("principal", money, debt)
            out.owe(REPAYMENT, "principal", money, debt, self.grace_s)
            state["borrowed"] -= debt
            state["matures_s"][end] = NEVER_S

    def _return(self, state: Block, out: Account) -> None:
        """A loan that is paid gives its coins back."""
        owed = state["borrowed"] + state["accrued"] + out.owed(INTEREST) + out.owed(REPAYMENT)
        paid = (owed <= 0.0) & (state["pledged"] > 0.0)
        if paid.any():
            self._take_back(state, paid, out)
            coins = np.where(paid, state["pledged"], 0.0)
            out.post("principal", self.collateral_asset, -coins)
            out.post("principal", self.collateral_asset, coins, cash=True)
            self._clear(state, paid)

    def _watch(self, state: Block, now: Tick, out: Account) -> None:
        """Liquidate, call for coins, or let a call go that the price has answered."""
        self._measure(state, now, out)
        ltv = state["ltv"]
        sold = ltv >= self.liquidation_ltv
        if sold.any():
            self._liquidate(state, sold, now, out)
        called = out.owed(MARGIN_CALL)
        calls = (state["ltv"] >= self.margin_call_ltv) & ~sold
        if not (calls.any() or called.any()):
            return
        pledged = state["pledged"] - called
        wanted = np.where(calls, pledged * (state["ltv"] / self.cure_ltv - 1.0), 0.0)
        self._call(state, wanted - called, out)
        first = calls & (state["margin_called_s"] == NEVER_S)
        state["margin_called_s"][first] = now.t_s

    def _call(self, state: Block, coins: Array, out: Account) -> None:
        """Call for more coins, or for fewer where negative: a holding here, a due against it."""
        out.post("principal", self.collateral_asset, coins)
        out.owe(MARGIN_CALL, "principal", self.collateral_asset, coins, self.cure_s)
        state["pledged"] += coins

    def _liquidate(self, state: Block, mask: Mask, now: Tick, out: Account) -> None:
        state["liquidated_s"][mask] = np.minimum(state["liquidated_s"][mask], now.t_s)
        self._end(state, mask, out)

    def _take_back(self, state: Block, mask: Mask, out: Account) -> None:
        """Turn every due back into what it was: coins not pledged, interest, debt."""
        self._call(state, np.where(mask, -out.owed(MARGIN_CALL), 0.0), out)
        for due, kind, row in (
            (INTEREST, "interest", "accrued"),
            (REPAYMENT, "principal", "borrowed"),
        ):
            owed = np.where(mask, out.owed(due), 0.0)
            out.post(kind, self.currency, -owed)
            out.owe(due, kind, self.currency, -owed, self.grace_s)
            state[row] += owed

    def _end(self, state: Block, mask: Mask, out: Account) -> None:
        """
        Sell the coins, repay, and pay out the rest.

        What the coins do not cover is forgiven, or with recourse falls due at once.
        """
        self._take_back(state, mask, out)
        coin, money = self.collateral_asset, self.currency
        coins = np.where(mask, np.maximum(state["pledged"], 0.0), 0.0)
        debt = np.where(mask, state["borrowed"] + state["accrued"], 0.0)
        if self.recourse:
            price = np.maximum(out.price(money), transfers.SMALLEST_PRICE)
            kept = transfers.kept(coin, out, self.swap_cost)
            proceeds = kept * coins * out.price(coin) / price
            missing = np.maximum(debt - proceeds, 0.0)
            out.post("principal", money, missing)
            out.owe(REPAYMENT, "principal", money, missing, self.grace_s)
            debt = debt - missing
        transfers.wind_up({coin: coins}, {money: debt}, out, swap_cost=self.swap_cost)
        self._clear(state, mask)

    def _clear(self, state: Block, mask: Mask) -> None:
        for row in ("pledged", "borrowed", "accrued", "ltv", "called"):
            state[row][mask] = 0.0
        for row in ("interest_due_s", "matures_s"):
            state[row][mask] = NEVER_S

    def act(self, state: Block, order: Order, now: Tick, out: Account) -> None:
        """`add` coins, `repay` a part, `close`; `surrender` is the lender's way."""
        if order.verb == "surrender":
            self._liquidate(state, order.mask & (state["pledged"] > 0.0), now, out)
        elif order.verb == "close":
            self._end(state, order.mask, out)
        elif order.verb == "add":
            added = transfers.from_wallet(order, self.collateral_asset, out)
            out.post("principal", self.collateral_asset, -added, cash=True)
            out.post("principal", self.collateral_asset, added)
            state["pledged"] += added
        elif order.verb == "repay":
            paid = transfers.from_wallet(order, self.currency, out)
            paid = np.minimum(paid, state["borrowed"])
            out.post("principal", self.currency, -paid, cash=True)
            out.post("principal", self.currency, paid)
            state["borrowed"] -= paid
        self._measure(state, now, out)

    def gauge(self, state: Block, now: Tick, out: Block) -> None:
        """Loan to value, its distance from liquidation, values of both sides, coins called for."""
        world, wire = now.world.data, state.wire[0]
        out["ltv"] = state["ltv"]
        out["health"] = self.liquidation_ltv / np.maximum(state["ltv"], 1.0 / NO_DEBT)
        out["called"] = state["called"]
        coins = (state["pledged"] - state["called"]) * world[wire["price_coin"]]
        debt = (state["borrowed"] + state["accrued"]) * world[wire["price_money"]]
        out["collateral"], out["debt"], out["equity"] = coins, debt, coins - debt

    def holdings(self, state: Block, now: Tick, out: Block) -> None:
        """Coins pledged or called, and the debt with its interest as a negative quantity."""
        out[self.collateral_asset] = state["pledged"]
        out[self.currency] = -(state["borrowed"] + state["accrued"])

    def exposure(self, state: Block, now: Tick, out: Block) -> None:
        """What it holds is all that it is exposed to."""
        self.holdings(state, now, out)
