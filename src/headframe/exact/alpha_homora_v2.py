"""
Alpha Homora v2's bank: debts in any tokens by shares, solvency by credits, liquidation in part.

The bank borrows each token at a money market (Cream, Iron Bank) as one borrower and keeps, for
each position, shares of that debt. Whoever borrows must be given at least the shares that he owes:
until February 2021 these were rounded down. With a debt of D behind a single share, borrowing D - 1
cost no share at all, and the debt doubled for the next time: 37.5 million dollars were taken so.

Source: notes on AlphaFinanceLab/alpha-homora-v2-contract (HomoraBank, WMasterChef), and the
project's own post-mortem. No licence stands in the files; an early version of the bank was looked
at, nothing was copied. Judge: none was found; documented examples, the exploit's arithmetic and
invariants hold it, and the page says so. Assumptions: the money market's debt is an argument, it
lends whatever is asked, and tokens are plain.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum

from headframe.exact.alpha_homora_v2_oracle import (
    BPS,
    TokenFactors,
    as_eth_borrow,
    as_eth_collateral,
    convert_for_liquidation,
)
from headframe.exact.fixed import MAX_UINT256, Q112, div_up, revert_error
from headframe.exact.safe_math import add, mul, sub

ALL = MAX_UINT256
"""Stands for the whole debt when repaying."""
REWARD_PRECISION = 10**12
"""What a MasterChef's rewards per token are multiplied by."""


class Rounding(Enum):
    """How shares of a new debt, and the debt of shares, are rounded."""

    UNTIL_FEBRUARY_2021 = "down"
    SINCE_FEBRUARY_2021 = "up"


@dataclass(slots=True)
class Bank:
    """One token's debt at the money market, and the shares of it; reserves, taken and to come."""

    total_debt: int = 0
    total_share: int = 0
    pending_reserve: int = 0
    reserve: int = 0


@dataclass(slots=True)
class Position:
    """A position: one collateral, and shares of debts."""

    collateral_token: Hashable | None = None
    collateral_size: int = 0
    debt_share_of: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True)
class HomoraBank:
    """
    The whole bank, with the oracle's prices and factors by token.

    `rates_underlying` are those of wrapped collateral, 1 where none is named.
    """

    fee_bps: int = 0
    rounding: Rounding = Rounding.SINCE_FEBRUARY_2021
    banks: dict[Hashable, Bank] = field(default_factory=dict)
    positions: dict[int, Position] = field(default_factory=dict)
    pxs_q112: dict[Hashable, int] = field(default_factory=dict)
    factors: dict[Hashable, TokenFactors] = field(default_factory=dict)
    rates_underlying: dict[Hashable, int] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def borrow_balance_stored(bank: HomoraBank, position_id: int, token: Hashable) -> int:
    """What a position owes of a token: its shares of the debt, rounded up (down until 2021)."""
    return _debt(bank, _listed(bank, token), _shares(bank, position_id, token))


def get_collateral_eth_value(bank: HomoraBank, position_id: int) -> int:
    """Credit of a position's collateral."""
    position = bank.positions[position_id]
    token, size = position.collateral_token, position.collateral_size
    if size == 0 or token is None:
        return 0
    rate = bank.rates_underlying.get(token, Q112)
    return as_eth_collateral(bank.pxs_q112[token], bank.factors[token], size, rate)


def get_borrow_eth_value(bank: HomoraBank, position_id: int) -> int:
    """Credit that all debts of a position consume."""
    value = 0
    for token, share in bank.positions[position_id].debt_share_of.items():
        if share:
            owed = borrow_balance_stored(bank, position_id, token)
            value = add(value, as_eth_borrow(bank.pxs_q112[token], bank.factors[token], owed))
    return value


# ---- interest ------------------------------------------------------------------------------


def accrue(bank: HomoraBank, token: Hashable, debt: int) -> None:
    """
    Take over the debt that the money market tells now; of what it grew a fee becomes due.

    Source: HomoraBank.accrue. The fee is `fee_bps` of the growth, rounded down.
    """
    book = _listed(bank, token)
    if debt > book.total_debt:
        fee = mul(debt - book.total_debt, bank.fee_bps) // BPS
        book.pending_reserve = add(book.pending_reserve, fee)
    book.total_debt = debt


def resolve_reserve(bank: HomoraBank, token: Hashable) -> int:
    """
    Borrow the fee that became due, for the reserve: more debt, and no share for it.

    Source: HomoraBank.resolveReserve, which anybody could call. Returns the amount.
    """
    book = _listed(bank, token)
    pending, book.pending_reserve = book.pending_reserve, 0
    book.total_debt = add(book.total_debt, pending)
    book.reserve = add(book.reserve, pending)
    return pending


# ---- what a position does within `execute` --------------------------------------------------


def borrow(bank: HomoraBank, position_id: int, token: Hashable, amount: int) -> int:
    """
    Borrow a token; returns the shares given.

        amount * shares / debt, rounded up (down until February 2021); the amount if there are none

    Source: HomoraBank.borrow.
    """
    book = _listed(bank, token)
    share = amount
    if book.total_share:
        wanted = mul(amount, book.total_share)
        _require_debt(book)
        share = _round(bank, wanted, book.total_debt)
    shares = bank.positions[position_id].debt_share_of
    shares[token] = add(shares.get(token, 0), share)
    book.total_share = add(book.total_share, share)
    book.total_debt = add(book.total_debt, amount)
    return share


def repay(bank: HomoraBank, position_id: int, token: Hashable, amount: int) -> tuple[int, int]:
    """
    Repay a debt, all of it with `ALL`; returns the amount and the shares taken back.

        all shares where it is the whole debt, else amount * shares / debt, rounded down

    Source: HomoraBank.repay. Raises `Revert` where more is paid than owed.
    """
    book = _listed(bank, token)
    held = _shares(bank, position_id, token)
    owed = _debt(bank, book, held)
    paid = owed if amount == ALL else amount
    if paid > owed:
        raise revert_error("paid exceeds debt", paid=paid, owed=owed)
    less = held if paid == owed else mul(paid, book.total_share) // book.total_debt
    bank.positions[position_id].debt_share_of[token] = sub(held, less)
    book.total_share = sub(book.total_share, less)
    # the last of all may owe a unit more than the money market is owed
    book.total_debt = max(book.total_debt - paid, 0)
    return paid, less


def put_collateral(bank: HomoraBank, position_id: int, token: Hashable, amount: int) -> None:
    """Add collateral; one token a position. Raises `Revert` where another is there already."""
    position = bank.positions[position_id]
    if position.collateral_size and position.collateral_token != token:
        raise revert_error("another type of collateral already exists")
    position.collateral_token = token
    position.collateral_size = add(position.collateral_size, amount)


def take_collateral(bank: HomoraBank, position_id: int, amount: int) -> int:
    """Take collateral out, all of it with `ALL`; solvency is checked at the end of `execute`."""
    position = bank.positions[position_id]
    taken = position.collateral_size if amount == ALL else amount
    position.collateral_size = sub(position.collateral_size, taken)
    return taken


def check_solvent(bank: HomoraBank, position_id: int) -> None:
    """What ends every `execute`. Raises `Revert` where the collateral's credit is the lower."""
    collateral = get_collateral_eth_value(bank, position_id)
    borrowed = get_borrow_eth_value(bank, position_id)
    if collateral < borrowed:
        raise revert_error("insufficient collateral", collateral=collateral, borrowed=borrowed)


def liquidate(
    bank: HomoraBank, position_id: int, debt_token: Hashable, amount: int
) -> tuple[int, int]:
    """
    Repay some of an insolvent position's debt for its collateral and an incentive.

    Source: HomoraBank.liquidate. Returns what was paid and the collateral taken, which is at most
    all. Raises `Revert`: still healthy, or more than is owed.
    """
    if get_collateral_eth_value(bank, position_id) >= get_borrow_eth_value(bank, position_id):
        raise revert_error("position still healthy")
    paid, _ = repay(bank, position_id, debt_token, amount)
    position = bank.positions[position_id]
    token = position.collateral_token
    bounty = convert_for_liquidation(
        paid,
        bank.pxs_q112[debt_token],
        bank.pxs_q112[token],
        bank.factors[debt_token],
        bank.factors[token],
        bank.rates_underlying.get(token, Q112),
    )
    taken = min(bounty, position.collateral_size)
    position.collateral_size -= taken
    return paid, taken


# ---- staked pool shares --------------------------------------------------------------------


def w_masterchef_reward(amount: int, acc_at_mint: int, acc_at_burn: int) -> int:
    """
    Rewards of staked shares between two readings of the rewards per share.

        floor(end * amount / 1e12) - ceil(start * amount / 1e12), not below 0

    Rounded against whoever leaves, at both ends. Source: WMasterChef.
    """
    end = mul(acc_at_burn, amount) // REWARD_PRECISION
    return max(end - div_up(mul(acc_at_mint, amount), REWARD_PRECISION), 0)


def _listed(bank: HomoraBank, token: Hashable) -> Bank:
    if token not in bank.banks:
        raise revert_error("bank not exists")
    return bank.banks[token]


def _shares(bank: HomoraBank, position_id: int, token: Hashable) -> int:
    return bank.positions[position_id].debt_share_of.get(token, 0)


def _debt(bank: HomoraBank, book: Bank, share: int) -> int:
    if share == 0 or book.total_debt == 0:
        return 0
    return _round(bank, mul(share, book.total_debt), book.total_share)


def _require_debt(book: Bank) -> None:
    if book.total_debt == 0:
        raise revert_error("SafeMath: division by zero", total_share=book.total_share)


def _round(bank: HomoraBank, numerator: int, denominator: int) -> int:
    if bank.rounding is Rounding.SINCE_FEBRUARY_2021:
        return div_up(numerator, denominator)
    return numerator // denominator
