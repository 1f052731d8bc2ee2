"""
Rewards that vest: a platform's tokens that are earned today and one's own later.

What is earned within an epoch vests as one: nothing until the cliff has passed, then evenly, token
by token. Whoever wants all at once forfeits a share of what has not vested. What is earned counts
as held from the first day, at its market's price: that price may fall before it can be sold.

    vested of an epoch's tokens = min(max((age - cliff) / over, 0), 1)

Modelled after the reward lockers of Ellipsis, Geist and Radiant (three months, half is forfeited on
an early exit, earnings of a week or a day are one entry) and Synthetix's escrow (a year, no early
exit), by their documentation.
"""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.ledger import Account, Line
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Fraction, Mask, Rows
from headframe.units import WEEK_S

EPOCHS_LIMIT = 400
"""The most epochs that may vest at a time."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Vesting:
    """
    How a reward vests.

    Nothing of it for `cliff_s` after the end of the epoch in which it was earned, then evenly
    `over_s`; `epoch_s` is how long earnings are gathered into one entry. `forfeit` is the share of
    what has not vested that an early claim loses, as closing the position and a liquidation do.

    >>> locker = Vesting(cliff_s="30d", over_s="60d", forfeit=0.5)
    >>> [locker.vested(days * 86_400.0) for days in (10, 30, 60, 90)]
    [0.0, 0.0, 0.5, 1.0]
    """

    cliff_s: Delay = 0.0
    over_s: Delay = 0.0
    epoch_s: Duration = WEEK_S
    forfeit: Fraction = 0.5

    @model_validator(mode="after")
    def _possible(self) -> "Vesting":
        if self.cliff_s + self.over_s <= 0.0:
            raise ValueError("a vesting needs a cliff_s or an over_s above 0")
        if self.epochs > EPOCHS_LIMIT:
            raise ValueError(
                f"{self.epochs} epochs would vest at a time, at most {EPOCHS_LIMIT} can: "
                "give a longer epoch_s"
            )
        return self

    @property
    def epochs(self) -> int:
        """How many epochs' tokens are on their way at a time, the one that runs included."""
        return math.ceil((self.cliff_s + self.over_s) / self.epoch_s - 1e-9) + 1

    @property
    def fields(self) -> Rows:
        """Tokens earned in each epoch and what of them has not vested."""
        return tuple(f"{row}{k}" for row in ("earned", "unvested") for k in range(self.epochs))

    def vested(self, age_s: float) -> float:
        """Share of an epoch's tokens that have vested, at an age since the epoch's end."""
        if self.over_s <= 0.0:
            return 1.0 if age_s >= self.cliff_s - 1e-6 else 0.0
        return min(max((age_s - self.cliff_s) / self.over_s, 0.0), 1.0)


def lines(asset: str) -> tuple[Line, ...]:
    """What an early claim loses."""
    return (Line("penalty", asset),)


def unvested(vesting: Vesting, state: Block) -> Array:
    """Tokens that have not vested."""
    total = np.zeros(state.n_paths)
    for k in range(vesting.epochs):
        total += state[f"unvested{k}"]
    return total


def earn(vesting: Vesting, state: Block, tokens: Array, now: Tick) -> Array:
    """Put tokens into the epoch that runs; gives those of older epochs that have vested since."""
    n, epoch_s = vesting.epochs, vesting.epoch_s
    running, last = _epoch(now.t_s, epoch_s), _epoch(now.t_s - now.dt_s, epoch_s)
    freed = np.zeros(state.n_paths)
    for epoch in range(max(last - n + 1, 0), last + 1):
        k = epoch % n
        old = epoch <= running - n  # its place is wanted, and all of it has vested
        share = 1.0 if old else vesting.vested(now.t_s - (epoch + 1) * epoch_s)
        left = (1.0 - share) * state[f"earned{k}"]
        more = np.maximum(state[f"unvested{k}"] - left, 0.0)
        freed += more
        state[f"unvested{k}"] -= more
        if old:
            state[f"earned{k}"] = 0.0
    k = running % n
    state[f"earned{k}"] += tokens
    state[f"unvested{k}"] += tokens
    return freed


def _epoch(t_s: float, epoch_s: float) -> int:
    """The epoch that a time lies in; what ends an epoch belongs to it, -1 before the first."""
    return math.ceil(t_s / epoch_s - 1e-9) - 1


def claim(vesting: Vesting, state: Block, mask: Mask, asset: str, out: Account) -> Array:
    """Take all that has not vested on some paths: what is not forfeited of it."""
    waiting = np.where(mask, unvested(vesting, state), 0.0)
    if not waiting.any():
        return waiting
    out.post("penalty", asset, -vesting.forfeit * waiting)
    for row in vesting.fields:
        state[row][mask] = 0.0
    return (1.0 - vesting.forfeit) * waiting


def rows(vesting: Vesting | None) -> Sequence[str]:
    """Rows of the state that a position needs for it."""
    return () if vesting is None else vesting.fields
