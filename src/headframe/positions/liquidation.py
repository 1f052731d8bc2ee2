"""
How a leveraged position is liquidated, as a protocol and its keepers really do it.

A position whose health is below 1 may be liquidated. Whether and when it is depends on the oracle
that the protocol reads, on a guard that freezes it where oracle and pool disagree, on keepers who
are there, are quick, and find the bounty worth their gas; how much of it depends on the close
factor; what is left for owner and lenders on who is paid first and on what unwinding costs in a
pool of finite depth. Every part is a parameter; the defaults are a liquidator who is always there.

Defaults of protocols, from their documentation: Alpha Homora v1 and Alpaca take a bounty of 5 %
first, close all, and freeze where the pool is more than 5 to 10 % from the oracle; Aave closes half
above a health of 0.95 and all below; Euler's discount grows by a point for each point of health;
Maker auctions from above the oracle's price downwards in time.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import liquidation as kernel
from headframe.layout import Layout
from headframe.types import (
    STRICT,
    Delay,
    Fraction,
    NonNegative,
    Proper,
    Signal,
    Threshold,
)

RULES = {"fixed": kernel.FIXED, "health": kernel.BY_HEALTH, "time": kernel.BY_TIME}
"""Rules of the penalty, by their names in books."""
Guard = Annotated[float, Field(ge=1.0)]
"""The larger of two prices over the smaller."""
NO_GUARD = 1e300
"""How far oracle and pool may stand apart where no guard watches."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Liquidation:
    """
    Who liquidates, when, how much, and who is paid first.

    `rule` says how the position's `penalty` is meant: as it stands (`fixed`), as the most of a
    discount that grows with the shortfall of health (`health`), or as what it grows to over
    `ramp_s` from the moment of the call (`time`, a Dutch auction). `close_factor` of the debt is
    repaid at a time, all of it below a health of `full_below`. `senior` is paid first: the
    `bounty`, or the `lenders`, whose liquidator then keeps only what is left over. `guard` is the
    largest ratio between the pool's price and the oracle's at which the protocol still acts.
    Keepers come `delay_s` after the call, where `keepers` is at least 0.5 and the bounty exceeds
    `gas_usd` by `least_profit_usd`.

    >>> Liquidation(close_factor=0.5, full_below=0.95, delay_s="10min", guard=1.1).delay_s
    600.0
    """

    rule: Literal["fixed", "health", "time"] = "fixed"
    ramp_s: Delay = 0.0
    close_factor: Threshold = 1.0
    full_below: Fraction = 0.0
    senior: Literal["bounty", "lenders"] = "bounty"
    guard: Guard | None = None
    keepers: Signal = 1.0
    delay_s: Delay = 0.0
    gas_usd: Signal = 0.0
    least_profit_usd: NonNegative = 0.0
    bounty_share: Proper | None = None
    """The keeper's share of the penalty, where a treasury takes the rest; all of it by default."""

    @model_validator(mode="after")
    def _possible(self) -> "Liquidation":
        if self.rule == "time" and self.ramp_s <= 0.0:
            raise ValueError("rule 'time' needs a ramp_s above 0")
        return self

    @property
    def can_wait(self) -> bool:
        """Whether a call may stay unanswered for a while."""
        never_late = self.delay_s == 0.0 and self.guard is None and self.keepers == 1.0
        return not (never_late and self.gas_usd == 0.0 and self.least_profit_usd == 0.0)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """Whether keepers are there, and what their transaction costs."""
        return (self.keepers, self.gas_usd)

    def rows(self, layout: Layout) -> dict[str, float | int]:
        """Constants and rows for the kernels of liquidation."""
        return {
            "rule": RULES[self.rule],
            "ramp_s": float(self.ramp_s),
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
