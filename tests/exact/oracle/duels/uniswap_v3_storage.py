"""
Where the deployed v3 pool keeps what: our state as its storage words.

Slots were found by calling the pool and looking which words change (0: price, tick, memory, share;
1 and 2: fee growth; 3: protocol fees; 4: liquidity; mappings of ticks at 5, bitmap at 6, positions
at 7; the price memory from 8 on).
"""

from bisect import bisect_left, bisect_right
from typing import cast

from judge.abi import keccak, mapping_slot, pack

from headframe.exact.uniswap_v3 import Observation, Pool, PositionInfo, TickInfo

FIRST_NOTE = 8
WORD_TICKS = 256


class Layout:
    """One pool's words."""

    def __init__(self, address: str, pool: Pool) -> None:
        self.address = address
        self.pool = pool

    def keys(self) -> list[tuple[str, int, int]]:
        """Owner, lower and upper tick of every position ever opened."""
        return cast("list[tuple[str, int, int]]", list(self.pool.positions))

    def globals(self) -> dict[int, int]:
        """Words that any move may change."""
        pool, ring = self.pool, self.pool.observations
        words = {
            0: pack(
                (pool.sqrt_price_x96, 160),
                (pool.tick, 24),
                (ring.index, 16),
                (ring.cardinality, 16),
                (ring.cardinality_next, 16),
                (pool.fee_protocol0, 4),
                (pool.fee_protocol1, 4),
                (int(pool.sqrt_price_x96 != 0), 8),
            ),
            1: pool.fee_growth_global0_x128,
            2: pool.fee_growth_global1_x128,
            3: pack((pool.protocol_fees0, 128), (pool.protocol_fees1, 128)),
            4: pool.liquidity,
        }
        if ring.notes:
            words[FIRST_NOTE + ring.index] = _note_word(ring.notes[ring.index])
        return words

    def range(self, owner: str, lower: int, upper: int) -> dict[int, int]:
        """Words of one position and its two ticks."""
        words = self._position(owner, lower, upper)
        for tick in (lower, upper):
            words |= self._tick(tick) | self._bitmap(tick)
        return words

    def ticks_between(self, a: int, b: int) -> dict[int, int]:
        """Words of every initialised tick from one tick to another."""
        ticks, words = self.pool.initialized_ticks, {}
        for tick in ticks[bisect_left(ticks, min(a, b)) : bisect_right(ticks, max(a, b) + 1)]:
            words |= self._tick(tick)
        return words

    def everything(self) -> dict[int, int]:
        """All words that our state stands for."""
        words = self.globals()
        for place, note in enumerate(self.pool.observations.notes):
            words[FIRST_NOTE + place] = _note_word(note)
        for tick in self.pool.ticks:
            words |= self._tick(tick) | self._bitmap(tick)
        for owner, lower, upper in self.keys():
            words |= self._position(owner, lower, upper)
        return words

    def _tick(self, tick: int) -> dict[int, int]:
        info = self.pool.ticks.get(tick, TickInfo())
        slot = mapping_slot(tick, 5)
        return {
            slot: pack((info.liquidity_gross, 128), (info.liquidity_net, 128)),
            slot + 1: info.fee_growth_outside0_x128,
            slot + 2: info.fee_growth_outside1_x128,
            slot + 3: pack(
                (info.tick_cumulative_outside, 56),
                (info.seconds_per_liquidity_outside_x128, 160),
                (info.seconds_outside, 32),
                (int(tick in self.pool.ticks), 8),
            ),
        }

    def _bitmap(self, tick: int) -> dict[int, int]:
        spacing, ticks = self.pool.tick_spacing, self.pool.initialized_ticks
        number = tick // spacing // WORD_TICKS
        first = number * WORD_TICKS * spacing
        inside = ticks[bisect_left(ticks, first) : bisect_left(ticks, first + WORD_TICKS * spacing)]
        return {mapping_slot(number, 6): sum(1 << (t - first) // spacing for t in inside)}

    def _position(self, owner: str, lower: int, upper: int) -> dict[int, int]:
        info = self.pool.positions.get((owner, lower, upper), PositionInfo())
        ticks = b"".join((tick % (1 << 24)).to_bytes(3, "big") for tick in (lower, upper))
        slot = mapping_slot(keccak(bytes.fromhex(owner[2:]) + ticks), 7)
        return {
            slot: info.liquidity,
            slot + 1: info.fee_growth_inside0_last_x128,
            slot + 2: info.fee_growth_inside1_last_x128,
            slot + 3: pack((info.tokens_owed0, 128), (info.tokens_owed1, 128)),
        }


def _note_word(note: Observation) -> int:
    return pack(
        (note.block_timestamp, 32),
        (note.tick_cumulative, 56),
        (note.seconds_per_liquidity_cumulative_x128, 160),
        (int(note.initialized), 8),
    )
