"""
How a liquidation comes about: who may call it, what he takes, and what unwinding costs.

Scalar pieces that the kernels of leveraged positions melt into themselves. Sources: the documented
behaviour of Alpha Homora and Alpaca Finance (bounty first, guard between pool and oracle), Aave
(close factor), Euler (discount that grows as health falls), Maker (price that falls with time).
"""

from headframe.kernels.compiled import inline

FIXED, BY_HEALTH, BY_TIME = 0, 1, 2
"""Rules of the penalty: one number; growing as health falls; growing as time passes."""


@inline
def impact(value: float, depth: float) -> float:
    """
    Share lost to the price's own move when `value` is sold into a constant-product pool.

        out = depth value / (depth + value),   lost = value / (depth + value)

    `depth` is the value of the side that is bought; zero stands for a market without end.
    """
    sold = max(value, 0.0)
    return sold / (sold + depth) if depth > 0.0 else 0.0


@inline
def swapped(x: float, y: float, debt0: float, debt1: float) -> float:
    """
    Value that must change tokens so that `x` and `y` (by value) repay two debts (by value).

    Where both together fall short all of the richer side goes; what is left over is not sold.
    """
    short0, short1 = max(debt0 - x, 0.0), max(debt1 - y, 0.0)
    spare0, spare1 = max(x - debt0, 0.0), max(y - debt1, 0.0)
    return max(min(short0, spare1), min(short1, spare0))


@inline
def penalty_share(rule: int, most: float, health: float, waited_s: float, ramp_s: float) -> float:
    """
    Share of the proceeds that the liquidator takes.

        fixed       most
        by health   min(1 - health, most)                    (Euler: the worse, the dearer)
        by time     most * min(waited / ramp, 1)              (a Dutch auction)
    """
    grown = min(max(1.0 - health, 0.0), most)
    passed = most * min(waited_s / ramp_s, 1.0) if ramp_s > 0.0 else most
    return most if rule == FIXED else (grown if rule == BY_HEALTH else passed)


@inline
def apart(one: float, other: float) -> float:
    """How far two prices stand apart: the greater over the smaller; 1 where one is missing."""
    high, low = max(one, other), min(one, other)
    return high / low if low > 0.0 else 1.0
