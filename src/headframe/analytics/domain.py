"""
Where a closed form holds: the ranges of its arguments, checked at its door.

A formula outside its domain answers with NaN or, worse, with a number. So every function of
`headframe.analytics` first says what its arguments may be; the first one outside (of an array: its
first element outside) is refused by name with an `InputError`. Times, prices, fees: all must be
finite.
"""

from collections.abc import Callable

import numpy as np

from headframe.errors import InputError
from headframe.types import Array, Mask

Real = float | Array
"""A number or an array of numbers; what goes in comes out."""


def require_finite(**values: Real) -> None:
    """Refuse NaN, infinity and what is no number."""
    _require("must be a finite number", lambda numbers: np.isfinite(numbers), values)


def require_positive(**values: Real) -> None:
    """Refuse what is not above 0."""
    _require("must be finite and above 0", lambda numbers: numbers > 0.0, values)


def require_non_negative(**values: Real) -> None:
    """Refuse what is below 0."""
    _require("must be finite and at least 0", lambda numbers: numbers >= 0.0, values)


def require_at_least(least: float, **values: Real) -> None:
    """Refuse what is below `least`."""
    _require(f"must be finite and at least {least:g}", lambda numbers: numbers >= least, values)


def require_share(**values: Real) -> None:
    """Refuse what is not between 0 and 1, both allowed."""
    _require("must lie in [0, 1]", lambda numbers: (numbers >= 0.0) & (numbers <= 1.0), values)


def require_proper_share(**values: Real) -> None:
    """Refuse what is not from 0 to below 1: a fee that leaves something."""
    _require("must lie in [0, 1)", lambda numbers: (numbers >= 0.0) & (numbers < 1.0), values)


def require_inner_share(**values: Real) -> None:
    """Refuse what is not strictly between 0 and 1."""
    _require("must lie in (0, 1)", lambda numbers: (numbers > 0.0) & (numbers < 1.0), values)


def require_threshold(**values: Real) -> None:
    """Refuse what is no liquidation threshold: above 0, at most 1."""
    _require("must lie in (0, 1]", lambda numbers: (numbers > 0.0) & (numbers <= 1.0), values)


def require_count(**values: int) -> None:
    """Refuse what is not a whole number of 1 or more."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(name, value, "must be a whole number of 1 or more")


def require_range(*, price_lower: Real, price_upper: Real) -> None:
    """Refuse a price range that is not positive and ordered."""
    require_positive(price_lower=price_lower, price_upper=price_upper)
    lower, upper = np.broadcast_arrays(price_lower, price_upper)
    refused = lower >= upper
    if refused.any():
        raise InputError(
            "price_lower",
            float(lower[refused][0]),
            f"must be below price_upper {upper[refused][0]:g}",
        )


def _require(allowed: str, holds: Callable[[Array], Mask], values: dict[str, Real]) -> None:
    for name, value in values.items():
        try:
            numbers = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(name, value, allowed) from None
        refused = ~(np.isfinite(numbers) & holds(numbers))
        if refused.any():
            raise InputError(name, float(numbers[refused][0]), allowed)
