"""
Realised volatility as a policy can see it: squared moves of a price, of which older ones fade.

(p - q)^2 / (p q) is the squared logarithmic move up to a twelfth of its square, and needs no
logarithm.
"""

import numpy as np

from headframe.types import Array


def squared_move(price: Array, before: Array) -> Array:
    """The squared logarithmic move from one price to another; 0 where one is missing."""
    scale = price * before
    there = scale > 0.0
    move: Array = np.where(there, (price - before) ** 2 / np.where(there, scale, 1.0), 0.0)
    return move
