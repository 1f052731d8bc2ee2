"""
A chain played block by block: which algorithm, whose numbers, and how its miners behave.

What is played is a race without a chain's name on it: hash rate, target and time are in multiples
of the opening hash rate, its target and the spacing. `ALGORITHMS` holds the rules with the numbers
of the coins that are best known for them, `MINERS` the kinds of hash rate that they are put to; the
work is done by `kernels.difficulty_race`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from headframe.errors import InputError
from headframe.kernels import retargets
from headframe.kernels.difficulty_race import TARGET, WORK, race
from headframe.kernels.philox import fill_normals, stream_key
from headframe.kernels.retargets import LOOKBACK
from headframe.layout import record
from headframe.types import Array
from headframe.units import DAY_S, HOUR_S, YEAR_S

Ints = npt.NDArray[np.int64]
Table = tuple[Array, Array]
"""Instants in seconds, and the steady hash rate from each on in multiples of the opening one."""

STRETCH = 65_536
"""Blocks played in one call; a chain of any length takes the memory of one stretch."""


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """
    A difficulty algorithm with one coin's numbers.

    `window` is the rule's own count: blocks of its period or of its average; for Ethereum the
    seconds of a step. `memory` is about how many blocks it takes to forget.
    """

    name: str
    words: str
    rule: int
    spacing_s: int
    window: int = 1
    half_life_s: int = 1
    memory: int

    @property
    def periodic(self) -> bool:
        """Whether the target changes only at the end of a period."""
        return self.rule in (retargets.BITCOIN, retargets.LITECOIN)

    def tuned(
        self,
        *,
        spacing_s: int | None = None,
        window: int | None = None,
        half_life_s: int | None = None,
    ) -> "Algorithm":
        """The same rule with other numbers, where it has them; raises `InputError` out of range."""
        out = self
        if spacing_s is not None and self.rule != retargets.ETHEREUM:
            _require("--spacing", spacing_s, 1, 86_400)
            out = replace(out, spacing_s=spacing_s)
        if window is not None and self.rule in (retargets.LWMA, retargets.CW144, retargets.DGW3):
            _require("--window", window, 3, 1_024)
            out = replace(out, window=window, memory=window)
        if half_life_s is not None and self.rule == retargets.ASERT:
            _require("--half-life", half_life_s, 1, 100 * int(DAY_S))
            out = replace(out, half_life_s=half_life_s)
        if out.rule == retargets.ASERT:
            memory = max(round(1.5 * out.half_life_s / out.spacing_s), 1)
            _require("--half-life", memory, 1, 100_000)
            out = replace(out, memory=memory)
        return out


def _require(place: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InputError(place, value, f"from {least:,} to {most:,}")


ALGORITHMS = {
    entry.name: entry
    for entry in (
        Algorithm(
            name="bitcoin",
            words="Bitcoin: every 2,016 blocks",
            rule=retargets.BITCOIN,
            spacing_s=600,
            window=2016,
            memory=2016,
        ),
        Algorithm(
            name="litecoin",
            words="Litecoin: every 2,016 blocks, no gap left out",
            rule=retargets.LITECOIN,
            spacing_s=150,
            window=2016,
            memory=2016,
        ),
        Algorithm(
            name="asert",
            words="Bitcoin Cash since 2020: an exponential of the schedule's error",
            rule=retargets.ASERT,
            spacing_s=600,
            half_life_s=172_800,
            memory=432,
        ),
        Algorithm(
            name="cw-144",
            words="Bitcoin Cash 2017 to 2020: work over time of a window",
            rule=retargets.CW144,
            spacing_s=600,
            window=144,
            memory=144,
        ),
        Algorithm(
            name="lwma",
            words="LWMA-1 of zawy12: block times weighted linearly",
            rule=retargets.LWMA,
            spacing_s=600,
            window=45,
            memory=45,
        ),
        Algorithm(
            name="zcash",
            words="Zcash since Blossom: DigiShield v3, 17 blocks damped by four",
            rule=retargets.ZCASH,
            spacing_s=75,
            window=17,
            memory=80,
        ),
        Algorithm(
            name="dash",
            words="Dash: Dark Gravity Wave 3",
            rule=retargets.DGW3,
            spacing_s=150,
            window=24,
            memory=24,
        ),
        Algorithm(
            name="dogecoin",
            words="Dogecoin since 2014: DigiShield, one block damped by eight",
            rule=retargets.DOGECOIN,
            spacing_s=60,
            memory=12,
        ),
        Algorithm(
            name="monero",
            words="Monero: 600 of 720 blocks, 15 behind the tip",
            rule=retargets.MONERO,
            spacing_s=120,
            window=720,
            memory=735,
        ),
        Algorithm(
            name="ethereum",
            words="Ethereum 2017 to 2022 without bomb and ommers: steps of 1/2048",
            rule=retargets.ETHEREUM,
            spacing_s=13,
            window=9,
            memory=2048,
        ),
    )
}
"""The algorithms by the name that a command takes, each with its best-known coin's numbers."""


@dataclass(frozen=True, kw_only=True)
class Miners:
    """
    How the hash rate behaves; everything that is zero is absent, and all may be combined.

    Parameters
    ----------
    name
        What to call it.
    growth
        Logarithmic growth of the steady hash rate a year.
    hopper_size
        Hash rate that comes and goes, in multiples of the steady one.
    join, leave
        Hoppers join at a difficulty at most `join` times the one at which the steady miners alone
        are on time, and leave when it is above `leave`.
    volatility
        Of a price a year; the steady hash rate drifts towards price ^ `elasticity`.
    lag_s
        In how long it does so (a time constant).
    elasticity
        Percent more hash rate, in the long run, for one percent more in price.
    """

    name: str
    growth: float = 0.0
    hopper_size: float = 0.0
    join: float = 0.0
    leave: float = 0.0
    volatility: float = 0.0
    lag_s: float = DAY_S
    elasticity: float = 1.0

    def __post_init__(self) -> None:
        if self.hopper_size < 0.0 or not 0.0 <= self.join <= self.leave:
            raise InputError(
                "hoppers",
                (self.hopper_size, self.join, self.leave),
                "0 <= join <= leave, size >= 0",
            )
        if self.volatility < 0.0 or self.lag_s <= 0.0:
            raise InputError("miners", (self.volatility, self.lag_s), "volatility >= 0, lag > 0")

    def table(self, length_s: float, *, chain: int, seed: int) -> Table:
        """The steady hash rate over a length of time, on one chain."""
        if self.volatility == 0.0 and self.growth == 0.0:
            return np.zeros(1), np.ones(1)
        step_s = self.lag_s / 24.0 if self.volatility > 0.0 else 6.0 * HOUR_S
        n = max(int(length_s / step_s), 1) + 1
        knots_s = np.asarray(step_s * np.arange(n), np.float64)
        # Each step's level is that of its middle.
        levels = np.exp(self.growth * (knots_s + 0.5 * step_s) / YEAR_S)
        if self.volatility > 0.0:
            levels *= self._followed(n, step_s, chain=chain, seed=seed)
        return knots_s, np.asarray(levels, np.float64)

    def _followed(self, n: int, step_s: float, *, chain: int, seed: int) -> Array:
        """What a hash rate that follows a price with a lag makes of a drawn price."""
        scale = self.volatility * (step_s / YEAR_S) ** 0.5
        wanted = np.exp(
            self.elasticity * np.cumsum(scale * _normals(n, chain, seed) - 0.5 * scale**2)
        )
        pull, level = 1.0 - np.exp(-step_s / self.lag_s), 1.0
        out = np.empty(n)
        for k in range(n):
            level += pull * (wanted[k] - level)
            out[k] = level
        return out


def _normals(n: int, chain: int, seed: int) -> Array:
    """Standard normals of a chain's price: one draw for two steps."""
    pairs = np.arange((n + 1) // 2, dtype=np.uint64)
    even, odd = np.empty((1, pairs.size)), np.empty((1, pairs.size))
    key = stream_key(seed, "difficulty/price")
    fill_normals(even, odd, 0, pairs, np.ones(pairs.size), key, chain)
    return np.stack([even[0], odd[0]], axis=1).ravel()[:n]


MINERS = {
    entry.name: entry
    for entry in (
        Miners(name="constant"),
        Miners(name="growing", growth=0.75),
        Miners(name="oscillating", hopper_size=6.0, join=1.30, leave=1.35),
        Miners(name="price", volatility=0.8, lag_s=DAY_S),
    )
}
"""
The hash rates of a comparison: constant; growing as Bitcoin's did from 2016 to 2024 (ln 780 / 9 a
year); hoppers of six times the steady hash rate who come below 130 % of its difficulty and stay to
135 % (zawy12, issue 49); and one that follows a price within a day.
"""


def stretches(
    algorithm: Algorithm,
    miners: Miners,
    *,
    n_blocks: int,
    chain: int = 0,
    seed: int = 1,
    first_height: int = 0,
    table: Table | None = None,
) -> Iterator[tuple[Ints, Array]]:
    """
    Play one chain and yield it stretch by stretch: header times and rows, views that are reused.

    The chain opens on schedule at a hash rate and a target of 1; its first block stands at height
    `first_height`. Rows are those of `kernels.difficulty_race`. A `table` takes the place of the
    miners' own.
    """
    p = record(
        rule=algorithm.rule,
        spacing_s=algorithm.spacing_s,
        window=algorithm.window,
        half_life_s=algorithm.half_life_s,
        hopper_size=float(miners.hopper_size),
        join=float(miners.join),
        leave=float(miners.leave),
    )
    length_s = 2.0 * n_blocks * algorithm.spacing_s
    knots_s, levels = table or miners.table(length_s, chain=chain, seed=seed)
    key, stand = stream_key(seed, "difficulty/blocks"), np.zeros(4)
    times = np.zeros(LOOKBACK + min(n_blocks, STRETCH), np.int64)
    blocks = np.zeros((5, times.size))
    times[:LOOKBACK] = (np.arange(LOOKBACK) - LOOKBACK + 1) * algorithm.spacing_s
    blocks[TARGET, :LOOKBACK] = 1.0
    blocks[WORK, :LOOKBACK] = np.arange(LOOKBACK)
    played = 0
    while played < n_blocks:
        n = min(n_blocks - played, STRETCH)
        own, rows = times[: LOOKBACK + n], np.ascontiguousarray(blocks[:, : LOOKBACK + n])
        race(p, knots_s, levels, key, chain, first_height + played - LOOKBACK, stand, own, rows)
        yield own[LOOKBACK:], rows[:, LOOKBACK:]
        played += n
        times[:LOOKBACK] = own[n:].copy()
        blocks[:, :LOOKBACK] = rows[:, n:].copy()
        blocks[WORK, :LOOKBACK] -= blocks[WORK, 0]
