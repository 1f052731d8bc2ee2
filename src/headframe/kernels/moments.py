"""
Sums over blocks of paths, in one fixed order.

A library's sum may add in an order that depends on where the array lies in memory; two runs of the
same paths would then differ in the last bit. Here eight partial sums are kept side by side and
added in order, so the same numbers always have the same sum.
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel

Floats = npt.NDArray[np.float64]

PARTS = 8
"""Partial sums that are kept side by side."""


@kernel
def add_up(values: Floats) -> float:
    """The sum of a row."""
    partial = np.zeros(PARTS)
    whole = values.size // PARTS * PARTS
    for first in range(0, whole, PARTS):
        for k in range(PARTS):
            partial[k] += values[first + k]
    total = 0.0
    for k in range(PARTS):
        total += partial[k]
    for i in range(whole, values.size):
        total += values[i]
    return total


@kernel
def block_moments(
    values: Floats, block: int, n: Floats, mean: Floats, squares: Floats, apart: Floats
) -> None:
    """
    Count, mean and sum of squares about the mean, of each row of `values` in each block of paths.

    `n` has a number a block, `mean` and `squares` a row a block and a column a row; `apart` is room
    for one block.
    """
    for b in range(n.size):
        first = b * block
        last = min(first + block, values.shape[1])
        n[b] = last - first
        for row in range(values.shape[0]):
            part = values[row, first:last]
            centre = add_up(part) / part.size
            gap = apart[: part.size]
            for i in range(part.size):
                off = part[i] - centre
                gap[i] = off * off
            mean[b, row] = centre
            squares[b, row] = add_up(gap)


@kernel
def block_products(
    values: Floats, block: int, joint: npt.NDArray[np.int64], mean: Floats, products: Floats
) -> None:
    """Sums of products about the mean, of every pair of the rows `joint`, in each block."""
    apart = np.empty(block)
    for b in range(products.shape[0]):
        first = b * block
        last = min(first + block, values.shape[1])
        gap = apart[: last - first]
        for j in range(joint.size):
            for k in range(j + 1):
                one, other = values[joint[j], first:last], values[joint[k], first:last]
                for i in range(gap.size):
                    gap[i] = (one[i] - mean[b, joint[j]]) * (other[i] - mean[b, joint[k]])
                products[b, j, k] = add_up(gap)
                products[b, k, j] = products[b, j, k]
