"""
Aave 3.6 to the wei: pooled lending, one module for all of it.

What 3.6 does otherwise than 3.0 (`aave_v3_0`): balances are rounded against the user, debt
compounds by another series, gifts to the pool count for nothing, small positions are liquidated
whole, dust is refused, and bad debt is written off. Functions have the same names and arguments.

    pool = aave_v3_6.Pool(prices={"eth": 2_000 * 10**8, "usdc": 10**8})
    aave_v3_6.init_reserve(pool, "eth", configuration, strategy)
    aave_v3_6.supply(pool, "alice", "eth", 10**18, now_ts=now_ts)

Contract: @aave-dao/aave-v3-origin 3.6.0 (BUSL-1.1 until 6 March 2027: not opened; from notes on its
behaviour). The text is ours; the contracts, compiled from the official source, judge it.
Assumptions: plain ERC-20 tokens, users own what they hand over; no flash loans, rewards, position
managers, grace periods, isolation mode, silos or sentinel.
"""

from headframe.exact.aave_v3_6_account import (
    AccountData,
    calculate_user_account_data,
    may_use_as_collateral,
)
from headframe.exact.aave_v3_6_borrow import (
    approve_delegation,
    borrow,
    repay,
    repay_with_a_tokens,
    set_user_e_mode,
)
from headframe.exact.aave_v3_6_liquidation import (
    CLOSE_FACTOR_HF_THRESHOLD_WAD,
    MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD,
    MIN_LEFTOVER_BASE,
    Liquidation,
    calculate_available_collateral_to_liquidate,
    liquidation_call,
    max_liquidatable_debt,
)
from headframe.exact.aave_v3_6_math import calculate_compounded_interest
from headframe.exact.aave_v3_6_pool import (
    EModeCategory,
    Pool,
    Reserve,
    ReserveConfiguration,
    init_reserve,
)
from headframe.exact.aave_v3_6_rates import (
    InterestRates,
    InterestRateStrategy,
    calculate_interest_rates,
)
from headframe.exact.aave_v3_6_reserve import (
    a_token_balance_of,
    get_reserve_normalized_income,
    get_reserve_normalized_variable_debt,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_6_supply import (
    mint_to_treasury,
    set_user_use_reserve_as_collateral,
    supply,
    transfer,
    withdraw,
)
from headframe.exact.aave_v3_books import ALL, TREASURY, ScaledBalanceToken
from headframe.exact.aave_v3_math import calculate_linear_interest

__all__ = [
    "ALL",
    "CLOSE_FACTOR_HF_THRESHOLD_WAD",
    "MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD",
    "MIN_LEFTOVER_BASE",
    "TREASURY",
    "AccountData",
    "EModeCategory",
    "InterestRateStrategy",
    "InterestRates",
    "Liquidation",
    "Pool",
    "Reserve",
    "ReserveConfiguration",
    "ScaledBalanceToken",
    "a_token_balance_of",
    "approve_delegation",
    "borrow",
    "calculate_available_collateral_to_liquidate",
    "calculate_compounded_interest",
    "calculate_interest_rates",
    "calculate_linear_interest",
    "calculate_user_account_data",
    "get_reserve_normalized_income",
    "get_reserve_normalized_variable_debt",
    "init_reserve",
    "liquidation_call",
    "max_liquidatable_debt",
    "may_use_as_collateral",
    "mint_to_treasury",
    "repay",
    "repay_with_a_tokens",
    "set_user_e_mode",
    "set_user_use_reserve_as_collateral",
    "supply",
    "transfer",
    "update_interest_rates",
    "update_state",
    "variable_debt_balance_of",
    "withdraw",
]
