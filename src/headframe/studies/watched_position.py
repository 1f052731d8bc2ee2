"""
A position watched while a pool's log is replayed: what its range gathered, and what it was worth.

It is taken to be so small that it moves nothing: its fees are those per unit of liquidity that its
range gathered between two instants. Beside it, it may truly be put into a second pool (`insert`),
on which all the same calls are then made.
"""

import copy
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from headframe.errors import InputError, Revert
from headframe.exact import uniswap_v3 as v3
from headframe.exact.uniswap_v3 import Pool
from headframe.exact.uniswap_v3_events import Event, play
from headframe.exact.uniswap_v3_range import WatchedRange, growth_inside, pass_bounds, watch

OWNER = "headframe"
"""Owner of the position that is inserted."""
FIRST, LAST = 0, 1 << 256
"""From the log's beginning, or a block's; to its end."""
TIME_FROM = 1_000_000_000
"""Instants from here on are unix seconds, those below are block numbers."""


class Logged(Protocol):
    """An event with its place in a file and in the chain."""

    @property
    def place(self) -> str: ...
    @property
    def block_number(self) -> int: ...
    @property
    def log_index(self) -> int: ...
    @property
    def block_timestamp(self) -> int | None: ...
    @property
    def transaction_hash(self) -> str: ...
    @property
    def event(self) -> Event: ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """
    A position to watch: its ticks, its size, and from when to when it is in.

    `since` and `until` are blocks or unix times. In a block it is put in before the event with the
    log index `since_log`, and taken out after the one with `until_log`.
    """

    tick_lower: int
    tick_upper: int
    liquidity: int | None = None
    amount0: int = 0
    amount1: int = 0
    since: int = FIRST
    since_log: int = FIRST
    until: int = LAST
    until_log: int = LAST
    insert: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no position."""
        if self.tick_lower >= self.tick_upper:
            raise InputError("--lower", self.tick_lower, f"below --upper, {self.tick_upper}")
        if (self.liquidity is None) == (self.amount0 == 0 and self.amount1 == 0):
            raise InputError("--liquidity", self.liquidity, "it, or --amount0 and --amount1")
        if min(self.liquidity or 0, self.amount0, self.amount1) < 0 or self.liquidity == 0:
            raise InputError("--liquidity, --amount0, --amount1", None, "above 0")


@dataclass(frozen=True, kw_only=True)
class Inserted:
    """What became of a position that was truly put into the pool, with the same calls made."""

    fees0: int
    fees1: int
    amount0_end: int
    amount1_end: int
    sqrt_price_end_x96: int
    n_refused: int


@dataclass(frozen=True, kw_only=True)
class Earned:
    """What a position would have earned, in the tokens' smallest units."""

    tick_lower: int
    tick_upper: int
    liquidity: int
    pool_liquidity: int
    fees0: int
    fees1: int
    amount0_start: int
    amount1_start: int
    amount0_end: int
    amount1_end: int
    sqrt_price_start_x96: int
    sqrt_price_end_x96: int
    first_block: int
    last_block: int
    first_ts: int | None
    last_ts: int | None
    n_swaps: int
    n_swaps_in_range: int
    inserted: Inserted | None = None

    @property
    def price_end(self) -> Fraction:
        """Token1 for one token0 at the end, both in smallest units."""
        return Fraction(self.sqrt_price_end_x96**2, 1 << 192)

    @property
    def value_end(self) -> float:
        """What the tokens are worth at the end, fees left out, in token1."""
        return float(self.amount0_end * self.price_end + self.amount1_end)

    @property
    def held_value(self) -> float:
        """What the first tokens would be worth at the end, in token1."""
        return float(self.amount0_start * self.price_end + self.amount1_start)

    @property
    def fees_value(self) -> float:
        """What the fees are worth at the end, in token1."""
        return float(self.fees0 * self.price_end + self.fees1)

    @property
    def impermanent_loss(self) -> float:
        """Value at the end over that of the first tokens, less one; fees left out."""
        return self.value_end / self.held_value - 1.0 if self.held_value else 0.0


def _place_in_time(logged: Logged, instant: int) -> tuple[int, int]:
    """Where an event stands, in blocks or seconds, whichever an instant is told in."""
    if instant < TIME_FROM or instant == LAST:
        return logged.block_number, logged.log_index
    if logged.block_timestamp is None:
        raise InputError("--from, --to", instant, "a block: the log has no column block_timestamp")
    return logged.block_timestamp, logged.log_index


class Watch:
    """A position that is watched from its first block to its last."""

    def __init__(self, wanted: Wanted, tick_spacing: int) -> None:
        for flag, tick in (("--lower", wanted.tick_lower), ("--upper", wanted.tick_upper)):
            if tick % tick_spacing or not v3.MIN_TICK <= tick <= v3.MAX_TICK:
                said = f"a multiple of the spacing, {tick_spacing}, within {v3.MAX_TICK}"
                raise InputError(flag, tick, said)
        self.wanted = wanted
        self.range: WatchedRange | None = None
        self.second: Pool | None = None
        self.end: Earned | None = None
        self.n_swaps = self.n_in_range = self.n_refused = 0

    @property
    def is_in(self) -> bool:
        return self.range is not None and self.end is None

    def before(self, pool: Pool, logged: Logged) -> None:
        """Open before the first event at or after the beginning; close before one after the end."""
        if self.end is None and self._is_over(logged):
            if self.range is None:
                raise InputError("--to", self.wanted.until, "after the position was opened")
            self.end = self._earned(pool)
        waits = self.range is None and self.end is None and pool.sqrt_price_x96 != 0
        if waits and self._has_begun(logged):
            self._open(pool, logged)
        if self.is_in:
            self.last = logged

    def _has_begun(self, logged: Logged) -> bool:
        since = self.wanted.since
        return _place_in_time(logged, since) >= (since, self.wanted.since_log)

    def _is_over(self, logged: Logged) -> bool:
        until = self.wanted.until
        return _place_in_time(logged, until) > (until, self.wanted.until_log)

    def _open(self, pool: Pool, logged: Logged) -> None:
        wanted = self.wanted
        self.low_x96 = v3.get_sqrt_ratio_at_tick(wanted.tick_lower)
        self.high_x96 = v3.get_sqrt_ratio_at_tick(wanted.tick_upper)
        self.liquidity = wanted.liquidity or v3.get_liquidity_for_amounts(
            pool.sqrt_price_x96, self.low_x96, self.high_x96, wanted.amount0, wanted.amount1
        )
        if self.liquidity <= 0:
            said = "more: at the price of the opening this gives no liquidity in the range"
            raise InputError("--amount0, --amount1", (wanted.amount0, wanted.amount1), said)
        self.first, self.last = logged, logged
        self.range = watch(pool, wanted.tick_lower, wanted.tick_upper)
        self.inside = growth_inside(pool, self.range)
        self.start_x96, self.pool_liquidity = pool.sqrt_price_x96, pool.liquidity
        self.amounts = self._amounts_up(pool.sqrt_price_x96)
        if wanted.insert:
            self.second = copy.deepcopy(pool)
            key = (OWNER, wanted.tick_lower, wanted.tick_upper)
            try:
                v3.mint(self.second, *key, self.liquidity, now_ts=logged.block_timestamp or 0)
            except Revert as refusal:
                raise InputError("--insert", None, f"the pool refuses: {refusal}") from None

    def _amounts_up(self, price_x96: int) -> tuple[int, int]:
        within_x96 = min(max(price_x96, self.low_x96), self.high_x96)
        return (
            v3.get_amount0_delta_up(within_x96, self.high_x96, self.liquidity),
            v3.get_amount1_delta_up(self.low_x96, within_x96, self.liquidity),
        )

    def swap(self, pool: Pool, zero_for_one: bool, end_tick: int) -> None:
        """A swap is about to be made on the pool of the log."""
        if self.is_in:
            assert self.range is not None
            pass_bounds(pool, self.range, zero_for_one, end_tick)
            self.n_swaps += 1
            self.n_in_range += self.wanted.tick_lower <= end_tick < self.wanted.tick_upper

    def follow_swap(self, call: tuple[Any, ...], now_ts: int) -> None:
        """Make the same swap in the second pool; one that it refuses is counted."""
        if self.second is not None and self.is_in:
            try:
                v3.swap(self.second, *call, now_ts=now_ts)
            except Revert:
                self.n_refused += 1

    def follow(self, event: Event, now_ts: int) -> None:
        """Play the same event in the second pool; one that it refuses is counted."""
        if self.second is not None and self.is_in:
            try:
                play(self.second, event, now_ts=now_ts)
            except Revert:
                self.n_refused += 1

    def close(self, pool: Pool, last: Logged) -> Earned:
        """What was earned by the end of the log, if the position is still in."""
        if self.range is None:
            raise InputError("--from", self.wanted.since, f"up to block {last.block_number}")
        return self.end or self._earned(pool)

    def _earned(self, pool: Pool) -> Earned:
        assert self.range is not None
        rises = [
            (now - before) & ((1 << 256) - 1)
            for now, before in zip(growth_inside(pool, self.range), self.inside, strict=True)
        ]
        fees = [rise * self.liquidity >> 128 for rise in rises]
        amounts = v3.get_amounts_for_liquidity(
            pool.sqrt_price_x96, self.low_x96, self.high_x96, self.liquidity
        )
        return Earned(
            tick_lower=self.wanted.tick_lower,
            tick_upper=self.wanted.tick_upper,
            liquidity=self.liquidity,
            pool_liquidity=self.pool_liquidity,
            fees0=fees[0],
            fees1=fees[1],
            amount0_start=self.amounts[0],
            amount1_start=self.amounts[1],
            amount0_end=amounts[0],
            amount1_end=amounts[1],
            sqrt_price_start_x96=self.start_x96,
            sqrt_price_end_x96=pool.sqrt_price_x96,
            first_block=self.first.block_number,
            last_block=self.last.block_number,
            first_ts=self.first.block_timestamp,
            last_ts=self.last.block_timestamp,
            n_swaps=self.n_swaps,
            n_swaps_in_range=self.n_in_range,
            inserted=None if self.second is None else self._inserted(self.second),
        )

    def _inserted(self, second: Pool) -> Inserted:
        key = (OWNER, self.wanted.tick_lower, self.wanted.tick_upper)
        now_ts = self.last.block_timestamp or 0
        v3.burn(second, *key, 0, now_ts=now_ts)
        position = second.positions[key]
        fees0, fees1 = position.tokens_owed0, position.tokens_owed1
        amount0, amount1 = v3.burn(second, *key, self.liquidity, now_ts=now_ts)
        return Inserted(
            fees0=fees0,
            fees1=fees1,
            amount0_end=amount0,
            amount1_end=amount1,
            sqrt_price_end_x96=second.sqrt_price_x96,
            n_refused=self.n_refused,
        )
