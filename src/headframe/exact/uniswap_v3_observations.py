"""
Uniswap v3's price memory: what the average price was, seen from now.

A pool that is touched writes down, once a block, how much "tick times seconds" and "seconds per
unit of liquidity" has gathered since it was born. The difference of two such notes over the time
between them is the mean tick, the logarithm of the geometric mean price. The notes stand in a ring
that anybody may pay to lengthen; the newest overwrites the oldest.

Paper: "Uniswap v3 Core" (2021), section 5. Contract: @uniswap/v3-core 1.0.1 (BUSL-1.1), library
Oracle; written from the paper and the behaviour of the deployed bytecode, with the source closed.
Assumptions: notes span less than 2^32 seconds, since stamps are cut to 32 bits. Times are compared
by age, so that a stamp that has wrapped around still counts as younger.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from headframe.exact.fixed import div_trunc, revert_error, wrap_int, wrap_uint


class Observation(NamedTuple):
    """One note of the ring: unix time cut to 32 bits, and the two accumulators at that time."""

    block_timestamp: int
    tick_cumulative: int
    seconds_per_liquidity_cumulative_x128: int
    initialized: bool = True


PAID_FOR = Observation(1, 0, 0, initialized=False)
"""A slot of the ring that was paid for and not yet written; the contract stamps it with a one."""


@dataclass(slots=True)
class Ring:
    """
    The notes of one pool, in the order of their slots.

    `cardinality` slots are in use, `cardinality_next` will be once the newest note, at `index`,
    reaches the last slot in use.
    """

    index: int = 0
    cardinality: int = 0
    cardinality_next: int = 0
    notes: list[Observation] = field(default_factory=list)

    def newest(self) -> Observation:
        """Return the last note written; a pool that is not initialised has none (`Revert("I")`)."""
        if self.cardinality == 0:
            raise revert_error("I")
        return self.notes[self.index]


def start(ring: Ring, time_ts: int) -> None:
    """Write the first note: nothing has gathered yet."""
    ring.notes = [Observation(wrap_uint(time_ts, 32), 0, 0)]
    ring.index, ring.cardinality, ring.cardinality_next = 0, 1, 1


def transform(last: Observation, time_ts: int, tick: int, liquidity: int) -> Observation:
    """
    Return what a note becomes when a tick and a liquidity hold until a later time.

        tick_cumulative' = tick_cumulative + tick * dt                          (wraps at 56 bits)
        seconds_per_liquidity' = seconds_per_liquidity + dt * 2^128 / max(L, 1) (wraps at 160)

    Source: whitepaper sections 5.2 and 5.3; Oracle.transform.
    """
    time_ts = wrap_uint(time_ts, 32)
    dt_s = wrap_uint(time_ts - last.block_timestamp, 32)
    return Observation(
        time_ts,
        wrap_int(last.tick_cumulative + tick * dt_s, 56),
        wrap_uint(
            last.seconds_per_liquidity_cumulative_x128 + (dt_s << 128) // max(liquidity, 1), 160
        ),
    )


def write(ring: Ring, time_ts: int, tick: int, liquidity: int) -> None:
    """
    Write a note, at most one a block; the ring grows here if somebody paid for more slots.

    Source: whitepaper section 5.1; Oracle.write.
    """
    last = ring.newest()
    if last.block_timestamp == wrap_uint(time_ts, 32):
        return
    if ring.index == ring.cardinality - 1:
        ring.cardinality = ring.cardinality_next
    ring.index = (ring.index + 1) % ring.cardinality
    ring.notes[ring.index] = transform(last, time_ts, tick, liquidity)


def grow(ring: Ring, cardinality_next: int) -> None:
    """
    Pay for slots up to a number, which are used once the newest note reaches the end.

    Source: Oracle.grow. A number that is not larger changes nothing.
    """
    missing = cardinality_next - ring.cardinality_next
    if missing > 0:
        ring.notes += [PAID_FOR] * missing
        ring.cardinality_next = cardinality_next


def observe_single(
    ring: Ring, time_ts: int, seconds_ago: int, tick: int, liquidity: int
) -> tuple[int, int]:
    """
    Both accumulators as of so many seconds ago.

    A note that fits is returned as it stands; a time between two notes lies on the line between
    them; a time after the newest carries it on.

    Source: whitepaper section 5.1; Oracle.observeSingle.
    Returns the tick accumulator (56 bits, signed) and seconds per liquidity (160 bits, x128).
    Raises `Revert("OLD")` for a time before the oldest note, `Revert("I")` before the first.
    """
    newest = ring.newest()
    target_ts = wrap_uint(time_ts - seconds_ago, 32)
    if _age(newest, time_ts) >= seconds_ago:
        if newest.block_timestamp != target_ts:
            newest = transform(newest, target_ts, tick, liquidity)
        return newest[1:3]
    before, after = _surrounding(ring, time_ts, seconds_ago)
    if before.block_timestamp == target_ts:
        return before[1:3]
    if after.block_timestamp == target_ts:
        return after[1:3]
    return _between(before, after, wrap_uint(target_ts - before.block_timestamp, 32))


def observe(
    ring: Ring, time_ts: int, seconds_agos: Sequence[int], tick: int, liquidity: int
) -> tuple[list[int], list[int]]:
    """
    Both accumulators as of several times ago.

    Source: Oracle.observe. Raises `Revert` as `observe_single` does, and "I" without a note.
    """
    ring.newest()
    points = [observe_single(ring, time_ts, ago, tick, liquidity) for ago in seconds_agos]
    return [tick_cumulative for tick_cumulative, _ in points], [spl for _, spl in points]


def _age(note: Observation, time_ts: int) -> int:
    return wrap_uint(time_ts - note.block_timestamp, 32)


def _surrounding(ring: Ring, time_ts: int, seconds_ago: int) -> tuple[Observation, Observation]:
    # The slot after the newest is the oldest, unless the ring has not filled up yet.
    oldest = (ring.index + 1) % ring.cardinality
    if not ring.notes[oldest].initialized:
        oldest = 0
    young, old = (ring.index - oldest) % ring.cardinality, 0

    def note(place: int) -> Observation:
        return ring.notes[(oldest + place) % ring.cardinality]

    if _age(note(old), time_ts) < seconds_ago:
        raise revert_error("OLD", seconds_ago=seconds_ago)
    while young - old > 1:
        middle = (young + old) >> 1
        if _age(note(middle), time_ts) >= seconds_ago:
            old = middle
        else:
            young = middle
    return note(old), note(young)


def _between(before: Observation, after: Observation, since_s: int) -> tuple[int, int]:
    dt_s = wrap_uint(after.block_timestamp - before.block_timestamp, 32)
    tick_rise = wrap_int(after.tick_cumulative - before.tick_cumulative, 56)
    spl_rise_x128 = wrap_uint(
        after.seconds_per_liquidity_cumulative_x128 - before.seconds_per_liquidity_cumulative_x128,
        160,
    )
    # The mean tick is cut to whole ticks before it is multiplied again, as the contract does.
    tick_cumulative = before.tick_cumulative + div_trunc(tick_rise, dt_s) * since_s
    spl_x128 = before.seconds_per_liquidity_cumulative_x128 + spl_rise_x128 * since_s // dt_s
    return wrap_int(tick_cumulative, 56), wrap_uint(spl_x128, 160)
