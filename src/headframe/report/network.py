"""
The network's answers on a terminal and as JSON: algorithms compared, a shock, headers verified.

Tables stay within 80 columns. In JSON shares and ratios are decimals and times are seconds; a
number found by simulation stands beside its standard error, under the same name with `_se`, or with
the quantiles between which nine chains in ten lie.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from rich.console import RenderableType
from rich.text import Text

from headframe.exact.bitcoin import shown_hash
from headframe.report.formats import amount, duration, percent, with_error
from headframe.report.shapes import grid, indented, numeric, section, show
from headframe.report.strokes import QUIET, columns
from headframe.studies.chain_race import Miners
from headframe.studies.difficulty import BlockTimes, Comparison, Response
from headframe.studies.header_file import VerifiedFile
from headframe.studies.network_shock import Band, Period, Retarget, ShockRun
from headframe.units import MINUTE_S

FORMAT = 1
"""Version of this JSON; a number is never renamed without raising it."""
SPARK = 48
"""Columns of a small chart over time."""
WEEKS_SHOWN = 14
"""Rows of a table over time, where there are no periods."""

KIND_WORDS = {
    "constant": "constant hash rate",
    "growing": "growing hash rate",
    "oscillating": "hoppers come and go",
    "price": "hash rate that follows a price",
}
"""Kinds of hash rate in words."""


def date_words(ts: float) -> str:
    """
    A day in UTC.

    >>> date_words(1_620_864_000.0)
    '2021-05-13'
    """
    return datetime.fromtimestamp(ts, UTC).date().isoformat()


# algorithms compared -----------------------------------------------------------------------------


def print_comparison(
    found: Comparison, width: int | None = None, file: IO[str] | None = None
) -> None:
    """Print the comparison of difficulty algorithms."""
    show(comparison_parts(found), width, file)


def comparison_parts(found: Comparison) -> Iterator[RenderableType]:
    """One table for each kind of hash rate, then the answers to a fall."""
    for miners in dict.fromkeys(one.miners for one in found.block_times):
        yield Text()
        yield section(KIND_WORDS[miners.name].capitalize(), kind_note(miners))
        yield indented(_times([one for one in found.block_times if one.miners == miners]))
    if found.responses:
        first = found.responses[0]
        yield Text()
        yield section(
            f"The hash rate falls to {percent(first.factor)} of itself",
            f"until blocks are within {percent(first.within)}",
        )
        yield indented(_answers(found.responses))
    yield Text()
    yield indented(
        Text(
            f"{found.n_chains} chains of {found.n_blocks:,} blocks each, seed {found.seed}. "
            "Delayed: what blocks took beyond 4 spacings, of all the time there should be (1.8% "
            "with a perfect clock). Stolen: how much easier the target was while hoppers mined.",
            QUIET,
        )
    )


def kind_note(miners: Miners) -> str:
    """What is special about a kind of hash rate, in a few words."""
    if miners.hopper_size > 0.0:
        return f"{miners.hopper_size:g}x below {miners.join:g}, until above {miners.leave:g}"
    if miners.volatility > 0.0:
        return f"volatility {percent(miners.volatility)}, lag {duration(miners.lag_s)}"
    return f"{miners.growth:g} log a year" if miners.growth else ""


def _times(rows: Sequence[BlockTimes]) -> RenderableType:
    hoppers = rows[0].miners.hopper_size > 0.0
    table = grid("left", *numeric(6 if hoppers else 5))
    heads = ["aims at", "mean block time", "sd/aim", "sd of D", "delayed"]
    table.add_row("", *(Text(h, QUIET) for h in [*heads, *(["stolen"] if hoppers else [])]))
    for one in rows:
        aim_s = one.algorithm.spacing_s
        cells = [
            f"{aim_s} s",
            f"{with_error(one.mean_s)} s",
            f"{one.sd_s / aim_s:.3f}",
            percent(one.difficulty_sd),
            percent(one.delayed),
        ]
        table.add_row(one.algorithm.name, *cells, *([_stolen(one)] if hoppers else []))
    return table


def _stolen(one: BlockTimes) -> str:
    return "" if one.stolen is None else percent(one.stolen)


def _answers(responses: Sequence[Response]) -> RenderableType:
    table = grid("left", "right", "right", "left")
    heads = ("", "on time after", "blocks", "expected block time until then")
    table.add_row(*(Text(h, QUIET) for h in heads))
    for one in responses:
        table.add_row(one.algorithm.name, *answer_words(one), columns(_spark(one)))
    return table


def answer_words(one: Response) -> tuple[str, str]:
    """When an algorithm had made a fall good, as time and as blocks."""
    if one.recovered_s is None or one.recovered_blocks is None:
        return f"beyond {duration(float(one.t_s[-1]))}", ""
    return duration(one.recovered_s), f"{one.recovered_blocks:,.0f}"


def _spark(one: Response) -> list[float]:
    """The expected block time over what it was, less one, up to twice the recovery."""
    end_s = 1.25 * (one.recovered_s or float(one.t_s[-1]))
    part = one.expected[one.t_s <= max(end_s, float(one.t_s[SPARK // 2]))]
    step = max(part.size // (SPARK // 2), 1)
    return [float(value) - 1.0 for value in abs(part[::step] - 1.0) + 1.0]


def comparison_numbers(found: Comparison) -> dict[str, Any]:
    """What `headframe network difficulty --json` prints."""
    return {
        "format": FORMAT,
        "seed": found.seed,
        "n_blocks": found.n_blocks,
        "n_chains": found.n_chains,
        "block_times": [_time_numbers(one) for one in found.block_times],
        "responses": [
            {
                "algorithm": one.algorithm.name,
                "factor": one.factor,
                "within": one.within,
                "n_chains": one.n_chains,
                "recovered_s": one.recovered_s,
                "recovered_blocks": one.recovered_blocks,
            }
            for one in found.responses
        ],
    }


def _time_numbers(one: BlockTimes) -> dict[str, Any]:
    return {
        "algorithm": one.algorithm.name,
        "hash_rate": one.miners.name,
        "spacing_s": one.algorithm.spacing_s,
        "n_blocks": one.n_blocks,
        "mean_s": one.mean_s.value,
        "mean_s_se": one.mean_s.se,
        "sd_s": one.sd_s,
        "delayed": one.delayed,
        "stolen": one.stolen,
        "hopped": one.hopped,
        "difficulty_sd": one.difficulty_sd,
    }


# a shock -----------------------------------------------------------------------------------------


def print_shock(
    found: ShockRun,
    start_ts: float,
    history: Sequence[Retarget] = (),
    width: int | None = None,
    file: IO[str] | None = None,
) -> None:
    """Print what a shock does; `history` is what daily blocks tell of the same time."""
    show(shock_parts(found, start_ts, history), width, file)


def shock_parts(
    found: ShockRun, start_ts: float, history: Sequence[Retarget] = ()
) -> Iterator[RenderableType]:
    """What happens in a sentence or two, the periods, and what history says."""
    yield Text()
    for sentence in shock_sentences(found, start_ts):
        yield indented(Text(sentence))
    yield Text()
    if found.periods:
        yield section("Difficulty periods", "mean over chains, nine in ten between")
        yield indented(_periods(found.periods, start_ts))
    else:
        yield section("Week by week", "means over chains")
        yield indented(_weeks(found, start_ts))
    if history:
        yield Text()
        yield section("From the blocks of each day", "retargeted by the consensus rule")
        yield indented(_history(history))
    yield Text()
    made = f"{found.n_chains} chains from height {found.height:,}, {found.algorithm.words}"
    yield indented(Text(made, QUIET))


def shock_sentences(found: ShockRun, start_ts: float) -> list[str]:
    """What leaves, how slow it gets, who earns more, and when it is over."""
    s, worst = found.shock, int(found.block_s.argmax())
    back = "and does not return" if s.return_s is None else f"and returns over {_span(s.return_s)}"
    stay = f", stays away for {_span(s.stay_s)}" if s.stay_s else ""
    worst_day = date_words(start_ts + float(found.t_s[worst]))
    said = [
        f"{percent(s.share)} of the hash rate leaves from {date_words(start_ts)} over "
        f"{_span(s.leave_s)}{stay} {back}.",
        f"Blocks are expected every {amount(float(found.block_s[worst]) / MINUTE_S, 1)} minutes at "
        f"worst ({worst_day}), instead of {amount(found.algorithm.spacing_s / MINUTE_S, 1)}.",
    ]
    if found.slowest is not None:
        mean = found.slowest.block_s.mean / MINUTE_S
        said.append(
            f"The slowest period takes {amount(mean, 1)} minutes a block and ends in a retarget of "
            f"{percent(found.slowest.change.mean, signed=True)}."
        )
    best = float(found.income.max()) - 1.0
    said.append(
        f"The chain falls {amount(float(found.behind.max()), 0)} blocks behind its schedule; hash "
        f"rate that stays earns up to {percent(best)} more coins."
    )
    said.append(
        "Blocks are not on time again while it was watched."
        if found.recovered_s is None
        else f"Blocks come within a tenth of their spacing for good from "
        f"{date_words(start_ts + found.recovered_s)} on."
    )
    return said


def _span(length_s: float) -> str:
    return "no time" if length_s == 0.0 else duration(length_s)


def _band(band: Band, scale: float, places: int, *, signed: bool = False) -> tuple[str, Text]:
    mean = amount(band.mean * scale, places, signed=signed)
    low, high = (amount(x * scale, places, signed=signed) for x in (band.low, band.high))
    return mean, Text(f"{low} to {high}", QUIET)


def _periods(periods: Sequence[Period], start_ts: float) -> RenderableType:
    table = grid(*numeric(6))
    heads = ("from height", "about", "min/block", "", "retarget, %", "")
    table.add_row(*(Text(h, QUIET) for h in heads))
    for one in periods:
        table.add_row(
            f"{one.first_height:,}",
            date_words(start_ts + one.start_s.mean),
            *_band(one.block_s, 1.0 / MINUTE_S, 1),
            *_band(one.change, 100.0, 1, signed=True),
        )
    return table


def _weeks(found: ShockRun, start_ts: float) -> RenderableType:
    table = grid("left", *numeric(4))
    heads = ("", "hash rate", "block time, s", "difficulty", "blocks behind")
    table.add_row(*(Text(h, QUIET) for h in heads))
    for k in range(0, found.t_s.size, max(-(-found.t_s.size // WEEKS_SHOWN), 1)):
        table.add_row(
            date_words(start_ts + float(found.t_s[k])),
            percent(float(found.hash_rate[k])),
            amount(float(found.block_s[k]), 1),
            percent(float(found.difficulty[k])),
            amount(float(found.behind[k]), 0),
        )
    return table


def _history(history: Sequence[Retarget]) -> RenderableType:
    table = grid(*numeric(5))
    heads = ("retarget at", "on", "minutes a block", "change, %", "new bits")
    table.add_row(*(Text(h, QUIET) for h in heads))
    for one in history:
        table.add_row(
            f"{one.height:,}",
            date_words(one.ts),
            amount(one.block_s / MINUTE_S, 2),
            amount(100.0 * one.change, 2, signed=True),
            f"{one.new_bits:#010x}",
        )
    return table


def shock_numbers(
    found: ShockRun, start_ts: float, history: Sequence[Retarget] = ()
) -> dict[str, Any]:
    """What `headframe network shock --json` prints."""
    s = found.shock
    return {
        "format": FORMAT,
        "algorithm": found.algorithm.name,
        "start": date_words(start_ts),
        "height": found.height,
        "n_chains": found.n_chains,
        "shock": {
            "share": s.share,
            "leave_s": s.leave_s,
            "stay_s": s.stay_s,
            "return_s": s.return_s,
            "pace": s.pace,
        },
        "worst_block_s": float(found.block_s.max()),
        "most_blocks_behind": float(found.behind.max()),
        "most_income": float(found.income.max()),
        "recovered_s": found.recovered_s,
        "periods": [
            {
                "first_height": one.first_height,
                "start_s": one.start_s.mean,
                **_band_numbers("block_s", one.block_s),
                **_band_numbers("change", one.change),
            }
            for one in found.periods
        ],
        "history": [
            {
                "height": one.height,
                "date": date_words(one.ts),
                "block_s": one.block_s,
                "change": one.change,
                "new_bits": one.new_bits,
            }
            for one in history
        ],
        "over_time": {
            "t_s": found.t_s.tolist(),
            "hash_rate": found.hash_rate.tolist(),
            "block_s": found.block_s.tolist(),
            "difficulty": found.difficulty.tolist(),
            "income": found.income.tolist(),
            "behind": found.behind.tolist(),
        },
    }


def _band_numbers(name: str, band: Band) -> dict[str, float]:
    return {name: band.mean, f"{name}_low": band.low, f"{name}_high": band.high}


# headers -----------------------------------------------------------------------------------------


def print_verified(
    found: VerifiedFile, name: str, width: int | None = None, file: IO[str] | None = None
) -> None:
    """Print what a file of headers holds."""
    show(verified_parts(found, name), width, file)


def verified_parts(found: VerifiedFile, name: str) -> Iterator[RenderableType]:
    """That it is fine, its tip, its work, and how fast it went."""
    heights = f"heights {found.from_height:,} to {found.tip_height:,} of {found.chain.name}"
    yield Text(f"{name}: fine. {found.count:,} headers, {heights}")
    yield Text(f"tip   {shown_hash(found.tip_hash)}")
    yield Text(f"work  {found.work:,} hashes (2^{found.work.bit_length() - 1} or more)")
    rate = f"{found.headers_per_s:,.0f} headers a second"
    yield Text(f"took  {found.seconds:.2f} s, {rate}", QUIET)


def verified_numbers(found: VerifiedFile) -> dict[str, Any]:
    """What `headframe network verify --json` prints; work and hash are texts, being so long."""
    return {
        "format": FORMAT,
        "chain": found.chain.name,
        "from_height": found.from_height,
        "tip_height": found.tip_height,
        "count": found.count,
        "tip_hash": shown_hash(found.tip_hash),
        "work": str(found.work),
        "seconds": found.seconds,
        "headers_per_s": found.headers_per_s,
    }
