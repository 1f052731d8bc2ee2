"""
The luck of finding blocks: how many in a time, how long until the next, how big one must be.

Each hash is a lottery ticket of the same tiny chance, and a machine draws some 10^14 of them a
second; the number of blocks found in a time is therefore Poisson to any accuracy that matters, and
the wait for the n-th block is an Erlang (gamma) time. Everything a solo miner, or a pool that looks
at its month, wants to know about luck follows from one number, the expected count
(`hashprice.expected_blocks`).

Sources: S. Nakamoto, "Bitcoin" (2008) sec. 11; M. Rosenfeld, "Analysis of Bitcoin pooled mining
reward systems" (arXiv 1112.4980); F. Garwood, Biometrika 28 (1936) for the interval.

>>> day = expected_blocks(hashrate_th_s=234.0, seconds=86_400.0, difficulty=127e12)
>>> round(float(probability_at_least(1, expected_blocks=365 * day)), 4)
0.0134
"""

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import (
    Real,
    require_count,
    require_finite,
    require_inner_share,
    require_non_negative,
    require_positive,
)
from headframe.analytics.hashprice import expected_blocks
from headframe.errors import InputError

Count = int | npt.NDArray[np.int64]
"""A whole number, or an array of whole numbers."""


def probability_of(n_blocks: Count, *, expected_blocks: Real) -> Real:
    """
    Chance of exactly n blocks when lambda are expected; arrays broadcast.

        P(N = n) = exp(-lambda) lambda^n / n!
    """
    from scipy.special import gammaln, xlogy

    _require_counts(n_blocks)
    require_non_negative(expected_blocks=expected_blocks)
    log_chance = xlogy(n_blocks, expected_blocks) - expected_blocks - gammaln(np.add(n_blocks, 1.0))
    chance: Real = np.exp(log_chance)
    return chance


def probability_at_least(n_blocks: Count, *, expected_blocks: Real) -> Real:
    """
    Chance of n blocks or more when lambda are expected; arrays broadcast.

        P(N >= n) = P(n, lambda)            the regularised lower incomplete gamma function
    """
    from scipy.special import gammainc

    _require_counts(n_blocks)
    require_non_negative(expected_blocks=expected_blocks)
    chance = gammainc(np.maximum(n_blocks, 1), expected_blocks)
    answer: Real = np.where(np.equal(n_blocks, 0), 1.0, chance)[()]
    return answer


def wait_s(n_blocks: int, *, blocks_per_s: float, probability: float = 0.5) -> float:
    """
    Time by which n blocks have been found with a given probability; the median by default.

        P(n, rate * t) = probability        the Erlang quantile; the mean wait is n / rate
    """
    from scipy.special import gammaincinv

    require_count(n_blocks=n_blocks)
    require_positive(blocks_per_s=blocks_per_s)
    require_inner_share(probability=probability)
    return float(gammaincinv(n_blocks, probability)) / blocks_per_s


def hashrate_needed_th_s(
    *, n_blocks: int, probability: float, difficulty: float, seconds: float
) -> float:
    """
    Hash rate that finds n blocks or more in a time with a given probability.

        P(n, lambda) = probability,  hashrate = lambda / (blocks expected of 1 TH/s)
    """
    require_positive(seconds=seconds)
    needed_blocks = wait_s(n_blocks, blocks_per_s=1.0, probability=probability)
    per_th_s = expected_blocks(hashrate_th_s=1.0, seconds=seconds, difficulty=difficulty)
    return needed_blocks / float(per_th_s)


def expected_blocks_interval(found: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """
    What the expected count may have been, given how many blocks were found.

        P(found, low) = a/2,  P(found + 1, high) = 1 - a/2,  a = 1 - confidence

    Divide the found blocks by both ends for a pool's luck; an interval of luck that holds 1 proves
    neither bad luck nor block withholding. Source: Garwood 1936; it covers at least `confidence`.
    """
    from scipy.special import gammaincinv

    _require_counts(found)
    require_inner_share(confidence=confidence)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if found == 0 else float(gammaincinv(found, tail))
    return low, float(gammaincinv(found + 1, 1.0 - tail))


def _require_counts(n_blocks: Count) -> None:
    require_finite(n_blocks=np.asarray(n_blocks, dtype=np.float64))
    counts = np.asarray(n_blocks)
    if counts.dtype.kind not in "iu" or bool(np.any(counts < 0)):
        raise InputError("n_blocks", n_blocks, "must be whole numbers of 0 or more")
