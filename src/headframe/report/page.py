"""
The answer as one page: a single HTML file that works offline and asks nobody for anything.

plotly.js is embedded once, charts are data beside it, and the page's policy forbids the browser
every request. Several answers share a page: a bar at the top leads from one to the other.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from headframe.errors import InputError
from headframe.report.findings import Findings
from headframe.report.markup import Markup, joined, tag
from headframe.report.page_sections import book_section
from headframe.report.page_tables import glance

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""What a browser may load for the page: only what stands in it."""
MARK = Markup(
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<circle cx="12" cy="5.2" r="2.7"/><path d="M9.6 6.6 5 21.5M14.4 6.6 19 21.5M3.5 21.5h17'
    'M8.1 11.5h7.8M6.7 16.2h10.6M8.1 11.5l9.2 4.7M15.9 11.5l-9.2 4.7M14.6 4.4 22 21.5"/></svg>'
)
"""A headframe: the sheave, the tower and its back leg."""
NO_SCRIPT = "The charts of this page need JavaScript; the tables hold the same numbers."
"""Said where scripts are off."""


def write_page(answer: Findings, path: Path) -> Path:
    """Write the page of one answer and return its path."""
    return write_pages([answer], path, answer.book.name)


def write_pages(answers: Sequence[Findings], path: Path, title: str) -> Path:
    """Write the page of several answers, with a bar that leads from one to the other."""
    text = page(answers, title)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), None, f"cannot be written: {error.strerror or error}") from None
    return path


def page(answers: Sequence[Findings], title: str) -> str:
    """The page's HTML."""
    from plotly.offline import get_plotlyjs

    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · headframe"),
        tag("link", rel="icon", href="data:,"),
        tag("style", Markup(_resource("page.css"))),
    )
    scripts = (Markup(get_plotlyjs()), Markup(_resource("page.js")))
    body = tag("body", content(answers, title), *(tag("script", script) for script in scripts))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def content(answers: Sequence[Findings], title: str) -> Markup:
    """What the page shows, without its scripts."""
    names = identifiers([answer.book.name for answer in answers])
    books = [book_section(answer, name) for answer, name in zip(answers, names, strict=True)]
    links = [
        tag("a", answer.book.name, href=f"#{name}")
        for answer, name in zip(answers, names, strict=True)
    ]
    several = len(answers) > 1
    overview = tag("div", tag("div", glance(answers, names), class_="panel"), class_="glance")
    top = tag(
        "div",
        tag("span", MARK, "headframe" if not several else title, class_="brand"),
        tag("nav", *links, aria_label="Books") if several else None,
        tag("button", "light / dark", type="button", class_="theme"),
        class_="top",
    )
    warning = tag("noscript", tag("p", NO_SCRIPT))
    return joined((top, tag("main", warning, overview if several else None, *books)))


def identifiers(names: Sequence[str]) -> list[str]:
    """
    A name for each book that may stand in an address, none twice.

    >>> identifiers(["3x ETH/USDC farm", "3x eth usdc farm", "<script>"])
    ['book-3x-eth-usdc-farm', 'book-3x-eth-usdc-farm-2', 'book-script']
    """
    found: list[str] = []
    for name in names:
        plain = "-".join(["book", *re.findall(r"[a-z0-9]+", name.lower())])
        count = 1
        while (once := plain if count == 1 else f"{plain}-{count}") in found:
            count += 1
        found.append(once)
    return found


def _resource(name: str) -> str:
    return files("headframe.report").joinpath(name).read_text(encoding="utf-8")
