"""
Named shocks laid over any scenario: a gap, a depeg, a crash, a full market, a spike.

A shock acts on one observable after its own process has moved it and before anything else reads
it, so that what follows follows: a halved hash rate makes blocks slow, and the difficulty answers.
It multiplies, adds to or replaces the observable from `at_s` on; with `lasting_s` it fades back
linearly over `recovery_s` after that time, without it stays for good.
"""

from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.process import Tick
from headframe.types import STRICT, Array, Delay, Duration, Name


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shock:
    """
    A shock to one observable.

        multiply: x (1 + w (value - 1));  add: x + w value;  replace: x + w (value - x)

    with weight w = 1 from `at_s`, falling to 0 over `recovery_s` once `lasting_s` has passed.

    >>> Shock(name="crash", observable="eth_usd", multiply=0.5, at_s="10d").weight(11 * 86_400.0)
    1.0
    """

    name: Name
    observable: Name
    at_s: Delay
    multiply: float | None = None
    add: float | None = None
    replace: float | None = None
    lasting_s: Duration | None = None
    recovery_s: Delay = 0.0

    @model_validator(mode="after")
    def _one_effect(self) -> "Shock":
        if sum(v is not None for v in (self.multiply, self.add, self.replace)) != 1:
            raise ValueError("give exactly one of multiply, add, replace")
        if self.multiply is not None and self.multiply < 0.0:
            raise ValueError("multiply must be 0 or more")
        return self

    @property
    def how(self) -> Literal["multiply", "add", "replace"]:
        """Which effect it has."""
        if self.multiply is not None:
            return "multiply"
        return "add" if self.add is not None else "replace"

    def weight(self, t_s: float) -> float:
        """How much of the shock is there at a time, from 0 to 1."""
        if t_s < self.at_s:
            return 0.0
        if self.lasting_s is None or t_s < self.at_s + self.lasting_s:
            return 1.0
        gone = t_s - self.at_s - self.lasting_s
        return max(1.0 - gone / self.recovery_s, 0.0) if self.recovery_s > 0.0 else 0.0

    def strike(self, row: Array, t_s: float) -> None:
        """Change a row of observables in place, as of `t_s`."""
        weight = self.weight(t_s)
        if weight == 0.0:
            return
        if self.multiply is not None:
            row *= 1.0 + weight * (self.multiply - 1.0)
        elif self.add is not None:
            row += weight * self.add
        elif self.replace is not None:
            row += weight * (self.replace - row)


def strike_all(shocks: tuple[Shock, ...], now: Tick, publishes: tuple[str, ...]) -> None:
    """Let each shock on one of these observables act."""
    for shock in shocks:
        if shock.observable in publishes:
            shock.strike(now[shock.observable], now.t_s)
