"""
Random numbers from a counter: the draw of any path, at any step, of any stream, in any order.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011)
turns a 128-bit counter and a 64-bit key into 128 random bits. Here the key is (seed, hash of the
stream's name) and the counter (path, pair of steps, block), so the bits on a path depend on neither
the chunk, the worker nor what else the book holds. One block of output serves two steps: normals by
Box and Muller come in pairs, and so do uniforms.

With antithetic paths an odd path mirrors the even one before it: normals change sign, uniforms u
become 1 - u.
"""

import math
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import from_bits, log, sincos_turn

WORD = np.uint64(0xFFFFFFFF)
"""The lower 32 bits."""
MULTIPLIER_0 = np.uint64(0xD2511F53)
"""Philox4x32's first round multiplier."""
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
"""Philox4x32's second round multiplier."""
WEYL_0 = np.uint64(0x9E3779B9)
"""Added to the first key word after each round (golden ratio)."""
WEYL_1 = np.uint64(0xBB67AE85)
"""Added to the second key word after each round (sqrt(3) - 1)."""
HALF_WORD = np.uint64(32)
"""Shift from the lower to the upper word."""
MANTISSA_SHIFT = np.uint64(12)
"""Keeps the 52 bits that a double's mantissa holds."""
ONE_BITS = np.uint64(0x3FF0000000000000)
"""The exponent of [1, 2)."""


def stream_key(seed: int, name: str) -> np.uint64:
    """The 64-bit key of a stream: a hash of the seed and the stream's name."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


@inline
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Ten rounds of Philox4x32; four counter words and two key words, each in 64 bits."""
    for _ in range(10):
        p0 = MULTIPLIER_0 * c0
        p1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (p1 >> HALF_WORD) ^ c1 ^ k0,
            p1 & WORD,
            (p0 >> HALF_WORD) ^ c3 ^ k1,
            p0 & WORD,
        )
        k0 = (k0 + WEYL_0) & WORD
        k1 = (k1 + WEYL_1) & WORD
    return c0, c1, c2, c3


@inline
def open_unit(low: np.uint64, high: np.uint64) -> float:
    """Two random words to a uniform on the open interval (0, 1), in the middle of its cell."""
    raw = (low | (high << HALF_WORD)) >> MANTISSA_SHIFT
    return from_bits(np.int64(raw | ONE_BITS)) - 0.9999999999999999  # type: ignore[arg-type]


@kernel
def fill_uniforms(
    even: npt.NDArray[np.float64],
    odd: npt.NDArray[np.float64],
    row: int,
    ids: npt.NDArray[np.uint64],
    mirrored: npt.NDArray[np.float64],
    key: np.uint64,
    pair: int,
) -> None:
    """Uniforms on (0, 1) for steps `2 pair` (`even`) and `2 pair + 1` (`odd`), one row of each."""
    k0 = key & WORD
    k1 = key >> HALF_WORD
    step = np.uint64(pair)
    first, second = even[row], odd[row]
    for i in range(ids.size):
        a, b, c, d = philox4x32(ids[i] & WORD, ids[i] >> HALF_WORD, step, np.uint64(0), k0, k1)
        # mirrored is -1 on an antithetic path, else +1: u or 1 - u
        first[i] = 0.5 + mirrored[i] * (open_unit(a, b) - 0.5)
        second[i] = 0.5 + mirrored[i] * (open_unit(c, d) - 0.5)


@kernel
def fill_normals(
    even: npt.NDArray[np.float64],
    odd: npt.NDArray[np.float64],
    row: int,
    ids: npt.NDArray[np.uint64],
    mirrored: npt.NDArray[np.float64],
    key: np.uint64,
    pair: int,
) -> None:
    """Standard normals for two steps by Box and Muller: sqrt(-2 ln u) (cos, sin)(2 pi v)."""
    k0 = key & WORD
    k1 = key >> HALF_WORD
    step = np.uint64(pair)
    first, second = even[row], odd[row]
    for i in range(ids.size):
        a, b, c, d = philox4x32(ids[i] & WORD, ids[i] >> HALF_WORD, step, np.uint64(0), k0, k1)
        first[i] = open_unit(a, b)
        second[i] = open_unit(c, d)
    for i in range(ids.size):
        radius = mirrored[i] * math.sqrt(-2.0 * log(first[i]))
        sine, cosine = sincos_turn(second[i])
        first[i] = radius * cosine
        second[i] = radius * sine


@kernel
def correlate(
    block: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    root: npt.NDArray[np.float64],
) -> None:
    """
    Give independent normals a correlation, in place: z_i <- sum_j root_ij z_j.

    `root` is the lower Cholesky factor; rows are taken from the last to the first, so that each
    still finds the ones it needs untouched.
    """
    for a in range(rows.size - 1, -1, -1):
        mixed = block[rows[a]]
        diagonal = root[a, a]
        for i in range(mixed.size):
            mixed[i] *= diagonal
        for b in range(a):
            weight = root[a, b]
            if weight != 0.0:
                other = block[rows[b]]
                for i in range(mixed.size):
                    mixed[i] += weight * other[i]


@kernel
def block_of(
    counter: npt.NDArray[np.uint64], key: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """One Philox4x32-10 block from four counter words and two key words (for known answers)."""
    out = np.empty(4, np.uint64)
    out[0], out[1], out[2], out[3] = philox4x32(
        counter[0], counter[1], counter[2], counter[3], key[0], key[1]
    )
    return out
