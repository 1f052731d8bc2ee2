"""
One small book for every registered tenant: what the laws are tried on.

Add a line here with each new process, venue, position or policy: a kind without a sample fails the
laws with its name. A sample is a function that makes a `Book` of a few assets and some twenty
steps; `book` below starts from a world in which the usual prices move, so most samples name only
their tenant. Beside the book stand the arguments that the tenant's verbs are tried with, and, where
writing zeros into its amounts is not enough, the same tenant of no size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headframe.book import Book
from headframe.policies.compound import Compound
from headframe.policies.delever import Delever
from headframe.positions.levered import Levered
from headframe.processes.constant import Constant
from headframe.processes.gbm import GBM
from headframe.processes.jumps import Jumps
from headframe.scenarios.model import Model
from headframe.units import DAY_S

N_STEPS = 20
"""Steps of a sample book, of a day each."""


@dataclass(frozen=True)
class Sample:
    """
    A small book with the tenant in it, and how to try the tenant out.

    `amounts` gives the argument of a verb, 1.0 where it is not named; `nothing` makes the same book
    with the position at zero size, where putting zeros into `deposit` and `held` does not do it;
    `fixed` names the kinds of entry that are due whatever the size.
    """

    book: Callable[[], Book]
    amounts: Mapping[str, float] = field(default_factory=dict)
    nothing: Callable[[], Book] | None = None
    fixed: tuple[str, ...] = ("gas",)


def world() -> tuple[Any, ...]:
    """Prices that move enough within a sample to liquidate what is leveraged."""
    return (
        GBM(name="eth_usd", start=2_000.0, volatility=1.5),
        GBM(name="btc_usd", start=60_000.0, volatility=1.2),
        GBM(name="comp_usd", start=40.0, volatility=2.0),
        Constant(name="usdc_usd", value=1.0),
    )


def book(
    *positions: Any,
    processes: tuple[Any, ...] = (),
    wallet: Mapping[str, float] | None = None,
    **rest: Any,
) -> Book:
    """A book in the usual world, with more processes where they are named."""
    usual = {"usd": 5_000.0, "usdc": 20_000.0, "eth": 10.0, "btc": 1.0}
    return Book(
        name="sample",
        scenario=Model(processes=(*world(), *processes)),
        wallet=usual if wallet is None else wallet,
        positions=positions,
        horizon_s=N_STEPS * DAY_S,
        **rest,
    )


def levered(**changes: Any) -> Levered:
    """A leveraged farm with all that it can have."""
    usual: dict[str, Any] = {
        "name": "farm",
        "token0": "eth",
        "token1": "usdc",
        "deposit": {"usdc": 8_000.0, "eth": 1.0},
        "leverage": 3.0,
        "debt0_share": 0.4,
        "borrow0_apr": 0.05,
        "borrow1_apr": 0.1,
        "threshold": 5 / 6,
        "turnover": 0.4,
        "reward_asset": "comp",
        "reward_apr": 0.5,
        "gas_usd": 2.0,
    }
    return Levered(**(usual | changes))


PROCESSES: dict[str, Sample] = {
    "constant": Sample(lambda: book(processes=(Constant(name="power_usd_per_mwh", value=50.0),))),
    "gbm": Sample(lambda: book(processes=(GBM(name="sol_usd", start=150.0, volatility=0.9),))),
    "jumps": Sample(
        lambda: book(
            processes=(
                Jumps(
                    name="sol_usd", start=150.0, volatility=0.9, jumps_per_year=50.0, jump_sd=0.2
                ),
            )
        )
    ),
}
"""A book for every process."""

VENUES: dict[str, Sample] = {}
"""A book for every venue, with a position that uses it."""

POSITIONS: dict[str, Sample] = {
    "levered": Sample(lambda: book(levered()), amounts={"delever": 1.5, "open": 0.1}),
}
"""A book for every position."""

POLICIES: dict[str, Sample] = {
    "delever": Sample(
        lambda: book(
            levered(), policies=(Delever(name="guard", position="farm", trigger=1.1, target=1.3),)
        )
    ),
    "compound": Sample(
        lambda: book(
            levered(), policies=(Compound(name="weekly", position="farm", interval_s="5d"),)
        )
    ),
}
"""A book for every policy, in which it acts on some paths."""
