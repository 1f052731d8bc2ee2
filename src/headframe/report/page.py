"""
The answer as one page: a single HTML file that works offline.

Charts are data beside the one script that draws them (`page_frame`). Several answers share a page:
a bar at the top leads from one to the other.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from headframe.report.findings import Findings
from headframe.report.markup import Markup, joined, tag
from headframe.report.page_frame import document, top_bar, without_scripts, write
from headframe.report.page_sections import book_section
from headframe.report.page_tables import glance


def write_page(answer: Findings, path: Path) -> Path:
    """Write the page of one answer and return its path."""
    return write_pages([answer], path, answer.book.name)


def write_pages(answers: Sequence[Findings], path: Path, title: str) -> Path:
    """Write the page of several answers, with a bar that leads from one to the other."""
    return write(page(answers, title), path)


def page(answers: Sequence[Findings], title: str) -> str:
    """The page's HTML."""
    return document(title, content(answers, title))


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
    bar = tag("nav", *links, aria_label="Books") if several else None
    top = top_bar(title if several else "headframe", bar)
    return joined((top, tag("main", without_scripts(), overview if several else None, *books)))


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
