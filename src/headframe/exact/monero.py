"""
Monero's difficulty: total work over time, with the outliers cut off and a lag.

Monero states difficulty directly (hashes expected for a block) and sums it. The next difficulty
is the work done in a window over the time that it took, times the two minutes aimed at, rounded
up. To take power from a miner who lies about the time, only the time stamps are sorted, the 60
earliest and the 60 latest of 720 are cut away, and the window ends 15 blocks before the tip.

Source: Monero `src/cryptonote_basic/difficulty.cpp` (BSD-3-Clause), by behaviour; vectors of its
`tests/difficulty/data.txt`.
Assumptions: the rule since version 2 (120 s); earlier blocks aim at 60 s.
"""

from collections.abc import Sequence

from headframe.errors import InputError

TARGET_S = 120
"""Seconds aimed at between two blocks."""
WINDOW = 720
"""Blocks in the window."""
CUT = 60
"""Time stamps cut away at each end of a full window."""
LAG = 15
"""Blocks at the tip that are not looked at."""


def window(n_blocks: int) -> slice:
    """
    Places, among all blocks so far, of those that decide the next block's difficulty.

    Below 735 blocks these are the first 720; from there on the 720 that end 15 before the tip.
    Raises `InputError` for a negative count.

    >>> window(1000)
    slice(265, 985, None)
    """
    if n_blocks < 0:
        raise InputError("n_blocks", n_blocks, "0 or more")
    if n_blocks < WINDOW + LAG:
        return slice(0, min(n_blocks, WINDOW))
    return slice(n_blocks - LAG - WINDOW, n_blocks - LAG)


def next_difficulty(
    times: Sequence[int], cumulative_difficulties: Sequence[int], *, target_s: int = TARGET_S
) -> int:
    """
    Difficulty of the next block from a window's time stamps and cumulative difficulties.

        difficulty = ceil(work * target_s / max(1, time)),  1 for fewer than two blocks

    over the 600 sorted times in the middle of 720; below 600 blocks over all of them. The times
    are sorted on their own: work is still counted in the order of the chain.

    Source: Monero `next_difficulty`. Raises `InputError` for unequal or more than 720 values.
    """
    length = len(times)
    if length != len(cumulative_difficulties) or length > WINDOW:
        raise InputError(
            "times, cumulative_difficulties",
            (length, len(cumulative_difficulties)),
            f"equally many, {WINDOW} at the most",
        )
    if length < 2:
        return 1
    kept = WINDOW - 2 * CUT
    begin = (length - kept + 1) // 2 if length > kept else 0
    end = begin + min(length, kept)
    ordered = sorted(times)
    time_s = max(1, ordered[end - 1] - ordered[begin])
    work = cumulative_difficulties[end - 1] - cumulative_difficulties[begin]
    if work < 1:
        raise InputError("cumulative_difficulties", work, "increasing")
    return -(-work * target_s // time_s)  # rounded up
