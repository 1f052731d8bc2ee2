"""
How kernels are compiled: once, when first used, kept on disk, without the interpreter's lock.

The floating-point licence given to the compiler stops short of reassociation: contraction, no signed
zeros, reciprocals, no NaN, no infinity. Full `fastmath` would fold away the two-step range
reductions of `elementary` and with them their accuracy. Hence no NaN and no infinity may reach a
kernel; the run checks its arrays at the door.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

SAFE_FLAGS = {"contract", "nsz", "arcp", "nnan", "ninf"}
"""Licence for the optimiser that keeps the polynomials' accuracy."""


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function over arrays when it is first called; the machine code is kept on disk."""
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": SAFE_FLAGS, "nogil": True}
    return cast(Callable[P, R], numba.njit(cache=True, **options)(function))


def inline(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar function that is melted into each kernel that calls it."""
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": SAFE_FLAGS}
    return cast(Callable[P, R], numba.njit(forceinline=True, **options)(function))
