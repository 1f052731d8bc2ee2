"""
Contracts that break: a hazard for each protocol, and shocks that many of them share.

    P(not broken by t) = exp(-h t)                                  each, at its rate h a year
    h = own + common_per_year * q,   q = common_share * h / common_per_year

Common shocks (a compiler's fault, an oracle, a bridge, a library that all use) come at
`common_per_year` and break each protocol with its own chance q, independently given the shock. Two
protocols survive together with

    P = exp(-(h1 + h2 - common_per_year q1 q2) t)

which is the bivariate exponential distribution of Marshall and Olkin (Journal of the American
Statistical Association 62 (1967), 30). What is published of each protocol is the share that is
*kept* of what lies in it: 1, and from the break on its `recovery`.
"""

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.processes.names import quantities
from headframe.types import (
    STRICT,
    Array,
    Block,
    Duration,
    Fraction,
    Mask,
    Name,
    NonNegative,
    Positive,
    Proper,
    Rows,
    Signal,
)
from headframe.units import YEAR_S


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Contract:
    """One protocol: how often it breaks, and what then comes back."""

    per_year: NonNegative
    recovery: Proper = 0.0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ContractRisk:
    """
    Hazards of protocols, correlated by common shocks.

    Publishes `<name>_<protocol>_kept`, which a position's `kept` reads, and what a cover pays by.
    The rates are yours to set; `headframe.analytics.contract_hazard` counts them from the record of
    incidents.

    >>> risk = ContractRisk(name="contracts", protocols={"gmx": {"per_year": 0.05}})
    >>> risk.publishes
    ('contracts_gmx_kept',)
    """

    kind: ClassVar[str] = "contract_risk"
    name: Name
    protocols: dict[Name, Contract]
    common_share: Fraction = 0.0
    common_per_year: Positive = 0.25
    every_s: Duration | None = None

    reads: ClassVar[tuple[Signal, ...]] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _chances(self) -> "ContractRisk":
        if not self.protocols:
            raise ValueError("protocols must name at least one")
        for protocol in self.protocols:
            if self._chance(protocol) > 1.0:
                raise ValueError(
                    f"common_share times per_year of {protocol} must be at most common_per_year, "
                    f"{self.common_per_year:g}: else the common shock cannot be that likely"
                )
        _ = self.publishes
        return self

    def _chance(self, protocol: str) -> float:
        """The chance that a common shock breaks a protocol."""
        return self.common_share * self.protocols[protocol].per_year / self.common_per_year

    @property
    def fields(self) -> Rows:
        """What is kept of each."""
        return tuple(f"kept_{protocol}" for protocol in self.protocols)

    @property
    def publishes(self) -> Rows:
        """What is kept of each protocol."""
        return quantities(self.name, *(f"{protocol}_kept" for protocol in self.protocols))

    @property
    def uniforms(self) -> Rows:
        """The luck of each protocol, and that of all together."""
        common = (f"{self.name}.common",) if self.common_share > 0.0 else ()
        return (*common, *(f"{self.name}.{protocol}" for protocol in self.protocols))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Of the common shock and of each protocol: rows, and chances in one step."""
        years = dt_s / YEAR_S
        common, draw = -np.expm1(-self.common_per_year * years), None
        if self.common_share > 0.0:
            draw = layout.draw(f"{self.name}.common")
        each = []
        for protocol, published in zip(self.protocols, self.publishes, strict=True):
            contract = self.protocols[protocol]
            own = -np.expm1(-(1.0 - self.common_share) * contract.per_year * years)
            shared = -np.expm1(-self.common_per_year * self._chance(protocol) * years)
            hit = own + (1.0 - own) * shared / common
            rows = layout.draw(f"{self.name}.{protocol}"), layout.row(published)
            each.append((*rows, own, hit, contract.recovery))
        return draw, common, each

    def open(self, state: Block, now: Tick) -> None:
        """Nothing is broken."""
        state.data[...] = 1.0
        self._tell(state, now)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Perhaps something breaks; what is broken stays so."""
        draw, common, each = state.wire
        shock: Mask | None = None if draw is None else now.draws.data[draw] < common
        for kept, (luck, _, own, hit, recovery) in zip(state.data, each, strict=True):
            chance: float | Array = own if shock is None else np.where(shock, hit, own)
            kept[(now.draws.data[luck] < chance) & (kept == 1.0)] = recovery
        self._tell(state, now)

    def _tell(self, state: Block, now: Tick) -> None:
        for kept, (_, row, *_) in zip(state.data, state.wire[2], strict=True):
            now.world.data[row] = kept

    def expectation(self, t_s: float) -> dict[str, float]:
        """E[kept] = 1 - (1 - recovery) (1 - exp(-h t)), of each."""
        years = t_s / YEAR_S
        return {
            name: 1.0 + (1.0 - c.recovery) * float(np.expm1(-c.per_year * years))
            for name, c in zip(self.publishes, self.protocols.values(), strict=True)
        }
