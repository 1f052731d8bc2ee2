"""
How long FastLZ makes a string of bytes: the compressor by which the OP Stack measures transactions.

Bytes that occurred up to 8,191 places earlier become a reference of two or three bytes, all else
stands as it is behind a byte that counts it, up to 32 at a time. Where a triple of bytes was last
seen is kept in 8,192 cells by a hash, so some repetitions are missed; which ones is part of the
rule. Only the length is needed, so nothing is compressed here.

Source: A. Hidayat's FastLZ, level 1 (MIT), by the OP Stack's specification "Fjord: FastLZ
implementation", which asks for this algorithm to the byte. Judge: the bytecode of `GasPriceOracle`
1.3.0 (npm @eth-optimism/contracts-bedrock 0.17.3). Nothing of either source was copied.
"""

LONGEST_RUN = 32
"""Bytes that one counting byte introduces."""
LONGEST_MATCH = 262
"""Bytes that one reference can repeat, less the two that are understood."""
FARTHEST = 8_191
"""How far back a reference can point."""
CELLS = 8_192
"""Places that the hash tells apart."""
TAIL = 14
"""Bytes at the end in which no reference begins."""
UNTOUCHED = 4
"""Bytes at the end that no reference reaches."""
MULTIPLIER = 2_654_435_769
"""The hash's multiplier, 2^32 over the golden ratio."""


def compressed_length(data: bytes) -> int:
    """
    Length of `data` after FastLZ level 1.

    Source: OP Stack specification, Fjord.
    """
    limit, seen = len(data) - TAIL, [0] * CELLS
    total, kept_from, at = 0, 0, 2
    while at < limit:
        at, found = _next_match(data, seen, at, limit)
        if at >= limit:
            break
        length = _match_length(data, found, at)
        total += _run_length(at - kept_from) + _reference_length(length)
        at += length
        for _ in range(2):  # the last two triples of the match are remembered, the others are not
            seen[_hash(data, at)] = at
            at += 1
        kept_from = at
    return total + _run_length(len(data) - kept_from)


def _next_match(data: bytes, seen: list[int], at: int, limit: int) -> tuple[int, int]:
    """The next place whose triple was seen near enough, and where; at or past the limit if none."""
    while at < limit:
        cell = _hash(data, at)
        found, seen[cell] = seen[cell], at
        if at - found <= FARTHEST and data[at : at + 3] == data[found : found + 3]:
            return at, found
        at += 1
    return at, 0


def _match_length(data: bytes, found: int, at: int) -> int:
    """
    What a match counts for: bytes alike after the triple, and one more.

    Where the match runs into the end, there is no byte that differs, and so no one more.
    """
    alike = 0
    while at + 3 + alike < len(data) - UNTOUCHED:
        alike += 1
        if data[found + 2 + alike] != data[at + 2 + alike]:
            break
    return alike


def _hash(data: bytes, at: int) -> int:
    triple = data[at] | data[at + 1] << 8 | data[at + 2] << 16
    return (MULTIPLIER * triple >> 19) % CELLS


def _run_length(count: int) -> int:
    """Bytes as they are, and one that counts for each 32 begun."""
    return count + -(-count // LONGEST_RUN)


def _reference_length(length: int) -> int:
    """References of three bytes for each 262, and a last one of two where it is short."""
    full, rest = divmod(length - 1, LONGEST_MATCH)
    return 3 * full + (3 if rest >= 6 else 2)
