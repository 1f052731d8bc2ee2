"""
Bitcoin Cash's three difficulty rules: the emergency adjustment, cw-144, and ASERT.

The chain split from Bitcoin in August 2017 with a sliver of its hash rate and three answers in
turn. First an emergency brake on Bitcoin's own rule: whenever six blocks took twelve hours the
target grows by a quarter, which made miners stop and wait for it. From November 2017 a moving
average: the work of the last 144 blocks over the time that they took. From November 2020 ASERT:
no window at all, the target is an exponential of how far the chain is ahead of or behind an ideal
schedule that starts at one anchor block, so a miner who comes and goes finds nothing to play.

Source: `bitcoincashorg/bitcoincash.org` (MIT): `spec/uahf-technical-spec.md` REQ-7 and Bitcoin
ABC 0.14 for the emergency rule, `spec/nov-13-hardfork-spec.md` 1.2 for cw-144,
`spec/2020-11-15-asert.md` 0.5.1 (aserti3-2d) for ASERT.
Assumptions: bits given here have been in a header of the chain; times are unix seconds.
"""

from collections.abc import Sequence

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import MAINNET
from headframe.exact.bitcoin_compact import (
    HASH_SPACE,
    block_work,
    compact_from_target,
    valid_target,
)
from headframe.exact.fixed import div_trunc

SPACING_S = 600
"""Seconds aimed at between two blocks."""
EMERGENCY_S = 43_200
"""The emergency rule fires when six blocks took this long: twelve hours, or more."""
CW144_BLOCKS = 147
"""Blocks that cw-144 looks at: three to choose the end from, three the start, 141 between."""
CW144_SHORTEST_S, CW144_LONGEST_S = 72 * SPACING_S, 288 * SPACING_S
"""Bounds within which cw-144 takes the time of its window."""
ASERT_HALF_LIFE_S = 172_800
"""ASERT on the main network: two days behind schedule double the target (3,600 s on testnet)."""

_RADIX_BITS = 16


def emergency_bits(
    last_bits: int, tip_mtp_ts: int, sixth_mtp_ts: int, *, limit_target: int = MAINNET.limit_target
) -> int:
    """
    Bits after a block between retargets under the emergency rule of August 2017.

        target' = target + target // 4   if  MTP(tip) - MTP(tip - 6) >= 12 h,  at most the limit

    `tip_mtp_ts` and `sixth_mtp_ts` are the median times past of the tip and of the sixth block
    before it. At a retarget height Bitcoin's rule applies instead.

    Source: UAHF specification REQ-7 ("12h or more"). Raises `InputError` for impossible bits.
    """
    target = valid_target(last_bits, limit_target=limit_target, place="last_bits")
    if tip_mtp_ts - sixth_mtp_ts < EMERGENCY_S:
        return last_bits
    return compact_from_target(min(target + (target >> 2), limit_target))


def cw144_next_bits(
    times: Sequence[int], bits: Sequence[int], *, limit_target: int = MAINNET.limit_target
) -> int:
    """
    Bits of the next block from the times and bits of the last 147, oldest first.

        TS = clamp(t_last - t_first, 72 * 600, 288 * 600),  W = work from first to last
        PW = W * 600 // TS,  target' = (2^256 - PW) // PW,  at most the limit

    First and last are the blocks of middle time among the three oldest and the three newest.

    Source: November 13th hard-fork specification. Raises `InputError` for another length.
    """
    if len(times) != CW144_BLOCKS or len(bits) != CW144_BLOCKS:
        raise InputError("times, bits", (len(times), len(bits)), f"{CW144_BLOCKS} blocks each")
    first = _middle(times, 0)
    last = _middle(times, CW144_BLOCKS - 3)
    timespan_s = min(max(times[last] - times[first], CW144_SHORTEST_S), CW144_LONGEST_S)
    work = sum(block_work(one) for one in bits[first + 1 : last + 1])
    projected = work * SPACING_S // timespan_s
    if projected == 0:
        raise InputError("bits", [hex(one) for one in bits[:3]], "bits that stand for work")
    return compact_from_target(min((HASH_SPACE - projected) // projected, limit_target))


def asert_next_bits(
    anchor_height: int,
    anchor_parent_ts: int,
    anchor_bits: int,
    height: int,
    ts: int,
    *,
    half_life_s: int = ASERT_HALF_LIFE_S,
    spacing_s: int = SPACING_S,
    limit_target: int = MAINNET.limit_target,
) -> int:
    """
    Bits of the block that follows the one at `height` and `ts`, by aserti3-2d.

        target' = target_anchor * 2^((ts - anchor_parent_ts - 600 (height - anchor_height + 1))
                                      / half_life)

    The exponent is a 16-bit fixed-point number, its quotient truncated towards zero; the power of
    two of its fraction is a cubic (error below 0.013 %) in unsigned 64-bit arithmetic. The anchor
    gives its own bits and height but its *parent's* time.

    Source: `spec/2020-11-15-asert.md`. Raises `InputError` for a height below the anchor's, bits
    that the anchor cannot have, or a half-life below 1 s.
    """
    if not 0 < anchor_height <= height:
        raise InputError("height", height, f"at or above the anchor's ({anchor_height} > 0)")
    if half_life_s < 1:
        raise InputError("half_life_s", half_life_s, "at least 1 s")
    target = valid_target(anchor_bits, limit_target=limit_target, place="anchor_bits")
    ahead_s = ts - anchor_parent_ts - spacing_s * (height - anchor_height + 1)
    exponent = div_trunc(ahead_s << _RADIX_BITS, half_life_s)
    shift, fraction = exponent >> _RADIX_BITS, exponent & ((1 << _RADIX_BITS) - 1)
    if shift > limit_target.bit_length():  # 2^shift alone is above the limit: do not build it
        return compact_from_target(limit_target)
    scaled = target * _power_of_two_x16(fraction)
    scaled = scaled << shift if shift >= 0 else scaled >> min(-shift, scaled.bit_length())
    next_target = scaled >> _RADIX_BITS
    return compact_from_target(min(max(next_target, 1), limit_target))


def _power_of_two_x16(fraction: int) -> int:
    # 2^(fraction / 2^16) in 16-bit fixed point; the largest sum just fits 64 unsigned bits.
    cubic = 195_766_423_245_049 * fraction + 971_821_376 * fraction**2 + 5_127 * fraction**3
    return ((cubic + (1 << 47)) >> 48) + (1 << _RADIX_BITS)


def _middle(times: Sequence[int], at: int) -> int:
    # Place of the block of middle time among three, by the specification's own three swaps:
    # for equal times they decide which block it is, and so which work is counted.
    low, middle, high = at, at + 1, at + 2
    if times[low] > times[high]:
        low, high = high, low
    if times[low] > times[middle]:
        low, middle = middle, low
    if times[middle] > times[high]:
        middle, high = high, middle
    return middle
