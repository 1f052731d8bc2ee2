"""
The network's answers as one page each: a single HTML file that works offline.

The page is dressed like that of a book (`page.css`, `page.js`); its charts are plain descriptions
that plotly.js draws, its tables hold the same numbers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from headframe.report.charts import Chart
from headframe.report.charts_network import (
    answers_chart,
    behind_chart,
    block_time_chart,
    chain_chart,
    income_chart,
    shares_chart,
)
from headframe.report.formats import amount, percent, with_error
from headframe.report.markup import Child, Markup, data_script, joined, table, tag
from headframe.report.network import (
    KIND_WORDS,
    answer_words,
    date_words,
    kind_note,
    shock_sentences,
)
from headframe.report.page_frame import document, top_bar, without_scripts, write
from headframe.studies.difficulty import BlockTimes, Comparison, Drawn, Response
from headframe.studies.network_shock import Retarget, ShockRun
from headframe.units import MINUTE_S


def write_comparison(found: Comparison, path: Path) -> Path:
    """Write the page of a comparison of algorithms and return its path."""
    return write(comparison_page(found), path)


def write_shock(found: ShockRun, start_ts: float, history: Sequence[Retarget], path: Path) -> Path:
    """Write the page of a shock and return its path."""
    return write(shock_page(found, start_ts, history), path)


# algorithms compared -----------------------------------------------------------------------------


def comparison_page(found: Comparison) -> str:
    """The page's HTML: the answers to a fall, what hoppers get, chains to look at, the numbers."""
    kinds = list(dict.fromkeys(one.miners for one in found.block_times))
    parts: list[Markup | None] = [
        _answers_part(found.responses),
        _shares_part(found.block_times),
        *(_chains_part([x for x in found.drawn if x.miners == kind]) for kind in kinds),
        *(_times_part([x for x in found.block_times if x.miners == kind]) for kind in kinds),
    ]
    lead = (
        f"{found.n_chains} chains of {found.n_blocks:,} blocks for each algorithm and each kind of "
        f"hash rate, seed {found.seed}."
    )
    return _page("Difficulty algorithms", "How well does each algorithm keep time?", [lead], parts)


def _answers_part(responses: Sequence[Response]) -> Markup | None:
    if not responses:
        return None
    factor, within = responses[0].factor, responses[0].within
    rows = [(one.algorithm.name, one.algorithm.words, *answer_words(one)) for one in responses]
    heads = ("", "", "on time after", "blocks")
    return _part(
        f"The hash rate falls to {percent(factor)} of itself",
        _panel(
            "Expected block time",
            "Over what it was before, mean over chains; time in spacings of each algorithm.",
            {"": answers_chart(responses)},
            "answers",
        ),
        _panel_of(
            f"Until blocks are within {percent(within)} for good", table(heads, rows, names=2)
        ),
    )


def _shares_part(block_times: Sequence[BlockTimes]) -> Markup | None:
    hopped = [one for one in block_times if one.stolen is not None]
    if not hopped:
        return None
    return _part(
        f"{KIND_WORDS['oscillating'].capitalize()}: {kind_note(hopped[0].miners)}",
        _panel(
            "What hoppers get and others wait",
            "Stolen: how much easier the target was while hoppers mined. Delayed: what blocks took "
            "beyond four spacings.",
            {"": shares_chart(hopped)},
            "shares",
        ),
    )


def _chains_part(drawn: Sequence[Drawn]) -> Markup | None:
    if not drawn:
        return None
    kind = drawn[0].miners
    return _part(
        f"A chain to look at: {KIND_WORDS[kind.name]}",
        _panel(
            "Difficulty and hash rate",
            "Difficulty over the one at which the steady miners alone are on time (line), and the "
            "hash rate over the opening one (area).",
            {one.algorithm.name: chain_chart(one) for one in drawn},
            f"chain-{kind.name}",
        ),
    )


def _times_part(rows: Sequence[BlockTimes]) -> Markup:
    kind = rows[0].miners
    heads = ("", "aims at, s", "mean block time, s", "sd / aim", "sd of D", "delayed", "stolen")
    cells: list[Sequence[Child]] = [
        (
            one.algorithm.name,
            str(one.algorithm.spacing_s),
            with_error(one.mean_s),
            f"{one.sd_s / one.algorithm.spacing_s:.3f}",
            percent(one.difficulty_sd),
            percent(one.delayed),
            "" if one.stolen is None else percent(one.stolen),
        )
        for one in rows
    ]
    return _part(
        f"The numbers: {KIND_WORDS[kind.name]}", _panel_of(kind_note(kind), table(heads, cells))
    )


# a shock -----------------------------------------------------------------------------------------


def shock_page(found: ShockRun, start_ts: float, history: Sequence[Retarget]) -> str:
    """The page's HTML: block time, difficulty and income, blocks behind, periods and history."""
    sentences = shock_sentences(found, start_ts)
    parts = [
        _part(
            "What happens",
            _panel(
                "Expected block time",
                "Mean over chains, nine in ten in the band; the hash rate is the area.",
                {"": block_time_chart(found, start_ts)},
                "block-time",
            ),
            _panel(
                "Difficulty, and what staying earns",
                "Over the opening; income in coins of hash rate that stayed.",
                {"": income_chart(found, start_ts)},
                "income",
            ),
            _panel(
                "Blocks behind schedule",
                "Issuance and confirmations that are missing.",
                {"": behind_chart(found, start_ts)},
                "behind",
            ),
        ),
        _periods_part(found, start_ts) if found.periods else None,
        _history_part(history) if history else None,
    ]
    return _page("A network shock", sentences[0], sentences[1:], parts)


def _periods_part(found: ShockRun, start_ts: float) -> Markup:
    heads = ("from height", "about", "minutes a block", "nine in ten", "retarget", "nine in ten")
    rows = [
        (
            f"{one.first_height:,}",
            date_words(start_ts + one.start_s.mean),
            amount(one.block_s.mean / MINUTE_S, 2),
            f"{amount(one.block_s.low / MINUTE_S, 2)} to {amount(one.block_s.high / MINUTE_S, 2)}",
            percent(one.change.mean, signed=True),
            f"{percent(one.change.low, signed=True)} to {percent(one.change.high, signed=True)}",
        )
        for one in found.periods
    ]
    return _part("Difficulty periods", _panel_of("", table(heads, rows)))


def _history_part(history: Sequence[Retarget]) -> Markup:
    heads = ("retarget at", "on", "minutes a block", "change", "new bits")
    rows = [
        (
            f"{one.height:,}",
            date_words(one.ts),
            amount(one.block_s / MINUTE_S, 2),
            f"{amount(100.0 * one.change, 2, signed=True)}%",
            f"{one.new_bits:#010x}",
        )
        for one in history
    ]
    return _part("From the blocks of each day", _panel_of("", table(heads, rows)))


# the page ----------------------------------------------------------------------------------------


def _part(title: str, *panels: Markup) -> Markup:
    return tag("section", tag("h2", title), tag("div", *panels, class_="panels"), class_="part")


def _panel(title: str, said: str, figures: Mapping[str, Chart], identifier: str) -> Markup:
    """A panel with a chart, or with several to choose from."""
    buttons = [
        tag("button", label, type="button", value=str(k), aria_pressed=str(k == 0).lower())
        for k, label in enumerate(figures)
    ]
    box = tag(
        "div", class_="chart", data_chart=identifier, role="img", aria_label=f"{title}. {said}"
    )
    choices = tag("div", *buttons, class_="choices") if len(buttons) > 1 else None
    data = data_script([{"figure": figure} for figure in figures.values()], identifier)
    inside = joined((tag("h3", title), tag("p", said), choices, box, data))
    return tag("div", inside, class_="panel wide")


def _panel_of(title: str, content: Markup) -> Markup:
    return tag("div", tag("h3", title) if title else None, content, class_="panel wide")


def _page(title: str, headline: str, lead: Sequence[str], parts: Sequence[Markup | None]) -> str:
    header = tag(
        "header",
        tag("p", title, class_="name"),
        tag("h1", headline),
        *(tag("p", line, class_="lead") for line in lead),
    )
    article = tag("article", header, *parts, class_="book", id="answer")
    main = tag("main", without_scripts(), article)
    return document(title, top_bar("headframe"), main)
