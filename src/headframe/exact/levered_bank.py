"""
The books of a bank that lends to leveraged farms: shares of lenders, shares of debt, interest.

Lenders own shares of what the bank has and is owed, less its reserve. Borrowers owe shares of one
common debt, into which interest flows whenever somebody calls: linear between calls, so that
compounding depends on how often anyone touches the bank. When a farm is killed the bounties are
paid first, off the gross proceeds; what is then missing simply is not there any more: all lenders
bear it at once.

Alpha Homora v1's Bank and Alpaca's Vault keep these books alike. Contracts: alpha-homora-v1 at
5017311 (closed to us, formula notes), npm @alpaca-finance/alpaca-contract 1.2.22, Vault (MIT).
Judge: the Vault's bytecode, in the duel of `alpaca`.
Assumption: the bank's balance is an argument; who pays and is paid is the caller's business.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact import safe_math
from headframe.exact.fixed import WAD, revert_error

BPS = 10_000
"""All of a sum, in basis points."""


@dataclass(slots=True)
class Position:
    """Whose it is, which worker farms it, and its share of the debt."""

    worker: Hashable
    owner: Hashable
    debt_share: int = 0


@dataclass(slots=True)
class Bank:
    """Everything that the bank's books store; `balance_of` are the lenders' shares."""

    last_accrue_time: int = 0
    debt_share: int = 0
    debt_val: int = 0
    reserve_pool: int = 0
    total_supply: int = 0
    next_position_id: int = 1
    balance_of: dict[Hashable, int] = field(default_factory=dict)
    positions: dict[int, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payout:
    """Who gets what of a killed farm: killer, treasury, owner; the rest is the bank's."""

    prize: int
    treasury: int
    left: int


# ---- interest ------------------------------------------------------------------------------


def pending_interest(bank: Bank, rate_per_s_wad: int, *, now_ts: int) -> int:
    """
    Interest since the last call, rounded down.

        rate * debt * seconds / 1e18

    Source: Bank.pendingInterest, Vault.pendingInterest.
    """
    if now_ts <= bank.last_accrue_time:
        return 0
    owed = safe_math.mul(rate_per_s_wad, bank.debt_val)
    return safe_math.mul(owed, now_ts - bank.last_accrue_time) // WAD


def accrue(bank: Bank, rate_per_s_wad: int, reserve_pool_bps: int, *, now_ts: int) -> None:
    """Add the interest to the debt and a part of it, rounded down, to the reserve."""
    if now_ts <= bank.last_accrue_time:
        return
    interest = pending_interest(bank, rate_per_s_wad, now_ts=now_ts)
    to_reserve = safe_math.mul(interest, reserve_pool_bps) // BPS
    bank.reserve_pool = safe_math.add(bank.reserve_pool, to_reserve)
    bank.debt_val = safe_math.add(bank.debt_val, interest)
    bank.last_accrue_time = now_ts


# ---- lenders -------------------------------------------------------------------------------


def total_token(bank: Bank, balance: int) -> int:
    """What all lenders own: balance plus debt less reserve. Source: totalETH, totalToken."""
    return safe_math.sub(safe_math.add(balance, bank.debt_val), bank.reserve_pool)


def deposit(bank: Bank, lender: Hashable, amount: int, balance: int) -> int:
    """
    Give shares for an amount that is in the balance already, rounded down; return them.

        shares = amount * supply / (total - amount),  the amount itself for the first
    """
    total = safe_math.sub(total_token(bank, balance), amount)
    if total == 0:
        share = amount
    else:
        share = safe_math.div_down(safe_math.mul(amount, bank.total_supply), total)
    bank.total_supply += share
    bank.balance_of[lender] = bank.balance_of.get(lender, 0) + share
    return share


def withdraw(bank: Bank, lender: Hashable, share: int, balance: int) -> int:
    """
    Take shares away; return the amount that they are worth, rounded down.

    Raises `Revert`: more shares than the lender has, or no supply.
    """
    worth = safe_math.mul(share, total_token(bank, balance))
    amount = safe_math.div_down(worth, bank.total_supply)
    held = bank.balance_of.get(lender, 0)
    if share > held:
        raise revert_error("ERC20: burn amount exceeds balance", share=share, held=held)
    bank.balance_of[lender] = held - share
    bank.total_supply -= share
    return amount


# ---- borrowers -----------------------------------------------------------------------------


def debt_share_to_val(bank: Bank, debt_share: int) -> int:
    """What a share of the debt owes, rounded down, for the borrower."""
    if bank.debt_share == 0:
        return debt_share
    return safe_math.div_down(safe_math.mul(debt_share, bank.debt_val), bank.debt_share)


def debt_val_to_share(bank: Bank, debt_val: int) -> int:
    """The share of the debt that an amount makes, rounded down, for the borrower."""
    if bank.debt_share == 0:
        return debt_val
    return safe_math.div_down(safe_math.mul(debt_val, bank.debt_share), bank.debt_val)


def add_debt(bank: Bank, position: Position, debt_val: int) -> int:
    """Book a debt; return its share."""
    debt_share = debt_val_to_share(bank, debt_val)
    position.debt_share += debt_share
    bank.debt_share += debt_share
    bank.debt_val += debt_val
    return debt_share


def remove_debt(bank: Bank, position: Position) -> int:
    """Take all of a position's debt off the books; return what it owes."""
    debt_share = position.debt_share
    if debt_share == 0:
        return 0
    debt_val = debt_share_to_val(bank, debt_share)
    position.debt_share = 0
    bank.debt_share = safe_math.sub(bank.debt_share, debt_share)
    bank.debt_val = safe_math.sub(bank.debt_val, debt_val)
    return debt_val


def waterfall(back: int, debt: int, *, kill_bps: int, treasury_bps: int = 0) -> Payout:
    """
    Share out what came back from a killed farm: bounties first, then the debt, then the owner.

        prize = back * kill / 1e4,  treasury = back * treasury / 1e4,
        owner = max(back - prize - treasury - debt, 0)

    Both bounties are rounded down. Source: Bank.kill, Vault.kill.
    """
    prize = safe_math.mul(back, kill_bps) // BPS
    treasury = safe_math.mul(back, treasury_bps) // BPS
    rest = safe_math.sub(back, prize + treasury)
    return Payout(prize, treasury, max(rest - debt, 0))
