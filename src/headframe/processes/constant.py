"""An observable that does not move: a pegged price, a fixed rate."""

from typing import ClassVar

from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.process import Tick
from headframe.types import STRICT, Block, Duration, Name, Rows


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Constant:
    """
    An observable that keeps one value.

    >>> Constant(name="usdc_usd", value=1.0).publishes
    ('usdc_usd',)
    """

    kind: ClassVar[str] = "constant"
    name: Name
    value: float
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    reads: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """The observable that bears its name."""
        return (self.name,)

    @property
    def least(self) -> float:
        """The least that it can be."""
        return self.value

    def wire(self, layout: Layout, dt_s: float) -> None:
        """Nothing to resolve."""

    def open(self, state: Block, now: Tick) -> None:
        """Write the value."""
        now.world[self.name] = self.value

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Write the value again: a shock may have changed the row."""
        now.world[self.name] = self.value

    def expectation(self, t_s: float) -> dict[str, float]:
        """No control variate: it does not vary."""
        return {}
