"""
A miner in plain Python: it does the work of a block, one hash after another.

Mining is a search for a nonce that makes the header's hash fall at or under the target. There is
no better way than to try, so the number of tries is geometric with chance (target + 1) / 2^256 a
try. At a few hundred thousand tries a second this is no business; on a private chain with an easy
target it makes headers that are valid to the last rule, which is what tests and lessons need.

Source: the search that Bitcoin Core's `generateblock` makes on regtest (MIT), by behaviour.
Assumptions: the merkle root is the caller's; no transactions are built.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import PRIVATE, ChainParameters
from headframe.exact.bitcoin_compact import valid_target
from headframe.exact.bitcoin_consensus import next_bits
from headframe.exact.bitcoin_headers import (
    NO_PARENT,
    Header,
    serialize_header,
)

NONCES = 1 << 32
"""How many nonces one header has."""
BLOCK_VERSION = 0x2000_0000
"""Version that a block without signals carries (BIP 9)."""
FIRST_TS = 1_231_006_505
"""Time of a mined chain's block 0 unless told otherwise: the genesis block's."""

_NONCE = struct.Struct("<I")


@dataclass(frozen=True)
class MinedHeader:
    """A header that meets its target, its digest, and how many hashes it took to find."""

    raw: bytes
    digest: bytes
    tries: int


def mine_header(
    header: Header, *, chain: ChainParameters = PRIVATE, max_tries: int = NONCES
) -> MinedHeader | None:
    """
    Search nonces from the header's own upward until the hash meets the header's bits.

    None when `max_tries` nonces, or all that are left, have failed: a miner then changes the time
    or the merkle root. Expected tries are `block_work(header.bits)`.

    Raises `InputError` for bits that the chain does not allow.
    """
    target = valid_target(header.bits, limit_target=chain.limit_target, place="header.bits")
    if max_tries < 1:
        raise InputError("max_tries", max_tries, "at least 1")
    raw = serialize_header(header)
    # The first 64 bytes do not change with the nonce: their half-done hash is kept (midstate).
    midstate, tail = sha256(raw[:64]), raw[64:76]
    last = min(header.nonce + max_tries, NONCES)
    for tries, nonce in enumerate(range(header.nonce, last), 1):
        attempt = midstate.copy()
        attempt.update(tail + _NONCE.pack(nonce))
        digest = sha256(attempt.digest()).digest()
        if int.from_bytes(digest, "little") <= target:
            return MinedHeader(raw[:76] + _NONCE.pack(nonce), digest, tries)
    return None


def mine_chain(
    n_blocks: int,
    *,
    chain: ChainParameters = PRIVATE,
    first_ts: int = FIRST_TS,
    interval_s: Callable[[int], int] | None = None,
) -> bytes:
    """
    Mine a valid chain from block 0 and return its raw headers in a row.

    Blocks start at the chain's limit and retarget by its rule; block h comes `interval_s(h)`
    seconds after its parent (the chain's spacing unless told otherwise). The merkle root of block
    h is the SHA-256 of the text "block h", so the same call gives the same chain.

    Raises `InputError` for fewer than one block, or a chain with minimum-difficulty blocks (its
    bits would depend on more than the period) unless it never retargets.
    """
    if n_blocks < 1:
        raise InputError("n_blocks", n_blocks, "at least 1")
    if chain.allow_min_difficulty and chain.retargets:
        raise InputError("chain", chain.name, "a chain without minimum-difficulty blocks")
    raws: list[bytes] = []
    parent, ts, bits, period_ts = NO_PARENT, first_ts, chain.limit_bits, first_ts
    for height in range(n_blocks):
        if height:
            elapsed_s = chain.spacing_s if interval_s is None else interval_s(height)
            if height % chain.interval == 0:
                bits = next_bits(bits, period_ts, ts, chain=chain)
                period_ts = ts + elapsed_s
            ts += elapsed_s
        merkle_root = sha256(f"block {height}".encode()).digest()
        mined = mine_header(Header(BLOCK_VERSION, parent, merkle_root, ts, bits, 0), chain=chain)
        if mined is None:
            raise InputError("chain", chain.name, f"a target that 2^32 nonces meet at {height}")
        raws.append(mined.raw)
        parent = mined.digest
    return b"".join(raws)
