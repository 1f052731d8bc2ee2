"""
What there is to build a book from: kinds with the first sentence of what each says of itself, and
the machines that a mine can name.
"""

import inspect
from typing import Any

from headframe.analytics.machine_catalogue import MachineModel, catalogue
from headframe.analytics.machine_figures import SOURCES
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


def machine_listing() -> dict[str, Any]:
    """The catalogue of machines: each model with its presets, and what its sources are."""
    models = {name: _model(model) for name, model in catalogue().items()}
    return {"machines": models, "sources": dict(SOURCES)}


def _model(model: MachineModel) -> dict[str, Any]:
    presets = {
        preset.name: {
            "hashrate_th_s": preset.hashrate_th_s,
            "power_w": preset.power_w,
            "efficiency_j_per_th": preset.efficiency_j_per_th,
            "basis": preset.basis,
            "source": preset.source,
        }
        for preset in model.presets
    }
    return {
        "title": model.title,
        "maker": model.maker,
        "hardware": model.hardware,
        "cooling": model.cooling,
        "released": None if model.released is None else f"{model.released:%Y-%m}",
        "presets": presets,
    }


def machine_lines() -> list[str]:
    """The catalogue as a table of 80 columns at most, a line for each preset of each model."""
    lines = [_MACHINE.format("model", "preset", "TH/s", "W", "J/TH", "cooling", "since")]
    for name, model in catalogue().items():
        since = "" if model.released is None else f"{model.released:%Y-%m}"
        rest: tuple[str, ...] = (name, model.cooling, since)
        for preset in model.presets:
            figures = (preset.hashrate_th_s, preset.power_w, preset.efficiency_j_per_th)
            mark = "" if preset.basis == "nameplate" else f" ({preset.basis[0]})"
            cells = (_short(figure) for figure in figures)
            lines.append(_MACHINE.format(rest[0], preset.name + mark, *cells, *rest[1:]).rstrip())
            rest = ("", "", "")
    lines += [
        "",
        "(m) measured on one machine; (d) from frequency and voltage; (a) assumed,",
        "carried over from one that was measured. The rest are plates.",
        "Who says so, row by row: headframe list machines --json",
    ]
    return lines


_MACHINE = "{:25} {:16} {:>6} {:>4} {:>6} {:9} {}"


def _short(figure: float) -> str:
    """Four digits of a figure, as short as they can be written."""
    if 1e-3 <= figure < 1e4:
        return f"{figure:.4g}"
    return f"{figure:.1e}".replace("e-0", "e-").replace("e+0", "e")
