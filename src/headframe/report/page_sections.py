"""
The sections of a book on the page: headline, cards, charts with what they say, tables of numbers.

The order and the sentences are those of the terminal; see `story.py`.
"""

from collections.abc import Mapping

from headframe.metric import Estimate
from headframe.metrics.tail import Chance
from headframe.report import charts_money, charts_risk, story, yields
from headframe.report.charts import Chart
from headframe.report.findings import Findings
from headframe.report.formats import (
    chance_interval,
    duration,
    moment,
    percent,
    percent_with_error,
    points_with_error,
    probability,
    unit,
    with_error,
)
from headframe.report.markup import Child, Markup, data_script, joined, table, tag
from headframe.report.page_tables import numbers_part

FOREST = "With 95% intervals; grey cannot be told from zero."
"""How the chart of differences is read."""


def book_section(answer: Findings, identifier: str) -> Markup:
    """Everything that the page tells of one answer."""
    parts = (
        _header(answer),
        _cards(answer),
        _earns(answer, identifier),
        _flows(answer, identifier),
        _kills(answer, identifier),
        _changes(answer, identifier),
        _breaks_even(answer, identifier),
        numbers_part(answer),
    )
    return tag("article", *parts, class_="book", id=identifier)


# first sight -------------------------------------------------------------------------------------


def _header(answer: Findings) -> Markup:
    n, length = answer.kept.n_paths, duration(story.horizon_s(answer))
    about = f"{answer.book.name} · {length} · {n:,} path{'' if n == 1 else 's'}"
    partial = tag("p", story.partial_words(answer), class_="partial") if answer.partial else None
    return tag(
        "header",
        tag("p", about, class_="name"),
        tag("h1", story.headline(answer)),
        tag("p", story.result_sentence(answer), class_="lead"),
        tag("p", " ".join(story.odds_sentences(answer)), class_="lead aside"),
        *(tag("p", said, class_="lead aside") for said in story.held_sentences(answer)),
        partial,
    )


def _cards(answer: Findings) -> Markup:
    e, t, code = story.earned(answer), answer.tail, unit(answer.book.numeraire)
    mean = "Result" if story.single(answer) else "Mean result"
    sign = e.result.value
    cards = [
        _card(f"{mean}, {code}", with_error(e.result, signed=True), _part_of(e.share), sign),
        _card("APR", percent_with_error(e.apr), f"APY {percent(e.apy.value)}", sign),
    ]
    if story.single(answer):
        cards.append(_card("Deepest fall", percent(t.drawdown.value), "from a peak"))
        return tag("div", *cards, class_="cards")
    middle = Estimate(answer.wealth.quantiles[0.5].value - e.open, answer.wealth.quantiles[0.5].se)
    share = Estimate(middle.value / e.open if e.open > 0.0 else 0.0, 0.0)
    said = with_error(middle, signed=True)
    cards.append(_card(f"Median, {code}", said, _part_of(share), middle.value))
    cards.append(_chance_card("Chance of a loss", t.loss))
    cards += [_chance_card(story.event_words(x).capitalize(), x.chance) for x in answer.events]
    cards += [_chance_card("Default", t.default)] if t.causes else []
    worst = t.cvar[0.95]
    verb = "lost" if worst.value > 0.0 else "gained even then"
    part = f"{percent(abs(worst.value) / e.open)} {verb}" if e.open > 0.0 else ""
    cards.append(_card(f"CVaR 95%, {code}", with_error(worst), part))
    fall = f"95%: {percent(t.drawdown_quantiles[0.95])}"
    cards.append(_card("Mean drawdown", percent_with_error(t.drawdown), fall))
    columns = min((4, 5, 3), key=lambda count: -len(cards) % count)  # fewest holes
    return tag("div", *cards, class_="cards", style=f"--columns: {columns}")


def _card(what: str, number: str, more: str, sign: float = 0.0) -> Markup:
    """A number with its error and what else is to be said, small beneath it."""
    value, plus_minus, error = number.partition(" ± ")
    colour = " gain" if sign > 0.0 else " loss" if sign < 0.0 else ""
    beneath = " · ".join(text for text in (f"± {error}" if plus_minus else "", more) if text)
    return tag(
        "div",
        tag("span", what, class_="what"),
        tag("span", value, class_=f"number{colour}"),
        tag("span", beneath, class_="more"),
        class_="card",
    )


def _chance_card(what: str, chance: Chance) -> Markup:
    said = probability(chance.probability) if chance.probability > 0.0 else "never"
    return _card(what, said, f"95%: {chance_interval(chance)}")


def _part_of(share: Estimate) -> str:
    return percent(share.value, signed=True) if share.value != 0.0 else ""


# parts and panels --------------------------------------------------------------------------------


def _part(title: str, lead: str, *panels: Markup | None, shape: str = "panels") -> Markup:
    inside = tag("div", *panels, class_=shape)
    return tag("section", tag("h2", title), tag("p", lead) if lead else None, inside, class_="part")


def _panel(
    title: str,
    said: str,
    figures: Mapping[str, Chart],
    identifier: str,
    *,
    size: str = "chart",
    wide: bool = False,
) -> Markup:
    """A panel with a chart, or with several to choose from."""
    buttons = [
        tag(
            "button", label, type="button", value=str(k), aria_pressed="true" if k == 0 else "false"
        )
        for k, label in enumerate(figures)
    ]
    choices = [{"figure": figure} for figure in figures.values()]
    return tag(
        "div",
        tag("h3", title),
        tag("p", said) if said else None,
        tag("div", *buttons, class_="choices") if len(buttons) > 1 else None,
        tag("div", class_=size, data_chart=identifier, role="img", aria_label=f"{title}. {said}"),
        data_script(choices, identifier),
        class_="panel wide" if wide else "panel",
    )


def _table_panel(title: str, content: Markup, *, wide: bool = True) -> Markup:
    return tag("div", tag("h3", title), content, class_="panel wide" if wide else "panel")


def _earns(answer: Findings, identifier: str) -> Markup:
    said = (
        "On this path."
        if story.single(answer)
        else ("Bands hold 50, 90 and 98% of all paths; the line is the median.")
    )
    over_time = _panel(
        "Wealth over time",
        said,
        {"": charts_money.fan(answer)},
        f"{identifier}-fan",
        size="chart tall",
        wide=True,
    )
    return _part("What it earns", "", over_time, _advertised(answer))


def _advertised(answer: Findings) -> Markup | None:
    if not answer.advertised:
        return None
    cells: list[list[Child]] = [
        [yields.title(one) if k == 0 else "", label, percent(rate, signed=True)]
        for one in answer.advertised
        for k, (label, rate) in enumerate(yields.rows(one))
    ]
    shown = table(("position", "", yields.BASIS), cells, names=2)
    return _table_panel(yields.TITLE, joined((shown, tag("p", yields.sentence()))))


def _flows(answer: Findings, identifier: str) -> Markup:
    figures = charts_money.waterfalls(answer)
    title = "Where the money comes from and goes"
    if not figures:
        return _part(title, "Nothing came in and nothing went out.")
    better = story.earned(answer)
    said = (
        "Mean of all paths. What prices did to what was held is one source; entries are the rest."
    )
    if story.single(answer):
        said = "What prices did to what was held is one source; entries are the rest."
    if better.controlled:
        code = unit(answer.book.numeraire)
        said += (
            f" By control variates the result is {with_error(better.result, signed=True)} {code}."
        )
    panel = _panel(
        "From the opening to the result", said, figures, f"{identifier}-flows", wide=True
    )
    costs = story.insurance_sentences(answer)
    insured = tag("p", " ".join(costs)) if costs else None
    return _part(title, "", panel, insured, _chains(answer))


def _chains(answer: Findings) -> Markup | None:
    rows = story.chain_rows(answer)
    if not rows:
        return None
    heads = ("chain", "before gas", "gas", f"net, {unit(answer.book.numeraire)}")
    cells: list[list[Child]] = [
        [
            name,
            with_error(earned, signed=True),
            with_error(gas, signed=True),
            _coloured(with_error(net, signed=True), net, 1.0),
        ]
        for name, earned, gas, net in rows
    ]
    said = tag("p", " ".join(story.chain_sentences(answer)))
    return _table_panel("Net result by chain", joined((table(heads, cells), said)))


def _kills(answer: Findings, identifier: str) -> Markup:
    horizon = story.horizon_s(answer)
    if story.single(answer):
        return _part("What can kill it", " ".join(story.odds_sentences(answer)))
    panels = []
    happening = [event for event in answer.events if event.when_s]
    if happening:
        said = [
            f"{story.event_words(e)}: {probability(e.chance.probability)} of paths, half of these "
            f"by {moment(e.when_s[0.5], horizon)}"
            for e in happening
        ]
        figures = {story.event_words(e): charts_risk.timing(e, horizon) for e in happening}
        panels.append(
            _panel("When it happens", "; ".join(said) + ".", figures, f"{identifier}-when")
        )
    drawn = {charts_risk.extreme_label(x): charts_risk.extreme(answer, x) for x in answer.extremes}
    figures = {label: figure for label, figure in drawn.items() if figure is not None}
    if figures:
        said_ = "The worst that it came to on each path."
        panels.append(_panel("How close it gets", said_, figures, f"{identifier}-health"))
    if not story.certain(answer):
        figure = {"": charts_risk.distribution(answer)}
        panels.append(_panel("The final result", _worst(answer), figure, f"{identifier}-result"))
    if len(answer.tail.causes) > 1 and answer.tail.default.probability > 0.0:
        panels.append(_table_panel("Why it defaults", _causes(answer), wide=False))
    locked = story.liquidity_sentences(answer)
    if locked:
        panels.append(tag("p", " ".join(locked)))
    lead = "" if panels else "Nothing happened to it on any path, and all paths end alike."
    return _part("What can kill it", lead, *panels)


def _worst(answer: Findings) -> str:
    var, code = answer.tail.var[0.95], unit(answer.book.numeraire)
    verb, size = ("loses more", var) if var.value > 0.0 else ("earns less", _negative(var))
    edge = "the best hundredth lies beyond the right edge"
    return f"One path in twenty {verb} than {with_error(size)} {code} (VaR 95%); {edge}."


def _negative(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, estimate.se)


def _causes(answer: Findings) -> Markup:
    causes = sorted(answer.tail.causes.items(), key=lambda item: -item[1].probability)
    return table(
        ("due unpaid at its deadline", "chance", "95% interval"),
        (
            (story.cause_words(name), probability(c.probability), chance_interval(c))
            for name, c in causes
        ),
    )


def _changes(answer: Findings, identifier: str) -> Markup | None:
    others, code = answer.alternatives, unit(answer.book.numeraire)
    if len(others) < 2:
        return None
    return _part(
        "What changes if I act",
        f"The same paths, played again with another book. {story.advice(others, code)}",
        _panel(
            "Difference of the mean result",
            "On this one path." if story.single(answer) else FOREST,
            {"": charts_money.forest(others, code)},
            f"{identifier}-alternatives",
            size="chart own",
        ),
        _table_panel("Side by side", _alternatives(answer), wide=False),
        shape="panels uneven",
    )


def _alternatives(answer: Findings) -> Markup:
    first, *rest = answer.alternatives
    chances = [
        f
        for f in ("loss", "liquidated", "default")
        if any(other.figures[f].value > 0.0 for other in answer.alternatives)
    ]
    heads = ("", f"mean, {unit(answer.book.numeraire)}", *chances, "drawdown")
    rows: list[list[Child]] = [
        [
            first.name,
            with_error(first.figures["wealth"]),
            *(probability(first.figures[f].value) for f in chances),
            percent(first.figures["drawdown"].value),
        ]
    ]
    for other in rest:
        d = other.differences
        cells: list[Child] = [_coloured(with_error(d["wealth"], signed=True), d["wealth"], 1.0)]
        cells += [_coloured(points_with_error(d[f]), d[f], -1.0) for f in (*chances, "drawdown")]
        rows.append([other.name, *cells])
    note = "Differences from the first row; chances and drawdowns in points of percent."
    return joined((table(heads, rows), tag("p", note)))


def _coloured(text: str, estimate: Estimate, good: float) -> Markup:
    if not story.told(estimate):
        return tag("span", text, class_="dim")
    return tag("span", text, class_="gain" if good * estimate.value > 0.0 else "loss")


def _breaks_even(answer: Findings, identifier: str) -> Markup | None:
    told = [p for p in answer.profiles if len(p.ratios) >= story.CELLS]
    if not told:
        return None
    code = unit(answer.book.numeraire)
    return _part(
        "Where it breaks even",
        " ".join(story.break_even_sentence(p) for p in told),
        _panel(
            "Mean result by final price",
            "With its 95% band; paths are grouped by the asset's last price.",
            {unit(p.asset): charts_risk.profile(p, code) for p in told},
            f"{identifier}-profile",
            wide=True,
        ),
    )
