"""
What a pool's payout scheme does to luck: mean, variance and full risk of a miner's income.

A pool turns rare large rewards into frequent small ones, and its *scheme* says how. Who is paid per
share carries no luck at all (the operator does); who is paid per block carries the pool's luck,
scaled down by the share that his hash rate has in it; in between, a window over the last shares
smooths what is paid for a given piece of work. Each scheme here answers four questions for the
*work* of a miner over a horizon, counted by what that work is paid, whenever it is paid:

    mean            E[X]
    variance        Var[X]
    log_laplace     ln E[exp(-theta X)]      everything else, and what a risk-averse miner needs
    mean delay      from the work to its pay

Notation of the field: p chance of a share to be a block, B reward of a block, f fee, N the window
in shares; here s is the miner's share of the pool, lambda the blocks that his own hash rate would
find, and Lambda = lambda / s those of the pool. Blocks arrive as a Poisson process and the miner's
share is steady: the formulas are those of many shares per block (relative error about p).

Sources: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980)
for the schemes and their variance per share; the variance over a horizon follows from them here.

>>> reward, work = BlockReward(subsidy_btc=3.125), Work(expected_blocks=0.5, pool_share=0.01)
>>> [round(scheme.variance_btc2(work, reward), 4) for scheme in (Solo(), Pplns(window_rounds=8.0))]
[4.8828, 0.0462]
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np

from headframe.analytics.block_reward import BlockReward
from headframe.analytics.domain import (
    require_inner_share,
    require_non_negative,
    require_positive,
    require_proper_share,
    require_threshold,
)
from headframe.types import Array

NODES = 96
"""Gauss-Legendre nodes for the averages over a window."""


@dataclass(frozen=True)
class Work:
    """A miner's work over a horizon, and the pool he does it in."""

    expected_blocks: float
    """Blocks that this work finds on average (lambda)."""
    pool_share: float = 1.0
    """The miner's share of the pool's hash rate, his own included (s)."""

    def __post_init__(self) -> None:
        require_non_negative(expected_blocks=self.expected_blocks)
        require_threshold(pool_share=self.pool_share)

    @property
    def rounds(self) -> float:
        """Blocks that the whole pool finds on average over the horizon (Lambda)."""
        return self.expected_blocks / self.pool_share


class Scheme(Protocol):
    """How a pool pays; `fee` is the operator's share of what is paid out."""

    @property
    def fee(self) -> float:
        """The operator's fee as a fraction."""

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income."""

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)]."""

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Mean time from work to its pay, in mean times between the pool's blocks."""


@dataclass(frozen=True)
class Solo:
    """
    Every block is the finder's.

        mean (1-f) lambda E[B],  variance (1-f)^2 lambda E[B^2]
    """

    fee: float = 0.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income."""
        return (1.0 - self.fee) ** 2 * work.expected_blocks * reward.square_btc2

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)] = lambda (E[exp(-theta (1-f) B)] - 1)."""
        require_non_negative(theta_per_btc=theta_per_btc)
        jump = reward.laplace_less_one(theta_per_btc * (1.0 - self.fee))
        return work.expected_blocks * float(jump)

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Zero: the share that is a block is paid at once."""
        return 0.0


@dataclass(frozen=True)
class Pps:
    """Pay per share: (1-f) p times the subsidy for each share, whatever happens; fees stay away."""

    fee: float = 0.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.subsidy_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Zero: the operator carries the luck."""
        return 0.0

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)] = -theta mean."""
        require_non_negative(theta_per_btc=theta_per_btc)
        return -theta_per_btc * self.mean_btc(work, reward)

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Zero: shares are paid as they come."""
        return 0.0


@dataclass(frozen=True)
class Fpps:
    """Full pay per share: subsidy and mean fees for each share; all luck is the operator's."""

    fee: float = 0.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Zero: the operator carries the luck."""
        return 0.0

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)] = -theta mean."""
        require_non_negative(theta_per_btc=theta_per_btc)
        return -theta_per_btc * self.mean_btc(work, reward)

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Zero: shares are paid as they come."""
        return 0.0


@dataclass(frozen=True)
class Pplns:
    """
    Pay per last N shares: a block pays the shares of the window before it alike.

        variance (1-f)^2 s^2 E[B^2] (Lambda - w/3)                Lambda >= w = N p
                 (1-f)^2 s^2 E[B^2] (Lambda/w)^2 (w - Lambda/3)   Lambda <= w

    `window_rounds` w is the window over the mean work of a block. For one share it is Rosenfeld's
    p B^2 / N; over a long horizon s times the variance of mining alone. A window fixed in work is
    proof against hopping.
    """

    fee: float = 0.0
    window_rounds: float = 1.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)
        require_non_negative(window_rounds=self.window_rounds)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income."""
        peak, plateau, ramps = self._coverage(work)
        scale = (1.0 - self.fee) * work.pool_share * peak
        return scale**2 * reward.square_btc2 * (plateau + ramps / 3.0)

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)]: Poisson blocks, each worth its coverage of the window."""
        require_non_negative(theta_per_btc=theta_per_btc)
        peak, plateau, ramps = self._coverage(work)
        slope = theta_per_btc * (1.0 - self.fee) * work.pool_share * peak
        levels, weights = _unit_quadrature()
        on_ramps = float(weights @ reward.laplace_less_one(slope * levels))
        return plateau * float(reward.laplace_less_one(slope)) + ramps * on_ramps

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Half the window."""
        return self.window_rounds / 2.0

    def _coverage(self, work: Work) -> tuple[float, float, float]:
        # How much of a block's window the horizon fills: its peak, and for how many rounds it lies
        # at the peak and on the two ramps up to it.
        rounds, window = work.rounds, self.window_rounds
        peak = 1.0 if rounds >= window else rounds / window
        return peak, abs(rounds - window), 2.0 * min(rounds, window)


@dataclass(frozen=True)
class Proportional:
    """
    Every round's reward is split over the shares of that round.

        variance (1-f)^2 s^2 Lambda E[B^2]      counted in whole rounds

    Not proof against hopping, see `pool_hopping`. Left out are the chance in the miner's number of
    shares per round, relatively p ln(1/p) (1-s)/s, and the cut rounds at both ends.
    """

    fee: float = 0.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income."""
        return ((1.0 - self.fee) * work.pool_share) ** 2 * work.rounds * reward.square_btc2

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)] = Lambda (E[exp(-theta (1-f) s B)] - 1)."""
        require_non_negative(theta_per_btc=theta_per_btc)
        jump = reward.laplace_less_one(theta_per_btc * (1.0 - self.fee) * work.pool_share)
        return work.rounds * float(jump)

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Half a round, each round counted alike."""
        return 0.5


@dataclass(frozen=True)
class PpsPlus:
    """PPS+: the subsidy per share without luck, the fees of found blocks by PPLNS."""

    fee: float = 0.0
    window_rounds: float = 1.0

    def __post_init__(self) -> None:
        require_proper_share(fee=self.fee)
        require_non_negative(window_rounds=self.window_rounds)

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        return (1.0 - self.fee) * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income: that of the fees."""
        return self._windowed().variance_btc2(work, reward.fees_alone)

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)]: the sum of the two parts."""
        certain = Pps(self.fee).log_laplace(work, reward, theta_per_btc)
        return certain + self._windowed().log_laplace(work, reward.fees_alone, theta_per_btc)

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """Half the window, for the part of the reward that is fees."""
        return self.window_rounds / 2.0 * reward.fees_btc / reward.mean_btc

    def _windowed(self) -> Pplns:
        return Pplns(self.fee, self.window_rounds)


@dataclass(frozen=True)
class Geometric:
    """
    Rosenfeld's geometric method: within a round each share counts r times the one before.

        r = 1 - p + p/c,   mean (1-f)(1-c) lambda E[B],   d = (1-c)/c
        variance per round (1-f)^2 s^2 (2 d^2/((1+d)(1+2d)) Var B + 2 d^4/((1+d)^3 (1+2d)) E[B]^2)

    `variable_fee` c is what the operator keeps on average by taking part in the scores; he can give
    it back by a negative fee f. Proof against hopping. The variance is that of horizons long
    against a round, by renewal theory. Source: Rosenfeld 2011, the geometric method.
    """

    variable_fee: float
    fee: float = 0.0

    def __post_init__(self) -> None:
        require_inner_share(variable_fee=self.variable_fee)
        require_positive(**{"1 - fee": 1.0 - self.fee})

    def mean_btc(self, work: Work, reward: BlockReward) -> float:
        """Mean income."""
        kept = (1.0 - self.fee) * (1.0 - self.variable_fee)
        return kept * work.expected_blocks * reward.mean_btc

    def variance_btc2(self, work: Work, reward: BlockReward) -> float:
        """Variance of the income."""
        d = self._decay
        spread = 2.0 * d**2 / ((1.0 + d) * (1.0 + 2.0 * d)) * reward.fees_sd_btc**2
        luck = 2.0 * d**4 / ((1.0 + d) ** 3 * (1.0 + 2.0 * d)) * reward.mean_btc**2
        return ((1.0 - self.fee) * work.pool_share) ** 2 * work.rounds * (spread + luck)

    def log_laplace(self, work: Work, reward: BlockReward, theta_per_btc: float) -> float:
        """Log of E[exp(-theta income)] = -Lambda x, x the root of E[exp(-theta Y + x T)] = 1."""
        from scipy.optimize import brentq

        require_non_negative(theta_per_btc=theta_per_btc)
        slope = theta_per_btc * (1.0 - self.fee) * work.pool_share
        levels, weights = _unit_quadrature()
        most = -float(reward.laplace_less_one(slope))

        def excess(rate: float) -> float:
            # Y = 1 - u^(d/(1-x)) of a block's reward, with u uniform once the round's length T
            # has been weighted by exp(x T).
            unpaid = levels ** (self._decay / (1.0 - rate))
            return float(weights @ reward.laplace_less_one(slope * (1.0 - unpaid))) + rate

        if excess(most) <= 0.0:
            return -work.rounds * most
        return -work.rounds * float(brentq(excess, 0.0, most, xtol=1e-16, rtol=1e-12))

    def mean_delay_rounds(self, reward: BlockReward) -> float:
        """The variable fee c, in rounds: late shares of a round get the most."""
        return self.variable_fee

    @property
    def _decay(self) -> float:
        return (1.0 - self.variable_fee) / self.variable_fee


def share_variance_btc2(
    *, block_chance: float, reward_btc: float, window_shares: float | None = None
) -> float:
    """
    Variance of what one share is paid, for a small chance p of a block.

        solo p B^2;   PPLNS over N shares p B^2 / N

    `window_shares` None is solo. Source: Rosenfeld 2011.
    """
    require_inner_share(block_chance=block_chance)
    require_non_negative(reward_btc=reward_btc)
    if window_shares is None:
        return block_chance * reward_btc**2
    require_positive(window_shares=window_shares)
    return block_chance * reward_btc**2 / window_shares


def relative_sd(scheme: Scheme, work: Work, reward: BlockReward) -> float:
    """Standard deviation of the income over its mean; 1 / sqrt(lambda) alone without a pool."""
    mean_btc = scheme.mean_btc(work, reward)
    require_positive(mean_btc=mean_btc)
    return math.sqrt(scheme.variance_btc2(work, reward)) / mean_btc


@cache
def _unit_quadrature() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0
