"""
Aave 3.6's books: what a market stores of its reserves and of its efficiency modes.

Since 3.2 a mode lists its assets in bitmaps, one for collateral and one for debts, so that an asset
may be in many; since 3.4 the pool counts what it holds itself (gifts to an aToken count for
nothing), and since 3.3 it keeps each reserve's deficit, the bad debt that nobody owes any more.

Contract: @aave-dao/aave-v3-origin 3.6.0, PoolStorage, DataTypes (BUSL-1.1 until 6 March 2027: not
opened; from its storage layout and behaviour). The text is ours; the contracts, compiled from the
official source, judge it. Assumptions: underlying tokens are plain ERC-20, users own what they hand
over; no flash loans, rewards, position managers, grace periods, isolation mode or silos.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar

from headframe.exact.aave_v3_6_errors import refuse
from headframe.exact.aave_v3_6_rates import InterestRateStrategy
from headframe.exact.aave_v3_books import ScaledBalanceToken
from headframe.exact.fixed import RAY, revert_bare


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveConfiguration:
    """One reserve's risk parameters, as governance sets them; caps in whole tokens, 0 for none."""

    decimals: int
    ltv_bps: int = 0
    liquidation_threshold_bps: int = 0
    liquidation_bonus_bps: int = 0
    active: bool = True
    frozen: bool = False
    paused: bool = False
    borrowing_enabled: bool = True
    reserve_factor_bps: int = 0
    borrow_cap: int = 0
    supply_cap: int = 0
    liquidation_protocol_fee_bps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EModeCategory:
    """
    Better terms for assets whose prices move together. Bitmaps have a bit for each reserve's id.

    An asset of `ltvzero_bitmap` backs debts in this mode, but lends nothing.
    """

    ltv_bps: int
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int
    collateral_bitmap: int = 0
    borrowable_bitmap: int = 0
    ltvzero_bitmap: int = 0


@dataclass(slots=True, kw_only=True)
class Reserve:
    """
    Everything stored of one asset: indices, rates, tokens, bad debt.

    `virtual_underlying_balance` is what came in less what went out, `underlying_balance` what the
    aToken holds, gifts included. Indices and rates are rays, `accrued_to_treasury` is scaled,
    `deficit` is in the asset.
    """

    changing: ClassVar[tuple[str, ...]] = (
        "liquidity_index",
        "variable_borrow_index",
        "current_liquidity_rate",
        "current_variable_borrow_rate",
        "last_update_timestamp",
        "accrued_to_treasury",
        "virtual_underlying_balance",
        "underlying_balance",
        "deficit",
    )
    id: int
    configuration: ReserveConfiguration
    strategy: InterestRateStrategy
    liquidity_index: int = RAY
    variable_borrow_index: int = RAY
    current_liquidity_rate: int = 0
    current_variable_borrow_rate: int = 0
    last_update_timestamp: int = 0
    accrued_to_treasury: int = 0
    virtual_underlying_balance: int = 0
    underlying_balance: int = 0
    deficit: int = 0
    a_token: ScaledBalanceToken = field(default_factory=ScaledBalanceToken)
    variable_debt_token: ScaledBalanceToken = field(default_factory=ScaledBalanceToken)
    borrow_allowance: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Pool:
    """
    One market: its reserves in the order of their ids, its users' flags, and the oracle's prices.

    `prices` are those of one whole token in the base currency, a dollar with 8 decimals (the
    thresholds of liquidation are in it); an asset that is not in it has price zero.
    """

    reserves: dict[Hashable, Reserve] = field(default_factory=dict)
    prices: dict[Hashable, int] = field(default_factory=dict)
    e_mode_categories: dict[int, EModeCategory] = field(default_factory=dict)
    users_config: dict[Hashable, int] = field(default_factory=dict)
    users_e_mode_category: dict[Hashable, int] = field(default_factory=dict)


def init_reserve(
    pool: Pool, asset: Hashable, configuration: ReserveConfiguration, strategy: InterestRateStrategy
) -> Reserve:
    """List an asset under the next id. Raises `Revert` ReserveAlreadyAdded."""
    if asset in pool.reserves:
        raise refuse("ReserveAlreadyAdded")
    reserve = Reserve(id=len(pool.reserves), configuration=configuration, strategy=strategy)
    pool.reserves[asset] = reserve
    return reserve


def reserve_of(pool: Pool, asset: Hashable) -> Reserve:
    """Return a listed reserve. Raises `Revert` with no data: its tokens are at no address."""
    if asset not in pool.reserves:
        raise revert_bare(f"{asset} is not listed")
    return pool.reserves[asset]
