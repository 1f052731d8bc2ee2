"""
What each action costs in gas: one cost for all, or a table by verb.

    gas_usd = 5.0
    gas_usd = "mainnet_gas_usd_per_tx"
    gas_usd = { delever = "mainnet_gas_usd_per_delever", other = "mainnet_gas_usd_per_compound" }

Kernels read the cost at one row, `gas`; before an action that row is set to the action's own. The
gauge `gas`, which the policy `compound` watches, is the cost of compounding.
"""

from collections.abc import Mapping
from typing import Any

from headframe.layout import Layout
from headframe.types import GasCost, Rows, Signal

OTHER = "other"
"""Stands in a table for every verb that it does not name."""
WATCHED = "compound"
"""The verb whose cost the gauge `gas` tells, where a position has it."""


def signals(gas_usd: GasCost) -> tuple[Signal, ...]:
    """All that a cost reads."""
    return tuple(gas_usd.values()) if isinstance(gas_usd, Mapping) else (gas_usd,)


def of(gas_usd: GasCost, verb: str) -> Signal:
    """
    What a verb costs.

    >>> of({"delever": 2.0, "other": 1.0}, "close")
    1.0
    """
    return gas_usd.get(verb, gas_usd.get(OTHER, 0.0)) if isinstance(gas_usd, Mapping) else gas_usd


def check(gas_usd: GasCost, verbs: Rows) -> None:
    """Hold a table to the verbs that a position has, and to all of them."""
    if not isinstance(gas_usd, Mapping):
        return
    allowed = f"one of {', '.join((*verbs, OTHER))}"
    for verb in gas_usd:
        if verb not in (*verbs, OTHER):
            raise ValueError(f"gas_usd.{verb}: no such action; {allowed}")
    for verb in verbs:
        if OTHER not in gas_usd and verb not in gas_usd:
            raise ValueError(f"gas_usd lacks {verb}, and {OTHER} for what is not named")


def rows(layout: Layout, gas_usd: GasCost, verbs: Rows) -> dict[str, int]:
    """The row that kernels read, at the opening's cost, and that of each verb."""
    by_verb = {f"gas_{verb}": layout.row(of(gas_usd, verb)) for verb in verbs}
    return {"gas": by_verb["gas_open"], **by_verb}


def paying(wire: Any, verb: str) -> Any:
    """The same record, with the cost of a verb in the place of the opening's."""
    own = f"gas_{verb}"
    if own not in wire.dtype.names or wire[own][0] == wire["gas"][0]:
        return wire
    paid = wire.copy()
    paid["gas"] = wire[f"gas_{verb}"]
    return paid
