"""
The best selfish mining there is: a Markov decision problem, solved between two bounds.

After every block the attacker sees the length `a` of his private branch, the length `h` of the
public one since they parted, and whether a fork can still be matched. He may *adopt* the public
branch, *override* it by publishing one block more, *match* it with as many, or *wait*. He wants the
largest share of the chain in the long run.

*One number instead of a ratio.* Give him 1 - rho for each block of his that lasts and -rho for each
of the others. The largest expected sum F(rho) from one common start to the next falls with rho and
is 0 at the best attainable share: a root to find, no ratio to optimise.

*A sweep instead of a linear system.* Each block adds to a or h, and only publishing takes away.
So if the worth of the states right after publishing is known (two short vectors), one pass from
long branches to short ones gives the worth of all others, and a few passes repeat themselves.

*Two rules for ties.* Nodes mine on the branch they saw *first*: a match works only while the
honest block is still on its way. Or they choose at *random*, as Eyal and Sirer proposed
(gamma = 1/2): then late matches work as well, and the threshold is 0.2321 instead of 0.25.

*Two truncations.* Branches are followed to a length T. Beyond it the attacker is either paid what
he can get for certain (*run down*: wait until his lead is one block, then publish; or adopt), or
more than he could ever get (*over-paid*: with k = a - h >= 0 all his blocks until honest miners
are level again, (1-rho) (h + k (1-alpha)/(1-2 alpha)); behind, he knows whether he will catch up).
The truth lies between. Both are tighter than the first paper's: its lower bound, which makes him
publish or adopt at once, is kept as *forced*, because its published table can be checked.

Sources: A. Sapirshtein, Y. Sompolinsky and A. Zohar, "Optimal selfish mining strategies in Bitcoin"
(arXiv 1507.06183): states, actions, forced truncation; the sweep and the tighter ends are ours.
Why the over-payment holds: shifting both branches by j blocks changes any strategy's result by at
most j (1-rho), and at the root the common start is worth 0.

>>> bounds = optimal_revenue_share(0.4, gamma=0.0)
>>> f"{bounds.lower:.4f} {bounds.upper:.4f}"
'0.4887 0.4887'
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import require_count, require_share
from headframe.analytics.selfish_mining import require_minority
from headframe.errors import InputError
from headframe.types import Array

Truncation = Literal["run_down", "over_paid", "forced"]
"""What the attacker is paid where branches grow too long: achievable, unattainable, the paper's."""
Ties = Literal["first_seen", "random"]
"""How honest miners choose between branches of one length."""

MAX_LENGTH = 80
"""Branch length followed by default: bounds within 1e-4 of each other for alpha up to 0.40."""
SWEEP_TOLERANCE = 1e-10
"""Largest change, in blocks, at which the sweeps stop; every sweep's result is a bound already."""
ROOT_TOLERANCE = 1e-9
"""Accuracy of the share at which the episode is worth nothing."""
WORTHWHILE = 1e-9
"""Gain per episode, in blocks, above which an attack counts as profitable."""


class Fork(IntEnum):
    """Whether the last public block can be matched, or has been."""

    IRRELEVANT = 0
    """The attacker found the last block: too late to match, unless ties are broken at random."""
    RELEVANT = 1
    """Honest miners found the last block: a branch of equal length would split the network."""
    ACTIVE = 2
    """Two published branches of equal length compete."""


class Action(IntEnum):
    """What the attacker does after a block."""

    ADOPT = 0
    OVERRIDE = 1
    MATCH = 2
    WAIT = 3


@dataclass(frozen=True)
class RevenueBounds:
    """Between what and what the best attainable share of the chain lies."""

    alpha: float
    """The attacker's share of the hash rate."""
    gamma: float
    """Share of the honest hash rate that mines on his block in a tie."""
    max_length: int
    """Branch length that was followed."""
    lower: float
    """Share that a strategy which can be carried out earns."""
    upper: float
    """Share that no strategy exceeds."""


def optimal_revenue_share(
    alpha: float, *, gamma: float, max_length: int = MAX_LENGTH, ties: Ties = "first_seen"
) -> RevenueBounds:
    """
    The largest share of the chain's blocks that a share `alpha` of the hash rate can get.

        F(rho*) = 0,  lower <= rho* <= upper <= alpha / (1-alpha)

    Source: Sapirshtein, Sompolinsky and Zohar 2016; the cap is theirs too. With T = 80
    the bounds are 3e-5 apart at alpha = 0.40, 1.2e-3 at 0.45 and 4e-3 at 0.475 (gamma = 0), with
    the truth near the lower one; `alpha` from 0 to below 1/2.
    """
    lower, upper = (
        truncated_revenue_share(alpha, gamma=gamma, max_length=max_length, tail=tail, ties=ties)
        for tail in ("run_down", "over_paid")
    )
    return RevenueBounds(alpha, gamma, max_length, lower, upper)


def truncated_revenue_share(
    alpha: float, *, gamma: float, max_length: int, tail: Truncation, ties: Ties = "first_seen"
) -> float:
    """
    Best share of the chain in the problem truncated in one of the three ways; see the module.

    Never below `alpha`, which honest mining earns, nor above alpha / (1-alpha).
    """
    from scipy.optimize import brentq

    game = _Game.of(alpha, gamma=gamma, max_length=max_length, tail=tail, ties=ties)
    ceiling = alpha / (1.0 - alpha)
    if alpha == 0.0 or game.worth(alpha) <= 0.0:
        return alpha
    if game.worth(ceiling) >= 0.0:
        return ceiling
    return float(brentq(game.worth, alpha, ceiling, xtol=ROOT_TOLERANCE))


def optimal_threshold(
    gamma: float, *, max_length: int = MAX_LENGTH, ties: Ties = "first_seen"
) -> float:
    """
    Share of the hash rate above which some strategy beats honest mining, found by bisection.

        inf { alpha : F(rho = alpha) > 0 }

    0.3294 for gamma = 0, where the strategy of Eyal and Sirer needs 1/3. Accurate to about 1e-4,
    since the gain starts flat. Source: Sapirshtein, Sompolinsky and Zohar 2016.
    """
    require_share(gamma=gamma)
    low, high = 0.0, 0.4
    for _ in range(20):
        middle = (low + high) / 2.0
        game = _Game.of(middle, gamma=gamma, max_length=max_length, tail="run_down", ties=ties)
        low, high = (low, middle) if game.worth(middle) > WORTHWHILE else (middle, high)
    return high


def optimal_policy(
    alpha: float, *, gamma: float, max_length: int = MAX_LENGTH, ties: Ties = "first_seen"
) -> npt.NDArray[np.int8]:
    """
    The best action by (fork, a, h), as `Action` numbers: shape (3, max_length, max_length).

    It is the strategy that earns the lower bound. States that cannot occur hold what would be done
    in them. Source: Sapirshtein, Sompolinsky and Zohar 2016.
    """
    rho = truncated_revenue_share(
        alpha, gamma=gamma, max_length=max_length, tail="run_down", ties=ties
    )
    game = _Game.of(alpha, gamma=gamma, max_length=max_length, tail="run_down", ties=ties)
    return game.actions(rho)


@dataclass(frozen=True)
class _Game:
    alpha: float
    gamma: float
    max_length: int
    tail: Truncation
    ties: Ties

    @classmethod
    def of(
        cls, alpha: float, *, gamma: float, max_length: int, tail: Truncation, ties: Ties
    ) -> "_Game":
        require_minority(alpha=alpha)
        require_share(gamma=gamma)
        require_count(max_length=max_length)
        if max_length < 4:
            raise InputError("max_length", max_length, "must be 4 or more")
        for name, value, allowed in (("tail", tail, Truncation), ("ties", ties, Ties)):
            if value not in get_args(allowed):
                raise InputError(name, value, f"must be one of {', '.join(get_args(allowed))}")
        return cls(float(alpha), float(gamma), max_length, tail, ties)

    def worth(self, rho: float) -> float:
        # F(rho): what one episode is worth, from one common start to the next.
        worth, _, _ = self.solve(rho)
        return float(self.alpha * worth[0, 1, 0] + (1.0 - self.alpha) * worth[1, 0, 1])

    def solve(self, rho: float) -> tuple[Array, Array, Array]:
        # Worth of all states, of a lead of k after publishing, of a lead of k against one block.
        sweep, alpha, beta = _compiled_sweep(), self.alpha, 1.0 - self.alpha
        late = self.ties == "random"
        edge = self._edge(rho)
        worth = np.repeat(edge[np.newaxis], 3, axis=0)
        lead, tie = np.zeros(self.max_length), edge[:-1, 1].copy()
        lead[1:] = alpha * edge[2:, 0] + beta * edge[1:-1, 1]
        while sweep(worth, lead, tie, alpha, self.gamma, late, rho) > SWEEP_TOLERANCE:
            pass
        return worth, lead, tie

    def _edge(self, rho: float) -> Array:
        # What every state is worth at the truncation: the whole table, of which the rim is kept.
        a = np.arange(self.max_length + 1.0)[:, np.newaxis]
        h = np.arange(self.max_length + 1.0)[np.newaxis, :]
        k, own, drift = a - h, 1.0 - rho, 1.0 - 2.0 * self.alpha
        per_lead = (1.0 - self.alpha) / drift
        if self.tail == "over_paid":
            gap = np.maximum(-k, 0.0)
            caught = (self.alpha / (1.0 - self.alpha)) ** gap
            behind = caught * own * (a + h + gap / drift) / 2.0 - (1.0 - caught) * rho * h
            return np.where(k >= 0.0, own * (h + k * per_lead), behind)
        waiting = (k - 1.0) * per_lead if self.tail == "run_down" else np.zeros_like(k)
        return np.where(k > 0.0, own * (h + 1.0 + waiting), -rho * h + 0.0 * a)

    def actions(self, rho: float) -> npt.NDArray[np.int8]:
        worth, lead, tie = self.solve(rho)
        size, own = self.max_length, 1.0 - rho
        a, h = np.indices((size, size))
        k, never = np.maximum(a - h, 0), np.full((size, size), -np.inf)
        adopt = -rho * h.astype(np.float64)
        override = np.where(a > h, own * (h + 1) + lead[np.maximum(k - 1, 0)], never)
        grown, met = worth[:, 1:, :-1], worth[Fork.RELEVANT, :-1, 1:]
        wait = self.alpha * grown[Fork.IRRELEVANT] + (1.0 - self.alpha) * met
        split = self.gamma * (own * h + tie[k]) + (1.0 - self.gamma) * met
        race = self.alpha * grown[Fork.ACTIVE] + (1.0 - self.alpha) * split
        match = np.where((a >= h) & (h > 0), race, never)
        choices = [
            (adopt, override, match if self.ties == "random" else never, wait),
            (adopt, override, match, wait),
            (adopt, override, never, np.where(a >= h, race, wait)),
        ]
        return np.stack([np.argmax(np.stack(fork), axis=0) for fork in choices]).astype(np.int8)


def _sweep(
    worth: Array, lead: Array, tie: Array, alpha: float, gamma: float, late: bool, rho: float
) -> float:
    # One pass from long branches to short ones; returns the largest change of lead and tie.
    size, own, beta = lead.shape[0], 1.0 - rho, 1.0 - alpha
    for h in range(size - 1, -1, -1):
        for a in range(size - 1, -1, -1):
            best = -rho * h
            if a > h:
                best = max(best, own * (h + 1) + lead[a - h - 1])
            wait = alpha * worth[0, a + 1, h] + beta * worth[1, a, h + 1]
            worth[0, a, h] = max(best, wait)
            if a >= h:
                split = gamma * (own * h + tie[a - h]) + (1.0 - gamma) * worth[1, a, h + 1]
                race = alpha * worth[2, a + 1, h] + beta * split
                worth[1, a, h] = max(best, wait, race)
                if late:
                    worth[0, a, h] = worth[1, a, h]
                worth[2, a, h] = max(best, race)
            else:
                worth[1, a, h] = worth[2, a, h] = max(best, wait)
    change = abs(worth[1, 0, 1] - tie[0])
    tie[0] = worth[1, 0, 1]
    for k in range(1, size):
        published = alpha * worth[0, k + 1, 0] + beta * worth[1, k, 1]
        change = max(change, abs(published - lead[k]), abs(worth[1, k, 1] - tie[k]))
        lead[k], tie[k] = published, worth[1, k, 1]
    return float(change)


@cache
def _compiled_sweep() -> Callable[[Array, Array, Array, float, float, bool, float], float]:
    from headframe.kernels.compiled import kernel

    return kernel(_sweep)
