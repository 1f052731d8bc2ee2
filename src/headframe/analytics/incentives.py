"""
An advertised yield taken apart, and what remains of it when incentives end and capital leaves.

A farm's page adds up fees, which traders pay, and emissions, which the platform prints. The second
end. Then the yield falls to the fees', some of the capital leaves, and those who stay share the
fees among fewer. How far that helps is a matter of two elasticities, as in any market:

    capital   V' / V = (yield' / yield)^s         s = 0 nobody leaves, s without end: all who can
    volume    W' / W = (V' / V)^v                 v = 0 trade does not care how deep the pool is

Yields are simple yearly rates on what is in the pool.

>>> left = after_incentives(fees_apr=0.10, emissions_apr=0.30)  # half leave, fees double
>>> round(float(left.capital), 3), round(float(left.fees_apr), 3)
(0.5, 0.2)
"""

from typing import NamedTuple

import numpy as np

from headframe.analytics.domain import (
    Real,
    require_at_least,
    require_finite,
    require_non_negative,
    require_share,
)


class YieldParts(NamedTuple):
    """
    A position's yield as a page would show it, taken apart: simple yearly rates.

    Fees and emissions are on assets, interest on what is borrowed; assets are `leverage` times
    equity.
    """

    fees_apr: float
    emissions_apr: float
    borrow_apr: float = 0.0
    leverage: float = 1.0

    @property
    def advertised_apr(self) -> float:
        """All of it, on equity."""
        return float(
            on_equity(
                yield_apr=self.fees_apr + self.emissions_apr,
                borrow_apr=self.borrow_apr,
                leverage=self.leverage,
            )
        )

    def without_emissions_apr(self, *, capital_elasticity: float = 0.0) -> float:
        """What remains on equity when emissions end; nobody leaves unless an elasticity is told."""
        left = after_incentives(
            fees_apr=max(self.fees_apr, 0.0),
            emissions_apr=max(self.emissions_apr, 0.0),
            capital_elasticity=capital_elasticity,
        )
        return float(
            on_equity(yield_apr=left.fees_apr, borrow_apr=self.borrow_apr, leverage=self.leverage)
        )


class Remaining(NamedTuple):
    """What is left: of the capital, as a share, and the fees' yield on it."""

    capital: Real
    fees_apr: Real


def after_incentives(
    *,
    fees_apr: Real,
    emissions_apr: Real,
    capital_elasticity: Real = 1.0,
    volume_elasticity: Real = 0.0,
) -> Remaining:
    """
    Capital that stays, and its yield from fees, when emissions end.

        V'/V = (f / (f + e))^(s / (1 + s (1 - v))),   f' = f (V'/V)^(v - 1)

    Where supply, V'/V = (f'/(f + e))^s, meets what the pool pays, f' = f (V'/V)^(v - 1). With
    capital without end that asks what it had (s to infinity, v = 0) all emissions are made up for
    by those who leave: f' = f + e. Source: those two equations.
    """
    require_non_negative(
        fees_apr=fees_apr, emissions_apr=emissions_apr, capital_elasticity=capital_elasticity
    )
    require_share(volume_elasticity=volume_elasticity)
    whole = np.asarray(fees_apr, np.float64) + emissions_apr
    share = np.where(whole > 0.0, fees_apr / np.where(whole > 0.0, whole, 1.0), 1.0)
    slope = capital_elasticity / (1.0 + capital_elasticity * (1.0 - volume_elasticity))
    capital = share**slope
    some = np.where(capital > 0.0, capital, 1.0)
    fees: Real = np.where(fees_apr > 0.0, fees_apr * some ** (volume_elasticity - 1.0), 0.0)[()]
    return Remaining(capital=capital[()], fees_apr=fees)


def on_equity(*, yield_apr: Real, borrow_apr: Real, leverage: Real) -> Real:
    """
    What a yield on assets makes on equity at a leverage.

        L yield - (L - 1) borrow

    Source: Alpha Homora v2 developer guide, "Calculation": 1,000 at five times in a farm that pays
    20 % earns 1,000 gross, and 600 net of 10 % on the 4,000 that are borrowed.
    """
    require_finite(yield_apr=yield_apr, borrow_apr=borrow_apr)
    require_at_least(1.0, leverage=leverage)
    return leverage * yield_apr - (leverage - 1.0) * borrow_apr
