"""
OpenZeppelin's checked arithmetic, which names what went wrong.

Before compilers checked for themselves (Solidity 0.8), contracts called a library for every sum,
difference, product and quotient of 256-bit words. Its refusals are part of their behaviour.

Source: @openzeppelin/contracts 2.x and 3.x, SafeMath (MIT).
"""

from headframe.exact.fixed import MAX_UINT256, revert_error


def add(a: int, b: int) -> int:
    """Sum. Raises `Revert("SafeMath: addition overflow")` beyond 256 bits."""
    if a + b > MAX_UINT256:
        raise revert_error("SafeMath: addition overflow", a=a, b=b)
    return a + b


def sub(a: int, b: int) -> int:
    """Difference. Raises `Revert("SafeMath: subtraction overflow")` below zero."""
    if b > a:
        raise revert_error("SafeMath: subtraction overflow", a=a, b=b)
    return a - b


def mul(a: int, b: int) -> int:
    """Product. Raises `Revert("SafeMath: multiplication overflow")` beyond 256 bits."""
    if a * b > MAX_UINT256:
        raise revert_error("SafeMath: multiplication overflow", a=a, b=b)
    return a * b


def div_down(a: int, b: int) -> int:
    """Quotient, rounded down. Raises `Revert("SafeMath: division by zero")`."""
    if b == 0:
        raise revert_error("SafeMath: division by zero", a=a)
    return a // b
