"""
Curvesim's stableswap pool, out of its wheel and without what the rest of the package needs.

The package imports pandas, web3 and more; its pool needs big integers only. Empty packages stand in
for the parents, and Python's own `int` for the big integers of `gmpy2`.
"""

import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from .artifacts import folder


@cache
def pool_class() -> Any:
    """`CurvePool`; only its behaviour is used."""
    root = folder("curvesim") / "curvesim"
    stands_in: dict[str, ModuleType] = {"gmpy2": ModuleType("gmpy2")}
    stands_in["gmpy2"].mpz = int  # type: ignore[attr-defined]
    for name, path in (("curvesim", root), ("curvesim.pool", root / "pool")):
        stands_in[name] = ModuleType(name)
        stands_in[name].__path__ = [str(path)]
    before = {name: module for name, module in sys.modules.items() if _ours(name)}
    sys.modules.update(stands_in)
    try:
        return import_module("curvesim.pool.stableswap.pool").CurvePool
    finally:
        for name in [name for name in sys.modules if _ours(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _ours(name: str) -> bool:
    return name == "gmpy2" or name.split(".")[0] == "curvesim"
