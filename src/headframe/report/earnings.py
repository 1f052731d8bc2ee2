"""
What it earns, by the more exact of the two means.

Where final prices have known means, control variates often give the mean result with a fraction of
the plain mean's error. The report tells the better one, and the rates that belong to it.
"""

from dataclasses import dataclass

from headframe.metric import Estimate
from headframe.metrics.returns import Rates, Wealth, compounded
from headframe.units import YEAR_S

WORTH = 0.9
"""Control variates are told where they leave less than this share of the plain mean's error."""
CLEAR = 2.0
"""A mean this many standard errors from zero is told as a gain or a loss."""


@dataclass(frozen=True)
class Earnings:
    """
    The mean result and its rates.

    `result` is the mean of wealth less the opening, `share` that over the opening; `controlled`
    says whether control variates gave the mean.
    """

    open: float
    mean: Estimate
    controlled: bool
    share: Estimate
    apr: Estimate
    apy: Estimate

    @property
    def result(self) -> Estimate:
        """The mean result, in the numeraire."""
        return Estimate(self.mean.value - self.open, self.mean.se)

    @property
    def clear(self) -> bool:
        """Whether the mean result can be told from zero."""
        return abs(self.result.value) > CLEAR * self.result.se


def earnings(wealth: Wealth, rates: Rates, horizon_s: float) -> Earnings:
    """
    The better mean, and its rates over the horizon.

        share = mean / open - 1,   APR = share / years,   APY = (1 + share)^(1 / years) - 1
    """
    better = wealth.controlled.se < WORTH * wealth.mean.se
    mean = wealth.controlled if better else wealth.mean
    scale = wealth.open if wealth.open > 0.0 else 1.0
    share = Estimate((mean.value - wealth.open) / scale, mean.se / scale)
    if not better:
        return Earnings(wealth.open, mean, False, share, rates.apr, rates.apy)
    years = horizon_s / YEAR_S
    apr = Estimate(share.value / years, share.se / years)
    apy = compounded(share.value, years)
    slope = (1.0 + apy) / max(1.0 + share.value, 1e-12) / years
    return Earnings(wealth.open, mean, True, share, apr, Estimate(apy, share.se * abs(slope)))
