"""
The compact form of a 256-bit target, as every chain descended from Bitcoin writes it.

A block is valid when its hash, read as a number, is not above a target. Headers store the target
in 32 bits, like a small floating-point number in base 256: one byte of length, then a sign bit
that is never used in earnest, then 23 bits of leading digits. Writing a target in this form cuts
its low digits off, so every retarget ends with a round trip through it. Difficulty (the target's
inverse, 1 for the easiest target of 2009) and work (hashes expected for one block) follow.

Source: Bitcoin Core, `src/arith_uint256.{h,cpp}` and `src/chain.cpp` (MIT), by behaviour; its
published test encodings are in `tests/exact/test_bitcoin.py`.
Assumptions: none; every 32-bit pattern has a defined reading.
"""

from fractions import Fraction

from headframe.errors import InputError

HASH_SPACE = 1 << 256
"""How many values a 256-bit hash can take."""
DIFFICULTY_ONE_TARGET = 0xFFFF << 208
"""The target whose difficulty is 1: the target of the genesis block, bits 0x1d00ffff."""

_SIGN_BIT = 0x0080_0000
_MANTISSA = 0x007F_FFFF
_BITS_END = 1 << 32


def target_from_compact(bits: int) -> tuple[int, bool, bool]:
    """
    Target that 32 compact bits stand for, with Core's two warnings.

        target = mantissa * 256^(size - 3),  size = bits >> 24,  mantissa = bits & 0x7fffff

    Returns (target, negative, overflow). As in Core a size below 3 shifts the mantissa to the
    right first, a mantissa that is then zero has neither sign nor overflow, and an overflowing
    target is the low 256 bits of it.

    Source: Bitcoin Core `arith_uint256::SetCompact`. Raises `InputError` outside 32 bits.

    >>> hex(target_from_compact(0x1B0404CB)[0])
    '0x404cb000000000000000000000000000000000000000000000000'
    """
    if not 0 <= bits < _BITS_END:
        raise InputError("bits", bits, "compact bits are an unsigned 32-bit integer")
    size, mantissa = bits >> 24, bits & _MANTISSA
    if size <= 3:
        mantissa >>= 8 * (3 - size)
        target = mantissa
    else:
        target = (mantissa << 8 * (size - 3)) % HASH_SPACE
    negative = mantissa != 0 and bits & _SIGN_BIT != 0
    overflow = mantissa != 0 and _too_long(size, mantissa)
    return target, negative, overflow


def compact_from_target(target: int, *, negative: bool = False) -> int:
    """
    Compact bits of a target, its low digits cut off (so the target is rounded down).

    `negative` sets the sign bit where the mantissa is not zero, as Core's `GetCompact(true)`.

    Source: Bitcoin Core `arith_uint256::GetCompact`. Raises `InputError` outside 256 bits.

    >>> hex(compact_from_target(0x80))
    '0x2008000'
    """
    if not 0 <= target < HASH_SPACE:
        raise InputError("target", target, "a target is an unsigned 256-bit integer")
    size = (target.bit_length() + 7) >> 3
    mantissa = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if mantissa & _SIGN_BIT:  # the leading digit would be read as a sign: shift it one byte down
        mantissa >>= 8
        size += 1
    sign = _SIGN_BIT if negative and mantissa else 0
    return size << 24 | sign | mantissa


def valid_target(bits: int, *, limit_target: int, place: str = "bits") -> int:
    """
    Target of compact bits that can stand in a header: positive, at most the chain's limit.

    Source: the range check in Bitcoin Core `CheckProofOfWork`. Raises `InputError` that names the
    sign bit, the overflow, a zero target or a target above `limit_target`.
    """
    fault = target_fault(bits, limit_target=limit_target)
    if fault:
        raise InputError(place, f"{bits:#010x}", fault)
    return target_from_compact(bits)[0]


def target_fault(bits: int, *, limit_target: int) -> str:
    """Say what is wrong with compact bits as a header's target, in words; empty if nothing."""
    target, negative, overflow = target_from_compact(bits)
    if negative:
        return "the sign bit is set: a target is positive"
    if overflow:
        return "the target overflows 256 bits"
    if target == 0:
        return "the target is zero: no hash could meet it"
    if target > limit_target:
        return f"the target is above the chain's limit {compact_from_target(limit_target):#010x}"
    return ""


def difficulty(bits: int) -> Fraction:
    """
    Difficulty of compact bits, exactly: how many times harder than the genesis block.

        difficulty = 0xffff * 2^208 / target

    Raises `InputError` for a target that is negative, zero or overflows.

    >>> difficulty(0x1D00FFFF)
    Fraction(1, 1)
    """
    return Fraction(DIFFICULTY_ONE_TARGET, valid_target(bits, limit_target=HASH_SPACE - 1))


def difficulty_for_display(bits: int) -> float:
    """
    Difficulty as a float, for showing only: consensus never reads it.

    >>> difficulty_for_display(0x1B0404CB)
    16307.420938523983
    """
    return float(difficulty(bits))


def block_work(bits: int) -> int:
    """
    Hashes expected for one block, the unit in which the heaviest chain is chosen.

        work = floor(2^256 / (target + 1))

    Bits that no header may carry have no work: 0, as in Core.

    Source: Bitcoin Core `GetBlockProof`.

    >>> block_work(0x1D00FFFF)
    4295032833
    """
    target, negative, overflow = target_from_compact(bits)
    if negative or overflow or target == 0:
        return 0
    return HASH_SPACE // (target + 1)


def _too_long(size: int, mantissa: int) -> bool:
    # Core looks at whole bytes of the mantissa, and so must we.
    return size > 34 or (size > 33 and mantissa > 0xFF) or (size > 32 and mantissa > 0xFFFF)
