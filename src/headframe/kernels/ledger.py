"""
The two sums that every step needs: what prices alone did, and what all is worth now.

A *table* is an int64 array with a row per holding: (0 for the books or 1 for the held block, its
row there, the world row of its price, the books row of its account's market result).
"""

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import kernel

Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.int64]


@kernel
def revalue(books: Floats, held: Floats, before: Floats, now: Floats, table: Table) -> None:
    """Market result of each account: quantity held before times the change of its price."""
    for k in range(table.shape[0]):
        quantity = books[table[k, 1]] if table[k, 0] == 0 else held[table[k, 1]]
        old, new, market = before[table[k, 2]], now[table[k, 2]], books[table[k, 3]]
        for i in range(quantity.size):
            market[i] += quantity[i] * (new[i] - old[i])


@kernel
def owing(owed: Floats) -> bool:
    """Whether anything is owed on any path."""
    count = 0
    for i in range(owed.size):
        count += 1 if owed[i] != 0.0 else 0
    return count > 0


@kernel
def mark(
    books: Floats, held: Floats, now: Floats, table: Table, wealth: int, peak: int, drawdown: int
) -> None:
    """
    Wealth is the sum of quantity times price; its peak so far, and the deepest fall from a peak.

        drawdown = max over time of 1 - wealth / peak
    """
    worth, highest, deepest = books[wealth], books[peak], books[drawdown]
    worth[:] = 0.0
    for k in range(table.shape[0]):
        quantity = books[table[k, 1]] if table[k, 0] == 0 else held[table[k, 1]]
        price = now[table[k, 2]]
        for i in range(worth.size):
            worth[i] += quantity[i] * price[i]
    for i in range(worth.size):
        top = max(highest[i], worth[i])
        highest[i] = top
        deepest[i] = max(deepest[i], (top - worth[i]) / max(top, 1e-300))
