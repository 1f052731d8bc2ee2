"""
Bitcoin's number rules: retarget, permitted change, subsidy, proof of work.

Every 2,016 blocks the target is scaled by the time that the last 2,016 blocks took over the two
weeks they should have taken, by a factor of four at most either way. The rule has four corners
that a twin must keep: the time runs over 2,015 intervals and not 2,016 (so that in the long run
a block takes 1,209,600 / 2,014 = 600.596 s), it is clamped before it is used, the product is
taken before the quotient, and the result goes through the compact form, which rounds it down.

Source: Bitcoin Core, `src/pow.cpp` and `GetBlockSubsidy` in `src/validation.cpp` (MIT), by
behaviour; BIP 94 (CC0). Vectors: Core's `pow_tests.cpp`.
Assumptions: bits given here have been in a header; bits that could not raise `InputError`.
"""

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import CLAMP, MAINNET, ChainParameters
from headframe.exact.bitcoin_compact import (
    HASH_SPACE,
    compact_from_target,
    target_fault,
    target_from_compact,
    valid_target,
)
from headframe.units import SAT_PER_BTC

INITIAL_SUBSIDY_SAT = 50 * SAT_PER_BTC
"""Subsidy of each block before the first halving, in satoshi."""
MAX_HALVINGS = 64
"""From this many halvings on the subsidy is zero (a 64-bit shift would otherwise wrap)."""


def next_bits(
    last_bits: int, first_ts: int, last_ts: int, *, chain: ChainParameters = MAINNET
) -> int:
    """
    Bits of the next period, from the first and the last block of the one that ends.

        target' = min(target * clamp(last_ts - first_ts, T/4, 4T) / T, limit),  then compact

    with T = 1,209,600 s on Bitcoin. `first_ts` and `last_ts` are the times of the period's first
    and last block: 2,015 intervals. Under BIP 94 give the period's *first* bits as `last_bits`.

    Source: Bitcoin Core `CalculateNextWorkRequired`. Raises `InputError` for impossible bits.

    >>> hex(next_bits(0x1D00FFFF, 1261130161, 1262152739))
    '0x1d00d86a'
    """
    target = valid_target(last_bits, limit_target=chain.limit_target, place="last_bits")
    if not chain.retargets:
        return last_bits
    timespan_s = chain.timespan_s
    actual_s = min(max(last_ts - first_ts, timespan_s // CLAMP), timespan_s * CLAMP)
    return _scaled_bits(target, actual_s, chain)


def permitted_transition(
    height: int, old_bits: int, new_bits: int, *, chain: ChainParameters = MAINNET
) -> bool:
    """
    Whether any block times at all could have led from one block's bits to the next block's.

    `height` is the new block's: inside a period bits stay; at its start they move by a factor of
    four at most, limits and compact rounding included. A node uses this to refuse cheap fakes
    before it knows the times. Always True on networks that allow minimum-difficulty blocks.

    Source: Bitcoin Core `PermittedDifficultyTransition`. Stricter in one corner that Core leaves
    to its proof-of-work check: new bits with a sign, an overflow or no target are never permitted.
    Raises `InputError` for a negative height or impossible old bits.
    """
    _need_height(height)
    if chain.allow_min_difficulty:
        return True
    if height % chain.interval:
        return old_bits == new_bits
    if target_fault(new_bits, limit_target=chain.limit_target):
        return False
    old_target = valid_target(old_bits, limit_target=chain.limit_target, place="old_bits")
    easiest = _scaled_bits(old_target, chain.timespan_s * CLAMP, chain)
    hardest = _scaled_bits(old_target, chain.timespan_s // CLAMP, chain)
    new_target = target_from_compact(new_bits)[0]
    return target_from_compact(hardest)[0] <= new_target <= target_from_compact(easiest)[0]


def subsidy_sat(height: int, *, chain: ChainParameters = MAINNET) -> int:
    """
    New coins that the block at a height may create, in satoshi.

        subsidy = 50 BTC >> (height // 210,000)

    Source: Bitcoin Core `GetBlockSubsidy`. Raises `InputError` for a negative height.

    >>> subsidy_sat(840_000)
    312500000
    """
    _need_height(height)
    halvings = height // chain.halving_interval
    return INITIAL_SUBSIDY_SAT >> halvings if halvings < MAX_HALVINGS else 0


def check_proof_of_work(
    digest: bytes | int, bits: int, *, chain: ChainParameters = MAINNET
) -> bool:
    """
    Whether a block hash meets the target that its bits claim, and the chain allows that target.

    `digest` is the 32 bytes that `header_hash` returns (little-endian) or their value.

    Source: Bitcoin Core `CheckProofOfWork`: False for bits with a sign, an overflow, no target,
    or a target above the limit. Raises `InputError` for a digest that is not 256 bits.
    """
    if isinstance(digest, bytes):
        if len(digest) != 32:
            raise InputError("digest", digest, "a SHA-256 digest has 32 bytes")
        digest = int.from_bytes(digest, "little")
    if not 0 <= digest < HASH_SPACE:
        raise InputError("digest", digest, "a hash is an unsigned 256-bit integer")
    if target_fault(bits, limit_target=chain.limit_target):
        return False
    return digest <= target_from_compact(bits)[0]


def _scaled_bits(target: int, actual_s: int, chain: ChainParameters) -> int:
    scaled = target * actual_s // chain.timespan_s
    return compact_from_target(min(scaled, chain.limit_target))


def _need_height(height: int) -> None:
    if height < 0:
        raise InputError("height", height, "a height is 0 or more")
