"""
Rows of a pool's share log: each accepted share as the ledger takes it, or what is wrong with it.

A share log has a row for each share, in the order in which they came in. `SHARE_COLUMNS` says what
the columns are called; time, miner and difficulty must be there, and where a column is missing that
the scheme needs, `ShareRules` has one value for all rows.

A walk through a log is one loop over its rows. Most cells of a row are those of an earlier one (the
same miner, the same difficulties), so each text is read and checked when it is first seen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from headframe.errors import GapError, InputError
from headframe.exact.bitcoin import subsidy_sat as subsidy_at_height_sat
from headframe.exact.pool_shares import Share, share_work_x96_down
from headframe.sources import pool_cells
from headframe.sources.pool_rows import open_rows

SHARE_COLUMNS = {
    "time": ("time", "created"),
    "miner": ("miner",),
    "difficulty": ("difficulty",),
    "network_difficulty": ("network_difficulty", "networkdifficulty"),
    "share": ("share",),
    "sequence": ("sequence",),
    "accepted": ("accepted",),
    "height": ("height", "blockheight"),
    "subsidy_sat": ("subsidy_sat",),
    "fees_sat": ("fees_sat",),
    "pool": ("pool", "poolid"),
}
"""Columns of a share log, and what else they may be called (the names in Miningcore's tables)."""
CACHED = 100_000
"""Combinations of difficulty and reward that are remembered at a time."""
NEVER_NS = 1 << 80
"""Later than any time, longer than any gap."""
T = TypeVar("T")
"""What a cell means."""


@dataclass(frozen=True, kw_only=True)
class ShareRules:
    """What a share log is held to, and what it may leave out."""

    network_difficulty: Fraction | None = None
    """The network's difficulty, for a log without that column."""
    subsidy_sat: int | None = None
    """A block's subsidy, for a log without that column; else Bitcoin's at the row's height."""
    fees_sat: int | None = None
    """Fees that a block is expected to carry, for a log without that column."""
    subsidy_per_share: bool = False
    """Whether the scheme pays the subsidy per share, so that each share needs it."""
    fees_per_share: bool = False
    """Whether the scheme pays fees per share, so that each share needs them."""
    miners: frozenset[str] | None = None
    """The miners there are; None takes any name."""
    max_gap_s: float | None = None
    """Longest time without a share; None takes any."""


class ShareRows:
    """A share log, opened; `accepted` walks through it once and counts what was rejected."""

    def __init__(self, path: Path, rules: ShareRules) -> None:
        self.table, self.rules = open_rows(path, SHARE_COLUMNS), rules
        self.n_rejected = 0
        self.number = 0
        self._sequence = -1
        self._ids: dict[str, int] = {}
        self._miners: set[str] = set()
        self._pool = ""
        self._worth: dict[tuple[str, ...], tuple[int, int, int]] = {}
        self._require()

    @property
    def has_ids(self) -> bool:
        """Whether shares have ids, so that doubles can be told."""
        return "share" in self.table.at

    def place(self, column: str = "") -> str:
        """Where a cell of the present row stands."""
        return self.table.place(self.number, column)

    def accepted(self) -> Iterator[tuple[Share, object]]:
        """
        Each accepted share, and its key: its id, or where the log has none its time and miner.

        `number` is its row. `InputError` or `GapError` names the row that cannot be.
        """
        at, known, miners, ids = self.table.at, self._worth, self._miners, self._ids
        when, who, id_at = at["time"], at["miner"], at.get("share")
        # "accepted" last: a share that was refused has its place in the sequence too
        flags = [column for column in ("pool", "sequence", "accepted") if column in at]
        # "difficulty" twice, so that even one column makes a tuple
        worth_of = itemgetter(at["difficulty"], *(at[column] for column in self._priced()))
        time_text, now, latest, longest = None, 0, NEVER_NS, self._longest_ns()
        for number, cells in self.table.rows:
            self.number = number
            if cells[when] != time_text:
                time_text, before = cells[when], now
                now = self.table.cell(number, "time", time_text, pool_cells.time_ns)
                if not before <= now <= latest:
                    self._refuse_time(time_text, before, now)
                latest = now + longest
            if flags and not all(self._passes(flag, cells[at[flag]]) for flag in flags):
                self.n_rejected += 1
                continue
            miner = cells[who]
            if miner not in miners:
                self._admit(miner)
            texts = worth_of(cells)
            worth = known[texts] if texts in known else self._price(texts)
            if id_at is None:
                yield Share(miner, *worth), (now, miner)
                continue
            share = cells[id_at]
            if not share or share in ids:
                self._refuse_id(share)
            ids[share] = number
            yield Share(miner, *worth), share

    def _require(self) -> None:
        at, rules, name = self.table.at, self.rules, self.table.name
        for column in ("time", "miner", "difficulty"):
            if column not in at:
                either = " or ".join(SHARE_COLUMNS[column])
                raise InputError(name, None, f"needs a column {either}")
        if "network_difficulty" not in at and rules.network_difficulty is None:
            raise InputError(name, None, "needs a column network_difficulty, or one for all rows")
        if rules.subsidy_per_share and not (
            {"subsidy_sat", "height"} & set(at) or rules.subsidy_sat is not None
        ):
            raise InputError(name, None, "needs a column subsidy_sat or height, or one subsidy")
        if rules.fees_per_share and "fees_sat" not in at and rules.fees_sat is None:
            raise InputError(name, None, "needs a column fees_sat, or one amount for all rows")

    def _priced(self) -> list[str]:
        # The columns, "difficulty" first, from which a share's work and reward follow.
        columns = ["difficulty", "network_difficulty"]
        if self.rules.subsidy_per_share:
            given = "subsidy_sat" in self.table.at or self.rules.subsidy_sat is not None
            columns.append("subsidy_sat" if given else "height")
        if self.rules.fees_per_share:
            columns.append("fees_sat")
        return [column for column in columns if column in self.table.at]

    def _price(self, texts: tuple[str, ...]) -> tuple[int, int, int]:
        cells = dict(zip(self._priced(), texts[1:], strict=True))
        worth = self._work_x96(cells), self._subsidy_sat(cells), self._fees_sat(cells)
        if len(self._worth) >= CACHED:
            self._worth.clear()
        self._worth[texts] = worth
        return worth

    def _work_x96(self, cells: dict[str, str]) -> int:
        difficulty = self._cell("difficulty", cells, pool_cells.positive)
        network = self.rules.network_difficulty
        if network is None or "network_difficulty" in cells:
            network = self._cell("network_difficulty", cells, pool_cells.positive)
        try:
            return share_work_x96_down(difficulty=difficulty, network_difficulty=network)
        except InputError as error:
            raise error.within(self.place()) from None

    def _subsidy_sat(self, cells: dict[str, str]) -> int:
        if not self.rules.subsidy_per_share:
            return 0
        if "subsidy_sat" in cells:
            return self._cell("subsidy_sat", cells, pool_cells.whole)
        if self.rules.subsidy_sat is not None:
            return self.rules.subsidy_sat
        return subsidy_at_height_sat(self._cell("height", cells, pool_cells.whole))

    def _fees_sat(self, cells: dict[str, str]) -> int:
        if not self.rules.fees_per_share:
            return 0
        if "fees_sat" in cells:
            return self._cell("fees_sat", cells, pool_cells.whole)
        return self.rules.fees_sat or 0

    def _cell(self, column: str, cells: dict[str, str], read: Callable[[str], T]) -> T:
        return self.table.cell(self.number, column, cells[column], read)

    def _longest_ns(self) -> int:
        longest_s = self.rules.max_gap_s
        return NEVER_NS if longest_s is None else round(longest_s * pool_cells.NS_PER_S)

    def _refuse_time(self, text: str, before: int, now: int) -> None:
        place = self.place("time")
        if now < before:
            raise InputError(place, text, "time must not go back: the row before is later")
        lost_s = (now - before) // pool_cells.NS_PER_S
        raise GapError(f"{lost_s} s without a share before this row", source=place)

    def _passes(self, flag: str, text: str) -> bool:
        if flag == "accepted":
            return self.table.cell(self.number, flag, text, pool_cells.truth)
        if flag == "sequence":
            self._follow(self.table.cell(self.number, flag, text, pool_cells.whole))
        else:
            self._pool = self._pool or self.table.cell(self.number, flag, text, pool_cells.name)
            if text != self._pool:
                said = f"one pool's log; the rows before are {self._pool}'s"
                raise InputError(self.place(flag), text, said)
        return True

    def _follow(self, sequence: int) -> None:
        expected, place = self._sequence + 1, self.place("sequence")
        if self._sequence >= 0 and sequence < expected:
            raise InputError(place, sequence, f"must be {expected}; this row has been there before")
        if self._sequence >= 0 and sequence > expected:
            raise GapError(f"{sequence} follows {self._sequence}: rows are missing", source=place)
        self._sequence = sequence

    def _admit(self, miner: str) -> None:
        self.table.cell(self.number, "miner", miner, pool_cells.name)
        if self.rules.miners is not None and miner not in self.rules.miners:
            raise InputError(self.place("miner"), miner, "must be one of the miners that there are")
        self._miners.add(miner)

    def _refuse_id(self, share: str) -> None:
        if not share:
            raise InputError(self.place("share"), share, "every share must have its id")
        first = self.table.place(self._ids[share])
        raise InputError(self.place("share"), share, f"must be there once; {first} has it too")
