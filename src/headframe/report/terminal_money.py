"""
What it earns and where the money comes from and goes, on a terminal.

The fan and the bars are drawn as wide as there is room when they are printed; numbers keep their
columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from headframe.metric import Estimate
from headframe.report import story, strokes
from headframe.report.findings import Findings
from headframe.report.formats import (
    amount,
    decimals,
    duration,
    moment,
    percent,
    percent_with_error,
    short,
    tick_labels,
    unit,
    with_error,
)
from headframe.report.shapes import grid, indented, numeric, section, signed_text
from headframe.report.strokes import QUIET

LABEL = 27
"""Columns at most of a flow's label; a longer one wraps."""
FAN_ROWS = 10
"""Height of the fan chart."""
FAN_ENDS = {0.05: "5%", 0.95: "95%", 0.5: "median"}
"""Quantiles that the fan names at its right; where two fall on one row, the later is named."""


def what_it_earns(answer: Findings) -> Iterator[RenderableType]:
    """Means with their errors, quantiles, and the fan over time."""
    after = f"{unit(answer.book.numeraire)}, after {duration(story.horizon_s(answer))}"
    yield Text()
    yield section("What it earns", after)
    yield indented(_means(answer))
    if not (story.single(answer) or story.certain(answer)):
        yield Text()
        yield indented(_quantiles(answer))
    yield Text()
    yield FanChart(answer)


def _means(answer: Findings) -> Table:
    w, e = answer.wealth, story.earned(answer)
    table = grid("left", "right", "right")
    table.add_row("opens with", amount(w.open, decimals(w.open)), "")
    if story.single(answer):
        table.add_row("ends with", *_end(w.mean, w.open))
    else:
        table.add_row("mean at the end", *_end(w.mean, w.open))
        if e.controlled:
            table.add_row("mean by control variates", *_end(w.controlled, w.open))
        table.add_row("median", *_end(w.quantiles[0.5], w.open))
    for name, rate in (("APR", e.apr), ("APY", e.apy)):
        table.add_row(name, "", signed_text(percent_with_error(rate, signed=True), rate.value))
    return table


def _end(wealth: Estimate, opening: float) -> tuple[str, Text]:
    if opening <= 0.0:
        return with_error(wealth), Text()
    share = Estimate(wealth.value / opening - 1.0, wealth.se / opening)
    return with_error(wealth), signed_text(percent_with_error(share, signed=True), share.value)


def _quantiles(answer: Findings) -> Table:
    w = answer.wealth
    table = grid("left", *numeric(len(w.quantiles)))
    table.add_row(Text("of paths", QUIET), *(Text(f"{100 * p:g}%", QUIET) for p in w.quantiles))
    table.add_row("end below", *short(*(e.value for e in w.quantiles.values())))
    if w.open > 0.0:
        shares = [e.value / w.open - 1.0 for e in w.quantiles.values()]
        table.add_row("", *(signed_text(percent(s, signed=True), s) for s in shares))
    return table


# the fan -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FanChart:
    """Wealth over time."""

    answer: Findings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        w, horizon = self.answer.wealth, story.horizon_s(self.answer)
        alike = story.single(self.answer) or story.certain(self.answer)
        ends = {} if alike else FAN_ENDS
        low, high = strokes.fan_range(w.over_time, w.open)
        values = strokes.ticks(low, high)
        labels = tick_labels(values)
        left = max(len(label) for label in labels) + 4
        width = max(options.max_width - left - (7 if ends else 0), 8)
        rows = strokes.fan(w.over_time, w.open, width, FAN_ROWS)
        step = (high - low) / (FAN_ROWS - 1)
        ticks = {round((high - v) / step): t for v, t in zip(values, labels, strict=True)}
        last = w.over_time[max(w.over_time)]
        named = {round((high - last[p]) / step): word for p, word in ends.items()}
        for r, row in enumerate(rows):
            axis = f"{ticks[r]} ┤" if r in ticks else "│"
            end = f" {named[r]}" if r in named else ""
            yield Text.assemble((f"{axis:>{left}}", QUIET), row, (end, QUIET), no_wrap=True)
        yield Text(f"{'└':>{left}}{'─' * width}", QUIET, no_wrap=True)
        yield Text(" " * left + _times(horizon, width), QUIET, no_wrap=True)


def _times(horizon_s: float, width: int) -> str:
    """Four times under the fan, the last one flush right."""
    line = [" "] * width
    for k in range(4):
        text = moment(horizon_s * k / 3, horizon_s)
        middle = round(width * k / 3) - (len(text) // 2 if k else 0)
        start = max(min(middle, width - len(text)), 0)
        line[start : start + len(text)] = text
    return "".join(line[:width])


# where the money comes from and goes -------------------------------------------------------------


def where_it_comes_from(answer: Findings) -> Iterator[RenderableType]:
    """Each account's flows as bars that add up to the mean result."""
    yield Text()
    mean = "" if story.single(answer) else "mean of all paths, "
    yield section("Where the money comes from and goes", f"{mean}{unit(answer.book.numeraire)}")
    if story.flows(answer):
        yield indented(FlowChart(answer))
    else:
        yield indented(Text("Nothing came in and nothing went out.", QUIET))


def what_cover_cost(answer: Findings) -> Iterator[RenderableType]:
    """Premiums beside fair premiums, where anything is insured."""
    yield from (indented(Text(said, QUIET)) for said in story.insurance_sentences(answer))


def by_chain(answer: Findings) -> Iterator[RenderableType]:
    """What each chain earns, what its gas takes of that, and what is left."""
    rows = story.chain_rows(answer)
    if not rows:
        return
    yield Text()
    yield section("Net result by chain", f"mean, {unit(answer.book.numeraire)}")
    table = grid("left", *numeric(3))
    table.add_row("", *(Text(head, QUIET) for head in ("before gas", "gas", "net")))
    for name, *figures in rows:
        cells = [signed_text(with_error(e, signed=True), e.value) for e in figures]
        cells[-1].stylize("bold")
        table.add_row(Text(name), *cells)
    yield indented(table)
    yield from (indented(Text(said, QUIET)) for said in story.chain_sentences(answer))


@dataclass(frozen=True)
class FlowChart:
    """Flows by account as bars on one scale, and the result that they add up to."""

    answer: Findings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found, result = story.flows(self.answer), story.plain_result(self.answer)
        rows = FlowRows.fitting(found, result, options.max_width)
        for account in found:
            rows.account(account, total=len(found) > 1)
            for flow in account.flows:
                if not rows.is_nothing(flow.value):
                    rows.number(Text(f"  {flow.label}"), flow.value, bar=True)
        rows.line()
        rows.number(Text("result", "bold"), result)
        better = story.earned(self.answer)
        if better.controlled:
            rows.number(Text("by control variates", QUIET), better.result)
        yield rows.table


@dataclass(frozen=True)
class FlowRows:
    """Rows of label, bar, number and error: bars `width` wide from `low` to `high`."""

    table: Table
    low: float
    high: float
    width: int
    places: int

    @classmethod
    def fitting(cls, found: Sequence[story.Flows], result: Estimate, width: int) -> "FlowRows":
        """No rows yet; bars get the room that labels and numbers leave."""
        values = [flow.value.value for account in found for flow in account.flows]
        names = [text for a in found for text in (a.label, *(f"  {x.label}" for x in a.flows))]
        label = min(max(cell_len(text) for text in names), LABEL)
        places = decimals(*values, result.value)
        number = max(len(amount(v, places, signed=True)) for v in (*values, result.value))
        table = grid("left", "left", "right", "right")
        table.columns[0].width = label
        table.columns[2].width = number
        room = width - label - 2 * number - 8
        return cls(table, min(values), max(values), max(room, 7), places)

    def is_nothing(self, value: Estimate) -> bool:
        """Whether a number and its error would both be printed as zero."""
        return round(value.value, self.places) == 0.0 == round(value.se, self.places)

    def account(self, account: story.Flows, *, total: bool) -> None:
        """An account's name, and what its flows add up to."""
        number = amount(account.total, self.places, signed=True) if total else ""
        self.table.add_row(Text(account.label, "bold"), "", Text(number, "bold"), "")

    def number(self, label: Text, value: Estimate, *, bar: bool = False) -> None:
        """A number with its error, where it has one; with a bar, or bold."""
        drawn = strokes.bar(value.value, self.low, self.high, self.width) if bar else Text()
        number = signed_text(amount(value.value, self.places, signed=True), value.value)
        number.stylize("" if bar else "bold")
        known = value.se <= 1e-9 * abs(value.value)
        error = "" if known else f"± {amount(value.se, self.places)}"
        self.table.add_row(label, drawn, number, Text(error, QUIET))

    def line(self) -> None:
        """The line under which the sum stands."""
        self.table.add_row("", "", Text("─" * (self.table.columns[2].width or 0), QUIET), "")
