"""
The operator's side of a per-share pool: how likely he goes broke, and the reserve that prevents it.

Who pays per share pays whether blocks come or not. His reserve sinks steadily and jumps up with
each block; on average it grows by the fee. A long enough run of bad luck ruins him, and the chance
of that falls exponentially with the reserve he began with. The usual formula replaces jumps by a
Brownian motion; the exact one solves for the exponent of the jump process (in insurance the *dual
risk model*: steady cost, random gains). Both are here; the exact reserve is a little smaller.

Schemes that pay per share only as long as the buffer lasts (SMPPS) cannot be ruined; their miners
wait for arrears instead, and deep arrears stay for long.

Sources: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980)
on reserves and on SMPPS; H. Albrecher, D. Finger and P.-O. Goffard, "Blockchain mining in pools"
(arXiv 2109.03085) for ruin in the dual model; the exact exponent is derived here.

>>> reward = BlockReward(subsidy_btc=1.0)
>>> round(reserve_btc(0.001, fee=0.05, reward=reward), 3)
66.755
>>> round(reserve_btc(0.001, fee=0.05, reward=reward, exact=False), 3)
69.078
"""

import math

from headframe.analytics.block_reward import BlockReward
from headframe.analytics.domain import (
    require_count,
    require_inner_share,
    require_non_negative,
    require_positive,
    require_proper_share,
)


def ruin_exponent_per_btc(*, fee: float, reward: BlockReward, exact: bool = True) -> float:
    """
    Rate at which the chance of ruin falls with the reserve.

        exact:     the positive root x of  E[exp(-x B)] = 1 - (1-f) x E[B]
        otherwise  2 f E[B] / E[B^2]            the first two terms, a lower bound

    For a constant reward the exact root solves e^-y = 1 - (1-f) y with y = x B. Full pay per share:
    give the reward its fees and their spread. `fee` strictly between 0 and 1.
    """
    from scipy.optimize import brentq

    require_inner_share(fee=fee)
    require_positive(reward_btc=reward.mean_btc)
    mean_btc, diffusion = reward.mean_btc, 2.0 * fee * reward.mean_btc / reward.square_btc2
    if not exact:
        return diffusion

    def excess(x: float) -> float:
        return float(reward.laplace_less_one(x)) + (1.0 - fee) * x * mean_btc

    # Convex, 0 and falling at 0, below 0 at half the lower bound, above 0 where the line ends.
    return float(brentq(excess, diffusion / 2.0, 1.0 / ((1.0 - fee) * mean_btc), xtol=1e-15))


def ruin_probability(
    reserve_btc: float, *, fee: float, reward: BlockReward, exact: bool = True
) -> float:
    """
    Chance that a per-share operator's reserve is ever used up: exp(-x reserve).

    Without a fee ruin is certain. Source: Rosenfeld 2011 (approximate); exact as above.
    """
    require_non_negative(reserve_btc=reserve_btc)
    require_proper_share(fee=fee)
    if fee == 0.0:
        return 1.0
    return math.exp(-ruin_exponent_per_btc(fee=fee, reward=reward, exact=exact) * reserve_btc)


def reserve_btc(
    probability: float, *, fee: float, reward: BlockReward, exact: bool = True
) -> float:
    """Reserve with which a per-share operator is ruined with a given chance: ln(1/delta) / x."""
    require_inner_share(probability=probability)
    exponent = ruin_exponent_per_btc(fee=fee, reward=reward, exact=exact)
    return -math.log(probability) / exponent


def arrears_persistence(deficit_blocks: float, *, rounds: int, reflected: bool = False) -> float:
    """
    Chance that a buffer m blocks in arrears has not recovered within n rounds (SMPPS, RSMPPS).

        sqrt(2/pi) m / sqrt(n), at most 1;     with `reflected`  erf(m / sqrt(2 n))

    The first is the slope of the second at 0, both for a buffer without fee (a fair random walk).
    Source: Rosenfeld 2011 on SMPPS.
    """
    require_non_negative(deficit_blocks=deficit_blocks)
    require_count(rounds=rounds)
    if reflected:
        return math.erf(deficit_blocks / math.sqrt(2.0 * rounds))
    return min(1.0, math.sqrt(2.0 / math.pi) * deficit_blocks / math.sqrt(rounds))
