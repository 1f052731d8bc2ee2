"""
The shocks of a chunk: one stream of random numbers per name, correlated across all processes.

A stream is keyed by the seed and its name, so adding a process renumbers nobody's draws. The
correlated streams are given their correlation by the Cholesky factor of one matrix, in the order in
which the book names them: a stream appended to the matrix leaves the earlier ones untouched.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headframe.errors import InputError
from headframe.kernels import philox
from headframe.scenario import Paths
from headframe.types import Array, Block, Rows

EIGENVALUE_TOLERANCE = 1e-10
"""Eigenvalues above minus this count as zero: rounding, not inconsistency."""
MATTERS = 0.1
"""A pair is named that weighs at least this share of the worst in what is negative."""
NAMED = 4
"""How many of the pairs that contradict each other an error names, the worst first."""


def cholesky_root(
    names: Rows, correlations: Mapping[tuple[str, str], float]
) -> npt.NDArray[np.float64]:
    """
    The lower Cholesky factor of the correlation matrix over `names`.

    Raises `InputError` where the matrix is not positive semi-definite, naming the pairs that weigh
    most in the direction of its negative eigenvalue.
    """
    if not names:
        return np.zeros((0, 0))
    at = {name: k for k, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (one, other), value in correlations.items():
        matrix[at[one], at[other]] = matrix[at[other], at[one]] = value
    lowest, direction = (part[..., 0] for part in np.linalg.eigh(matrix))
    if lowest < -EIGENVALUE_TOLERANCE:
        weight = {
            pair: value * direction[at[pair[0]]] * direction[at[pair[1]]]
            for pair, value in correlations.items()
        }
        least = min(weight.values())
        ranked = sorted(weight, key=weight.__getitem__)
        worst = [pair for pair in ranked if weight[pair] < MATTERS * least]
        pairs = "; ".join(f"{a} with {b} = {correlations[a, b]:g}" for a, b in worst[:NAMED])
        raise InputError(
            "correlation",
            None,
            f"these pairs contradict each other: {pairs} (the matrix must be positive "
            f"semi-definite, its least eigenvalue is {lowest:.4g})",
        )
    return _semidefinite_root(matrix)


def _semidefinite_root(matrix: Array) -> Array:
    """Cholesky by rows; a direction of zero variance gets a zero column instead of a division."""
    size = matrix.shape[0]
    root = np.zeros_like(matrix)
    for a in range(size):
        for b in range(a + 1):
            rest = matrix[a, b] - root[a, :b] @ root[b, :b]
            if a == b:
                root[a, a] = np.sqrt(max(rest, 0.0))
            else:
                root[a, b] = rest / root[b, b] if root[b, b] > 1e-8 else 0.0
    return root


@dataclass(frozen=True, eq=False)
class Streams:
    """Which streams a clock draws, in which rows, and how some of them are correlated."""

    normals: Rows
    uniforms: Rows
    correlated: npt.NDArray[np.int64]
    root: Array

    @classmethod
    def of(
        cls, normals: Rows, uniforms: Rows, correlations: Mapping[tuple[str, str], float]
    ) -> "Streams":
        """Streams with the part of the correlation table that concerns them."""
        named = dict.fromkeys(name for pair in correlations for name in pair)
        unknown = [name for name in named if name not in normals]
        if unknown:
            raise InputError("correlation", unknown[0], f"shocks are {', '.join(normals)}")
        root = cholesky_root(tuple(named), correlations)
        rows = np.array([normals.index(name) for name in named], np.int64)
        return cls(normals, uniforms, rows, root)

    @property
    def rows(self) -> Rows:
        """Rows of the draws: normals first."""
        return self.normals + self.uniforms


class Draws:
    """The draws of one chunk: a block for even steps and one for odd, filled together."""

    def __init__(self, streams: Streams, paths: Paths) -> None:
        self.streams = streams
        n_rows = len(streams.rows)
        self.even = Block(streams.rows, np.empty((n_rows, paths.n_paths)))
        self.odd = Block(streams.rows, np.empty((n_rows, paths.n_paths)))
        self.ids = paths.counters()
        self.signs = paths.signs()
        self.keys = [philox.stream_key(paths.seed, name) for name in streams.rows]

    def at(self, step: int) -> Block:
        """The draws of a step; steps are asked for in order."""
        pair, odd = divmod(step, 2)
        if not odd:
            self._fill(pair)
        return self.odd if odd else self.even

    def _fill(self, pair: int) -> None:
        even, odd = self.even.data, self.odd.data
        n_normals = len(self.streams.normals)
        for row, key in enumerate(self.keys):
            fill = philox.fill_normals if row < n_normals else philox.fill_uniforms
            fill(even, odd, row, self.ids, self.signs, key, pair)
        if self.streams.correlated.size:
            philox.correlate(even, self.streams.correlated, self.streams.root)
            philox.correlate(odd, self.streams.correlated, self.streams.root)
