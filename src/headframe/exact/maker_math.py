"""
Arithmetic of Maker's contracts: wads, rays, powers rounded half up, prices that fall with time.

Products and quotients round down; only the power rounds half up, at each of its squarings. What
does not fit fails without a word. The three price curves of an auction are here as well.

Source: Maker Protocol technical documentation (docs.makerdao.com, "Liquidation 2.0", "Rates
Module"). The contracts are under the AGPL-3.0 and stayed closed. Judge: compiled contracts in npm
@makerdao/testchain 1.1.33-beta5; the exponential curve, which is not among them, is the stairs of
one second.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from headframe.exact.fixed import MAX_UINT256, RAY, WAD, revert_bare

Calc = Callable[[int, int], int]
"""The price of an auction (ray) from its first price (ray) and the seconds since."""


def add(a: int, b: int) -> int:
    """Sum of an unsigned word and one of either sign. Raises bare `Revert` outside the word."""
    if not 0 <= a + b <= MAX_UINT256:
        raise revert_bare("sum outside 256 bits", a=a, b=b)
    return a + b


def sub(a: int, b: int) -> int:
    """Difference, likewise."""
    return add(a, -b)


def mul(a: int, b: int) -> int:
    """Product, of which one factor may be negative. Raises bare `Revert` beyond the word."""
    if abs(a * b) > MAX_UINT256:
        raise revert_bare("product beyond 256 bits", a=a, b=b)
    return a * b


def wmul_down(a: int, b: int) -> int:
    """Product with a wad, rounded down."""
    return mul(a, b) // WAD


def rmul_down(a: int, b: int) -> int:
    """Product with a ray, rounded down."""
    return mul(a, b) // RAY


def rdiv_down(a: int, b: int) -> int:
    """Quotient as a ray, rounded down. Raises bare `Revert` for a zero divisor."""
    if b == 0:
        raise revert_bare("division by zero", a=a)
    return mul(a, RAY) // b


def rpow_half_up(x: int, n: int, base: int = RAY) -> int:
    """
    Power of a fixed-point number by squaring, every product rounded half up; 0^0 is one.

    Source: Rates Module documentation, `rpow`. Raises bare `Revert` where a square does not fit.
    """
    if x == 0:
        return base if n == 0 else 0
    half = base // 2
    z = x if n % 2 else base
    n //= 2
    while n:
        x = add(mul(x, x), half) // base
        if n % 2:
            z = add(mul(z, x), half) // base
        n //= 2
    return z


def linear_decrease(tau_s: int) -> Calc:
    """
    A price that falls on a straight line to zero.

        top * floor((tau - t) / tau),   0 from tau on
    """

    def price(top_ray: int, elapsed_s: int) -> int:
        if elapsed_s >= tau_s:
            return 0
        return rmul_down(top_ray, mul(tau_s - elapsed_s, RAY) // tau_s)

    return price


def stairstep_exponential_decrease(step_s: int, cut_ray: int) -> Calc:
    """
    A price that is cut by a factor at every step.

        top * cut^floor(t / step)
    """

    def price(top_ray: int, elapsed_s: int) -> int:
        if step_s == 0:
            raise revert_bare("no step")
        return rmul_down(top_ray, rpow_half_up(cut_ray, elapsed_s // step_s))

    return price


def exponential_decrease(cut_ray: int) -> Calc:
    """A price that is cut by a factor at every second: top * cut^t."""
    return stairstep_exponential_decrease(1, cut_ray)


@contextmanager
def atomic(*stores: Any) -> Iterator[None]:
    """Undo everything that was changed in these stores where a call fails within."""
    before = [
        {name: _copied(getattr(store, name)) for name in type(store).__slots__} for store in stores
    ]
    try:
        yield
    except BaseException:
        for store, fields in zip(stores, before, strict=True):
            for name, value in fields.items():
                setattr(store, name, value)
        raise


def _copied(value: object) -> object:
    return value.copy() if isinstance(value, dict | list | set) else value
