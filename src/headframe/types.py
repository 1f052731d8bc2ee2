"""
The few shapes that everything shares: named rows, state blocks, and the parameter types.

A *state block* is a float64 array `(rows, n_paths)` whose rows have names. It is allocated once and
written in place by its owner only; kernels take its array, people take its rows by name. A
*parameter type* is a number with its allowed range: books in TOML and objects in Python are checked
by the same ones.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, cast

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from headframe.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S, YEAR_S

Rows = tuple[str, ...]
"""Names of the rows of a block, in order."""
Array = npt.NDArray[np.float64]
"""Floats: `(n_paths,)`, or `(rows, n_paths)`."""
Mask = npt.NDArray[np.bool_]
"""One truth value per path."""

NEVER_S = 1e18
"""The time of an event that has not happened, in seconds."""
NO_DEBT = 1e9
"""Health of a position that owes nothing: finite, so that no infinity reaches a kernel."""

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, strict=False)
"""Every parameter class refuses unknown keys, NaN and infinity."""


class Block:
    """
    Named rows over one float64 array `(rows, n_paths)`.

    `wire` holds what its owner resolved when the run was opened (constants and row numbers).
    """

    __slots__ = ("_at", "data", "rows", "wire")

    def __init__(self, rows: Iterable[str], data: Array, wire: Any = None) -> None:
        self.rows: Rows = tuple(rows)
        self.data = data
        self.wire = wire
        self._at = {name: row for row, name in enumerate(self.rows)}

    @classmethod
    def zeros(cls, rows: Iterable[str], n_paths: int, wire: Any = None) -> "Block":
        """A block of zeros."""
        names = tuple(rows)
        return cls(names, np.zeros((len(names), n_paths)), wire)

    def __getitem__(self, name: str) -> Array:
        return self.data[self._at[name]]  # type: ignore[no-any-return]

    def __setitem__(self, name: str, values: float | Array) -> None:
        self.data[self._at[name]] = values

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def row(self, name: str) -> int:
        """The number of a row."""
        return self._at[name]

    @property
    def n_paths(self) -> int:
        """How many paths the block holds."""
        return int(self.data.shape[1])


_DURATION = re.compile(r"^\s*([0-9]*\.?[0-9]+)\s*(s|min|h|d|w|y)\s*$")
_SECONDS = {"s": 1.0, "min": MINUTE_S, "h": HOUR_S, "d": DAY_S, "w": WEEK_S, "y": YEAR_S}


def duration_s(value: object) -> float:
    """Seconds from a number of seconds or from text such as `90 d`, `1h`, `15 min`, `2 y`."""
    if isinstance(value, bool):
        raise ValueError("write a duration such as '90d', '1h', '15min', or a number of seconds")
    if isinstance(value, int | float):
        return float(value)
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a duration such as '90d', '1h', '15min', or a number of seconds")
    return float(match[1]) * _SECONDS[match[2]]


_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


def _is_name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError("a name has lower-case letters, digits and underscores, a letter first")
    return value


Name = Annotated[str, AfterValidator(_is_name)]
"""A name of a tenant, an asset or an observable."""
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A share between 0 and 1."""
Proper = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A share from 0 to below 1: a fee that leaves something."""
Positive = Annotated[float, Field(gt=0.0)]
"""A number above 0."""
NonNegative = Annotated[float, Field(ge=0.0)]
"""A number of 0 or more."""
Leverage = Annotated[float, Field(ge=1.0, le=1000.0)]
"""Assets over equity, at least 1."""
Threshold = Annotated[float, Field(gt=0.0, le=1.0)]
"""A liquidation threshold: debt over collateral at which the position is liquidated."""
BorrowFactor = Annotated[float, Field(ge=1.0, le=10.0)]
"""What a unit of debt counts against the health: 1 or more."""
_WRITTEN = {"type": "string", "pattern": r"^\s*[0-9]*\.?[0-9]+\s*(s|min|h|d|w|y)\s*$"}
_ABOVE_0 = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _WRITTEN]}
_FROM_0 = {"anyOf": [{"type": "number", "minimum": 0}, _WRITTEN]}
Duration = Annotated[
    float, BeforeValidator(duration_s), Field(gt=0.0), WithJsonSchema(cast(Any, _ABOVE_0))
]
"""A length of time above 0, in seconds; text such as '90d' is understood."""
Delay = Annotated[
    float, BeforeValidator(duration_s), Field(ge=0.0), WithJsonSchema(cast(Any, _FROM_0))
]
"""A length of time of 0 or more, in seconds; text such as '12h' is understood."""
Signal = Annotated[float | Name, Field(union_mode="left_to_right")]
"""A constant, or the name of the observable that carries the number."""


def _at_least_0(value: Any) -> Any:
    if isinstance(value, float | int) and value < 0.0:
        raise ValueError(f"{value:g} is negative; allowed is 0 or more, or an observable's name")
    return value


def _of_the_whole(value: float | str) -> float | str:
    if not isinstance(value, str) and not 0.0 <= value <= 1.0:
        raise ValueError(f"{value:g} is no share; allowed is 0 to 1, or an observable's name")
    return value


NonNegativeSignal = Annotated[Signal, AfterValidator(_at_least_0)]
"""A signal that is 0 or more where it is a number: a rate owed, a turnover, a cost."""
ShareSignal = Annotated[Signal, AfterValidator(_of_the_whole)]
"""A signal that is a share from 0 to 1 where it is a number: a utilisation."""
GasCost = Annotated[
    float | Name | dict[Name, NonNegativeSignal],
    Field(union_mode="left_to_right"),
    AfterValidator(_at_least_0),
]
"""What a transaction costs: a constant, an observable, or one of these by verb."""
Amounts = dict[Name, NonNegative]
"""Whole units by asset: `{ usdc = 10_000 }`."""
