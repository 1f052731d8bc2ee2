"""
What a block pays: a subsidy that is known, and fees that are not.

The subsidy is fixed by consensus; fees differ from block to block by much more than their mean
suggests. Formulas about luck need three things of a reward: its mean, its mean square and its
Laplace transform. Fees are taken as gamma distributed, the positive law with a given mean and
spread whose transform has a closed form.

>>> reward = BlockReward(subsidy_btc=3.125, fees_btc=0.1, fees_sd_btc=0.2)
>>> round(reward.mean_btc, 3), round(reward.square_btc2, 6)
(3.225, 10.440625)
"""

from dataclasses import dataclass

import numpy as np

from headframe.analytics.domain import require_non_negative, require_positive
from headframe.types import Array


@dataclass(frozen=True)
class BlockReward:
    """What a block pays: a fixed subsidy, and fees that vary from block to block (gamma)."""

    subsidy_btc: float
    """New coins."""
    fees_btc: float = 0.0
    """Mean fees of a block."""
    fees_sd_btc: float = 0.0
    """Standard deviation of a block's fees."""

    def __post_init__(self) -> None:
        require_non_negative(
            subsidy_btc=self.subsidy_btc, fees_btc=self.fees_btc, fees_sd_btc=self.fees_sd_btc
        )
        if self.fees_sd_btc > 0.0:
            require_positive(fees_btc=self.fees_btc)

    @property
    def mean_btc(self) -> float:
        """Mean reward of a block."""
        return self.subsidy_btc + self.fees_btc

    @property
    def square_btc2(self) -> float:
        """Mean square of the reward."""
        return self.mean_btc**2 + self.fees_sd_btc**2

    @property
    def fees_alone(self) -> "BlockReward":
        """The same block without its subsidy."""
        return BlockReward(0.0, self.fees_btc, self.fees_sd_btc)

    def laplace_less_one(self, theta: float | Array) -> Array:
        """E[exp(-theta reward)] - 1, exact for small theta too; `theta` per BTC, 0 or more."""
        slope = np.asarray(theta, dtype=np.float64)
        if self.fees_sd_btc == 0.0:
            return np.asarray(np.expm1(-slope * self.mean_btc))
        scale = self.fees_sd_btc**2 / self.fees_btc
        fees = self.fees_btc / scale * np.log1p(slope * scale)
        return np.asarray(np.expm1(-slope * self.subsidy_btc - fees))
