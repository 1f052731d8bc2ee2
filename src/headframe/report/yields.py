"""
What is advertised, and what remains of it: the same rows on a terminal and on a page.

Yields of the opening, which are no estimates: they have no error, and none of the simulation is in
them. What the farm then came to stands elsewhere in the report.
"""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from headframe.metrics.advertised import Advertised
from headframe.report.findings import Findings
from headframe.report.formats import percent, words
from headframe.report.shapes import grid, indented, section, signed_text
from headframe.report.strokes import QUIET

TITLE = "What is advertised, and what remains"
"""The section's title."""
BASIS = "APR on equity, at the opening"
"""What its numbers are."""
ENDED = "incentives ended"
"""How the rows of what remains begin."""


def rows(one: Advertised) -> list[tuple[str, float]]:
    """Parts of the advertised yield, the sum, and what remains of it."""
    parts = {"fees": one.fees_apr, "emissions": one.emissions_apr, "interest": -one.borrow_apr}
    told = [(label, rate) for label, rate in parts.items() if rate != 0.0]
    told.append(("advertised", one.advertised_apr))
    if one.emissions_apr != 0.0:
        gone = percent(1.0 - one.capital_left)
        told.append((f"{ENDED}, nobody gone", one.stays_apr))
        told.append((f"{ENDED}, {gone} of TVL gone", one.leaves_apr))
    return told


def title(one: Advertised) -> str:
    """A position, and how many times its equity it holds."""
    times = f", at {one.leverage:.3g} times" if one.leverage > 1.0 else ""
    return f"{words(one.position)}{times}"


def what_is_advertised(answer: Findings) -> Iterator[RenderableType]:
    """The yields of the opening, position by position."""
    if not answer.advertised:
        return
    yield Text()
    yield section(TITLE, BASIS)
    table = grid("left", "right")
    for one in answer.advertised:
        table.add_row(Text(title(one), "bold"), "")
        for label, rate in rows(one):
            number = signed_text(percent(rate, signed=True), rate)
            if label == "advertised":
                number.stylize("bold")
            table.add_row(Text(f"  {label}"), number)
    yield indented(table)
    yield indented(Text(sentence(), QUIET))


def sentence() -> str:
    """What the numbers are and are not."""
    return (
        "Rates of the opening, before own size, price moves and costs. Capital that leaves does so "
        "with an elasticity of 1 in the yield."
    )
