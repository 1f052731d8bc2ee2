"""
The Bitcoin network on chunks: hash rate after revenue, blocks after hash rate, difficulty after
blocks.

Blocks are a Poisson process in *work*: with a hash rate H at difficulty D, a step of dt brings
w = H dt / (D 2^32) expected blocks. A period of 2,016 blocks is drawn when it begins: the work to
its first block is exponential, that from the first to the last a Gamma variate of shape 2,015. The
2,014 blocks between are then uniform, so the count within any step is binomial, and the instant at
which the period ends is known exactly, inside the step. The retarget measures from the first block
to the last (2,015 intervals for 2,016 blocks, the consensus rule's off-by-one), so at a constant
hash rate the mean interval settles at 1,209,600 / 2,014 = 600.5958 s and not at 600 s.
"""

import math

import numpy as np
import numpy.typing as npt

from headframe.kernels.bitcoin import next_difficulty
from headframe.kernels.compiled import inline, kernel
from headframe.kernels.counts import binomial_quantile, gamma_normal
from headframe.kernels.elementary import exp, from_bits, log
from headframe.units import SAT_PER_BTC

Floats = npt.NDArray[np.float64]
Record = npt.NDArray[np.void]

DIFFICULTY, HEIGHT, FIRST_S, LAST_S, FOUND, TO_FIRST, TO_LAST = range(7)
"""Rows of the chain's state block: the tip, times of the period's first and last block, what is
found of the period, and the work to its first and last block."""
LEFT, BLOCKS, ISSUED, PER_DIFFICULTY = range(7, 11)
"""Rows that hold for one step: seconds left, blocks, coins, and the sum of dt / difficulty."""
PERIOD_BLOCKS = 2016.0
"""Blocks between two retargets."""
HALVING_BLOCKS = 210_000.0
"""Blocks between two halvings of the subsidy."""
FIRST_SUBSIDY_SAT = 50.0 * SAT_PER_BTC
"""Subsidy of the first 210,000 blocks, in satoshi."""
BIAS = 1023
"""The exponent of 1.0 in the bits of a double."""


@kernel
def hash_rate(
    state: Floats, draws: Floats, before: Floats, now: Floats, p: Record, growth: float
) -> None:
    """
    Move the hash rate towards the one that the present hashprice calls forth, not below the floor.

        h = price (subsidy + fees) / difficulty,   ln H* = ln H0 + growth + elasticity ln(h / h0)
        ln H <- ln H + pull (ln H* - ln H) + scale z

    `growth` is what technical progress has added to ln H* so far; state rows are ln H and h0.
    """
    q = p[0]
    pull, scale, elasticity, start, least = q.pull, q.scale, q.elasticity, q.log_start, q.log_floor
    level, reference, shock, published = state[0], state[1], draws[q.z], now[q.row]
    price, fees, subsidy, difficulty = (
        now[q.price],
        now[q.fees],
        before[q.subsidy],
        before[q.difficulty],
    )
    for i in range(level.size):
        pays = price[i] * (subsidy[i] + fees[i]) / difficulty[i]
        wanted = start + growth + elasticity * log(max(pays / reference[i], 1e-300))
        x = level[i] + pull * (wanted - level[i]) + scale * shock[i]
        level[i] = max(x, least)
        published[i] = exp(level[i])


@inline
def halvings_before(height: float) -> int:
    """Halvings up to the block at a height."""
    # half a block more: the compiler may multiply by 1 / 210000, which falls short of a whole
    return int((height + 0.5) / HALVING_BLOCKS)


@inline
def subsidy_sat(height: float) -> float:
    """What the block at a height may issue, in satoshi; parity with `exact.bitcoin.subsidy_sat`."""
    return math.floor(FIRST_SUBSIDY_SAT * from_bits((BIAS - halvings_before(height)) << 52))


@kernel
def mine_blocks(state: Floats, draws: Floats, now: Floats, t_s: float, p: Record) -> None:
    """
    One step of the chain: blocks found, retargets at their exact instants, coins issued.

    One period can be drawn in a step; should a second one begin in the same step, which takes a
    hash rate four times what the difficulty expects, it takes the means of its draws.
    """
    q = p[0]
    dt_s, expected = q.dt_s, q.blocks_per_eh_s
    rate, shock, first, within = now[q.hash_rate], draws[q.z], draws[q.first], draws[q.within]
    for i in range(rate.size):
        state[LEFT, i] = dt_s
        state[BLOCKS, i] = 0.0
        state[ISSUED, i] = 0.0
        state[PER_DIFFICULTY, i] = 0.0
        drawn = False
        if state[TO_LAST, i] <= 0.0:
            begin(state, i, -log(first[i]), shock[i])
            drawn = True
        speed = rate[i] * expected / state[DIFFICULTY, i]
        while speed * state[LEFT, i] >= state[TO_LAST, i]:
            end_period(state, i, speed, t_s)
            begin(state, i, 1.0 if drawn else -log(first[i]), 0.0 if drawn else shock[i])
            drawn = True
            speed = rate[i] * expected / state[DIFFICULTY, i]
        advance(state, i, speed, t_s, within[i])
    publish(state, now, dt_s, p)


@inline
def begin(state: Floats, i: int, to_first: float, z: float) -> None:
    """Draw the work to the first and to the last block of the period that now begins."""
    waiting = state[FOUND, i] == 0.0
    between = PERIOD_BLOCKS - 1.0 if waiting else PERIOD_BLOCKS - state[FOUND, i]
    state[TO_FIRST, i] = to_first if waiting else 0.0
    state[TO_LAST, i] = state[TO_FIRST, i] + gamma_normal(between, z)


@inline
def end_period(state: Floats, i: int, speed: float, t_s: float) -> None:
    """The period's last block: count what was left of it, and set the next difficulty."""
    if state[TO_FIRST, i] > 0.0:
        state[FIRST_S, i] = t_s - state[LEFT, i] + state[TO_FIRST, i] / speed
    spent_s = state[TO_LAST, i] / speed
    state[PER_DIFFICULTY, i] += spent_s / state[DIFFICULTY, i]
    state[LEFT, i] -= spent_s
    count(state, i, PERIOD_BLOCKS - state[FOUND, i])
    state[FOUND, i] = 0.0
    state[LAST_S, i] = t_s - state[LEFT, i]
    # the rule itself lives in kernels.bitcoin and works on arrays: here on this one path
    here = state[:, i : i + 1]
    next_difficulty(here[DIFFICULTY], here[FIRST_S], here[LAST_S], here[DIFFICULTY])


@inline
def advance(state: Floats, i: int, speed: float, t_s: float, u: float) -> None:
    """Spend the rest of the step inside the period."""
    work = speed * state[LEFT, i]
    ahead = state[TO_FIRST, i]
    found = 0.0
    if ahead > 0.0 and work >= ahead:
        state[FIRST_S, i] = t_s - state[LEFT, i] + ahead / speed
        share = (work - ahead) / (state[TO_LAST, i] - ahead)
        found = 1.0 + binomial_quantile(PERIOD_BLOCKS - 2.0, share, u)
    elif ahead <= 0.0:
        share = work / state[TO_LAST, i]
        found = binomial_quantile(PERIOD_BLOCKS - 1.0 - state[FOUND, i], share, u)
    state[PER_DIFFICULTY, i] += state[LEFT, i] / state[DIFFICULTY, i]
    state[TO_FIRST, i] = max(ahead - work, 0.0)
    state[TO_LAST, i] -= work
    state[FOUND, i] += found
    count(state, i, found)


@inline
def count(state: Floats, i: int, blocks: float) -> None:
    """Add blocks to the chain, and what they issue, across a halving where there is one."""
    height = state[HEIGHT, i]
    halving = (halvings_before(height + 1.0) + 1.0) * HALVING_BLOCKS
    late = min(max(height + blocks + 1.0 - halving, 0.0), blocks)
    issued = (blocks - late) * subsidy_sat(height + 1.0) + late * subsidy_sat(halving)
    state[ISSUED, i] += issued / SAT_PER_BTC
    state[BLOCKS, i] += blocks
    state[HEIGHT, i] = height + blocks


@kernel
def publish(state: Floats, now: Floats, dt_s: float, p: Record) -> None:
    """Write the chain's observables; `dt_s` is 0 at the opening."""
    q = p[0]
    difficulty, mean = now[q.difficulty], now[q.mean_difficulty]
    height, blocks, issued, subsidy = now[q.height], now[q.blocks], now[q.issued], now[q.subsidy]
    for i in range(height.size):
        difficulty[i] = state[DIFFICULTY, i]
        mean[i] = dt_s / state[PER_DIFFICULTY, i] if dt_s > 0.0 else state[DIFFICULTY, i]
        height[i] = state[HEIGHT, i]
        blocks[i] = state[BLOCKS, i]
        issued[i] = state[ISSUED, i]
        subsidy[i] = subsidy_sat(state[HEIGHT, i] + 1.0) / SAT_PER_BTC
