"""
Uniswap v2's pair to the wei: two reserves whose product never falls, and shares of them.

Whoever trades sends one token first and takes the other: the pair only checks that the product of
its reserves, less 0.3 % of what came in, has not shrunk. Providers own shares of both reserves;
the first thousand are burnt for ever, so that a share stays cheap. If the factory names somebody to
receive fees, a sixth of the growth of the square root of the product goes to him in shares.

Each action checks, computes and then books, so that a `Revert` leaves the pair untouched. Tokens
reach the pair before the call, with `send`, as a router does it; what the contract learns from the
chain is an argument: `now_ts`, the block's time, and `paid0`, `paid1`, what comes back within a
swap's callback.

Paper: "Uniswap v2 Core" (Adams, Zinsmeister, Robinson, March 2020). Contracts: @uniswap/v2-core
1.0.1, UniswapV2Pair, and @uniswap/v2-periphery's UniswapV2Library (GPL-3.0), whose bytecode judges
this file; written from the paper, formula notes and that behaviour, with the sources closed. The
optimal deposits follow Alpha Homora v1 and Alpaca, roundings included.
Assumptions: both tokens are plain ERC-20, and the receiver is neither of them.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from headframe.exact.fixed import (
    MAX_UINT112,
    MAX_UINT256,
    isqrt,
    revert_bare,
    revert_error,
    wrap_uint,
)

MINIMUM_LIQUIDITY = 1_000
"""Shares of the first deposit that are burnt, in their smallest unit."""
FEE_NUMERATOR = 997
"""What a swap keeps of the amount in, of `FEE_DENOMINATOR`."""
FEE_DENOMINATOR = 1_000
"""The whole of the amount in. Pancake's and Alpaca's pair is 9975 of 10000."""
BURNT: Hashable = "0x0"
"""Owner of the shares that nobody owns: the zero address."""
PAIR: Hashable = "pair"
"""Owner of the shares that were sent to the pair to be burnt: its own address."""


# ---- quotes --------------------------------------------------------------------------------


def get_amount_out(
    amount_in: int,
    reserve_in: int,
    reserve_out: int,
    *,
    fee_numerator: int = FEE_NUMERATOR,
    fee_denominator: int = FEE_DENOMINATOR,
) -> int:
    """
    Most that an amount in buys, rounded down.

        out = in * 997 * reserve_out / (reserve_in * 1000 + in * 997)

    Source: whitepaper section 3.2.1; UniswapV2Library.getAmountOut.
    Raises `Revert`: no amount, no reserves, or a product beyond 256 bits.
    """
    if amount_in <= 0:
        raise revert_error("UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT", amount_in=amount_in)
    _check_reserves(reserve_in, reserve_out)
    kept = _mul(amount_in, fee_numerator)
    return _mul(kept, reserve_out) // _add(_mul(reserve_in, fee_denominator), kept)


def get_amount_in(
    amount_out: int,
    reserve_in: int,
    reserve_out: int,
    *,
    fee_numerator: int = FEE_NUMERATOR,
    fee_denominator: int = FEE_DENOMINATOR,
) -> int:
    """
    Amount that surely buys an amount out: rounded down, plus one.

        in = reserve_in * out * 1000 / ((reserve_out - out) * 997) + 1

    Source: whitepaper section 3.2.1; UniswapV2Library.getAmountIn.
    Raises `Revert`: no amount, no reserves, more than the reserve, or a product beyond 256 bits;
    no data for exactly the reserve.
    """
    if amount_out <= 0:
        raise revert_error("UniswapV2Library: INSUFFICIENT_OUTPUT_AMOUNT", amount_out=amount_out)
    _check_reserves(reserve_in, reserve_out)
    numerator = _mul(_mul(reserve_in, amount_out), fee_denominator)
    denominator = _mul(_sub(reserve_out, amount_out), fee_numerator)
    return _add(_div(numerator, denominator), 1)


def fair_lp_price_x112(
    reserve0: int, reserve1: int, total_supply: int, *, price0_x112: int, price1_x112: int
) -> int:
    """
    Worth of one share at outside prices, which no trade in the pair can move.

        price = 2 * sqrt(k) / supply * sqrt(p0 * p1)

    Each division and root rounds down, in this order.
    Source: Alpha Homora v2's UniswapV2Oracle (formula notes; the idea is "Fair Uniswap's LP token
    pricing", Alpha Finance Lab, 2020). Prices are per smallest unit, in the common numeraire, with
    112 binary places. Raises `Revert` with no data without a supply.
    """
    root_k_x112 = _div(isqrt(reserve0 * reserve1) << 112, total_supply)
    half = (root_k_x112 * 2 * isqrt(price0_x112)) >> 56
    return half * isqrt(price1_x112) >> 56


# ---- deposits of one side, or of two in the wrong proportion -------------------------------


def optimal_one_sided_deposit(
    amount_in: int,
    reserve_in: int,
    *,
    fee_numerator: int = FEE_NUMERATOR,
    fee_denominator: int = FEE_DENOMINATOR,
) -> int:
    """
    How much of a one-sided deposit to swap first, so that nothing is left over, rounded down.

        swap = (sqrt(r * (4*n*d*amount + (n+d)^2 * r)) - (n+d) * r) / (2*n),  fee 1 - n/d

    Source: Alpha Homora v1, StrategyAddETHOnly (fee 3/1000); Alpaca (fee 25/10000).
    """
    n, both = fee_numerator, fee_numerator + fee_denominator
    inner = reserve_in * (amount_in * 4 * n * fee_denominator + reserve_in * both * both)
    return (isqrt(inner) - reserve_in * both) // (2 * n)


def optimal_two_sided_deposit(
    amount0: int,
    amount1: int,
    reserve0: int,
    reserve1: int,
    *,
    fee_numerator: int = FEE_NUMERATOR,
    fee_denominator: int = FEE_DENOMINATOR,
) -> tuple[int, bool]:
    """
    How much of the surplus side to swap first, so that nothing is left over, and which side it is.

        a = n,  b = (n+d) * r,  c = (amount * r' - amount' * r) * d / (amount' + r') * r
        swap = (sqrt(b^2 + 4*a*c) - b) / (2*a)

    The division within c comes before the multiplication, as in the contract: the loss of
    precision is part of its result.
    Source: Alpha Homora v1, StrategyAddTwoSidesOptimal; Alpaca, StrategyAddTwoSidesOptimal.
    Returns the amount to swap and whether it is token1 that is swapped.
    """
    swap_token1 = amount0 * reserve1 < amount1 * reserve0
    if swap_token1:
        amount0, amount1, reserve0, reserve1 = amount1, amount0, reserve1, reserve0
    n, d = fee_numerator, fee_denominator
    surplus = amount0 * reserve1 - amount1 * reserve0
    c = _div(surplus * d, amount1 + reserve1) * reserve0
    b = (n + d) * reserve0
    return (isqrt(b * b + 4 * n * c) - b) // (2 * n), swap_token1


# ---- the pair ------------------------------------------------------------------------------


@dataclass(slots=True)
class Pair:
    """
    Everything that one pair contract stores, and the tokens it holds.

    The reserves are what the pair last took note of, the balances what it holds. `fee_to` is whom
    the factory names to receive the protocol's fee, None for nobody.
    """

    reserve0: int = 0
    reserve1: int = 0
    block_timestamp_last: int = 0
    price0_cumulative_last: int = 0
    price1_cumulative_last: int = 0
    k_last: int = 0
    total_supply: int = 0
    balance0: int = 0
    balance1: int = 0
    fee_to: Hashable | None = None
    balance_of: dict[Hashable, int] = field(default_factory=dict)


def send(pair: Pair, amount0: int, amount1: int) -> None:
    """Send tokens to the pair, ahead of `mint` or `swap`; its reserves do not yet know."""
    pair.balance0 += amount0
    pair.balance1 += amount1


def transfer(pair: Pair, owner: Hashable, to: Hashable, value: int) -> None:
    """
    Move shares between owners, to `PAIR` ahead of `burn`.

    Source: ERC-20; UniswapV2ERC20.transfer. Raises `Revert` for more than the owner has.
    """
    left = _sub(pair.balance_of.get(owner, 0), value)
    pair.balance_of[owner] = left
    pair.balance_of[to] = pair.balance_of.get(to, 0) + value


def mint(pair: Pair, to: Hashable, *, now_ts: int) -> int:
    """
    Give shares for the tokens that were sent since the pair last looked.

        first:  sqrt(amount0 * amount1) - 1000
        later:  min(amount0 / reserve0, amount1 / reserve1) * supply

    Source: whitepaper section 3.4; UniswapV2Pair.mint. Rounded down. Returns the shares.
    Raises `Revert`: nothing to give, a first deposit below the minimum, a balance beyond 112 bits.
    """
    amount0 = _sub(pair.balance0, pair.reserve0)
    amount1 = _sub(pair.balance1, pair.reserve1)
    fee_shares = _protocol_fee(pair)
    supply = pair.total_supply + fee_shares
    if supply == 0:
        shares = _sub(isqrt(_mul(amount0, amount1)), MINIMUM_LIQUIDITY)
    else:
        shares = min(
            _div(_mul(amount0, supply), pair.reserve0), _div(_mul(amount1, supply), pair.reserve1)
        )
    if shares <= 0:
        raise revert_error("UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED", shares=shares)
    _check_reserve_width(pair.balance0, pair.balance1)
    _credit(pair, pair.fee_to, fee_shares)
    if supply == 0:
        _credit(pair, BURNT, MINIMUM_LIQUIDITY)
    _credit(pair, to, shares)
    _update(pair, now_ts)
    _remember_k(pair)
    return shares


def burn(pair: Pair, *, now_ts: int) -> tuple[int, int]:
    """
    Pay out the shares that were sent to the pair, and all it holds in proportion.

        amount = shares * balance / supply

    Source: whitepaper section 3.4; UniswapV2Pair.burn. Rounded down. Returns both amounts.
    Raises `Revert`: nothing to pay of either token; no data where there is no supply.
    """
    shares = pair.balance_of.get(PAIR, 0)
    fee_shares = _protocol_fee(pair)
    supply = pair.total_supply + fee_shares
    amount0 = _div(_mul(shares, pair.balance0), supply)
    amount1 = _div(_mul(shares, pair.balance1), supply)
    if amount0 <= 0 or amount1 <= 0:
        raise revert_error(
            "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED", amount0=amount0, amount1=amount1
        )
    _check_reserve_width(pair.balance0 - amount0, pair.balance1 - amount1)
    _credit(pair, pair.fee_to, fee_shares)
    _credit(pair, PAIR, -shares)
    pair.balance0 -= amount0
    pair.balance1 -= amount1
    _update(pair, now_ts)
    _remember_k(pair)
    return amount0, amount1


def swap(
    pair: Pair,
    amount0_out: int,
    amount1_out: int,
    *,
    now_ts: int,
    paid0: int = 0,
    paid1: int = 0,
    fee_numerator: int = FEE_NUMERATOR,
    fee_denominator: int = FEE_DENOMINATOR,
) -> None:
    """
    Pay out tokens, if what came in keeps the product of the reserves after the fee.

        (1000*balance0 - 3*in0) * (1000*balance1 - 3*in1) >= 1000^2 * reserve0 * reserve1

    Source: whitepaper section 3.2.1; UniswapV2Pair.swap. `paid0` and `paid1` come in after the
    payout, within the callback: a flash swap.
    Raises `Revert`: nothing out, more than the reserves, nothing in, a product that shrinks ("K"),
    a balance beyond 112 bits.
    """
    if amount0_out <= 0 and amount1_out <= 0:
        raise revert_error("UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT")
    if amount0_out >= pair.reserve0 or amount1_out >= pair.reserve1:
        raise revert_error(
            "UniswapV2: INSUFFICIENT_LIQUIDITY", amount0_out=amount0_out, amount1_out=amount1_out
        )
    balance0 = pair.balance0 - amount0_out + paid0
    balance1 = pair.balance1 - amount1_out + paid1
    amount0_in = max(balance0 - (pair.reserve0 - amount0_out), 0)
    amount1_in = max(balance1 - (pair.reserve1 - amount1_out), 0)
    if amount0_in == 0 and amount1_in == 0:
        raise revert_error("UniswapV2: INSUFFICIENT_INPUT_AMOUNT")
    fee = fee_denominator - fee_numerator
    adjusted0 = _sub(_mul(balance0, fee_denominator), _mul(amount0_in, fee))
    adjusted1 = _sub(_mul(balance1, fee_denominator), _mul(amount1_in, fee))
    if _mul(adjusted0, adjusted1) < pair.reserve0 * pair.reserve1 * fee_denominator**2:
        raise revert_error("UniswapV2: K", amount0_in=amount0_in, amount1_in=amount1_in)
    _check_reserve_width(balance0, balance1)
    pair.balance0, pair.balance1 = balance0, balance1
    _update(pair, now_ts)


def sync(pair: Pair, *, now_ts: int) -> None:
    """
    Take note of what the pair holds, whatever it is.

    Source: whitepaper section 3.2.2; UniswapV2Pair.sync. Raises `Revert` beyond 112 bits.
    """
    _check_reserve_width(pair.balance0, pair.balance1)
    _update(pair, now_ts)


def skim(pair: Pair) -> tuple[int, int]:
    """
    Pay out what the pair holds beyond its reserves.

    Source: whitepaper section 3.2.2; UniswapV2Pair.skim. Returns both amounts.
    """
    amount0 = _sub(pair.balance0, pair.reserve0)
    amount1 = _sub(pair.balance1, pair.reserve1)
    pair.balance0 -= amount0
    pair.balance1 -= amount1
    return amount0, amount1


def _protocol_fee(pair: Pair) -> int:
    """
    Shares that the protocol is due for the growth since `k_last`, rounded down.

        shares = supply * (root - root_last) / (5 * root + root_last),  root = sqrt(k)

    Source: whitepaper section 2.4; UniswapV2Pair.
    """
    if pair.fee_to is None or pair.k_last == 0:
        return 0
    root, root_last = isqrt(pair.reserve0 * pair.reserve1), isqrt(pair.k_last)
    if root <= root_last:
        return 0
    return _mul(pair.total_supply, root - root_last) // (root * 5 + root_last)


def _credit(pair: Pair, owner: Hashable | None, shares: int) -> None:
    if shares:
        pair.balance_of[owner] = pair.balance_of.get(owner, 0) + shares
        pair.total_supply += shares


def _update(pair: Pair, now_ts: int) -> None:
    """Add price times seconds to the memory, then let the reserves be what the pair holds."""
    now_s = wrap_uint(now_ts, 32)
    dt_s = wrap_uint(now_s - pair.block_timestamp_last, 32)
    if dt_s and pair.reserve0 and pair.reserve1:
        price0_x112 = (pair.reserve1 << 112) // pair.reserve0
        price1_x112 = (pair.reserve0 << 112) // pair.reserve1
        pair.price0_cumulative_last = wrap_uint(
            pair.price0_cumulative_last + price0_x112 * dt_s, 256
        )
        pair.price1_cumulative_last = wrap_uint(
            pair.price1_cumulative_last + price1_x112 * dt_s, 256
        )
    pair.reserve0, pair.reserve1 = pair.balance0, pair.balance1
    pair.block_timestamp_last = now_s


def _remember_k(pair: Pair) -> None:
    # With the fee off, the memory is cleared once, when the next provider comes or goes.
    pair.k_last = 0 if pair.fee_to is None else pair.reserve0 * pair.reserve1


def _check_reserve_width(balance0: int, balance1: int) -> None:
    if balance0 > MAX_UINT112 or balance1 > MAX_UINT112:
        raise revert_error("UniswapV2: OVERFLOW", balance0=balance0, balance1=balance1)


def _check_reserves(reserve_in: int, reserve_out: int) -> None:
    if reserve_in <= 0 or reserve_out <= 0:
        raise revert_error(
            "UniswapV2Library: INSUFFICIENT_LIQUIDITY",
            reserve_in=reserve_in,
            reserve_out=reserve_out,
        )


def _add(a: int, b: int) -> int:
    if a + b > MAX_UINT256:
        raise revert_error("ds-math-add-overflow", a=a, b=b)
    return a + b


def _sub(a: int, b: int) -> int:
    if b > a:
        raise revert_error("ds-math-sub-underflow", a=a, b=b)
    return a - b


def _mul(a: int, b: int) -> int:
    if a * b > MAX_UINT256:
        raise revert_error("ds-math-mul-overflow", a=a, b=b)
    return a * b


def _div(a: int, b: int) -> int:
    # An old compiler's division by zero is an invalid opcode: no data comes back.
    if b == 0:
        raise revert_bare("division by zero", numerator=a)
    return a // b
