"""
A chain block by block: miners race, a difficulty algorithm answers.

Finding a block takes an exponential amount of work whose mean is the difficulty, so a block's time
is that work run down at whatever hash rate there is. The hash rate has two parts. The steady miners
follow a table: a level from each of some instants on, in multiples of the opening hash rate.
Between the instants it is constant, so arrivals are exact whatever the steps are. Hoppers come and
go by what they see, the difficulty over the one at which the steady miners alone would be on time:
they join when it is low and leave when it is high, and decide at the start of a block.

One call plays one stretch of one chain and leaves it where the next call goes on. Header times are
true times rounded down to whole seconds. The draws belong to (key, chain, block), so two algorithms
compared under one key get the same luck.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import log
from headframe.kernels.philox import HALF_WORD, WORD, open_unit, philox4x32
from headframe.kernels.retargets import ETHEREUM, LOOKBACK, next_target

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Record = npt.NDArray[np.void]

TARGET, WORK, SOLVE_S, LEVEL, HOPPING = range(5)
"""Rows of a chain: target, running work, seconds it took, hash rate, whether hoppers mined."""
NOW_S, KNOT, JOINED, FOUND = range(4)
"""Where a chain stands: true time, place in the table, whether hoppers mine, blocks found."""


@kernel
def race(
    p: Record,
    knots_s: Floats,
    levels: Floats,
    key: np.uint64,
    chain: int,
    first_height: int,
    stand: Floats,
    times: Ints,
    blocks: Floats,
) -> None:
    """
    Find the blocks from place `LOOKBACK` to the end of the arrays.

    `p` is one record: the fields of `retargets.next_target`, and `hopper_size` (in multiples of the
    steady hash rate), `join` and `leave` (difficulty over the steady one). `levels[k]` holds from
    `knots_s[k]` on, the first from ever, the last for ever. `times` is (n,) and `blocks` (5, n),
    both with history before `LOOKBACK`; `first_height` is the height of place 0, and `stand` where
    the chain stands, updated in place. A target of 1 is one spacing at a hash rate of 1.
    """
    q = p[0]
    targets, works, solve_s = blocks[TARGET], blocks[WORK], blocks[SOLVE_S]
    level, hopping = blocks[LEVEL], blocks[HOPPING]
    spacing_s, least_gap_s = q.spacing_s, 1 if q.rule == ETHEREUM else 0
    now_s, knot, joined, found = stand[NOW_S], int(stand[KNOT]), stand[JOINED], int(stand[FOUND])
    c0, c1 = np.uint64(chain) & WORD, np.uint64(chain) >> HALF_WORD
    k0, k1 = key & WORD, key >> HALF_WORD
    spare = 0.5
    for at in range(LOOKBACK, times.size):
        if found & 1 == 0 or at == LOOKBACK:
            pair = np.uint64(found >> 1)
            a, b, c, d = philox4x32(c0, c1, pair & WORD, pair >> HALF_WORD, k0, k1)
            drawn, spare = open_unit(a, b), open_unit(c, d)
        if found & 1 == 1:
            drawn = spare
        target = next_target(times, targets, works, at, first_height, q)
        seen = 1.0 / (target * levels[knot])
        joined = 1.0 if seen <= (q.leave if joined > 0.0 else q.join) else 0.0
        many = 1.0 + q.hopper_size * joined
        # Work still to do, in seconds at a hash rate of 1; each interval of the table takes some.
        left_s = -log(drawn) * spacing_s / (target * many)
        begun_s = now_s
        while knot + 1 < knots_s.size:
            held_s = (knots_s[knot + 1] - now_s) * levels[knot]
            if left_s < held_s:
                break
            left_s -= held_s
            now_s = knots_s[knot + 1]
            knot += 1
        now_s += left_s / levels[knot]
        found += 1
        times[at] = max(int(now_s), times[at - 1] + least_gap_s)
        targets[at] = target
        works[at] = works[at - 1] + 1.0 / target
        solve_s[at] = now_s - begun_s
        level[at] = many * levels[knot]
        hopping[at] = joined
    stand[NOW_S], stand[KNOT], stand[JOINED], stand[FOUND] = now_s, knot, joined, found
