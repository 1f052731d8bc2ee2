"""What there is to build a book from: kinds with the first sentence of what each says of itself."""

import inspect

from headframe.apps.examples import example_names
from headframe.registry import GROUPS, kinds, tenant


def listing() -> dict[str, dict[str, str]]:
    """By noun: each kind with its sentence; and the examples."""
    out = {
        noun: {kind: _sentence(tenant(noun, kind)) for kind in sorted(kinds(noun))}
        for noun in GROUPS
    }
    return {**out, "example": dict.fromkeys(example_names(), "")}


def _sentence(cls: type) -> str:
    text = inspect.getdoc(cls) or ""
    return " ".join(text.split("\n\n")[0].split())


def print_listing() -> None:
    """Print the listing as a table for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for noun, found in listing().items():
        if not found:
            continue
        table = Table(title=noun, title_justify="left", box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True, style="bold", min_width=18)
        table.add_column()
        for kind, sentence in found.items():
            table.add_row(kind, sentence)
        console.print(table)
        console.print()
