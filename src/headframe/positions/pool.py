"""
Where a mine's work is paid: the pool's scheme as a fee and a variance.

All schemes pay the same on average, the expected coins of the work less a fee; they differ in who
carries the luck.

    FPPS    the operator: every share is paid its expectation, subsidy and fees
    PPLNS   the pool together: a block's coins are shared by work, and how many blocks the pool
            finds in a step is a Poisson count
    solo    the miner: a pool without others

Approximations. Under PPLNS a block is shared by the work of its own step, not by that of the last N
shares: income comes half a window early, and the variance lacks the window's ends (over a long
horizon it is the same, see `analytics/pool_variance`). A block that was found and lost again (an
orphan) is paid. Coins are paid in the step in which they are earned.

Source: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980).
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from headframe.kernels import mine as kernel
from headframe.layout import Layout, record
from headframe.ledger import Account, Line
from headframe.process import Tick
from headframe.types import STRICT, Array, Proper, Rows, Signal
from headframe.units import TH_PER_EH

POOL_ROWS: Rows = ("mined_coins",)
"""Rows of the pool, in the kernel's order: coins received so far, after the fee."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FPPS:
    """
    Full pay per share: the expected coins for every share, without any variance.

    >>> FPPS(fee=0.02).uniforms("mine")
    ()
    """

    kind: Literal["fpps"] = "fpps"
    fee: Proper

    lucky: ClassVar[bool] = False
    others_eh_s: ClassVar[Signal] = 0.0

    def uniforms(self, mine: str) -> Rows:
        """No luck."""
        return ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PPLNS:
    """
    Pay per last N shares: what the pool finds, shared by work with `others_eh_s` of hash rate.

    Over a horizon with l expected blocks of our own the variance is l B^2 times our share of the
    pool.

    >>> PPLNS(fee=0.01, others_eh_s=15.0).uniforms("mine")
    ('mine.luck',)
    """

    kind: Literal["pplns"] = "pplns"
    fee: Proper
    others_eh_s: Signal

    lucky: ClassVar[bool] = True

    def uniforms(self, mine: str) -> Rows:
        """How many blocks the pool finds."""
        return (f"{mine}.luck",)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Solo:
    """
    Mining alone: every block is the finder's; variance l B^2 at l expected blocks.

    >>> Solo().fee
    0.0
    """

    kind: Literal["solo"] = "solo"
    fee: Proper = 0.0

    lucky: ClassVar[bool] = True
    others_eh_s: ClassVar[Signal] = 0.0

    def uniforms(self, mine: str) -> Rows:
        """How many blocks it finds."""
        return (f"{mine}.luck",)


Pool = Annotated[FPPS | PPLNS | Solo, Field(discriminator="kind")]
"""A pool by its payout scheme."""


def lines(coin: str) -> tuple[Line, ...]:
    """The reward before the pool's fee, and the fee."""
    return (Line("reward", coin, cash=True), Line("fee", coin, cash=True))


def wire(
    pool: Pool, layout: Layout, mine: str, coin: str, chain: dict[str, int], dt_s: float
) -> Any:
    """Constants of one step; `chain` has the rows of difficulty, subsidy, fees and prices."""
    return record(
        **chain,
        fee=float(pool.fee),
        others_eh_s=layout.row(pool.others_eh_s),
        th_per_eh_step=TH_PER_EH * dt_s,
        u_luck=layout.draw(f"{mine}.luck") if pool.lucky else 0,
        reward_quantity=layout.quantity(mine, "reward", coin, cash=True),
        reward=layout.value(mine, "reward"),
        fee_quantity=layout.quantity(mine, "fee", coin, cash=True),
        fee_value=layout.value(mine, "fee"),
        wallet=layout.wallet(coin),
    )


def pay(pool: Pool, rows: Array, work_th: Array, now: Tick, wired: Any, out: Account) -> None:
    """Turn the work of a step into coins in the wallet."""
    world = now.world.data
    if pool.lucky:
        kernel.pay_luck(rows, work_th, now.draws.data, world, out.books, wired)
    else:
        kernel.pay_share(rows, work_th, world, out.books, wired)
