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

ON, SINCE_S, AT, KEEPS, ROOM = range(5)
"""
Rows: switched on or off, since when; shares of full load: where it stands, what runs in any case,
by how much it may move now.
"""
SAME_SHARE = 1e-9
"""Shares of load closer than this are the same."""


@kernel
def switch(
    own: Floats, strike: Floats, cost: Floats, changed: Mask, share: Floats, t_s: float, p: Record
) -> int:
    """
    Where the mine is to change its load and to which share of full load; how many paths change.

        spread = strike - cost;   off where spread < off_below, on where spread > on_above

    A switch waits until the last one is `min_on_s` or `min_off_s` ago. The load goes to 1 where it
    is on, else to the share that runs in any case, by no more than there is room.
    """
    q = p[0]
    off_below, on_above, min_on_s, min_off_s = q.off_below, q.on_above, q.min_on_s, q.min_off_s
    on, since_s, at, keeps, room = own[ON], own[SINCE_S], own[AT], own[KEEPS], own[ROOM]
    count = 0
    for i in range(on.size):
        spread = strike[i] - cost[i]
        runs = on[i] > 0.0
        rested = t_s - since_s[i] >= (min_on_s if runs else min_off_s)
        switched = rested and (spread < off_below if runs else spread > on_above)
        stays = runs != switched
        target = 1.0 if stays else keeps[i]
        share[i] = min(max(target, at[i] - room[i]), at[i] + room[i])
        changed[i] = abs(share[i] - at[i]) > SAME_SHARE
        at[i] = share[i] if changed[i] else at[i]
        since_s[i] = t_s if switched else since_s[i]
        on[i] = 1.0 if stays else 0.0
        count += 1 if changed[i] else 0
    return count
