"""
Solidity's own checked arithmetic (0.8 and later), which fails with a panic code.

Since 0.8 the compiler itself checks each sum, difference, product and quotient of 256-bit words.
What does not fit ends the call with `Panic(0x11)`, a division by zero with `Panic(0x12)`; the bytes
of either are part of a contract's behaviour.

Source: the Solidity documentation, "Checked or Unchecked Arithmetic" and "Panic via assert and
Error via require" (specification only). Assumption: operands are unsigned and fit in their words.
"""

from headframe.exact.fixed import (
    MAX_UINT256,
    PANIC_ARITHMETIC,
    PANIC_DIVISION_BY_ZERO,
    revert_panic,
)


def add(a: int, b: int) -> int:
    """Sum. Raises `Revert` (panic 0x11) beyond 256 bits."""
    if a + b > MAX_UINT256:
        raise revert_panic(PANIC_ARITHMETIC, a=a, b=b)
    return a + b


def sub(a: int, b: int) -> int:
    """Difference. Raises `Revert` (panic 0x11) below zero."""
    if b > a:
        raise revert_panic(PANIC_ARITHMETIC, a=a, b=b)
    return a - b


def mul(a: int, b: int) -> int:
    """Product. Raises `Revert` (panic 0x11) beyond 256 bits."""
    if a * b > MAX_UINT256:
        raise revert_panic(PANIC_ARITHMETIC, a=a, b=b)
    return a * b


def div_down(a: int, b: int) -> int:
    """Quotient, rounded down. Raises `Revert` (panic 0x12) for a zero divisor."""
    if b == 0:
        raise revert_panic(PANIC_DIVISION_BY_ZERO, a=a)
    return a // b
