"""
A pool's log played again on the exact pool, event by event, and what a position would have earned.

Each event is played on the readable text of Uniswap v3 and must come out as it was logged: amounts,
price, tick, liquidity. The first that does not ends the replay and is told with both sides. A price
that only a swap's limit explains is told apart, unless the next swap proves it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

from headframe.errors import InputError, Revert
from headframe.exact import uniswap_v3 as v3
from headframe.exact.uniswap_v3 import Pool
from headframe.exact.uniswap_v3_events import Event, Recovered, Swap, differing, play, recover_swap
from headframe.studies.limit_prices import OpenPrice, Rival, judge, open_price
from headframe.studies.watched_position import Earned, Logged, Wanted, Watch


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What the pool would have logged; of a swap, if this is what the trader had named."""

    named: str
    event: Event

    def parts(self, logged: Event) -> list[tuple[str, int, int]]:
        """Each number that differs from the log: its name, as logged, as replayed."""
        pairs = ((f.name, getattr(logged, f.name), getattr(self.event, f.name))
                 for f in fields(logged))  # fmt: skip
        return [(name, told, came) for name, told, came in pairs if told != came]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """
    Where log and pool part: the event as logged, and the closest explanations of the pool.

    `after` is the place of a swap before it whose price rests on its limit alone, if there is one:
    then that price may be what is wrong. `n_before` events agree.
    """

    place: str
    block_number: int
    log_index: int
    transaction_hash: str
    logged: Event
    explanations: tuple[Explanation, ...]
    n_before: int
    n_swaps_before: int
    after: str = ""

    @property
    def parts(self) -> list[tuple[str, int, int]]:
        """Each number that differs from the closest explanation: name, as logged, as replayed."""
        return self.explanations[0].parts(self.logged)


@dataclass(frozen=True, kw_only=True)
class LimitPrice:
    """
    A logged price that only the swap's limit explains and the next swap does not quite prove.

    `within_x96` says how far off it can be if the next swap is right; None where that does not say.
    Suspect where the next swap, at `next_place`, follows from the price `expected_x96` instead.
    """

    place: str
    block_number: int
    log_index: int
    sqrt_price_x96: int
    within_x96: int | None = None
    named: str = ""
    expected_x96: int | None = None
    next_place: str = ""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of a replay; `pool` is the pool as the log leaves it."""

    pool: Pool
    n_events: int
    counts: dict[str, int]
    named: dict[str, int]
    first_block: int
    last_block: int
    first_ts: int | None
    last_ts: int | None
    difference: Difference | None
    suspect: tuple[LimitPrice, ...]
    unproven: tuple[LimitPrice, ...]
    earned: Earned | None

    @property
    def agrees(self) -> bool:
        """Whether all events come out as logged, and no price is suspect."""
        return self.difference is None and not self.suspect


def replay(events: Iterable[Logged], pool: Pool, *, wanted: Wanted | None = None) -> Replay:
    """
    Play a log on a pool, from where the pool stands, until its end or the first difference.

    Raises `InputError` that names the row where the pool refuses an event: the log is not complete,
    or is another pool's.
    """
    run = _Run(pool, None if wanted is None else Watch(wanted, pool.tick_spacing))
    rows = iter(events)
    for logged in rows:
        run.take(logged)
        if run.difference is not None:
            _read_on(rows, logged)
            break
    return run.outcome()


def _read_on(rows: Iterator[Logged], differs: Logged) -> None:
    """Read to the next block: that rows are out of order explains a difference, and is an error."""
    for logged in rows:
        if logged.block_number != differs.block_number:
            return


@dataclass
class _Run:
    pool: Pool
    watch: Watch | None
    counts: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    first: Logged | None = None
    last: Logged | None = None
    waiting: tuple[Logged, OpenPrice] | None = None
    difference: Difference | None = None
    suspect: list[LimitPrice] = field(default_factory=list)
    unproven: list[LimitPrice] = field(default_factory=list)

    def take(self, logged: Logged) -> None:
        """Play one event, and let whoever watches know of it."""
        self.first = self.first or logged
        self.last = logged
        if self.watch is not None:
            self.watch.before(self.pool, logged)
        try:
            if isinstance(logged.event, Swap):
                self._swap(logged, logged.event)
            else:
                self._other(logged)
        except Revert as refusal:
            kind = type(logged.event).__name__
            said = f"{kind}: the pool refuses: {refusal}; is the log complete, and the fee right?"
            raise InputError(logged.place, None, said) from None
        if self.difference is None:
            self.counts[type(logged.event).__name__] += 1

    def _other(self, logged: Logged) -> None:
        now_ts = logged.block_timestamp or 0
        came = play(self.pool, logged.event, now_ts=now_ts)
        if came != logged.event:
            self._differs(logged, (Explanation(named="", event=came),))
        elif self.watch is not None:
            self.watch.follow(logged.event, now_ts)

    def _swap(self, logged: Logged, event: Swap) -> None:
        self._judge_before(logged, event)
        found = recover_swap(self.pool, event)
        if found.end is None:
            self._differs(logged, _explanations(found, event))
            return
        now_ts = logged.block_timestamp or 0
        if self.watch is not None:
            self.watch.swap(self.pool, found.call.zero_for_one, event.tick)
            self.watch.follow_swap(found.call[1:], now_ts)
        v3.swap(self.pool, *found.call[1:], now_ts=now_ts)
        self.named[found.call.named] += 1
        unproven = open_price(found)
        self.waiting = None if unproven is None else (logged, unproven)

    def _judge_before(self, logged: Logged, event: Swap) -> None:
        """Let a swap judge the price before it; where that is suspect, go on from the expected."""
        if self.waiting is None:
            return
        before, unproven = self.waiting
        within_x96, rival = judge(self.pool, unproven, event)
        if rival is not None:
            self.suspect.append(_limit_price(before, unproven, None, rival, logged.place))
            self.pool.sqrt_price_x96 = rival.swap.sqrt_price_x96
        elif within_x96 != 0:
            self.unproven.append(_limit_price(before, unproven, within_x96))

    def _differs(self, logged: Logged, explanations: tuple[Explanation, ...]) -> None:
        self.difference = Difference(
            place=logged.place,
            block_number=logged.block_number,
            log_index=logged.log_index,
            transaction_hash=logged.transaction_hash,
            logged=logged.event,
            explanations=explanations,
            n_before=self.counts.total(),
            n_swaps_before=self.counts["Swap"],
            after="" if self.waiting is None else self.waiting[0].place,
        )

    def outcome(self) -> Replay:
        """All that is to be told."""
        assert self.first is not None
        assert self.last is not None
        earned = None
        if self.difference is None:
            if self.waiting is not None:
                self.unproven.append(_limit_price(*self.waiting, None))
            if self.watch is not None:
                earned = self.watch.close(self.pool, self.last)
        return Replay(
            pool=self.pool,
            n_events=self.counts.total(),
            counts=dict(self.counts),
            named=dict(self.named),
            first_block=self.first.block_number,
            last_block=self.last.block_number,
            first_ts=self.first.block_timestamp,
            last_ts=self.last.block_timestamp,
            difference=self.difference,
            suspect=tuple(self.suspect),
            unproven=tuple(self.unproven),
            earned=earned,
        )


def _explanations(found: Recovered, logged: Swap) -> tuple[Explanation, ...]:
    """The closest calls, all that differ in equally few numbers; equal outcomes are told once."""
    fewest = len(differing(found.swap, logged))
    ways: dict[Swap, list[str]] = {}
    for one in found.tried:
        if len(differing(one.swap, logged)) == fewest:
            ways.setdefault(one.swap, []).append(one.call.named)
    return tuple(Explanation(named=" or ".join(names), event=swap) for swap, names in ways.items())


def _limit_price(
    logged: Logged,
    unproven: OpenPrice,
    within_x96: int | None,
    rival: Rival | None = None,
    next_place: str = "",
) -> LimitPrice:
    return LimitPrice(
        place=logged.place,
        block_number=logged.block_number,
        log_index=logged.log_index,
        sqrt_price_x96=unproven.logged.sqrt_price_x96,
        within_x96=within_x96,
        named="" if rival is None else rival.named,
        expected_x96=None if rival is None else rival.swap.sqrt_price_x96,
        next_place=next_place,
    )
