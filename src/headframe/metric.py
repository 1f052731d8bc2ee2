"""
What is kept of a run, and how it is added up.

A chunk of paths is reduced at once to moments over blocks of paths and to sketches; these merge, in
the order of the blocks, into the same numbers whatever the chunks, workers or executor. A metric is
a pure function of what was kept, and every mean or probability is an `Estimate` with its standard
error.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headframe.kernels import moments as sums
from headframe.types import Array, Rows

BLOCK = 1_000
"""Paths in a block: sums are taken within a block, and blocks are added in order."""
EXACT = 100_000
"""A run of up to so many paths keeps the values of its distributions; a larger one, sketches."""
DROPPED_BITS = 11
"""Low bits of a single-precision number that a sketch forgets: cells of 2^-12 of the value."""


@dataclass(frozen=True)
class Estimate:
    """A number found by simulation, and its standard error."""

    value: float
    se: float

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """A confidence interval, 95 % by default."""
        return self.value - z * self.se, self.value + z * self.se


def wilson(probability: float, n: float, z: float = 1.959964) -> tuple[float, float]:
    """
    A confidence interval of a probability that stays within 0 and 1.

    Source: E. B. Wilson, "Probable inference", J. Amer. Statist. Assoc. 22 (1927).
    """
    if n <= 0:
        return 0.0, 1.0
    middle = (probability + z * z / (2 * n)) / (1 + z * z / n)
    spread = probability * (1 - probability) / n + z * z / (4 * n * n)
    half = z * math.sqrt(max(spread, 0.0)) / (1 + z * z / n)
    low = 0.0 if probability <= 0.0 else max(middle - half, 0.0)
    return low, 1.0 if probability >= 1.0 else min(middle + half, 1.0)


class Moments:
    """
    Means and co-moments of rows, merged block by block (Chan, Golub and LeVeque, 1979).

    `products` holds sums of squares about the mean for every row; for the rows named in `joint` it
    is kept for every pair, which is what control variates need.
    """

    def __init__(self, rows: Iterable[str], joint: Iterable[str] = ()) -> None:
        self.rows: Rows = tuple(rows)
        self.joint: Rows = tuple(joint)
        self.n = 0.0
        self.mean: Array = np.zeros(len(self.rows))
        self.squares: Array = np.zeros(len(self.rows))
        self.products: Array = np.zeros((len(self.joint), len(self.joint)))
        self._at = {name: k for k, name in enumerate(self.rows)}
        self._joint_at = np.array([self._at[name] for name in self.joint], np.int64)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def add(self, blocks: "BlockMoments") -> None:
        """Add blocks in order."""
        for n, mean, squares, products in zip(
            blocks.n, blocks.mean, blocks.squares, blocks.products, strict=True
        ):
            total = self.n + n
            delta = mean - self.mean
            weight = self.n * n / total
            apart = delta[self._joint_at]
            self.products = self.products + products + weight * np.outer(apart, apart)
            self.squares = self.squares + squares + weight * delta * delta
            self.mean = self.mean + delta * (n / total)
            self.n = total

    def estimate(self, name: str) -> Estimate:
        """The mean of a row with its standard error."""
        k = self._at[name]
        return Estimate(float(self.mean[k]), self._se(float(self.squares[k])))

    def variance(self, name: str) -> float:
        """The variance of a row (of its pair means, where paths are antithetic)."""
        return float(self.squares[self._at[name]] / max(self.n - 1.0, 1.0))

    def controlled(self, name: str, means: dict[str, float]) -> Estimate:
        """
        The mean of a row by regression on rows whose true means are known.

            y - b (x - E x),  b = S_xx^-1 S_xy,  variance (S_yy - b S_xy) / (n (n - k - 1))
        """
        names = [x for x in means if x in self.joint and self.variance(x) > 0.0]
        plain = self.estimate(name)
        if not names or self.n < len(names) + 3:
            return plain
        y = self.joint.index(name)
        xs = [self.joint.index(x) for x in names]
        sxx, sxy = self.products[np.ix_(xs, xs)], self.products[xs, y]
        slope = np.linalg.lstsq(sxx, sxy, rcond=1e-12)[0]
        off = np.array([self.mean[self._at[x]] - means[x] for x in names])
        left = max(float(self.products[y, y] - slope @ sxy), 0.0)
        freedom = self.n * (self.n - len(names) - 1.0)
        return Estimate(plain.value - float(slope @ off), math.sqrt(left / freedom))

    def _se(self, squares: float) -> float:
        return math.sqrt(max(squares, 0.0) / (self.n * max(self.n - 1.0, 1.0))) if self.n else 0.0


@dataclass(frozen=True, eq=False)
class BlockMoments:
    """Per block: count, means, squares about the mean, and products of the joint rows."""

    n: Array
    mean: Array
    squares: Array
    products: Array

    @classmethod
    def of(cls, values: Array, joint: npt.NDArray[np.int64], *, paired: bool) -> "BlockMoments":
        """Reduce `(rows, n_paths)`; of an antithetic pair the mean is one observation."""
        if paired:
            values = 0.5 * (values[:, 0::2] + values[:, 1::2])
        block = BLOCK // 2 if paired else BLOCK
        n_rows, n_blocks = values.shape[0], -(-values.shape[1] // block)
        values = np.ascontiguousarray(values)
        found = cls(
            n=np.zeros(n_blocks),
            mean=np.zeros((n_blocks, n_rows)),
            squares=np.zeros((n_blocks, n_rows)),
            products=np.zeros((n_blocks, joint.size, joint.size)),
        )
        sums.block_moments(values, block, found.n, found.mean, found.squares, np.empty(block))
        sums.block_products(values, block, joint, found.mean, found.products)
        return found


class Sketch:
    """
    A distribution: all values of a small run, counts in fine cells of a large one.

    Cells are single-precision numbers without their last bits, 2.4e-4 wide relative to the value,
    so that a merge is an addition of counts and no order matters. Quantiles interpolate between
    order statistics, the definition that NumPy uses.
    """

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact
        self.n = 0
        self._values: list[Array] = []
        self._keys: list[npt.NDArray[np.int32]] = []
        self._counts: list[npt.NDArray[np.integer[Any]]] = []
        self._waiting = 0
        self._sorted: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, values: Array, *, exact: bool) -> "Sketch":
        """A sketch of values."""
        sketch = cls(exact=exact)
        sketch.n = values.size
        if exact:
            sketch._values.append(values.copy())
        else:
            keys, counts = np.unique(_cells(values), return_counts=True)
            sketch._keys.append(keys)
            sketch._counts.append(counts.astype(np.int32))
        return sketch

    def add(self, other: "Sketch") -> None:
        """Merge another sketch of the same sort."""
        self.n += other.n
        self._sorted = None
        self._values += other._values
        self._keys += other._keys
        self._counts += other._counts
        self._waiting += sum(k.size for k in other._keys)
        if self._waiting > EXACT:
            self._compact()

    def _compact(self) -> None:
        keys, inverse = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.bincount(inverse, weights=np.concatenate(self._counts)).astype(np.int64)
        self._keys, self._counts, self._waiting = [keys], [counts], 0

    def points(self) -> tuple[Array, Array]:
        """Values in order and how often each occurs."""
        if self._sorted is None:
            if self.exact:
                values = np.sort(np.concatenate(self._values)) if self.n else np.zeros(0)
                self._sorted = values, np.ones(values.size)
            else:
                if len(self._keys) > 1:
                    self._compact()
                keys = self._keys[0] if self._keys else np.zeros(0, np.int32)
                counts = self._counts[0] if self._counts else np.zeros(0, np.int64)
                self._sorted = _middles(keys), counts.astype(np.float64)
        return self._sorted

    def quantile(self, probability: float) -> float:
        """The quantile, interpolated between neighbours; NaN-free: 0 where nothing was kept."""
        values, counts = self.points()
        if values.size == 0:
            return 0.0
        below = np.cumsum(counts)
        rank = min(max(probability, 0.0), 1.0) * (below[-1] - 1.0)
        low = int(np.searchsorted(below, math.floor(rank) + 1.0))
        high = int(np.searchsorted(below, min(math.floor(rank) + 2.0, below[-1])))
        part = rank - math.floor(rank)
        return float(values[low] + part * (values[high] - values[low]))

    def quantile_estimate(self, probability: float) -> Estimate:
        """The quantile with its standard error, from the order statistics one binomial SD away."""
        if self.n == 0:
            return Estimate(0.0, 0.0)
        apart = math.sqrt(probability * (1.0 - probability) / self.n)
        spread = self.quantile(probability + apart) - self.quantile(probability - apart)
        return Estimate(self.quantile(probability), 0.5 * spread)

    def tail_mean(self, probability: float) -> Estimate:
        """
        The mean of the lowest share of values (minus the expected shortfall), with its error.

            variance = (Var[x | x <= q] + (1 - p) (q - mean)^2) / (n p)
        """
        values, counts = self.points()
        if values.size == 0:
            return Estimate(0.0, 0.0)
        want = probability * self.n
        before = np.cumsum(counts) - counts
        weight = np.clip(want - before, 0.0, counts)
        mean = sums.add_up(weight * values) / want
        spread = sums.add_up(weight * (values - mean) ** 2) / want
        off = self.quantile(probability) - mean
        return Estimate(mean, math.sqrt((spread + (1.0 - probability) * off * off) / want))

    def histogram(self, edges: Array) -> Array:
        """How many values lie in each interval of `edges`."""
        values, counts = self.points()
        return np.histogram(values, bins=edges, weights=counts)[0]


def _cells(values: Array) -> npt.NDArray[np.int32]:
    """Order-preserving cell numbers of values."""
    patterns = np.ascontiguousarray(values, np.float32).view(np.int32)
    ordered = np.where(patterns < 0, patterns ^ np.int32(0x7FFFFFFF), patterns)
    return (ordered >> DROPPED_BITS).astype(np.int32)


def _middles(cells: npt.NDArray[np.int32]) -> Array:
    """The middle value of each cell."""
    ordered = (cells << DROPPED_BITS) + np.int32(1 << (DROPPED_BITS - 1))
    zero = cells == 0
    patterns = np.where(ordered < 0, ordered ^ np.int32(0x7FFFFFFF), ordered).astype(np.int32)
    return np.where(zero, 0.0, patterns.view(np.float32).astype(np.float64))
