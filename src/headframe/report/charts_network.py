"""The charts of the network: answers to a fall, shares, chains to look at, and a shock."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

from headframe.report.charts import INK, QUIET, Chart, axis, chart, rounded
from headframe.report.network import date_words
from headframe.studies.difficulty import BlockTimes, Drawn, Response
from headframe.studies.network_shock import ShockRun
from headframe.units import MINUTE_S

PALETTE = (
    "#4e79a7",
    "#f28e2b",
    "#e15759",
    "#76b7b2",
    "#59a14f",
    "#b6992d",
    "#b07aa1",
    "#d37295",
    "#9c755f",
    "#79706e",
)
"""Colours of lines that stand beside each other, told apart on light and on dark."""
LEGEND = {"orientation": "h", "y": -0.22, "font": {"color": QUIET}}
"""Where a chart of several lines names them."""


def answers_chart(responses: Sequence[Response]) -> Chart:
    """Expected block time after a fall, a line for each algorithm."""
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": one.algorithm.name,
            "x": rounded((one.t_s[1:] / one.algorithm.spacing_s).tolist()),
            "y": rounded(one.expected[1:].tolist()),
            "line": {"color": colour, "width": 2},
            "hovertemplate": "%{y:.3f} times after %{x:,.4~r} spacings",
        }
        for one, colour in zip(responses, cycle(PALETTE), strict=False)
    ]
    return chart(
        lines,
        xaxis=axis("spacings since the fall", type="log", showgrid=False),
        yaxis=axis("block time, over before"),
        showlegend=True,
        legend=LEGEND,
    )


def shares_chart(hopped: Sequence[BlockTimes]) -> Chart:
    """Delayed and stolen shares, two bars for each algorithm."""
    names = [one.algorithm.name for one in hopped]
    shares = {
        "stolen": ("var(--loss)", [one.stolen or 0.0 for one in hopped]),
        "delayed": ("var(--median)", [one.delayed for one in hopped]),
    }
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": names,
            "y": rounded(values),
            "marker": {"color": colour, "opacity": 0.75},
            "hovertemplate": f"%{{x}}: %{{y:.3~p}} {name}<extra></extra>",
        }
        for name, (colour, values) in shares.items()
    ]
    return chart(
        bars,
        barmode="group",
        xaxis=axis(showgrid=False),
        yaxis=axis("share (log)", type="log", tickformat=".2~p"),
        showlegend=True,
        legend=LEGEND,
    )


def chain_chart(one: Drawn) -> Chart:
    """One chain: difficulty as a line over the hash rate as an area."""
    spacings = rounded((one.t_s / one.algorithm.spacing_s).tolist())
    area = {
        "type": "scatter",
        "x": spacings,
        "y": rounded(one.hash_rate.tolist()),
        "fill": "tozeroy",
        "fillcolor": "var(--band)",
        "mode": "none",
        "yaxis": "y2",
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "x": spacings,
        "y": rounded(one.difficulty.tolist()),
        "mode": "lines",
        "line": {"color": INK, "width": 1.5},
        "hovertemplate": "difficulty %{y:.3f} after %{x:,.4~r} spacings<extra></extra>",
    }
    return chart(
        [area, line],
        xaxis=axis("spacings", showgrid=False),
        yaxis=axis("difficulty over the fair one", rangemode="tozero"),
        yaxis2=axis("hash rate", overlaying="y", side="right", tickmode="auto", showgrid=False),
    )


def _days(found: ShockRun, start_ts: float) -> list[str]:
    return [date_words(start_ts + t_s) for t_s in found.t_s.tolist()]


def _line(x: Sequence[str], y: Any, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": rounded(y.tolist()),
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"{name} %{{y:,.4~r}} on %{{x}}<extra></extra>",
    }


def block_time_chart(found: ShockRun, start_ts: float) -> Chart:
    """Expected minutes to a block with their band, over the hash rate."""
    x = _days(found, start_ts)
    low, high = (rounded((y / MINUTE_S).tolist()) for y in (found.block_low_s, found.block_high_s))
    band = {
        "type": "scatter",
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": "var(--loss-soft)",
        "mode": "none",
        "hoverinfo": "skip",
    }
    area = {
        "type": "scatter",
        "x": x,
        "y": rounded(found.hash_rate.tolist()),
        "fill": "tozeroy",
        "fillcolor": "var(--band)",
        "mode": "none",
        "yaxis": "y2",
        "hoverinfo": "skip",
    }
    return chart(
        [area, band, _line(x, found.block_s / MINUTE_S, "minutes a block", "var(--loss)")],
        xaxis=axis(showgrid=False),
        yaxis=axis("minutes a block", rangemode="tozero"),
        yaxis2=axis(
            "hash rate",
            overlaying="y",
            side="right",
            tickmode="auto",
            showgrid=False,
            rangemode="tozero",
            tickformat=".0%",
        ),
    )


def income_chart(found: ShockRun, start_ts: float) -> Chart:
    """Difficulty over the opening one, and what a hash that stayed earns."""
    x = _days(found, start_ts)
    return chart(
        [
            _line(x, found.difficulty, "difficulty", INK),
            _line(x, found.income, "income", "var(--gain)"),
        ],
        xaxis=axis(showgrid=False),
        yaxis=axis("over the opening"),
        showlegend=True,
        legend=LEGEND,
    )


def behind_chart(found: ShockRun, start_ts: float) -> Chart:
    """Blocks missing to the schedule."""
    line = _line(_days(found, start_ts), found.behind, "blocks", "var(--accent)")
    return chart([line], xaxis=axis(showgrid=False), yaxis=axis("blocks behind"))
