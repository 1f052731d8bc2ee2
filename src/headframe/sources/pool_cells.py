"""
Cells of a pool's logs as exact numbers: times, difficulties, amounts, names.

Each function takes the text of one cell and answers with a whole number or a fraction, never with a
float, or raises `ValueError` that says what may stand there; who reads the row adds its place
(`Rows.cell`). Times are nanoseconds since 1970 in UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from headframe.units import SAT_PER_BTC

NS_PER_S = 1_000_000_000
"""Nanoseconds in a second."""
LONGEST_NAME = 200
"""Characters of a name at most: an address and a worker fit many times."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECONDS = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?")
_DECIMAL = re.compile(r"(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
_WHOLE = re.compile(r"[0-9]{1,16}")
_TRUTH = {"true": True, "t": True, "1": True, "yes": True} | {
    "false": False, "f": False, "0": False, "no": False
}  # fmt: skip


def time_ns(text: str) -> int:
    """
    Nanoseconds since 1970: from unix seconds, or from ISO 8601 (UTC where it names no zone).

    >>> time_ns("1700000000.5") == time_ns("2023-11-14 22:13:20.5") == 1_700_000_000_500_000_000
    True
    """
    seconds = _SECONDS.fullmatch(text)
    if seconds:
        whole_s, part = seconds.groups()
        return int(whole_s) * NS_PER_S + (int(part.ljust(9, "0")) if part else 0)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        since = (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        since = -1
    if since < 0:
        raise ValueError("a time such as 1700000000 (seconds) or 2024-05-01T12:00:00Z")
    return since * 1_000


def positive(text: str) -> Fraction:
    """
    A number above 0, exactly as written.

    >>> positive("86388558925171.02") * 100
    Fraction(8638855892517102, 1)
    """
    value = Fraction(text) if _DECIMAL.fullmatch(text) else Fraction(0)
    if value <= 0:
        raise ValueError("a number above 0")
    return value


def whole(text: str) -> int:
    """A whole number of 0 or more: satoshi, a height."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("a whole number of 0 or more")
    return int(text)


def coins_sat(text: str) -> int:
    """
    Satoshi from whole coins; a fraction of a satoshi is refused.

    >>> coins_sat("3.187500000000")
    318750000
    """
    amount = Fraction(text) * SAT_PER_BTC if _DECIMAL.fullmatch(text) else Fraction(1, 2)
    if amount.denominator != 1:
        raise ValueError("an amount in whole coins, without a fraction of a satoshi")
    return amount.numerator


def truth(text: str) -> bool:
    """Yes or no."""
    value = _TRUTH.get(text.lower())
    if value is None:
        raise ValueError("true or false")
    return value


def name(text: str) -> str:
    """A name that can be printed: a miner, a share, a block."""
    if not text or len(text) > LONGEST_NAME or not text.isprintable() or text != text.strip():
        raise ValueError(f"a name of 1 to {LONGEST_NAME} printable characters")
    return text
