"""
Aave 3.0 to the wei: pooled lending, one module for all of it.

Suppliers own aTokens that grow with a liquidity index, borrowers owe debt that grows with another,
and the two are tied by a kinked rate curve and the treasury's share. Users must keep collateral
above debt by each asset's threshold, else others repay for them and take collateral with a bonus.

    pool = aave_v3_0.Pool(prices={"eth": 2_000 * 10**8, "usdc": 10**8})
    aave_v3_0.init_reserve(pool, "eth", configuration, strategy)
    aave_v3_0.supply(pool, "alice", "eth", 10**18, now_ts=now_ts)

The parts: `aave_v3_math` (fixed point, interest), `aave_v3_0_rates` (the curve), `aave_v3_0_pool`
(what is stored), `aave_v3_0_reserve` (indices, balances), `aave_v3_0_account` (health factor and
modes), `aave_v3_0_supply`, `aave_v3_0_borrow`, `aave_v3_0_liquidation` (the transactions).

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2; BUSL-1.1, MIT since its change date of 27 January 2023).
The text is ours; the deployed bytecode of the whole pool judges it. Assumptions: plain ERC-20
tokens, users own what they hand over, no stable debt, bridge, incentives, flash loans or sentinel.
"""

from headframe.exact.aave_v3_0_account import (
    AccountData,
    becomes_collateral,
    calculate_health_factor_wad,
    calculate_user_account_data,
    isolation_collateral,
    may_use_as_collateral,
)
from headframe.exact.aave_v3_0_borrow import (
    STABLE,
    VARIABLE,
    approve_delegation,
    borrow,
    repay,
    repay_with_a_tokens,
    set_user_e_mode,
)
from headframe.exact.aave_v3_0_liquidation import (
    CLOSE_FACTOR_HF_THRESHOLD_WAD,
    Liquidation,
    calculate_available_collateral_to_liquidate,
    close_factor_bps,
    liquidation_call,
)
from headframe.exact.aave_v3_0_pool import (
    EModeCategory,
    Pool,
    Reserve,
    ReserveConfiguration,
    init_reserve,
)
from headframe.exact.aave_v3_0_rates import (
    InterestRates,
    InterestRateStrategy,
    calculate_interest_rates,
)
from headframe.exact.aave_v3_0_reserve import (
    a_token_balance_of,
    get_reserve_normalized_income,
    get_reserve_normalized_variable_debt,
    update_interest_rates,
    update_state,
    variable_debt_balance_of,
)
from headframe.exact.aave_v3_0_supply import (
    mint_to_treasury,
    set_user_use_reserve_as_collateral,
    supply,
    transfer,
    withdraw,
)
from headframe.exact.aave_v3_books import ALL, TREASURY, ScaledBalanceToken
from headframe.exact.aave_v3_math import (
    PERCENTAGE_FACTOR,
    SECONDS_PER_YEAR,
    calculate_compounded_interest,
    calculate_linear_interest,
    percent_div_half_up,
    percent_mul_half_up,
    ray_div_half_up,
    ray_mul_half_up,
    ray_to_wad_half_up,
    wad_div_half_up,
    wad_mul_half_up,
    wad_to_ray,
)

__all__ = [
    "ALL",
    "CLOSE_FACTOR_HF_THRESHOLD_WAD",
    "PERCENTAGE_FACTOR",
    "SECONDS_PER_YEAR",
    "STABLE",
    "TREASURY",
    "VARIABLE",
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
    "becomes_collateral",
    "borrow",
    "calculate_available_collateral_to_liquidate",
    "calculate_compounded_interest",
    "calculate_health_factor_wad",
    "calculate_interest_rates",
    "calculate_linear_interest",
    "calculate_user_account_data",
    "close_factor_bps",
    "get_reserve_normalized_income",
    "get_reserve_normalized_variable_debt",
    "init_reserve",
    "isolation_collateral",
    "liquidation_call",
    "may_use_as_collateral",
    "mint_to_treasury",
    "percent_div_half_up",
    "percent_mul_half_up",
    "ray_div_half_up",
    "ray_mul_half_up",
    "ray_to_wad_half_up",
    "repay",
    "repay_with_a_tokens",
    "set_user_e_mode",
    "set_user_use_reserve_as_collateral",
    "supply",
    "transfer",
    "update_interest_rates",
    "update_state",
    "variable_debt_balance_of",
    "wad_div_half_up",
    "wad_mul_half_up",
    "wad_to_ray",
    "withdraw",
]
