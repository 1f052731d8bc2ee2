"""
How often contracts break, from the record of incidents.

With n incidents in T protocol-years the rate has, under Jeffreys' prior, the posterior

    rate ~ Gamma(n + 1/2, T)

Protocols differ, so one protocol's own rate is shrunk towards the cohort's: rates are taken as
drawn from Gamma(a, b), a and b by maximum likelihood of the counts (negative binomial), and a
protocol with n incidents in T years has the mean (a + n) / (b + T). This is empirical Bayes
(Casella, The American Statistician 39 (1985), 83).

An incident is not the loss of all: most of those on record emptied one pool of a protocol, or took
a few per cent of what lay in it. Count from a larger loss (`least_usd`) for a rate of disasters,
and say with the share that is kept what one would take from you.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from scipy import optimize, special, stats

from headframe.analytics.incidents import AS_OF, COHORT, INCIDENTS, Incident
from headframe.errors import InputError

DAYS_A_YEAR = 365.25
"""Of the calendar."""


@dataclass(frozen=True)
class HazardRate:
    """A yearly rate with a 95 % credible interval, and what it was counted from."""

    per_year: float
    low: float
    high: float
    incidents: int
    protocol_years: float


def gamma_rate(incidents: float, protocol_years: float) -> HazardRate:
    """
    The rate from a count: the posterior mean (n + 1/2) / T and its 2.5 % and 97.5 % quantiles.

    >>> rate = gamma_rate(2, 100.0)
    >>> rate.per_year, round(rate.low, 4), round(rate.high, 4)
    (0.025, 0.0042, 0.0642)
    """
    if not protocol_years > 0.0:
        raise InputError("protocol_years", protocol_years, "above 0")
    if incidents < 0.0:
        raise InputError("incidents", incidents, "0 or more")
    shape = incidents + 0.5
    low, high = stats.gamma.ppf((0.025, 0.975), shape, scale=1.0 / protocol_years)
    rate = shape / protocol_years
    return HazardRate(rate, float(low), float(high), int(incidents), protocol_years)


def counts(least_usd: float = 0.0, as_of: date = AS_OF) -> dict[str, tuple[int, float]]:
    """Incidents of at least some size and years in public of each protocol of the cohort."""
    out = {}
    counted = [i for i in INCIDENTS if i.lost_usd >= least_usd]
    for name, opened in COHORT.items():
        n = sum(1 for i in counted if i.protocol == name and opened <= i.day <= as_of)
        out[name] = (n, (as_of - opened).days / DAYS_A_YEAR)
    return out


def cohort_rate(least_usd: float = 0.0, as_of: date = AS_OF) -> HazardRate:
    """
    The rate at which something of at least some size befalls one of the large protocols.

    >>> rate = cohort_rate(least_usd=20e6)
    >>> rate.incidents, round(rate.per_year, 3), round(rate.low, 3), round(rate.high, 3)
    (5, 0.047, 0.016, 0.094)
    """
    found = counts(least_usd, as_of).values()
    return gamma_rate(sum(n for n, _ in found), sum(years for _, years in found))


def gamma_prior(found: Iterable[tuple[int, float]]) -> tuple[float, float]:
    """
    Shape a and rate b (in years) of the rates' distribution, by maximum likelihood of the counts.

        log L = sum ln Gamma(a + n) - ln Gamma(a) - ln n! + a ln(b / (b + T)) + n ln(T / (b + T))
    """
    n, years = np.array(list(found), np.float64).T

    def minus(logs: np.typing.NDArray[np.float64]) -> float:
        a, b = np.exp(logs)
        terms = special.gammaln(a + n) - special.gammaln(a) + a * np.log(b / (b + years))
        return -float(np.sum(terms + n * np.log(years / (b + years))))

    start = np.log((1.0, np.sum(years) / max(np.sum(n), 0.5)))
    best = optimize.minimize(minus, start, bounds=((-5.0, 5.0), (-5.0, 9.0)))
    a, b = np.exp(best.x)
    return float(a), float(b)


@cache
def cohort_prior(least_usd: float = 0.0) -> tuple[float, float]:
    """`gamma_prior` of the cohort."""
    return gamma_prior(counts(least_usd).values())


def protocol_hazard(protocol: str, least_usd: float = 0.0) -> float:
    """
    A protocol's own yearly rate, shrunk towards the cohort's: (a + n) / (b + T).

    A protocol outside the cohort is given the cohort's mean, a / b, which for a new or small one is
    too low.
    """
    a, b = cohort_prior(least_usd)
    n, years = counts(least_usd).get(protocol, (0, 0.0))
    return (a + n) / (b + years)


def returned_share(incidents: Iterable[Incident] = INCIDENTS) -> float:
    """
    The mean share that came back, incident by incident, none counted where none is on record.

    A share above 1 (prices rose until the return) counts as 1.
    """
    shares = [min((i.returned_usd or 0.0) / i.lost_usd, 1.0) for i in incidents]
    return float(np.mean(shares))
