"""
Equilibrium: how much hash rate a reward calls into being, and who supplies it.

Miners compete for a fixed reward, so each one's hash rate lowers the income of all. With few miners
of different cost the cheapest does not take everything: he would mostly compete with himself. What
comes out is an *oligopoly* with shares that follow from the costs alone, and in which the dear ones
do not mine. With many small miners and machines that cannot be turned back into money, *free entry*
sets a ceiling: whenever the income per unit of hash rate reaches the trigger at which buying a
machine just pays, machines are bought until it is back there. Income below the ceiling may wander;
at the ceiling it is reflected.

Sources: N. Arnosti and S. M. Weinberg, "Bitcoin: a natural oligopoly" (ITCS 2019; Management
Science 2022), a contest after G. Tullock (1980); J. Prat and B. Walter, "An equilibrium
model of the market for bitcoin mining" (JPE 129, 2021) for entry and reflection. The trigger is the
classic one of irreversible investment under competition (A. Dixit and R. Pindyck 1994 ch. 8).

>>> [round(float(share), 6) for share in oligopoly([0.8, 1.0, 1.0]).shares]
[0.428571, 0.285714, 0.285714]
>>> round(entry_trigger_ratio(discount=0.10, progress=0.3, growth=0.0, volatility=0.6), 7)
0.6149545
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import (
    require_at_least,
    require_finite,
    require_non_negative,
    require_positive,
)
from headframe.errors import InputError
from headframe.types import Array


@dataclass(frozen=True)
class Oligopoly:
    """Who mines how much, in the order in which the costs were given."""

    shares: Array
    """Share of the hash rate; 0 for those who cannot cover their cost."""
    hashrate: Array
    """Hash rate, in the unit in which the costs are per unit."""
    profit: Array
    """Income less cost per unit of time, in the money of the reward."""


def oligopoly(costs: npt.ArrayLike, *, reward: float = 1.0) -> Oligopoly:
    """
    Nash equilibrium of miners with constant unit costs who compete for a reward.

        total hash rate Q = R (n-1) / sum c,  share_i = 1 - c_i Q / R,  profit_i = R share_i^2

    over the n cheapest miners whose shares are positive; the others stay out. `costs` are money per
    unit of hash rate and time, all above 0, at least two; `reward` is money per unit of time.
    Source: Arnosti and Weinberg 2019.
    """
    unit = np.asarray(costs, dtype=np.float64).ravel()
    require_positive(costs=unit, reward=reward)
    if unit.size < 2:
        raise InputError("costs", unit.size, "must be those of at least two miners")
    cheapest_first = np.sort(unit)
    n = np.arange(2.0, unit.size + 1.0)
    # The n-th miner enters if he covers his cost beside the n - 1 cheaper ones and himself.
    enters = cheapest_first[1:] * (n - 1.0) < np.cumsum(cheapest_first)[1:]
    active = 2 + int(np.sum(np.cumprod(enters[1:])))
    effort = (active - 1.0) / float(cheapest_first[:active].sum())
    shares = np.maximum(1.0 - unit * effort, 0.0)
    return Oligopoly(shares, shares * effort * reward, reward * shares**2)


def least_share_of_rival(own_cost: float, *, rival_cost: float) -> float:
    """
    Least share that a rival holds wherever a miner of cost `own_cost` mines: 1 - c_j / c_i.

    Source: Arnosti and Weinberg 2019.
    """
    require_positive(own_cost=own_cost, rival_cost=rival_cost)
    return max(0.0, 1.0 - rival_cost / own_cost)


def scale_economy_bounds(exponent: float) -> tuple[float, int]:
    """
    Least share of an active miner, and most active miners, where size makes hash rate cheap.

        share >= 1 - 1/a,   n <= a / (a-1)          for hash rate ~ spending^a, a > 1

    Source: Arnosti and Weinberg 2019: economies of scale alone concentrate mining.
    """
    require_at_least(1.0, exponent=exponent)
    if exponent == 1.0:
        raise InputError("exponent", exponent, "must be above 1: an economy of scale")
    # A ratio that is whole but for rounding is whole.
    return 1.0 - 1.0 / exponent, math.floor(exponent / (exponent - 1.0) * (1.0 + 1e-12))


def entry_beta(*, discount: float, progress: float, growth: float, volatility: float) -> float:
    """
    The root above 1 of  sigma^2/2 b(b-1) + (alpha + a) b - (r + a) = 0.

    `discount` r; `progress` a, the rate at which a unit of hash rate gets cheaper; `growth` alpha
    and `volatility` sigma of the revenue per unit between entries; all per year, r above alpha.
    """
    require_finite(growth=growth)
    require_non_negative(progress=progress)
    require_positive(discount=discount, volatility=volatility)
    if discount <= growth:
        raise InputError("discount", discount, f"must be above growth, {growth:g}")
    half_variance = volatility**2 / 2.0
    slope = growth + progress - half_variance
    root = math.sqrt(slope**2 + 4.0 * half_variance * (discount + progress))
    # The textbook form cancels where volatility is small; its conjugate does not.
    if slope > 0.0:
        return 2.0 * (discount + progress) / (slope + root)
    return (root - slope) / (2.0 * half_variance)


def entry_trigger_ratio(
    *, discount: float, progress: float, growth: float, volatility: float
) -> float:
    """
    Yearly revenue per unit of investment at which new machines are bought.

        X* / I = (r - alpha) beta / (beta - 1)

    Revenue is net of running cost. Above r - alpha, which pays for a machine that lasts for ever in
    a market that nobody else may enter. Sources: Prat and Walter 2021; Dixit and Pindyck 1994.
    """
    beta = entry_beta(discount=discount, progress=progress, growth=growth, volatility=volatility)
    return (discount - growth) * beta / (beta - 1.0)


def machine_value_ratio(
    revenue_to_trigger: npt.ArrayLike,
    *,
    discount: float,
    progress: float,
    growth: float,
    volatility: float,
) -> Array:
    """
    Worth of a machine over the price of a new one, with revenue at x of its present ceiling.

        v(x) = (x beta - x^beta) / (beta - 1),     v(1) = 1, v'(1) = 0

    The second term is what later entry takes away. `revenue_to_trigger` in (0, 1].
    Source: the value function behind Prat and Walter's trigger, smooth at the reflection.
    """
    x = np.asarray(revenue_to_trigger, dtype=np.float64)
    require_positive(revenue_to_trigger=x)
    if np.any(x > 1.0):
        raise InputError("revenue_to_trigger", float(x.max()), "must be at most 1: the ceiling")
    beta = entry_beta(discount=discount, progress=progress, growth=growth, volatility=volatility)
    return np.asarray((x * beta - x**beta) / (beta - 1.0))


def free_entry_hashrate(
    revenue: npt.ArrayLike, *, trigger: npt.ArrayLike, initial: float = 0.0
) -> Array:
    """
    Hash rate that keeps revenue per unit at or below its ceiling, if nobody ever leaves.

        Q_t = max(Q_0, max_{s <= t} R_s / X*_s)

    `revenue` R is the network's, `trigger` X* per unit of hash rate at the time (it falls with the
    price of machines); time runs along the last axis. Source: Prat and Walter 2021 (entry only).
    """
    income, ceiling = np.broadcast_arrays(np.asarray(revenue, np.float64), trigger)
    require_non_negative(revenue=income, initial=initial)
    require_positive(trigger=ceiling)
    return np.maximum(np.maximum.accumulate(income / ceiling, axis=-1), initial)
