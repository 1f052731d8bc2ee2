"""
Gearbox v3's quota keeper: how much of each token may count as collateral, and what that costs.

An account buys a quota of a token, in the underlying. It pays a one-time fee on an increase and a
yearly rate that the gauge sets; all quotas of a pool together are its quota revenue. A token's
quotas together have a limit.

Contract: npm @gearbox-protocol/core-v3 1.52.1, PoolQuotaKeeperV3 (BUSL-1.1), the compiled form of
which judges this file; written from formula notes and that behaviour.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from headframe.exact.checked_math import add
from headframe.exact.gearbox_v3_errors import refuse
from headframe.exact.gearbox_v3_math import (
    PERCENTAGE_FACTOR,
    calc_accrued_quota_interest,
    calc_actual_quota_change,
    calc_quota_revenue_change,
    cumulative_index_since,
    fitting,
)
from headframe.exact.gearbox_v3_pool import Pool, set_quota_revenue, update_quota_revenue

ALL_OF_IT = -(1 << 95)
"""A change that stands for the whole quota."""


@dataclass
class TokenQuota:
    """A token's rate and one-time fee in basis points, its index, its quotas and their limit."""

    rate_bps: int = 0
    index_lu_ray: int = 1
    increase_fee_bps: int = 0
    total_quoted: int = 0
    limit: int = 0


@dataclass
class AccountQuota:
    """An account's quota of one token, and the index from which it owes interest."""

    quota: int = 0
    index_lu_ray: int = 0


@dataclass
class QuotaKeeper:
    """The quotas of a pool."""

    pool: Pool
    tokens: dict[Hashable, TokenQuota] = field(default_factory=dict)
    accounts: dict[tuple[Hashable, Hashable], AccountQuota] = field(default_factory=dict)
    """By account and token."""
    last_rate_update_ts: int = 0


def add_quota_token(keeper: QuotaKeeper, token: Hashable) -> None:
    """Let a token have quotas. Source: PoolQuotaKeeperV3.addQuotaToken."""
    if token in keeper.tokens:
        raise refuse("TokenAlreadyAdded")
    keeper.tokens[token] = TokenQuota()


def cumulative_index(keeper: QuotaKeeper, token: Hashable, *, now_ts: int) -> int:
    """Index of a token's quota interest now. Source: PoolQuotaKeeperV3.cumulativeIndex."""
    params, since = _token(keeper, token), keeper.last_rate_update_ts
    return cumulative_index_since(params.index_lu_ray, params.rate_bps, since, now_ts=now_ts)


def get_quota_and_outstanding_interest(
    keeper: QuotaKeeper, account: Hashable, token: Hashable, *, now_ts: int
) -> tuple[int, int]:
    """Quota of an account, and the interest that it has not paid yet."""
    own = keeper.accounts.get((account, token), AccountQuota())
    index = cumulative_index(keeper, token, now_ts=now_ts)
    return own.quota, calc_accrued_quota_interest(own.quota, index, own.index_lu_ray)


def update_quota(
    keeper: QuotaKeeper,
    *,
    account: Hashable,
    token: Hashable,
    change: int,
    min_quota: int,
    max_quota: int,
    now_ts: int,
) -> tuple[int, int, bool, bool]:
    """
    Change an account's quota of a token.

    An increase is cut to the token's limit and pays the one-time fee. Source:
    PoolQuotaKeeperV3.updateQuota. Returns quota interest since the last change, the fee, and
    whether the token now begins or ceases to count. Raises `Revert`: an unknown token, a quota out
    of bounds, or less than nothing (panic 0x11).
    """
    params = _token(keeper, token)
    _check_rated(params)
    own = keeper.accounts.get((account, token), AccountQuota())
    fee = 0
    if change > 0:
        done = calc_actual_quota_change(params.total_quoted, params.limit, change)
        fee = done * params.increase_fee_bps // PERCENTAGE_FACTOR
    else:
        done = -own.quota if change == ALL_OF_IT else change
    quota = fitting(own.quota + done, 96)
    total = fitting(params.total_quoted + done, 96)
    if not min_quota <= quota <= max_quota:
        raise refuse("QuotaIsOutOfBounds", quota=quota)
    index = cumulative_index(keeper, token, now_ts=now_ts)
    interest = calc_accrued_quota_interest(own.quota, index, own.index_lu_ray)
    revenue = calc_quota_revenue_change(params.rate_bps, done)
    if revenue:
        update_quota_revenue(keeper.pool, revenue, now_ts=now_ts)
    begins, ceases = own.quota == 0 < quota, quota == 0 < own.quota
    keeper.accounts[account, token] = AccountQuota(quota, index)
    params.total_quoted = total
    return interest, fee, begins, ceases


def remove_quotas(
    keeper: QuotaKeeper,
    *,
    account: Hashable,
    tokens: list[Hashable],
    set_limits_to_zero: bool,
    now_ts: int,
) -> None:
    """
    Take all quotas of a liquidated account away; after a loss the tokens get no new ones.

    Each change of the revenue is rounded towards zero, so that quotas bought in pieces may cost the
    pool a unit more than they brought; where that is more than its whole revenue, the contract
    refuses. Source: PoolQuotaKeeperV3.removeQuotas. Raises `Revert`: that, or an unknown token.
    """
    held = [keeper.accounts.get((account, token), AccountQuota()) for token in tokens]
    rates = [_token(keeper, token).rate_bps for token in tokens]
    changes = [calc_quota_revenue_change(r, -own.quota) for r, own in zip(rates, held, strict=True)]
    if sum(changes):
        update_quota_revenue(keeper.pool, sum(changes), now_ts=now_ts)
    for token, own in zip(tokens, held, strict=True):
        params = keeper.tokens[token]
        params.total_quoted -= own.quota
        own.quota = 0
        if set_limits_to_zero:
            params.limit = 0


def accrue_quota_interest(
    keeper: QuotaKeeper, *, account: Hashable, tokens: list[Hashable], now_ts: int
) -> None:
    """Let an account's quota interest begin anew: what was owed is booked by the caller."""
    for token in tokens:
        _check_rated(_token(keeper, token))
    for token in tokens:
        index = cumulative_index(keeper, token, now_ts=now_ts)
        keeper.accounts.setdefault((account, token), AccountQuota()).index_lu_ray = index


def update_rates(
    keeper: QuotaKeeper, rates: Callable[[list[Hashable]], list[int]], *, now_ts: int
) -> None:
    """
    Take new rates from the gauge, and tell the pool the revenue that they make.

    Source: PoolQuotaKeeperV3.updateRates.
    """
    tokens = list(keeper.tokens)
    new = rates(tokens)
    indices = [cumulative_index(keeper, token, now_ts=now_ts) for token in tokens]
    revenue = 0
    for token, rate_bps in zip(tokens, new, strict=True):
        earned = keeper.tokens[token].total_quoted * rate_bps // PERCENTAGE_FACTOR
        revenue = add(revenue, earned)
    set_quota_revenue(keeper.pool, revenue, now_ts=now_ts)
    for token, rate_bps, index in zip(tokens, new, indices, strict=True):
        params = keeper.tokens[token]
        params.index_lu_ray, params.rate_bps = index, rate_bps
    keeper.last_rate_update_ts = now_ts


def set_token_limit(keeper: QuotaKeeper, token: Hashable, limit: int) -> None:
    """Limit a token's quotas. Source: PoolQuotaKeeperV3.setTokenLimit."""
    _token(keeper, token).limit = limit


def set_token_quota_increase_fee(keeper: QuotaKeeper, token: Hashable, fee_bps: int) -> None:
    """Set a token's one-time fee. Raises `Revert`: unknown token, or above 100 %."""
    if fee_bps > PERCENTAGE_FACTOR:
        raise refuse("IncorrectParameter", fee_bps=fee_bps)
    _token(keeper, token).increase_fee_bps = fee_bps


def _token(keeper: QuotaKeeper, token: Hashable) -> TokenQuota:
    if token not in keeper.tokens:
        raise refuse("TokenIsNotQuoted")
    return keeper.tokens[token]


def _check_rated(params: TokenQuota) -> None:
    # A token that was added waits for the gauge's next epoch before it has a rate.
    if params.rate_bps == 0:
        raise refuse("TokenIsNotQuoted")
