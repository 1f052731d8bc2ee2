"""
Concentration: in how few hands the hash rate lies.

The same list of blocks looks harmless by pool name, less so once pools that share one back end are
counted together, and different again by firm or by country. So the measures here take amounts and
labels: group first, then measure. Pools are known only by the blocks they found, and a sample makes
any list look more concentrated than it is; `hhi_from_blocks` takes that out and says how sure it
is.

Sources: the Herfindahl-Hirschman index (sum of squared shares; x 10,000 in competition law);
B. Srinivasan and L. Lee, "Quantifying decentralization" (2017) for the Nakamoto coefficient;
E. H. Simpson, Nature 163 (1949) for the unbiased estimate and its variance.

>>> round(hhi([0.4, 0.3, 0.2, 0.1]) * 10_000), nakamoto_coefficient([0.4, 0.3, 0.2, 0.1])
(3000, 2)
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.analytics.domain import require_non_negative, require_proper_share
from headframe.errors import InputError
from headframe.types import Array

MAJORITY = 0.5
"""Share of the hash rate that must be exceeded to control the chain."""


@dataclass(frozen=True)
class Concentration:
    """How concentrated one grouping of the hash rate is."""

    hhi: float
    """Herfindahl-Hirschman index from 0 to 1; times 10,000 in the convention of competition law."""
    nakamoto: int
    """Fewest groups that together exceed one half."""
    largest: float
    """Share of the largest group."""

    @property
    def equivalent_count(self) -> float:
        """Number of equal groups that would be as concentrated: 1 / HHI."""
        return 1.0 / self.hhi


def shares_of(amounts: npt.ArrayLike) -> Array:
    """Shares that amounts (blocks, hash rate, power) have in their sum."""
    values = np.asarray(amounts, dtype=np.float64).ravel()
    require_non_negative(amounts=values)
    total = float(values.sum())
    if total <= 0.0:
        raise InputError("amounts", total, "must have a sum above 0")
    return values / total


def grouped(amounts: Sequence[float], labels: Sequence[str]) -> Mapping[str, float]:
    """
    Sums of amounts by label, largest first: by pool, by proxy group, by firm, by country.

    Amounts without a known owner deserve a label each: under one label they look like one owner.
    """
    if len(amounts) != len(labels):
        raise InputError("labels", len(labels), f"must be as many as the amounts, {len(amounts)}")
    sums: dict[str, float] = {}
    for amount, label in zip(amounts, labels, strict=True):
        sums[label] = sums.get(label, 0.0) + amount
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def hhi(amounts: npt.ArrayLike) -> float:
    """Herfindahl-Hirschman index: sum of squared shares, from 1/n to 1."""
    return float(np.sum(shares_of(amounts) ** 2))


def nakamoto_coefficient(amounts: npt.ArrayLike, *, above: float = MAJORITY) -> int:
    """
    Fewest groups whose shares together exceed `above`.

        min { k : sum of the k largest shares > above }

    Two groups of exactly one half each count as 2. Source: Srinivasan and Lee 2017.
    """
    require_proper_share(above=above)
    largest_first = np.sort(shares_of(amounts))[::-1]
    # Shares such as 0.1 + 0.2 + 0.2 must not exceed 0.5 by rounding alone.
    exceeds = np.cumsum(largest_first) > above * (1.0 + 1e-12)
    return int(np.argmax(exceeds)) + 1


def concentration(amounts: npt.ArrayLike) -> Concentration:
    """All measures of one grouping."""
    return Concentration(
        hhi(amounts), nakamoto_coefficient(amounts), float(shares_of(amounts).max())
    )


def hhi_from_blocks(blocks: npt.ArrayLike) -> tuple[float, float]:
    """
    Unbiased index from counts of found blocks, and its standard error.

        H = sum n_i (n_i - 1) / (N (N - 1))
        variance = (4 (N-2) C + 2 H - 2 (2N-3) H^2) / (N (N - 1)),   C estimates sum s_i^3

    The plain index of a sample is too high by about 1/N. Source: Simpson 1949.
    """
    counts = np.asarray(blocks)
    if counts.dtype.kind not in "iu" or bool(np.any(counts < 0)) or counts.sum() < 3:
        raise InputError("blocks", blocks, "must be whole numbers of 0 or more, at least 3 in all")
    n, total = counts.astype(np.float64), float(counts.sum())
    pairs = total * (total - 1.0)
    index = float(np.sum(n * (n - 1.0))) / pairs
    cubes = float(np.sum(n * (n - 1.0) * (n - 2.0))) / (pairs * (total - 2.0))
    # No list of shares has sum s^3 below (sum s^2)^2, an estimate may.
    cubes = max(cubes, index**2)
    variance = 4.0 * (total - 2.0) * cubes + 2.0 * index - 2.0 * (2.0 * total - 3.0) * index**2
    return index, math.sqrt(max(variance, 0.0) / pairs)
