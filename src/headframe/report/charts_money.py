"""The charts of the money: wealth over time, from opening to result, alternatives."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from headframe.metric import Estimate
from headframe.report import story
from headframe.report.charts import GAIN, LOSS, QUIET, Z95, Chart, axis, chart, money_ticks, rounded
from headframe.report.findings import Findings
from headframe.report.formats import amount, clock, decimals, unit, with_error
from headframe.studies.compare import Alternative

BANDS = ((0.01, 0.99, "98%"), (0.05, 0.95, "90%"), (0.25, 0.75, "50%"))
"""Bands of the fan, outermost first: lower and upper quantile, and the share of paths between."""


# wealth over time --------------------------------------------------------------------------------


def fan(answer: Findings) -> Chart:
    """Quantiles of wealth over time as bands, the median as a line, the opening dotted."""
    over_time = answer.wealth.over_time
    word, size_s = clock(story.horizon_s(answer))
    x = rounded([t_s / size_s for t_s in over_time])
    at = {p: rounded([q[p] for q in over_time.values()]) for p in answer.wealth.quantiles}
    bands = [] if story.single(answer) else [_band(x, at[a], at[b], n) for a, b, n in BANDS]
    code = unit(answer.book.numeraire)
    median: dict[str, Any] = {
        "type": "scatter",
        "x": x,
        "y": at[0.5],
        "mode": "lines",
        "line": {"color": "var(--median)", "width": 2.5},
        "customdata": [
            list(row) for row in zip(at[0.05], at[0.25], at[0.75], at[0.95], strict=True)
        ],
        "hovertemplate": f"{word} %{{x:.4~r}}<br>median %{{y:,.5~r}} {code}"
        "<br>half of paths %{customdata[1]:,.5~r} to %{customdata[2]:,.5~r}"
        "<br>nine in ten %{customdata[0]:,.5~r} to %{customdata[3]:,.5~r}<extra></extra>",
    }
    if story.single(answer):
        median["hovertemplate"] = f"{word} %{{x:.4~r}}<br>%{{y:,.6~r}} {code}<extra></extra>"
    opening = _level(answer.wealth.open, "opening")
    return chart(
        [*bands, median],
        xaxis=axis(word, showgrid=False),
        yaxis=axis(code, tickformat=money_ticks(*at[0.99])),
        hovermode="x",
        **opening,
    )


def _band(x: list[float], low: list[float], high: list[float], share: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": "var(--band)",
        "mode": "none",
        "hoverinfo": "skip",
        "name": f"{share} of paths",
    }


def _level(value: float, word: str) -> dict[str, Any]:
    """A dotted line across a chart, with its word at the left."""
    line = {"color": QUIET, "width": 1, "dash": "dot"}
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value}
    note = {
        "xref": "paper",
        "x": 0.01,
        "y": value,
        "text": word,
        "showarrow": False,
        "yanchor": "bottom",
        "xanchor": "left",
        "font": {"size": 11, "color": QUIET},
    }
    return {"shapes": [across | {"line": line}], "annotations": [note]}


# where the money comes from ----------------------------------------------------------------------


def waterfalls(answer: Findings) -> dict[str, Chart]:
    """The mean result as a waterfall: the whole book by kind, by account, and each account."""
    found = story.flows(answer)
    code = unit(answer.book.numeraire)
    if not found:
        return {}
    if len(found) == 1:
        return {found[0].label: _waterfall(_bars(found[0]), code)}
    kinds: dict[str, float] = {}
    for account in found:
        for flow in account.flows:
            kinds[flow.label] = kinds.get(flow.label, 0.0) + flow.value.value
    by_kind = [(k, Estimate(v, 0.0)) for k, v in sorted(kinds.items(), key=lambda kv: -kv[1])]
    by_account = [(account.label, Estimate(account.total, 0.0)) for account in found]
    by_account.sort(key=lambda item: -item[1].value)
    each = {account.label: _waterfall(_bars(account), code) for account in found}
    whole = {
        "all, by kind": _waterfall(by_kind, code),
        "all, by account": _waterfall(by_account, code),
    }
    return whole | each


def _bars(account: story.Flows) -> list[tuple[str, Estimate]]:
    return [(flow.label, flow.value) for flow in account.flows]


def _waterfall(bars: Sequence[tuple[str, Estimate]], code: str) -> Chart:
    """Bars from nothing to the result; each name stands over its number."""
    total = Estimate(sum(value.value for _, value in bars), 0.0)
    values = [value.value for _, value in bars]
    places = decimals(*values, total.value)
    names = [f"{escape(name)}<br>{_number(value, places)}" for name, value in bars]
    names.append(f"<b>result</b><br>{_number(total, places)}")
    return chart(
        [
            {
                "type": "waterfall",
                "orientation": "h",
                "measure": ["relative"] * len(bars) + ["total"],
                "y": names,
                "x": rounded([*values, total.value]),
                "hovertemplate": f"%{{y}} {code}<extra></extra>",
                "increasing": {"marker": {"color": GAIN}},
                "decreasing": {"marker": {"color": LOSS}},
                "totals": {"marker": {"color": GAIN if total.value > 0.0 else LOSS}},
                "connector": {"line": {"color": QUIET, "width": 1, "dash": "dot"}},
            }
        ],
        xaxis=axis(code, tickformat=money_ticks(*_room(values)), range=_room(values)),
        yaxis=axis(autorange="reversed", showgrid=False, ticklabelstandoff=6),
        height=70 + 48 * len(names),
    )


def _number(value: Estimate, places: int) -> str:
    if value.se > 0.0:
        return with_error(value, signed=True)
    return amount(value.value, places, signed=True)


def _room(values: Sequence[float]) -> list[float]:
    """From the least to the most that a waterfall's running sum comes to, with a little room."""
    sums = [0.0, *np.cumsum(values).tolist()]
    low, high = min(sums), max(sums)
    room = 0.04 * (high - low) if high > low else 1.0
    return [low - room, high + room]


# alternatives ----------------------------------------------------------------------


def forest(others: Sequence[Alternative], code: str) -> Chart:
    """Differences of the mean from the book, with their 95 % intervals."""
    found = [(other.name, other.differences["wealth"]) for other in others[1:]]
    colours = [QUIET if not story.told(e) else GAIN if e.value > 0.0 else LOSS for _, e in found]
    return chart(
        [
            {
                "type": "scatter",
                "mode": "markers",
                "x": rounded([e.value for _, e in found]),
                "y": [escape(name) for name, _ in found],
                "marker": {"color": colours, "size": 11},
                "error_x": {
                    "type": "data",
                    "array": rounded([Z95 * e.se for _, e in found]),
                    "color": QUIET,
                    "thickness": 1.5,
                },
                "customdata": [with_error(e, signed=True) for _, e in found],
                "hovertemplate": f"%{{y}}: %{{customdata}} {code}<extra></extra>",
            }
        ],
        xaxis=axis(
            f"difference, {code}",
            tickformat=money_ticks(*(e.value for _, e in found)),
            zerolinewidth=2,
        ),
        yaxis=axis(autorange="reversed", ticklabelstandoff=8),
        height=80 + 44 * len(found),
    )
