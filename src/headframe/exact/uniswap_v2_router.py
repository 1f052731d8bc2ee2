"""
The router of a constant-product exchange to the wei: swaps along a path, liquidity in and out.

A pair only checks what it is left with; the router asks the library what a trade costs, moves the
tokens and calls the pair. Uniswap's and Pancake's routers are one text with other fees and other
words. `Purse` is who holds how much of which token: a router moves tokens of its caller.

Contracts: UniswapV2Router02 and PancakeRouterV2 (GPL-3.0, sources closed to us); written from the
formula notes of `uniswap_v2` and from behaviour. Judge: PancakeRouterV2's bytecode within the duel
of `alpaca`; Uniswap's quotes by the duel `uniswap_v2_router`.
Assumptions: plain ERC-20, callers have allowed what is moved, deadlines and least amounts are not
set, products stay within 256 bits.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from headframe.errors import Revert
from headframe.exact import uniswap_v2 as v2
from headframe.exact.fixed import revert_error


@dataclass(frozen=True, slots=True)
class Exchange:
    """Fee of the library, fee that the pair checks, and the words in which each refuses."""

    fee_numerator: int
    fee_denominator: int
    pair_fee_numerator: int
    pair_fee_denominator: int
    words: tuple[tuple[str, str], ...] = ()
    library_math: dict[str, str] = field(default_factory=dict)
    """Words of the library's checked arithmetic, where it is not the pair's."""


UNISWAP = Exchange(997, 1_000, 997, 1_000)
"""Uniswap v2: 0.3 %."""
PANCAKE = Exchange(
    9_975,
    10_000,
    998,
    1_000,
    (("UniswapV2Router", "PancakeRouter"), ("UniswapV2Library", "PancakeLibrary"),
     ("UniswapV2", "Pancake")),
    {
        "ds-math-mul-overflow": "SafeMath: multiplication overflow",
        "ds-math-add-overflow": "SafeMath: addition overflow",
        "ds-math-sub-underflow": "SafeMath: subtraction overflow",
    },
)  # fmt: skip
"""PancakeSwap: the router of version 2 (0.25 %) over the pair of its package (0.2 %)."""


@dataclass(slots=True)
class Purse:
    """Who holds how much of which token."""

    held: dict[tuple[Hashable, Hashable], int] = field(default_factory=dict)


def balance_of(purse: Purse, token: Hashable, holder: Hashable) -> int:
    """What a holder has of a token."""
    return purse.held.get((token, holder), 0)


def move(
    purse: Purse, token: Hashable, frm: Hashable, to: Hashable, amount: int, refusal: str
) -> None:
    """Move tokens between holders. Raises `Revert(refusal)` for more than the first has."""
    left = balance_of(purse, token, frm) - amount
    if left < 0:
        raise revert_error(refusal, amount=amount, held=amount + left)
    purse.held[token, frm] = left
    purse.held[token, to] = balance_of(purse, token, to) + amount


def give(purse: Purse, token: Hashable, to: Hashable, amount: int) -> None:
    """Hand tokens to a holder from outside, or with a negative amount take them away."""
    purse.held[token, to] = balance_of(purse, token, to) + amount


@dataclass(slots=True)
class Pool:
    """A pair with the names of its tokens."""

    pair: v2.Pair
    token0: Hashable
    token1: Hashable
    exchange: Exchange = UNISWAP


def reserves(pool: Pool, token: Hashable) -> tuple[int, int]:
    """Reserves of a token and of the other."""
    pair = pool.pair
    if token == pool.token0:
        return pair.reserve0, pair.reserve1
    return pair.reserve1, pair.reserve0


def other(pool: Pool, token: Hashable) -> Hashable:
    """The pool's other token."""
    return pool.token1 if token == pool.token0 else pool.token0


def amount_out(pool: Pool, token: Hashable, amount_in: int) -> int:
    """What an amount of a token buys, rounded down. Source: the library's getAmountOut."""
    fees = pool.exchange
    with _in_words_of(fees, fees.library_math):
        return v2.get_amount_out(
            amount_in,
            *reserves(pool, token),
            fee_numerator=fees.fee_numerator,
            fee_denominator=fees.fee_denominator,
        )


def amount_in(pool: Pool, token: Hashable, wanted: int) -> int:
    """What must be paid in a token for an amount of the other. Source: getAmountIn."""
    fees = pool.exchange
    with _in_words_of(fees, fees.library_math):
        return v2.get_amount_in(
            wanted,
            *reserves(pool, token),
            fee_numerator=fees.fee_numerator,
            fee_denominator=fees.fee_denominator,
        )


def swap_exact_tokens_for_tokens(
    purse: Purse,
    path: Sequence[Pool],
    token: Hashable,
    amount: int,
    holder: Hashable,
    *,
    now_ts: int,
) -> int:
    """
    Sell an amount along a path of pools; return what came out.

    Source: Router02.swapExactTokensForTokens. Raises `Revert`: nothing in or out, no reserves.
    """
    hops, sold, into = [], token, amount
    for pool in path:
        out = amount_out(pool, sold, into)
        hops.append((pool, sold, into, out))
        sold, into = other(pool, sold), out
    for pool, paid, take, out in hops:
        _trade(purse, pool, paid, take, out, holder, now_ts)
    return into


def swap_tokens_for_exact_tokens(
    purse: Purse,
    pool: Pool,
    token: Hashable,
    wanted: int,
    most: int,
    holder: Hashable,
    *,
    now_ts: int,
) -> int:
    """
    Buy an exact amount of the other token for at most `most` of this one; return what it cost.

    Source: Router02.swapTokensForExactTokens. Raises `Revert`: dearer than that, or no such amount.
    """
    cost = amount_in(pool, token, wanted)
    if cost > most:
        with _in_words_of(pool.exchange):
            raise revert_error("UniswapV2Router: EXCESSIVE_INPUT_AMOUNT", cost=cost, most=most)
    _trade(purse, pool, token, cost, wanted, holder, now_ts)
    return cost


def add_liquidity(
    purse: Purse,
    pool: Pool,
    first: Hashable,
    amounts: tuple[int, int],
    holder: Hashable,
    *,
    now_ts: int,
) -> int:
    """
    Put in as much of both tokens as the pool's proportion allows; return the shares.

    `amounts` are the most of `first` and of the other. All of the first goes in if the other
    suffices: which token is named first decides which of them leaves a remainder.
    Source: Router02.addLiquidity. Raises `Revert`: an amount of zero, nothing to give.
    """
    second = other(pool, first)
    paid = _in_proportion(pool, first, amounts)
    for token, amount in zip((first, second), paid, strict=True):
        _pay_in(purse, pool, token, amount, holder)
    with _in_words_of(pool.exchange):
        return v2.mint(pool.pair, holder, now_ts=now_ts)


def remove_liquidity(
    purse: Purse, pool: Pool, shares: int, holder: Hashable, *, now_ts: int
) -> tuple[int, int]:
    """
    Take out both tokens for shares; return the amounts of token0 and token1.

    Source: Router02.removeLiquidity. Raises `Revert`: nothing to pay of either token.
    """
    with _in_words_of(pool.exchange):
        v2.transfer(pool.pair, holder, v2.PAIR, shares)
        amounts = v2.burn(pool.pair, now_ts=now_ts)
    for token, amount in zip((pool.token0, pool.token1), amounts, strict=True):
        give(purse, token, holder, amount)
    return amounts


def _in_proportion(pool: Pool, first: Hashable, most: tuple[int, int]) -> tuple[int, int]:
    r1, r2 = reserves(pool, first)
    if r1 == 0 and r2 == 0:
        return most
    needed = _quote(pool, most[0], r1, r2)
    if needed <= most[1]:
        return most[0], needed
    return _quote(pool, most[1], r2, r1), most[1]


def _quote(pool: Pool, amount: int, r_in: int, r_out: int) -> int:
    with _in_words_of(pool.exchange):
        if amount <= 0:
            raise revert_error("UniswapV2Library: INSUFFICIENT_AMOUNT", amount=amount)
        if r_in <= 0 or r_out <= 0:
            raise revert_error("UniswapV2Library: INSUFFICIENT_LIQUIDITY", r_in=r_in, r_out=r_out)
    return amount * r_out // r_in


def _trade(
    purse: Purse, pool: Pool, token: Hashable, paid: int, out: int, holder: Hashable, now_ts: int
) -> None:
    _pay_in(purse, pool, token, paid, holder)
    outs = (0, out) if token == pool.token0 else (out, 0)
    with _in_words_of(pool.exchange):
        v2.swap(
            pool.pair,
            *outs,
            now_ts=now_ts,
            fee_numerator=pool.exchange.pair_fee_numerator,
            fee_denominator=pool.exchange.pair_fee_denominator,
        )
    give(purse, other(pool, token), holder, out)


def _pay_in(purse: Purse, pool: Pool, token: Hashable, amount: int, holder: Hashable) -> None:
    if balance_of(purse, token, holder) < amount:
        raise revert_error("TransferHelper: TRANSFER_FROM_FAILED", amount=amount)
    give(purse, token, holder, -amount)
    v2.send(pool.pair, *((amount, 0) if token == pool.token0 else (0, amount)))


@contextmanager
def _in_words_of(exchange: Exchange, math: dict[str, str] | None = None) -> Iterator[None]:
    """Let an exchange that copied the text refuse in its own words."""
    try:
        yield
    except Revert as refusal:
        said = (math or {}).get(refusal.reason, refusal.reason)
        for theirs, ours in exchange.words:
            if refusal.data and said.startswith(theirs + ":"):
                said = ours + said.removeprefix(theirs)
        if said == refusal.reason:
            raise
        raise revert_error(said, **refusal.numbers) from None
