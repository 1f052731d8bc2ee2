"""
One reserve of Aave 3.0 in motion: indices, the treasury's share, rates, scaled balances.

Each touch of a reserve first lets the time since the last touch grow both indices and the
treasury's share, then moves tokens, then sets new rates. All divisions round half up: what is
supplied may be credited half a unit too much, what is borrowed may be booked half a unit too small.

Contract: @aave/core-v3 1.19.3 (Aave 3.0.2), ReserveLogic, ScaledBalanceTokenBase, AToken,
VariableDebtToken (BUSL-1.1, MIT since its change date of 27 January 2023). The text is ours; the
bytecode judges it. Assumptions: those of `aave_v3_0_pool`.
"""

from collections.abc import Hashable

from headframe.exact.aave_v3_0_pool import Pool, Reserve, reserve_of
from headframe.exact.aave_v3_0_rates import calculate_interest_rates
from headframe.exact.aave_v3_books import ScaledBalanceToken
from headframe.exact.aave_v3_math import (
    MAX_UINT128,
    add,
    calculate_compounded_interest,
    calculate_linear_interest,
    percent_mul_half_up,
    ray_div_half_up,
    ray_mul_half_up,
    sub,
)
from headframe.exact.fixed import revert_error, revert_panic

# ---- indices -------------------------------------------------------------------------------


def get_reserve_normalized_income(reserve: Reserve, *, now_ts: int) -> int:
    """
    The supply index as it would be now: simple interest since the last touch, rounded half up.

    Source: ReserveLogic.getNormalizedIncome. Returns a ray.
    """
    dt_s = sub(now_ts, reserve.last_update_timestamp)
    if dt_s == 0:
        return reserve.liquidity_index
    growth = calculate_linear_interest(reserve.current_liquidity_rate, dt_s)
    return ray_mul_half_up(growth, reserve.liquidity_index)


def get_reserve_normalized_variable_debt(reserve: Reserve, *, now_ts: int) -> int:
    """
    The debt index as it would be now: compounded since the last touch, rounded half up.

    Source: ReserveLogic.getNormalizedDebt. Returns a ray.
    """
    dt_s = sub(now_ts, reserve.last_update_timestamp)
    if dt_s == 0:
        return reserve.variable_borrow_index
    growth = calculate_compounded_interest(reserve.current_variable_borrow_rate, dt_s)
    return ray_mul_half_up(growth, reserve.variable_borrow_index)


def update_state(reserve: Reserve, *, now_ts: int) -> None:
    """
    Let the time since the last touch grow both indices and what the treasury is due.

        treasury += rayDiv(percentMul(debt * (new index - old index), reserve factor), supply index)

    An index stays where it is while nothing is earned, or nothing owed.
    Source: ReserveLogic.updateState. Raises `Revert` where an index leaves 128 bits.
    """
    if reserve.last_update_timestamp == now_ts:
        return
    index_before = reserve.variable_borrow_index
    scaled_debt = reserve.variable_debt_token.scaled_total_supply
    if reserve.current_liquidity_rate:
        reserve.liquidity_index = to_uint128(get_reserve_normalized_income(reserve, now_ts=now_ts))
    if scaled_debt:
        index = get_reserve_normalized_variable_debt(reserve, now_ts=now_ts)
        reserve.variable_borrow_index = to_uint128(index)
    if reserve.configuration.reserve_factor_bps:
        _accrue_to_treasury(reserve, scaled_debt, index_before)
    reserve.last_update_timestamp = now_ts


def _accrue_to_treasury(reserve: Reserve, scaled_debt: int, index_before: int) -> None:
    before = ray_mul_half_up(scaled_debt, index_before)
    accrued = sub(ray_mul_half_up(scaled_debt, reserve.variable_borrow_index), before)
    amount = percent_mul_half_up(accrued, reserve.configuration.reserve_factor_bps)
    if amount:
        scaled = to_uint128(ray_div_half_up(amount, reserve.liquidity_index))
        reserve.accrued_to_treasury = add_uint128(reserve.accrued_to_treasury, scaled)


def update_interest_rates(
    reserve: Reserve, *, liquidity_added: int = 0, liquidity_taken: int = 0
) -> None:
    """
    Set the rates for what the reserve will hold and be owed after the action.

    Source: ReserveLogic.updateInterestRates. Raises `Revert` as `calculate_interest_rates` does.
    """
    scaled_debt = reserve.variable_debt_token.scaled_total_supply
    rates = calculate_interest_rates(
        reserve.strategy,
        available_liquidity=reserve.underlying_balance,
        total_variable_debt=ray_mul_half_up(scaled_debt, reserve.variable_borrow_index),
        reserve_factor_bps=reserve.configuration.reserve_factor_bps,
        liquidity_added=liquidity_added,
        liquidity_taken=liquidity_taken,
    )
    reserve.current_liquidity_rate = to_uint128(rates.liquidity_rate_ray)
    reserve.current_stable_borrow_rate = to_uint128(rates.stable_borrow_rate_ray)
    reserve.current_variable_borrow_rate = to_uint128(rates.variable_borrow_rate_ray)


# ---- tokens --------------------------------------------------------------------------------


def a_token_balance_of(pool: Pool, asset: Hashable, user: Hashable, *, now_ts: int) -> int:
    """What a supplier owns now, rounded half up. Source: AToken.balanceOf."""
    reserve = reserve_of(pool, asset)
    scaled = reserve.a_token.scaled_balance_of.get(user, 0)
    return ray_mul_half_up(scaled, get_reserve_normalized_income(reserve, now_ts=now_ts))


def variable_debt_balance_of(pool: Pool, asset: Hashable, user: Hashable, *, now_ts: int) -> int:
    """What a borrower owes now, rounded half up. Source: VariableDebtToken.balanceOf."""
    reserve = reserve_of(pool, asset)
    scaled = reserve.variable_debt_token.scaled_balance_of.get(user, 0)
    if scaled == 0:
        return 0
    return ray_mul_half_up(scaled, get_reserve_normalized_variable_debt(reserve, now_ts=now_ts))


def mint_scaled(token: ScaledBalanceToken, user: Hashable, amount: int, index: int) -> bool:
    """
    Credit an amount, divided by the index and rounded half up; say whether it is the user's first.

    Source: ScaledBalanceTokenBase._mintScaled. Raises `Revert` "24" where nothing is left of it.
    """
    scaled = ray_div_half_up(amount, index)
    if scaled == 0:
        raise revert_error("24", amount=amount, index=index)
    before = token.scaled_balance_of.get(user, 0)
    token.previous_index[user] = to_uint128(index)
    to_uint128(scaled)
    token.scaled_total_supply = add(token.scaled_total_supply, scaled)
    token.scaled_balance_of[user] = add_uint128(before, scaled)
    return before == 0


def burn_scaled(token: ScaledBalanceToken, user: Hashable, amount: int, index: int) -> None:
    """
    Debit an amount, divided by the index and rounded half up.

    Source: ScaledBalanceTokenBase._burnScaled. Raises `Revert`: "25" where nothing is left of it,
    panic 0x11 for more than there is.
    """
    scaled = ray_div_half_up(amount, index)
    if scaled == 0:
        raise revert_error("25", amount=amount, index=index)
    token.previous_index[user] = to_uint128(index)
    to_uint128(scaled)
    token.scaled_total_supply = sub(token.scaled_total_supply, scaled)
    token.scaled_balance_of[user] = sub(token.scaled_balance_of.get(user, 0), scaled)


def transfer_scaled(
    token: ScaledBalanceToken, sender: Hashable, recipient: Hashable, amount: int, index: int
) -> None:
    """
    Move an amount between owners, divided by the index and rounded half up.

    Source: ScaledBalanceTokenBase._transfer. Raises `Revert` (panic 0x11) for more than there is.
    """
    token.previous_index[sender] = token.previous_index[recipient] = to_uint128(index)
    scaled = to_uint128(ray_div_half_up(amount, index))
    balances = token.scaled_balance_of
    balances[sender] = sub(balances.get(sender, 0), scaled)
    balances[recipient] = add_uint128(balances.get(recipient, 0), scaled)


def pay_out(reserve: Reserve, amount: int) -> None:
    """Let the aToken send the underlying asset away. Raises `Revert` for more than it holds."""
    if amount > reserve.underlying_balance:
        raise revert_error("ERC20: transfer amount exceeds balance", amount=amount)
    reserve.underlying_balance -= amount


def take_in(reserve: Reserve, amount: int) -> None:
    """Let the aToken receive the underlying asset."""
    reserve.underlying_balance += amount


def to_uint128(value: int) -> int:
    """The value itself if 128 bits hold it. Source: OpenZeppelin's SafeCast. Raises `Revert`."""
    if value > MAX_UINT128:
        raise revert_error("SafeCast: value doesn't fit in 128 bits", value=value)
    return value


def add_uint128(a: int, b: int) -> int:
    """Sum of two words of 128 bits. Raises `Revert` (panic 0x11) beyond that."""
    if a + b > MAX_UINT128:
        raise revert_panic(0x11, a=a, b=b)
    return a + b
