"""
One reserve of Aave 3.6 in motion: indices, the treasury's share, rates, scaled balances.

Each touch first lets the time since the last touch grow both indices and the treasury's share, then
moves tokens, then sets new rates. What users are credited and debited is rounded against them.

Contract: @aave-dao/aave-v3-origin 3.6.0, ReserveLogic, ScaledBalanceTokenBase, AToken,
VariableDebtToken (BUSL-1.1 until 6 March 2027: not opened; from notes on its behaviour). The text
is ours; the contracts, compiled from the official source, judge it. Assumptions: those of
`aave_v3_6_pool`.
"""

from collections.abc import Hashable

from headframe.exact.aave_v3_6_errors import refuse, refuse_with
from headframe.exact.aave_v3_6_math import (
    a_token_balance_down,
    a_token_mint_scaled_down,
    calculate_compounded_interest,
    ray_mul_down,
    v_token_balance_up,
)
from headframe.exact.aave_v3_6_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_6_rates import calculate_interest_rates
from headframe.exact.aave_v3_books import ScaledBalanceToken
from headframe.exact.aave_v3_math import (
    add,
    calculate_linear_interest,
    percent_mul_half_up,
    ray_mul_half_up,
    sub,
)
from headframe.exact.fixed import revert_error, revert_panic

BALANCE_BITS, INDEX_BITS = 120, 128
"""Widths of a scaled balance and of an index."""

# ---- indices -------------------------------------------------------------------------------


def get_reserve_normalized_income(reserve: Reserve, *, now_ts: int) -> int:
    """The supply index as it would be now: simple interest, rounded half up. Returns a ray."""
    dt_s = now_ts - reserve.last_update_timestamp
    if dt_s == 0:
        return reserve.liquidity_index
    growth = calculate_linear_interest(reserve.current_liquidity_rate, dt_s)
    return ray_mul_half_up(growth, reserve.liquidity_index)


def get_reserve_normalized_variable_debt(reserve: Reserve, *, now_ts: int) -> int:
    """The debt index as it would be now: the series, rounded half up. Returns a ray."""
    dt_s = now_ts - reserve.last_update_timestamp
    if dt_s == 0:
        return reserve.variable_borrow_index
    growth = calculate_compounded_interest(reserve.current_variable_borrow_rate, dt_s)
    return ray_mul_half_up(growth, reserve.variable_borrow_index)


def update_state(reserve: Reserve, *, now_ts: int) -> None:
    """
    Let the time since the last touch grow both indices and what the treasury is due.

        treasury += scaled(percentMul(rayMul(scaled debt, new index - old index), reserve factor))

    Source: ReserveLogic.updateState. Raises `Revert` where an index leaves 128 bits.
    """
    if reserve.last_update_timestamp == now_ts:
        return
    index_before = reserve.variable_borrow_index
    scaled_debt = reserve.variable_debt_token.scaled_total_supply
    if reserve.current_liquidity_rate:
        index = get_reserve_normalized_income(reserve, now_ts=now_ts)
        reserve.liquidity_index = to_uint(index, INDEX_BITS)
    if scaled_debt:
        index = get_reserve_normalized_variable_debt(reserve, now_ts=now_ts)
        reserve.variable_borrow_index = to_uint(index, INDEX_BITS)
    if reserve.configuration.reserve_factor_bps:
        _accrue_to_treasury(reserve, scaled_debt, index_before)
    reserve.last_update_timestamp = now_ts


def _accrue_to_treasury(reserve: Reserve, scaled_debt: int, index_before: int) -> None:
    accrued = ray_mul_down(scaled_debt, reserve.variable_borrow_index - index_before)
    amount = percent_mul_half_up(accrued, reserve.configuration.reserve_factor_bps)
    if amount:
        scaled = a_token_mint_scaled_down(amount, reserve.liquidity_index)
        due = reserve.accrued_to_treasury + to_uint(scaled, INDEX_BITS)
        reserve.accrued_to_treasury = _add(due, 0, INDEX_BITS)


def update_interest_rates(
    reserve: Reserve, *, liquidity_added: int = 0, liquidity_taken: int = 0
) -> None:
    """
    Set the rates for what the reserve will hold and be owed, and count what it holds.

    Source: ReserveLogic.updateInterestRatesAndVirtualBalance. Raises `Revert` as
    `calculate_interest_rates` does; panic 0x11 for more than the reserve holds.
    """
    scaled_debt = reserve.variable_debt_token.scaled_total_supply
    rates = calculate_interest_rates(
        reserve.strategy,
        available_liquidity=reserve.virtual_underlying_balance,
        total_debt=v_token_balance_up(scaled_debt, reserve.variable_borrow_index),
        reserve_factor_bps=reserve.configuration.reserve_factor_bps,
        deficit=reserve.deficit,
        liquidity_added=liquidity_added,
        liquidity_taken=liquidity_taken,
    )
    reserve.current_liquidity_rate = to_uint(rates.liquidity_rate_ray, 128)
    reserve.current_variable_borrow_rate = to_uint(rates.variable_borrow_rate_ray, 128)
    held = _add(reserve.virtual_underlying_balance, to_uint(liquidity_added, 128), 128)
    reserve.virtual_underlying_balance = sub(held, to_uint(liquidity_taken, 128))


# ---- tokens --------------------------------------------------------------------------------


def a_token_balance_of(pool: Pool, asset: Hashable, user: Hashable, *, now_ts: int) -> int:
    """What a supplier owns now, rounded down. Source: AToken.balanceOf."""
    reserve = reserve_of(pool, asset)
    scaled = reserve.a_token.scaled_balance_of.get(user, 0)
    return a_token_balance_down(scaled, get_reserve_normalized_income(reserve, now_ts=now_ts))


def variable_debt_balance_of(pool: Pool, asset: Hashable, user: Hashable, *, now_ts: int) -> int:
    """What a borrower owes now, rounded up. Source: VariableDebtToken.balanceOf."""
    reserve = reserve_of(pool, asset)
    scaled = reserve.variable_debt_token.scaled_balance_of.get(user, 0)
    return v_token_balance_up(scaled, get_reserve_normalized_variable_debt(reserve, now_ts=now_ts))


def mint_scaled(token: ScaledBalanceToken, user: Hashable, scaled: int, index: int) -> bool:
    """
    Credit a scaled amount; say whether it is the user's first.

    Source: ScaledBalanceTokenBase. Raises `Revert`: InvalidMintAmount.
    """
    if scaled == 0:
        raise refuse("InvalidMintAmount")
    before = token.scaled_balance_of.get(user, 0)
    token.previous_index[user] = to_uint(index, INDEX_BITS)
    to_uint(scaled, BALANCE_BITS)
    token.scaled_total_supply = add(token.scaled_total_supply, scaled)
    token.scaled_balance_of[user] = _add(before, scaled, BALANCE_BITS)
    return before == 0


def burn_scaled(token: ScaledBalanceToken, user: Hashable, scaled: int, index: int) -> bool:
    """
    Debit a scaled amount; say whether nothing is left.

    Source: ScaledBalanceTokenBase. Raises `Revert`: InvalidBurnAmount, panic 0x11 for more than
    there is.
    """
    if scaled == 0:
        raise refuse("InvalidBurnAmount")
    token.previous_index[user] = to_uint(index, INDEX_BITS)
    to_uint(scaled, BALANCE_BITS)
    token.scaled_total_supply = sub(token.scaled_total_supply, scaled)
    left = sub(token.scaled_balance_of.get(user, 0), scaled)
    token.scaled_balance_of[user] = left
    return left == 0


def transfer_scaled(
    token: ScaledBalanceToken, sender: Hashable, recipient: Hashable, scaled: int, index: int
) -> None:
    """Move a scaled amount between owners. Raises `Revert` (panic 0x11) for more than there is."""
    token.previous_index[sender] = token.previous_index[recipient] = to_uint(index, INDEX_BITS)
    to_uint(scaled, BALANCE_BITS)
    balances = token.scaled_balance_of
    balances[sender] = sub(balances.get(sender, 0), scaled)
    balances[recipient] = _add(balances.get(recipient, 0), scaled, BALANCE_BITS)


def pay_out(reserve: Reserve, amount: int) -> None:
    """Let the aToken send the underlying asset away. Raises `Revert` for more than it holds."""
    if amount > reserve.underlying_balance:
        raise revert_error("ERC20: transfer amount exceeds balance", amount=amount)
    reserve.underlying_balance -= amount


def take_in(reserve: Reserve, amount: int) -> None:
    """Let the aToken receive the underlying asset."""
    reserve.underlying_balance += amount


def to_uint(value: int, bits: int) -> int:
    """The value itself if so many bits hold it. Raises `Revert` SafeCastOverflowedUintDowncast."""
    if value >> bits:
        raise refuse_with("SafeCastOverflowedUintDowncast", bits, value)
    return value


def _add(a: int, b: int, bits: int) -> int:
    if (a + b) >> bits:
        raise revert_panic(0x11, a=a, b=b)
    return a + b
