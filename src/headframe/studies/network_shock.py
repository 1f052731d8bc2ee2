"""
A jurisdiction leaves: what a network goes through when a share of its hash rate goes and returns.

The hash rate falls over some weeks, stays away, and returns in a straight line. Blocks then come
late, the later the more slowly the difficulty algorithm follows, and early while miners come back.
Chains are played block by block (`studies.chain_race`), so that luck is in the answer: every figure
is a mean over chains with its 5 and 95 % quantiles.

The same can be read off history. `daily_retargets` takes a table of the height at the end of each
day, puts each block at its place within its day, and lets the consensus rule itself
(`exact.bitcoin.next_bits`) retarget from the times of each period's first and last block.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from headframe.errors import DataError, InputError
from headframe.exact import bitcoin
from headframe.exact.bitcoin_compact import DIFFICULTY_ONE_TARGET
from headframe.kernels.difficulty_race import SOLVE_S, TARGET
from headframe.studies.chain_race import (
    ALGORITHMS,
    MINERS,
    Algorithm,
    Ints,
    Table,
    stretches,
)
from headframe.types import Array
from headframe.units import DAY_S, HOUR_S

STEP_S = 6 * HOUR_S
"""A sloping hash rate is played in steps of this length, each at its middle's level."""
AFTER_S = 60 * DAY_S
"""How long a network is watched after the last miner has come back."""
QUANTILES = (0.05, 0.95)
"""Between these nine chains in ten lie."""
TOLERANCE = 0.1
"""A network has recovered when blocks are expected within this share of their spacing."""
DIFFICULTY_DIGITS = Fraction(1, 10**9)
"""A difficulty written with 12 digits is off by less than this, a step of a target is more."""


@dataclass(frozen=True, kw_only=True)
class Shock:
    """
    A share of the hash rate leaves and comes back; lengths of time in seconds.

        gone(t) = share (t / leave)^pace,   then stays, then returns in a straight line

    A `pace` of 1 leaves in a straight line, above 1 slowly at first. By default it is China's exit
    of May to July 2021: 53 % in seven weeks, gathering pace as one province after the other forbade
    mining (1.25 puts the slowest period at the 13.9 minutes a block that it was; a straight line
    would give 13.6), made good by the end of the year. `return_s` None stands for never.

    Raises `InputError` out of range.
    """

    share: float = 0.53
    leave_s: float = 49 * DAY_S
    stay_s: float = 7 * DAY_S
    return_s: float | None = 150 * DAY_S
    pace: float = 1.25

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise InputError("--share", self.share, "above 0 and below 1")
        if not 0.1 <= self.pace <= 10.0:
            raise InputError("--pace", self.pace, "from 0.1 to 10")
        for place, length_s in (
            ("--leave", self.leave_s),
            ("--stay", self.stay_s),
            ("--return", self.return_s or 0.0),
        ):
            if not 0.0 <= length_s <= 3_650 * DAY_S:
                raise InputError(place, length_s, "from 0 to 10 years")

    @property
    def length_s(self) -> float:
        """From the first miner who leaves to the last who is back."""
        return self.leave_s + self.stay_s + (self.return_s or 0.0)

    def level(self, t_s: Array) -> Array:
        """The hash rate at times since the start, over the one before."""
        gone = np.clip(t_s / max(self.leave_s, 1e-9), 0.0, 1.0) ** self.pace
        if self.return_s is not None:
            since_s = t_s - self.leave_s - self.stay_s
            gone = gone - np.clip(since_s / max(self.return_s, 1e-9), 0.0, 1.0)
        return np.asarray(1.0 - self.share * np.clip(gone, 0.0, 1.0), np.float64)

    def table(self) -> Table:
        """The same in steps, for a race."""
        knots_s = np.arange(0.0, self.length_s + 2 * STEP_S, STEP_S)
        return knots_s, self.level(knots_s + 0.5 * STEP_S)


@dataclass(frozen=True)
class Band:
    """A mean over chains, and the quantiles between which nine in ten lie."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> "Band":
        """The band of one value a chain."""
        low, high = np.quantile(values, QUANTILES)
        return cls(float(values.mean()), float(low), float(high))


@dataclass(frozen=True, kw_only=True)
class Period:
    """One difficulty period: when it began, what its blocks took, and the retarget at its end."""

    first_height: int
    start_s: Band
    block_s: Band
    change: Band


@dataclass(frozen=True, kw_only=True, eq=False)
class ShockRun:
    """
    What a network went through, on `t_s` since the first miner left.

    `hash_rate` is over the opening one; `block_s` the time that a block is expected to take,
    `difficulty` over the opening one and `behind` the blocks missing to the schedule, means over
    chains; `block_low_s` and `block_high_s` are quantiles. `income` is what hash rate that stayed
    earns in coins, over before. `recovered_s` is when blocks were expected more than a tenth off
    for the last time, None if they were so at the end. Only periodic rules have `periods`.
    """

    shock: Shock
    algorithm: Algorithm
    height: int
    n_chains: int
    t_s: Array
    hash_rate: Array
    block_s: Array
    block_low_s: Array
    block_high_s: Array
    difficulty: Array
    income: Array
    behind: Array
    recovered_s: float | None
    periods: tuple[Period, ...]

    @property
    def slowest(self) -> Period | None:
        """The period whose blocks took longest."""
        return max(self.periods, key=lambda period: period.block_s.mean, default=None)


def play_shock(
    shock: Shock,
    *,
    algorithm: Algorithm = ALGORITHMS["bitcoin"],
    height: int = 683_424,
    n_chains: int = 200,
    seed: int = 1,
) -> ShockRun:
    """
    Play a shock that begins with the block at `height`, on `n_chains` chains.

    The network is on schedule before. Raises `InputError` for a negative height or fewer than two
    chains.
    """
    if height < 0 or not 2 <= n_chains <= 100_000:
        raise InputError("--height, --chains", (height, n_chains), "0 or more; 2 to 100,000")
    horizon_s = shock.length_s + max(AFTER_S, 4.0 * algorithm.memory * algorithm.spacing_s)
    n_blocks = int(1.3 * horizon_s / algorithm.spacing_s) + 2 * algorithm.memory
    t_s = np.arange(0.0, horizon_s, min(DAY_S, horizon_s / 200))
    ends = _period_ends(algorithm, height, n_blocks)
    difficulty, found = np.empty((n_chains, t_s.size)), np.empty((n_chains, t_s.size))
    ends_s, changes = np.empty((n_chains, ends.size)), np.empty((n_chains, ends.size))
    for chain in range(n_chains):
        found_s, own = _play_chain(shock, algorithm, n_blocks, chain, seed, height)
        found[chain] = np.searchsorted(found_s, t_s, side="right")
        difficulty[chain] = own[np.minimum(found[chain].astype(int), n_blocks - 1)]
        ends_s[chain], changes[chain] = found_s[ends], own[ends + 1] / own[ends] - 1.0
    level = shock.level(t_s)
    block_s = difficulty * algorithm.spacing_s / level
    low, high = np.quantile(block_s, QUANTILES, axis=0)
    mean = block_s.mean(axis=0)
    return ShockRun(
        shock=shock,
        algorithm=algorithm,
        height=height,
        n_chains=n_chains,
        t_s=t_s,
        hash_rate=level,
        block_s=mean,
        block_low_s=low,
        block_high_s=high,
        difficulty=difficulty.mean(axis=0),
        income=(1.0 / difficulty).mean(axis=0),
        behind=t_s / algorithm.spacing_s - found.mean(axis=0),
        recovered_s=_recovered(t_s, mean / algorithm.spacing_s),
        periods=_periods(algorithm, height, ends_s, changes, horizon_s),
    )


def _play_chain(
    shock: Shock, algorithm: Algorithm, n_blocks: int, chain: int, seed: int, height: int
) -> tuple[Array, Array]:
    """True times of the blocks of one chain, and their difficulties over the opening one."""
    played = stretches(
        algorithm,
        MINERS["constant"],
        n_blocks=n_blocks,
        chain=chain,
        seed=seed,
        first_height=height,
        table=shock.table(),
    )
    parts = [(rows[SOLVE_S].copy(), 1.0 / rows[TARGET]) for _, rows in played]
    found_s = np.cumsum(np.concatenate([solve_s for solve_s, _ in parts]))
    return found_s, np.concatenate([difficulty for _, difficulty in parts])


def _period_ends(algorithm: Algorithm, height: int, n_blocks: int) -> Ints:
    """Places of the last blocks of periods, the one under way included; none without periods."""
    if not algorithm.periodic:
        return np.zeros(0, np.int64)
    window = algorithm.window
    return np.arange(window - height % window - 1, n_blocks - 1, window, dtype=np.int64)


def _periods(
    algorithm: Algorithm, height: int, ends_s: Array, changes: Array, horizon_s: float
) -> tuple[Period, ...]:
    """The periods that ended on every chain while it was watched."""
    window, done = algorithm.window, height % algorithm.window
    n_ended = int((ends_s < horizon_s).all(axis=0).sum())
    opened_s = np.full((ends_s.shape[0], 1), -float(done * algorithm.spacing_s))
    bounds_s = np.concatenate([opened_s, ends_s], axis=1)
    return tuple(
        Period(
            first_height=height - done + k * window,
            start_s=Band.of(bounds_s[:, k]),
            block_s=Band.of((bounds_s[:, k + 1] - bounds_s[:, k]) / window),
            change=Band.of(changes[:, k]),
        )
        for k in range(n_ended)
    )


def _recovered(t_s: Array, ratio: Array) -> float | None:
    """The first instant from which on blocks are within the tolerance."""
    outside = np.flatnonzero(np.abs(ratio - 1.0) > TOLERANCE)
    if outside.size == 0:
        return 0.0
    last = int(outside[-1])
    return None if last == t_s.size - 1 else float(t_s[last + 1])


@dataclass(frozen=True, kw_only=True)
class Retarget:
    """
    One period as its daily block counts tell it.

    `height` is of the first block after it; `seconds` from its first to its last block, over
    `interval - 1` gaps; `change` of the difficulty.
    """

    height: int
    ts: int
    seconds: int
    old_bits: int
    new_bits: int

    @property
    def block_s(self) -> float:
        """Seconds a block took."""
        return self.seconds / (bitcoin.MAINNET.interval - 1)

    @property
    def change(self) -> float:
        """What became of the difficulty."""
        return float(bitcoin.difficulty(self.new_bits) / bitcoin.difficulty(self.old_bits)) - 1.0


def daily_retargets(
    day_ts: npt.ArrayLike,
    height_end: npt.ArrayLike,
    difficulty: npt.ArrayLike,
    *,
    first_ts: float,
) -> tuple[Retarget, ...]:
    """
    Retargets from the height at the end of each day.

    The blocks of a day are put at even distances within it. The first period is the first that
    begins on `first_ts` or later and whose bits the difficulty of the day after its beginning
    tells; from there on the bits are those which the rule itself gives. `day_ts` is the beginning
    of each day in unix seconds.

    Raises `DataError` for days or heights that do not follow, `InputError` where no period is left.
    """
    days, ends = _checked_days(day_ts, height_end)
    interval = bitcoin.MAINNET.interval

    def block_ts(height: int) -> int:
        day = int(np.searchsorted(ends, height))
        count = int(ends[day] - ends[day - 1])
        return int(days[day] + DAY_S * (height - ends[day - 1] - 0.5) / count)

    begins = int(np.searchsorted(days, first_ts))
    known = int(ends[begins - 1]) if 0 < begins < len(ends) else None
    if known is None:
        raise InputError("--since", first_ts, "a day of the table, and not its first")
    height = known + 1 + (-(known + 1)) % interval
    after = int(np.searchsorted(ends, height)) + 1
    if after >= len(ends) or height + interval > int(ends[-1]):
        raise InputError("--since", first_ts, "at least one whole period before the table ends")
    bits = bits_of_difficulty(float(np.asarray(difficulty, np.float64)[after]))
    found: list[Retarget] = []
    while height + interval <= int(ends[-1]):
        first, last = block_ts(height), block_ts(height + interval - 1)
        new_bits = bitcoin.next_bits(bits, first, last)
        found.append(
            Retarget(
                height=height + interval,
                ts=block_ts(height + interval),
                seconds=last - first,
                old_bits=bits,
                new_bits=new_bits,
            )
        )
        bits, height = new_bits, height + interval
    return tuple(found)


def _checked_days(day_ts: npt.ArrayLike, height_end: npt.ArrayLike) -> tuple[Array, Array]:
    days, ends = np.asarray(day_ts, np.float64), np.asarray(height_end, np.float64)
    if days.size < 2 or days.size != ends.size:
        raise DataError("needs two days at least, and a height for each", key="height_end")
    gaps = np.flatnonzero((np.diff(days) != DAY_S) | ~(np.diff(ends) > 0.0))
    if gaps.size:
        row = int(gaps[0]) + 1
        raise DataError(
            "days must follow each other, each with a block at least",
            key="height_end",
            timestamp=float(days[row]),
        )
    return days, ends


def bits_of_difficulty(difficulty: float) -> int:
    """
    Compact bits of a difficulty that was written with fewer digits than its target has.

    >>> hex(bits_of_difficulty(2.50464875901e13))
    '0x170b3ce9'
    """
    if not difficulty >= 1.0:
        raise InputError("difficulty", difficulty, "1 or more")
    target = DIFFICULTY_ONE_TARGET / Fraction(difficulty) * (1 + DIFFICULTY_DIGITS)
    return bitcoin.compact_from_target(min(int(target), bitcoin.MAINNET.limit_target))
