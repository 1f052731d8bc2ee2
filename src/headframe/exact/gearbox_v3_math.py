"""
Gearbox v3's arithmetic: interest by indices, quotas, order of repayment, liquidation, thresholds.

A credit account borrows one asset, the underlying, and holds any number of collateral tokens. Its
debt grows by an index that is linear between two updates. Each token other than the underlying
counts only up to a quota, which costs a yearly rate of its own; that interest is added up and does
not compound. Amounts are in the asset's smallest unit, indices in rays, rates and thresholds in
basis points, values in dollars with eight decimals.

Contracts: npm @gearbox-protocol/core-v3 1.52.1 (3.10), libraries CreditLogic, CollateralLogic and
QuotasLogic (BUSL-1.1), the compiled form of which judges this file; written from formula notes and
that behaviour. Assumption: the underlying takes no fee on transfers.
"""

from headframe.exact.checked_math import add, div_down, mul, sub
from headframe.exact.fixed import (
    PANIC_ARITHMETIC,
    RAY,
    div_trunc,
    revert_panic,
    wrap_int,
    wrap_uint,
)

__all__ = [
    "INDEX_PRECISION",
    "NO_CAP",
    "PERCENTAGE_FACTOR",
    "SECONDS_PER_YEAR",
    "calc_accrued_interest",
    "calc_accrued_quota_interest",
    "calc_actual_quota_change",
    "calc_collateral",
    "calc_decrease",
    "calc_increase",
    "calc_linear_growth",
    "calc_liquidation_payments",
    "calc_one_token_collateral",
    "calc_partial_liquidation",
    "calc_quota_revenue_change",
    "calc_total_debt",
    "cumulative_index_since",
    "get_liquidation_threshold",
    "pack_quota",
]

PERCENTAGE_FACTOR = 10_000
"""One in basis points."""
SECONDS_PER_YEAR = 365 * 86_400
"""The year of every rate."""
INDEX_PRECISION = 10**9
"""What an index is scaled by where it is divided, so that little of it is lost."""
RAY_PER_BPS = RAY // PERCENTAGE_FACTOR
"""One basis point in rays."""
NO_CAP = (1 << 256) - 1
"""The quota of the underlying: it counts whole."""


def fitting(value: int, bits: int) -> int:
    """Return the value if a word of so many bits holds it, else `Revert` (panic 0x11)."""
    if not 0 <= value < 1 << bits:
        raise revert_panic(PANIC_ARITHMETIC, value=value)
    return value


# ---- debt ----------------------------------------------------------------------------------


def calc_linear_growth(value: int, since_ts: int, *, now_ts: int) -> int:
    """
    What a yearly amount comes to since a moment: value * dt / year, rounded down.

    Source: CreditLogic.calcLinearGrowth. Raises `Revert`: the moment lies ahead.
    """
    return mul(value, sub(now_ts, since_ts)) // SECONDS_PER_YEAR


def calc_accrued_interest(amount: int, index_then_ray: int, index_now_ray: int) -> int:
    """
    Interest of a debt between two indices: floor(debt * now / then) - debt.

    Source: CreditLogic.calcAccruedInterest. Raises `Revert`: an index of 0, or one that fell.
    """
    if amount == 0:
        return 0
    return sub(div_down(mul(amount, index_now_ray), index_then_ray), amount)


def calc_total_debt(debt: int, accrued_interest: int, accrued_fees: int) -> int:
    """
    What is owed: principal, interest of both kinds, and the DAO's fees.

    Source: CreditLogic.calcTotalDebt.
    """
    return add(add(debt, accrued_interest), accrued_fees)


def calc_increase(
    amount: int, debt: int, index_now_ray: int, index_then_ray: int
) -> tuple[int, int]:
    """
    Borrow more: the new debt, and the index from which it grows.

        index' = now * debt' * 1e9 / (1e9 * now * debt / then + 1e9 * amount)

    so that the interest owed stays what it was. Source: CreditLogic.calcIncrease.
    """
    if debt == 0:
        return amount, index_now_ray
    new_debt = add(debt, amount)
    owed = div_down(mul(mul(INDEX_PRECISION, index_now_ray), debt), index_then_ray)
    below = add(owed, mul(INDEX_PRECISION, amount))
    return new_debt, div_down(mul(mul(index_now_ray, new_debt), INDEX_PRECISION), below)


def calc_decrease(
    amount: int,
    *,
    debt: int,
    index_now_ray: int,
    index_then_ray: int,
    quota_interest: int,
    quota_fees: int,
    fee_interest_bps: int,
) -> tuple[int, int, int, int, int]:
    """
    Repay: quota fees first, then quota interest, then the pool's interest, then principal.

    Interest is paid together with the DAO's fee on it; what falls short is split pro rata. Source:
    CreditLogic.calcDecrease. Returns the new debt, its index, the profit (all fees), and what is
    left of quota interest and quota fees.
    """
    paid = min(amount, quota_fees)
    left, profit, new_fees = amount - paid, paid, quota_fees - paid
    new_quota, index = quota_interest, index_then_ray
    if quota_interest and left:
        fee = fitting(quota_interest * fee_interest_bps, 128) // PERCENTAGE_FACTOR
        left, taken, earned = _repaid(left, quota_interest, fee, fee_interest_bps)
        profit, new_quota = add(profit, earned), quota_interest - taken
    if left:
        interest = calc_accrued_interest(debt, index_then_ray, index_now_ray)
        fee = mul(interest, fee_interest_bps) // PERCENTAGE_FACTOR
        left, taken, earned = _repaid(left, interest, fee, fee_interest_bps)
        profit, index = add(profit, earned), index_now_ray
        if taken < interest or earned < fee:
            now = mul(INDEX_PRECISION, index_now_ray)
            gone = div_down(mul(mul(INDEX_PRECISION, taken), index_then_ray), debt)
            index = div_down(mul(now, index_then_ray), sub(now, gone))
    return sub(debt, left), index, profit, new_quota, new_fees


def _repaid(amount: int, interest: int, fee: int, fee_bps: int) -> tuple[int, int, int]:
    """What is left of an amount, what of it pays interest, and what is the fee."""
    if amount >= add(interest, fee):
        return amount - interest - fee, interest, fee
    # The sum of two basis points is a word of 16 bits in the contract.
    whole = fitting(PERCENTAGE_FACTOR + fee_bps, 16)
    to_pool = mul(amount, PERCENTAGE_FACTOR) // whole
    return 0, to_pool, amount - to_pool


# ---- quotas --------------------------------------------------------------------------------


def cumulative_index_since(index_ray: int, rate_bps: int, since_ts: int, *, now_ts: int) -> int:
    """
    Index of a quota's interest: it grows by the yearly rate, additively.

    Source: QuotasLogic.cumulativeIndexSince (192 bits, the sum wraps).
    """
    grown = mul(mul(RAY_PER_BPS, sub(now_ts, since_ts)), rate_bps) // SECONDS_PER_YEAR
    return wrap_uint(add(index_ray, grown), 192)


def calc_accrued_quota_interest(quoted: int, index_now_ray: int, index_then_ray: int) -> int:
    """
    Interest of a quota between two indices: quota * (now - then), rounded down.

    Source: QuotasLogic.calcAccruedQuotaInterest (the result wraps at 128 bits).
    """
    return wrap_uint(mul(quoted, sub(index_now_ray, index_then_ray)) // RAY, 128)


def calc_quota_revenue_change(rate_bps: int, change: int) -> int:
    """
    By how much a changed quota changes the pool's yearly revenue, towards zero.

    Source: QuotasLogic.calcQuotaRevenueChange.
    """
    product = change * rate_bps
    if wrap_int(product, 256) != product:
        raise revert_panic(PANIC_ARITHMETIC, change=change)
    return div_trunc(product, PERCENTAGE_FACTOR)


def calc_actual_quota_change(total_quoted: int, limit: int, wanted: int) -> int:
    """
    What of a wished increase the token's limit leaves.

    Source: QuotasLogic.calcActualQuotaChange (96 bits; a decrease is not asked).
    """
    if total_quoted >= limit:
        return 0
    room = limit - total_quoted
    return wrap_int(room, 96) if wrap_uint(wanted, 96) > room else wanted


# ---- collateral ----------------------------------------------------------------------------


def pack_quota(quota: int, lt_bps: int) -> int:
    """Quota and threshold in one word. Source: CollateralLogic.packQuota."""
    return quota + (lt_bps << 96)


def get_liquidation_threshold(
    lt_initial_bps: int, lt_final_bps: int, ramp_start_ts: int, ramp_duration_s: int, *, now_ts: int
) -> int:
    """
    A token's threshold while it moves from one value to another, rounded down.

        (initial * (end - now) + final * (now - start)) / (end - start)

    Source: CreditLogic.getLiquidationThreshold.
    """
    if now_ts <= ramp_start_ts:
        return lt_initial_bps
    end = fitting(ramp_start_ts + ramp_duration_s, 40)
    if now_ts >= end:
        return lt_final_bps
    moved = lt_initial_bps * (end - now_ts) + lt_final_bps * (now_ts - ramp_start_ts)
    return moved // ramp_duration_s


def calc_one_token_collateral(value_usd: int, lt_bps: int, quota_usd: int = NO_CAP) -> int:
    """
    What a token counts: its value times its threshold, and no more than its quota.

    Source: CollateralLogic.calcOneTokenCollateral.
    """
    return min(mul(value_usd, lt_bps) // PERCENTAGE_FACTOR, quota_usd)


def calc_collateral(
    tokens: list[tuple[int, int, int]],
    *,
    underlying_usd: int,
    lt_underlying_bps: int,
    underlying_price_ray: int,
    target_usd: int = NO_CAP,
) -> tuple[int, int]:
    """
    Total value and threshold-weighted value of an account, in dollars.

        TWV = underlying * LT + sum min(value * LT, quota)

    `tokens` are value in dollars, quota in the underlying and threshold of each; the sum ends early
    once it reaches the target. `underlying_price_ray` is what 1e27 of the underlying is worth.
    Source: CollateralLogic.calcCollateral.
    """
    total = weighted = 0
    for value_usd, quota, lt_bps in tokens:
        quota_usd = mul(quota, underlying_price_ray) // RAY
        total = add(total, value_usd)
        weighted = add(weighted, calc_one_token_collateral(value_usd, lt_bps, quota_usd))
        if weighted >= target_usd:
            return total, weighted
    total = add(total, underlying_usd)
    counted = calc_one_token_collateral(underlying_usd, lt_underlying_bps)
    return total, add(weighted, counted)


# ---- liquidation ---------------------------------------------------------------------------


def calc_liquidation_payments(
    *,
    debt: int,
    accrued_interest: int,
    accrued_fees: int,
    total_value: int,
    fee_liquidation_bps: int,
    liquidation_discount_bps: int,
) -> tuple[int, int, int, int]:
    """
    Split a liquidated account: to the pool, to the owner, the DAO's profit, the pool's loss.

        funds = value * discount,  to pool = total debt + value * fee, held to funds

    What falls short eats the fees first. Source: CreditLogic.calcLiquidationPayments.
    """
    owed = calc_total_debt(debt, accrued_interest, accrued_fees)
    with_interest = debt + accrued_interest
    funds = mul(total_value, liquidation_discount_bps) // PERCENTAGE_FACTOR
    to_pool = add(owed, mul(total_value, fee_liquidation_bps) // PERCENTAGE_FACTOR)
    remaining = max(funds - to_pool, 0)
    to_pool = min(to_pool, funds)
    return to_pool, remaining, max(to_pool - with_interest, 0), max(with_interest - to_pool, 0)


def calc_partial_liquidation(
    amount: int, *, fee_liquidation_bps: int, liquidation_discount_bps: int, seized_at_par: int
) -> tuple[int, int, int]:
    """
    A partial liquidation: what repays debt, the DAO's fee, and the collateral that is handed over.

    `seized_at_par` is the repaid amount in the collateral at the oracle's prices. Source:
    CreditFacadeV3.partiallyLiquidateCreditAccount.
    """
    fee = mul(amount, fee_liquidation_bps) // PERCENTAGE_FACTOR
    seized = div_down(mul(seized_at_par, PERCENTAGE_FACTOR), liquidation_discount_bps)
    return amount - fee, fee, seized
