"""
Thresholds that a protocol changes on a known date, at once or in a ramp.

Governance lowers a liquidation threshold with notice: all who stand between the old and the new one
are liquidated on the day, if they have not moved. Gearbox ramps its thresholds over days.
"""

from collections.abc import Sequence
from itertools import pairwise

from pydantic.dataclasses import dataclass

from headframe.types import STRICT, Delay, Threshold


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ThresholdChange:
    """
    From `at_s` on the liquidation threshold is `to`, reached in a straight line over `over_s`.

    >>> changes = (ThresholdChange(at_s="30d", to=0.7, over_s="10d"),)
    >>> [round(threshold_at(0.8, changes, day * 86_400.0), 3) for day in (30, 35, 40, 50)]
    [0.8, 0.75, 0.7, 0.7]
    """

    at_s: Delay
    to: Threshold
    over_s: Delay = 0.0


def in_order(changes: Sequence[ThresholdChange]) -> None:
    """Raise `ValueError` where a change begins before the one before it has ended."""
    for one, other in pairwise(changes):
        if other.at_s < one.at_s + one.over_s:
            raise ValueError(
                f"threshold_changes: one begins at {other.at_s:g} s, before the one before it has "
                f"ended; allowed is {one.at_s + one.over_s:g} s and later"
            )


def threshold_at(start: float, changes: Sequence[ThresholdChange], t_s: float) -> float:
    """The threshold at a time: that of the opening, moved by each change so far."""
    now = start
    for change in changes:
        if t_s >= change.at_s:
            passed = min((t_s - change.at_s) / change.over_s, 1.0) if change.over_s > 0.0 else 1.0
            now += passed * (change.to - now)
    return now


def still_to_come(start: float, changes: Sequence[ThresholdChange], t_s: float) -> float:
    """The lowest threshold from now on over that of now: what health will be multiplied with."""
    now = threshold_at(start, changes, t_s)
    later = [change.to for change in changes if change.at_s + change.over_s > t_s]
    return min([1.0, *(to / now for to in later)])
