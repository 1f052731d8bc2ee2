"""
From a machine's menu of settings to strikes: what each further watt earns.

A machine does not run or stand still: it has a menu of presets. What decides between two of them is
not the average of joules a terahash but the *margin*: the power that the next preset takes more,
over the hash rate that it adds. Presets that lie below the line between two others (more power for
each further terahash than a mixture of machines would need) are never worth setting.

    strike of a step = hashprice (1 - fee) added TH/s / added MW

A machine at a power price p stands at the highest preset whose step has a strike above p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from headframe.analytics.domain import require_non_negative, require_proper_share
from headframe.analytics.hashprice import strike_usd_per_mwh
from headframe.units import W_PER_KW


@dataclass(frozen=True)
class Setting:
    """
    What one machine does at a preset: its hash rate, and the power that it takes.

    >>> Setting("eco", 100.0, 2_000.0).kw
    2.0
    """

    name: str
    th_s: float
    watts: float

    @property
    def kw(self) -> float:
        """Power in kilowatts."""
        return self.watts / W_PER_KW


OFF = Setting("off", 0.0, 0.0)
"""Standing still."""


@dataclass(frozen=True)
class Step:
    """
    From one preset up to the next that is worth it.

    `marginal_j_per_th` is what the added hash rate takes, `average_j_per_th` what all of it does.
    """

    below: Setting
    above: Setting

    @property
    def added_th_s(self) -> float:
        """Hash rate that the step adds."""
        return self.above.th_s - self.below.th_s

    @property
    def added_kw(self) -> float:
        """Power that the step takes more."""
        return self.above.kw - self.below.kw

    @property
    def marginal_j_per_th(self) -> float:
        """Joules of each further terahash."""
        return (self.above.watts - self.below.watts) / self.added_th_s

    @property
    def average_j_per_th(self) -> float:
        """Joules of each terahash at the upper preset."""
        return self.above.watts / self.above.th_s

    def strike_usd_per_mwh(
        self, *, hashprice_usd: float, pool_fee: float, pue: float = 1.0
    ) -> float:
        """
        Power price up to which the step pays: the break-even price of its marginal efficiency.

        `hashprice_usd` is in USD per PH/s and day; `pue` is the site's power over the machines'.
        """
        require_non_negative(hashprice_usd=hashprice_usd)
        require_proper_share(pool_fee=pool_fee)
        per_th = self.marginal_j_per_th * pue
        return float(
            strike_usd_per_mwh(
                hashprice_usd=hashprice_usd, efficiency_j_per_th=per_th, pool_fee=pool_fee
            )
        )


def steps(menu: Sequence[Setting]) -> tuple[Step, ...]:
    """
    Steps from standing still up to the strongest preset, in falling order of their strikes.

    The upper convex hull of (watts, TH/s) from the origin: marginal efficiency only gets worse.

    >>> menu = [Setting("eco", 120.0, 1_800.0), Setting("usual", 200.0, 3_500.0),
    ...         Setting("odd", 130.0, 2_900.0)]
    >>> [(s.above.name, round(s.marginal_j_per_th, 2)) for s in steps(menu)]
    [('eco', 15.0), ('usual', 21.25)]
    """
    hull = [OFF]
    for setting in sorted(menu, key=lambda s: (s.watts, -s.th_s)):
        if setting.th_s <= hull[-1].th_s:
            continue  # more power for no more hash rate
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) <= _slope(hull[-1], setting):
            hull.pop()
        hull.append(setting)
    return tuple(Step(low, high) for low, high in pairwise(hull))


def _slope(low: Setting, high: Setting) -> float:
    return (high.th_s - low.th_s) / (high.watts - low.watts)
