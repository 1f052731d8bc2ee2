"""
Gearbox v3's pool: lenders' shares, credit managers' debts, interest, quota revenue, losses.

Lenders own shares of what the pool expects to have: what was there at the last update, the interest
of all debts since, and the revenue of quotas since. Credit managers borrow within limits and pay
back with a profit, for which the treasury gets shares, or with a loss, for which its shares are
burnt; a loss beyond them falls on all lenders.

Contract: npm @gearbox-protocol/core-v3 1.52.1, PoolV3 (BUSL-1.1), the compiled form of which judges
this file; written from formula notes and that behaviour. Assumptions: an underlying without a fee
on transfers, and whoever pays has the money and has allowed it.
"""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field

from headframe.exact.checked_math import add, div_down, mul, sub
from headframe.exact.fixed import (
    MAX_UINT256,
    RAY,
    revert_error,
)
from headframe.exact.gearbox_v3_errors import refuse
from headframe.exact.gearbox_v3_math import PERCENTAGE_FACTOR, calc_linear_growth, fitting
from headframe.exact.gearbox_v3_rates import (
    LinearInterestRateModel,
    available_to_borrow,
    calc_borrow_rate,
)

NO_LIMIT = (1 << 128) - 1
"""A debt limit that is none."""
MAX_WITHDRAW_FEE_BPS = 100
"""The highest fee on withdrawals, 1 %."""


@dataclass
class DebtParams:
    """What a credit manager, or all together, has borrowed, and how much it may."""

    borrowed: int = 0
    limit: int = 0


@dataclass
class Pool:
    """A pool's state. Times are unix seconds; indices and rates are in rays."""

    interest_rate_model: LinearInterestRateModel
    treasury: Hashable
    opened_ts: int
    total_debt: DebtParams = field(default_factory=lambda: DebtParams(0, NO_LIMIT))
    managers: dict[Hashable, DebtParams] = field(default_factory=dict)
    shares: dict[Hashable, int] = field(default_factory=dict)
    allowances: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)
    total_supply: int = 0
    available_liquidity: int = 0
    """What the pool holds of the underlying."""
    expected_liquidity_lu: int = 0
    base_interest_rate_ray: int = 0
    base_interest_index_lu_ray: int = RAY
    last_base_interest_update_ts: int = 0
    quota_revenue: int = 0
    last_quota_revenue_update_ts: int = 0
    withdraw_fee_bps: int = 0

    def __post_init__(self) -> None:
        """A fresh pool asks the curve for its first rate."""
        if self.last_base_interest_update_ts == 0:
            self.last_base_interest_update_ts = self.opened_ts
        if self.last_quota_revenue_update_ts == 0:
            self.last_quota_revenue_update_ts = self.opened_ts


def drafted(pool: Pool) -> Pool:
    """A copy to work on: a refusal then leaves the pool as it was."""
    draft = copy(pool)
    draft.total_debt = copy(pool.total_debt)
    draft.managers = {who: copy(debt) for who, debt in pool.managers.items()}
    draft.shares, draft.allowances = dict(pool.shares), dict(pool.allowances)
    return draft


def booked(pool: Pool, draft: Pool) -> None:
    """Make a draft the pool's state."""
    vars(pool).update(vars(draft))


# ---- what is seen --------------------------------------------------------------------------


def base_interest_index(pool: Pool, *, now_ts: int) -> int:
    """
    Index of every debt: last * (1 + rate dt / year), rounded down.

    Source: PoolV3.baseInterestIndex.
    """
    then = pool.last_base_interest_update_ts
    grown = calc_linear_growth(pool.base_interest_rate_ray, then, now_ts=now_ts)
    return mul(pool.base_interest_index_lu_ray, RAY + grown) // RAY


def expected_liquidity(pool: Pool, *, now_ts: int) -> int:
    """
    What the lenders own: at the last update, and interest and quota revenue since.

    Source: PoolV3.expectedLiquidity.
    """
    rate, then = pool.base_interest_rate_ray, pool.last_base_interest_update_ts
    grown = calc_linear_growth(rate, then, now_ts=now_ts)
    interest = mul(pool.total_debt.borrowed, grown) // RAY
    return add(add(pool.expected_liquidity_lu, interest), _revenue(pool, now_ts))


def _revenue(pool: Pool, now_ts: int) -> int:
    then = pool.last_quota_revenue_update_ts
    return calc_linear_growth(pool.quota_revenue, then, now_ts=now_ts)


def supply_rate(pool: Pool, *, now_ts: int) -> int:
    """
    What lenders earn a year, in rays: interest and quota revenue over assets, less the exit fee.

    Source: PoolV3.supplyRate.
    """
    assets = expected_liquidity(pool, now_ts=now_ts)
    if assets == 0:
        return pool.base_interest_rate_ray
    earned = mul(pool.base_interest_rate_ray, pool.total_debt.borrowed)
    earned = add(earned, mul(pool.quota_revenue, RAY))
    kept = mul(earned, PERCENTAGE_FACTOR - pool.withdraw_fee_bps)
    return kept // PERCENTAGE_FACTOR // assets


def convert_to_shares_down(pool: Pool, assets: int, *, now_ts: int) -> int:
    """Shares of an amount. Source: PoolV3.convertToShares."""
    if assets == 0 or pool.total_supply == 0:
        return assets
    return full_div_down(assets, pool.total_supply, expected_liquidity(pool, now_ts=now_ts))


def convert_to_shares_up(pool: Pool, assets: int, *, now_ts: int) -> int:
    """Shares that an amount costs."""
    if assets == 0 or pool.total_supply == 0:
        return assets
    return full_div_up(assets, pool.total_supply, expected_liquidity(pool, now_ts=now_ts))


def convert_to_assets_down(pool: Pool, shares: int, *, now_ts: int) -> int:
    """What shares are worth. Source: PoolV3.convertToAssets."""
    if pool.total_supply == 0:
        return shares
    return full_div_down(shares, expected_liquidity(pool, now_ts=now_ts), pool.total_supply)


def convert_to_assets_up(pool: Pool, shares: int, *, now_ts: int) -> int:
    """What shares cost."""
    if pool.total_supply == 0:
        return shares
    return full_div_up(shares, expected_liquidity(pool, now_ts=now_ts), pool.total_supply)


def credit_manager_borrowable(pool: Pool, manager: Hashable, *, now_ts: int) -> int:
    """
    What a credit manager can borrow now: both limits, and what the curve leaves.

    Source: PoolV3.creditManagerBorrowable.
    """
    room = _room(pool.total_debt)
    if room == 0:
        return 0
    room = min(room, _room(pool.managers.get(manager, DebtParams())))
    if room == 0:
        return 0
    expected = expected_liquidity(pool, now_ts=now_ts)
    return min(
        room, available_to_borrow(pool.interest_rate_model, expected, pool.available_liquidity)
    )


def _room(debt: DebtParams) -> int:
    if debt.limit == NO_LIMIT:
        return MAX_UINT256
    return max(debt.limit - debt.borrowed, 0)


# ---- lenders -------------------------------------------------------------------------------


def deposit(pool: Pool, *, receiver: Hashable | None, assets: int, now_ts: int) -> int:
    """Lend; returns the shares, rounded down. Source: PoolV3.deposit."""
    draft = _named(pool, receiver)
    shares = convert_to_shares_down(draft, assets, now_ts=now_ts)
    return _lend(pool, draft, receiver, assets, shares, now_ts)[1]


def mint(pool: Pool, *, receiver: Hashable | None, shares: int, now_ts: int) -> int:
    """Lend what so many shares cost, rounded up; returns it. Source: PoolV3.mint."""
    draft = _named(pool, receiver)
    assets = convert_to_assets_up(draft, shares, now_ts=now_ts)
    return _lend(pool, draft, receiver, assets, shares, now_ts)[0]


def _lend(
    pool: Pool, draft: Pool, receiver: Hashable | None, assets: int, shares: int, now_ts: int
) -> tuple[int, int]:
    _check_some(assets, shares)
    draft.available_liquidity = add(draft.available_liquidity, assets)
    _update_base_interest(draft, now_ts, expected=assets)
    _mint(draft, receiver, shares)
    booked(pool, draft)
    return assets, shares


def withdraw(
    pool: Pool,
    *,
    sender: Hashable,
    owner: Hashable,
    receiver: Hashable | None,
    assets: int,
    now_ts: int,
) -> int:
    """
    Take an amount out; returns the shares that it and the fee on top cost, rounded up.

    Source: PoolV3.withdraw.
    """
    draft = _named(pool, receiver)
    sent = assets
    if draft.withdraw_fee_bps:
        kept = PERCENTAGE_FACTOR - draft.withdraw_fee_bps
        sent = mul(assets, PERCENTAGE_FACTOR) // kept
    shares = convert_to_shares_up(draft, sent, now_ts=now_ts)
    _leave(pool, draft, sender, owner, sent, shares, now_ts)
    return shares


def redeem(
    pool: Pool,
    *,
    sender: Hashable,
    owner: Hashable,
    receiver: Hashable | None,
    shares: int,
    now_ts: int,
) -> int:
    """Give shares back; returns what the receiver gets, less the fee. Source: PoolV3.redeem."""
    draft = _named(pool, receiver)
    sent = convert_to_assets_down(draft, shares, now_ts=now_ts)
    got = mul(sent, PERCENTAGE_FACTOR - draft.withdraw_fee_bps) // PERCENTAGE_FACTOR
    _check_some(got)
    _leave(pool, draft, sender, owner, sent, shares, now_ts)
    return got


def _leave(
    pool: Pool, draft: Pool, sender: Hashable, owner: Hashable, sent: int, shares: int, now_ts: int
) -> None:
    _check_some(sent, shares)
    if sender != owner:
        _spend_allowance(draft, owner, sender, shares)
    _burn(draft, owner, shares)
    _update_base_interest(draft, now_ts, expected=-sent, available=-sent)
    draft.available_liquidity = draft.available_liquidity - sent
    booked(pool, draft)


def approve(pool: Pool, *, owner: Hashable, spender: Hashable, shares: int) -> None:
    """Let another give one's shares back. Source: PoolV3.approve."""
    pool.allowances[owner, spender] = shares


# ---- credit managers -----------------------------------------------------------------------


def lend_credit_account(pool: Pool, *, manager: Hashable, amount: int, now_ts: int) -> None:
    """
    Lend to a credit account of a manager.

    Source: PoolV3.lendCreditAccount. Raises `Revert`: nothing, beyond a limit, above the second
    kink where the curve forbids it, or more than is there.
    """
    draft = drafted(pool)
    own, all_debt = draft.managers.get(manager, DebtParams()), draft.total_debt
    fits(amount, 128)
    borrowed, total = fitting(own.borrowed + amount, 128), fitting(all_debt.borrowed + amount, 128)
    if amount == 0 or borrowed > own.limit or total > all_debt.limit:
        raise refuse("CreditManagerCantBorrow", borrowed=borrowed)
    _update_base_interest(draft, now_ts, available=-amount, checks=True)
    own.borrowed, all_debt.borrowed = borrowed, total
    draft.available_liquidity = draft.available_liquidity - amount
    booked(pool, draft)


def repay_credit_account(
    pool: Pool, *, manager: Hashable, repaid: int, profit: int, loss: int, now_ts: int
) -> int:
    """
    Take note of a repayment whose money has arrived already; returns the loss left uncovered.

    A profit makes shares for the treasury. A loss burns its shares; what they do not cover lowers
    what all lenders own. Source: PoolV3.repayCreditAccount. Raises `Revert`: no debt of this
    manager, or more repaid than was borrowed (panic 0x11).
    """
    draft = drafted(pool)
    own = draft.managers.get(manager, DebtParams())
    fits(repaid, 128)
    if own.borrowed == 0:
        raise refuse("CallerNotCreditManager")
    uncovered = 0
    if profit > 0:
        _mint(draft, draft.treasury, convert_to_shares_down(draft, profit, now_ts=now_ts))
    elif loss > 0:
        held = draft.shares.get(draft.treasury, 0)
        burnt = convert_to_shares_down(draft, loss, now_ts=now_ts)
        if burnt > held:
            uncovered = convert_to_assets_down(draft, burnt - held, now_ts=now_ts)
            burnt = held
        _burn(draft, draft.treasury, burnt)
    _update_base_interest(draft, now_ts, expected=profit - loss)
    draft.total_debt.borrowed = sub(draft.total_debt.borrowed, repaid)
    own.borrowed = sub(own.borrowed, repaid)
    booked(pool, draft)
    return uncovered


# ---- quotas and settings -------------------------------------------------------------------


def update_quota_revenue(pool: Pool, change: int, *, now_ts: int) -> None:
    """Change the yearly revenue of quotas. Source: PoolV3.updateQuotaRevenue."""
    whole = pool.quota_revenue + change
    if whole < 0:
        raise revert_error("SafeCast: value must be positive")
    set_quota_revenue(pool, whole, now_ts=now_ts)


def set_quota_revenue(pool: Pool, revenue: int, *, now_ts: int) -> None:
    """Set the yearly revenue of quotas, once what it was has been earned."""
    draft = drafted(pool)
    if now_ts != draft.last_quota_revenue_update_ts:
        earned = add(draft.expected_liquidity_lu, _revenue(draft, now_ts))
        draft.expected_liquidity_lu = fits(earned, 128)
        draft.last_quota_revenue_update_ts = now_ts
    draft.quota_revenue = fits(revenue, 96)
    booked(pool, draft)


def set_interest_rate_model(pool: Pool, model: LinearInterestRateModel, *, now_ts: int) -> None:
    """Put another curve in place; its rate holds from now. Source: PoolV3.setInterestRateModel."""
    draft = drafted(pool)
    draft.interest_rate_model = model
    _update_base_interest(draft, now_ts)
    booked(pool, draft)


def set_total_debt_limit(pool: Pool, limit: int) -> None:
    """Limit what all managers borrow. Source: PoolV3.setTotalDebtLimit."""
    pool.total_debt.limit = _limit(limit)


def set_credit_manager_debt_limit(pool: Pool, manager: Hashable, limit: int) -> None:
    """Limit what a manager borrows; the first limit admits it."""
    limit = _limit(limit)
    pool.managers.setdefault(manager, DebtParams()).limit = limit


def set_withdraw_fee(pool: Pool, fee_bps: int) -> None:
    """Set the fee on withdrawals. Source: PoolV3.setWithdrawFee. Raises `Revert`: above 1 %."""
    if fee_bps > MAX_WITHDRAW_FEE_BPS:
        raise refuse("IncorrectParameter", fee_bps=fee_bps)
    pool.withdraw_fee_bps = fee_bps


# ---- parts ---------------------------------------------------------------------------------


def full_div_down(a: int, b: int, denominator: int) -> int:
    """
    Product over a denominator, rounded down, through 512 bits, with OpenZeppelin's refusals.

    Source: npm @openzeppelin/contracts 4.9.3, Math.mulDiv (MIT).
    """
    product = a * b
    if product <= MAX_UINT256:
        return div_down(product, denominator)
    if denominator <= product >> 256:
        raise revert_error("Math: mulDiv overflow")
    return product // denominator


def full_div_up(a: int, b: int, denominator: int) -> int:
    """Product over a denominator, rounded up."""
    down = full_div_down(a, b, denominator)
    return add(down, int(down * denominator != a * b))


def fits(value: int, bits: int) -> int:
    """Return the value if a word holds it, else `Revert` with the cast's own words."""
    if value >= 1 << bits:
        raise revert_error(f"SafeCast: value doesn't fit in {bits} bits", value=value)
    return value


def _update_base_interest(
    draft: Pool, now_ts: int, *, expected: int = 0, available: int = 0, checks: bool = False
) -> None:
    """Bring interest up to date, and set the rate for what will be there and what is expected."""
    whole = expected_liquidity(draft, now_ts=now_ts) + expected
    there = draft.available_liquidity + available
    if whole < 0 or there < 0:
        raise revert_error("SafeCast: value must be positive")
    if now_ts != draft.last_base_interest_update_ts:
        index = base_interest_index(draft, now_ts=now_ts)
        draft.base_interest_index_lu_ray = fits(index, 128)
        draft.last_base_interest_update_ts = now_ts
    if now_ts != draft.last_quota_revenue_update_ts:
        draft.last_quota_revenue_update_ts = now_ts
    draft.expected_liquidity_lu = fits(whole, 128)
    rate = calc_borrow_rate(draft.interest_rate_model, whole, there, check_optimal_borrowing=checks)
    draft.base_interest_rate_ray = fits(rate, 128)


def _named(pool: Pool, receiver: Hashable | None) -> Pool:
    if receiver is None:
        raise refuse("ZeroAddress")
    return drafted(pool)


def _check_some(*amounts: int) -> None:
    if 0 in amounts:
        raise refuse("AmountCantBeZero")


def _limit(limit: int) -> int:
    return NO_LIMIT if limit == MAX_UINT256 else fits(limit, 128)


def _mint(draft: Pool, who: Hashable, shares: int) -> None:
    draft.total_supply = add(draft.total_supply, shares)
    draft.shares[who] = draft.shares.get(who, 0) + shares


def _burn(draft: Pool, who: Hashable, shares: int) -> None:
    held = draft.shares.get(who, 0)
    if held < shares:
        raise revert_error("ERC20: burn amount exceeds balance", held=held)
    draft.shares[who] = held - shares
    draft.total_supply -= shares


def _spend_allowance(draft: Pool, owner: Hashable, spender: Hashable, shares: int) -> None:
    allowed = draft.allowances.get((owner, spender), 0)
    if allowed == MAX_UINT256:
        return
    if allowed < shares:
        raise revert_error("ERC20: insufficient allowance", allowed=allowed)
    draft.allowances[owner, spender] = allowed - shares
