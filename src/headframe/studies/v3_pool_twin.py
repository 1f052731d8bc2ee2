"""
A Uniswap v3 pool compiled: the same bits as `exact.uniswap_v3`, a million swaps a second.

A question about a pool (which route, which fee, what an arbitrageur takes) often needs millions of
swaps. `PoolTwin.from_pool` takes a pool of the readable text over into arrays, `swap_all` plays a
batch of swaps one after the other, `write_to` brings price, tick, liquidity, fees, balances and
what the ticks remember of fees back. Providers' calls (mint, burn, collect) and the price memory
stay with the readable text: bring the pool back, call it there, take it over again.

Kernel: `kernels/uniswap_v3_pool.py`. Judge: the readable text on the same swaps
(`tests/studies/test_v3_pool_twin.py`), which the deployed bytecode judges.

>>> from headframe.exact import uniswap_v3 as v3
>>> pool = v3.create_pool(3_000, 60)
>>> v3.initialize(pool, 1 << 96, now_ts=0)
>>> _ = v3.mint(pool, "anna", -600, 600, 10**21, now_ts=0)
>>> twin = PoolTwin.from_pool(pool)
>>> played = twin.swap_all([True, False], [10**18, -(10**17)], [1 << 95, 1 << 97])
>>> played.amounts0 == [10**18, -(10**17)], played.ticks.tolist()
(True, [-20, -18])
>>> v3.swap(pool, True, 10**18, 1 << 95, now_ts=0) == (played.amounts0[0], played.amounts1[0])
True
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headframe.errors import InputError
from headframe.exact.uniswap_v3_pool import Pool
from headframe.kernels import uniswap_v3_pool as kernel
from headframe.kernels.wide_int import Limbs, from_limbs, to_limbs

OUTCOMES = ("done", "AS", "SPL", "TF")
"""What became of a swap, by number: the contract's own word where it refuses."""


@dataclass(frozen=True, eq=False)
class Swaps:
    """Swaps to play: direction, amount (positive is paid in, negative wanted out), price limit."""

    zero_for_one: NDArray[np.bool_]
    amounts: Limbs
    limits_x96: Limbs

    @classmethod
    def of(
        cls,
        zero_for_one: ArrayLike,
        amounts_specified: Sequence[int],
        sqrt_price_limits_x96: Sequence[int],
    ) -> "Swaps":
        """
        Swaps from Python's integers.

        Raises `InputError` for columns of different length, an amount beyond 127 bits and a sign, a
        limit beyond 160 bits.
        """
        down = np.asarray(zero_for_one, dtype=np.bool_)
        size = (len(amounts_specified),)
        for name, column in (("zero_for_one", down), ("limits", sqrt_price_limits_x96)):
            if np.shape(column)[:1] != size:
                raise InputError(f"swaps.{name}", len(column), f"as many as amounts: {size[0]}")
        limits = to_limbs(sqrt_price_limits_x96, 3, place="swaps.limits")
        wide = np.flatnonzero(limits[:, 2] >> np.uint64(32))
        if wide.size:
            at = int(wide[0])
            allowed = "0 to below 2^160"
            raise InputError(f"swaps.limits[{at}]", sqrt_price_limits_x96[at], allowed)
        amounts = to_limbs(amounts_specified, 2, place="swaps.amounts", signed=True)
        return cls(down, amounts, limits)


@dataclass(frozen=True, eq=False)
class Played:
    """What became of a batch of swaps, one entry each."""

    changes: Limbs
    states: Limbs
    ticks: NDArray[np.int64]
    """Tick after each swap."""
    outcomes: NDArray[np.uint8]
    """Place in `OUTCOMES`; a swap that is not done changed nothing."""

    @property
    def amounts0(self) -> list[int]:
        """Changes of the pool's token0: positive came in, negative went out."""
        return from_limbs(self.changes[:, 0], signed=True)

    @property
    def amounts1(self) -> list[int]:
        """The same of token1."""
        return from_limbs(self.changes[:, 1], signed=True)

    @property
    def sqrt_prices_x96(self) -> list[int]:
        """Square root of the price after each swap."""
        return from_limbs(self.states[:, 0])

    @property
    def liquidities(self) -> list[int]:
        """Active liquidity after each swap."""
        return from_limbs(self.states[:, 1])


@dataclass(frozen=True, eq=False)
class PoolTwin:
    """A pool as arrays; see `kernels/uniswap_v3_pool.py` for each."""

    words: Limbs
    numbers: NDArray[np.int64]
    ticks: NDArray[np.int64]
    nets: Limbs
    outside: Limbs
    roots: Limbs
    edges: Limbs
    marks: Limbs

    @classmethod
    def from_pool(cls, pool: Pool) -> "PoolTwin":
        """
        Take over a pool of the readable text, which is left as it is.

        Raises `InputError` for a pool without a price.
        """
        if pool.sqrt_price_x96 == 0:
            raise InputError("pool", None, "a pool with a price; call initialize first")
        infos = [pool.ticks[tick] for tick in pool.initialized_ticks]
        ticks = np.array(pool.initialized_ticks, dtype=np.int64)
        roots = np.zeros((len(infos), 3), dtype=np.uint64)
        kernel.roots_of_ticks(ticks, roots)
        growth0 = to_limbs([t.fee_growth_outside0_x128 for t in infos], 4, place="ticks")
        growth1 = to_limbs([t.fee_growth_outside1_x128 for t in infos], 4, place="ticks")
        return cls(
            words=to_limbs(_words(pool), 4, place="pool"),
            numbers=np.array([getattr(pool, name) for name in _NUMBERS], dtype=np.int64),
            ticks=ticks,
            nets=to_limbs([t.liquidity_net for t in infos], 2, place="liquidity_net", signed=True),
            outside=np.ascontiguousarray(np.stack((growth0, growth1), axis=1)),
            roots=roots,
            edges=np.zeros((kernel.n_edge_words(pool.tick_spacing), 2, 3), dtype=np.uint64),
            marks=np.zeros((len(infos), 4), dtype=np.uint64),
        )

    def swap_all(
        self,
        zero_for_one: ArrayLike,
        amounts_specified: Sequence[int],
        sqrt_price_limits_x96: Sequence[int],
    ) -> Played:
        """Play swaps given by Python's integers; see `Swaps.of` for what it refuses."""
        return self.play(Swaps.of(zero_for_one, amounts_specified, sqrt_price_limits_x96))

    def play(self, swaps: Swaps) -> Played:
        """
        Play swaps one after the other; the twin moves on.

        A swap that the contract would refuse changes nothing and says so in `outcomes`.
        """
        n = len(swaps.amounts)
        played = Played(
            changes=np.zeros((n, 2, 4), dtype=np.uint64),
            states=np.zeros((n, 2, 4), dtype=np.uint64),
            ticks=np.zeros(n, dtype=np.int64),
            outcomes=np.zeros(n, dtype=np.uint8),
        )
        arrays = tuple(getattr(self, name) for name in self.__dataclass_fields__)
        kernel.swap_all(
            arrays,
            swaps.zero_for_one,
            swaps.amounts,
            swaps.limits_x96,
            played.changes,
            played.states,
            played.ticks,
            played.outcomes,
        )
        return played

    def write_to(self, pool: Pool) -> None:
        """
        Bring everything that swaps move back into a pool with the same ticks.

        The price memory, and what ticks remember of it, is not kept by the twin and stays as it is
        in the pool. Raises `InputError` where fee, spacing or ticks are not the twin's.
        """
        terms = [pool.fee_pips, pool.tick_spacing]
        if terms != self.numbers[[kernel.FEE, kernel.SPACING]].tolist():
            raise InputError("pool", terms, "the fee and tick spacing that the twin has")
        if pool.initialized_ticks != self.ticks.tolist():
            raise InputError("pool.initialized_ticks", None, "the ticks that the twin has")
        pool.tick = int(self.numbers[kernel.TICK])
        for name, number in zip(_WORDS, from_limbs(self.words), strict=True):
            setattr(pool, name, number)
        growths = (from_limbs(self.outside[:, token]) for token in (0, 1))
        for tick, growth0, growth1 in zip(pool.initialized_ticks, *growths, strict=True):
            pool.ticks[tick].fee_growth_outside0_x128 = growth0
            pool.ticks[tick].fee_growth_outside1_x128 = growth1


_NUMBERS = ("tick", "fee_pips", "tick_spacing", "fee_protocol0", "fee_protocol1")
_WORDS = (
    "sqrt_price_x96",
    "liquidity",
    "fee_growth_global0_x128",
    "fee_growth_global1_x128",
    "protocol_fees0",
    "protocol_fees1",
    "balance0",
    "balance1",
)


def _words(pool: Pool) -> list[int]:
    return [getattr(pool, name) for name in _WORDS]
