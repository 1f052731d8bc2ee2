"""How much there is of energy that comes and goes, on chunks: the hour, the weather, the flow."""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel
from headframe.kernels.elementary import exp
from headframe.kernels.power import profile_mean

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

LOGIT, FLOWS = range(2)
"""Rows: the weather's logit, and 1 where it flows."""


@kernel
def weather(state: Floats, draws: Floats, p: Record) -> None:
    """One exact step of the weather's logit: x <- mean + held (x - mean) + scale z."""
    q = p[0]
    mean, held, scale = q.mean, q.held, q.scale
    x, normal = state[LOGIT], draws[q.z]
    for i in range(x.size):
        x[i] = mean + held * (x[i] - mean) + scale * normal[i]


@kernel
def flow(state: Floats, draws: Floats, p: Record) -> None:
    """What flows stops with one chance a step, what stands still starts with another."""
    q = p[0]
    stop, start = q.stop, q.start
    flows, uniform = state[FLOWS], draws[q.u]
    for i in range(flows.size):
        stays = 1.0 if uniform[i] >= stop else 0.0
        begins = 1.0 if uniform[i] < start else 0.0
        flows[i] = stays if flows[i] > 0.5 else begins


@kernel
def share(
    state: Floats, calendar: Floats, sums: Floats, out: Floats, span_s: float, p: Record
) -> None:
    """The shape's mean over the span that ends now, times the weather's share, times the flow."""
    q = p[0]
    offset_s, cloudy = q.utc_offset_s, q.weather != 0
    x, flows = state[LOGIT], state[FLOWS]
    for i in range(out.size):
        # paths of a model share one calendar, as do those of a history that begin together
        if i > 0 and calendar[i] == calendar[i - 1]:
            out[i] = out[i - 1]
            continue
        end_s = calendar[i] + offset_s
        out[i] = profile_mean(sums, end_s - span_s, end_s)
    for i in range(out.size):
        clear = 1.0 / (1.0 + exp(-x[i])) if cloudy else 1.0
        out[i] = min(max(out[i] * clear * flows[i], 0.0), 1.0)
