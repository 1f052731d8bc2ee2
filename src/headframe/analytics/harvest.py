"""
How often to harvest: every harvest costs gas, every delay costs compound interest.

Rewards accrue on what is staked at a simple rate and earn nothing until they are claimed and put
back; claiming costs the same gas whatever the amount. The square-root rule gives the interval at a
glance. The exact answer tries every number of harvests a year, with gas taken out of the stake that
goes on earning: on small farms the two differ by weeks.

>>> plan = best_plan(position_usd=10_000.0, reward_apr=0.5, gas_usd=5.0)
>>> plan.harvests_per_year, round(plan.end_value_usd, 4)
(17, 16260.4682)
"""

from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_non_negative,
    require_positive,
)

MAX_HARVESTS_PER_YEAR = 525_600
"""Once a minute: the search for the best number of harvests stops here."""


class HarvestPlan(NamedTuple):
    """The best number of even harvests in a year, their interval, and the stake at its end."""

    harvests_per_year: int
    interval_years: float
    end_value_usd: float


def square_root_interval_years(*, position_usd: Real, reward_apr: Real, gas_usd: Real) -> Real:
    """
    The rule of thumb: interval that minimises gas plus interest forgone on an unchanging stake.

        tau = sqrt(2 G / (V r^2)),  the minimum of G/tau + V r^2 tau/2

    Good while many harvests fit in a year and the stake does not grow much. Source: the
    square-root law of inventory (Harris 1913; Baumol 1952) with holding cost V r^2 / 2.
    """
    require_positive(position_usd=position_usd, reward_apr=reward_apr)
    require_non_negative(gas_usd=gas_usd)
    interval: Real = np.sqrt(2.0 * gas_usd / position_usd) / reward_apr
    return interval


def end_value_usd(
    *, position_usd: Real, reward_apr: Real, gas_usd: Real, harvests_per_year: Real
) -> Real:
    """
    Stake after one year of evenly spaced harvests, each paying its gas out of the stake.

        V <- V (1 + r/n) - G, n times;  in closed form  V q^n - G (q^n - 1)/(q - 1),  q = 1 + r/n

    Taking n G off at the end instead, as forum formulas do, forgets that gas no longer earns. A
    stake that gas has eaten up is 0. Source: the recursion itself.
    """
    require_positive(position_usd=position_usd, reward_apr=reward_apr)
    require_non_negative(gas_usd=gas_usd)
    require_at_least(1.0, harvests_per_year=harvests_per_year)
    per_harvest = np.divide(reward_apr, harvests_per_year)
    gain = np.expm1(harvests_per_year * np.log1p(per_harvest))
    left: Real = np.maximum(position_usd * (1.0 + gain) - gas_usd * gain / per_harvest, 0.0)
    return left


def best_plan(*, position_usd: float, reward_apr: float, gas_usd: float) -> HarvestPlan:
    """
    The number of harvests a year that leaves most, found by trying them all.

    The last harvest falls on the last day, so one a year is the least. The square-root rule applied
    to the largest stake of the year bounds the search, at most `MAX_HARVESTS_PER_YEAR`. Where gas
    eats the stake whatever one does, the plan is one harvest.
    """
    require_positive(position_usd=position_usd, reward_apr=reward_apr, gas_usd=gas_usd)
    log_largest = np.log(position_usd) + reward_apr
    log_most = np.log(reward_apr) + (log_largest - np.log(2.0 * gas_usd)) / 2.0
    most = int(np.ceil(2.0 * np.exp(min(log_most, np.log(MAX_HARVESTS_PER_YEAR))))) + 1
    counts = np.arange(1, min(most, MAX_HARVESTS_PER_YEAR) + 1)
    ends = np.asarray(
        end_value_usd(
            position_usd=position_usd,
            reward_apr=reward_apr,
            gas_usd=gas_usd,
            harvests_per_year=counts.astype(np.float64),
        )
    )
    best = int(np.argmax(ends))
    return HarvestPlan(int(counts[best]), 1.0 / float(counts[best]), float(ends[best]))
