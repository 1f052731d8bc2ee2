"""
Double SHA-256 over a row of 80-byte headers, compiled.

Verifying a file of headers is hashing and little else. The three compressions that one header
costs (its first 64 bytes, its last 16, then the digest) run here without a call into any library
and without the interpreter's lock, about a microsecond a header on one core. The readable text is
`exact.bitcoin.header_hashes`; give this one to `exact.bitcoin.verify_headers` as `hashes`.

Source: FIPS 180-4 (constants 4.2.2, functions 4.1.2, compression 6.2.2). Parity: bit for bit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.errors import InputError
from headframe.kernels.compiled import inline, kernel

HEADER_BYTES = 80
"""Length of a header."""

_ROUND = np.array(
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4,
        0xAB1C5ED5, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE,
        0x9BDC06A7, 0xC19BF174, 0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F,
        0x4A7484AA, 0x5CB0A9DC, 0x76F988DA, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7,
        0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967, 0x27B70A85, 0x2E1B2138, 0x4D2C6DFC,
        0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85, 0xA2BFE8A1, 0xA81A664B,
        0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070, 0x19A4C116,
        0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7,
        0xC67178F2,
    ],
    dtype=np.uint32,
)  # fmt: skip
_INITIAL = np.array(
    [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
        0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ],
    dtype=np.uint32,
)  # fmt: skip
_END_MARK = np.uint32(0x8000_0000)  # the bit that follows a message
_HEADER_BITS, _DIGEST_BITS = np.uint32(640), np.uint32(256)

Words = NDArray[np.uint32]


def header_hashes(headers: bytes) -> bytes:
    """
    Hash each header in a row of 80-byte headers; 32 bytes each, in a row.

    Parity with `exact.bitcoin.header_hashes`: bit for bit. Raises `InputError` for a row that is
    not a whole number of headers.
    """
    count, rest = divmod(len(headers), HEADER_BYTES)
    if rest:
        raise InputError(f"header {count} of the run", headers[-rest:], "80 bytes; it is cut short")
    words = np.frombuffer(headers, dtype=">u4").astype(np.uint32).reshape(count, 20)
    digests = np.empty((count, 8), dtype=np.uint32)
    double_sha256(words, digests)
    return digests.astype(">u4").tobytes()


@inline
def _rotated(word: Any, places: Any) -> Any:
    return np.uint32((word >> np.uint32(places)) | (word << np.uint32(32 - places)))


@inline
def _expand(w: Any) -> None:
    # Message schedule: 16 words become 64. Sums of uint32 widen in numba: each is cut back.
    for t in range(16, 64):
        x, y = w[t - 15], w[t - 2]
        low = _rotated(x, 7) ^ _rotated(x, 18) ^ (x >> np.uint32(3))
        high = _rotated(y, 17) ^ _rotated(y, 19) ^ (y >> np.uint32(10))
        w[t] = np.uint32(w[t - 16] + low + w[t - 7] + high)


@inline
def _compress(state: Any, w: Any) -> None:
    _expand(w)
    a, b, c, d = state[0], state[1], state[2], state[3]
    e, f, g, h = state[4], state[5], state[6], state[7]
    for t in range(64):
        sum_e = _rotated(e, 6) ^ _rotated(e, 11) ^ _rotated(e, 25)
        sum_a = _rotated(a, 2) ^ _rotated(a, 13) ^ _rotated(a, 22)
        first = np.uint32(h + sum_e + ((e & f) ^ (~e & g)) + _ROUND[t] + w[t])
        second = np.uint32(sum_a + ((a & b) ^ (a & c) ^ (b & c)))
        h, g, f, e = g, f, e, np.uint32(d + first)
        d, c, b, a = c, b, a, np.uint32(first + second)
    state[0] = np.uint32(state[0] + a)
    state[1] = np.uint32(state[1] + b)
    state[2] = np.uint32(state[2] + c)
    state[3] = np.uint32(state[3] + d)
    state[4] = np.uint32(state[4] + e)
    state[5] = np.uint32(state[5] + f)
    state[6] = np.uint32(state[6] + g)
    state[7] = np.uint32(state[7] + h)


@kernel
def double_sha256(words: Words, digests: Words) -> None:
    """
    Double SHA-256 of messages of 20 words into digests of 8 words, one row each, in place.

    `words` is (n, 20) and `digests` (n, 8), both big-endian words held as uint32.
    """
    w = np.empty(64, dtype=np.uint32)
    state = np.empty(8, dtype=np.uint32)
    for i in range(words.shape[0]):
        state[:] = _INITIAL
        w[:16] = words[i, :16]
        _compress(state, w)
        w[:4] = words[i, 16:]
        w[4:16] = 0
        w[4], w[15] = _END_MARK, _HEADER_BITS
        _compress(state, w)
        w[:8] = state
        w[8:16] = 0
        w[8], w[15] = _END_MARK, _DIGEST_BITS
        state[:] = _INITIAL
        _compress(state, w)
        digests[i] = state
