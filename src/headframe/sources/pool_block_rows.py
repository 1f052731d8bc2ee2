"""
Rows of a pool's found-blocks log: what each block paid, which share it was, what became of it.

`BLOCK_COLUMNS` says what the columns are called. A block is tied to its share by the share's id,
or where the share log has none by the time and the miner that both logs give. Its reward is given
as subsidy and fees, or as one amount from which the subsidy (told, or Bitcoin's at that height) is
taken off. A block that has not matured is `pending`: it waits, and is paid by a later run.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from headframe.errors import InputError
from headframe.exact.bitcoin import subsidy_sat as subsidy_at_height_sat
from headframe.exact.pool_shares import FoundBlock
from headframe.sources import pool_cells
from headframe.sources.pool_rows import Rows, open_rows

BLOCK_COLUMNS = {
    "time": ("time", "created"),
    "miner": ("miner",),
    "share": ("share",),
    "block": ("block", "hash"),
    "height": ("height", "blockheight"),
    "subsidy_sat": ("subsidy_sat",),
    "fees_sat": ("fees_sat",),
    "reward_sat": ("reward_sat",),
    "reward": ("reward",),
    "status": ("status",),
}
"""Columns of a blocks log, and what else they may be called (the names in Miningcore's tables)."""
STATUSES = ("confirmed", "pending", "orphaned")
"""What a block can be: it counts, it waits, it is lost. Without that column all count."""
T = TypeVar("T")
"""What a cell means."""


@dataclass(frozen=True)
class BlockRow:
    """A row of a blocks log."""

    place: str
    """Where it stands."""
    key: object
    """The share that it was: its id, or its time and miner."""
    miner: str
    """Who found it; empty where the log does not say."""
    height: str
    """Its height; empty where the log does not say."""
    status: str
    """One of `STATUSES`."""
    block: FoundBlock
    """What the ledger takes."""


def read_blocks(
    path: Path, *, by_id: bool, subsidy_sat: int | None = None, orphans: Sequence[str] = ()
) -> list[BlockRow]:
    """
    Read and check a blocks log.

    Parameters
    ----------
    by_id
        Whether blocks are tied to shares by the share's id.
    subsidy_sat
        A block's subsidy, for a log without that column; else Bitcoin's at the block's height.
    orphans
        Blocks, by name or height, that are orphaned whatever their status says.

    Raises
    ------
    InputError
        Names the row: no share, no amount, amounts that disagree, a block or a share twice, two
        blocks of one height that both count; an orphan that no row has.
    """
    table = open_rows(path, BLOCK_COLUMNS)
    for column in ("share",) if by_id else ("time", "miner"):
        if column not in table.at:
            raise InputError(table.name, None, f"needs a column {column} to find a block's share")
    cells = (_Cells(table, number, texts) for number, texts in table.rows)
    rows = [_block_row(row, by_id, subsidy_sat, orphans) for row in cells]
    _refuse_unknown(orphans, rows, table.name)
    _refuse_twice(rows)
    return rows


@dataclass(frozen=True)
class _Cells:
    # One row: cells by column, read where they are needed.
    table: Rows
    number: int
    texts: Sequence[str]

    def place(self, column: str = "") -> str:
        return self.table.place(self.number, column)

    def text(self, column: str) -> str:
        position = self.table.at.get(column)
        return "" if position is None else self.texts[position]

    def read(self, column: str, read: Callable[[str], T]) -> T:
        return self.table.cell(self.number, column, self.text(column), read)

    def maybe(self, column: str, read: Callable[[str], T]) -> T | None:
        return self.read(column, read) if self.text(column) else None


def _block_row(
    row: _Cells, by_id: bool, subsidy_sat: int | None, orphans: Collection[str]
) -> BlockRow:
    number = row.maybe("height", pool_cells.whole)
    height = "" if number is None else str(number)
    miner = (row.maybe if by_id else row.read)("miner", pool_cells.name) or ""
    name = row.maybe("block", pool_cells.name) or ""
    key: object = row.read("share", pool_cells.name) if by_id else None
    if not by_id:
        key = row.read("time", pool_cells.time_ns), miner
    status = row.text("status").lower() if "status" in row.table.at else STATUSES[0]
    if status not in STATUSES:
        raise InputError(row.place("status"), status, f"one of {', '.join(STATUSES)}")
    if {name, height} & set(orphans):
        status = "orphaned"
    amounts = _amounts_sat(row, number, subsidy_sat, counts=status == STATUSES[0])
    block = FoundBlock(name or row.place(), *amounts, orphaned=status == "orphaned")
    return BlockRow(row.place(), key, miner, height, status, block)


def _amounts_sat(
    row: _Cells, height: int | None, subsidy_sat: int | None, *, counts: bool
) -> tuple[int, int]:
    # Subsidy and fees. A block that does not count may leave them out, or have them at 0.
    reward = row.maybe("reward_sat", pool_cells.whole)
    if reward is None:
        reward = row.maybe("reward", pool_cells.coins_sat)
    fees = row.maybe("fees_sat", pool_cells.whole)
    subsidy = row.maybe("subsidy_sat", pool_cells.whole)
    if subsidy is None:
        subsidy = subsidy_sat
    if subsidy is None and height is not None:
        subsidy = subsidy_at_height_sat(height)
    if not counts and (subsidy is None or not reward):
        return subsidy or 0, fees or 0
    if subsidy is None:
        raise InputError(row.place(), None, "needs a subsidy_sat or a height")
    if fees is None:
        if reward is None:
            raise InputError(row.place(), None, "needs fees_sat or a reward")
        if reward < subsidy:
            said = f"must be at least the subsidy, {subsidy} satoshi"
            raise InputError(row.place("reward"), reward, said)
        return subsidy, reward - subsidy
    if reward is not None and reward != subsidy + fees:
        said = f"must be subsidy and fees, {subsidy + fees} satoshi"
        raise InputError(row.place("reward"), reward, said)
    return subsidy, fees


def _refuse_twice(rows: Sequence[BlockRow]) -> None:
    names: dict[str, str] = {}
    shares: dict[object, str] = {}
    heights: dict[str, str] = {}
    for row in rows:
        name, place, height = row.block.name, row.place, row.height
        if name in names:
            raise InputError(f"{place}, block", name, f"must be there once; {names[name]} has it")
        if row.key in shares:
            raise InputError(
                place, None, f"must have its own share; {shares[row.key]} has the same"
            )
        if height and row.status != "orphaned":
            if height in heights:
                said = f"one block that counts at a height; {heights[height]} is one"
                raise InputError(f"{place}, height", height, said)
            heights[height] = place
        names[name] = shares[row.key] = place


def _refuse_unknown(orphans: Sequence[str], rows: Sequence[BlockRow], name: str) -> None:
    for orphan in orphans:
        found = [row.place for row in rows if orphan in (row.block.name, row.height)]
        if not found:
            raise InputError("orphan", orphan, f"must be a block or a height of {name}")
        if len(found) > 1:
            raise InputError("orphan", orphan, f"must be one block; {' and '.join(found)} have it")
