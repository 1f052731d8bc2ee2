"""Where it starts to lose: the mean result by final price, and the prices at which it is zero."""

from dataclasses import dataclass

import numpy as np

from headframe.tally import PROFILE_EDGES, Kept

LEAST_PATHS = 30
"""A cell of final prices with fewer paths says nothing."""


@dataclass(frozen=True)
class Profile:
    """
    The mean result by final price of one asset, given as ratios to its opening.

    `break_evens` are the ratios at which the mean result changes sign, by linear interpolation
    between the middles of neighbouring cells.
    """

    asset: str
    ratios: tuple[float, ...]
    means: tuple[float, ...]
    ses: tuple[float, ...]
    break_evens: tuple[float, ...]


def profiles(kept: Kept) -> list[Profile]:
    """One profile for each asset whose price moves."""
    return [_profile(asset, *cells) for asset, cells in kept.profiles.items()]


def _profile(
    asset: str,
    count: np.typing.NDArray[np.float64],
    total: np.typing.NDArray[np.float64],
    squares: np.typing.NDArray[np.float64],
) -> Profile:
    some = count >= LEAST_PATHS
    middle = np.exp(0.5 * (PROFILE_EDGES[1:] + PROFILE_EDGES[:-1]))[some]
    n = count[some]
    mean = total[some] / n
    se = np.sqrt(np.maximum(squares[some] / n - mean * mean, 0.0) / n)
    roots = []
    for k in range(len(mean) - 1):
        if mean[k] * mean[k + 1] < 0.0:
            part = mean[k] / (mean[k] - mean[k + 1])
            roots.append(float(middle[k] + part * (middle[k + 1] - middle[k])))
    return Profile(
        asset, tuple(middle.tolist()), tuple(mean.tolist()), tuple(se.tolist()), tuple(roots)
    )
