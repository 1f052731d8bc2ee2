"""
Dogecoin's retargets: every four hours at first, every block under DigiShield.

Until height 145,000 the target was retuned every 240 blocks like Bitcoin's, but downwards by up to
16 (later 8, then 4), which let pools drain the easy stretches. From the block after that height
DigiShield retunes at every block: an eighth of the deviation from one minute is applied, within
-25 % and +50 %. The deviation is divided by eight towards zero, which is visible in the bits.

Source: Dogecoin Core `src/dogecoin.cpp` (MIT), by behaviour; vectors of its
`src/test/dogecoin_tests.cpp`.
Assumptions: main network; merged mining does not touch the rule.
"""

from headframe.errors import InputError
from headframe.exact.bitcoin_compact import compact_from_target, valid_target
from headframe.exact.fixed import div_trunc

LIMIT_TARGET = 2**236 - 1
"""The easiest target on the main network."""
SPACING_S = 60
"""Seconds aimed at between two blocks, and DigiShield's whole timespan."""
EARLY_INTERVAL = 240
"""Blocks between two early retargets."""
EARLY_TIMESPAN_S = EARLY_INTERVAL * SPACING_S
"""Four hours: seconds aimed at for an early period."""
DIGISHIELD_HEIGHT = 145_000
"""The target of every block *after* this one is DigiShield's."""
DAMPING = 8
"""One part in this many of the deviation is applied by DigiShield."""
EARLY_RISES = ((10_000, 4), (5_000, 8), (-1, 16))
"""Pairs (height, factor): above that height an early period counts for T / factor at least."""


def first_height(height: int) -> int:
    """
    Height of the block whose time begins the retarget of the block at `height`.

    The parent's parent under DigiShield; 240 blocks before the parent at an early retarget, but
    239 at the first, which has no block before genesis. Raises `InputError` between retargets.
    """
    if height > DIGISHIELD_HEIGHT:
        return height - 2
    if height < 1 or height % EARLY_INTERVAL:
        raise InputError("height", height, f"a multiple of {EARLY_INTERVAL} before DigiShield")
    return max(0, height - 1 - EARLY_INTERVAL)


def next_bits(height: int, last_bits: int, first_ts: int, last_ts: int) -> int:
    """
    Bits of the block at `height`, from its parent's bits and time and the first block's time.

        early:       ts = clamp(last - first, T / factor, 4 T),  T = 14,400 s
        DigiShield:  ts = clamp(T + trunc((last - first - T) / 8), T - T/4, T + T/2),  T = 60 s
        target' = target * ts // T,  at most the limit

    Between early retargets bits stay, whatever the times.

    Source: Dogecoin `CalculateDogecoinNextWorkRequired`. Raises `InputError` for impossible bits.
    """
    target = valid_target(last_bits, limit_target=LIMIT_TARGET, place="last_bits")
    if height > DIGISHIELD_HEIGHT:
        timespan_s = SPACING_S
        damped_s = timespan_s + div_trunc(last_ts - first_ts - timespan_s, DAMPING)
        actual_s = min(max(damped_s, timespan_s - timespan_s // 4), timespan_s + timespan_s // 2)
    elif height % EARLY_INTERVAL:
        return last_bits
    else:
        timespan_s = EARLY_TIMESPAN_S
        factor = next(factor for above, factor in EARLY_RISES if height > above)
        actual_s = min(max(last_ts - first_ts, timespan_s // factor), timespan_s * 4)
    return compact_from_target(min(target * actual_s // timespan_s, LIMIT_TARGET))
