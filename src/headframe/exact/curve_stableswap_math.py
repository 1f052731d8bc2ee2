"""
Curve's stableswap invariant: its two equations, solved by Newton's method in integers.

A stableswap pool trades along a curve between the constant sum (price one, until a coin runs out)
and the constant product (never runs out). With n balances x_i and amplification A

    A n^n sum(x) + D = A n^n D + D^(n+1) / (n^n prod(x))

fixes D, the number of coins that the pool would hold if it were balanced. A pool solves it for D,
and, D being kept, for the one balance that a trade changes. The number that contracts call A is the
paper's A n^(n-1): their `Ann = A n` is the paper's A n^n.

Source: M. Egorov, "StableSwap: efficient mechanism for stablecoin liquidity" (2019), and formula
notes on the deployed pools; the Vyper source, whose licence is Curve's own, was not opened. Judge:
an independent implementation (curvesim 0.5.0, PyPI); no compiled pool was found in a registry.
"""

from collections.abc import Sequence

from headframe.exact.fixed import MAX_UINT256, revert_bare

MAX_STEPS = 255
"""Newton steps after which a pool gives up, or takes what it has."""


def get_d(xp: Sequence[int], amp: int, a_precision: int) -> int:
    """
    The invariant of balances brought to 18 decimals.

        D' = (Ann S + n D_P) D / ((Ann - 1) D + (n + 1) D_P),   D_P = D^(n+1) / (n^n prod(x))

    Each quotient is rounded down; the search stops at a step of 1 or less. `amp` is A times
    `a_precision`. Raises `Revert` with no data where a balance is zero (but not all) or a product
    exceeds 256 bits.
    """
    n, total = len(xp), sum(xp)
    if total == 0:
        return 0
    if min(xp) == 0:
        raise revert_bare("a balance is zero")
    ann, d = amp * n, total
    for _ in range(MAX_STEPS):
        d_p = d
        for x in xp:
            d_p = word(d_p * d) // (x * n)
        before = d
        above = word(word(ann * total // a_precision + d_p * n) * d)
        d = above // (word((ann - a_precision) * d) // a_precision + (n + 1) * d_p)
        if abs(d - before) <= 1:
            break
    return d


def get_y(i: int, j: int, x: int, xp: Sequence[int], amp: int, a_precision: int) -> int:
    """
    Balance of coin j that keeps D when that of coin i becomes x.

    Source: as `get_y_d`. Raises `Revert` with no data for the same coin twice or one not there.
    """
    n = len(xp)
    if i == j or not (0 <= i < n and 0 <= j < n):
        raise revert_bare("no such pair of coins", i=i, j=j)
    d = get_d(xp, amp, a_precision)
    changed = [x if k == i else balance for k, balance in enumerate(xp)]
    return get_y_d(amp, j, changed, d, a_precision)


def get_y_d(amp: int, i: int, xp: Sequence[int], d: int, a_precision: int) -> int:
    """
    Balance of coin i that gives the invariant d beside the other balances; that of i is not read.

        y' = (y^2 + c) / (2 y + b - D),   c = D^(n+1) / (n^n Ann prod(other x)),
                                          b = S' + D / Ann

    Each quotient is rounded down; the search stops at a step of 1 or less. Raises `Revert` with no
    data for a coin that is not there, another balance of zero, or beyond 256 bits.
    """
    n, others = len(xp), [x for k, x in enumerate(xp) if k != i]
    if not 0 <= i < n:
        raise revert_bare("no such coin", i=i)
    if min(others) <= 0:
        raise revert_bare("a balance is zero")
    ann, c = amp * n, d
    for x in others:
        c = word(c * d) // (x * n)
    c = word(c * d * a_precision) // (ann * n)
    b = sum(others) + d * a_precision // ann
    y = d
    for _ in range(MAX_STEPS):
        before = y
        y = word(y * y + c) // (2 * y + b - d)
        if abs(y - before) <= 1:
            break
    return y


def word(value: int) -> int:
    """Return a value that fits into an unsigned word of 256 bits, else `Revert` with no data."""
    if not 0 <= value <= MAX_UINT256:
        raise revert_bare("does not fit in uint256", value=value)
    return value
