"""
Whole-number arithmetic as the Ethereum machine does it, and the ways in which a contract says no.

A contract has no fractions. It scales them up (a "wad" is 1e18 parts of one, a "ray" 1e27, "x96"
means 96 binary places), divides with a remainder thrown away, and its author decides at every
division who loses the remainder: hence each division here says `_down` or `_up`. Words have a
width: what does not fit either wraps around silently or makes the whole call fail, and both are
part of the protocol. A failed call hands back bytes, which the makers below build exactly.

Source: the Ethereum yellow paper (words of 256 bits), the Solidity documentation ("Panic via
assert and Error via require", "Checked or Unchecked Arithmetic"), ERC-20 style fixed point.
Licence of the sources: specifications only. Assumption: callers pass `int`, never `bool`.
"""

from math import isqrt

from headframe.errors import Revert

__all__ = [
    "MAX_UINT112",
    "MAX_UINT128",
    "MAX_UINT160",
    "MAX_UINT256",
    "Q96",
    "Q112",
    "Q128",
    "RAY",
    "WAD",
    "div_trunc",
    "div_up",
    "error_data",
    "isqrt",
    "mul_div_down",
    "mul_div_up",
    "panic_data",
    "revert_bare",
    "revert_error",
    "revert_panic",
    "to_int",
    "to_uint",
    "wrap_int",
    "wrap_uint",
]

WAD = 10**18
"""One in fixed point with 18 decimals."""
RAY = 10**27
"""One in fixed point with 27 decimals."""
Q96 = 1 << 96
"""One in fixed point with 96 binary places: square roots of prices in Uniswap v3."""
Q112 = 1 << 112
"""One in fixed point with 112 binary places: cumulative prices in Uniswap v2."""
Q128 = 1 << 128
"""One in fixed point with 128 binary places: fees per unit of liquidity in Uniswap v3."""
MAX_UINT112 = (1 << 112) - 1
"""The largest unsigned word of 112 bits."""
MAX_UINT128 = (1 << 128) - 1
"""The largest unsigned word of 128 bits."""
MAX_UINT160 = (1 << 160) - 1
"""The largest unsigned word of 160 bits."""
MAX_UINT256 = (1 << 256) - 1
"""The largest unsigned word of 256 bits."""

PANIC_ARITHMETIC = 0x11
"""Solidity's panic code for an overflow or underflow in checked arithmetic."""
PANIC_DIVISION_BY_ZERO = 0x12
"""Solidity's panic code for a division by zero."""

_ERROR_SELECTOR = bytes.fromhex("08c379a0")
_PANIC_SELECTOR = bytes.fromhex("4e487b71")


def mul_div_down(a: int, b: int, denominator: int) -> int:
    """
    Return the product over the denominator, rounded down, through a product of 512 bits.

        result = floor(a * b / denominator)

    Source: Solidity's usual full-width multiply-and-divide, as deployed in Uniswap v3.
    Raises `Revert` with no data where the denominator is zero or the result exceeds 256 bits.
    """
    if denominator <= 0:
        raise revert_bare("division by zero", denominator=denominator)
    result = a * b // denominator
    if result > MAX_UINT256:
        raise revert_bare("product over denominator exceeds 256 bits", result=result)
    return result


def mul_div_up(a: int, b: int, denominator: int) -> int:
    """
    Return the product over the denominator, rounded up, through a product of 512 bits.

        result = ceil(a * b / denominator)

    Raises `Revert` with no data where the denominator is zero or the result exceeds 256 bits.
    """
    if denominator <= 0:
        raise revert_bare("division by zero", denominator=denominator)
    result = -(-a * b // denominator)
    if result > MAX_UINT256:
        raise revert_bare("product over denominator exceeds 256 bits", result=result)
    return result


def div_up(numerator: int, denominator: int) -> int:
    """Quotient rounded up, for a denominator that the caller knows to be positive."""
    return -(-numerator // denominator)


def div_trunc(numerator: int, denominator: int) -> int:
    """
    Signed quotient rounded towards zero, as the EVM's SDIV does (Python's `//` floors).

    Raises `ZeroDivisionError` for a zero denominator: which revert that is depends on the
    compiler, so the caller decides.
    """
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def wrap_uint(value: int, bits: int) -> int:
    """Keep the low bits of a value, as unchecked unsigned arithmetic does."""
    return value & ((1 << bits) - 1)


def wrap_int(value: int, bits: int) -> int:
    """Keep the low bits of a value in two's complement, as unchecked signed arithmetic does."""
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


def to_uint(value: int, bits: int) -> int:
    """Return the value itself if an unsigned word of so many bits holds it, else `Revert` bare."""
    if not 0 <= value < 1 << bits:
        raise revert_bare(f"does not fit in uint{bits}", value=value)
    return value


def to_int(value: int, bits: int) -> int:
    """Return the value itself if a signed word of so many bits holds it, else `Revert` bare."""
    half = 1 << (bits - 1)
    if not -half <= value < half:
        raise revert_bare(f"does not fit in int{bits}", value=value)
    return value


def error_data(reason: str) -> bytes:
    """Return data of `require(false, reason)`: the selector of `Error(string)` and the string."""
    text = reason.encode()
    padded = text + bytes(-len(text) % 32)
    return _ERROR_SELECTOR + (32).to_bytes(32, "big") + len(text).to_bytes(32, "big") + padded


def panic_data(code: int) -> bytes:
    """Return data of a failed check that the compiler (0.8 and later) wrote: `Panic(uint256)`."""
    return _PANIC_SELECTOR + code.to_bytes(32, "big")


def revert_error(reason: str, **numbers: int) -> Revert:
    """Build the refusal with a reason string, as `require(condition, reason)` gives it."""
    return Revert(reason, error_data(reason), **numbers)


def revert_panic(code: int, **numbers: int) -> Revert:
    """Build the refusal that checked arithmetic gives, with its panic code."""
    return Revert(f"Panic(0x{code:02x})", panic_data(code), **numbers)


def revert_bare(why: str, **numbers: int) -> Revert:
    """
    Build the refusal with no return data: a `require` without a reason, or an invalid opcode.

    The words are ours, for the reader; the contract says nothing.
    """
    return Revert(why, b"", **numbers)
