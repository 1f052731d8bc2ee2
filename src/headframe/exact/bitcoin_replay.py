"""
The replay of a run of Bitcoin headers, every rule of it that a header can break.

`verify_headers` walks any run as a node would and checks in this order: the link to the block
before, the bits (that they are the ones which the rules require, hence positive, in range and
retargeted), the proof of work, the time against the median of the eleven blocks before, BIP 94's
bound on time warps, the version, and the genesis hash. It needs what stands just before the run:
the first header of the period and the last eleven. It hands back the same for the run that
follows, so that a long file can be read in pieces.

Errors: what a *node would refuse* is a `Revert` whose `data` is Core's own reject code and whose
numbers begin with the height; what is *not a run of headers at all* (cut short, no context, a
context that contradicts itself) is an `InputError` that names the height where it starts.
Source: Bitcoin Core, `src/pow.cpp` and `ContextualCheckBlockHeader` in `src/validation.cpp`
(MIT), by behaviour; BIP 94 (CC0).
Assumptions: context headers are trusted. The rule that a time is not two hours ahead of the
receiver's clock is about when a block arrives, not whether it is valid, and is left out.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from headframe.errors import InputError, InvariantError, Revert
from headframe.exact.bitcoin_chains import MAINNET, MAX_TIMEWARP_S, MEDIAN_SPAN, ChainParameters
from headframe.exact.bitcoin_compact import block_work, target_fault, target_from_compact
from headframe.exact.bitcoin_consensus import next_bits
from headframe.exact.bitcoin_headers import (
    HEADER_BYTES,
    NO_PARENT,
    Header,
    header_hash,
    header_hashes,
    parse_header,
    shown_hash,
)

_CHECKED = struct.Struct("<i32s32xII4x")  # the fields that a rule reads
_DIGEST = struct.Struct("32s")


class HeaderContext(NamedTuple):
    """
    What a run of headers is judged by: raw headers that stand before it (any such pair will do).

    Parameters
    ----------
    period_start
        First header of the difficulty period that the run's parent belongs to.
    parents
        The eleven headers before the run, oldest first (all of them below height 11).
    """

    period_start: bytes
    parents: tuple[bytes, ...]


@dataclass(frozen=True)
class HeaderRun:
    """
    A verified run: `count` headers from `from_height`, and what the next run needs.

    `work` is the sum of their block work in hashes, `tip_hash` the last one's digest.
    """

    from_height: int
    count: int
    tip_hash: bytes
    work: int
    context: HeaderContext

    @property
    def next_height(self) -> int:
        """Height of the block that follows the run."""
        return self.from_height + self.count


def verify_headers(
    headers: bytes | Iterable[bytes],
    from_height: int,
    context: tuple[bytes, tuple[bytes, ...]] | None = None,
    *,
    chain: ChainParameters = MAINNET,
    bip94: bool | None = None,
    hashes: Callable[[bytes], bytes] = header_hashes,
) -> HeaderRun:
    """
    Replay a run of headers from a height on and return what the next run needs.

    `headers` is one row of bytes or an iterable of 80-byte headers; `context` is the pair
    (period's first header, the eleven before the run), none at height 0. `bip94` overrides the
    chain's own setting. `hashes` turns the row of headers into their digests in one call: give
    the compiled one for speed.

    Raises `Revert` where a node would refuse a header (data: Core's reject code; numbers:
    height first), `InputError` where the bytes are not headers or the context does not fit.
    """
    rules = chain if bip94 is None else replace(chain, bip94=bip94)
    raw = _joined(headers, from_height)
    count = len(raw) // HEADER_BYTES
    digests = hashes(raw)
    if len(digests) != 32 * count:
        raise InvariantError(f"{count} headers have {count} digests, not {len(digests)} bytes")
    walk = _Walk(rules, from_height, context, digests)
    for (version, parent, ts, bits), (digest,) in zip(
        _CHECKED.iter_unpack(raw), _DIGEST.iter_unpack(digests), strict=True
    ):
        walk.step(version, parent, ts, bits, digest)
    return HeaderRun(from_height, count, walk.tip, walk.work, _context_after(raw, walk, context))


class _Walk:
    # Where a replay stands: the tip, the period it is in, and the last eleven times.
    __slots__ = (
        "bits",
        "chain",
        "digests",
        "from_height",
        "height",
        "newest_ts",
        "period_bits",
        "period_ts",
        "target",
        "times",
        "tip",
        "tip_bits",
        "tip_ts",
        "top_version",
        "unit_work",
        "work",
    )

    def __init__(
        self,
        chain: ChainParameters,
        from_height: int,
        context: tuple[bytes, tuple[bytes, ...]] | None,
        digests: bytes,
    ) -> None:
        self.chain, self.digests, self.from_height = chain, digests, from_height
        self.height, self.work = from_height, 0
        self.bits = -1  # no target looked up yet
        self.target = self.unit_work = 0
        self.top_version = max((version for _, version in chain.version_floors), default=-(2**31))
        if from_height == 0:
            if context is not None:
                raise InputError("context", context, "nothing stands before height 0")
            self.tip, self.times, self.newest_ts = NO_PARENT, [], -1
            self.tip_ts = self.tip_bits = self.period_ts = self.period_bits = 0
            return
        start, parents = _checked_context(context, from_height, chain)
        self.period_ts, self.period_bits = start.ts, start.bits
        self.tip = header_hash(parents[-1])
        last = parse_header(parents[-1])
        self.tip_ts, self.tip_bits = last.ts, last.bits
        self.times = [parse_header(raw).ts for raw in parents]
        self.newest_ts = max(self.times)

    def step(self, version: int, parent: bytes, ts: int, bits: int, digest: bytes) -> None:
        chain, height = self.chain, self.height
        if parent != self.tip:
            raise self._bad_link(parent)
        starts_period = height % chain.interval == 0
        if bits != self._required_bits(ts, bits, starts_period):
            raise self._bad_bits(ts, bits, starts_period)
        if bits != self.bits:
            self.bits, self.unit_work = bits, block_work(bits)
            self.target = target_from_compact(bits)[0]
        if int.from_bytes(digest, "little") > self.target:
            raise _refused(
                "high-hash",
                height,
                f"hash {shown_hash(digest)} is above the target of bits {bits:#010x}",
                bits=bits,
            )
        # A time after every time so far is after their median: most blocks need no sorting.
        if ts <= self.newest_ts:
            self._check_time(ts, starts_period)
        if version < self.top_version:
            self._check_version(version)
        if height == 0 and chain.genesis_hash not in (None, digest):
            raise _refused(
                "bad-genesis", 0, f"{shown_hash(digest)} is not the first block of {chain.name}"
            )
        if starts_period:
            self.period_ts, self.period_bits = ts, bits
        self._advance(ts, bits, digest)

    def _advance(self, ts: int, bits: int, digest: bytes) -> None:
        self.tip, self.tip_ts, self.tip_bits = digest, ts, bits
        self.times.append(ts)
        if len(self.times) > 4 * MEDIAN_SPAN:  # trimmed now and then, not at every block
            del self.times[:-MEDIAN_SPAN]
        if ts > self.newest_ts:
            self.newest_ts = ts
        self.work += self.unit_work
        self.height += 1

    def _required_bits(self, ts: int, bits: int, starts_period: bool) -> int:
        chain = self.chain
        if starts_period:
            if self.height == 0:  # the first block says where the chain starts, within the limit
                return -1 if target_fault(bits, limit_target=chain.limit_target) else bits
            base = self.period_bits if chain.bip94 else self.tip_bits
            return next_bits(base, self.period_ts, self.tip_ts, chain=chain)
        if chain.allow_min_difficulty and ts > self.tip_ts + 2 * chain.spacing_s:
            return chain.limit_bits
        # Core walks back to the last block without the exception; every such block of a period
        # carries the bits of its first, by induction, so that one is enough.
        return self.period_bits

    def _bad_link(self, parent: bytes) -> Revert:
        why = f"it points to {shown_hash(parent)}, the block before is {shown_hash(self.tip)}"
        at = self.digests.find(parent)
        if at >= 0 and at % 32 == 0:
            why += f"; out of order: its parent is header {self.from_height + at // 32} of this run"
        return _refused("prev-blk-not-found", self.height, why)

    def _bad_bits(self, ts: int, bits: int, starts_period: bool) -> Revert:
        fault = target_fault(bits, limit_target=self.chain.limit_target)
        if fault:
            return _refused("bad-diffbits", self.height, f"bits {bits:#010x}: {fault}", bits=bits)
        required = self._required_bits(ts, bits, starts_period)
        rule = "the retarget" if starts_period else "its period"
        return _refused(
            "bad-diffbits",
            self.height,
            f"bits {bits:#010x}, but {rule} requires {required:#010x}",
            bits=bits,
            required_bits=required,
        )

    def _check_time(self, ts: int, starts_period: bool) -> None:
        window = sorted(self.times[-MEDIAN_SPAN:])
        median_ts = window[len(window) // 2]
        if ts <= median_ts:
            raise _refused(
                "time-too-old",
                self.height,
                f"its time {ts} is not after {median_ts}, "
                f"the median of the {len(window)} blocks before",
                ts=ts,
                median_ts=median_ts,
            )
        earliest_ts = self.tip_ts - MAX_TIMEWARP_S
        if self.chain.bip94 and starts_period and ts < earliest_ts:
            raise _refused(
                "time-timewarp-attack",
                self.height,
                f"its time {ts} is before "
                f"{earliest_ts}, the least for a period's first block (BIP 94)",
                ts=ts,
                earliest_ts=earliest_ts,
            )

    def _check_version(self, version: int) -> None:
        reached = [least for height, least in self.chain.version_floors if self.height >= height]
        least = max(reached, default=version)
        if version < least:
            raise _refused(
                "bad-version",
                self.height,
                f"version {version}, at least {least} is required from here on",
                version=version,
                least_version=least,
            )


def _refused(code: str, height: int, why: str, **numbers: int) -> Revert:
    return Revert(f"{code}: header {height}: {why}", code.encode(), height=height, **numbers)


def _joined(headers: bytes | Iterable[bytes], from_height: int) -> bytes:
    if from_height < 0:
        raise InputError("from_height", from_height, "a height is 0 or more")
    if isinstance(headers, bytes | bytearray | memoryview):
        raw = bytes(headers)
        whole, rest = divmod(len(raw), HEADER_BYTES)
        if rest:
            height = from_height + whole
            raise InputError(f"header {height}", raw[-rest:], f"80 bytes; cut short after {rest}")
    else:
        parts = list(headers)
        for height, part in enumerate(parts, from_height):
            if len(part) != HEADER_BYTES:
                raise InputError(f"header {height}", part, f"80 bytes, not {len(part)}")
        raw = b"".join(parts)
    if not raw:
        raise InputError(f"header {from_height}", b"", "at least one header of 80 bytes")
    return raw


def _checked_context(
    context: tuple[bytes, tuple[bytes, ...]] | None,
    from_height: int,
    chain: ChainParameters,
) -> tuple[Header, tuple[bytes, ...]]:
    wanted = min(MEDIAN_SPAN, from_height)
    if context is None:
        raise InputError(
            "context",
            None,
            f"height {from_height} needs its period's first header "
            f"and the {wanted} headers before it",
        )
    start, parents = context[0], tuple(context[1])
    if len(parents) != wanted:
        raise InputError(
            "context.parents", len(parents), f"the {wanted} headers before height {from_height}"
        )
    oldest = from_height - wanted
    for height, (older, newer) in enumerate(pairwise(parents), oldest + 1):
        if header_hash(older) != parse_header(newer).previous_hash:
            raise InputError(
                "context.parents", newer, f"header {height} links to header {height - 1}"
            )
    start_height = (from_height - 1) // chain.interval * chain.interval
    if start_height >= oldest and parents[start_height - oldest] != start:
        raise InputError("context.period_start", start, f"header {start_height}, as in parents")
    return parse_header(start), parents


def _context_after(
    raw: bytes,
    walk: _Walk,
    context: tuple[bytes, tuple[bytes, ...]] | None,
) -> HeaderContext:
    count = len(raw) // HEADER_BYTES
    from_height = walk.height - count
    tail = raw[-MEDIAN_SPAN * HEADER_BYTES :]
    own = tuple(tail[at : at + HEADER_BYTES] for at in range(0, len(tail), HEADER_BYTES))
    before = () if context is None else tuple(context[1])
    start_height = (walk.height - 1) // walk.chain.interval * walk.chain.interval
    if start_height >= from_height:
        at = (start_height - from_height) * HEADER_BYTES
        start = raw[at : at + HEADER_BYTES]
    else:
        start = b"" if context is None else context[0]
    return HeaderContext(start, (before + own)[-MEDIAN_SPAN:])
