"""
Aave 3.0's books: what a market stores of its reserves, of their tokens and of its users.

A balance is stored divided by an index and read multiplied by it: interest reaches all of them by
changing one number. A user has two bits per reserve: borrowed from it, and used as collateral.
What does not depend on the version stands in `aave_v3_books`.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), PoolStorage, DataTypes, UserConfiguration (BUSL-1.1,
MIT since its change date of 27 January 2023). The text is ours; the bytecode judges it.
Assumptions: underlying tokens are plain ERC-20 with OpenZeppelin's refusals, users own what they
hand over; no stable debt, no bridge, no incentives controller.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar

from headframe.exact.aave_v3_0_rates import InterestRateStrategy
from headframe.exact.aave_v3_books import ScaledBalanceToken
from headframe.exact.fixed import RAY, revert_bare, revert_error

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


@dataclass(slots=True, kw_only=True)
class Reserve:
    """
    Everything stored of one asset: indices, rates, tokens.

    `underlying_balance` is what the aToken holds of the asset. `borrow_allowance` is by delegator
    and delegatee. Indices and rates are rays, `accrued_to_treasury` is scaled.
    """

    changing: ClassVar[tuple[str, ...]] = (
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


def the_only_reserve(pool: Pool, user: Hashable, mask: int) -> Reserve | None:
    """The reserve of a user's only bit under a mask, None where there is none or there are more."""
    data = pool.users_config.get(user, 0) & mask
    if data.bit_count() != 1:
        return None
    number = (data.bit_length() - 1) // 2
    return next(reserve for reserve in pool.reserves.values() if reserve.id == number)
