"""
Synthetix's debt shares: who owes which part of the pool, now and at the end of past fee periods.

Whoever mints synths is given shares, whoever burns gives them back; nobody can send them away. A
balance is a list of (period, amount): the first change within a period writes a new entry, further
ones overwrite it, so that what was owned at the end of any period can be looked up, thirty entries
back. Fees and rewards of a period are shared by these.

Contract: npm synthetix 2.102.1, SynthetixDebtShare as deployed on mainnet (MIT; SIP-185), whose
bytecode judges this file. Assumption: who may call what is the caller's business.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import revert_error, wrap_uint
from headframe.exact.safe_math import add, sub
from headframe.exact.synthetix_decimals import divide_decimal_down

MAX_PERIOD_ITERATE = 30
"""How many entries back a past balance is looked for."""


@dataclass(slots=True)
class DebtShares:
    """Everything the contract stores of shares: balances as (period, amount) entries, supplies."""

    current_period_id: int = 1
    balances: dict[Hashable, list[tuple[int, int]]] = field(default_factory=dict)
    total_supply_on_period: dict[int, int] = field(default_factory=dict)


# ---- what can be read ----------------------------------------------------------------------


def balance_of(shares: DebtShares, account: Hashable) -> int:
    """Shares of an account now."""
    entries = shares.balances.get(account)
    return entries[-1][1] if entries else 0


def balance_of_on_period(shares: DebtShares, account: Hashable, period_id: int) -> int:
    """
    Shares of an account at the end of a period, as far back as the list is looked through.

    Raises `Revert` where all of the last 30 entries are younger and there are older ones.
    """
    entries = shares.balances.get(account, [])
    for period, amount in reversed(entries[-MAX_PERIOD_ITERATE:]):
        if period <= period_id:
            return amount
    if len(entries) > MAX_PERIOD_ITERATE:
        raise revert_error("SynthetixDebtShare: not found in recent history", period_id=period_id)
    return 0


def total_supply(shares: DebtShares) -> int:
    """All shares now."""
    return shares.total_supply_on_period.get(shares.current_period_id, 0)


def share_percent(shares: DebtShares, account: Hashable) -> int:
    """Part of the debt that an account owes now, as a wad, rounded down."""
    return share_percent_on_period(shares, account, shares.current_period_id)


def share_percent_on_period(shares: DebtShares, account: Hashable, period_id: int) -> int:
    """Part of the debt that an account owed at the end of a period, as a wad, rounded down."""
    balance = balance_of_on_period(shares, account, period_id)
    if balance == 0:
        return 0
    return divide_decimal_down(balance, shares.total_supply_on_period.get(period_id, 0))


# ---- what the issuer does ------------------------------------------------------------------


def mint_share(shares: DebtShares, account: Hashable, amount: int) -> None:
    """Give shares. Balances keep 128 bits and wrap around silently; the supply keeps 256."""
    old = balance_of(shares, account)
    supply = add(total_supply(shares), amount)
    balance = wrap_uint(add(old, amount) if shares.balances.get(account) else amount, 128)
    _book(shares, account, balance, supply)


def burn_share(shares: DebtShares, account: Hashable, amount: int) -> None:
    """Take shares back. Raises `Revert`: none were ever given, or fewer are held."""
    _require_entries(shares, account)
    balance = sub(balance_of(shares, account), amount)
    _book(shares, account, balance, sub(total_supply(shares), amount))


def transfer_from(shares: DebtShares, sender: Hashable, to: Hashable, amount: int) -> None:
    """Move shares, which only brokers (migration between chains) may do."""
    _require_entries(shares, sender)
    balance = sub(balance_of(shares, sender), amount)
    to_entries = shares.balances.get(to)
    old = balance if to == sender else balance_of(shares, to)
    received = wrap_uint(add(old, amount) if to_entries else amount, 128)
    _record(shares, sender, balance)
    _record(shares, to, received)


def take_snapshot(shares: DebtShares, period_id: int) -> None:
    """Begin a new period; the supply is carried over. Raises `Revert` where it is not later."""
    if period_id <= shares.current_period_id:
        raise revert_error("period id must always increase", period_id=period_id)
    shares.total_supply_on_period[period_id] = total_supply(shares)
    shares.current_period_id = period_id


def _require_entries(shares: DebtShares, account: Hashable) -> None:
    if not shares.balances.get(account):
        raise revert_error("SynthetixDebtShare: account has no share to deduct")


def _book(shares: DebtShares, account: Hashable, balance: int, supply: int) -> None:
    _record(shares, account, balance)
    shares.total_supply_on_period[shares.current_period_id] = supply


def _record(shares: DebtShares, account: Hashable, balance: int) -> None:
    entries = shares.balances.setdefault(account, [])
    if entries and entries[-1][0] == shares.current_period_id:
        entries[-1] = (shares.current_period_id, balance)
    else:
        entries.append((shares.current_period_id, balance))
