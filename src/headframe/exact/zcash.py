"""
Zcash's retarget: DigiShield version 3, with medians at both ends.

Every block the mean of the last 17 targets is scaled by the time that 17 blocks took, measured
between two medians of eleven times so that no single miner's clock counts for much. A quarter of
the deviation is applied, within -16 % and +32 % of the time aimed at. Two corners: the deviation
is divided by four towards zero, and the mean is divided by the time aimed at *before* it is
multiplied, which drops its low digits.

Source: Zcash `src/pow.cpp` (MIT) and protocol specification section 7.7.3, by behaviour; the
relations of its `src/gtest/test_pow.cpp` are the tests.
Assumptions: the exception for late testnet blocks is not here.
"""

from collections.abc import Sequence

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import MEDIAN_SPAN
from headframe.exact.bitcoin_compact import compact_from_target, valid_target
from headframe.exact.fixed import div_trunc

LIMIT_TARGET = 2**243 - 1
"""The easiest target on the main network."""
AVERAGING_WINDOW = 17
"""Blocks averaged."""
BLOSSOM_HEIGHT = 653_600
"""From this height on a block is aimed at every 75 s instead of 150."""
SPACING_S, BLOSSOM_SPACING_S = 150, 75
"""Seconds aimed at between two blocks, before and after Blossom."""
MAX_DOWN_PERCENT, MAX_UP_PERCENT = 32, 16
"""How far difficulty may fall or rise at one block, as the chain's parameters state it."""
DAMPING = 4
"""One part in this many of the deviation is applied."""
HISTORY_BLOCKS = AVERAGING_WINDOW + MEDIAN_SPAN
"""Blocks whose times are read: the window, and the eleven that end just before it."""


def next_bits(times: Sequence[int], bits: Sequence[int], height: int) -> int:
    """
    Bits of the block at `height`, from the last 28 times and 17 bits, oldest first.

    The window runs from the median time past of the block before it to that of the tip.

    Source: Zcash `GetNextWorkRequired`. Raises `InputError` for too short a history.
    """
    if len(times) < HISTORY_BLOCKS or len(bits) < AVERAGING_WINDOW:
        raise InputError(
            "times, bits",
            (len(times), len(bits)),
            f"at least {HISTORY_BLOCKS} times and {AVERAGING_WINDOW} bits",
        )
    targets = [valid_target(one, limit_target=LIMIT_TARGET) for one in bits[-AVERAGING_WINDOW:]]
    return bits_from_average(
        sum(targets) // AVERAGING_WINDOW,
        last_mtp_ts=_median(times[-MEDIAN_SPAN:]),
        first_mtp_ts=_median(times[-HISTORY_BLOCKS:-AVERAGING_WINDOW]),
        height=height,
    )


def bits_from_average(
    average_target: int, *, last_mtp_ts: int, first_mtp_ts: int, height: int
) -> int:
    """
    Bits of the block at `height` from the window's mean target and the times of its two ends.

        AWT = 17 * spacing,  ts = AWT + trunc((last - first - AWT) / 4)
        target' = mean // AWT * clamp(ts, 0.84 AWT, 1.32 AWT),  at most the limit

    Source: Zcash `CalculateNextWorkRequired`. Raises `InputError` for a mean above the limit.
    """
    if not 0 < average_target <= LIMIT_TARGET:
        raise InputError("average_target", average_target, "above 0, at most the limit")
    spacing_s = BLOSSOM_SPACING_S if height >= BLOSSOM_HEIGHT else SPACING_S
    window_s = AVERAGING_WINDOW * spacing_s
    damped_s = window_s + div_trunc(last_mtp_ts - first_mtp_ts - window_s, DAMPING)
    shortest_s = window_s * (100 - MAX_UP_PERCENT) // 100
    longest_s = window_s * (100 + MAX_DOWN_PERCENT) // 100
    actual_s = min(max(damped_s, shortest_s), longest_s)
    return compact_from_target(min(average_target // window_s * actual_s, LIMIT_TARGET))


def _median(times: Sequence[int]) -> int:
    return sorted(times)[len(times) // 2]
