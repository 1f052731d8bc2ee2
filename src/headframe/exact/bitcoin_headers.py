"""
Bitcoin's 80-byte headers: reading, writing, hashing.

A header holds a version, the hash of the block before it, a digest of the block's transactions, a
time, the target in compact bits, and a nonce that the miner was free to choose. Its double SHA-256
is both the block's name and its proof of work. Hashes are kept here as the digest's own 32 bytes,
a little-endian number; explorers show them reversed.

Source: Bitcoin Core, `src/primitives/block.h` (MIT), by behaviour; FIPS 180-4.
Assumptions: none; rules between headers are in `bitcoin_replay`.
"""

import struct
from dataclasses import dataclass
from hashlib import sha256

from headframe.errors import InputError

HEADER_BYTES = 80
"""Length of a header."""
NO_PARENT = bytes(32)
"""What block 0 has for a previous hash."""

_FIELDS = struct.Struct("<i32s32sIII")


@dataclass(frozen=True)
class Header:
    """
    One block header; hashes are the digest's own bytes (they are *shown* reversed).

    `ts` is unix time in seconds, `version` a signed and the others unsigned 32-bit integers.
    """

    version: int
    previous_hash: bytes
    merkle_root: bytes
    ts: int
    bits: int
    nonce: int


def parse_header(raw: bytes) -> Header:
    """
    Header from its 80 bytes.

    Source: Bitcoin Core `CBlockHeader`. Raises `InputError` for another length.
    """
    if len(raw) != HEADER_BYTES:
        raise InputError("header", bytes(raw), f"a header has 80 bytes, this one {len(raw)}")
    return Header(*_FIELDS.unpack(raw))


def serialize_header(header: Header) -> bytes:
    """80 bytes of a header, the inverse of `parse_header`; raises `InputError` out of range."""
    if len(header.previous_hash) != 32 or len(header.merkle_root) != 32:
        raise InputError("header", header, "previous_hash and merkle_root have 32 bytes")
    try:
        return _FIELDS.pack(
            header.version,
            header.previous_hash,
            header.merkle_root,
            header.ts,
            header.bits,
            header.nonce,
        )
    except struct.error as error:
        raise InputError("header", header, f"every number has 32 bits ({error})") from error


def header_hash(raw: bytes) -> bytes:
    """
    Double SHA-256 of a header's 80 bytes: the block's name and its proof of work.

        hash = SHA-256(SHA-256(header)),  read as a little-endian number

    Raises `InputError` for another length.
    """
    if len(raw) != HEADER_BYTES:
        raise InputError("header", bytes(raw), f"a header has 80 bytes, this one {len(raw)}")
    return sha256(sha256(raw).digest()).digest()


def header_hashes(headers: bytes) -> bytes:
    """
    Hash each header in a row of 80-byte headers; 32 bytes each, in a row.

    The readable text of the compiled `kernels.sha256.header_hashes`.
    """
    return b"".join(
        sha256(sha256(headers[at : at + HEADER_BYTES]).digest()).digest()
        for at in range(0, len(headers), HEADER_BYTES)
    )


def shown_hash(digest: bytes) -> str:
    """Hash as explorers show it: the digest's bytes reversed, in hexadecimal."""
    return digest[::-1].hex()
