"""
Difficulty algorithms on the arrays of one chain, twins of the rules in `exact`.

A chain is three arrays over its blocks, oldest first: header times in whole seconds, targets, and
the running sum of work (one over the target). A rule reads what stands before place `at` and gives
the target of the block that comes there. Targets are in any unit, so that 1 can stand for the one
at which the opening hash rate finds a block in one spacing.

What the floats leave out is what the compact form and integer division cut off. Seen from these
rules an exact target is lower by less than one part in 2^15 (compact form), and moreover

* `asert`: off by 1.3e-4 either way, the consensus rule's cubic in place of a power of two, and by
  1.1e-5, its exponent in steps of 2^-16;
* `monero`: lower by one difficulty at most, which is rounded up (and it has no compact form);
* `ethereum`: off by 100 difficulties at most (step // 2048), no compact form;
* the others: by a few parts in the target or the work itself, 1e-9 at difficulty 1 and less above.

The easiest target that a chain allows is left out: a chain that meets it has lost its miners. So
are Ethereum's bomb and ommers. Parity is tested in `tests/kernels/test_retargets.py`.

Sources: those of `exact.bitcoin_consensus`, `bitcoin_cash`, `lwma`, `zcash`, `dogecoin`, `dash`,
`litecoin`, `monero` and `ethereum_pow`.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Record = npt.NDArray[np.void]

BITCOIN, LITECOIN, ASERT, CW144, LWMA, ZCASH, DOGECOIN, DGW3, MONERO, ETHEREUM = range(10)
"""The rules, as the record of a chain names them in `rule`."""
LOOKBACK = 2048
"""No rule looks back further than this many blocks."""
MEDIAN_SPAN = 11
"""A median time past is taken over this many blocks."""
LN_2 = 0.6931471805599453
"""The natural logarithm of 2."""
MONERO_LAG, MONERO_CUT = 15, 60
"""Monero leaves out this many blocks at the tip, and this many times at each end."""


@inline
def _clamped(value: int, least: int, most: int) -> int:
    return min(max(value, least), most)


@inline
def _truncated(numerator: int, denominator: int) -> int:
    # Integer quotient towards zero: `//` rounds down.
    quotient = abs(numerator) // denominator
    return quotient if numerator >= 0 else -quotient


@inline
def bitcoin(
    times: Ints, targets: Floats, at: int, height: int, interval: int, span_s: int
) -> float:
    """Every `interval` blocks: t' = t * clamp(last - first, T/4, 4T) / T over interval - 1 gaps."""
    if height % interval != 0:
        return float(targets[at - 1])
    actual_s = _clamped(times[at - 1] - times[at - interval], span_s // 4, span_s * 4)
    return float(targets[at - 1] * actual_s / span_s)


@inline
def litecoin(
    times: Ints, targets: Floats, at: int, height: int, interval: int, span_s: int
) -> float:
    """As `bitcoin`, over all `interval` gaps."""
    if height % interval != 0:
        return float(targets[at - 1])
    actual_s = _clamped(times[at - 1] - times[at - 1 - interval], span_s // 4, span_s * 4)
    return float(targets[at - 1] * actual_s / span_s)


@inline
def asert(times: Ints, targets: Floats, at: int, spacing_s: int, half_life_s: int) -> float:
    """Anchor block 1: t' = t_1 * 2^((time since block 0 - T * blocks since) / half-life)."""
    ahead_s = times[at - 1] - times[0] - spacing_s * (at - 1)
    return float(targets[1] * exp(ahead_s / half_life_s * LN_2))


@inline
def _middle(times: Ints, at: int) -> int:
    # The block of middle time among three, by the three swaps that decide for equal times.
    low, middle, high = at, at + 1, at + 2
    if times[low] > times[high]:
        low, high = high, low
    if times[low] > times[middle]:
        low, middle = middle, low
    if times[middle] > times[high]:
        middle, high = high, middle
    return middle


@inline
def cw144(times: Ints, works: Floats, at: int, window: int, spacing_s: int) -> float:
    """Between middle blocks N = 144 apart: t' = clamp(time, T N / 2, 2 T N) / (work * T)."""
    first, last = _middle(times, at - window - 3), _middle(times, at - 3)
    span_s = window * spacing_s
    actual_s = _clamped(times[last] - times[first], span_s // 2, span_s * 2)
    return float(actual_s / ((works[last] - works[first]) * spacing_s))


@inline
def lwma(times: Ints, targets: Floats, at: int, window: int, spacing_s: int) -> float:
    """With k = N (N + 1) T / 2: t' = mean t * max(sum_i i clamp(gap_i, -6T, 6T), k / 10) / k."""
    weighted_s, summed, most_s = 0, 0.0, 6 * spacing_s
    later, earlier = times[at - window : at], times[at - window - 1 : at - 1]
    recent = targets[at - window : at]
    for i in range(window):
        weighted_s += (i + 1) * _clamped(later[i] - earlier[i], -most_s, most_s)
    for i in range(window):
        summed += recent[i]
    full_s = window * (window + 1) * spacing_s // 2
    return max(weighted_s, full_s // 10) * summed / (full_s * window)


@inline
def _in_order(times: Ints) -> bool:
    # Two views and one index, so that the loop is vectorised.
    later, earlier = times[1:], times[:-1]
    descents = 0
    for i in range(later.size):
        descents += later[i] < earlier[i]
    return descents == 0


@inline
def _ranked(times: Ints, rank: int) -> int:
    # The time of a rank, 0 the earliest, by counting: for the few windows that are not in order.
    found = times[0]
    for i in range(times.size):
        below, level = 0, 0
        for j in range(times.size):
            below += times[j] < times[i]
            level += times[j] == times[i]
        if below <= rank < below + level:
            found = times[i]
    return int(found)


@inline
def _median_time(times: Ints, at: int) -> int:
    # Median time past of the block before `at`. Times in order need no search, and mostly are.
    window, middle = times[at - MEDIAN_SPAN : at], MEDIAN_SPAN // 2
    return int(window[middle] if _in_order(window) else _ranked(window, middle))


@inline
def zcash(times: Ints, targets: Floats, at: int, window: int, spacing_s: int) -> float:
    """Between medians: t' = mean t * clamp(T + trunc((time - T) / 4), 0.84 T, 1.32 T) / T."""
    summed, span_s = 0.0, window * spacing_s
    for i in range(at - window, at):
        summed += targets[i]
    measured_s = _median_time(times, at) - _median_time(times, at - window)
    damped_s = span_s + _truncated(measured_s - span_s, 4)
    actual_s = _clamped(damped_s, span_s * 84 // 100, span_s * 132 // 100)
    return summed / window * actual_s / span_s


@inline
def dogecoin(times: Ints, targets: Floats, at: int, spacing_s: int) -> float:
    """DigiShield: t' = t * clamp(T + trunc((gap - T) / 8), T - T/4, T + T/2) / T."""
    gap_s = times[at - 1] - times[at - 2]
    damped_s = spacing_s + _truncated(gap_s - spacing_s, 8)
    actual_s = _clamped(damped_s, spacing_s - spacing_s // 4, spacing_s + spacing_s // 2)
    return float(targets[at - 1] * actual_s / spacing_s)


@inline
def dgw3(times: Ints, targets: Floats, at: int, window: int, spacing_s: int) -> float:
    """Newest counted twice: t' = mean t * clamp(time over N - 1 gaps, T N / 3, 3 T N) / (T N)."""
    summed = targets[at - 1]
    for i in range(at - window, at):
        summed += targets[i]
    span_s = window * spacing_s
    actual_s = _clamped(times[at - 1] - times[at - window], span_s // 3, span_s * 3)
    return float(summed / (window + 1) * actual_s / span_s)


@inline
def monero(times: Ints, works: Floats, at: int, window: int, spacing_s: int) -> float:
    """Over the sorted times in the middle of a window behind a lag: t' = time / (work * T)."""
    begin = at - MONERO_LAG - window
    first, last = MONERO_CUT, window - MONERO_CUT - 1
    seen = times[begin : begin + window]
    if _in_order(seen):
        time_s = seen[last] - seen[first]
    else:
        time_s = _ranked(seen, last) - _ranked(seen, first)
    work = works[begin + last] - works[begin + first]
    return float(max(time_s, 1) / (work * spacing_s))


@inline
def ethereum(times: Ints, targets: Floats, at: int, step_s: int) -> float:
    """Steps of 10 s (Homestead) or 9 s: 1/t' = 1/t * (1 + max(1 - gap // step, -99) / 2048)."""
    gap_s = times[at - 1] - times[at - 2]
    return float(targets[at - 1] / (1.0 + max(1 - gap_s // step_s, -99) / 2048.0))


@inline
def next_target(
    times: Ints, targets: Floats, works: Floats, at: int, first_height: int, q: Any
) -> float:
    """
    Target of the block at place `at` by the rule of the record `q`.

    `q` has the fields `rule`, `spacing_s`, `window` (interval, window or step) and `half_life_s`;
    `first_height` is the height of place 0, which only periods look at.
    """
    rule, spacing_s, window = q.rule, q.spacing_s, q.window
    if rule == BITCOIN:
        return bitcoin(times, targets, at, at + first_height, window, window * spacing_s)
    if rule == LITECOIN:
        return litecoin(times, targets, at, at + first_height, window, window * spacing_s)
    if rule == ASERT:
        return asert(times, targets, at, spacing_s, q.half_life_s)
    if rule == CW144:
        return cw144(times, works, at, window, spacing_s)
    if rule == LWMA:
        return lwma(times, targets, at, window, spacing_s)
    if rule == ZCASH:
        return zcash(times, targets, at, window, spacing_s)
    if rule == DOGECOIN:
        return dogecoin(times, targets, at, spacing_s)
    if rule == DGW3:
        return dgw3(times, targets, at, window, spacing_s)
    if rule == MONERO:
        return monero(times, works, at, window, spacing_s)
    return ethereum(times, targets, at, window)


@kernel
def next_targets(
    p: Record,
    times: Ints,
    targets: Floats,
    works: Floats,
    places: Ints,
    first_height: int,
    out: Floats,
) -> None:
    """Targets by the rule of `p` at several places of one chain, all at least `LOOKBACK`."""
    for i in range(places.size):
        out[i] = next_target(times, targets, works, places[i], first_height, p[0])
