"""
Swaps of a whole Uniswap v3 pool, compiled: twin of `exact.uniswap_v3_swap`, equal in every bit.

A study of routing, of arbitrage or of fees asks one pool for millions of swaps. Here a pool is a
few arrays of whole numbers (`wide_int`) and a batch of swaps is one call. The steps are exactly the
contract's: a swap stops at every initialised tick and at every edge of a word of the tick bitmap,
because fees are rounded at each stop.

Arrays of a pool, all changed in place:

* `words` (10, 4): wide numbers by row: `SQRT_PRICE` x96, `LIQUIDITY`, fee growth x128, the
  protocol's fees and the balances of both tokens;
* `numbers` (5,) int64: `TICK`, `FEE` in pips, `SPACING` and the protocol's shares;
* `ticks` (n,) int64 in rising order, with `nets` (n, 2, two's complement), `outside` (n, 2, 4) and
  `roots` (n, 3), the square root of each tick's price;
* `edges` (words of the bitmap, 2, 3): square roots at both edges of each word, zero where not yet
  known, filled when first needed; `marks` (n, 4): room to work in.

A swap that the contract would refuse changes nothing and says why by number. Widths: liquidity 128
bits, a specified amount 127 bits and a sign; amounts out of it as the contract's, 256 bits.

Paper: "Uniswap v3 Core" (Adams, Zinsmeister, Salem, Keefer, Robinson, March 2021), section 6.
Parity: bit for bit (`tests/studies/test_v3_pool_twin.py`). The price memory is left out.
"""

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.kernels.compiled import called, inline, kernel
from headframe.kernels.elementary import log
from headframe.kernels.wide_int import (
    Limbs,
    divide,
    divide_up,
    limb,
    load128,
    load192,
    load256,
    store,
    to_double,
    to_limbs,
    u128,
    u192,
    u256,
    u320,
    u384,
)

Ints = NDArray[np.int64]

MAX_TICK = 887_272
"""The last tick, up or down."""
MIN_SQRT_RATIO, MAX_SQRT_RATIO = (
    4_295_128_739,
    1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342,
)
"""Square roots of the prices at the last ticks, x96: from the one to below the other."""
WORD = 256
"""Ticks of the spacing in a word of the bitmap."""
PIPS = 1_000_000
"""The whole, in the unit of the fee."""

SQRT_PRICE, LIQUIDITY, GROWTH, PROTOCOL, BALANCE, N_WORDS = 0, 1, 2, 4, 6, 8
"""Rows of `words`; of the last three there are two, one a token."""
TICK, FEE, SPACING, SHARE, N_NUMBERS = 0, 1, 2, 3, 5
"""Places in `numbers`; of the protocol's share there are two, one a token."""
DONE, NO_AMOUNT, WRONG_LIMIT, NO_BALANCE = 0, 1, 2, 3
"""What became of a swap: done, or refused as the contract does with "AS", "SPL", "TF"."""

_TICKS_PER_LOG = 2.0 / 9.999500033330834e-05  # of a square root: 2 / ln 1.0001
_SURE = 1e-4  # of a tick: a price this far from a tick's is on the side its logarithm says


def _reciprocal_roots() -> Limbs:
    # 1.0001^(-2^k / 2) for k = 0..19, to the nearest 2^-128.
    root, roots = isqrt((10_000 << 1024) // 10_001), []
    for _ in range(20):
        roots.append((root + (1 << 383)) >> 384)
        root = root * root >> 512
    return to_limbs(roots, 2, place="roots")


_ROOTS = _reciprocal_roots()
_LIMITS = to_limbs((MIN_SQRT_RATIO, MAX_SQRT_RATIO), 3, place="limits")
_ONES = to_limbs(((1 << 256) - 1,), 4, place="ones")


# ---- ticks and prices ----------------------------------------------------------------------


@called
def _root_at(tick: Any) -> Any:
    # Whitepaper eq. 6.2 as the contract rounds it: a product of constants, each cut to 2^-128.
    digits = abs(tick)
    ratio = u192(1) << 128
    for k in range(20):
        if (digits >> k) & 1:
            ratio = u192((ratio * load128(_ROOTS[k])) >> 128)
    if tick > 0:
        whole, _ = divide(load256(_ONES[0]), ratio)
        ratio = u192(whole)
    return (ratio + 0xFFFF_FFFF) >> 32


@called
def _tick_at(root: Any) -> Any:
    # The logarithm is within 1e-8 of a tick and a tick's root, a whole number of 2^-96, within
    # 5e-6 where roots are smallest: only near a tick must its own root decide.
    place = log(to_double(root) * 2.0**-96) * _TICKS_PER_LOG
    tick = np.int64(np.floor(place))
    rest = place - np.floor(place)
    if rest < _SURE:
        if root < _root_at(tick):
            tick -= 1
    elif rest > 1.0 - _SURE and tick < MAX_TICK and root >= _root_at(tick + 1):
        tick += 1
    return tick


@inline
def _edge_root(edges: Any, word: Any, side: Any, tick: Any) -> Any:
    # `edges` begins with the word of the lowest tick.
    root = load192(edges[word, side])
    if root == 0:
        root = _root_at(tick)
        store(edges[word, side], root)
    return root


@inline
def _next_stop(
    numbers: Any, ticks: Any, roots: Any, edges: Any, tick: Any, at: Any, down: Any
) -> Any:
    # The tick where the next step ends at the latest, its root, whether it is initialised. `at` is
    # the number of initialised ticks not above the present one.
    spacing = numbers[SPACING]
    first = -MAX_TICK // (spacing * WORD)
    if down:
        word = tick // (spacing * WORD)
        edge = word * WORD * spacing
        if at > 0 and ticks[at - 1] >= edge:
            return ticks[at - 1], load192(roots[at - 1]), True
        edge = max(edge, -MAX_TICK)
        return edge, _edge_root(edges, word - first, 0, edge), False
    word = (tick // spacing + 1) // WORD
    edge = (word * WORD + WORD - 1) * spacing
    if at < ticks.shape[0] and ticks[at] <= edge:
        return ticks[at], load192(roots[at]), True
    edge = min(edge, MAX_TICK)
    return edge, _edge_root(edges, word - first, 1, edge), False


# ---- amounts and prices of one step --------------------------------------------------------


@inline
def _sorted(a: Any, b: Any) -> Any:
    return (a, b) if a < b else (b, a)


@inline
def _amount0(low: Any, high: Any, liquidity: Any) -> Any:
    # L (1/low - 1/high): quotient rounded down, and whether rounding up adds one.
    numerator = u384(liquidity * (high - low)) << 96
    quotient, rest = divide(numerator, u320(low * high))
    return quotient, rest != 0


@inline
def _amount1(low: Any, high: Any, liquidity: Any) -> Any:
    # L (high - low): the same of token1.
    product = liquidity * (high - low)
    return u256(product >> 96), u128(product) << 32 != 0


@called
def _paid_in(low: Any, high: Any, liquidity: Any, down: Any) -> Any:
    if down:
        amount, rest = _amount0(low, high, liquidity)
    else:
        amount, rest = _amount1(low, high, liquidity)
    return amount + u256(rest)


@called
def _paid_out(low: Any, high: Any, liquidity: Any, down: Any) -> Any:
    if down:
        amount, _ = _amount1(low, high, liquidity)
    else:
        amount, _ = _amount0(low, high, liquidity)
    return amount


@inline
def _can_pay(low: Any, high: Any, liquidity: Any, payment: Any, down: Any) -> Any:
    # payment >= what is to be paid in, without the division: ceil(n / d) <= p where n <= p d.
    if down:
        return u384(liquidity * (high - low)) << 96 <= low * high * payment
    amount, rest = _amount1(low, high, liquidity)
    return amount + u256(rest) <= payment


@inline
def _can_take(low: Any, high: Any, liquidity: Any, wanted: Any, down: Any) -> Any:
    # wanted >= what is paid out, without the division: floor(n / d) <= w where n < (w + 1) d.
    if down:
        return _amount1(low, high, liquidity)[0] <= wanted
    return u384(liquidity * (high - low)) << 96 < low * high * (wanted + 1)


@called
def _root_after_input(root: Any, liquidity: Any, amount: Any, down: Any) -> Any:
    # Token0 in: L root / (L + amount root), up. Token1 in: root + amount / L, down.
    if down:
        scaled = u256(liquidity) << 96
        divisor = u320(scaled) + u320(amount * root)
        if u128(divisor >> 256) == 0:
            return u192(divide_up(u384(scaled * root), divisor))
        # Too wide for the contract's word, which then divides a coarser form of the quotient.
        whole, _ = divide(u384(scaled), u320(root))
        return u192(divide_up(u384(scaled), u320(whole + u256(amount))))
    rise, _ = divide(u384(amount) << 96, u320(liquidity))
    return root + u192(rise)


@called
def _root_after_output(root: Any, liquidity: Any, amount: Any, down: Any) -> Any:
    # Token1 out: root - amount / L, down. Token0 out: L root / (L - amount root), up.
    if down:
        return root - u192(divide_up(u384(amount) << 96, u320(liquidity)))
    scaled = u256(liquidity) << 96
    divisor = u320(scaled) - u320(amount * root)
    return u192(divide_up(u384(scaled * root), divisor))


@called
def _step_in(root: Any, target: Any, liquidity: Any, remaining: Any, fee: Any, down: Any) -> Any:
    spendable, _ = divide(u192(remaining * np.int64(PIPS - fee)), u128(PIPS))
    low, high = _sorted(target, root)
    if _can_pay(low, high, liquidity, u128(spendable), down):
        amount = _paid_in(low, high, liquidity, down)
        return target, amount, divide_up(amount * fee, u128(PIPS - fee))
    following = _root_after_input(root, liquidity, u128(spendable), down)
    low, high = _sorted(following, root)
    amount = _paid_in(low, high, liquidity, down)
    return following, amount, remaining - amount


@called
def _step_out(root: Any, target: Any, liquidity: Any, remaining: Any, down: Any) -> Any:
    low, high = _sorted(target, root)
    if _can_take(low, high, liquidity, u128(remaining), down):
        return target, _paid_out(low, high, liquidity, down)
    following = _root_after_output(root, liquidity, u128(remaining), down)
    low, high = _sorted(following, root)
    amount = _paid_out(low, high, liquidity, down)
    return following, remaining if remaining < amount else amount


@inline
def _step(
    root: Any, target: Any, liquidity: Any, remaining: Any, fee: Any, down: Any, exact_in: Any
) -> Any:
    # The next root, the amount in without fee, the amount out, the fee.
    if exact_in:
        following, amount_in, taken = _step_in(root, target, liquidity, remaining, fee, down)
        low, high = _sorted(following, root)
        return following, amount_in, _paid_out(low, high, liquidity, down), taken
    following, amount_out = _step_out(root, target, liquidity, remaining, down)
    low, high = _sorted(following, root)
    amount_in = _paid_in(low, high, liquidity, down)
    return following, amount_in, amount_out, divide_up(amount_in * fee, u128(PIPS - fee))


# ---- swaps ---------------------------------------------------------------------------------


@inline
def _walk(pool: Any, at: Any, down: Any, exact_in: Any, remaining: Any, limit: Any) -> Any:
    # From stop to stop until the amount is used up or the limit reached; writes marks only. Returns
    # root, tick, ticks not above it, liquidity, growth, protocol's fee, paid, got. No amount of a
    # step exceeds L 2^64, and no payment for it 10^6 times that: growth by a step fits its word.
    words, numbers, ticks, nets, _, roots, edges, marks = pool
    token = 0 if down else 1
    root, liquidity = load192(words[SQRT_PRICE]), load128(words[LIQUIDITY])
    tick, fee, share = numbers[TICK], numbers[FEE], numbers[SHARE + token]
    growth, cut, paid, got = load256(words[GROWTH + token]), u256(0), u256(0), u256(0)
    while remaining != 0 and root != limit:
        start = root
        stop, stop_root, initialized = _next_stop(numbers, ticks, roots, edges, tick, at, down)
        beyond = stop_root < limit if down else stop_root > limit
        target = limit if beyond else stop_root
        root, came, went, taken = _step(root, target, liquidity, remaining, fee, down, exact_in)
        paid, got = paid + came + taken, got + went
        remaining = remaining - (came + taken if exact_in else went)
        if share > 0:
            part, _ = divide(taken, u128(share))
            cut, taken = cut + part, taken - part
        if liquidity != 0:
            rise, _ = divide(u384(taken) << 128, liquidity)
            growth = growth + rise
        if root == stop_root:
            if initialized:
                at -= down
                store(marks[at], growth)
                net = load128(nets[at])
                liquidity = liquidity - net if down else liquidity + net
                at += not down
            tick = stop - down
        elif root != start:
            tick = _tick_at(root)
    return root, tick, at, liquidity, growth, cut, paid, got


@inline
def _turn_over(words: Any, outside: Any, marks: Any, token: Any, at: Any, new_at: Any) -> None:
    # What was outside of each crossed tick is now inside: outside' = growth then - outside.
    other = load256(words[GROWTH + 1 - token])
    for k in range(min(at, new_at), max(at, new_at)):
        store(outside[k, token], load256(marks[k]) - load256(outside[k, token]))
        store(outside[k, 1 - token], other - load256(outside[k, 1 - token]))


@inline
def _swap_one(pool: Any, at: Any, down: Any, amount: Any, limit: Any, changes: Any) -> Any:
    # One swap, booked if it is not refused; what becomes of it, and the ticks not above the price.
    words, numbers, _, _, outside, _, _, marks = pool
    root, token = load192(words[SQRT_PRICE]), 0 if down else 1
    if amount == 0:
        return NO_AMOUNT, at
    low = load192(_LIMITS[0]) if down else root
    high = root if down else load192(_LIMITS[1])
    if not low < limit < high:
        return WRONG_LIMIT, at
    exact_in = limb(amount, 1) >> np.uint64(63) == 0
    remaining = u256(amount) if exact_in else u256(u128(0) - amount)
    root, tick, new_at, liquidity, growth, cut, paid, got = _walk(
        pool, at, down, exact_in, remaining, limit
    )
    balance = load256(words[BALANCE + 1 - token])
    if got > balance:
        return NO_BALANCE, at
    _turn_over(words, outside, marks, token, at, new_at)
    numbers[TICK] = tick
    store(words[SQRT_PRICE], root)
    store(words[LIQUIDITY], liquidity)
    store(words[GROWTH + token], growth)
    store(words[PROTOCOL + token], u256(u128(load256(words[PROTOCOL + token]) + cut)))
    store(words[BALANCE + token], load256(words[BALANCE + token]) + paid)
    store(words[BALANCE + 1 - token], balance - got)
    store(changes[token], paid)
    store(changes[1 - token], u256(0) - got)
    return DONE, new_at


@kernel
def swap_all(
    pool: tuple[Any, ...],
    zero_for_one: NDArray[np.bool_],
    amounts: Limbs,
    limits: Limbs,
    changes: Limbs,
    states: Limbs,
    end_ticks: Ints,
    outcomes: NDArray[np.uint8],
) -> None:
    """
    Play swaps one after the other; parity with `exact.uniswap_v3_swap.swap`: bit for bit.

    `pool` is the arrays of the module's list, in its order. In: `amounts` (n, 2, two's complement,
    positive is paid in) and `limits` (n, 3) x96. Out: `changes` (n, 2, 4, two's complement) of the
    pool's tokens, `states` (n, 2, 4): square root of the price and liquidity after each swap,
    `end_ticks` and `outcomes`.
    """
    words, numbers, ticks = pool[0], pool[1], pool[2]
    at = np.searchsorted(ticks, numbers[TICK], side="right")
    for i in range(amounts.shape[0]):
        amount, limit = load128(amounts[i]), load192(limits[i])
        outcomes[i], at = _swap_one(pool, at, zero_for_one[i], amount, limit, changes[i])
        states[i, 0], states[i, 1] = words[SQRT_PRICE], words[LIQUIDITY]
        end_ticks[i] = numbers[TICK]


@kernel
def roots_of_ticks(ticks: Ints, out: Limbs) -> None:
    """Square roots of ticks' prices, x96, (n, 3); parity with `get_sqrt_ratio_at_tick`: exact."""
    for i in range(ticks.shape[0]):
        store(out[i], _root_at(ticks[i]))


@kernel
def ticks_of_roots(roots: Limbs, out: Ints) -> None:
    """Ticks of square roots of prices; parity with `get_tick_at_sqrt_ratio`: exact."""
    for i in range(roots.shape[0]):
        out[i] = _tick_at(load192(roots[i]))


def n_edge_words(tick_spacing: int) -> int:
    """Words of the bitmap between the last ticks, as many as `edges` has."""
    return (MAX_TICK // tick_spacing + 1) // WORD + -(-MAX_TICK // (tick_spacing * WORD)) + 1
