"""The charts of the risk: when events happen, how close it gets, the final result, break-even."""

from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from headframe.metric import Estimate
from headframe.metrics.breakeven import Profile
from headframe.metrics.events import Event, Extreme
from headframe.report import story
from headframe.report.charts import (
    GAIN,
    INK,
    LOSS,
    Z95,
    Chart,
    axis,
    chart,
    marks,
    money_ticks,
    rounded,
)
from headframe.report.findings import Findings
from headframe.report.formats import clock, unit, with_error, words
from headframe.types import NO_DEBT

BINS = 60
"""Bars of a distribution."""


# what can kill it --------------------------------------------------------------------------------


def timing(event: Event, horizon_s: float) -> Chart:
    """How likely an event is in each part of the horizon, and by then."""
    word, size_s = clock(horizon_s)
    edges = [t_s / size_s for t_s in event.bins_s]
    middle = rounded([0.5 * (a + b) for a, b in pairwise(edges)])
    sums = rounded([0.0, *np.cumsum(event.per_bin).tolist()])
    bars = {
        "type": "bar",
        "x": middle,
        "y": rounded(event.per_bin),
        "marker": {"color": LOSS, "opacity": 0.55},
        "hovertemplate": f"around {word} %{{x:.3~r}}: %{{y:.3~p}} of paths<extra></extra>",
    }
    line = {
        "type": "scatter",
        "x": rounded(edges),
        "y": sums,
        "yaxis": "y2",
        "mode": "lines",
        "line": {"color": INK, "width": 2},
        "hovertemplate": f"by {word} %{{x:.3~r}}: %{{y:.3~p}} of paths<extra></extra>",
    }
    return chart(
        [bars, line],
        bargap=0.08,
        xaxis=axis(word, showgrid=False),
        yaxis=axis("in each part (bars)", tickformat=".3~p", rangemode="tozero"),
        yaxis2=axis(
            "until then (line)",
            tickformat=".3~p",
            rangemode="tozero",
            overlaying="y",
            side="right",
            showgrid=False,
        ),
    )


def distribution(answer: Findings) -> Chart:
    """The final result of all paths, losses and gains apart, with VaR, CVaR, median and mean."""
    sketch, tail = answer.kept.sketches["pnl"], answer.tail
    low, high = sketch.quantile(0.0), sketch.quantile(0.99)
    centre, width, share = _histogram(sketch, low, high)
    opening = answer.wealth.open
    lines = [
        (-tail.cvar[0.95].value, "CVaR 95%"),
        (-tail.var[0.95].value, "VaR 95%"),
        (answer.wealth.quantiles[0.5].value - opening, "median"),
        (story.earned(answer).result.value, "mean"),
    ]
    code = unit(answer.book.numeraire)
    bars = {
        "type": "bar",
        "x": centre,
        "y": share,
        "width": width,
        "marker": {"color": [LOSS if x < 0.0 else GAIN for x in centre], "opacity": 0.6},
        "hovertemplate": f"around %{{x:,.4~r}} {code}: %{{y:.3~p}} of paths<extra></extra>",
    }
    return chart(
        [bars],
        bargap=0.0,
        xaxis=axis(f"result in {code}", tickformat=money_ticks(low, high), showgrid=False),
        yaxis=axis("share of paths", tickformat=".3~p"),
        margin={"l": 8, "r": 12, "t": 76, "b": 8},
        **marks(lines),
    )


def _histogram(sketch: Any, low: float, high: float) -> tuple[list[float], float, list[float]]:
    """Middles, width and shares of bars; zero is an edge, and a single value one bar."""
    if high <= low:
        return [low], max(abs(low), 1.0) * 0.1, [1.0]
    width = (high - low) / BINS
    first, last = np.floor(low / width), np.ceil(high / width)
    edges = np.arange(first, last + 1.0) * width
    shares = sketch.histogram(edges) / sketch.n
    return rounded((0.5 * (edges[1:] + edges[:-1])).tolist()), width, rounded(shares.tolist())


def extreme(answer: Findings, x: Extreme) -> Chart | None:
    """The distribution of a worst gauge; None where all paths have the same."""
    sketch = answer.kept.sketches[f"extreme/{x.position}/{x.name}"]
    values, counts = sketch.points()
    some = values < 0.1 * NO_DEBT
    if not some.any() or values[some][0] == values[some][-1]:
        return None
    below = np.cumsum(counts[some]) / counts[some].sum()
    low = float(values[some][np.searchsorted(below, 0.002)])
    high = float(values[some][min(np.searchsorted(below, 0.995), below.size - 1)])
    centre, width, share = _histogram(sketch, low, high)
    health = "health" in x.name
    return chart(
        [
            {
                "type": "bar",
                "x": centre,
                "y": share,
                "width": width,
                "marker": {"color": "var(--median)", "opacity": 0.6},
                "hovertemplate": "around %{x:.4~r}: %{y:.3~p} of paths<extra></extra>",
            }
        ],
        bargap=0.0,
        xaxis=axis(story.extreme_words(x.name), showgrid=False),
        yaxis=axis("share of paths", tickformat=".3~p"),
        margin={"l": 8, "r": 12, "t": 28 if health else 12, "b": 8},
        **(marks([(1.0, "liquidation below 1")]) if health else {}),
    )


# break-even and alternatives ---------------------------------------------------------------------


def profile(p: Profile, code: str) -> Chart:
    """The mean result by final price with its 95 % band, gains and losses shaded."""
    edges = [(s.high, f"{s.high:.3g}") for s in story.stretches(p)[:-1]]
    return chart(
        [_shade(p, 1.0), _shade(p, -1.0), _error_band(p), _means(p, code)],
        xaxis=axis(
            f"final price of {escape(unit(p.asset))} over its opening",
            type="log",
            tickvals=_ratios(p.ratios[0], p.ratios[-1]),
            showgrid=False,
        ),
        yaxis=axis(f"mean result in {code}", tickformat=money_ticks(*p.means)),
        margin={"l": 8, "r": 12, "t": 14 + 16 * len(edges), "b": 8},
        **marks(edges, log=True),
    )


def _shade(p: Profile, sign: float) -> dict[str, Any]:
    """The area between zero and the mean, where the mean has this sign."""
    points = [*zip(p.ratios, p.means, strict=True), *((root, 0.0) for root in p.break_evens)]
    points.sort()
    return {
        "type": "scatter",
        "x": rounded([x for x, _ in points]),
        "y": rounded([sign * max(sign * y, 0.0) for _, y in points]),
        "fill": "tozeroy",
        "fillcolor": "var(--gain-soft)" if sign > 0.0 else "var(--loss-soft)",
        "mode": "none",
        "hoverinfo": "skip",
    }


def _error_band(p: Profile) -> dict[str, Any]:
    cells = list(zip(p.means, p.ses, strict=True))
    return {
        "type": "scatter",
        "x": rounded([*p.ratios, *reversed(p.ratios)]),
        "y": rounded(
            [m + Z95 * se for m, se in cells] + [m - Z95 * se for m, se in reversed(cells)]
        ),
        "fill": "toself",
        "fillcolor": "var(--band)",
        "mode": "none",
        "hoverinfo": "skip",
    }


def _means(p: Profile, code: str) -> dict[str, Any]:
    cells = [Estimate(m, se) for m, se in zip(p.means, p.ses, strict=True)]
    return {
        "type": "scatter",
        "x": rounded(p.ratios),
        "y": rounded(p.means),
        "mode": "lines",
        "line": {"color": INK, "width": 2},
        "customdata": [with_error(cell, signed=True) for cell in cells],
        "hovertemplate": f"%{{x:.3~r}} times the opening price: %{{customdata}} {code}"
        "<extra></extra>",
    }


def _ratios(low: float, high: float) -> list[float]:
    """Price ratios worth a tick."""
    known = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0]
    fine = [0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3]
    inside = [k for k in known if low <= k <= high]
    return inside if len(inside) > 3 else [k for k in fine if low <= k <= high] or [low, high]


def extreme_label(x: Extreme) -> str:
    """What an extreme is called where it is chosen."""
    return f"{words(x.position)} {story.extreme_words(x.name)}"
