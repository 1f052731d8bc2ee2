"""
Difficulty algorithms beside each other: how well each keeps time, and whom it lets cheat.

A difficulty algorithm sees only past blocks and has to guess the present hash rate. Each answers
well to one kind of miner and badly to another, so each is played against several: a constant hash
rate, a growing one, one that follows a price, and miners who mine when it is easy and leave the
others with what they have raised. Asked are the mean and the spread of block times, and two shares
after zawy12 (`difficulty-algorithms`, issue 62):

* *delayed*: by how much blocks were late beyond four spacings, as a share of all the time there
  should have been: mean of max(t - 4 T, 0) / T. A perfect clock has e^-4 = 1.8 %.
* *stolen*: how much easier the target was while hoppers mined than for those who always mine, each
  averaged over time: their ratio less one.

Lastly the hash rate is halved at one blow, and the time is taken until blocks come on time again.
"""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from headframe.errors import InputError
from headframe.kernels.difficulty_race import HOPPING, LEVEL, SOLVE_S, TARGET
from headframe.metric import Estimate
from headframe.studies.chain_race import ALGORITHMS, MINERS, Algorithm, Miners, stretches
from headframe.types import Array

T = TypeVar("T")

LATE_SPACINGS = 4.0
"""Only what a block takes beyond so many spacings counts as delay (zawy12, issue 62)."""
SETTLE_MEMORIES = 4
"""Blocks that are not counted at a chain's start, in memories of the algorithm."""
RESPONSE_MEMORIES = 6
"""How long the answer to a fall of the hash rate is watched, in memories of the algorithm."""
RESPONSE_BLOCKS = 3_000_000
"""About how many blocks are played for one such answer, over all its chains."""
GRID = 480
"""Instants at which the answer is looked at."""
DRAWN_POINTS = 600
"""Points of a chain that is drawn."""
DRAWN_MEMORIES = 6
"""A chain that is drawn is at least so many memories of its algorithm long."""


@dataclass(frozen=True, kw_only=True)
class BlockTimes:
    """
    How one algorithm kept time for one kind of miners.

    `mean_s` carries the standard error by batches of blocks; where a rule makes up for a long
    period by a short one, that error is too large rather than too small. `difficulty_sd` is of the
    difficulty over the one at which the steady miners alone are on time; `hopped` the share of
    blocks found while hoppers mined. `stolen` is None without hoppers.
    """

    algorithm: Algorithm
    miners: Miners
    n_blocks: int
    mean_s: Estimate
    sd_s: float
    delayed: float
    stolen: float | None
    hopped: float
    difficulty_sd: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Response:
    """
    What an algorithm makes of a sudden fall of the hash rate to `factor` of it.

    `expected` is the mean over chains of the expected block time at `t_s` after the fall, over what
    it was before; `low` and `high` are its 5 and 95 % quantiles. It is back within `within` for
    good after `recovered_s` and `recovered_blocks`; None where it was not while it was watched.
    """

    algorithm: Algorithm
    factor: float
    within: float
    n_chains: int
    t_s: Array
    expected: Array
    low: Array
    high: Array
    recovered_s: float | None
    recovered_blocks: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """One chain to look at: difficulty over the fair one, and who mined, at some of its blocks."""

    algorithm: Algorithm
    miners: Miners
    t_s: Array
    difficulty: Array
    hash_rate: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Everything that a comparison of algorithms found."""

    seed: int
    n_blocks: int
    n_chains: int
    block_times: tuple[BlockTimes, ...]
    responses: tuple[Response, ...]
    drawn: tuple[Drawn, ...]


def algorithm_named(name: str) -> Algorithm:
    """An algorithm by name; raises `InputError` that lists them."""
    if name not in ALGORITHMS:
        raise InputError("algorithm", name, f"one of {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def block_times(
    algorithm: Algorithm,
    miners: Miners,
    *,
    n_blocks: int = 50_000,
    n_chains: int = 8,
    seed: int = 1,
) -> BlockTimes:
    """
    Play chains of `n_blocks` counted blocks each and measure their block times.

    Raises `InputError` for fewer than 1,000 blocks or one chain.
    """
    if n_blocks < 1_000 or n_chains < 1:
        raise InputError("--blocks, --chains", (n_blocks, n_chains), "at least 1,000 and 1")
    settle = SETTLE_MEMORIES * algorithm.memory
    sums: list[Array] = []
    for chain in range(n_chains):
        played = 0
        whole = stretches(algorithm, miners, n_blocks=settle + n_blocks, chain=chain, seed=seed)
        for _, rows in whole:
            counted = rows[:, max(settle - played, 0) :]
            played += rows.shape[1]
            if counted.shape[1]:
                sums.append(_sums(counted, algorithm.spacing_s, miners.hopper_size))
    return _measured(algorithm, miners, np.array(sums))


def _sums(rows: Array, spacing_s: float, hopper_size: float) -> Array:
    """Sums over a stretch, of everything that the measures need."""
    t_s, target, hopping = rows[SOLVE_S], rows[TARGET], rows[HOPPING]
    late_s = np.maximum(t_s - LATE_SPACINGS * spacing_s, 0.0)
    seen = (1.0 + hopper_size * hopping) / (target * rows[LEVEL])
    # Sums of products, not dot products: those would wake the threads of a linear algebra library.
    terms = (
        np.ones_like(t_s),
        t_s,
        t_s * t_s,
        late_s,
        target * t_s,
        hopping,
        hopping * t_s,
        hopping * target * t_s,
        seen,
        seen * seen,
    )
    return np.array([np.sum(term) for term in terms])


def _measured(algorithm: Algorithm, miners: Miners, sums: Array) -> BlockTimes:
    n, t, tt, late, eased, hops, hop_t, hop_eased, seen, seen2 = sums.sum(axis=0).tolist()
    stolen = None
    if miners.hopper_size > 0.0:
        stolen = (hop_eased / hop_t) / (eased / t) - 1.0 if hop_t > 0.0 else 0.0
    return BlockTimes(
        algorithm=algorithm,
        miners=miners,
        n_blocks=int(n),
        mean_s=Estimate(t / n, _batch_error(sums[:, 0], sums[:, 1])),
        sd_s=math.sqrt(tt / n - (t / n) ** 2),
        delayed=late / n / algorithm.spacing_s,
        stolen=stolen,
        hopped=hops / n,
        difficulty_sd=math.sqrt(max(seen2 / n - (seen / n) ** 2, 0.0)) / (seen / n),
    )


def _batch_error(n: Array, total: Array) -> float:
    """Standard error of a mean from batches of unequal size; 0 for a single one."""
    if n.size < 2:
        return 0.0
    mean = total.sum() / n.sum()
    spread = np.sum((total - n * mean) ** 2)
    return float(np.sqrt(spread * n.size / (n.size - 1))) / float(n.sum())


def respond(
    algorithm: Algorithm,
    *,
    factor: float = 0.5,
    within: float = 0.1,
    seed: int = 1,
    n_chains: int | None = None,
) -> Response:
    """
    Let the hash rate fall to `factor` at one instant and take the time until it is made good.

    Chains have settled before, and periods are caught at every age alike. Looked at is the time
    that a block is expected to take, difficulty over hash rate, which unlike block times carries no
    luck of its own. Raises `InputError` for a factor or tolerance that is not above 0.
    """
    if factor <= 0.0 or not 0.0 < within < 1.0:
        raise InputError("--factor, --within", (factor, within), "above 0, and between 0 and 1")
    spacing_s, memory = algorithm.spacing_s, algorithm.memory
    before = 3 * memory
    horizon_s = RESPONSE_MEMORIES * memory * spacing_s / min(factor, 1.0)
    n_blocks = before + int(1.2 * horizon_s / spacing_s * max(factor, 1.0)) + 100
    chains = n_chains or int(np.clip(RESPONSE_BLOCKS // n_blocks, 100, 2_000))
    drop_s = float(before * spacing_s)
    t_s = np.linspace(0.0, horizon_s, GRID + 1)
    expected, counts = np.empty((chains, t_s.size)), np.empty((chains, t_s.size))
    opening = 0.0
    for chain in range(chains):
        age = chain * algorithm.window // chains if algorithm.periodic else 0
        found_s, difficulty = _arrivals(algorithm, factor, drop_s, n_blocks, chain, seed, age)
        place = np.searchsorted(found_s, drop_s + t_s, side="right")
        expected[chain] = difficulty[np.minimum(place, n_blocks - 1)] / factor
        counts[chain] = place - place[0]
        opening += float(np.mean(difficulty[memory : max(place[0], memory + 1)])) / chains
    mean = expected.mean(axis=0) / opening
    recovered_s = _settled(t_s, mean, within)
    found = None if recovered_s is None else float(np.interp(recovered_s, t_s, counts.mean(axis=0)))
    return Response(
        algorithm=algorithm,
        factor=factor,
        within=within,
        n_chains=chains,
        t_s=t_s,
        expected=mean,
        low=np.quantile(expected, 0.05, axis=0) / opening,
        high=np.quantile(expected, 0.95, axis=0) / opening,
        recovered_s=recovered_s,
        recovered_blocks=found,
    )


def _arrivals(
    algorithm: Algorithm,
    factor: float,
    drop_s: float,
    n_blocks: int,
    chain: int,
    seed: int,
    age: int,
) -> tuple[Array, Array]:
    """True times of a chain's blocks, and their difficulties."""
    table = (np.array([0.0, drop_s]), np.array([1.0, factor]))
    found, difficulty = [], []
    played = stretches(
        algorithm,
        MINERS["constant"],
        n_blocks=n_blocks,
        chain=chain,
        seed=seed,
        first_height=age,
        table=table,
    )
    for _, rows in played:
        found.append(rows[SOLVE_S].copy())
        difficulty.append(1.0 / rows[TARGET])
    return np.cumsum(np.concatenate(found)), np.concatenate(difficulty)


def _settled(t_s: Array, ratio: Array, within: float) -> float | None:
    """When a curve was outside its tolerance for the last time, between two of its points."""
    outside = np.flatnonzero(np.abs(ratio - 1.0) > within)
    if outside.size == 0:
        return 0.0
    last = int(outside[-1])
    if last == t_s.size - 1:
        return None
    edge = 1.0 + within if ratio[last] > 1.0 else 1.0 - within
    part = (edge - ratio[last]) / (ratio[last + 1] - ratio[last])
    return float(t_s[last] + min(max(part, 0.0), 1.0) * (t_s[last + 1] - t_s[last]))


def drawn(algorithm: Algorithm, miners: Miners, *, n_blocks: int, seed: int = 1) -> Drawn:
    """One settled chain of `n_blocks`, thinned to what a chart can show."""
    settle = SETTLE_MEMORIES * algorithm.memory
    whole = stretches(algorithm, miners, n_blocks=settle + n_blocks, seed=seed)
    rows = np.concatenate([part.copy() for _, part in whole], axis=1)[:, settle:]
    steady = rows[LEVEL] / (1.0 + miners.hopper_size * rows[HOPPING])
    shown = np.unique(np.linspace(0, n_blocks - 1, DRAWN_POINTS).astype(int))
    return Drawn(
        algorithm=algorithm,
        miners=miners,
        t_s=np.cumsum(rows[SOLVE_S])[shown],
        difficulty=(1.0 / rows[TARGET] / steady)[shown],
        hash_rate=rows[LEVEL][shown],
    )


def compare(
    algorithms: Sequence[Algorithm],
    miners: Sequence[Miners],
    *,
    n_blocks: int = 50_000,
    n_chains: int = 8,
    seed: int = 1,
    factor: float = 0.5,
    within: float = 0.1,
    n_drawn: int = 1_500,
) -> Comparison:
    """Measure every algorithm against every kind of miners, and its answer to a fall."""
    timing = [
        partial(block_times, one, kind, n_blocks=n_blocks, n_chains=n_chains, seed=seed)
        for kind in miners
        for one in algorithms
    ]
    answering = [
        partial(respond, one, factor=factor, within=within, seed=seed) for one in algorithms
    ]
    drawing = [
        partial(drawn, one, kind, n_blocks=max(n_drawn, DRAWN_MEMORIES * one.memory), seed=seed)
        for kind in miners
        for one in algorithms
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        asked = [pool.map(_call, jobs) for jobs in (timing, answering, drawing)]
        times, responses, chains = (tuple(found) for found in asked)
    return Comparison(
        seed=seed,
        n_blocks=n_blocks,
        n_chains=n_chains,
        block_times=times,
        responses=responses,
        drawn=chains,
    )


def _call(job: Callable[[], T]) -> T:
    return job()
