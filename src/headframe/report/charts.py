"""
The charts of the page are plain descriptions that plotly.js draws; this is what they share.

Colours are names of the page's style (`var(--gain)`), resolved when a chart is drawn, so that it
follows the reader's light or dark. Names are escaped, because plotly.js reads a little HTML in
text. No chart needs plotly's Python side.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Chart = dict[str, Any]
"""A figure as plotly.js takes it: `data` and `layout`."""
Z95 = 1.959964
"""Standard errors on either side of a 95 % interval."""
INK, QUIET, LINE = "var(--ink)", "var(--quiet)", "var(--line)"
GAIN, LOSS, ACCENT = "var(--gain)", "var(--loss)", "var(--accent)"
"""Colours of the page's style."""


def chart(data: Sequence[Mapping[str, Any]], **layout: Any) -> Chart:
    """A figure in the page's style; `layout` adds to it."""
    base: dict[str, Any] = {
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": QUIET},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "var(--panel)", "bordercolor": LINE, "font": {"color": INK}},
    }
    return {"data": [*data], "layout": base | layout}


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis that cannot be dragged and finds its own room."""
    return {
        "title": {"text": title, "standoff": 10},
        "gridcolor": LINE,
        "zerolinecolor": QUIET,
        "zerolinewidth": 1,
        "linecolor": LINE,
        "automargin": True,
        "fixedrange": True,
        **more,
    }


def money_ticks(*values: float) -> str:
    """How an axis of amounts is labelled: with k and M where they are large."""
    return "~s" if max(abs(value) for value in values) >= 1e5 else ",~r"


def rounded(values: Sequence[float]) -> list[float]:
    """Six digits are more than any screen shows, and keep the page small."""
    return [float(f"{value:.6g}") for value in values]


def marks(lines: Sequence[tuple[float, str]], *, log: bool = False) -> dict[str, Any]:
    """
    Vertical lines with their words above the chart, one line of text each.

    On a logarithmic axis plotly.js wants the logarithm for the words, and the number for the lines.
    """
    shapes, notes = [], []
    for k, (x, word) in enumerate(lines):
        line = {"color": INK, "width": 1.2, "dash": "dot"}
        up = {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}
        note = {
            "x": math.log10(x) if log else x,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 16 * (len(lines) - 1 - k),
            "text": word,
            "showarrow": False,
            "font": {"size": 12, "color": INK},
        }
        shapes.append(up)
        notes.append(note)
    return {"shapes": shapes, "annotations": notes}
