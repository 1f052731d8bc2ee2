"""
How a leveraged position is liquidated, as a protocol and its keepers really do it.

A position whose health is below 1 may be liquidated. Whether and when it is depends on the oracle
that the protocol reads, on a guard that freezes it where oracle and pool disagree, on keepers who
are there, are quick, and find the bounty worth their gas; how much of it depends on the close
factor; what is left for owner and lenders on who is paid first and on what unwinding costs in a
pool of finite depth. Every part is a parameter; the defaults are a liquidator who is always there.

Defaults of protocols, from their documentation: Alpha Homora v1 and Alpaca take a bounty of 5 %
first, close all, and freeze where the pool is more than 5 to 10 % from the oracle; Aave closes half
above a health of 0.95 and all below; Euler's discount grows by a point for each point of health
and takes what the debt needs; Maker auctions from above the oracle's price downwards in time.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ArgsKwargs

from headframe.errors import InputError
from headframe.kernels import auction as sales
from headframe.kernels import liquidation as kernel
from headframe.layout import Layout
from headframe.position import Order
from headframe.types import (
    NEVER_S,
    STRICT,
    Array,
    Block,
    Delay,
    Duration,
    Fraction,
    NonNegative,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
    Threshold,
)

RULES = {
    "fixed": kernel.FIXED,
    "health": kernel.BY_HEALTH,
    "time": kernel.BY_TIME,
    "auction": kernel.AUCTION,
}
"""Rules, by their names in books."""
CURVES = {"linear": sales.LINEAR, "stairs": sales.STAIRS, "exponential": sales.EXPONENTIAL}
"""Curves of an auction's price, by their names in books."""
AUCTION_FIELDS: Rows = ("auction_s", "auction_top", "resets")
"""What a position remembers of its running auction: start, first price over the debt, resets."""
Guard = Annotated[float, Field(ge=1.0)]
"""The larger of two prices over the smaller."""
NO_GUARD = 1e300
"""How far oracle and pool may stand apart where no guard watches."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Auction:
    """
    A Dutch auction, as Maker has it since 2021.

    It starts at the oracle's value of the collateral times `buf` and falls: on `stairs` by the
    factor `cut` every `step_s`, as an `exponential` by `cut` a second, on a line to zero within
    `tau_s`. After `tail_s`, or below `cusp` of its first price, it is set up again. A buyer wants
    `margin` of what he pays, beside gas and least profit; where `rivals` is below 0.5 he is alone
    and waits for the last price. What is to be raised is the debt and the position's `penalty` on
    it. The defaults are those that Maker began with for YFI (MakerDAO forum 7502, 2021).

    >>> round(Auction().share_after(3600.0), 6), round(Auction(curve="linear").share_after(5400), 2)
    (0.668972, 0.75)
    """

    curve: Literal["linear", "stairs", "exponential"] = "stairs"
    buf: Annotated[float, Field(ge=1.0, le=10.0)] = 1.3
    tau_s: Duration = 21_600.0
    step_s: Duration = 90.0
    cut: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.99
    tail_s: Duration = 8_400.0
    cusp: Fraction = 0.4
    margin: Proper = 0.0
    rivals: Signal = 1.0

    def share_after(self, seconds: float) -> float:
        """Share of its first price that the price has come to."""
        code, log_cut = CURVES[self.curve], float(np.log(self.cut))
        return float(sales.fallen(code, seconds, self.tau_s, self.step_s, log_cut))

    def least(self) -> float:
        """The last share of its first price at which it can be had."""
        if self.curve != "stairs" or self.cusp == 0.0:
            return max(self.share_after(self.tail_s), self.cusp)
        steps = np.floor(np.log(self.cusp) / np.log(self.cut) + 1e-9)
        return max(float(self.cut**steps), self.share_after(self.tail_s))

    def rows(self, layout: Layout) -> dict[str, float | int]:
        """Constants and rows for the kernels of auctions."""
        return {
            "curve": CURVES[self.curve],
            "buf": float(self.buf),
            "tau_s": float(self.tau_s),
            "step_s": float(self.step_s),
            "log_cut": float(np.log(self.cut)),
            "tail_s": float(self.tail_s),
            "cusp": float(self.cusp),
            "least": self.least(),
            "margin": float(self.margin),
            "rivals": layout.row(self.rivals),
        }


ProtocolName = Literal["alpha_homora_v1", "alpaca", "aave_v3", "euler_v2", "maker", "francium"]
"""Protocols whose ways of answering a call are known by name."""
PROTOCOLS: dict[str, dict[str, Any]] = {
    "alpha_homora_v1": {"guard": 1.1},
    "alpaca": {"guard": 1.1, "bounty_share": 0.2},
    "aave_v3": {"close_factor": 0.5, "full_below": 0.95, "takes": "needed"},
    "euler_v2": {"rule": "health", "takes": "needed"},
    "maker": {"rule": "auction"},
    "francium": {"delay_s": 600.0},
}
"""What each of them does otherwise than the plain defaults; sources in the docs."""


def require_room(name: str, bought: Array, pool: Array) -> None:
    """Raise `InputError` where a position as opened is larger than the pool it goes through."""
    too_large = (pool > 0.0) & (bought > pool)
    if too_large.any():
        worst = int(np.argmax(np.where(too_large, bought, 0.0)))
        allowed = f"with its loans at most the pool's {pool[worst]:,.0f}, its pool_usd"
        raise InputError(f"position.{name}.deposit", round(float(bought[worst])), allowed)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Liquidation:
    """
    Who liquidates, when, how much, and who is paid first.

    `rule` says how the position's `penalty` is meant: as it stands (`fixed`), as the most of a
    discount that grows with the shortfall of health (`health`), as what it grows to over `ramp_s`
    from the moment of the call (`time`), or as what is raised beyond the debt by an `auction`.
    `takes` says what goes where all debt is repaid: `all` of the position, the rest to the owner in
    cash, or only what is `needed`, and the rest stays without debt. `close_factor` of the debt is
    repaid at a time, all of it below a health of `full_below`. `senior` is paid first: the
    `bounty`, or the `lenders`, whose liquidator then keeps only what is left over. `guard` is the
    largest ratio between the pool's price and the oracle's at which the protocol still acts.
    Keepers come `delay_s` after the call, where `keepers` is at least 0.5 and the bounty exceeds
    `gas_usd` by `least_profit_usd`. `protocol` fills in what a known protocol does, for every key
    that is not given.

    >>> Liquidation(protocol="alpaca", delay_s="1h").bounty_share
    0.2
    >>> Liquidation(close_factor=0.5, full_below=0.95, delay_s="10min", guard=1.1).delay_s
    600.0
    """

    protocol: ProtocolName | None = None
    rule: Literal["fixed", "health", "time", "auction"] = "fixed"
    auction: Auction = Field(default_factory=Auction)
    takes: Literal["all", "needed"] = "all"
    ramp_s: Delay = 0.0
    close_factor: Threshold = 1.0
    full_below: Fraction = 0.0
    senior: Literal["bounty", "lenders"] = "bounty"
    guard: Guard | None = None
    keepers: Signal = 1.0
    delay_s: Delay = 0.0
    gas_usd: NonNegativeSignal = 0.0
    least_profit_usd: NonNegative = 0.0
    bounty_share: Proper | None = None
    """The keeper's share of the penalty, where a treasury takes the rest; all of it by default."""

    @model_validator(mode="before")
    @classmethod
    def _as_the_protocol(cls, given: Any) -> Any:
        said = given.kwargs if isinstance(given, ArgsKwargs) else given
        values = dict(said) if isinstance(said, Mapping) else {}
        known = PROTOCOLS.get(str(values.get("protocol")))
        if known is None:
            return given
        filled = {**known, **values}
        return ArgsKwargs(given.args, filled) if isinstance(given, ArgsKwargs) else filled

    @model_validator(mode="after")
    def _possible(self) -> "Liquidation":
        if self.rule == "time" and self.ramp_s <= 0.0:
            raise ValueError("rule 'time' needs a ramp_s above 0")
        if self.rule == "auction" and (self.close_factor < 1.0 or self.senior != "bounty"):
            raise ValueError("rule 'auction' sells for all debt: close_factor 1, senior 'bounty'")
        return self

    @property
    def can_wait(self) -> bool:
        """Whether a call may stay unanswered for a while."""
        never_late = self.delay_s == 0.0 and self.guard is None and self.keepers == 1.0
        never_late &= self.rule != "auction"
        return not (never_late and self.gas_usd == 0.0 and self.least_profit_usd == 0.0)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Whether keepers are there, alone or not, and what their transaction costs."""
        rivals = (self.auction.rivals,) if self.rule == "auction" else ()
        return (self.keepers, self.gas_usd, *rivals)

    @property
    def told(self) -> Rows:
        """What a position tells of it: how late, how often, how often an auction was reset."""
        late = ("max_hours_overdue",) if self.can_wait else ()
        parts = ("liquidations",) if self.close_factor < 1.0 else ()
        resets = ("resets",) if self.rule == "auction" else ()
        return (*late, *parts, *resets)

    def free(self, state: Block, order: Order) -> Order:
        """An order where no auction runs: what is up for auction is not its owner's to change."""
        if self.rule != "auction" or order.verb == "close":
            return order
        return replace(order, mask=order.mask & (state["auction_s"] >= NEVER_S))

    def rows(self, layout: Layout) -> dict[str, float | int]:
        """Constants and rows for the kernels of liquidation."""
        return {
            "rule": RULES[self.rule],
            "ramp_s": float(self.ramp_s),
            "takes_all": int(self.takes == "all"),
            **self.auction.rows(layout),
            "close_factor": float(self.close_factor),
            "full_below": float(self.full_below),
            "bounty_first": int(self.senior == "bounty"),
            "guard": NO_GUARD if self.guard is None else float(self.guard),
            "keepers": layout.row(self.keepers),
            "delay_s": float(self.delay_s),
            "keeper_gas": layout.row(self.gas_usd),
            "least_profit_usd": float(self.least_profit_usd),
            "keepers_part": 1.0 if self.bounty_share is None else float(self.bounty_share),
        }
