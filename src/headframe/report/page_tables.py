"""The numbers of a book on the page: every table with its errors, and how the numbers were made."""

from collections.abc import Iterator, Sequence

from headframe.metric import Estimate
from headframe.report import story
from headframe.report.calls import call_heads, call_rows
from headframe.report.findings import Findings
from headframe.report.formats import (
    amount,
    chance_interval,
    decimals,
    gauges,
    moment,
    percent,
    percent_with_error,
    probability,
    unit,
    with_error,
    words,
)
from headframe.report.markup import Child, Markup, table, tag


def numbers_part(answer: Findings) -> Markup:
    """All tables, each behind its title."""
    notes = [tag("li", note) for note in answer.notes]
    return tag(
        "section",
        tag("h2", "The numbers"),
        tag("ul", *notes, class_="notes") if notes else None,
        _folded("Wealth and returns", _wealth(answer)),
        _folded("Flows by account", _flows(answer)),
        _folded("Quantities by entry", _quantities(answer)),
        _folded("Risk", _risk(answer)),
        _folded("Events and defaults", _events(answer)) if not story.single(answer) else None,
        _folded("Calls by health", _calls(answer)) if answer.alerts else None,
        _folded("How it was made", table(("", ""), story.provenance(answer), names=2)),
        class_="part",
    )


def _folded(title: str, content: Markup) -> Markup:
    return tag("details", tag("summary", title), content)


def _wealth(answer: Findings) -> Markup:
    w, r = answer.wealth, answer.rates
    code = unit(answer.book.numeraire)
    single = story.single(answer)
    end = "ends with" if single else "mean at the end"
    rows: list[tuple[Child, ...]] = [
        ("opening", with_error(Estimate(w.open, 0.0)), ""),
        (end, with_error(w.mean), percent_with_error(r.apr)),
    ]
    better = story.earned(answer)
    if better.controlled:
        rows.append(
            ("mean by control variates", with_error(w.controlled), percent_with_error(better.apr))
        )
    if not single:
        rows += [
            (f"{100 * p:g}% of paths end below", with_error(e), percent(r.apr_quantiles[p]))
            for p, e in w.quantiles.items()
        ]
    rows.append(("APY" if single else "APY of the mean", "", percent_with_error(better.apy)))
    return table(("", code, "a year (APR)"), rows)


def _flows(answer: Findings) -> Markup:
    found = story.flows(answer)
    code = unit(answer.book.numeraire)
    result = story.plain_result(answer)
    rows: list[tuple[Child, ...]] = [
        (account.label, flow.label, with_error(flow.value, signed=True))
        for account in found
        for flow in account.flows
    ]
    rows.append((tag("b", "result"), "", tag("b", with_error(result, signed=True))))
    return table(("account", "kind", code), rows, names=2)


def _quantities(answer: Findings) -> Markup:
    heads = ("account", "kind", "asset", "where", "whole units")
    return table(heads, _quantity_rows(answer), names=4)


def _quantity_rows(answer: Findings) -> Iterator[tuple[Child, ...]]:
    where = {"cash": "through the wallet", "held": "in the position"}
    for share in answer.shares:
        for line, estimate in share.quantities.items():
            if estimate.value != 0.0 or estimate.se != 0.0:
                kind, asset, flow = line.split("/")
                yield (
                    words(share.account),
                    story.kind_words(kind),
                    unit(asset),
                    where[flow],
                    with_error(estimate, signed=True),
                )


def _risk(answer: Findings) -> Markup:
    t, opening = answer.tail, answer.wealth.open
    rows: list[tuple[Child, ...]] = []
    for name, found in (("VaR", t.var), ("CVaR", t.cvar)):
        for level, estimate in found.items():
            share = percent(estimate.value / opening) if opening > 0.0 else ""
            rows.append((f"{name} {100 * level:g}%", with_error(estimate), share))
    rows.append(("mean drawdown", "", percent_with_error(t.drawdown)))
    rows += [
        (f"drawdown, {100 * p:g}% quantile", "", percent(q))
        for p, q in t.drawdown_quantiles.items()
    ]
    for x in answer.extremes:
        label = f"{words(x.position)} {story.extreme_words(x.name)}"
        cells = zip(x.quantiles, gauges(*x.quantiles.values()), strict=True)
        rows += [(f"{label}, {100 * p:g}% quantile", said, "") for p, said in cells]
    return table(("", unit(answer.book.numeraire), "share"), rows)


def _events(answer: Findings) -> Markup:
    horizon = story.horizon_s(answer)
    t = answer.tail
    rows: list[tuple[Child, ...]] = []
    for event in answer.events:
        times = [
            moment(event.when_s[p], horizon) if event.when_s else "" for p in (0.05, 0.5, 0.95)
        ]
        c = event.chance
        rows.append(
            (story.event_words(event), probability(c.probability), chance_interval(c), *times)
        )
    for name, c in (("default", t.default), ("loss at the end", t.loss)):
        rows.append((name, probability(c.probability), chance_interval(c), "", "", ""))
    for cause, c in t.causes.items():
        label = f"default over {story.cause_words(cause)}"
        rows.append((label, probability(c.probability), chance_interval(c), "", "", ""))
    return table(("", "chance", "95% interval", "5% by", "half by", "95% by"), rows)


def _calls(answer: Findings) -> Markup:
    return table(call_heads(answer), call_rows(answer))


def glance(answers: Sequence[Findings], identifiers: Sequence[str]) -> Markup:
    """All books in one table, each with a link to its own part."""
    heads = ("book", "opening", "mean result", "APR", "loss", "liquidated", "default")
    return table(heads, (_glance(a, i) for a, i in zip(answers, identifiers, strict=True)))


def _glance(answer: Findings, identifier: str) -> tuple[Child, ...]:
    e, code = story.earned(answer), unit(answer.book.numeraire)
    colour = "gain" if e.result.value > 0.0 else "loss" if e.result.value < 0.0 else ""
    return (
        tag("a", answer.book.name, href=f"#{identifier}"),
        f"{amount(e.open, decimals(e.open))} {code}",
        tag("span", with_error(e.result, signed=True), class_=colour),
        tag("span", percent_with_error(e.apr), class_=colour),
        *(("one path", "", "") if story.single(answer) else _glance_odds(answer)),
    )


def _glance_odds(answer: Findings) -> tuple[str, str, str]:
    t = answer.tail
    found = [x for x in answer.events if x.name == story.LIQUIDATED]
    worst = max(found, key=lambda x: x.chance.probability, default=None)
    likely = "" if worst is None else probability(worst.chance.probability)
    whose = f" {words(worst.position)}" if worst is not None and len(found) > 1 else ""
    default = probability(t.default.probability) if t.causes else ""
    return probability(t.loss.probability), f"{likely}{whose}", default
