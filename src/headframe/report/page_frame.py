"""
The frame of every page: one HTML document that works offline and asks nobody for anything.

plotly.js, the style and the script are embedded once, and the page's policy forbids the browser
every request. What is shown in the frame is the caller's.
"""

from importlib.resources import files
from pathlib import Path

from headframe.errors import InputError
from headframe.report.markup import Markup, tag

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


def document(title: str, *shown: Markup) -> str:
    """A whole HTML document around what is shown."""
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
    body = tag("body", *shown, *(tag("script", script) for script in scripts))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def top_bar(brand: str, links: Markup | None = None) -> Markup:
    """The bar at the top: the mark, the brand, links where there are several answers, the light."""
    return tag(
        "div",
        tag("span", MARK, brand, class_="brand"),
        links,
        tag("button", "light / dark", type="button", class_="theme"),
        class_="top",
    )


def without_scripts() -> Markup:
    """What is said where scripts are off."""
    return tag("noscript", tag("p", NO_SCRIPT))


def write(text: str, path: Path) -> Path:
    """Write a page's text; returns its path, or says in one line why it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), None, f"cannot be written: {error.strerror or error}") from None
    return path


def _resource(name: str) -> str:
    return files("headframe.report").joinpath(name).read_text(encoding="utf-8")
