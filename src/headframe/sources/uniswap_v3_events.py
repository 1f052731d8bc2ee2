"""
A Uniswap v3 pool's decoded log as a table: CSV or Parquet in, events in order out.

One row an event. Columns are found by name, those of the usual exporters among them, and each event
needs only its own; cells of others stay empty. Numbers of 256 bits are text, never floats. Rows
stand in the order of the chain: blocks never go back, and within a block the log index rises. What
is wrong is an `InputError` that names file, row and column.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from headframe.errors import InputError
from headframe.exact.uniswap_v3_events import EVENTS, Event, Initialize
from headframe.sources.pool_cells import name as plain_name
from headframe.sources.pool_cells import time_ns
from headframe.sources.pool_rows import Columns, Rows, open_rows

COLUMNS: Columns = {
    "block_number": ("block_number", "blocknumber", "block", "evt_block_number"),
    "block_timestamp": (
        "block_timestamp", "blocktimestamp", "timestamp", "block_time", "evt_block_time",
    ),
    "transaction_hash": (
        "transaction_hash", "transactionhash", "tx_hash", "evt_tx_hash", "txhash",
    ),
    "log_index": ("log_index", "logindex", "evt_index", "event_index"),
    "event": ("event", "event_name", "eventname"),
    "owner": ("owner",),
    "tick_lower": ("tick_lower", "ticklower"),
    "tick_upper": ("tick_upper", "tickupper"),
    "amount": ("amount",),
    "amount0": ("amount0",),
    "amount1": ("amount1",),
    "sqrt_price_x96": ("sqrt_price_x96", "sqrtpricex96"),
    "liquidity": ("liquidity",),
    "tick": ("tick",),
    "paid0": ("paid0",),
    "paid1": ("paid1",),
    "fee_protocol0_new": ("fee_protocol0_new", "feeprotocol0new"),
    "fee_protocol1_new": ("fee_protocol1_new", "feeprotocol1new"),
    "observation_cardinality_next_new": (
        "observation_cardinality_next_new", "observationcardinalitynextnew",
    ),
}  # fmt: skip
"""Columns, the house's own name first, and what exporters call them; case does not matter."""
REQUIRED = ("block_number", "log_index", "event")
"""Columns that every table has; an event's own are asked for when it comes."""

_WHOLE = re.compile(r"-?[0-9]{1,78}")
_BITS = {
    "tick_lower": -24, "tick_upper": -24, "tick": -24, "amount": 128, "liquidity": 128,
    "sqrt_price_x96": 160, "paid0": 256, "paid1": 256, "fee_protocol0_new": 8,
    "fee_protocol1_new": 8, "observation_cardinality_next_new": 16,
}  # fmt: skip
# Widths of the contract's types, negative for signed ones. Amounts are signed in a swap only.
_KINDS = {kind.lower(): kind for kind in EVENTS}


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event, where it stands in its file, and where in the chain."""

    place: str
    block_number: int
    log_index: int
    block_timestamp: int | None
    transaction_hash: str
    event: Event


def whole(bits: int) -> Callable[[str], int]:
    """
    Reader of whole numbers of so many bits, signed where the number of bits is negative.

    >>> whole(-24)("-887272"), whole(256)("115792089237316195423570985008687907853")
    (-887272, 115792089237316195423570985008687907853)
    """
    low, high = (0, (1 << bits) - 1) if bits > 0 else (-(1 << -bits - 1), (1 << -bits - 1) - 1)
    words = f"{'a whole' if bits > 0 else 'a signed whole'} number of {abs(bits)} bits"

    def read(text: str) -> int:
        value = int(text) if _WHOLE.fullmatch(text) else None
        if value is None or not low <= value <= high:
            raise ValueError(f"{words}, in digits")
        return value

    return read


def read_events(path: Path, *, priced: bool = False) -> Iterator[LoggedEvent]:
    """
    Read a pool's log, row by row, in the order of the chain.

    `priced` says that the pool has a price already, so that the log need not begin with
    `Initialize`. Raises `InputError`, now or while rows are read: a column that is missing, a cell
    that means nothing, an unknown event, a block or a log index that goes back or comes twice, an
    event before `Initialize`.
    """
    rows = open_rows(path, COLUMNS)
    for column in REQUIRED:
        if column not in rows.at:
            raise InputError(f"{rows.name}, columns", None, f"needs a column {column}")
    return _in_order(_Reader(rows), priced)


def _in_order(reader: "_Reader", priced: bool) -> Iterator[LoggedEvent]:
    block, index, time_ts, empty = -1, -1, -1, True
    for number, cells in reader.rows.rows:
        logged = reader.event(number, cells)
        here = (logged.block_number, logged.log_index)
        if here == (block, index):
            raise InputError(logged.place, None, f"block {block}, log index {index} comes twice")
        if here < (block, index):
            said = f"goes back in the chain: block {here[0]}, log index {here[1]} after"
            raise InputError(logged.place, None, f"{said} {block}, {index}")
        if logged.block_timestamp is not None:
            if logged.block_timestamp < time_ts:
                raise InputError(logged.place, None, "the block's time goes back")
            time_ts = logged.block_timestamp
        if isinstance(logged.event, Initialize):
            if priced:
                raise InputError(logged.place, "Initialize", "the pool has a price already")
            priced = True
        elif not priced:
            kind = type(logged.event).__name__
            said = f"{kind} comes before Initialize: begin there, or give the pool's --state"
            raise InputError(logged.place, None, said)
        (block, index), empty = here, False
        yield logged
    if empty:
        raise InputError(reader.rows.name, None, "holds no events")


class _Reader:
    """Reads one row after the other; readers of cells are made once."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._names = {kind: [part.name for part in fields(cls)] for kind, cls in EVENTS.items()}
        self._reads: dict[str, Callable[[str], Any]] = {c: whole(b) for c, b in _BITS.items()}
        self._reads["owner"] = lambda text: plain_name(text.lower())
        self._amounts = {kind: whole(-256 if kind == "Swap" else 256) for kind in EVENTS}
        self._block, self._time = whole(64), "block_timestamp" in rows.at

    def event(self, number: int, cells: Sequence[str]) -> LoggedEvent:
        """The event of a row."""
        kind = self._read(number, cells, "event", _kind)
        values = []
        for column in self._names[kind]:
            read = self._reads.get(column) or self._amounts[kind]
            values.append(self._read(number, cells, column, read, kind))
        hash_at = self.rows.at.get("transaction_hash")
        return LoggedEvent(
            place=self.rows.place(number),
            block_number=self._read(number, cells, "block_number", self._block),
            log_index=self._read(number, cells, "log_index", self._block),
            block_timestamp=self._read(number, cells, "block_timestamp", _time_ts)
            if self._time
            else None,
            transaction_hash="" if hash_at is None else cells[hash_at].strip()[:80],
            event=EVENTS[kind](*values),
        )

    def _read(
        self,
        number: int,
        cells: Sequence[str],
        column: str,
        read: Callable[[str], Any],
        kind: str = "",
    ) -> Any:
        at = self.rows.at.get(column)
        if at is None:
            raise InputError(self.rows.place(number), None, f"{kind} needs a column {column}")
        return self.rows.cell(number, column, cells[at].strip(), read)


def _kind(text: str) -> str:
    found = _KINDS.get(text.lower())
    if found is None:
        raise ValueError(f"one of {', '.join(EVENTS)}")
    return found


def _time_ts(text: str) -> int:
    whole_s, rest = divmod(time_ns(text), 1_000_000_000)
    if rest:
        raise ValueError("a block's time in whole seconds")
    return whole_s
