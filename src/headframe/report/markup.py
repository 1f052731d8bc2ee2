"""
HTML that is safe by construction: whatever is not markup is escaped.

`tag("p", "a < b")` is markup; its text children are escaped, its markup children are not, so that a
book named `<script>` stays a name. A child that is None leaves nothing behind.
"""

import json
from collections.abc import Iterable
from html import escape
from typing import Any


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Markup | None
"""What may stand inside an element."""
VOID = frozenset({"meta", "link", "br", "hr", "input"})
"""Elements that have no end."""


def tag(element: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """
    An element; an underscore at the end of an attribute's name falls away, others are hyphens.

    >>> tag("a", "x < y", class_="note", data_kind='"q"', hidden=False)
    '<a class="note" data-kind="&quot;q&quot;">x &lt; y</a>'
    """
    opening = element + "".join(_attribute(key, value) for key, value in attributes.items())
    if element in VOID:
        return Markup(f"<{opening}>")
    return Markup(f"<{opening}>{joined(children)}</{element}>")


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'


def joined(children: Iterable[Child]) -> Markup:
    """Children one after the other, text escaped."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False)
            for child in children
            if child is not None
        )
    )


def data_script(value: Any, identifier: str) -> Markup:
    r"""
    A value as JSON that a page's script can read, and that cannot end the element it stands in.

    >>> data_script("</script>", "x")
    '<script type="application/json" id="x">"\\u003c/script\\u003e"</script>'
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    start = f'<script type="application/json" id="{escape(identifier, quote=True)}">'
    return Markup(f"{start}{text}</script>")


def table(heads: Iterable[Child], rows: Iterable[Iterable[Child]], *, names: int = 1) -> Markup:
    """A table whose first columns are names, so many, and whose others are numbers."""
    head = tag("tr", *(tag("th", c, class_=_side(k, names)) for k, c in enumerate(heads)))
    body = [_row(list(cells), names) for cells in rows]
    inner = tag("table", tag("thead", head), tag("tbody", *body))
    return tag("div", inner, class_="scroll")


def _row(cells: list[Child], names: int) -> Markup:
    first, *rest = cells
    others = (tag("td", cell, class_=_side(k, names)) for k, cell in enumerate(rest, start=1))
    return tag("tr", tag("th", first, scope="row"), *others)


def _side(column: int, names: int) -> str | None:
    return "words" if 0 < column < names else None
