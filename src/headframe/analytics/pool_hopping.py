"""
Pool hopping: why a proportional pool pays most to those who do not stay.

In a proportional pool the reward of a round is split over the round's shares. A share sent while
the round is young will share with few, one sent late has to share with many, though both have the
same chance to end the round. So a miner who leaves when the round gets old, and works elsewhere for
a fair pay until it ends, earns more than his work is worth, at the cost of those who stay.

Ages of rounds are in units of the mean work of a block (shares over difficulty).

Sources: M. Rosenfeld, "Analysis of Bitcoin pooled mining reward systems" (arXiv 1112.4980)
(an age of 43.5 %, a gain of up to 28 %); Raulo, "Optimal pool abuse strategy" (2011).

>>> age = hopping_age()
>>> round(age, 7), round(hopper_gain(age), 6), round(loyal_gain(age, hoppers_per_loyal=1e12), 6)
(0.4348182, 1.281494, 0.565182)
"""

import math

import numpy as np

from headframe.analytics.domain import Real, require_non_negative, require_positive

FAR = 500.0
"""Age from which the asymptotic series of e^x E1(x) is used: relative error 120 / FAR^5 = 4e-12."""


def share_value(age: Real) -> Real:
    """
    Mean pay of a share sent at age x of the round, over its fair pay p B.

        e^x E1(x)                     E1 the exponential integral; above 1 while x < 0.4348

    Source: Rosenfeld 2011.
    """
    from scipy.special import exp1

    require_positive(age=age)
    near = np.minimum(age, FAR)
    inverse = 1.0 / np.maximum(age, FAR)
    series = np.polynomial.polynomial.polyval(inverse, [0.0, 1.0, -1.0, 2.0, -6.0, 24.0])
    value: Real = np.where(np.less(age, FAR), np.exp(near) * exp1(near), series)[()]
    return value


def hopping_age(*, fallback: float = 1.0) -> float:
    """
    Age of the round at which a hopper leaves: the root of e^x E1(x) = fallback.

    `fallback` is what his work earns elsewhere over its fair pay, fee deducted on both sides.
    Source: Rosenfeld 2011; 0.4348182 for a fair fallback.
    """
    from scipy.optimize import brentq

    require_positive(fallback=fallback)

    def excess(log_age: float) -> float:
        return float(share_value(math.exp(log_age))) - fallback

    # -ln x - 0.5773 < e^x E1(x) < 1/x, so this bracket holds the root.
    low, high = -fallback - 1.0, -math.log(fallback)
    return math.exp(float(brentq(excess, low, high, xtol=1e-14)))


def hopper_gain(age: float, *, fallback: float = 1.0) -> float:
    """
    Mean pay of a hopper's work, over its fair pay, if he leaves every round at an age.

        1 - e^-x + x E1(x) + fallback e^-x          1 + x E1(x) for a fair fallback

    His own hash rate is small beside the pool's. Source: Rosenfeld 2011.
    """
    from scipy.special import exp1

    require_positive(age=age)
    require_non_negative(fallback=fallback)
    return -math.expm1(-age) + age * float(exp1(age)) + fallback * math.exp(-age)


def loyal_gain(age: float, *, hoppers_per_loyal: float) -> float:
    """
    Mean pay of those who stay, over its fair pay, beside hoppers who leave at an age.

        1 - k/(1+k) x E1(x) / (e^-x + (1 - e^-x)/(1+k))

    `hoppers_per_loyal` k is the hoppers' hash rate over that of those who stay. With hoppers
    without number 1 - x at the best age: 0.565.
    """
    from scipy.special import exp1

    require_positive(age=age)
    require_non_negative(hoppers_per_loyal=hoppers_per_loyal)
    hopping = hoppers_per_loyal / (1.0 + hoppers_per_loyal)
    work = math.exp(-age) - math.expm1(-age) / (1.0 + hoppers_per_loyal)
    return 1.0 - hopping * age * float(exp1(age)) / work
