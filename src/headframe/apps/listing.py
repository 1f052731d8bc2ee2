"""
What there is to build a book from: kinds with the first sentence of what each says of itself, the
machines that a mine can name, the contracts that broke, and the gas of the usual transactions.
"""

import inspect
from collections.abc import Callable
from typing import Any

from headframe.analytics.contract_hazard import (
    HazardRate,
    cohort_rate,
    counts,
    protocol_hazard,
)
from headframe.analytics.gas_units import GAS_UNITS
from headframe.analytics.incidents import AS_OF, INCIDENTS
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


def gas_listing() -> dict[str, Any]:
    """Gas and size of the usual transactions, by kind of position and action."""
    return {
        kind: {
            name: {"gas": action.gas, "bytes": action.bytes, "source": action.source}
            for name, action in actions.items()
        }
        for kind, actions in GAS_UNITS.items()
    }


def gas_lines() -> list[str]:
    """The same as a table of 80 columns."""
    lines = [_GAS.format("position", "transaction", "gas", "bytes")]
    for kind, actions in GAS_UNITS.items():
        for name, action in actions.items():
            lines.append(_GAS.format(kind, name, f"{action.gas:,}", action.bytes))
    return [*lines, "", "Who says so, row by row: headframe list gas --json"]


_GAS = "{:12} {:12} {:>9} {:>6}"


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


LARGE_USD = 20e6
"""From which loss on an incident is counted as a disaster."""


def incident_listing() -> dict[str, Any]:
    """The record of incidents with sources, and the rates counted from it."""
    return {
        "as_of": f"{AS_OF}",
        "incidents": [
            {
                "day": f"{i.day}",
                "protocol": i.protocol,
                "lost_usd": i.lost_usd,
                "returned_usd": i.returned_usd,
                "cause": i.cause,
                "source": i.source,
            }
            for i in INCIDENTS
        ],
        "cohort": {
            "any": _rate(cohort_rate()),
            f"above_{LARGE_USD:.0f}_usd": _rate(cohort_rate(LARGE_USD)),
        },
        "per_year": {name: protocol_hazard(name) for name in counts()},
    }


def _rate(rate: HazardRate) -> dict[str, float]:
    return {
        "per_year": rate.per_year,
        "low": rate.low,
        "high": rate.high,
        "incidents": rate.incidents,
        "protocol_years": rate.protocol_years,
    }


def incident_lines() -> list[str]:
    """The record as a table of 80 columns at most, and what was counted from it."""
    lines = [_INCIDENT.format("day", "protocol", "lost, M USD", "returned", "cause")]
    for i in INCIDENTS:
        back = "" if i.returned_usd is None else f"{i.returned_usd / 1e6:.1f}"
        lines.append(
            _INCIDENT.format(f"{i.day}", i.protocol, f"{i.lost_usd / 1e6:.1f}", back, i.cause)
        )
    any_, large = cohort_rate(), cohort_rate(LARGE_USD)
    lines += [
        "",
        f"Of {len(counts())} large protocols in {any_.protocol_years:.0f} years of all together:",
        _COUNT.format("any of these", any_.per_year, any_.low, any_.high),
        _COUNT.format("20 million USD or more", large.per_year, large.low, large.high),
        "An incident is not the loss of all. Sources, row by row:",
        "headframe list incidents --json",
    ]
    return lines


_INCIDENT = "{:10}  {:20} {:>12} {:>9}  {}"
_COUNT = "  {:24} {:.3f} a year (95 %: {:.3f} to {:.3f})"

LISTINGS: dict[str, Callable[[], dict[str, Any]]] = {
    "gas": gas_listing,
    "machines": machine_listing,
    "incidents": incident_listing,
}
"""What can be listed as numbers, by name."""
LINES: dict[str, Callable[[], list[str]]] = {
    "gas": gas_lines,
    "machines": machine_lines,
    "incidents": incident_lines,
}
"""The same as lines for people."""
