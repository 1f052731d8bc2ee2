"""
A gas price on chunks: what users would pay moves, and the chain's rule follows it block by block.

Users spend a given amount on gas, so what they want falls as the price rises: at the price w their
demand is the chain's target, at b it is w / b of it. A rule that moves the price by
(fill - 1) / denominator a block then makes

    b' = b + (w / b - 1) b / d = w + (b - w) (1 - 1 / d),    while w <= e b,
    b' = b (1 + (e - 1) / d),                                in full blocks, while w > e b,

with e the most that a block holds over its target. Both are solved for any number of blocks in one
step, so that an hour costs no more than a block: no approximation of EIP-1559 but for its rounding.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.compiled import inline, kernel
from headframe.kernels.elementary import exp, log

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

FEE, DEMAND, NOISE, MOVE, WANTED = range(5)
"""Rows of the state: the price by the rule, log demand, noise of fills, squared moves, w."""
FARTHEST = 40.0
"""How far the logarithm of a price may go: no infinity may appear."""
SMALLEST_PRICE = 1e-120
"""Stands in for a price of 0 where its logarithm is needed."""


@inline
def followed(
    fee: float, wanted: float, blocks: float, fullest: float, log_rise: float, log_held: float
) -> float:
    """
    The price after some blocks in which users want it to be `wanted`.

    `fullest` is a full block over the target, `log_rise` what a full block adds to the logarithm of
    the price, `log_held` the logarithm of what a block leaves of the distance to `wanted`.
    """
    short = max(wanted / (fullest * fee), 1.0)
    full = min(math.ceil(log(short) / log_rise), blocks)
    risen = fee * exp(full * log_rise)
    kept = exp((blocks - full) * log_held)
    return risen * kept + wanted * (1.0 - kept)


@kernel
def step(state: Floats, draws: Floats, before: Floats, now: Floats, p: Record) -> None:
    """
    One step: how far prices moved, what users want, and what the rule makes of it.

        m <- held m + r^2,    w = median e^x (1 + response max(sqrt(m) - calm, 0))

    with r the coin's logarithmic return over the step and x a deviation that returns to 0.
    """
    q = p[0]
    held, scale, mean = q.held, q.scale, q.mean
    move_held, response, calm = q.move_held, q.response, q.calm
    blocks, fullest, log_rise, log_held = q.blocks, q.fullest, q.log_rise, q.log_held
    noise_held, noise_scale, floor = q.noise_held, q.noise_scale, q.floor
    fee, demand, noise, move, wanted = state[0], state[1], state[2], state[3], state[4]
    old, new, normal, fill = before[q.price], now[q.price], draws[q.z], draws[q.fill]
    for i in range(fee.size):
        r = log(max(new[i], SMALLEST_PRICE) / max(old[i], SMALLEST_PRICE))
        move[i] = move_held * move[i] + r * r
        demand[i] = held * demand[i] + scale * normal[i]
        noise[i] = noise_held * noise[i] + noise_scale * fill[i]
    for i in range(fee.size):
        spike = 1.0 + response * max(math.sqrt(move[i]) - calm, 0.0)
        w = exp(min(max(mean + demand[i], -FARTHEST), FARTHEST)) * spike
        wanted[i] = w
        fee[i] = max(followed(fee[i], w, blocks, fullest, log_rise, log_held), floor)


@kernel
def publish(state: Floats, now: Floats, p: Record) -> None:
    """
    The base fee with the noise of fills, and what a transaction pays for its gas to be in a block.

        paid = max(base fee + tip, w / room)

    Where blocks are full, tips rise until no more want in than there is room for.
    """
    q = p[0]
    tip, floor, room, shift = q.tip, q.floor, q.room, q.noise_shift
    fee, noise, wanted = state[0], state[2], state[4]
    base, paid = now[q.base], now[q.paid]
    for i in range(fee.size):
        b = max(fee[i] * exp(noise[i] - shift), floor)
        base[i] = b
        paid[i] = max(b + tip, wanted[i] / room)


@kernel
def blob(state: Floats, draws: Floats, now: Floats, p: Record) -> None:
    """
    The blob base fee: its own demand, held to a share of the base fee and to 1 wei.

    State row 5 is the logarithm of what blobs alone would cost.
    """
    q = p[0]
    held, scale, mean, share, least = q.held, q.scale, q.mean, q.share, q.least
    level, normal = state[5], draws[q.z]
    base, published = now[q.base], now[q.row]
    for i in range(level.size):
        level[i] = mean + held * (level[i] - mean) + scale * normal[i]
        own = exp(min(max(level[i], -FARTHEST), FARTHEST))
        published[i] = max(max(own, share * base[i]), least)
