"""
A real pool's share log and found-blocks log, checked row by row and joined for the ledger.

The share log says who worked, the blocks log which shares were blocks and what they paid; both are
CSV or Parquet with named columns (`pool_share_rows`, `pool_block_rows`). What comes out is the
ledger's input: share by share who did how much work, and which shares were blocks that count.

Money depends on each row, so nothing is repaired: an unknown miner, a time that goes back, a
difficulty that is not above 0, a share or a block that is there twice, a block whose share is not
in the log, an orphan that no block is, a gap: each stops the reading with the row and what is
wrong with it, and as a statement needs the whole log, before anyone is paid.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from headframe.errors import InputError
from headframe.exact.pool_shares import Event, FoundBlock
from headframe.sources import pool_cells
from headframe.sources.pool_block_rows import BlockRow, read_blocks
from headframe.sources.pool_rows import open_rows
from headframe.sources.pool_share_rows import ShareRows, ShareRules

PAID_COLUMNS = {"miner": ("miner",), "paid_sat": ("paid_sat",)}
"""Columns of a file of payments made."""


class PoolLog:
    """
    The two logs of a pool, opened; `events` walks through them once.

    When the walk has ended, `n_rejected` counts the shares that the pool did not accept and
    `pending` holds the blocks that have yet to mature.
    """

    def __init__(
        self, shares: Path, blocks: Path, rules: ShareRules, *, orphans: Sequence[str] = ()
    ) -> None:
        self.pending: list[BlockRow] = []
        self._shares = ShareRows(shares, rules)
        self._blocks = read_blocks(
            blocks, by_id=self._shares.has_ids, subsidy_sat=rules.subsidy_sat, orphans=orphans
        )

    @property
    def n_rejected(self) -> int:
        """Shares that the log says were not accepted."""
        return self._shares.n_rejected

    def events(self) -> Iterator[Event]:
        """Each accepted share and the block that it was; raises `InputError` or `GapError`."""
        waiting = {row.key: row for row in self._blocks}
        n_shares = 0
        for share, key in self._shares.accepted():
            n_shares += 1
            found = waiting.pop(key, None)
            yield share, None if found is None else self._counted(found, share.miner)
        for block in waiting.values():
            what = "share" if self._shares.has_ids else "time and miner"
            raise InputError(block.place, None, f"needs its share: none accepted has its {what}")
        if n_shares == 0:
            raise InputError(self._shares.table.name, None, "has no accepted share")

    def _counted(self, found: BlockRow, miner: str) -> FoundBlock | None:
        if found.miner and found.miner != miner:
            there = self._shares.place("miner")
            raise InputError(f"{found.place}, miner", found.miner, f"must be as in {there}")
        if found.status == "pending":
            self.pending.append(found)
            return None
        if self.pending and found.status == "confirmed":
            first = self.pending[0].place
            raise InputError(found.place, None, f"cannot be confirmed before {first}")
        return found.block


def read_miners(path: Path) -> frozenset[str]:
    """The miners there are, from a text file of one name a line; `#` begins a remark."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(str(path), None, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise InputError(path.name, None, "must be UTF-8 text") from None
    names = set()
    for number, line in enumerate(lines, 1):
        name = line.partition("#")[0].strip()
        try:
            names |= {pool_cells.name(name)} if name else set()
        except ValueError as error:
            raise InputError(f"{path.name} line {number}", name, str(error)) from None
    if not names:
        raise InputError(path.name, None, "names no miner")
    return frozenset(names)


def read_paid(path: Path) -> dict[str, int]:
    """
    What miners have been paid so far, in satoshi, from columns miner and paid_sat.

    A file of payouts is one. `InputError` for a miner who is there twice.
    """
    table = open_rows(path, PAID_COLUMNS)
    for column in PAID_COLUMNS:
        if column not in table.at:
            raise InputError(table.name, None, f"needs a column {column}")
    paid: dict[str, int] = {}
    for number, cells in table.rows:
        miner = table.cell(number, "miner", cells[table.at["miner"]], pool_cells.name)
        if miner in paid:
            raise InputError(table.place(number, "miner"), miner, "must be there once")
        amount = cells[table.at["paid_sat"]]
        paid[miner] = table.cell(number, "paid_sat", amount, pool_cells.whole)
    return paid
