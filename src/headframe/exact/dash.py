"""
Dash's three difficulty rules: Bitcoin's, the Kimoto Gravity Well, and Dark Gravity Wave 3.

Until height 15,199 Dash retuned once a day as Bitcoin does (`EARLY`). Then came the Kimoto Gravity
Well, which averages back over as many blocks as it takes for the pace to leave an "event horizon"
that narrows with the count: its consensus is in double-precision floats, and so is this twin. From
height 34,140 Dark Gravity Wave 3 averages 24 blocks, in a running mean that counts the newest
block twice, against the 23 intervals between them.

Source: Dash Core `src/pow.cpp` (MIT), by behaviour; real block of its `src/test/pow_tests.cpp`.
Assumptions: main network. The Kimoto well agrees with nodes whose `pow` and division round as
IEEE 754 doubles do. No vectors of it were published: the tests put its horizon where 60-digit
arithmetic puts it.
"""

import math
from collections.abc import Sequence

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import ChainParameters
from headframe.exact.bitcoin_compact import compact_from_target, valid_target

LIMIT_TARGET = 2**236 - 1
"""The easiest target on the main network."""
SPACING_S = 150
"""Seconds aimed at between two blocks."""
KGW_HEIGHT = 15_200
"""First height whose bits are the Kimoto Gravity Well's."""
DGW_HEIGHT = 34_140
"""First height whose bits are Dark Gravity Wave's."""
DGW_BLOCKS = 24
"""Blocks that Dark Gravity Wave averages."""
DGW_CLAMP = 3
"""Dark Gravity Wave moves the mean target by this factor at most, either way."""
KGW_FEWEST, KGW_MOST = 14, 4032
"""Blocks that the Kimoto well averages at least and at most: 0.025 and 7 days of them."""
EARLY = ChainParameters(
    name="dash before 15,200", limit_target=LIMIT_TARGET, spacing_s=SPACING_S, interval=576
)
"""Dash's first rule: give it to `bitcoin.next_bits`."""


def dgw3_next_bits(times: Sequence[int], bits: Sequence[int]) -> int:
    """
    Bits of the next block by Dark Gravity Wave 3, from the last 24 blocks, oldest first.

        mean_1 = target_1,  mean_c = (mean_{c-1} * c + target_c) // (c + 1)   from the newest back
        target' = mean * clamp(t_newest - t_oldest, T/3, 3T) // T,  T = 24 * 150 s

    The newest target enters with weight two (2/25), the others with one, up to rounding.

    Source: Dash `DarkGravityWave`. Raises `InputError` for fewer than 24 blocks.
    """
    if len(times) < DGW_BLOCKS or len(bits) < DGW_BLOCKS:
        raise InputError("times, bits", (len(times), len(bits)), f"at least {DGW_BLOCKS} blocks")
    newest_first = [_target(one) for one in reversed(bits[-DGW_BLOCKS:])]
    mean = newest_first[0]
    for count, target in enumerate(newest_first[1:], 2):
        mean = (mean * count + target) // (count + 1)
    timespan_s = DGW_BLOCKS * SPACING_S
    actual_s = times[-1] - times[-DGW_BLOCKS]
    actual_s = min(max(actual_s, timespan_s // DGW_CLAMP), timespan_s * DGW_CLAMP)
    return compact_from_target(min(mean * actual_s // timespan_s, LIMIT_TARGET))


def kgw_next_bits(times: Sequence[int], bits: Sequence[int]) -> int:
    """
    Bits of the next block by the Kimoto Gravity Well, from the blocks before it, oldest first.

        horizon(m) = 1 + 0.7084 (m / 28.2)^-1.228,  pace = 150 m / (t_newest - t_m)
        stop at the first m >= 14 with pace >= horizon or pace <= 1 / horizon, at 4,032 at the most
        target' = mean of the m targets * (t_newest - t_m) // (150 m),  at most the limit

    The mean runs as mean += (target - mean) / m, each step rounded towards the mean before. Give
    4,032 blocks, or fewer that suffice; block 0 is never read. A time span of zero or less leaves
    the mean as it is.

    Source: Dash `KimotoGravityWell`. Raises `InputError` where the history given is too short.
    """
    mean, span_s, mass = 0, 0, 0
    for ts, one in zip(reversed(times), reversed(bits), strict=True):
        mass += 1
        step = _target(one) - mean
        mean += step // mass if step >= 0 else -(-step // mass)
        span_s = max(0, times[-1] - ts)
        if mass == KGW_MOST or (mass >= KGW_FEWEST and _leaves_horizon(mass, span_s)):
            break
    else:
        raise InputError("times, bits", mass, f"more blocks before these, {KGW_MOST} at the most")
    scaled = mean * span_s // (SPACING_S * mass) if span_s else mean
    return compact_from_target(min(scaled, LIMIT_TARGET))


def _leaves_horizon(mass: int, span_s: int) -> bool:
    # The one place in consensus that is floating point, and must be.
    pace = SPACING_S * mass / span_s if span_s else 1.0
    horizon = 1 + 0.7084 * math.pow(mass / 28.2, -1.228)
    return pace <= 1 / horizon or pace >= horizon


def _target(bits: int) -> int:
    return valid_target(bits, limit_target=LIMIT_TARGET)
