"""
Aave 3.0's books: what a market stores of its reserves, of their tokens and of its users.

A balance is stored divided by an index and read multiplied by it: interest reaches all of them by
changing one number. A user has two bits per reserve: borrowed from it, and used as collateral.
`atomic` makes an action all or nothing, as a transaction is.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), PoolStorage, DataTypes, UserConfiguration (BUSL-1.1,
MIT since its change date of 27 January 2023). The text is ours; the bytecode judges it.
Assumptions: underlying tokens are plain ERC-20 with OpenZeppelin's refusals, users own what they
hand over; no stable debt, no bridge, no incentives controller.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations

from headframe.errors import Revert
from headframe.exact.aave_v3_0_rates import InterestRateStrategy
from headframe.exact.fixed import MAX_UINT256, RAY, revert_bare, revert_error

TREASURY: Hashable = "treasury"
"""Owner of the protocol's share of interest and of liquidation bonuses."""
ALL = MAX_UINT256
"""Amount that stands for everything one has, or owes."""
DEBT_CEILING_DECIMALS = 2
"""Decimals of debt ceilings, and of what is counted against them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveConfiguration:
    """
    One reserve's risk parameters, as governance sets them.

    Caps are in whole tokens, the debt ceiling in hundredths of the base currency's unit; zero means
    none. A ceiling makes the asset an isolated collateral. `e_mode_category` 0 is none.
    """

    decimals: int
    ltv_bps: int = 0
    liquidation_threshold_bps: int = 0
    liquidation_bonus_bps: int = 0
    active: bool = True
    frozen: bool = False
    paused: bool = False
    borrowing_enabled: bool = True
    borrowable_in_isolation: bool = False
    siloed_borrowing: bool = False
    reserve_factor_bps: int = 0
    borrow_cap: int = 0
    supply_cap: int = 0
    liquidation_protocol_fee_bps: int = 0
    e_mode_category: int = 0
    debt_ceiling: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EModeCategory:
    """Risk parameters for assets whose prices move together, and whose price all of them share."""

    ltv_bps: int
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int
    price_source: Hashable | None = None


@dataclass(slots=True)
class ScaledBalanceToken:
    """An aToken or a variable debt token: balances over the index, and the index last seen."""

    scaled_total_supply: int = 0
    scaled_balance_of: dict[Hashable, int] = field(default_factory=dict)
    previous_index: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Reserve:
    """
    Everything stored of one asset: indices, rates, tokens.

    `underlying_balance` is what the aToken holds of the asset. `borrow_allowance` is by delegator
    and delegatee. Indices and rates are rays, `accrued_to_treasury` is scaled.
    """

    id: int
    configuration: ReserveConfiguration
    strategy: InterestRateStrategy
    liquidity_index: int = RAY
    variable_borrow_index: int = RAY
    current_liquidity_rate: int = 0
    current_variable_borrow_rate: int = 0
    current_stable_borrow_rate: int = 0
    last_update_timestamp: int = 0
    accrued_to_treasury: int = 0
    isolation_mode_total_debt: int = 0
    underlying_balance: int = 0
    a_token: ScaledBalanceToken = field(default_factory=ScaledBalanceToken)
    variable_debt_token: ScaledBalanceToken = field(default_factory=ScaledBalanceToken)
    borrow_allowance: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Pool:
    """
    One market: its reserves in the order of their ids, its users' flags, and the oracle's prices.

    `prices` are those of one whole token in the base currency (usually with 8 decimals); an asset
    that is not in it has price zero. `isolated_collateral_suppliers` are callers who may switch an
    isolated collateral on by supplying it.
    """

    reserves: dict[Hashable, Reserve] = field(default_factory=dict)
    prices: dict[Hashable, int] = field(default_factory=dict)
    e_mode_categories: dict[int, EModeCategory] = field(default_factory=dict)
    users_config: dict[Hashable, int] = field(default_factory=dict)
    users_e_mode_category: dict[Hashable, int] = field(default_factory=dict)
    isolated_collateral_suppliers: set[Hashable] = field(default_factory=set)


def init_reserve(
    pool: Pool, asset: Hashable, configuration: ReserveConfiguration, strategy: InterestRateStrategy
) -> Reserve:
    """List an asset under the next id. Raises `Revert` "61" for one that is listed."""
    if asset in pool.reserves:
        raise revert_error("61")
    reserve = Reserve(id=len(pool.reserves), configuration=configuration, strategy=strategy)
    pool.reserves[asset] = reserve
    return reserve


def reserve_of(pool: Pool, asset: Hashable) -> Reserve:
    """Return a listed reserve. Raises `Revert` with no data: its tokens are at no address."""
    if asset not in pool.reserves:
        raise revert_bare(f"{asset} is not listed")
    return pool.reserves[asset]


# ---- all or nothing ------------------------------------------------------------------------

_CHANGING = (
    "liquidity_index",
    "variable_borrow_index",
    "current_liquidity_rate",
    "current_variable_borrow_rate",
    "current_stable_borrow_rate",
    "last_update_timestamp",
    "accrued_to_treasury",
    "isolation_mode_total_debt",
    "underlying_balance",
)


@contextmanager
def atomic(pool: Pool, *users: Hashable) -> Iterator[None]:
    """Undo what was done to the reserves and to these users' entries if the action is refused."""
    numbers: list[tuple[object, str, int]] = []
    entries: list[tuple[dict[Hashable, int], Hashable]] = []
    tables = [pool.users_config, pool.users_e_mode_category]
    for reserve in pool.reserves.values():
        numbers += [(reserve, name, getattr(reserve, name)) for name in _CHANGING]
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


def set_borrowing(pool: Pool, user: Hashable, reserve: Reserve, borrowing: bool) -> None:
    """Note whether a user owes to a reserve. Source: UserConfiguration.setBorrowing."""
    _set_bit(pool, user, 2 * reserve.id, borrowing)


def set_using_as_collateral(pool: Pool, user: Hashable, reserve: Reserve, using: bool) -> None:
    """Note whether a supply backs a user's debt. Source: UserConfiguration.setUsingAsCollateral."""
    _set_bit(pool, user, 2 * reserve.id + 1, using)


def _set_bit(pool: Pool, user: Hashable, place: int, value: bool) -> None:
    data = pool.users_config.get(user, 0)
    pool.users_config[user] = data | 1 << place if value else data & ~(1 << place)


def is_borrowing(pool: Pool, user: Hashable, reserve: Reserve) -> bool:
    """Say whether a user owes to a reserve."""
    return bool(pool.users_config.get(user, 0) >> 2 * reserve.id & 1)


def is_using_as_collateral(pool: Pool, user: Hashable, reserve: Reserve) -> bool:
    """Say whether a supply backs a user's debt."""
    return bool(pool.users_config.get(user, 0) >> 2 * reserve.id + 1 & 1)


def the_only_reserve(pool: Pool, user: Hashable, mask: int) -> Reserve | None:
    """The reserve of a user's only bit under a mask, None where there is none or there are more."""
    data = pool.users_config.get(user, 0) & mask
    if data.bit_count() != 1:
        return None
    number = (data.bit_length() - 1) // 2
    return next(reserve for reserve in pool.reserves.values() if reserve.id == number)
