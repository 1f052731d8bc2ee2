"""
Every way in which headframe says no.

    HeadframeError
      InputError(ValueError)          the caller's fault: place, value, what is allowed
      Revert                          the protocol would refuse: exact return data and the numbers
      DataError                       data missing, stale or inconsistent: source, key, time
        StaleDataError  GapError  ProviderError
      InvariantError(AssertionError)  our bug: the law that broke; never caught

Scalars raise, arrays mask: one dead path never kills the others. Numbers travel as attributes,
so that a program need not parse a sentence.
"""


class HeadframeError(Exception):
    """The root of every error that headframe raises on purpose."""


class InputError(HeadframeError, ValueError):
    """
    The caller's fault: names the place, the value and what is allowed.

    Parameters
    ----------
    place
        What was wrong, as the user wrote it: a key, a flag, a file and row.
    value
        What stood there; None where the place as a whole is wrong.
    allowed
        What may stand there.
    """

    def __init__(self, place: str, value: object, allowed: str) -> None:
        self.place, self.value, self.allowed = place, value, allowed
        said = "" if value is None else f"{_short(value)} is not allowed; "
        super().__init__(f"{place}: {said}{allowed}")

    def within(self, source: str) -> "InputError":
        """The same error with the file or book that it was found in."""
        return InputError(f"{source}: {self.place}", self.value, self.allowed)

    def __reduce__(self) -> tuple[object, ...]:
        return InputError, (self.place, self.value, self.allowed)


class Revert(HeadframeError):  # noqa: N818  (the EVM's own word)
    """
    The protocol would refuse: carries the contract's exact return data and the numbers.

    Parameters
    ----------
    reason
        The contract's reason in words.
    data
        The exact return data, in bytes; empty where the contract returns none.
    numbers
        The quantities that decided, by name (`ltv_wad=...`).
    """

    def __init__(self, reason: str, data: bytes = b"", **numbers: int) -> None:
        self.reason, self.data, self.numbers = reason, data, numbers
        tail = ", ".join(f"{name}={value}" for name, value in numbers.items())
        super().__init__(f"{reason} ({tail})" if tail else reason)


class DataError(HeadframeError):
    """Data is missing, stale or inconsistent: carries source, key and time."""

    def __init__(
        self, message: str, *, source: str = "", key: str = "", timestamp: object = None
    ) -> None:
        self.source, self.key, self.timestamp = source, key, timestamp
        where = ", ".join(str(part) for part in (source, key, timestamp) if part not in ("", None))
        super().__init__(f"{where}: {message}" if where else message)


class StaleDataError(DataError):
    """A value is older than its user allows."""


class GapError(DataError):
    """A table has a hole that no stated rule fills."""


class ProviderError(DataError):
    """A provider failed; foreign exceptions are mapped here, once."""


class InvariantError(HeadframeError, AssertionError):
    """Our bug: states the law that broke. Never caught."""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
