"""
What every version of Aave v3 keeps of its users: scaled balances, flags, and all or nothing.

A balance is stored divided by an index and read multiplied by it: interest reaches all of them by
changing one number. A user has two bits per reserve: borrowed from it, and used as collateral.
`atomic` makes an action all or nothing, as a transaction is.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), UserConfiguration, ScaledBalanceTokenBase (BUSL-1.1,
MIT since its change date of 27 January 2023); 3.6 keeps the same words. The text is ours; the
bytecode judges it. Assumption: a user's action changes his own entries and those that it names.
"""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, ClassVar, Protocol

from headframe.errors import Revert
from headframe.exact.fixed import MAX_UINT256

TREASURY: Hashable = "treasury"
"""Owner of the protocol's share of interest and of liquidation bonuses."""
ALL = MAX_UINT256
"""Amount that stands for everything one has, or owes."""


@dataclass(slots=True)
class ScaledBalanceToken:
    """An aToken or a variable debt token: balances over the index, and the index last seen."""

    scaled_total_supply: int = 0
    scaled_balance_of: dict[Hashable, int] = field(default_factory=dict)
    previous_index: dict[Hashable, int] = field(default_factory=dict)


class Listed(Protocol):
    """A reserve as far as it does not depend on the version."""

    changing: ClassVar[tuple[str, ...]]
    """Names of the numbers that actions change."""
    id: int
    a_token: ScaledBalanceToken
    variable_debt_token: ScaledBalanceToken
    borrow_allowance: dict[tuple[Hashable, Hashable], int]


class Books(Protocol):
    """A market as far as it does not depend on the version."""

    users_config: dict[Hashable, int]
    users_e_mode_category: dict[Hashable, int]

    @property
    def reserves(self) -> Mapping[Hashable, Any]: ...


# ---- all or nothing ------------------------------------------------------------------------


@contextmanager
def atomic(pool: Books, *users: Hashable) -> Iterator[None]:
    """Undo what was done to the reserves and to these users' entries if the action is refused."""
    numbers: list[tuple[object, str, int]] = []
    entries: list[tuple[dict[Hashable, int], Hashable]] = []
    tables = [pool.users_config, pool.users_e_mode_category]
    for reserve in pool.reserves.values():
        numbers += [(reserve, name, getattr(reserve, name)) for name in reserve.changing]
        for token in (reserve.a_token, reserve.variable_debt_token):
            numbers.append((token, "scaled_total_supply", token.scaled_total_supply))
            tables += [token.scaled_balance_of, token.previous_index]
        entries += [(reserve.borrow_allowance, pair) for pair in permutations(users, 2)]
    entries += [(table, user) for table in tables for user in users]
    held = [table.get(key) for table, key in entries]
    try:
        yield
    except Revert:
        for thing, name, number in numbers:
            setattr(thing, name, number)
        for (table, key), value in zip(entries, held, strict=True):
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value
        raise


# ---- users' flags --------------------------------------------------------------------------

BORROWING_MASK = int("5" * 64, 16)
"""Bits that say which reserves a user borrowed from: bit 2 * id."""
COLLATERAL_MASK = int("A" * 64, 16)
"""Bits that say which reserves a user has as collateral: bit 2 * id + 1."""


def set_borrowing(pool: Books, user: Hashable, reserve: Listed, borrowing: bool) -> None:
    """Note whether a user owes to a reserve. Source: UserConfiguration.setBorrowing."""
    _set_bit(pool, user, 2 * reserve.id, borrowing)


def set_using_as_collateral(pool: Books, user: Hashable, reserve: Listed, using: bool) -> None:
    """Note whether a supply backs a user's debt. Source: UserConfiguration.setUsingAsCollateral."""
    _set_bit(pool, user, 2 * reserve.id + 1, using)


def _set_bit(pool: Books, user: Hashable, place: int, value: bool) -> None:
    data = pool.users_config.get(user, 0)
    pool.users_config[user] = data | 1 << place if value else data & ~(1 << place)


def is_borrowing(pool: Books, user: Hashable, reserve: Listed) -> bool:
    """Say whether a user owes to a reserve."""
    return bool(pool.users_config.get(user, 0) >> 2 * reserve.id & 1)


def is_using_as_collateral(pool: Books, user: Hashable, reserve: Listed) -> bool:
    """Say whether a supply backs a user's debt."""
    return bool(pool.users_config.get(user, 0) >> 2 * reserve.id + 1 & 1)
