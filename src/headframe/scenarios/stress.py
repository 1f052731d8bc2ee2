"""
Named shocks laid over any scenario: a gap, a depeg, a crash, a full market, a spike.

A shock acts on one observable after its own process has moved it and before anything else reads
it, so that what follows follows: a halved hash rate makes blocks slow, and the difficulty answers.
It multiplies, adds to or replaces the observable from `at_s` on; with `lasting_s` it fades back
linearly over `recovery_s` after that time, without it stays for good.

The usual ones have names, in `STRESSES`: a shock with a `kind` takes from there what it does not
say itself.

    [shock.march]
    kind = "price_gap"
    observable = "eth_usd"
    at_s = "30d"
"""

from typing import Any, Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ArgsKwargs

from headframe.errors import InputError
from headframe.process import Tick
from headframe.types import STRICT, Array, Delay, Duration, Name, Rows

EFFECTS = ("multiply", "add", "replace")
"""What a shock can do to an observable."""
STRESSES: dict[str, dict[str, float | str]] = {
    # ETH fell by 43 % on 12 March 2020, between daily closes
    "price_gap": {"multiply": 0.57},
    # stETH stood at 0.94 in June 2022, USDC at 0.88 for a weekend in March 2023
    "depeg": {"multiply": 0.88, "lasting_s": "1d", "recovery_s": "2d"},
    # a reward token that is worth a tenth of what the farm's front page says
    "reward_crash": {"multiply": 0.1},
    # everything lent out: the highest rate, and no way to withdraw
    "full_utilisation": {"replace": 1.0, "lasting_s": "2d", "recovery_s": "1d"},
    # keepers' bids arrived with ten to twenty times the usual gas price on that day of March 2020
    "gas_spike": {"multiply": 15.0, "lasting_s": "1d", "recovery_s": "1d"},
    # China's ban took 53 % of the seven-day hash rate between 13 May and 2 July 2021
    "hash_rate_halving": {"multiply": 0.5, "lasting_s": "60d", "recovery_s": "150d"},
    # the Texas market's cap of the winter of 2021, for as long as it stood there, in USD/MWh
    "power_spike": {"replace": 9000.0, "lasting_s": "4d"},
}
"""What the named stresses do by default, with the event that each is drawn from."""
Stress = Literal[
    "price_gap",
    "depeg",
    "reward_crash",
    "full_utilisation",
    "gas_spike",
    "hash_rate_halving",
    "power_spike",
]
"""Names of stresses."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shock:
    """
    A shock to one observable.

        multiply: x (1 + w (value - 1));  add: x + w value;  replace: x + w (value - x)

    with weight w = 1 from `at_s`, falling to 0 over `recovery_s` once `lasting_s` has passed. A
    `kind` gives the effect and its length where they are not given here.

    >>> Shock(name="crash", observable="eth_usd", multiply=0.5, at_s="10d").weight(11 * 86_400.0)
    1.0
    >>> Shock(name="gap", kind="price_gap", observable="eth_usd", at_s="10d").multiply
    0.57
    """

    name: Name
    observable: Name
    at_s: Delay
    kind: Stress | None = None
    multiply: float | None = None
    add: float | None = None
    replace: float | None = None
    lasting_s: Duration | None = None
    recovery_s: Delay = 0.0

    @model_validator(mode="before")
    @classmethod
    def _from_kind(cls, given: Any) -> Any:
        said = dict(given.kwargs or {}) if isinstance(given, ArgsKwargs) else given
        usual = STRESSES.get(said.get("kind", "")) if isinstance(said, dict) else None
        if usual is None:
            return given
        if any(said.get(effect) is not None for effect in EFFECTS):
            usual = {key: value for key, value in usual.items() if key not in EFFECTS}
        return {**usual, **said}

    @model_validator(mode="after")
    def _one_effect(self) -> "Shock":
        if sum(v is not None for v in (self.multiply, self.add, self.replace)) != 1:
            raise ValueError("give exactly one of multiply, add, replace, or a kind")
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


def check_shocks(shocks: tuple[Shock, ...], publishes: Rows) -> None:
    """Refuse a shock on what the scenario does not publish."""
    for shock in shocks:
        if shock.observable not in publishes:
            known = ", ".join(sorted(publishes))
            raise InputError(f"shock.{shock.name}.observable", shock.observable, f"one of {known}")
