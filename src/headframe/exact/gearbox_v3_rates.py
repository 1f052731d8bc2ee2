"""
Gearbox v3's interest rates: the pool's curve with two kinks, and quota rates by votes.

The base rate follows the pool's utilisation in three straight pieces; borrowing above the second
kink may be forbidden. Rates of quotas are set by a gauge once in an epoch: voters of the lenders'
side pull them up, voters of the borrowers' side down.

Contracts: npm @gearbox-protocol/core-v3 1.52.1, LinearInterestRateModelV3 and GaugeV3 (BUSL-1.1),
the compiled form of which judges this file; written from formula notes and that behaviour.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.checked_math import add, mul
from headframe.exact.fixed import RAY, WAD
from headframe.exact.gearbox_v3_errors import refuse
from headframe.exact.gearbox_v3_math import PERCENTAGE_FACTOR, fitting

RAY_PER_BPS = RAY // PERCENTAGE_FACTOR
"""One basis point in rays."""
WAD_PER_BPS = WAD // PERCENTAGE_FACTOR
"""One basis point in wads."""


# ---- the curve -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LinearInterestRateModel:
    """
    A curve with two kinks, all in basis points.

        U <= U1    base + slope1 U / U1
        U <= U2    base + slope1 + slope2 (U - U1) / (U2 - U1)
        else       base + slope1 + slope2 + slope3 (U - U2) / (1 - U2)

    Source: LinearInterestRateModelV3. Raises `Revert` where kinks or slopes are out of order, or
    one of the first three rates is above 100 %.
    """

    u1_bps: int
    u2_bps: int
    base_bps: int
    slope1_bps: int
    slope2_bps: int
    slope3_bps: int
    forbids_above_u2: bool = False

    def __post_init__(self) -> None:
        """Hold the parameters to what the contract's constructor takes."""
        kinks = 0 < self.u1_bps < self.u2_bps < PERCENTAGE_FACTOR
        rates = max(self.base_bps, self.slope1_bps, self.slope2_bps) <= PERCENTAGE_FACTOR
        if not (kinks and rates and self.slope1_bps <= self.slope2_bps <= self.slope3_bps):
            raise refuse("IncorrectParameter")


def utilisation_wad_down(expected_liquidity: int, available_liquidity: int) -> int:
    """Share of the expected liquidity that is not there; 0 where all of it is."""
    if expected_liquidity <= available_liquidity:
        return 0
    return mul(WAD, expected_liquidity - available_liquidity) // expected_liquidity


def calc_borrow_rate(
    model: LinearInterestRateModel,
    expected_liquidity: int,
    available_liquidity: int,
    *,
    check_optimal_borrowing: bool = False,
) -> int:
    """
    Base rate in rays, each piece rounded down.

    Source: LinearInterestRateModelV3.calcBorrowRate. Raises `Revert`: borrowing above the second
    kink, where that is asked and forbidden.
    """
    used = utilisation_wad_down(expected_liquidity, available_liquidity)
    u1, u2 = model.u1_bps * WAD_PER_BPS, model.u2_bps * WAD_PER_BPS
    rate = model.base_bps * RAY_PER_BPS
    slopes = [s * RAY_PER_BPS for s in (model.slope1_bps, model.slope2_bps, model.slope3_bps)]
    if used <= u1:
        return rate + slopes[0] * used // u1
    if used <= u2:
        return rate + slopes[0] + slopes[1] * (used - u1) // (u2 - u1)
    if check_optimal_borrowing and model.forbids_above_u2:
        raise refuse("BorrowingMoreThanU2Forbidden", utilisation_wad=used)
    return rate + slopes[0] + slopes[1] + slopes[2] * (used - u2) // (WAD - u2)


def available_to_borrow(
    model: LinearInterestRateModel, expected_liquidity: int, available_liquidity: int
) -> int:
    """
    What the curve lets borrowers take: all that is there, or what is left to the second kink.

        max(available - (expected - U2 expected), 0)

    Source: LinearInterestRateModelV3.availableToBorrow.
    """
    if not model.forbids_above_u2:
        return available_liquidity
    most = mul(model.u2_bps * WAD_PER_BPS, expected_liquidity) // WAD
    return max(available_liquidity - (expected_liquidity - most), 0)


# ---- the gauge -----------------------------------------------------------------------------


@dataclass
class QuotaRateParams:
    """A token's range of rates, in basis points, and the votes of both sides."""

    min_rate_bps: int
    max_rate_bps: int
    votes_lp: int = 0
    votes_ca: int = 0


@dataclass
class Gauge:
    """Votes on the quota rates of a pool's tokens."""

    tokens: dict[Hashable, QuotaRateParams] = field(default_factory=dict)
    votes: dict[tuple[Hashable, Hashable, bool], int] = field(default_factory=dict)
    """By user, token, and whether they stand on the lenders' side."""


def gauge_rate(params: QuotaRateParams) -> int:
    """
    Quota rate that the votes ask for: (min votesCA + max votesLP) / all votes, rounded down.

    Without votes it is the least. Source: GaugeV3.getRates.
    """
    votes = params.votes_lp + params.votes_ca
    if votes == 0:
        return params.min_rate_bps
    weighted = params.min_rate_bps * params.votes_ca + params.max_rate_bps * params.votes_lp
    return weighted // votes


def get_rates(gauge: Gauge, tokens: list[Hashable]) -> list[int]:
    """Quota rates of some tokens. Source: GaugeV3.getRates. Raises `Revert`: an unknown token."""
    return [gauge_rate(_params(gauge, token)) for token in tokens]


def add_quota_token(gauge: Gauge, token: Hashable, min_rate_bps: int, max_rate_bps: int) -> None:
    """
    Let a token be voted on. Source: GaugeV3.addQuotaToken.

    Raises `Revert`: known already, or a range that is empty or begins at 0.
    """
    if token in gauge.tokens:
        raise refuse("TokenNotAllowed")
    _check_range(min_rate_bps, max_rate_bps)
    gauge.tokens[token] = QuotaRateParams(min_rate_bps, max_rate_bps)


def change_quota_rate_range(
    gauge: Gauge,
    token: Hashable,
    *,
    min_rate_bps: int | None = None,
    max_rate_bps: int | None = None,
) -> None:
    """Move one end of a token's range. Source: GaugeV3.changeQuotaMinRate, changeQuotaMaxRate."""
    params = _params(gauge, token)
    low = params.min_rate_bps if min_rate_bps is None else min_rate_bps
    high = params.max_rate_bps if max_rate_bps is None else max_rate_bps
    _check_range(low, high)
    params.min_rate_bps, params.max_rate_bps = low, high


def vote(gauge: Gauge, user: Hashable, token: Hashable, votes: int, *, lp_side: bool) -> None:
    """Vote for a token's rate, up or down. Source: GaugeV3.vote. Raises `Revert`: unknown token."""
    params = _params(gauge, token)
    side = "votes_lp" if lp_side else "votes_ca"
    whole = fitting(add(getattr(params, side), votes), 96)
    setattr(params, side, whole)
    gauge.votes[user, token, lp_side] = gauge.votes.get((user, token, lp_side), 0) + votes


def unvote(gauge: Gauge, user: Hashable, token: Hashable, votes: int, *, lp_side: bool) -> None:
    """Take votes back. Source: GaugeV3.unvote. Raises `Revert`: more than the user has given."""
    params = _params(gauge, token)
    given = gauge.votes.get((user, token, lp_side), 0)
    if given < votes:
        raise refuse("InsufficientVotes", given=given)
    side = "votes_lp" if lp_side else "votes_ca"
    setattr(params, side, getattr(params, side) - votes)
    gauge.votes[user, token, lp_side] = given - votes


def _params(gauge: Gauge, token: Hashable) -> QuotaRateParams:
    if token not in gauge.tokens:
        raise refuse("TokenNotAllowed")
    return gauge.tokens[token]


def _check_range(min_rate_bps: int, max_rate_bps: int) -> None:
    if min_rate_bps == 0 or min_rate_bps > max_rate_bps:
        raise refuse("IncorrectParameter")
