"""
Gearbox v3's credit manager: what accounts owe and are worth, and the checks that calls end in.

An account owes principal, interest of the pool and of its quotas, and the DAO's fees on both. Its
tokens count at their thresholds, up to their quotas; a quota is what makes a token count at all.

Contracts: npm @gearbox-protocol/core-v3 1.52.1, CreditManagerV3 and PriceOracleV3 (BUSL-1.1), the
compiled forms of which judge this file; written from formula notes and that behaviour. Assumption:
tokens without a fee on transfers.
"""

from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import dataclass, field

from headframe.errors import Revert
from headframe.exact.checked_math import add, div_down, mul, sub
from headframe.exact.fixed import RAY
from headframe.exact.gearbox_v3_errors import refuse
from headframe.exact.gearbox_v3_math import (
    NO_CAP,
    PERCENTAGE_FACTOR,
    calc_accrued_interest,
    calc_collateral,
    calc_total_debt,
    fitting,
    get_liquidation_threshold,
)
from headframe.exact.gearbox_v3_pool import Pool, base_interest_index
from headframe.exact.gearbox_v3_quotas import QuotaKeeper, get_quota_and_outstanding_interest

SAFE_TRANSFER_FAILED = bytes.fromhex("fb7f5079")
"""What the library for transfers (1inch's SafeERC20) says where a token refuses."""
NO_RAMP_TS = (1 << 40) - 1
"""The beginning of a ramp that never begins."""


@dataclass
class Threshold:
    """A token's liquidation threshold in basis points, and its ramp."""

    initial_bps: int
    final_bps: int = 0
    ramp_start_ts: int = NO_RAMP_TS
    ramp_duration_s: int = 0


@dataclass
class Oracle:
    """Prices in dollars with eight decimals: of the main feed, and of the reserve's."""

    main: dict[Hashable, int] = field(default_factory=dict)
    reserve: dict[Hashable, int] = field(default_factory=dict)
    decimals: dict[Hashable, int] = field(default_factory=dict)

    def price(self, token: Hashable, *, safe: bool = False) -> int:
        """The main price; the safe one is the lower of both. Source: PriceOracleV3."""
        main = self.main[token]
        return min(main, self.reserve[token]) if safe else main

    def to_usd(self, amount: int, token: Hashable, *, safe: bool = False) -> int:
        """Value of an amount, rounded down. Source: PriceOracleV3.convertToUSD."""
        unit: int = 10 ** self.decimals[token]
        return mul(amount, self.price(token, safe=safe)) // unit

    def from_usd(self, value_usd: int, token: Hashable) -> int:
        """Amount of a value, rounded down. Source: PriceOracleV3.convertFromUSD."""
        return div_down(mul(value_usd, 10 ** self.decimals[token]), self.price(token))

    def convert(self, amount: int, sold: Hashable, bought: Hashable) -> int:
        """Amount of one token for another. Source: PriceOracleV3.convert."""
        above = mul(mul(amount, self.price(sold)), 10 ** self.decimals[bought])
        return div_down(above, mul(self.price(bought), 10 ** self.decimals[sold]))


@dataclass
class CreditAccount:
    """An account: its debt, the tokens that count, and what it holds."""

    borrower: Hashable
    debt: int = 0
    index_lu_ray: int = 0
    quota_interest: int = 0
    quota_fees: int = 0
    quoted: list[Hashable] = field(default_factory=list)
    """Tokens with a quota, in the order in which the manager knows them."""
    last_debt_block: int = 0


@dataclass
class CreditManager:
    """A credit manager with its facade."""

    name: Hashable
    pool: Pool
    keeper: QuotaKeeper
    oracle: Oracle
    underlying: Hashable
    thresholds: dict[Hashable, Threshold]
    """By token, the underlying first."""
    fee_interest_bps: int
    fee_liquidation_bps: int
    liquidation_discount_bps: int
    max_enabled_tokens: int
    min_debt: int = 0
    max_debt: int = 0
    max_debt_per_block_multiplier: int = 0
    borrowed_in_block: int = 0
    last_block_borrowed: int = 0
    accounts: dict[Hashable, CreditAccount] = field(default_factory=dict)
    balances: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)
    """By account (or anybody paid) and token."""

    def move(self, who: Hashable, token: Hashable, amount: int) -> None:
        """Change a balance; an account that has too little refuses with its library's error."""
        held = self.balances.get((who, token), 0)
        if held + amount < 0:
            raise Revert("SafeTransferFailed", SAFE_TRANSFER_FAILED, held=held)
        self.balances[who, token] = add(held, amount) if amount >= 0 else sub(held, -amount)


@dataclass(frozen=True)
class Now:
    """The block that a call is in."""

    ts: int
    block: int


@dataclass(frozen=True)
class DebtData:
    """What an account owes and holds, at an instant."""

    debt: int
    index_now_ray: int
    quota_interest: int
    accrued_interest: int
    accrued_fees: int
    total_value: int = 0
    twv_usd: int = 0
    total_debt_usd: int = 0

    @property
    def total_debt(self) -> int:
        """All that is owed, in the underlying."""
        return calc_total_debt(self.debt, self.accrued_interest, self.accrued_fees)


Call = Callable[["Session"], None]


@dataclass
class Session:
    """Several calls on one account: who makes them, and what the check at their end takes."""

    manager: CreditManager
    account: Hashable
    sender: Hashable
    now: Now
    min_health_bps: int = PERCENTAGE_FACTOR
    safe_prices: bool = False


CHANGED = ("accounts", "balances", "max_debt_per_block_multiplier", "borrowed_in_block",
           "last_block_borrowed")  # fmt: skip
"""What calls change of a manager, besides pool and quotas."""


def atomically(manager: CreditManager, action: Callable[[], None]) -> None:
    """Carry out an action; a refusal leaves everything as it was."""
    pool, keeper = manager.pool, manager.keeper
    state = {name: getattr(manager, name) for name in CHANGED}
    quotas = (keeper.tokens, keeper.accounts, keeper.last_rate_update_ts)
    before = deepcopy((state, vars(pool), quotas))
    try:
        action()
    except Revert:
        vars(manager).update(before[0])
        vars(pool).update(before[1])
        keeper.tokens, keeper.accounts, keeper.last_rate_update_ts = before[2]
        raise


# ---- what is seen --------------------------------------------------------------------------


def calc_debt(manager: CreditManager, account: Hashable, *, now_ts: int) -> DebtData:
    """
    What an account owes: principal, interest of both kinds, and the DAO's fees on all of it.

    Source: CreditManagerV3.calcDebtAndCollateral, task DEBT_ONLY.
    """
    own = manager.accounts[account]
    index = base_interest_index(manager.pool, now_ts=now_ts)
    quota = own.quota_interest
    for token in own.quoted:
        _, owed = get_quota_and_outstanding_interest(manager.keeper, account, token, now_ts=now_ts)
        quota = add(quota, owed)
    quota = fitting(quota, 128)
    base = calc_accrued_interest(own.debt, own.index_lu_ray, index)
    fees = own.quota_fees
    for interest in (base, quota):
        fees = add(fees, mul(interest, manager.fee_interest_bps) // PERCENTAGE_FACTOR)
    return DebtData(own.debt, index, quota, add(base, quota), fees)


def calc_debt_and_collateral(
    manager: CreditManager,
    account: Hashable,
    *,
    now_ts: int,
    safe: bool = False,
    target_bps: int | None = None,
) -> DebtData:
    """
    What an account owes and what it is worth; with a target the sum of tokens may end early.

    Safe prices are for the tokens only: the underlying, in which it owes, keeps its main price.

    Source: CreditManagerV3.calcDebtAndCollateral.
    """
    owed = calc_debt(manager, account, now_ts=now_ts)
    oracle, u = manager.oracle, manager.underlying
    debt_usd = oracle.to_usd(owed.total_debt, u)
    target = NO_CAP if target_bps is None else mul(debt_usd, target_bps) // PERCENTAGE_FACTOR
    tokens = []
    for token in manager.accounts[account].quoted:
        quota = manager.keeper.accounts[account, token].quota
        balance = manager.balances.get((account, token), 0)
        value = oracle.to_usd(balance, token, safe=safe) if balance else 0
        tokens.append((value, quota, threshold_of(manager, token, now_ts=now_ts)))
    total_usd, twv_usd = calc_collateral(
        tokens,
        underlying_usd=oracle.to_usd(manager.balances.get((account, u), 0), u),
        lt_underlying_bps=threshold_of(manager, u, now_ts=now_ts),
        underlying_price_ray=oracle.to_usd(RAY, u),
        target_usd=target,
    )
    value = oracle.from_usd(total_usd, u)
    parts = (owed.debt, owed.index_now_ray, owed.quota_interest, owed.accrued_interest)
    return DebtData(*parts, owed.accrued_fees, value, twv_usd, debt_usd)


def threshold_of(manager: CreditManager, token: Hashable, *, now_ts: int) -> int:
    """A token's threshold now. Source: CreditManagerV3.liquidationThresholds."""
    t = manager.thresholds[token]
    return get_liquidation_threshold(
        t.initial_bps, t.final_bps, t.ramp_start_ts, t.ramp_duration_s, now_ts=now_ts
    )


# ---- checks ----------------------------------------------------------------------------------


def check_owner(manager: CreditManager, account: Hashable, sender: Hashable) -> None:
    """Refuse whoever does not own an account."""
    if account not in manager.accounts:
        raise refuse("CreditAccountDoesNotExist")
    if manager.accounts[account].borrower != sender:
        raise refuse("CallerNotCreditAccountOwner")


def full_collateral_check(session: Session) -> None:
    """
    Refuse an account that counts less than it owes times the least health, or too many tokens.

    Source: CreditManagerV3.fullCollateralCheck.
    """
    found = calc_debt_and_collateral(
        session.manager,
        session.account,
        now_ts=session.now.ts,
        safe=session.safe_prices,
        target_bps=session.min_health_bps,
    )
    needed = mul(found.total_debt_usd, session.min_health_bps) // PERCENTAGE_FACTOR
    if found.twv_usd < needed:
        raise refuse("NotEnoughCollateral", twv_usd=found.twv_usd, needed_usd=needed)
    enabled = session.manager.accounts[session.account].quoted
    if len(enabled) > session.manager.max_enabled_tokens:
        raise refuse("TooManyEnabledTokens", enabled=len(enabled))


def check_debt_block(own: CreditAccount, now: Now) -> None:
    """Refuse a second change of a debt within a block."""
    if own.last_debt_block == now.block:
        raise refuse("DebtUpdatedTwiceInOneBlock")


def check_debt_limits(manager: CreditManager, debt: int, *, grows: bool) -> None:
    """Refuse a principal outside the limits; one that shrinks may be above the largest."""
    too_much = debt > manager.max_debt if grows else False
    too_little = 0 < debt < manager.min_debt
    if too_much or too_little:
        raise refuse("BorrowAmountOutOfLimits", debt=debt)
