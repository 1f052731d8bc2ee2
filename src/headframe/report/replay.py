"""
A replayed log on the terminal and as JSON: that all agrees, or the first event that does not.

In JSON, amounts, prices and liquidity are whole numbers in smallest units, written as text, since
they are wider than a float; times are unix seconds, values are in token1's smallest unit.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import IO, Any

from rich.console import RenderableType
from rich.text import Text

from headframe.report.formats import amount, decimals, percent
from headframe.report.shapes import grid, indented, section, show
from headframe.report.strokes import LOSS, QUIET
from headframe.studies.pool_replay import Difference, Explanation, LimitPrice, Replay
from headframe.studies.watched_position import Earned, Inserted

FORMAT = 1
"""Version of this JSON; a number is never renamed without raising it."""
TRIED = (
    "Tried: what was paid as exact input, what was paid out as exact output, the price as a limit. "
    "Shown is what comes closest to the log; which of its numbers is wrong, it does not say."
)
"""Beneath a swap that no call explains."""
FIRST_SWAP = "It is the first swap: is --fee the pool's?"
MISSING = "Or events of the pool before this row are missing from the log."
AFTER = (
    "Only its price limit explains the swap of {place} before it: that price may be what is wrong."
)
OPEN = "Prices that rest on a swap's own limit only"
PINNED = "{n:,} proven by the next swap to {within:.0e} of the price, not to the last digit"
UNPROVEN = "{n:,} unproven, as another limit or the end follows: {places}"
"""Beneath the counts; amounts and all else agree there too."""
N_PLACES = 5
"""So many places are named, then it says how many more."""
SMALL = (
    "Taken to be so small that it moves no price and dilutes nobody's share; at the opening it "
    "is {share} of the liquidity then active."
)


def print_replay(
    found: Replay,
    source: str,
    *,
    decimals: tuple[int, int] = (0, 0),
    width: int | None = None,
    file: IO[str] | None = None,
) -> None:
    """Print what came of a replay; `decimals` are those of the tokens."""
    show(replay_parts(found, source, decimals), width, file)


def replay_parts(
    found: Replay, source: str, scale: tuple[int, int] = (0, 0)
) -> Iterator[RenderableType]:
    """Whether all agrees, what was played, and what a position would have earned."""
    span = f"blocks {found.first_block:,} to {found.last_block:,}"
    if found.first_ts is not None and found.last_ts is not None:
        span += f", {_time(found.first_ts)} to {_time(found.last_ts)}"
    yield Text()
    yield section(f"Replay of {source}")
    yield indented(Text(span, QUIET))
    yield Text()
    if found.difference is not None:
        yield from _difference_parts(found.difference)
        return
    yield from _agreement_parts(found)
    if found.earned is not None:
        yield from _earned_parts(found.earned, scale)


def _agreement_parts(found: Replay) -> Iterator[RenderableType]:
    if found.suspect:
        n = len(found.suspect)
        words = f"{n:,} logged price{'s are' if n > 1 else ' is'} suspect; all else of"
        yield indented(Text(f"{words} {found.n_events:,} events agrees with the pool.", LOSS))
        for one in found.suspect[:N_PLACES]:
            yield Text()
            yield from _suspect_parts(one)
        if n > N_PLACES:
            yield indented(Text(f"And {n - N_PLACES:,} more; --json has them all.", QUIET))
    else:
        yield indented(Text(f"All {found.n_events:,} events agree with the pool, to the last wei."))
    yield Text()
    table = grid("left", "right", "left")
    for kind, count in sorted(found.counts.items(), key=lambda pair: -pair[1]):
        ways = ", ".join(f"{n:,} by {way}" for way, n in found.named.items())
        table.add_row(kind, f"{count:,}", Text(ways if kind == "Swap" else "", QUIET))
    yield indented(table)
    if found.unproven:
        yield Text()
        yield indented(Text(_unproven_words(found.unproven), QUIET))


def _suspect_parts(found: LimitPrice) -> Iterator[RenderableType]:
    yield indented(Text(f"{found.place}: sqrt_price_x96 of this Swap is suspect."))
    yield indented(_sides(found.sqrt_price_x96, found.expected_x96, f"by {found.named}"))
    words = f"Its amounts fit both; the swap of {found.next_place} follows from the second only."
    yield indented(Text(words, QUIET))


def _unproven_words(found: tuple[LimitPrice, ...]) -> str:
    pinned = [one.within_x96 / one.sqrt_price_x96 for one in found if one.within_x96 is not None]
    open_ = [one.place for one in found if one.within_x96 is None]
    words = []
    if pinned:
        words.append(PINNED.format(n=len(pinned), within=2.0 * max(pinned)))
    if open_:
        more = f" and {len(open_) - N_PLACES:,} more" if len(open_) > N_PLACES else ""
        words.append(UNPROVEN.format(n=len(open_), places=", ".join(open_[:N_PLACES]) + more))
    return f"{OPEN}: {'; '.join(words)}."


def _sides(logged: Any, replayed: Any, words: str) -> RenderableType:
    table = grid("left", "left")
    table.add_row(Text("  logged", QUIET), f"{logged}")
    table.add_row(Text(f"  {words}", QUIET), f"{replayed}")
    if isinstance(logged, int) and isinstance(replayed, int):
        table.add_row(Text("  difference", QUIET), f"{logged - replayed:+}")
    return table


def _difference_parts(found: Difference) -> Iterator[RenderableType]:
    kind = type(found.logged).__name__
    yield indented(Text(f"{found.place}: this {kind} differs from the pool's own.", LOSS))
    told = f"Block {found.block_number:,}, log index {found.log_index:,}. "
    yield indented(Text(f"{told}The {found.n_before:,} events before it agree."))
    if found.transaction_hash:
        yield indented(Text(found.transaction_hash, QUIET))
    for one in found.explanations:
        yield Text()
        for name, logged, replayed in one.parts(found.logged):
            yield indented(Text(name))
            yield indented(_sides(logged, replayed, f"by {one.named}" if one.named else "replayed"))
    hints = _hints(found, kind)
    yield Text()
    for hint in hints:
        yield indented(Text(hint, QUIET))


def _hints(found: Difference, kind: str) -> list[str]:
    hints = [TRIED] if kind == "Swap" else []
    if kind == "Swap" and not found.n_swaps_before:
        hints.append(FIRST_SWAP)
    if found.after:
        hints.append(AFTER.format(place=found.after))
    return [*hints, MISSING]


def _earned_parts(found: Earned, scale: tuple[int, int]) -> Iterator[RenderableType]:
    yield Text()
    yield section("The position", f"ticks {found.tick_lower:,} to {found.tick_upper:,}")
    span = f"In from block {found.first_block:,} to {found.last_block:,}"
    inside = f"{found.n_swaps_in_range:,} of {found.n_swaps:,} swaps ended inside"
    yield indented(Text(f"{span}; {inside}. Liquidity {found.liquidity:,}.", QUIET))
    yield Text()
    table = grid("left", "right", "right", "right")
    heads = ("", "token0", "token1", "value in token1")
    table.add_row(*(Text(head, QUIET) for head in heads))
    price = found.price_end
    start, end = (found.amount0_start, found.amount1_start), (found.amount0_end, found.amount1_end)
    for words, pair in (
        ("put in", start), ("taken out", end), ("fees", (found.fees0, found.fees1))
    ):  # fmt: skip
        table.add_row(words, *_pair(pair, price, scale))
    if found.inserted is not None:
        table.add_row(*_inserted_row(found.inserted, scale))
    yield indented(table)
    yield Text()
    lost = found.impermanent_loss
    words = f"Impermanent loss {percent(lost)} of the tokens put in, kept; fees "
    share = found.fees_value / found.held_value if found.held_value else 0.0
    yield indented(Text(f"{words}{percent(share, signed=True)}. Values at the last price."))
    share = found.liquidity / (found.liquidity + found.pool_liquidity)
    yield indented(Text(SMALL.format(share=percent(share)), QUIET))
    if found.inserted is not None:
        yield indented(Text(_inserted_words(found, found.inserted), QUIET))


def _pair(pair: tuple[int, int], price: Fraction, scale: tuple[int, int]) -> tuple[str, ...]:
    value = Fraction(pair[0]) * price + pair[1]
    cells = (Fraction(pair[0], 10 ** scale[0]), Fraction(pair[1], 10 ** scale[1]))
    return tuple(_units(cell) for cell in (*cells, value / 10 ** scale[1]))


def _units(value: Fraction) -> str:
    if value.denominator == 1 and value < 10**15:
        return f"{value.numerator:,}"
    return amount(float(value), decimals(float(value), digits=7))


def _inserted_row(found: Inserted, scale: tuple[int, int]) -> tuple[str, ...]:
    price = Fraction(found.sqrt_price_end_x96**2, 1 << 192)
    return ("fees, inserted", *_pair((found.fees0, found.fees1), price, scale))


def _inserted_words(found: Earned, inserted: Inserted) -> str:
    ratio = float(Fraction(inserted.sqrt_price_end_x96, found.sqrt_price_end_x96)) ** 2 - 1.0
    refused = f", {inserted.n_refused:,} of which it refused" if inserted.n_refused else ""
    return (
        f"Inserted: truly in a second pool, with the same calls made{refused}. Nobody answers "
        f"there to a price that now moves less; it ended {percent(ratio, signed=True)} away."
    )


def _time(ts: int) -> str:
    if ts >= 253_402_300_800:  # the year 10000
        return str(ts)
    return f"{datetime.fromtimestamp(ts, UTC):%Y-%m-%d %H:%M}"


def replay_numbers(found: Replay) -> dict[str, Any]:
    """What `headframe replay --json` prints."""
    difference = found.difference
    return {
        "format": FORMAT,
        "agrees": found.agrees,
        "n_events": found.n_events,
        "counts": found.counts,
        "swaps_by": found.named,
        "first_block": found.first_block,
        "last_block": found.last_block,
        "first_ts": found.first_ts,
        "last_ts": found.last_ts,
        "difference": None if difference is None else _difference_numbers(difference),
        "suspect": [_limit_numbers(one) for one in found.suspect],
        "unproven": [_limit_numbers(one) for one in found.unproven],
        "position": None if found.earned is None else _earned_numbers(found.earned),
    }


def _difference_numbers(found: Difference) -> dict[str, Any]:
    return {
        "place": found.place,
        "event": type(found.logged).__name__,
        "block_number": found.block_number,
        "log_index": found.log_index,
        "transaction_hash": found.transaction_hash,
        "n_before": found.n_before,
        "after": found.after or None,
        "explanations": [_explained(one, found) for one in found.explanations],
    }


def _explained(one: Explanation, found: Difference) -> dict[str, Any]:
    return {
        "named": one.named or None,
        "parts": [
            {"name": name, "logged": str(logged), "replayed": str(replayed)}
            for name, logged, replayed in one.parts(found.logged)
        ],
    }


def _limit_numbers(found: LimitPrice) -> dict[str, Any]:
    return {
        "place": found.place,
        "block_number": found.block_number,
        "log_index": found.log_index,
        "sqrt_price_x96": str(found.sqrt_price_x96),
        "within_x96": None if found.within_x96 is None else str(found.within_x96),
        "named": found.named or None,
        "expected_x96": None if found.expected_x96 is None else str(found.expected_x96),
        "next_place": found.next_place or None,
    }


_PLAIN = {"tick_lower", "tick_upper", "first_block", "last_block", "first_ts", "last_ts",
          "n_swaps", "n_swaps_in_range", "n_refused"}  # fmt: skip


def _earned_numbers(found: Earned) -> dict[str, Any]:
    numbers = _texts(asdict(found))
    if found.inserted is not None:
        numbers["inserted"] = _texts(asdict(found.inserted))
    values = ("value_end", "held_value", "fees_value", "impermanent_loss")
    return numbers | {name: getattr(found, name) for name in values}


def _texts(numbers: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, int) and name not in _PLAIN else value
        for name, value in numbers.items()
    }
