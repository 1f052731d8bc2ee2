"""
Double spending: how deep a payment must lie before it can be called final.

An attacker with a share q of the hash rate pays, waits until the merchant sees z confirmations, and
mines a branch of his own in secret in which the coins never went to the merchant. If that branch
gets longer, the payment is gone. Three answers to one question stand here: Nakamoto's approximation
of 2008 (which counts the attacker's blocks by their mean time), Rosenfeld's exact sum of 2012, and
the identity by which Grunspan and Perez-Marco turned that sum into one beta function.

A chance of success alone does not say what is safe: an attack costs the blocks wasted if it fails.
*Economic finality* asks instead for the value at which the best-playing attacker, who may give up
at any moment and may still publish his branch for its rewards, just breaks even; below it, nobody
who mines for money attacks.

Sources: S. Nakamoto, "Bitcoin" (2008) sec. 11; M. Rosenfeld, "Analysis of hashrate-based double
spending" (arXiv 1402.2009); C. Grunspan and R. Perez-Marco, "Double spend races" (arXiv 1702.02867)
and "On profitability of Nakamoto double spend" (arXiv 1912.06412) for the break-even, which here is
that of the best stopping rule instead of a fixed one.

>>> round(rosenfeld_probability(6, attacker_share=0.1), 7)
0.0005914
>>> confirmations_for_risk(0.001, attacker_share=0.1)
6
>>> confirmations_for_value(1_000_000.0, block_reward_usd=200_000.0, attacker_share=0.1)
2
"""

import math
from collections.abc import Callable

import numpy as np

from headframe.analytics.domain import (
    require_count,
    require_inner_share,
    require_non_negative,
    require_positive,
)
from headframe.analytics.selfish_mining import require_minority
from headframe.errors import InputError
from headframe.types import Array

NEGLIGIBLE = 1e-10
"""Gain, in block rewards, that a catch-up after the last diagonal could still bring."""
LARGEST_SHARE = 0.48
"""Attacker whose race is still followed to its end; nearer to one half it takes for ever."""


def nakamoto_probability(confirmations: int, *, attacker_share: float) -> float:
    """
    Nakamoto's chance that a payment with z confirmations is reversed.

        1 - sum_{k=0}^{z} e^-l l^k / k! (1 - (q/p)^(z-k)),   l = z q / p

    Too low for small q, since z blocks are taken to last exactly their mean time.
    Source: Nakamoto 2008 sec. 11.
    """
    from scipy.special import gammainc, gammaln, xlogy

    z, q = _race(confirmations, attacker_share)
    if z == 0 or q == 0.0:
        return float(z == 0)
    k, mean = np.arange(z + 1.0), z * q / (1.0 - q)
    weight = np.exp(xlogy(k, mean) - mean - gammaln(k + 1.0))
    beyond = gammainc(z + 1.0, mean)  # more than z blocks of his own
    return float(beyond + np.sum(weight * (q / (1.0 - q)) ** (z - k)))


def rosenfeld_probability(confirmations: int, *, attacker_share: float) -> float:
    """
    Exact chance that a payment with n confirmations is reversed.

        1 - sum_{m=0}^{n} C(m+n-1, m) (p^n q^m - p^m q^n)

    The attacker has one block in hand when he pays, so that he wins by drawing level.
    Source: Rosenfeld 2012; summed as the equal sum of positive terms, which keeps its
    relative accuracy when it is tiny.
    """
    from scipy.special import betainc, gammaln

    n, q = _race(confirmations, attacker_share)
    if n == 0 or q == 0.0:
        return float(n == 0)
    p, m = 1.0 - q, np.arange(n + 1.0)
    log_ways = gammaln(m + n) - gammaln(m + 1.0) - gammaln(float(n))
    catch_up = np.exp(log_ways + m * math.log(p) + n * math.log(q))
    already_ahead = float(betainc(n + 1.0, n, q))  # more than n blocks while honest miners find n
    return already_ahead + float(catch_up.sum())


def beta_probability(confirmations: int, *, attacker_share: float) -> float:
    """
    The same exact chance in closed form: the regularised incomplete beta function.

        I_{4pq}(n, 1/2)

    Source: Grunspan and Perez-Marco 2017.
    """
    from scipy.special import betainc

    n, q = _race(confirmations, attacker_share)
    return 1.0 if n == 0 else float(betainc(n, 0.5, 4.0 * q * (1.0 - q)))


def confirmations_for_risk(
    risk: float,
    *,
    attacker_share: float,
    probability: Callable[..., float] = beta_probability,
) -> int:
    """
    Fewest confirmations for which the chance of reversal is below `risk`.

    Exact by default; pass `nakamoto_probability` for the table of his paper.
    """
    require_inner_share(risk=risk)
    require_minority(attacker_share=attacker_share)
    return _fewest(lambda z: probability(z, attacker_share=attacker_share) < risk)


def break_even_blocks(confirmations: int, *, attacker_share: float) -> float:
    """
    Value of a payment, in block rewards, at which the best attack on it just pays.

        sup over stopping rules of  V P(win) - E[own blocks, if he gives up while behind]  =  0

    He starts with one block in hand, and each block of his on the losing branch is a reward lost;
    blocks of a branch that is longer are paid, so giving up while ahead is free. Infinite without
    hash rate; shares up to 0.48, where it takes seconds. Source: Grunspan and Perez-Marco 2019,
    with optimal stopping in place of their fixed deficit.
    """
    from scipy.optimize import brentq

    require_count(confirmations=confirmations)
    _require_followed(attacker_share)
    if attacker_share == 0.0:
        return math.inf

    def gain(value_blocks: float) -> float:
        return _attack_gain(value_blocks, confirmations, attacker_share)

    low, high = 0.0, 1.0
    while gain(high) <= 0.0:
        low, high = high, 4.0 * high
    return float(brentq(gain, low, high, rtol=1e-9))


def confirmations_for_value(
    value_usd: float, *, block_reward_usd: float, attacker_share: float
) -> int:
    """
    Fewest confirmations after which reversing a payment loses money: economic finality.

        min { z : break_even_blocks(z) * block_reward >= value }

    `value_usd` is what the attacker would gain, all payments in the block that he could reverse.
    It holds against a miner with a share up to 0.48 who pays the going price for hash rate; for a
    majority no number of confirmations is final, see `attack_cost`.
    """
    require_non_negative(value_usd=value_usd)
    require_positive(block_reward_usd=block_reward_usd)
    _require_followed(attacker_share)
    if attacker_share == 0.0:
        return 1
    value_blocks = value_usd / block_reward_usd

    def final(confirmations: int) -> bool:
        return confirmations > 0 and _attack_gain(value_blocks, confirmations, attacker_share) <= 0

    return _fewest(final)


def _attack_gain(value_blocks: float, confirmations: int, share: float) -> float:
    # Expected gain of going on after paying, in block rewards. Diagonals s = m + n of the
    # attacker's and the honest blocks since, from late ones to early ones, each from `low` (below
    # it m >= n and m >= z: won, now or when the z blocks are there) to `high` (above it hopeless).
    stake, ratio = (1.0 + value_blocks) / NEGLIGIBLE, (1.0 - share) / share
    depth = 2 * confirmations + math.ceil(
        2.0 * math.log(stake) / -math.log(4.0 * share * (1.0 - share))
    )
    hopeless = math.ceil(math.log(stake * (1.0 + depth)) / math.log(ratio))
    every = np.arange(depth + 2.0)

    def span(s: int) -> tuple[int, int]:
        return max(0, min(s - confirmations, s // 2) + 1), min(s, (s + hopeless) // 2)

    low_after, high_after = span(depth + 1)
    after = _stop(every[low_after : high_after + 1], depth + 1)
    for s in range(depth, -1, -1):
        low, high = span(s)
        won = np.full(low_after - low, value_blocks)
        lost = _stop(every[high_after + 1 : high + 2], s + 1)
        following = np.concatenate([won, after, lost])
        go_on = share * following[:-1] + (1.0 - share) * following[1:]
        after = np.maximum(go_on, _stop(every[low : high + 1], s))
        low_after, high_after = low, high
    return float(go_on[0])


def _stop(honest: Array, blocks: int) -> Array:
    # Giving up costs all own blocks, the one in hand included, unless their branch is the longer.
    own = blocks - honest
    return np.where(own >= honest, 0.0, -(own + 1.0))


def _fewest(enough: Callable[[int], bool]) -> int:
    # Smallest z for which a condition that stays true once true holds: doubling, then halving.
    if enough(0):
        return 0
    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _require_followed(attacker_share: float) -> None:
    require_minority(attacker_share=attacker_share)
    if attacker_share > LARGEST_SHARE:
        raise InputError("attacker_share", attacker_share, f"must be at most {LARGEST_SHARE}")


def _race(confirmations: int, attacker_share: float) -> tuple[int, float]:
    if confirmations != 0:
        require_count(confirmations=confirmations)
    require_minority(attacker_share=attacker_share)
    return int(confirmations), float(attacker_share)
