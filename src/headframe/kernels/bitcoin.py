"""
Bitcoin's retarget on arrays of paths, twin of `exact.bitcoin`.

A study of the network runs thousands of chains at once, each with its own block times, and needs
the next target of every one. Two texts of the same rule:

* `next_bits` works on compact bits in 64-bit integers and agrees with `exact.bitcoin.next_bits`
  **bit for bit**: the mantissa has 23 bits and a timespan at most 23, so nothing is ever rounded
  that the exact rule does not round.
* `next_difficulty` works on difficulty as a float and leaves the compact rounding out. The exact
  rule rounds a target down by less than one part in 2^15, so the exact difficulty lies in
  [d, d / (1 - 2^-15)) up to 4 roundings of 2^-53.

`target_from_compact`, `difficulty` and `block_work` are floats of the exact values: the first
exact, the other two within 2 roundings. Parity is tested in `tests/kernels/test_bitcoin.py`.

Shapes: every array is (n_paths,), bits and unix times int64, the rest float64; results go to
`out`, which may be an input. Domain: bits that a header can carry (positive, canonical, size 4 to
32), as exact's `valid_target` accepts them; nothing is checked here. A run of blocks is given by
its first and last time and a `timespan_s` below 2^28.
"""

import math

import numpy as np
from numpy.typing import NDArray

from headframe.kernels.compiled import kernel

MAINNET_LIMIT_BITS = 0x1D00FFFF
"""The easiest target of the main network, in compact form."""
MAINNET_TIMESPAN_S = 1_209_600
"""Seconds aimed at for 2,016 blocks."""
CLAMP = 4
"""One retarget moves the target by this factor at most, either way."""
DIFFICULTY_ONE_TARGET = 65535.0 * 2.0**208
"""The target whose difficulty is 1."""
COMPACT_ROUNDING = 2.0**-15
"""The compact form cuts less than this share off a target."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MANTISSA = 0x7FFFFF
_LEAST_MANTISSA = 0x8000  # below it the leading byte would be zero: one byte shorter


@kernel
def next_bits(
    last_bits: Ints,
    first_ts: Ints,
    last_ts: Ints,
    out: Ints,
    timespan_s: int = MAINNET_TIMESPAN_S,
    limit_bits: int = MAINNET_LIMIT_BITS,
) -> None:
    """
    Bits of the next period on every path; parity with `exact.bitcoin.next_bits`: bit for bit.

        target' = min(target * clamp(last - first, T/4, 4T) // T, limit),  then compact

    A change by a factor of four moves the length byte by one at most, so three mantissas are
    worked out (a byte shorter, the same, a byte longer) and the one in range is taken.
    """
    for i in range(last_bits.shape[0]):
        size, mantissa = last_bits[i] >> 24, last_bits[i] & _MANTISSA
        actual_s = min(max(last_ts[i] - first_ts[i], timespan_s // CLAMP), timespan_s * CLAMP)
        product = mantissa * actual_s
        same = product // timespan_s
        if same > _MANTISSA:
            size, mantissa = size + 1, same >> 8
        elif same < _LEAST_MANTISSA:
            size, mantissa = size - 1, (product << 8) // timespan_s
        else:
            mantissa = same
        out[i] = min(size << 24 | mantissa, limit_bits)


@kernel
def next_difficulty(
    difficulty: Floats,
    first_ts: Floats,
    last_ts: Floats,
    out: Floats,
    timespan_s: float = 1_209_600.0,
    least_difficulty: float = 1.0,
) -> None:
    """
    Difficulty of the next period on every path, without the compact form's rounding.

        d' = max(d * T / clamp(last - first, T/4, 4T), least)

    Parity: exact difficulty is in [d', d' / (1 - 2^-15)) up to 4 roundings, from the same d.
    """
    for i in range(difficulty.shape[0]):
        actual_s = min(max(last_ts[i] - first_ts[i], timespan_s / CLAMP), timespan_s * CLAMP)
        out[i] = max(difficulty[i] * timespan_s / actual_s, least_difficulty)


@kernel
def target_from_compact(bits: Ints, out: Floats) -> None:
    """Targets of compact bits as floats; a mantissa has 23 bits, so they are exact."""
    for i in range(bits.shape[0]):
        out[i] = math.ldexp(float(bits[i] & _MANTISSA), 8 * ((bits[i] >> 24) - 3))


@kernel
def difficulty(bits: Ints, out: Floats) -> None:
    """Difficulties of compact bits; parity with `exact.bitcoin.difficulty`: 2 roundings."""
    for i in range(bits.shape[0]):
        target = math.ldexp(float(bits[i] & _MANTISSA), 8 * ((bits[i] >> 24) - 3))
        out[i] = DIFFICULTY_ONE_TARGET / target


@kernel
def block_work(bits: Ints, out: Floats) -> None:
    """
    Hashes expected for one block; parity with `exact.bitcoin.block_work`.

    2 roundings and what the floor cuts off, less than one hash.
    """
    for i in range(bits.shape[0]):
        target = math.ldexp(float(bits[i] & _MANTISSA), 8 * ((bits[i] >> 24) - 3))
        out[i] = 2.0**256 / (target + 1.0)
