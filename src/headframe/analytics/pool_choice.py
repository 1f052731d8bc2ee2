"""
Which pool to join: schemes and fees compared by what their income is worth to this miner.

A scheme without luck is worth something to a miner whose next block is years away, and nothing to
one who finds ten a day; the fee asked for it may be more or less. The yardstick is the *certainty
equivalent*: the sure income that is as good to him as the uncertain one.

The utility is exponential (CARA), u(w) = -exp(-a w). It is the one that the literature on pools
uses, its certainty equivalents are exact for every scheme here, and power bills and other sure
costs drop out. Its aversion a is per dollar; who thinks in relative aversion R (2 to 5 for most
people) and has wealth W takes a = R / W, `absolute_aversion`. With it, size matters through the
share s of the pool and through W; the horizon matters where pay lags behind work (windows), and
through W if that is taken as the capital at stake over the horizon. Waiting for pay costs interest.

Without a pool, each block of B dollars is worth (1 - e^(-a B)) / a, so the fee worth paying to be
rid of all variance is 1 - (1 - e^(-a B)) / (a B), whatever the hash rate.

Sources: L. W. Cong, Z. He and J. Li, "Decentralized mining in centralized pools" (RFS 34, 2021) for
CARA miners and Poisson blocks; the schemes' laws are in `pool_variance`.

>>> round(fee_worth_paying(Solo(), BlockReward(subsidy_btc=3.125), Work(0.01), 2e-6 * 60_000.0), 4)
0.1661
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headframe.analytics.block_reward import BlockReward
from headframe.analytics.domain import require_non_negative, require_positive
from headframe.analytics.hashprice import expected_blocks
from headframe.analytics.pool_variance import Scheme, Solo, Work
from headframe.errors import InputError
from headframe.units import YEAR_S


@dataclass(frozen=True)
class Miner:
    """Who chooses."""

    hashrate_th_s: float
    """His hash rate."""
    aversion_per_usd: float
    """Absolute risk aversion; 0 is a miner who looks at the mean alone."""
    horizon_s: float
    """Time over which he looks at his income."""
    discount_apr: float
    """What waiting for his pay costs him, a year."""

    def __post_init__(self) -> None:
        require_positive(hashrate_th_s=self.hashrate_th_s, horizon_s=self.horizon_s)
        require_non_negative(aversion_per_usd=self.aversion_per_usd, discount_apr=self.discount_apr)


@dataclass(frozen=True)
class Market:
    """What blocks pay and how hard they are to find, constant over the horizon."""

    difficulty: float
    """Bitcoin's difficulty."""
    reward: BlockReward
    """What a block pays."""
    btc_usd: float
    """Price of a coin."""

    def __post_init__(self) -> None:
        require_positive(difficulty=self.difficulty, btc_usd=self.btc_usd)


@dataclass(frozen=True)
class Offer:
    """A pool that can be joined."""

    name: str
    """Its name."""
    scheme: Scheme
    """How it pays, its fee included."""
    pool_th_s: float
    """Hash rate of its other miners; of no matter to solo mining and pay per share."""

    def __post_init__(self) -> None:
        require_non_negative(pool_th_s=self.pool_th_s)


@dataclass(frozen=True)
class Assessment:
    """What an offer is worth to a miner over his horizon, in USD when the work is done."""

    offer: Offer
    """The offer."""
    mean_usd: float
    """Mean income."""
    sd_usd: float
    """Its standard deviation."""
    certainty_equivalent_usd: float
    """The sure income that is as good."""

    @property
    def cost_of_luck_usd(self) -> float:
        """What the miner would give to have the mean for sure."""
        return self.mean_usd - self.certainty_equivalent_usd


def absolute_aversion(*, relative_aversion: float, wealth_usd: float) -> float:
    """Aversion per dollar of a miner with a relative aversion and a wealth: a = R / W."""
    require_non_negative(relative_aversion=relative_aversion)
    require_positive(wealth_usd=wealth_usd)
    return relative_aversion / wealth_usd


def certainty_equivalent_btc(
    scheme: Scheme, reward: BlockReward, work: Work, aversion_per_btc: float
) -> float:
    """
    Sure income as good as the scheme's: -ln E[exp(-a X)] / a; the mean where a is 0.

    To second order the mean less a/2 times the variance. Source: Cong, He and Li 2021.
    """
    require_non_negative(aversion_per_btc=aversion_per_btc)
    if aversion_per_btc == 0.0:
        return scheme.mean_btc(work, reward)
    return -scheme.log_laplace(work, reward, aversion_per_btc) / aversion_per_btc


def fee_worth_paying(
    scheme: Scheme, reward: BlockReward, work: Work, aversion_per_btc: float
) -> float:
    """
    Largest fee of a pool without any luck (FPPS) that still beats a scheme, as a fraction.

        1 - CE / (lambda E[B])

    With `Solo()` the fee worth paying to be rid of variance; with a PPLNS pool the premium that
    per-share pay may ask over it. Negative if the scheme pays more than its fair share.
    """
    fair_btc = work.expected_blocks * reward.mean_btc
    require_positive(expected_income_btc=fair_btc)
    return 1.0 - certainty_equivalent_btc(scheme, reward, work, aversion_per_btc) / fair_btc


def work_of(miner: Miner, market: Market, offer: Offer) -> Work:
    """The miner's work over his horizon, in the pool he would join with it."""
    found = expected_blocks(
        hashrate_th_s=miner.hashrate_th_s, seconds=miner.horizon_s, difficulty=market.difficulty
    )
    alone = isinstance(offer.scheme, Solo)
    total_th_s = miner.hashrate_th_s + (0.0 if alone else offer.pool_th_s)
    return Work(float(found), miner.hashrate_th_s / total_th_s)


def assess(offer: Offer, *, miner: Miner, market: Market) -> Assessment:
    """
    What one offer is worth to a miner.

    Pay that lags behind work is discounted over its mean delay, exp(-apr * delay): a window of many
    blocks is calm, and in a small pool it is a long wait.
    """
    work = work_of(miner, market, offer)
    round_s = miner.horizon_s / work.rounds
    delay_s = offer.scheme.mean_delay_rounds(market.reward) * round_s
    price = market.btc_usd * math.exp(-miner.discount_apr * delay_s / YEAR_S)
    certain_btc = certainty_equivalent_btc(
        offer.scheme, market.reward, work, miner.aversion_per_usd * price
    )
    return Assessment(
        offer=offer,
        mean_usd=offer.scheme.mean_btc(work, market.reward) * price,
        sd_usd=math.sqrt(offer.scheme.variance_btc2(work, market.reward)) * price,
        certainty_equivalent_usd=certain_btc * price,
    )


def rank(offers: Sequence[Offer], *, miner: Miner, market: Market) -> list[Assessment]:
    """
    All offers, the best first; ties stay in the order given.

    An operator's default is not part of it: what a per-share pool owes should be no more than the
    miner would lend it, see `pool_ruin`.
    """
    if not offers:
        raise InputError("offers", [], "must have at least one offer")
    assessed = [assess(offer, miner=miner, market=market) for offer in offers]
    return sorted(assessed, key=lambda entry: -entry.certainty_equivalent_usd)


def size_for_indifference_th_s(
    luckier: Offer,
    steadier: Offer,
    *,
    market: Market,
    horizon_s: float,
    discount_apr: float,
    relative_aversion: float,
    wealth_usd_per_th: float,
) -> float:
    """
    Hash rate above which the luckier, cheaper offer is better, for miners alike but for size.

    Wealth grows with hash rate (`wealth_usd_per_th` for each TH/s), so aversion falls with it. 0
    where the luckier offer is better for everyone, infinity where it never is.
    """
    from scipy.optimize import brentq

    def advantage(log_size: float) -> float:
        size_th_s = math.exp(log_size)
        aversion = absolute_aversion(
            relative_aversion=relative_aversion, wealth_usd=wealth_usd_per_th * size_th_s
        )
        miner = Miner(size_th_s, aversion, horizon_s, discount_apr)
        luck, calm = (assess(offer, miner=miner, market=market) for offer in (luckier, steadier))
        return (luck.certainty_equivalent_usd - calm.certainty_equivalent_usd) / size_th_s

    smallest, largest = math.log(1e-3), math.log(1e12)
    if advantage(smallest) >= 0.0:
        return 0.0
    if advantage(largest) <= 0.0:
        return math.inf
    return math.exp(float(brentq(advantage, smallest, largest, xtol=1e-10)))
