"""
How kernels are compiled: once, when first used, kept on disk, without the interpreter's lock.

The floating-point licence given to the compiler stops short of reassociation: no signed zeros,
reciprocals, no NaN, no infinity. Full `fastmath` would fold away the two-step range reductions of
`elementary` and with them their accuracy. Hence no NaN and no infinity may reach a kernel; the run
checks its arrays at the door.

Contraction (a b + c in one rounding) is given to scalar functions, whose polynomials leave no
choice of what to contract, and not to loops: of a b + c d a compiler may contract either product.
LLVM takes one in the vectorised body of a loop and the other in its remainder, and the last bit of
a path would depend on the chunk it stands in.

Machine code is kept in the user's cache under a digest of this whole folder: a kernel melts others
into itself, and one that was compiled against older text must never be found again.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

SAFE_FLAGS = {"nsz", "arcp", "nnan", "ninf"}
"""Licence for the optimiser that keeps every bit of a path in any chunk."""
SCALAR_FLAGS = SAFE_FLAGS | {"contract"}
"""The same for scalar functions: polynomials are the more accurate for contraction."""


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function over arrays when it is first called; the machine code is kept on disk."""
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": SAFE_FLAGS, "nogil": True}
    settings = cast(Any, numba.config)
    before, settings.CACHE_DIR = settings.CACHE_DIR, cache_folder()
    try:
        return cast(Callable[P, R], numba.njit(cache=True, **options)(function))
    finally:
        settings.CACHE_DIR = before


def inline(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar function that is melted into each kernel that calls it."""
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": SCALAR_FLAGS}
    return cast(Callable[P, R], numba.njit(forceinline=True, **options)(function))


def called(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar function that kernels call: long, and used in many places of one kernel."""
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": SCALAR_FLAGS}
    return cast(Callable[P, R], numba.njit(**options)(function))


@cache
def cache_folder() -> str:
    """Where machine code is kept: `NUMBA_CACHE_DIR`, the user's cache, or a temporary folder."""
    digest = blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    for root in (os.environ.get("NUMBA_CACHE_DIR") or home, tempfile.gettempdir()):
        folder = Path(root) / "headframe" / digest.hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return tempfile.mkdtemp(prefix="headframe-")
