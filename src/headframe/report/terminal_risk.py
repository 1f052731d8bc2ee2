"""What can kill it, on a terminal: events and when they come, default, losses, health."""

from collections.abc import Iterator

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from headframe.metrics.events import Event, Extreme
from headframe.metrics.tail import Chance
from headframe.report import story, strokes
from headframe.report.calls import call_heads, call_rows
from headframe.report.findings import Findings
from headframe.report.formats import (
    amount,
    chance_interval,
    clock,
    decimals,
    duration,
    gauges,
    percent,
    percent_with_error,
    probability,
    unit,
    with_error,
    words,
)
from headframe.report.shapes import grid, indented, numeric, section
from headframe.report.strokes import LOSS, QUIET
from headframe.types import NO_DEBT

TIMES = 12
"""Columns of the small histogram of when an event happens."""
SLOPE = 40
"""Columns at most of a result by price."""
EXTREMES = (0.01, 0.05, 0.5, 0.95, 0.99)
"""Quantiles that are told of an extreme and of the drawdown."""


def what_can_kill_it(answer: Findings) -> Iterator[RenderableType]:
    """Events, default, loss; then how bad it gets."""
    yield Text()
    yield section("What can kill it", f"within {duration(story.horizon_s(answer))}")
    if story.single(answer):
        yield indented(_happened(answer))
        return
    yield indented(_chances(answer))
    yield Text()
    if answer.alerts:
        yield indented(_calls(answer))
        yield Text()
    yield indented(_losses(answer))
    yield Text()
    yield indented(_depths(answer))
    yield from (indented(Text(said, QUIET)) for said in story.liquidity_sentences(answer))


def _happened(answer: Findings) -> Table:
    """What happened on the only path."""
    table = grid("left", "left")
    word, size_s = clock(story.horizon_s(answer))
    for event in answer.events:
        when = f"{word} {event.when_s[0.5] / size_s:.0f}" if event.when_s else "never"
        table.add_row(story.event_words(event), when)
    table.add_row("default", "yes" if answer.tail.default.probability > 0.0 else "no")
    table.add_row("deepest fall from a peak", percent(answer.tail.drawdown.value))
    for x in answer.extremes:
        table.add_row(
            f"{words(x.position)} {story.extreme_words(x.name)}", *gauges(x.quantiles[0.5])
        )
    return table


# how likely, and when ----------------------------------------------------------------------------


def _chances(answer: Findings) -> Table:
    word, _ = clock(story.horizon_s(answer))
    table = grid("left", "right", "left", "right", "left", "left")
    heads = ("", "chance", "95% interval", word, "5% to 95%", "when")
    table.add_row(*(Text(head, QUIET) for head in heads))
    for event in answer.events:
        _add_event(table, event, answer)
    if answer.tail.causes:
        _add_chance(table, "default", answer.tail.default)
        for cause, chance in answer.tail.causes.items():
            if chance.probability > 0.0 and len(answer.tail.causes) > 1:
                _add_chance(table, f"  {words(cause.replace('/', ' '))}", chance)
    _add_chance(table, "loss at the end", answer.tail.loss)
    return table


def _add_event(table: Table, event: Event, answer: Findings) -> None:
    label = story.event_words(event)
    if not event.when_s:
        _add_chance(table, label, event.chance)
        return
    _, size_s = clock(story.horizon_s(answer))
    early, middle, late = (event.when_s[p] / size_s for p in (0.05, 0.5, 0.95))
    _add_chance(
        table,
        label,
        event.chance,
        f"{middle:.0f}",
        Text(f"{early:.0f} to {late:.0f}", QUIET),
        strokes.columns(strokes.merged(event.per_bin, TIMES), LOSS),
    )


def _add_chance(table: Table, label: str, chance: Chance, *when: str | Text) -> None:
    said = probability(chance.probability) if chance.probability > 0.0 else "never"
    style = "bold" if chance.probability > 0.0 else QUIET
    table.add_row(label, Text(said, style), Text(chance_interval(chance), QUIET), *when)


def _calls(answer: Findings) -> Table:
    """Bands of health: how often one would have been called, how long before a liquidation."""
    table = grid("left", *numeric(5))
    table.add_row(*(Text(head, QUIET) for head in call_heads(answer)))
    for row in call_rows(answer):
        table.add_row(*row)
    return table


# how bad -----------------------------------------------------------------------------------------


def _losses(answer: Findings) -> Table:
    """VaR and CVaR, and what share of the opening they are."""
    t, opening, code = answer.tail, answer.wealth.open, unit(answer.book.numeraire)
    table = grid("left", *numeric(2 * len(t.var)))
    heads = [Text(h, QUIET) for level in t.var for h in (f"{100 * level:.0f}%", "")]
    gain = min(e.value for e in (*t.var.values(), *t.cvar.values())) < 0.0
    label = "loss, minus: a gain" if gain else f"loss in {code}"
    table.add_row(Text(label, QUIET), *heads)
    rows = (("VaR, not exceeded", t.var), ("CVaR, mean beyond", t.cvar))
    for label, found in rows:
        cells: list[str | Text] = []
        for estimate in found.values():
            share = percent(estimate.value / opening) if opening > 0.0 else ""
            cells += [with_error(estimate), Text(share, QUIET)]
        table.add_row(label, *cells)
    return table


def _depths(answer: Findings) -> Table:
    """Quantiles of the drawdown and of every extreme."""
    t = answer.tail
    table = grid("left", *numeric(len(EXTREMES)), "left")
    heads = ("of paths, below", *(f"{100 * p:g}%" for p in EXTREMES), "mean, shape")
    table.add_row(*(Text(head, QUIET) for head in heads))
    mean = Text(percent_with_error(t.drawdown), QUIET)
    falls = [percent(t.drawdown_quantiles[p]) for p in EXTREMES]
    table.add_row("drawdown", *falls, mean)
    for x in answer.extremes:
        label = f"{words(x.position)} {story.extreme_words(x.name)}"
        cells = gauges(*(x.quantiles[p] for p in EXTREMES))
        table.add_row(label, *cells, _shape(answer, x))
    return table


def _shape(answer: Findings, x: Extreme) -> Text:
    """A small histogram of an extreme between its outer quantiles."""
    low, high = x.quantiles[0.01], x.quantiles[0.99]
    if not low < high < 0.1 * NO_DEBT:
        return Text()
    sketch = answer.kept.sketches[f"extreme/{x.position}/{x.name}"]
    counts = sketch.histogram(np.linspace(low, high, TIMES + 1))
    return strokes.columns(counts.tolist())


# where it breaks even ----------------------------------------------------------------------------


def where_it_breaks_even(answer: Findings) -> Iterator[RenderableType]:
    """At which final prices it earns, asset by asset."""
    told = [profile for profile in answer.profiles if len(profile.ratios) >= story.CELLS]
    if not told:
        return
    yield Text()
    yield section("Where it breaks even", "mean result by final price over opening")
    for profile in told:
        low, high = f"{profile.ratios[0]:.2f} ", f" {profile.ratios[-1]:.2f}"
        worst, best = min(profile.means), max(profile.means)
        places = decimals(best, worst)
        span = f"  {amount(worst, places, signed=True)} to {amount(best, places, signed=True)}"
        slope = strokes.slope(profile.means, SLOPE)
        yield indented(Text(story.break_even_sentence(profile)))
        yield indented(Text.assemble((low, QUIET), slope, (high + span, QUIET)))
