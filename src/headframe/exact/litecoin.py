"""
Litecoin's retarget: Bitcoin's at a quarter of the time, with two mends.

Every 2,016 blocks of 150 s the target is scaled by the time that they took. Litecoin goes back the
full 2,016 intervals (2,015 only at the first retarget, before which there is no block), so the
time-warp attack on Bitcoin's missing interval does not exist. And its easiest target is so large
that the product would not fit in 256 bits: near the limit the target is halved before and doubled
after, which costs a lowest bit that the compact form does not keep.

Source: Litecoin Core `src/pow.cpp` (MIT), by behaviour; vectors of its `src/test/pow_tests.cpp`.
Assumptions: main network.
"""

from headframe.errors import InputError
from headframe.exact.bitcoin_chains import CLAMP
from headframe.exact.bitcoin_compact import compact_from_target, valid_target

LIMIT_TARGET = 2**236 - 1
"""The easiest target on the main network."""
SPACING_S = 150
"""Seconds aimed at between two blocks."""
INTERVAL = 2016
"""Blocks in one difficulty period."""
TIMESPAN_S = INTERVAL * SPACING_S
"""Seconds aimed at for one period: three and a half days."""


def first_height(height: int) -> int:
    """
    Height of the block whose time begins the retarget of the block at `height`.

    Raises `InputError` between retargets.

    >>> first_height(4032), first_height(2016)
    (2015, 0)
    """
    if height < 1 or height % INTERVAL:
        raise InputError("height", height, f"a multiple of {INTERVAL}")
    return max(0, height - 1 - INTERVAL)


def next_bits(last_bits: int, first_ts: int, last_ts: int) -> int:
    """
    Bits of the next period, from its parent's bits and time and the first block's time.

        target' = min(target * clamp(last - first, T/4, 4T) / T, limit),  T = 302,400 s

    with the halving near the limit; `first_ts` is the time of the block at `first_height`.

    Source: Litecoin `CalculateNextWorkRequired`. Raises `InputError` for impossible bits.
    """
    target = valid_target(last_bits, limit_target=LIMIT_TARGET, place="last_bits")
    actual_s = min(max(last_ts - first_ts, TIMESPAN_S // CLAMP), TIMESPAN_S * CLAMP)
    # The top bit alone decides: only then could target * 4T reach 2^256.
    halved = target.bit_length() >= LIMIT_TARGET.bit_length()
    scaled = (target >> halved) * actual_s // TIMESPAN_S << halved
    return compact_from_target(min(scaled, LIMIT_TARGET))
