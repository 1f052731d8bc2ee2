"""
List every module of a floor on its reference page, so that a new one cannot be forgotten.

A page asks for a floor with a marked block, whose inside is replaced by one mkdocstrings line for
each module there:

    <!-- modules:positions -->
    <!-- /modules -->

    python tools/reference_lists.py            write the pages
    python tools/reference_lists.py --check    exit 1, naming the page, where one of them is stale
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""
PAGES = ROOT / "docs" / "reference"
"""Where the pages are."""
BLOCK = re.compile(r"(<!-- modules:([a-z_]+) -->\n).*?(<!-- /modules -->)", re.DOTALL)
"""A marked block: its opening, the floor's name, its closing."""


def lines(floor: str) -> str:
    """One line for each module of a floor, in order of their names."""
    modules = sorted(path.stem for path in (ROOT / "src" / "headframe" / floor).glob("*.py"))
    told = [f"\n::: headframe.{floor}.{name}\n" for name in modules if name != "__init__"]
    return "".join(told) + "\n"


def filled(page: str) -> str:
    """A page with every marked block rewritten."""
    return BLOCK.sub(lambda match: f"{match[1]}{lines(match[2])}{match[3]}", page)


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = 0
    for path in sorted(PAGES.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = filled(old)
        if new != old:
            stale += 1
            print(f"{path.relative_to(ROOT)}: {'stale' if '--check' in arguments else 'written'}")
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    return int(stale > 0 and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
