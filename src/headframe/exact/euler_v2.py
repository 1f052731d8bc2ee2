"""
Euler v2's liquidation: the worse a position stands, the dearer it is sold, and it may go whole.

A position whose adjusted collateral does not exceed its debt may be liquidated. The discount is
what health lacks of one, up to a maximum: a Dutch auction that runs by health and not by time. The
liquidator takes over debt and gets collateral worth that debt over one less the discount. What is
owed when no collateral is left is taken from the lenders at once, unless the vault says otherwise.

Source: Euler Vault Kit whitepaper and documentation (docs.euler.finance), formula notes. The
contracts' modules are under the BUSL-1.1 and stayed closed. Judge: numbers of the contract's own
tests, sums by hand, invariants; no package with the vault's code or sources was found.
Assumptions: one liability, one collateral in view; values come from the oracle as arguments, in the
unit of account; collateral is enabled and recognised; signatures and the connector are outside.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from headframe.errors import Revert
from headframe.exact.checked_math import add, mul, sub
from headframe.exact.euler_v2_math import (
    CONFIG_SCALE,
    INTERNAL_DEBT_PRECISION_SHIFT,
    current_owed,
    grown_accumulator,
    to_assets_up,
)
from headframe.exact.fixed import RAY, WAD

SELECTORS = {
    "E_ExcessiveRepayAmount": bytes.fromhex("3b77f101"),
    "E_LiquidationCoolOff": bytes.fromhex("0a1d0efb"),
    "E_MinYield": bytes.fromhex("0dc316c4"),
    "E_SelfLiquidation": bytes.fromhex("94d8be99"),
}
"""Return data by name: the first four bytes of the Keccak hash of `Name()`."""
MAX_AMOUNT = (1 << 256) - 1
"""A repayment that means as much as may be repaid."""
MIN_SOCIALIZATION_LIABILITY_VALUE = 10**6
"""Least value of a liability, in the unit of account, that lenders are made to bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultConfig:
    """What a vault's governor sets for liquidations; shares of 1e4."""

    max_liquidation_discount: int
    interest_fee: int = 1_000
    liquidation_cool_off_s: int = 0
    socialise_debt: bool = True


@dataclass(frozen=True, slots=True)
class Debt:
    """What an account owed, in 2^-31 units, at an accumulator of then."""

    owed: int = 0
    accumulator_ray: int = RAY


@dataclass(slots=True)
class Vault:
    """A vault as far as liquidation touches it: debts, their sum, and what backs them."""

    config: VaultConfig
    total_borrows: int = 0
    accumulator_ray: int = RAY
    rate_per_s_ray: int = 0
    last_update_ts: int = 0
    debts: dict[Hashable, Debt] = field(default_factory=dict)
    collateral: dict[Hashable, int] = field(default_factory=dict)
    status_checked_ts: dict[Hashable, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What the oracle says of an account at mid prices, in the unit of account."""

    collateral_value: int
    collateral_adjusted_value: int
    liability_value: int


# ---- what may be liquidated, and for how much ----------------------------------------------


def discount_factor(
    collateral_adjusted_value: int, liability_value: int, max_liquidation_discount: int
) -> int:
    """
    Debt taken over per collateral received, in value, as a wad.

        max(floor(adjusted / liability), 1 - most discount)

    Source: whitepaper, "Liquidation". The quotient is the health score itself.
    """
    score = mul(collateral_adjusted_value, WAD) // liability_value
    return max(score, WAD - WAD * max_liquidation_discount // CONFIG_SCALE)


def max_liquidation(
    liability: int, collateral_balance: int, valuation: Valuation, max_liquidation_discount: int
) -> tuple[int, int]:
    """
    The most that may be repaid, and the collateral for it, both in their units, rounded down.

        yield value = liability value / factor;   short of it:  repay value = collateral * factor

    Nothing where the account is healthy. Worthless collateral is given away for nothing.
    """
    worth, owed = valuation.collateral_value, valuation.liability_value
    if liability == 0 or valuation.collateral_adjusted_value > owed:
        return 0, 0
    if worth == 0:
        return 0, collateral_balance
    factor = discount_factor(valuation.collateral_adjusted_value, owed, max_liquidation_discount)
    repay_value, yield_value = owed, mul(owed, WAD) // factor
    if worth < yield_value:
        repay_value, yield_value = mul(worth, factor) // WAD, worth
    return mul(repay_value, liability) // owed, mul(yield_value, collateral_balance) // worth


def check_liquidation(
    vault: Vault,
    liquidator: Hashable,
    violator: Hashable,
    valuation: Valuation,
    *,
    now_ts: int,
) -> tuple[int, int]:
    """
    What a liquidator could do now: most repaid and collateral for it. Source: checkLiquidation.

    Raises `Revert`: oneself, or too soon after the account's last check.
    """
    _check_may(vault, liquidator, violator, now_ts)
    accumulator = _accumulator(vault, now_ts)
    liability = _liability(vault, violator, accumulator)
    held = vault.collateral.get(violator, 0)
    most = vault.config.max_liquidation_discount
    return max_liquidation(liability, held, valuation, most)


def liquidate(
    vault: Vault,
    liquidator: Hashable,
    violator: Hashable,
    valuation: Valuation,
    *,
    repay: int = MAX_AMOUNT,
    min_yield: int = 0,
    now_ts: int,
) -> tuple[int, int, int]:
    """
    Take over debt and receive collateral; returns debt, collateral, and debt socialised, in units.

        collateral = floor(repay * most collateral / most repaid)

    Source: liquidate. Raises `Revert`: oneself, too soon, more than may be repaid, or less
    collateral than wanted.
    """
    _check_may(vault, liquidator, violator, now_ts)
    accumulator = _accumulator(vault, now_ts)
    liability = _liability(vault, violator, accumulator)
    held = vault.collateral.get(violator, 0)
    most, gained = max_liquidation(
        liability, held, valuation, vault.config.max_liquidation_discount
    )
    if repay != MAX_AMOUNT:
        if repay > most:
            raise refuse("E_ExcessiveRepayAmount", repay=repay, most=most)
        gained = mul(repay, gained) // most if most > 0 else gained
        most = repay
    if gained < min_yield:
        raise refuse("E_MinYield", gained=gained)
    _grow(vault, accumulator, now_ts)
    _take_over(vault, violator, liquidator, most)
    vault.collateral[violator] = sub(held, gained)
    vault.collateral[liquidator] = add(vault.collateral.get(liquidator, 0), gained)
    lost = 0
    exhausted = liability > most and vault.collateral[violator] == 0
    large = valuation.liability_value >= MIN_SOCIALIZATION_LIABILITY_VALUE
    if vault.config.socialise_debt and exhausted and large:
        lost = _write_off(vault, violator)
    vault.status_checked_ts[liquidator] = now_ts
    return most, gained, lost


# ---- debts ---------------------------------------------------------------------------------


def borrow(vault: Vault, account: Hashable, assets: int, *, now_ts: int) -> None:
    """Owe more. Whether the account may is the connector's question, and not asked here."""
    _grow(vault, _accumulator(vault, now_ts), now_ts)
    owed = current_owed(vault.debts.get(account, Debt()), vault.accumulator_ray)
    more = assets << INTERNAL_DEBT_PRECISION_SHIFT
    vault.debts[account] = Debt(add(owed, more), vault.accumulator_ray)
    vault.total_borrows = add(vault.total_borrows, more)
    vault.status_checked_ts[account] = now_ts


def debt_of(vault: Vault, account: Hashable, *, now_ts: int) -> int:
    """What an account owes now, in whole units, rounded up."""
    return _liability(vault, account, _accumulator(vault, now_ts))


def _accumulator(vault: Vault, now_ts: int) -> int:
    elapsed_s = sub(now_ts, vault.last_update_ts)
    return grown_accumulator(vault.accumulator_ray, vault.rate_per_s_ray, elapsed_s)


def _liability(vault: Vault, account: Hashable, accumulator_ray: int) -> int:
    return to_assets_up(current_owed(vault.debts.get(account, Debt()), accumulator_ray))


def _grow(vault: Vault, accumulator_ray: int, now_ts: int) -> None:
    grown = mul(vault.total_borrows, accumulator_ray) // vault.accumulator_ray
    vault.total_borrows, vault.accumulator_ray = grown, accumulator_ray
    vault.last_update_ts = now_ts


def _take_over(vault: Vault, violator: Hashable, liquidator: Hashable, assets: int) -> None:
    """Move debt: the giver's is rounded up to a unit first, so that no fraction is lost to him."""
    index = vault.accumulator_ray
    before = current_owed(vault.debts.get(violator, Debt()), index)
    rounded = to_assets_up(before) << INTERNAL_DEBT_PRECISION_SHIFT
    moved = assets << INTERNAL_DEBT_PRECISION_SHIFT
    left = sub(rounded, moved) if moved else before
    taken = current_owed(vault.debts.get(liquidator, Debt()), index)
    vault.debts[violator] = Debt(left, index)
    vault.debts[liquidator] = Debt(add(taken, moved), index)
    vault.total_borrows = add(vault.total_borrows, left + moved - before)


def _write_off(vault: Vault, violator: Hashable) -> int:
    owed = vault.debts[violator].owed
    vault.debts[violator] = replace(vault.debts[violator], owed=0)
    vault.total_borrows = max(vault.total_borrows - owed, 0)
    return to_assets_up(owed)


def _check_may(vault: Vault, liquidator: Hashable, violator: Hashable, now_ts: int) -> None:
    if liquidator == violator:
        raise refuse("E_SelfLiquidation")
    checked = vault.status_checked_ts.get(violator)
    if checked is not None and now_ts < checked + vault.config.liquidation_cool_off_s:
        raise refuse("E_LiquidationCoolOff", now_ts=now_ts)


def refuse(name: str, **numbers: int) -> Revert:
    """Build the refusal of that name."""
    return Revert(name, SELECTORS[name], **numbers)
