"""
A switch with hysteresis on chunks: a mine goes off below one spread and on again above another.

The rule `policies/curtail.py` looks at every path in every hour; this is its one loop.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

ON, SINCE_S, KEPT, KEEPS = range(4)
"""Rows: full load or not, since when, the share that was left on, the share to be left on now."""
SAME_SHARE = 1e-9
"""Shares of load closer than this are the same."""


@kernel
def switch(
    own: Floats, strike: Floats, cost: Floats, changed: Mask, share: Floats, t_s: float, p: Record
) -> int:
    """
    Where the mine is to change its load and to which share of full load; how many paths change.

        spread = strike - cost;   off where spread < off_below, on where spread > on_above

    A switch waits until the last one is `min_on_s` or `min_off_s` ago. What stands still follows
    the share that must run in any case.
    """
    q = p[0]
    off_below, on_above, min_on_s, min_off_s = q.off_below, q.on_above, q.min_on_s, q.min_off_s
    on, since_s, kept, keeps = own[ON], own[SINCE_S], own[KEPT], own[KEEPS]
    count = 0
    for i in range(on.size):
        spread = strike[i] - cost[i]
        runs = on[i] > 0.0
        rested = t_s - since_s[i] >= (min_on_s if runs else min_off_s)
        switched = rested and (spread < off_below if runs else spread > on_above)
        moved = not runs and not switched and abs(keeps[i] - kept[i]) > SAME_SHARE
        kept[i] = keeps[i] if moved or (switched and runs) else kept[i]
        share[i] = 1.0 if switched and not runs else keeps[i]
        changed[i] = switched or moved
        since_s[i] = t_s if switched else since_s[i]
        on[i] = (0.0 if runs else 1.0) if switched else on[i]
        count += 1 if changed[i] else 0
    return count
