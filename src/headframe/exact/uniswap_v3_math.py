"""
Uniswap v3's arithmetic: ticks and prices, amounts between two prices, one step of a swap.

A pool keeps the square root of its price, in units of 2^-96, and a liquidity L. Between two
neighbouring initialised ticks it is a constant-product market with virtual reserves L/sqrt(P) and
L*sqrt(P): so an amount of token1 moves the root linearly and an amount of token0 moves its
reciprocal. Tick i stands for the price 1.0001^i. Every remainder goes to the pool: what it takes is
rounded up, what it gives is rounded down, a price moved by a payment stops short of the true one.

Paper: "Uniswap v3 Core" (Adams, Zinsmeister, Salem, Keefer, Robinson, March 2021), section 6.
Contracts: @uniswap/v3-core 1.0.1 (BUSL-1.1), libraries TickMath, SqrtPriceMath, SwapMath, and
@uniswap/v3-periphery's LiquidityAmounts (GPL-2.0+); written from the paper, formula notes and the
behaviour of the deployed bytecode, with the sources closed.
Assumptions: arguments are within the widths of the contract's own types.
"""

from functools import lru_cache

from headframe.exact.fixed import (
    MAX_UINT256,
    Q96,
    div_up,
    isqrt,
    mul_div_down,
    mul_div_up,
    revert_bare,
    revert_error,
    to_uint,
)

MIN_TICK = -887272
"""The lowest tick: 1.0001^MIN_TICK is the last price above 2^-128."""
MAX_TICK = 887272
"""The highest tick."""
MIN_SQRT_RATIO = 4295128739
"""The square root of the price at `MIN_TICK`, x96; a pool's price is never below it."""
MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342
"""The square root of the price at `MAX_TICK`, x96; a pool's price is always below it."""
FEE_DENOMINATOR_PIPS = 1_000_000
"""The whole of an amount, in the unit of a pool's fee."""
TICK_CACHE_SIZE = 1 << 17
"""How many ticks' prices are remembered; a miss costs about two microseconds."""


# ---- ticks and prices ----------------------------------------------------------------------


def _reciprocal_roots_x128() -> tuple[int, ...]:
    """1.0001^(-2^k / 2) for k = 0..19, to the nearest 2^-128: the contract's twenty constants."""
    bits = 512
    root, roots = isqrt((10_000 << (2 * bits)) // 10_001), []
    for _ in range(20):
        roots.append((root + (1 << (bits - 129))) >> (bits - 128))
        root = root * root >> bits
    return tuple(roots)


_RECIPROCAL_ROOTS_X128 = _reciprocal_roots_x128()


@lru_cache(maxsize=TICK_CACHE_SIZE)
def get_sqrt_ratio_at_tick(tick: int) -> int:
    """
    Square root of the price at a tick, x96, rounded up.

        sqrt(1.0001^tick) * 2^96

    The reciprocal for |tick| is the product of one constant per binary digit, each product cut
    to 128 places; a positive tick inverts it.
    Source: whitepaper eq. 6.2; TickMath.getSqrtRatioAtTick.
    Raises `Revert("T")` beyond `MIN_TICK` and `MAX_TICK`.
    """
    digits = abs(tick)
    if digits > MAX_TICK:
        raise revert_error("T", tick=tick)
    ratio_x128 = 1 << 128
    for root_x128 in _RECIPROCAL_ROOTS_X128:
        if digits & 1:
            ratio_x128 = ratio_x128 * root_x128 >> 128
        digits >>= 1
    if tick > 0:
        ratio_x128 = MAX_UINT256 // ratio_x128
    return (ratio_x128 + 0xFFFF_FFFF) >> 32


def _log2_x64(x_x64: int) -> int:
    """Binary logarithm of 1 <= x < 2 with 64 places, a digit per squaring."""
    log = 0
    for _ in range(64):
        x_x64 = x_x64 * x_x64 >> 64
        digit = x_x64 >> 65
        x_x64 >>= digit
        log = log << 1 | digit
    return log


_TICKS_PER_DOUBLING_X64 = (2 << 128) // _log2_x64(10_001 * (1 << 64) // 10_000)
# Ticks in 1 + i/256 of a square root, x64: between two entries the logarithm is nearly a line.
_TICKS_IN_MANTISSA_X64 = (
    *(_log2_x64((256 + i) << 56) * _TICKS_PER_DOUBLING_X64 >> 64 for i in range(256)),
    _TICKS_PER_DOUBLING_X64,
)


def get_tick_at_sqrt_ratio(sqrt_price_x96: int) -> int:
    """
    Greatest tick whose price is not above a given one.

        tick = floor(log_1.0001(price))

    A logarithm from a small table is within a tenth of a tick; the exact prices of the ticks
    around it decide.
    Source: whitepaper eq. 6.8; TickMath.getTickAtSqrtRatio.
    Raises `Revert("R")` outside [`MIN_SQRT_RATIO`, `MAX_SQRT_RATIO`).
    """
    if not MIN_SQRT_RATIO <= sqrt_price_x96 < MAX_SQRT_RATIO:
        raise revert_error("R", sqrt_price_x96=sqrt_price_x96)
    exponent = sqrt_price_x96.bit_length() - 25
    mantissa = sqrt_price_x96 >> exponent
    index, rest_x16 = (mantissa >> 16) - 256, mantissa & 0xFFFF
    low_x64, high_x64 = _TICKS_IN_MANTISSA_X64[index : index + 2]
    ticks_x64 = (exponent - 72) * _TICKS_PER_DOUBLING_X64 + low_x64
    tick = max(MIN_TICK, (ticks_x64 + ((high_x64 - low_x64) * rest_x16 >> 16)) >> 64)
    while get_sqrt_ratio_at_tick(tick) > sqrt_price_x96:
        tick -= 1
    while get_sqrt_ratio_at_tick(tick + 1) <= sqrt_price_x96:
        tick += 1
    return tick


# ---- amounts between two prices ------------------------------------------------------------


def get_amount0_delta_up(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """
    Token0 needed between two prices, rounded up: the pool must not be short.

        amount0 = liquidity * (1/sqrt_a - 1/sqrt_b)

    Source: whitepaper eq. 6.30; SqrtPriceMath.getAmount0Delta with roundUp.
    Raises `Revert` with no data where the lower price is zero.
    """
    if sqrt_a_x96 > sqrt_b_x96:
        sqrt_a_x96, sqrt_b_x96 = sqrt_b_x96, sqrt_a_x96
    if sqrt_a_x96 <= 0:
        raise revert_bare("a price of zero", sqrt_ratio_x96=sqrt_a_x96)
    # The contract divides twice and rounds up twice: the same as once by the product.
    return -((liquidity << 96) * (sqrt_a_x96 - sqrt_b_x96) // (sqrt_a_x96 * sqrt_b_x96))


def get_amount0_delta_down(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """
    Token0 released between two prices, rounded down: the pool must not pay too much.

        amount0 = liquidity * (1/sqrt_a - 1/sqrt_b)

    Source: whitepaper eq. 6.30; SqrtPriceMath.getAmount0Delta without roundUp.
    Raises `Revert` with no data where the lower price is zero.
    """
    if sqrt_a_x96 > sqrt_b_x96:
        sqrt_a_x96, sqrt_b_x96 = sqrt_b_x96, sqrt_a_x96
    if sqrt_a_x96 <= 0:
        raise revert_bare("a price of zero", sqrt_ratio_x96=sqrt_a_x96)
    return (liquidity << 96) * (sqrt_b_x96 - sqrt_a_x96) // (sqrt_a_x96 * sqrt_b_x96)


def get_amount1_delta_up(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """
    Token1 needed between two prices, rounded up: the pool must not be short.

        amount1 = liquidity * (sqrt_b - sqrt_a)

    Source: whitepaper eq. 6.29; SqrtPriceMath.getAmount1Delta with roundUp.
    """
    return -(-liquidity * abs(sqrt_b_x96 - sqrt_a_x96) >> 96)


def get_amount1_delta_down(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """
    Token1 released between two prices, rounded down: the pool must not pay too much.

        amount1 = liquidity * (sqrt_b - sqrt_a)

    Source: whitepaper eq. 6.29; SqrtPriceMath.getAmount1Delta without roundUp.
    """
    return liquidity * abs(sqrt_b_x96 - sqrt_a_x96) >> 96


# ---- prices after an amount ----------------------------------------------------------------


def get_next_sqrt_price_from_input(
    sqrt_price_x96: int, liquidity: int, amount_in: int, zero_for_one: bool
) -> int:
    """
    Price after an amount was paid in, rounded so that it does not move too far.

        token0 in:  sqrt' = L * sqrt / (L + amount * sqrt), up
        token1 in:  sqrt' = sqrt + amount / L, down

    Source: whitepaper eq. 6.13 to 6.16; SqrtPriceMath.getNextSqrtPriceFromInput.
    Raises `Revert` with no data where price or liquidity is zero or the price leaves 160 bits.
    """
    _check_price_and_liquidity(sqrt_price_x96, liquidity)
    if zero_for_one:
        return _price_after_token0_in(sqrt_price_x96, liquidity, amount_in)
    return to_uint(sqrt_price_x96 + mul_div_down(amount_in, Q96, liquidity), 160)


def get_next_sqrt_price_from_output(
    sqrt_price_x96: int, liquidity: int, amount_out: int, zero_for_one: bool
) -> int:
    """
    Price after an amount was paid out, rounded so that it moves far enough.

        token1 out:  sqrt' = sqrt - amount / L, down
        token0 out:  sqrt' = L * sqrt / (L - amount * sqrt), up

    Source: whitepaper eq. 6.13 to 6.16; SqrtPriceMath.getNextSqrtPriceFromOutput.
    Raises `Revert` with no data where price or liquidity is zero or the reserves do not suffice.
    """
    _check_price_and_liquidity(sqrt_price_x96, liquidity)
    if zero_for_one:
        fall_x96 = mul_div_up(amount_out, Q96, liquidity)
        if fall_x96 >= sqrt_price_x96:
            raise revert_bare("not enough token1", sqrt_price_x96=sqrt_price_x96)
        return sqrt_price_x96 - fall_x96
    liquidity_x96, product = liquidity << 96, amount_out * sqrt_price_x96
    if product > MAX_UINT256 or liquidity_x96 <= product:
        raise revert_bare("not enough token0", amount_out=amount_out, liquidity=liquidity)
    return to_uint(mul_div_up(liquidity_x96, sqrt_price_x96, liquidity_x96 - product), 160)


def _check_price_and_liquidity(sqrt_price_x96: int, liquidity: int) -> None:
    if sqrt_price_x96 <= 0 or liquidity <= 0:
        raise revert_bare(
            "no price or no liquidity", sqrt_price_x96=sqrt_price_x96, liquidity=liquidity
        )


def _price_after_token0_in(sqrt_price_x96: int, liquidity: int, amount_in: int) -> int:
    if amount_in == 0:
        return sqrt_price_x96
    liquidity_x96 = liquidity << 96
    denominator = liquidity_x96 + amount_in * sqrt_price_x96
    if denominator <= MAX_UINT256:
        return -(-liquidity_x96 * sqrt_price_x96 // denominator)
    # Too wide for a word: the contract falls back on a coarser form of the same quotient.
    denominator = liquidity_x96 // sqrt_price_x96 + amount_in
    if denominator > MAX_UINT256:
        raise revert_bare("amount exceeds 256 bits", amount_in=amount_in)
    return div_up(liquidity_x96, denominator)


# ---- one step of a swap --------------------------------------------------------------------


def compute_swap_step(
    sqrt_price_x96: int,
    sqrt_target_x96: int,
    liquidity: int,
    amount_remaining: int,
    fee_pips: int,
) -> tuple[int, int, int, int]:
    """
    Swap within one range of constant liquidity, until the target price or the amount is reached.

    A positive `amount_remaining` is what is still to be paid in, fee included; a negative one is
    what is still wanted out. The fee is taken from the payment and rounded up; a payment that is
    used up before the target leaves the whole rest to the fee.
    Source: whitepaper section 6.2.3; SwapMath.computeSwapStep.
    Returns the next price, the amount in without fee, the amount out and the fee.
    Raises `Revert` where the price functions do.
    """
    if amount_remaining >= 0:
        return _step_exact_in(
            sqrt_price_x96, sqrt_target_x96, liquidity, amount_remaining, fee_pips
        )
    return _step_exact_out(sqrt_price_x96, sqrt_target_x96, liquidity, -amount_remaining, fee_pips)


def _step_exact_in(
    price: int, target: int, liquidity: int, payment: int, fee_pips: int
) -> tuple[int, int, int, int]:
    zero_for_one = price >= target
    spendable = payment * (FEE_DENOMINATOR_PIPS - fee_pips) // FEE_DENOMINATOR_PIPS
    if zero_for_one:
        amount_in = get_amount0_delta_up(target, price, liquidity)
    else:
        amount_in = get_amount1_delta_up(price, target, liquidity)
    if spendable >= amount_in:
        following = target
        fee = -(-amount_in * fee_pips // (FEE_DENOMINATOR_PIPS - fee_pips))
    else:
        following = get_next_sqrt_price_from_input(price, liquidity, spendable, zero_for_one)
        if zero_for_one:
            amount_in = get_amount0_delta_up(following, price, liquidity)
        else:
            amount_in = get_amount1_delta_up(price, following, liquidity)
        fee = payment - amount_in
    if zero_for_one:
        return following, amount_in, get_amount1_delta_down(following, price, liquidity), fee
    return following, amount_in, get_amount0_delta_down(price, following, liquidity), fee


def _step_exact_out(
    price: int, target: int, liquidity: int, wanted: int, fee_pips: int
) -> tuple[int, int, int, int]:
    zero_for_one = price >= target
    if zero_for_one:
        amount_out = get_amount1_delta_down(target, price, liquidity)
    else:
        amount_out = get_amount0_delta_down(price, target, liquidity)
    following = target
    if wanted < amount_out:
        following = get_next_sqrt_price_from_output(price, liquidity, wanted, zero_for_one)
        # The price moves by the rounded-up quotient, so the range may hold more than was asked.
        if zero_for_one:
            amount_out = min(wanted, get_amount1_delta_down(following, price, liquidity))
        else:
            amount_out = min(wanted, get_amount0_delta_down(price, following, liquidity))
    if zero_for_one:
        amount_in = get_amount0_delta_up(following, price, liquidity)
    else:
        amount_in = get_amount1_delta_up(price, following, liquidity)
    fee = -(-amount_in * fee_pips // (FEE_DENOMINATOR_PIPS - fee_pips))
    return following, amount_in, amount_out, fee


# ---- liquidity and amounts of a range ------------------------------------------------------


def get_liquidity_for_amount0(sqrt_a_x96: int, sqrt_b_x96: int, amount0: int) -> int:
    """
    Liquidity that an amount of token0 gives between two prices, rounded down.

        L = amount0 * sqrt_a * sqrt_b / (sqrt_b - sqrt_a)

    Source: whitepaper eq. 6.29 solved for L; LiquidityAmounts.getLiquidityForAmount0.
    Raises `Revert` with no data for an empty range or a result beyond 128 bits.
    """
    sqrt_a_x96, sqrt_b_x96 = sorted((sqrt_a_x96, sqrt_b_x96))
    product_x96 = mul_div_down(sqrt_a_x96, sqrt_b_x96, Q96)
    return to_uint(mul_div_down(amount0, product_x96, sqrt_b_x96 - sqrt_a_x96), 128)


def get_liquidity_for_amount1(sqrt_a_x96: int, sqrt_b_x96: int, amount1: int) -> int:
    """
    Liquidity that an amount of token1 gives between two prices, rounded down.

        L = amount1 / (sqrt_b - sqrt_a)

    Source: whitepaper eq. 6.29 solved for L; LiquidityAmounts.getLiquidityForAmount1.
    Raises `Revert` with no data for an empty range or a result beyond 128 bits.
    """
    return to_uint(mul_div_down(amount1, Q96, abs(sqrt_b_x96 - sqrt_a_x96)), 128)


def get_liquidity_for_amounts(
    sqrt_price_x96: int, sqrt_a_x96: int, sqrt_b_x96: int, amount0: int, amount1: int
) -> int:
    """
    Most liquidity that two amounts give in a range at the present price, rounded down.

    Below the range only token0 counts, above it only token1, inside it the scarcer of the two.
    Source: LiquidityAmounts.getLiquidityForAmounts. Raises `Revert` as its parts do.
    """
    sqrt_a_x96, sqrt_b_x96 = sorted((sqrt_a_x96, sqrt_b_x96))
    if sqrt_price_x96 <= sqrt_a_x96:
        return get_liquidity_for_amount0(sqrt_a_x96, sqrt_b_x96, amount0)
    if sqrt_price_x96 >= sqrt_b_x96:
        return get_liquidity_for_amount1(sqrt_a_x96, sqrt_b_x96, amount1)
    return min(
        get_liquidity_for_amount0(sqrt_price_x96, sqrt_b_x96, amount0),
        get_liquidity_for_amount1(sqrt_a_x96, sqrt_price_x96, amount1),
    )


def get_amounts_for_liquidity(
    sqrt_price_x96: int, sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int
) -> tuple[int, int]:
    """
    Amounts of token0 and token1 that a liquidity holds in a range, each rounded down.

        amount0 = L * (1/max(sqrt, sqrt_a) - 1/sqrt_b),  amount1 = L * (min(sqrt, sqrt_b) - sqrt_a)

    Source: whitepaper eq. 6.29 and 6.30; LiquidityAmounts.getAmountsForLiquidity.
    Raises `Revert` with no data where the lower price is zero.
    """
    sqrt_a_x96, sqrt_b_x96 = sorted((sqrt_a_x96, sqrt_b_x96))
    within_x96 = min(max(sqrt_price_x96, sqrt_a_x96), sqrt_b_x96)
    return (
        get_amount0_delta_down(within_x96, sqrt_b_x96, liquidity),
        get_amount1_delta_down(sqrt_a_x96, within_x96, liquidity),
    )
