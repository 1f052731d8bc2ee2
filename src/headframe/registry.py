"""
Who lives here: every kind of process, venue, position, policy and scenario, ours and others'.

Ours stand in the `BUILT_IN` table of their folder. A third party's package names its own under the
entry-point groups `headframe.processes`, `headframe.venues`, `headframe.positions`,
`headframe.policies` and `headframe.scenarios`, and they can be used in books like ours.
"""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from headframe.errors import InputError

GROUPS = {
    "process": "processes",
    "venue": "venues",
    "position": "positions",
    "policy": "policies",
    "scenario": "scenarios",
}
"""The nouns that have tenants, and the folder (and entry-point group) of each."""


@cache
def kinds(noun: str) -> dict[str, str]:
    """Kinds of a noun by name, with the `module:Class` that each stands for."""
    group = GROUPS[noun]
    found = dict(import_module(f"headframe.{group}").BUILT_IN)
    for point in entry_points(group=f"headframe.{group}"):
        found.setdefault(point.name, point.value)
    return found


def tenant(noun: str, kind: str) -> Any:
    """The class of a kind; raises `InputError` naming the kinds that there are."""
    known = kinds(noun)
    if kind not in known:
        raise InputError(f"{noun} kind", kind, f"one of {', '.join(sorted(known))}")
    module, _, name = known[kind].partition(":")
    return getattr(import_module(module), name)
