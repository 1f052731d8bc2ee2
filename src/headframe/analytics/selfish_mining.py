"""
Selfish mining: what a pool earns that hides its blocks and publishes them when it hurts most.

The pool keeps what it finds to itself and reveals it only when the public chain comes close, so
that others waste their work on blocks that will be orphaned. Of the chain that results it owns a
larger share than its share `alpha` of the hash rate, once that share is large enough. `gamma` is
the share of the honest hash rate that mines on the pool's block when two blocks compete.

A larger share of the blocks is not more money by itself: until the next retarget fewer blocks are
found by everyone, the pool included, so that a selfish miner first loses and earns only after the
difficulty has followed. `break_even_s` is the time until he is back where honesty would have been.

Sources: I. Eyal and E. G. Sirer, "Majority is not enough" (2014), eq. 8 and the threshold from it;
C. Grunspan and R. Perez-Marco, "On profitability of selfish mining" (arXiv 1805.08281) for the time
it takes. The best strategy there is, from the same hash rate, is in `optimal_selfish_mining`.

>>> round(float(selfish_revenue_share(0.4, gamma=0.0)), 6)
0.483721
>>> round(break_even_s(0.4, gamma=0.0) / 604_800, 2)  # weeks
4.84
"""

import math

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_count,
    require_non_negative,
    require_positive,
    require_share,
)
from headframe.errors import InputError

RETARGET_BLOCKS = 2016
"""Blocks between two adjustments of Bitcoin's difficulty."""
BLOCK_INTERVAL_S = 600.0
"""Bitcoin's target time between blocks."""


def selfish_revenue_share(alpha: Real, *, gamma: Real) -> Real:
    """
    Share of the chain's blocks that a selfish pool owns in the long run; arrays broadcast.

        R = (a(1-a)^2 (4a + g(1-2a)) - a^3) / (1 - a(1 + (2-a)a))

    Source: Eyal and Sirer 2014 eq. 8. `alpha` from 0 to below 1/2, `gamma` from 0 to 1.
    """
    require_minority(alpha=alpha)
    require_share(gamma=gamma)
    won = alpha * (1.0 - alpha) ** 2 * (4.0 * alpha + gamma * (1.0 - 2.0 * alpha)) - alpha**3
    return won / (1.0 - alpha * (1.0 + (2.0 - alpha) * alpha))


def selfish_threshold(gamma: Real) -> Real:
    """
    Share of the hash rate above which selfish mining beats honest mining: (1-g) / (3-2g).

    Source: Eyal and Sirer 2014, where the revenue of eq. 8 equals alpha.
    """
    require_share(gamma=gamma)
    return (1.0 - gamma) / (3.0 - 2.0 * gamma)


def chain_growth(alpha: Real) -> Real:
    """
    Blocks of the final chain per block found while the pool mines selfishly; the rest are orphans.

        growth = p0 (1-a) + 2 p0' + 2 p2 (1-a) + (1-a) sum_{k>2} p_k

    with the stationary chance p_k of a lead of k, and p0' of two competing branches. It does not
    depend on gamma. Source: Eyal and Sirer's 2014 Markov chain. `alpha` from 0 to below 1/2.
    """
    require_minority(alpha=alpha)
    lead_0 = (1.0 - 2.0 * alpha) / (1.0 - 4.0 * alpha**2 + 2.0 * alpha**3)
    lead_1, ratio = alpha * lead_0, alpha / (1.0 - alpha)
    race = (1.0 - alpha) * lead_1
    lead_2 = ratio * lead_1
    longer = lead_2 * ratio / (1.0 - ratio)
    return (1.0 - alpha) * (lead_0 + 2.0 * lead_2 + longer) + 2.0 * race


def break_even_s(
    alpha: float,
    *,
    gamma: float,
    period_blocks: int = RETARGET_BLOCKS,
    interval_s: float = BLOCK_INTERVAL_S,
) -> float:
    """
    Time from the start of selfish mining until its revenue overtakes honest mining's.

        first period L = period * interval / growth,  t = L * R (1 - growth) / (R - alpha)

    He starts with a new difficulty period, earns R * growth per interval until the retarget and R
    after it; infinity where R <= alpha, since it then never pays. Source: Grunspan and Perez-Marco
    2018, their argument for a first retarget that is exact.
    """
    require_count(period_blocks=period_blocks)
    require_positive(interval_s=interval_s)
    share, growth = float(selfish_revenue_share(alpha, gamma=gamma)), float(chain_growth(alpha))
    if share <= alpha:
        return math.inf
    first_period_s = period_blocks * interval_s / growth
    return first_period_s * share * (1.0 - growth) / (share - alpha)


def require_minority(**shares: Real) -> None:
    """Refuse what is not a share of the hash rate from 0 to below 1/2: a majority just wins."""
    require_non_negative(**shares)
    for name, share in shares.items():
        refused = np.asarray(share) >= 0.5
        if refused.any():
            raise InputError(name, float(np.asarray(share)[refused][0]), "must be below 1/2")
